import Addressing
import Foundation
import IPAM
import JSONTree
import KubernetesClient
import KubernetesModel
import KubernetesServer
import LinuxHost
import YAMLTree

@testable import IPAMKubernetes

/// An API server with our CRDs, and agents' sources of addresses.
final class PoolRig: Sendable {
    let scratch: ScratchDirectory
    let clock = TestClock()
    let client: ClusterClient
    private let server: APIServer
    private let transport: HTTPTransport

    init() async throws {
        scratch = try ScratchDirectory()
        server = try await APIServer.start(APIServer.Configuration(directory: scratch.path + "/api", port: 0))
        let file = scratch.path + "/kubeconfig"
        try server.kubeconfig.write(to: file)
        var overrides = ConnectionOverrides()
        overrides.kubeconfig = file
        transport = HTTPTransport(try ClusterConnection.resolve(overrides, environment: Environment()))
        client = ClusterClient(transport, requestTimeout: .seconds(300))
        let definitions = client.collection(
            GroupVersionResource(
                group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions"))
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        for name in ["ippools", "ipamblocks"] {
            let text = try String(contentsOf: root.appendingPathComponent("deploy/crds/\(name).yaml"), encoding: .utf8)
            _ = try await definitions.create(JSONValue(try JSONTree(yaml: text).root))
        }
        // Until the API serves them; a minute is more than it ever takes.
        for _ in 0..<3000 {
            let hasPools = (try? await client.list(IPPool.self)) != nil
            let hasBlocks = (try? await client.list(IPAMBlock.self)) != nil
            if hasPools && hasBlocks { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw AddressSourceError(.unreachable, "the API server does not serve the custom resources")
    }

    func stop() async {
        await transport.close()
        await server.shutdown()
    }

    func pool(_ name: String, _ spec: JSONValue) async throws {
        _ = try await client.collection(of: IPPool.self).create([
            "apiVersion": "poplin.dev/v1alpha1", "kind": "IPPool", "metadata": ["name": .string(name)], "spec": spec,
        ])
    }

    func source(
        _ node: String, labels: [String: String] = [:], cooldown: Int = 150, mostBlocks: Int = 20,
        judge: @escaping PoolSource.Judge = { _ in [:] },
        onRangesChanged: @escaping @Sendable ([IPPrefix]) async -> Void = { _ in }
    ) throws -> PoolSource {
        PoolSource(
            client,
            settings: .init(node: node, nodeLabels: labels, cooldown: cooldown, mostBlocks: mostBlocks),
            book: try AddressBook(
                directory: scratch.path + "/" + node, rest: UInt64(cooldown), boot: "b", now: clock.now),
            judge: judge, onRangesChanged: onRangesChanged)
    }

    func blocks() async throws -> [IPAMBlock] {
        try await client.list(IPAMBlock.self).objects.sorted { $0.cidr < $1.cidr }
    }
}
