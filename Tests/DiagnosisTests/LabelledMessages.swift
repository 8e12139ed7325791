import Foundation
import JSONTree

@testable import Diagnosis

/// The labelled messages of Tests/Fixtures/diagnosis, as likeness learns them.
enum LabelledMessages {
    /// The repository.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let folder = root.appending(path: "Tests/Fixtures/diagnosis")

    static func lines(_ name: String) -> [String] {
        let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
        return text?.split(separator: "\n").map(String.init) ?? []
    }

    /// Names of the sets that likeness learns, sorted. What is kept from it is named so.
    static let sets: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasSuffix(".jsonl") && !$0.hasPrefix("likeness-held") }.sorted()
    }()

    /// Sets of titles and people's own sentences, most of which name no mechanism.
    static let ofPeople: Set<String> = [
        "heldout-twentyfifth.jsonl", "heldout-twenty-fourth.jsonl", "heldout-twenty-sixth.jsonl",
        "heldout-twentyseventh.jsonl", "heldout-twenty-eighth.jsonl", "heldout-twentyninth.jsonl",
        "heldout-thirtyfirst.jsonl",
    ]

    static func nodes(_ set: String) -> [JSONNode] {
        lines(set).compactMap { try? JSONTree(parsing: Array($0.utf8)).root }
    }

    static func cases(_ set: String) -> [LogScore.Case] { nodes(set).compactMap { LogScore.Case($0) } }

    static func examples(_ set: String) -> [LikenessModel.Example] {
        nodes(set).compactMap { node in
            let text = node.member("lines")?.elements.compactMap(\.string).joined(separator: "\n") ?? ""
            let words = LikenessWords(LogText(text)).words
            if words.isEmpty { return nil }
            let codes = LogScore.Case(node)?.accept ?? []
            return LikenessModel.Example(codes: codes, words: words)
        }
    }

    /// What is no sign of any cause: lines of a good day, and what people ask about other things than the network.
    static let unrelated: [LikenessModel.Example] = (lines("ordinary.txt") + lines("unrelated.txt")).map {
        LikenessModel.Example(codes: [], words: LikenessWords(LogText($0)).words)
    }

    /// A model that has not seen these sets.
    static func model(without held: Set<String>) -> LikenessModel {
        LikenessModel(
            sets.filter { !held.contains($0) }.flatMap(examples) + unrelated + LikenessModel.catalogue)
    }
}
