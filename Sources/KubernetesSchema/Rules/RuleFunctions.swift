import Addressing

/// Operators and functions of rules: CEL's own, those for strings and lists that Kubernetes adds, and its addresses
/// (k8s.io/apiserver/pkg/cel/library). What is not here a rule that uses it is told of by name, and is not evaluated.
enum RuleFunctions {
    static let functions: Set<String> = [
        "size", "int", "uint", "double", "string", "bool", "dyn", "isIP", "ip", "ip.isCanonical", "isCIDR", "cidr",
        "isQuantity", "quantity", "isURL", "url", "duration", "timestamp", "optional.of", "optional.ofNonZeroValue",
        "optional.none",
    ]

    static let methods: Set<String> = [
        "size", "startsWith", "endsWith", "contains", "matches", "lowerAscii", "upperAscii", "trim", "replace", "split",
        "join", "substring", "indexOf", "lastIndexOf", "charAt", "isSorted", "sum", "min", "max", "family",
        "isUnspecified", "isLoopback", "isLinkLocalMulticast", "isLinkLocalUnicast", "isGlobalUnicast", "containsIP",
        "containsCIDR", "prefixLength", "masked", "ip", "sign", "isInteger", "asInteger", "asApproximateFloat", "add",
        "sub", "isLessThan", "isGreaterThan", "compareTo", "getScheme", "getHost", "getHostname", "getPort",
        "getEscapedPath", "getQuery", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
        "getDayOfYear", "getHours", "getMinutes", "getSeconds", "hasValue", "value", "or", "orValue",
    ]

    static let operators: Set<String> = ["!", "-", "==", "!=", "<", "<=", ">", ">=", "+", "*", "/", "%", "in"]

