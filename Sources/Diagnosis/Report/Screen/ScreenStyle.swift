import Findings

/// How a report is shown: 80 columns, glyphs or ASCII, colours or none, a page or everything.
public struct ScreenStyle: Sendable {
    public var paint: Paint
    /// Glyphs of Unicode; otherwise ASCII.
    public var hasGlyphs: Bool
    public var isVerbose: Bool

    public static let columns = 80

    public init(paint: Paint = .none, hasGlyphs: Bool = true, isVerbose: Bool = false) {
        self.paint = paint
        self.hasGlyphs = hasGlyphs
        self.isVerbose = isVerbose
    }

    var good: String { paint.green(hasGlyphs ? "✓" : "ok") }
    var bad: String { paint.red(hasGlyphs ? "×" : "x") }
    var unsure: String { paint.yellow(hasGlyphs ? "‼" : "!") }
    var unknown: String { paint.blue("?") }
    var dot: String { hasGlyphs ? "·" : "-" }

    func glyph(_ confidence: Confidence) -> String { confidence == .certain ? bad : unsure }

    /// A locale that is named and is not UTF-8 has no glyphs (setlocale(3): LC_ALL, LC_CTYPE, LANG in this order).
    public static func hasGlyphs(locale: (String) -> String?) -> Bool {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            guard let value = locale(name), !value.isEmpty else { continue }
            let lower = value.lowercased()
            return lower.contains("utf-8") || lower.contains("utf8")
        }
        return true
    }
}

/// Text in lines that fit.
public enum WrappedText {
    /// Without what could move a terminal's cursor: names and logs may be anybody's.
    static func clean(_ text: some StringProtocol) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 < 0x80 }) { return String(text) }
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            cleaned.append(isControl ? (scalar == "\t" ? " " : "?") : scalar)
        }
        return String(cleaned)
    }

    /// The first line begins with `label`, the others with as many blanks.
    public static func lines(_ text: String, label: String = "", columns: Int = ScreenStyle.columns) -> [String] {
        let room = max(20, columns - label.count)
        let blanks = String(repeating: " ", count: label.count)
        return words(text, room).enumerated().map { ($0.offset == 0 ? label : blanks) + $0.element }
    }

    /// A word that is longer than a line is broken, after a slash, a dot, a comma or a hyphen where it has one.
    private static func words(_ text: String, _ room: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: true) {
            var line = ""
            for word in clean(paragraph).split(separator: " ") {
                var word = word
                if !line.isEmpty, line.count + 1 + word.count > room {
                    lines.append(line)
                    line = ""
                }
                while line.isEmpty, word.count > room {
                    let head = word.prefix(room)
                    let cut = head.dropFirst(room / 2).lastIndex { "/.,-_:\"".contains($0) }
                    let end = cut.map { word.index(after: $0) } ?? head.endIndex
                    lines.append(String(word[..<end]))
                    word = word[end...]
                }
                line += line.isEmpty ? String(word) : " \(word)"
            }
            lines.append(line)
        }
        return lines.isEmpty ? [""] : lines
    }

    /// A command to copy: it is broken only between words, outside quotes, with a backslash. A comment goes on as
    /// comment: behind a backslash a shell would run it.
    static func command(_ text: String, label: String = "", columns: Int = ScreenStyle.columns) -> [String] {
        let room = columns - label.count - 2
        let blanks = String(repeating: " ", count: label.count)
        var lines: [String] = []
        for part in text.split(separator: "\n") {
            var line = ""
            var isComment = false
            for word in shellWords(clean(part)[...]) {
                let begins = !isComment && word == "#"
                isComment = isComment || begins
                if !line.isEmpty, line.count + 1 + word.count > room {
                    lines.append(isComment ? line : line + " \\")
                    line = isComment && !begins ? "  #" : "  "
                }
                let own = line.isEmpty || line == "  " ? word : " \(word)"
                if !isComment, line.count + own.count > room, let broken = brokenJSON(word, room) {
                    if line.isEmpty || line == "  " {
                        lines.append(line + broken[0])
                    } else {
                        lines.append(line + " " + broken[0])
                    }
                    lines += broken.dropFirst().dropLast()
                    line = broken.last ?? ""
                } else {
                    line += own
                }
            }
            lines.append(line)
        }
        return lines.enumerated().map { ($0.offset == 0 ? label : blanks) + $0.element }
    }

    /// A quoted document of JSON that is longer than a line, in lines: between its values a line end is as good as a blank,
    /// and within quotes the shell leaves it alone. Nil when it is none or has no place to be broken.
    private static func brokenJSON(_ word: String, _ room: Int) -> [String]? {
        guard word.hasPrefix("'{") || word.hasPrefix("'["), word.hasSuffix("'") else { return nil }
        var lines: [String] = []
        var line = ""
        var cut: Int?
        var isInString = false
        var isEscaped = false
        for character in word {
            line.append(character)
            if isEscaped {
                isEscaped = false
            } else if isInString, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isInString.toggle()
            } else if !isInString, ",{[:".contains(character) {
                cut = line.count
            }
            // Room for what ends a line of a command.
            if line.count > room - 2, let end = cut {
                lines.append(String(line.prefix(end)))
                line = "    " + line.dropFirst(end)
                cut = nil
            }
        }
        return lines.isEmpty ? nil : lines + [line]
    }

    /// Split at blanks, except inside quotes; in a comment an apostrophe opens none.
    private static func shellWords(_ text: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in text {
            if words.contains("#") {
                if character != " " {
                    word.append(character)
                    continue
                }
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == " " {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static let programs: Set<Substring> = [
        "kubectl", "ip", "cd", "bridge", "nft", "tc", "systemctl", "journalctl", "calicoctl", "cilium", "cilium-dbg",
        "aws",
        "az", "gcloud", "helm", "cat", "sysctl", "poplin", "crictl", "sed", "rm", "mv", "cp", "chmod", "chown",
        "mount", "umount", "modprobe", "echo", "docker", "ctr", "istioctl", "for", "sudo", "printf", "tee", "ln",
        "ethtool", "iptables", "conntrack", "ss", "timedatectl", "touch", "mkdir", "restorecon", "k3s", "linkerd",
        "cmctl", "openssl", "curl", "dig", "grep", "ipset", "find", "ls", "nsenter", "birdcl", "vtysh", "test",
        "antctl",
        "update-alternatives", "nmcli", "networkctl", "udevadm", "firewall-cmd", "chronyc", "kubeadm", "dnf",
        "apt-get", "hubble", "iptables-save", "tar", "base64", "diff", "truncate",
    ]

    static func isCommand(_ text: String) -> Bool {
        guard let first = place(of: text).split(separator: " ", maxSplits: 1).first else { return false }
        return programs.contains(first.hasPrefix("(") ? first.dropFirst() : first)
    }

    /// What is to be typed of `on node-2: rm FILE`.
    private static func place(of text: String) -> Substring {
        guard text.hasPrefix("on "), let colon = text.firstRange(of: ": "), !text[..<colon.lowerBound].contains(", "),
            text[..<colon.lowerBound].split(separator: " ").count == 2
        else { return text[...] }
        return text[colon.upperBound...]
    }

    /// A step of a fix: a command to copy, or a sentence.
    static func step(_ text: String, label: String) -> [String] {
        isCommand(text) ? command(text, label: label) : lines(text, label: label)
    }

    /// `9 s`, `12 min`, `5 h`, `3 d`.
    static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(max(0, seconds)) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }
}
