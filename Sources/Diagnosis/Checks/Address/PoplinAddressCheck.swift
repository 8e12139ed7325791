import JSONTree

/// Pods that this project's own plugin had no address for: it says of which pool or range, and how many are out.
struct PoplinAddressCheck: Check {
    let name = "pools of Poplin"
    let codes = ["IPM-02"]
    let needs: [FactName] = [.objects("pods"), .objects("events")]

    /// Seconds after which an event is of another time: a kubelet tries again at least every few minutes.
    private static let memory: Int64 = 600

    func applies(to facts: FactBase) -> Bool {
        facts.components(.agent).contains { $0.component.name == "poplin" }
    }

    private struct Refusal {
        var pod: APIObject
        var event: APIObject
        /// From `no free IPv4 address` to the end of the sentence.
        var text: String
        /// `small`, or `10.244.1.0/24` without pools.
        var pool: String
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let waiting = facts.objects("pods").filter { pod in
            pod.text("status", "podIP") == nil && !pod.isDeleted
                && !["Succeeded", "Failed"].contains(pod.text("status", "phase") ?? "")
        }
        let refusals = waiting.compactMap { refusal(of: $0, facts) }
        let groups = Dictionary(grouping: refusals) { "\($0.pod.nodeName ?? "") \($0.pool)" }
        return groups.sorted { $0.key < $1.key }.compactMap { finding($0.value, facts) }
    }

    private func refusal(of pod: APIObject, _ facts: FactBase) -> Refusal? {
        guard let event = facts.events(ofPod: pod, "FailedCreatePodSandBox").last,
            !facts.isOlder(event.lastSeen, than: Self.memory), event.message.contains("type=\"poplin\""),
            let start = event.message.firstRange(of: "no free IPv")
        else { return nil }
        let text = event.message[start.lowerBound...].prefix { $0 != ";" }
        let words = text.split(separator: " ").map(String.init)
        // `no free IPv4 address: 1 block of node node-1 in small has ...`, `no free IPv4 address in 10.244.1.0/24: ...`
        guard let place = words.firstIndex(of: "in"), place + 1 < words.count else { return nil }
        let pool = words[place + 1].hasSuffix(":") ? String(words[place + 1].dropLast()) : words[place + 1]
        return Refusal(pod: pod, event: event, text: String(text), pool: pool)
    }

    private func finding(_ refusals: [Refusal], _ facts: FactBase) -> Diagnosis? {
        guard let first = refusals.first else { return nil }
        let node = first.pod.nodeName ?? ""
        let isPool = facts.object("ippools.poplin.dev", "", first.pool) != nil
        let subjects = Set(refusals.map { "\($0.pod.namespace)/\($0.pod.name)" })
        let blocks = facts.objects("ipamblocks.poplin.dev").filter {
            isPool && $0.text("spec", "pool") == first.pool && $0.text("spec", "node") == node
        }
        let evidence = blocks.prefix(3).map { block in
            Diagnosis.Evidence(
                "\(block.text("spec", "cidr") ?? block.name): \(block.int("status", "allocated") ?? 0) given out, "
                    + "\(block.int("status", "resting") ?? 0) at rest, \(block.int("status", "free") ?? 0) free",
                from: block.source)
        }
        return .of(
            "IPM-02", "no address is left in \(first.pool) for pods of \(node)", .certain,
            at: ["Node/\(node)"] + (isPool ? ["IPPool/\(first.pool)"] : []),
            evidence: [.init(first.text, from: first.event.source)] + evidence,
            because: [
                "\(counted(refusals.count, "pod")) of \(node) \(refusals.count == 1 ? "waits" : "wait") for an address of \(first.pool): \(first.text)"
            ],
            explains: Set(facts.symptoms(.sandbox).filter { subjects.contains($0.subject) }.map(\.id)),
            fix: isPool
                ? .init(
                    [
                        "kubectl patch ippool \(first.pool) --type json -p '[{\"op\":\"add\",\"path\":\"/spec/cidrs/-\",\"value\":\"RANGE\"}]'   # a range nothing else uses"
                    ], undo: "none: a range cannot be taken out of a pool again",
                    risk: "the range must lie apart from Services, nodes and other pools", seconds: 20)
                : .init(
                    ["kubectl cordon \(node)   # new pods go to other nodes; delete those that wait"],
                    undo: "kubectl uncordon \(node)", risk: "none for pods that run", seconds: 30),
            prevent: "poplin ipam show tells how full ranges are, and when they will be")
    }
}
