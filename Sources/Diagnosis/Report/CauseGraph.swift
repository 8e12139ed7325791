/// Which causes bring which others about. A finding that another finding explains is folded under it; what nothing
/// explains stands by itself.
public struct CauseGraph: Sendable {
    /// By code, the codes that directly follow from it.
    private let consequences: [String: Set<String>]

    public init(_ consequences: [String: Set<String>]) { self.consequences = consequences }

    /// The catalogue's own chains.
    public static let standard = CauseGraph([
        // An agent that does not run writes no configuration, hands out no addresses and keeps no routes.
        "INS-01": ["CFG-01", "INS-06", "INS-08", "RTE-03", "BGP-04", "IPM-03", "DNS-02"],
        "INS-02": ["CFG-01"], "INS-03": ["CFG-01"], "INS-05": ["INS-02", "CFG-01"],
        "INS-07": ["INS-01", "INS-08", "SVC-03"],
        "INS-09": ["INS-01"], "INS-10": ["INS-01", "INS-02", "INS-03", "CFG-01"], "INS-12": ["INS-01"],
        "INS-04": ["INS-01"], "INS-11": ["INS-01", "BPF-01"],
        "API-01": ["INS-01", "CFG-01"], "API-02": ["INS-01"], "API-03": ["INS-01", "INS-08", "RTE-03", "DNS-11"],
        "SVC-03": ["API-03", "DNS-02"], "SVC-09": ["SVC-03", "DNS-06"], "SVC-11": ["SVC-03"],
        "IPM-01": ["INS-08", "INS-01"], "IPM-11": ["IPM-01"],
        "BPF-02": ["INS-01", "BPF-06"], "BPF-03": ["BPF-06"], "BPF-05": ["INS-01"],
        "RTE-06": ["DNS-04", "DNS-05"], "RTE-14": ["DNS-04"], "RTE-01": ["DNS-07", "DNS-09", "API-03"],
        "RTE-09": ["RTE-01", "RTE-14"], "MTU-03": ["MTU-01"], "MTU-01": ["API-03"],
        "DNS-11": ["DNS-02"], "DNS-03": ["DNS-02"], "CFG-02": ["CFG-01"],
        // Pods that have no network answer no names; where two clusters share addresses no tunnel and no pool helps.
        "CFG-01": ["DNS-02"], "MCL-03": ["MCL-02", "MCL-04"],
        // Pods of another network have addresses that this one does not route; a bridge that is down has no routes.
        "CFG-04": ["RTE-04", "INS-02"], "CFG-05": ["RTE-04"], "RTE-17": ["RTE-04"], "RTE-12": ["RTE-04"],
        // What one flavour accepts the other drops.
        "RTE-16": ["RTE-06"],
        "CFG-06": ["MSH-05", "CFG-10"],
        "CFG-08": ["MSH-05"],
        "NOD-02": ["INS-01", "SVC-03"], "NOD-04": ["INS-01"], "POL-21": ["DNS-05"], "AWS-07": ["INS-01"],
        // What an agent's last fatal line names is why it does not run.
        "BPF-01": ["INS-01"], "BPF-04": ["INS-01"], "NOD-03": ["INS-01"], "RTE-19": ["INS-01"], "IPM-09": ["INS-01"],
        "IPM-02": ["INS-01"], "AWS-01": ["INS-01"],
        // What the cloud does not give nobody hands out, and the node's own share is soon used up.
        "AWS-02": ["INS-01", "IPM-02"], "AWS-03": ["IPM-02"], "AWS-04": ["INS-01", "AWS-07", "IPM-02"],
        "AZR-02": ["INS-01"],
        "CFG-03": ["CFG-01", "INS-01"], "RTE-10": ["INS-01", "RTE-01"], "BGP-02": ["INS-01", "BGP-01"],
        "SVC-10": ["SVC-03", "SVC-05", "INS-01"], "SVC-05": ["DNS-02", "API-03"],
        "GCP-01": ["WHK-01"], "ING-05": ["ING-06"],
        "POL-04": ["DNS-05"], "POL-05": ["DNS-05", "POL-01", "POL-04"],
        "SVC-02": ["ING-04"], "SVC-06": ["ING-04"], "POL-02": ["POL-01"], "POL-12": ["DNS-05", "POL-01"],
        "POL-06": ["POL-01"], "POL-16": ["POL-01", "DNS-05"],
        "IPM-08": ["IPM-06"], "SVC-01": ["DNS-02"],
        // A bridge of another range leads nowhere, and neither does a range that a more exact route takes.
        "IPM-05": ["RTE-04"], "IPM-07": ["RTE-04", "DNS-04"],
        // A tunnel to the wrong end is silent; a slow server makes every query of a search list slow; a circuit breaker
        // opens on endpoints that do not answer.
        "RTE-02": ["RTE-01"], "RTE-18": ["RTE-01"],
        "DNS-01": ["DNS-08"], "DNS-04": ["DNS-08"], "AWS-05": ["DNS-09"],
    ])

