/// One HTTP request to an API server, before credentials, `User-Agent` and `Host` are added by the transport.
public struct KubernetesRequest: Sendable, Hashable {
    public enum Method: String, Sendable, Hashable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// Sent twice, the server ends in the same state (RFC 9110 section 9.2.2). DELETE counts: every delete of ours that
        /// must not hit a later object of the same name carries a precondition.
        public var isIdempotent: Bool { self != .post && self != .patch }
    }

    public var method: Method
    /// Percent-encoded, beginning with `/`. ``init(_:segments:query:headers:body:timeout:isStream:)`` encodes.
    public var path: String
    /// Decoded names and values in order; a name may stand twice (`command=ls&command=-l`).
    public var query: [KubernetesField]
    /// Beside those that the transport adds.
    public var headers: KubernetesHeaders
    public var body: [UInt8]?
    /// From the first attempt to the last byte of the body; of a stream, to the answer's head. Nil is the
    /// transport's default.
    public var timeout: Duration?
    /// Whether the body goes on until somebody stops it (watch, followed log): no timeout applies to it.
    public var isStream: Bool

    public init(
        _ method: Method, path: String, query: [KubernetesField] = [], headers: KubernetesHeaders = [],
        body: [UInt8]? = nil, timeout: Duration? = nil, isStream: Bool = false
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.isStream = isStream
    }

    /// The path of these segments, each percent-encoded: a name with a slash in it cannot become two segments.
    public init(
        _ method: Method, segments: [String], query: [KubernetesField] = [], headers: KubernetesHeaders = [],
        body: [UInt8]? = nil, timeout: Duration? = nil, isStream: Bool = false
    ) {
        self.init(
            method, path: "/" + segments.map(PercentEncoding.segment).joined(separator: "/"), query: query,
            headers: headers, body: body, timeout: timeout, isStream: isStream)
    }

    /// Path and query as they stand in the request line.
    public var target: String {
        if query.isEmpty { return path }
        let pairs = query.map { "\(PercentEncoding.query($0.name))=\(PercentEncoding.query($0.value))" }
        return "\(path)?\(pairs.joined(separator: "&"))"
    }
}

/// A name with a value, in a query or a header.
public struct KubernetesField: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Header fields in order; names are found in any case.
public struct KubernetesHeaders: Sendable, Hashable, ExpressibleByArrayLiteral {
    public private(set) var fields: [KubernetesField]

    public init(_ fields: [KubernetesField] = []) { self.fields = fields }

    public init(arrayLiteral fields: KubernetesField...) { self.fields = fields }

    /// The first value of this name; setting it replaces them all.
    public subscript(name: String) -> String? {
        get { fields.first { Self.same($0.name, name) }?.value }
        set {
            fields.removeAll { Self.same($0.name, name) }
            if let newValue { fields.append(KubernetesField(name, newValue)) }
        }
    }

    public func all(_ name: String) -> [String] { fields.filter { Self.same($0.name, name) }.map(\.value) }

    public mutating func add(_ name: String, _ value: String) { fields.append(KubernetesField(name, value)) }

    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
    }
}
