import Findings

/// What a command's exit status says, the same for every command.
public enum CommandStatus: Int32, Sendable {
    /// Done, and all is well.
    case healthy = 0
    /// A plugin refused, or something was found that a person should act on.
    case findings = 1
    /// The command line makes no sense.
    case usage = 2
    /// The answer is not known: a directory or a file could not be read.
    case undetermined = 3
    /// A fault of Poplin's own.
    case internalError = 4

    static let help = """
        Exit status: 0 healthy, 1 findings, 2 usage, 3 could not determine, 4 internal.
        """
}

/// How a command ends when it does not succeed: the findings are printed to standard error.
struct CommandFailure: Error {
    var status: CommandStatus
    var findings: [Finding]

    init(_ status: CommandStatus, _ findings: Finding...) { self.init(status, findings) }

    init(_ status: CommandStatus, _ findings: [Finding]) {
        self.status = status
        self.findings = findings
    }

    static func usage(_ message: String, next: String? = nil) -> CommandFailure {
        CommandFailure(.usage, Finding(code: "usage", message, next: next))
    }
}
