import Glibc
import Testing

/// The same configuration through Debian's `containernetworking-plugins` and through ours, each on a node of its own:
/// what the kernel holds afterwards, what packets do, what the plugins print, and what DEL leaves.
@Suite(.enabled(if: getuid() == 0, "needs root"))
struct DifferentialTests {
    @Test(arguments: Scenario.all)
    func poplinDoesWhatTheReferenceDoes(_ scenario: Scenario) throws {
        try scenario.compare(.reference, try .poplin())
    }

    /// The harness must not see differences where there are none: the reference against itself.
    @Test(arguments: Scenario.selfComparison)
    func theReferenceEqualsItself(_ scenario: Scenario) throws {
        try scenario.compare(.reference, .reference)
    }
}

extension Scenario {
    /// Those whose name holds POPLIN_SCENARIO, when that is set.
    static let all: [Scenario] = every.filter { scenario in
        getenv("POPLIN_SCENARIO").map { scenario.name.contains(String(cString: $0)) } ?? true
    }

    private static let every: [Scenario] =
        bridges + pointToPoints + loopbacks + addresses + portMaps + firewalls + bandwidths + tunings + chains
    /// All of them when POPLIN_SELF=1, a few otherwise.
    static let selfComparison: [Scenario] = getenv("POPLIN_SELF") == nil ? [every[5]] : all
}
