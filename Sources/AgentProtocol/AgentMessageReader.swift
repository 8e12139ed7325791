import Addressing
import JSONTree

/// The fields of one message. Keys nobody knows are left alone, so that a newer side may say more; a field that is known
/// and wrong is an error that names it.
struct AgentMessageReader {
    let node: JSONNode
    private let prefix: String

    /// Reads a whole line, without or with its newline.
    init(line: [UInt8]) throws(AgentMessageError) {
        let tree: JSONTree
        do throws(JSONSyntaxError) { tree = try JSONTree(parsing: line) } catch { throw .malformed("\(error)") }
        try self.init(tree.root, prefix: "")
        guard let version = node.member("v")?.int else { throw .malformed("v: must be the version, a whole number") }
        guard version == AgentRequest.version else { throw .version(version) }
    }

    private init(_ node: JSONNode, prefix: String) throws(AgentMessageError) {
        guard node.kind == .object else {
            let subject = prefix.isEmpty ? "the message" : "\(prefix.dropLast())"
            throw .malformed("\(subject) must be an object, not \(node.kind)")
        }
        self.node = node
        self.prefix = prefix
    }

    /// A field that is there and not null.
    private func field(_ key: String) -> JSONNode? {
        guard let field = node.member(key), !field.isNull else { return nil }
        return field
    }

    func object(_ key: String) throws(AgentMessageError) -> AgentMessageReader? {
        guard let field = field(key) else { return nil }
        return try AgentMessageReader(field, prefix: "\(prefix)\(key).")
    }

    func string(_ key: String) throws(AgentMessageError) -> String {
        guard let field = field(key) else { return "" }
        guard let text = field.string else { throw error(key, "must be a string, not \(field.kind)") }
        return text
    }

    func requiredString(_ key: String) throws(AgentMessageError) -> String {
        let text = try string(key)
        if text.isEmpty { throw error(key, "is required") }
        return text
    }

    /// False when it is not there.
    func flag(_ key: String) throws(AgentMessageError) -> Bool {
        guard let field = field(key) else { return false }
        guard let value = field.bool else { throw error(key, "must be true or false, not \(field.kind)") }
        return value
    }

    func integer(_ key: String, in range: ClosedRange<Int>, default value: Int) throws(AgentMessageError) -> Int {
        guard let field = field(key) else { return value }
        guard let wide = field.int, let number = Int(exactly: wide), range.contains(number) else {
            throw error(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func list<Value>(
        _ key: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(AgentMessageError) -> [Value] {
        guard let field = field(key) else { return [] }
        guard field.kind == .array else { throw error(key, "must be an array, not \(field.kind)") }
        var values: [Value] = []
        for element in field.elements {
            guard let text = element.string, let value = parse(text) else {
                throw error(key, "every element must be \(expected), not \(element)")
            }
            values.append(value)
        }
        return values
    }

    func objects(_ key: String) throws(AgentMessageError) -> [AgentMessageReader] {
        guard let field = field(key) else { return [] }
        guard field.kind == .array else { throw error(key, "must be an array, not \(field.kind)") }
        var readers: [AgentMessageReader] = []
        for element in field.elements {
            readers.append(try AgentMessageReader(element, prefix: "\(prefix)\(key)[\(readers.count)]."))
        }
        return readers
    }

    func error(_ key: String, _ reason: String) -> AgentMessageError { .malformed("\(prefix)\(key): \(reason)") }
}

extension JSONValue {
    /// The message as a line, newline included.
    var line: [UInt8] { serialized() + [UInt8(ascii: "\n")] }
}
