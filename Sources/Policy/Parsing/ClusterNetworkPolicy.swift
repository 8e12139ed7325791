import Addressing
import Findings
import JSONTree
import KubernetesModel

/// The cluster-scoped kinds of `policy.networking.k8s.io`: AdminNetworkPolicy and BaselineAdminNetworkPolicy
/// (v1alpha1) and ClusterNetworkPolicy (v1alpha2), which replaced both. None of them isolates: what no rule matches
/// goes on to the next tier. The versions differ in the words for actions and in how ports are written.
public enum ClusterPolicyDialect: PolicyDialect {
    public static let name = "Kubernetes cluster policies"
    static let group = "policy.networking.k8s.io"
    static let versions = [
        "AdminNetworkPolicy": ["v1alpha1"], "BaselineAdminNetworkPolicy": ["v1alpha1"],
        "ClusterNetworkPolicy": ["v1alpha2"],
    ]

    public static func reads(_ gvk: GroupVersionKind) -> Bool { gvk.group == group && versions[gvk.kind] != nil }

    public static func parse(_ document: PolicyDocument, into result: inout ParsedPolicies) {
        guard var reader = PolicyReader(clusterScoped: document, group: group, into: &result) else { return }
        defer { result.findings += reader.findings }
        let kind = document.gvk.kind
        guard reader.checkVersion(versions[kind] ?? []), let spec = reader.spec else { return }
        var fields = ["subject", "ingress", "egress"]
        if kind != "BaselineAdminNetworkPolicy" { fields.append("priority") }
        if kind == "ClusterNetworkPolicy" { fields.append("tier") }
        reader.checkFields(of: spec, at: "spec", known: fields)

        let (tier, order) = reader.place(of: kind, spec: spec)
        var unenforceable: [Unenforceable] = []
        let subject = reader.reading { $0.clusterSubject(of: spec) }
        if subject.isBroken {
            unenforceable.append(
                Unenforceable(
                    path: "spec.subject", reason: "unreadable, so its denials hold for every pod and it allows nothing",
                    at: SourcePlace(spec.member("subject"))))
        }
        func rules(_ direction: Direction) -> DirectionRules? {
            let (items, isBroken) = reader.reading { $0.list(direction.rawValue, of: spec, at: "spec") }
            if isBroken {
                unenforceable.append(
                    Unenforceable(path: "spec.\(direction.rawValue)", reason: "unreadable: no rule of it is known"))
            }
            guard let items, !items.isEmpty else { return nil }
            let limit = kind == "ClusterNetworkPolicy" ? 25 : 100
            if items.count > limit {
                reader.report(
                    "spec.\(direction.rawValue)", "must have at most \(limit) rules, has \(items.count)",
                    at: spec.member(direction.rawValue))
            }
            return DirectionRules(
                isolates: false,
                rules: items.enumerated().map { index, item in
                    reader.clusterRule(
                        item.node, at: item.path, index: index, direction: direction, kind: kind,
                        subjectIsKnown: !subject.isBroken)
                })
        }
        let ingress = rules(.ingress)
        let egress = rules(.egress)
        result.policies.append(
            Policy(
                source: reader.source, tier: tier.name, order: order, subject: subject.result,
                subjectPlace: SourcePlace(spec.member("subject")), ingress: ingress, egress: egress,
                unenforceable: unenforceable))
    }
}

extension PolicyReader {
    /// Tier and place in it. An unreadable priority goes first (nothing is opened by it: what decides is the action
    /// of its rules, and the finding says so).
    fileprivate mutating func place(of kind: String, spec: JSONNode) -> (PolicyTier, PolicyOrder) {
        var tier = kind == "BaselineAdminNetworkPolicy" ? PolicyTier.baseline : PolicyTier.admin
        if kind == "BaselineAdminNetworkPolicy" {
            if reference.name != "default" {
                report(
                    "metadata.name",
                    "a BaselineAdminNetworkPolicy must be named \"default\"; the API server refuses others",
                    at: document.node.member("metadata")?.member("name"))
            }
            return (tier, .last)
        }
        if kind == "ClusterNetworkPolicy" {
            let node = spec.member("tier")
            switch node?.string {
            case "Admin": break
            case "Baseline": tier = .baseline
            default:
                report(
                    "spec.tier", "must be Admin or Baseline; it is taken as Admin", at: node ?? spec,
                    next: node?.string.flatMap { EditDistance.nearest(to: $0, in: ["Admin", "Baseline"]) }
                        .map { "did you mean \($0)?" })
            }
        }
        guard let node = spec.member("priority"), !node.isNull else {
            report("spec.priority", "required: 0 (first) ... 1000; it is taken as 0", at: spec)
            return (tier, PolicyOrder(0))
        }
        guard let priority = node.int, (0...1000).contains(priority) else {
            report("spec.priority", "\(node.rawText) is not within 0 (first) ... 1000; it is taken as 0", at: node)
            return (tier, PolicyOrder(0))
        }
        return (tier, PolicyOrder(Double(priority)))
    }

