import JSONTree
import KubernetesModel

/// All nodes with what is on them, while one round of scheduling goes on: a pod that gets a place is counted for the next.
struct SchedulingBoard {
    private struct Place {
        let record: NodeRecord
        var pods: [PodRecord]
        var milliCPU: Int64 = 0
        var memory: Int64 = 0
        var ports: [HostPort] = []

        init(_ record: NodeRecord, _ pods: [PodRecord]) {
            self.record = record
            self.pods = []
            for pod in pods where !pod.isFinished { add(pod) }
        }

        mutating func add(_ pod: PodRecord) {
            pods.append(pod)
            milliCPU &+= pod.milliCPU
            memory &+= pod.memory
            ports += pod.hostPorts
        }
    }

    /// A node's no: the words, and whether it would be otherwise with fewer pods there.
    private struct Objection {
        var reasons: [String]
        var isCrowd: Bool

        static func never(_ reason: String) -> Objection { Objection(reasons: [reason], isCrowd: false) }
        static func crowd(_ reason: String) -> Objection { Objection(reasons: [reason], isCrowd: true) }
    }

    private var places: [Place]

    init(_ view: ClusterView) {
        places = view.nodes.sorted.filter { !$0.meta.isTerminating }.map { Place($0, view.pods(on: $0.meta.name)) }
    }

    /// The best node of those that will do.
    mutating func place(_ pod: PodRecord) -> Result<String, SchedulingRefusal> {
        let fit = PodFit(pod)
        let neighbours = Neighbours(pod)
        var reasons: [String: Int] = [:]
        var crowded = 0
        var best: (index: Int, score: [Int64])?
        for index in places.indices {
            if let objection = objection(to: pod, fit, neighbours, on: places[index]) {
                for reason in objection.reasons { reasons[reason, default: 0] += 1 }
                if objection.isCrowd { crowded += 1 }
                continue
            }
            let score = score(of: pod, fit, on: places[index])
            if let chosen = best, !chosen.score.lexicographicallyPrecedes(score) { continue }
            best = (index, score)
        }
        guard let best else {
            return .failure(SchedulingRefusal(nodeCount: places.count, reasons: reasons, crowded: crowded))
        }
        places[best.index].add(pod)
        return .success(places[best.index].record.meta.name)
    }

    /// In the order in which the scheduler's filters run; the first that objects is the one that is named.
    private func objection(
        to pod: PodRecord, _ fit: PodFit, _ neighbours: Neighbours, on place: Place
    ) -> Objection? {
        let node = place.record
        let unschedulable = NodeRecord.Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")
        if node.facts.isUnschedulable, !fit.tolerations.contains(where: { $0.tolerates(unschedulable) }) {
            return .never("node(s) were unschedulable")
        }
        if let taint = fit.untolerated(on: node, ["NoSchedule", "NoExecute"]) {
            return .never("node(s) had untolerated taint \(taint.braced)")
        }
        if !fit.wants(node) { return .never("node(s) didn't match Pod's node affinity/selector") }
        if pod.hostPorts.contains(where: { port in place.ports.contains { $0.conflicts(with: port) } }) {
            return .crowd("node(s) didn't have free ports for the requested pod ports")
        }
        if let lack = lack(of: pod, on: place) { return lack }
        if let reason = spreadObjection(to: pod, fit, neighbours, on: place) { return reason }
        return neighbourObjection(to: pod, neighbours, on: place)
    }

    private func lack(of pod: PodRecord, on place: Place) -> Objection? {
        var reasons: [String] = []
        var isCrowd = false
        func check(_ wanted: Int64, _ used: Int64, _ limit: Int64?, _ reason: String) {
            guard let limit, wanted > 0, wanted > limit - used else { return }
            reasons.append(reason)
            if wanted <= limit { isCrowd = true }
        }
        if let limit = place.record.podLimit, Int64(place.pods.count) + 1 > limit {
            reasons.append("Too many pods")
            isCrowd = limit > 0
        }
        check(pod.milliCPU, place.milliCPU, place.record.milliCPU, "Insufficient cpu")
        check(pod.memory, place.memory, place.record.memory, "Insufficient memory")
        return reasons.isEmpty ? nil : Objection(reasons: reasons, isCrowd: isCrowd)
    }

    // MARK: Neighbours

