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
