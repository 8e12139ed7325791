import JSONTree
import Testing

/// What RFC 8259 allows and what it does not, one construct in each row.
@Suite struct JSONGrammarTests {
    static let accepted: [String] = [
        "0", "-0", "1", "-1", "10", "123.456", "1e5", "1E5", "1e+5", "1e-5", "-0.0e-0", "1.0E+10", "0.1", "0e0",
        "true", "false", "null", " null ", "\t[\r\n]\n", "[]", "{}", "[[]]", "[{}]", "{\"\":0}", "{\"a\":{}}",
        "\"\"", "\"a\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"", "\"\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\uFFFF\"",
        "\"\\uabCD\"", "\"\u{7F}\"", "\"\u{2028}\u{2029}\"", "\"\u{10FFFF}\"", "\"\\ud83d\\ude00\"",
        // Left open by the RFC; Go reads them, so runtimes may send them.
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "{\"a\":1,\"a\":2}",
        "[1,2,3]", "[1 , 2]", "{\"a\" : 1 , \"b\" : [ ] }", "123456789012345678901234567890", "1e400", "-1e-400",
        "[" + String(repeating: "[", count: 511) + String(repeating: "]", count: 511) + "]",
    ]

    @Test(arguments: accepted) func accepts(text: String) throws {
        _ = try JSONTree(parsing: text)
    }

    static let refused: [String] = [
        "", " ", "\u{FEFF}1", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1}",
        "{]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{\"a\" \"b\"}",
        "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":1}}", "{\"a\":1}{", "[]]", "1 2", "1,", "[1]x", "\"a\"\"b\"",
        "+1", "-", "--1", "-a", "01", "-01", "00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1E-", "1e1.5", "0x10",
        "1_000",
        "1a", "1ee5", "Infinity", "-Infinity", "NaN", "0b1", "１",
        "True", "TRUE", "nul", "nulll", "tru", "truee", "falsee", "t", "undefined", "None",
        "\"", "\"a", "\"\\", "\"\\\"", "\"\\x41\"", "\"\\a\"", "\"\\u\"", "\"\\u12\"", "\"\\u123g\"", "\"\\u 123\"",
        "\"\\U0041\"", "\"\\0\"", "\"\\'\"", "'a'", "`a`", "\"a\nb\"", "\"a\rb\"", "\"a\tb\"", "\"\u{0}\"",
        "\"\u{1F}\"",
        "// a\n1", "/* a */1", "# a\n1", "1//", "[1]/**/", "\u{0C}1", "\u{0B}1", "\u{A0}1", "\u{2003}1", "\u{0}",
        "1\u{0}",
        "[" + String(repeating: "[", count: 512) + String(repeating: "]", count: 512) + "]",
        String(repeating: "[", count: 100_000), String(repeating: "{\"\":", count: 100_000),
    ]

    @Test(arguments: refused) func refuses(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONTree(parsing: text) }
    }

    /// Outside strings a byte above 0x7F is an error; inside, malformed UTF-8 is read as Go reads it.
    @Test(
        arguments: [
            ([0x22, 0x80, 0x22], true), ([0x22, 0xC0, 0xAF, 0x22], true), ([0x22, 0xED, 0xA0, 0x80, 0x22], true),
            ([0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], true), ([0x22, 0xE2, 0x22], true),
            ([0x22, 0xF0, 0x9F, 0x98], false),
            ([0x80], false), ([0x5B, 0xFF, 0x5D], false), ([0xEF, 0xBB, 0xBF, 0x31], false),
            ([0xEF, 0xBB, 0x31], false),
        ] as [([UInt8], Bool)])
    func malformedUTF8(bytes: [UInt8], isAccepted: Bool) {
        #expect(((try? JSONTree(parsing: bytes)) != nil) == isAccepted)
    }

    /// Cut a document anywhere: the rest is an error with a place inside the text, never a trap.
    @Test func everyPrefixOfADocumentIsRefused() throws {
        let text = Array(#"{"a":[1,-2.5e+3,"x\u00e9\n"],"b":{"c":true,"d":null,"e":false}}"#.utf8)
        for length in 0..<text.count {
            let error = try #require(throws: JSONSyntaxError.self) { try JSONTree(parsing: Array(text.prefix(length))) }
            #expect(error.position.offset <= length)
            #expect(error.caret.hasSuffix("^"))
        }
    }
}
