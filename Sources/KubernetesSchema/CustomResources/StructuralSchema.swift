import JSONTree

/// Reads the `openAPIV3Schema` of a CustomResourceDefinition into a ``Schema``, and says what keeps it from being
/// structural (KEP: structural schemas; apiextensions, pkg/apiserver/schema).
struct StructuralSchema {
    private(set) var violations: [SchemaViolation] = []
    /// Things that are stored and not enforced here; said as warnings when the definition is created.
    private(set) var uncheckedFormats: Set<String> = []

    /// Deeper schemas are refused: they are walked recursively.
    private static let depthLimit = 100

    var depth = 0

    static let types: Set<String> = ["array", "boolean", "integer", "number", "object", "string"]

    /// The fields of JSONSchemaProps that may not be there at all.
    private static let unsupported = [
        "$ref", "$schema", "additionalItems", "definitions", "dependencies", "id", "patternProperties",
    ]

    mutating func root(_ value: JSONValue, at path: FieldPath) -> Schema {
        let type = value.member("type")?.stringValue ?? ""
        if type.isEmpty {
            report(path.field("type"), .required, nil, "must not be empty at the root")
        } else if type != "object" {
            report(path.field("type"), .invalid, .string(type), "must be object at the root")
        }
        if value.member("nullable")?.boolValue == true {
            report(path.field("nullable"), .forbidden, nil, "nullable cannot be true at the root")
        }
        if let additional = value.member("additionalProperties"), !additional.isNull {
            report(path.field("additionalProperties"), .forbidden, nil, "must not be used at the root")
        }
        if let metadata = value.at("properties", "metadata") {
            let described = metadata.member("properties")?.members.map(\.key) ?? []
            let place = path.field("properties").key("metadata")
            if !Set(described).isSubset(of: ["name", "generateName"]) {
                report(
                    place, .forbidden, nil,
                    "must not specify anything other than name and generateName, but metadata is implicitly specified")
            }
        }
        return structural(value, at: path, role: .root)
    }

    private enum Role { case root, field, element }

    mutating func report(
        _ path: FieldPath, _ reason: SchemaViolation.Reason, _ value: JSONValue?, _ detail: String
    ) {
        violations.append(SchemaViolation(path.text, reason, value: value, detail: detail))
    }

    // MARK: One level

    private mutating func structural(_ value: JSONValue, at path: FieldPath, role: Role) -> Schema {
        guard descend(path) else { return .any }
        defer { depth -= 1 }
        refuseUnsupported(value, path)
        let isIntOrString = flag(value, "x-kubernetes-int-or-string", path)
        let isOpen = flag(value, "x-kubernetes-preserve-unknown-fields", path)
        let type = value.member("type")?.stringValue ?? ""
        checkType(type, isIntOrString: isIntOrString, isOpen: isOpen, role, path)
        var parts = Schema.Parts(Self.kind(of: type, isIntOrString: isIntOrString))
        parts.format = value.member("format")?.stringValue
        if let format = parts.format, StringFormat.unchecked.contains(format) { uncheckedFormats.insert(format) }
        parts.description = value.member("description")?.stringValue
        parts.isNullable = value.member("nullable")?.boolValue == true
        parts.preservesUnknownFields = isOpen
        parts.isEmbeddedResource = flag(value, "x-kubernetes-embedded-resource", path)
        readMembers(value, path, &parts)
        readElements(value, path, &parts)
        readListType(value, type, path, &parts)
        checkEmbedded(value, type, path, parts)
        let constraints = readConstraints(value, path, parts)
        parts.constraints = constraints
        guard let given = value.member("default") else { return Schema(parts) }
        parts.defaultValue = given
        let schema = Schema(parts)
        checkDefault(given, schema, path.field("default"), role)
        return schema
    }

    mutating func descend(_ path: FieldPath) -> Bool {
        guard depth < Self.depthLimit else {
            report(path, .forbidden, nil, "schemas nested more than \(Self.depthLimit) levels deep are not supported")
            return false
        }
        depth += 1
        return true
    }

    mutating func refuseUnsupported(_ value: JSONValue, _ path: FieldPath) {
        for name in Self.unsupported where value.member(name).map({ !$0.isNull && !Self.isEmpty($0) }) ?? false {
            report(path.field(name), .forbidden, nil, "\(name) is not supported")
        }
        if value.member("uniqueItems")?.boolValue == true {
            report(
                path.field("uniqueItems"), .forbidden, nil,
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic")
        }
    }

    static func isEmpty(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .string: value.stringValue?.isEmpty ?? true
        case .object: value.members.isEmpty
        case .array: value.elements.isEmpty
        default: false
        }
    }

    /// One of the extensions that may be true or absent.
    private mutating func flag(_ value: JSONValue, _ name: String, _ path: FieldPath) -> Bool {
        guard let flag = value.member(name)?.boolValue else { return false }
        if !flag, name == "x-kubernetes-preserve-unknown-fields" {
            report(path.field(name), .invalid, .bool(false), "must be true or undefined")
        }
        return flag
    }

    static func kind(of type: String, isIntOrString: Bool) -> Schema.Kind {
        if isIntOrString { return .intOrString }
        switch type {
        case "object": return .object
        case "array": return .array
        case "string": return .string
        case "integer": return .integer
        case "number": return .number
        case "boolean": return .boolean
        default: return .any
        }
    }

