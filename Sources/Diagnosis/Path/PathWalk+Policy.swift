import Addressing
import Findings
import Policy

// What policies say of the connection as it arrives at the pod, after the Service has been translated.

extension PathWalk {
    private var sourceEnd: FlowEnd? {
        switch source {
        case .pod(let pod): .pod(PodName(namespace: pod.namespace, name: pod.name))
        case .node(let name): .node(name)
        case .address(let address): .address(address)
        case .service: nil
        }
    }

    private func flow(to backend: Backend) -> Flow? {
        guard let source = sourceEnd, let port = UInt16(exactly: backend.port) else { return nil }
        let target: FlowEnd =
            backend.pod.map { .pod(PodName(namespace: $0.namespace, name: $0.name)) } ?? .address(backend.address)
        return Flow(
            from: source, to: target, transport: request.transport, port: port, family: backend.address.family)
    }

    mutating func policy(_ direction: Direction) {
        let kind: PathTrace.Step.Kind = direction == .egress ? .egress : .ingress
        if let reason = facts.reasonMissing(.objects("networkpolicies.networking.k8s.io")) {
            steps.append(.init(kind, .notChecked, reason))
            return
        }
        var denied: [(Backend, Flow, DirectionWalk)] = []
        var allowed: DirectionWalk?
        for backend in backends {
            guard let flow = flow(to: backend), let walks = try? engine.walk(flow) else { continue }
            let walk = direction == .egress ? walks.egress : walks.ingress
            if walk.verdict.isAllowed { allowed = allowed ?? walk } else { denied.append((backend, flow, walk)) }
        }
        guard let first = denied.first else {
            guard let allowed, let flow = flow(to: backends[0]) else {
                steps.append(.init(kind, .notChecked, "the policy engine does not know one of the ends"))
                return
            }
            steps.append(.init(kind, .passed, Self.reason(allowed, flow.subject(direction))))
            return
        }
        let (_, flow, walk) = first
        if explanation == nil, steps.allSatisfy({ $0.state != .failed }) {
            explanation = try? Explanation(flow, in: engine)
        }
        let blamed = walk.verdict.decidedBy.map { [$0.policy] } ?? walk.isolatedBy
        let partly = allowed == nil ? "" : " (\(denied.count) of \(backends.count) endpoints)"
        steps.append(
            .init(
                kind, .failed, Self.reason(walk, flow.subject(direction)) + partly, details: details(walk, flow),
                evidence: blamed.prefix(2).compactMap { reference in
                    policies.object(reference).map { .init("\(reference)", from: $0.source) }
                }, codes: codes(of: blamed, walk)))
        let writer = blamed.compactMap { reference -> String? in
            guard let object = policies.object(reference) else { return nil }
            let release = object.annotations["meta.helm.sh/release-name"].map { "Helm release \($0)" }
            let parts = [release, object.lastWriter].compactMap { $0 }
            return parts.isEmpty ? nil : "\(reference): \(parts.joined(separator: ", "))"
        }.first
        writers[kind] = writer
    }

    /// Codes of what lint says about the policies in the way; the plain flip of isolation where it says nothing.
    private func codes(of blamed: [PolicyReference], _ walk: DirectionWalk) -> [String] {
        let telling = [
            "POL-05", "POL-14", "POL-12", "POL-06", "POL-04", "POL-08", "POL-11", "POL-15", "POL-16", "POL-19",
            "POL-23", "POL-26",
        ]
        var found = PolicyLint.findings(policies.cluster, policies.policies).filter { finding in
            finding.policy.map(blamed.contains) ?? false
        }.map(\.finding.code)
        // Lint sees what is stored, which has no empty list any more.
        if blamed.compactMap(policies.object).contains(where: PolicyTraps.isFilledIn) { found.append("POL-06") }
        let ordered = telling.filter(found.contains)
        return ordered.isEmpty ? ["POL-01"] : Array(ordered.prefix(3))
    }

    /// In one line, what a side says.
    private static func reason(_ walk: DirectionWalk, _ subject: FlowEnd) -> String {
        switch walk.verdict.reason {
        case .notAPolicyPod: return "\(subject) is no pod that policies apply to"
        case .loopback: return "a pod always reaches itself"
        case .ownNode: return "a pod and its own node always reach each other"
        case .notIsolated:
            return walk.tiers.isEmpty ? "no policy selects \(subject)" : "no policy that selects \(subject) closes it"
        case .rule:
            let count = walk.tiers.flatMap(\.policies).count
            let rule = walk.verdict.decidedBy
            let name = rule.map { "\($0.policy.qualifiedName) \($0.path)" } ?? "a rule"
            return "\(counted(count, "policy")) \(count == 1 ? "selects" : "select") \(subject); \(name) allows"
        case .deniedByRule:
            return "\(walk.verdict.decidedBy.map { "\($0)" } ?? "a rule") denies it"
        case .noRule:
            let names = walk.isolatedBy.map(\.qualifiedName)
            return "\(listed(names)) \(names.count == 1 ? "selects" : "select") \(subject), and no rule is for this"
        }
    }

    /// Rules that come nearest, with what fails in each.
    private func details(_ walk: DirectionWalk, _ flow: Flow) -> [String] {
        let words = MissWords(policies.cluster, flow)
        var lines: [String] = []
        for policy in walk.tiers.flatMap(\.policies) {
            if policy.rules.isEmpty {
                lines.append("\(policy.policy.qualifiedName) has no \(walk.direction.rawValue) rule")
            }
            let rules = policy.rules.sorted { ($0.miss?.failedParts ?? 0) < ($1.miss?.failedParts ?? 0) }
            for rule in rules.prefix(3) {
                let sentences = words.sentences(rule).map(\.text)
                if sentences.isEmpty {
                    lines.append("\(policy.policy.qualifiedName) \(rule.rule.path) \(rule.action.verb) it")
                } else {
                    lines += sentences.prefix(3).map { "\(policy.policy.qualifiedName) \(rule.rule.path): \($0)" }
                }
            }
        }
        return Array(lines.prefix(8))
    }
}
