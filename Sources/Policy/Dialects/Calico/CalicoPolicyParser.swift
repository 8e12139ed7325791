import Addressing
import JSONTree

/// NetworkPolicy, GlobalNetworkPolicy and their staged twins.
///
/// The source of `apiVersion: projectcalico.org/v3` is api/pkg/apis/projectcalico/v3/policy_common.go and its
/// neighbours; how namespaces narrow a rule's selectors, libcalico-go's update processors.
struct CalicoPolicyParser {
    let reader: DialectReader
    /// Set when the policy's own selector cannot be read: its rules then allow nothing.
    private var isSubjectBroken = false

    init(reader: DialectReader) { self.reader = reader }

    private var namespace: String { reader.reference.namespace }
    private var isGlobal: Bool { reader.reference.kind.contains("Global") }
    private var isStaged: Bool { reader.reference.kind.hasPrefix("Staged") }

    static let fields = [
        "tier", "order", "ingress", "egress", "selector", "types", "serviceAccountSelector", "performanceHints",
    ]
    static let globalFields = fields + ["doNotTrack", "preDNAT", "applyOnForward", "namespaceSelector"]
    static let ruleFields = [
        "action", "ipVersion", "protocol", "notProtocol", "icmp", "notICMP", "source", "destination", "http",
        "metadata",
    ]

    mutating func policy(_ spec: JSONNode) -> Policy {
        reader.refuseUnknown(
            in: spec, known: (isGlobal ? Self.globalFields : Self.fields) + (isStaged ? ["stagedAction"] : []))
        var subject = subject(spec)
        for name in ["doNotTrack", "preDNAT"] where isGlobal && reader.bool(name, of: spec) == true {
            if let node = spec.member(name) {
                reader.notEnforced(
                    node, "such policies are for nodes' interfaces, which are not policed; no pod is affected")
                subject = .nothing
            }
        }
        if isGlobal, reader.bool("applyOnForward", of: spec) == true, let node = spec.member("applyOnForward") {
            reader.notEnforced(node, "traffic that nodes forward is not policed; for pods the policy counts as ever")
        }
        if isStaged, reader.string("stagedAction", of: spec) == "Delete" { subject = .nothing }
        let types = types(spec)
        let ofPolicy = reader.takeUnenforceable()
        let tier = reader.string("tier", of: spec).flatMap { $0.isEmpty ? nil : $0 } ?? PolicyTier.default.name
        return Policy(
            source: reader.source, tier: tier, order: reader.order(of: spec), subject: subject,
            subjectPlace: SourcePlace(spec.member("selector") ?? spec),
            ingress: types.contains(.ingress) ? rules("ingress", of: spec, .ingress) : nil,
            egress: types.contains(.egress) ? rules("egress", of: spec, .egress) : nil,
            isStaged: isStaged, unenforceable: ofPolicy)
    }

    /// Unlike Kubernetes: egress rules alone make an egress policy, not one of both directions.
    private func types(_ spec: JSONNode) -> Set<Direction> {
        var types: Set<Direction> = []
        for (text, node) in reader.strings("types", of: spec) {
            switch text {
            case "Ingress": types.insert(.ingress)
            case "Egress": types.insert(.egress)
            default: reader.error(node, "\"\(text)\" is neither Ingress nor Egress")
            }
        }
        if !types.isEmpty { return types }
        let hasIngress = !reader.elements("ingress", of: spec).isEmpty
        let hasEgress = !reader.elements("egress", of: spec).isEmpty
        if !hasEgress { return [.ingress] }
        return hasIngress ? [.ingress, .egress] : [.egress]
    }

    /// A selector of a namespaced policy that cannot be read stands for every pod of the namespace, closed: an allow
    /// that was meant for some must not be missing a deny. A global one would close the whole cluster; it is left out.
    private mutating func subject(_ spec: JSONNode) -> LabelExpression {
        var parts: [LabelExpression] = []
        if !isGlobal {
            parts.append(.requirement(LabelRequirement(.namespaceName, .isIn, [namespace])))
        } else if let selector = selector("namespaceSelector", of: spec, .namespaces) {
            parts.append(selector)
        }
        if let selector = selector("selector", of: spec, .pods) { parts.append(selector) }
        if let selector = selector("serviceAccountSelector", of: spec, .serviceAccounts) { parts.append(selector) }
        return .all(parts.flatMap(\.conjuncts))
    }

    /// Nil when unset.
    private mutating func selector(_ name: String, of spec: JSONNode, _ labels: CalicoLabels) -> LabelExpression? {
        guard let text = reader.string(name, of: spec), !text.isEmpty, let node = spec.member(name) else { return nil }
        guard let parsed = reader.calicoSelector(text, at: node) else {
            isSubjectBroken = true
            return isGlobal ? .nothing : .everything
        }
        return parsed.expression.labelExpression(of: labels, at: SourcePlace(node))
    }

    private func rules(_ name: String, of spec: JSONNode, _ direction: Direction) -> DirectionRules {
        var rules: [PolicyRule] = []
        for (index, node) in reader.elements(name, of: spec).enumerated() {
            rules.append(rule(node, direction, name, index))
        }
        // Calico's own rule: workload egress to its node is policed, the node may always reach its pods.
        return DirectionRules(isolates: true, exemptsOwnNode: direction == .ingress, rules: rules)
    }

