/// What somebody copied out of a terminal: prompts with commands, and below each what it printed.
///
/// `$ kubectl get pods -A`, `root@node-7:~# ip route`, `[root@node-7 ~]# iptables-save`, `bash-5.1# cilium status`.
struct Transcript {
    struct Answer {
        /// `node-7` of a prompt that tells it.
        var host: String?
        var command: String
        var text: String

        /// Where it was typed for: a machine's own shell, the inside of a pod, or a place that the command does not tell.
        enum Place: Equatable {
            case machine
            case pod(String, command: String)
            case unknown
        }

        /// The pod of `kubectl exec -n shop cart-7d9 -c app -- ss -ltn`, and the words behind `--`.
        var place: Place {
            let words = command.split(separator: " ")
            // Another network namespace of the machine, or a container that only its runtime knows.
            if words.starts(with: ["ip", "netns", "exec"]) || words.starts(with: ["ip", "-n"])
                || words.starts(with: ["crictl", "exec"])
                || words.first == "nsenter" && !words.contains("1") && !words.contains("-t1")
            {
                return .unknown
            }
            guard let verb = words.firstIndex(where: { ["exec", "run", "debug"].contains($0) }), verb > 0,
                words[..<verb].contains(where: Self.isKubectl)
            else { return .machine }
            if words[verb] == "run" { return .unknown }
            var place = verb + 1
            while place < words.count {
                let word = words[place]
                if word == "--" { return .unknown }
                if Self.valued.contains(word) {
                    place += 2
                } else if word.hasPrefix("-") {
                    place += 1
                } else {
                    break
                }
            }
            guard place < words.count else { return .unknown }
            // `pod/cart-7d9`; of a workload nobody knows which of its pods answered.
            let parts = words[place].split(separator: "/")
            guard let name = parts.last, parts.count < 2 || ["pod", "pods", "po"].contains(parts[0]) else {
                return .unknown
            }
            let end = words.firstIndex(of: "--") ?? place
            guard end >= place, end + 1 < words.count else { return .unknown }
            return .pod(String(name), command: words[(end + 1)...].joined(separator: " "))
        }

        /// The pod it was typed in, and what; nil for any other place.
        var inPod: (pod: String, command: String)? {
            if case .pod(let pod, let command) = place { return (pod, command) }
            return nil
        }

        private static func isKubectl(_ word: Substring) -> Bool {
            word.hasSuffix("kubectl") || word == "oc" || word == "k"
        }

        /// `shop` of `kubectl get pods -n shop`; nil where the command does not say it.
        var namespace: String? {
            let words = command.split(separator: " ")
            guard words.prefix(2).contains(where: Self.isKubectl) else { return nil }
            for (place, word) in words.enumerated() {
                if word == "-n" || word == "--namespace", place + 1 < words.count { return String(words[place + 1]) }
                for lead in ["--namespace=", "-n="] where word.hasPrefix(lead) {
                    return String(word.dropFirst(lead.count))
                }
            }
            return nil
        }

        private static let valued: Set<Substring> = [
            "-n", "--namespace", "-c", "--container", "--context", "--kubeconfig", "--image", "--target", "--profile",
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
        "iptables-legacy-save", "iptables-nft-save", "iptables-legacy", "iptables-nft", "ipvsadm", "findmnt",
        "ausearch", "openssl", "helm", "istioctl", "linkerd", "subctl", "antctl", "tracepath", "traceroute", "arping",
        "nsenter", "bpftool", "wg", "ovs-vsctl", "ovs-appctl", "getenforce", "minikube", "talosctl", "eksctl",
        "systemctl", "ls",
    ]

    /// Nil where there is no prompt at all.
    init?(_ text: String) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        // What stands before a command that is known is this terminal's prompt, whatever is typed behind it next.
        let prompts = Set(lines.compactMap { Self.prompt($0)?.before })
        var current: Answer?
        var answer: [Substring] = []
        func close(_ answers: inout [Answer]) {
            guard var last = current else { return }
            last.text = answer.joined(separator: "\n") + "\n"
            if answer.contains(where: { line in line.contains { !$0.isWhitespace } }) { answers.append(last) }
        }
        for line in lines {
            if let prompt = Self.prompt(line, known: prompts) {
                close(&answers)
                let command = TypedCommand(prompt.command)
                current = Answer(host: command.host ?? Self.host(prompt.before), command: command.words, text: "")
                answer = []
            } else if !line.hasPrefix("```") {
                // Fences of Markdown are no part of an answer.
                answer.append(line)
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

    /// - Parameter known: what stands before commands elsewhere in this text.
    private static func prompt(
        _ line: Substring, known: Set<Substring> = []
    ) -> (before: Substring, command: Substring)? {
        guard line.utf8.count < 2048, let mark = line.firstIndex(where: { "$#%\u{276F}".contains($0) }),
            line.index(after: mark) < line.endIndex, line[line.index(after: mark)] == " "
        else { return nil }
        let before = line[...mark]
        guard before.count <= 81, !before.contains(where: { $0 == "|" || $0 == "=" || $0 == "\"" }) else { return nil }
        // Between words of a sentence there are blanks; in a prompt there is one at the most, before the folder.
        guard before.dropLast().split(separator: " ").count <= 2 else { return nil }
        // A part of a hundred is no prompt; that of zsh tells who and where.
        if line[mark] == "%", !before.contains("@") { return nil }
        let command = line[line.index(after: mark)...].drop { $0 == " " }
        // Behind a bare `# ` stand comments more often than commands.
        if known.contains(before), before != "#", command.first.map({ $0.isLetter || "./~".contains($0) }) ?? false {
            return (before, command)
        }
        guard let program = TypedCommand(command).program, programs.contains(program) else { return nil }
        return (before, command)
    }

    /// Between `@` and the colon or blank after it.
    private static func host(_ prompt: Substring) -> String? {
        guard let at = prompt.firstIndex(of: "@") else { return nil }
        let name = prompt[prompt.index(after: at)...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }
        return name.isEmpty ? nil : String(name)
    }
}
