import JSONTree

/// One step of a path to a field, as server-side apply knows it (structured-merge-diff, fieldpath/element.go): the
/// name of a member, the keys of an element of a map-like list, the value of an element of a set, or an index.
public enum PathElement: Hashable, Sendable {
    case field(String)
    /// Sorted by name.
    case key([KeyPart])
    case value(Scalar)
    case index(Int)

    public struct KeyPart: Hashable, Sendable {
        public let name: String
        public let value: Scalar

        public init(_ name: String, _ value: Scalar) {
            self.name = name
            self.value = value
        }
    }

    public static func keyed(_ parts: [KeyPart]) -> PathElement { .key(parts.sorted { $0.name < $1.name }) }
}

/// A value that tells list elements apart. Numbers are equal by value; what is no scalar is told by its text.
public enum Scalar: Hashable, Sendable {
    case int(Int64)
    case number(Double)
    case string(String)
    case bool(Bool)
    /// A list or an object, written with sorted keys.
    case composite(String)
    case null

    public init(_ value: JSONValue) {
        switch value.unfolded {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .number(let text):
            let double = Double(text) ?? 0
            self = Int64(exactly: double).map { .int($0) } ?? .number(double)
        case .string(let text): self = .string(text)
        case .array, .object, .node: self = .composite(value.text(sortedKeys: true))
        }
    }

    public var value: JSONValue {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .number(let value): .number("\(value)")
        case .string(let text): .string(text)
        case .composite(let text): (try? JSONTree(parsing: text)).map { .node($0.root) } ?? .string(text)
        }
    }
}

// MARK: - Text

extension PathElement {
    /// The key this step has in `fieldsV1`: `f:name`, `k:{"name":"a"}`, `v:"x"`, `i:0`.
    public var fieldsKey: String {
        switch self {
        case .field(let name): "f:\(name)"
        case .key(let parts):
            "k:\(JSONValue.object(parts.map { JSONMember($0.name, $0.value.value) }).text())"
        case .value(let scalar): "v:\(scalar.value.text())"
        case .index(let index): "i:\(index)"
        }
    }

    /// Nil when the text is none of the four forms.
    public init?(fieldsKey text: some StringProtocol) {
        guard let colon = text.utf8.dropFirst().first, colon == UInt8(ascii: ":") else { return nil }
        let rest = String(text.dropFirst(2))
        switch text.utf8.first {
        case UInt8(ascii: "f"): self = .field(rest)
        case UInt8(ascii: "i"):
            guard let index = Int(rest), index >= 0 else { return nil }
            self = .index(index)
        case UInt8(ascii: "v"):
            guard let tree = try? JSONTree(parsing: rest) else { return nil }
            self = .value(Scalar(.node(tree.root)))
        case UInt8(ascii: "k"):
            guard let tree = try? JSONTree(parsing: rest), tree.root.kind == .object else { return nil }
            self = .keyed(MemberTable(.node(tree.root)).members.map { KeyPart($0.key, Scalar($0.value)) })
        default: return nil
        }
    }
}

extension PathElement: CustomStringConvertible {
    /// As a kube-apiserver prints it in conflicts: `.data`, `[name="a"]`, `[="x"]`, `[0]`.
    public var description: String {
        switch self {
        case .field(let name): ".\(name)"
        case .key(let parts): "[\(parts.map { "\($0.name)=\($0.value.value.text())" }.joined(separator: ","))]"
        case .value(let scalar): "[=\(scalar.value.text())]"
        case .index(let index): "[\(index)]"
        }
    }
}

// MARK: - Order

extension PathElement: Comparable {
    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }

    public static func < (left: PathElement, right: PathElement) -> Bool {
        switch (left, right) {
        case (.field(let left), .field(let right)): left.precedesByBytes(right)
        case (.key(let left), .key(let right)): left.lexicographicallyPrecedes(right)
        case (.value(let left), .value(let right)): left < right
        case (.index(let left), .index(let right)): left < right
        default: left.rank < right.rank
        }
    }
}

extension PathElement.KeyPart: Comparable {
    public static func < (left: Self, right: Self) -> Bool {
        left.name == right.name ? left.value < right.value : left.name.precedesByBytes(right.name)
    }
}

extension Scalar: Comparable {
    private var rank: Int {
        switch self {
        case .int, .number: 0
        case .string: 1
        case .bool: 2
        case .composite: 3
        case .null: 4
        }
    }

    private var number: Double {
        switch self {
        case .int(let value): Double(value)
        case .number(let value): value
        default: 0
        }
    }

    public static func < (left: Scalar, right: Scalar) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): left < right
        case (.string(let left), .string(let right)), (.composite(let left), .composite(let right)):
            left.precedesByBytes(right)
        case (.bool(let left), .bool(let right)): !left && right
        default: left.rank == right.rank ? left.number < right.number : left.rank < right.rank
        }
    }
}

extension String {
    /// As Go compares strings, byte by byte; Swift would compare canonical equivalents.
    func precedesByBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
