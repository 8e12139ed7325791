import Addressing

extension PolicyEngine {
    /// The verdict with the way that led there, for both directions.
    public func walk(_ flow: Flow) throws(FlowError) -> (egress: DirectionWalk, ingress: DirectionWalk) {
        let source = try resolve(flow.source, flow.family)
        let destination = try resolve(flow.destination, flow.family)
        return (
            walk(.egress, flow, from: source, to: destination), walk(.ingress, flow, from: source, to: destination)
        )
    }

    /// One direction, for ends that were resolved before.
    public func walk(
        _ direction: Direction, _ flow: Flow, from source: ResolvedEnd, to destination: ResolvedEnd
    ) -> DirectionWalk {
        let subject = direction == .egress ? source : destination
        let peer = direction == .egress ? destination : source
        let verdict = decide(direction, subject: subject, peer: peer, TrafficFacts(flow, destination: destination))
        switch verdict.reason {
        case .notAPolicyPod, .loopback, .ownNode:
            return DirectionWalk(direction: direction, verdict: verdict, tiers: [])
        default: break
        }
        let kind = kind(of: peer, seenFrom: subject)
        let judge = TermJudge(
            engine: self, flow: flow, peer: facts(of: peer, kind, flow.family),
            subject: facts(of: subject, .pod, flow.family), destination: destination)
        var tiers: [TierStep] = []
        let listed = classes[Int(subject.classID)].policies.compactMap { entries[$0]?.policy }
        var start = 0
        while start < listed.count {
            let name = listed[start].tier
            let end = listed[start...].firstIndex { $0.tier != name } ?? listed.count
            var steps: [PolicyStep] = []
            for policy in listed[start..<end] {
                guard let rules = policy[direction], !(kind == .ownNode && rules.exemptsOwnNode) else { continue }
                steps.append(
                    PolicyStep(
                        policy: policy.reference, isolates: rules.isolates,
                        rules: rules.rules.map { rule in
                            RuleStep(rule: rule.reference, action: rule.action, miss: judge.miss(of: rule))
                        }))
            }
            start = end
            guard !steps.isEmpty else { continue }
            let isDeciding = verdict.tier == name
            let outcome = outcome(of: name, direction, subject, kind, steps, isDeciding ? verdict : nil)
            tiers.append(TierStep(tier: name, outcome: outcome, policies: steps))
            if isDeciding { break }
        }
        return DirectionWalk(direction: direction, verdict: verdict, tiers: tiers)
    }

    /// What a tier did: what it decided, or why the walk went on.
    private func outcome(
        of tier: String, _ direction: Direction, _ subject: ResolvedEnd, _ kind: EndKinds, _ steps: [PolicyStep],
        _ verdict: DirectionVerdict?
    ) -> TierStep.Outcome {
        if let verdict, let rule = verdict.decidedBy {
            return .decided(verdict.isAllowed ? .allow : .deny, by: rule)
        }
        if verdict != nil { return .defaulted(policies.tier(named: tier).defaultAction) }
        let passing = steps.flatMap(\.rules).first { $0.matches && $0.action == .pass }
        if let passing { return .decided(.pass, by: passing.rule) }
        return steps.contains(where: \.isolates) ? .defaulted(policies.tier(named: tier).defaultAction) : .noMatch
    }

    private func facts(of end: ResolvedEnd, _ kind: EndKinds, _ family: IPFamily) -> EndFacts {
        EndFacts(
            kind: kind, labels: end.classID >= 0 ? classes[Int(end.classID)].view : nil,
            address: end.hasAddress ? IPAddress(number: end.address, family: family) : nil)
    }
}

/// What an end is, for judging terms of the model one by one.
struct EndFacts {
    var kind: EndKinds
    var labels: LabelView?
    var address: IPAddress?
}

/// Judges rules as they were written and says what failed first.
struct TermJudge {
    enum Answer: Equatable { case no, unknown, yes }

    let engine: PolicyEngine
    let flow: Flow
    let peer: EndFacts
    let subject: EndFacts
    let destination: ResolvedEnd

    /// Nil when the rule matches, in the sense of its action: an allow when it certainly does, a deny when it
    /// possibly does.
    func miss(of rule: PolicyRule) -> RuleMiss? {
        let isStrict = rule.action != .deny
        var miss = RuleMiss()
        if let peers = rule.peers { miss.peers = misses(peers, of: peer, isStrict) }
        if let near = rule.nearEnd { miss.nearEnd = misses(near, of: subject, isStrict) }
        if let traffic = rule.traffic { miss.traffic = misses(traffic, isStrict) }
        return miss.failedParts == 0 ? nil : miss
    }

