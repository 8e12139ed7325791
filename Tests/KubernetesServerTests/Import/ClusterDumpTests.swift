import Findings
import Foundation
import JSONTree
import KubernetesModel
import Manifests
import Testing

@testable import KubernetesServer

/// What kubectl writes about one of our servers, imported into another: the first server is the peer.
@Suite("Import of a cluster's dump", .enabled(if: Kubectl.path != nil, "kubectl is not installed"))
struct ClusterDumpTests {
    private static let objects = """
        {"apiVersion":"v1","kind":"List","items":[
        {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}},
        {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"data"}},
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","labels":{"zone":"a"}},
        "spec":{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24"],"taints":[{"key":"k","effect":"NoSchedule"}]}},
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop","labels":{"app":"web"},
        "annotations":{"text":"==== START logs for container x of pod y ====\\n{\\"}"}},
        "spec":{"nodeName":"n1","containers":[{"name":"c","image":"nginx","ports":[{"containerPort":80,"name":"http"}],
        "resources":{"limits":{"cpu":"250m"}},"livenessProbe":{"httpGet":{"port":"http","path":"/x"}}}]}},
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"db","namespace":"data"},
        "spec":{"containers":[{"name":"c","image":"postgres"},{"name":"d","image":"sidecar"}]}},
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},
        "spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":"http"}]}},
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
        "spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
        "spec":{"containers":[{"name":"c","image":"nginx"}]}}}},
        {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent","namespace":"kube-system"},
        "spec":{"selector":{"matchLabels":{"app":"agent"}},"template":{"metadata":{"labels":{"app":"agent"}},
        "spec":{"hostNetwork":true,"containers":[{"name":"c","image":"agent"}]}}}},
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"web.1","namespace":"shop"},"reason":"Made",
        "message":"it was made","type":"Normal","involvedObject":{"kind":"Pod","name":"web","namespace":"shop"}}]}
        """

    private static let compared: [StoreKey] = [
        StoreKey("nodes", name: "n1"), StoreKey("pods", namespace: "shop", name: "web"),
        StoreKey("pods", namespace: "data", name: "db"), StoreKey("services", namespace: "shop", name: "web"),
        StoreKey("deployments.apps", namespace: "shop", name: "web"),
        StoreKey("daemonsets.apps", namespace: "kube-system", name: "agent"),
        StoreKey("events", namespace: "shop", name: "web.1"),
    ]

    @Test("cluster-info dump into a directory and onto standard output, and get -o yaml")
    func dump() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-dump-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: "\(directory)/server", port: 0))
        let path = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: path)
        func run(_ words: String..., input: String? = nil) async throws -> String {
            let answer = try await Kubectl.run(words, kubeconfig: path, input: input.map { Array($0.utf8) })
            #expect(answer.code == 0, "kubectl \(words): \(answer.error)")
            return answer.output
        }
        _ = try await run("create", "-f", "-", input: Self.objects)
        let status = #"{"status":{"phase":"Running","podIP":"10.1.0.9","podIPs":[{"ip":"10.1.0.9"}]}}"#
        _ = try await run("patch", "pod", "web", "-n", "shop", "--subresource=status", "--type=merge", "-p", status)
        _ = try await run("cluster-info", "dump", "--all-namespaces", "--output-directory=\(directory)/tree")
        let stream = try await run("cluster-info", "dump", "--all-namespaces")
        let kinds = "nodes,pods,services,deployments,daemonsets,events"
        let list = try await run("get", kinds, "-A", "-o", "yaml", "--show-managed-fields")
        try stream.write(toFile: "\(directory)/dump.txt", atomically: true, encoding: .utf8)
        try list.write(toFile: "\(directory)/list.yaml", atomically: true, encoding: .utf8)
        #expect(stream.contains("\n==== START logs for container c of pod shop/web ===="))
        for form in ["tree", "dump.txt", "list.yaml"] {
            let reading = ManifestReading(paths: ["\(directory)/\(form)"])
            #expect(reading.findings.map(\.message) == [], "\(form)")
            let copy = try ObjectStore(directory: "\(directory)/copy-\(form)")
            defer { copy.close() }
            var run = ObjectImport(into: copy, now: 1_700_000_000)
            try await run.run(reading.manifests)
            #expect(run.remarks.map(\.message) == [], "\(form)")
            for key in Self.compared {
                let there = try #require(try await server.store.object(key), "\(key)")
                let here = try #require(try await copy.object(key), "\(form): \(key)")
                #expect(here.uid == there.uid, "\(form): \(key)")
                let left = JSONValue.node(try JSONTree(parsing: there.bytes).root)
                let right = JSONValue.node(try JSONTree(parsing: here.bytes).root)
                // kubectl leaves managed fields out unless it is told to show them.
                let compared = form == "list.yaml" ? left : left.removing(at: ["metadata", "managedFields"])
                #expect(Self.missing(compared, in: right, "") == [], "\(form): \(key)")
            }
        }
        await server.shutdown()
    }

    /// The leaves of one object that the other has not. Versions are each store's own.
    private static func missing(_ left: JSONValue, in right: JSONValue?, _ path: String) -> [String] {
        if path == ".metadata.resourceVersion" { return [] }
        switch left.kind {
        case .object:
            return left.members.flatMap { missing($0.value, in: right?.member($0.key), "\(path).\($0.key)") }
        case .array:
            let elements = right?.elements ?? []
            if elements.count != left.elements.count { return ["\(path): \(left.elements.count) elements"] }
            return zip(left.elements, elements).enumerated().flatMap { index, pair in
                missing(pair.0, in: pair.1, "\(path)[\(index)]")
            }
        case .null: return []
        default: return right?.isEquivalent(to: left) == true ? [] : ["\(path): \(left)"]
        }
    }
}
