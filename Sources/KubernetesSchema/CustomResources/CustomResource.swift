import JSONTree

/// A custom resource as its CustomResourceDefinition describes it: what the server needs to serve it.
public struct CustomResource: Sendable {
    public let group: String
    public let plural: String
    public let singular: String
    public let kind: String
    public let listKind: String
    public let shortNames: [String]
    public let categories: [String]
    public let isNamespaced: Bool
    /// In the order of the definition, those that are not served too.
    public let versions: [Version]

    /// The definition's object name.
    public var name: String { "\(plural).\(group)" }

    public var storageVersion: String { versions.first { $0.isStorage }?.name ?? versions.first?.name ?? "" }

    public func version(_ name: String) -> Version? { versions.first { $0.name == name } }

    public struct Version: Sendable {
        public let name: String
        public let isServed: Bool
        public let isStorage: Bool
        /// What a request to this version is warned with; nil if it is not deprecated.
        public let deprecationWarning: String?
        public let schema: Schema
        /// Whether `/status` is written apart; then the main resource's writes leave the status alone.
        public let hasStatus: Bool
        public let scale: Scale?
        public let columns: [Column]
        /// Paths such as `.spec.host` that lists and watches can select by, each under its name without the dot.
        public let selectableFields: [SelectableField]
    }

    /// Where the scale subresource finds its numbers: keys from the root.
    public struct Scale: Hashable, Sendable {
        public let specReplicasPath: [String]
        public let statusReplicasPath: [String]
        public let labelSelectorPath: [String]?
    }

    public struct SelectableField: Sendable {
        /// As a field selector names it: `spec.host`.
        public let name: String
        public let path: JSONPath

        /// The value to compare with; an absent field is empty.
        public func value(in object: JSONValue) -> String { path.first(in: object).map(JSONPath.text) ?? "" }
    }

    /// A column of the Table.
    public struct Column: Sendable {
        public let name: String
        /// integer, number, string, boolean or date.
        public let type: String
        public let format: String
        public let description: String
        /// Above 0 only with `-o wide`.
        public let priority: Int
        public let path: JSONPath

        /// The cell of one object, as apiextensions fills it; null when there is no value or one of another type. A
        /// date is the time of the object (RFC 3339), for the caller to tell as an age.
        public func cell(of object: JSONValue) -> JSONValue {
            let found = path.values(in: object)
            guard let first = found.first, !first.isNull else { return .null }
            switch type {
            case "integer":
                return first.intValue.map { .int($0) }
                    ?? SchemaValidator.number(first).flatMap { Int64(exactly: $0.rounded(.towardZero)) }.map {
                        .int($0)
                    }
                    ?? .null
            case "number": return first.kind == .number ? first : .null
            case "boolean": return first.kind == .bool ? first : .null
            case "date": return first.kind == .string ? first : .null
            default: return .string(found.map(JSONPath.text).joined(separator: ","))
            }
        }
    }
}
