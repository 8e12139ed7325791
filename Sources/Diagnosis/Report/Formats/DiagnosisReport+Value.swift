import Findings
import JSONTree
import KubernetesModel

extension DiagnosisReport {
    /// Everything the screen shows, for programs.
    public var value: JSONValue {
        var members: [JSONMember] = [
            JSONMember("status", .string(status.rawValue)),
            JSONMember("headline", .string(headline)),
        ]
        if let now { members.append(JSONMember("collectedAt", .string("\(Timestamp(seconds: now))"))) }
        members += [
            JSONMember(
                "causes",
                .array(
                    entries.map { entry in
                        entry.root.value(explains: entry.explains)
                            .settingMember("consequences", to: .array(entry.consequences.map { $0.value() }))
                    })),
            JSONMember("symptoms", .int(Int64(symptoms.count))),
            JSONMember("unexplained", .array(unexplained.map(valueWithLastWords))),
            JSONMember("checks", .array(outcomes.filter { $0.state != .notApplicable }.map(\.value))),
        ]
        if let comparison {
            members.append(
                JSONMember(
                    "comparison",
                    [
                        "nodes": .array(comparison.ailing.map { .string($0) }),
                        "differences": .array(comparison.differences.map { .string($0) }),
                    ]))
        }
        if !changes.isEmpty { members.append(JSONMember("changes", .array(changes.map { .string($0) }))) }
        if !unserved.isEmpty { members.append(JSONMember("unserved", .array(unserved.map { .string($0) }))) }
        if let collection { members.append(JSONMember("collection", collection.value)) }
        if !open.isEmpty {
            let questions: [JSONValue] = open.map {
                ["what": .string($0.text), "subject": .string($0.subject.rawValue), "command": .string($0.command)]
            }
            members.append(JSONMember("open", .array(questions)))
        }
        if !probes.isEmpty { members.append(JSONMember("probes", .array(probes.map(\.value)))) }
        if !unsentProbes.isEmpty {
            members.append(JSONMember("probesNotSent", .array(unsentProbes.map { .string($0) })))
        }
        if !executed.isEmpty { members.append(JSONMember("executed", .array(executed.map { .string($0.text) }))) }
        if !refused.isEmpty { members.append(JSONMember("refused", .array(refused.map { .string($0) }))) }
        if let denied { members.append(JSONMember("denied", denied.value)) }
        if !limits.isEmpty { members.append(JSONMember("limits", .array(limits.map { .string($0) }))) }
        if !notes.isEmpty { members.append(JSONMember("notes", .array(notes.map { .string($0) }))) }
        if !problems.isEmpty { members.append(JSONMember("problems", .array(problems.map(\.value)))) }
        return .object(members)
    }

    private func valueWithLastWords(_ symptom: Symptom) -> JSONValue {
        lastWords[symptom.id].map { symptom.value.settingMember("said", to: $0.value) } ?? symptom.value
    }

    /// The first sentences of the screen, on one line.
    public var headline: String { Headline(self).lines.joined(separator: " ") }
}

extension Diagnosis {
    /// - Parameter explains: symptoms of what follows from it as well.
    func value(explains all: Set<String>? = nil) -> JSONValue {
        func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        var members: [JSONMember] = [
            JSONMember("code", .string(code)), JSONMember("title", .string(title)),
            JSONMember("confidence", .string(confidence.rawValue)), JSONMember("where", texts(places)),
            JSONMember("evidence", .array(evidence.map(\.value))), JSONMember("because", texts(because)),
            JSONMember("explains", texts((all ?? explains).sorted())),
        ]
        if let fix {
            var parts = [JSONMember("steps", texts(fix.steps))]
            if !fix.undo.isEmpty { parts.append(JSONMember("undo", .string(fix.undo))) }
            if !fix.risk.isEmpty { parts.append(JSONMember("risk", .string(fix.risk))) }
            if let seconds = fix.seconds { parts.append(JSONMember("seconds", .int(Int64(seconds)))) }
            members.append(JSONMember("fix", .object(parts)))
        }
        if !prevent.isEmpty { members.append(JSONMember("prevent", .string(prevent))) }
        members += [JSONMember("deadEnds", texts(deadEnds)), JSONMember("needs", texts(needs))]
        if !possibilities.isEmpty {
            let possible: [JSONValue] = possibilities.map {
                ["code": .string($0.code), "ruledOut": .bool($0.isRuledOut), "needs": texts($0.needs)]
            }
            members.append(JSONMember("possibilities", .array(possible)))
        }
        return .object(members)
    }
}

extension Diagnosis.Evidence {
    var value: JSONValue {
        var members = [JSONMember("text", .string(text)), JSONMember("source", .string(source.place))]
        if !source.command.isEmpty { members.append(JSONMember("command", .string(source.command))) }
        if let span {
            members.append(JSONMember("span", [.int(Int64(span.lowerBound)), .int(Int64(span.upperBound))]))
        }
        if let age = source.age { members.append(JSONMember("ageSeconds", .int(Int64(age)))) }
        return .object(members)
    }
}

extension Symptom {
    public var value: JSONValue {
        var members = [JSONMember("id", .string(id)), JSONMember("text", .string(text))]
        if !node.isEmpty { members.append(JSONMember("node", .string(node))) }
        if let since { members.append(JSONMember("since", .string("\(Timestamp(seconds: since))"))) }
        return .object(members)
    }
}

extension CheckOutcome {
    var value: JSONValue {
        var members = [
            JSONMember("name", .string(name)), JSONMember("codes", .array(codes.map { .string($0) })),
        ]
        switch state {
        case .ran(let findings):
            members += [JSONMember("state", "ran"), JSONMember("findings", .int(Int64(findings)))]
        case .notChecked(let reason):
            members += [JSONMember("state", "notChecked"), JSONMember("because", .string(reason))]
        case .notApplicable:
            members.append(JSONMember("state", "notApplicable"))
        }
        return .object(members)
    }
}
