import Addressing
import Foundation
import IPAM
import JSONTree
import KubernetesClient
import KubernetesModel
import KubernetesServer
import LinuxHost
import Testing
import YAMLTree

@testable import IPAMKubernetes

/// An API server with our CRDs, and agents' sources of addresses.
final class PoolRig: Sendable {
    let scratch: ScratchDirectory
    let clock = TestClock()
    let client: ClusterClient
    private let server: APIServer
    private let transport: HTTPTransport

    /// - Parameter hasRules: whether the server has the definitions' rules; one that does not know their language has not.
    init(hasRules: Bool = true) async throws {
        scratch = try ScratchDirectory()
        server = try await APIServer.start(APIServer.Configuration(directory: scratch.path + "/api", port: 0))
        let file = scratch.path + "/kubeconfig"
        try server.kubeconfig.write(to: file)
        var overrides = ConnectionOverrides()
        overrides.kubeconfig = file
        transport = HTTPTransport(try ClusterConnection.resolve(overrides, environment: Environment()))
        client = ClusterClient(transport, requestTimeout: .seconds(300))
        for name in ["ippools", "ipamblocks"] {
            let definition = try Self.definition(name)
            _ = try await definitions.create(hasRules ? definition : Self.withoutRules(definition))
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

    private var definitions: ResourceCollection {
        client.collection(
            GroupVersionResource(group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions"))
    }

    private static func definition(_ name: String) throws -> JSONValue {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("deploy/crds/\(name).yaml"), encoding: .utf8)
        return JSONValue(try JSONTree(yaml: text).root)
    }

    private static func withoutRules(_ value: JSONValue) -> JSONValue {
        switch value.kind {
        case .object:
            .object(
                value.members.filter { $0.key != "x-kubernetes-validations" && $0.key != "format" }
                    .map { JSONMember($0.key, withoutRules($0.value)) })
        case .array: .array(value.elements.map(withoutRules))
        default: value
        }
    }

    /// The server learns the rules of pools, as with a newer release of the manifests.
    func teachRules() async throws {
        let spec = try #require(try Self.definition("ippools").member("spec"))
        _ = try await definitions.patch("ippools.poplin.dev", .merge(["spec": spec]))
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
