import Addressing
import JSONTree

/// Parts of NetworkPolicies and Cilium policies as a person would write them.
enum PolicySnippet {
    static let nameLabel = LabelKey.namespaceName.name

    private static func matchLabels(_ labels: [String: String]) -> JSONValue {
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
        var labels = WorkloadLabels.selecting(pod)
        if pod.id.namespace != namespace { labels["k8s:io.kubernetes.pod.namespace"] = pod.id.namespace }
        return matchLabels(labels)
    }
}
