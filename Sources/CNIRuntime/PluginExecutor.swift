import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// Executes plugins as the specification wants it: the program found in CNI_PATH, parameters in the environment, the
/// configuration on standard input, the answer on standard output.
///
/// Everything that can go wrong between two programs becomes one `CNIError` that says which of the two is to be looked
/// at: a program that is not there (code 106, with every directory and why it does not have it), one that died, hung,
/// or answered what is neither result nor error (code 107, with the end of its standard error). An error object that
/// the plugin printed is passed on as it is.
public struct PluginExecutor: Sendable {
    /// Where programs are looked for, in order: CNI_PATH.
    public var directories: [String]
    /// How long one execution may take; nil waits for ever, as runtimes do.
    public var limit: Duration?
    /// What the plugins inherit; CNI variables are set anew for each execution.
    public var environment: Environment
    /// Whether what plugins write to standard error goes to ours as well, when they have ended.
    public var relaysErrors: Bool

    public init(
        directories: [String], limit: Duration? = nil, environment: Environment = .current(), relaysErrors: Bool = true
    ) {
        self.directories = directories
        self.limit = limit
        self.environment = environment
        self.relaysErrors = relaysErrors
    }

    /// CNI_PATH as the plugins are given it.
    public var path: String { directories.joined(separator: ":") }

    // MARK: Executing

    /// Runs one plugin to its end.
    ///
    /// - Parameters:
    ///   - type: the plugin's name.
    ///   - request: the verb and its parameters; `path` is replaced by the executor's directories.
    ///   - configuration: what the plugin reads from standard input, complete.
    public func run(_ type: String, _ request: CNIRequest, configuration: [UInt8]) -> PluginInvocation {
        let start = Clock.monotonic()
        var invocation = PluginInvocation(type: type, command: request.command, answer: .done)
        do throws(CNIError) {
            let program = try find(type)
            invocation.path = program
            let outcome = try execute(program, request, configuration)
            let reading = PluginAnswerReader(type: type, command: request.command, limit: limit).read(outcome)
            invocation.errorOutput = outcome.errors
            invocation.answer = reading.answer
            invocation.remarks = reading.remarks
            if case .killed = outcome.termination { invocation.wasKilled = !outcome.ranOutOfTime }
        } catch {
            invocation.answer = .failure(error)
        }
        invocation.duration = .nanoseconds(Int64(clamping: Clock.monotonic() - start))
        if relaysErrors && !invocation.errorOutput.isEmpty {
            // A closed standard error is no reason to fail the network.
            try? StandardStreams.write(invocation.errorOutput, to: .error)
        }
        return invocation
    }

    private func execute(
        _ program: String, _ request: CNIRequest, _ configuration: [UInt8]
    ) throws(CNIError) -> ChildProcess.Outcome {
        var command = ChildProcess.Command(program, environment: variables(for: request), input: configuration)
        command.limit = limit
        do throws(SystemCallError) {
            return try ChildProcess.run(command)
        } catch {
            throw Self.explain(error, program: program)
        }
    }

    /// All six variables are always set, empty when they mean nothing to the verb: a plugin must not see those of
    /// whoever runs us.
    func variables(for request: CNIRequest) -> Environment {
        environment
            .setting("CNI_COMMAND", to: request.command.rawValue)
            .setting("CNI_CONTAINERID", to: request.containerID)
            .setting("CNI_NETNS", to: request.networkNamespace)
            .setting("CNI_ARGS", to: request.arguments)
            .setting("CNI_IFNAME", to: request.interfaceName)
            .setting("CNI_PATH", to: path)
    }

    private static func explain(_ error: SystemCallError, program: String) -> CNIError {
        let details: String
        switch error.errno {
        case .ENOENT:
            details = "the file is there, so its interpreter is not: the first line of a script, or the dynamic loader"
        case .ENOEXEC:
            details = "not a program for this machine: another architecture, a script without #!, or an empty file"
        case .EACCES, .EPERM:
            details = "not executable for this user, on a file system mounted noexec, or refused by a security module"
        case .ETXTBSY:
            details = "the file is still being written; an installer should write beside it and rename"
        case .EFBIG:
            details = "a plugin answers with a few kilobytes"
        default:
            details = ""
        }
        return CNIError(.pluginFailed, "cannot execute plugin \(program): \(error.errno)", details: details)
    }
}

// MARK: - Finding programs

extension PluginExecutor {
    /// The program of a plugin: the first regular, executable file of that name in the directories.
    public func find(_ type: String) throws(CNIError) -> String {
        guard Self.isValidType(type) else {
            throw CNIError(
                .invalidConfiguration, "invalid plugin name: \"\(type)\"",
                details: "a plugin's type is the name of a file, without directories")
        }
        var reasons: [String] = []
        for directory in directories {
            let candidate = "\(directory)/\(type)"
            if let reason = Self.obstacle(candidate, in: directory) {
                reasons.append("\(directory): \(reason)")
            } else {
                return candidate
            }
        }
        // The sentence is libcni's, which is what people search for.
        throw CNIError(
            .pluginNotFound, "failed to find plugin \"\(type)\" in path [\(directories.joined(separator: " "))]",
            details: reasons.isEmpty
                ? "CNI_PATH is empty: no directory was looked in" : reasons.joined(separator: "\n"))
    }

    /// Whether a name can be that of a plugin.
    public static func isValidType(_ type: String) -> Bool {
        !type.isEmpty && type != "." && type != ".." && !type.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    /// Why a path cannot be executed; nil when it can.
    private static func obstacle(_ path: String, in directory: String) -> String? {
        do throws(SystemCallError) {
            let status = try FileSystem.status(path)
            if status.isDirectory { return "is a directory there" }
            if !status.isRegularFile { return "is not a regular file there" }
            if !status.isExecutable { return "is there and not executable (mode \(octal(status.mode & 0o7777)))" }
            return nil
        } catch {
            switch error.errno {
            case .ENOENT:
                if (try? FileSystem.exists(path)) == true { return "is a dangling link there" }
                guard (try? FileSystem.exists(directory)) == true else { return "no such directory" }
                return "not there"
            case .ENOTDIR: return "not a directory"
            default: return "\(error.errno)"
            }
        }
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

// MARK: - Delegation

extension PluginExecutor {
    /// ADD of a delegate, such as an IPAM plugin that is not ours.
    ///
    /// - Parameter version: the configuration's, for a result that does not name its own.
    public func add(
        _ type: String, _ request: CNIRequest, configuration: [UInt8], version: CNIVersion
    ) throws(CNIError) -> CNIResult {
        let invocation = run(type, request.with(.add), configuration: configuration)
        switch invocation.answer {
        case .failure(let error): throw error
        case .done: return CNIResult()
        case .result(let tree): return try CNIResult(decoding: tree.root, assuming: version)
        }
    }

    /// A verb without a result: DEL, CHECK, GC or STATUS of a delegate.
    public func execute(_ type: String, _ request: CNIRequest, configuration: [UInt8]) throws(CNIError) {
        if let error = run(type, request, configuration: configuration).failure { throw error }
    }
}
