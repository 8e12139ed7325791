import Addressing
import AgentProtocol
import CNI
import JSONTree

/// The cluster plugin's part of a configuration. The agent writes it into its conflist; a person may write one by hand.
struct ClusterConfiguration {
    /// Where addresses come from.
    enum Supply: Hashable {
        /// `agentSocket`: the node's agent.
        case agent(path: String)
        /// `ipam`: an address manager named here.
        case addressManager
        /// `subnetFile`: host-local on the node's range that flannel's daemon wrote down.
        case subnetFile(path: String)
    }

    var supply: Supply
    /// `agentTimeout`, seconds (1...600): how long ADD waits for the agent's answer.
    var timeout: Int
    /// `agentPod` as NAMESPACE/NAME and `nodeName`: for the error that says what to look at.
    var agentPod: String
    var nodeName: String
    /// `mtu`, bytes; nil takes the agent's, or the subnet file's.
    var mtu: Int?
    /// `ipMasq`; nil takes the subnet file's word. The agent masquerades for the whole node itself.
    var masquerades: Bool?
    var dns: CNIResult.DNS
    /// Asked for by the runtime; nil lets the kernel draw one.
    var mac: MACAddress?

    init(_ call: PluginCall) throws(CNIError) {
        let reader = call.configuration.reader
        try self.init(forRemoval: call)
        timeout = try reader.integer("agentTimeout", default: 10, in: 1...600)
        mtu = try BridgeConfiguration.mtu(reader)
        masquerades = try BridgeConfiguration.masquerade(reader) ? true : reader.bool("ipMasq")
        dns = try CNIResult.DNS(try reader.object("dns"))
        mac = try BridgeConfiguration.mac(call)
        if case .agent = supply, masquerades == true {
            throw reader.invalid(
                "ipMasq",
                "belongs to networks without an agent: the agent masquerades for the whole node, see"
                    + " masquerade in poplin.json")
        }
    }

    /// Only what DEL and GC need: they get on with a configuration that is wrong elsewhere.
    init(forRemoval call: PluginCall) throws(CNIError) {
        let reader = call.configuration.reader
        let socket = try reader.string("agentSocket", default: "")
        let file = try reader.string("subnetFile", default: "")
        let hasManager = try call.configuration.ipam != nil
        if !socket.isEmpty, hasManager || !file.isEmpty {
            throw reader.invalid(
                "agentSocket",
                "cannot be used together with \(hasManager ? "ipam" : "subnetFile"): addresses come"
                    + " from one place")
        }
        if !file.isEmpty {
            supply = .subnetFile(path: file)
        } else if hasManager {
            supply = .addressManager
        } else {
            supply = .agent(path: socket.isEmpty ? AgentClient.defaultPath : socket)
        }
        timeout = 10
        agentPod = try reader.string("agentPod", default: "")
        nodeName = try reader.string("nodeName", default: "")
        dns = CNIResult.DNS()
    }

    var usesAgent: Bool {
        if case .agent = supply { return true }
        return false
    }

    func source(_ call: PluginCall) throws(CNIError) -> PodAddressSource {
        switch supply {
        case .agent(let path): return .agent(AgentLink(call, self, path: path))
        case .addressManager: return .addressManager(call, nil)
        case .subnetFile(let path):
            let file = try SubnetFile.read(path)
            return .addressManager(try file.configured(call), file)
        }
    }

    /// As above, for DEL and GC. The subnet file may be gone with a reboot: which addresses are whose, host-local knows
    /// without it.
    func source(forRemoval call: PluginCall) throws(CNIError) -> PodAddressSource {
        guard case .subnetFile = supply else { return try source(call) }
        return .addressManager(try SubnetFile.configuredWithoutRanges(call), nil)
    }
}
