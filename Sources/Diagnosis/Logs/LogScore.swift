import JSONTree

/// How well messages are understood: labelled cases against what the reader says of them.
public struct LogScore: Sendable {
    /// A failure that somebody solved.
    public struct Case: Sendable {
        public var name: String
        public var lines: [String]
        /// Codes that are right; the first is the cause that was found in the end.
        public var accept: [String]
        /// Whether the lines alone settle it.
        public var decides: Bool

        /// `{"id", "lines": [], "cause", "accept": [], "line_alone_decides"}`; nil for what has no lines.
        public init?(_ node: JSONNode) {
            guard let cause = node.member("cause")?.string, let lines = node.member("lines"), lines.count > 0 else {
                return nil
            }
            name = node.member("id")?.string ?? ""
            self.lines = lines.elements.compactMap(\.string)
            let others = node.member("accept")?.elements.compactMap(\.string) ?? []
            accept = [cause] + others.filter { $0 != cause }
            decides = node.member("line_alone_decides")?.bool ?? false
        }
    }

    public struct Miss: Sendable {
        public var name: String
        public var wanted: [String]
        public var said: [String]
    }

    public private(set) var cases = 0
    /// The set of causes contains the true one.
    public private(set) var contained = 0
    public private(set) var deciding = 0
    /// The first is right, of those that decide.
    public private(set) var first = 0
    /// Certain of something else.
    public private(set) var confidentlyWrong = 0
    public private(set) var misses: [Miss] = []

    /// - Parameter answer: who is asked; the rules alone when nobody is named.
    public init(_ cases: [Case], answer: (String) -> [LogReader.Candidate] = LogReader.causes(of:)) {
        for one in cases { judge(one, answer(one.lines.joined(separator: "\n"))) }
    }

    private mutating func judge(_ one: Case, _ said: [LogReader.Candidate]) {
        cases += 1
        let isContained = said.contains { $0.code == one.accept[0] }
        let isFirst = said.first.map { one.accept.contains($0.code) } ?? false
        if isContained { contained += 1 }
        if one.decides {
            deciding += 1
            if isFirst { first += 1 }
        }
        if let sure = said.first, sure.confidence == .certain, !one.accept.contains(sure.code) { confidentlyWrong += 1 }
        if !isContained || (one.decides && !isFirst) {
            misses.append(Miss(name: one.name, wanted: one.accept, said: said.map(\.code)))
        }
    }
}
