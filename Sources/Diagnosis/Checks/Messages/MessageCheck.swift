/// What messages say where no check could compute it. Stage one: the set of causes a message is a sign of. Stage two:
/// what other checks found explains it, and what they looked for and did not find is ruled out.
struct MessageCheck: LateCheck {
    let name = "messages"
    var codes: [String] { [] }
    var needs: [FactName] { [] }

    func applies(to facts: FactBase) -> Bool {
        !facts.evidence.documents(under: EvidencePath.looseLogs).isEmpty || !facts.symptoms.isEmpty
            || !MessageSource.spoken(facts).isEmpty || !MessageSource.ofEventsAlone(facts).isEmpty
            || !facts.evidence.documents(under: EvidencePath.transcripts).isEmpty
    }

    /// Messages that mean the same set of causes.
    private struct Sign {
        var candidates: [LogReader.Candidate]
        var messages: [FoundMessage]
        var count: Int
    }

    func findings(_ facts: FactBase, after earlier: EarlierFindings) -> [Diagnosis] {
        let unexplained = facts.symptoms.filter { !earlier.explained.contains($0.id) }
        let messages = MessageSource.messages(facts, unexplained: unexplained)
        var signs = signs(messages, LogReader.mechanisms)
        // Where no message names a mechanism, what somebody asks about is at least about something.
        if signs.isEmpty { signs = self.signs(messages.filter { $0.isAsked && !$0.isOfLog }, LogReader.causes) }
        // What a line leaves open the whole may decide.
        if earlier.found.isEmpty, signs.allSatisfy({ $0.candidates[0].confidence < .certain }) {
            let whole = shown(facts)
            let codes = Set(whole.flatMap(\.candidates).map(\.code))
            if signs.allSatisfy({
                $0.candidates[0].confidence == .possible || codes.contains($0.candidates[0].code)
            }), !whole.isEmpty {
                signs = whole
            }
        }
        var findings: [Diagnosis] = []
        for sign in signs {
            guard !Self.isOverruled(sign, facts, earlier), let finding = diagnosis(sign, earlier) else { continue }
            if let known = findings.firstIndex(where: { $0.code == finding.code }) {
                findings[known] = Self.merged(findings[known], finding)
            } else {
                findings.append(finding)
            }
        }
        return findings
    }

    /// What commands and their answers show only together, where neither an answer nor a line of them alone showed anything.
    private func shown(_ facts: FactBase) -> [Sign] {
        facts.evidence.documents(under: EvidencePath.transcripts).compactMap { _, document in
            guard document.bytes.count <= Self.longest else { return nil }
            // A line that leaves nothing open says it wherever it stands.
            for line in document.lines.map(String.init) where LogReader.complains(line) {
                let candidates = LogReader.mechanisms(of: line)
                guard let first = candidates.first, first.confidence == .certain, !first.isByLikeness else { continue }
                return Sign(
                    candidates: candidates, messages: [.init(text: line, source: document.source, isAsked: true)],
                    count: 1)
            }
            guard let candidates = LogReader.shown(by: document.text) else { return nil }
            let telling = document.lines.map(String.init).first { line in
                LogReader.mechanisms(of: line).contains { $0.code == candidates[0].code }
            }
            let message = FoundMessage(
                text: telling ?? document.lines.first.map(String.init) ?? "", source: document.source, isAsked: true)
            return Sign(candidates: candidates, messages: [message], count: 1)
        }
    }

    /// Bytes of what a person copies at most.
    private static let longest = 32_768

    private func signs(_ messages: [FoundMessage], _ reading: (String) -> [LogReader.Candidate]) -> [Sign] {
        var signs: [Sign] = []
        for message in messages {
            let candidates = reading(message.text)
            if candidates.isEmpty { continue }
            if let known = signs.firstIndex(where: { $0.candidates.map(\.code) == candidates.map(\.code) }) {
                signs[known].count += 1
                // One quotation of each source is enough; all symptoms count.
                if signs[known].messages.count < 50 { signs[known].messages.append(message) }
            } else {
                signs.append(Sign(candidates: candidates, messages: [message], count: 1))
            }
        }
        return signs
    }