    fileprivate mutating func clusterSubject(of spec: JSONNode) -> LabelExpression {
        guard let node = spec.member("subject"), !node.isNull else {
            report("spec.subject", "required: namespaces or pods", at: spec)
            return .everything
        }
        guard node.kind == .object else {
            report("spec.subject", "an object is expected, this is \(node.kind)", at: node)
            return .everything
        }
        checkFields(of: node, at: "spec.subject", known: ["namespaces", "pods"])
        return selection(node, at: "spec.subject") ?? .everything
    }

    /// `namespaces` or `pods`, exactly one of them.
    private mutating func selection(_ node: JSONNode, at path: String) -> LabelExpression? {
        let namespaces = member("namespaces", of: node, at: path, as: .object)
        let pods = member("pods", of: node, at: path, as: .object)
        if let namespaces, pods == nil { return labelSelector(namespaces, at: "\(path).namespaces", over: .namespace) }
        guard let pods, namespaces == nil else {
            report(path, "exactly one of namespaces and pods must be given", at: node)
            return nil
        }
        checkFields(of: pods, at: "\(path).pods", known: ["namespaceSelector", "podSelector"])
        var expression = LabelExpression.everything
        for (key, owner) in [("namespaceSelector", LabelKey.Owner.namespace), ("podSelector", .own)] {
            guard let selector = pods.member(key), !selector.isNull else {
                report("\(path).pods.\(key)", "required: {} selects all", at: pods)
                return nil
            }
            guard let part = labelSelector(selector, at: "\(path).pods.\(key)", over: owner) else { return nil }
            expression = expression.and(part)
        }
        return expression
    }

    fileprivate mutating func clusterRule(
        _ node: JSONNode, at path: String, index: Int, direction: Direction, kind: String, subjectIsKnown: Bool
    ) -> PolicyRule {
        let isNew = kind == "ClusterNetworkPolicy"
        let words: [(String, RuleAction)] = [(isNew ? "Accept" : "Allow", .allow), ("Deny", .deny), ("Pass", .pass)]
        let actions = kind == "BaselineAdminNetworkPolicy" ? Array(words.prefix(2)) : words
        let peersKey = direction == .ingress ? "from" : "to"
        let portsKey = isNew ? "protocols" : "ports"
        var rule = PolicyRule(
            RuleReference(policy: reference, direction: direction, path: path, index: index), at: SourcePlace(node),
            name: node.member("name")?.string, action: .deny)
        guard node.kind == .object else {
            report(path, "an object is expected, this is \(node.kind); it is taken as a denial of everything", at: node)
            rule.close(path: path, reason: "unreadable, so it denies everything", at: node)
            return rule
        }
        let given = node.member("action")?.string
        if let action = actions.first(where: { $0.0 == given }) {
            rule.action = action.1
        } else {
            let names = actions.map(\.0)
            report(
                "\(path).action", "must be one of \(names.joined(separator: ", ")); it is taken as Deny",
                at: node.member("action") ?? node,
                next: given.flatMap { EditDistance.nearest(to: $0, in: names) }.map { "did you mean \($0)?" })
        }
        if reading({ $0.checkFields(of: node, at: path, known: ["name", "action", peersKey, portsKey]) }).isBroken {
            rule.close(path: path, reason: "unreadable fields", at: node)
        }
        if !subjectIsKnown { rule.close(path: path, reason: "the policy's subject is unreadable", at: node) }

        let (peers, peersAreBroken) = reading { $0.list(peersKey, of: node, at: path) }
        if peersAreBroken || (peers ?? []).isEmpty {
            if !peersAreBroken { report("\(path).\(peersKey)", "required: at least one peer", at: node) }
            rule.close(path: "\(path).\(peersKey)", reason: "no readable peer", at: node)
        } else {
            if let peers, isNew, peers.count > 25 {
                report(
                    "\(path).\(peersKey)", "must have at most 25 peers, has \(peers.count)", at: node.member(peersKey))
            }
            rule.peers = (peers ?? []).map { clusterPeer($0.node, at: $0.path, direction: direction, rule: &rule) }
        }
        let (ports, portsAreBroken) = reading { $0.list(portsKey, of: node, at: path) }
        if portsAreBroken {
            rule.close(path: "\(path).\(portsKey)", reason: "unreadable", at: node)
        } else if let ports, !ports.isEmpty {
            let addressed = (peers ?? []).contains { peer in
                ["networks", "nodes", "domainNames"].contains { peer.node.member($0) != nil }
            }
            rule.traffic = ports.map { item in
                clusterTraffic(item.node, at: item.path, isNew: isNew, hasAddressPeers: addressed, rule: &rule)
            }
        }
        return rule
    }

