import Foundation
import Testing

@testable import Diagnosis

/// What likeness to known messages knows of messages it has not seen, and where it is silent.
@Suite struct LikenessTests {
    // MARK: Words

    /// A number, an address, an identifier and a time are only their kind; several names of one thing are one.
    @Test(arguments: [
        ("dial tcp 10.0.0.1:443", "dial tcp 192.168.7.9:443"),
        ("Pods can't reach the API server", "pod unreachable apiserver"),
        ("kube-proxy timed out", "kubeproxy timeout"), ("container 8f3c21aa99", "pods 77ab01cd23"),
        ("after 5m30s", "5m"), ("02:41:07 routes", "route"), ("aa:bb:cc:00:11:22", "#mac"),
        ("deleting rules", "delete rule"),
    ])
    func sameWords(_ one: String, _ other: String) {
        let first = LikenessWords(LogText(one)).words
        let second = other.hasPrefix("#") ? [other] : LikenessWords(LogText(other)).words
        #expect(Set(second).isSubset(of: first) || Set(first).isSubset(of: second), "\(first) \(second)")
    }

    @Test func numbersThatTell() {
        let words = LikenessWords(LogText("udp 8472 blocked, 31337 too")).words
        #expect(words.contains("8472") && words.contains("#n") && !words.contains("31337"), "\(words)")
    }

    @Test func writingWithoutBlanks() {
        let words = LikenessWords(LogText("pod 之间不通")).words
        #expect(Set(words) == ["pod", "之", "间", "不", "通"])
    }

    // MARK: Messages it has not seen

    /// A quarter of the sets is kept from the model. With `POPLIN_EVERY_FOLD=1` each quarter in turn, so that every set is
    /// asked of a model that has not seen it.
    @Test(arguments: 0..<(ProcessInfo.processInfo.environment["POPLIN_EVERY_FOLD"] == "1" ? 4 : 1))
    func messagesOfOtherSets(_ fold: Int) {
        let held = LabelledMessages.sets.enumerated().filter { $0.offset % 4 == fold }.map(\.element)
        let model = LabelledMessages.model(without: Set(held))
        var seen = 0
        var near = 0
        var nearest = 0
        for one in held.flatMap(LabelledMessages.cases) {
            let words = LikenessWords(LogText(one.lines.joined(separator: "\n"))).words
            let codes = model.ranking(of: words).places.prefix(5).map(\.code)
            seen += 1
            if codes.contains(one.accept[0]) { near += 1 }
            if let first = codes.first, one.accept.contains(first) { nearest += 1 }
        }
        print("likeness alone, fold \(fold): \(near) of \(seen) among five, \(nearest) first")
        #expect(seen > 500 && near * 100 >= seen * 80 && nearest * 100 >= seen * 65)
    }

    /// The people's sets, of a model that has seen none of them; and a set that no data file has.
    @Test func sentencesOfPeople() {
        let model = LabelledMessages.model(without: LabelledMessages.ofPeople)
        let cases = LabelledMessages.ofPeople.sorted().flatMap(LabelledMessages.cases)
        let near = cases.count { one in
            let words = LikenessWords(LogText(one.lines.joined(separator: "\n"))).words
            return model.ranking(of: words).places.prefix(5).contains { $0.code == one.accept[0] }
        }
        print("likeness alone, people's sentences: \(near) of \(cases.count) among five")
        #expect(cases.count > 450 && near * 100 >= cases.count * 65)
    }

    /// Sentences that neither a rule nor the data file was written after.
    @Test func sentencesKeptFromIt() {
        let cases = LabelledMessages.cases("likeness-held.jsonl")
        let rules = LogScore(cases)
        let both = LogScore(cases, answer: LogReader.answer(to:))
        print(
            "likeness-held.jsonl: rules \(rules.contained)/\(rules.cases), first \(rules.first)/\(rules.deciding);",
            "with likeness \(both.contained)/\(both.cases), first \(both.first)/\(both.deciding),",
            "certain of something else \(both.confidentlyWrong)")
        for miss in both.misses { print("  \(miss.name): wanted \(miss.wanted), said \(miss.said)") }
        #expect(both.cases >= 50 && both.confidentlyWrong == rules.confidentlyWrong)
        #expect(both.contained * 100 >= both.cases * 70 && both.contained > rules.contained)
    }

    // MARK: What it may not do

