import Addressing
import JSONTree

/// Addresses that another pod gets while callers still talk to the one before (IPM-13).
struct AddressReuseCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-13"]
    let needs: [FactName] = [.objects("pods")]

    /// Seconds between two uses of one address that connections and caches outlive.
    private static let tooSoon: Int64 = 30

    private static let failures = [
        "reset by peer", "refused", "no route to host", "timed out", "timeout", "unreachable",
    ]

    /// Changes of hands within that time from which nobody needs to complain.
    private static let often = 2
    /// Addresses of one machine that changed hands so soon.
    private static let several = 3

    func applies(to facts: FactBase) -> Bool { facts.pods.contains { $0.isFinished && !$0.addresses.isEmpty } }

    private struct Reuse {
        var former: PodView
        var pod: PodView
        var address: IPAddress
        var seconds: Int64
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let reuses = reuses(facts)
        if reuses.isEmpty { return [] }
        let told = reuses.lazy.compactMap { reuse in complaint(about: reuse, facts).map { (reuse, $0) } }.first
        // One address that goes from hand to hand: nothing makes it wait.
        let counts = Dictionary(grouping: reuses, by: \.address)
        let worst = counts.values.filter { $0.count >= Self.often }.max { $0.count < $1.count }
        // Or several that went from one to another at once, on the same machine.
        let machines = Dictionary(grouping: reuses, by: \.pod.node).values
            .filter { Set($0.map(\.address)).count >= Self.several }.max { $0.count < $1.count }
        guard let reuse = told?.0 ?? worst?.last ?? machines?.last else { return [] }
        let gap = "\(reuse.seconds) s"
        let node = reuse.pod.node
        return [
            .of(
                "IPM-13", "\(reuse.address) was \(reuse.former.id)'s and is \(reuse.pod.id)'s \(gap) later", .likely,
                at: [reuse.pod.object.place, reuse.former.object.place] + (node.isEmpty ? [] : ["Node/\(node)"]),
                evidence: [told?.1].compactMap { $0 } + [
                    .init("\(reuse.former.name): ended, had \(reuse.address)", from: reuse.former.object.source),
                    .init(
                        "podIP: \(reuse.address)", marking: "\(reuse.address)",
                        from: reuse.pod.object.source),
                ],
                because: [
                    "callers keep connections and names for longer than \(gap): what they send to \(reuse.former.id) arrives at \(reuse.pod.id), which knows nothing of it",
                    "an address comes back so soon when few are free or nothing makes it wait"
                        + (reuses.count > 1 ? "; \(reuses.count) addresses did" : ""),
                ], explains: reuse.pod.symptoms, fix: fix(facts, node),
                prevent:
                    "Services instead of pods' addresses in callers; a range with room for the pods that come and go",
                deadEnds: ["restarting the new pod: it keeps the address or passes the trouble on"],
                needs: [
                    "kubectl get events -A --field-selector reason=Killing and the callers' log: do their errors begin when the address changes hands?"
                ])
        ]
    }

    /// Pairs of a pod that ended and one that began with its address soon after.
    private func reuses(_ facts: FactBase) -> [Reuse] {
        var former: [IPAddress: [(pod: PodView, end: Int64)]] = [:]
        let pods = facts.pods.filter { !$0.isOnHostNetwork }
        for pod in pods where pod.isFinished {
            let ends = pod.containerStatuses.compactMap {
                $0.at("state", "terminated", "finishedAt")?.string.flatMap(APIObject.seconds)
            }
            guard let end = ends.max() else { continue }
            for address in pod.addresses { former[address, default: []].append((pod, end)) }
        }
        if former.isEmpty { return [] }
        var found: [Reuse] = []
        for pod in pods {
            guard let begun = pod.object.time("status", "startTime") ?? pod.object.createdAt else { continue }
            for address in pod.addresses {
                let last = (former[address] ?? []).filter { begun >= $0.end && $0.pod.id != pod.id }.max {
                    $0.end < $1.end
                }
                guard let last, begun - last.end < Self.tooSoon else { continue }
                found.append(Reuse(former: last.pod, pod: pod, address: address, seconds: begun - last.end))
            }
        }
        return found
    }

    /// A line of another pod about a connection to the address that failed.
    private func complaint(about reuse: Reuse, _ facts: FactBase) -> Diagnosis.Evidence? {
        let word = "\(reuse.address)"
        for (path, document) in facts.evidence.documents(under: EvidencePath.logs) {
            let parts = path.split(separator: "/")
            guard parts.count == 3, document.holds(word), "\(parts[0])/\(parts[1])" != reuse.pod.id,
                "\(parts[0])/\(parts[1])" != reuse.former.id
            else { continue }
            let line = document.lines.last { line in
                line.contains(word + ":") && Self.failures.contains { line.lowercased().contains($0) }
            }
            if let line { return .init(String(line), marking: word, from: document.source) }
        }
        return nil
    }

    private func fix(_ facts: FactBase, _ node: String) -> Diagnosis.Fix? {
        // amazon-vpc-cni-k8s: IP_COOLDOWN_PERIOD, 30 s unless it is set.
        if let agent = NetworkProviders(facts).agent(.aws) {
            let set = "kubectl -n \(agent.namespace) set env daemonset/\(agent.name) IP_COOLDOWN_PERIOD"
            return .init(
                [set + "=60"], undo: set + "-",
                risk: "aws-node restarts node by node; each node keeps more addresses aside",
                seconds: 300)
        }
        if node.isEmpty { return nil }
        return .init(
            ["kubectl cordon \(node)   # new pods go where more addresses are free"],
            undo: "kubectl uncordon \(node)", risk: "other nodes get more pods", seconds: 5)
    }
}
