import NIOHTTP1

/// One request, whole: the body has arrived when a handler sees it (at most 3 MiB, as in kube-apiserver).
public struct ServerRequest: Sendable {
    public enum Method: Hashable, Sendable {
        case get, head, post, put, patch, delete, options
        case other(String)

        public init(_ name: String) {
            self =
                switch name {
                case "GET": .get
                case "HEAD": .head
                case "POST": .post
                case "PUT": .put
                case "PATCH": .patch
                case "DELETE": .delete
                case "OPTIONS": .options
                default: .other(name)
                }
        }

        public var name: String {
            switch self {
            case .get: "GET"
            case .head: "HEAD"
            case .post: "POST"
            case .put: "PUT"
            case .patch: "PATCH"
            case .delete: "DELETE"
            case .options: "OPTIONS"
            case .other(let name): name
            }
        }
    }

    public var method: Method
    /// As it was sent: still percent-encoded, without the query.
    public var path: String
    /// The parts of the path between its slashes, each percent-decoded by itself: a `%2F` stays inside its segment,
    /// for the rules of names to refuse. Empty parts (`//`, a slash at the end) are left out.
    public var segments: [String]
    public var query: QueryParameters
    public var headers: HTTPHeaders
    public var body: [UInt8]
    public var peer: ConnectionPeer
    /// Set by Access.
    public var user: UserInfo
    /// The client's `Audit-ID`, or one of ours; the response carries it too.
    public var auditID: String

    public init(
        method: Method, path: String, segments: [String], query: QueryParameters = QueryParameters(),
        headers: HTTPHeaders = [:], body: [UInt8] = [], peer: ConnectionPeer = ConnectionPeer(),
        user: UserInfo = .anonymous, auditID: String = ""
    ) {
        self.method = method
        self.path = path
        self.segments = segments
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
        self.user = user
        self.auditID = auditID
    }

    /// The whole request target; nil when it cannot be taken apart (bad percent-encoding, no UTF-8, a NUL, a dot
    /// segment that would climb).
    public init?(
        _ method: Method, target: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
        peer: ConnectionPeer = ConnectionPeer(), user: UserInfo = .anonymous, auditID: String = ""
    ) {
        guard let parts = RequestTarget(target) else { return nil }
        self.init(
            method: method, path: parts.path, segments: parts.segments, query: parts.query, headers: headers,
            body: body, peer: peer, user: user, auditID: auditID)
    }

    /// The media type of the body in lower case, without parameters.
    public var contentType: String {
        let value = headers.first(name: "content-type") ?? ""
        return value.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
    }

    /// Whether the client asks for another protocol on this connection (exec, attach, port-forward, watch over
    /// WebSocket), and which, in lower case: `websocket`, `spdy/3.1`.
    public var upgradeProtocol: String? {
        let asks = headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
        guard asks, let wanted = headers.first(name: "upgrade") else { return nil }
        return wanted.lowercased()
    }
}

/// The query of a request, in its order; a name can come more than once (`command=ls&command=-l`).
public struct QueryParameters: Hashable, Sendable {
    public struct Parameter: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var parameters: [Parameter]

    public init(_ parameters: [Parameter] = []) { self.parameters = parameters }

    /// The first value of `name`, as Go's `url.Values.Get`; nil when it is absent.
    public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    public func all(_ name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }

    /// A boolean as Kubernetes reads one from a query (`Convert_Slice_string_To_bool`): absent, `false` and `0` are
    /// false; everything else, the empty value too, is true.
    public func flag(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return value.lowercased() != "false" && value != "0"
    }
}
