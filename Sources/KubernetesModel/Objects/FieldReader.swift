import Addressing
import JSONTree

/// Reads the fields of one object, with their exact keys, and says by path which one has the wrong type. `null` is the
/// same as absent, as in every Kubernetes decoder; unknown fields do not matter.
public struct FieldReader: Sendable {
    public let node: JSONNode

    public init(_ node: JSONNode) throws(FieldError) {
        guard node.kind == .object else { throw Self.mismatch(node, expected: .object) }
        self.node = node
    }

    public static func mismatch(_ node: JSONNode, expected: JSONNode.Kind) -> FieldError {
        FieldError(.typeInvalid, at: node, "\(expected) is expected, this is \(node.kind)")
    }

    /// The field, unless it is absent or null.
    public func field(_ key: String) -> JSONNode? {
        guard let value = node.member(key), !value.isNull else { return nil }
        return value
    }

    public func string(_ key: String) throws(FieldError) -> String? {
        guard let value = field(key) else { return nil }
        guard let string = value.string else { throw Self.mismatch(value, expected: .string) }
        return string
    }

    public func bool(_ key: String) throws(FieldError) -> Bool? {
        guard let value = field(key) else { return nil }
        guard let bool = value.bool else { throw Self.mismatch(value, expected: .bool) }
        return bool
    }

    public func int(_ key: String) throws(FieldError) -> Int? {
        guard let value = field(key) else { return nil }
        guard let number = value.int else {
            if value.kind == .number { throw FieldError(.typeInvalid, at: value, "a whole number is expected") }
            throw Self.mismatch(value, expected: .number)
        }
        return Int(number)
    }

    /// A port, 0...65535.
    public func port(_ key: String) throws(FieldError) -> UInt16? {
        guard let value = field(key), let number = try int(key) else { return nil }
        guard let port = UInt16(exactly: number) else {
            throw FieldError(.invalid, at: value, "must be between 1 and 65535, inclusive")
        }
        return port
    }

    public func intOrString(_ key: String) throws(FieldError) -> IntOrString? {
        guard let value = field(key) else { return nil }
        guard let result = IntOrString(value) else {
            throw FieldError(.typeInvalid, at: value, "a number or a string is expected, this is \(value.kind)")
        }
        return result
    }

    public func timestamp(_ key: String) throws(FieldError) -> Timestamp? {
        guard let value = field(key), let text = try string(key) else { return nil }
        guard let time = Timestamp(text) else { throw Self.noTime(value) }
        return time
    }

    public func microTime(_ key: String) throws(FieldError) -> MicroTime? {
        guard let value = field(key), let text = try string(key) else { return nil }
        guard let time = MicroTime(text) else { throw Self.noTime(value) }
        return time
    }

    private static func noTime(_ node: JSONNode) -> FieldError {
        FieldError(.invalid, at: node, "must be a time such as 2026-11-21T00:46:32Z (RFC 3339)")
    }

    public func address(_ key: String) throws(FieldError) -> IPAddress? {
        guard let value = field(key), let text = try string(key), !text.isEmpty else { return nil }
        guard let address = IPAddress(text) else { throw Self.noAddress(value) }
        return address
    }

    static func noAddress(_ node: JSONNode) -> FieldError {
        FieldError(.invalid, at: node, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
    }
}

// MARK: - Containers

extension FieldReader {
    public func object(_ key: String) throws(FieldError) -> FieldReader? {
        guard let value = field(key) else { return nil }
        return try FieldReader(value)
    }

    public func list(_ key: String) throws(FieldError) -> JSONElements? {
        guard let value = field(key) else { return nil }
        guard value.kind == .array else { throw Self.mismatch(value, expected: .array) }
        return value.elements
    }

    public func objects(_ key: String) throws(FieldError) -> [FieldReader] {
        guard let list = try list(key) else { return [] }
        var objects: [FieldReader] = []
        for element in list { objects.append(try FieldReader(element)) }
        return objects
    }

    /// Each object of a list through `decode`.
    public func objects<Item>(
        _ key: String, _ decode: (FieldReader) throws(FieldError) -> Item
    ) throws(FieldError) -> [Item] {
        guard let list = try list(key) else { return [] }
        var items: [Item] = []
        for element in list { items.append(try decode(try FieldReader(element))) }
        return items
    }

    public func strings(_ key: String) throws(FieldError) -> [String] {
        guard let list = try list(key) else { return [] }
        var strings: [String] = []
        for element in list {
            guard let string = element.string else { throw Self.mismatch(element, expected: .string) }
            strings.append(string)
        }
        return strings
    }

    /// Labels, annotations, node selectors. Duplicate keys: the last one counts. A null value is the empty text.
    public func stringMap(_ key: String) throws(FieldError) -> [String: String] {
        guard let value = field(key) else { return [:] }
        guard value.kind == .object else { throw Self.mismatch(value, expected: .object) }
        var map: [String: String] = [:]
        for (key, value) in value.members {
            guard let string = value.isNull ? "" : value.string else { throw Self.mismatch(value, expected: .string) }
            map[key] = string
        }
        return map
    }

    public func addresses(_ key: String) throws(FieldError) -> [IPAddress] {
        guard let list = try list(key) else { return [] }
        var addresses: [IPAddress] = []
        for element in list {
            guard let text = element.string else { throw Self.mismatch(element, expected: .string) }
            guard let address = IPAddress(text) else { throw Self.noAddress(element) }
            addresses.append(address)
        }
        return addresses
    }

    /// Prefixes; bits after the length do not matter.
    public func prefixes(_ key: String) throws(FieldError) -> [IPPrefix] {
        guard let list = try list(key) else { return [] }
        var prefixes: [IPPrefix] = []
        for element in list {
            guard let text = element.string else { throw Self.mismatch(element, expected: .string) }
            guard let address = InterfaceAddress(text) else {
                throw FieldError(
                    .invalid, at: element, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
            }
            prefixes.append(address.prefix)
        }
        return prefixes
    }
}