    private mutating func clusterPeer(
        _ node: JSONNode, at path: String, direction: Direction, rule: inout PolicyRule
    ) -> Peer {
        let (terms, isBroken) = reading { $0.clusterPeerTerms(node, at: path, direction: direction, rule: &rule) }
        guard isBroken else { return Peer(terms, at: SourcePlace(node)) }
        let reason = "unreadable peer"
        rule.unenforceable.append(Unenforceable(path: path, reason: reason, at: SourcePlace(node)))
        return Peer([.unenforceable(reason)], at: SourcePlace(node))
    }

    private mutating func clusterPeerTerms(
        _ node: JSONNode, at path: String, direction: Direction, rule: inout PolicyRule
    ) -> [PeerTerm] {
        guard node.kind == .object else {
            report(path, "an object is expected, this is \(node.kind)", at: node)
            return []
        }
        let known = ["namespaces", "pods"] + (direction == .egress ? ["networks", "nodes", "domainNames"] : [])
        checkFields(of: node, at: path, known: known)
        let given = known.filter { !(node.member($0)?.isNull ?? true) }
        guard given.count == 1, let field = given.first else {
            report(path, "exactly one of \(known.joined(separator: ", ")) must be given", at: node)
            return []
        }
        switch field {
        case "networks":
            guard let items = list("networks", of: node, at: path), !items.isEmpty else {
                report("\(path).networks", "at least one prefix is required", at: node)
                return []
            }
            return [
                .addresses(
                    items.compactMap { item in
                        prefix(item.node, at: item.path).map { AddressBlock($0, at: SourcePlace(item.node)) }
                    }, scope: .anyEnd)
            ]
        case "nodes":
            guard let selector = member("nodes", of: node, at: path, as: .object) else { return [] }
            return labelSelector(selector, at: "\(path).nodes", over: .own).map { [.nodes($0)] } ?? []
        case "domainNames":
            let reason = "DNS names are not enforced"
            rule.unenforceable.append(
                Unenforceable(path: "\(path).domainNames", reason: reason, at: SourcePlace(node.member("domainNames"))))
            if rule.action != .allow {
                report(
                    "\(path).domainNames", "only rules with action Accept may name domains",
                    at: node.member("domainNames"))
            }
            return [.unenforceable(reason)]
        default:
            return selection(node, at: path).map { [.pods($0)] } ?? []
        }
    }

    private mutating func clusterTraffic(
        _ node: JSONNode, at path: String, isNew: Bool, hasAddressPeers: Bool, rule: inout PolicyRule
    ) -> TrafficMatch {
        let (terms, isBroken) = reading { reader in
            isNew
                ? reader.protocolTerms(node, at: path, hasAddressPeers: hasAddressPeers)
                : reader.adminPortTerms(node, at: path)
        }
        guard isBroken else { return TrafficMatch(terms, at: SourcePlace(node)) }
        let reason = "unreadable ports"
        rule.unenforceable.append(Unenforceable(path: path, reason: reason, at: SourcePlace(node)))
        return TrafficMatch([.unenforceable(reason)], at: SourcePlace(node))
    }

