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
    static let all: [Scenario] =
        bridges + pointToPoints + loopbacks + addresses + portMaps + firewalls + bandwidths + tunings + chains
    /// All of them when POPLIN_SELF=1, a few otherwise.
    static let selfComparison: [Scenario] = getenv("POPLIN_SELF") == nil ? [bridges[5]] : all
}
