// Keys as they are spelled, and paths of them: what editing Kubernetes objects is made of.

extension JSONValue {
    /// The member with exactly this key; of duplicates the last.
    public func member(_ key: String) -> JSONValue? {
        switch self {
        case .node(let node): node.member(key).map { .node($0) }
        case .object(let members): members.last { $0.key == key }?.value
        default: nil
        }
    }

    /// The value at the end of these keys, each spelled exactly: `pod.at("metadata", "name")`.
    public func at(_ path: String...) -> JSONValue? { at(path) }

    public func at(_ path: some Sequence<String>) -> JSONValue? {
        var here = self
        for key in path {
            guard let next = here.member(key) else { return nil }
            here = next
        }
        return here
    }

    /// The object with the member of exactly this key set: in its place, or at the end. Duplicates of it go. Anything
    /// but an object becomes one.
    public func settingMember(_ key: String, to value: JSONValue) -> JSONValue {
        var members = members
        guard let first = members.firstIndex(where: { $0.key == key }) else {
            members.append(JSONMember(key, value))
            return .object(members)
        }
        members[first].value = value
        let after = members.index(after: first)
        members[after...].removeAll { $0.key == key }
        return .object(members)
    }

    /// The object without the members of exactly this key; unchanged when there is none.
    public func removingMember(_ key: String) -> JSONValue {
        guard member(key) != nil else { return self }
        return .object(members.filter { $0.key != key })
    }

    /// The value with what stands at the end of these keys replaced; objects that are missing on the way are made.
    public func setting(at path: some Collection<String>, to value: JSONValue) -> JSONValue {
        guard let key = path.first else { return value }
        return settingMember(key, to: (member(key) ?? .object([])).setting(at: path.dropFirst(), to: value))
    }

    /// The value without what stands at the end of these keys; unchanged when there is nothing.
    public func removing(at path: some Collection<String>) -> JSONValue {
        guard let key = path.first, let inner = member(key) else { return self }
        if path.count == 1 { return removingMember(key) }
        return settingMember(key, to: inner.removing(at: path.dropFirst()))
    }
}

// MARK: - Scalars

extension JSONValue {
    /// The elements of an array; of anything else none.
    public var elements: [JSONValue] {
        switch self {
        case .array(let elements): elements
        case .node(let node): node.elements.map { .node($0) }
        default: []
        }
    }

    public var stringValue: String? {
        switch self {
        case .string(let text): text
        case .node(let node): node.string
        default: nil
        }
    }

    /// A number written as an integer that fits.
    public var intValue: Int64? {
        switch self {
        case .int(let value): value
        case .number(let text): Int64(text)
        case .node(let node): node.int
        default: nil
        }
    }

    public var boolValue: Bool? {
        switch self {
        case .bool(let value): value
        case .node(let node): node.bool
        default: nil
        }
    }

    public var isNull: Bool {
        switch self {
        case .null: true
        case .node(let node): node.isNull
        default: false
        }
    }

    public var kind: JSONNode.Kind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int, .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        case .node(let node): node.kind
        }
    }

    /// A tree of the value's own text: what reads nodes can then read the value. A value made by hand with a number
    /// that is none has no tree.
    public func tree() throws(JSONSyntaxError) -> JSONTree { try JSONTree(parsing: serialized()) }
}

// MARK: - Equivalence

extension JSONValue {
    /// Equal as the API compares: members in any order, of duplicates the last, numbers by their value.
    public func isEquivalent(to other: JSONValue) -> Bool {
        switch (unfolded, other.unfolded) {
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let left), .object(let right)):
            let left = Dictionary(left.map { ($0.key, $0.value) }) { $1 }
            let right = Dictionary(right.map { ($0.key, $0.value) }) { $1 }
            return left.count == right.count
                && left.allSatisfy { key, value in right[key].map { value.isEquivalent(to: $0) } ?? false }
        case (.number(let left), .number(let right)):
            return left == right || Double(left) == Double(right)
        case (.int(let left), .number(let right)), (.number(let right), .int(let left)):
            return Double(right).map { Double(left) == $0 && Int64(exactly: $0) == left } ?? false
        case (let left, let right):
            return left == right
        }
    }
}
