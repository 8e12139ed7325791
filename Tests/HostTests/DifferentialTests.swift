import Glibc
import Synchronization
import Testing

/// The same configuration through Debian's `containernetworking-plugins` and through ours, each on a node of its own:
/// what the kernel holds afterwards, what packets do, what the plugins print, and what DEL leaves.
@Suite struct DifferentialTests {
    @Test(.enabled(if: getuid() == 0, "needs root"), arguments: Scenario.selected)
    func poplinDoesWhatTheReferenceDoes(_ scenario: Scenario) throws {
        let shown = try scenario.compare(.reference, try .poplin())
        let finished = Self.progress.withLock { progress in
            progress.seen.formUnion(shown)
            progress.count += 1
            return progress.count == Scenario.all.count ? progress.seen : nil
        }
        // The last of them knows which rows nobody has seen. `bridge: vlan` needs a kernel option.
        guard let finished else { return }
        for row in Difference.table where !finished.contains(row.id) {
            Issue.record("no scenario shows the accepted difference \(row.id); take it off the table")
        }
    }

    /// The harness must not see differences where there are none: the reference against itself.
    @Test(.enabled(if: getuid() == 0, "needs root"), arguments: Scenario.selfComparison)
    func theReferenceEqualsItself(_ scenario: Scenario) throws {
        try scenario.compare(.reference, .reference)
    }

    @Test func theDocumentOfDifferencesIsCurrent() throws {
        try Repository.expect(
            "docs/reference/cni-differences.md", toBe: Difference.document(scenarios: Scenario.all))
    }

    private static let progress = Mutex((seen: Set<String>(), count: 0))
}

extension Scenario {
    static let all: [Scenario] =
        bridges + pointToPoints + loopbacks + addresses + portMaps + firewalls + bandwidths + tunings + chains + endings

    /// Those whose name holds POPLIN_SCENARIO, when that is set.
    static let selected: [Scenario] = all.filter { scenario in
        getenv("POPLIN_SCENARIO").map { scenario.name.contains(String(cString: $0)) } ?? true
    }

    /// All of them when POPLIN_SELF=1, one otherwise.
    static let selfComparison: [Scenario] = getenv("POPLIN_SELF") == nil ? [all[5]] : selected
}
