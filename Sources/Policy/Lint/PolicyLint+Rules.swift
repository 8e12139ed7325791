import Addressing
import Findings
import JSONTree

// Checks of rules: contradictions and peers.

extension PolicyLint {
    mutating func checkContradictions(_ policy: Policy) {
        if case .contradictory(let reason) = policy.subject.satisfiability, policy.unenforceable.isEmpty {
            add("POL-19", policy, "no pod can ever match its selector: \(reason)", at: policy.subjectPlace)
        }
        for direction in Direction.allCases {
            for rule in policy[direction]?.rules ?? [] {
                for peer in rule.peers ?? [] {
                    if let reason = Self.contradiction(peer) {
                        add(
                            "POL-19", policy, "\(rule.reference.path): this peer can never match: \(reason)",
                            at: peer.place)
                    }
                }
                if let peers = rule.peers, peers.isEmpty, rule.unenforceable.isEmpty {
                    let what =
                        rule.traffic == nil
                        ? "it has neither peers nor ports, which isolates and \(rule.action == .deny ? "denies" : "allows") nothing"
                        : "an empty list of peers selects nobody"
                    add("POL-19", policy, "\(rule.reference.path): \(what)", at: rule.place)
                }
                if let traffic = rule.traffic, traffic.isEmpty {
                    add(
                        "POL-19", policy, "\(rule.reference.path): there is no port in it, so it matches nothing",
                        at: rule.place)
                }
            }
        }
    }

    /// Why no end could match; nil when one could.
    private static func contradiction(_ peer: Peer) -> String? {
        peer.terms.lazy.compactMap(contradiction).first
    }

    private static func contradiction(_ term: PeerTerm) -> String? {
        switch term {
        case .pods(let expression):
            if case .contradictory(let reason) = expression.satisfiability { return reason }
            return nil
        case .addresses(let blocks, _):
            let empty = blocks.filter { isUsedUp($0.prefix, by: $0.except) }
            return empty.count == blocks.count && !empty.isEmpty ? "everything of \(empty[0].prefix) is excepted" : nil
        case .anyOf(let terms):
            let reasons = terms.compactMap { term -> String? in
                if case .networkSets(let expression, _) = term {
                    if case .contradictory(let reason) = expression.calico.satisfiability { return reason }
                    return nil
                }
                return contradiction(term)
            }
            return !terms.isEmpty && reasons.count == terms.count ? reasons.first : nil
        default: return nil
        }
    }

    /// Whether holes leave nothing of a prefix: one holds it, or both its halves are used up.
    private static func isUsedUp(_ prefix: IPPrefix, by holes: [IPPrefix]) -> Bool {
        let near = holes.filter { $0.overlaps(prefix) }
        if near.isEmpty { return false }
        if near.contains(where: { $0.contains(prefix) }) { return true }
        let half = IPPrefix(containing: prefix.first, length: prefix.length + 1)
        let other = IPPrefix(containing: prefix.last, length: prefix.length + 1)
        return isUsedUp(half, by: near) && isUsedUp(other, by: near)
    }

    mutating func checkPeers(_ policy: Policy) {
        for direction in Direction.allCases {
            for rule in policy[direction]?.rules ?? [] {
                checkSeparatePeers(rule, policy)
                for peer in rule.peers ?? [] {
                    for case .pods(let expression) in peer.terms {
                        checkNamespaceLabel(expression, policy, rule)
                        checkHostNetwork(expression, peer, policy, rule)
                    }
                }
            }
        }
    }

