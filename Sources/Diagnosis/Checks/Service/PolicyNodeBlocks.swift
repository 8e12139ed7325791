import Addressing
import Policy

/// Blocks that are addresses of the cluster's own nodes, under Cilium: it knows nodes as entities and matches no block
/// against them, unless `policy-cidr-match-mode` has `nodes` (docs.cilium.io, Layer 3 policies). Such a rule opens nothing
/// (POL-12).
struct PolicyNodeBlocks {
    let facts: FactBase
    let input: PolicyFacts

    init(_ facts: FactBase, _ input: PolicyFacts) {
        self.facts = facts
        self.input = input
    }

    func findings() -> [Diagnosis] {
        guard NetworkProviders(facts).runs(.cilium),
            let settings = facts.objects("configmaps").first(where: { $0.name == "cilium-config" }),
            !(settings.text("data", "policy-cidr-match-mode") ?? "").contains("nodes")
        else { return [] }
        let owners = facts.nodesByAddress
        var found: [Diagnosis] = []
        for policy in input.policies.inOrder {
            for (direction, rules) in [("egress", policy.egress?.rules), ("ingress", policy.ingress?.rules)] {
                for rule in rules ?? [] where rule.action == .allow {
                    for case .addresses(let blocks, _) in (rule.peers ?? []).flatMap(\.terms) {
                        let nodes = blocks.compactMap { block in
                            block.prefix.length == block.prefix.family.bitWidth ? owners[block.prefix.first] : nil
                        }
                        guard let node = nodes.first, let object = input.object(policy.reference) else { continue }
                        found.append(finding(policy.reference, rule.reference, direction, node, object, settings))
                    }
                }
            }
        }
        return Array(found.prefix(3))
    }

    private func finding(
        _ policy: PolicyReference, _ rule: RuleReference, _ direction: String, _ node: APIObject, _ object: APIObject,
        _ settings: APIObject
    ) -> Diagnosis {
        let address = node.nodeAddresses().first ?? ""
        return .of(
            "POL-12", "\(policy): \(rule.path) allows \(address), a node, and Cilium matches no block against nodes",
            .certain, at: [object.place, node.place],
            evidence: [
                .init("cidr: \(address)", marking: address, from: object.source),
                .init("\(node.name): InternalIP \(address)", marking: address, from: node.source),
                .init(
                    "policy-cidr-match-mode: \(settings.text("data", "policy-cidr-match-mode") ?? "(not set)")",
                    from: settings.source),
            ],
            because: [
                "to Cilium a node is remote-node, host or kube-apiserver, whatever address it has: the rule opens nothing, and \(direction) of the pods it selects stays closed to it",
                "the API server's Service leads to such an address",
            ],
            fix: .init(
                [
                    "kubectl apply -f - <<'EOF'   # a CiliumNetworkPolicy with toEntities: [kube-apiserver], or remote-node",
                    "kubectl -n \(settings.namespace) patch configmap \(settings.name) --type merge -p '{\"data\":{\"policy-cidr-match-mode\":\"nodes\"}}'   # or let blocks match nodes, and restart the agents",
                ], undo: "take it away again", risk: "opens what the rule was meant to open", seconds: 60))
    }
}
