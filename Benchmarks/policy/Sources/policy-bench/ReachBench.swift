import Policy

/// Reachability by label class, and lint: 10,000 pods of 500 classes under 1,000 policies.
enum ReachBench {
    static func run() throws {
        let fleet = Fleet(namespaces: 50, workloads: 10, replicas: 20, policies: 20, nodes: 100)
        let policies = PolicySet(try Fleet.parse(fleet.manifests))
        let reach = PolicyBench.measure { Reachability(fleet.cluster, policies) }
        let pods = reach.result.classes.count { $0.isPods }
        PolicyBench.row(
            "reachability of 10,000 pods in \(pods) classes under 1,000 policies", PolicyBench.text(reach.seconds),
            "<= 2 s")
        let lint = PolicyBench.measure { PolicyLint.findings(fleet.cluster, policies) }
        PolicyBench.row(
            "lint of 1,000 policies (\(lint.result.count) findings)", PolicyBench.text(lint.seconds), "<= 2 s")
        let one = fleet.manifests.dropLast()
        let fewer = PolicySet(try Fleet.parse(Array(one)))
        let difference = PolicyBench.measure { ReachDifference(in: fleet.cluster, from: policies, to: fewer) }
        PolicyBench.row(
            "difference of one policy (\(difference.result.entries.count) pairs)", PolicyBench.text(difference.seconds),
            "")
    }
}
