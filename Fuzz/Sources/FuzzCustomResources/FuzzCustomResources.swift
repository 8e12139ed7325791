import FuzzSupport
import JSONTree
import KubernetesSchema

/// A schema as CustomResourceDefinitions have it, a NUL, an object. A schema that is accepted must be able to judge
/// anything: what is pruned has nothing left to prune, what is defaulted has nothing left to default.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let parts = UnsafeBufferPointer(start: data, count: count).split(separator: 0, maxSplits: 1)
    guard let first = parts.first, let schema = try? JSONTree(parsing: Array(first)) else { return 0 }
    let definition = CustomResourceDefinition([
        "metadata": ["name": "things.example.com"],
        "spec": [
            "group": "example.com", "scope": "Cluster",
            "names": ["plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"],
            "versions": [
                ["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": .node(schema.root)]]
            ], "conversion": ["strategy": "None"],
        ],
    ])
    guard definition.violations.isEmpty, let version = definition.resource.versions.first else { return 0 }
    let resource = OpenAPIResource(
        group: "example.com", version: "v1", resource: "things", kind: "Thing", isNamespaced: false, verbs: ["get"],
        schema: version.schema, isBuiltin: false)
    let document = OpenAPIDocument(of: [resource]).bytes
    expect((try? JSONTree(parsing: document)) != nil, "the OpenAPI document is no JSON")
    guard parts.count > 1, let object = try? JSONTree(parsing: Array(parts[1])) else { return 0 }
    let pruned = version.schema.pruned(version.schema.droppingNulls(.node(object.root)))
    let again = version.schema.pruned(pruned.value)
    expect(again.unknown.isEmpty && again.duplicates.isEmpty, "pruned twice: \(again.messages)")
    let defaulted = version.schema.defaulted(pruned.value)
    expect(version.schema.defaulted(defaulted) == defaulted, "defaulted twice: \(defaulted)")
    for violation in version.schema.violations(of: defaulted) {
        expect(!violation.description.isEmpty, "a violation without words")
    }
    for column in version.columns { _ = column.cell(of: defaulted) }
    return 0
}
