import Addressing
import JSONTree

/// A value a rule computes with. Maps have text for keys, as all maps of objects do.
indirect enum RuleValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case list([RuleValue], Order)
    case map([String: RuleValue])
    /// `ip("10.0.0.1")`
    case address(IPAddress)
    /// `cidr("10.0.0.1/8")`, which may have bits beyond its length.
    case network(InterfaceAddress)
    case quantity(RuleQuantity)
    case url(RuleURL)
    case duration(RuleDuration)
    case timestamp(RuleTimestamp)
    /// `optional.of(x)`; nil is `optional.none()`.
    case optional(RuleValue?)

    /// `x-kubernetes-list-type`: what equality and `+` mean.
    enum Order: Hashable, Sendable {
        case ordered
        case set
        case map(keys: [String])
    }

    static func list(_ elements: [RuleValue]) -> RuleValue { .list(elements, .ordered) }

    /// As `type()` would say.
    var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .list: "list"
        case .map: "map"
        case .address: "net.IP"
        case .network: "net.CIDR"
        case .quantity: "kubernetes.Quantity"
        case .url: "kubernetes.URL"
        case .duration: "google.protobuf.Duration"
        case .timestamp: "google.protobuf.Timestamp"
        case .optional: "optional_type"
        }
    }
}

// MARK: - From objects

extension RuleValue {
    /// The value of an object as its schema types it. Fields that the schema does not describe are not there for a rule.
    ///
    /// - Parameter isRoot: of a resource whole, a rule sees its kind and its name whatever the schema says.
    init(_ value: JSONValue, _ schema: Schema, isRoot: Bool = false) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.boolValue ?? false)
        case .string: self = Self.text(value.stringValue ?? "", format: schema.format)
        case .number:
            if schema.kind != .number, SchemaValidator.isInteger(value) {
                self = .int(value.intValue ?? SchemaValidator.number(value).flatMap { Int64(exactly: $0) } ?? 0)
            } else {
                self = .double(SchemaValidator.number(value) ?? .nan)
            }
        case .array:
            let order: Order =
                switch schema.statedListType {
                case .set: .set
                case .map(let keys): .map(keys: keys)
                case .atomic, nil: .ordered
                }
            self = .list(value.elements.map { RuleValue($0, schema.items ?? .any) }, order)
        case .object:
            var fields: [String: RuleValue] = [:]
            for member in value.members {
                if let property = schema.property(member.key) {
                    fields[Self.fieldName(member.key)] = RuleValue(member.value, property.schema)
                } else if let schema = schema.additionalProperties {
                    fields[member.key] = RuleValue(member.value, schema)
                }
            }
            if isRoot || schema.isEmbeddedResource {
                for name in ["apiVersion", "kind"] { fields[name] = value.member(name).map { RuleValue($0, .any) } }
                var metadata: [String: RuleValue] = [:]
                for name in ["name", "generateName"] {
                    metadata[name] = value.at("metadata", name).map { RuleValue($0, .any) }
                }
                fields["metadata"] = .map(metadata)
            }
            self = .map(fields)
        }
    }

    /// Of these formats rules see what the text means.
    private static func text(_ text: String, format: String?) -> RuleValue {
        switch format {
        case "duration": RuleDuration(text).map { .duration($0) } ?? .string(text)
        case "date-time": RuleTimestamp(text).map { .timestamp($0) } ?? .string(text)
        case "date": RuleTimestamp(text + "T00:00:00Z").map { .timestamp($0) } ?? .string(text)
        default: .string(text)
        }
    }

    /// A property's name as rules write it: what is no identifier is spelt out, and reserved words stand in underscores
    /// (apiextensions, ValidationRule.rule).
    static func fieldName(_ property: String) -> String {
        if reserved.contains(property) { return "__\(property)__" }
        guard property.contains("__") || property.contains(where: { ".-/".contains($0) }) else { return property }
        var name = ""
        var rest = Substring(property)
        while let character = rest.first {
            if rest.hasPrefix("__") {
                name += "__underscores__"
                rest = rest.dropFirst(2)
                continue
            }
            switch character {
            case ".": name += "__dot__"
            case "-": name += "__dash__"
            case "/": name += "__slash__"
            default: name.append(character)
            }
            rest = rest.dropFirst()
        }
        return name
    }

    private static let reserved: Set<String> = [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ]
}

// MARK: - Comparing

extension RuleValue: Equatable {
    static func == (left: RuleValue, right: RuleValue) -> Bool {
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.string(let left), .string(let right)): return left.unicodeScalars.elementsEqual(right.unicodeScalars)
        case (.address(let left), .address(let right)): return left == right
        case (.network(let left), .network(let right)): return left == right
        case (.quantity(let left), .quantity(let right)): return left == right
        case (.url(let left), .url(let right)): return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.timestamp(let left), .timestamp(let right)): return left == right
        case (.optional(let left), .optional(let right)): return left == right
        case (.map(let left), .map(let right)): return left == right
        case (.list(let left, let order), .list(let right, let other)):
            guard left.count == right.count else { return false }
            if order == .ordered, other == .ordered { return left == right }
            // Elements of such lists are all different, so that counting both ways is enough.
            return left.allSatisfy(right.contains) && right.allSatisfy(left.contains)
        default: return order(left, right) == 0
        }
    }

    /// Below, at or above 0; nil for what has no order. Numbers of all types stand on one line.
    static func order(_ left: RuleValue, _ right: RuleValue) -> Int? {
        func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int { left < right ? -1 : left == right ? 0 : 1 }
        switch (left, right) {
        case (.bool(let left), .bool(let right)): return sign(left ? 1 : 0, right ? 1 : 0)
        case (.int(let left), .int(let right)): return sign(left, right)
        case (.uint(let left), .uint(let right)): return sign(left, right)
        case (.int(let left), .uint(let right)): return left < 0 ? -1 : sign(UInt64(left), right)
        case (.uint(let left), .int(let right)): return right < 0 ? 1 : sign(left, UInt64(right))
        case (.duration(let left), .duration(let right)): return sign(left.nanoseconds, right.nanoseconds)
        case (.timestamp(let left), .timestamp(let right)):
            return left.seconds == right.seconds
                ? sign(left.nanoseconds, right.nanoseconds) : sign(left.seconds, right.seconds)
        case (.string(let left), .string(let right)):
            if left == right { return 0 }
            return left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars) ? -1 : 1
        default:
            guard let first = left.number, let second = right.number, !first.isNaN, !second.isNaN else { return nil }
            return sign(first, second)
        }
    }

    private var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
