/// `+ - * / %` of rules: nothing wraps around.
enum RuleArithmetic {
    static func result(_ sign: String, _ left: RuleValue, _ right: RuleValue) throws(RuleError) -> RuleValue {
        switch (left, right) {
        case (.int(let left), .int(let right)): return .int(try whole(sign, left, right))
        case (.uint(let left), .uint(let right)): return .uint(try whole(sign, left, right))
        case (.double(let left), .double(let right)):
            switch sign {
            case "+": return .double(left + right)
            case "-": return .double(left - right)
            case "*": return .double(left * right)
            case "/": return .double(left / right)
            default: throw .noOverload("_\(sign)_")
            }
        case (.string(let left), .string(let right)) where sign == "+": return .string(left + right)
        case (.duration(let left), .duration(let right)) where sign == "+" || sign == "-":
            return .duration(RuleDuration(nanoseconds: try whole(sign, left.nanoseconds, right.nanoseconds)))
        case (.timestamp(let left), .duration(let right)) where sign == "+" || sign == "-":
            return try moved(left, by: sign == "+" ? right.nanoseconds : try whole("-", 0, right.nanoseconds))
        case (.duration(let left), .timestamp(let right)) where sign == "+":
            return try moved(right, by: left.nanoseconds)
        case (.timestamp(let left), .timestamp(let right)) where sign == "-":
            guard let span = left.since(right) else { throw RuleError("integer overflow") }
            return .duration(span)
        case (.list(let left, let order), .list(let right, _)) where sign == "+":
            return .list(joined(left, right, order), order)
        default: throw .noOverload("_\(sign)_")
        }
    }

    private static func moved(_ moment: RuleTimestamp, by nanoseconds: Int64) throws(RuleError) -> RuleValue {
        guard let moved = moment.moved(by: RuleDuration(nanoseconds: nanoseconds)) else {
            throw RuleError("timestamp overflow")
        }
        return .timestamp(moved)
    }

    private static func whole<Number: FixedWidthInteger>(
        _ sign: String, _ left: Number, _ right: Number
    ) throws(RuleError) -> Number {
        if sign == "/" || sign == "%", right == 0 {
            throw RuleError(sign == "/" ? "division by zero" : "modulus by zero")
        }
        let (value, hasOverflown) =
            switch sign {
            case "+": left.addingReportingOverflow(right)
            case "-": left.subtractingReportingOverflow(right)
            case "*": left.multipliedReportingOverflow(by: right)
            case "/": left.dividedReportingOverflow(by: right)
            default: left.remainderReportingOverflow(dividingBy: right)
            }
        if hasOverflown { throw RuleError("integer overflow") }
        return value
    }

    /// Of sets the union, of maps the right one's elements at the places of those with the same keys; what is new stands
    /// at the end (apiextensions, ValidationRule.rule).
    private static func joined(_ left: [RuleValue], _ right: [RuleValue], _ order: RuleValue.Order) -> [RuleValue] {
        switch order {
        case .ordered: return left + right
        case .set: return left + right.filter { !left.contains($0) }
        case .map(let keys):
            func identity(_ element: RuleValue) -> [RuleValue] {
                guard case .map(let fields) = element else { return [element] }
                return keys.map { fields[RuleValue.fieldName($0)] ?? .null }
            }
            var result = left
            for element in right {
                if let place = result.firstIndex(where: { identity($0) == identity(element) }) {
                    result[place] = element
                } else {
                    result.append(element)
                }
            }
            return result
        }
    }
}
