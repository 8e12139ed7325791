/// What was typed behind a prompt, without what only says how and where it runs.
///
/// `sudo -E ip route`, `time curl x`, `ssh -p 22 root@node-7 iptables-save`, `docker exec -it kind-worker ip addr`,
/// `oc debug node/node-7 -- chroot /host ss -ltn`.
struct TypedCommand {
    /// The machine it was sent to; nil for the one that the prompt is of.
    private(set) var host: String?
    /// Without the programs around it.
    private(set) var words: String

    /// The first word, without its folder.
    var program: Substring? {
        words.split(separator: " ", maxSplits: 1).first?.split(separator: "/").last
    }

    init(_ typed: Substring) {
        var words = typed.split(separator: " ")[...]
        var host: String?
        while let first = words.first {
            guard let rest = Self.inside(first, words.dropFirst(), &host) else { break }
            words = rest
        }
        self.host = host
        var text = words.joined(separator: " ")
        // `ssh node-7 "ip route"`.
        if host != nil, let quote = text.first, quote == "\"" || quote == "'", text.last == quote, text.count > 1 {
            text = String(text.dropFirst().dropLast())
            self.words = TypedCommand(text[...]).words
        } else {
            self.words = text
        }
    }

    /// The words behind a program that runs another; nil when the first is no such program.
    private static func inside(
        _ first: Substring, _ rest: ArraySlice<Substring>, _ host: inout String?
    ) -> ArraySlice<Substring>? {
        func withoutOptions(_ words: ArraySlice<Substring>, valued: Set<Substring>) -> ArraySlice<Substring> {
            var words = words
            while let option = words.first, option.hasPrefix("-"), option != "--" {
                words = words.dropFirst(valued.contains(option) ? 2 : 1)
            }
            return words
        }
        switch first {
        case "sudo": return withoutOptions(rest, valued: ["-u", "-g"])
        case "time", "nice", "command": return rest
        case "timeout": return withoutOptions(rest, valued: ["-k", "-s"]).dropFirst()
        case "chroot": return rest.first == "/host" ? rest.dropFirst() : nil
        case "ssh", "docker", "podman", "nerdctl":
            var words = rest
            if first != "ssh" {
                guard words.first == "exec" else { return nil }
                words = words.dropFirst()
            }
            words = withoutOptions(words, valued: ["-p", "-i", "-l", "-o", "-J", "-F", "-u", "-e", "-w"])
            guard let name = words.first?.split(separator: "@").last, words.count > 1 else { return nil }
            host = String(name)
            words = words.dropFirst()
            return words.first == "--" ? words.dropFirst() : words
        case "oc", "kubectl", "k":
            // A shell on a node; whatever is asked there is asked of the machine.
            guard let node = rest.first(where: { $0.hasPrefix("node/") }), rest.contains("debug"),
                let end = rest.firstIndex(of: "--"), end + 1 < rest.endIndex
            else { return nil }
            host = String(node.dropFirst("node/".count))
            return rest[(end + 1)...]
        default:
            return first.contains("=") && !first.hasPrefix("-") && first.first?.isLetter ?? false ? rest : nil
        }
    }
}
