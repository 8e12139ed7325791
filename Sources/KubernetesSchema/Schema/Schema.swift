import JSONTree
import Synchronization

/// What the value at one place of an object may be: the structural schema of apiextensions, with the list, map and
/// patch semantics that server-side apply and strategic merge patch need. Built-in kinds and custom resources have the
/// same type.
///
/// A schema is immutable and shared. A node may stand for a named definition of a ``SchemaLibrary``; then it answers
/// what the definition says, except for what is said at the place itself (description, default, patch strategy,
/// nullability). Definitions are looked up when first asked for, so that they may be recursive (JSONSchemaProps) and
/// that nothing is parsed before somebody needs it.
public final class Schema: Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// No type is stated: any JSON value.
        case any
        case object, array, string, integer, number, boolean
        /// `x-kubernetes-int-or-string`, or a built-in field of type IntOrString.
        case intOrString
    }

    /// `x-kubernetes-list-type`. Without one a list is atomic in server-side apply.
    public enum ListType: Hashable, Sendable {
        case atomic
        case set
        case map(keys: [String])
    }

    /// `x-kubernetes-map-type` and, for built-in structs, `x-kubernetes-struct-type`.
    public enum MapType: String, Hashable, Sendable {
        case granular, atomic
    }

    /// `x-kubernetes-patch-strategy`, a comma-separated list.
    public struct PatchStrategy: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let merge = PatchStrategy(rawValue: 1)
        public static let replace = PatchStrategy(rawValue: 2)
        public static let retainKeys = PatchStrategy(rawValue: 4)

        /// In the order Kubernetes' own documents write them; nil for the empty set.
        public var text: String? {
            let names = [(Self.merge, "merge"), (.replace, "replace"), (.retainKeys, "retainKeys")]
                .filter { contains($0.0) }.map(\.1)
            return names.isEmpty ? nil : names.joined(separator: ",")
        }
    }

    public struct Property: Sendable {
        public let name: String
        public let schema: Schema
        public let isRequired: Bool

        public init(_ name: String, _ schema: Schema, isRequired: Bool = false) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    private let parts: Parts
    private let positions: [String: Int]
    private let reference: Reference?

    private struct Reference: Sendable {
        let name: String
        let library: SchemaLibrary
    }

    private let resolved = AtomicLazyReference<Schema>()

    /// Whether anything here or below can have a default. Recursive definitions say yes without looking.
    private let canHaveDefaults: Bool

    /// Whether there is a rule in CEL here or below. Built-in kinds have none.
    public let hasRules: Bool

    public init(_ parts: Parts) {
        self.parts = parts
        self.reference = nil
        canHaveDefaults =
            parts.defaultValue != nil || parts.items?.hasDefaults == true
            || parts.additionalProperties?.hasDefaults == true || parts.properties.contains { $0.schema.hasDefaults }
        let children = [parts.items, parts.additionalProperties].compactMap { $0 } + parts.properties.map(\.schema)
        hasRules =
            parts.constraints?.rules.isEmpty == false || children.contains { $0.hasRules }
        positions = Dictionary(
            zip(parts.properties.map(\.name), parts.properties.indices), uniquingKeysWith: { first, _ in first })
    }

    /// A place that holds what the definition `name` describes; `parts` says only what is particular to the place.
    public init(definition name: String, in library: SchemaLibrary, _ parts: Parts = Parts(.object)) {
        self.parts = parts
        self.reference = Reference(name: name, library: library)
        canHaveDefaults = true
        hasRules = false
        positions = [:]
    }

    /// The schema that describes the shape: this one, or the definition it stands for.
    private var shape: Schema {
        guard let reference else { return self }
        if let resolved = resolved.load() { return resolved }
        return resolved.storeIfNil(reference.library.definition(named: reference.name).shape)
    }

    /// The definition this place stands for, by its name in the library.
    public var definitionName: String? { reference?.name }
}

// MARK: - What is said at the place, otherwise by the definition

extension Schema {
    public var kind: Kind { shape.parts.kind }
    public var description: String? { parts.description ?? shape.parts.description }
    /// The value that takes the place of an absent one.
    public var defaultValue: JSONValue? { parts.defaultValue ?? shape.parts.defaultValue }
    public var isNullable: Bool { parts.isNullable || shape.parts.isNullable }
    public var patchMergeKey: String? { parts.patchMergeKey }
    public var patchStrategy: PatchStrategy { parts.patchStrategy }
    /// What is said at the place itself about its description; nil where only the definition speaks.
    public var ownDescription: String? { parts.description }
    public var ownDefault: JSONValue? { parts.defaultValue }
    /// Whether defaulting can change anything below; false lets it skip whole subtrees.
    var hasDefaults: Bool { canHaveDefaults }

    /// `int32`, `date-time`, `quantity`, `byte`...
    public var format: String? { shape.parts.format }
    /// In the order they are documented.
    public var properties: [Property] { shape.parts.properties }
    public var additionalProperties: Schema? { shape.parts.additionalProperties }
    public var items: Schema? { shape.parts.items }
    public var constraints: Constraints { shape.parts.constraints ?? .none }
    public var hasConstraints: Bool { shape.parts.constraints != nil }
    /// `x-kubernetes-preserve-unknown-fields`: fields without a schema are kept and not reported.
    public var preservesUnknownFields: Bool { shape.parts.preservesUnknownFields }
    /// `x-kubernetes-embedded-resource`: apiVersion, kind and metadata are implied.
    public var isEmbeddedResource: Bool { shape.parts.isEmbeddedResource }
    public var statedListType: ListType? { shape.parts.listType }
    public var statedMapType: MapType? { parts.mapType ?? shape.parts.mapType }
}

// MARK: - Walking

extension Schema {
    public func property(_ name: String) -> Property? {
        let shape = shape
        return shape.positions[name].map { shape.parts.properties[$0] }
    }

    /// The schema of the member `key` of an object: of the property, otherwise of the map's values.
    public func child(_ key: String) -> Schema? { property(key)?.schema ?? additionalProperties }

    public var required: [String] { properties.lazy.filter(\.isRequired).map(\.name) }

    /// How server-side apply treats an array here: what is not stated is atomic.
    public var listType: ListType { statedListType ?? .atomic }

    /// How server-side apply treats an object here: what is not stated is granular, but a value without any schema of
    /// its members is one whole only where that is stated.
    public var mapType: MapType { statedMapType ?? .granular }

    /// Whether an element or a member of this value can have an owner of its own in server-side apply.
    public var isAtomic: Bool {
        switch kind {
        case .array: listType == .atomic
        case .object: mapType == .atomic
        default: false
        }
    }

    /// The keys that tell the elements of a map-like list apart; empty for other lists.
    public var listMapKeys: [String] {
        if case .map(let keys) = listType { keys } else { [] }
    }

    /// Whether strategic merge patch merges this list (or map) instead of replacing it.
    public var isMerged: Bool { patchStrategy.contains(.merge) }

    /// An object with no schema for any member, such as `x-kubernetes-preserve-unknown-fields` at the root.
    public var isOpen: Bool { properties.isEmpty && additionalProperties == nil && items == nil }

    /// Any JSON value; what a resource without a schema has below its metadata.
    public static let any: Schema = {
        var parts = Parts(.any)
        parts.preservesUnknownFields = true
        return Schema(parts)
    }()
}
