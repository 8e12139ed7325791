import Addressing
import JSONTree

@testable import Policy

/// Cilium's policies judged one connection at a time straight from the manifests, written from the reference on
/// policy semantics. It shares nothing with the engine but the records of the cluster.
struct NaiveCilium {
    let manifests: [JSONValue]

    func allows(_ flow: NaiveFlow) -> Bool {
        side(flow, "egress", subject: flow.source, peer: flow.destination)
            && side(flow, "ingress", subject: flow.destination, peer: flow.source)
    }

    private func side(_ flow: NaiveFlow, _ direction: String, subject: NaiveFlow.End, peer: NaiveFlow.End) -> Bool {
        guard case .pod(let pod) = subject else { return true }
        if case .pod(let other) = peer, other.id == pod.id { return true }
        // A node may always reach its pods; a pod needs leave to reach its node.
        if case .node(let node) = peer, node.name == pod.node, direction == "ingress" { return true }
        var isClosed = false
        var isAllowed = false
        for manifest in manifests {
            let namespace = manifest.at("metadata", "namespace")?.stringValue
            var specs = manifest.member("spec").map { [$0] } ?? []
            specs += manifest.member("specs")?.elements ?? []
            for spec in specs {
                guard selects(spec.member("endpointSelector") ?? .null, pod, namespace) else { continue }
                let allow = spec.member(direction)?.elements ?? []
                let deny = spec.member(direction + "Deny")?.elements ?? []
                if deny.contains(where: { matches($0, flow, direction, pod, peer, namespace, isDeny: true) }) {
                    return false
                }
                if allow.contains(where: { matches($0, flow, direction, pod, peer, namespace, isDeny: false) }) {
                    isAllowed = true
                }
                let written = spec.at("enableDefaultDeny", direction)?.boolValue
                if written ?? !(allow.isEmpty && deny.isEmpty) { isClosed = true }
            }
        }
        return isAllowed || !isClosed
    }

    private func selects(_ selector: JSONValue, _ pod: ClusterPod, _ namespace: String?) -> Bool {
        if let namespace, pod.id.namespace != namespace { return false }
        return labelsMatch(selector, pod)
    }

    private func value(_ key: String, _ pod: ClusterPod) -> String? {
        var key = key
        for prefix in ["k8s:", "any:"] where key.hasPrefix(prefix) { key = String(key.dropFirst(4)) }
        if key == "io.kubernetes.pod.namespace" { return pod.id.namespace }
        if key == "io.cilium.k8s.policy.serviceaccount" { return pod.serviceAccount }
        if key.hasPrefix("io.cilium.k8s.namespace.labels.") {
            let name = String(key.dropFirst("io.cilium.k8s.namespace.labels.".count))
            if name == "kubernetes.io/metadata.name" { return pod.id.namespace }
            return DialectWorld.namespaces[pod.id.namespace]?[name]
        }
        return pod.labels[key]
    }

    private func labelsMatch(_ selector: JSONValue, _ pod: ClusterPod) -> Bool {
        for member in selector.member("matchLabels")?.members ?? [] {
            if value(member.key, pod) != member.value.stringValue { return false }
        }
        for expression in selector.member("matchExpressions")?.elements ?? [] {
            let actual = value(expression.member("key")?.stringValue ?? "", pod)
            let values = expression.member("values")?.elements.compactMap(\.stringValue) ?? []
            switch expression.member("operator")?.stringValue {
            case "In": if actual == nil || !values.contains(actual ?? "") { return false }
            case "NotIn": if let actual, values.contains(actual) { return false }
            case "Exists": if actual == nil { return false }
            default: if actual != nil { return false }
            }
        }
        return true
    }

