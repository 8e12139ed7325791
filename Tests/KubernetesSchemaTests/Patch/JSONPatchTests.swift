import JSONTree
import Testing

@testable import KubernetesSchema

@Suite("JSON patch (RFC 6902)")
struct JSONPatchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let document: String
        let patch: String
        /// Nil where the patch must fail.
        let result: String?

        init(_ rule: String, _ document: String, _ patch: String, _ result: String?) {
            (self.rule, self.document, self.patch, self.result) = (rule, document, patch, result)
        }

        var testDescription: String { rule }
    }

    static let cases = [
        Case("4.1 add a member", #"{"a":1}"#, #"[{"op":"add","path":"/b","value":2}]"#, #"{"a":1,"b":2}"#),
        Case("4.1 add replaces a member", #"{"a":1}"#, #"[{"op":"add","path":"/a","value":null}]"#, #"{"a":null}"#),
        Case("4.1 add inserts in a list", #"[1,3]"#, #"[{"op":"add","path":"/1","value":2}]"#, "[1,2,3]"),
        Case(
            "4.1 add at the end with -", #"{"l":[1]}"#, #"[{"op":"add","path":"/l/-","value":[2]}]"#, #"{"l":[1,[2]]}"#),
        Case("4.1 add at the count", "[1]", #"[{"op":"add","path":"/1","value":2}]"#, "[1,2]"),
        Case("4.1 add past the end fails", "[1]", #"[{"op":"add","path":"/3","value":2}]"#, nil),
        Case("4.1 the parent must exist", "{}", #"[{"op":"add","path":"/a/b","value":2}]"#, nil),
        Case("4.1 the whole document", "{}", #"[{"op":"add","path":"","value":[1]}]"#, "[1]"),
        Case("4.2 remove a member", #"{"a":1,"b":2}"#, #"[{"op":"remove","path":"/a"}]"#, #"{"b":2}"#),
        Case("4.2 remove an element", "[1,2,3]", #"[{"op":"remove","path":"/1"}]"#, "[1,3]"),
        Case("4.2 remove what is not there fails", #"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, nil),
        Case("4.2 - names no element", "[1]", #"[{"op":"remove","path":"/-"}]"#, nil),
        Case("4.3 replace", #"{"a":{"b":1}}"#, #"[{"op":"replace","path":"/a/b","value":[]}]"#, #"{"a":{"b":[]}}"#),
        Case("4.3 replace what is not there fails", "{}", #"[{"op":"replace","path":"/a","value":1}]"#, nil),
        Case(
            "4.4 move", #"{"a":{"b":1},"c":{}}"#, #"[{"op":"move","from":"/a/b","path":"/c/d"}]"#,
            #"{"a":{},"c":{"d":1}}"#),
        Case("4.4 move in a list", "[1,2,3,4]", #"[{"op":"move","from":"/1","path":"/3"}]"#, "[1,3,4,2]"),
        Case("4.4 move into itself fails", #"{"a":{}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, nil),
        Case("4.4 move to its own place", #"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1}"#),
        Case("4.5 copy", #"{"a":[1]}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":[1],"b":[1]}"#),
        Case(
            "4.6 test holds", #"{"a":{"x":1,"y":2.0}}"#, #"[{"op":"test","path":"/a","value":{"y":2,"x":1}}]"#,
            #"{"a":{"x":1,"y":2.0}}"#),
        Case("4.6 test fails", #"{"a":1}"#, #"[{"op":"test","path":"/a","value":"1"}]"#, nil),
        Case("4.6 test for null where nothing is", "{}", #"[{"op":"test","path":"/a","value":null}]"#, "{}"),
        Case("5 all or nothing", "{}", #"[{"op":"add","path":"/a","value":1},{"op":"remove","path":"/b"}]"#, nil),
        Case(
            "6901 escapes", #"{"a/b":1,"m~n":2}"#, #"[{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}]"#,
            "{}"),
        Case("6901 ~01 is ~1", #"{"~1":1}"#, #"[{"op":"remove","path":"/~01"}]"#, "{}"),
        Case("6901 the empty key", #"{"":{"":1}}"#, #"[{"op":"replace","path":"//","value":2}]"#, #"{"":{"":2}}"#),
        Case("6901 no leading zero", "[1,2]", #"[{"op":"remove","path":"/01"}]"#, nil),
        Case("kube-apiserver: from the end", "[1,2,3]", #"[{"op":"remove","path":"/-1"}]"#, "[1,2]"),
        Case("kube-apiserver: before the first", "[1]", #"[{"op":"remove","path":"/-2"}]"#, nil),
        Case("keys are case-sensitive", #"{"A":1}"#, #"[{"op":"replace","path":"/a","value":1}]"#, nil),
        Case("a scalar has nothing below", #"{"a":1}"#, #"[{"op":"add","path":"/a/b","value":1}]"#, nil),
    ]

    @Test(arguments: cases)
    func rules(_ example: Case) throws {
        let patch = try JSONPatch(try json(example.patch))
        #expect(try JSONPatch(patch.value) == patch)
        let document = try json(example.document)
        let result = Result { try patch.applied(to: document) }
        guard let expected = example.result else {
            #expect(throws: PatchFailure.self) { try result.get() }
            return
        }
        #expect(try result.get() == json(expected))
    }

    @Test(arguments: [
        #"{"op":"add"}"#, "[1]", #"[{}]"#, #"[{"op":"spam","path":"/a"}]"#, #"[{"op":"add","path":"/a"}]"#,
        #"[{"op":"add","path":"a","value":1}]"#, #"[{"op":"add","path":"/~2","value":1}]"#,
        #"[{"op":"copy","path":"/a"}]"#, #"[{"op":"remove","path":7}]"#,
    ])
    func malformed(_ text: String) throws {
        let document = try json(text)
        let failure = #expect(throws: PatchFailure.self) { try JSONPatch(document) }
        #expect(failure?.kind == .malformed)
    }

    @Test("10,000 operations are allowed, one more is 413 with the words of a kube-apiserver")
    func operationLimit() throws {
        let test: JSONValue = ["op": "test", "path": "", "value": [:]]
        let allowed = try JSONPatch(.array(Array(repeating: test, count: JSONPatch.operationLimit)))
        #expect(try allowed.applied(to: [:]) == [:])
        let failure = #expect(throws: PatchFailure.self) {
            try JSONPatch(.array(Array(repeating: test, count: 10_001)))
        }
        #expect(
            failure == PatchFailure(.tooLarge, "The allowed maximum operations in a JSON patch is 10000, got 10001"))
    }

    @Test("Copies that double a document stop at 3 MiB")
    func copyLimit() throws {
        var operations = [JSONPatch.Operation.add(path: JSONPointer(tokens: ["l"]), value: ["0123456789"])]
        for _ in 0..<64 {
            operations.append(.copy(from: JSONPointer(tokens: []), path: JSONPointer(tokens: ["l", "-"])))
        }
        let patch = JSONPatch(operations: operations)
        let failure = #expect(throws: PatchFailure.self) { try patch.applied(to: ["b": "x"]) }
        #expect(failure?.kind == .tooLarge)
    }

    @Test("The patch of a difference makes one document of the other")
    func difference() throws {
        var random = SeededNumbers(seed: 6902)
        for round in 0..<3000 {
            let before = JSONValue.random(depth: 4, nulls: true, using: &random)
            let after = JSONValue.random(depth: 4, nulls: true, using: &random)
            let patch = JSONPatch(from: before, to: after)
            let patched = try patch.applied(to: before)
            #expect(patched.isEquivalent(to: after), "round \(round): \(before) to \(after) by \(patch.value)")
            #expect(JSONPatch(from: before, to: before).operations.isEmpty)
        }
    }
}

@Suite("Merge patch (RFC 7386)")
struct MergePatchTests {
    @Test(
        "Appendix A",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
            (#"{"a":"foo"}"#, #""bar""#, #""bar""#), (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
            (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ])
    func appendix(_ document: String, _ patch: String, _ result: String) throws {
        #expect(try MergePatch.apply(json(patch), to: json(document)) == json(result))
    }

    @Test("Applying twice is applying once; a difference is said wherever it can be said")
    func laws() {
        var random = SeededNumbers(seed: 7386)
        var said = 0
        for round in 0..<3000 {
            let patch = JSONValue.random(depth: 4, nulls: true, using: &random)
            let target = JSONValue.randomObject(depth: 4, nulls: true, using: &random)
            let once = MergePatch.apply(patch, to: target)
            #expect(MergePatch.apply(patch, to: once).isEquivalent(to: once), "round \(round)")
            let after = JSONValue.randomObject(depth: 4, nulls: false, using: &random)
            guard let difference = MergePatch.difference(from: target, to: after) else {
                Issue.record("round \(round): no patch from \(target) to \(after)")
                continue
            }
            said += 1
            #expect(MergePatch.apply(difference, to: target).isEquivalent(to: after), "round \(round)")
        }
        #expect(said == 3000)
    }
}
