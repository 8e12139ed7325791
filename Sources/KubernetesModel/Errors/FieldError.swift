import JSONTree

/// What is wrong with one field of an object, in the words Kubernetes uses (apimachinery, util/validation/field).
public struct FieldError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        case required
        case invalid
        /// With the values that would be right.
        case notSupported([String])
        case duplicate
        /// With the greatest number of bytes.
        case tooLong(Int)
        /// With the greatest number of items.
        case tooMany(Int)
        case forbidden
        case notFound
        case typeInvalid
        case internalError

        /// `reason` of a Status' cause.
        public var cause: String {
            switch self {
            case .required: "FieldValueRequired"
            case .invalid: "FieldValueInvalid"
            case .notSupported: "FieldValueNotSupported"
            case .duplicate: "FieldValueDuplicate"
            case .tooLong: "FieldValueTooLong"
            case .tooMany: "FieldValueTooMany"
            case .forbidden: "FieldValueForbidden"
            case .notFound: "FieldValueNotFound"
            case .typeInvalid: "FieldValueTypeInvalid"
            case .internalError: "InternalError"
            }
        }

        var words: String {
            switch self {
            case .required: "Required value"
            case .invalid, .typeInvalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .duplicate: "Duplicate value"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            case .forbidden: "Forbidden"
            case .notFound: "Not found"
            case .internalError: "Internal error"
            }
        }

        var showsValue: Bool {
            switch self {
            case .required, .forbidden, .tooLong, .internalError: false
            default: true
            }
        }
    }

    /// From the root of the object: `spec.ingress[0].from[0].ipBlock.cidr`.
    public var path: String
    public var kind: Kind
    public var badValue: JSONValue?
    public var detail: String
    /// Where it stands, when it was read from a document.
    public var node: JSONNode?

    public init(
        _ kind: Kind, at path: String, value: JSONValue? = nil, _ detail: String = "", node: JSONNode? = nil
    ) {
        self.kind = kind
        self.path = path
        badValue = value
        self.detail = detail
        self.node = node
    }

    /// About a value that was read: path and value are taken from the node.
    public init(_ kind: Kind, at node: JSONNode, _ detail: String = "") {
        self.init(kind, at: node.path, value: .node(node), detail, node: node)
    }

    /// What a Status' cause says: everything but the path.
    public var message: String {
        var text = kind.words
        if kind.showsValue { text += ": " + (badValue ?? .null).text }
        let detail = self.detail.isEmpty ? impliedDetail : self.detail
        return detail.isEmpty ? text : "\(text): \(detail)"
    }

    private var impliedDetail: String {
        switch kind {
        case .notSupported(let values): "supported values: " + values.map { "\"\($0)\"" }.joined(separator: ", ")
        case .tooLong(let limit): "may not be more than \(limit) bytes"
        case .tooMany(let limit): "must have at most \(limit) items"
        default: ""
        }
    }

    /// As servers print it: `spec.clusterIP: Invalid value: "x": must be an IP address`.
    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

extension FieldError: Equatable {
    /// Equal when they say the same of the same field.
    public static func == (left: FieldError, right: FieldError) -> Bool {
        left.path == right.path && left.kind == right.kind && left.message == right.message
    }
}

extension FieldError {
    /// The error seen from outside: for an object that is part of another.
    public func inside(_ parent: String) -> FieldError {
        var error = self
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        error.path = parent.isEmpty ? path : parent + separator + path
        return error
    }
}
