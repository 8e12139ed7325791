/// Tells what a message may mean: the set of causes it is a sign of, the likeliest first, and what would narrow it.
public enum LogReader {
    public struct Candidate: Sendable, Hashable {
        public var code: String
        public var confidence: Confidence
        /// Facts that would decide.
        public var needs: [String]
        /// Whether no rule knows a sign of it, and the message is only like others that had this cause.
        public var isByLikeness = false
    }

    /// - Parameter text: one message, or lines that belong together.
    public static func causes(of text: String) -> [Candidate] { causes(of: text, evenOfSubjects: true) }

    /// What the mechanisms say that a message names; nothing of one that is only about something.
    static func mechanisms(of text: String) -> [Candidate] { causes(of: text, evenOfSubjects: false) }

    /// Whether what somebody copied out of a terminal shows a cause as a whole, or one of its lines does.
    public static func shows(_ transcript: String) -> Bool {
        shown(by: transcript) != nil
            || transcript.split(whereSeparator: \.isNewline).contains { namesMechanism(String($0)) }
    }

    /// What commands and answers of a whole transcript say together, by the rules that are made for it: words of one message
    /// that stand in several answers are of no message.
    static func shown(by transcript: String) -> [Candidate]? {
        let text = LogText(transcript)
        guard let rule = LogRule.transcripts.first(where: { $0.pattern.matches(text) }) else { return nil }
        return rule.codes.enumerated().map { place, code in
            Candidate(
                code: code, confidence: place == 0 ? rule.confidence : .possible, needs: place == 0 ? rule.needs : [])
        }
    }

    /// Whether a line alone makes at least one cause likely.
    public static func namesMechanism(_ line: String) -> Bool {
        mechanisms(of: line).first.map { $0.confidence > .possible } ?? false
    }

    /// Whether a program complains, and not as it does every day.
    static func complains(_ text: String) -> Bool { LogRule.complaint.matches(LogText(text)) && !isUsual(text) }

    /// Whether somebody only tells that all is well.
    static func isGoodNews(_ account: LogAccount, _ text: LogText) -> Bool {
        account.isContent && (account.deniesTrouble || !LogRule.complaint.matches(text))
    }

    /// Whether a program says so every day, or calls it information itself.
    static func isUsual(_ text: String) -> Bool {
        let text = LogText(text)
        return LogRule.usual.matches(text) || LogRule.harmless.matches(text)
    }

    private static func causes(of text: String, evenOfSubjects: Bool) -> [Candidate] {
        let text = LogText(text)
        // A request that was answered well is no sign of anything, whatever its path is called.
        if text.isEmpty || text.has("http/1.1\" 2") || text.has("http/2.0\" 2") { return [] }
        var found: [Candidate] = []
        var isContent = false
        if evenOfSubjects, text.isSentence {
            let account = LogAccount(text.normal)
            isContent = isGoodNews(account, text)
            for rule in LogRule.remedies where rule.pattern.matches(text) { add(rule, to: &found) }
            for rule in account.rules { add(rule, to: &found) }
            for rule in LogRule.allTold where rule.pattern.matches(text) { add(rule, to: &found) }
        }
        // What somebody tells of ways and mechanisms stands before what single words are signs of.
        let isTold = !found.isEmpty
        let rules = evenOfSubjects && !isContent ? LogRule.all : LogRule.ofPrograms
        for rule in rules where rule.pattern.matches(text) {
            add(rule, to: &found, atMost: isTold ? .likely : .certain)
        }
        if isContent { return ordered(settled(found)) }
        // A mechanism that is only possible leaves open what else the message is about.
        if evenOfSubjects, !found.contains(where: { $0.confidence > .possible }) {
            let known = found.count
            for rule in LogRule.subjects where rule.pattern.matches(text) {
                add(rule, to: &found)
                if found.count >= known + mostOfSubjects { break }
            }
            if found.isEmpty, text.isSentence {
                for rule in LogRule.topics where found.isEmpty && rule.pattern.matches(text) { add(rule, to: &found) }
            }
            if found.isEmpty, LogRule.nameless.pattern.matches(text) { add(LogRule.nameless, to: &found) }
        }
        // What was tried in vain is not it.
        let vain = LogRule.triedInVain(text)
        if !vain.isEmpty {
            for place in found.indices where vain.contains(found[place].code) { found[place].confidence = .possible }
        }
        // What a program itself calls harmless, or writes for its developers alone, says little.
        if LogRule.harmless.matches(text) {
            for place in found.indices { found[place].confidence = .possible }
        }
        return ordered(settled(found))
    }

    /// A line that is about everything is about nothing.
    private static let mostOfSubjects = 6

    private static func add(_ rule: LogRule, to found: inout [Candidate], atMost most: Confidence = .certain) {
        for (place, code) in rule.codes.enumerated() {
            let confidence = place == 0 ? min(rule.confidence, most) : .possible
            if let known = found.firstIndex(where: { $0.code == code }) {
                found[known].confidence = max(found[known].confidence, confidence)
                continue
            }
            var needs = rule.needs
            if confidence < .certain, needs.isEmpty, let shows = Cause.coded(code)?.shows, !shows.isEmpty {
                needs = [shows]
            }
            found.append(Candidate(code: code, confidence: confidence, needs: needs))
        }
    }

    /// Two that are both certain cannot both be: the one that explains the other is the cause, and where neither does,
    /// neither is certain.
    private static func settled(_ found: [Candidate]) -> [Candidate] {
        let sure = found.filter { $0.confidence == .certain }
        if sure.count < 2 { return found }
        let graph = CauseGraph.standard
        let roots = sure.filter { one in !sure.contains { graph.explains($0.code, one.code) } }
        return found.map { candidate in
            var candidate = candidate
            if candidate.confidence == .certain,
                roots.count > 1 || !roots.contains(where: { $0.code == candidate.code })
            {
                candidate.confidence = .likely
            }
            return candidate
        }
    }

    /// That an agent does not run follows from what else its line names: it comes behind what explains it.
    private static func ordered(_ found: [Candidate]) -> [Candidate] {
        let graph = CauseGraph.standard
        func isExplained(_ one: Candidate) -> Bool {
            one.code == "INS-01" && one.confidence == .likely
                && found.contains { $0.confidence == one.confidence && graph.explains($0.code, one.code) }
        }
        return found.enumerated().map { (place: $0.offset, isLate: isExplained($0.element), one: $0.element) }
            .sorted { left, right in
                if left.one.confidence != right.one.confidence { return left.one.confidence > right.one.confidence }
                return left.isLate == right.isLate ? left.place < right.place : right.isLate
            }.map(\.one)
    }
}
