import FuzzSupport
import JSONTree
import KubernetesSchema

private let kinds: [(String, String, String)] = [
    ("", "v1", "Pod"), ("", "v1", "Service"), ("apps", "v1", "Deployment"),
    ("networking.k8s.io", "v1", "NetworkPolicy"),
    ("discovery.k8s.io", "v1", "EndpointSlice"), ("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
    ("", "v1", "Event"), ("batch", "v1", "CronJob"),
]

/// The first byte chooses a kind, the rest is an object. Objects the decoder takes are read the same a second time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    guard let first = bytes.first, let tree = try? JSONTree(parsing: Array(bytes.dropFirst())) else { return 0 }
    let (group, version, kind) = kinds[Int(first) % kinds.count]
    guard let schema = BuiltinSchemas.schema(group: group, version: version, kind: kind) else { return 0 }
    let value = JSONValue.node(tree.root)
    _ = schema.violations(of: value)
    if schema.decodingMistake(in: value, kind: kind) != nil { return 0 }
    let pruned = schema.pruned(value, isCanonical: true)
    let again = schema.pruned(pruned.value, isCanonical: true)
    expect(again.messages.isEmpty && again.value == pruned.value, "read twice: \(again.messages)")
    let defaulted = schema.defaulted(pruned.value)
    expect(schema.defaulted(defaulted) == defaulted, "defaulted twice: \(defaulted)")
    expect(schema.decodingMistake(in: defaulted, kind: kind) == nil, "a default is of the wrong type")
    return 0
}
