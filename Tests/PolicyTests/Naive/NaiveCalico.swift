import Addressing
import JSONTree

@testable import Policy

/// Calico's policies judged one connection at a time straight from the manifests. Selectors are not parsed here: the
/// generator takes them from a list that says beside each text what it means.
struct NaiveCalico {
    let manifests: [JSONValue]

    typealias Labels = [String: String]

    static let selectors: [(text: String, meaning: @Sendable (Labels) -> Bool)] = [
        ("", { _ in true }),
        ("all()", { _ in true }),
        ("app == 'web'", { $0["app"] == "web" }),
        ("app != 'web'", { $0["app"] != "web" }),
        ("has(tier)", { $0["tier"] != nil }),
        ("!has(tier)", { $0["tier"] == nil }),
        ("app in {'web', 'db'} && tier == 'front'", { ["web", "db"].contains($0["app"]) && $0["tier"] == "front" }),
        ("app not in {'web'} || has(tier)", { $0["app"] != "web" || $0["tier"] != nil }),
        ("app starts with 'w'", { $0["app"]?.first == "w" }),
        ("role == 'office'", { $0["role"] == "office" }),
        ("role in {'office', 'lan'}", { ["office", "lan"].contains($0["role"]) }),
        ("projectcalico.org/namespace == 'pay'", { $0["projectcalico.org/namespace"] == "pay" }),
        ("pcns.team == 'red'", { $0["pcns.team"] == "red" }),
    ]

    static let namespaceSelectors: [(text: String, meaning: @Sendable (Labels?) -> Bool)] = [
        ("all()", { $0 != nil }),
        ("global()", { $0 == nil }),
        ("team == 'red'", { $0?["team"] == "red" }),
        ("projectcalico.org/name == 'pay'", { $0?["projectcalico.org/name"] == "pay" }),
    ]

    private func selector(_ text: String?, _ labels: Labels) -> Bool {
        Self.selectors.first { $0.text == text ?? "" }?.meaning(labels) ?? false
    }

    private func labels(_ own: Labels, namespace: String?) -> Labels {
        var labels = own
        if let namespace {
            labels["projectcalico.org/namespace"] = namespace
            for (key, value) in DialectWorld.namespaces[namespace] ?? [:] { labels["pcns." + key] = value }
        }
        return labels
    }

    private func namespaceLabels(_ name: String?) -> Labels? {
        guard let name else { return nil }
        var labels = DialectWorld.namespaces[name] ?? [:]
        labels["projectcalico.org/name"] = name
        return labels
    }

    func allows(_ flow: NaiveFlow) -> Bool {
        side(flow, "egress", subject: flow.source, peer: flow.destination)
            && side(flow, "ingress", subject: flow.destination, peer: flow.source)
    }

    private func side(_ flow: NaiveFlow, _ direction: String, subject: NaiveFlow.End, peer: NaiveFlow.End) -> Bool {
        guard case .pod(let pod) = subject else { return true }
        if case .pod(let other) = peer, other.id == pod.id { return true }
        if case .node(let node) = peer, node.name == pod.node, direction == "ingress" { return true }
        for tier in tiers() {
            let policies = manifests.filter { isPolicy($0, of: tier.name) && applies($0, pod, direction) }
                .sorted { key($0) < key($1) }
            if policies.isEmpty { continue }
            var outcome: String?
            search: for policy in policies {
                for rule in policy.at("spec", direction)?.elements ?? [] {
                    let action = rule.member("action")?.stringValue ?? ""
                    if action == "Log" { continue }
                    if rule.member("http") != nil {
                        // Not enforced: it allows nothing.
                        continue
                    }
                    if matches(rule, flow, policy.at("metadata", "namespace")?.stringValue) {
                        outcome = action
                        break search
                    }
                }
            }
            switch outcome ?? tier.end {
            case "Allow": return true
            case "Deny": return false
            default: continue
            }
        }
        return true
    }

    private func tiers() -> [(order: Double, name: String, end: String)] {
        var tiers = [(order: 1_000_000.0, name: "default", end: "Deny")]
        for manifest in manifests where manifest.member("kind")?.stringValue == "Tier" {
            let order = manifest.at("spec", "order")?.intValue.map { Double($0) } ?? .infinity
            let end = manifest.at("spec", "defaultAction")?.stringValue ?? "Deny"
            tiers.append((order, manifest.at("metadata", "name")?.stringValue ?? "", end))
        }
        return tiers.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
    }

    private func isPolicy(_ manifest: JSONValue, of tier: String) -> Bool {
        let kind = manifest.member("kind")?.stringValue ?? ""
        return ["NetworkPolicy", "GlobalNetworkPolicy"].contains(kind)
            && (manifest.at("spec", "tier")?.stringValue ?? "default") == tier
    }

    private func key(_ manifest: JSONValue) -> (Double, String) {
        let order = manifest.at("spec", "order")?.intValue.map { Double($0) } ?? .infinity
        return (order, manifest.at("metadata", "name")?.stringValue ?? "")
    }

