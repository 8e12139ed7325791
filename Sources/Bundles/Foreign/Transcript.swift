/// What somebody copied out of a terminal: prompts with commands, and below each what it printed.
///
/// `$ kubectl get pods -A`, `root@node-7:~# ip route`, `[root@node-7 ~]# iptables-save`, `bash-5.1# cilium status`.
struct Transcript {
    struct Answer {
        /// `node-7` of a prompt that tells it.
        var host: String?
        var command: String
        var text: String

        /// The pod of `kubectl exec -n shop cart-7d9 -c app -- ss -ltn`, and the words behind `--`.
        var inPod: (pod: String, command: String)? {
            let words = command.split(separator: " ")
            guard let exec = words.firstIndex(where: { $0 == "exec" }), exec > 0, let end = words.firstIndex(of: "--"),
                end > exec, end + 1 < words.count
            else { return nil }
            let inner = words[(end + 1)...].joined(separator: " ")
            var place = exec + 1
            while place < end {
                let word = words[place]
                if Self.valued.contains(word) {
                    place += 2
                } else if word.hasPrefix("-") {
                    place += 1
                } else {
                    // `pod/cart-7d9`; of a workload nobody knows which of its pods answered.
                    let parts = word.split(separator: "/")
                    if parts.count == 2, !["pod", "pods", "po"].contains(parts[0]) { return nil }
                    return parts.last.map { (String($0), inner) }
                }
            }
            return nil
        }

        /// `shop` of `kubectl get pods -n shop`; nil where the command does not say it.
        var namespace: String? {
            let words = command.split(separator: " ")
            guard let program = words.first, program.hasSuffix("kubectl") || program == "oc" || program == "k" else {
                return nil
            }
            for (place, word) in words.enumerated() {
                if word == "-n" || word == "--namespace", place + 1 < words.count { return String(words[place + 1]) }
                for lead in ["--namespace=", "-n="] where word.hasPrefix(lead) {
                    return String(word.dropFirst(lead.count))
                }
            }
            return nil
        }

        private static let valued: Set<Substring> = [
            "-n", "--namespace", "-c", "--container", "--context", "--kubeconfig",
        ]

        /// Fit for a file: its first words.
        var name: String {
            let words = command.prefix(60).map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
            return String(words) + ".txt"
        }
    }

    private(set) var answers: [Answer] = []

    /// Programs whose answers are read. A line that only looks like a prompt is none.
    private static let programs: Set<Substring> = [
        "kubectl", "oc", "k", "ip", "bridge", "iptables", "iptables-save", "ip6tables", "ip6tables-save", "nft",
        "ipset",
        "ss", "netstat", "sysctl", "lsmod", "mount", "uname", "hostname", "dmesg", "conntrack", "crictl", "cilium",
        "cilium-dbg", "cilium-health", "calicoctl", "journalctl", "cat", "nstat", "ethtool", "arp", "route", "birdcl",
        "vtysh",
        "kubectl-calico", "microk8s", "k3s", "aws", "az", "gcloud", "ping", "curl", "nslookup", "dig", "tcpdump",
    ]

    /// Nil where there is no prompt at all.
    init?(_ text: String) {
        var current: Answer?
        var lines: [Substring] = []
        func close(_ answers: inout [Answer]) {
            guard var answer = current else { return }
            answer.text = lines.joined(separator: "\n") + "\n"
            if lines.contains(where: { line in line.contains { !$0.isWhitespace } }) { answers.append(answer) }
        }
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if let (host, command) = Self.prompt(line) {
                close(&answers)
                current = Answer(host: host, command: command, text: "")
                lines = []
            } else if !line.hasPrefix("```") {
                // Fences of Markdown are no part of an answer.
                lines.append(line)
            }
        }
        close(&answers)
        if answers.isEmpty { return nil }
    }

    /// Whether there is a command among the first lines, below what somebody says of it: then the text is no answer itself,
    /// whatever it looks like.
    static func begins(_ text: String) -> Bool {
        text.prefix(4096).split(whereSeparator: \.isNewline).prefix(40).contains { prompt($0) != nil }
    }

    private static func prompt(_ line: Substring) -> (host: String?, command: String)? {
        guard line.utf8.count < 2048, let mark = line.firstIndex(where: { $0 == "$" || $0 == "#" }),
            line.index(after: mark) < line.endIndex, line[line.index(after: mark)] == " "
        else { return nil }
        let before = line[..<mark]
        guard before.count <= 80, !before.contains(where: { $0 == "|" || $0 == "=" || $0 == "\"" }) else { return nil }
        // Between words of a sentence there are blanks; in a prompt there is one at the most, before the folder.
        guard before.split(separator: " ").count <= 2 else { return nil }
        let command = line[line.index(after: mark)...].drop { $0 == " " }
        var words = command.split(separator: " ")
        while let first = words.first, first == "sudo" || first == "nice" || first.contains("=") { words.removeFirst() }
        guard let program = words.first?.split(separator: "/").last, programs.contains(program) else { return nil }
        return (host(before), String(command))
    }

    /// Between `@` and the colon or blank after it.
    private static func host(_ prompt: Substring) -> String? {
        guard let at = prompt.firstIndex(of: "@") else { return nil }
        let name = prompt[prompt.index(after: at)...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }
        return name.isEmpty ? nil : String(name)
    }
}
