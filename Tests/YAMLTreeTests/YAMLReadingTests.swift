import JSONTree
import Testing
import YAMLTree

@Suite("YAML streams")
struct YAMLReadingTests {
    @Test(
        "documents of a stream",
        arguments: [
            ("", []), ("# nothing\n", []), ("---\n", []), ("---\n---\na: 1\n---\n# end\n", [#"{"a":1}"#]),
            ("a: 1\n---\nb: 2\n", [#"{"a":1}"#, #"{"b":2}"#]), ("a: 1\r\n---\r\nb: 2\r\n", [#"{"a":1}"#, #"{"b":2}"#]),
            ("%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n", [#"{"a":1}"#, #"{"b":2}"#]),
            ("a: 1\n...\nb: 2\n", [#"{"a":1}"#, #"{"b":2}"#]), ("--- a\n--- [b]\n", [#""a""#, #"["b"]"#]),
            ("\u{FEFF}a: 1\n", [#"{"a":1}"#]), ("a: |\n  ---\n  x\n", [#"{"a":"---\nx\n"}"#]),
            (#"{"a": [1, 2.50, "x"], "b": null}"#, [#"{"a":[1,2.5,"x"],"b":null}"#]), ("~\n", ["null"]),
            ("--- |\n a\n--- >\n b\n c\n", [#""a\n""#, #""b c\n""#]),
            ("a: ü\n---\nb: 😀\n", [#"{"a":"ü"}"#, #"{"b":"😀"}"#]),
        ] as [(String, [String])])
    func documents(yaml: String, json: [String]) {
        let reading = YAMLReading(yaml)
        #expect(reading.documents.map { JSONValue($0.root).text } == json)
        #expect(reading.problems.isEmpty)
    }

    @Test("a broken document costs itself and no other, and is named with its place")
    func broken() throws {
        let yaml = "a: 1\n---\nb: 2\n c: 3\n---\nd: [1, 2\n---\ne: \"x\n---\nf: 6\n\tg: 7\n---\nü: 8\n"
        let reading = YAMLReading(yaml)
        #expect(reading.documents.map { JSONValue($0.root).text } == [#"{"a":1}"#, #"{"ü":8}"#])
        #expect(reading.problems.allSatisfy { $0.isFatal })
        let places = reading.problems.map { "\($0.position.line):\($0.position.column) \($0.reason)" }
        #expect(
            places == [
                "4:3 a colon cannot stand here: check the indentation, or put the text in quotes",
                "7:1 did not find expected ',' or ']' (while parsing a flow sequence of line 6)",
                "9:1 the document ends inside a quoted text (while scanning a quoted scalar of line 8)",
                "11:1 a tab cannot stand here: YAML is indented with blanks",
            ])
        #expect(
            reading.problems.first?.renderedPlace(named: "x.yaml") == " --> x.yaml:4:3\n  |\n4 |  c: 3\n  |   ^")
    }

    @Test("bytes that are no UTF-8, and UTF-16")
    func encodings() {
        let latin = YAMLReading(Array("a: 1\n---\nb: ".utf8) + [0xE9, 0x0A] + Array("---\nc: 3\n".utf8))
        #expect(latin.documents.count == 2)
        #expect(latin.problems.map(\.position.line) == [3])
        #expect(YAMLReading([0xFF, 0xFE, 0x61, 0]).problems.count == 1)
    }

    @Test("values stand where they were written, in characters")
    func places() throws {
        let yaml =
            "# ü\nmetadata:\n  name: \"ü\"\n  labels: {a: 'b', ü: c}\nports:\n- 80\n- port: 81\ntext: |\n  long\n"
        let tree = try JSONTree(yaml: yaml)
        func place(_ node: JSONNode?) -> String { node.map { "\($0.position.line):\($0.position.column)" } ?? "-" }
        #expect(place(tree.root) == "2:1")
        #expect(place(tree.root.at("metadata", "name")) == "3:9")
        #expect(place(tree.root.at("metadata", "labels", "a")) == "4:15")
        #expect(place(tree.root.at("metadata", "labels", "ü")?.keyNode) == "4:20")
        #expect(place(tree.root.member("ports")?[0]) == "6:3")
        #expect(place(tree.root.member("ports")?[1]?.member("port")) == "7:9")
        #expect(place(tree.root.member("text")) == "8:7")
        let label = tree.root.at("metadata", "labels", "a")
        #expect(label?.renderedPlace(named: "x").split(separator: "\n").last == "  |               ^^^")
        #expect(label?.path == "metadata.labels.a")
    }

    @Test("a key twice: the last counts, and it is said")
    func duplicates() throws {
        let reading = YAMLReading("a: 1\nb: 2\na: 3\nc: &x {d: 1, d: 2}\ne: *x\n")
        #expect(reading.documents.map { JSONValue($0.root).text } == [#"{"a":3,"b":2,"c":{"d":2},"e":{"d":2}}"#])
        let said = " stands here a second time: what stands at "
        #expect(
            reading.problems.map(\.description) == [
                "line 3, column 1: the key a\(said)line 1, column 1 does not count",
                "line 4, column 14: the key d\(said)line 4, column 8 does not count",
            ])
        #expect(reading.problems.allSatisfy { !$0.isFatal })
    }
}

@Suite("YAML anchors")
struct YAMLAnchorTests {
    @Test(
        "aliases and merges",
        arguments: [
            ("a: &x 1\nb: *x\n", #"{"a":1,"b":1}"#), ("a: &x [1]\nb: [*x, *x]\n", #"{"a":[1],"b":[[1],[1]]}"#),
            ("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", #"{"a":{"p":1,"q":2},"b":{"q":3,"p":1}}"#),
            ("b:\n  q: 3\n  <<: {p: 1, q: 2}\n", #"{"b":{"q":3,"p":1}}"#),
            (
                "x: &x {p: 1}\nz: &y {p: 2, q: 2}\nb: {<<: [*x, *y]}\n",
                #"{"x":{"p":1},"z":{"p":2,"q":2},"b":{"p":1,"q":2}}"#
            ),
            (
                "x: &x {p: 1}\nz: &y {<<: *x, q: 2}\nb: {<<: *y, r: 3}\n",
                #"{"x":{"p":1},"z":{"q":2,"p":1},"b":{"r":3,"q":2,"p":1}}"#
            ),
            ("a: &x 1\nb: &x 2\nc: *x\n", #"{"a":1,"b":2,"c":2}"#), ("&k a: 1\n*k : 2\nb: *k\n", #"{"a":2,"b":"a"}"#),
            ("a: {\"<<\": 1}\n", #"{"a":{"<<":1}}"#),
        ])
    func expanded(yaml: String, json: String) throws {
        #expect(YAMLReading(yaml).documents.map { JSONValue($0.root).text } == [json])
    }

    @Test(
        "what cannot be expanded",
        arguments: [
            ("a: *x\n", "no anchor &x stands before this alias"),
            ("a: &x [*x]\n", "the alias *x stands inside the value it names"),
            ("a: {<<: 1}\n", "<< merges a mapping or a list of mappings; this is neither"),
            ("a: {<<: [1]}\n", "<< merges mappings; this is none"),
            ("a: &x 1\n---\nb: *x\n", "no anchor &x stands before this alias"),
        ])
    func refused(yaml: String, reason: String) {
        #expect(YAMLReading(yaml).problems.map(\.reason) == [reason])
    }

    @Test("values that grow beyond reason are refused before memory is")
    func laughs() {
        func tenfold(_ text: String, _ count: Int = 10) -> String {
            Array(repeating: text, count: count).joined(separator: ", ")
        }
        var lists = "l0: &l0 [\(tenfold("lol"))]\n"
        var merges = "m0: &m0 {k: v}\n"
        for level in 1...12 {
            lists += "l\(level): &l\(level) [\(tenfold("*l\(level - 1)"))]\n"
            merges += "m\(level): &m\(level) {<<: [\(tenfold("*m\(level - 1)"))]}\n"
        }
        let long = "a: &a \(String(repeating: "x", count: 100_000))\nb: [\(tenfold("*a", 1000))]\n"
        for yaml in [lists, merges, long] {
            let reading = YAMLReading(yaml)
            #expect(reading.documents.isEmpty)
            #expect(
                reading.problems.map(\.reason) == ["the aliases of this document expand to more than is reasonable"])
        }
    }

    @Test("nesting has an end", arguments: ["[", "- ", "{a: ", "? "])
    func depth(opening: String) {
        let reading = YAMLReading(String(repeating: opening, count: 50_000))
        #expect(reading.documents.isEmpty)
        #expect(reading.problems.count == 1)
    }
}

@Suite("YAML there and back")
struct YAMLRoundTripTests {
    @Test(
        "what the writer writes, the reader reads as the same",
        arguments: [
            #"{"a":"yes","b":"010","c":"null","d":"","e":"1e3","f":"~","g":"y","h":"<<","i":"2001-01-01","j":"0x1F"}"#,
            #"{"a":[1,-2,3.5,1e+21,true,null,"x: y","x # no","- a","*a","&a","!t","%a","@b","`c"]}"#,
            #"{"<<":"x","y":1,"on":2,"1":3,"":4,"a b":5,"k: v":6}"#,
            #"["line\nbreak","tab\there"," lead","trail ","ü😀"]"#,
            #"{"a":{},"b":[],"c":[[]],"d":[{}]}"#, #""---""#, #"{"a":"---\nx\n...\n","b":"\u0000\u001b"}"#,
            #"{"a":".inf","b":".nan","c":"=","d":"12e03","e":"1_0","f":"0o7","g":"+1","h":"."}"#,
        ])
    func roundTrip(json: String) throws {
        let value = JSONValue(try JSONTree(parsing: json).root)
        let yaml = try YAMLWriter.text(value)
        let tree = try JSONTree(yaml: yaml)
        #expect(JSONValue(tree.root).isEquivalent(to: value), "\(yaml)")
    }
}
