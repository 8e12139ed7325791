import Addressing
import JSONTree
import KubernetesModel

/// Whose policies are written.
public enum SuggestionDialect: String, Sendable, CaseIterable {
    /// `networking.k8s.io/v1`, which every dialect's agents enforce.
    case kubernetes
    case calico
    case cilium
}

/// One suggested policy of Calico or Cilium: written, and read back by the dialect's own reader, so that what is tried
/// on the engine is what is printed.
struct SuggestedManifest {
    /// Far ends that share their ports.
    struct Rule {
        var pods: [(labels: [String: String], namespace: String)]
        var outside: [IPPrefix]
        /// Nil stands for a protocol without ports.
        var ports: [(transport: TransportProtocol, number: UInt16?)]
    }

    let name: String
    let workload: Workload
    let direction: Direction
    let rules: [Rule]

    func suggested(_ dialect: SuggestionDialect) -> (manifest: JSONValue, policy: Policy)? {
        let (apiVersion, kind) =
            dialect == .calico ? ("projectcalico.org/v3", "NetworkPolicy") : ("cilium.io/v2", "CiliumNetworkPolicy")
        let spec = dialect == .calico ? calico : cilium
        let manifest: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind),
            "metadata": ["name": .string(name), "namespace": .string(workload.namespace)], "spec": spec,
        ]
        guard let node = try? manifest.tree().root else { return nil }
        var input = PolicyInput()
        input.read(PolicyDocument(gvk: GroupVersionKind(apiVersion: apiVersion, kind: kind), node: node))
        return input.parsed.policies.first.map { (manifest, $0) }
    }

    private var calico: JSONValue {
        var found: [JSONValue] = []
        for rule in rules {
            var ends = rule.pods.map {
                PolicySnippet.calicoEntity($0.labels, of: $0.namespace, from: workload.namespace)
            }
            if !rule.outside.isEmpty {
                ends.append([JSONMember("nets", .array(rule.outside.map { .string("\($0)") }))])
            }
            for end in ends {
                for transport in Set(rule.ports.map(\.transport)).sorted() {
                    let numbers = rule.ports.filter { $0.transport == transport }.compactMap(\.number).sorted()
                    let ports = JSONMember("ports", .array(numbers.map { .int(Int64($0)) }))
                    var members = [
                        JSONMember("action", "Allow"), JSONMember("protocol", PolicySnippet.transport(transport)),
                    ]
                    if direction == .ingress {
                        members.append(JSONMember("source", .object(end)))
                        if !numbers.isEmpty { members.append(JSONMember("destination", .object([ports]))) }
                    } else {
                        members.append(JSONMember("destination", .object(end + (numbers.isEmpty ? [] : [ports]))))
                    }
                    found.append(.object(members))
                }
            }
        }
        return [
            "selector": .string(PolicySnippet.calicoSelector(workload.labels)),
            "types": [.string(direction == .ingress ? "Ingress" : "Egress")], direction.rawValue: .array(found),
        ]
    }

    private var cilium: JSONValue {
        let side = direction == .ingress ? "from" : "to"
        var found: [JSONValue] = []
        for rule in rules {
            var peers: [JSONMember] = []
            if !rule.pods.isEmpty {
                peers.append(
                    JSONMember(
                        "\(side)Endpoints",
                        .array(
                            rule.pods.map {
                                PolicySnippet.endpoint($0.labels, of: $0.namespace, from: workload.namespace)
                            })))
            }
            if !rule.outside.isEmpty {
                peers.append(JSONMember("\(side)CIDR", .array(rule.outside.map { .string("\($0)") })))
            }
            // A protocol that has no ports here opens all of them to these peers.
            let ports = rule.ports.compactMap { port in port.number.map { (port.transport, $0) } }
            let limit =
                ports.count == rule.ports.count ? [JSONMember("toPorts", [PolicySnippet.ciliumPorts(ports)])] : []
            found += peers.map { .object([$0] + limit) }
        }
        return ["endpointSelector": PolicySnippet.matchLabels(workload.labels), direction.rawValue: .array(found)]
    }
}
