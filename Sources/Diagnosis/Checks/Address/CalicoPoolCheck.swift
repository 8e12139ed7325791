import Addressing
import JSONTree
import Policy

/// Calico's pools and blocks: whether any is left for those who ask, whose the others are, and whether a pool is meant
/// for this node and namespace at all.
struct CalicoPoolCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-02", "IPM-04", "IPM-12"]
    let needs: [FactName] = [.objects("nodes"), .objects("pods")]

    /// Blocks a node may have unless IPAMConfig says otherwise (libcalico-go: maxBlocksPerHost).
    private static let blocksPerNode = 20

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org").isEmpty
            || !facts.objects("ipamblocks.crd.projectcalico.org", "ipamblocks.projectcalico.org").isEmpty
            || NetworkProviders(facts).runs(.calico)
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let calico = CalicoAddresses(facts)
        let pods = facts.pods
        let failures = SandboxFailures(facts, pods: pods)
        let asking = failures.signs(of: ["IPM-02", "IPM-04", "IPM-12"])
        let unmatched = noPool(calico, failures, facts)
        if !unmatched.isEmpty { return unmatched }
        let refused = refusedPools(calico, pods, failures, facts)
        if !refused.isEmpty { return refused }
        return blocks(calico, pods, asking, facts)
    }

    // MARK: Pools that do not apply

    private func noPool(_ calico: CalicoAddresses, _ failures: SandboxFailures, _ facts: FactBase) -> [Diagnosis] {
        let asking = failures.signs(of: ["IPM-12"])
        let usesPools = !calico.blocks.isEmpty || !asking.isEmpty
        guard usesPools, facts.has(.objects("ippools.crd.projectcalico.org")) || !calico.pools.isEmpty else {
            return []
        }
        let usable = calico.pools.filter { pool in
            let uses = pool.object.list("spec", "allowedUses").compactMap(\.string)
            return !pool.isDisabled && (uses.isEmpty || uses.contains("Workload"))
                && pool.object.text("spec", "assignmentMode") != "Manual"
        }
        let without = facts.objects("nodes").filter { node in
            !usable.contains { Self.selects($0.object.text("spec", "nodeSelector"), node.labels) }
        }
        guard !without.isEmpty else { return [] }
        // A node without agent or pods of its own (a control plane that runs nothing) needs no pool.
        let waiting = without.flatMap { failures.byNode[$0.name] ?? [] }
        if waiting.isEmpty && usable.isEmpty == false { return [] }
        let disabled = calico.pools.filter(\.isDisabled)
        let names = without.map(\.name)
        let first = without[0]
        var because: [String] = []
        if calico.pools.isEmpty { because.append("there is no IPPool") }
        for pool in calico.pools.prefix(4) {
            if pool.isDisabled {
                because.append("pool \(pool.object.name) (\(pool.prefix)) is disabled")
            } else if let selector = pool.object.text("spec", "nodeSelector"),
                !Self.selects(selector, first.labels)
            {
                because.append(
                    "pool \(pool.object.name) is for nodes with \(selector), which \(first.name) does not match")
            } else {
                because.append("pool \(pool.object.name) is not for workloads")
            }
        }
        return [
            .of(
                "IPM-12", "no address pool applies to \(listed(names))", .certain, at: without.map(\.place),
                evidence: calico.pools.prefix(3).map {
                    .init(
                        "disabled: \($0.isDisabled), nodeSelector: \($0.object.text("spec", "nodeSelector") ?? "all()")",
                        from: $0.object.source)
                } + waiting.evidence
                    + (calico.pools.isEmpty
                        ? [.init("No resources found", from: FactSource("IPPools", command: "kubectl get ippools"))]
                        : []),
                because: because, explains: waiting.symptoms,
                fix: disabled.first.map {
                    .init(
                        [
                            "kubectl patch \($0.object.resource) \($0.object.name) --type merge -p "
                                + "'{\"spec\":{\"disabled\":false}}'"
                        ],
                        undo: "kubectl patch \($0.object.resource) \($0.object.name) --type merge -p "
                            + "'{\"spec\":{\"disabled\":true}}'",
                        risk: "find out first why it was disabled: it may be on its way out", seconds: 10)
                }
                    ?? calico.pools.first.map {
                        .init(
                            [
                                "kubectl get nodes --show-labels",
                                "kubectl edit \($0.object.resource) \($0.object.name)",
                            ],
                            undo: "set the selector back", risk: "only new pods take addresses of it")
                    })
        ]
    }

    private static let wishes = ["cni.projectcalico.org/ipv4pools", "cni.projectcalico.org/ipv6pools"]

    /// Pools that a namespace or a pod asks for by annotation, where pods wait that ask: names of pools or their ranges in
    /// a list of JSON (cni-plugin: pkg/ipamplugin).
    private func refusedPools(
        _ calico: CalicoAddresses, _ pods: [PodView], _ failures: SandboxFailures, _ facts: FactBase
    ) -> [Diagnosis] {
        guard facts.has(.objects("ippools.crd.projectcalico.org")) || !calico.pools.isEmpty else { return [] }
        let namespaces = Dictionary(
            facts.objects("namespaces").map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [String: (asking: APIObject, because: String, pool: CalicoAddresses.Pool?, pods: [PodView])] = [:]
        for pod in pods where pod.waitsForSandbox {
            for key in Self.wishes {
                let asking = pod.object.annotations[key] != nil ? pod.object : namespaces[pod.namespace]
                guard let asking, let text = asking.annotations[key],
                    let list = try? JSONTree(parsing: Array(text.utf8)).root, list.kind == .array
                else { continue }
                let names = list.elements.compactMap(\.string)
                let pools = names.map { name in
                    (name, calico.pools.first { $0.object.name == name || "\($0.prefix)" == name })
                }
                // One that may be used is enough.
                guard !names.isEmpty, pools.allSatisfy({ $0.1?.isDisabled ?? true }), let first = pools.first else {
                    continue
                }
                let because =
                    first.1 == nil
                    ? "\(asking.place) asks for pool \(first.0), and there is none"
                    : "\(asking.place) asks for pool \(first.0), which is disabled"
                found[asking.place, default: (asking, because, first.1, [])].pods.append(pod)
                break
            }
        }
        return found.keys.sorted().compactMap { key in
            guard let (asking, because, pool, waiting) = found[key] else { return nil }
            let said = failures.all.filter { failure in waiting.contains { $0.id == failure.pod.id } }
            let annotation = Self.wishes.lazy.compactMap { key in asking.annotations[key].map { "\(key): \($0)" } }
                .first
            return .of(
                "IPM-12", "\(because): \(counted(waiting.count, "pod")) get no address", .certain,
                at: [asking.place] + (pool.map { [$0.object.place] } ?? []),
                evidence: [.init(annotation ?? "", from: asking.source)]
                    + (pool.map { [.init("disabled: true", marking: "true", from: $0.object.source)] } ?? [])
                    + said.evidence,
                because: [because, "an annotation leaves no other pool, however much is free there"],
                explains: waiting.reduce(into: []) { $0.formUnion($1.symptoms) },
                fix: .init(
                    [
                        "kubectl annotate \(asking.kind.lowercased()) \(asking.name)"
                            + (asking.namespace.isEmpty ? "" : " -n \(asking.namespace)")
                            + " --overwrite \(Self.wishes[0])='[\"POOL\"]'   # one that is not disabled"
                    ],
                    undo: "set the old annotation again", risk: "only new pods take addresses of it", seconds: 10))
        }
    }

    /// A selector that cannot be read is taken for one that matches: it is not this check's to judge.
    static func selects(_ selector: String?, _ labels: [String: String]) -> Bool {
        guard let selector, !selector.isEmpty else { return true }
        guard let parsed = try? CalicoSelector(selector) else { return true }
        return parsed.matches(labels, isNamespaced: false)
    }

    // MARK: Blocks

    private func blocks(
        _ calico: CalicoAddresses, _ pods: [PodView], _ asking: [SandboxFailures.Failure], _ facts: FactBase
    ) -> [Diagnosis] {
        if calico.blocks.isEmpty { return [] }
        let dead = calico.dead
        let leaked = calico.leaked(pods).filter { _ in facts.has(.objects("pods")) }
        let active = calico.pools.filter { !$0.isDisabled }
        let full = active.filter { calico.free(in: $0) <= 0 }
        let allocated = calico.blocks.reduce(0) { $0 + $1.allocations.count }
        let size = calico.blocks.reduce(0) { $0 + $1.size }
        let isShort = !full.isEmpty && full.count == active.count
        let strict =
            facts.objects("ipamconfigs.crd.projectcalico.org", "ipamconfigurations.projectcalico.org").first
        var found: [Diagnosis] = []
        if let capped = capped(calico, asking, strict) { found.append(capped) }
        let wasted = dead.count + (leaked.count * 10 >= max(10, allocated) ? leaked.count : 0)
        // What a node leaves behind when it goes is collected in a quarter of an hour; it is a fault where much stays.
        let staysBehind = dead.count >= 3 || dead.count * 4 > calico.blocks.count
        if wasted > 0, isShort || !asking.isEmpty || staysBehind || leaked.count * 2 > allocated {
            found.append(
                wasting(calico, dead, leaked, full, asking, isHurting: isShort || !asking.isEmpty))
        } else if isShort, !asking.isEmpty, allocated >= size, size > 0, found.isEmpty {
            found.append(
                .of(
                    "IPM-02", "every address of Calico's pools belongs to a pod that runs", .certain,
                    at: full.map(\.object.place),
                    evidence: full.prefix(2).map {
                        .init(
                            "\($0.prefix) in blocks of /\($0.blockLength): all \($0.blocks) claimed",
                            from: $0.object.source)
                    } + asking.evidence,
                    because: [
                        "\(allocated) of \(size) addresses are given out, and none of them is of a pod that is gone"
                    ],
                    explains: asking.symptoms,
                    fix: .init(
                        ["kubectl create -f <an IPPool with another range>"],
                        undo: "kubectl patch ippool <its name> --type merge -p '{\"spec\":{\"disabled\":true}}'",
                        risk: "the new range must overlap nothing", seconds: 30),
                    deadEnds: ["changing blockSize of a pool in use: it cannot be changed"]))
        }
        return found
    }

    private func capped(
        _ calico: CalicoAddresses, _ asking: [SandboxFailures.Failure], _ settings: APIObject?
    ) -> Diagnosis? {
        let stated = settings?.int("spec", "maxBlocksPerHost").map(Int.init) ?? 0
        let limit = stated > 0 ? stated : Self.blocksPerNode
        let owned = Dictionary(grouping: calico.blocks.filter { $0.node != nil }, by: { $0.node ?? "" })
        let nodes = Set(asking.map(\.pod.node))
        for node in nodes.sorted() {
            guard let own = owned[node], own.count >= limit,
                own.allSatisfy({ $0.allocations.count >= $0.size }), let first = own.first
            else { continue }
            let failures = asking.filter { $0.pod.node == node }
            return .of(
                "IPM-04", "\(node) has all of the \(counted(own.count, "block")) it may have, and they are full",
                .certain, at: ["Node/\(node)"],
                evidence: [
                    .init("\(first.prefix): \(first.allocations.count) of \(first.size)", from: first.object.source)
                ] + failures.evidence,
                because: [
                    "a node may have \(limit) blocks"
                        + (stated > 0 ? " (maxBlocksPerHost)" : ", which is Calico's limit unless it is told otherwise")
                ],
                explains: failures.symptoms,
                fix: .init(
                    ["calicoctl ipam configure --max-blocks-per-host=\(limit * 2)"],
                    undo: "calicoctl ipam configure --max-blocks-per-host=\(stated)",
                    risk: "the pool is used up sooner by one node", seconds: 5))
        }
        return nil
    }

    private func wasting(
        _ calico: CalicoAddresses, _ dead: [(object: APIObject, node: String, prefix: IPPrefix)],
        _ leaked: [CalicoAddresses.Allocation], _ full: [CalicoAddresses.Pool], _ asking: [SandboxFailures.Failure],
        isHurting: Bool
    ) -> Diagnosis {
        let deadNodes = Set(dead.map(\.node)).sorted()
        var because: [String] = []
        var evidence: [Diagnosis.Evidence] = []
        if !dead.isEmpty {
            because.append(
                "\(counted(dead.count, "block")) belong to \(listed(deadNodes)), and there is no such node")
            evidence += dead.prefix(2).map {
                .init("node: \($0.node), cidr: \($0.prefix)", marking: $0.node, from: $0.object.source)
            }
        }
        if !leaked.isEmpty {
            because.append(
                "\(counted(leaked.count, "address")) are given to pods that are gone, such as "
                    + (leaked.first { $0.pod != nil }.map { "\($0.address) to \($0.pod ?? "")" }
                        ?? "\(leaked[0].address)"))
            evidence += leaked.prefix(2).map {
                .init("\($0.address) \($0.handle)", marking: "\($0.address)", from: $0.block.source)
            }
        }
        for pool in full {
            because.append("pool \(pool.object.name) (\(pool.prefix)) has none of its \(pool.blocks) blocks left")
            evidence.append(.init("cidr: \(pool.prefix), blockSize: \(pool.blockLength)", from: pool.object.source))
        }
        return .of(
            "IPM-04",
            dead.isEmpty
                ? "Calico holds \(counted(leaked.count, "address")) for pods that are gone"
                : "Calico holds blocks for \(listed(deadNodes)), which \(deadNodes.count == 1 ? "is" : "are") gone",
            isHurting ? .certain : .likely,
            at: (dead.map(\.object.place) + leaked.map(\.block.place)).prefix(4).map { $0 },
            evidence: evidence + asking.evidence, because: because, explains: asking.symptoms,
            fix: .init(
                [
                    "calicoctl datastore migrate lock",
                    "calicoctl ipam check -o report.json",
                    "calicoctl ipam release --from-report=report.json",
                    "calicoctl datastore migrate unlock",
                ],
                undo: "none: look at the report before the release",
                risk: "while the datastore is locked no pod gets an address", seconds: 60),
            prevent: "let calico-kube-controllers run: it gives back what dead nodes had",
            deadEnds: [
                "changing blockSize of a pool in use: it cannot be changed",
                "releasing from a report that was made while pods came and went: addresses in use are handed out twice",
            ],
            needs: ["calicoctl ipam check, which says the same of this moment"])
    }
}