    /// `- namespaceSelector` and `- podSelector` as two items, of which the AND is something else and not nothing.
    private mutating func checkSeparatePeers(_ rule: PolicyRule, _ policy: Policy) {
        guard policy.reference.group == "networking.k8s.io", let peers = rule.peers, peers.count > 1 else { return }
        for (first, second) in zip(peers, peers.dropFirst()) {
            guard let one = first.place.node, let other = second.place.node else { continue }
            let keys = (Set(one.members.map(\.key)), Set(other.members.map(\.key)))
            let isPair =
                keys == (["namespaceSelector"], ["podSelector"]) || keys == (["podSelector"], ["namespaceSelector"])
            guard isPair, let namespaces = [one, other].compactMap({ $0.member("namespaceSelector") }).first,
                let pods = [one, other].compactMap({ $0.member("podSelector") }).first, pods.count > 0
            else { continue }
            var asOne = 0
            var asTwo = 0
            let selected = (Self.selector(namespaces, .namespace), Self.selector(pods, .own))
            var world = ReachWorld(cluster)
            for group in known.groups where !group.isOnHostNetwork {
                if selected.0.matches(group.labels), selected.1.matches(group.labels) { asOne += group.pods.count }
                if world.match([first, second], ReachEnd(group.example, in: cluster), .v4) == .yes {
                    asTwo += group.pods.count
                }
            }
            if !cluster.pods.isEmpty, asOne == 0 || asOne == asTwo { continue }
            let counts = cluster.pods.isEmpty ? "" : ": together \(asTwo) pods, as one peer they would be \(asOne)"
            add(
                "POL-04", policy, "\(rule.reference.path): two separate peers are an OR\(counts)", at: second.place,
                next: "if both conditions are meant, take the dash before the second selector away")
        }
    }

    private static func selector(_ node: JSONNode, _ owner: LabelKey.Owner) -> LabelExpression {
        var parts: [LabelExpression] = []
        for (key, value) in node.member("matchLabels")?.members.map({ $0 }) ?? [] {
            parts.append(.requirement(LabelRequirement(LabelKey(owner, key), .isIn, [value.string ?? ""])))
        }
        for item in node.member("matchExpressions")?.elements.map({ $0 }) ?? [] {
            let comparisons: [String: LabelRequirement.Comparison] = [
                "In": .isIn, "NotIn": .isNotIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
            ]
            guard let comparison = comparisons[item.member("operator")?.string ?? ""] else { continue }
            parts.append(
                .requirement(
                    LabelRequirement(
                        LabelKey(owner, item.member("key")?.string ?? ""), comparison,
                        item.member("values")?.elements.compactMap(\.string) ?? [])))
        }
        return .all(parts)
    }

    /// Namespaces that every cluster has.
    private static let wellKnown: Set<String> = ["default", "kube-system", "kube-public", "kube-node-lease"]

    private mutating func checkNamespaceLabel(_ expression: LabelExpression, _ policy: Policy, _ rule: PolicyRule) {
        for requirement in expression.requirements
        where requirement.key.owner == .namespace && requirement.comparison == .isIn
            && requirement.key != .namespaceName
        {
            for value in requirement.values {
                let isNamespace =
                    cluster.namespaces[value] != nil
                    || (requirement.key.name == "name" && Self.wellKnown.contains(value))
                guard isNamespace, cluster.namespaces[value]?.labels[requirement.key.name] != value else { continue }
                // Another namespace may well carry the label.
                if cluster.namespaces.values.contains(where: { $0.labels[requirement.key.name] == value }) { continue }
                add(
                    "POL-05", policy,
                    "\(rule.reference.path): no namespace has label \(requirement.key.name): \(value), not even namespace \(value)",
                    at: requirement.place,
                    next: "kubernetes.io/metadata.name: \(value) is on it in every cluster")
            }
        }
    }

    private mutating func checkHostNetwork(
        _ expression: LabelExpression, _ peer: Peer, _ policy: Policy, _ rule: PolicyRule
    ) {
        let matching = known.matching(expression)
        guard let example = matching.first?.example, matching.allSatisfy(\.isOnHostNetwork) else { return }
        add(
            "POL-22", policy,
            "\(rule.reference.path): the pods this peer selects are on their nodes' network, so it matches nothing",
            at: peer.place, because: ["for example \(example.id) on \(example.node)"],
            next: "name the nodes' addresses in an address block")
    }
}
