import JSONTree
import Testing

@Suite struct JSONNodeTests {
    let tree: JSONTree

    init() throws {
        tree = try JSONTree(
            parsing: """
                {
                \t"cniVersion": "1.0.0", "name": "pods",
                \t"plugins": [
                \t\t{"type": "bridge", "BRIDGE": "cni0", "mtu": 1500, "big": 123456789012345678901234567890,
                \t\t "ipam": {"type": "host-local", "subnet": "10.1.2.3/16", "a.b": [1, [true, null]]}}
                \t]
                }
                """)
    }

    @Test func lookUpAsGoDecodersDo() throws {
        let plugin = try #require(tree.root["Plugins"]?[0])
        #expect(plugin["bridge"]?.string == "cni0")
        #expect(plugin["MTU"]?.int == 1500)
        #expect(plugin["big"]?.numberText == "123456789012345678901234567890")
        #expect(plugin["big"]?.int == nil)
        #expect(plugin["absent"] == nil)
        #expect(tree.root["name"]?["x"] == nil)
    }

    @Test(arguments: [
        (#"{"a":1,"A":2}"#, 2), (#"{"A":1,"a":2}"#, 2), (#"{"a":1,"b":0,"a":3}"#, 3), (#"{"\u0061":4}"#, 4),
        (#"{"a":1,"\u0041":5}"#, 5),
    ]) func theLastMatchingMemberWins(text: String, value: Int64) throws {
        #expect(try JSONTree(parsing: text).root["a"]?.int == value)
    }

    @Test(arguments: ["mask", "MASK", "ma\u{17F}k", "mas\u{212A}", "ma\\u017Fk", "mas\\u212a"])
    func foldingReachesTheKelvinSignAndTheLongS(key: String) throws {
        #expect(try JSONTree(parsing: "{\"\(key)\": 1}").root["Mask"]?.int == 1)
    }

    @Test(arguments: ["masks", "mas", "ma\u{212A}k", "mä\u{17F}k", ""])
    func otherKeysDoNotMatch(key: String) throws {
        #expect(try JSONTree(parsing: "{\"\(key)\": 1}").root["mask"] == nil)
    }

    @Test func pathsNameEveryStep() throws {
        let ipam = try #require(tree.root["plugins"]?[0]?["ipam"])
        #expect(tree.root.path == "")
        #expect(ipam["subnet"]?.path == "plugins[0].ipam.subnet")
        #expect(ipam["a.b"]?[1]?[0]?.path == #"plugins[0].ipam."a.b"[1][0]"#)
        #expect(ipam["subnet"]?.keyNode?.string == "subnet")
        #expect(ipam["subnet"]?.keyNode?.path == "plugins[0].ipam.subnet")
    }

    @Test func caretsStandBelowTheValue() throws {
        let subnet = try #require(tree.root["plugins"]?[0]?["ipam"]?["subnet"])
        #expect(subnet.position.description == "line 5, column 45")
        #expect(
            subnet.caret("host bits are set") == """
                line 5, column 45: host bits are set
                    \t\t "ipam": {"type": "host-local", "subnet": "10.1.2.3/16", "a.b": [1, [true, null]]}}
                    \t\t                                          ^^^^^^^^^^^^^
                """)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil),
            ("1.0", nil), ("1e3", nil), ("\"1\"", nil),
        ] as [(String, Int64?)]) func integersAreThoseOfGo(text: String, value: Int64?) throws
    {
        #expect(try JSONTree(parsing: text).root.int == value)
    }

    @Test(
        arguments: [("18446744073709551615", .max), ("-1", nil), ("18446744073709551616", nil)] as [(String, UInt64?)])
    func unsignedIntegers(text: String, value: UInt64?) throws {
        #expect(try JSONTree(parsing: text).root.uint == value)
    }

    @Test(arguments: [
        (#""\ud83d\ude00""#, "\u{1F600}"), (#""\ud800x""#, "\u{FFFD}x"), (#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
        (#""\ud800\u0041""#, "\u{FFFD}A"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""é\u00e9""#, "éé"),
    ]) func stringsAreDecoded(text: String, value: String) throws {
        #expect(try JSONTree(parsing: text).root.string == value)
    }

    @Test func eachByteThatIsNoUTF8BecomesOneReplacement() throws {
        let tree = try JSONTree(parsing: [0x22, 0x61, 0xFF, 0xE2, 0x82, 0x62, 0x22])
        #expect(tree.root.string == "a\u{FFFD}\u{FFFD}\u{FFFD}b")
        #expect(JSONValue(tree.root).text == "\"a\u{FFFD}\u{FFFD}\u{FFFD}b\"")
    }

    @Test func duplicatesStayVisible() throws {
        let root = try JSONTree(parsing: #"{"a":1,"a":2,"b":[3,4,5]}"#).root
        #expect(root.members.map(\.key) == ["a", "a", "b"])
        #expect(root.count == 3)
        #expect(root["b"]?.count == 3)
        #expect(root["b"]?.elements.compactMap(\.int) == [3, 4, 5])
        #expect(root["b"]?[3] == nil)
        #expect(root["b"]?[-1] == nil)
    }
}
