import JSONTree

/// An object without the fields its schema does not know, and what they were.
public struct Pruned: Sendable {
    public var value: JSONValue
    /// Paths of the fields dropped, in the order of the object: `spec.ports[0].bogus`.
    public var unknown: [String] = []
    /// Paths of the fields that stood there twice; the last one counts.
    public var duplicates: [String] = []

    /// As the API server words them: in warnings (fieldValidation=Warn) and in the refusal (Strict).
    public var messages: [String] {
        duplicates.map { "duplicate field \"\($0)\"" } + unknown.map { "unknown field \"\($0)\"" }
    }
}

extension Schema {
    /// The value without unknown fields.
    ///
    /// - Parameters:
    ///   - isRoot: the value is a whole object: apiVersion, kind and metadata belong to it even if its schema is silent.
    ///   - isCanonical: for built-in kinds, which the API server reads into structs: nulls, empty lists and empty maps
    ///     go where they mean nothing, and members come in the order of the struct.
    public func pruned(_ value: JSONValue, isRoot: Bool = true, isCanonical: Bool = false) -> Pruned {
        var pruner = Pruner(isCanonical: isCanonical)
        let value = pruner.prune(value, self, FieldPath(), isObject: isRoot)
        return Pruned(value: value, unknown: pruner.unknown, duplicates: pruner.duplicates)
    }
}

private struct Pruner {
    let isCanonical: Bool
    var unknown: [String] = []
    var duplicates: [String] = []

    init(isCanonical: Bool) { self.isCanonical = isCanonical }

    private static let objectFields: Set<String> = ["apiVersion", "kind", "metadata"]
    private static let meta = BuiltinSchemas.library.definition(named: "ObjectMeta")

    /// - Parameter isObject: the value has apiVersion, kind and metadata whatever its schema says.
    mutating func prune(_ value: JSONValue, _ schema: Schema, _ path: FieldPath, isObject: Bool = false) -> JSONValue {
        switch value.kind {
        case .object: return pruneMembers(value, schema, path, isObject: isObject || schema.isEmbeddedResource)
        case .array:
            let items = schema.items ?? .any
            return .array(value.elements.enumerated().map { prune($1, items, path.element($0)) })
        default: return value
        }
    }

    private mutating func pruneMembers(
        _ value: JSONValue, _ schema: Schema, _ path: FieldPath, isObject: Bool
    ) -> JSONValue {
        let members = value.members
        var kept: [JSONMember] = []
        kept.reserveCapacity(members.count)
        var places: [String: Int] = [:]
        // A schema that says nothing at all about members keeps them only where it says so, or has no type.
        let isOpen = schema.preservesUnknownFields || schema.kind == .any
        for member in members {
            let here = path.field(member.key)
            var child = schema.child(member.key)
            if isObject, Self.objectFields.contains(member.key) {
                let described = child.map { $0.definitionName != nil || !$0.properties.isEmpty } ?? false
                if member.key == "metadata", !described { child = Self.meta }
                if child == nil { child = .any }
            }
            guard let child = child ?? (isOpen ? .any : nil) else {
                unknown.append(here.text)
                continue
            }
            if isCanonical, isNothing(member.value, child, schema.property(member.key)) { continue }
            let pruned = JSONMember(member.key, prune(member.value, child, here))
            if let place = places[member.key] {
                duplicates.append(here.text)
                kept[place] = pruned
            } else {
                places[member.key] = kept.count
                kept.append(pruned)
            }
        }
        if isCanonical, !schema.properties.isEmpty { return .object(ordered(kept, places, schema)) }
        return .object(kept)
    }

    /// What a struct does not keep: null; and an empty list or map that is left out when it is written.
    private func isNothing(_ value: JSONValue, _ schema: Schema, _ property: Schema.Property?) -> Bool {
        if value.isNull { return schema.kind != .any }
        guard let property, !property.isRequired else { return false }
        switch (schema.kind, value.kind) {
        case (.array, .array): return value.elements.isEmpty
        case (.object, .object): return schema.additionalProperties != nil && value.members.isEmpty
        default: return false
        }
    }

    private func ordered(_ members: [JSONMember], _ places: [String: Int], _ schema: Schema) -> [JSONMember] {
        var result: [JSONMember] = []
        result.reserveCapacity(members.count)
        var taken = Array(repeating: false, count: members.count)
        for property in schema.properties {
            guard let place = places[property.name] else { continue }
            taken[place] = true
            result.append(members[place])
        }
        for (index, member) in members.enumerated() where !taken[index] { result.append(member) }
        return result
    }
}
