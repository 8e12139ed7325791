import JSONTree
import Testing

@testable import KubernetesSchema

@Suite("Field sets")
struct FieldSetTests {
    /// The obviously right model: paths in a set.
    typealias Paths = Set<[PathElement]>

    static func randomPaths(_ random: inout SeededNumbers) -> Paths {
        let steps: [PathElement] = [
            .field("a"), .field("b"), .keyed([.init("name", .string("x"))]), .value(.int(80)), .index(3),
        ]
        return Paths(
            (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                (0..<Int.random(in: 1..<4, using: &random)).map { _ in
                    steps.randomElement(using: &random) ?? .field("a")
                }
            })
    }

    @Test("Algebra as on plain sets of paths")
    func algebra() throws {
        var random = SeededNumbers(seed: 555)
        for _ in 0..<4000 {
            let (left, right) = (Self.randomPaths(&random), Self.randomPaths(&random))
            let (a, b) = (FieldSet(left), FieldSet(right))
            #expect(Paths(a.paths) == left)
            #expect(a.count == left.count)
            #expect(a.union(b) == FieldSet(left.union(right)))
            #expect(a.intersection(b) == FieldSet(left.intersection(right)))
            #expect(a.subtracting(b) == FieldSet(left.subtracting(right)))
            #expect(a.isSubset(of: b) == left.isSubset(of: right))
            let outside = left.filter { path in !right.contains { path.starts(with: $0) } }
            #expect(a.subtractingTrees(b) == FieldSet(outside))
            for path in left.union(right) { #expect(a.contains(path) == left.contains(path)) }
            #expect(try FieldSet(fieldsV1: a.value) == a)
        }
    }

    @Test(
        "Recorded fieldsV1 come back byte for byte",
        arguments: [
            #"{"f:data":{".":{},"f:k":{}}}"#,
            #"{"f:metadata":{"f:finalizers":{".":{},"v:\"net.example.com/f\"":{}}},"f:spec":{".":{},"f:blockSize":{}}}"#,
            #"{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:ports":{".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},"f:resources":{}}},"f:dnsPolicy":{}}}"#,
            #"{"f:metadata":{"f:labels":{".":{},"f:kubernetes.io/hostname":{}}},"f:spec":{"f:podCIDRs":{".":{},"v:\"10.250.7.0/24\"":{}}}}"#,
        ])
    func recorded(_ text: String) throws {
        #expect(String(decoding: try FieldSet(fieldsV1: json(text)).value.serialized(), as: UTF8.self) == text)
    }

    @Test("Canonical order: numbers by value, steps by kind")
    func order() throws {
        let text =
            #"{"v:\"a\"":{},"v:443":{},"k:{\"p\":80}":{},"v:80":{},"f:b":{},"i:2":{},"k:{\"p\":443}":{},"f:a":{}}"#
        let keys = try FieldSet(fieldsV1: json(text)).value.members.map(\.key)
        #expect(
            keys == ["f:a", "f:b", #"k:{"p":80}"#, #"k:{"p":443}"#, "v:80", "v:443", #"v:"a""#, "i:2"])
    }

    @Test(arguments: [
        #"{"x:a":{}}"#, #"{"f":{}}"#, #"{"i:-1":{}}"#, #"{"k:[]":{}}"#, #"{"v:":{}}"#, "[]", #"{"f:a":1}"#,
    ])
    func malformed(_ text: String) throws {
        let document = try json(text)
        #expect(throws: PatchFailure.self) { try FieldSet(fieldsV1: document) }
    }

    @Test("Paths print as in conflicts")
    func printing() throws {
        let set = FieldSet([
            [
                .field("spec"), .field("ports"), .keyed([.init("protocol", .string("TCP")), .init("port", .int(80))]),
                .field("name"),
            ],
            [.field("metadata"), .field("finalizers"), .value(.string("a\"b"))], [.field("x"), .index(0)],
        ])
        #expect(
            set.paths.map { $0.map(\.description).joined() } == [
                #".metadata.finalizers[="a\"b"]"#, #".spec.ports[port=80,protocol="TCP"].name"#, ".x[0]",
            ])
    }
}
