import Diagnosis

/// Text that somebody copied out of a terminal.
extension ForeignBundle {
    /// Each answer as if it were a file of its own, below the folder of the machine that its prompt names.
    mutating func sort(_ transcript: Transcript, _ file: BundleFiles.File, _ path: String) {
        // What commands and answers say only together is asked of the whole.
        files[EvidencePath.transcripts + path] = file
        if LogReader.shows(String(decoding: file.bytes.prefix(32_768), as: UTF8.self)) { isEmpty = false }
        var folder = path.split(separator: "/").dropLast().map(String.init).joined(separator: "/")
        if !folder.isEmpty { folder += "/" }
        for (number, answer) in transcript.answers.enumerated() {
            var part = file
            part.bytes = Array(
                MachineText.namingDevice(in: answer.routedText ?? answer.text, of: answer.command).utf8)
            // Of several prompts of one machine the answers lie in one folder.
            let machine = answer.host.map { "\($0)/" } ?? ""
            switch answer.place {
            case .pod(let pod, let command):
                // An answer out of a pod is the pod's, whoever asked.
                let named = Transcript.Answer(host: nil, command: command, text: answer.text)
                objects.mention(pod: pod, in: answer.namespace ?? "default")
                sort(part, "\(folder)exec-\(pod)-\(number + 1)-\(named.name)")
            case .unknown:
                // Of a machine it is not, and nobody can say of what else; the whole text is read all the same.
                continue
            case .machine:
                let place = "\(folder)\(machine)\(number + 1)-\(answer.name)"
                if let bytes = CustomColumns.objects(answer.command, answer.text, in: answer.namespace) {
                    _ = objects.read(bytes, named: place)
                    continue
                }
                // One way is no table of them.
                if answer.isOneRoute { continue }
                if let copied = answer.copiedFile, MachineFolders.split("machine" + copied) != nil {
                    machines.addCopy(part, beside: place, absolute: copied)
                    continue
                }
                if let whole = answer.wholeText
                    ?? answer.namespace.flatMap({ PrintedTable.placed(answer.text, in: $0) })
                {
                    part.bytes = Array(whole.utf8)
                }
                sort(part, place)
                if answer.isLog { spoken.append((place, part)) }
                // Whoever shows a machine's journal asks about its lines.
                if answer.isJournal { files["logs/\(place)"] = part }
            }
        }
    }
}

extension Transcript.Answer {
    private var arguments: [Substring] { command.split(separator: " ") }

    /// Whether it shows what a pod wrote.
    var isLog: Bool { isOfKubectl && arguments.contains("logs") }

    /// `ip route get 10.244.2.7`.
    var isOneRoute: Bool {
        let words = arguments.filter { !$0.hasPrefix("-") }.prefix(3).map { $0 }
        return words.count == 3 && words[0] == "ip" && words[1].hasPrefix("r") && words[2].hasPrefix("g")
    }

    /// Whether it shows what a machine's programs or its kernel wrote.
    var isJournal: Bool { ["journalctl", "dmesg", "ausearch"].contains(arguments.first) }

    private var isOfKubectl: Bool {
        arguments.first.map { $0.hasSuffix("kubectl") || $0 == "oc" || $0 == "k" } ?? false
    }

    /// The path of `cat /etc/resolv.conf`, and of `grep -v '^#' /etc/systemd/networkd.conf`, which leaves nothing out that counts.
    var copiedFile: String? {
        let words = arguments
        guard let last = words.last, last.hasPrefix("/"), !command.contains("|"), !command.contains("*") else {
            return nil
        }
        switch words.first {
        case "cat": return words.count == 2 ? String(last) : nil
        case "grep": return words.count == 4 && words[1] == "-v" && words[2].contains("^#") ? String(last) : nil
        case "tail": return last.hasPrefix("/var/log/") ? String(last) : nil
        default: return nil
        }
    }

    /// An answer of which only the part that matters was kept, with the words of the command that say what it is of:
    /// `kubectl describe pod cart-7d9 | tail` and `ls /opt/cni/bin`.
    var wholeText: String? { describedWhole ?? listedWhole }

    /// Each route of `ip route show table 2` says in which table it is only when all tables are shown.
    var routedText: String? {
        let words = arguments
        guard words.first == "ip", let word = words.firstIndex(of: "table"), word + 1 < words.count,
            words.contains(where: { $0.hasPrefix("r") && "route".hasPrefix($0) }),
            !["all", "main"].contains(words[word + 1])
        else { return nil }
        return text.split(separator: "\n").map { line in
            line.contains(" table ") || !(line.contains(" dev ") || line.contains(" via ")) || line.hasPrefix(" ")
                ? String(line) : "\(line) table \(words[word + 1])"
        }.joined(separator: "\n") + "\n"
    }

    private static let kinds: [Substring: String] = [
        "pod": "Pod", "pods": "Pod", "po": "Pod", "ingress": "Ingress",
        "ing": "Ingress", "service": "Service", "svc": "Service", "ds": "DaemonSet", "daemonset": "DaemonSet",
        "deploy": "Deployment", "deployment": "Deployment",
    ]

    private var describedWhole: String? {
        guard isOfKubectl, let verb = arguments.firstIndex(of: "describe") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first(where: { line in line.contains { !$0.isWhitespace } }),
            !lines.contains(where: { $0.hasPrefix("Name:") }),
            // An event, or a part with fields below it.
            lines.contains(where: { line in
                [" Warning ", " Normal ", "    State:"].contains(where: line.contains)
            })
        else { return nil }
        var plain: [Substring] = []
        var isValue = false
        for word in arguments[(verb + 1)...] {
            if word == "|" { break }
            if isValue || word.hasPrefix("-") {
                isValue = !isValue && ["-n", "--namespace", "-l", "--selector", "--context"].contains(word)
                continue
            }
            plain.append(word)
        }
        if plain.count == 1 { plain = plain[0].split(separator: "/") }
        guard plain.count == 2, let kind = Self.kinds[plain[0]] else { return nil }
        var head = "Name:  \(plain[1])\n"
        head += "Namespace:  \(namespace ?? "default")\nKind:  \(kind)\n"
        // Somebody cut a container out.
        if first.hasPrefix("  "), !first.hasPrefix("   "), first.last == ":" { head += "Containers:\n" }
        return head + text.drop { $0.isNewline }
    }

    /// Names alone: that they are there is all they say.
    private var listedWhole: String? {
        let words = arguments
        guard words.first == "ls", !command.contains("|"), let folder = words.last, folder.hasPrefix("/"),
            !words.dropFirst().contains(where: { $0.hasPrefix("-") && $0.contains("l") }),
            words.filter({ $0.hasPrefix("/") }).count == 1
        else { return nil }
        let names = text.split(whereSeparator: \.isWhitespace).filter { $0 != "." && $0 != ".." }
        guard !names.isEmpty, !names.contains(where: { $0.contains("/") || $0.hasSuffix(":") }) else { return nil }
        return "\(folder):\ntotal \(names.count)\n"
            + names.map { "-rwxr-xr-x 1 root root 4000000 Jan  1 00:00 \($0)\n" }.joined()
    }
}
