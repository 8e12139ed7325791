import AgentProtocol
import Fabric
import Findings
import LinuxHost
import Logging
import SystemCalls

/// Where an agent finds and puts things, and who it is.
public struct AgentConfiguration: Sendable {
    /// The name of the Node object.
    public var nodeName: String
    /// The agent's own pod, for events and for the error a plugin gives while it is away; empty outside of Kubernetes.
    public var podNamespace = ""
    public var podName = ""
    /// The ConfigMap `poplin-config` as files: `net-conf.json` and `poplin.json`.
    public var configDirectory = "/etc/poplin"
    public var socketPath = AgentClient.defaultPath
    /// What outlives the agent and the machine: the addresses that are given out, the nodes it knew last.
    public var stateDirectory = "/var/lib/poplin"
    /// What does not outlive a reboot: the lock.
    public var runDirectory = "/run/poplin"
    /// Where the runtime looks for networks.
    public var networkDirectory = "/etc/cni/net.d"
    /// The name of the network in the conflist.
    public var networkName = "poplin"
    /// `/healthz`, `/readyz` and `/metrics`; loopback, because the agent is in the host's network.
    public var healthHost = "127.0.0.1"
    /// 0 is any free one.
    public var healthPort = 9277
    public var logger: Logger

    public init(nodeName: String, logger: Logger) {
        self.nodeName = nodeName
        self.logger = logger
    }

    /// Why this user cannot do an agent's work.
    public static func objection(user: UInt32) -> Finding? {
        if user == 0 { return nil }
        return Finding(
            code: "AGT-06", "the agent runs as user \(user) and needs root",
            because: ["it makes links and routes (CAP_NET_ADMIN) and enters pods' namespaces (CAP_SYS_ADMIN)"],
            next: "run it as the DaemonSet in deploy/ does: privileged, without runAsUser")
    }

    /// Reads the configuration of the cluster's network.
    func readFabric() throws(AgentFault) -> (configuration: FabricConfiguration, warnings: [Finding]) {
        let reading = FabricConfiguration.read(
            netConf: try text("net-conf.json"), poplin: try text("poplin.json"))
        let errors = reading.findings.filter { $0.severity == .error }
        guard let configuration = reading.configuration, errors.isEmpty else { throw AgentFault(errors) }
        return (configuration, reading.findings)
    }

    private func text(_ name: String) throws(AgentFault) -> String? {
        let path = "\(configDirectory)/\(name)"
        do throws(SystemCallError) {
            return try AtomicFile.read(path).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw AgentFault(
                Finding(code: "AGT-02", "\(error)", next: "mount ConfigMap poplin-config at \(configDirectory)"))
        }
    }
}

/// Why an agent cannot run at all.
public struct AgentFault: Error, Sendable, CustomStringConvertible {
    public var findings: [Finding]

    init(_ findings: [Finding]) { self.findings = findings }
    init(_ finding: Finding) { findings = [finding] }

    public var description: String { findings.map { $0.rendered() }.joined(separator: "\n") }
}
