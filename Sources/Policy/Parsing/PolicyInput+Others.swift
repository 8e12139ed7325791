import Findings
import JSONTree
import KubernetesModel

/// Objects of kinds that are not read here. Nothing is passed over in silence: a misspelt kind and another system's
/// policy get a warning each; what else is foreign is named once, together; the API's own kinds that have nothing to do
/// with policy (ConfigMaps, Roles) are what dumps are full of, and only counted.
struct OtherKinds: Sendable {
    private(set) var counts: [GroupVersionKind: Int] = [:]
    private(set) var findings: [Finding] = []
    private var strangers: [(gvk: GroupVersionKind, place: Finding.Place?)] = []

    mutating func add(_ document: PolicyDocument) {
        let gvk = document.gvk
        let isFirst = counts[gvk] == nil
        counts[gvk, default: 0] += 1
        let kind = document.node.member("kind") ?? document.node
        let place = document.file.map { Finding.Place(file: $0, node: kind) }
        let name = document.node.at("metadata", "name")?.string ?? "?"
        if let (group, known) = Self.nearest(gvk) {
            findings.append(
                Finding(
                    .warning, "\(gvk.kind) \(name) is not read: \(gvk.apiVersion) has no such kind", at: place,
                    next: "did you mean \(known) of \(group)?"))
        } else if gvk.kind.hasSuffix("NetworkPolicy") {
            findings.append(
                Finding(
                    .warning, "\(gvk.kind) \(name) is not read: policies of \(gvk.apiVersion) are not known here",
                    at: place, because: ["verdicts leave it out"]))
        } else if isFirst, Self.isForeign(gvk.group) {
            strangers.append((gvk, place))
        }
    }

    /// What is foreign and no policy, in one note.
    var note: Finding? {
        guard let first = strangers.first else { return nil }
        let words = strangers.map { "\(counts[$0.gvk] ?? 1) \($0.gvk.kind) of \($0.gvk.group)" }
        return Finding(
            .note, "not read, because nothing here is made of them: \(words.joined(separator: ", "))", at: first.place)
    }

    /// The API server's own groups have no dot or end in k8s.io.
    private static func isForeign(_ group: String) -> Bool { group.contains(".") && !group.hasSuffix(".k8s.io") }

    private static let policies: [(group: String, kind: String)] =
        [(NetworkPolicyDialect.group, "NetworkPolicy")]
        + ["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"].map {
            (ClusterPolicyDialect.group, $0)
        }
        + CiliumDialect.kinds.sorted().map { (CiliumDialect.group, $0) }
        + CalicoDialect.kinds.sorted().map { ("projectcalico.org", $0) }

    /// A kind of the group that is spelt nearly so, or the group whose kind this is: `extensions` had NetworkPolicy once.
    private static func nearest(_ gvk: GroupVersionKind) -> (group: String, kind: String)? {
        let group = gvk.group == "crd.projectcalico.org" ? "projectcalico.org" : gvk.group
        let siblings = policies.filter { $0.group == group }
        if let kind = EditDistance.nearest(to: gvk.kind, in: siblings.map(\.kind)) { return (gvk.group, kind) }
        if group == "extensions", gvk.kind == "NetworkPolicy" { return (NetworkPolicyDialect.group, gvk.kind) }
        // The group is misspelt, or left out.
        let owners = policies.filter { $0.kind == gvk.kind }
        if let other = EditDistance.nearest(to: gvk.group, in: owners.map(\.group)) { return (other, gvk.kind) }
        return nil
    }
}
