import Addressing
import JSONTree

@testable import Policy

/// NetworkPolicy, AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy, read from the manifests
/// for every question anew: nothing here is prepared, sorted in advance or shared with the engine.
struct NaiveKubernetes {
    var manifests: [JSONValue]

    func allows(_ flow: NaiveFlow) -> Bool {
        side(flow, "egress", subject: flow.source, peer: flow.destination)
            && side(flow, "ingress", subject: flow.destination, peer: flow.source)
    }

    private func side(_ flow: NaiveFlow, _ direction: String, subject: NaiveFlow.End, peer: NaiveFlow.End) -> Bool {
        guard case .pod(let pod) = subject else { return true }
        if case .pod(let other) = peer, other.id == pod.id { return true }
        if case .node(let node) = peer, node.name == pod.node { return true }
        if let answer = clusterTier("Admin", pod, flow, direction, peer) { return answer }
        if let answer = namespaced(pod, flow, direction, peer) { return answer }
        return clusterTier("Baseline", pod, flow, direction, peer) ?? true
    }

    // MARK: NetworkPolicy

    /// Nil when no policy isolates the pod.
    private func namespaced(
        _ pod: ClusterPod, _ flow: NaiveFlow, _ direction: String, _ peer: NaiveFlow.End
    ) -> Bool? {
        var isIsolated = false
        var isAllowed = false
        for manifest in manifests where manifest.member("kind")?.stringValue == "NetworkPolicy" {
            guard manifest.at("metadata", "namespace")?.stringValue == pod.id.namespace else { continue }
            guard let spec = manifest.member("spec"), selects(spec.member("podSelector"), pod.labels) else { continue }
            var types = spec.member("policyTypes")?.elements.compactMap(\.stringValue) ?? []
            if types.isEmpty {
                types = (spec.member("egress")?.elements ?? []).isEmpty ? ["Ingress"] : ["Ingress", "Egress"]
            }
            guard types.contains(direction == "ingress" ? "Ingress" : "Egress") else { continue }
            isIsolated = true
            for rule in spec.member(direction)?.elements ?? [] {
                let peers = rule.member(direction == "ingress" ? "from" : "to")?.elements ?? []
                let ports = rule.member("ports")?.elements ?? []
                if peers.isEmpty || peers.contains(where: { isPeer($0, peer, flow, pod.id.namespace) }),
                    ports.isEmpty || ports.contains(where: { isPort($0, flow) })
                {
                    isAllowed = true
                }
            }
        }
        return isIsolated ? isAllowed : nil
    }

    private func isPeer(_ rule: JSONValue, _ end: NaiveFlow.End, _ flow: NaiveFlow, _ home: String) -> Bool {
        if let block = rule.member("ipBlock") {
            guard let address = flow.address(end), let cidr = prefix(block.member("cidr")) else { return false }
            let holes = block.member("except")?.elements ?? []
            return cidr.contains(address) && !holes.contains { prefix($0)?.contains(address) ?? false }
        }
        guard case .pod(let pod) = end else { return false }
        if let namespaces = rule.member("namespaceSelector") {
            if !selects(namespaces, namespaceLabels(pod.id.namespace)) { return false }
        } else if pod.id.namespace != home {
            return false
        }
        return selects(rule.member("podSelector"), pod.labels)
    }

    private func isPort(_ rule: JSONValue, _ flow: NaiveFlow) -> Bool {
        guard (rule.member("protocol")?.stringValue ?? "TCP") == flow.transport else { return false }
        guard let port = rule.member("port") else { return true }
        if let name = port.stringValue { return hasPort(named: name, flow) }
        let first = Int(port.intValue ?? 0)
        return (first...Int(rule.member("endPort")?.intValue ?? Int64(first))).contains(flow.number)
    }

    private func hasPort(named name: String, _ flow: NaiveFlow) -> Bool {
        guard case .pod(let pod) = flow.destination else { return false }
        return pod.ports.contains {
            $0.name == name && Int($0.number) == flow.number && $0.transport.description == flow.transport
        }
    }

    // MARK: Cluster-scoped kinds