    /// What the pod's own terms say about other pods.
    private struct Neighbours {
        let affinity: [PodTerm]
        let antiAffinity: [PodTerm]
        let spread: [(key: String, maxSkew: Int64, selector: LabelSelector)]

        init(_ pod: PodRecord) {
            affinity = PodTerm.required(pod, "podAffinity")
            antiAffinity = PodTerm.required(pod, "podAntiAffinity")
            let constraints = pod.node.at("spec", "topologySpreadConstraints")?.elements.map { $0 } ?? []
            spread = constraints.compactMap { constraint in
                guard constraint.member("whenUnsatisfiable")?.string == "DoNotSchedule",
                    let key = constraint.member("topologyKey")?.string,
                    let selector = constraint.member("labelSelector").flatMap({ try? LabelSelector($0) })
                else { return nil }
                return (key, constraint.member("maxSkew")?.int ?? 1, selector)
            }
        }
    }

    /// The places that share a value of a label with this one.
    private func domain(of place: Place, _ key: String) -> [Place] {
        guard let value = place.record.meta.labels[key] else { return [] }
        return places.filter { $0.record.meta.labels[key] == value }
    }

    private func neighbourObjection(to pod: PodRecord, _ neighbours: Neighbours, on place: Place) -> Objection? {
        for other in places {
            for there in other.pods where there.affinity != nil {
                for term in PodTerm.required(there, "podAntiAffinity") where term.selects(pod) {
                    let value = other.record.meta.labels[term.topologyKey]
                    if value != nil, value == place.record.meta.labels[term.topologyKey] {
                        return .crowd("node(s) didn't satisfy existing pods anti-affinity rules")
                    }
                }
            }
        }
        for term in neighbours.antiAffinity {
            if domain(of: place, term.topologyKey).contains(where: { $0.pods.contains(where: term.selects) }) {
                return .crowd("node(s) didn't match pod anti-affinity rules")
            }
        }
        for term in neighbours.affinity {
            if domain(of: place, term.topologyKey).contains(where: { $0.pods.contains(where: term.selects) }) {
                continue
            }
            // The first of a group that wants to be together has nobody to be with.
            let isFirst = term.selects(pod) && !places.contains { $0.pods.contains(where: term.selects) }
            if !isFirst || place.record.meta.labels[term.topologyKey] == nil {
                return .never("node(s) didn't match pod affinity rules")
            }
        }
        return nil
    }

    private func spreadObjection(
        to pod: PodRecord, _ fit: PodFit, _ neighbours: Neighbours, on place: Place
    ) -> Objection? {
        for (key, maxSkew, selector) in neighbours.spread {
            guard let mine = place.record.meta.labels[key] else {
                return .never("node(s) didn't match pod topology spread constraints (missing required label)")
            }
            var counts: [String: Int64] = [:]
            for other in places where fit.wants(other.record) {
                guard let value = other.record.meta.labels[key] else { continue }
                let number = other.pods.count {
                    !$0.isTerminating && $0.meta.namespace == pod.meta.namespace && selector.matches($0.meta.labels)
                }
                counts[value, default: 0] += Int64(number)
            }
            let least = counts.values.min() ?? 0
            let own: Int64 = selector.matches(pod.meta.labels) ? 1 : 0
            if (counts[mine] ?? 0) + own - least > maxSkew {
                return .crowd("node(s) didn't match pod topology spread constraints")
            }
        }
        return nil
    }

    // MARK: Choosing

    /// The larger, from the left, the better: preferences, few pods of the same owner, room, few pods.
    private func score(of pod: PodRecord, _ fit: PodFit, on place: Place) -> [Int64] {
        let node = place.record
        let liked = fit.preferred.filter { $0.term.matches(node) }.map(\.weight).reduce(0, &+)
        let disliked = node.taints.count { taint in
            taint.effect == "PreferNoSchedule" && !fit.tolerations.contains { $0.tolerates(taint) }
        }
        let owner = pod.meta.controller?.uid
        let siblings = place.pods.count { $0.isActive && owner != nil && $0.meta.controller?.uid == owner }
        func free(_ used: Int64, _ limit: Int64?) -> Int64 {
            guard let limit, limit > 0 else { return 0 }
            return Int64(Double(max(0, limit - used)) / Double(limit) * 10)
        }
        let room = free(place.milliCPU, node.milliCPU) + free(place.memory, node.memory)
        return [liked, -Int64(disliked), -Int64(siblings), room, -Int64(place.pods.count)]
    }
}