    /// The one field of a union.
    private mutating func onlyField(of node: JSONNode, at path: String, known: [String]) -> (String, JSONNode)? {
        guard node.kind == .object else {
            report(path, "an object is expected, this is \(node.kind)", at: node)
            return nil
        }
        if checkFields(of: node, at: path, known: known) { return nil }
        let given = node.members.filter { !$0.value.isNull }
        guard given.count == 1, let only = given.first else {
            report(path, "exactly one of \(known.joined(separator: ", ")) must be given", at: node)
            return nil
        }
        return (only.key, only.value)
    }

    /// v1alpha1: portNumber {protocol, port}, portRange {protocol, start, end} or namedPort.
    private mutating func adminPortTerms(_ node: JSONNode, at path: String) -> [TrafficTerm] {
        guard let (field, value) = onlyField(of: node, at: path, known: ["portNumber", "portRange", "namedPort"]) else {
            return []
        }
        let place = "\(path).\(field)"
        if field == "namedPort" {
            return portName(value, at: place).map { [.destinationPortNamed($0, .destinationPod)] } ?? []
        }
        guard value.kind == .object else {
            report(place, "an object is expected, this is \(value.kind)", at: value)
            return []
        }
        checkFields(
            of: value, at: place, known: field == "portNumber" ? ["protocol", "port"] : ["protocol", "start", "end"])
        var transport = TransportProtocol.tcp
        if let node = value.member("protocol"), !node.isNull {
            transport = self.transport(node, at: "\(place).protocol") ?? .tcp
        }
        if field == "portNumber" {
            guard let port = requiredPort("port", of: value, at: place) else { return [] }
            return [.protocolIs(transport), .destinationPorts([PortRange(port)])]
        }
        return range(of: value, at: place, mayBeOnePort: true).map {
            [.protocolIs(transport), .destinationPorts([$0])]
        }
            ?? []
    }

    /// v1alpha2: tcp, udp or sctp {destinationPort {number | range}}, or destinationNamedPort.
    private mutating func protocolTerms(
        _ node: JSONNode, at path: String, hasAddressPeers: Bool
    ) -> [TrafficTerm] {
        guard
            let (field, value) = onlyField(of: node, at: path, known: ["tcp", "udp", "sctp", "destinationNamedPort"])
        else { return [] }
        let place = "\(path).\(field)"
        if field == "destinationNamedPort" {
            if hasAddressPeers {
                report(place, "a named port cannot be used with networks, nodes or domainNames peers", at: value)
            }
            return portName(value, at: place).map { [.destinationPortNamed($0, .destinationPod)] } ?? []
        }
        guard let transport = TransportProtocol(name: field), value.kind == .object else {
            report(place, "an object is expected, this is \(value.kind)", at: value)
            return []
        }
        checkFields(of: value, at: place, known: ["destinationPort"])
        guard let port = value.member("destinationPort"), !port.isNull else {
            report(place, "must have at least one property", at: value, next: "leave protocols out to mean all of them")
            return []
        }
        guard let (kind, inner) = onlyField(of: port, at: "\(place).destinationPort", known: ["number", "range"]) else {
            return []
        }
        if kind == "number" {
            return portNumber(inner, at: "\(place).destinationPort.number").map {
                [.protocolIs(transport), .destinationPorts([PortRange($0)])]
            } ?? []
        }
        guard inner.kind == .object else {
            report("\(place).destinationPort.range", "an object is expected, this is \(inner.kind)", at: inner)
            return []
        }
        checkFields(of: inner, at: "\(place).destinationPort.range", known: ["start", "end"])
        return range(of: inner, at: "\(place).destinationPort.range", mayBeOnePort: false).map {
            [.protocolIs(transport), .destinationPorts([$0])]
        } ?? []
    }

    private mutating func requiredPort(_ key: String, of node: JSONNode, at path: String) -> UInt16? {
        guard let field = node.member(key), !field.isNull else {
            report("\(path).\(key)", "required", at: node)
            return nil
        }
        return portNumber(field, at: "\(path).\(key)")
    }

    private mutating func range(of node: JSONNode, at path: String, mayBeOnePort: Bool) -> PortRange? {
        guard let start = requiredPort("start", of: node, at: path), let end = requiredPort("end", of: node, at: path)
        else { return nil }
        guard mayBeOnePort ? start <= end : start < end, let range = PortRange(start, end) else {
            report(
                "\(path).end", "must be greater than \(mayBeOnePort ? "or equal to " : "")start, which is \(start)",
                at: node.member("end"))
            return nil
        }
        return range
    }
}
