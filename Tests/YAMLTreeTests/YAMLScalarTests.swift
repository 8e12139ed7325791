import JSONTree
import Testing
import YAMLTree

/// What scalars mean. The expectations were printed by kubectl 1.32 (`kubectl annotate --local -o json`) from the same
/// texts, as values of an object of an unknown kind.
@Suite("YAML scalars, as kubectl reads them")
struct YAMLScalarTests {
    @Test(
        "values",
        arguments: [
            ("yes", "true"), ("y", "true"), ("off", "false"), ("Off", "false"), ("oN", #""oN""#), ("010", "8"),
            ("1e3", "1000"), ("0o17", "15"), ("0b11", "3"), ("0x1F", "31"), ("08", "8"), ("1_000", "1000"),
            ("2001-01-01", #""2001-01-01""#), ("~", "null"), ("", "null"), ("Null", "null"), (".5", "0.5"), ("1.", "1"),
            ("18446744073709551615", "18446744073709551615"), ("18446744073709551616", "18446744073709552000"),
            ("12345678901234567890123", "1.2345678901234568e+22"), ("1e21", "1e+21"), ("1e20", "100000000000000000000"),
            ("1e-7", "1e-7"), ("0.000001", "0.000001"), ("+5", "5"), ("-0x1F", "-31"), ("!!str 5", #""5""#),
            ("!!float 5", "5"), ("!!int \"5\"", "5"), ("!!binary aGVsbG8=", #""hello""#), ("1:30", #""1:30""#),
            (#""5""#, #""5""#), ("'it''s'", #""it's""#), ("-0", "0"), ("0.10", "0.1"), ("!foo 5", #""5""#),
            ("1.5e3", "1500"), ("12e03", "12000"), ("0777", "511"), ("0_8", "8"), ("! 5", #""5""#),
            ("10.0.0.1", #""10.0.0.1""#), ("1Gi", #""1Gi""#), ("-9223372036854775808", "-9223372036854775808"),
            ("0x", #""0x""#), (".", #"".""#), ("+", #""+""#), ("1e", #""1e""#), ("=", #""=""#),
            (#""\u00e9\n\x41""#, #""é\nA""#),
        ])
    func values(yaml: String, json: String) throws {
        let tree = try JSONTree(yaml: "a: \(yaml)\n")
        #expect(JSONValue(tree.root).text == #"{"a":\#(json)}"#)
    }

    @Test("keys are texts whatever they look like")
    func keys() throws {
        let tree = try JSONTree(yaml: "1: a\n1.5: b\non: c\n010: d\n\"1e3\": e\n1e4: f\n")
        #expect(JSONValue(tree.root).text == #"{"1":"a","1.5":"b","true":"c","8":"d","1e3":"e","10000":"f"}"#)
    }

    @Test(
        "what JSON has no word for",
        arguments: [
            (".nan", "this number cannot be written in JSON"), ("-.inf", "this number cannot be written in JSON"),
            ("!!binary x", "!!binary is followed by base64"), ("!!int x", "the tag !!int does not fit x"),
            ("{~: 1}", "null cannot be a key"), ("{[1]: 1}", "a list cannot be a key"),
            ("{{a: 1}: 1}", "a mapping cannot be a key"), ("{.inf: 1}", "this number cannot be a key"),
        ])
    func refused(yaml: String, reason: String) {
        let reading = YAMLReading("a: \(yaml)\n")
        #expect(reading.documents.isEmpty)
        #expect(reading.problems.map(\.reason) == [reason])
    }
}
