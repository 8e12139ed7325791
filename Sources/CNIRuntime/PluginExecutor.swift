import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// Finds a plugin's program in the directories of CNI_PATH and executes it once per verb, and makes sense of whatever
/// comes back.
public struct PluginExecutor: Sendable {
    /// Where programs are looked for, in order.
    public var directories: [String]
    /// What the plugin's environment is made from; the CNI_... variables are set on top.
    public var environment: Environment
    /// How long one execution may take; nil waits for ever, as the specification has it.
    public var limit: Duration?
    /// Whether the plugin's standard error is passed on to ours. It is quoted in errors either way.
    public var relaysErrors: Bool

    public init(
        directories: [String], environment: Environment = .current(), limit: Duration? = nil,
        relaysErrors: Bool = true
    ) {
        self.directories = directories
        self.environment = environment
        self.limit = limit
        self.relaysErrors = relaysErrors
    }

    /// The path of a plugin's program.
    /// - Throws: code 106, naming the directories looked in and what was wrong with a file of that name.
    public func find(_ type: String) throws(CNIError) -> String {
        if type.isEmpty { throw CNIError(.invalidConfiguration, "plugin type is empty") }
        if type.utf8.contains(UInt8(ascii: "/")) || type == "." || type == ".." {
            throw CNIError(.invalidConfiguration, "invalid plugin type \"\(type)\": it must be a file name, not a path")
        }
        var looked: [String] = []
        for directory in directories {
            let path = "\(directory)/\(type)"
            do throws(SystemCallError) {
                let status = try FileSystem.status(path)
                if status.isRegularFile && status.isExecutable { return path }
                looked.append("\(directory): \(status.isRegularFile ? "not executable" : "not a regular file")")
            } catch {
                looked.append(error.errno == .ENOENT ? directory : "\(directory): \(error.errno)")
            }
        }
        let details =
            looked.isEmpty
            ? "CNI_PATH names no directory" : "looked in:\n" + looked.map { "  \($0)" }.joined(separator: "\n")
        throw CNIError(.pluginNotFound, "failed to find plugin \"\(type)\" in path \(directories)", details: details)
    }

    /// ADD.
    /// - Parameter version: the configuration's, for a result that does not name its own.
    public func add(
        _ type: String, _ request: CNIRequest, configuration: [UInt8], version: CNIVersion
    ) throws(CNIError) -> CNIResult {
        let output = try execute(type, request, configuration: configuration)
        let answer = PluginAnswer(output)
        guard let node = try answer.document(from: type, request.command) else {
            throw CNIError(
                .pluginFailed, "plugin \(type) answered nothing to ADD",
                details: "it exited with 0, which means success, and printed no result")
        }
        if node.kind == .object, node["code"] != nil, let error = CNIError(decoding: node) {
            throw CNIError(
                .pluginFailed, "plugin \(type) printed an error and exited with 0: \(error.message)",
                details: error.details)
        }
        do throws(CNIError) {
            return try CNIResult(decoding: node, assuming: version)
        } catch {
            throw error.during("result of plugin \(type)")
        }
    }

    /// The versions a plugin says it speaks, as texts: it may know some that we do not.
    public func versions(_ type: String) throws(CNIError) -> [String] {
        // Plugins of 0.1.0 read a configuration even for VERSION, and answer this way to an unknown verb.
        let stub = Array("{\"cniVersion\":\"\(CNIVersion.newest)\"}".utf8)
        var request = CNIRequest(.version)
        request.containerID = "dummy"
        request.networkNamespace = "dummy"
        request.interfaceName = "dummy"
        let output: [UInt8]
        do throws(CNIError) {
            output = try execute(type, request, configuration: stub)
        } catch  where error.message == "unknown CNI_COMMAND: VERSION" {
            return [CNIVersion.v010.description]
        }
        guard let node = try PluginAnswer(output).document(from: type, .version) else {
            throw CNIError(.pluginFailed, "plugin \(type) answered nothing to VERSION")
        }
        do throws(CNIError) {
            let reader = try ConfigurationReader(node)
            let listed = try reader.strings("supportedVersions")
            if !listed.isEmpty { return listed }
            if try reader.string("cniVersion") == CNIVersion.v020.description {
                return [CNIVersion.v010.description, CNIVersion.v020.description]
            }
        } catch {
            throw CNIError(.pluginFailed, "plugin \(type) answered VERSION with something else: \(error.message)")
        }
        throw CNIError(.pluginFailed, "plugin \(type) answered VERSION without supportedVersions")
    }

    /// Executes a plugin, and answers what it printed.
    /// - Throws: the plugin's own error, or 106 and 107 when there is none.
    @discardableResult
    public func execute(
        _ type: String, _ request: CNIRequest, configuration: [UInt8]
    ) throws(CNIError) -> [UInt8] {
        let path = try find(type)
        let outcome: ChildProcess.Outcome
        do throws(SystemCallError) {
            outcome = try ChildProcess.run(
                ChildProcess.Command(
                    path, environment: environment(for: request), input: configuration, errors: .captured,
                    limit: limit))
        } catch {
            throw Self.startFailure(error, path)
        }
        if relaysErrors && !outcome.errors.isEmpty { try? StandardStreams.write(outcome.errors, to: .error) }
        if outcome.ranOutOfTime {
            throw CNIError(
                .pluginFailed, "plugin \(type) did not finish \(request.command) within \(limit ?? .zero)",
                details: Self.quote(outcome.errors))
        }
        if outcome.termination.isSuccess { return outcome.output }
        throw PluginAnswer(outcome.output).failure(
            of: type, request.command, termination: outcome.termination, errors: Self.quote(outcome.errors))
    }

    private static func startFailure(_ error: SystemCallError, _ path: String) -> CNIError {
        switch error.errno {
        case .EFBIG: CNIError(.pluginFailed, "plugin \(path) printed more than any result can be")
        case .ETXTBSY:
            CNIError(.tryAgainLater, "plugin \(path) is being written to (text file busy)")
        default: CNIError(.pluginFailed, "plugin \(path) could not be executed: \(error)")
        }
    }

    /// The environment of the specification, on top of ours: with one verb's variables and none of another's.
    private func environment(for request: CNIRequest) -> Environment {
        var environment = environment
        environment["CNI_COMMAND"] = request.command.rawValue
        environment["CNI_CONTAINERID"] = request.containerID.isEmpty ? nil : request.containerID
        environment["CNI_NETNS"] = request.networkNamespace.isEmpty ? nil : request.networkNamespace
        environment["CNI_IFNAME"] = request.interfaceName.isEmpty ? nil : request.interfaceName
        environment["CNI_ARGS"] = request.arguments.isEmpty ? nil : request.arguments
        environment["CNI_PATH"] = request.path.isEmpty ? directories.joined(separator: ":") : request.path
        return environment
    }

    /// The last lines of a plugin's standard error, for details.
    static func quote(_ errors: [UInt8]) -> String {
        let text = String(decoding: errors.suffix(2048), as: UTF8.self)
        let lines = text.split(separator: "\n").suffix(8)
        return lines.isEmpty ? "" : "its standard error ends with:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}
