import JSONTree

/// What it cost to ask a cluster, against what it may cost, and what was therefore left out. It lies in the evidence, so
/// that a bundle says the same.
public struct CollectionRecord: Sendable, Hashable {
    /// Requests to the API server, its discovery and repeated ones included.
    public var requests: Int
    public var requestBudget: Int
    /// Seconds.
    public var seconds: Int
    public var deadline: Int
    /// `logs of 436 of 500 network pods (the ailing are read first)`.
    public var leftOut: [String]
    /// What the API server's clock is ahead of the collector's; nil where no answer said the time.
    public var clock: ClockOffset?

    public init(
        requests: Int, requestBudget: Int, seconds: Int, deadline: Int, leftOut: [String] = [],
        clock: ClockOffset? = nil
    ) {
        self.requests = requests
        self.requestBudget = requestBudget
        self.seconds = seconds
        self.deadline = deadline
        self.leftOut = leftOut
        self.clock = clock
    }

    /// Nil where the evidence was not collected over the API, or does not say.
    public init?(_ evidence: EvidenceTree) {
        guard let document = evidence[EvidencePath.collection], let root = try? JSONTree(parsing: document.bytes).root,
            let requests = root.member("requests")?.int, let budget = root.member("requestBudget")?.int,
            let seconds = root.member("seconds")?.int, let deadline = root.member("deadline")?.int
        else { return nil }
        self.init(
            requests: Int(requests), requestBudget: Int(budget), seconds: Int(seconds), deadline: Int(deadline),
            leftOut: root.member("leftOut").map { $0.kind == .array ? $0.elements.compactMap(\.string) : [] } ?? [],
            clock: root.member("clock").flatMap { ClockOffset($0) })
    }

    public var value: JSONValue {
        let value: JSONValue = [
            "requests": .int(Int64(requests)), "requestBudget": .int(Int64(requestBudget)),
            "seconds": .int(Int64(seconds)), "deadline": .int(Int64(deadline)),
            "leftOut": .array(leftOut.map { .string($0) }),
        ]
        return clock.map { value.settingMember("clock", to: $0.value) } ?? value
    }

    /// One sentence about the cost, and one for each thing left out.
    var sentences: [String] {
        ["\(requests) of at most \(requestBudget) API requests, \(seconds) of at most \(deadline) s"]
            + leftOut.map { "left out: \($0)" } + (clock?.sentence.map { [$0] } ?? [])
    }
}
