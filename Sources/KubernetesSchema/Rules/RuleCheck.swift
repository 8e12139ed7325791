import JSONTree

/// Judges the rules of a definition before any object comes: what cannot be read, and what names a field that is not
/// there, is refused as by a real API server; what this server cannot compute is said.
struct RuleCheck {
    private(set) var violations: [SchemaViolation] = []
    private(set) var warnings: [String] = []

    /// Branches of allOf, anyOf, oneOf and not have no rules (``StructuralSchema``).
    mutating func visit(_ schema: Schema, _ path: FieldPath, isRoot: Bool = true) {
        for (index, rule) in schema.constraints.rules.enumerated() {
            check(rule, schema, path.field("x-kubernetes-validations").element(index), isRoot: isRoot)
        }
        for property in schema.properties {
            visit(property.schema, path.field("properties").key(property.name), isRoot: false)
        }
        if let items = schema.items { visit(items, path.field("items"), isRoot: false) }
        if let values = schema.additionalProperties {
            visit(values, path.field("additionalProperties"), isRoot: false)
        }
    }

    private mutating func check(_ rule: Schema.Rule, _ schema: Schema, _ path: FieldPath, isRoot: Bool) {
        if rule.rule.allSatisfy(\.isWhitespace) {
            violations.append(SchemaViolation(path.field("rule").text, .required, detail: "rule is not specified"))
            return
        }
        for (name, text) in [("rule", rule.rule), ("messageExpression", rule.messageExpression ?? "")]
        where !text.isEmpty {
            do throws(RuleError) {
                let program = try RuleCache.program(text)
                if program.unknown.isEmpty {
                    var variables = ["self": schema]
                    // Of an optional one nobody knows the fields before its value is taken out.
                    if !rule.hasOptionalOldSelf { variables["oldSelf"] = schema }
                    var fields = RuleFields(variables, root: isRoot ? schema : nil)
                    _ = try fields.schema(of: program.expression)
                } else {
                    let words = program.unknown.joined(separator: ", ")
                    warnings.append("\(path.field(name)): not evaluated by this server, which does not know \(words)")
                }
            } catch {
                violations.append(
                    SchemaViolation(
                        path.field(name).text, .invalid, value: .string(text), detail: "compilation failed: \(error)"))
            }
        }
    }
}

/// Follows the fields that a rule names through the schema.
private struct RuleFields {
    private var variables: [String: Schema]
    /// Of a resource whole, kind and metadata are there whatever the schema says.
    private let root: Schema?

    init(_ variables: [String: Schema], root: Schema?) {
        self.variables = variables
        self.root = root
    }

    /// Nil where the schema does not tell.
    mutating func schema(of expression: RuleExpression) throws(RuleError) -> Schema? {
        switch expression {
        case .identifier(let name): return variables[name]
        case .select(let part, let field), .has(let part, let field), .optionalSelect(let part, let field):
            guard let schema = try schema(of: part) else { return nil }
            return try child(field, of: schema)
        case .index(let part, let index), .optionalIndex(let part, let index):
            _ = try self.schema(of: index)
            let schema = try schema(of: part)
            return schema?.items ?? schema?.additionalProperties
        case .macro(let macro, let range, let variable, let bodies):
            let list = try schema(of: range)
            let outer = variables[variable]
            variables[variable] = macro.isOfOptional ? list : list?.items
            defer { variables[variable] = outer }
            for body in bodies { _ = try schema(of: body) }
            return macro == .filter ? list : nil
        default:
            for part in expression.parts { _ = try schema(of: part) }
            return nil
        }
    }

    private func child(_ field: String, of schema: Schema) throws(RuleError) -> Schema? {
        if let property = schema.properties.first(where: { RuleValue.fieldName($0.name) == field }) {
            return schema === root && field == "metadata" ? nil : property.schema
        }
        if let values = schema.additionalProperties { return values }
        let isImplied = ["apiVersion", "kind", "metadata"].contains(field)
        if isImplied, schema === root || schema.isEmbeddedResource { return nil }
        guard schema.kind == .object else { return nil }
        throw RuleError("undefined field '\(field)'")
    }
}
