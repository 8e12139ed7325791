import Addressing
import Findings

// Services that nobody reaches, and sides with more entries than a dataplane's map has places.

extension LintReach {
    /// Pods behind a Service that no end may reach there: a policy isolates them and none lets anybody in.
    func serviceFindings() -> [LintFinding] {
        var found: [LintFinding] = []
        for service in cluster.services.values.sorted(by: { $0.id < $1.id }) {
            if assumesDNS, Self.dnsServices(cluster).contains(service) { continue }
            for index in backends(of: service) {
                guard let side = sides[.ingress]?[index] else { continue }
                for port in service.ports {
                    guard let number = number(of: port, at: index),
                        !side.anything.contains(port.transport, port: number),
                        let policy = toName(closing(index, .ingress), .ingress)
                    else { continue }
                    let entry = classes[index].0
                    let other = closing(index, .ingress).count - 1
                    found.append(
                        PolicyLint.finding(
                            "POL-01", policy,
                            "nobody may reach \(port.transport) \(number) of \(entry.name), which service \(service.id) is for",
                            at: policy.subjectPlace,
                            because: [
                                "a pod that any policy selects for ingress takes only what some policy allows"
                                    + (other > 0 ? "; \(other) more select it" : "")
                            ]
                                + (side.anything.isEmpty ? [] : ["open to somebody: \(side.anything)"]),
                            next: "allow \(port.transport) \(number) from those that use the service"))
                    break
                }
            }
        }
        return found
    }

    // MARK: Size

    /// Places in Cilium's policy map of one endpoint, unless it is told otherwise
    /// (pkg/maps/policymap: MaxEntries, 16,384).
    private static let mapSize = 16_384

    /// Cilium keeps one entry for each identity and block of ports that an endpoint may talk to. Past the size of the
    /// map the endpoint keeps the policy it had.
    func sizeFindings() -> [LintFinding] {
        var found: [LintFinding] = []
        var told: Set<PolicyReference> = []
        let identities = classes.map { Self.identities(of: $0.0, in: cluster) }
        let runsCilium = PolicyEnforcer.running(in: known).contains { $0.name == "Cilium" }
        var entries = [Int](repeating: 0, count: classes.count)
        for direction in Direction.allCases {
            for (index, side) in (sides[direction] ?? []).enumerated() {
                if let side { entries[index] += Self.entries(side, identities) }
            }
        }
        for (index, count) in entries.enumerated() where count > Self.mapSize {
            let policies = Direction.allCases.flatMap { closing(index, $0) }
            let isCilium = runsCilium || policies.contains { $0.reference.group == "cilium.io" }
            guard let policy = policies.first, told.insert(policy.reference).inserted else { continue }
            found.append(
                PolicyLint.finding(
                    "POL-10", policy,
                    "the policies of \(classes[index].0.name) need about \(count) entries for each pod, and Cilium's map has \(Self.mapSize) unless it is told otherwise",
                    at: policy.subjectPlace, severity: isCilium ? .warning : .note,
                    because: ["one entry for each set of labels and block of ports it may talk to"],
                    next: "select by fewer labels, name fewer ports, or raise bpf-policy-map-max"))
        }
        return found
    }

    private static func entries(_ side: JudgedSide, _ identities: [Int]) -> Int {
        // What is open to every end is one entry, whoever it is.
        if let first = side.allowed.first, side.allowed.allSatisfy({ $0 == first }) { return first.portBlocks }
        return zip(side.allowed, identities).reduce(0) { $0 + $1.0.portBlocks * $1.1 }
    }

    /// Distinct sets of labels of a class's pods that Cilium makes identities of.
    private static func identities(of entry: ReachClass, in cluster: Cluster) -> Int {
        guard let namespace = entry.namespace else { return 1 }
        let sets = Set(
            entry.members.compactMap { name in
                cluster.pods[PodName(namespace: namespace, name: name)]?.labels.filter { isIdentity($0.key) }
            })
        return max(1, sets.count)
    }

    /// Cilium's default label filter (pkg/labelsfilter/filter.go): what controllers write is left out.
    private static func isIdentity(_ key: String) -> Bool {
        if key.hasPrefix("app.kubernetes.io/") { return true }
        let domain = key.split(separator: "/", maxSplits: 1).first.map(String.init) ?? ""
        if key.utf8.contains(UInt8(ascii: "/")), domain.hasSuffix("kubernetes.io") || domain.hasSuffix("k8s.io") {
            return false
        }
        return !WorkloadLabels.volatile.contains(key)
    }
}

extension TrafficSet {
    /// Ranges as aligned blocks of powers of two, which is how a longest-prefix map keeps them.
    var portBlocks: Int {
        if isEverything { return 1 }
        return ranges.reduce(0) { count, range in
            var blocks = 0
            var start = range.lowerBound
            while start < range.upperBound {
                let alignment = start == 0 ? UInt32(1) << 31 : start & (~start &+ 1)
                var size = min(alignment, 65536)
                while size > range.upperBound - start { size >>= 1 }
                start += size
                blocks += 1
            }
            return count + blocks
        }
    }
}
