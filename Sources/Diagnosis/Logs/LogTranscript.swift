/// What somebody typed and what it printed, as it is pasted: commands behind a prompt, answers below.
struct LogTranscript: Sendable {
    struct Entry: Sendable {
        var command: Substring
        var answer: [Substring]

        /// Whether one of the answer's lines has one of the words.
        func says(_ words: String...) -> Bool { answer.contains { line in words.contains { line.contains($0) } } }
    }

    let lines: [Substring]
    let entries: [Entry]

    /// - Parameter text: in lower case, as ``LogText`` has it.
    init(_ text: LogText) {
        lines = text.normal.split(separator: "\n").map(Self.trimmed)
        var entries: [Entry] = []
        for line in lines {
            if let command = Self.command(in: line) {
                entries.append(Entry(command: command, answer: []))
            } else if !entries.isEmpty {
                entries[entries.count - 1].answer.append(line)
            }
        }
        self.entries = entries
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line.drop { $0 == " " }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// What stands behind `$ `, `# `, `/ # `, `w1# ` or `root@web-0:/# `.
    private static func command(in line: Substring) -> Substring? {
        for mark: Character in ["$", "#"] {
            guard let place = line.firstIndex(of: mark), line.distance(from: line.startIndex, to: place) < 60 else {
                continue
            }
            let before = line[..<place]
            let after = line[line.index(after: place)...]
            guard after.first == " " || after.isEmpty, before.allSatisfy({ $0.isASCII && !"=|\"<".contains($0) }),
                before.isEmpty || before.last == " " || before.last == "/" || !before.contains(" ")
            else { continue }
            return trimmed(after)
        }
        return nil
    }

    // MARK: What was tried

    enum Outcome: Sendable { case answered, refused, silent, turnedAway }

    struct Trial: Sendable {
        var host: Substring
        var port: Int?
        var outcome: Outcome
        var isPing: Bool
    }

    private static let clients = ["curl", "wget", "nc ", "ncat", "telnet", "ping", "grpcurl"]

    /// Connections and pings, with what came of each.
    var trials: [Trial] {
        entries.compactMap { entry in
            guard let client = Self.clients.first(where: { Self.calls($0, in: entry.command) }),
                let target = Self.target(of: entry.command)
            else { return nil }
            return Trial(
                host: target.host, port: target.port, outcome: Self.outcome(of: entry), isPing: client == "ping")
        }
    }

    private static func calls(_ client: String, in command: Substring) -> Bool {
        command.hasPrefix(client) || command.contains(" " + client) || command.contains("/" + client)
    }

    private static func target(of command: Substring) -> (host: Substring, port: Int?)? {
        let words = command.split(separator: " ")
        for (place, word) in words.enumerated() {
            var bare = word.drop { "\"(".contains($0) }
            if let scheme = bare.firstRange(of: "://") { bare = bare[scheme.upperBound...] }
            bare = bare.prefix { !"/\"?)".contains($0) }
            let parts = bare.split(separator: ":", maxSplits: 1)
            guard let host = parts.first, isHost(host) else { continue }
            if parts.count == 2 { return (host, Int(parts[1])) }
            return (host, words[(place + 1)...].lazy.compactMap { Int($0) }.first)
        }
        return nil
    }

    private static func isHost(_ word: Substring) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func outcome(of entry: Entry) -> Outcome {
        if entry.says("no route to host", "host prohibited", "admin prohibited", "host unreachable") {
            return .turnedAway
        }
        if entry.says("refused") { return .refused }
        if entry.says(
            "timed out", "timeout", "100% packet loss", "unreachable", " 0 received", "reset by peer", "no answer")
        {
            return .silent
        }
        return entry.answer.isEmpty ? .silent : .answered
    }

    // MARK: Sizes

    /// Sizes of packets that came through and that did not: `ping -s 1372`, `payload 1300 -> 100% packet loss`.
    var sizes: (passed: [Int], lost: [Int]) {
        var passed: [Int] = []
        var lost: [Int] = []
        for entry in entries where entry.command.contains("ping") {
            guard let size = Self.number(after: "-s ", in: entry.command) else { continue }
            if entry.says("message too long", "100% packet loss", " 0 received", "frag needed") {
                lost.append(size)
            } else if entry.says("bytes from", " 0% packet loss") {
                passed.append(size)
            }
        }
        for line in lines where line.contains("loss") {
            guard
                let size = ["payload ", "size ", "-s ", "length "].lazy.compactMap({ Self.number(after: $0, in: line) })
                    .first
            else { continue }
            if line.contains("100%") { lost.append(size) } else if line.contains(" 0%") { passed.append(size) }
        }
        return (passed, lost)
    }

    static func number(after words: String, in line: Substring) -> Int? {
        guard let start = line.firstRange(of: words)?.upperBound else { return nil }
        return Int(line[start...].prefix { $0.isNumber })
    }

    /// The number of a line `name = 7`, `name: 7` or `name=7`.
    func value(of name: String) -> Int? {
        for line in lines {
            guard let end = line.firstRange(of: name)?.upperBound else { continue }
            let rest = line[end...].drop { " =:".contains($0) }
            if rest.startIndex > end, let value = Int(rest.prefix { $0.isNumber }) { return value }
        }
        return nil
    }

    /// The sum of a field that each processor has: `cpu=0 found=1 drop=7`.
    func sum(of field: String) -> Int {
        lines.reduce(0) { sum, line in
            sum
                + line.split(separator: " ").reduce(0) { part, word in
                    guard word.hasPrefix(field + "="),
                        let value = Int(word.dropFirst(field.utf8.count + 1).prefix { $0.isNumber })
                    else {
                        return part
                    }
                    return part &+ min(value, 1 << 40)
                }
        }
    }
}
