import Addressing
import JSONTree

/// Typed access to one object of a configuration. What is wrong is told with the field's JSON path, its line and
/// column, and a caret under it.
///
/// As in every CNI plugin, keys are matched without regard to case, of duplicate keys the last one counts, unknown keys
/// are ignored, and `null` is the same as not being there.
public struct ConfigurationReader: Sendable {
    /// The object read from.
    public let node: JSONNode
    /// The code of the errors: 7 for a configuration, 6 for a result.
    let code: CNIError.Code

    /// - Throws: when `node` is not an object.
    public init(_ node: JSONNode) throws(CNIError) { try self.init(node, code: .invalidConfiguration) }

    init(_ node: JSONNode, code: CNIError.Code) throws(CNIError) {
        self.node = node
        self.code = code
        guard node.kind == .object else { throw Self.mismatch(node, "an object", code: code) }
    }

    /// The field itself; nil when it is not there or null.
    public subscript(_ key: String) -> JSONNode? {
        guard let field = node[key], !field.isNull else { return nil }
        return field
    }

    // MARK: Scalars

    public func string(_ key: String) throws(CNIError) -> String? {
        guard let field = self[key] else { return nil }
        guard let text = field.string else { throw mismatch(field, "a string") }
        return text
    }

    public func string(_ key: String, default value: String) throws(CNIError) -> String { try string(key) ?? value }

    /// One of the cases of an enumeration of texts.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, as _: Choice.Type = Choice.self
    ) throws(CNIError) -> Choice? where Choice.RawValue == String {
        guard let field = self[key] else { return nil }
        guard let text = field.string else { throw mismatch(field, "a string") }
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw invalid(field, "must be one of \(names), not \"\(text)\"")
    }

    public func bool(_ key: String) throws(CNIError) -> Bool? {
        guard let field = self[key] else { return nil }
        guard let value = field.bool else { throw mismatch(field, "true or false") }
        return value
    }

    public func bool(_ key: String, default value: Bool) throws(CNIError) -> Bool { try bool(key) ?? value }

    /// A whole number; a fraction or an exponent is refused as Go's decoder does.
    public func integer(_ key: String, in range: ClosedRange<Int> = Int.min...Int.max) throws(CNIError) -> Int? {
        guard let field = self[key] else { return nil }
        guard field.kind == .number else { throw mismatch(field, "a whole number") }
        guard let wide = field.int, let value = Int(exactly: wide) else {
            throw invalid(field, "must be a whole number that fits 64 bits, not \(field.numberText ?? "")")
        }
        guard range.contains(value) else {
            throw invalid(field, "must be \(Self.describe(range)), not \(value)")
        }
        return value
    }

    public func integer(
        _ key: String, default value: Int, in range: ClosedRange<Int> = Int.min...Int.max
    ) throws(CNIError) -> Int {
        try integer(key, in: range) ?? value
    }

    /// A whole number from 0 to 2^64 - 1.
    public func unsigned(_ key: String) throws(CNIError) -> UInt64? {
        guard let field = self[key] else { return nil }
        guard field.kind == .number else { throw mismatch(field, "a whole number") }
        guard let value = field.uint else {
            throw invalid(field, "must be a whole number from 0 to 2^64 - 1, not \(field.numberText ?? "")")
        }
        return value
    }

    // MARK: Addresses

    /// An address. The empty text is the same as not being there, as in the reference plugins.
    public func address(_ key: String) throws(CNIError) -> IPAddress? {
        try parsed(key) { (text) throws(AddressError) in try IPAddress(parsing: text) }
    }

    /// A prefix whose host bits are zero, such as `10.1.0.0/16`.
    public func prefix(_ key: String) throws(CNIError) -> IPPrefix? {
        try parsed(key) { (text) throws(AddressError) in try IPPrefix(parsing: text) }
    }

    /// An address with the length of its prefix, such as `10.1.2.3/24`.
    public func interfaceAddress(_ key: String) throws(CNIError) -> InterfaceAddress? {
        try parsed(key) { (text) throws(AddressError) in try InterfaceAddress(parsing: text) }
    }

    public func mac(_ key: String) throws(CNIError) -> MACAddress? {
        try parsed(key) { (text) throws(AddressError) in try MACAddress(parsing: text) }
    }

    private func parsed<Value>(
        _ key: String, _ parse: (String) throws(AddressError) -> Value
    ) throws(CNIError) -> Value? {
        guard let field = self[key] else { return nil }
        guard let text = field.string else { throw mismatch(field, "a string") }
        if text.isEmpty { return nil }
        return try element(field, parse)
    }

    /// Parses one string node, for elements of arrays.
    public func element<Value>(
        _ field: JSONNode, _ parse: (String) throws(AddressError) -> Value
    ) throws(CNIError) -> Value {
        guard let text = field.string else { throw mismatch(field, "a string") }
        do throws(AddressError) {
            return try parse(text)
        } catch {
            throw invalid(field, "\(error)")
        }
    }

    // MARK: Objects and arrays

    public func object(_ key: String) throws(CNIError) -> ConfigurationReader? {
        guard let field = self[key] else { return nil }
        return try ConfigurationReader(field, code: code)
    }

    /// The elements of an array; none when it is not there.
    public func array(_ key: String) throws(CNIError) -> [JSONNode] {
        guard let field = self[key] else { return [] }
        guard field.kind == .array else { throw mismatch(field, "an array") }
        return Array(field.elements)
    }

    /// An array of objects; a null element is an error.
    public func objects(_ key: String) throws(CNIError) -> [ConfigurationReader] {
        var readers: [ConfigurationReader] = []
        for field in try array(key) { readers.append(try ConfigurationReader(field, code: code)) }
        return readers
    }

    public func strings(_ key: String) throws(CNIError) -> [String] {
        var texts: [String] = []
        for field in try array(key) {
            guard let text = field.string else { throw mismatch(field, "a string") }
            texts.append(text)
        }
        return texts
    }

    // MARK: Errors

    /// An error about a field of this object; about the object itself when the field is not there.
    public func invalid(_ key: String, _ reason: String) -> CNIError {
        if let field = node[key] { return invalid(field, reason) }
        let path = node.path.isEmpty ? key : "\(node.path).\(key)"
        return CNIError(code, "\(path): \(reason)", details: node.caret("\(path) \(reason)"), at: node.position)
    }

    /// An error about a node found through this reader: `ipam.subnet: reason`, place and caret in the details.
    public func invalid(_ field: JSONNode, _ reason: String) -> CNIError { Self.error(field, reason, code: code) }

    /// A required field.
    public func missing(_ key: String) -> CNIError { invalid(key, "is required") }

    private func mismatch(_ field: JSONNode, _ expected: String) -> CNIError {
        Self.mismatch(field, expected, code: code)
    }

    static func mismatch(_ field: JSONNode, _ expected: String, code: CNIError.Code) -> CNIError {
        error(field, "must be \(expected), not \(field.kind)", code: code)
    }

    static func error(_ field: JSONNode, _ reason: String, code: CNIError.Code) -> CNIError {
        let path = field.path
        let subject = path.isEmpty ? "the configuration" : path
        return CNIError(code, "\(subject): \(reason)", details: field.caret("\(subject) \(reason)"), at: field.position)
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (Int.min, Int.max): "any whole number"
        case (Int.min, let last): "\(last) or less"
        case (let first, Int.max): "\(first) or more"
        case (let first, let last): "from \(first) to \(last)"
        }
    }
}
