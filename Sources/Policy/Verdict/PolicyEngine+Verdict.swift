import Addressing
import Findings

/// An end of a flow as the engine knows it: numbers only, so that judging copies nothing.
public struct ResolvedEnd: Sendable, Hashable {
    enum Kind: UInt8, Hashable, Sendable { case pod, node, outside }

    var kind: Kind
    /// Of a pod; -1 otherwise.
    var pod: Int32 = -1
    /// Of a pod's or node's class; -1 outside.
    var classID: Int32 = -1
    /// Of a node, or the node a pod runs on; -1 when there is none.
    var node: Int32 = -1
    var hasAddress = false
    var address: UInt128 = 0

    /// Whether policies of this end's side exist at all.
    public var isPolicyPod: Bool { kind == .pod }
}

extension PolicyEngine {
    /// What happens to a flow.
    public func verdict(_ flow: Flow) throws(FlowError) -> Verdict {
        let source = try resolve(flow.source, flow.family)
        let destination = try resolve(flow.destination, flow.family)
        return verdict(flow, from: source, to: destination)
    }

    /// Finds an end once for many flows of one family.
    public func resolve(_ end: FlowEnd, _ family: IPFamily) throws(FlowError) -> ResolvedEnd {
        switch end {
        case .pod(let name):
            guard let id = podIDs[name] else {
                let nearest = EditDistance.nearest(to: "\(name)", in: podIDs.present.map(\.description))
                throw .unknownPod(name, nearest: nearest)
            }
            return resolvedPod(id, family)
        case .node(let name):
            guard let id = nodeIDs[name] else {
                throw .unknownNode(name, nearest: EditDistance.nearest(to: name, in: nodeIDs.keys))
            }
            return resolvedNode(id, family)
        case .address(let address):
            guard address.family == family else { throw .otherFamily(address, family) }
            switch owner(of: address) {
            case .pod(let id):
                var end = resolvedPod(id, family)
                end.hasAddress = true
                end.address = address.number
                return end
            case .node(let id):
                var end = resolvedNode(id, family)
                end.hasAddress = true
                end.address = address.number
                return end
            case nil: return ResolvedEnd(kind: .outside, hasAddress: true, address: address.number)
            }
        }
    }

    private func resolvedPod(_ id: Int32, _ family: IPFamily) -> ResolvedEnd {
        let pod = pods[Int(id)]
        var end: ResolvedEnd
        if pod.isOnHostNetwork && pod.nodeID >= 0 {
            end = ResolvedEnd(kind: .node, classID: nodes[Int(pod.nodeID)].classID, node: pod.nodeID)
        } else if pod.classID < 0 {
            end = ResolvedEnd(kind: .outside)
        } else {
            end = ResolvedEnd(kind: .pod, pod: id, classID: pod.classID, node: pod.nodeID)
        }
        if family == .v4 {
            end.hasAddress = pod.hasV4
            end.address = UInt128(pod.v4)
        } else {
            end.hasAddress = pod.hasV6
            end.address = pod.v6
        }
        return end
    }

    private func resolvedNode(_ id: Int32, _ family: IPFamily) -> ResolvedEnd {
        let node = nodes[Int(id)]
        var end = ResolvedEnd(kind: .node, classID: node.classID, node: id)
        if let address = node.addresses.first(where: { $0.family == family }) {
            end.hasAddress = true
            end.address = address.number
        }
        return end
    }

    /// The same for ends that were resolved before, in the family they were resolved for.
    public func verdict(_ flow: Flow, from source: ResolvedEnd, to destination: ResolvedEnd) -> Verdict {
        let traffic = TrafficFacts(flow, destination: destination)
        return Verdict(
            egress: decide(.egress, subject: source, peer: destination, traffic),
            ingress: decide(.ingress, subject: destination, peer: source, traffic))
    }

