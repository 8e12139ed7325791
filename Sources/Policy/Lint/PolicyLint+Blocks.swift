import Addressing
import Findings

// Address blocks over addresses that are not theirs to name, and lists that name some pods of a workload.

extension PolicyLint {
    mutating func checkBlocks(_ policy: Policy) {
        for direction in Direction.allCases {
            for rule in policy[direction]?.rules ?? [] {
                var blocks: [(AddressBlock, AddressScope)] = []
                for peer in rule.peers ?? [] {
                    for case .addresses(let listed, let scope) in peer.terms { blocks += listed.map { ($0, scope) } }
                }
                for (block, scope) in blocks where block.prefix.length > 0 {
                    checkBlock(block, scope, policy, rule, direction)
                }
                checkInstances(blocks.filter { $0.1 == .anyEnd }.map(\.0), policy, rule)
                if known.families.count == 2 { checkFamilies(blocks.map(\.0), policy, rule) }
            }
        }
    }

    private mutating func checkBlock(
        _ block: AddressBlock, _ scope: AddressScope, _ policy: Policy, _ rule: PolicyRule, _ direction: Direction
    ) {
        if direction == .egress,
            let service = services.first(where: { $0.clusterAddresses.contains { block.contains($0) } })
        {
            add(
                "POL-12", policy,
                "\(rule.reference.path): \(block.prefix) holds the address of service \(service.id), which policies never see",
                at: block.place, because: ["a connection to a Service is judged by the pod it goes to"],
                next: "select the pods behind the service, with their port")
        }
        let pods = known.pods(in: block)
        guard let pod = pods.first else { return }
        let count = "\(pods.count) pod\(pods.count == 1 ? "" : "s"), such as \(pod.id)"
        if scope == .anyEnd {
            add(
                "POL-12", policy, "\(rule.reference.path): \(block.prefix) holds the addresses of \(count)",
                at: block.place, severity: .note, because: ["pods get other addresses when they are made anew"],
                next: "select pods by their labels")
        } else {
            add(
                "POL-12", policy,
                "\(rule.reference.path): \(block.prefix) holds the addresses of \(count), and does not match them",
                at: block.place, because: ["Cilium's CIDR rules are for what is outside the cluster"],
                next: "select pods with \(direction == .ingress ? "fromEndpoints" : "toEndpoints")")
        }
    }

    private mutating func checkFamilies(_ blocks: [AddressBlock], _ policy: Policy, _ rule: PolicyRule) {
        let denies = rule.action == .deny
        for (family, other) in [(IPFamily.v4, IPFamily.v6), (.v6, .v4)] {
            guard let whole = blocks.first(where: { $0.prefix.family == family && $0.prefix.length == 0 }),
                !blocks.contains(where: { $0.prefix.family == other })
            else { continue }
            add(
                "POL-24", policy,
                "\(rule.reference.path): \(whole.prefix) is all of \(family) and leaves \(other) \(denies ? "open" : "closed")",
                at: whole.place, severity: denies ? .warning : .note,
                next: "add \(other == .v6 ? "::/0" : "0.0.0.0/0") if it is meant too")
        }
        // A rule of Calico's may be about one family outright.
        guard denies, blocks.isEmpty, let matches = rule.traffic, !matches.isEmpty else { return }
        for (family, other) in [(IPFamily.v4, IPFamily.v6), (.v6, .v4)]
        where matches.allSatisfy({ $0.terms.contains(.family(family)) }) {
            add(
                "POL-24", policy, "\(rule.reference.path): it denies \(family) and leaves \(other) open",
                at: rule.place, next: "take ipVersion away, or add a rule for \(other)")
        }
    }

    // MARK: Instances

    /// Blocks that hold some pods of a workload and leave others out: they were counted when it had fewer.
    private mutating func checkInstances(_ blocks: [AddressBlock], _ policy: Policy, _ rule: PolicyRule) {
        var held: [Workload: Set<PodName>] = [:]
        for block in blocks {
            for pod in known.pods(in: block) { held[Workload(pod), default: []].insert(pod.id) }
        }
        var world = ReachWorld(cluster)
        for (workload, names) in held.sorted(by: { $0.key < $1.key }) {
            let pods = (known.byWorkload[workload] ?? []).filter { !$0.addresses.isEmpty && !$0.isOnHostNetwork }
            let missing = pods.filter { pod in
                guard !names.contains(pod.id) else { return false }
                let families = Set(pod.addresses.map(\.family))
                return families.allSatisfy { world.match(rule.peers, ReachEnd(pod, in: cluster), $0) == .no }
            }
            guard let first = missing.first else { continue }
            let place = blocks.first { block in
                names.contains { cluster.pods[$0]?.addresses.contains(where: block.contains) ?? false }
            }?.place
            add(
                "POL-15", policy,
                "\(rule.reference.path): its blocks hold \(names.count) of the \(pods.count) pods of \(workload)",
                at: place ?? rule.place, because: ["left out: \(LintCluster.counted(missing.count, first.id))"],
                next: "select the workload by its labels, however many pods it has")
        }
    }

    /// Selectors on labels that the next roll-out or the next pod has other values of.
    mutating func checkVolatileLabels(_ policy: Policy) {
        func requirement(_ expression: LabelExpression) -> LabelRequirement? {
            expression.requirements.first {
                $0.key.owner == .own && $0.comparison == .isIn && WorkloadLabels.volatile.contains($0.key.name)
            }
        }
        func words(_ found: LabelRequirement, _ path: String) -> String {
            "\(path)it selects by \(found.key.name), which controllers give another value with the next pod or roll-out"
        }
        if let found = requirement(policy.subject) {
            add("POL-15", policy, words(found, ""), at: found.place, next: "select by the workload's own labels")
        }
        for direction in Direction.allCases {
            for rule in policy[direction]?.rules ?? [] {
                for peer in rule.peers ?? [] {
                    for case .pods(let expression) in peer.terms {
                        guard let found = requirement(expression) else { continue }
                        add(
                            "POL-15", policy, words(found, "\(rule.reference.path): "), at: found.place,
                            next: "select by the workload's own labels")
                    }
                }
            }
        }
    }
}