    private func counts(_ answer: Answer, _ isStrict: Bool) -> Bool {
        answer == .yes || (answer == .unknown && !isStrict)
    }

    private func misses(_ peers: [Peer], of end: EndFacts, _ isStrict: Bool) -> [PeerMiss]? {
        var result: [PeerMiss] = []
        for peer in peers {
            var cause: PeerMiss.Cause?
            var satisfied = 0
            var total = 0
            for term in peer.terms {
                let count = progress(term, end)
                satisfied += count.satisfied
                total += count.total
                if cause == nil, !counts(judge(term, end), isStrict) { cause = self.cause(term, end) }
            }
            guard let cause else { return nil }
            result.append(PeerMiss(peer: peer, cause: cause, satisfied: satisfied, total: total))
        }
        return result
    }

    private func misses(_ matches: [TrafficMatch], _ isStrict: Bool) -> [TrafficMiss]? {
        var result: [TrafficMiss] = []
        for match in matches {
            guard let term = match.terms.first(where: { !counts(judge($0), isStrict) }) else { return nil }
            result.append(TrafficMiss(match: match, cause: cause(term)))
        }
        return result
    }
}

// MARK: - Ends

extension TermJudge {
    func judge(_ term: PeerTerm, _ end: EndFacts) -> Answer {
        switch term {
        case .pods(let expression): answer(end.kind == .pod && (end.labels.map(expression.matches) ?? false))
        case .nodes(let expression):
            answer(EndKinds.nodes.contains(end.kind) && (end.labels.map(expression.matches) ?? false))
        case .addresses(let blocks, let scope):
            answer(
                isMatched(scope, end)
                    && (end.address.map { address in blocks.contains { $0.contains(address) } } ?? false))
        case .networkSets(let expression, let scope):
            answer(
                isMatched(scope, end)
                    && (end.address.map { address in
                        engine.cluster.blocks(ofNetworkSets: expression).contains { $0.contains(address) }
                    } ?? false))
        case .service(let namespace, let name):
            answer(
                end.address.map {
                    engine.cluster.services[ServiceName(namespace: namespace, name: name)]?.endpoints.contains($0)
                        ?? false
                } ?? false)
        case .entity(let entity): answer(isEntity(entity, end))
        case .anyOf(let terms):
            terms.reduce(.no) { best, term in
                switch (best, judge(term, end)) {
                case (.yes, _), (_, .yes): .yes
                case (.unknown, _), (_, .unknown): .unknown
                default: .no
                }
            }
        case .not(let inner): negated(judge(inner, end))
        case .unenforceable: .unknown
        }
    }

    private func answer(_ value: Bool) -> Answer { value ? .yes : .no }

