/// One value of a document: a reference to the document and a place on its tape.
public struct JSONNode: Sendable {
    let document: JSONDocument
    let index: Int

    public enum Kind: UInt8, Hashable, Sendable, CustomStringConvertible {
        case null, bool, number, string, array, object

        /// With its article, for sentences: "an object is expected, this is a string".
        public var description: String {
            switch self {
            case .null: "null"
            case .bool: "a boolean"
            case .number: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        }
    }

    var entry: JSONEntry { document.tape[index] }

    public var kind: Kind { entry.kind }

    public var isNull: Bool { kind == .null }

    public var bool: Bool? {
        kind == .bool ? document.source[Int(entry.start)] == UInt8(ascii: "t") : nil
    }

    /// The string with its escapes decoded; invalid UTF-8 and lone surrogates are U+FFFD.
    public var string: String? { kind == .string ? text(of: index) : nil }

    /// A number exactly as it was written, however large.
    public var numberText: String? { kind == .number ? String(decoding: rawBytes, as: UTF8.self) : nil }

    /// A number that was written as an integer (no point, no exponent: as Go reads into an int) and fits.
    public var int: Int64? { kind == .number ? Self.integer(rawBytes) : nil }

    /// As ``int``, for numbers from 0.
    public var uint: UInt64? { kind == .number ? Self.integer(rawBytes) : nil }

    public var double: Double? { numberText.flatMap { Double($0) } }

    /// The bytes of the value in the source, quotes and brackets included.
    public var rawBytes: ArraySlice<UInt8> { document.source[Int(entry.start)..<Int(entry.end)] }

    /// Elements of an array, members of an object (each duplicate counted), otherwise 0. Counts along the tape.
    public var count: Int {
        switch kind {
        case .array: elements.reduce(0) { count, _ in count + 1 }
        case .object: JSONMemberIndices(of: self).reduce(0) { count, _ in count + 1 }
        default: 0
        }
    }

    private static func integer<Number: FixedWidthInteger>(_ text: ArraySlice<UInt8>) -> Number? {
        var value: Number = 0
        let isNegative = text.first == ASCII.minus
        for byte in isNegative ? text.dropFirst() : text {
            guard ASCII.isDigit(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Number(byte - ASCII.zero)
            let (sum, carry) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }
}

// MARK: - Inside

/// The elements of an array in order.
public struct JSONElements: Sequence, Sendable {
    let node: JSONNode

    public struct Iterator: IteratorProtocol {
        let document: JSONDocument
        var index: Int
        let end: Int

        public mutating func next() -> JSONNode? {
            guard index < end else { return nil }
            defer { index = Int(document.tape[index].next) }
            return JSONNode(document: document, index: index)
        }
    }

    public func makeIterator() -> Iterator {
        let end = node.kind == .array ? Int(node.entry.next) : node.index + 1
        return Iterator(document: node.document, index: node.index + 1, end: end)
    }
}

/// The members of an object in order, duplicates included.
public struct JSONMembers: Sequence, Sendable {
    let node: JSONNode

    public struct Iterator: IteratorProtocol {
        var indices: JSONMemberIndices.Iterator
        let node: JSONNode

        public mutating func next() -> (key: String, value: JSONNode)? {
            guard let key = indices.next() else { return nil }
            return (node.text(of: key), JSONNode(document: node.document, index: key + 1))
        }
    }

    public func makeIterator() -> Iterator {
        Iterator(indices: JSONMemberIndices(of: node).makeIterator(), node: node)
    }
}

/// The tape indices of an object's keys; each value's index is one more.
struct JSONMemberIndices: Sequence {
    let node: JSONNode

    init(of node: JSONNode) { self.node = node }

    struct Iterator: IteratorProtocol {
        let document: JSONDocument
        var index: Int
        let end: Int

        mutating func next() -> Int? {
            guard index < end else { return nil }
            defer { index = Int(document.tape[index + 1].next) }
            return index
        }
    }

    func makeIterator() -> Iterator {
        let end = node.kind == .object ? Int(node.entry.next) : node.index + 1
        return Iterator(document: node.document, index: node.index + 1, end: end)
    }
}

extension JSONNode {
    /// The elements of an array; of anything else none.
    public var elements: JSONElements { JSONElements(node: self) }

    /// The members of an object, duplicates included; of anything else none.
    public var members: JSONMembers { JSONMembers(node: self) }

    /// The element at `position`, walking there along the tape.
    public subscript(_ position: Int) -> JSONNode? {
        var iterator = elements.dropFirst(Swift.max(0, position)).makeIterator()
        return position < 0 ? nil : iterator.next()
    }

    /// The member that Go's decoder would use for `key`: case does not matter, and the last one that matches wins.
    public subscript(_ key: String) -> JSONNode? {
        guard kind == .object else { return nil }
        var key = key
        return key.withUTF8 { wanted in
            var found: JSONNode?
            for index in JSONMemberIndices(of: self) where matches(key: index, wanted) {
                found = JSONNode(document: document, index: index + 1)
            }
            return found
        }
    }

    /// The key that names this value in its object.
    public var keyNode: JSONNode? {
        entry.traits.contains(.member) ? JSONNode(document: document, index: index - 1) : nil
    }
}
