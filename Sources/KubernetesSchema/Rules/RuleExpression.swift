/// A rule as it was read: the expressions of CEL, with its macros as nodes of their own.
indirect enum RuleExpression: Sendable {
    case literal(RuleValue)
    case identifier(String)
    case select(RuleExpression, String)
    /// `has(e.f)`
    case has(RuleExpression, String)
    case index(RuleExpression, RuleExpression)
    case list([RuleExpression])
    case map([Entry])
    /// Operators too, by their sign: `!`, `-` with one argument, `==`, `+`...
    case call(String, [RuleExpression])
    /// `target.function(arguments)`
    case method(RuleExpression, String, [RuleExpression])
    case conditional(RuleExpression, RuleExpression, RuleExpression)
    case and(RuleExpression, RuleExpression)
    case or(RuleExpression, RuleExpression)
    case macro(Macro, over: RuleExpression, variable: String, [RuleExpression])
    /// `e.?f`: an optional value, none where there is no such field.
    case optionalSelect(RuleExpression, String)
    /// `e[?i]`
    case optionalIndex(RuleExpression, RuleExpression)
    /// `?e` in a list: an element, or nothing.
    case optionalElement(RuleExpression)

    struct Entry: Sendable {
        /// `{?k: v}`: `v` is optional, and the entry with it.
        var isOptional = false
        let key: RuleExpression
        let value: RuleExpression
    }

    /// Macros that go through a list, or through the keys of a map; the last two through an optional value.
    enum Macro: String, Sendable {
        case all, exists, filter, map
        case existsOne = "exists_one"
        case optMap, optFlatMap

        var isOfOptional: Bool { self == .optMap || self == .optFlatMap }
    }
}

extension RuleExpression {
    /// Variables that the rule takes from outside.
    var freeVariables: Set<String> {
        switch self {
        case .identifier(let name): [name]
        case .macro(_, let range, let variable, let bodies):
            bodies.reduce(into: Set<String>()) { $0.formUnion($1.freeVariables) }.subtracting([variable])
                .union(range.freeVariables)
        default: parts.reduce(into: []) { $0.formUnion($1.freeVariables) }
        }
    }

    /// The expressions this one is made of.
    var parts: [RuleExpression] {
        switch self {
        case .literal, .identifier: []
        case .select(let part, _), .has(let part, _), .optionalSelect(let part, _), .optionalElement(let part): [part]
        case .optionalIndex(let first, let second), .index(let first, let second), .and(let first, let second),
            .or(let first, let second):
            [first, second]
        case .list(let parts), .call(_, let parts): parts
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .method(let target, _, let arguments): [target] + arguments
        case .conditional(let condition, let first, let second): [condition, first, second]
        case .macro(_, let range, _, let bodies): [range] + bodies
        }
    }
}