    private func negated(_ answer: Answer) -> Answer {
        switch answer {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }

    private func isMatched(_ scope: AddressScope, _ end: EndFacts) -> Bool {
        switch scope {
        case .anyEnd: true
        case .outsideCluster: end.kind == .outside
        case .outsidePods: end.kind != .pod
        }
    }

    private func isEntity(_ entity: Entity, _ end: EndFacts) -> Bool {
        let isServer = end.address.map(engine.cluster.apiServerAddresses.contains) ?? false
        return switch entity {
        case .all: true
        case .world: end.kind == .outside
        case .worldIPv4: end.kind == .outside && end.address?.family == .v4
        case .worldIPv6: end.kind == .outside && end.address?.family == .v6
        case .cluster: end.kind != .outside || isServer
        case .host: end.kind == .ownNode
        case .remoteNode: end.kind == .remoteNode
        case .kubeAPIServer: isServer
        case .health, .ingress, .unmanaged, .initialising, .none: false
        }
    }

    private func progress(_ term: PeerTerm, _ end: EndFacts) -> (satisfied: Int, total: Int) {
        switch term {
        case .pods(let expression), .nodes(let expression):
            let parts = expression.conjuncts
            guard judge(kindOnly(term), end) == .yes, let labels = end.labels else { return (0, parts.count + 1) }
            return (parts.filter { $0.matches(labels) }.count + 1, parts.count + 1)
        default: return (judge(term, end) == .yes ? 1 : 0, 1)
        }
    }

    private func kindOnly(_ term: PeerTerm) -> PeerTerm {
        if case .nodes = term { .nodes(.everything) } else { .pods(.everything) }
    }

    func cause(_ term: PeerTerm, _ end: EndFacts) -> PeerMiss.Cause {
        switch term {
        case .pods(let expression):
            guard end.kind == .pod, let labels = end.labels else { return .notAPod }
            return cause(expression, labels)
        case .nodes(let expression):
            guard EndKinds.nodes.contains(end.kind), let labels = end.labels else { return .notANode }
            return cause(expression, labels)
        case .addresses(let blocks, let scope):
            guard isMatched(scope, end) else { return .addressesDoNotMatch(scope) }
            guard let address = end.address else { return .noAddress(flow.family) }
            let family = blocks.filter { $0.prefix.family == address.family }
            if family.isEmpty { return .otherFamily(blocks, address.family) }
            for block in family where block.prefix.contains(address) {
                if let hole = block.except.first(where: { $0.contains(address) }) {
                    return .excepted(block, hole: hole, address: address)
                }
            }
            return .outside(family, address: address)
        case .networkSets(let expression, let scope):
            return isMatched(scope, end) ? .networkSets(expression) : .addressesDoNotMatch(scope)
        case .service(let namespace, let name): return .service(namespace: namespace, name: name)
        case .entity(let entity): return .entity(entity)
        case .anyOf(let terms): return .noneOf(terms.map { cause($0, end) })
        case .not: return .excluded
        case .unenforceable(let reason): return .unenforceable(reason)
        }
    }

    private func cause(_ expression: LabelExpression, _ labels: LabelView) -> PeerMiss.Cause {
        let failed = expression.conjuncts.first { !$0.matches(labels) } ?? expression
        if case .requirement(let requirement) = failed {
            return .label(requirement, actual: labels[requirement.key])
        }
        return .selector(failed)
    }
}

// MARK: - Traffic

extension TermJudge {
    func judge(_ term: TrafficTerm) -> Answer {
        let transport = flow.transport
        switch term {
        case .protocolIs(let wanted): return answer(transport == wanted)
        case .family(let family): return answer(flow.family == family)
        case .destinationPorts(let ranges):
            return answer(transport.hasPorts && ranges.contains { $0.contains(flow.port) })
        case .sourcePorts(let ranges):
            return answer(
                transport.hasPorts && (flow.sourcePort.map { port in ranges.contains { $0.contains(port) } } ?? false))
        case .icmp(let type, let code):
            guard transport.isICMP else { return .no }
            let typeFits = type == nil || type == flow.icmpType
            let codeFits = code == nil || (flow.icmpType != nil && code == flow.icmpCode ?? 0)
            return answer(typeFits && codeFits)
        case .destinationPortNamed(let name, let resolution):
            return answer(transport.hasPorts && numbers(of: name, resolution).contains { $0 == (transport, flow.port) })
        case .anyOf(let terms):
            let answers = terms.map { judge($0) }
            return answers.contains(.yes) ? .yes : answers.contains(.unknown) ? .unknown : .no
        case .not(let inner): return negated(judge(inner))
        case .unenforceable: return .unknown
        }
    }

    /// What a port's name stands for at the flow's destination.
    private func numbers(of name: String, _ resolution: NamedPortResolution) -> [(TransportProtocol, UInt16)] {
        switch resolution {
        case .destinationPod:
            guard destination.isPolicyPod else { return [] }
            return engine.classes[Int(destination.classID)].key.ports.filter { $0.name == name }
                .map { ($0.transport, $0.number) }
        case .everyPod:
            guard let id = engine.portNameIDs[name] else { return [] }
            return (engine.namedPorts[id] ?? [:]).keys.sorted().map {
                (TransportProtocol(number: UInt8($0 >> 16)), UInt16($0 & 0xFFFF))
            }
        }
    }

    func cause(_ term: TrafficTerm) -> TrafficMiss.Cause {
        switch term {
        case .protocolIs(let wanted): .otherProtocol(wanted)
        case .family(let family): .otherFamily(family)
        case .destinationPorts(let ranges): .otherPort(ranges)
        case .sourcePorts(let ranges): .otherSourcePort(ranges)
        case .icmp(let type, let code): .otherICMP(type: type, code: code)
        case .destinationPortNamed(let name, let resolution): cause(name, resolution)
        case .anyOf(let terms): .noneOf(terms.map { cause($0) })
        case .not: .excluded
        case .unenforceable(let reason): .unenforceable(reason)
        }
    }

    private func cause(_ name: String, _ resolution: NamedPortResolution) -> TrafficMiss.Cause {
        let known = numbers(of: name, resolution)
        let fitting = known.filter { $0.0 == flow.transport }
        if !fitting.isEmpty { return .portNameIsAnother(name, numbers: fitting.map(\.1)) }
        return .unknownPortName(
            name, elsewhere: known.map { ContainerPort(name: name, number: $0.1, transport: $0.0) })
    }
}
