import Addressing
import Findings
import JSONTree
import KubernetesModel

/// A rule that lets one flow through, as the dialect of a policy writes it, and what that dialect's own reader makes of
/// it: what is shown is what was tried.
struct DialectRule {
    let text: JSONValue
    /// As a rule of the policy at `index` of the direction's list.
    let rule: PolicyRule

    /// Nil when the dialect has no words for the far end or for the protocol, or is a NetworkPolicy's, which
    /// ``PolicySnippet`` writes.
    init?(
        allowing flow: Flow, _ direction: Direction, in policy: Policy, at index: Int, _ cluster: Cluster
    ) {
        let writer = DialectWriter(flow: flow, direction: direction, policy: policy, cluster: cluster)
        let text: JSONValue?
        switch (policy.reference.group, policy.reference.kind) {
        case ("projectcalico.org", _): text = writer.calico()
        case ("cilium.io", _): text = writer.cilium()
        case ("policy.networking.k8s.io", "ClusterNetworkPolicy"): text = writer.cluster(isNew: true)
        case ("policy.networking.k8s.io", _): text = writer.cluster(isNew: false)
        default: text = nil
        }
        guard let text, let rule = Self.parsed(text, as: policy, direction, index) else { return nil }
        self.text = text
        self.rule = rule
    }

    /// Read as the one rule of a policy of the same kind, name and namespace.
    private static func parsed(_ text: JSONValue, as policy: Policy, _ direction: Direction, _ index: Int)
        -> PolicyRule?
    {
        let reference = policy.reference
        let name = String(reference.name.split(separator: "/").first ?? "")
        var metadata = [JSONMember("name", .string(name))]
        if !reference.namespace.isEmpty { metadata.append(JSONMember("namespace", .string(reference.namespace))) }
        var spec: [JSONMember] = []
        switch reference.group {
        case "cilium.io": spec.append(JSONMember("endpointSelector", .object([])))
        case "policy.networking.k8s.io":
            spec.append(JSONMember("subject", ["namespaces": .object([])]))
            if reference.kind != "BaselineAdminNetworkPolicy" { spec.append(JSONMember("priority", 1)) }
            if reference.kind == "ClusterNetworkPolicy" { spec.append(JSONMember("tier", "Admin")) }
        default: break
        }
        spec.append(JSONMember(direction.rawValue, [text]))
        let manifest: JSONValue = [
            "apiVersion": .string(policy.source.apiVersion), "kind": .string(reference.kind),
            "metadata": .object(metadata), "spec": .object(spec),
        ]
        guard let node = try? manifest.tree().root else { return nil }
        var input = PolicyInput()
        input.read(
            PolicyDocument(
                gvk: GroupVersionKind(apiVersion: policy.source.apiVersion, kind: reference.kind), node: node))
        guard !input.parsed.findings.contains(where: { $0.severity == .error }),
            var rule = input.parsed.policies.first?[direction]?.rules.first
        else { return nil }
        rule.reference = RuleReference(
            policy: reference, direction: direction, path: "spec.\(direction.rawValue)[\(index)]", index: index)
        return rule
    }
}

/// Writes the parts.
private struct DialectWriter {
    let flow: Flow
    let direction: Direction
    let policy: Policy
    let cluster: Cluster

    private var namespace: String { policy.reference.namespace }

    /// A pod that selectors can name, or an address; nil for what is not in the cluster.
    private enum End {
        case pod(ClusterPod)
        case address(IPAddress)
    }

    private func end(_ end: FlowEnd) -> End? {
        switch end {
        case .pod(let name):
            guard let pod = cluster.pods[name] else { return nil }
            if pod.isPolicyEndpoint { return .pod(pod) }
            return pod.addresses.first { $0.family == flow.family }.map { .address($0) }
        case .node(let name):
            return cluster.nodes[name]?.addresses.first { $0.family == flow.family }.map { .address($0) }
        case .address(let address):
            // The address of a pod stands for the pod.
            let owner = cluster.pods.values.first { $0.isPolicyEndpoint && $0.addresses.contains(address) }
            return owner.map { .pod($0) } ?? .address(address)
        }
    }

    private static func host(_ address: IPAddress) -> JSONValue {
        .string("\(IPPrefix(containing: address, length: address.family.bitWidth))")
    }

    // MARK: Calico

    func calico() -> JSONValue? {
        guard let far = end(flow.peer(direction)), let peer = entity(far) else { return nil }
        var source: [JSONMember] = direction == .ingress ? peer : []
        var destination: [JSONMember] = direction == .egress ? peer : []
        // A global policy selects many; the rule is for the flow's own end.
        if namespace.isEmpty, let near = end(flow.subject(direction)), let own = entity(near) {
            if direction == .ingress { destination = own } else { source = own }
        }
        if flow.transport.hasPorts { destination.append(JSONMember("ports", [.int(Int64(flow.port))])) }
        var members = [
            JSONMember("action", "Allow"), JSONMember("protocol", PolicySnippet.transport(flow.transport)),
        ]
        if !source.isEmpty { members.append(JSONMember("source", .object(source))) }
        if !destination.isEmpty { members.append(JSONMember("destination", .object(destination))) }
        return .object(members)
    }

    private func entity(_ end: End) -> [JSONMember]? {
        switch end {
        case .address(let address): return [JSONMember("nets", [Self.host(address)])]
        case .pod(let pod):
            let labels = WorkloadLabels.selecting(pod)
            return PolicySnippet.calicoEntity(labels, of: pod.id.namespace, from: namespace)
        }
    }

    // MARK: Cilium

    func cilium() -> JSONValue? {
        guard flow.transport.hasPorts, let far = end(flow.peer(direction)) else { return nil }
        let side = direction == .ingress ? "from" : "to"
        let peer: JSONMember
        switch (far, flow.peer(direction)) {
        case (.pod(let pod), _):
            peer = JSONMember(
                "\(side)Endpoints", [PolicySnippet.endpoint(pod, from: namespace.isEmpty ? nil : namespace)])
        case (.address(let address), .address): peer = JSONMember("\(side)CIDR", [Self.host(address)])
        // Nodes have no labels there and no CIDR rule matches them.
        case (.address, _): peer = JSONMember("\(side)Entities", ["host", "remote-node"])
        }
        return .object([peer, JSONMember("toPorts", [PolicySnippet.ciliumPorts([(flow.transport, flow.port)])])])
    }

    // MARK: Cluster policies

    func cluster(isNew: Bool) -> JSONValue? {
        guard [.tcp, .udp, .sctp].contains(flow.transport), let far = end(flow.peer(direction)) else { return nil }
        let peer: JSONValue
        switch far {
        case .pod(let pod):
            peer = [
                "pods": [
                    "namespaceSelector": PolicySnippet.matchLabels([PolicySnippet.nameLabel: pod.id.namespace]),
                    "podSelector": PolicySnippet.matchLabels(WorkloadLabels.selecting(pod)),
                ]
            ]
        case .address(let address):
            // Only egress rules can name addresses.
            if direction == .ingress { return nil }
            peer = ["networks": [Self.host(address)]]
        }
        let transport = "\(flow.transport)"
        let number = JSONValue.int(Int64(flow.port))
        let ports: JSONMember =
            isNew
            ? JSONMember(
                "protocols", [.object([JSONMember(transport.lowercased(), ["destinationPort": ["number": number]])])])
            : JSONMember("ports", [["portNumber": ["protocol": .string(transport), "port": number]]])
        return .object([
            JSONMember("action", isNew ? "Accept" : "Allow"), JSONMember(direction == .ingress ? "from" : "to", [peer]),
            ports,
        ])
    }
}
