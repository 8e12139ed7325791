import Addressing

/// The probes of one pod as one script for whatever shell it has, and its output read again. All of them run beside each
/// other and none longer than a few seconds; nothing is written in the pod.
public struct ProbeScript: Sendable {
    public let probes: [PlannedProbe]

    public init(_ probes: [PlannedProbe]) { self.probes = probes }

    /// What is run: `sh -c TEXT`.
    public var command: [String] { ["sh", "-c", text] }

    /// Functions: `w` bounds the time, `q` asks a DNS server, `t` opens a TCP connection, `e` pings, `p` runs one probe
    /// and prints what came of it in one piece.
    public var text: String {
        let lines = probes.enumerated().map { number, probe in
            switch probe.kind {
            case .dns: "p \(number) q \(probe.name). \(probe.address) \(probe.port) &"
            case .tcp: "p \(number) t \(probe.address) \(probe.port) &"
            case .echo: "p \(number) e \(probe.address) 56 &"
            case .large: "p \(number) e \(probe.address) \"$((m - \(probe.address.family == .v4 ? 28 : 48)))\" &"
            }
        }
        return Self.functions + lines.joined(separator: "\n") + "\nwait\n"
    }

    private static let functions = """
        has() { command -v "$1" >/dev/null 2>&1; }
        w() { if has timeout; then timeout 4 "$@"; else "$@"; fi; }
        q() {
          if has dig; then w dig +time=3 +tries=1 +short -p "$3" "$1" "@$2"
          elif [ "$3" = 53 ] && has nslookup; then w nslookup "$1" "$2"
          elif has python3; then w python3 -c '
        import socket, sys
        name, server, port = sys.argv[1:]
        query = b"PP\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0"
        for part in name.strip(".").split("."): query += bytes([len(part)]) + part.encode()
        info = socket.getaddrinfo(server, int(port), type=socket.SOCK_DGRAM)[0]
        s = socket.socket(info[0], info[1])
        s.settimeout(3)
        s.connect(info[4])
        s.send(query + b"\\0\\0\\1\\0\\1")
        print(len(s.recv(4096)), "bytes")' "$1" "$2" "$3"
          else return 127; fi
        }
        t() {
          if has bash; then w bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"
          elif has nc && nc -h 2>&1 | grep -q -e -z; then w nc -z -w 3 "$1" "$2"
          elif has python3; then w python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], sys.argv[2]), 3)' "$1" "$2"
          else return 127; fi
        }
        e() { has ping || return 127; w ping -c 1 -W 2 -s "$2" "$1"; }
        p() {
          n=$1; shift; s=$(date +%s); o=$("$@" 2>&1); r=$?
          printf '@@ %s %s %s\\n%.400s\\n@@.\\n' "$n" "$r" "$(($(date +%s) - s))" "$o"
        }
        m=1500
        for i in /sys/class/net/*; do
          [ "${i##*/}" = lo ] || [ ! -r "$i/mtu" ] || { m=$(cat "$i/mtu"); break; }
        done
        [ ! -r /sys/class/net/eth0/mtu ] || m=$(cat /sys/class/net/eth0/mtu)

        """

    // MARK: Reading

    /// In the order of the probes; one that printed nothing could not run.
    public func records(_ output: String) -> [ProbeRecord] {
        var answers: [Int: (code: Int, seconds: Int, text: String)] = [:]
        var open: (number: Int, code: Int, seconds: Int)?
        var text: [Substring] = []
        // A terminal ends lines with CR LF, which is one Character and not a newline of its own.
        for line in output.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line == "@@.", let entry = open {
                answers[entry.number] = (entry.code, entry.seconds, text.joined(separator: "\n"))
                open = nil
            } else if line.hasPrefix("@@ ") {
                let numbers = line.dropFirst(3).split(separator: " ").compactMap { Int($0) }
                open = numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : nil
                text = []
            } else if open != nil {
                text.append(line)
            }
        }
        return probes.enumerated().map { number, probe in
            guard let answer = answers[number] else {
                return ProbeRecord(probe, .couldNotRun, detail: "it printed nothing", command: Self.words(probe))
            }
            let outcome = Self.outcome(probe, answer.code, answer.seconds, answer.text)
            return ProbeRecord(
                probe, outcome, detail: Self.told(answer.text, outcome, answer.code), command: Self.words(probe))
        }
    }

    /// What a person types in the pod for the same.
    public static func words(_ probe: PlannedProbe) -> String {
        switch probe.kind {
        case .dns: "nslookup \(probe.name). \(probe.address)"
        case .tcp: "nc -z -w 3 \(probe.address) \(probe.port)"
        case .echo: "ping -c 1 -W 2 \(probe.address)"
        case .large:
            "ping -c 1 -W 2 -s $(($(cat /sys/class/net/eth0/mtu)-\(probe.address.family == .v4 ? 28 : 48))) \(probe.address)"
        }
    }

    static func outcome(_ probe: PlannedProbe, _ code: Int, _ seconds: Int, _ text: String) -> ProbeRecord.Outcome {
        let lower = text.lowercased()
        func has(_ words: String...) -> Bool { words.contains { lower.contains($0) } }
        // The machine's own packet filter refuses to send (EPERM); a pod without the right to ping says so of the socket.
        if has("sendmsg: operation not permitted") { return .failed }
        // 126, 127: there is no such program.
        if code == 127 || code == 126
            || has("permission denied", "not permitted", "applet not found", "unrecognized option")
        {
            return .couldNotRun
        }
        if has("connection refused", "connectionrefusederror", "port unreachable") { return .refused }
        if has("no route to host", "network is unreachable", "network unreachable", "host unreachable", "too long") {
            return .failed
        }
        if has("timed out", "timeout", "no servers could be reached", "no response", "100% packet loss") {
            return .timedOut
        }
        // An answer that says no is one: the server was reached.
        if probe.kind == .dns, has("nxdomain", "can't find", "servfail", "server can't", "no answer", "refused") {
            return .answered
        }
        // 124 and 143: timeout(1) of coreutils and of busybox ended it.
        if code == 124 || code == 143 { return .timedOut }
        if code == 0 { return .answered }
        return seconds >= 2 ? .timedOut : probe.kind == .tcp ? .refused : probe.kind == .dns ? .answered : .timedOut
    }

    /// The line that says it.
    private static func told(_ text: String, _ outcome: ProbeRecord.Outcome, _ code: Int) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        let signs = [
            "refused", "timed out", "unreachable", "no route", "permi", "loss", "error", "nxdomain", "servfail",
            "too long",
        ]
        let line = lines.last { line in signs.contains { line.lowercased().contains($0) } } ?? lines.last ?? ""
        if outcome == .couldNotRun, line.isEmpty {
            return code == 127 ? "the pod has no program for it" : "exit status \(code)"
        }
        return String(line.prefix(160))
    }
}
