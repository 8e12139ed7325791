import Findings
import JSONTree
import Policy
import YAMLTree

/// The answer word, both sides, near misses, and the smallest change with what else it does.
struct ExplanationScreen {
    let explanation: Explanation
    let cluster: Cluster
    let policies: PolicySet
    let remarks: [String]
    let isVerbose: Bool

    private static let rulesShown = 6
    private static let pairsShown = 8

    func rendered(_ paint: Paint) throws(CommandFailure) -> String {
        var lines = [headline(paint)]
        lines += remarks.map { paint.faint("  \($0)") }
        lines.append("")
        for direction in [Direction.egress, .ingress] { lines += side(explanation[direction], paint) }
        let remedies = isVerbose ? explanation.remedies : Array(explanation.remedies.prefix(1))
        for remedy in remedies { lines += try self.remedy(remedy, paint) }
        if explanation.remedies.isEmpty, !explanation.verdict.isAllowed {
            lines += [
                "", "\(paint.bold("fix"))      no single edit turns it; the rules above say what stands in the way",
            ]
        } else if remedies.count < explanation.remedies.count {
            lines += ["", paint.faint("\(explanation.remedies.count - remedies.count) other ways: -v")]
        }
        return lines.joined(separator: "\n")
    }

    /// `TCP 8443`, `ICMP`.
    private var traffic: String {
        let flow = explanation.flow
        return flow.transport.hasPorts ? "\(flow.transport) \(flow.port)" : "\(flow.transport)"
    }

    private func headline(_ paint: Paint) -> String {
        let flow = explanation.flow
        let pair = "\(flow.source) -> \(flow.destination) \(traffic)"
        if explanation.verdict.isAllowed { return "\(paint.green("ALLOWED"))  \(paint.bold(pair))" }
        let sides = Direction.allCases.filter { !explanation.verdict[$0].isAllowed }
        return "\(paint.red("DENIED"))  \(paint.bold(pair)), by \(sides.map(\.rawValue).joined(separator: " and "))"
    }

    private func side(_ walk: DirectionWalk, _ paint: Paint) -> [String] {
        let mark = walk.verdict.isAllowed ? paint.green("✓") : paint.red("×")
        let title = walk.direction.rawValue.padded(to: 8)
        var lines = ["\(title) \(mark) \(reason(walk))"]
        if walk.verdict.isAllowed, !isVerbose { return lines }
        for tier in walk.tiers {
            for policy in tier.policies { lines += self.policy(policy, walk.direction, paint) }
        }
        return lines
    }

    private func reason(_ walk: DirectionWalk) -> String {
        let subject = explanation.flow.subject(walk.direction)
        switch walk.verdict.reason {
        case .notAPolicyPod: return "\(subject) is no pod that policies apply to"
        case .loopback: return "a pod always reaches itself"
        case .ownNode: return "a pod and its own node always reach each other"
        case .notIsolated:
            return walk.tiers.isEmpty ? "no policy selects \(subject)" : "no policy that selects \(subject) closes it"
        case .rule: return "allowed by \(walk.verdict.decidedBy.map { "\($0)" } ?? "a rule")"
        case .deniedByRule: return "denied by \(walk.verdict.decidedBy.map { "\($0)" } ?? "a rule")"
        case .noRule:
            let policies = walk.isolatedBy.map(\.description)
            let rules = walk.tiers.last?.policies.reduce(0) { $0 + $1.rules.count } ?? 0
            return
                "\(policies.joined(separator: ", ")) \(policies.count == 1 ? "selects" : "select") \(subject), and none of "
                + "\(rules) rule\(rules == 1 ? "" : "s") matches"
        }
    }

    private func policy(_ step: PolicyStep, _ direction: Direction, _ paint: Paint) -> [String] {
        var lines = ["  \(paint.bold("\(step.policy)"))"]
        if step.rules.isEmpty { lines.append("    has no \(direction.rawValue) rule") }
        let words = MissWords(cluster, explanation.flow)
        // The nearest first: those of which only one part failed.
        let rules = step.rules.enumerated().sorted { left, right in
            let misses = (left.element.miss?.failedParts ?? 0, right.element.miss?.failedParts ?? 0)
            return misses.0 == misses.1 ? left.offset < right.offset : misses.0 < misses.1
        }.map(\.element)
        for rule in isVerbose ? rules : Array(rules.prefix(Self.rulesShown)) {
            let sentences = words.sentences(rule)
            if sentences.isEmpty {
                lines.append("    \(rule.rule.path)  \(rule.action.verb) it")
                continue
            }
            lines.append("    \(rule.rule.path)  \(sentences[0].text)")
            lines += sentences.dropFirst().map {
                "    \(String(repeating: " ", count: rule.rule.path.count))  \($0.text)"
            }
            // The line in the file, for the nearest only.
            if rule.rule == rules.first?.rule, let file = policies.policies[step.policy]?.source.file,
                let node = sentences[0].place.node
            {
                lines += Finding.Place(file: file, node: node).lines.map { "      \($0)" }
            }
        }
        if !isVerbose, rules.count > Self.rulesShown {
            lines.append("    and \(rules.count - Self.rulesShown) more rules (-v)")
        }
        return lines
    }

