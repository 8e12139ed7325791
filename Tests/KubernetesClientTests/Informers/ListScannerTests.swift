import JSONTree
import Testing

@testable import KubernetesClient

@Suite struct ListScannerTests {
    struct Outcome: Equatable {
        var items: [String] = []
        var metadata: ListMetadata?
        var error: String?
    }

    static func scan(_ text: String, cutting size: Int) -> Outcome { scan(Array(text.utf8), cutting: size) }

    static func scan(_ bytes: [UInt8], cutting size: Int) -> Outcome {
        var scanner = ListScanner()
        var outcome = Outcome()
        do throws(ScanError) {
            var start = 0
            while start < bytes.count {
                let end = min(start + size, bytes.count)
                try scanner.feed(Array(bytes[start..<end])) {
                    outcome.items.append(String(decoding: $0, as: UTF8.self))
                }
                start = end
            }
            outcome.metadata = try scanner.finish()
        } catch {
            outcome.error = error.what
        }
        return outcome
    }

    static let list = #"""
         { "kind":"PodList","apiVersion" : "v1", "metadata":{"resourceVersion":"297","continue":"a\"]}","remainingItemCount":5} ,
         "items" : [ {"a":"}\"{[\\"} , {"b":[{},[]],"items":[1,{"c":2}]},{}] }
        """#

    @Test(arguments: [1, 2, 3, 5, 7, 11, 64, 4096])
    func `objects come out whole, wherever the chunks are cut`(size: Int) {
        let outcome = Self.scan(Self.list, cutting: size)
        #expect(outcome.items == [#"{"a":"}\"{[\\"}"#, #"{"b":[{},[]],"items":[1,{"c":2}]}"#, "{}"])
        #expect(
            outcome.metadata
                == ListMetadata(
                    kind: "PodList", version: ResourceVersion("297"), continuation: "a\"]}", remaining: 5))
    }

    @Test(arguments: [
        (#"{"metadata":{"resourceVersion":"1"},"items":null}"#, "1"),
        (#"{"metadata":{"resourceVersion":"1"},"items":[]}"#, "1"),
        (#"{"metadata":{"resourceVersion":"1"}}"#, "1"),
        (#"{"items":[],"metadata":{"resourceVersion":"2"}}"#, "2"),
        (#"{"x":"items","y":{"items":[{}]},"metadata":{"resourceVersion":"3"}}"#, "3"),
    ])
    func `lists without objects are lists`(text: String, version: String) {
        for size in [1, 100] {
            let outcome = Self.scan(text, cutting: size)
            #expect(outcome.items.isEmpty && outcome.metadata?.version.text == version, "\(outcome)")
        }
    }

    @Test(arguments: [
        ("[]", "begins with {"), ("", "not complete"), ("{", "not complete"),
        (#"{"items":[{}"#, "not complete"), (#"{"items":[{},]}"#, "] among the items"),
        (#"{"items":[,{}]}"#, ", among the items"), (#"{"items":[{}{}]}"#, "{ among the items"),
        (#"{"items":[1]}"#, "1 among the items"), (#"{"items":[{}],"items":[{}]}"#, "items twice"),
        (#"{"items":[]} x"#, "more text"), (#"{"items":[],}"#, "around its items"),
        ("<html>", "begins with {"), (#"{"items":[]]"#, "around its items"),
    ])
    func `what is no list is refused`(text: String, reason: String) {
        for size in [1, 100] {
            let outcome = Self.scan(text, cutting: size)
            #expect(outcome.error?.contains(reason) == true, "\(outcome)")
        }
    }

    /// The judge is the parser reading the whole document at once.
    @Test func `random lists are read as the parser reads them, at random cuts`() throws {
        var random = SplitMix64(seed: 41)
        for _ in 0..<300 {
            var members = ["\"kind\":\"L\"", "\"metadata\":{\"resourceVersion\":\"\(random.next())\"}"]
            let items = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.object(3, &random) }
            members.append("\"items\":[" + items.joined(separator: " ,\n") + "]")
            if Bool.random(using: &random) { members.append("\"extra\":" + Self.object(2, &random)) }
            members.shuffle(using: &random)
            let text = "{" + members.joined(separator: ",") + "}"
            let tree = try JSONTree(parsing: text)
            let outcome = Self.scan(text, cutting: Int.random(in: 1...40, using: &random))
            #expect(
                outcome.items
                    == tree.root.member("items")?.elements.map { String(decoding: $0.rawBytes, as: UTF8.self) })
            #expect(outcome.metadata?.version.text == tree.root.at("metadata", "resourceVersion")?.string)
        }
    }

    private static func object(_ depth: Int, _ random: inout SplitMix64) -> String {
        let strings = [#""}""#, #""\\""#, #""\"""#, #""[{""#, #""items""#, #""é\u00e9""#]
        let members = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            let key = strings[Int.random(in: 0..<strings.count, using: &random)]
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where depth > 0: return "\(key): \(object(depth - 1, &random))"
            case 1 where depth > 0: return "\(key):[\(object(depth - 1, &random)),[],null]"
            case 2: return "\(key):-1.5e3"
            default: return "\(key):\(strings[Int.random(in: 0..<strings.count, using: &random)])"
            }
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
