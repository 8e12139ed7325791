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
        /// `x-kubernetes-validations`: kept, never evaluated.
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

    /// One rule of `x-kubernetes-validations`, a CEL expression that this server stores and does not run.
    public struct Rule: Hashable, Sendable {
        public let rule: String
        public let message: String?

        public init(rule: String, message: String?) {
            self.rule = rule
            self.message = message
        }
    }
}
