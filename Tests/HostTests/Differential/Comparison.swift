import Foundation
import Testing

/// A leaf on which two recordings disagree; nil stands for "not there".
struct Disagreement: CustomStringConvertible {
    let path: String
    let reference: JSON?
    let ours: JSON?

    var description: String {
        "\(path)\n      reference: \(reference?.text ?? "(absent)")\n      ours:      \(ours?.text ?? "(absent)")"
    }
}

/// Compares two recordings of one scenario under the table of accepted differences.
struct Comparison {
    /// What no row of the table accepts.
    private(set) var unexplained: [Disagreement] = []
    /// Rows that accepted something.
    private(set) var seen: Set<String> = []

    init(_ reference: Recording, _ ours: Recording, accepting rows: [Difference]) {
        // Where one side could not even ADD, everything else differs too, and nobody reads it.
        let failed = (1...9).contains { number in
            reference.leaves["ADD \(number): succeeded"] != ours.leaves["ADD \(number): succeeded"]
        }
        for path in Set(reference.leaves.keys).union(ours.leaves.keys).sorted() {
            let pair = (reference.leaves[path], ours.leaves[path])
            guard pair.0 != pair.1 else { continue }
            if failed && !path.contains(": succeeded") && !path.contains(": code") { continue }
            let disagreement = Disagreement(path: path, reference: pair.0, ours: pair.1)
            if let row = rows.first(where: { $0.accepts(disagreement) }) {
                seen.insert(row.id)
            } else {
                unexplained.append(disagreement)
            }
        }
    }
}

extension Scenario {
    /// Runs this scenario with both sets and records an issue for every difference that is not in the table, and for
    /// every row this scenario promises and does not show.
    func compare(_ first: PluginSet, _ second: PluginSet) throws {
        let reference = try Recording.make(self, with: first)
        let ours = try Recording.make(self, with: second)
        if ProcessInfo.processInfo.environment["POPLIN_SHOW"] != nil {
            for (path, value) in reference.leaves.sorted(by: { $0.key < $1.key })
            where !path.contains("settings.") && !path.hasPrefix("node") && !path.hasPrefix("pod") {
                print("\(name) | \(path) = \(value.text)")
            }
        }
        let rows = Difference.table.filter { $0.everywhere || differences.contains($0.id) }
        let comparison = Comparison(reference, ours, accepting: rows)
        let limit = ProcessInfo.processInfo.environment["POPLIN_SHOW"] == nil ? 40 : 1000
        if !comparison.unexplained.isEmpty {
            let list = comparison.unexplained.prefix(limit).map { "  - \($0)" }.joined(separator: "\n")
            let more =
                comparison.unexplained.count > limit ? "\n  ... and \(comparison.unexplained.count - limit) more" : ""
            Issue.record(
                """
                \(name): \(comparison.unexplained.count) differences between \(first) and \(second):
                \(list)\(more)
                reference said:
                \(reference.transcript.joined(separator: "\n"))
                ours said:
                \(ours.transcript.joined(separator: "\n"))
                """)
        }
        if first.directory != second.directory {
            let chance = Difference.table.filter(\.sometimes).map(\.id)
            for id in differences.subtracting(comparison.seen).subtracting(chance).sorted() {
                Issue.record(
                    "\(name): the accepted difference \(id) did not show; take it off the scenario or the table")
            }
        }
    }
}
