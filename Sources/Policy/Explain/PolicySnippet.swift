import Addressing
import JSONTree

/// Parts of NetworkPolicies and Cilium policies as a person would write them.
enum PolicySnippet {
    static let nameLabel = LabelKey.namespaceName.name

    static func matchLabels(_ labels: [String: String]) -> JSONValue {
        if labels.isEmpty { return .object([]) }
        return [
            "matchLabels": .object(labels.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) })
        ]
    }

    /// A `from` or `to` item for an end, seen from a policy of `namespace`; with the same in the rule model. Nil for
    /// ends that a NetworkPolicy cannot name.
    static func peer(_ end: FlowEnd, in cluster: Cluster, from namespace: String) -> (JSONValue, Peer)? {
        switch end {
        case .pod(let name):
            guard let pod = cluster.pods[name], pod.isPolicyEndpoint else { return nil }
            return peer(labels: WorkloadLabels.selecting(pod), of: name.namespace, from: namespace)
        case .address(let address):
            let prefix = IPPrefix(containing: address, length: address.family.bitWidth)
            return (
                ["ipBlock": ["cidr": .string("\(prefix)")]],
                Peer([.addresses([AddressBlock(prefix)], scope: .anyEnd)])
            )
        case .node(let name):
            guard let address = cluster.nodes[name]?.addresses.first else { return nil }
            return peer(.address(address), in: cluster, from: namespace)
        }
    }

    static func peer(labels: [String: String], of home: String, from namespace: String) -> (JSONValue, Peer) {
        var members: [JSONMember] = []
        if home != namespace {
            members.append(JSONMember("namespaceSelector", matchLabels([nameLabel: home])))
        }
        if !labels.isEmpty || home == namespace { members.append(JSONMember("podSelector", matchLabels(labels))) }
        var parts = [LabelExpression.requirement(LabelRequirement(.namespaceName, .isIn, [home]))]
        parts += labels.sorted { $0.key < $1.key }.map {
            .requirement(LabelRequirement(.own($0.key), .isIn, [$0.value]))
        }
        return (.object(members), Peer([.pods(.all(parts))]))
    }

    /// A `ports` item; nil for protocols that a NetworkPolicy cannot name.
    static func port(_ transport: TransportProtocol, _ port: UInt16) -> (JSONValue, TrafficMatch)? {
        guard [.tcp, .udp, .sctp].contains(transport) else { return nil }
        return (
            ["protocol": .string("\(transport)"), "port": .int(Int64(port))],
            TrafficMatch([.protocolIs(transport), .destinationPorts([PortRange(port)])])
        )
    }

    static func rule(_ direction: Direction, peer: JSONValue?, ports: [JSONValue]) -> JSONValue {
        var members: [JSONMember] = []
        if let peer { members.append(JSONMember(direction == .ingress ? "from" : "to", [peer])) }
        if !ports.isEmpty { members.append(JSONMember("ports", .array(ports))) }
        return .object(members)
    }

    /// A whole NetworkPolicy with rules of one direction.
    static func networkPolicy(
        _ name: String, in namespace: String, selecting labels: [String: String], _ direction: Direction,
        rules: [JSONValue]
    ) -> JSONValue {
        let type = direction == .ingress ? "Ingress" : "Egress"
        return [
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "spec": [
                "podSelector": matchLabels(labels), "policyTypes": [.string(type)],
                direction.rawValue: .array(rules),
            ],
        ]
    }

    /// The same in the rule model.
    static func policy(
        _ name: String, in namespace: String, selecting labels: [String: String], _ direction: Direction,
        rules: [(peers: [Peer]?, traffic: [TrafficMatch]?)]
    ) -> Policy {
        let reference = PolicyReference(
            group: "networking.k8s.io", kind: "NetworkPolicy", namespace: namespace, name: name)
        var parts = [LabelExpression.requirement(LabelRequirement(.namespaceName, .isIn, [namespace]))]
        parts += labels.sorted { $0.key < $1.key }.map {
            .requirement(LabelRequirement(.own($0.key), .isIn, [$0.value]))
        }
        let made = rules.enumerated().map { index, rule in
            PolicyRule(
                RuleReference(
                    policy: reference, direction: direction, path: "spec.\(direction.rawValue)[\(index)]", index: index),
                action: .allow, peers: rule.peers, traffic: rule.traffic)
        }
        let both = DirectionRules(isolates: true, rules: made)
        return Policy(
            source: PolicySource(reference: reference, apiVersion: "networking.k8s.io/v1"), subject: .all(parts),
            ingress: direction == .ingress ? both : nil, egress: direction == .egress ? both : nil)
    }

    /// A Cilium endpoint selector for a pod, for a policy of `namespace` (nil: clusterwide).
    static func endpoint(_ pod: ClusterPod, from namespace: String?) -> JSONValue {
        endpoint(WorkloadLabels.selecting(pod), of: pod.id.namespace, from: namespace)
    }

    static func endpoint(_ labels: [String: String], of home: String, from namespace: String?) -> JSONValue {
        var labels = labels
        if home != namespace { labels["k8s:io.kubernetes.pod.namespace"] = home }
        return matchLabels(labels)
    }

    /// `toPorts` of a Cilium rule.
    static func ciliumPorts(_ ports: [(TransportProtocol, UInt16)]) -> JSONValue {
        [
            "ports": .array(
                ports.map { ["port": .string("\($0.1)"), "protocol": .string("\($0.0)")] })
        ]
    }

    /// `source` or `destination` of a Calico rule for pods with these labels, for a policy of `namespace` (empty:
    /// global, where a selector alone reaches into every namespace).
    static func calicoEntity(
        _ labels: [String: String], of home: String, from namespace: String
    ) -> [JSONMember] {
        var members: [JSONMember] = []
        if home != namespace { members.append(JSONMember("namespaceSelector", "projectcalico.org/name == '\(home)'")) }
        members.append(JSONMember("selector", .string(calicoSelector(labels))))
        return members
    }

    static func calicoSelector(_ labels: [String: String]) -> String {
        if labels.isEmpty { return "all()" }
        return labels.sorted { $0.key < $1.key }.map { "\($0.key) == '\($0.value)'" }.joined(separator: " && ")
    }

    /// A protocol by name, or by number where it has none.
    static func transport(_ transport: TransportProtocol) -> JSONValue {
        TransportProtocol(name: "\(transport)") == nil
            ? .int(Int64(transport.number)) : .string("\(transport)")
    }
}
