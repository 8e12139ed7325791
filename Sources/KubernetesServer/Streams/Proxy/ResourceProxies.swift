import Addressing
import JSONTree
import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The `proxy` subresources of nodes, pods and services: the request goes on to the kubelet, or straight to the
/// address of the pod or of one of the service's endpoints, dialled from the server's own network namespace.
///
/// Stands behind Access, whose rules name `nodes/proxy`, `pods/proxy` and `services/proxy`; a client's credentials stay
/// there. Links inside HTML pages are not rewritten, unlike a kube-apiserver's.
struct ResourceProxies: RequestHandler {
    let store: ObjectStore
    let kubelets: any KubeletLocator
    let next: any RequestHandler
    /// Addresses that may be asked for. Through its own loopback the server would let clients past what guards the
    /// machine it runs on.
    let allows: @Sendable (IPAddress) -> Bool
    private let dialer: KubeletDialer
    /// Nobody says whom a backend's certificate should be for: it is not checked, as in a kube-apiserver.
    private let unverified: NIOSSLContext

    init(
        store: ObjectStore, kubelets: any KubeletLocator, next: any RequestHandler,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        allows: @escaping @Sendable (IPAddress) -> Bool = {
            !$0.isLoopback && !$0.isLinkLocal && !$0.isMulticast && !$0.isUnspecified
        }
    ) throws {
        self.store = store
        self.kubelets = kubelets
        self.next = next
        self.allows = allows
        dialer = KubeletDialer(group: group, timeout: nil)
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["http/1.1"]
        unverified = try NIOSSLContext(configuration: configuration)
    }

    func handle(_ request: ServerRequest) async -> ServerResponse {
        guard let wanted = ProxyRequest(request) else { return await next.handle(request) }
        do throws(Status) {
            guard let name = ProxyRequest.Name(wanted.text) else {
                throw ProxyLocation.invalid(String(wanted.subject.rawValue.dropLast()), wanted.text)
            }
            let endpoint = try await endpoint(wanted, name)
            if wanted.path.isEmpty, request.method == .get || request.method == .head {
                return Self.slashAdded(request, wanted)
            }
            return try await answer(request, wanted, endpoint)
        } catch {
            return .status(error)
        }
    }

    /// Relative links of a page at `…/proxy` would lead beside it.
    private static func slashAdded(_ request: ServerRequest, _ wanted: ProxyRequest) -> ServerResponse {
        let query = wanted.target(request.query)
        return ServerResponse(status: 301, headers: ["Location": "\(request.path)/\(query)"])
    }

    // MARK: - Where

    private func endpoint(_ wanted: ProxyRequest, _ name: ProxyRequest.Name) async throws(Status) -> KubeletEndpoint {
        switch wanted.subject {
        case .nodes:
            var endpoint = try await kubelets.endpoint(ofNode: name.name)
            // Any port but the kubelet's is a server of the node's own.
            if !name.port.isEmpty, name.number != endpoint.port {
                guard let number = name.number, number > 0 else { throw ProxyLocation.invalid("node", wanted.text) }
                endpoint.port = number
                endpoint.security = security(isTLS: name.scheme == "https")
                if let address = IPAddress(endpoint.host), !allows(address) { throw .badRequest("address not allowed") }
            }
            return endpoint
        case .pods:
            let pod = try await decoded(Pod.self, "pods", wanted.namespace, name.name)
            return try endpoint(try ProxyLocation.place(of: pod, name))
        case .services:
            let service = try await decoded(Service.self, "services", wanted.namespace, name.name)
            let port = try ProxyLocation.portName(of: service, name)
            let places = ProxyLocation.places(
                try? await decoded(Endpoints.self, "endpoints", wanted.namespace, name.name),
                try await slices(in: wanted.namespace), port: port, name)
            guard let place = places.randomElement() else {
                throw .serviceUnavailable("no endpoints available for service \(GoText.quoted(wanted.text))")
            }
            return try endpoint(place)
        }
    }

    private func endpoint(_ place: ProxyLocation.Place) throws(Status) -> KubeletEndpoint {
        guard let address = IPAddress(place.host), allows(address) else { throw .badRequest("address not allowed") }
        return KubeletEndpoint(host: place.host, port: place.port, security: security(isTLS: place.isTLS))
    }

    private func security(isTLS: Bool) -> KubeletEndpoint.Security { isTLS ? .tls(unverified, name: nil) : .plain }

    private func decoded<Kind: KubernetesKind>(
        _ kind: Kind.Type, _ collection: String, _ namespace: String, _ name: String
    ) async throws(Status) -> Kind {
        guard let root = try await PodStreams.object(StoreKey(collection, namespace: namespace, name: name), in: store)
        else { throw .notFound(GroupResource(resource: collection), name) }
        do throws(FieldError) {
            return try Kind(decoding: root)
        } catch {
            throw .internalError("\(collection) \(GoText.quoted(name)): \(error)")
        }
    }

    private func slices(in namespace: String) async throws(Status) -> [EndpointSlice] {
        do throws(StoreFailure) {
            let page = try await store.list(ListQuery("endpointslices.discovery.k8s.io", namespace: namespace))
            return page.objects.compactMap { object in
                (try? JSONTree(parsing: object.bytes).root).flatMap { try? EndpointSlice(decoding: $0) }
            }
        } catch {
            throw Status(error)
        }
    }

    // MARK: - The exchange

    private func answer(
        _ request: ServerRequest, _ wanted: ProxyRequest, _ endpoint: KubeletEndpoint
    ) async throws(Status) -> ServerResponse {
        let isUpgrade = request.upgradeProtocol != nil
        var headers = Relay.forwarded(request.headers, isUpgrade: isUpgrade)
        let path = request.path.utf8.count - wanted.path.utf8.count
        let prefix = String(decoding: request.path.utf8.prefix(path), as: UTF8.self)
        headers.add(name: "X-Forwarded-For", value: request.peer.address)
        headers.add(name: "X-Forwarded-Uri", value: request.path)
        headers.add(name: "X-Forwarded-Proto", value: request.peer.isEncrypted ? "https" : "http")
        if let host = request.headers.first(name: "host") { headers.add(name: "X-Forwarded-Host", value: host) }
        let backend: KubeletAnswer
        do throws(Status) {
            backend = try await dialer.send(
                request.method.name, wanted.target(request.query), headers, body: request.body, to: endpoint)
        } catch {
            throw .serviceUnavailable("error trying to reach service: \(error.message)")
        }
        if backend.head.status == 101, isUpgrade { return Relay.spliced(backend) }
        var response = Relay.streamed(backend, toHead: request.method == .head)
        // Where the backend sends on to a path of its own, that path is behind the proxy.
        if let location = response.headers.first(name: "location"), location.hasPrefix("/"), !location.hasPrefix("//") {
            response.headers.replaceOrAdd(name: "Location", value: prefix + location)
        }
        return response
    }
}