    private func matches(
        _ rule: JSONValue, _ flow: NaiveFlow, _ direction: String, _ subject: ClusterPod, _ peer: NaiveFlow.End,
        _ namespace: String?, isDeny: Bool
    ) -> Bool {
        let side = direction == "ingress" ? "from" : "to"
        let endpoints = rule.member(side + "Endpoints")?.elements
        let entities = rule.member(side + "Entities")?.elements
        let blocks = rule.member(side + "CIDR")?.elements
        let sets = rule.member(side + "CIDRSet")?.elements
        let names = rule.member("toFQDNs")?.elements
        let ports = rule.member("toPorts")?.elements ?? []
        let icmps = rule.member("icmps")?.elements ?? []
        let hasPeer = endpoints != nil || entities != nil || blocks != nil || sets != nil || names != nil
        if !hasPeer, ports.isEmpty, icmps.isEmpty { return false }
        if names != nil { return false }
        var isPeer = !hasPeer
        if case .pod(let pod) = peer {
            for selector in endpoints ?? [] {
                let keys =
                    (selector.member("matchLabels")?.members.map(\.key) ?? [])
                    + (selector.member("matchExpressions")?.elements.compactMap { $0.member("key")?.stringValue } ?? [])
                let isScoped = keys.contains {
                    $0.contains("io.kubernetes.pod.namespace") || $0.contains("io.cilium.k8s.namespace.labels.")
                }
                if !isScoped, let namespace, pod.id.namespace != namespace { continue }
                if labelsMatch(selector, pod) { isPeer = true }
            }
        }
        for entity in entities ?? [] {
            switch (entity.stringValue, peer) {
            case ("all", _), ("world", .outside), ("cluster", .pod), ("cluster", .node): isPeer = true
            case ("world-ipv4", .outside(let address)): if address.family == .v4 { isPeer = true }
            case ("host", .node(let node)): if node.name == subject.node { isPeer = true }
            case ("remote-node", .node(let node)): if node.name != subject.node { isPeer = true }
            default: break
            }
        }
        // Networks are for what is outside the cluster.
        if case .outside(let address) = peer {
            for block in blocks ?? [] where IPPrefix(block.stringValue ?? "")?.contains(address) == true {
                isPeer = true
            }
            for set in sets ?? [] where IPPrefix(set.member("cidr")?.stringValue ?? "")?.contains(address) == true {
                let holes = set.member("except")?.elements.compactMap { IPPrefix($0.stringValue ?? "") } ?? []
                if !holes.contains(where: { $0.contains(address) }) { isPeer = true }
            }
        }
        if !isPeer { return false }
        if ports.isEmpty, icmps.isEmpty { return true }
        if ports.contains(where: { portRule($0, flow, direction, isDeny) }) { return true }
        return icmps.contains { rule in
            (rule.member("fields")?.elements ?? []).contains { field in
                let family = field.member("family")?.stringValue ?? "IPv4"
                return flow.transport == (family == "IPv4" ? "ICMP" : "ICMPv6")
                    && Int(field.member("type")?.intValue ?? -1) == flow.number
            }
        }
    }

    private func portRule(_ rule: JSONValue, _ flow: NaiveFlow, _ direction: String, _ isDeny: Bool) -> Bool {
        // Requests cannot be looked at, so an allow that depends on them does not allow.
        if !isDeny, !(rule.at("rules", "http")?.elements.isEmpty ?? true) { return false }
        for port in rule.member("ports")?.elements ?? [] {
            let transport = port.member("protocol")?.stringValue ?? "ANY"
            let isRight =
                transport == "ANY" ? ["TCP", "UDP", "SCTP"].contains(flow.transport) : transport == flow.transport
            if !isRight { continue }
            let text = port.member("port")?.stringValue ?? ""
            if let number = Int(text) {
                let end = Int(port.member("endPort")?.intValue ?? 0)
                if number == 0 || number == flow.number || (end > 0 && number <= flow.number && flow.number <= end) {
                    return true
                }
            } else {
                var bearers: [ClusterPod] = []
                if direction == "ingress" {
                    if case .pod(let pod) = flow.destination { bearers = [pod] }
                } else {
                    bearers = DialectWorld.pods
                }
                for bearer in bearers {
                    for known in bearer.ports where known.name == text {
                        if "\(known.transport)" == flow.transport, Int(known.number) == flow.number { return true }
                    }
                }
            }
        }
        return false
    }
}
