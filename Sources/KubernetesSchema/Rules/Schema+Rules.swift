import JSONTree

extension Schema {
    /// What rules in CEL (`x-kubernetes-validations`) say against `value`, as apiextensions reports it. Rules that this
    /// server cannot compute (the definition's warnings name them) say nothing.
    ///
    /// - Parameter old: what was there before an update; nil when the object is made.
    public func ruleViolations(of value: JSONValue, old: JSONValue? = nil) -> [SchemaViolation] {
        guard hasRules else { return [] }
        var walk = RuleWalk()
        walk.visit(value, old: old, self, FieldPath(), isRoot: true)
        return walk.violations
    }
}

/// One walk over an object, with what was at the same places before.
private struct RuleWalk {
    private(set) var violations: [SchemaViolation] = []

    mutating func visit(
        _ value: JSONValue, old: JSONValue?, _ schema: Schema, _ path: FieldPath, isRoot: Bool = false
    ) {
        guard schema.hasRules, !value.isNull else { return }
        let rules = schema.constraints.rules
        if !rules.isEmpty {
            let itself = RuleValue(value, schema, isRoot: isRoot)
            let old = old.flatMap { $0.isNull ? nil : $0 }
            let oldSelf = old.map { RuleValue($0, schema, isRoot: isRoot) }
            // What was wrong before and has not changed stays as it is (KEP-4008), unless the rule is about changes.
            let isSame = old.map { value.isEquivalent(to: $0) } ?? false
            for rule in rules { judge(rule, itself, oldSelf, isSame, schema, path) }
        }
        switch value.kind {
        case .object:
            for member in value.members {
                guard let child = schema.child(member.key) else { continue }
                let isProperty = schema.property(member.key) != nil
                let before = isProperty || schema.statedMapType != .atomic ? old?.member(member.key) : nil
                visit(member.value, old: before, child, path.field(member.key))
            }
        case .array:
            guard let items = schema.items else { return }
            for (index, element) in value.elements.enumerated() {
                visit(
                    element, old: Self.counterpart(of: element, in: old, schema), items, path.element(index))
            }
        case .string, .number, .bool, .null: break
        }
    }

    /// Elements of a list are known again by their keys; of other lists nobody can say which was which.
    private static func counterpart(of element: JSONValue, in old: JSONValue?, _ schema: Schema) -> JSONValue? {
        guard case .map(let keys) = schema.statedListType, let old else { return nil }
        func identity(_ element: JSONValue) -> [JSONValue?] { keys.map { element.member($0) } }
        let wanted = identity(element)
        return old.elements.first { candidate in
            zip(identity(candidate), wanted).allSatisfy { left, right in
                guard let left, let right else { return left == nil && right == nil }
                return left.isEquivalent(to: right)
            }
        }
    }

    private mutating func judge(
        _ rule: Schema.Rule, _ value: RuleValue, _ oldSelf: RuleValue?, _ isSame: Bool, _ schema: Schema,
        _ path: FieldPath
    ) {
        guard let program = try? RuleCache.program(rule.rule), program.unknown.isEmpty,
            !program.usesOldSelf || oldSelf != nil || rule.hasOptionalOldSelf
        else { return }
        let oldSelf = rule.hasOptionalOldSelf ? .optional(oldSelf) : oldSelf
        do throws(RuleError) {
            if case .bool(true) = try program.value(value, oldSelf: oldSelf) { return }
        } catch {
            let text = rule.message ?? rule.rule
            report(
                path, schema, nil,
                error.message.hasPrefix("no such overload")
                    ? "'\(error.message)': call arguments did not match a supported operator, function or macro "
                        + "signature for rule: \(text)"
                    : "\(error.message) evaluating rule: \(text)")
            return
        }
        if isSame, !program.usesOldSelf { return }
        report(
            Self.place(rule.fieldPath, path), schema, rule.reason,
            Self.computedMessage(rule, value, oldSelf) ?? rule.message ?? "failed rule: \(rule.rule)")
    }

    private static func computedMessage(_ rule: Schema.Rule, _ value: RuleValue, _ oldSelf: RuleValue?) -> String? {
        guard let text = rule.messageExpression, let program = try? RuleCache.program(text), program.unknown.isEmpty,
            case .string(let message)? = try? program.value(value, oldSelf: oldSelf), !message.isEmpty,
            !message.contains("\n")
        else { return nil }
        return message
    }

    /// `.spec.a` or `['a']` below the place of the rule.
    private static func place(_ fieldPath: String?, _ path: FieldPath) -> FieldPath {
        guard let fieldPath, !fieldPath.isEmpty else { return path }
        let text = fieldPath.hasPrefix(".") ? String(fieldPath.dropFirst()) : fieldPath
        return FieldPath(path.text.isEmpty || text.hasPrefix("[") ? path.text + text : "\(path.text).\(text)")
    }

    private mutating func report(_ path: FieldPath, _ schema: Schema, _ reason: String?, _ detail: String) {
        let kind: SchemaViolation.Reason =
            switch reason {
            case "FieldValueForbidden": .forbidden
            case "FieldValueRequired": .required
            case "FieldValueDuplicate": .duplicate
            default: .invalid
            }
        // apiextensions says the type in place of the value, which may be large.
        let shown: JSONValue? = kind == .forbidden || kind == .required ? nil : .string(schema.kind.rawValue)
        violations.append(SchemaViolation(path.text, kind, value: shown, detail: detail))
    }
}
