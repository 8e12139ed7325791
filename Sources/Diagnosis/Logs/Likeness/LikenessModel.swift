/// Which causes a text is like: the words and parts of words that it shares with messages whose cause somebody found,
/// and with what the catalogue says of each cause. Rare words weigh more than common ones (TF-IDF); a cause is as near as
/// the middle of all its examples and half of its nearest one.
///
/// It decides nothing. It has no idea of "not", of who did what to whom, or of an errno, so whoever asks it may say no
/// more than "possible", and only where the rules know nothing sure. Everything is a pure function of the examples; the
/// index is built when somebody asks for the first time.
struct LikenessModel: Sendable {
    struct Example: Sendable, Hashable {
        /// The cause, and others that the message may have as well; none for what is no sign of any.
        var codes: [String]
        var words: [String]
    }

    struct Ranking: Sendable {
        struct Place: Sendable {
            var code: String
            /// 0 for nothing in common, up to 1.5 for a known message.
            var score: Float
        }
        /// The nearest first.
        var places: [Place]
        /// How near it is to texts that are no sign of a cause.
        var otherwise: Float
    }

    private let codes: [String]
    private let features: LikenessFeatures
    private let messages: LikenessPostings
    private let middles: LikenessPostings
    /// Of each message, the causes it is an example of and how much.
    private let owners: [[(cause: Int, share: Float)]]
    private static let none = "none"
    /// How much a cause that a message may have as well counts beside the one it had.
    private static let shareOfOthers: Float = 0.3
    private static let shareOfNearest: Float = 0.5
    /// From here on two texts are one.
    private static let same: Float = 0.9

    init(_ examples: [Example]) {
        var codes: [String] = []
        var places: [String: Int] = [:]
        func place(_ code: String) -> Int {
            if let known = places[code] { return known }
            places[code] = codes.count
            codes.append(code)
            return codes.count - 1
        }
        let owners = examples.map { example -> [(cause: Int, share: Float)] in
            if example.codes.isEmpty { return [(place(Self.none), 1)] }
            return example.codes.enumerated().map {
                (place($0.element), $0.offset == 0 ? 1 : Self.shareOfOthers)
            }
        }
        let features = LikenessFeatures(examples.map(\.words))
        let vectors = features.vectors
        var middles = [LikenessVector](repeating: LikenessVector(), count: codes.count)
        var ofCause = [[(vector: Int, share: Float)]](repeating: [], count: codes.count)
        for (index, owner) in owners.enumerated() {
            for (cause, share) in owner { ofCause[cause].append((index, share)) }
        }
        var sum = [Float](repeating: 0, count: features.count)
        for (cause, parts) in ofCause.enumerated() {
            middles[cause] = LikenessVector.middle(of: parts.map { (vectors[$0.vector], $0.share) }, in: &sum)
        }
        self.codes = codes
        self.owners = owners
        self.messages = LikenessPostings(vectors, features: features.count)
        self.middles = LikenessPostings(middles, features: features.count)
        self.features = features
    }

    func ranking(of words: [String]) -> Ranking {
        let vector = features.vector(of: words)
        var scores = middles.products(with: vector)
        var nearest = [Float](repeating: 0, count: codes.count)
        for (message, product) in messages.products(with: vector).enumerated() where product > 0 {
            for (cause, share) in owners[message] { nearest[cause] = max(nearest[cause], product * share) }
        }
        for cause in codes.indices { scores[cause] += Self.shareOfNearest * nearest[cause] }
        var otherwise: Float = 0
        var places: [Ranking.Place] = []
        for (cause, score) in scores.enumerated() where score > 0 {
            if codes[cause] == Self.none {
                // Good days have no middle: a line that is known to be of one is of one.
                otherwise = nearest[cause] > Self.same ? .infinity : score
            } else {
                places.append(Ranking.Place(code: codes[cause], score: score))
            }
        }
        places.sort { $0.score == $1.score ? $0.code < $1.code : $0.score > $1.score }
        return Ranking(places: places, otherwise: otherwise)
    }

    // MARK: What it is made of

    /// Of the messages whose cause is known, and the catalogue's own words.
    static let standard = LikenessModel(known + catalogue)

    private static var known: [Example] {
        LikenessExamples.lines.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            let halves = line.split(separator: UInt8(ascii: "|"), maxSplits: 1, omittingEmptySubsequences: false)
            func words(_ half: Substring.UTF8View) -> [String] {
                half.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            }
            return Example(codes: words(halves[0]), words: halves.count > 1 ? words(halves[1]) : [])
        }
    }

    /// What each cause says of itself, and its title alone; but what only `poplin policy lint` advises on, which is no
    /// fault that anybody asks about.
    static var catalogue: [Example] {
        let known = Set((LogRule.all + LogRule.subjects + LogRule.topics).flatMap(\.codes))
        return Cause.all.filter { $0.layer != .policy || known.contains($0.code) }.flatMap { cause in
            [cause.title, "\(cause.title) \(cause.mechanism) \(cause.shows)"].map {
                Example(codes: [cause.code], words: LikenessWords(LogText($0)).words)
            }
        }
    }
}
