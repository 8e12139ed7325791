import Fabric

/// What of a changed configuration an agent takes while it runs, and what waits for its next start. Pure.
///
/// What waits is what all nodes have to change together, or what addresses that are given out came from: taken at once,
/// each node in the moment its kubelet brings the files, nodes would not understand each other meanwhile.
struct ConfigurationChange: Hashable, Sendable {
    /// What is in force from now on.
    var effective: FabricConfiguration
    /// Keys whose new values are in force now, as the reference has them.
    var taken: [String] = []
    /// Keys whose new values wait.
    var waiting: [String] = []

    init(from running: FabricConfiguration, to wanted: FabricConfiguration) {
        effective = wanted
        func compare<Value: Equatable>(_ key: String, _ path: KeyPath<FabricConfiguration, Value>) {
            if running[keyPath: path] != wanted[keyPath: path] { taken.append(key) }
        }
        func hold<Value: Equatable>(_ key: String, _ path: WritableKeyPath<FabricConfiguration, Value>) {
            if running[keyPath: path] != wanted[keyPath: path] {
                waiting.append(key)
                effective[keyPath: path] = running[keyPath: path]
            }
        }
        hold("Network, IPv6Network", \.networks)
        hold("ipam.mode", \.ipam.mode)
        hold("underlay.family", \.underlay)
        if case .vxlan(let old) = running.backend, case .vxlan(let new) = wanted.backend,
            old.identifier == new.identifier, old.port == new.port
        {
            compare("Backend.DirectRouting", \.backend)
        } else {
            hold("Backend (Type, VNI, Port)", \.backend)
        }
        compare("mtu", \.mtu)
        compare("underlay.interface", \.underlayInterface)
        compare("transmitChecksum", \.transmitChecksum)
        compare("masquerade", \.masquerade.isOn)
        compare("nonMasqueradeCIDRs", \.masquerade.nonMasqueradeCIDRs)
        compare("masqueradeRandomPorts", \.masquerade.randomPorts)
        compare("acceptForwarding", \.masquerade.opensForwarding)
        compare("trackPodToPod", \.trackPodToPod)
        compare("serviceCIDRs", \.serviceCIDRs)
        compare("ipam.cooldownSeconds", \.ipam.cooldown)
        compare("ipam.maxBlocksPerNode", \.ipam.mostBlocksPerNode)
    }

    /// What a person has to do for the rest; nil when all of it is in force.
    var obstacle: String? {
        if waiting.isEmpty { return nil }
        return "changed and not in force until the agent is started again: \(waiting.joined(separator: "; ")) "
            + "(kubectl -n poplin-system rollout restart daemonset poplin-agent)"
    }
}
