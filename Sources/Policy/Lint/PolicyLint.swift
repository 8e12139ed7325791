import Addressing
import Findings
import JSONTree

/// Finds what is wrong with policies that are valid. Every finding is exact: about the cluster as it is, or, where it
/// says "never", about any cluster.
public struct PolicyLint {
    let cluster: Cluster
    let policies: PolicySet
    let known: LintCluster
    /// By name.
    let services: [ClusterService]
    private(set) var found: [LintFinding] = []

    private init(_ cluster: Cluster, _ policies: PolicySet) {
        self.cluster = cluster
        self.policies = policies
        known = LintCluster(cluster)
        services = cluster.services.values.sorted { $0.id < $1.id }
    }

    /// Policies of kinds that none of the agents which run knows: what they say happens to nobody. None where no agent
    /// is known.
    public static func unenforced(_ cluster: Cluster, _ policies: PolicySet) -> Set<PolicyReference> {
        let running = PolicyEnforcer.running(in: LintCluster(cluster))
        return Set(policies.policies.keys.filter { !PolicyEnforcer.mayEnforce($0, running) })
    }

    /// In the order of files and lines; findings of a live cluster by policy.
    public static func findings(_ cluster: Cluster, _ policies: PolicySet) -> [LintFinding] {
        var lint = PolicyLint(cluster, policies)
        let ordered = policies.policies.values.sorted { $0.reference < $1.reference }
        let running = PolicyEnforcer.running(in: lint.known)
        for policy in ordered {
            lint.checkUnenforceable(policy)
            lint.checkTypes(policy)
            lint.checkContradictions(policy)
            lint.checkSubject(policy)
            lint.checkPeers(policy)
            lint.checkBlocks(policy)
            lint.checkVolatileLabels(policy)
            lint.checkPortNames(policy)
            lint.checkEnforcer(policy, running)
            lint.checkStatus(policy)
            lint.checkRelease(policy)
        }
        lint.checkDNSNames(ordered)
        lint.found += LintReach(lint.known, policies).findings()
        return lint.suppressed().sorted(by: isBefore)
    }

    private static func isBefore(_ left: LintFinding, _ right: LintFinding) -> Bool {
        let first = left.finding.place
        let second = right.finding.place
        let key = (first?.file ?? "", first?.position?.offset ?? 0, left.finding.code, left.finding.message)
        return key < (second?.file ?? "", second?.position?.offset ?? 0, right.finding.code, right.finding.message)
    }

    mutating func add(
        _ code: String, _ policy: Policy, _ message: String, at place: SourcePlace,
        severity: Finding.Severity = .warning, because reasons: [String] = [], next: String? = nil
    ) {
        found.append(Self.finding(code, policy, message, at: place, severity: severity, because: reasons, next: next))
    }

    static func finding(
        _ code: String, _ policy: Policy, _ message: String, at place: SourcePlace,
        severity: Finding.Severity = .warning, because reasons: [String] = [], next: String? = nil
    ) -> LintFinding {
        let node = place.node ?? policy.source.place.node
        let shown = policy.source.file.flatMap { file in node.map { Finding.Place(file: file, node: $0) } }
        return LintFinding(
            policy: policy.reference,
            finding: Finding(
                severity, code: code, "\(policy.reference): \(message)", at: shown, because: reasons, next: next))
    }

    // MARK: Suppression

    static let annotation = "poplin.dev/lint-ignore"

    /// Codes that a policy's annotation ignores, with the reasons, and what is wrong with the annotation.
    private static func ignored(_ policy: Policy) -> (reasons: [String: String], problems: [LintFinding]) {
        guard let node = policy.source.place.node?.at("metadata", "annotations", annotation), let text = node.string
        else { return ([:], []) }
        var reasons: [String: String] = [:]
        var problems: [LintFinding] = []
        for part in text.split(whereSeparator: { $0 == ";" || $0 == "\n" }) {
            let halves = part.split(separator: ":", maxSplits: 1).map { $0.trimmed }
            let code = halves.first ?? ""
            let reason = halves.count == 2 ? halves[1] : ""
            if LintCode.titled(code) == nil {
                problems.append(
                    finding(
                        "POL-00", policy, "\(annotation): there is no code \"\(code)\"", at: SourcePlace(node),
                        next: EditDistance.nearest(to: code, in: LintCode.all.map(\.code)).map { "did you mean \($0)?" }
                    ))
            } else if reason.isEmpty {
                problems.append(
                    finding(
                        "POL-00", policy, "\(annotation): \(code) is ignored without a reason, so it is not ignored",
                        at: SourcePlace(node), next: "write \"\(code): why it does not matter here\""))
            } else {
                reasons[code] = reason
            }
        }
        return (reasons, problems)
    }

    private func suppressed() -> [LintFinding] {
        var result: [LintFinding] = []
        var reasons: [PolicyReference: [String: String]] = [:]
        for policy in policies.policies.values {
            let ignored = Self.ignored(policy)
            reasons[policy.reference] = ignored.reasons
            result += ignored.problems
        }
        for var finding in found {
            if let policy = finding.policy { finding.ignoredBecause = reasons[policy]?[finding.finding.code] }
            result.append(finding)
        }
        return result
    }
}

extension Substring {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
