/// Which causes bring which others about. A finding that another finding explains is folded under it; what nothing
/// explains stands by itself.
public struct CauseGraph: Sendable {
    /// By code, the codes that directly follow from it.
    private let consequences: [String: Set<String>]

    public init(_ consequences: [String: Set<String>]) { self.consequences = consequences }

    /// The catalogue's own chains.
    public static let standard = CauseGraph([
        // An agent that does not run writes no configuration, hands out no addresses and keeps no routes.
        "INS-01": ["CFG-01", "INS-06", "INS-08", "RTE-03", "BGP-04", "IPM-03"],
        "INS-02": ["CFG-01"], "INS-03": ["CFG-01"], "INS-05": ["INS-02", "CFG-01"], "INS-07": ["INS-01", "INS-08"],
        "INS-09": ["INS-01"], "INS-10": ["INS-01", "INS-02", "INS-03", "CFG-01"], "INS-12": ["INS-01"],
        "INS-04": ["INS-01"], "INS-11": ["INS-01"],
        "API-01": ["INS-01", "CFG-01"], "API-02": ["INS-01"], "API-03": ["INS-01", "INS-08", "RTE-03", "DNS-11"],
        "SVC-03": ["API-03", "DNS-02"], "SVC-09": ["SVC-03", "DNS-06"], "SVC-10": ["SVC-03"], "SVC-11": ["SVC-03"],
        "IPM-01": ["INS-08", "INS-01"], "IPM-11": ["IPM-01"],
        "BPF-02": ["INS-01", "BPF-06"], "BPF-03": ["BPF-06"], "BPF-05": ["INS-01"],
        "RTE-06": ["DNS-04", "DNS-05"], "RTE-14": ["DNS-04"], "RTE-01": ["DNS-07", "DNS-09", "API-03"],
        "RTE-09": ["RTE-01", "RTE-14"], "MTU-03": ["MTU-01"], "MTU-01": ["API-03"],
        "DNS-11": ["DNS-02"], "DNS-03": ["DNS-02"], "CFG-02": ["CFG-01"], "CFG-06": ["MSH-05"], "CFG-08": ["MSH-05"],
        "NOD-02": ["INS-01"], "NOD-04": ["INS-01"], "POL-21": ["DNS-05"], "AWS-07": ["INS-01"],
    ])

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
    /// folded only under a cause that is at least as sure: a guess explains nothing that is certain.
    public func folded(_ findings: [Diagnosis]) -> [(root: Diagnosis, consequences: [Diagnosis])] {
        func isExplained(_ effect: Diagnosis, by cause: Diagnosis) -> Bool {
            guard cause.confidence >= effect.confidence, explains(cause.code, effect.code) else { return false }
            // Two that explain each other are one circle: the lower code leads, so that one of them stays.
            return !explains(effect.code, cause.code) || cause.code < effect.code
        }
        let roots = findings.filter { effect in !findings.contains { isExplained(effect, by: $0) } }
        let ordered = roots.enumerated().sorted { left, right in
            let keys = (left.element, right.element)
            if keys.0.confidence != keys.1.confidence { return keys.0.confidence > keys.1.confidence }
            if keys.0.explains.count != keys.1.explains.count { return keys.0.explains.count > keys.1.explains.count }
            return (keys.0.code, left.offset) < (keys.1.code, right.offset)
        }.map(\.element)
        return ordered.map { root in
            (root, findings.filter { $0 != root && !roots.contains($0) && isExplained($0, by: root) })
        }
    }
}