    private func remedy(_ remedy: Explanation.Remedy, _ paint: Paint) throws(CommandFailure) -> [String] {
        var lines = [""]
        for (index, edit) in remedy.edits.enumerated() {
            let title = index == 0 ? (explanation.verdict.isAllowed ? "close" : "fix") : "and"
            lines.append("\(paint.bold(title.padded(to: 8))) \(edit.instruction)")
            if let snippet = edit.snippet { lines += try Self.yaml(snippet).map { "           \($0)" } }
        }
        guard let difference = remedy.difference else { return lines }
        let gained = difference.entries.filter { !$0.gained.isEmpty }
        let lost = difference.entries.filter { !$0.lost.isEmpty }
        if difference.isEmpty { lines.append("         nothing changes between classes of pods") }
        lines += pairs(gained, "would newly allow exactly:") { "\($0.gained)" }
        lines += pairs(lost, "would newly refuse exactly:") { "\($0.lost)" }
        return lines
    }

    private func pairs(
        _ entries: [ReachDifference.Entry], _ title: String, _ traffic: (ReachDifference.Entry) -> String
    ) -> [String] {
        if entries.isEmpty { return [] }
        var lines = ["         \(title)"]
        for entry in entries.prefix(Self.pairsShown) {
            lines.append(
                "           \(entry.source.name) -> \(entry.destination.name)  \(traffic(entry))\(Self.counts(entry))")
        }
        if entries.count > Self.pairsShown {
            lines.append("           and \(entries.count - Self.pairsShown) more pairs")
        }
        return lines
    }

    private static func counts(_ entry: ReachDifference.Entry) -> String {
        let ends = [entry.source, entry.destination].filter { $0.isPods && $0.members.count > 1 }
        if ends.isEmpty { return "" }
        return
            "   (\(entry.source.isPods ? "\(entry.source.members.count)" : "1") to \(entry.destination.isPods ? "\(entry.destination.members.count)" : "1") pods)"
    }

    static func yaml(_ value: JSONValue) throws(CommandFailure) -> [String] {
        do throws(YAMLWriter.Failure) {
            return try YAMLWriter.text(value).split(separator: "\n").map(String.init)
        } catch {
            throw CommandFailure(.internalError, Finding(code: "internal", "\(error)"))
        }
    }

    // MARK: For programs

    var value: JSONValue {
        let words = MissWords(cluster, explanation.flow)
        return [
            "flow": explanation.flow.value, "verdict": .string(explanation.verdict.isAllowed ? "allow" : "deny"),
            "remarks": .array(remarks.map { .string($0) }),
            "egress": value(explanation.egress, words), "ingress": value(explanation.ingress, words),
            "remedies": .array(explanation.remedies.map(Self.value)),
        ]
    }

    private func value(_ walk: DirectionWalk, _ words: MissWords) -> JSONValue {
        [
            "verdict": .string(walk.verdict.isAllowed ? "allow" : "deny"),
            "reason": .string(walk.verdict.reason.rawValue),
            "decidedBy": walk.verdict.decidedBy.map { .string("\($0)") } ?? .null,
            "isolatedBy": .array(walk.isolatedBy.map { .string("\($0)") }),
            "policies": .array(
                walk.tiers.flatMap { tier in
                    tier.policies.map { policy in
                        [
                            "policy": .string("\(policy.policy)"), "tier": .string(tier.tier),
                            "isolates": .bool(policy.isolates),
                            "rules": .array(
                                policy.rules.map { rule in
                                    [
                                        "path": .string(rule.rule.path), "action": .string(rule.action.rawValue),
                                        "matches": .bool(rule.matches),
                                        "misses": .array(words.sentences(rule).map { .string($0.text) }),
                                    ]
                                }),
                        ]
                    }
                }),
        ]
    }

    private static func value(_ remedy: Explanation.Remedy) -> JSONValue {
        [
            "edits": .array(
                remedy.edits.map { ["instruction": .string($0.instruction), "snippet": $0.snippet ?? .null] }),
            "changes": .array((remedy.difference?.entries ?? []).map(\.value)),
        ]
    }
}

extension ReachDifference.Entry {
    /// For programs.
    var value: JSONValue {
        [
            "source": source.value, "destination": destination.value,
            "families": .array(families.map { .string("\($0)") }), "gained": .string("\(gained)"),
            "lost": .string("\(lost)"),
        ]
    }
}

extension ReachClass {
    var value: JSONValue {
        [
            "name": .string(name), "namespace": namespace.map { .string($0) } ?? .null,
            "labels": .object(labels.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) }),
            "members": .array(members.map { .string($0) }),
        ]
    }
}

extension String {
    /// With blanks up to `width`.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