    private mutating func checkType(
        _ type: String, isIntOrString: Bool, isOpen: Bool, _ role: Role, _ path: FieldPath
    ) {
        let path = path.field("type")
        if isIntOrString {
            if !type.isEmpty {
                report(
                    path, .invalid, .string(type), "must be empty if x-kubernetes-int-or-string is true")
            }
        } else if type.isEmpty {
            if isOpen { return }
            switch role {
            case .root: break
            case .field: report(path, .required, nil, "must not be empty for specified object fields")
            case .element: report(path, .required, nil, "must not be empty for specified array items")
            }
        } else if type == "null" {
            report(path, .forbidden, nil, "type cannot be set to null, use nullable as an alternative")
        } else if !Self.types.contains(type) {
            report(path, .notSupported(Self.types.sorted().map { "\"\($0)\"" }), .string(type), "")
        }
    }

    // MARK: Members and elements

    private mutating func readMembers(_ value: JSONValue, _ path: FieldPath, _ parts: inout Schema.Parts) {
        let required = Set((value.member("required")?.elements ?? []).compactMap(\.stringValue))
        let properties = value.member("properties")?.members ?? []
        for property in properties {
            let place = path.field("properties").key(property.key)
            parts.properties.append(
                Schema.Property(
                    property.key, structural(property.value, at: place, role: .field),
                    isRequired: required.contains(property.key)))
        }
        let unnamed = required.subtracting(properties.map(\.key)).sorted()
        if !unnamed.isEmpty { parts.editableConstraints.required = unnamed }
        guard let additional = value.member("additionalProperties") else { return }
        if !properties.isEmpty, additional.boolValue != false {
            report(
                path.field("additionalProperties"), .forbidden, nil,
                "additionalProperties and properties are mutual exclusive")
        }
        if additional.boolValue == false {
            report(path.field("additionalProperties"), .forbidden, nil, "additionalProperties cannot be set to false")
        } else if additional.boolValue == true {
            parts.additionalProperties = .any
        } else {
            parts.additionalProperties = structural(additional, at: path.field("additionalProperties"), role: .field)
        }
    }

    private mutating func readElements(_ value: JSONValue, _ path: FieldPath, _ parts: inout Schema.Parts) {
        guard let items = value.member("items") else {
            if parts.kind == .array { report(path.field("items"), .required, nil, "must be specified") }
            return
        }
        if items.kind == .array {
            report(path.field("items"), .forbidden, nil, "items must be a schema object and not an array")
        } else {
            parts.items = structural(items, at: path.field("items"), role: .element)
        }
    }

    private mutating func readListType(
        _ value: JSONValue, _ type: String, _ path: FieldPath, _ parts: inout Schema.Parts
    ) {
        let keys = (value.member("x-kubernetes-list-map-keys")?.elements ?? []).compactMap(\.stringValue)
        if let mapType = value.member("x-kubernetes-map-type")?.stringValue {
            parts.mapType = Schema.MapType(rawValue: mapType)
            if parts.mapType == nil {
                report(
                    path.field("x-kubernetes-map-type"), .notSupported(["\"atomic\"", "\"granular\""]),
                    .string(mapType), "")
            }
        }
        guard let listType = value.member("x-kubernetes-list-type")?.stringValue else {
            if !keys.isEmpty {
                report(
                    path.field("x-kubernetes-list-type"), .required, nil,
                    "must be map if x-kubernetes-list-map-keys is non-empty")
            }
            return
        }
        if type != "array" {
            report(path.field("type"), .invalid, .string(type), "must be array if x-kubernetes-list-type is specified")
        }
        switch listType {
        case "atomic": parts.listType = .atomic
        case "set": parts.listType = .set
        case "map":
            parts.listType = .map(keys: keys)
            checkListMap(keys, path, parts.items)
        default:
            report(
                path.field("x-kubernetes-list-type"), .notSupported(["\"atomic\"", "\"map\"", "\"set\""]),
                .string(listType), "")
        }
    }

    private mutating func checkListMap(_ keys: [String], _ path: FieldPath, _ items: Schema?) {
        let keysPath = path.field("x-kubernetes-list-map-keys")
        if keys.isEmpty {
            report(keysPath, .required, nil, "must not be empty if x-kubernetes-list-type is map")
        }
        guard let items else { return }
        if items.kind != .object {
            report(
                path.field("items").field("type"), .invalid, .string(items.kind.rawValue),
                "must be object if parent array's x-kubernetes-list-type is map")
        }
        var seen: Set<String> = []
        for (index, key) in keys.enumerated() {
            if !seen.insert(key).inserted { report(keysPath.element(index), .duplicate, .string(key), "") }
            guard let property = items.property(key) else {
                report(
                    keysPath.element(index), .invalid, .string(key), "entries must all be names of item properties")
                continue
            }
            if !property.isRequired, property.schema.defaultValue == nil {
                report(
                    path.field("items").field("properties").key(key).field("default"), .required, nil,
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required "
                        + "property")
            }
        }
    }

    private mutating func checkEmbedded(
        _ value: JSONValue, _ type: String, _ path: FieldPath, _ parts: Schema.Parts
    ) {
        guard parts.isEmbeddedResource else { return }
        if type != "object" {
            report(
                path.field("type"), .invalid, .string(type),
                "must be object if x-kubernetes-embedded-resource is true")
        }
        if !parts.preservesUnknownFields, parts.properties.isEmpty {
            report(
                path.field("properties"), .required, nil,
                "must not be empty if x-kubernetes-embedded-resource is true without "
                    + "x-kubernetes-preserve-unknown-fields")
        }
    }

    private mutating func checkDefault(_ value: JSONValue, _ schema: Schema, _ path: FieldPath, _ role: Role) {
        if role == .root {
            report(path, .forbidden, nil, "must not be set at the root")
            return
        }
        if !schema.pruned(value, isRoot: false).unknown.isEmpty {
            report(path, .invalid, value, "must not have unknown fields")
        }
        violations += schema.violations(of: schema.defaulted(value), at: path)
    }
}
