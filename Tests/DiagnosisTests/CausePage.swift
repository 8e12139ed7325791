import Foundation

@testable import Diagnosis

/// A cause's page of docs/reference/causes: what the catalogue says, the messages it is met with, who looks for it, and
/// the guides that lead to it.
struct CausePage {
    /// A page of docs/how-to.
    struct Guide {
        var file: String
        var title: String
        /// Codes of the causes it refers to.
        var codes: Set<String>

        private static let folder = LabelledMessages.root.appending(path: "docs/how-to")

        /// By file name.
        static var all: [Guide] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
            return names.filter { $0.hasSuffix(".md") }.sorted().compactMap { name in
                guard let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8) else {
                    return nil
                }
                let title = text.prefix { $0 != "\n" }.drop { $0 == "#" || $0 == " " }
                let codes = text.matches(of: /causes\/([A-Z]{3}-[0-9]{2})\.md/).map { String($0.1) }
                return Guide(file: name, title: String(title), codes: Set(codes))
            }
        }
    }

    private let cause: Cause
    private let guides: [Guide]

    init(_ cause: Cause, guides: [Guide]) {
        self.cause = cause
        self.guides = guides.filter { $0.codes.contains(cause.code) }
    }

    var text: String {
        var text = "# \(cause.code): \(cause.title)\n\n\(cause.mechanism)\n"
        func section(_ title: String, _ body: String) {
            if !body.isEmpty { text += "\n## \(title)\n\n\(body)\n" }
        }
        section("What shows it", cause.shows)
        section("Messages it is met with", messages)
        section(
            "How sure the doctor can be",
            cause.isDecisive
                ? "Certain, when it has seen that."
                : "Likely at most: another cause can look the same, and a probe has to settle it.")
        section("The smallest step that mends it", cause.fix)
        section("What does not help", cause.not)
        section("What the doctor looks at", checks)
        section("Guides", guides.map { "- [\($0.title)](../../how-to/\($0.file))" }.joined(separator: "\n"))
        return text + "\nThe same without a network: `poplin explain \(cause.code)`.\n"
    }

    // MARK: Messages

    /// At most this many, of at most this many characters: enough to know one's own again.
    private static let messageLimit = 4
    private static let lengthLimit = 180

    /// Of those that are labelled with one cause, decide alone, and are understood: by cause.
    private static let known: [String: [String]] = {
        var known: [String: [String]] = [:]
        for set in LabelledMessages.sets where !LabelledMessages.ofPeople.contains(set) {
            for one in LabelledMessages.cases(set) where one.decides && one.accept.count == 1 && one.lines.count == 1 {
                let line = one.lines[0].trimmingCharacters(in: .whitespaces)
                if line.count > lengthLimit || line.contains("\n") || line.contains("```") || !isPrinted(line) {
                    continue
                }
                known[one.accept[0], default: []].append(line)
            }
        }
        return known
    }()

    /// As a program prints and nobody writes: what people tell of a failure helps nobody to know theirs again.
    private static func isPrinted(_ line: String) -> Bool {
        let marks = line.count { ":=\"[]()/<>".contains($0) }
        return marks >= 3 && marks * 30 >= line.count && !line.contains("; ") && !line.contains(" I ")
    }

    private var messages: String {
        var chosen: [(line: String, words: Set<String>)] = []
        for line in Self.known[cause.code] ?? [] where chosen.count < Self.messageLimit {
            // Not the same once more with other names.
            let words = Set(line.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 2 })
            let isNew = chosen.allSatisfy { $0.words.intersection(words).count * 2 < min($0.words.count, words.count) }
            guard words.count > 2, isNew, LogReader.causes(of: line).first?.code == cause.code else { continue }
            chosen.append((line, words))
        }
        return chosen.isEmpty ? "" : "```\n" + chosen.map(\.line).joined(separator: "\n") + "\n```"
    }

    // MARK: Checks

    private var checks: String {
        let checks = CheckList.all.filter { $0.codes.contains(cause.code) }
        var lines = checks.map { check in
            let needs = check.needs.map { "`\($0)`" }.joined(separator: ", ")
            return "- *\(check.name)* (\(type(of: check)))" + (needs.isEmpty ? "" : ", from \(needs)")
        }
        // How many rules there are is coverage.md's.
        if LogRule.all.contains(where: { $0.codes.contains(cause.code) }) {
            lines.append("- *messages*: what programs say of it in logs and events")
        }
        return lines.joined(separator: "\n")
    }
}
