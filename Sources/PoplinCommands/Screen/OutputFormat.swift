import ArgumentParser
import Findings
import JSONTree
import YAMLTree

/// `-o`.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, yaml

    /// A document in this format; a table is made by the command itself.
    func text(_ value: JSONValue) throws(CommandFailure) -> String {
        guard self == .yaml else { return String(decoding: value.serialized(indent: 4), as: UTF8.self) }
        do {
            return try YAMLWriter.text(value)
        } catch {
            throw CommandFailure(.internalError, Finding(code: "internal", "\(error)"))
        }
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
