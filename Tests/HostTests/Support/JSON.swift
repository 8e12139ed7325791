import Foundation

/// JSON as a plain value, for what the witnesses (`ip -j`, `tc -j`, plugins) print. The tests do not read it with
/// Poplin's own JSONTree: a witness that shares a parser with the accused proves less.
indirect enum JSON: Hashable, Sendable, Codable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    init(parsing text: String) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    }

    /// The text with sorted keys, on one line.
    var text: String { rendered([.sortedKeys, .withoutEscapingSlashes]) }
    /// The text with sorted keys, over many lines.
    var prettyText: String { rendered([.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]) }

    private func rendered(_ formatting: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        guard let data = try? encoder.encode(self) else { return "(not encodable)" }
        return String(decoding: data, as: UTF8.self)
    }

    subscript(_ key: String) -> JSON? {
        get {
            guard case .object(let members) = self else { return nil }
            return members[key]
        }
        set {
            guard case .object(var members) = self else {
                if let newValue { self = .object([key: newValue]) }
                return
            }
            members[key] = newValue
            self = .object(members)
        }
    }

    subscript(_ index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var int: Int64? { if case .int(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var elements: [JSON] { if case .array(let value) = self { value } else { [] } }
    var members: [String: JSON] { if case .object(let value) = self { value } else { [:] } }

    /// The same tree with `change` applied to every string in it, object keys left alone.
    func mappingStrings(_ change: (String) -> String) -> JSON {
        switch self {
        case .string(let value): .string(change(value))
        case .array(let value): .array(value.map { $0.mappingStrings(change) })
        case .object(let value): .object(value.mapValues { $0.mappingStrings(change) })
        default: self
        }
    }

    /// The same tree without the members named in `keys`, at every depth.
    func removing(_ keys: Set<String>) -> JSON {
        switch self {
        case .array(let value): .array(value.map { $0.removing(keys) })
        case .object(let value): .object(value.filter { !keys.contains($0.key) }.mapValues { $0.removing(keys) })
        default: self
        }
    }

    /// Every leaf with its path (`ips[0].address`), so that two trees can be compared leaf by leaf.
    func flattened(under prefix: String) -> [String: JSON] {
        switch self {
        case .array(let value) where !value.isEmpty:
            var leaves: [String: JSON] = [:]
            for (index, element) in value.enumerated() {
                leaves.merge(element.flattened(under: "\(prefix)[\(index)]")) { $1 }
            }
            return leaves
        case .object(let value) where !value.isEmpty:
            var leaves: [String: JSON] = [:]
            for (key, element) in value {
                leaves.merge(element.flattened(under: prefix.isEmpty ? key : "\(prefix).\(key)")) { $1 }
            }
            return leaves
        default: return [prefix: self]
        }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Dictionary(elements) { $1 }) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .int(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}