    static func call(_ function: String, _ arguments: [RuleValue]) throws(RuleError) -> RuleValue {
        if operators.contains(function) { return try calculate(function, arguments) }
        if function == "optional.none", arguments.isEmpty { return .optional(nil) }
        guard arguments.count == 1 else { throw .noOverload(function) }
        let argument = arguments[0]
        switch (function, argument) {
        case ("size", _): return try size(argument)
        case ("dyn", _): return argument
        case ("isIP", .string(let text)): return .bool(address(text) != nil)
        case ("ip", .string(let text)): return .address(try readAddress(text))
        case ("ip.isCanonical", .string(let text)): return .bool(try readAddress(text).description == text)
        case ("isCIDR", .string(let text)): return .bool(network(text) != nil)
        case ("cidr", .string(let text)): return .network(try readNetwork(text))
        case ("isQuantity", .string(let text)): return .bool(RuleQuantity(text) != nil)
        case ("quantity", .string(let text)):
            guard let quantity = RuleQuantity(text) else {
                throw RuleError(
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
            }
            return .quantity(quantity)
        case ("isURL", .string(let text)): return .bool(RuleURL(text) != nil)
        case ("url", .string(let text)):
            guard let url = RuleURL(text) else {
                throw RuleError("URL parse error during conversion from string: \"\(text)\"")
            }
            return .url(url)
        case ("optional.of", _): return .optional(argument)
        case ("optional.ofNonZeroValue", _): return .optional(isZero(argument) ? nil : argument)
        default: return try converted(argument, to: function)
        }
    }

    /// CEL's zero values: what a field has that was never set.
    private static func isZero(_ value: RuleValue) -> Bool {
        switch value {
        case .null, .bool(false), .int(0), .uint(0), .optional(nil): true
        case .double(let value): value == 0
        case .string(let text): text.isEmpty
        case .list(let elements, _): elements.isEmpty
        case .map(let fields): fields.isEmpty
        case .duration(let duration): duration.nanoseconds == 0
        default: false
        }
    }

    // MARK: Operators

    private static func calculate(_ sign: String, _ operands: [RuleValue]) throws(RuleError) -> RuleValue {
        if operands.count == 1 { return try negated(sign, operands[0]) }
        guard operands.count == 2 else { throw .noOverload(sign) }
        let (left, right) = (operands[0], operands[1])
        switch sign {
        case "==": return .bool(left == right)
        case "!=": return .bool(left != right)
        case "in":
            switch (left, right) {
            case (_, .list(let elements, _)): return .bool(elements.contains(left))
            case (.string(let key), .map(let fields)): return .bool(fields[key] != nil)
            default: throw .noOverload("@in")
            }
        case "<", "<=", ">", ">=":
            guard let order = RuleValue.order(left, right) else {
                if case .double = left, case .double = right { return .bool(false) }
                throw .noOverload("_\(sign)_")
            }
            switch sign {
            case "<": return .bool(order < 0)
            case "<=": return .bool(order <= 0)
            case ">": return .bool(order > 0)
            default: return .bool(order >= 0)
            }
        default: return try RuleArithmetic.result(sign, left, right)
        }
    }

    private static func negated(_ sign: String, _ operand: RuleValue) throws(RuleError) -> RuleValue {
        switch (sign, operand) {
        case ("!", .bool(let value)): return .bool(!value)
        case ("-", .double(let value)): return .double(-value)
        case ("-", .int(let value)):
            guard value != .min else { throw RuleError("integer overflow") }
            return .int(-value)
        default: throw .noOverload("\(sign)_")
        }
    }

    // MARK: Conversions

    private static func size(_ value: RuleValue) throws(RuleError) -> RuleValue {
        switch value {
        case .string(let text): .int(Int64(text.unicodeScalars.count))
        case .list(let elements, _): .int(Int64(elements.count))
        case .map(let fields): .int(Int64(fields.count))
        default: throw .noOverload("size")
        }
    }

    private static func converted(_ value: RuleValue, to type: String) throws(RuleError) -> RuleValue {
        let result: RuleValue? =
            switch (type, value) {
            case ("int", .int), ("uint", .uint), ("double", .double), ("string", .string), ("bool", .bool): value
            case ("int", .uint(let value)): Int64(exactly: value).map { .int($0) }
            case ("int", .double(let value)): Int64(exactly: value.rounded(.towardZero)).map { .int($0) }
            case ("int", .string(let text)): Int64(text).map { .int($0) }
            case ("uint", .int(let value)): UInt64(exactly: value).map { .uint($0) }
            case ("uint", .double(let value)): UInt64(exactly: value.rounded(.towardZero)).map { .uint($0) }
            case ("uint", .string(let text)): UInt64(text).map { .uint($0) }
            case ("double", .int(let value)): .double(Double(value))
            case ("double", .uint(let value)): .double(Double(value))
            case ("double", .string(let text)): Double(text).map { .double($0) }
            case ("string", .int(let value)): .string("\(value)")
            case ("string", .uint(let value)): .string("\(value)")
            case ("string", .bool(let value)): .string("\(value)")
            case ("string", .double(let value)):
                .string(value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)")
            case ("string", .address(let address)): .string(address.description)
            case ("string", .network(let network)): .string(network.description)
            case ("duration", .duration), ("timestamp", .timestamp): value
            case ("duration", .string(let text)): RuleDuration(text).map { .duration($0) }
            case ("duration", .int(let nanoseconds)): .duration(RuleDuration(nanoseconds: nanoseconds))
            case ("timestamp", .string(let text)): RuleTimestamp(text).map { .timestamp($0) }
            case ("timestamp", .int(let seconds)):
                RuleTimestamp(seconds: seconds, nanoseconds: 0).map { .timestamp($0) }
            case ("string", .duration(let duration)): .string(duration.text)
            case ("string", .timestamp(let moment)): .string(moment.text)
            case ("int", .duration(let duration)): .int(duration.nanoseconds)
            case ("int", .timestamp(let moment)): .int(moment.seconds)
            case ("bool", .string("true")): .bool(true)
            case ("bool", .string("false")): .bool(false)
            default: nil
            }
        if let result { return result }
        switch value {
        case .string: throw RuleError("type conversion error from 'string' to '\(type)'")
        case .int, .uint, .double: throw RuleError("integer overflow")
        default: throw .noOverload(type)
        }
    }

    // MARK: Addresses

    /// As Go's netip.ParseAddr, without zones and without IPv4 in IPv6's clothes.
    static func address(_ text: String) -> IPAddress? {
        guard !text.contains("%"), let address = IPAddress(text) else { return nil }
        if case .v6(let address) = address, address.isIPv4Mapped { return nil }
        return address
    }

    /// As Go's netip.ParsePrefix: the address may have bits beyond the length, and the length no zero before it.
    static func network(_ text: String) -> InterfaceAddress? {
        guard StringFormat.isCIDR(text), let network = InterfaceAddress(text), address("\(network.address)") != nil
        else { return nil }
        return network
    }

    static func readAddress(_ text: String) throws(RuleError) -> IPAddress {
        guard let address = address(text) else {
            throw RuleError("IP Address \"\(text)\" parse error during conversion from string")
        }
        return address
    }

    static func readNetwork(_ text: String) throws(RuleError) -> InterfaceAddress {
        guard let network = network(text) else {
            throw RuleError("network address parse error during conversion from string: \"\(text)\"")
        }
        return network
    }
}
