/// Why there is no answer, or not the one that was asked for. Every failure says where: the file and context the
/// connection came from, the server, and the request.
public struct KubernetesFailure: Error, Sendable, Hashable {
    public var kind: Kind
    public var origin: Origin
    /// `GET /api/v1/pods`; empty when there was no request yet.
    public var request: String

    public init(_ kind: Kind, origin: Origin = Origin(), request: String = "") {
        self.kind = kind
        self.origin = origin
        self.request = request
    }

    public enum Kind: Sendable, Hashable {
        /// No connection: name not found, refused, no route, connecting took too long.
        case unreachable(String)
        /// The connection was made, but one side does not trust the other.
        case tls(TLSFault)
        /// There are no credentials to send: a token file, a certificate or a plugin is at fault.
        case authentication(AuthenticationFault)
        /// The server answered with a `Status`.
        case status(ServerStatus)
        /// The answer is not what the protocol says it must be.
        case malformed(String)
        /// The answer is longer than the caller allows (bytes).
        case tooLarge(limit: Int)
        /// The connection ended in the middle of the answer.
        case cutOff(String)
        /// No complete answer within this time.
        case timedOut(after: Duration)
        case cancelled
    }

    /// Where a connection's particulars come from.
    public struct Origin: Sendable, Hashable {
        /// The kubeconfig file or files, `in-cluster`, or nil.
        public var file: String?
        public var context: String?
        public var cluster: String?
        public var user: String?
        /// `https://10.96.0.1:443`.
        public var server: String?

        public init(
            file: String? = nil, context: String? = nil, cluster: String? = nil, user: String? = nil,
            server: String? = nil
        ) {
            self.file = file
            self.context = context
            self.cluster = cluster
            self.user = user
            self.server = server
        }
    }

    /// Why TLS failed. Texts name the certificate: its subject, its names, its dates.
    public enum TLSFault: Sendable, Hashable {
        /// The server's certificate is signed by nobody that the configured authority vouches for.
        case unknownAuthority(String)
        /// Past its last day.
        case expired(String)
        /// Before its first day: often a wrong clock.
        case notYetValid(String)
        /// The certificate is for other names than the one that was asked for.
        case wrongName(String)
        /// The server closed the handshake because of our certificate, or because there is none.
        case clientCertificateRefused(String)
        /// The other side does not speak TLS.
        case notTLS(String)
        /// The file or text that should vouch for the server holds no certificate.
        case unreadableAuthority(name: String, String)
        case other(String)
    }

    /// Why there are no credentials.
    public enum AuthenticationFault: Sendable, Hashable {
        /// A file of the user entry cannot be read or is no token, certificate or key.
        case file(path: String, String)
        /// The client certificate is past its last day.
        case certificateExpired(path: String, String)
        /// The exec plugin is missing, failed, or printed something else than credentials.
        case plugin(command: String, String, hint: String?)
    }
}

/// A `Status` as a server answers with it (metav1.Status), or what is known when the body is none.
public struct ServerStatus: Sendable, Hashable {
    /// The HTTP status code.
    public var code: Int
    /// `NotFound`, `Conflict`, `Expired`, ...; empty when the server gave none.
    public var reason: String
    public var message: String
    /// When the server says to come back.
    public var retryAfter: Duration?
    public var causes: [Cause]

    public struct Cause: Sendable, Hashable {
        /// `FieldValueInvalid`, `ExitCode`, ...
        public var reason: String
        public var message: String
        /// The path of the field, if it is about one.
        public var field: String

        public init(reason: String, message: String, field: String = "") {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    public init(
        code: Int, reason: String = "", message: String = "", retryAfter: Duration? = nil, causes: [Cause] = []
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
        self.causes = causes
    }

    public var isNotFound: Bool { code == 404 }
    public var isAlreadyExists: Bool { reason == "AlreadyExists" }
    /// The object changed since it was read. `AlreadyExists` has the same code and is something else.
    public var isConflict: Bool { code == 409 && reason != "AlreadyExists" }
    /// A resourceVersion or a continue token that the server has forgotten: list again.
    public var isGone: Bool { code == 410 }
}

extension KubernetesFailure {
    /// The server's answer, if it is one.
    public var status: ServerStatus? {
        if case .status(let status) = kind { status } else { nil }
    }

    public var isCancelled: Bool { kind == .cancelled }

    /// The same failure with what is still empty filled in.
    public func at(_ origin: Origin, _ request: String) -> KubernetesFailure {
        var failure = self
        if failure.origin == Origin() { failure.origin = origin }
        if failure.request.isEmpty { failure.request = request }
        return failure
    }
}
