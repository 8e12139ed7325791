/// How sure a finding is. There are three words and no percentages.
public enum Confidence: String, Sendable, Hashable, Comparable, CaseIterable {
    /// One of several explanations of what was seen.
    case possible
    /// The usual explanation; the probe that would settle it is named.
    case likely
    /// What was seen has no other explanation.
    case certain

    public static func < (left: Confidence, right: Confidence) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .possible: 0
        case .likely: 1
        case .certain: 2
        }
    }
}

/// One cause that was found. Screen, JSON and tests are made from it alone.
public struct Diagnosis: Sendable, Hashable {
    /// A quotation with its origin.
    public struct Evidence: Sendable, Hashable {
        public var text: String
        public var source: FactSource
        /// The part that matters, in characters of `text`; nil for all of it.
        public var span: Range<Int>?

        public init(_ text: String, from source: FactSource, span: Range<Int>? = nil) {
            self.text = text
            self.source = source
            self.span = span
        }
    }

    /// What to type, what it costs, and how to take it back.
    public struct Fix: Sendable, Hashable {
        public var steps: [String]
        public var undo: String
        public var risk: String
        /// How long it takes, in seconds; nil when nobody can say.
        public var seconds: Int?

        public init(_ steps: [String], undo: String = "", risk: String = "", seconds: Int? = nil) {
            self.steps = steps
            self.undo = undo
            self.risk = risk
            self.seconds = seconds
        }
    }

    /// One of the causes that what was seen may be a sign of.
    public struct Possibility: Sendable, Hashable {
        public var code: String
        /// Looked for with everything it needs, and not there.
        public var isRuledOut: Bool
        /// Facts that would decide.
        public var needs: [String]

        public init(_ code: String, isRuledOut: Bool = false, needs: [String] = []) {
            self.code = code
            self.isRuledOut = isRuledOut
            self.needs = needs
        }
    }

    /// Of the catalogue; it never changes its meaning.
    public var code: String
    public var title: String
    public var confidence: Confidence
    /// Objects, files and nodes.
    public var places: [String]
    public var evidence: [Evidence]
    public var because: [String]
    /// Symptoms this explains, by their names in the facts.
    public var explains: Set<String>
    public var fix: Fix?
    public var prevent: String
    /// Popular remedies that do not help, and why.
    public var deadEnds: [String]
    /// Facts that would make it surer.
    public var needs: [String]
    /// Where a message alone says it: everything it may mean, this one first. Empty where something was computed.
    public var possibilities: [Possibility] = []

    public init(
        _ code: String, _ title: String, _ confidence: Confidence, at places: [String] = [],
        evidence: [Evidence] = [], because: [String] = [], explains: Set<String> = [], fix: Fix? = nil,
        prevent: String = "", deadEnds: [String] = [], needs: [String] = []
    ) {
        self.code = code
        self.title = title
        self.confidence = confidence
        self.places = places
        self.evidence = evidence
        self.because = because
        self.explains = explains
        self.fix = fix
        self.prevent = prevent
        self.deadEnds = deadEnds
        self.needs = needs
    }

    /// A finding of a cause of the catalogue, with the catalogue's title, fix and dead ends.
    public init(
        _ cause: Cause, _ confidence: Confidence, at places: [String] = [], evidence: [Evidence] = [],
        because: [String] = [], explains: Set<String> = []
    ) {
        self.init(
            cause.code, cause.title, confidence, at: places, evidence: evidence,
            because: because.isEmpty ? [cause.mechanism] : because, explains: explains,
            fix: cause.fix.isEmpty ? nil : Fix([cause.fix]), deadEnds: cause.not.isEmpty ? [] : [cause.not],
            needs: confidence == .certain || cause.shows.isEmpty ? [] : [cause.shows])
    }
}
