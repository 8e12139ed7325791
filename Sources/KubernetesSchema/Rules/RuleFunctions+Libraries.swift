/// Methods of the types that Kubernetes adds to CEL beside addresses, of CEL's own times, and of optional values.
extension RuleFunctions {
    // MARK: Quantities

    static func method(
        _ name: String, of quantity: RuleQuantity, _ arguments: [RuleValue]
    ) throws(RuleError) -> RuleValue? {
        switch (name, arguments.count) {
        case ("sign", 0): return .int(quantity.sign)
        case ("isInteger", 0): return .bool(quantity.integer != nil)
        case ("asInteger", 0):
            guard let integer = quantity.integer else { throw RuleError("cannot convert value to integer") }
            return .int(integer)
        case ("asApproximateFloat", 0): return .double(quantity.approximation)
        case (_, 1): break
        default: return nil
        }
        switch (name, arguments[0]) {
        case ("add", .quantity(let other)): return .quantity(quantity + other)
        case ("add", .int(let other)): return .quantity(quantity + RuleQuantity(other))
        case ("sub", .quantity(let other)): return .quantity(quantity - other)
        case ("sub", .int(let other)): return .quantity(quantity - RuleQuantity(other))
        case ("isLessThan", .quantity(let other)): return .bool(quantity.order(to: other) < 0)
        case ("isGreaterThan", .quantity(let other)): return .bool(quantity.order(to: other) > 0)
        case ("compareTo", .quantity(let other)): return .int(Int64(quantity.order(to: other)))
        default: return nil
        }
    }

    // MARK: URLs

    static func method(_ name: String, of url: RuleURL) -> RuleValue? {
        switch name {
        case "getScheme": .string(url.scheme)
        case "getHost": .string(url.host)
        case "getHostname": .string(url.hostname)
        case "getPort": .string(url.port)
        case "getEscapedPath": .string(url.escapedPath)
        case "getQuery": .map(url.query.mapValues { .list($0.map { .string($0) }) })
        default: nil
        }
    }

    // MARK: Times

    /// The whole span in that unit.
    static func method(_ name: String, of duration: RuleDuration) -> RuleValue? {
        switch name {
        case "getHours": .int(duration.nanoseconds / 3_600_000_000_000)
        case "getMinutes": .int(duration.nanoseconds / 60_000_000_000)
        case "getSeconds": .int(duration.nanoseconds / 1_000_000_000)
        default: nil
        }
    }

    // MARK: Optional values

    static func method(
        _ name: String, of content: RuleValue?, _ arguments: [RuleValue]
    ) throws(RuleError) -> RuleValue? {
        switch (name, arguments.count) {
        case ("hasValue", 0): return .bool(content != nil)
        case ("value", 0):
            guard let content else { throw RuleError("optional.none() dereference") }
            return content
        case ("orValue", 1): return content ?? arguments[0]
        case ("or", 1):
            guard case .optional = arguments[0] else { return nil }
            return content.map { .optional($0) } ?? arguments[0]
        default: return nil
        }
    }
}
