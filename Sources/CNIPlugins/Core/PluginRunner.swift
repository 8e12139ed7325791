import CLinux
import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// What every plugin's `main` does: reads environment and standard input, checks both, calls the verb, and turns the
/// answer into what is printed and the exit code. Everything comes in as values, so that tests drive it in process.
public enum PluginRunner {
    /// What the process prints and answers.
    public struct Outcome: Hashable, Sendable {
        public var output: [UInt8]
        public var errors: String
        public var exitCode: Int32

        public init(output: [UInt8] = [], errors: String = "", exitCode: Int32 = 0) {
            self.output = output
            self.errors = errors
            self.exitCode = exitCode
        }

        public var outputText: String { String(decoding: output, as: UTF8.self) }
    }

    /// - Parameters:
    ///   - waited: for the agent, before this, in milliseconds.
    ///   - input: reads all of standard input; not called for VERSION.
    ///   - deliver: writes to standard output. An ADD whose result nobody takes is taken back: the runtime that could
    ///     have called DEL is gone. What is delivered is in the outcome all the same.
    public static func run(
        _ plugin: any Plugin.Type, environment: CNIEnvironment, host: HostPaths = HostPaths(), waited: Int = 0,
        input: () throws(SystemCallError) -> [UInt8],
        deliver: ([UInt8]) throws(SystemCallError) -> Void = { (_) throws(SystemCallError) in }
    ) -> Outcome {
        var (outcome, call) = answer(plugin, environment, host, waited, input)
        if outcome.output.isEmpty { return outcome }
        do throws(SystemCallError) {
            try deliver(outcome.output)
        } catch {
            outcome.errors += "the answer could not be written: \(error)\n"
            if let call, call.request.command == .add, outcome.exitCode == 0 {
                do throws(CNIError) {
                    try plugin.delete(call.with(.delete))
                    outcome.errors += "what ADD had made was removed\n"
                } catch let second {
                    outcome.errors += "what ADD had made could not be removed: \(second)\n"
                }
            }
            outcome.exitCode = 1
        }
        return outcome
    }

    /// The outcome, and the call that was made if it came to one.
    private static func answer(
        _ plugin: any Plugin.Type, _ environment: CNIEnvironment, _ host: HostPaths, _ waited: Int,
        _ input: () throws(SystemCallError) -> [UInt8]
    ) -> (Outcome, PluginCall?) {
        guard let text = environment.command, !text.isEmpty else { return (usage(of: plugin), nil) }
        guard let command = CNIRequest.Command(rawValue: text) else {
            let error = CNIError(
                .invalidEnvironment, "unknown CNI_COMMAND: \(text)",
                details: "known are \(CNIRequest.Command.allCases.map(\.rawValue).joined(separator: ", "))")
            return (failure(error, version: .newest), nil)
        }
        if command == .version { return (Outcome(output: versions(of: plugin)), nil) }
        var version = CNIVersion.newest
        do throws(CNIError) {
            var request = try CNIRequest(command, from: environment)
            let source: [UInt8]
            do throws(SystemCallError) { source = try input() } catch {
                throw CNIError(.inputOutput, "error reading from stdin: \(error)")
            }
            let configuration = try PluginConfiguration(
                parsing: source, for: command, supporting: plugin.supportedVersions)
            version = configuration.cniVersion
            var notes = ""
            if command.concernsAttachment, !environment.permitsOwnNamespace, isOwnNamespace(request.networkNamespace) {
                notes = try withoutOwnNamespace(&request)
            }
            let call = PluginCall(request: request, configuration: configuration, host: host, waited: waited)
            return (Outcome(output: try perform(plugin, call), errors: notes), call)
        } catch {
            return (failure(error, version: version), nil)
        }
    }

    /// Calls the verb; answers what is to be printed.
    private static func perform(_ plugin: any Plugin.Type, _ call: PluginCall) throws(CNIError) -> [UInt8] {
        switch call.request.command {
        case .add:
            let result = try plugin.add(call)
            do throws(CNIError) {
                return try result.serialized(as: call.configuration.cniVersion)
            } catch {
                // An answer nobody can be given: the runtime would not know what there is to remove.
                var error = error
                do throws(CNIError) { try plugin.delete(call.with(.delete)) } catch let second {
                    error = error.adding("\(second)")
                }
                throw error
            }
        case .check: try plugin.check(call)
        case .delete: try plugin.delete(call)
        case .collectGarbage:
            if let valid = try call.configuration.validAttachments() {
                try plugin.collectGarbage(call, validAttachments: valid)
            }
        case .status: try plugin.status(call)
        case .version: return versions(of: plugin)
        }
        return []
    }

    private static func isOwnNamespace(_ path: String) -> Bool {
        // The runtime's namespace may be gone, or not be one: what that means is the verb's business.
        guard !path.isEmpty, let theirs = try? FileSystem.status(path),
            let ours = try? FileSystem.status("/proc/thread-self/ns/net")
        else { return false }
        return theirs.inode == ours.inode && theirs.device == ours.device
    }

    /// A runtime that hands us our own namespace would have the host's interfaces made, changed and deleted. The
    /// reference looks after it has done the work, and then answers with two documents.
    ///
    /// DEL is another matter: it gets here with `/proc/PID/ns/net` of a container whose process number belongs to a
    /// process of the host by now. The container's namespace is gone then; what lies outside of it must be removed all the
    /// same, or the pod could never be deleted.
    private static func withoutOwnNamespace(_ request: inout CNIRequest) throws(CNIError) -> String {
        guard request.command == .delete else {
            throw CNIError(
                .ownNetworkNamespace, "plugin's netns and netns from CNI_NETNS should not be the same",
                details: "CNI_NETNS is \(request.networkNamespace); set CNI_NETNS_OVERRIDE=1 if that is meant")
        }
        let path = request.networkNamespace
        request.networkNamespace = ""
        return "CNI_NETNS \(path) is the plugin's own network namespace: the container's is taken as gone\n"
    }

    // MARK: Answers

    /// `{"cniVersion":"1.1.0","supportedVersions":[...]}`. The newest version whatever the configuration says, as the
    /// reference answers; put together by hand because runtimes ask every plugin at every start.
    static func versions(of plugin: any Plugin.Type) -> [UInt8] {
        var text = "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":["
        var separator = ""
        for version in plugin.supportedVersions {
            text += "\(separator)\"\(version)\""
            separator = ","
        }
        text += "]}\n"
        return Array(text.utf8)
    }

    private static func usage(of plugin: any Plugin.Type) -> Outcome {
        let versions = plugin.supportedVersions.map(\.description).joined(separator: ", ")
        return Outcome(
            errors: """
                CNI \(plugin.name) plugin, Poplin \(Release.version)
                CNI protocol versions supported: \(versions)
                It is started by a container runtime, with CNI_COMMAND set; see https://www.cni.dev/docs/spec/

                """)
    }

    static func failure(_ error: CNIError, version: CNIVersion) -> Outcome {
        var bytes = error.value(version: version).serialized(indent: 4)
        bytes.append(UInt8(ascii: "\n"))
        return Outcome(output: bytes, exitCode: 1)
    }
}
