import Findings
import JSONTree

/// Keys of Cilium's selectors: `k8s:app`, `any:app`, `app` (which is `any:`), `reserved:host`,
/// `k8s:io.kubernetes.pod.namespace`, `k8s:io.cilium.k8s.namespace.labels.team`.
enum CiliumLabels {
    enum Meaning: Equatable {
        case label(LabelKey)
        case entity(Entity)
        /// Every pod of this cluster has it with this value.
        case clusterName
        /// Understood, and not known here.
        case unknown(String)
    }

    /// Sources that pods' labels come from. Docker's, and Cilium's "unspecified", are on no identity here.
    static let podSources: Set<String> = ["k8s", "any"]

    /// Set on network sets that stand for a CiliumCIDRGroup, so that other dialects' selectors pass them by.
    static let groupMarker = "io.cilium.policy.cidrgroup"

    static func meaning(of key: String) -> Meaning {
        let (source, name) = split(key)
        switch source {
        case "reserved":
            return Entity(rawValue: name).map { .entity($0) } ?? .unknown("there is no reserved identity \(name)")
        case "cidr", "fqdn", "cidrgroup":
            return .unknown("labels of source \(source) are not given to anything here")
        default: break
        }
        switch name {
        case "io.kubernetes.pod.namespace": return .label(.namespaceName)
        case "io.cilium.k8s.policy.serviceaccount": return .label(.serviceAccountName)
        case "io.cilium.k8s.policy.cluster": return .clusterName
        default: break
        }
        let prefix = "io.cilium.k8s.namespace.labels."
        if name.hasPrefix(prefix) { return .label(.namespace(String(name.dropFirst(prefix.count)))) }
        // A source that pods do not have stays in the key, where no pod has it.
        return .label(.own(podSources.contains(source) ? name : key))
    }

    /// Whether a selector with this key names its namespace itself.
    static func namesNamespace(_ key: String) -> Bool {
        if case .label(let key) = meaning(of: key) { key.owner == .namespace } else { false }
    }

    /// Without a source, `any`.
    static func split(_ key: String) -> (source: String, name: String) {
        guard let colon = key.utf8.firstIndex(of: UInt8(ascii: ":")) else { return ("any", key) }
        return (String(key[..<colon]), String(key[key.index(after: colon)...]))
    }
}

/// An endpoint selector as it was read.
struct CiliumSelector {
    var requirements: [LabelRequirement] = []
    /// From `reserved:` labels: the identities it selects instead of pods.
    var entities: [Entity] = []
    var unenforceable: [String] = []
    var namesNamespace = false
    /// Whether there is not a single requirement: `{}`.
    var isEmpty = true

    /// The terms for a peer; `scope` narrows to the namespace of a namespaced policy.
    func terms(scope: LabelRequirement?) -> [PeerTerm] {
        var terms: [PeerTerm] = unenforceable.map { .unenforceable($0) }
        if !entities.isEmpty {
            // A reserved identity has no other labels, save the API server's, which may be a node as well.
            terms += entities.map { .entity($0) }
            if !requirements.isEmpty { terms.append(.anyOf([])) }
            return terms
        }
        let scoped = (namesNamespace ? nil : scope).map { [$0] } ?? []
        terms.append(.pods(.all((scoped + requirements).map { .requirement($0) })))
        return terms
    }
}

extension DialectReader {
    func ciliumSelector(_ node: JSONNode) -> CiliumSelector {
        var selector = CiliumSelector()
        guard node.kind == .object else {
            selector.unenforceable.append(refused(node, "a selector must be an object, not \(node.kind)"))
            return selector
        }
        selector.unenforceable += refuseUnknown(in: node, known: ["matchLabels", "matchExpressions"])
        if let labels = field("matchLabels", of: node) {
            if labels.kind != .object {
                selector.unenforceable.append(refused(labels, "must be an object, not \(labels.kind)"))
            }
            for (key, value) in labels.members {
                guard let text = value.string else {
                    selector.unenforceable.append(
                        refused(
                            value, "a label's value must be a string, not \(value.kind)", next: "put quotes around it"))
                    continue
                }
                add(key, .isIn, [text], at: value, to: &selector)
            }
        }
        if let member = field("matchExpressions", of: node), member.kind != .array {
            selector.unenforceable.append(refused(member, "must be a list, not \(member.kind)"))
        }
        for expression in elementsIfList("matchExpressions", of: node) { self.expression(expression, to: &selector) }
        return selector
    }

    private func elementsIfList(_ name: String, of node: JSONNode) -> [JSONNode] {
        Array(node.member(name)?.elements.map { $0 } ?? [])
    }

    private func expression(_ node: JSONNode, to selector: inout CiliumSelector) {
        selector.unenforceable += refuseUnknown(in: node, known: ["key", "operator", "values"])
        guard let key = string("key", of: node), !key.isEmpty else {
            selector.unenforceable.append(refused(node, "key is required"))
            return
        }
        let values = strings("values", of: node).map(\.text)
        let operators: [String: LabelRequirement.Comparison] = [
            "In": .isIn, "NotIn": .isNotIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
        ]
        let text = string("operator", of: node) ?? ""
        guard let comparison = operators[text] else {
            let place = node.member("operator") ?? node
            selector.unenforceable.append(
                refused(place, "\"\(text)\" is no operator", next: "In, NotIn, Exists or DoesNotExist"))
            return
        }
        let needsValues = comparison == .isIn || comparison == .isNotIn
        if needsValues == values.isEmpty {
            selector.unenforceable.append(
                refused(node, needsValues ? "\(text) needs values" : "\(text) takes no values"))
            return
        }
        add(key, comparison, values, at: node, to: &selector)
    }

    private func add(
        _ key: String, _ comparison: LabelRequirement.Comparison, _ values: [String], at node: JSONNode,
        to selector: inout CiliumSelector
    ) {
        selector.isEmpty = false
        switch CiliumLabels.meaning(of: key) {
        case .label(let label):
            if label.owner == .namespace { selector.namesNamespace = true }
            selector.requirements.append(LabelRequirement(label, comparison, values, at: SourcePlace(node)))
        case .entity(let entity):
            switch comparison {
            // What has labels of its own here is a pod, and no pod is a reserved identity.
            case .isNotIn, .doesNotExist: break
            default: selector.entities.append(entity)
            }
        case .clusterName:
            // The name that a cluster without a mesh has; with another name the selector is about another cluster.
            let isHere = LabelRequirement(.own(key), comparison, values).isSatisfied(by: "default")
            if !isHere {
                selector.unenforceable.append(notEnforced(node, "other clusters of a mesh are not known here"))
            }
        case .unknown(let reason): selector.unenforceable.append(refused(node, reason))
        }
    }
}
