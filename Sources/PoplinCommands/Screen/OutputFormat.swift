import ArgumentParser
import JSONTree
import Yams

/// `-o`.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, yaml

    /// A document in this format; a table is made by the command itself.
    func text(_ value: JSONValue) throws(CommandFailure) -> String {
        guard self == .yaml else { return String(decoding: value.serialized(indent: 4), as: UTF8.self) }
        do {
            return try Yams.serialize(node: YAMLDocument.node(value), indent: 2, width: -1, allowUnicode: true)
        } catch {
            throw CommandFailure(.internalError, Finding(code: "internal", "cannot write YAML: \(error)"))
        }
    }
}

/// JSON as YAML. Numbers keep their text; a string that would be read as something else is quoted.
enum YAMLDocument {
    static func node(_ value: JSONValue) -> Node {
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
        let isPlain = Resolver.default.resolveTag(of: Node(text)) == .str
        return Node(text, Tag(.str), isPlain ? .any : .doubleQuoted)
    }
}

/// Options of every command that prints data.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "Format of the data on standard output: table, json or yaml.")
    var format: OutputFormat = .table

    @Option(help: "Colours: auto (only on a terminal, never with NO_COLOR), always or never.")
    var color: ColorChoice = .auto
}
