/// Everything that is needed to talk to one API server as one user: what a kubeconfig, a pod's service account or a
/// test comes down to.
public struct ClusterConnection: Sendable {
    /// Where the particulars come from, for messages.
    public var origin: KubernetesFailure.Origin
    public var server: ServerAddress
    /// The certificates that vouch for the server; nil means the system's.
    public var authority: Material?
    public var isVerificationSkipped: Bool
    /// The name that is asked for in the handshake and that the certificate must have, instead of the host.
    public var serverName: String?
    public var proxy: ServerAddress?
    public var clientCertificate: ClientCertificate?
    public var credentials: CredentialSource
    public var impersonation: Impersonation?
    /// Where namespaced objects are looked for when nobody says so.
    public var namespace: String
    public var userAgent: UserAgent
    /// How long a request that is no stream may take, tries included.
    public var requestTimeout: Duration

    public init(
        server: ServerAddress, origin: KubernetesFailure.Origin = KubernetesFailure.Origin(),
        authority: Material? = nil, isVerificationSkipped: Bool = false, serverName: String? = nil,
        proxy: ServerAddress? = nil, clientCertificate: ClientCertificate? = nil,
        credentials: CredentialSource = .none, impersonation: Impersonation? = nil, namespace: String = "default",
        userAgent: UserAgent = UserAgent(), requestTimeout: Duration = .seconds(60)
    ) {
        self.server = server
        self.origin = origin
        self.origin.server = server.description
        self.authority = authority
        self.isVerificationSkipped = isVerificationSkipped
        self.serverName = serverName
        self.proxy = proxy
        self.clientCertificate = clientCertificate
        self.credentials = credentials
        self.impersonation = impersonation
        self.namespace = namespace
        self.userAgent = userAgent
        self.requestTimeout = requestTimeout
    }
}

/// What is sent in `Authorization`, and where it comes from.
public enum CredentialSource: Sendable, Hashable {
    case none
    case token(String)
    /// Read again while we run: a pod's token is replaced before it expires.
    case tokenFile(String)
    case basic(user: String, password: String)
    case plugin(ExecPlugin)
}

/// Acting as somebody else (`--as`); the API server checks the verb `impersonate`.
public struct Impersonation: Sendable, Hashable {
    public var user: String
    public var uid: String
    public var groups: [String]
    public var extra: [KubernetesField]

    public init(user: String, uid: String = "", groups: [String] = [], extra: [KubernetesField] = []) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// The header fields that stand for it (kubernetes.io, "user impersonation").
    var headers: [KubernetesField] {
        [KubernetesField("Impersonate-User", user)]
            + (uid.isEmpty ? [] : [KubernetesField("Impersonate-Uid", uid)])
            + groups.map { KubernetesField("Impersonate-Group", $0) }
            + extra.map { KubernetesField("Impersonate-Extra-\(PercentEncoding.headerKey($0.name))", $0.value) }
    }
}

/// Who we say we are; it shows in audit logs and in `managedFields`.
public struct UserAgent: Sendable, Hashable, CustomStringConvertible {
    public var program: String
    public var version: String
    /// `agent`, `doctor`: which part of the program it is.
    public var component: String

    public init(program: String = "poplin", version: String = "", component: String = "") {
        self.program = program
        self.version = version
        self.component = component
    }

    #if arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "amd64"
    #endif

    public var description: String {
        let name = version.isEmpty ? program : "\(program)/\(version)"
        return "\(name) (linux/\(Self.architecture))" + (component.isEmpty ? "" : " \(component)")
    }
}
