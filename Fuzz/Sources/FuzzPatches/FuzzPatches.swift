import FuzzSupport
import JSONTree
import KubernetesSchema

/// A patch and an object, one document each, with a zero byte between them: whatever is in them, a patch is refused or
/// applied, and what is applied keeps the laws of its kind.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    guard let cut = bytes.firstIndex(of: 0), let patch = try? JSONTree(parsing: Array(bytes[..<cut])),
        let object = try? JSONTree(parsing: Array(bytes[(cut + 1)...]))
    else { return 0 }
    check(.node(patch.root), .node(object.root))
    return 0
}

private func check(_ patch: JSONValue, _ object: JSONValue) {
    if let operations = try? JSONPatch(patch) {
        expect((try? JSONPatch(operations.value)) == operations, "a JSON patch is not what it is written as")
        _ = try? operations.applied(to: object)
    }
    let difference = JSONPatch(from: object, to: patch)
    let made = try? difference.applied(to: object)
    expect(made?.isEquivalent(to: patch) == true, "a difference does not make the other document")

    let merged = MergePatch.apply(patch, to: object)
    expect(MergePatch.apply(patch, to: merged).isEquivalent(to: merged), "a merge patch is not idempotent")

    let schema = BuiltinSchemas.schema(group: "", version: "v1", kind: "Pod")
    _ = try? StrategicMergePatch.apply(patch, to: object, schema: schema)
    if let fields = try? FieldSet(fieldsV1: patch) {
        expect((try? FieldSet(fieldsV1: fields.value)) == fields, "fieldsV1 is not what it is written as")
        expect(fields.subtracting(fields).isEmpty && fields.union(fields) == fields)
    }
    let time = "2026-01-01T00:00:00Z"
    let request = ServerSideApply.Request(configuration: patch, manager: "fuzz", time: time)
    guard let applied = try? ServerSideApply.apply(request, to: object, schema: schema) else { return }
    let again = try? ServerSideApply.apply(request, to: applied.object, schema: schema)
    expect(again != nil, "what was applied once cannot be applied again")
}