    /// Nil: go on with the next tier.
    private func clusterTier(
        _ tier: String, _ pod: ClusterPod, _ flow: NaiveFlow, _ direction: String, _ peer: NaiveFlow.End
    ) -> Bool? {
        var ordered: [(priority: Int64, name: String, spec: JSONValue)] = []
        for manifest in manifests {
            guard let spec = manifest.member("spec") else { continue }
            let name = manifest.at("metadata", "name")?.stringValue ?? ""
            let priority = spec.member("priority")?.intValue ?? 5000
            switch manifest.member("kind")?.stringValue {
            case "AdminNetworkPolicy" where tier == "Admin": ordered.append((priority, name, spec))
            case "BaselineAdminNetworkPolicy" where tier == "Baseline": ordered.append((5000, name, spec))
            case "ClusterNetworkPolicy" where spec.member("tier")?.stringValue == tier:
                ordered.append((priority, name, spec))
            default: break
            }
        }
        ordered.sort { ($0.priority, $0.name) < ($1.priority, $1.name) }
        for (_, _, spec) in ordered where isSelection(spec.member("subject"), .pod(pod)) {
            for rule in spec.member(direction)?.elements ?? [] {
                let peers = rule.member(direction == "ingress" ? "from" : "to")?.elements ?? []
                guard peers.contains(where: { isClusterPeer($0, peer, flow) }) else { continue }
                let ports = (rule.member("ports") ?? rule.member("protocols"))?.elements ?? []
                guard ports.isEmpty || ports.contains(where: { isClusterPort($0, flow) }) else { continue }
                switch rule.member("action")?.stringValue {
                case "Allow", "Accept": return true
                case "Deny": return false
                default: return nil
                }
            }
        }
        return nil
    }

    private func isClusterPeer(_ peer: JSONValue, _ end: NaiveFlow.End, _ flow: NaiveFlow) -> Bool {
        if let networks = peer.member("networks") {
            guard let address = flow.address(end) else { return false }
            return networks.elements.contains { prefix($0)?.contains(address) ?? false }
        }
        if let nodes = peer.member("nodes") {
            guard case .node(let node) = end else { return false }
            return selects(nodes, node.labels)
        }
        return isSelection(peer, end)
    }

    private func isSelection(_ selection: JSONValue?, _ end: NaiveFlow.End) -> Bool {
        guard case .pod(let pod) = end else { return false }
        if let namespaces = selection?.member("namespaces") {
            return selects(namespaces, namespaceLabels(pod.id.namespace))
        }
        return selects(selection?.at("pods", "namespaceSelector"), namespaceLabels(pod.id.namespace))
            && selects(selection?.at("pods", "podSelector"), pod.labels)
    }

    private func isClusterPort(_ port: JSONValue, _ flow: NaiveFlow) -> Bool {
        func isWithin(_ first: JSONValue?, _ last: JSONValue?) -> Bool {
            (Int(first?.intValue ?? 0)...Int(last?.intValue ?? 0)).contains(flow.number)
        }
        if let one = port.member("portNumber") {
            return one.member("protocol")?.stringValue == flow.transport
                && isWithin(one.member("port"), one.member("port"))
        }
        if let range = port.member("portRange") {
            return (range.member("protocol")?.stringValue ?? "TCP") == flow.transport
                && isWithin(range.member("start"), range.member("end"))
        }
        if let name = (port.member("namedPort") ?? port.member("destinationNamedPort"))?.stringValue {
            return hasPort(named: name, flow)
        }
        guard let inner = port.member(flow.transport.lowercased())?.member("destinationPort") else { return false }
        if let number = inner.member("number") { return isWithin(number, number) }
        return isWithin(inner.at("range", "start"), inner.at("range", "end"))
    }

    // MARK: Words

    private func prefix(_ value: JSONValue?) -> IPPrefix? { value?.stringValue.flatMap { IPPrefix($0) } }

    private func namespaceLabels(_ name: String) -> [String: String] {
        (DialectWorld.namespaces[name] ?? [:]).merging(["kubernetes.io/metadata.name": name]) { $1 }
    }

    private func selects(_ selector: JSONValue?, _ labels: [String: String]) -> Bool {
        for member in selector?.member("matchLabels")?.members ?? []
        where labels[member.key] != member.value.stringValue {
            return false
        }
        for expression in selector?.member("matchExpressions")?.elements ?? [] {
            let value = labels[expression.member("key")?.stringValue ?? ""]
            let values = expression.member("values")?.elements.compactMap(\.stringValue) ?? []
            switch expression.member("operator")?.stringValue {
            case "In": if value == nil || !values.contains(value ?? "") { return false }
            case "NotIn": if let value, values.contains(value) { return false }
            case "Exists": if value == nil { return false }
            default: if value != nil { return false }
            }
        }
        return true
    }
}
