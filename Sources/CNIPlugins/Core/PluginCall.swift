import CNI
import LinuxHost
import SystemCalls

/// One call of one verb of a plugin: the request, the configuration and the host it works on.
public struct PluginCall: Sendable {
    public let request: CNIRequest
    public let configuration: PluginConfiguration
    public let host: HostPaths
    /// How long the agent was waited for before the call got here, in milliseconds.
    public let waited: Int

    public init(
        request: CNIRequest, configuration: PluginConfiguration, host: HostPaths = HostPaths(), waited: Int = 0
    ) {
        self.request = request
        self.configuration = configuration
        self.host = host
        self.waited = waited
    }

    /// The same call with another verb: how a failed ADD is taken back.
    public func with(_ command: CNIRequest.Command) -> PluginCall {
        PluginCall(request: request.with(command), configuration: configuration, host: host, waited: waited)
    }

    /// Tells a person something that is not an error, such as a rule that had vanished and was put back: one line on
    /// standard error, which runtimes write to their log.
    public func report(_ line: String) {
        let text = "poplin \(configuration.type) \(configuration.name) \(request.attachment): \(line)\n"
        // A log that cannot be written is no reason to fail.
        try? StandardStreams.write(text, to: .error)
    }
}

extension PluginCall {
    /// The container's network namespace, for verbs that cannot do without.
    public func networkNamespace() throws(CNIError) -> NetworkNamespace {
        do throws(NetworkNamespace.Failure) {
            return try NetworkNamespace.open(request.networkNamespace)
        } catch {
            throw CNIError(error)
        }
    }

    /// The container's network namespace, for DEL: nil when there was none given, when it is gone, and when something
    /// else has its name now (after a reboot the mount point is an empty file).
    public func networkNamespaceIfPresent() throws(CNIError) -> NetworkNamespace? {
        if request.networkNamespace.isEmpty { return nil }
        do throws(NetworkNamespace.Failure) {
            return try NetworkNamespace.open(request.networkNamespace)
        } catch {
            switch error {
            case .missing, .notANetworkNamespace: return nil
            case .refused: throw CNIError(error)
            }
        }
    }
}

extension CNIError {
    /// A namespace that cannot be entered. Which one is told by the path in `CNI_NETNS`, so its absence is code 4.
    public init(_ failure: NetworkNamespace.Failure) {
        switch failure {
        case .missing, .notANetworkNamespace: self.init(.invalidEnvironment, "CNI_NETNS: \(failure)")
        case .refused(let error): self.init(error, during: "CNI_NETNS")
        }
    }

    /// The failure of ``NetworkNamespace/run(_:)``.
    public init(_ failure: NetworkNamespace.RunFailure<CNIError>) {
        switch failure {
        case .namespace(let failure): self.init(failure)
        case .body(let error): self = error
        }
    }
}
