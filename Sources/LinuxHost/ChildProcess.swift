import CLinux
import SystemCalls

/// Runs a program to its end: input in, both outputs out.
///
/// The child is made with posix_spawn(3), which shares memory until the exec and so costs the same whatever the size
/// of the parent. It gets the environment it is given and nothing else: no descriptors but 0, 1 and 2, no blocked or
/// ignored signals.
public enum ChildProcess {
    public struct Command: Sendable {
        /// A path; nothing is searched.
        public var executable: String
        /// Without the program's own name, which is `executable` unless `name` says otherwise.
        public var arguments: [String]
        /// `argv[0]`.
        public var name: String?
        public var environment: Environment
        /// What the child reads from standard input, then the end of the file.
        public var input: [UInt8]
        /// Where the child's standard error goes.
        public var errors: ErrorOutput
        /// How long the child may take: then SIGTERM, and after `grace` SIGKILL. Nil waits for ever.
        public var limit: Duration?
        public var grace: Duration
        /// Bytes of output, or of errors, beyond which the child is killed and the run fails with EFBIG.
        public var outputLimit: Int

        public init(
            _ executable: String, _ arguments: [String] = [], name: String? = nil, environment: Environment,
            input: [UInt8] = [], errors: ErrorOutput = .captured, limit: Duration? = nil,
            grace: Duration = .seconds(2), outputLimit: Int = 64 << 20
        ) {
            self.executable = executable
            self.arguments = arguments
            self.name = name
            self.environment = environment
            self.input = input
            self.errors = errors
            self.limit = limit
            self.grace = grace
            self.outputLimit = outputLimit
        }
    }

    public enum ErrorOutput: Sendable {
        case captured
        /// Shares this process's standard error.
        case inherited
    }

    public enum Termination: Hashable, Sendable, CustomStringConvertible {
        case exited(Int32)
        case killed(signal: Int32)

        public var isSuccess: Bool { self == .exited(0) }

        public var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .killed(let signal): "killed by \(signalName(signal))"
            }
        }
    }

    public struct Outcome: Sendable {
        public let termination: Termination
        public let output: [UInt8]
        /// Empty when the errors were not captured.
        public let errors: [UInt8]
        /// The limit passed, and the child was told to end.
        public let ranOutOfTime: Bool
    }

    /// Fails when the program cannot be started (ENOENT, EACCES, ENOEXEC, ...) or floods its output (EFBIG). Whatever
    /// the program itself does is an outcome.
    public static func run(_ command: Command) throws(SystemCallError) -> Outcome {
        let input = try Pipe.make()
        let output = try Pipe.make()
        // With inherited errors nobody writes into this one, and it ends at once.
        let errors = try Pipe.make()
        let process = try Spawned.start(
            command, input: input.reading.rawValue, output: output.writing.rawValue,
            errors: command.errors == .captured ? errors.writing.rawValue : 2)
        // Our writing ends must go, or the outputs never end. Our reading end of the input stays open until the
        // child is gone: a child that does not read its input then costs nothing, where otherwise the write would
        // raise SIGPIPE.
        var exchange = ChildExchange(
            process, command, input: input.writing, output: output.keepingReading(), errors: errors.keepingReading())
        return try exchange.run()
    }

    static func signalName(_ signal: Int32) -> String {
        guard let text = sigabbrev_np(signal) else { return "signal \(signal)" }
        return "SIG" + String(cString: text)
    }
}
