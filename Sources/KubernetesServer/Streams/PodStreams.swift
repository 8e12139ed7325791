import JSONTree
import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// `pods/exec`, `attach`, `portforward` and `log`: finds the pod's kubelet and hands the connection over, byte for byte.
/// What WebSocket or SPDY frames say is between the client and the kubelet.
///
/// Stands behind Access (which has asked whether the user may) and before Resources.
public struct PodStreams: RequestHandler {
    private let store: ObjectStore
    private let kubelets: any KubeletLocator
    private let dialer: KubeletDialer
    private let next: any RequestHandler

    public init(
        store: ObjectStore, kubelets: any KubeletLocator, next: any RequestHandler,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.store = store
        self.kubelets = kubelets
        self.next = next
        dialer = KubeletDialer(group: group)
    }

    public func handle(_ request: ServerRequest) async -> ServerResponse {
        guard let (kind, key) = Self.subject(request) else { return await next.handle(request) }
        do throws(Status) {
            return try await answer(request, kind, key)
        } catch {
            return .status(error)
        }
    }

    /// `/api/v1/namespaces/NAMESPACE/pods/NAME/SUBRESOURCE`.
    private static func subject(_ request: ServerRequest) -> (PodStreamTarget.Kind, StoreKey)? {
        let parts = request.segments
        guard parts.count == 7, parts[0] == "api", parts[1] == "v1", parts[2] == "namespaces", parts[4] == "pods",
            let kind = PodStreamTarget.Kind(rawValue: parts[6])
        else { return nil }
        return (kind, StoreKey("pods", namespace: parts[3], name: parts[5]))
    }

    static func object(_ key: StoreKey, in store: ObjectStore) async throws(Status) -> JSONNode? {
        do throws(StoreFailure) {
            guard let stored = try await store.object(key) else { return nil }
            do {
                return try JSONTree(parsing: stored.bytes).root
            } catch {
                throw StoreFailure.corrupt(path: "\(key)", reason: "\(error)")
            }
        } catch {
            throw .internalError("\(error)")
        }
    }

    private func answer(
        _ request: ServerRequest, _ kind: PodStreamTarget.Kind, _ key: StoreKey
    ) async throws(Status) -> ServerResponse {
        let isLog = kind == .log
        guard request.method == .get || (request.method == .post && !isLog) else { throw .methodNotAllowed }
        guard let root = try await Self.object(key, in: store) else {
            throw .notFound(GroupResource(resource: "pods"), key.name)
        }
        let pod: Pod
        do throws(FieldError) {
            pod = try Pod(decoding: root)
        } catch {
            throw .internalError("pod \(GoText.quoted(key.name)): \(error)")
        }
        let ephemeral = root.at("spec", "ephemeralContainers")?.elements.compactMap { $0.member("name")?.string } ?? []
        guard let target = try PodStreamTarget(kind, pod: pod, ephemeral: ephemeral, query: request.query) else {
            return .text("")
        }
        guard isLog || request.upgradeProtocol != nil else {
            throw .badRequest("Upgrade request required")
        }
        let endpoint = try await kubelets.endpoint(ofNode: target.node)
        let backend = try await dialer.send(
            request.method.name, target.target, Relay.forwarded(request.headers, isUpgrade: !isLog), to: endpoint)
        if isLog {
            guard (200...206).contains(backend.head.status) else { throw await Relay.refusal(backend) }
            return Relay.streamed(backend)
        }
        return backend.head.status == 101 ? Relay.spliced(backend) : await Relay.whole(backend)
    }
}