    /// A rule that is sure is not touched, and likeness is never more than possible.
    @Test func surenessStaysTheRules() {
        for one in LabelledMessages.cases("cases.jsonl") + LabelledMessages.cases("heldout-thirtyfirst.jsonl") {
            let text = one.lines.joined(separator: "\n")
            let known = LogReader.causes(of: text)
            let said = LogReader.answer(to: text)
            if let first = known.first, first.confidence == .certain {
                #expect(said == known, "\(said)")
            } else if let first = known.first, first.confidence == .likely {
                // The first five are the rules', and what the text is like is never surer than possible.
                let stays = said.first == first && known.prefix(5).allSatisfy(said.contains)
                let isModest = said.count <= 7 && said.allSatisfy { !$0.isByLikeness || $0.confidence == .possible }
                #expect(stays && isModest, "\(known) \(said)")
            } else {
                let isHumble = said.allSatisfy { $0.confidence == .possible } && said.count <= max(7, known.count)
                #expect(isHumble, "\(said)")
            }
        }
    }

    /// Lines of a good day, of which the model has seen none of the second file.
    @Test(arguments: ["ordinary.txt", "ordinary-third.txt"])
    func ordinaryLines(_ file: String) {
        for line in LabelledMessages.lines(file) {
            let said = LogReader.answer(to: line).map(\.code)
            #expect(said.isEmpty, "\(said): \(line)")
        }
    }

    /// What people ask about other things than the network, of which the model has seen none: where the rules are silent,
    /// likeness stays so with nearly all.
    @Test func unrelatedSentences() {
        let lines = LabelledMessages.lines("unrelated-held.txt")
        #expect(lines.count >= 40)
        let spoken = lines.filter { LogReader.causes(of: $0).isEmpty && !LogReader.answer(to: $0).isEmpty }
        print("unrelated: \(spoken.count) of \(lines.count) answered by likeness: \(spoken)")
        #expect(spoken.count * 10 <= lines.count)
    }

    @Test(arguments: ["", "   ", "?", "…", "hello", "the of to in"])
    func textWithoutWords(_ text: String) {
        let said = LogReader.answer(to: text)
        #expect(said.isEmpty, "\(said)")
    }

    /// A whole file is not a message that it is asked for.
    @Test func muchText() {
        let text = String(repeating: "pods cannot reach pods of other nodes ", count: 5_000)
        let said = LogReader.answer(to: text)
        #expect(said == LogReader.causes(of: text))
    }

    /// Neither the order of the words nor that of the examples changes the answer.
    @Test func orderChangesNothing() {
        let examples = LabelledMessages.examples("cases.jsonl") + LabelledMessages.unrelated
        let one = LikenessModel(examples)
        let words = LikenessWords(LogText("new pods stay in ContainerCreating, no free address in the range")).words
        let first = one.ranking(of: words).places.map(\.code)
        let second = one.ranking(of: words.reversed()).places.map(\.code)
        let third = LikenessModel(examples).ranking(of: words).places.map(\.code)
        #expect(!first.isEmpty && first.prefix(5) == second.prefix(5) && first == third)
    }

    // MARK: The data file

    /// Sources/Diagnosis/Logs/Likeness/LikenessExamples.swift is written from the labelled sets:
    /// `POPLIN_WRITE_DOCS=1 swift test --filter LikenessTests`.
    @Test func dataIsUpToDate() throws {
        let file = LabelledMessages.folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Diagnosis/Logs/Likeness/LikenessExamples.swift")
        let examples = LabelledMessages.sets.flatMap(LabelledMessages.examples) + LabelledMessages.unrelated
        var seen: Set<LikenessModel.Example> = []
        let lines = examples.filter { seen.insert($0).inserted }.map {
            "\($0.codes.joined(separator: " "))|\($0.words.joined(separator: " "))"
        }
        let text = """
            // swift-format-ignore-file
            // Written by LikenessTests from Tests/Fixtures/diagnosis, with POPLIN_WRITE_DOCS=1. Not edited by hand.

            /// Messages whose cause somebody found, as the words that likeness sees: the causes, a bar, the words. No causes
            /// stand before the words of what is no sign of any.
            enum LikenessExamples {
                static let lines = #\"\"\"

            """ + lines.joined(separator: "\n") + "\n\"\"\"#\n}\n"
        if ProcessInfo.processInfo.environment["POPLIN_WRITE_DOCS"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let known = try String(contentsOf: file, encoding: .utf8)
        let isUpToDate = known == text
        #expect(isUpToDate, "POPLIN_WRITE_DOCS=1 swift test --filter LikenessTests")
    }
}
