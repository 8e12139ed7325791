/// Computes a rule's value. Errors are values' fate, not programs': `&&` and `||` are decided by either side, whatever
/// becomes of the other (cel-spec, doc/langdef.md, "Logical operators").
struct RuleEvaluation {
    private var variables: [String: RuleValue]
    /// Expressions that may still be looked at: rules run while others wait for the answer.
    private var budget = 300_000

    init(_ variables: [String: RuleValue]) { self.variables = variables }

    mutating func value(of expression: RuleExpression) throws(RuleError) -> RuleValue {
        budget -= 1
        if budget < 0 {
            throw RuleError("operation cancelled: actual cost limit exceeded")
        }
        switch expression {
        case .literal(let value): return value
        case .identifier(let name):
            guard let value = variables[name] else {
                throw RuleError("undeclared reference to '\(name)'")
            }
            return value
        case .select(let part, let field): return try self.field(field, of: try value(of: part))
        case .has(let part, let field):
            guard case .map(let fields) = try value(of: part) else { throw .noOverload("has") }
            return .bool(fields[field] != nil)
        case .index(let part, let index): return try element(try value(of: index), of: try value(of: part))
        case .optionalSelect(let part, let field):
            return .optional(try optionalElement(.string(field), of: try value(of: part)))
        case .optionalIndex(let part, let index):
            return .optional(try optionalElement(try value(of: index), of: try value(of: part)))
        case .optionalElement: throw RuleError("an optional element stands outside of a list")
        case .list(let parts): return .list(try elements(of: parts))
        case .map(let entries): return try map(entries)
        case .call(let function, let arguments): return try RuleFunctions.call(function, try values(of: arguments))
        case .method(let target, let function, let arguments):
            return try RuleFunctions.method(function, of: try value(of: target), try values(of: arguments))
        case .conditional(let condition, let first, let second):
            return try value(of: try truth(of: condition, in: "_?_:_") ? first : second)
        case .and(let first, let second): return .bool(try logic(first, second, decides: false))
        case .or(let first, let second): return .bool(try logic(first, second, decides: true))
        case .macro(let macro, let range, let variable, let bodies):
            return try run(macro, over: try value(of: range), variable, bodies)
        }
    }

    private mutating func values(of expressions: [RuleExpression]) throws(RuleError) -> [RuleValue] {
        var values: [RuleValue] = []
        for expression in expressions { values.append(try value(of: expression)) }
        return values
    }

    private mutating func elements(of expressions: [RuleExpression]) throws(RuleError) -> [RuleValue] {
        var elements: [RuleValue] = []
        for expression in expressions {
            guard case .optionalElement(let part) = expression else {
                elements.append(try value(of: expression))
                continue
            }
            guard case .optional(let element) = try value(of: part) else { throw .noOverload("[?_]") }
            if let element { elements.append(element) }
        }
        return elements
    }

    private mutating func truth(of expression: RuleExpression, in operation: String) throws(RuleError) -> Bool {
        guard case .bool(let value) = try value(of: expression) else { throw .noOverload(operation) }
        return value
    }

    private mutating func logic(
        _ first: RuleExpression, _ second: RuleExpression, decides: Bool
    ) throws(RuleError) -> Bool {
        let name = decides ? "_||_" : "_&&_"
        let left: Bool
        do throws(RuleError) {
            left = try truth(of: first, in: name)
        } catch {
            if try truth(of: second, in: name) == decides { return decides }
            throw error
        }
        return left == decides ? decides : try truth(of: second, in: name)
    }

    // MARK: Parts of values

    private func field(_ name: String, of value: RuleValue) throws(RuleError) -> RuleValue {
        // Behind `.?` everything is optional.
        if case .optional = value { return .optional(try optionalElement(.string(name), of: value)) }
        guard case .map(let fields) = value else { throw .noOverload(".\(name) of \(value.typeName)") }
        guard let field = fields[name] else { throw RuleError("no such key: \(name)") }
        return field
    }

