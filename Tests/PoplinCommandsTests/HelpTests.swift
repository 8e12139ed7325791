import ArgumentParser
import Foundation
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

    @Test(
        "bash offers the options of what is meant where no subcommand is named",
        arguments: [
            (["doctor", "--"], "--bundle", "--metrics"), (["doctor", "--ver"], "--verbose", "--bundle"),
            (["doctor", "--bundle", "x", "--e"], "--exec", "--probe"),
            (["doctor", "watch", "--"], "--metrics", "--pre"),
            (["doctor", ""], "why", "--metrics"), (["conntest", "--j"], "--junit", "--image"),
            (["agent", "--node"], "--node-name", "--bundle"),
        ])
    func bashCompletes(words: [String], offered: String, other: String) throws {
        let recorder = try Recorder()
        #expect(recorder.run("completion", "bash") == .healthy)
        let line = (["poplin"] + words).joined(separator: " ")
        let script =
            recorder.output + """

                COMP_WORDS=(poplin \(words.map { "'\($0)'" }.joined(separator: " ")))
                COMP_CWORD=\(words.count)
                COMP_LINE='\(line)'
                COMP_POINT=${#COMP_LINE}
                _poplin poplin '\(words.last ?? "")' '\(words.dropLast().last ?? "poplin")'
                printf '%s\\n' "${COMPREPLY[@]}"
                """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-O", "extglob", "-c", script]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let offers = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
        #expect(offers.contains(offered), "\(text)")
        #expect(!offers.contains(other), "\(text)")
    }

    @Test func theOtherShellsAreToldTheSame() throws {
        let recorder = try Recorder()
        #expect(recorder.run("completion", "fish") == .healthy)
        let lines = recorder.output.split(separator: "\n")
        let own = lines.filter { $0.contains("_options \"poplin doctor\"") }
        let cluster = lines.filter { $0.contains("_options \"poplin doctor cluster\"") }
        #expect(own.count == cluster.count && cluster.count > 20)
        #expect(own.contains { $0.contains(" -l 'bundle' ") })
        let zsh = try Recorder()
        #expect(zsh.run("completion", "zsh") == .healthy)
        let function = zsh.output.components(separatedBy: "\n_poplin_doctor() {\n").last ?? ""
        #expect(function.hasPrefix("    if [[ \"${words[2]}\" = -* ]]; then\n        \"_poplin_doctor_cluster\"\n"))
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