    /// That nobody does a thing no single program can say: an agent that enforces no policy knows nothing of another that
    /// does, and its line outlives the policy. Where the policies were looked at, they decide.
    private static func isOverruled(_ sign: Sign, _ facts: FactBase, _ earlier: EarlierFindings) -> Bool {
        let code = "POL-07"
        guard sign.candidates[0].code == code, !sign.messages.contains(where: \.isAsked) else { return false }
        return earlier.ruledOut.contains(code)
            || facts.has(.objects("networkpolicies.networking.k8s.io")) && !PolicyFacts.hasPolicies(facts)
    }

    private func diagnosis(_ sign: Sign, _ earlier: EarlierFindings) -> Diagnosis? {
        let codes = sign.candidates.map(\.code)
        // Another check has computed what this is a sign of.
        if codes.contains(where: earlier.found.contains) { return nil }
        let isDecided = sign.candidates[0].confidence == .certain
        let ruledOut = isDecided ? [] : codes.filter(earlier.ruledOut.contains)
        let left = sign.candidates.filter { !ruledOut.contains($0.code) }
        guard let first = left.first ?? sign.candidates.first, let cause = Cause.coded(first.code) else { return nil }
        // Old lines stay in logs: only what somebody asks about, or what was said about a pod that waits, is decided
        // by the line alone.
        // And in a cluster the line may be of a consequence whose cause writes nothing.
        let isAsked = sign.messages.contains(where: \.isAsked)
        let isCurrent = isAsked || sign.messages.contains { $0.source.place.hasPrefix("Event/") }
        var confidence = left.isEmpty ? Confidence.possible : first.confidence
        if !isCurrent || (!isAsked && CauseGraph.standard.isConsequence(first.code)) {
            confidence = min(confidence, .likely)
        }
        var because = [cause.mechanism]
        if codes.count > 1 {
            because.insert("this line alone means \(codes.joined(separator: ", "))", at: 0)
        }
        if !ruledOut.isEmpty, !left.isEmpty {
            because.append("ruled out by what was looked at: \(ruledOut.joined(separator: ", "))")
        }
        var finding = Diagnosis(
            cause, confidence, at: places(sign), evidence: evidence(sign), because: because,
            explains: sign.messages.reduce(into: Set<String>()) { $0.formUnion($1.symptoms) })
        if codes.count > 1 {
            finding.possibilities = sign.candidates.map {
                .init($0.code, isRuledOut: ruledOut.contains($0.code) && !left.isEmpty, needs: $0.needs)
            }
        }
        if confidence < .certain {
            let needs =
                first.needs
                + left.dropFirst().prefix(2).flatMap { other in
                    other.needs.prefix(1).map { "\(other.code): \($0)" }
                }
            // Where the rules name nothing, the catalogue does.
            if !needs.isEmpty { finding.needs = needs }
        }
        return finding
    }

    private func places(_ sign: Sign) -> [String] {
        Set(sign.messages.map(\.node)).subtracting([""]).sorted().map { "Node/\($0)" }
    }

    private func evidence(_ sign: Sign) -> [Diagnosis.Evidence] {
        var seen: Set<String> = []
        let quoted = sign.messages.filter { seen.insert($0.source.place).inserted }.prefix(2)
        return quoted.map { message in
            let times = sign.count > 1 && quoted.count == 1 ? " (\(sign.count) times)" : ""
            var source = message.source
            source.place += times
            return Diagnosis.Evidence(message.text, from: source)
        }
    }

    private static func merged(_ one: Diagnosis, _ other: Diagnosis) -> Diagnosis {
        var merged = one.confidence >= other.confidence ? one : other
        merged.explains = one.explains.union(other.explains)
        merged.places = Array(Set(one.places + other.places)).sorted()
        return merged
    }
}
