import ArgumentParser
import Testing

@testable import PoplinCommands

@Suite struct HelpTests {
    static let commands: [any ParsableCommand.Type] =
        [PoplinCommand.self] + PoplinCommand.configuration.subcommands + CNICommand.configuration.subcommands

    @Test(arguments: commands.indices) func isAsKept(index: Int) throws {
        let command = Self.commands[index]
        let name =
            index > PoplinCommand.configuration.subcommands.count ? "cni-\(command._commandName)" : command._commandName
        try expectSnapshot(PoplinCommand.helpMessage(for: command, columns: 80), "help-\(name)")
    }

    @Test(arguments: commands.indices) func hasExamplesAndExitStatus(index: Int) {
        let help = PoplinCommand.helpMessage(for: Self.commands[index], columns: 80)
        #expect(help.contains("Examples:"))
        #expect(help.contains("Exit status: 0 healthy"))
    }

    /// Every command there is, by the words that lead to it.
    static let tree = branch(PoplinCommand.self, [])

    private static func branch(
        _ command: any ParsableCommand.Type, _ path: [String]
    ) -> [(path: [String], command: any ParsableCommand.Type)] {
        [(path, command)]
            + command.configuration.subcommands.flatMap { branch($0, path + [$0._commandName]) }
    }

    /// As it is typed; examples stand as they are to be copied, none is broken.
    @Test(arguments: tree.indices) func fitsEightyColumns(index: Int) throws {
        let (path, command) = Self.tree[index]
        let recorder = try Recorder()
        #expect(PoplinCommand.invoke(path + ["--help"], on: recorder.console()) == .healthy)
        let lines = recorder.output.split(separator: "\n").map(String.init)
        #expect(!lines.isEmpty)
        for line in lines { #expect(line.count <= 80, "\(path.joined(separator: " ")): \(line)") }
        for example in command.configuration.discussion.split(separator: "\n") where example.hasPrefix("  ") {
            #expect(lines.contains(String(example)), "\(path.joined(separator: " ")): \(example)")
        }
    }

    @Test(arguments: DoctorCommand.configuration.subcommands.indices) func doctorsAreAsKept(index: Int) throws {
        let command = DoctorCommand.configuration.subcommands[index]
        let help = PoplinCommand.helpMessage(for: command, columns: 80)
        try expectSnapshot(help, "help-doctor-\(command._commandName)")
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completionKnowsTheCommands(shell: String) throws {
        let recorder = try Recorder()
        #expect(recorder.run("completion", shell) == .healthy)
        #expect(recorder.output.contains("validate"))
    }

    @Test func versionSaysWhatIsSpoken() throws {
        let recorder = try Recorder()
        #expect(recorder.run("version") == .healthy)
        #expect(recorder.output.contains("1.1.0"))
        #expect(recorder.run("version", "-o", "yaml") == .healthy)
        #expect(recorder.output.contains("cniVersions:\n- 0.1.0\n"))
        #expect(recorder.run("--version") == .healthy)
        #expect(recorder.errors.isEmpty)
    }
}