    private func rule(_ node: JSONNode, _ direction: Direction, _ list: String, _ index: Int) -> PolicyRule {
        let reference = RuleReference(
            policy: reader.reference, direction: direction, path: "spec.\(list)[\(index)]", index: index)
        var traffic: [TrafficTerm] = reader.refuseUnknown(in: node, known: Self.ruleFields).map { .unenforceable($0) }
        if isSubjectBroken { traffic.append(.unenforceable("the policy's selector cannot be read")) }
        traffic += self.traffic(node)
        let far = direction == .ingress ? "source" : "destination"
        let near = direction == .ingress ? "destination" : "source"
        var entities = CalicoEntityParser(reader: reader, namespace: isGlobal ? nil : namespace)
        let farTerms = entities.terms(far, of: node, isService: direction == .ingress)
        let nearTerms = entities.terms(near, of: node, isService: false)
        traffic += entities.ports
        return PolicyRule(
            reference, at: SourcePlace(node), action: action(node),
            peers: farTerms.map { [Peer($0, at: SourcePlace(node.member(far) ?? node))] },
            nearEnd: nearTerms.map { [Peer($0, at: SourcePlace(node.member(near) ?? node))] },
            traffic: traffic.isEmpty ? nil : [TrafficMatch(traffic, at: SourcePlace(node))],
            unenforceable: reader.takeUnenforceable())
    }

    /// A rule without a readable action denies nothing and allows nothing: it is logged, as it were.
    private func action(_ node: JSONNode) -> RuleAction {
        switch reader.string("action", of: node) {
        case "Allow", "allow": return .allow
        case "Deny", "deny": return .deny
        case "Pass", "pass", "next-tier": return .pass
        case "Log", "log": return .log
        case .some(let text):
            reader.error(
                node.member("action") ?? node, "\"\(text)\" is no action; the rule denies what it matches",
                next: "Allow, Deny, Log or Pass")
        case nil:
            reader.error(node, "action is required; the rule denies what it matches", next: "Allow, Deny, Log or Pass")
        }
        return .deny
    }

    private func traffic(_ node: JSONNode) -> [TrafficTerm] {
        var terms: [TrafficTerm] = []
        if let version = reader.field("ipVersion", of: node) {
            switch version.int {
            case 4: terms.append(.family(.v4))
            case 6: terms.append(.family(.v6))
            default: terms.append(.unenforceable(reader.refused(version, "ipVersion is 4 or 6")))
            }
        }
        let transport = reader.field("protocol", of: node)
        if let transport {
            terms.append(
                transportProtocol(transport).map { .protocolIs($0) }
                    ?? .unenforceable(
                        reader.refused(transport, "is no protocol: TCP, UDP, SCTP, ICMP, ICMPv6, UDPLite, 1-255")))
        }
        if let excluded = reader.field("notProtocol", of: node) {
            terms.append(
                transportProtocol(excluded).map { .not(.protocolIs($0)) }
                    ?? .unenforceable(
                        reader.refused(excluded, "is no protocol: TCP, UDP, SCTP, ICMP, ICMPv6, UDPLite, 1-255")))
        }
        if let icmp = reader.object("icmp", of: node) { terms.append(self.icmp(icmp)) }
        if let icmp = reader.object("notICMP", of: node) { terms.append(.not(self.icmp(icmp))) }
        if let http = reader.field("http", of: node) {
            terms.append(.unenforceable(reader.notEnforced(http, "HTTP methods and paths are not looked at")))
        }
        return terms
    }

    private func transportProtocol(_ node: JSONNode) -> TransportProtocol? {
        if let number = node.int { return (1...255).contains(number) ? TransportProtocol(number: UInt8(number)) : nil }
        guard let text = node.string else { return nil }
        if let named = TransportProtocol(name: text) { return named }
        return UInt8(text).flatMap { $0 > 0 ? TransportProtocol(number: $0) : nil }
    }

    private func icmp(_ node: JSONNode) -> TrafficTerm {
        if let unknown = reader.refuseUnknown(in: node, known: ["type", "code"]).first {
            return .unenforceable(unknown)
        }
        let type = reader.number("type", of: node, in: 0...254)
        let code = reader.number("code", of: node, in: 0...255)
        if type == nil, reader.field("type", of: node) != nil || code != nil {
            return .unenforceable(reader.refused(node, "an ICMP code needs a type from 0 to 254"))
        }
        if code == nil, let unreadable = reader.field("code", of: node) {
            return .unenforceable(reader.refused(unreadable, "the ICMP code cannot be read"))
        }
        return .icmp(type: type.map(UInt8.init), code: code.map(UInt8.init))
    }
}

extension DialectReader {
    /// Nil, and an error with a caret below the byte, when it cannot be read.
    func calicoSelector(_ text: String, at node: JSONNode) -> CalicoSelector? {
        if text.count > CalicoSelector.lengthLimit {
            error(node, "the selector is longer than \(CalicoSelector.lengthLimit) characters")
            return nil
        }
        do throws(CalicoSelector.Problem) {
            return try CalicoSelector(text)
        } catch {
            self.error(node, "character \(error.column) of the selector: \(error.reason)")
            return nil
        }
    }
}
