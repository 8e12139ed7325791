import Addressing

/// Connections that Antrea's agents wrote down as denied, where a program says of the same two ends that it gets no answer
/// (POL-01). A denial alone may be just what a policy is for.
struct DeniedConnectionCheck: LateCheck {
    let name = "denied connections"
    let codes = ["POL-01"]
    let needs: [FactName] = [.objects("pods")]

    /// Where the agents write (antrea.io, "NetworkPolicy logging").
    private static let folder = "/var/log/antrea/networkpolicy"
    /// Lines of the end of one file.
    private static let most = 2000

    func applies(to facts: FactBase) -> Bool { !Self.logs(facts).isEmpty }

    private static let marks = ["Rule AntreaClusterNetworkPolicy:", "Rule AntreaNetworkPolicy:"]

    /// Among the logs of their machines, or as somebody handed them in.
    private static func logs(_ facts: FactBase) -> [EvidenceTree.Document] {
        facts.derived.value("logs of denied connections") {
            guard facts.components(.agent).contains(where: { $0.component.name == "antrea" }) else { return [] }
            let ofMachines = facts.machines.flatMap { machine in
                machine.documents.filter { $0.key.hasPrefix("logs/") || $0.key.hasPrefix("files" + folder) }
                    .sorted { $0.key < $1.key }.map(\.value)
            }
            let loose = facts.evidence.documents(under: EvidencePath.looseLogs).map(\.1)
            return (ofMachines + loose).filter { document in marks.contains(where: document.holds) }
        }
    }

    /// `2026/08/19 09:21:11.118201 AntreaPolicyIngressRule AntreaClusterNetworkPolicy:lock rest Drop 44900 shop/cart-7d9
    /// 10.4.1.9 40110 10.4.2.9 5001 TCP 60 <nil>`: policy, rule, what was done, priority, the pod it applies to, and both
    /// ends.
    private struct Denial {
        var policy: Substring
        var rule: Substring
        var action: Substring
        var from: IPAddress
        var to: IPAddress
        var port: UInt16
        var line: Substring

        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count > 11, words[2].hasSuffix("Rule") || words[2].hasPrefix("K8sNetworkPolicy"),
                words[5] == "Drop" || words[5] == "Reject", let from = IPAddress(String(words[8])),
                let to = IPAddress(String(words[10])), let port = UInt16(words[11])
            else { return nil }
            (policy, rule, action) = (words[3], words[4], words[5])
            (self.from, self.to, self.port, self.line) = (from, to, port, line)
        }
    }

    func findings(_ facts: FactBase, after earlier: EarlierFindings) -> [Diagnosis] {
        if earlier.found.contains(where: { $0.hasPrefix("POL-") || $0 == "DNS-05" || $0 == "DNS-10" }) { return [] }
        let failures = FailedConnection.all(facts)
        if failures.isEmpty { return [] }
        let owners = Dictionary(
            facts.pods.filter { !$0.isFinished && !$0.isOnHostNetwork }.flatMap { pod in
                pod.addresses.map { ($0, pod) }
            }, uniquingKeysWith: { first, _ in first })
        let services = ServiceMap(facts).entries
        /// Whether a program's failure is of what was denied: asked at the pod, or at a Service of it.
        func isOf(_ failure: FailedConnection, _ from: PodView, _ to: PodView, _ denial: Denial) -> Bool {
            guard failure.pod == from.id else { return false }
            return failure.address == denial.to
                || services.contains { entry in
                    entry.addresses.contains(failure.address) && entry.pods.contains { $0.id == to.id }
                }
        }
        for document in Self.logs(facts) {
            for line in document.lines.suffix(Self.most) {
                guard let denial = Denial(line), let from = owners[denial.from], let to = owners[denial.to],
                    let failure = failures.first(where: { isOf($0, from, to, denial) })
                else { continue }
                return [finding(denial, failure, from, to, document)]
            }
        }
        return []
    }

    private func finding(
        _ denial: Denial, _ failure: FailedConnection, _ from: PodView, _ to: PodView,
        _ document: EvidenceTree.Document
    ) -> Diagnosis {
        let name = denial.policy.split(separator: ":").last ?? denial.policy
        return .of(
            "POL-01", "\(denial.policy) keeps \(from.id) from \(to.id)", .likely, at: [to.object.place],
            evidence: [
                .init(failure.line, from: failure.source),
                .init(String(denial.line), marking: String(denial.action), from: document.source),
            ],
            because: [
                "\(from.id) gets no answer, and the agent wrote down that rule \(denial.rule) of \(denial.policy) ends what it sends to port \(denial.port)",
                "policies of Antrea's tiers are asked before those of the namespace: what these allow does not help",
            ],
            explains: from.symptoms.union(to.symptoms),
            fix: .init(
                [
                    "antctl query networkpolicy -p \(to.id)   # all that is about the pod",
                    "kubectl get clusternetworkpolicies.crd.antrea.io,networkpolicies.crd.antrea.io -A | grep \(name)   # and edit it: a rule for \(from.namespace) before \(denial.rule)",
                ], undo: "take the rule out again", risk: "opens that one way", seconds: 30),
            deadEnds: ["a policy of the namespace that allows more: it is asked later, or not at all"],
            needs: ["whether \(from.id) is meant to reach \(to.id)"])
    }
}
