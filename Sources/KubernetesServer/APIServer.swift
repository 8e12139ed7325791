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
        public var host: String
        /// 0 takes a free one: see ``APIServer/endpoint``.
        public var port: Int
        /// More names and addresses the server is reached by, for its certificate.
        public var names: [String] = []
        public var retention = ObjectStore.Retention()
        public var limits = HTTPServer.Limits()
        /// Bearer tokens that are known from the start, and whose they are.
        public var tokens: [String: UserInfo] = [:]
        public var logger: Logger

        public init(directory: String, host: String = "127.0.0.1", port: Int = 6443, logger: Logger? = nil) {
            self.directory = directory
            self.host = host
            self.port = port
            self.logger = logger ?? .silent
        }
    }

    public let store: ObjectStore
    public let certificates: CertificateDirectory
    /// `https://127.0.0.1:6443`
    public let endpoint: String
    public let port: Int
    private let http: HTTPServer
    /// What follows the store beside the requests.
    private let background: Task<Void, Never>
    private let logger: Logger

    private init(
        store: ObjectStore, certificates: CertificateDirectory, http: HTTPServer, background: Task<Void, Never>,
        endpoint: String, port: Int, logger: Logger
    ) {
        self.background = background
        self.store = store
        self.certificates = certificates
        self.http = http
        self.endpoint = endpoint
        self.port = port
        self.logger = logger
    }

    /// Opens the directory and serves. When this returns the server answers.
    public static func start(_ configuration: Configuration) async throws(APIServerFailure) -> APIServer {
        let store: ObjectStore
        do throws(StoreFailure) {
            store = try ObjectStore(directory: configuration.directory, retention: configuration.retention)
        } catch {
            throw .store(error)
        }
        do throws(APIServerFailure) {
            return try await start(configuration, on: store)
        } catch {
            store.close()
            throw error
        }
    }

    private static func start(
        _ configuration: Configuration, on store: ObjectStore
    ) async throws(APIServerFailure) -> APIServer {
        let certificates: CertificateDirectory
        let security: HTTPServer.Security
        let kubelets: KubeletEndpoint.Security
        do {
            certificates = try CertificateDirectory(
                "\(configuration.directory)/pki", names: reachableNames(configuration))
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
            address: "\(configuration.host):\(configuration.port)")
        do throws(StoreFailure) {
            try await api.prepare()
        } catch {
            throw .store(error)
        }
        let streams = PodStreams(
            store: store, kubelets: NodeKubelets(store: store, security: kubelets),
            next: OpenAPIHandler(of: api.registry, next: api))
        let handler = layers(access, store, metrics, streams)
        let http: HTTPServer
        do {
            http = try await HTTPServer.start(
                handler, host: configuration.host, port: configuration.port, security: security,
                limits: configuration.limits, metrics: metrics, logger: configuration.logger)
        } catch {
            throw .listen("\(configuration.host):\(configuration.port)", "\(error)")
        }
        let port = http.address.port ?? configuration.port
        let isWildcard = ["0.0.0.0", "::", "[::]", ""].contains(configuration.host)
        let host = isWildcard ? "127.0.0.1" : configuration.host
        let endpoint = host.contains(":") ? "https://[\(host)]:\(port)" : "https://\(host):\(port)"
        let background = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await access.run() }
                group.addTask { await api.run() }
            }
        }
        return APIServer(
            store: store, certificates: certificates, http: http, background: background, endpoint: endpoint,
            port: port, logger: configuration.logger)
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
            ], next: ProtobufBodies(next: access.handler(for: counted)))
    }

    private static func reachableNames(_ configuration: Configuration) -> [String] {
        var names = [
            "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local", "127.0.0.1", "::1", "10.96.0.1",
        ]
        if ["0.0.0.0", "::", "[::]", ""].contains(configuration.host) {
            // Every address of the machine is an address of the server.
            for device in (try? System.enumerateDevices()) ?? [] {
                // A scoped address (fe80::1%eth0) means nothing elsewhere.
                if let address = device.address?.ipAddress, !address.contains("%") { names.append(address) }
            }
        } else {
            names.append(configuration.host)
        }
        for name in configuration.names where !names.contains(name) { names.append(name) }
        return names
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
    case listen(String, String)

    public var description: String {
        switch self {
        case .store(let failure): failure.description
        case .certificates(let reason), .access(let reason): reason
        case .listen(let address, let reason): "cannot listen on \(address): \(reason)"
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
