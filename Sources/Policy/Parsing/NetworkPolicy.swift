import Addressing
import Findings
import JSONTree
import KubernetesModel

/// `networking.k8s.io/v1` NetworkPolicy, as a user writes it: the API server's defaults are applied here.
///
/// The traps: `ingress: []` isolates while `from: []` means everyone; `policyTypes` absent or empty means Ingress, and
/// Egress only when there are egress rules; a direction that policyTypes leaves out is not in force whatever rules
/// stand there; a peer with both selectors is an AND, two peers are an OR; a pod selector alone stays in the policy's
/// own namespace.
public enum NetworkPolicyDialect: PolicyDialect {
    public static let name = "Kubernetes NetworkPolicy"
    static let group = "networking.k8s.io"

    public static func reads(_ gvk: GroupVersionKind) -> Bool { gvk.group == group && gvk.kind == "NetworkPolicy" }

    public static func parse(_ document: PolicyDocument, into result: inout ParsedPolicies) {
        guard var reader = PolicyReader(namespaced: document, group: group, into: &result) else { return }
        defer { result.findings += reader.findings }
        guard reader.checkVersion(["v1"]) else { return }
        guard let spec = reader.spec else { return }
        reader.checkFields(of: spec, at: "spec", known: ["podSelector", "policyTypes", "ingress", "egress"])

        let subject = reader.reading { $0.subject(of: spec) }
        let egressRules = reader.reading { $0.list("egress", of: spec, at: "spec") }
        let ingressRules = reader.reading { $0.list("ingress", of: spec, at: "spec") }
        let types = reader.policyTypes(
            of: spec, hasEgressRules: !(egressRules.result ?? []).isEmpty || egressRules.isBroken)

        func direction(_ direction: Direction, _ items: [(node: JSONNode, path: String)]?) -> DirectionRules? {
            let rules = (items ?? []).enumerated().map { index, item in
                reader.rule(
                    item.node, at: item.path, index: index, direction: direction, subjectIsKnown: !subject.isBroken)
            }
            return types.contains(direction) ? DirectionRules(isolates: true, rules: rules) : nil
        }
        let ingress = direction(.ingress, ingressRules.result)
        let egress = direction(.egress, egressRules.result)
        var unenforceable: [Unenforceable] = []
        if subject.isBroken {
            unenforceable.append(
                Unenforceable(
                    path: "spec.podSelector",
                    reason: "unreadable, so the policy closes every pod of the namespace and allows nothing",
                    at: SourcePlace(spec.member("podSelector"))))
        }
        result.policies.append(
            Policy(
                source: reader.source, subject: subject.result, subjectPlace: SourcePlace(spec.member("podSelector")),
                ingress: ingress, egress: egress, unenforceable: unenforceable))
    }
}

extension PolicyReader {
    fileprivate var ownNamespace: LabelExpression {
        .requirement(LabelRequirement(.namespaceName, .isIn, [reference.namespace]))
    }

    fileprivate mutating func subject(of spec: JSONNode) -> LabelExpression {
        guard let node = spec.member("podSelector"), !node.isNull else { return ownNamespace.and(.everything) }
        return ownNamespace.and(labelSelector(node, at: "spec.podSelector", over: .own) ?? .everything)
    }

    fileprivate mutating func policyTypes(of spec: JSONNode, hasEgressRules: Bool) -> Set<Direction> {
        let (items, isBroken) = reading { $0.list("policyTypes", of: spec, at: "spec") }
        if isBroken { return [.ingress, .egress] }
        guard let items, !items.isEmpty else { return hasEgressRules ? [.ingress, .egress] : [.ingress] }
        var types: Set<Direction> = []
        for (node, path) in items {
            switch node.string {
            case "Ingress": types.insert(.ingress)
            case "Egress": types.insert(.egress)
            default:
                report(
                    path, "\(node.rawText) is neither Ingress nor Egress, so both directions are closed", at: node,
                    next: node.string.flatMap { EditDistance.nearest(to: $0, in: ["Ingress", "Egress"]) }
                        .map { "did you mean \($0)?" })
                types = [.ingress, .egress]
            }
        }
        return types
    }

    fileprivate mutating func rule(
        _ node: JSONNode, at path: String, index: Int, direction: Direction, subjectIsKnown: Bool
    ) -> PolicyRule {
        var rule = PolicyRule(
            RuleReference(policy: reference, direction: direction, path: path, index: index), at: SourcePlace(node),
            action: .allow)
        let peersKey = direction == .ingress ? "from" : "to"
        let shape = reading { reader -> Bool in
            guard node.kind == .object else {
                reader.report(path, "an object is expected, this is \(node.kind)", at: node)
                return false
            }
            reader.checkFields(of: node, at: path, known: [peersKey, "ports"])
            return true
        }
        if shape.isBroken || !subjectIsKnown {
            let reason =
                subjectIsKnown ? "unreadable, so the rule allows nothing" : "the policy's podSelector is unreadable"
            rule.close(path: path, reason: reason, at: node)
            if !shape.result { return rule }
        }

        let peers = reading { $0.list(peersKey, of: node, at: path) }
        if peers.isBroken {
            rule.close(path: "\(path).\(peersKey)", reason: "unreadable, so the rule allows nothing", at: node)
        } else if let items = peers.result, !items.isEmpty {
            rule.peers = (rule.peers ?? []) + items.map { peer($0.node, at: $0.path, rule: &rule) }
        }
        let ports = reading { $0.list("ports", of: node, at: path) }
        if ports.isBroken {
            rule.close(path: "\(path).ports", reason: "unreadable, so the rule allows nothing", at: node)
        } else if let items = ports.result, !items.isEmpty {
            rule.traffic = items.map { port($0.node, at: $0.path, rule: &rule) }
        }
        return rule
    }

