import JSONTree

/// Whether a DaemonSet is for a node (daemon controller: node selector, required affinity, taints).
struct DaemonSetFit: Sendable {
    /// What keeps its pods from the node.
    enum Obstacle: Sendable, Hashable {
        /// `spec.template.spec.nodeSelector` wants a label that the node does not have so.
        case selector(key: String, value: String)
        /// No term of the required node affinity fits the node's labels; the first wish that fails.
        case affinity(String)
        case taint(key: String, value: String, effect: String)
    }

    /// Nil when it is for the node.
    let obstacle: Obstacle?

    /// Tolerated by every pod of a DaemonSet (pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations), the last one
    /// with hostNetwork.
    private static let always: Set<String> = [
        "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.kubernetes.io/disk-pressure",
        "node.kubernetes.io/memory-pressure", "node.kubernetes.io/pid-pressure", "node.kubernetes.io/unschedulable",
        "node.kubernetes.io/network-unavailable",
    ]

    init(_ workload: APIObject, _ node: APIObject) {
        let labels = node.labels
        let spec = workload["spec", "template", "spec"]
        if let selector = spec?.member("nodeSelector"), selector.kind == .object {
            for (key, value) in selector.members where labels[key] != value.string {
                obstacle = .selector(key: key, value: value.string ?? "")
                return
            }
        }
        if let unmet = Self.unmetAffinity(spec, labels, node.name) {
            obstacle = .affinity(unmet)
            return
        }
        let tolerations = workload.list("spec", "template", "spec", "tolerations")
        for entry in node.list("spec", "taints") {
            let key = entry.member("key")?.string ?? ""
            let value = entry.member("value")?.string ?? ""
            let effect = entry.member("effect")?.string ?? ""
            if effect == "PreferNoSchedule" || Self.always.contains(key) { continue }
            let isTolerated = tolerations.contains { toleration in
                let wantedEffect = toleration.member("effect")?.string ?? ""
                if !wantedEffect.isEmpty, wantedEffect != effect { return false }
                let wantedKey = toleration.member("key")?.string ?? ""
                if toleration.member("operator")?.string == "Exists" { return wantedKey.isEmpty || wantedKey == key }
                return wantedKey == key && (toleration.member("value")?.string ?? "") == value
            }
            if !isTolerated {
                obstacle = .taint(key: key, value: value, effect: effect)
                return
            }
        }
        obstacle = nil
    }

    /// As one line: `its nodeSelector wants kubernetes.io/os=windows`.
    var reason: String? {
        switch obstacle {
        case nil: nil
        case .selector(let key, let value): "its nodeSelector wants \(key)=\(value)"
        case .affinity(let wish): "its node affinity wants \(wish)"
        case .taint(let key, let value, let effect):
            "it does not tolerate the taint \(key)\(value.isEmpty ? "" : "=\(value)"):\(effect)"
        }
    }

    /// One of the terms must fit, all wishes of it (KEP-364, v1.NodeSelector). Nil when one does.
    private static func unmetAffinity(_ spec: JSONNode?, _ labels: [String: String], _ name: String) -> String? {
        let path = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]
        guard let terms = spec?.at(path[0], path[1], path[2], path[3]) else { return nil }
        var first: String?
        for term in terms.elements {
            let onLabels = term.member("matchExpressions").map { Array($0.elements) } ?? []
            let onFields = term.member("matchFields").map { Array($0.elements) } ?? []
            // A term without a wish fits nothing.
            if onLabels.isEmpty, onFields.isEmpty { continue }
            let failed =
                onLabels.first { !isMet($0, labels[$0.member("key")?.string ?? ""]) }
                ?? onFields.first { !isMet($0, $0.member("key")?.string == "metadata.name" ? name : nil) }
            guard let failed else { return nil }
            first = first ?? described(failed)
        }
        return first ?? "what no node has"
    }

    private static func isMet(_ wish: JSONNode, _ value: String?) -> Bool {
        let values = wish.member("values").map { $0.elements.compactMap(\.string) } ?? []
        switch wish.member("operator")?.string {
        case "In": return value.map { values.contains($0) } ?? false
        case "NotIn": return value.map { !values.contains($0) } ?? true
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        case "Gt", "Lt":
            guard let own = value.flatMap({ Int64($0) }), let bound = values.first.flatMap({ Int64($0) }) else {
                return false
            }
            return wish.member("operator")?.string == "Gt" ? own > bound : own < bound
        default: return false
        }
    }

    private static func described(_ wish: JSONNode) -> String {
        let values = wish.member("values").map { $0.elements.compactMap(\.string) } ?? []
        let key = wish.member("key")?.string ?? ""
        let word = wish.member("operator")?.string ?? ""
        return values.isEmpty ? "\(key) \(word)" : "\(key) \(word) \(values.joined(separator: ", "))"
    }
}
