import JSONTree

extension PolicyEngine {
    /// A flow with its verdict, as a record of the policy triples with more said: which rule decided, and on request
    /// the walk.
    public func record(of flow: Flow, withWalk: Bool = true) throws(FlowError) -> JSONValue {
        let source = try resolve(flow.source, flow.family)
        let destination = try resolve(flow.destination, flow.family)
        let egress = walk(.egress, flow, from: source, to: destination)
        let ingress = walk(.ingress, flow, from: source, to: destination)
        let isAllowed = egress.verdict.isAllowed && ingress.verdict.isAllowed
        return .object(
            flow.value.members + [
                JSONMember("verdict", .string(isAllowed ? "allow" : "deny")),
                JSONMember("egress", side(egress, flow, withWalk)),
                JSONMember("ingress", side(ingress, flow, withWalk)),
            ])
    }

    private func side(_ walk: DirectionWalk, _ flow: Flow, _ withWalk: Bool) -> JSONValue {
        var members = [
            JSONMember("verdict", .string(walk.verdict.isAllowed ? "allow" : "deny")),
            JSONMember("reason", .string(walk.verdict.reason.rawValue)),
        ]
        if let tier = walk.verdict.tier { members.append(JSONMember("tier", .string(tier))) }
        if let rule = walk.verdict.decidedBy { members.append(JSONMember("decidedBy", Self.value(of: rule))) }
        let isolating = walk.isolatedBy
        if !isolating.isEmpty {
            members.append(JSONMember("isolatedBy", .array(isolating.map { .string($0.qualifiedName) })))
        }
        let allowing = walk.allowedBy
        if !allowing.isEmpty {
            members.append(JSONMember("allowedBy", .array(allowing.map { .string($0.shortName) })))
        }
        if withWalk && !walk.tiers.isEmpty {
            let words = MissWords(cluster, flow)
            members.append(JSONMember("walk", .array(walk.tiers.map { value(of: $0, words) })))
        }
        return .object(members)
    }

    private static func value(of rule: RuleReference) -> JSONValue {
        var members = [JSONMember("kind", .string(rule.policy.kind))]
        if !rule.policy.namespace.isEmpty { members.append(JSONMember("namespace", .string(rule.policy.namespace))) }
        members += [JSONMember("name", .string(rule.policy.name)), JSONMember("path", .string(rule.path))]
        return .object(members)
    }

    private func value(of tier: TierStep, _ words: MissWords) -> JSONValue {
        let outcome: String =
            switch tier.outcome {
            case .decided(let action, _): action.rawValue
            case .defaulted(let action): "default \(action.rawValue)"
            case .noMatch: "no match"
            }
        return [
            "tier": .string(tier.tier), "outcome": .string(outcome),
            "policies": .array(
                tier.policies.map { policy in
                    [
                        "kind": .string(policy.policy.kind), "name": .string(policy.policy.qualifiedName),
                        "isolates": .bool(policy.isolates),
                        "rules": .array(policy.rules.map { value(of: $0, words) }),
                    ]
                }),
        ]
    }

    private func value(of step: RuleStep, _ words: MissWords) -> JSONValue {
        var members = [
            JSONMember("path", .string(step.rule.path)), JSONMember("action", .string(step.action.rawValue)),
            JSONMember("matches", .bool(step.matches)),
        ]
        if !step.matches {
            members.append(JSONMember("because", .array(words.sentences(step).map { .string($0.text) })))
        }
        return .object(members)
    }
}
