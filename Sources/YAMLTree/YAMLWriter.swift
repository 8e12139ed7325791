import JSONTree
import Yams

/// JSON as YAML. Numbers keep their text; a string that would be read as something else is quoted.
public enum YAMLWriter {
    /// libyaml refused the tree: a string that is not UTF-8, or no memory.
    public struct Failure: Error, CustomStringConvertible {
        public let reason: String
        public var description: String { "cannot write YAML: \(reason)" }
    }

    /// One document, two blanks a level, long lines left alone.
    public static func text(_ value: JSONValue) throws(Failure) -> String {
        do {
            return try Yams.serialize(node: node(value), indent: 2, width: -1, allowUnicode: true)
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    private static func node(_ value: JSONValue) -> Node {
        switch value.unfolded {
        case .null, .node: Node("null", Tag(.null))
        case .bool(let value): Node(value ? "true" : "false", Tag(.bool))
        case .int(let value): Node(String(value), Tag(.int))
        case .number(let text): Node(text, Tag(text.allSatisfy { $0.isNumber || $0 == "-" } ? .int : .float))
        case .string(let text): string(text)
        case .array(let elements): Node(elements.map(node))
        case .object(let members): Node(members.map { (string($0.key), node($0.value)) })
        }
    }

    private static func string(_ text: String) -> Node {
        // Neither by Yams' rules nor by those of our reader and kubectl, which take y and 0o7 for something else.
        let scalar = YAMLScalar(text: Array(text.utf8), tag: "", isPlain: true)
        let isPlain =
            Resolver.default.resolveTag(of: Node(text)) == .str && YAMLScalar.resolve(scalar.text) == .string
            && !scalar.isMerge
        return Node(text, Tag(.str), isPlain ? .any : .doubleQuoted)
    }
}
