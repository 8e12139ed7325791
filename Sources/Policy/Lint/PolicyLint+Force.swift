import Findings
import JSONTree

// Whether a policy is in force, and who put it there.

extension PolicyLint {
    /// Nothing in the cluster enforces policies of this kind. Silent where no agent is known.
    mutating func checkEnforcer(_ policy: Policy, _ running: [PolicyEnforcer]) {
        guard !PolicyEnforcer.mayEnforce(policy.reference, running) else { return }
        let names = running.map(\.name).joined(separator: " and ")
        let able = PolicyEnforcer.all.filter { $0.groups.contains(policy.reference.group) }.map(\.name)
        add(
            "POL-07", policy, "nothing enforces it here: the agents of \(names) run, and they know no such policies",
            at: SourcePlace(policy.source.place.node?.member("kind") ?? policy.source.place.node),
            because: able.isEmpty ? [] : ["\(able.prefix(5).joined(separator: ", ")) enforce such policies"])
    }

    // MARK: Status

    /// What the policy's own status says about it: refused, failing on a node, or not yet acted upon.
    mutating func checkStatus(_ policy: Policy) {
        guard let object = policy.source.place.node, let status = object.member("status") else { return }
        let generation = object.at("metadata", "generation")?.int
        for condition in status.member("conditions")?.elements.map({ $0 }) ?? [] {
            let type = condition.member("type")?.string ?? ""
            if let generation, let seen = condition.member("observedGeneration")?.int, seen < generation {
                add(
                    "POL-09", policy, "its \(type) is about generation \(seen), and the policy is at \(generation)",
                    at: SourcePlace(condition), because: ["what is in force may be the policy as it was before"])
                continue
            }
            guard condition.member("status")?.string == "False", Self.saysInForce(type) else { continue }
            let words = [condition.member("reason")?.string, condition.member("message")?.string].compactMap { $0 }
            add(
                "POL-09", policy, "it is not in force: \(type) is False", at: SourcePlace(condition),
                because: words.filter { !$0.isEmpty })
        }
        // Cilium before 1.16 wrote one entry for each node.
        for (name, node) in status.member("nodes")?.members.map({ $0 }) ?? [] {
            let problem = node.member("error")?.string ?? ""
            guard node.member("enforcing")?.bool == false || !problem.isEmpty else { continue }
            add(
                "POL-09", policy, "node \(name) does not enforce it", at: SourcePlace(node),
                because: problem.isEmpty ? [] : [problem])
        }
    }

    /// Types of conditions that are False when a policy was refused or is not in force. OVN-Kubernetes writes one for
    /// each zone.
    private static func saysInForce(_ type: String) -> Bool {
        ["Valid", "Accepted", "Ready", "Realized", "Programmed"].contains(type) || type.hasPrefix("Ready-In-Zone-")
    }

    // MARK: Charts

    /// A policy that a Helm release brought along and that closes pods of others.
    mutating func checkRelease(_ policy: Policy) {
        guard let metadata = policy.source.place.node?.member("metadata"),
            metadata.at("labels", "app.kubernetes.io/managed-by")?.string == "Helm",
            let release = metadata.at("annotations", "meta.helm.sh/release-name")?.string
                ?? metadata.at("labels", "app.kubernetes.io/instance")?.string,
            policy.ingress?.isolates ?? false || policy.egress?.isolates ?? false
        else { return }
        let selected = known.matching(policy.subject).filter { !$0.isOnHostNetwork }
        func owner(_ group: LintCluster.Group) -> String? {
            group.labels.own["app.kubernetes.io/instance"] ?? group.labels.own["release"]
        }
        // Charts whose pods say nothing of their release cannot be told from others.
        let selectsAll = policy.subject.requirements.allSatisfy { $0.key.owner != .own }
        let others = selected.filter { group in owner(group).map { $0 != release } ?? selectsAll }
        guard let first = others.first else { return }
        let count = others.reduce(0) { $0 + $1.pods.count }
        let directions = Direction.allCases.filter { policy[$0]?.isolates ?? false }.map(\.rawValue)
        add(
            "POL-16", policy,
            "Helm release \(release) brought it along, and it closes \(directions.joined(separator: " and ")) of pods that are not the release's",
            at: policy.subjectPlace, because: [LintCluster.counted(count, first.example.id)],
            next: "turn the policy off in the chart's values, or select the release's own pods")
    }
}
