/// Who asks, as authentication found out (`k8s.io/apiserver/pkg/authentication/user`).
public struct UserInfo: Hashable, Sendable {
    public var name: String
    public var uid: String
    public var groups: [String]
    /// More about the user, such as `authentication.kubernetes.io/pod-name` of a service account token.
    public var extra: [String: [String]]

    public init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    public static let anonymous = UserInfo(name: "system:anonymous", groups: ["system:unauthenticated"])
}

/// What TLS found out about the other end. Whether to believe it is for Access to decide.
public struct ClientCertificate: Hashable, Sendable {
    /// The subject's common name: Kubernetes' user name.
    public var commonName: String
    /// The subject's organizations: Kubernetes' groups.
    public var organizations: [String]
    /// Signed by this server's CA and inside its time. What is not is handed over too, so that the answer can say so.
    public var isTrusted: Bool
    /// Why it is not trusted.
    public var reason: String?

    public init(commonName: String, organizations: [String], isTrusted: Bool, reason: String? = nil) {
        self.commonName = commonName
        self.organizations = organizations
        self.isTrusted = isTrusted
        self.reason = reason
    }
}

/// The other end of a connection.
public struct ConnectionPeer: Hashable, Sendable {
    /// An address without its port; empty where there is none (tests, unix sockets).
    public var address: String
    public var certificate: ClientCertificate?
    public var isEncrypted: Bool

    public init(address: String = "", certificate: ClientCertificate? = nil, isEncrypted: Bool = false) {
        self.address = address
        self.certificate = certificate
        self.isEncrypted = isEncrypted
    }
}