    /// Only whether it passes: nothing is allocated, no rule is named.
    public func isAllowed(_ flow: Flow, from source: ResolvedEnd, to destination: ResolvedEnd) -> Bool {
        let traffic = TrafficFacts(flow, destination: destination)
        return outcome(.egress, subject: source, peer: destination, traffic).isAllowed
            && outcome(.ingress, subject: destination, peer: source, traffic).isAllowed
    }

    func decide(
        _ direction: Direction, subject: ResolvedEnd, peer: ResolvedEnd, _ traffic: TrafficFacts
    ) -> DirectionVerdict {
        let outcome = outcome(direction, subject: subject, peer: peer, traffic)
        guard outcome.tier >= 0 else { return DirectionVerdict(isAllowed: true, reason: outcome.reason) }
        let rules = classes[Int(subject.classID)].ruleSet[direction]
        return DirectionVerdict(
            isAllowed: outcome.isAllowed, reason: outcome.reason,
            decidedBy: outcome.rule >= 0 ? rules.references[outcome.rule] : nil, tier: rules.tiers[outcome.tier].name)
    }

    struct Outcome {
        var isAllowed: Bool
        var reason: DirectionVerdict.Reason
        var rule = -1
        var tier = -1
    }

    func outcome(
        _ direction: Direction, subject: ResolvedEnd, peer: ResolvedEnd, _ traffic: TrafficFacts
    ) -> Outcome {
        guard subject.kind == .pod else { return Outcome(isAllowed: true, reason: .notAPolicyPod) }
        if peer.pod == subject.pod { return Outcome(isAllowed: true, reason: .loopback) }
        let rules =
            direction == .egress
            ? classes[Int(subject.classID)].ruleSet.egress : classes[Int(subject.classID)].ruleSet.ingress
        let kind = kind(of: peer, seenFrom: subject)
        if kind == .ownNode && !rules.concernsOwnNode { return Outcome(isAllowed: true, reason: .ownNode) }
        for tier in 0..<rules.tierCount {
            let bounds = tier == 0 ? rules.firstTier : rules.tiers[tier].bounds
            var passed = false
            for index in Int(bounds.start)..<Int(bounds.end) {
                let rule = rules.rules[index]
                guard rule.gate.admits(traffic), rule.peerKinds & kind.rawValue != 0 else { continue }
                if kind == .ownNode && rule.exemptsOwnNode { continue }
                if rule.peerSelector >= 0 {
                    guard isMember(peer, of: rule.peerSelector) else { continue }
                } else if rule.peerSelector == FlatRules.Rule.clauses {
                    guard matches(rules, rule.peers, peer, kind, traffic.isIPv4) else { continue }
                }
                if !rule.isGateExact, !matches(rules, rule.traffic, traffic) { continue }
                if rule.hasNearEnd, !matches(rules, rule.nearEnd, subject, .pod, traffic.isIPv4) { continue }
                switch rule.action {
                case .allow: return Outcome(isAllowed: true, reason: .rule, rule: index, tier: tier)
                case .deny: return Outcome(isAllowed: false, reason: .deniedByRule, rule: index, tier: tier)
                case .pass, .log: passed = true
                }
                if passed { break }
            }
            if passed { continue }
            guard kind == .ownNode ? bounds.isolatesOwnNode : bounds.isolates else { continue }
            if bounds.denies { return Outcome(isAllowed: false, reason: .noRule, tier: tier) }
            if bounds.allows { return Outcome(isAllowed: true, reason: .notIsolated, tier: tier) }
        }
        return Outcome(isAllowed: true, reason: .notIsolated)
    }

    @inline(__always)
    private func isMember(_ end: ResolvedEnd, of selector: Int32) -> Bool {
        end.classID >= 0 && classes[Int(end.classID)].matching.containsSorted(selector)
    }

    func kind(of peer: ResolvedEnd, seenFrom subject: ResolvedEnd) -> EndKinds {
        switch peer.kind {
        case .pod: .pod
        case .node: peer.node >= 0 && peer.node == subject.node ? .ownNode : .remoteNode
        case .outside: .outside
        }
    }

