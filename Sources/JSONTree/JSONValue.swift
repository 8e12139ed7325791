/// A document to be written: plain values, and whole subtrees of a document that was read, passed on as they were.
public indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A number by its text, for what `Int64` cannot hold. The text must be a JSON number.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
    /// A subtree of another document, written with the number texts, order and duplicates it has there.
    case node(JSONNode)

    public init(_ node: JSONNode) { self = .node(node) }

    public static func uint(_ value: UInt64) -> JSONValue {
        Int64(exactly: value).map { .int($0) } ?? .number(String(value))
    }
}

/// One member of an object to be written.
public struct JSONMember: Sendable, Equatable {
    public var key: String
    public var value: JSONValue

    public init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Keeps the order of the literal, and its duplicates.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
}

// MARK: - Looking and editing

extension JSONValue {
    /// A node unfolded by one level, so that every value has one of the other seven shapes.
    public var unfolded: JSONValue {
        guard case .node(let node) = self else { return self }
        switch node.kind {
        case .null: return .null
        case .bool: return .bool(node.bool ?? false)
        case .number: return node.int.map { .int($0) } ?? .number(node.numberText ?? "0")
        case .string: return .string(node.string ?? "")
        case .array: return .array(node.elements.map { .node($0) })
        case .object: return .object(node.members.map { JSONMember($0.key, .node($0.value)) })
        }
    }

    /// The members of an object; of anything else none.
    public var members: [JSONMember] {
        if case .object(let members) = unfolded { members } else { [] }
    }

    /// The last member with this key, in any case, as ``JSONNode/subscript(_:)-(String)`` finds it.
    public subscript(_ key: String) -> JSONValue? { members.last { $0.isNamed(key) }?.value }

    /// The object with `key` set: where a member of that name (in any case) stands, otherwise at the end. Other
    /// members of the name go, because a reader would let the last of them win. Anything but an object becomes one.
    public func setting(_ key: String, to value: JSONValue) -> JSONValue {
        var members = members
        guard let first = members.firstIndex(where: { $0.isNamed(key) }) else {
            return .object(members + [JSONMember(key, value)])
        }
        members[first] = JSONMember(key, value)
        var index = members.count - 1
        while index > first {
            if members[index].isNamed(key) { members.remove(at: index) }
            index -= 1
        }
        return .object(members)
    }

    /// The object without the members of this name, in any case.
    public func removing(_ key: String) -> JSONValue { .object(members.filter { !$0.isNamed(key) }) }
}

extension JSONMember {
    /// Whether Go's decoder takes this member for the field `name`.
    func isNamed(_ name: String) -> Bool { JSONKey.matches(key, name) }
}

// MARK: - Equality

extension JSONValue: Equatable {
    /// Equal when they say the same: nodes by content, numbers by their text, members in order.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left.unfolded, right.unfolded) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.int(let left), .number(let right)), (.number(let right), .int(let left)): String(left) == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONNode: Equatable {
    /// Equal when they say the same, wherever they stand.
    public static func == (left: JSONNode, right: JSONNode) -> Bool {
        left.kind == right.kind && (left.rawBytes == right.rawBytes || JSONValue(left) == JSONValue(right))
    }
}
