import JSONTree
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

    @Test("A recursive definition can be walked as deep as one likes")
    func recursion() throws {
        var schema = BuiltinSchemas.library.definition(named: "JSONSchemaProps")
        for _ in 0..<100 { schema = try #require(schema.child("properties")?.additionalProperties) }
        #expect(schema.child("minLength")?.kind == .integer)
    }

    /// Every definition, attribute and type name of the tables must mean something: the notation ignores nothing
    /// silently here, so a misspelt reference would be an open schema.
    @Test(
        "The tables are closed: every line is understood and every name is defined",
        arguments: BuiltinSchemas.tables.indices)
    func tablesAreClosed(index: Int) {
        let attributes = [
            "map", "set", "atomic", "granular", "merge", "retainKeys", "replace", "nullable", "default", "enum", "min",
            "max",
        ]
        let scalars = [
            "str", "int32", "int64", "num", "bool", "bytes", "Time", "MicroTime", "Quantity", "IntOrString", "any",
            "raw",
        ]
        for line in BuiltinSchemas.tables[index].split(separator: "\n") where line.hasPrefix("  ") {
            let head = line.split(separator: " : ", maxSplits: 1)
            #expect(head.count == 2, "no description: \(line)")
            let words = head[0].split(separator: " ")
            #expect(words.count >= 2, "no type: \(line)")
            let type = words[1].trimmed("[]{}")
            #expect(scalars.contains(type) || BuiltinSchemas.library.contains(type), "unknown type: \(line)")
            for word in words.dropFirst(2) {
                let parts = word.split(separator: "=", maxSplits: 1)
                #expect(attributes.contains(String(parts[0])), "unknown attribute: \(line)")
                if parts[0] == "default" {
                    #expect(throws: Never.self) { try JSONTree(parsing: String(parts[1])) }
                }
            }
        }
    }

    @Test("A definition stands in one table only, and every field once")
    func noDuplicates() {
        let headers = BuiltinSchemas.tables.flatMap { $0.split(separator: "\n") }
            .filter { !$0.hasPrefix(" ") && !$0.hasPrefix("@") }.map { $0.split(separator: " ")[0] }
        #expect(Set(headers).count == headers.count)
        for name in BuiltinSchemas.library.names {
            let fields = BuiltinSchemas.library.definition(named: name).properties.map(\.name)
            #expect(Set(fields).count == fields.count, "\(name)")
        }
    }

    @Test("Keys of map-like lists are fields of the elements, and required or defaulted")
    func listKeys() {
        for name in BuiltinSchemas.library.names {
            for property in BuiltinSchemas.library.definition(named: name).properties {
                // The one exception upstream: ObjectReference.name is optional.
                for key in property.schema.listMapKeys where (name, property.name) != ("ServiceAccount", "secrets") {
                    let field = property.schema.items?.property(key)
                    let isSafe = field.map { $0.isRequired || $0.schema.defaultValue != nil } ?? false
                    #expect(isSafe, "\(name).\(property.name) by \(key)")
                }
                if let key = property.schema.patchMergeKey {
                    #expect(property.schema.items?.property(key) != nil, "\(name).\(property.name) merged by \(key)")
                }
            }
        }
    }

    @Test("A place can be granular where its definition is atomic: the claim of a volume")
    func granularPlaces() throws {
        let library = BuiltinSchemas.library
        #expect(library.definition(named: "ObjectReference").mapType == .atomic)
        let claim = try #require(library.definition(named: "PersistentVolumeSpec").child("claimRef"))
        #expect(claim.mapType == .granular)
        #expect(!claim.isAtomic)
        #expect(claim.child("uid")?.kind == .string)
    }

    /// What only preserves unknown members loses the types and the merge keys of everything below.
    @Test("Only what Kubernetes itself leaves open is an object of unknown members")
    func openPlaces() {
        var open: Set<String> = []
        for name in BuiltinSchemas.library.names {
            for property in BuiltinSchemas.library.definition(named: name).properties
            where property.schema.definitionName == nil && property.schema.kind == .object
                && property.schema.preservesUnknownFields
            {
                open.insert("\(name).\(property.name)")
            }
        }
        #expect(
            open == [
                "ControllerRevision.data", "CustomResourceSubresources.status", "ManagedFieldsEntry.fieldsV1",
            ])
    }

    @Test(
        "The kinds that must be there",
        arguments: [
            "v1 Pod", "v1 Service", "v1 Node", "v1 Event", "apps/v1 Deployment", "batch/v1 CronJob",
            "networking.k8s.io/v1 NetworkPolicy", "discovery.k8s.io/v1 EndpointSlice", "coordination.k8s.io/v1 Lease",
            "events.k8s.io/v1 Event", "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
            "apiextensions.k8s.io/v1 CustomResourceDefinition", "authentication.k8s.io/v1 TokenReview",
            "authorization.k8s.io/v1 SelfSubjectAccessReview", "apiregistration.k8s.io/v1 APIService",
            "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration", "policy/v1 PodDisruptionBudget",
            "autoscaling/v1 Scale", "autoscaling/v2 HorizontalPodAutoscaler", "scheduling.k8s.io/v1 PriorityClass",
            "node.k8s.io/v1 RuntimeClass", "storage.k8s.io/v1 StorageClass",
        ])
    func kinds(_ wanted: String) throws {
        let words = wanted.split(separator: " ").map(String.init)
        let cut = words[0].split(separator: "/").map(String.init)
        let schema = try #require(
            BuiltinSchemas.schema(group: cut.count == 2 ? cut[0] : "", version: cut[cut.count - 1], kind: words[1]))
        #expect(schema.properties.prefix(3).map(\.name) == ["apiVersion", "kind", "metadata"])
        #expect(schema.child("metadata")?.child("managedFields")?.items?.child("fieldsV1") != nil)
    }
}

extension Substring {
    fileprivate func trimmed(_ characters: String) -> String {
        String(drop { characters.contains($0) }.reversed().drop { characters.contains($0) }.reversed())
    }
}