    private func element(_ index: RuleValue, of value: RuleValue) throws(RuleError) -> RuleValue {
        switch (value, index) {
        case (.optional, _): return .optional(try optionalElement(index, of: value))
        case (.map, .string(let key)): return try field(key, of: value)
        case (.list(let elements, _), .int(let index)):
            guard let index = Int(exactly: index), elements.indices.contains(index) else {
                throw RuleError("index out of bounds: \(index)")
            }
            return elements[index]
        default: throw .noOverload("\(value.typeName)[\(index.typeName)]")
        }
    }

    /// Nil where there is none.
    private func optionalElement(_ index: RuleValue, of value: RuleValue) throws(RuleError) -> RuleValue? {
        switch (value, index) {
        case (.optional(let inner), _):
            guard let inner else { return nil }
            return try optionalElement(index, of: inner)
        case (.map(let fields), .string(let key)): return fields[key]
        case (.list(let elements, _), .int(let index)):
            return Int(exactly: index).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        default: throw .noOverload("\(value.typeName)[?\(index.typeName)]")
        }
    }

    private mutating func map(_ entries: [RuleExpression.Entry]) throws(RuleError) -> RuleValue {
        var fields: [String: RuleValue] = [:]
        for entry in entries {
            guard case .string(let key) = try value(of: entry.key) else {
                throw RuleError("keys of maps must be strings")
            }
            let value = try value(of: entry.value)
            guard entry.isOptional else {
                fields[key] = value
                continue
            }
            guard case .optional(let element) = value else { throw .noOverload("{?_: _}") }
            if let element { fields[key] = element }
        }
        return .map(fields)
    }

    // MARK: Macros

    private mutating func run(
        _ macro: RuleExpression.Macro, over range: RuleValue, _ variable: String, _ bodies: [RuleExpression]
    ) throws(RuleError) -> RuleValue {
        if macro.isOfOptional { return try runOptional(macro, over: range, variable, bodies) }
        let elements: [RuleValue]
        switch range {
        case .list(let list, _): elements = list
        case .map(let fields): elements = fields.keys.sorted().map { .string($0) }
        default: throw .noOverload("\(macro.rawValue) of \(range.typeName)")
        }
        let outer = variables[variable]
        defer { variables[variable] = outer }
        guard let last = bodies.last else { throw .noOverload(macro.rawValue) }
        var kept: [RuleValue] = []
        var failure: RuleError?
        for element in elements {
            variables[variable] = element
            switch macro {
            case .all, .exists:
                // Like a chain of && or ||: one that decides outweighs those that fail.
                do throws(RuleError) {
                    if try truth(of: last, in: macro.rawValue) == (macro == .exists) { return .bool(macro == .exists) }
                } catch {
                    failure = failure ?? error
                }
            case .existsOne, .filter:
                if try truth(of: last, in: macro.rawValue) { kept.append(element) }
            case .map:
                if bodies.count == 2, !(try truth(of: bodies[0], in: "map")) { continue }
                kept.append(try value(of: last))
            case .optMap, .optFlatMap: break
            }
        }
        if let failure { throw failure }
        switch macro {
        case .all: return .bool(true)
        case .exists: return .bool(false)
        case .existsOne: return .bool(kept.count == 1)
        case .filter, .map, .optMap, .optFlatMap: return .list(kept)
        }
    }

    private mutating func runOptional(
        _ macro: RuleExpression.Macro, over range: RuleValue, _ variable: String, _ bodies: [RuleExpression]
    ) throws(RuleError) -> RuleValue {
        guard case .optional(let content) = range, let body = bodies.first, bodies.count == 1 else {
            throw .noOverload(macro.rawValue)
        }
        guard let content else { return .optional(nil) }
        let outer = variables[variable]
        defer { variables[variable] = outer }
        variables[variable] = content
        let value = try value(of: body)
        if macro == .optMap { return .optional(value) }
        guard case .optional = value else { throw .noOverload("optFlatMap") }
        return value
    }
}
