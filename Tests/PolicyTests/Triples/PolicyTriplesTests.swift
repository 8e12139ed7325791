import Addressing
import Findings
import JSONTree
import Testing

@testable import Policy

/// Verdicts that three or four independently written engines agree on.
@Suite struct PolicyTriplesTests {
    @Test func randomScenarios() throws {
        let count = try judge(PolicyScenario.load(PolicyScenario.random))
        #expect(count == 4_000)
    }

    @Test(.enabled(if: PolicyScenario.cyclonus != nil, "the Cyclonus cases are third-party data: ../shared is absent"))
    func cyclonusCases() throws {
        let count = try judge(PolicyScenario.load(#require(PolicyScenario.cyclonus)))
        #expect(count == 124_884)
    }

    /// Compares every flow, and stops at the tenth difference. Answers how many were compared.
    private func judge(_ scenarios: [PolicyScenario]) throws -> Int {
        var compared = 0
        var differences: [String] = []
        for scenario in scenarios {
            let findings = scenario.parsed().findings
            #expect(findings.allSatisfy { $0.severity != .error }, "\(scenario.id): \(findings.map(\.message))")
            let engine = scenario.engine
            for node in scenario.flows {
                compared += 1
                let flow = try Flow(decoding: node)
                let expected = Expectation(node.member("expect"))
                let seen = try Expectation(engine, flow)
                if seen != expected {
                    differences.append("\(scenario.id) \(flow): expected \(expected), got \(seen)")
                    if differences.count == 10 { break }
                }
            }
        }
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
        return compared
    }
}

/// A verdict with all the triples say about it.
private struct Expectation: Equatable {
    struct Side: Equatable {
        var isAllowed: Bool
        var reason: String
        var isolatedBy: [String]
        var allowedBy: [String]
    }

    var isAllowed: Bool
    var egress: Side?
    var ingress: Side?

    init(_ node: JSONNode?) {
        isAllowed = node?.text("verdict") == "allow"
        func side(_ key: String) -> Side? {
            node?.member(key).map {
                Side(
                    isAllowed: $0.text("verdict") == "allow", reason: $0.text("reason"),
                    isolatedBy: $0.strings("isolatedBy"), allowedBy: $0.strings("allowedBy"))
            }
        }
        egress = side("egress")
        ingress = side("ingress")
        // The big file leaves out the names.
        if let egress, egress.isolatedBy.isEmpty, egress.reason == "rule" || egress.reason == "isolated-no-rule" {
            namesAreGiven = false
        }
        if let ingress, ingress.isolatedBy.isEmpty, ingress.reason == "rule" || ingress.reason == "isolated-no-rule" {
            namesAreGiven = false
        }
    }

    var namesAreGiven = true

    init(_ engine: PolicyEngine, _ flow: Flow) throws {
        let verdict = try engine.verdict(flow)
        let walk = try engine.walk(flow)
        isAllowed = verdict.isAllowed
        egress = Self.side(walk.egress)
        ingress = Self.side(walk.ingress)
        precondition(walk.egress.verdict == verdict.egress && walk.ingress.verdict == verdict.ingress)
        for walk in [walk.egress, walk.ingress] {
            // The walk explains the verdict: a deciding rule matches, and it is the first that does.
            let steps = walk.tiers.flatMap { $0.policies.flatMap(\.rules) }
            if let rule = walk.verdict.decidedBy {
                precondition(steps.contains { $0.rule == rule && $0.matches })
            } else if walk.verdict.reason == .noRule {
                precondition(steps.allSatisfy { !$0.matches })
            }
        }
    }

    private static func side(_ walk: DirectionWalk) -> Side {
        let isIsolated = walk.verdict.reason == .rule || walk.verdict.reason == .noRule
        return Side(
            isAllowed: walk.verdict.isAllowed, reason: walk.verdict.reason.rawValue,
            isolatedBy: isIsolated ? walk.isolatedBy.map(\.qualifiedName) : [],
            allowedBy: walk.allowedBy.map(\.shortName))
    }

    static func == (left: Expectation, right: Expectation) -> Bool {
        func same(_ one: Side?, _ other: Side?) -> Bool {
            if left.namesAreGiven && right.namesAreGiven { return one == other }
            return one?.isAllowed == other?.isAllowed && one?.reason == other?.reason
        }
        return left.isAllowed == right.isAllowed && same(left.egress, right.egress)
            && same(left.ingress, right.ingress)
    }
}
