import JSONTree

/// Networks whose tunnels are ports of Open vSwitch, and what they wrap packets in unless they are told otherwise.
extension UnderlayEncapsulation {
    /// RFC 8926 and RFC 7348.
    private static let ports = ["geneve": 6081, "vxlan": 4789]

    static func ofSwitch(_ facts: FactBase) -> UnderlayEncapsulation? {
        operated(facts) ?? antrea(facts) ?? ovn(facts)
    }

    /// OVN-Kubernetes of OpenShift: its operator's object tells the port (operator.openshift.io/v1 Network).
    private static func operated(_ facts: FactBase) -> UnderlayEncapsulation? {
        guard
            let network = facts.objects("networks.operator.openshift.io").first(where: {
                $0.text("spec", "defaultNetwork", "type") == "OVNKubernetes"
            })
        else { return nil }
        let port = network.int("spec", "defaultNetwork", "ovnKubernetesConfig", "genevePort").map(Int.init(clamping:))
        return .init(
            transport: "udp", port: port ?? 6081, what: "Geneve of OVN-Kubernetes", source: network.source)
    }

    /// `trafficEncapMode`, `tunnelType` and `tunnelPort` of antrea-agent.conf (antrea.io, Configuration).
    private static func antrea(_ facts: FactBase) -> UnderlayEncapsulation? {
        guard NetworkProviders(facts).runs(.antrea) else { return nil }
        let map = facts.objects("configmaps").first { $0.text("data", "antrea-agent.conf") != nil }
        guard let map, let text = map.text("data", "antrea-agent.conf") else { return nil }
        func setting(_ key: String) -> String? {
            for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("\(key):") {
                let value = line.dropFirst(key.count + 1).filter { !$0.isWhitespace && $0 != "\"" }
                if !value.isEmpty { return String(value).lowercased() }
            }
            return nil
        }
        guard ["encap", "hybrid"].contains(setting("trafficEncapMode") ?? "encap") else { return nil }
        let kind = setting("tunnelType") ?? "geneve"
        let told = setting("tunnelPort").flatMap { Int($0) }
        guard let port = told.flatMap({ $0 > 0 ? $0 : nil }) ?? ports[kind] else { return nil }
        return .init(
            transport: "udp", port: port, what: "\(kind == "geneve" ? "Geneve" : "VXLAN") of Antrea", source: map.source
        )
    }

    /// OVN without that operator: Geneve, but where Kube-OVN's controller is told of another kind of network.
    private static func ovn(_ facts: FactBase) -> UnderlayEncapsulation? {
        let agent = facts.components(.agent).first { ["ovn-kubernetes", "kube-ovn"].contains($0.component.name) }
        guard let agent, let source = agent.workload?.source ?? agent.pods.first?.source else { return nil }
        let controller = facts.objects("deployments.apps").first { $0.name == "kube-ovn-controller" }
        let words = (controller?.list("spec", "template", "spec", "containers") ?? []).flatMap { container in
            (container.member("args").map { Array($0.elements) } ?? []).compactMap(\.string)
        }
        let told = words.first { $0.hasPrefix("--network-type=") }?.split(separator: "=").last.map(String.init)
        guard let port = ports[told ?? "geneve"] else { return nil }
        let name = agent.component.name == "kube-ovn" ? "Kube-OVN" : "OVN-Kubernetes"
        return .init(
            transport: "udp", port: port, what: "\(told == "vxlan" ? "VXLAN" : "Geneve") of \(name)", source: source)
    }
}
