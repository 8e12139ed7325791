import KubernetesModel
import LinuxHost
import Logging

/// Access of one server, put together: what a server starts, runs beside its requests, and puts in front of them.
public struct ServerAccess: Sendable {
    public struct Configuration: Sendable {
        /// Bearer tokens with their users, as `--token-auth-file` gives them to a kube-apiserver.
        public var staticTokens: [String: UserInfo] = [:]
        public var allowsAnonymous = true
        /// PEM of the P-256 key that signs tokens of service accounts, see ``ServiceAccountIssuer/newKey()``.
        public var tokenKey: String
        /// PEM of the authority that signed the server's certificate: what pods find in `kube-root-ca.crt`.
        public var authority: String

        public init(tokenKey: String, authority: String) {
            self.tokenKey = tokenKey
            self.authority = authority
        }
    }

    public let control: AccessControl
    public let authenticator: Authenticator
    private let defaults: NamespaceDefaults
    private let logger: Logger

    /// Puts the roles every cluster begins with into the store and reads those that are there.
    public init(_ configuration: Configuration, store: ObjectStore, logger: Logger) async throws {
        authenticator = Authenticator(
            staticTokens: configuration.staticTokens,
            issuer: try await ServiceAccountIssuer(key: configuration.tokenKey),
            allowsAnonymous: configuration.allowsAnonymous
        ) { (key) throws(StoreFailure) in try await store.object(key) }
        control = AccessControl(store: store)
        defaults = NamespaceDefaults(store: store, authority: configuration.authority)
        self.logger = logger
        try await BootstrapPolicy.ensure(in: store)
        try await control.load()
        try await control.writeAggregates()
    }

    /// The layer in front of everything that is served.
    public func handler(for next: any RequestHandler) -> AccessHandler {
        AccessHandler(authenticator: authenticator, control: control, next: next, logger: logger)
    }

    /// Follows roles, bindings and namespaces until the task is cancelled or the store is closed.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await control.follow() }
            group.addTask { await defaults.follow() }
        }
    }

    /// The signing key kept in a file, made with mode 0600 when there is none: tokens outlive a restart.
    public static func tokenKey(keptAt path: String) throws -> String {
        if let bytes = try AtomicFile.read(path) { return String(decoding: bytes, as: UTF8.self) }
        let key = ServiceAccountIssuer.newKey()
        try AtomicFile.write(path, key.utf8, mode: 0o600, durability: .machine)
        return key
    }
}
