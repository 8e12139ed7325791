/// Reads a rule: the grammar of cel-spec, doc/langdef.md, without messages and bytes.
struct RuleParser {
    private let tokens: [RuleToken]
    private var position = 0
    private var depth = 0

    /// cel-go allows 250 levels.
    private static let deepest = 100

    private init(_ tokens: [RuleToken]) { self.tokens = tokens }

    static func expression(_ text: String) throws(RuleError) -> RuleExpression {
        var parser = RuleParser(try RuleScanner.tokens(text))
        let expression = try parser.conditional()
        guard parser.token.kind == .end else { throw parser.unexpected() }
        return expression
    }

    // MARK: Words

    private var token: RuleToken { tokens[min(position, tokens.count - 1)] }

    private mutating func take(_ symbol: String) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(RuleError) {
        if !take(symbol) { throw unexpected("'\(symbol)' belongs here") }
    }

    private func unexpected(_ hint: String = "") -> RuleError {
        let found =
            switch token.kind {
            case .end: "<EOF>"
            case .symbol(let text), .identifier(let text), .string(let text): text
            case .int(let value): "\(value)"
            case .uint(let value): "\(value)u"
            case .double(let value): "\(value)"
            }
        return RuleError(
            "Syntax error: unexpected '\(found)'" + (hint.isEmpty ? "" : ", " + hint), at: token.place)
    }

    // MARK: Operators, the weakest first

    private mutating func conditional() throws(RuleError) -> RuleExpression {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.deepest { throw RuleError("the rule is nested too deep", at: token.place) }
        let condition = try either()
        guard take("?") else { return condition }
        let first = try either()
        try expect(":")
        return .conditional(condition, first, try conditional())
    }

    private mutating func either() throws(RuleError) -> RuleExpression {
        var left = try both()
        while take("||") { left = .or(left, try both()) }
        return left
    }

    private mutating func both() throws(RuleError) -> RuleExpression {
        var left = try relation()
        while take("&&") { left = .and(left, try relation()) }
        return left
    }

    private mutating func relation() throws(RuleError) -> RuleExpression {
        var left = try sum()
        while let sign = sign(among: ["==", "!=", "<=", ">=", "<", ">"]) ?? word("in") {
            left = .call(sign, [left, try sum()])
        }
        return left
    }

    private mutating func sum() throws(RuleError) -> RuleExpression {
        var left = try product()
        while let sign = sign(among: ["+", "-"]) { left = .call(sign, [left, try product()]) }
        return left
    }

    private mutating func product() throws(RuleError) -> RuleExpression {
        var left = try signed()
        while let sign = sign(among: ["*", "/", "%"]) { left = .call(sign, [left, try signed()]) }
        return left
    }

    private mutating func sign(among signs: [String]) -> String? { signs.first { take($0) } }

    private mutating func word(_ word: String) -> String? {
        guard token.kind == .identifier(word) else { return nil }
        position += 1
        return word
    }

    private mutating func signed() throws(RuleError) -> RuleExpression {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.deepest { throw RuleError("the rule is nested too deep", at: token.place) }
        if take("!") { return .call("!", [try signed()]) }
        guard take("-") else { return try member() }
        switch token.kind {
        case .int(let value):
            position += 1
            return try member(of: .literal(.int(-value)))
        case .uint(1 << 63):
            position += 1
            return try member(of: .literal(.int(.min)))
        case .double(let value):
            position += 1
            return try member(of: .literal(.double(-value)))
        default: return .call("-", [try signed()])
        }
    }

    // MARK: Members

    private mutating func member() throws(RuleError) -> RuleExpression { try member(of: try primary()) }

    private mutating func member(of start: RuleExpression) throws(RuleError) -> RuleExpression {
        var expression = start
        while true {
            if take(".") {
                if take("?") {
                    guard case .identifier(let name) = token.kind else {
                        throw unexpected("a field's name belongs here")
                    }
                    position += 1
                    expression = .optionalSelect(expression, name)
                    continue
                }
                guard case .identifier(let name) = token.kind else { throw unexpected("a field's name belongs here") }
                let place = token.place
                position += 1
                expression =
                    take("(")
                    ? try method(expression, name, try arguments(until: ")"), place) : .select(expression, name)
            } else if take("[") {
                let isOptional = take("?")
                let index = try conditional()
                try expect("]")
                expression = isOptional ? .optionalIndex(expression, index) : .index(expression, index)
            } else {
                return expression
            }
        }
    }

    private mutating func arguments(until end: String) throws(RuleError) -> [RuleExpression] {
        var arguments: [RuleExpression] = []
        if take(end) { return arguments }
        while true {
            // Elements of a list may be optional.
            arguments.append(
                end == "]" && take("?") ? .optionalElement(try conditional()) : try conditional())
            if take(",") {
                // A comma may stand behind the last element of a list.
                if end == "]", take(end) { return arguments }
                continue
            }
            try expect(end)
            return arguments
        }
    }

    private func method(
        _ target: RuleExpression, _ name: String, _ arguments: [RuleExpression], _ place: Int
    ) throws(RuleError) -> RuleExpression {
        if case .identifier("optional") = target, ["of", "ofNonZeroValue", "none"].contains(name) {
            return .call("optional.\(name)", arguments)
        }
        if case .identifier("ip") = target, name == "isCanonical" { return .call("ip.isCanonical", arguments) }
        guard let macro = RuleExpression.Macro(rawValue: name),
            arguments.count == 2 || (macro == .map && arguments.count == 3)
        else { return .method(target, name, arguments) }
        guard case .identifier(let variable) = arguments[0] else {
            throw RuleError("argument must be a simple name", at: place)
        }
        return .macro(macro, over: target, variable: variable, Array(arguments.dropFirst()))
    }

    private mutating func primary() throws(RuleError) -> RuleExpression {
        let token = token
        position += 1
        switch token.kind {
        case .int(let value): return .literal(.int(value))
        case .uint(let value): return .literal(.uint(value))
        case .double(let value): return .literal(.double(value))
        case .string(let value): return .literal(.string(value))
        case .identifier(let name): return try named(name, token)
        case .symbol("("):
            let expression = try conditional()
            try expect(")")
            return expression
        case .symbol("["): return .list(try arguments(until: "]"))
        case .symbol("{"): return .map(try entries())
        case .symbol("."):
            guard case .identifier(let name) = self.token.kind else { break }
            position += 1
            return try named(name, token)
        default: break
        }
        position -= 1
        throw unexpected()
    }

    private mutating func named(_ name: String, _ token: RuleToken) throws(RuleError) -> RuleExpression {
        switch name {
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "null": return .literal(.null)
        case "in": throw RuleError("Syntax error: unexpected 'in'", at: token.place)
        default: break
        }
        guard take("(") else {
            if self.token.kind == .symbol("{") {
                throw RuleError("messages are not supported by this server", at: token.place)
            }
            return .identifier(name)
        }
        let arguments = try arguments(until: ")")
        guard name == "has" else { return .call(name, arguments) }
        guard arguments.count == 1, case .select(let target, let field) = arguments[0] else {
            throw RuleError("invalid argument to has() macro", at: token.place)
        }
        return .has(target, field)
    }

    private mutating func entries() throws(RuleError) -> [RuleExpression.Entry] {
        var entries: [RuleExpression.Entry] = []
        while !take("}") {
            if !entries.isEmpty {
                try expect(",")
                if take("}") { return entries }
            }
            let isOptional = take("?")
            let key = try conditional()
            try expect(":")
            entries.append(RuleExpression.Entry(isOptional: isOptional, key: key, value: try conditional()))
        }
        return entries
    }
}
