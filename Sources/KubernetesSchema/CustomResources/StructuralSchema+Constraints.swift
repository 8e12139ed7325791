import JSONTree

/// Value validations.
extension StructuralSchema {
    mutating func readConstraints(
        _ value: JSONValue, _ path: FieldPath, _ parts: Schema.Parts
    ) -> Schema.Constraints? {
        var constraints = parts.constraints ?? .none
        let isPlain = readBounds(value, path, &constraints)
        for name in ["allOf", "anyOf", "oneOf"] {
            let branches = (value.member(name)?.elements ?? []).enumerated().map { index, branch in
                self.branch(branch, of: parts, at: path.field(name).element(index), outer: path)
            }
            switch name {
            case "allOf": constraints.allOf = branches
            case "anyOf": constraints.anyOf = branches
            default: constraints.oneOf = branches
            }
        }
        if let not = value.member("not"), !not.isNull {
            constraints.not = branch(not, of: parts, at: path.field("not"), outer: path)
        }
        for rule in value.member("x-kubernetes-validations")?.elements ?? [] {
            constraints.rules.append(Schema.Rule(rule))
        }
        let isEmpty =
            isPlain && parts.constraints == nil && constraints.allOf.isEmpty && constraints.anyOf.isEmpty
            && constraints.oneOf.isEmpty && constraints.not == nil && constraints.rules.isEmpty
        return isEmpty ? nil : constraints
    }

    /// Everything but logic; true if there was nothing.
    private mutating func readBounds(
        _ value: JSONValue, _ path: FieldPath, _ constraints: inout Schema.Constraints
    ) -> Bool {
        var isPlain = true
        func number(_ name: String) -> Double? { value.member(name).flatMap(SchemaValidator.number) }
        func count(_ name: String) -> Int? { value.member(name)?.intValue.flatMap { Int(exactly: $0) } }
        if let values = value.member("enum")?.elements, !values.isEmpty {
            constraints.enumeration = values
            isPlain = false
        }
        if let bound = number("minimum") {
            constraints.minimum = .init(bound, isExclusive: value.member("exclusiveMinimum")?.boolValue == true)
            isPlain = false
        }
        if let bound = number("maximum") {
            constraints.maximum = .init(bound, isExclusive: value.member("exclusiveMaximum")?.boolValue == true)
            isPlain = false
        }
        constraints.multipleOf = number("multipleOf")
        (constraints.minLength, constraints.maxLength) = (count("minLength"), count("maxLength"))
        (constraints.minItems, constraints.maxItems) = (count("minItems"), count("maxItems"))
        (constraints.minProperties, constraints.maxProperties) = (count("minProperties"), count("maxProperties"))
        if let pattern = value.member("pattern")?.stringValue, !pattern.isEmpty {
            constraints.pattern = pattern
            isPlain = false
            do throws(Pattern.SyntaxError) {
                _ = try Pattern(pattern)
            } catch {
                report(
                    path.field("pattern"), .invalid, .string(pattern),
                    "must be a valid regular expression, but isn't: \(error)")
            }
        }
        return isPlain && constraints.multipleOf == nil && constraints.minLength == nil && constraints.maxLength == nil
            && constraints.minItems == nil && constraints.maxItems == nil && constraints.minProperties == nil
            && constraints.maxProperties == nil
    }

    /// What only the structural part may have, and what it must be in a branch of allOf, anyOf, oneOf or not, which
    /// validates values and says nothing about structure (apiextensions-apiserver, pkg/apiserver/schema/validation.go).
    /// Rules in CEL are among it: whoever tries out the branches knows nothing of CEL.
    private static let structuralOnly: [(name: String, mustBe: String)] = [
        ("type", "empty"), ("additionalProperties", "undefined"), ("default", "undefined"), ("title", "empty"),
        ("description", "empty"), ("nullable", "false"), ("externalDocs", "undefined"),
        ("x-kubernetes-preserve-unknown-fields", "false"), ("x-kubernetes-embedded-resource", "false"),
        ("x-kubernetes-int-or-string", "false"), ("x-kubernetes-list-map-keys", "empty"),
        ("x-kubernetes-list-type", "undefined"), ("x-kubernetes-map-type", "undefined"),
        ("x-kubernetes-validations", "empty"),
    ]

    private static func isStructural(_ value: JSONValue, unless mustBe: String) -> Bool {
        switch mustBe {
        case "false": value.boolValue == true
        case "empty": !value.isNull && !isEmpty(value)
        default: !value.isNull
        }
    }

    /// A branch of logic. What it speaks of must be described outside.
    private mutating func branch(
        _ value: JSONValue, of outside: Schema.Parts?, at path: FieldPath, outer: FieldPath
    ) -> Schema {
        guard descend(path) else { return .any }
        defer { depth -= 1 }
        let type = value.member("type")?.stringValue ?? ""
        for (name, mustBe) in Self.structuralOnly {
            guard let given = value.member(name), Self.isStructural(given, unless: mustBe) else { continue }
            // int-or-string is spelled `anyOf: [{type: integer}, {type: string}]`, and only there a type may stand.
            if name == "type", outside?.kind == .intOrString, type == "integer" || type == "string" { continue }
            report(path.field(name), .forbidden, nil, "must be \(mustBe) to be structural")
        }
        if value.at("properties", "metadata") != nil {
            report(
                path.field("properties").key("metadata"), .forbidden, nil, "must not be specified in a nested context")
        }
        refuseUnsupported(value, path)
        var parts = Schema.Parts(Self.kind(of: type, isIntOrString: false))
        parts.format = value.member("format")?.stringValue
        let required = Set((value.member("required")?.elements ?? []).compactMap(\.stringValue))
        for property in value.member("properties")?.members ?? [] {
            let inside = outside?.properties.first { $0.name == property.key }?.schema
            if outside != nil, inside == nil, outside?.additionalProperties == nil,
                outside?.preservesUnknownFields != true
            {
                report(
                    outer.field("properties").key(property.key), .required, nil,
                    "because it is defined in \(path).properties[\(property.key)]")
            }
            parts.properties.append(
                Schema.Property(
                    property.key,
                    branch(
                        property.value, of: inside.map(Self.outline),
                        at: path.field("properties").key(property.key),
                        outer: outer.field("properties").key(property.key)),
                    isRequired: required.contains(property.key)))
        }
        let unnamed = required.subtracting(parts.properties.map(\.name)).sorted()
        if !unnamed.isEmpty { parts.editableConstraints.required = unnamed }
        if let items = value.member("items"), items.kind == .object {
            if outside != nil, outside?.items == nil {
                report(outer.field("items"), .required, nil, "because it is defined in \(path).items")
            }
            parts.items = branch(
                items, of: outside?.items.map(Self.outline), at: path.field("items"), outer: outer.field("items"))
        }
        parts.constraints = readConstraints(value, path, Self.joined(parts, outside))
        return Schema(parts)
    }

    /// What a branch inside a branch is measured by: the structure outside, the constraints of the branch.
    private static func joined(_ parts: Schema.Parts, _ outside: Schema.Parts?) -> Schema.Parts {
        var joined = outside ?? parts
        joined.constraints = parts.constraints
        return joined
    }

    private static func outline(of schema: Schema) -> Schema.Parts {
        var parts = Schema.Parts(schema.kind)
        parts.properties = schema.properties
        parts.additionalProperties = schema.additionalProperties
        parts.items = schema.items
        parts.preservesUnknownFields = schema.preservesUnknownFields
        return parts
    }
}
