import Foundation
import Synchronization
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
    /// every row this scenario promises and does not show. Answers the rows that showed.
    @discardableResult
    func compare(_ first: PluginSet, _ second: PluginSet) throws -> Set<String> {
        let (reference, ours) = try Recording.both(self, first, second)
        // POPLIN_SHOW=1 prints everything but the kernel's state, and cuts no list of differences.
        let showsAll = ProcessInfo.processInfo.environment["POPLIN_SHOW"] != nil
        if showsAll { reference.show(name) }
        let rows = Difference.table.filter { $0.everywhere || differences.contains($0.id) }
        let comparison = Comparison(reference, ours, accepting: rows)
        let limit = showsAll ? 1000 : 40
        if !comparison.unexplained.isEmpty {
            let count = comparison.unexplained.count
            let list = comparison.unexplained.prefix(limit).map { "  - \($0)" }.joined(separator: "\n")
            Issue.record(
                """
                \(name): \(count) differences between \(first) and \(second):
                \(list)\(count > limit ? "\n  ... and \(count - limit) more" : "")
                reference said:
                \(reference.transcript.joined(separator: "\n"))
                ours said:
                \(ours.transcript.joined(separator: "\n"))
                """)
        }
        if first.directory != second.directory {
            for id in differences.subtracting(comparison.seen).sorted() {
                Issue.record(
                    "\(name): the accepted difference \(id) did not show; take it off the scenario or the table")
            }
        }
        return comparison.seen
    }
}

extension Recording {
    /// Records with both sets at the same time, on a thread each: most of the time goes by waiting for packets that
    /// do not come.
    static func both(
        _ scenario: Scenario, _ first: PluginSet, _ second: PluginSet
    ) throws -> (Recording, Recording) {
        let other = Mutex<Result<Recording, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let recording = Result { try make(scenario, with: first) }
            other.withLock { $0 = recording }
            done.signal()
        }
        let ours = Result { try make(scenario, with: second) }
        done.wait()
        guard let reference = other.withLock({ $0 }) else { throw HarnessError("the other recording is missing") }
        return (try reference.get(), try ours.get())
    }

    func show(_ name: String) {
        let hidden = ["node", "pod"]
        for (path, value) in leaves.sorted(by: { $0.key < $1.key }) where !hidden.contains(where: path.hasPrefix) {
            print("\(name) | \(path) = \(value.text)")
        }
    }
}