    private func applies(_ manifest: JSONValue, _ pod: ClusterPod, _ direction: String) -> Bool {
        let spec = manifest.member("spec") ?? .null
        if let namespace = manifest.at("metadata", "namespace")?.stringValue, namespace != pod.id.namespace {
            return false
        }
        if !selector(spec.member("selector")?.stringValue, labels(pod.labels, namespace: pod.id.namespace)) {
            return false
        }
        if let text = spec.member("namespaceSelector")?.stringValue {
            let meaning = Self.namespaceSelectors.first { $0.text == text }?.meaning
            if meaning?(namespaceLabels(pod.id.namespace)) != true { return false }
        }
        let types = spec.member("types")?.elements.compactMap(\.stringValue) ?? []
        if !types.isEmpty { return types.map { $0.lowercased() }.contains(direction) }
        let hasIngress = !(spec.member("ingress")?.elements.isEmpty ?? true)
        let hasEgress = !(spec.member("egress")?.elements.isEmpty ?? true)
        return direction == "egress" ? hasEgress : hasIngress || !hasEgress
    }

    private func matches(_ rule: JSONValue, _ flow: NaiveFlow, _ namespace: String?) -> Bool {
        if let version = rule.member("ipVersion")?.intValue, version != (flow.family == .v4 ? 4 : 6) { return false }
        if let name = rule.member("protocol")?.stringValue, name != flow.transport { return false }
        if let name = rule.member("notProtocol")?.stringValue, name == flow.transport { return false }
        if let type = rule.at("icmp", "type")?.intValue {
            if !flow.transport.hasPrefix("ICMP") || Int(type) != flow.number { return false }
        }
        return entity(rule.member("source") ?? .object([]), flow, flow.source, namespace, isDestination: false)
            && entity(rule.member("destination") ?? .object([]), flow, flow.destination, namespace, isDestination: true)
    }

    private func entity(
        _ rule: JSONValue, _ flow: NaiveFlow, _ end: NaiveFlow.End, _ namespace: String?, isDestination: Bool
    ) -> Bool {
        guard let address = flow.address(end) else { return false }
        func inside(_ list: [JSONValue]) -> Bool {
            list.contains { one in
                let text = one.stringValue ?? ""
                // An address without a length is that address.
                return IPPrefix(text)?.contains(address) ?? (IPAddress(text) == address)
            }
        }
        if let nets = rule.member("nets")?.elements, !nets.isEmpty, !inside(nets) { return false }
        if let nets = rule.member("notNets")?.elements, inside(nets) { return false }

        let text = rule.member("selector")?.stringValue ?? ""
        let accounts = rule.at("serviceAccounts", "names")?.elements.compactMap(\.stringValue)
        let scope = rule.member("namespaceSelector")?.stringValue
        func isSelected(_ own: Labels, _ home: String?, _ account: String?) -> Bool {
            if let scope {
                if Self.namespaceSelectors.first(where: { $0.text == scope })?.meaning(namespaceLabels(home)) != true {
                    return false
                }
            } else if let namespace, !text.isEmpty || accounts != nil, home != namespace {
                return false
            }
            if let accounts, !accounts.contains(account ?? "") { return false }
            return selector(text, labels(own, namespace: home))
        }
        if !text.isEmpty || accounts != nil || scope != nil {
            if !ends(end, address).contains(where: { isSelected($0.0, $0.1, $0.2) }) { return false }
        }
        if let excluded = rule.member("notSelector")?.stringValue, !excluded.isEmpty {
            if ends(end, address).contains(where: { selector(excluded, labels($0.0, namespace: $0.1)) }) {
                return false
            }
        }
        guard isDestination else { return true }
        func hasPort(_ list: [JSONValue]) -> Bool {
            list.contains { port in
                if let number = port.intValue { return Int(number) == flow.number }
                let text = port.stringValue ?? ""
                if text.contains(":") {
                    let halves = text.split(separator: ":").compactMap { Int($0) }
                    return halves[0] <= flow.number && flow.number <= halves[1]
                }
                guard case .pod(let pod) = end else { return false }
                return pod.ports.contains {
                    $0.name == text && "\($0.transport)" == flow.transport && Int($0.number) == flow.number
                }
            }
        }
        if let ports = rule.member("ports")?.elements, !ports.isEmpty, !hasPort(ports) { return false }
        if let ports = rule.member("notPorts")?.elements, hasPort(ports) { return false }
        return true
    }

    /// What selectors can see at an address: the pod, and every network set around it.
    private func ends(_ end: NaiveFlow.End, _ address: IPAddress) -> [(Labels, String?, String?)] {
        var found: [(Labels, String?, String?)] = []
        if case .pod(let pod) = end { found.append((pod.labels, pod.id.namespace, pod.serviceAccount)) }
        if IPPrefix("203.0.113.0/24")?.contains(address) == true { found.append((["role": "office"], nil, nil)) }
        if IPPrefix("10.0.1.0/24")?.contains(address) == true { found.append((["role": "lan"], "shop", nil)) }
        return found
    }
}
