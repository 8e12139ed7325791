import Addressing
import Findings
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Manifests

/// A lab through its API.
public struct LabCluster: Sendable {
    public let client: ClusterClient
    public let transport: HTTPTransport

    /// - Parameter component: who asks; stands in the audit log and in managed fields.
    public init(
        _ directory: LabDirectory, environment: Environment, version: String, component: String = "lab"
    ) throws(LabFailure) {
        var overrides = ConnectionOverrides()
        overrides.kubeconfig = directory.kubeconfig
        do {
            var connection = try ClusterConnection.resolve(overrides, environment: environment)
            connection.userAgent = UserAgent(version: version, component: component)
            transport = HTTPTransport(connection, environment: environment)
        } catch {
            throw LabFailure([error.finding])
        }
        client = ClusterClient(transport, fieldManager: "poplin-lab")
    }

    public func close() async { await transport.close() }

    /// Until the server answers.
    public func awaitAPI(limit: Duration = .seconds(60)) async throws(LabFailure) {
        let deadline = ContinuousClock.now + limit
        while true {
            do throws(KubernetesFailure) {
                _ = try await client.serverVersion()
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw LabFailure([error.finding]) }
            }
            try await pause()
        }
    }

    /// What a node says of itself.
    public struct NodeReport: Hashable, Sendable {
        public var name: String
        public var isReady: Bool
        /// Why it is not.
        public var message: String
    }

    public func nodes() async throws(LabFailure) -> [NodeReport] {
        do throws(KubernetesFailure) {
            return try await client.list(Node.self).objects.map { node in
                let ready = node.conditions.first { $0.type == "Ready" }
                return NodeReport(
                    name: node.metadata.name, isReady: ready?.status == "True",
                    message: ready.map { $0.message.isEmpty ? $0.reason : $0.message } ?? "its kubelet said nothing yet"
                )
            }.sorted { $0.name < $1.name }
        } catch {
            throw LabFailure([error.finding])
        }
    }

    /// Until `isEnough` of the nodes' reports.
    public func awaitNodes(
        limit: Duration = .seconds(60), _ isEnough: @Sendable ([NodeReport]) -> Bool
    ) async throws(LabFailure) {
        let deadline = ContinuousClock.now + limit
        while true {
            let reports = try await nodes()
            if isEnough(reports) { return }
            guard ContinuousClock.now < deadline else {
                throw LabFailure(
                    "nodes are not ready after \(limit.components.seconds) s",
                    because: reports.filter { !$0.isReady }.map { "\($0.name): \($0.message)" },
                    next: "poplin lab logs NODE shows what its kubelet says")
            }
            try await pause()
        }
    }

    /// Applies objects in the order given (server-side apply); kinds that a definition among them brings are waited for.
    public func apply(_ objects: [Manifest], limit: Duration = .seconds(30)) async throws(LabFailure) {
        let deadline = ContinuousClock.now + limit
        let discovery = Discovery(client)
        for object in objects {
            while true {
                do throws(KubernetesFailure) {
                    if let served = try await discovery.resource(of: object.gvk) {
                        let collection = client.collection(
                            served.resource,
                            namespace: served.isNamespaced
                                ? (object.namespace.isEmpty ? "default" : object.namespace) : "")
                        _ = try await collection.apply(object.name, JSONValue(object.node), force: true)
                        break
                    }
                    guard ContinuousClock.now < deadline else {
                        throw KubernetesFailure(.malformed("the server has no kind \(object.gvk.kind)"))
                    }
                } catch {
                    // A definition that was just made, or an API server that was just started again.
                    guard ContinuousClock.now < deadline, Self.mayPass(error) else {
                        throw LabFailure(
                            [error.finding]
                                + [Finding(.note, code: "lab", "while applying \(object.gvk.kind) \(object.name)")])
                    }
                }
                await discovery.forget()
                try await pause()
            }
        }
    }

    private static func mayPass(_ failure: KubernetesFailure) -> Bool {
        guard let status = failure.status else { return true }
        return status.code == 404 || status.code >= 500 || status.code == 429
    }

    private func pause() async throws(LabFailure) {
        do { try await Task.sleep(for: .milliseconds(50)) } catch { throw LabFailure("interrupted") }
    }
}

extension LabCluster {
    /// A pool of the pod networks, so that pods get addresses. Whoever made pools of their own keeps those.
    func makePoolUnlessThereIsOne(_ specification: LabSpecification) async throws(LabFailure) {
        do throws(KubernetesFailure) {
            guard try await client.collection(Self.pools).all().items.isEmpty else { return }
        } catch {
            // The definition was made a moment ago.
            guard error.status?.isNotFound == true else { throw LabFailure([error.finding]) }
        }
        let pool: JSONValue = [
            "apiVersion": "poplin.dev/v1alpha1", "kind": "IPPool", "metadata": ["name": "default"],
            "spec": ["cidrs": .array(specification.podNetworks.map { .string($0.description) })],
        ]
        try await apply([pool])
    }

    /// Applies objects of the lab's own.
    func apply(_ objects: [JSONValue], limit: Duration = .seconds(30)) async throws(LabFailure) {
        var manifests: [Manifest] = []
        for object in objects {
            do {
                manifests.append(try Manifest(object.tree().root, file: "the lab's own objects"))
            } catch {
                throw LabFailure("an object of the lab's own: \(error)")
            }
        }
        try await apply(manifests, limit: limit)
    }

    private static let pools = GroupVersionResource(group: "poplin.dev", version: "v1alpha1", resource: "ippools")

    /// Deletes a Node object; one that is not there is fine.
    public func deleteNode(_ name: String) async throws(LabFailure) {
        do throws(KubernetesFailure) {
            _ = try await client.collection(of: Node.self).delete(name)
        } catch {
            if error.status?.isNotFound == true { return }
            throw LabFailure([error.finding])
        }
    }
}
