import ArgumentParser
import CNI

public struct PoplinCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "poplin", abstract: "Pod networking that explains and repairs itself.", version: Release.version)

    public init() {}

    /// The whole program.
    public static func run() { main() }
}
