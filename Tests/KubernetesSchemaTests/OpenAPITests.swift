import JSONTree
import Testing

@testable import KubernetesSchema

@Suite("OpenAPI v3 documents")
struct OpenAPITests {
    private func document(_ apiVersion: String, _ kinds: [(String, String)]) throws -> JSONValue {
        let parts = apiVersion.split(separator: "/").map(String.init)
        let group = parts.count == 2 ? parts[0] : ""
        let version = parts[parts.count - 1]
        let resources = try kinds.map { resource, kind in
            OpenAPIResource(
                group: group, version: version, resource: resource, kind: kind, isNamespaced: true,
                verbs: ["get", "list", "create", "update", "patch", "delete"],
                subresources: [.init(name: "status", verbs: ["get", "patch", "update"])],
                schema: try #require(BuiltinSchemas.schema(group: group, version: version, kind: kind)),
                isBuiltin: true)
        }
        return OpenAPIDocument(of: resources).value
    }

    @Test("Every reference of a document leads to a component of it")
    func closed() throws {
        let document = try document("v1", [("pods", "Pod"), ("services", "Service"), ("nodes", "Node")])
        let names = Set(document.at("components", "schemas")?.members.map(\.key) ?? [])
        var seen = 0
        func walk(_ value: JSONValue) {
            if let reference = value.member("$ref")?.stringValue {
                seen += 1
                #expect(names.contains(String(reference.dropFirst("#/components/schemas/".count))), "\(reference)")
            }
            for member in value.members { walk(member.value) }
            for element in value.elements { walk(element) }
        }
        walk(document)
        #expect(seen > 200)
        #expect(names.contains("io.k8s.api.core.v1.PodSpec"))
        #expect(names.contains("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"))
    }

    @Test("A recursive definition is written once")
    func recursive() throws {
        let document = try document(
            "apiextensions.k8s.io/v1", [("customresourcedefinitions", "CustomResourceDefinition")])
        let props = try #require(
            document.at("components", "schemas")?.members.first { $0.key.hasSuffix(".JSONSchemaProps") }?.value)
        #expect(props.at("properties", "not")?.text.contains("#/components/schemas/") == true)
    }

    @Test("kubectl finds the kind of a patch, its parameters and its media types")
    func patches() throws {
        let document = try document("networking.k8s.io/v1", [("networkpolicies", "NetworkPolicy")])
        let path = "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name}"
        let patch = try #require(document.at("paths", path, "patch"))
        #expect(
            patch.member("x-kubernetes-group-version-kind")?.text
                == #"{"group":"networking.k8s.io","version":"v1","kind":"NetworkPolicy"}"#)
        let parameters = (patch.member("parameters")?.elements ?? []).compactMap { $0.member("name")?.stringValue }
        #expect(parameters == ["dryRun", "fieldManager", "fieldValidation", "force"])
        #expect(patch.at("requestBody", "content", "application/strategic-merge-patch+json") != nil)
    }

    @Test("What merges lists is told as Kubernetes tells it")
    func patchWords() throws {
        let document = try document("v1", [("pods", "Pod")])
        let containers = try #require(
            document.at("components", "schemas", "io.k8s.api.core.v1.PodSpec", "properties", "containers"))
        #expect(containers.member("x-kubernetes-patch-merge-key")?.stringValue == "name")
        #expect(containers.member("x-kubernetes-patch-strategy")?.stringValue == "merge")
        #expect(containers.member("x-kubernetes-list-type")?.stringValue == "map")
    }

    @Test("A custom resource has the members every object has, and its own words")
    func custom() throws {
        let definition = CustomResourceDefinition(
            CustomResourceDefinition.defaulted(try json(CustomResourceTests.pools)))
        let version = try #require(definition.resource.versions.first)
        let resource = OpenAPIResource(
            group: "net.example.com", version: "v1alpha1", resource: "ippools", kind: "IPPool", isNamespaced: false,
            verbs: ["get", "patch"], schema: version.schema, isBuiltin: false)
        let document = OpenAPIDocument(of: [resource]).value
        let pool = try #require(document.at("components", "schemas", "com.example.net.v1alpha1.IPPool"))
        #expect(pool.member("properties")?.members.map(\.key) == ["apiVersion", "kind", "metadata", "spec", "status"])
        #expect(pool.at("properties", "spec", "properties", "blockSize", "maximum")?.intValue == 32)
        let patch = document.at("paths", "/apis/net.example.com/v1alpha1/ippools/{name}", "patch")
        #expect(patch?.at("requestBody", "content", "application/strategic-merge-patch+json") == nil)
    }
}
