import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// The embedded Kubernetes API server: the store, the layers that answer, TLS. In a process of its own
/// (`poplin apiserver`) or inside another (the lab, tests).
public final class APIServer: Sendable {
    public struct Configuration: Sendable {
        /// Keeps everything: objects, keys, certificates.
        public var directory: String
        /// At least one. The first is where a kubeconfig of this server points to, unless `advertised` says otherwise.
        public var listeners: [HTTPServer.Listener]
        /// What kubeconfigs name instead: `https://10.0.0.1:6443`. Covered by the certificate.
        public var advertised: String?
        /// More names and addresses the server is reached by, for its certificate.
        public var names: [String] = []
        public var retention = ObjectStore.Retention()
        public var limits = HTTPServer.Limits()
        /// Bearer tokens that are known from the start, and whose they are.
        public var tokens: [String: UserInfo] = [:]
        public var logger: Logger

        public init(directory: String, host: String = "127.0.0.1", port: Int = 6443, logger: Logger? = nil) {
            self.init(directory: directory, listeners: [.address(host: host, port: port)], logger: logger)
        }

        public init(directory: String, listeners: [HTTPServer.Listener], logger: Logger? = nil) {
            self.directory = directory
            self.listeners = listeners
            self.logger = logger ?? .silent
        }
    }

    public let store: ObjectStore
    public let certificates: CertificateDirectory
    /// `https://127.0.0.1:6443`: what is advertised, otherwise the first listener.
    public let endpoint: String
    /// Of the first listener.
    public var port: Int { http.address.port ?? 0 }
    /// Where the listeners are, in their order: `127.0.0.1:6443`, `[::1]:6443`.
    public var addresses: [String] {
        http.addresses.map { HTTPServer.Listener.address(host: $0.ipAddress ?? "", port: $0.port ?? 0).description }
    }
    private let http: HTTPServer
    /// What follows the store beside the requests.
    private let background: Task<Void, Never>
    private let logger: Logger

    private init(
        store: ObjectStore, certificates: CertificateDirectory, http: HTTPServer, background: Task<Void, Never>,
        endpoint: String, logger: Logger
    ) {
        self.background = background
        self.store = store
        self.certificates = certificates
        self.http = http
        self.endpoint = endpoint
        self.logger = logger
    }

    /// Opens the directory and serves. When this returns the server answers.
    public static func start(_ configuration: Configuration) async throws(APIServerFailure) -> APIServer {
        guard !configuration.listeners.isEmpty else { throw .listen("nothing: no address was given") }
        let advertised = try configuration.advertised.map { (text) throws(APIServerFailure) in
            try AdvertisedURL(text)
        }
        var places: [HTTPServer.Place] = []
        for listener in configuration.listeners {
            do throws(HTTPServer.ListenerFailure) {
                places.append(try HTTPServer.Place(listener))
            } catch {
                throw .listen("\(error)")
            }
        }
        let store: ObjectStore
        do throws(StoreFailure) {
            store = try ObjectStore(directory: configuration.directory, retention: configuration.retention)
        } catch {
            throw .store(error)
        }
        do throws(APIServerFailure) {
            return try await start(configuration, at: places, advertised, on: store)
        } catch {
            store.close()
            throw error
        }
    }

