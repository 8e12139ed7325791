import Foundation
import JSONTree
import KubernetesModel
import Testing

@testable import KubernetesServer

@Suite("Import")
struct ObjectImportTests {
    private func withStore(_ body: (ObjectStore) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("import-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try ObjectStore(directory: directory)
        defer { store.close() }
        try await body(store)
    }

    private func manifests(_ texts: [String]) throws -> [Manifest] {
        try texts.map { try Manifest(JSONTree(parsing: $0).root) }
    }

    private func value(_ store: ObjectStore, _ key: StoreKey) async throws -> JSONValue? {
        try await store.object(key).map { .node(try JSONTree(parsing: $0.bytes).root) }
    }

    private let pod =
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"shop","uid":"u-1","resourceVersion":"77","creationTimestamp":"2020-01-01T00:00:00Z","managedFields":[{"manager":"m"}]},"spec":{"containers":[{"name":"c","image":"x"}],"fromTheFuture":1},"status":{"podIP":"10.0.0.9","phase":"Running"}}"#

    @Test("What came from a cluster stays as it was, what is missing is made, a second import changes nothing")
    func exported() async throws {
        try await withStore { store in
            let objects = try manifests([
                pod, #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"b"}}"#,
            ])
            var first = ObjectImport(into: store, now: 1_700_000_000)
            try await first.run(objects)
            #expect(first.remarks.map(\.message) == [])
            let kept = try #require(try await value(store, StoreKey("pods", namespace: "shop", name: "p")))
            #expect(kept.at("metadata", "uid")?.stringValue == "u-1")
            #expect(kept.at("metadata", "creationTimestamp")?.stringValue == "2020-01-01T00:00:00Z")
            #expect(kept.at("metadata", "managedFields")?.elements.count == 1)
            #expect(kept.at("metadata", "resourceVersion")?.stringValue != "77")
            #expect(kept.at("status", "podIP")?.stringValue == "10.0.0.9")
            #expect(kept.at("spec", "fromTheFuture")?.intValue == 1)
            let map = try #require(try await value(store, StoreKey("configmaps", namespace: "default", name: "c")))
            #expect(map.at("metadata", "uid")?.stringValue?.count == 36)
            #expect(map.at("metadata", "creationTimestamp")?.stringValue == "2023-11-14T22:13:20Z")
            // The namespaces they need are there.
            let shop = try await store.object(StoreKey("namespaces", name: "shop"))
            #expect(shop != nil)
            var second = ObjectImport(into: store, now: 1_800_000_000)
            try await second.run(objects)
            #expect(second.counts["Pod"] == ObjectImport.Count(unchanged: 1))
            #expect(second.counts["ConfigMap"] == ObjectImport.Count(unchanged: 1))
            var third = ObjectImport(into: store, now: 1_800_000_000)
            try await third.run(try manifests([pod.replacing("10.0.0.9", with: "10.0.0.10")]))
            #expect(third.counts["Pod"] == ObjectImport.Count(updated: 1))
        }
    }

    @Test("Definitions come first, and a kind nobody defines is served without a schema and told")
    func definitions() async throws {
        try await withStore { store in
            let objects = try manifests([
                #"{"apiVersion":"a.example.com/v1","kind":"Thing","metadata":{"name":"t"},"spec":{"n":1}}"#,
                #"{"apiVersion":"b.example.com/v1beta1","kind":"Policy","metadata":{"name":"q","namespace":"x"},"spec":{}}"#,
                #"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.a.example.com"},"spec":{"group":"a.example.com","scope":"Cluster","names":{"plural":"things","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}"#,
            ])
            var run = ObjectImport(into: store, now: 0)
            try await run.run(objects)
            #expect(run.remarks.count == 1)
            #expect(run.remarks.first?.message.contains("b.example.com/v1beta1 Policy") == true)
            let thing = try await store.object(StoreKey("things.a.example.com", name: "t"))
            #expect(thing != nil)
            let policy = try await store.object(StoreKey("policies.b.example.com", namespace: "x", name: "q"))
            #expect(policy != nil)
            let made = try #require(
                try await value(
                    store,
                    StoreKey("customresourcedefinitions.apiextensions.k8s.io", name: "policies.b.example.com")))
            #expect(made.at("metadata", "annotations", ObjectImport.madeUpAnnotation)?.stringValue == "true")
            #expect(made.at("spec", "scope")?.stringValue == "Namespaced")
        }
    }

    @Test("What cannot be kept is refused with its reason, and the rest is imported")
    func refused() async throws {
        try await withStore { store in
            var run = ObjectImport(into: store, now: 0)
            try await run.run(
                try manifests([
                    #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"port":"80"}]}}"#,
                    #"{"apiVersion":"v7","kind":"Pod","metadata":{"name":"s"}}"#,
                    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"s-"}}"#,
                    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fine"}}"#,
                ]))
            let messages = run.remarks.map(\.message)
            #expect(messages.count == 3, "\(messages)")
            #expect(messages.contains { $0.contains("spec.ports[0].port") && $0.contains("cannot unmarshal string") })
            #expect(run.counts["ConfigMap"] == ObjectImport.Count(created: 1, refused: 1))
        }
    }
}
