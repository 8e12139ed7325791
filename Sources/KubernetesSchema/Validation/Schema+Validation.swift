import JSONTree

extension Schema {
    /// Everything about `value` that this schema does not allow, as apiextensions reports it for custom resources, in
    /// the order of paths. Unknown fields are no violation (they are pruned); rules in CEL come after, see
    /// ``ruleViolations(of:old:)``.
    public func violations(of value: JSONValue, at path: FieldPath = FieldPath()) -> [SchemaViolation] {
        var validator = SchemaValidator()
        validator.validate(value, self, path)
        return validator.violations
    }
}

/// One walk over a value.
struct SchemaValidator {
    private(set) var violations: [SchemaViolation] = []

    mutating func append(_ more: [SchemaViolation]) { violations += more }

    mutating func report(
        _ path: FieldPath, _ reason: SchemaViolation.Reason = .invalid, _ value: JSONValue?, _ detail: String
    ) {
        violations.append(SchemaViolation(path.text, reason, value: value, detail: detail))
    }

    mutating func validate(_ value: JSONValue, _ schema: Schema, _ path: FieldPath) {
        if value.isNull, schema.isNullable { return }
        guard matchesType(value, schema, path) else { return }
        // The walk into members does not depend on the type: a branch of anyOf may describe members without one.
        switch value.kind {
        case .object: validateMembers(value, schema, path)
        case .array: validateElements(value, schema, path)
        case .string: validateString(value.stringValue ?? "", schema, path)
        case .number: validateNumber(value, schema, path)
        case .bool, .null: break
        }
        guard schema.hasConstraints else { return }
        let constraints = schema.constraints
        if !constraints.enumeration.isEmpty, !constraints.enumeration.contains(where: { $0.isEquivalent(to: value) }) {
            report(path, .notSupported(constraints.enumeration.map(\.text)), value, "")
        }
        validateLogic(value, constraints, path)
    }

    // MARK: Type

    private mutating func matchesType(_ value: JSONValue, _ schema: Schema, _ path: FieldPath) -> Bool {
        let wanted: String
        switch schema.kind {
        case .any: return true
        case .intOrString:
            if Self.isInteger(value) || value.kind == .string { return true }
            wanted = "integer,string"
        case .integer:
            if Self.isInteger(value) { return true }
            wanted = "integer"
        case .string where schema.format == "quantity" && value.kind == .number: return true
        case .object, .array, .string, .boolean, .number:
            if Self.typeName(of: value) == schema.kind.rawValue { return true }
            if schema.kind == .number, value.kind == .number { return true }
            wanted = schema.kind.rawValue
        }
        let found = Self.typeName(of: value)
        report(path, .typeInvalid, .string(found), "\(path) in body must be of type \(wanted): \"\(found)\"")
        return false
    }

    /// Integers may be written with a point or an exponent, as long as they are whole: the API keeps numbers as float64.
    static func isInteger(_ value: JSONValue) -> Bool {
        guard value.kind == .number else { return false }
        if value.intValue != nil { return true }
        return number(value).map { $0.rounded() == $0 && $0.magnitude < 0x1p63 } ?? false
    }

    static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .int(let value): Double(value)
        case .number(let text): Double(text)
        case .node(let node): node.double
        default: nil
        }
    }

    static func typeName(of value: JSONValue) -> String {
        switch value.kind {
        case .null: "null"
        case .bool: "boolean"
        case .number: isInteger(value) ? "integer" : "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    // MARK: Objects

    private mutating func validateMembers(_ value: JSONValue, _ schema: Schema, _ path: FieldPath) {
        var present: Set<String> = []
        // By key, and of duplicates the last, which is the one that counts.
        let members = value.members.enumerated().sorted {
            $0.element.key == $1.element.key ? $0.offset > $1.offset : $0.element.key < $1.element.key
        }
        for (_, member) in members where present.insert(member.key).inserted {
            guard let child = schema.child(member.key) else { continue }
            validate(member.value, child, path.field(member.key))
        }
        for property in schema.properties where property.isRequired && !present.contains(property.name) {
            report(path.field(property.name), .required, nil, "")
        }
        guard schema.hasConstraints else { return }
        let constraints = schema.constraints
        for name in constraints.required where !present.contains(name) {
            report(path.field(name), .required, nil, "")
        }
        let count = JSONValue.int(Int64(present.count))
        if let limit = constraints.minProperties, present.count < limit {
            report(path, .invalid, count, "\(path) in body should have at least \(limit) properties")
        }
        if let limit = constraints.maxProperties, present.count > limit {
            report(path, .tooMany(limit, actual: present.count), count, "")
        }
    }

    // MARK: Lists

    private mutating func validateElements(_ value: JSONValue, _ schema: Schema, _ path: FieldPath) {
        let elements = value.elements
        if let items = schema.items {
            for (index, element) in elements.enumerated() { validate(element, items, path.element(index)) }
        }
        switch schema.statedListType {
        case .set: reportDuplicates(in: elements, path) { $0 }
        case .map(let keys):
            reportDuplicates(in: elements, path) { element in
                .object(
                    keys.sorted().compactMap { key in
                        let value = element.member(key) ?? schema.items?.property(key)?.schema.defaultValue
                        return value.map { JSONMember(key, $0) }
                    })
            }
        case .atomic, nil: break
        }
        guard schema.hasConstraints else { return }
        let constraints = schema.constraints
        if let limit = constraints.minItems, elements.count < limit {
            report(
                path, .invalid, .int(Int64(elements.count)), "\(path) in body should have at least \(limit) items")
        }
        if let limit = constraints.maxItems, elements.count > limit {
            report(path, .tooMany(limit, actual: elements.count), .int(Int64(elements.count)), "")
        }
        if constraints.hasUniqueItems, Self.firstDuplicate(in: elements) != nil {
            report(path, .invalid, value, "\(path) in body shouldn't contain duplicates")
        }
    }

    private mutating func reportDuplicates(
        in elements: [JSONValue], _ path: FieldPath, by identity: (JSONValue) -> JSONValue
    ) {
        var seen: Set<[UInt8]> = []
        for (index, element) in elements.enumerated() {
            let identity = identity(element)
            if !seen.insert(identity.serialized(sortedKeys: true)).inserted {
                report(path.element(index), .duplicate, identity, "")
            }
        }
    }

    private static func firstDuplicate(in elements: [JSONValue]) -> Int? {
        var seen: Set<[UInt8]> = []
        return elements.firstIndex { !seen.insert($0.serialized(sortedKeys: true)).inserted }
    }
}