    private static func start(
        _ configuration: Configuration, at places: [HTTPServer.Place], _ advertised: AdvertisedURL?,
        on store: ObjectStore
    ) async throws(APIServerFailure) -> APIServer {
        let certificates: CertificateDirectory
        let security: HTTPServer.Security
        let kubelets: KubeletEndpoint.Security
        do {
            certificates = try CertificateDirectory(
                "\(configuration.directory)/pki", names: ReachableNames.of(places, advertised, configuration.names))
            security = try tls(certificates)
            kubelets = .tls(try kubeletClient(certificates), name: nil)
        } catch {
            throw .certificates("\(error)")
        }
        let metrics = ServerMetrics()
        let access: ServerAccess
        do {
            var wanted = ServerAccess.Configuration(
                tokenKey: try ServerAccess.tokenKey(keptAt: "\(configuration.directory)/pki/service-accounts.key"),
                authority: certificates.authority.pair.certificate)
            wanted.staticTokens = configuration.tokens
            access = try await ServerAccess(wanted, store: store, logger: configuration.logger)
        } catch {
            throw .access("\(error)")
        }
        let api = ResourceServer(
            store: store, reviews: [access.control], next: NothingHere(),
            address: clusterAddress(places, advertised))
        do throws(StoreFailure) {
            try await api.prepare()
        } catch {
            throw .store(error)
        }
        let nodes = NodeKubelets(store: store, security: kubelets)
        let documents = OpenAPIHandler(of: api.registry, next: WebSocketWatches(next: api))
        let proxies: ResourceProxies
        do {
            proxies = try ResourceProxies(store: store, kubelets: nodes, next: documents)
        } catch {
            throw .certificates("\(error)")
        }
        let streams = PodStreams(store: store, kubelets: nodes, next: proxies)
        let handler = layers(access, store, metrics, streams)
        let http: HTTPServer
        do {
            http = try await HTTPServer.start(
                handler, at: places, security: security, limits: configuration.limits, metrics: metrics,
                logger: configuration.logger)
        } catch {
            throw .listen("\(error)")
        }
        let first = HTTPServer.Listener.address(
            host: places[0].isWildcard ? "127.0.0.1" : places[0].host, port: http.address.port ?? 0)
        let background = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await access.run() }
                group.addTask { await api.run() }
            }
        }
        return APIServer(
            store: store, certificates: certificates, http: http, background: background,
            endpoint: advertised?.text ?? "https://\(first)", logger: configuration.logger)
    }

    /// From the outside in: health and version; then who asks and whether they may; then the API.
    private static func layers(
        _ access: ServerAccess, _ store: ObjectStore, _ metrics: ServerMetrics, _ api: any RequestHandler
    ) -> any RequestHandler {
        let counted = MetricsEndpoint(
            text: {
                metrics.text() + """
                    # HELP poplin_apiserver_revision The last durable revision.
                    # TYPE poplin_apiserver_revision gauge
                    poplin_apiserver_revision \(store.revision)
                    # HELP poplin_apiserver_compacted_revision Events up to here are forgotten.
                    # TYPE poplin_apiserver_compacted_revision gauge
                    poplin_apiserver_compacted_revision \(store.compacted)

                    """
            }, next: api)
        return ServiceEndpoints(
            checks: [
                .init(name: "ping", isForLiveness: true) { nil },
                .init(name: "store", isForLiveness: false) { await store.objection() },
            ], next: CompressedBodies(next: ProtobufBodies(next: access.handler(for: counted))))
    }

    /// Where pods and clients in the cluster find the server: what other machines can reach comes first.
    private static func clusterAddress(_ places: [HTTPServer.Place], _ advertised: AdvertisedURL?) -> String {
        var candidates = places.map { HTTPServer.Listener.address(host: $0.host, port: $0.port).description }
        if let advertised { candidates.append(advertised.address) }
        return candidates.first { !ClusterObjects.endpoints($0).isEmpty } ?? candidates[0]
    }

    private static func tls(_ certificates: CertificateDirectory) throws -> HTTPServer.Security {
        let own = try NIOSSLCertificate.fromPEMBytes(Array(certificates.server.certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(certificates.server.key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: own.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(certificates.authority.pair.certificate.utf8)))
        configuration.sendCANameList = true
        configuration.applicationProtocols = ["http/1.1"]
        let authority = certificates.authority
        return HTTPServer.Security(context: try NIOSSLContext(configuration: configuration)) { shown in
            guard let bytes = try? shown.toDERBytes() else {
                return ClientCertificate(
                    commonName: "", organizations: [], isTrusted: false, reason: "it cannot be read")
            }
            return authority.judge(der: bytes)
        }
    }

    /// How the server shows itself to kubelets, and whose kubelets it believes.
    private static func kubeletClient(_ certificates: CertificateDirectory) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(certificates.authority.pair.certificate.utf8)))
        configuration.certificateChain =
            try NIOSSLCertificate.fromPEMBytes(Array(certificates.admin.certificate.utf8)).map { .certificate($0) }
        configuration.privateKey = .privateKey(
            try NIOSSLPrivateKey(bytes: Array(certificates.admin.key.utf8), format: .pem))
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    /// A kubeconfig with the administrator's certificate.
    public var kubeconfig: Kubeconfig {
        Kubeconfig(
            server: endpoint, authority: certificates.authority.pair.certificate, user: "kubernetes-admin",
            credential: .certificate(certificates.admin))
    }

    /// Watches end, requests under way are answered, everything accepted is on disk, the directory is free.
    public func shutdown(grace: Duration = .seconds(5)) async {
        await http.shutdown(grace: grace)
        background.cancel()
        store.close()
        logger.info("stopped")
    }
}

/// Why a server did not start.
public enum APIServerFailure: Error, CustomStringConvertible {
    case store(StoreFailure)
    case certificates(String)
    case access(String)
    /// Where, and why not.
    case listen(String)
    case advertised(String)

    public var description: String {
        switch self {
        case .store(let failure): failure.description
        case .certificates(let reason), .access(let reason), .advertised(let reason): reason
        case .listen(let reason): "cannot listen on \(reason)"
        }
    }
}

extension ObjectStore {
    /// For `/readyz`: nil when the database answers.
    func objection() async -> String? {
        do throws(StoreFailure) {
            _ = try await database.read { try $0.state() }
            return nil
        } catch {
            return error.description
        }
    }
}
