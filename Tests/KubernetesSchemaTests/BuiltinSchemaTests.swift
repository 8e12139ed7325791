import Testing

@testable import KubernetesSchema

@Suite("Built-in schemas")
struct BuiltinSchemaTests {
    @Test("A reference answers what its definition says, except for what is said at the place")
    func references() throws {
        let meta = BuiltinSchemas.library.definition(named: "ObjectMeta")
        let owners = try #require(meta.property("ownerReferences")?.schema)
        #expect(owners.kind == .array)
        #expect(owners.listMapKeys == ["uid"])
        #expect(owners.patchMergeKey == "uid")
        #expect(owners.isMerged)
        let owner = try #require(owners.items)
        #expect(owner.definitionName == "OwnerReference")
        #expect(owner.mapType == .atomic)
        #expect(owner.required == ["apiVersion", "kind", "name", "uid"])
        #expect(meta.child("labels")?.child("anything")?.kind == .string)
        #expect(meta.child("finalizers")?.listType == .set)
    }
}
