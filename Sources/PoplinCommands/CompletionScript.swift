import ArgumentParser

/// ArgumentParser's completion script, with what it leaves out: the options of a command's default subcommand are
/// offered where no subcommand is named (`poplin doctor --`), as they are taken there.
struct CompletionScript {
    private(set) var text: String

    init(_ script: String, for shell: CompletionCommand.Shell) {
        text = script
        for (words, subcommand) in Self.defaults(of: PoplinCommand.self, ["poplin"]) {
            switch shell {
            case .bash: offerInBash(words, subcommand)
            case .zsh: offerInZsh(words, subcommand)
            case .fish: offerInFish(words, subcommand)
            }
        }
    }

    /// Every command that has a default subcommand, by the words that name it.
    private static func defaults(
        of command: any ParsableCommand.Type, _ words: [String]
    ) -> [(words: [String], subcommand: String)] {
        var found: [(words: [String], subcommand: String)] = []
        let configuration = command.configuration
        if let subcommand = configuration.defaultSubcommand { found.append((words, subcommand._commandName)) }
        for subcommand in configuration.subcommands {
            found += defaults(of: subcommand, words + [subcommand._commandName])
        }
        return found
    }

    private static func function(_ words: [String]) -> String { "_" + words.joined(separator: "_") }

    /// `unparsed_words` are those behind the command's own.
    private mutating func offerInBash(_ words: [String], _ subcommand: String) {
        insert(
            after: "\n\(Self.function(words))() {\n",
            """
                if [[ "${unparsed_words[0]}" = -* ]]; then
                    "\(Self.function(words + [subcommand]))"
                    return
                fi

            """)
    }

    /// `words` begins with the command's own.
    private mutating func offerInZsh(_ words: [String], _ subcommand: String) {
        insert(
            after: "\n\(Self.function(words))() {\n",
            """
                if [[ "${words[2]}" = -* ]]; then
                    "\(Self.function(words + [subcommand]))"
                    return
                fi

            """)
    }

    /// There a command's options stand in the line that parses them, and in a line each.
    private mutating func offerInFish(_ words: [String], _ subcommand: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let own = Self.caseLine(words, in: lines), let other = Self.caseLine(words + [subcommand], in: lines),
            own + 1 < lines.count, other + 1 < lines.count
        else { return }
        let indent = lines[own + 1].prefix { $0 == " " }
        lines[own + 1] = String(indent) + String(lines[other + 1].drop { $0 == " " })
        let path = words.joined(separator: " ")
        let known = Set(lines)
        lines += lines.filter { $0.contains("_flags_or_options \"\(path) \(subcommand)\"") }
            .map { $0.replacing("\"\(path) \(subcommand)\"", with: "\"\(path)\"") }
            .filter { !known.contains($0) }
        text = lines.joined(separator: "\n")
    }

    /// The place of `case 'doctor'` within that of `case 'poplin'`.
    private static func caseLine(_ words: [String], in lines: [String]) -> Int? {
        var place = 0
        var depth = -1
        for word in words {
            func level(_ line: String) -> Int { line.prefix { $0 == " " }.count }
            guard
                let next = lines[place...].firstIndex(where: { line in
                    line.drop { $0 == " " } == "case '\(word)'" && level(line) > depth
                })
            else { return nil }
            // A word of the same name elsewhere is another command's.
            if depth >= 0, lines[(place + 1)..<next].contains(where: { level($0) <= depth && !$0.isEmpty }) {
                return nil
            }
            depth = level(lines[next])
            place = next
        }
        return place
    }

    private mutating func insert(after start: String, _ addition: String) {
        guard let range = text.firstRange(of: start) else { return }
        text.insert(contentsOf: addition, at: range.upperBound)
    }
}