    private func matches(
        _ rules: FlatRules, _ span: FlatTables.Span, _ end: ResolvedEnd, _ kind: EndKinds, _ isIPv4: Bool
    ) -> Bool {
        if span.isAny { return true }
        clauses: for index in Int(span.start)..<Int(span.end) {
            let clause = rules.tables.clauses[index]
            guard clause.kinds & kind.rawValue != 0 else { continue }
            for place in Int(clause.start)..<Int(clause.end) {
                let literal = rules.tables.literals[place]
                let holds: Bool
                if literal.isAtom {
                    holds =
                        end.hasAddress
                        && atoms[Int(literal.id)].set.contains(end.address, isIPv4 ? .v4 : .v6)
                } else {
                    holds = isMember(end, of: literal.id)
                }
                if holds == literal.isNegated { continue clauses }
            }
            return true
        }
        return false
    }

    private func matches(_ rules: FlatRules, _ span: FlatTables.Span, _ facts: TrafficFacts) -> Bool {
        if span.isAny { return true }
        clauses: for index in Int(span.start)..<Int(span.end) {
            let clause = rules.tables.traffic[index]
            guard clause.protocols.contains(facts.transport), facts.isIPv4 ? clause.isIPv4 : clause.isIPv6 else {
                continue
            }
            if facts.hasPorts {
                guard contains(rules, clause.ports, facts.port) else { continue }
                if let source = facts.sourcePort {
                    guard contains(rules, clause.sourcePorts, source) else { continue }
                } else if !clause.sourceContainsUnknown {
                    continue
                }
                for place in Int(clause.names.start)..<Int(clause.names.end) {
                    let name = rules.tables.names[place]
                    if resolves(name, facts) == name.isNegated { continue clauses }
                }
            } else if facts.isICMP {
                if let number = facts.icmp {
                    guard contains(rules, clause.icmp, number) else { continue }
                } else if !clause.icmpContainsUnknown {
                    continue
                }
            }
            return true
        }
        return false
    }

    private func contains(_ rules: FlatRules, _ span: FlatTables.Span, _ number: UInt16) -> Bool {
        if span.isAny { return true }
        for index in Int(span.start)..<Int(span.end) where rules.tables.ranges[index].contains(number) { return true }
        return false
    }

    private func resolves(_ name: TrafficClause.Name, _ facts: TrafficFacts) -> Bool {
        switch name.resolution {
        case .destinationPod:
            guard facts.destinationClass >= 0 else { return false }
            return classes[Int(facts.destinationClass)].ports.contains {
                $0.name == name.id && $0.transport == facts.transport && $0.number == facts.port
            }
        case .everyPod:
            return namedPorts[name.id]?[UInt32(facts.transport) << 16 | UInt32(facts.port)] != nil
        }
    }
}

/// A flow's protocol and ports, made ready once for both directions.
struct TrafficFacts: Sendable {
    var transport: UInt8
    /// Of ``TrafficGate/bit(of:)``.
    var bit: UInt8
    var isIPv4: Bool
    var hasPorts: Bool
    var isICMP: Bool
    var port: UInt16
    var sourcePort: UInt16?
    /// Type * 256 + code; nil when the type is unknown.
    var icmp: UInt16?
    /// Of the pod whose named ports count; -1 for other ends.
    var destinationClass: Int32

    init(_ flow: Flow, destination: ResolvedEnd) {
        transport = flow.transport.number
        bit = TrafficGate.bit(of: transport)
        isIPv4 = flow.family == .v4
        hasPorts = flow.transport.hasPorts
        isICMP = flow.transport.isICMP
        port = flow.port
        sourcePort = flow.sourcePort
        icmp = flow.icmpType.map { UInt16($0) << 8 | UInt16(flow.icmpCode ?? 0) }
        destinationClass = destination.kind == .pod ? destination.classID : -1
    }
}
