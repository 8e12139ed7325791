import JSONTree
import Testing

@testable import KubernetesSchema

@Suite("Strategic merge patch")
struct StrategicMergePatchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let kind: String
        let object: String
        let patch: String
        /// Nil where the patch must be refused.
        let result: String?

        init(_ rule: String, in kind: String = "PodSpec", _ object: String, _ patch: String, _ result: String?) {
            (self.rule, self.kind, self.object, self.patch, self.result) = (rule, kind, object, patch, result)
        }

        var testDescription: String { rule }
    }

    static let cases = [
        Case(
            "elements merge by their key",
            #"{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}"#,
            #"{"containers":[{"name":"b","image":"2"}]}"#,
            #"{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}"#),
        Case(
            "a new element comes before those the patch does not name",
            #"{"containers":[{"name":"a"}]}"#, #"{"containers":[{"name":"b"}]}"#,
            #"{"containers":[{"name":"b"},{"name":"a"}]}"#),
        Case(
            "$setElementOrder gives the order; others stay before those they stood before",
            #"{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"c"},{"name":"d"},{"name":"a"}],"containers":[{"name":"d","image":"x"}]}"#,
            #"{"containers":[{"name":"b"},{"name":"c"},{"name":"d","image":"x"},{"name":"a"}]}"#),
        Case(
            "$setElementOrder alone reorders",
            #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}"#,
            #"{"containers":[{"name":"b"},{"name":"a"}]}"#),
        Case(
            "$patch: delete takes an element",
            #"{"containers":[{"name":"a"},{"name":"b"}]}"#, #"{"containers":[{"name":"a","$patch":"delete"}]}"#,
            #"{"containers":[{"name":"b"}]}"#),
        Case(
            "$patch: replace replaces the list",
            #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"containers":[{"name":"c","image":"1"},{"$patch":"replace"}]}"#,
            #"{"containers":[{"name":"c","image":"1"}]}"#),
        Case(
            "$patch: replace replaces an object", in: "Container",
            #"{"name":"a","resources":{"limits":{"cpu":"1"}}}"#,
            #"{"resources":{"$patch":"replace","limits":{"x":"2"}}}"#,
            #"{"name":"a","resources":{"limits":{"x":"2"}}}"#),
        Case(
            "$patch: delete empties an object", in: "Container",
            #"{"name":"a","resources":{"limits":{"cpu":"1"}}}"#, #"{"resources":{"$patch":"delete"}}"#,
            #"{"name":"a","resources":{}}"#),
        Case("an unknown directive", #"{"nodeName":"n"}"#, #"{"$patch":"spam"}"#, nil),
        Case(
            "null removes, also in elements",
            #"{"nodeName":"n","containers":[{"name":"a","image":"1"}]}"#,
            #"{"nodeName":null,"containers":[{"name":"a","image":null}]}"#, #"{"containers":[{"name":"a"}]}"#),
        Case("null of nothing adds nothing", "{}", #"{"nodeName":null,"x":{"y":null,"z":1}}"#, #"{"x":{"z":1}}"#),
        Case(
            "atomic lists are replaced", #"{"tolerations":[{"key":"a"}]}"#, #"{"tolerations":[{"key":"b"}]}"#,
            #"{"tolerations":[{"key":"b"}]}"#),
        Case(
            "lists of primitives with merge are sets", #"{"gates":["a","b"]}"#, #"{"gates":["c","a"]}"#,
            #"{"gates":["c","a","b"]}"#),
        Case(
            "$deleteFromPrimitiveList", #"{"gates":["a","b","c"]}"#,
            #"{"$deleteFromPrimitiveList/gates":["b"],"$setElementOrder/gates":["c","a"]}"#, #"{"gates":["c","a"]}"#),
        Case(
            "nested lists merge by their own key", in: "Pod",
            #"{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"x"},{"containerPort":81}]}]}}"#,
            #"{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"y"}]}]}}"#,
            #"{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"y"},{"containerPort":81}]}]}}"#),
        Case(
            "an element without the merge key", #"{"containers":[{"name":"a"}]}"#, #"{"containers":[{"image":"x"}]}"#,
            nil),
        Case(
            "$retainKeys clears the other union members", in: "Deployment",
            #"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}"#,
            #"{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"#,
            #"{"spec":{"strategy":{"type":"Recreate"}}}"#),
        Case(
            "$retainKeys must name what the patch sets", in: "Deployment", #"{"spec":{"strategy":{}}}"#,
            #"{"spec":{"strategy":{"$retainKeys":["rollingUpdate"],"type":"Recreate"}}}"#, nil),
        Case(
            "keys of maps merge", in: "ConfigMap", #"{"data":{"a":"1","b":"2"}}"#, #"{"data":{"b":null,"c":"3"}}"#,
            #"{"data":{"a":"1","c":"3"}}"#),
        Case(
            "deleting an element that is not there", "{}", #"{"containers":[{"name":"a","$patch":"delete"}]}"#,
            #"{"containers":[]}"#),
    ]

    @Test(arguments: cases)
    func rules(_ example: Case) throws {
        let (patch, object) = (try json(example.patch), try json(example.object))
        let schema = TestKinds.schema(example.kind)
        let result = Result { try StrategicMergePatch.apply(patch, to: object, schema: schema) }
        guard let expected = example.result else {
            #expect(throws: PatchFailure.self) { try result.get() }
            return
        }
        #expect(try result.get() == json(expected))
        let again = try StrategicMergePatch.apply(patch, to: result.get(), schema: schema)
        #expect(again == (try result.get()), "a patch that holds changes nothing")
    }

    @Test("Without a schema it is a merge patch")
    func openObjects() throws {
        var random = SeededNumbers(seed: 1)
        for _ in 0..<1000 {
            let object = JSONValue.randomObject(depth: 4, nulls: false, using: &random)
            let patch = JSONValue.randomObject(depth: 4, nulls: false, using: &random)
            let merged = try StrategicMergePatch.apply(patch, to: object, schema: nil)
            #expect(merged.isEquivalent(to: MergePatch.apply(patch, to: object)))
        }
    }
}
