import JSONTree

/// Reads what programs wrote when they failed: which line tells, and of what cause.
struct MessageReading: Sendable {
    /// A line with its likeliest cause.
    struct Sign: Sendable {
        var code: String
        var confidence: Confidence
        var needs: [String]
        var text: String
        var source: FactSource
        /// Another program than the one that suffers from it; nil for its own words.
        var speaker: String?

        var evidence: Diagnosis.Evidence { Diagnosis.Evidence(text, from: source, span: MessageReading.span(of: text)) }
    }

    /// Lines of the end of a log that are looked at.
    private static let lines = 40

    /// Of one message, the likeliest cause that is at least likely.
    static func sign(of text: String, from source: FactSource) -> Sign? {
        guard let first = LogReader.mechanisms(of: text).first, first.confidence > .possible else {
            return dialled(text, from: source)
        }
        // That an agent does not run is only what follows.
        if first.code == "INS-01", let call = dialled(text, from: source) { return call }
        return Sign(
            code: first.code, confidence: first.confidence, needs: first.needs, text: Self.shortened(text),
            source: source)
    }

    /// A call of the API's own paths that nobody answered says what it could not reach, whatever program says it in
    /// whatever words.
    private static func dialled(_ text: String, from source: FactSource) -> Sign? {
        let asks = ["/api/v1", "/apis/", "/api?timeout", "/version?timeout", "/healthz?timeout"].contains(
            where: text.contains)
        let unanswered = [
            "i/o timeout", "connection refused", "no route to host", "network is unreachable", "connection timed out",
        ].contains(where: text.contains)
        guard asks, unanswered, text.contains("dial tcp") else { return nil }
        return Sign(
            code: "API-03", confidence: .likely,
            needs: ["TCP to the API server's own address and to its ClusterIP, from that node"],
            text: shortened(text), source: source)
    }

    /// Of the end of a log: the last line that decides, otherwise the last that makes something likely. Lines that report
    /// no trouble are passed over, whatever words are in them.
    static func sign(ofLog document: EvidenceTree.Document) -> Sign? {
        let lines = document.text.split(separator: "\n", omittingEmptySubsequences: true).suffix(Self.lines)
        var likely: Sign?
        for line in lines.reversed() where isTrouble(line) {
            guard let found = sign(of: String(line), from: document.source) else { continue }
            if found.confidence == .certain { return found }
            if likely == nil { likely = found }
        }
        // Some programs only say what they wait for.
        return likely ?? lines.last.flatMap { sign(of: String($0), from: document.source) }
    }

    /// The last line that reports trouble, for evidence where no rule knows it.
    static func lastTrouble(ofLog document: EvidenceTree.Document) -> Diagnosis.Evidence? {
        let lines = document.text.split(separator: "\n", omittingEmptySubsequences: true).suffix(Self.lines)
        guard let line = lines.last(where: isTrouble) ?? lines.last else { return nil }
        return Diagnosis.Evidence(shortened(String(line)), from: document.source)
    }

    private static let trouble = [
        "error", "fatal", "panic", "fail", "cannot", "can't", "unable", "denied", "refused", "timeout", "timed out",
        "not found", "no such", "unauthorized", "forbidden", "not supported", "invalid", "exhausted", "insufficient",
        "missing", "must ", "aborting", "busy", "no available", "not assigned", "expired", "unknown",
    ]

    static func isTrouble(_ line: Substring) -> Bool {
        // klog: E0306 and F0306.
        let head = Array(line.utf8.prefix(5))
        if head.count == 5, head[0] == UInt8(ascii: "E") || head[0] == UInt8(ascii: "F"),
            head.dropFirst().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        {
            return true
        }
        let lower = line.lowercased()
        return trouble.contains { lower.contains($0) }
    }

    static func shortened(_ text: String) -> String {
        let limit = 600
        return text.count > limit ? String(text.prefix(limit - 3)) + "..." : text
    }

    /// Without the wrapping of runtime and kubelet; the whole where there is none.
    static func inner(_ text: String) -> String {
        guard let span = span(of: text) else { return text }
        return String(Array(text)[span])
    }

    /// What stands behind the wrapping of runtime and kubelet.
    static func span(of text: String) -> Range<Int>? {
        let characters = Array(text)
        for mark in ["failed (add): ", "failed (delete): ", "StartError: ", "desc = "] {
            let mark = Array(mark)
            guard characters.count > mark.count else { continue }
            var index = characters.count - mark.count
            while index >= 0 {
                if characters[index..<index + mark.count].elementsEqual(mark) {
                    let start = index + mark.count
                    return start < characters.count ? start..<characters.count : nil
                }
                index -= 1
            }
        }
        return nil
    }
}

extension FactBase {
    /// Whether something lasts at least so many seconds. Evidence without times counts as late.
    func isOlder(_ moment: Int64?, than seconds: Int64) -> Bool {
        self.seconds(since: moment).map { $0 >= seconds } ?? true
    }
}