    /// Whether it may be the consequence of another cause.
    public func isConsequence(_ code: String) -> Bool { consequences.values.contains { $0.contains(code) } }

    /// Whether `cause` brings `effect` about, over any number of steps.
    public func explains(_ cause: String, _ effect: String) -> Bool {
        if cause == effect { return false }
        var seen: Set<String> = []
        var waiting = [cause]
        while let code = waiting.popLast() {
            for next in consequences[code] ?? [] where seen.insert(next).inserted {
                if next == effect { return true }
                waiting.append(next)
            }
        }
        return false
    }

    /// Findings that nothing else explains, the surest first, each with those that follow from it. A consequence is
    /// folded only under a cause that is at least as sure (a guess explains nothing that is certain) and that is not
    /// somewhere else.
    ///
    /// Nothing is lost: of causes that explain each other in a circle the lowest code leads, which leaves an order
    /// without circles, so that every finding is a root or hangs below one.
    public func folded(_ findings: [Diagnosis]) -> [(root: Diagnosis, consequences: [Diagnosis])] {
        let findings = Diagnosis.merged(findings)
        let machines = findings.map(Self.machines)
        let effects = findings.indices.map { cause in
            findings.indices.filter { effect in
                isExplained(findings[effect], by: findings[cause])
                    && (machines[effect].isEmpty || machines[cause].isEmpty
                        || !machines[effect].isDisjoint(with: machines[cause]))
            }
        }
        let explained = Set(effects.joined())
        return findings.indices.filter { !explained.contains($0) }
            .map { root in (findings[root], below(root, effects).map { findings[$0] }) }
            .enumerated().sorted { left, right in
                Self.isBefore(left.element, right.element) ?? (left.offset < right.offset)
            }
            .map(\.element)
    }

    private func isExplained(_ effect: Diagnosis, by cause: Diagnosis) -> Bool {
        guard cause.confidence >= effect.confidence, explains(cause.code, effect.code) else { return false }
        return !explains(effect.code, cause.code) || cause.code < effect.code
    }

    /// Everything that follows from one finding, over any number of steps, in the order of the findings.
    private func below(_ root: Int, _ effects: [[Int]]) -> [Int] {
        var found: Set<Int> = []
        var waiting = [root]
        while let next = waiting.popLast() {
            for effect in effects[next] where found.insert(effect).inserted { waiting.append(effect) }
        }
        return found.sorted()
    }

    /// Sure before unsure, wide before narrow, then by code; nil for two that are alike. A machine whose pods all suffer
    /// counts as what is seen to suffer does: nobody may have noticed yet.
    private static func isBefore(
        _ left: (root: Diagnosis, consequences: [Diagnosis]), _ right: (root: Diagnosis, consequences: [Diagnosis])
    ) -> Bool? {
        if left.root.confidence != right.root.confidence { return left.root.confidence > right.root.confidence }
        func width(_ entry: (root: Diagnosis, consequences: [Diagnosis])) -> Int {
            entry.consequences.reduce(into: entry.root.explains) { $0.formUnion($1.explains) }.count
                + Set(entry.root.places.filter { $0.hasPrefix("Node/") }).count
        }
        let widths = (width(left), width(right))
        if widths.0 != widths.1 { return widths.0 > widths.1 }
        return left.root.code == right.root.code ? nil : left.root.code < right.root.code
    }

    /// Machines that the places of a finding name: `Node/node-7`, `node-7: /etc/cni/net.d`, `node-7`. None when it is
    /// about an object of the cluster.
    private static func machines(_ finding: Diagnosis) -> Set<String> {
        var names: Set<String> = []
        for place in finding.places {
            if place.hasPrefix("Node/") {
                names.insert(String(place.dropFirst(5).prefix { $0 != " " && $0 != ":" }))
            } else if let colon = place.firstIndex(of: ":"), !place[..<colon].contains("/"),
                !place[..<colon].contains(" ")
            {
                names.insert(String(place[..<colon]))
            } else {
                return []
            }
        }
        return names
    }
}
