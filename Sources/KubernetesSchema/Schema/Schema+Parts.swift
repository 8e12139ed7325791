import JSONTree

extension Schema {
    /// What a schema is made from.
    public struct Parts: Sendable {
        public var kind: Kind
        public var format: String?
        public var description: String?
        public var defaultValue: JSONValue?
        public var isNullable = false
        public var properties: [Property] = []
        public var additionalProperties: Schema?
        public var items: Schema?
        public var listType: ListType?
        public var mapType: MapType?
        public var patchMergeKey: String?
        public var patchStrategy: PatchStrategy = []
        public var preservesUnknownFields = false
        public var isEmbeddedResource = false
        public var constraints: Constraints?

        public init(_ kind: Kind) { self.kind = kind }

        /// The constraints to be changed, made when first asked for.
        public var editableConstraints: Constraints {
            get { constraints ?? .none }
            set { constraints = newValue }
        }
    }

    /// What a value must fulfil beyond its type: the value validations of OpenAPI v3. Most schemas have none.
    public struct Constraints: Sendable {
        /// The values allowed; empty allows all.
        public var enumeration: [JSONValue] = []
        public var minimum: Bound?
        public var maximum: Bound?
        public var multipleOf: Double?
        /// In characters (Unicode scalars, as Go counts runes).
        public var minLength: Int?
        public var maxLength: Int?
        /// A regular expression of Go's RE2, not anchored.
        public var pattern: String?
        public var minItems: Int?
        public var maxItems: Int?
        public var hasUniqueItems = false
        public var minProperties: Int?
        public var maxProperties: Int?
        /// Members that must be there although they are not described as properties (in branches of `anyOf`...).
        public var required: [String] = []
        public var allOf: [Schema] = []
        public var anyOf: [Schema] = []
        public var oneOf: [Schema] = []
        public var not: Schema?
        /// `x-kubernetes-validations`
        public var rules: [Rule] = []

        public init() {}

        public static let none = Constraints()
    }

    /// A minimum or a maximum.
    public struct Bound: Hashable, Sendable {
        public let value: Double
        public let isExclusive: Bool

        public init(_ value: Double, isExclusive: Bool = false) {
            self.value = value
            self.isExclusive = isExclusive
        }
    }

    /// One rule of `x-kubernetes-validations`: an expression of CEL about the value at its place (`self`) and what was
    /// there before (`oldSelf`).
    public struct Rule: Hashable, Sendable {
        public let rule: String
        public let message: String?
        /// CEL that computes the message.
        public let messageExpression: String?
        /// The cause's reason, FieldValueInvalid if none is given.
        public let reason: String?
        /// The field the message is about, from the rule's place on.
        public let fieldPath: String?
        /// Whether the rule runs without an old value too.
        public let hasOptionalOldSelf: Bool

        /// - Parameter value: an element of `x-kubernetes-validations`.
        public init(_ value: JSONValue) {
            func text(_ name: String) -> String? {
                value.member(name)?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            }
            rule = value.member("rule")?.stringValue ?? ""
            message = text("message")
            messageExpression = text("messageExpression")
            reason = text("reason")
            fieldPath = text("fieldPath")
            hasOptionalOldSelf = value.member("optionalOldSelf")?.boolValue ?? false
        }

        /// As it is published.
        var value: JSONValue {
            let texts = [
                ("rule", rule), ("message", message), ("messageExpression", messageExpression), ("reason", reason),
                ("fieldPath", fieldPath),
            ]
            let members = texts.compactMap { name, text in text.map { JSONMember(name, .string($0)) } }
            return .object(members + (hasOptionalOldSelf ? [JSONMember("optionalOldSelf", true)] : []))
        }
    }
}
