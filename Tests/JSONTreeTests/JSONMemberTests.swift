import JSONTree
import Testing

@Suite("Keys as they are spelled")
struct JSONMemberTests {
    private func node(_ text: String) throws -> JSONNode { try JSONTree(parsing: text).root }

    @Test("a member is found by its exact key, escaped or not, the last of duplicates")
    func nodeMember() throws {
        let node = try node(#"{"Name": 1, "name": 2, "n\u0061me": 3, "NAME": 4, "empty": {"": 5}}"#)
        #expect(node.member("name")?.int == 3)
        #expect(node.member("Name")?.int == 1)
        #expect(node.member("nAME") == nil)
        #expect(node.member("nam") == nil)
        #expect(node.at("empty", "")?.int == 5)
        #expect(node.at("empty", "x") == nil)
        #expect(node["name"]?.int == 4, "the folding look-up is another one")
    }

    @Test("setting and removing keep other spellings and the order")
    func editing() throws {
        let value = JSONValue(try node(#"{"A": 1, "a": 2, "b": 3, "a": 4}"#))
        #expect(value.settingMember("a", to: 9).text == #"{"A":1,"a":9,"b":3}"#)
        #expect(value.settingMember("c", to: 9).text == #"{"A":1,"a":2,"b":3,"a":4,"c":9}"#)
        #expect(value.removingMember("a").text == #"{"A":1,"b":3}"#)
        #expect(value.removingMember("x").text == value.text)
        #expect(JSONValue.null.settingMember("a", to: 1).text == #"{"a":1}"#)
    }

    @Test("paths are made on the way and removed at their end")
    func paths() throws {
        let value = JSONValue(try node(#"{"metadata": {"name": "x"}}"#))
        #expect(value.at("metadata", "name")?.stringValue == "x")
        #expect(
            value.setting(at: ["metadata", "labels", "a"], to: "b").text
                == #"{"metadata":{"name":"x","labels":{"a":"b"}}}"#)
        #expect(value.removing(at: ["metadata", "name"]).text == #"{"metadata":{}}"#)
        #expect(value.removing(at: ["spec", "name"]).text == value.text)
        #expect(value.setting(at: [], to: 1).text == "1")
    }

    @Test(
        "equivalent: members in any order, numbers by value",
        arguments: [
            (#"{"a":1,"b":[1,2]}"#, #"{"b":[1,2],"a":1}"#, true),
            (#"{"a":1}"#, #"{"a":1,"b":null}"#, false),
            ("[1,2]", "[2,1]", false),
            ("1.0", "1", true),
            ("1e2", "100", true),
            ("9007199254740993", "9007199254740992", false),
            (#"{"a":1,"a":2}"#, #"{"a":2}"#, true),
            (#""1""#, "1", false),
            ("null", "false", false),
        ])
    func equivalence(left: String, right: String, isSame: Bool) throws {
        let left = JSONValue(try node(left))
        let right = JSONValue(try node(right))
        #expect(left.isEquivalent(to: right) == isSame)
        #expect(right.isEquivalent(to: left) == isSame)
    }

    @Test("a document made from another text points into that text")
    func origin() throws {
        let yaml = "# pods\nname: x\nports:\n- 80\n"
        let spans: [Range<UInt32>] = [7..<26, 7..<11, 13..<14, 15..<20, 22..<26, 24..<26]
        let tree = try JSONTree(
            parsing: Array(#"{"name":"x","ports":[80]}"#.utf8),
            writtenIn: JSONOrigin(source: Array(yaml.utf8), spans: spans))
        let port = try #require(tree.root.member("ports")?[0])
        #expect(port.position.description == "line 4, column 3")
        #expect(port.path == "ports[0]")
        #expect(port.renderedPlace(named: "a.yaml") == " --> a.yaml:4:3\n  |\n4 | - 80\n  |   ^^")
        #expect(tree.root.member("name")?.keyNode?.position.column == 1)
        #expect(String(decoding: tree.writtenSource, as: UTF8.self) == yaml)
    }

    @Test("an origin that does not fit is not believed")
    func wrongOrigin() throws {
        let tree = try JSONTree(
            parsing: Array(#"{"a":1}"#.utf8), writtenIn: JSONOrigin(source: Array("a: 1".utf8), spans: [0..<4]))
        #expect(tree.root.member("a")?.position.column == 6)
    }
}
