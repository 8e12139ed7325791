import Addressing
import Findings
import JSONTree
import KubernetesModel

/// Collects the objects of a cluster, or of somebody's manifests, into what the engine needs. Every object is used as
/// far as it can be, and everything else is a finding.
public struct PolicyInput: Sendable {
    /// Who reads policies, in the order they are asked.
    public static let dialects: [any PolicyDialect.Type] = [
        NetworkPolicyDialect.self, ClusterPolicyDialect.self, CiliumDialect.self, CalicoDialect.self,
    ]

    public private(set) var parsed = ParsedPolicies()
    private var others = OtherKinds()
    var cluster = Cluster()
    var slices: [EndpointSlice] = []
    var templates: [ClusterPod] = []
    /// Where each policy was read, to name both places when one comes twice.
    private var seen: [PolicyReference: PolicySource] = [:]

    public init() {}

    public mutating func read(_ manifest: Manifest) {
        read(PolicyDocument(gvk: manifest.gvk, node: manifest.node, file: manifest.file))
    }

    public mutating func read(_ document: PolicyDocument) {
        let gvk = document.gvk
        if let dialect = Self.dialects.first(where: { $0.reads(gvk) }) {
            let before = parsed.policies.count
            dialect.parse(document, into: &parsed)
            for policy in parsed.policies[before...] { check(policy) }
            return
        }
        do throws(FieldError) {
            if try !readCluster(document) { others.add(document) }
        } catch {
            let name = document.node.at("metadata", "name")?.string ?? "?"
            parsed.findings.append(
                Finding(
                    .error, "\(gvk.kind) \(name): \(error); the object is left out",
                    at: document.file.map { Finding.Place(file: $0, node: error.node ?? document.node) }))
        }
    }

    private mutating func check(_ policy: Policy) {
        if let other = seen[policy.reference] {
            parsed.findings.append(
                Finding(
                    .warning, "\(policy.reference) is there twice; the later one counts",
                    at: policy.source.file.flatMap { file in
                        policy.source.place.node.map { Finding.Place(file: file, node: $0) }
                    },
                    because: other.file.map { ["the other stands in \($0)"] } ?? []))
        }
        seen[policy.reference] = policy.source
    }

    /// Everything that was read, with what is ambiguous about it reported.
    public func finish() -> (cluster: Cluster, policies: PolicySet, findings: [Finding]) {
        var cluster = cluster
        addTemplates(&cluster)
        joinEndpoints(&cluster)
        for set in parsed.networkSets { cluster.update(set) }
        let policies = PolicySet(parsed.policies, tiers: parsed.tiers)
        let unread = others.findings + (others.note.map { [$0] } ?? [])
        return (cluster, policies, parsed.findings + unread + policies.ambiguities)
    }
}

extension PolicySet {
    /// Policies whose order the API leaves open: cluster-scoped kinds with one priority in one tier whose subjects can
    /// be the same pods, and policies of a tier nobody defines.
    public var ambiguities: [Finding] {
        var findings: [Finding] = []
        let group = ClusterPolicyDialect.group
        let ordered = inOrder.filter { $0.reference.group == group && $0.order != .last }
        for (left, right) in zip(ordered, ordered.dropFirst())
        where left.tier == right.tier && left.order == right.order {
            findings.append(
                Finding(
                    .warning,
                    "\(left.reference) and \(right.reference) share priority \(Int(left.order.number)) in tier \(left.tier)",
                    at: right.source.file.flatMap { file in
                        right.source.place.node.map {
                            Finding.Place(file: file, node: $0.at("spec", "priority") ?? $0)
                        }
                    },
                    because: ["which goes first is left open by the API; here it is \(left.reference.name), by name"],
                    next: "give one of them another priority"))
        }
        for policy in inOrder where tiers[policy.tier] == nil {
            findings.append(
                Finding(
                    .warning, "\(policy.reference): there is no tier \"\(policy.tier)\"",
                    at: policy.source.file.flatMap { file in
                        policy.source.place.node.map { Finding.Place(file: file, node: $0) }
                    },
                    because: ["until there is one, it is walked after all other tiers and denies at its end"]))
        }
        return findings
    }
}
