import JSONTree

/// One thing about a value that its schema does not allow: a field error of Kubernetes (`field.Error`), told by the
/// schema alone. The server turns it into a cause of a Status.
public struct SchemaViolation: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        case required
        case invalid
        /// The value is of another type.
        case typeInvalid
        /// The value is none of those allowed, which are in the order of the schema.
        case notSupported([String])
        case duplicate
        /// More characters than this.
        case tooLong(Int)
        /// More elements than this.
        case tooMany(Int, actual: Int)
        case forbidden
    }

    /// Such as `spec.ports[0].port`; empty for the whole object.
    public let path: String
    public let reason: Reason
    /// The value as JSON, or what Kubernetes shows in its place; nil where none is shown.
    public let value: String?
    public let detail: String

    public init(_ path: String, _ reason: Reason, value: JSONValue? = nil, detail: String = "") {
        self.path = path
        self.reason = reason
        self.value = value.map(\.text)
        self.detail = detail
    }

    /// The value as it was, for those who keep values.
    public var badValue: JSONValue? { value.flatMap { try? JSONTree(parsing: $0) }.map { .node($0.root) } }

    /// Whether rules in CEL cannot be asked about an object with this violation.
    public var preventsRules: Bool {
        switch reason {
        case .required, .typeInvalid, .notSupported, .tooLong, .tooMany: true
        case .invalid, .duplicate, .forbidden: false
        }
    }

    /// The reason of the cause in a Status.
    public var causeReason: String {
        switch reason {
        case .required: "FieldValueRequired"
        case .invalid: "FieldValueInvalid"
        case .typeInvalid: "FieldValueTypeInvalid"
        case .notSupported: "FieldValueNotSupported"
        case .duplicate: "FieldValueDuplicate"
        case .tooLong: "FieldValueTooLong"
        case .tooMany: "FieldValueTooMany"
        case .forbidden: "FieldValueForbidden"
        }
    }

    /// The message of the cause: what, the value, why.
    public var message: String {
        let head: String
        switch reason {
        case .required: head = "Required value"
        case .invalid, .typeInvalid: head = "Invalid value: \(value ?? "null")"
        case .notSupported(let values):
            let list = values.isEmpty ? "" : ": supported values: " + values.joined(separator: ", ")
            return "Unsupported value: \(value ?? "null")\(list)"
        case .duplicate: head = "Duplicate value: \(value ?? "null")"
        case .tooLong(let limit): return "Too long: may not be more than \(limit) bytes"
        case .tooMany(let limit, let actual):
            return "Too many: \(actual): must have at most \(limit) item\(limit == 1 ? "" : "s")"
        case .forbidden: head = "Forbidden"
        }
        return detail.isEmpty ? head : "\(head): \(detail)"
    }

    /// With its path, as an invalid object's Status lists it.
    public var description: String { "\(path.isEmpty ? "<nil>" : path): \(message)" }
}

/// The way from the root of an object to a value in it, as Kubernetes writes it.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    public private(set) var text: String

    public init(_ text: String = "") { self.text = text }

    /// A field of a struct.
    public func field(_ name: String) -> FieldPath { FieldPath(text.isEmpty ? name : "\(text).\(name)") }

    /// An element of a list.
    public func element(_ index: Int) -> FieldPath { FieldPath("\(text)[\(index)]") }

    /// A key of a map.
    public func key(_ key: String) -> FieldPath { FieldPath("\(text)[\(key)]") }

    public var description: String { text }
}