    /// What `read` makes of a part; of an unreadable one the term that stands for it, noted with the rule.
    private mutating func terms<Term>(
        _ node: JSONNode, at path: String, rule: inout PolicyRule, otherwise closed: (text: String, term: Term),
        read: (inout PolicyReader) -> [Term]
    ) -> [Term] {
        let (terms, isBroken) = reading(read)
        if !isBroken { return terms }
        rule.unenforceable.append(Unenforceable(path: path, reason: closed.text, at: SourcePlace(node)))
        return [closed.term]
    }

    private mutating func peer(_ node: JSONNode, at path: String, rule: inout PolicyRule) -> Peer {
        let reason = "unreadable, so this peer is nobody"
        let terms: [PeerTerm] = terms(node, at: path, rule: &rule, otherwise: (reason, .unenforceable(reason))) {
            $0.peerTerms(node, at: path)
        }
        return Peer(terms, at: SourcePlace(node))
    }

    private mutating func peerTerms(_ node: JSONNode, at path: String) -> [PeerTerm] {
        guard node.kind == .object else {
            report(path, "an object is expected, this is \(node.kind)", at: node)
            return []
        }
        checkFields(of: node, at: path, known: ["podSelector", "namespaceSelector", "ipBlock"])
        let pods = member("podSelector", of: node, at: path, as: .object)
        let namespaces = member("namespaceSelector", of: node, at: path, as: .object)
        if let block = member("ipBlock", of: node, at: path, as: .object) {
            if pods != nil || namespaces != nil {
                report(
                    path, "ipBlock cannot stand beside podSelector or namespaceSelector", at: node,
                    next: "make them two items of the list")
            }
            return ipBlock(block, at: "\(path).ipBlock").map { [.addresses([$0], scope: .anyEnd)] } ?? []
        }
        guard pods != nil || namespaces != nil else {
            if ["podSelector", "namespaceSelector", "ipBlock"].allSatisfy({ node.member($0)?.isNull ?? true }) {
                report(
                    path, "must specify a peer", at: node,
                    because: ["an empty peer is refused by the API server"],
                    next: "leave the list out for everyone, or write podSelector: {} for the namespace's pods")
            }
            return []
        }
        var expression = ownNamespace
        if let namespaces {
            expression = labelSelector(namespaces, at: "\(path).namespaceSelector", over: .namespace) ?? .nothing
        }
        if let pods {
            expression = expression.and(labelSelector(pods, at: "\(path).podSelector", over: .own) ?? .nothing)
        }
        return [.pods(.all(expression.conjuncts))]
    }

    private mutating func ipBlock(_ node: JSONNode, at path: String) -> AddressBlock? {
        checkFields(of: node, at: path, known: ["cidr", "except"])
        guard let cidr = node.member("cidr"), !cidr.isNull else {
            report("\(path).cidr", "required", at: node)
            return nil
        }
        guard let prefix = prefix(cidr, at: "\(path).cidr") else { return nil }
        var block = AddressBlock(prefix, at: SourcePlace(node))
        for (item, place) in list("except", of: node, at: path) ?? [] {
            guard let hole = self.prefix(item, at: place) else { continue }
            if hole.family != prefix.family || !prefix.contains(hole) || hole.length == prefix.length {
                report(place, "\(hole) must be a strict subset of the cidr \(prefix)", at: item)
            }
            block.except.append(hole)
        }
        return block
    }

    private mutating func port(_ node: JSONNode, at path: String, rule: inout PolicyRule) -> TrafficMatch {
        let reason = "unreadable, so no port is allowed by it"
        let terms: [TrafficTerm] = terms(node, at: path, rule: &rule, otherwise: (reason, .unenforceable(reason))) {
            $0.portTerms(node, at: path)
        }
        return TrafficMatch(terms, at: SourcePlace(node))
    }

    private mutating func portTerms(_ node: JSONNode, at path: String) -> [TrafficTerm] {
        guard node.kind == .object else {
            report(path, "an object is expected, this is \(node.kind)", at: node)
            return []
        }
        checkFields(of: node, at: path, known: ["protocol", "port", "endPort"])
        var transport = TransportProtocol.tcp
        if let field = node.member("protocol"), !field.isNull {
            transport = self.transport(field, at: "\(path).protocol") ?? .tcp
        }
        let end = node.member("endPort").flatMap { $0.isNull ? nil : $0 }
        guard let field = node.member("port"), !field.isNull else {
            if let end { report("\(path).endPort", "needs a port to begin at", at: end) }
            return [.protocolIs(transport)]
        }
        if field.kind == .string {
            guard let name = portName(field, at: "\(path).port") else { return [] }
            if let end { report("\(path).endPort", "cannot be set with a named port", at: end) }
            return [.protocolIs(transport), .destinationPortNamed(name, .destinationPod)]
        }
        guard let first = portNumber(field, at: "\(path).port") else { return [] }
        guard let end else { return [.protocolIs(transport), .destinationPorts([PortRange(first)])] }
        guard let last = portNumber(end, at: "\(path).endPort") else { return [] }
        guard let range = PortRange(first, last) else {
            report("\(path).endPort", "must be greater than or equal to port, which is \(first)", at: end)
            return []
        }
        return [.protocolIs(transport), .destinationPorts([range])]
    }
}

extension PolicyRule {
    /// Makes the rule match nothing (or, as a deny, everything) because a part of it is unreadable.
    public mutating func close(path: String, reason: String, at node: JSONNode?) {
        unenforceable.append(Unenforceable(path: path, reason: reason, at: SourcePlace(node)))
        nearEnd = (nearEnd ?? [Peer([])]).map { Peer($0.terms + [.unenforceable(reason)], at: $0.place) }
    }
}
