import JSONTree

/// A kind of object as we read it: a projection of the fields that networking needs.
///
/// A typed object is for reading. Writing is done on `JSONValue` or with patches, so that fields we do not know
/// survive.
public protocol KubernetesKind: Sendable {
    static var gvk: GroupVersionKind { get }
    static var resource: GroupVersionResource { get }
    static var isNamespaced: Bool { get }
    var metadata: ObjectMeta { get }
    /// - Parameter node: the whole object.
    init(decoding node: JSONNode) throws(FieldError)
}

extension KubernetesKind {
    public var key: ObjectKey { metadata.key }
}

/// A condition of a status: what kubectl prints under Conditions.
public struct Condition: Hashable, Sendable {
    public var type: String
    /// `True`, `False` or `Unknown`.
    public var status: String
    public var reason: String
    public var message: String
    public var lastTransitionTime: Timestamp?

    public init(reading fields: FieldReader) throws(FieldError) {
        type = try fields.string("type") ?? ""
        status = try fields.string("status") ?? ""
        reason = try fields.string("reason") ?? ""
        message = try fields.string("message") ?? ""
        lastTransitionTime = try fields.timestamp("lastTransitionTime")
    }

    public var isTrue: Bool { status == "True" }
}

/// A reference to another object, as events and endpoints carry it.
public struct ObjectReference: Hashable, Sendable {
    public var apiVersion: String
    public var kind: String
    public var namespace: String
    public var name: String
    public var uid: String

    public init(apiVersion: String = "", kind: String, namespace: String = "", name: String, uid: String = "") {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    public init(reading fields: FieldReader) throws(FieldError) {
        self.init(
            apiVersion: try fields.string("apiVersion") ?? "", kind: try fields.string("kind") ?? "",
            namespace: try fields.string("namespace") ?? "", name: try fields.string("name") ?? "",
            uid: try fields.string("uid") ?? "")
    }
}

/// The transport protocols of ports.
public enum TransportProtocol: String, Hashable, Sendable, CaseIterable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"
}

extension FieldReader {
    /// TCP when absent, as the API defaults it.
    public func transportProtocol(_ key: String = "protocol") throws(FieldError) -> TransportProtocol {
        guard let value = field(key), let text = try string(key), !text.isEmpty else { return .tcp }
        guard let result = TransportProtocol(rawValue: text) else {
            throw FieldError(.notSupported(TransportProtocol.allCases.map(\.rawValue).sorted()), at: value)
        }
        return result
    }
}
