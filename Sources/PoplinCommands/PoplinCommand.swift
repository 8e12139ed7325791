import ArgumentParser
import CNI
import Diagnosis
import Findings
import LinuxHost

/// `poplin`: everything a person runs.
public struct PoplinCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "poplin", abstract: "Pod networking that explains and repairs itself.",
        discussion: """
            Examples:
              poplin doctor                   what is broken, and what to type
              poplin lab up                   a Kubernetes cluster on this machine
              poplin cni list                 the networks of this machine
              poplin cni try pods             does network "pods" work?
              poplin cni validate 10-pods.conflist

            \(CommandStatus.help)
            """,
        version: "poplin \(Release.version)",
        subcommands: [
            ClusterStatusCommand.self, DoctorCommand.self, ConntestCommand.self, CNICommand.self, LabCommand.self,
            AgentGroup.self,
            PolicyCommand.self, ExplainCommand.self, IPAMCommand.self, APIServerGroup.self, VersionCommand.self,
            CompletionCommand.self,
        ])

    public init() {}

    /// The whole program.
    public static func run() -> Never {
        StandardStreams.prepare()
        var status = invoke(Array(CommandLine.arguments.dropFirst()), on: .standard())
        if let loss = Console.loss {
            Console.standard().printError(Finding("standard output cannot be written: \(loss)").rendered())
            status = .internalError
        }
        exit(withError: ExitCode(status.rawValue))
    }

    /// Runs one command line; tests call this with a console of their own.
    public static func invoke(_ arguments: [String], on console: Console) -> CommandStatus {
        var console = console
        // `policy explain A -> B`: the arrow is for the reader, and would be taken for an option.
        let hasArrow = ["policy explain", "doctor why"].contains(arguments.prefix(2).joined(separator: " "))
        let arguments = hasArrow ? arguments.filter { $0 != "->" } : arguments
        do {
            var command = try parseAsRoot(arguments)
            if let command = command as? any ConsoleCommand {
                if let output = (command as? any OutputCommand)?.output { console.color = output.color }
                try command.run(on: console)
            } else {
                try command.run()
            }
            return .healthy
        } catch let failure as CommandFailure {
            if ["doctor", "explain"].contains(arguments.first) {
                console.printWrappedError(failure.findings)
            } else {
                console.printError(failure.findings)
            }
            return failure.status
        } catch {
            return report(error, arguments, on: console)
        }
    }

    /// What the argument parser has to say: help and the version on standard output, mistakes on standard error.
    private static func report(_ error: any Error, _ arguments: [String], on console: Console) -> CommandStatus {
        let text = fullMessage(for: error, columns: ScreenStyle.columns)
        switch exitCode(for: error) {
        case .success:
            console.print(text)
            return .healthy
        case .validationFailure:
            console.printError(text.hasPrefix("Error: ") ? "error[usage]: \(text.dropFirst(7))" : text)
            if let meant = meantSubcommand(arguments) { console.printError("  next: did you mean \"\(meant)\"?") }
            return .usage
        default:
            console.printError(Finding(code: "internal", text).rendered())
            return .internalError
        }
    }
}

extension PoplinCommand {
    /// The subcommand that the first unknown one was probably meant to be, with the commands before it.
    static func meantSubcommand(_ arguments: [String]) -> String? {
        var path = ["poplin"]
        var command: any ParsableCommand.Type = PoplinCommand.self
        for argument in arguments {
            let names = command.configuration.subcommands.map { ($0.configuration.commandName ?? "", $0) }
            if names.isEmpty || argument.hasPrefix("-") { return nil }
            guard let known = names.first(where: { $0.0 == argument }) else {
                return EditDistance.nearest(to: argument, in: names.map(\.0))
                    .map { (path + [$0]).joined(separator: " ") }
            }
            path.append(argument)
            command = known.1
        }
        return nil
    }
}

/// A command that knows where to write.
protocol ConsoleCommand: ParsableCommand {
    func run(on console: Console) throws
}

/// A command that prints data in a format and with colours of the user's choice.
protocol OutputCommand: ConsoleCommand {
    var output: OutputOptions { get }
}
