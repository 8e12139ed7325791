extension LogReader {
    /// What a message that somebody asks about may mean: what the rules know, and where they know no mechanism, but only
    /// what it is about or nothing, what known messages it is like.
    ///
    /// Likeness is asked only for messages that are asked about by themselves. Whoever reads whole logs asks
    /// ``causes(of:)``: a line that no rule knows is seldom a fault there.
    public static func answer(to text: String) -> [Candidate] { answer(to: text, by: LikenessModel.standard) }

    static func answer(to text: String, by model: @autoclosure () -> LikenessModel) -> [Candidate] {
        let known = causes(of: text)
        if let first = known.first, first.confidence == .certain { return known }
        let isAboutOnly = known.first?.confidence != .likely && mechanisms(of: text).isEmpty
        let text = LogText(text)
        if text.normal.utf8.count > longest || LogRule.harmless.matches(text) { return known }
        // A line that a program wrote and no rule knows is, as a rule, of a good day; what a person asks is not.
        if known.isEmpty {
            if !text.isSentence || LogRule.usual.matches(text) { return known }
            if isGoodNews(LogAccount(text.normal), text) { return known }
            // A command and its answer, in which nothing fails.
            if text.normal.hasPrefix("$ ") || text.normal.hasPrefix("# "), !LogRule.fails.matches(text) { return known }
            if namesAProgramFirst(text) || isShort(text), !LogRule.fails.matches(text) { return known }
        }
        let words = LikenessWords(text).words
        let ranking = model().ranking(of: words)
        guard let nearest = ranking.places.first, nearest.score > ranking.otherwise else { return known }
        if known.isEmpty, !isEnough(nearest.score, for: words) { return known }
        let near = ranking.places.prefix(mostByLikeness)
        // Where the rules know only what a text is about, both orders count alike.
        let ordered = isAboutOnly ? merged(known, near.map(\.code)) : known
        let beside = near.filter { $0.score >= scoreBeside && $0.score > ranking.otherwise }.map(\.code)
        return woven(ordered, beside, cutsRules: text.isSentence)
    }

    /// How near a text must be when no rule speaks for a fault of the network: the more of its words are the field's, the
    /// less.
    private static func isEnough(_ score: Float, for words: [String]) -> Bool {
        switch words.count(where: LikenessVocabulary.field.contains) {
        case 0: false
        case 1: score >= 0.25
        default: score >= 0.2
        }
    }

    /// `bird: `, `kubelet[71]: ` as the first word.
    private static func namesAProgramFirst(_ text: LogText) -> Bool {
        text.normal.prefix { $0 != " " }.last == ":"
    }

    /// As "Ensured load balancer" is: too few words to be sure that somebody complains.
    private static func isShort(_ text: LogText) -> Bool { text.tokens.count < 4 }

    /// Bytes of one message that likeness is asked for.
    private static let longest = 4_096
    private static let mostByLikeness = 5
    /// How near known messages must be that are named beside what a rule holds likely.
    private static let scoreBeside: Float = 0.25
    /// So many of an answer's causes stand where the rules put them, before what the text is like.
    private static let mostOfRules = 5
    /// More than that nobody goes through.
    private static let mostTogether = 7

    private static func candidate(_ code: String) -> Candidate {
        let shows = Cause.coded(code)?.shows ?? ""
        return Candidate(code: code, confidence: .possible, needs: shows.isEmpty ? [] : [shows], isByLikeness: true)
    }

    /// What both say comes first. A place counts by its rank alone, because rules have no scores.
    private static func merged(_ known: [Candidate], _ like: [String]) -> [Candidate] {
        var found = known
        for code in like where !found.contains(where: { $0.code == code }) {
            found.append(candidate(code))
        }
        func weight(_ code: String) -> Double {
            let ofRules = known.firstIndex { $0.code == code }.map { 1 / Double(2 + $0) } ?? 0
            let ofLikeness = like.firstIndex(of: code).map { 1.2 / Double(2 + $0) } ?? 0
            return ofRules + ofLikeness
        }
        let ordered = found.enumerated().sorted { left, right in
            let (first, second) = (weight(left.element.code), weight(right.element.code))
            return first == second ? left.offset < right.offset : first > second
        }
        return ordered.map(\.element)
    }

    /// The rules' first, then what the text is like, then what else the rules leave open. Behind the fifth a rule's list is
    /// what its kind of failure may be in general, and what the text is like is true more often.
    ///
    /// - Parameter cutsRules: of what a person says; what a program writes may mean all that its rules say.
    private static func woven(_ known: [Candidate], _ like: [String], cutsRules: Bool) -> [Candidate] {
        let first = max(mostOfRules, known.count { $0.confidence > .possible })
        var found = Array(known.prefix(first))
        for code in like where !found.contains(where: { $0.code == code }) {
            found.append(known.first { $0.code == code } ?? candidate(code))
        }
        for one in known where !found.contains(where: { $0.code == one.code }) { found.append(one) }
        let most = max(mostTogether, first)
        return Array(found.prefix(most)) + found.dropFirst(most).filter { !cutsRules && !$0.isByLikeness }
    }
}
