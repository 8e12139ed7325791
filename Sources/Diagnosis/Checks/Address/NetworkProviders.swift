import Addressing
import JSONTree

/// Which networks run here, known by the images of their DaemonSets in whatever namespace and name.
struct NetworkProviders: Sendable {
    enum Name: String, Sendable, CaseIterable {
        case flannel, calico, cilium, aws, azure, kindnet, kubeRouter, antrea, weave, ovn, kubeProxy
    }

    /// A part of an image's repository, with its last component, that only this agent has.
    private static let images: [(part: String, name: Name)] = [
        ("flannel-cni-plugin", .flannel), ("flannel", .flannel), ("calico/node", .calico), ("calico-node", .calico),
        ("cilium/cilium", .cilium), ("cilium-agent", .cilium), ("amazon-k8s-cni", .aws), ("azure-cns", .azure),
        ("kindnetd", .kindnet), ("kube-router", .kubeRouter), ("antrea-agent", .antrea), ("antrea/antrea", .antrea),
        ("weave-kube", .weave), ("ovnkube", .ovn), ("ovn-kubernetes", .ovn), ("kube-proxy", .kubeProxy),
    ]

    /// Every agent's DaemonSet.
    let agents: [(name: Name, object: APIObject)]

    init(_ facts: FactBase) { self = facts.derived.value("network providers") { Self(reading: facts) } }

    private init(reading facts: FactBase) {
        var found: [(Name, APIObject)] = []
        for object in facts.objects("daemonsets.apps") {
            let containers = object.list("spec", "template", "spec", "containers")
            let names = containers.compactMap { container -> Name? in
                guard let image = container.member("image")?.string else { return nil }
                let repository = image.split(separator: "@")[0]
                // `cilium/cilium-envoy` and operators are no agents.
                if repository.contains("envoy") || repository.contains("operator") { return nil }
                return Self.images.first { repository.contains($0.part) }?.name
            }
            for name in Set(names) { found.append((name, object)) }
        }
        agents = found
    }

    func agent(_ name: Name) -> APIObject? { agents.first { $0.name == name }?.object }
    func runs(_ name: Name) -> Bool { agent(name) != nil }

    /// Whether pods' addresses come from Node.spec.podCIDR. Nil when the network is not known.
    func usesNodeRanges(_ facts: FactBase) -> Bool? {
        if runs(.flannel) || runs(.kindnet) || runs(.kubeRouter) || runs(.antrea) { return true }
        if runs(.cilium) {
            let mode = Self.ciliumSetting("ipam", facts)
            return mode == nil ? nil : mode == "kubernetes"
        }
        if runs(.calico) || runs(.aws) || runs(.azure) || runs(.weave) || runs(.ovn) { return false }
        // flannel that reads its ranges from the nodes says so on them.
        if facts.objects("nodes").contains(where: {
            $0.annotations["flannel.alpha.coreos.com/kube-subnet-manager"] == "true"
        }) {
            return true
        }
        return facts.derived.value("pods have addresses of their nodes' ranges") { Self.byAddresses(facts) }
    }

    /// Of a network that nobody here knows: whether its pods have addresses of their own nodes' ranges.
    private static func byAddresses(_ facts: FactBase) -> Bool? {
        var inside = 0
        var outside = 0
        for node in facts.objects("nodes") {
            let ranges = facts.podRanges(node.name)
            if ranges.isEmpty { continue }
            for (pod, address) in facts.podAddresses(on: node.name) where pod.text("status", "phase") == "Running" {
                if ranges.contains(where: { $0.contains(address) }) { inside += 1 } else { outside += 1 }
            }
        }
        return inside > 0 && outside == 0 ? true : nil
    }

    static func ciliumSetting(_ key: String, _ facts: FactBase) -> String? {
        facts.objects("configmaps").first { $0.name == "cilium-config" }?.text("data", key)
    }

    /// The value of an environment variable of the agent's containers; nil when it is not set there.
    static func environment(_ key: String, of agent: APIObject) -> String? {
        for container in agent.list("spec", "template", "spec", "containers") {
            for variable in container.member("env").map({ Array($0.elements) }) ?? []
            where variable.member("name")?.string == key {
                return variable.member("value")?.string
            }
        }
        return nil
    }
}

extension APIObject {
    /// `10.244.3.0/24` of each family.
    var podRanges: [String] {
        let texts = list("spec", "podCIDRs").compactMap(\.string)
        return texts.isEmpty ? [text("spec", "podCIDR")].compactMap { $0 } : texts
    }

    /// Addresses of a Node of one type.
    func nodeAddresses(_ type: String = "InternalIP") -> [String] {
        list("status", "addresses").filter { $0.member("type")?.string == type }
            .compactMap { $0.member("address")?.string }
    }

    /// Of a Node, whether it is ready.
    var isNodeReady: Bool {
        list("status", "conditions").contains {
            $0.member("type")?.string == "Ready" && $0.member("status")?.string == "True"
        }
    }
}
