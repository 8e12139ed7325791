import Testing

@testable import Diagnosis

/// The catalogue is data, and data can be wrong in a few ways only.
@Suite struct CatalogueTests {
    @Test func codesAreUniqueAndOfALayer() {
        let codes = Cause.all.map(\.code)
        #expect(Set(codes).count == codes.count)
        for cause in Cause.all {
            #expect(cause.layer != nil, "\(cause.code)")
            #expect(!cause.title.isEmpty && !cause.mechanism.isEmpty && !cause.shows.isEmpty, "\(cause.code)")
            #expect(!cause.title.hasSuffix("."), "\(cause.code)")
        }
    }

    @Test func rulesAndChainsNameCausesThatExist() {
        for rule in LogRule.all {
            #expect(!rule.codes.isEmpty)
            for code in rule.codes { #expect(Cause.coded(code) != nil, "\(code)") }
        }
        for cause in Cause.all {
            for other in Cause.all where CauseGraph.standard.explains(cause.code, other.code) {
                #expect(!CauseGraph.standard.explains(other.code, cause.code), "\(cause.code) and \(other.code)")
            }
        }
    }

    /// What destroys more than it mends is never advised.
    @Test func noFixIsDestructive() {
        let destructive = [
            "iptables -f", "flush ruleset", "networkpolicies --all", "rm -rf", "--force --grace-period=0",
            "cluster-admin",
        ]
        for cause in Cause.all {
            for part in destructive { #expect(!cause.fix.lowercased().contains(part), "\(cause.code): \(part)") }
        }
    }
}
