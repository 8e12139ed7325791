import Addressing
import AgentProtocol
import CNI

/// The plugin's conversation with the agent of its node: requests out of a call, and failures as a person reads them in
/// the events of the pod.
struct AgentLink: Sendable {
    private let call: PluginCall
    private let client: AgentClient
    private let timeout: Int
    private let agentPod: String
    private let nodeName: String

    init(_ call: PluginCall, _ configuration: ClusterConfiguration, path: String) {
        self.call = call
        client = AgentClient(path: path)
        timeout = configuration.timeout
        agentPod = configuration.agentPod
        nodeName = configuration.nodeName
    }

    func add(hostInterface: String) throws(CNIError) -> AgentEndpoint {
        var request = request(.add)
        request.hostInterface = hostInterface
        request.requestedAddresses = try HostLocalConfiguration.requestedAddresses(call).map(\.address)
        guard case .endpoint(let endpoint) = try ask(request) else {
            throw CNIError(.pluginFailed, "the agent's answer to add has no addresses", details: lookAt)
        }
        return endpoint
    }

    /// - Returns: whether the agent has taken over what is left of the attachment.
    @discardableResult
    func release(hostInterface: String = "") throws(CNIError) -> Bool {
        try ask(removal(hostInterface: hostInterface)) == .taken
    }

    /// What ``release(hostInterface:)`` asks. It may have been asked before, and then less time is left.
    func removal(hostInterface: String) -> AgentRequest {
        var request = request(.delete)
        request.hostInterface = hostInterface
        request.deadlineMilliseconds = max(1000, request.deadlineMilliseconds - call.waited)
        return request
    }

    func check(_ addresses: [InterfaceAddress]) throws(CNIError) {
        var request = request(.check)
        request.addresses = addresses
        _ = try ask(request)
    }

    func collectGarbage(_ valid: [CNIAttachment]) throws(CNIError) {
        var request = request(.collectGarbage)
        request.attachments = valid.map {
            AgentAttachment(containerID: $0.containerID, interfaceName: $0.interfaceName)
        }
        _ = try ask(request)
    }

    func status() throws(CNIError) {
        do throws(CNIError) {
            _ = try ask(request(.status))
        } catch {
            throw error.code == .tryAgainLater
                ? CNIError(.notAvailable, error.message, details: error.details) : error
        }
    }

    /// Reports a failure that means that the agent is away, and throws any other.
    func forgive(_ error: CNIError) throws(CNIError) {
        guard error.code == .tryAgainLater else { throw error }
        call.report("\(error.message); it gives back what has no link any more when it is there again")
    }

    // MARK: Asking

    private func request(_ operation: AgentRequest.Operation) -> AgentRequest {
        var request = AgentRequest(operation, network: call.configuration.name)
        if operation.concernsAttachment {
            request.attachment = AgentAttachment(
                containerID: call.request.containerID, interfaceName: call.request.interfaceName)
            request.networkNamespace = call.request.networkNamespace
            request.pod = Self.pod(call.request.arguments)
        }
        request.deadlineMilliseconds = timeout * 1000
        return request
    }

    /// The pod as runtimes name it; arguments that cannot be read name none.
    static func pod(_ arguments: String) -> AgentPod? {
        let known = ["K8S_POD_NAMESPACE", "K8S_POD_NAME", "K8S_POD_UID"]
        let values = try? CNIArguments(arguments + (arguments.isEmpty ? "" : ";") + "IgnoreUnknown=1", known: known)
        guard let namespace = values?["K8S_POD_NAMESPACE"], let name = values?["K8S_POD_NAME"] else { return nil }
        return AgentPod(namespace: namespace, name: name, uid: values?["K8S_POD_UID"] ?? "")
    }

    private func ask(_ request: AgentRequest) throws(CNIError) -> AgentReply {
        let reply: AgentReply
        do throws(AgentClient.Failure) {
            reply = try client.ask(request)
        } catch {
            throw explain(error)
        }
        guard case .failure(let failure) = reply else { return reply }
        throw CNIError(CNIError.Code(rawValue: failure.code.rawValue), failure.message, details: failure.details)
    }

    private func explain(_ failure: AgentClient.Failure) -> CNIError {
        let place = nodeName.isEmpty ? "this node" : "node \(nodeName)"
        switch failure {
        case .absent:
            return CNIError(
                .tryAgainLater, "Poplin's agent is not running on \(place): \(failure)",
                details: "pods that run are not affected; a new one gets its addresses from the agent\n" + lookAt)
        case .silent:
            return CNIError(.tryAgainLater, "Poplin's agent on \(place) does not answer: \(failure)", details: lookAt)
        case .unreadable:
            return CNIError(.tryAgainLater, "Poplin's agent on \(place): \(failure)", details: lookAt)
        case .refused(let error):
            return CNIError(error, during: "cannot ask Poplin's agent on \(place) at \(client.path)")
        }
    }

    /// Which commands tell more.
    private var lookAt: String {
        let parts = agentPod.split(separator: "/", maxSplits: 1)
        let node = nodeName.isEmpty ? "" : " --field-selector spec.nodeName=\(nodeName)"
        if parts.count == 2 {
            return """
                look at: kubectl -n \(parts[0]) get pods -o wide\(node)
                         kubectl -n \(parts[0]) logs \(parts[1])
                """
        }
        return """
            look at: kubectl -n poplin-system get pods -o wide\(node)
                     kubectl -n poplin-system logs -l app.kubernetes.io/name=poplin-agent
            """
    }
}
