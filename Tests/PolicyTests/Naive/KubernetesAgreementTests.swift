import Findings
import Foundation
import JSONTree
import KubernetesModel
import Testing

@testable import Policy

/// The engine, its walk and its compiled entries against the naive evaluator, and entries against the engine for the
/// other dialects.
@Suite struct KubernetesAgreementTests {
    /// `make soak` runs fifty times as many scenarios, in a release build: a debug build would take hours for them.
    static let isSoak: Bool = {
        #if DEBUG
            false
        #else
            ProcessInfo.processInfo.environment["POPLIN_SOAK"] == "1"
        #endif
    }()
    static let scenarios = isSoak ? 3_000 : 60

    static func read(_ manifests: [JSONValue]) throws -> PolicyInput {
        var input = PolicyInput()
        for manifest in manifests {
            let node = try manifest.tree().root
            input.read(
                PolicyDocument(
                    gvk: GroupVersionKind(apiVersion: node.text("apiVersion"), kind: node.text("kind")), node: node))
        }
        return input
    }

    @Test(arguments: 0..<16) func kubernetes(_ chunk: Int) throws {
        var generator = KubernetesGenerator(seed: UInt64(chunk) + 9_000)
        var random = SeededRandom(seed: UInt64(chunk) + 3_000)
        var allowed = 0
        var flows = 0
        for _ in 0..<Self.scenarios {
            let manifests = generator.policies()
            let parsed = try Self.read(manifests).parsed
            let errors = parsed.findings.filter { $0.severity == .error }.map(\.message)
            #expect(errors.isEmpty, "\(errors)")
            let set = PolicySet(parsed.policies, tiers: parsed.tiers)
            let compiler = PolicyCompiler(cluster: DialectWorld.cluster, policies: set, scope: .everywhere)
            let naive = NaiveKubernetes(manifests: manifests)
            for _ in 0..<110 {
                let flow = NaiveFlow.random(&random)
                let expected = naive.allows(flow)
                let verdict = try compiler.engine.verdict(flow.flow)
                flows += 1
                if expected { allowed += 1 }
                guard verdict.isAllowed == expected else {
                    Issue.record("\(flow): the engine says \(verdict)\n\(JSONValue.array(manifests).text)")
                    return
                }
                guard try agree(compiler, flow.flow, verdict, manifests) else { return }
            }
        }
        // Scenarios that allow or deny everything would prove nothing.
        #expect(allowed > flows / 10 && allowed < flows * 9 / 10, "\(allowed) of \(flows)")
    }

    @Test(arguments: 0..<6) func entriesOfOtherDialects(_ chunk: Int) throws {
        var generator = DialectGenerator(seed: UInt64(chunk) + 70)
        var random = SeededRandom(seed: UInt64(chunk) + 71)
        for index in 0..<Self.scenarios {
            let manifests = index % 2 == 0 ? generator.ciliumPolicies() : generator.calicoPolicies()
            let parsed = try DialectAgreementTests.read(manifests)
            let compiler = PolicyCompiler(
                cluster: DialectWorld.cluster, policies: PolicySet(parsed.policies, tiers: parsed.tiers),
                scope: .everywhere)
            for _ in 0..<60 {
                let flow = NaiveFlow.random(&random)
                let verdict = try compiler.engine.verdict(flow.flow)
                guard try agree(compiler, flow.flow, verdict, manifests) else { return }
            }
        }
    }

    /// Whether walk and entries say the same as the verdict, down to the deciding rule.
    private func agree(
        _ compiler: PolicyCompiler, _ flow: Flow, _ verdict: Verdict, _ manifests: [JSONValue]
    ) throws -> Bool {
        let source = try compiler.engine.resolve(flow.source, flow.family)
        let destination = try compiler.engine.resolve(flow.destination, flow.family)
        for direction in Direction.allCases {
            let walk = compiler.engine.walk(direction, flow, from: source, to: destination)
            let first = walk.tiers.last.flatMap { tier -> RuleReference? in
                let matching = tier.policies.flatMap(\.rules).filter { $0.matches && $0.action != .log }
                return matching.contains { $0.rule == verdict[direction].decidedBy }
                    ? verdict[direction].decidedBy : nil
            }
            if walk.verdict != verdict[direction] || first != verdict[direction].decidedBy {
                Issue.record("\(flow) \(direction): the walk says \(walk)\n\(JSONValue.array(manifests).text)")
                return false
            }
            if let compiled = compiler.verdict(direction, flow, from: source, to: destination),
                compiled != verdict[direction]
            {
                Issue.record(
                    "\(flow) \(direction): \(verdict[direction]), entries say \(compiled)\n\(JSONValue.array(manifests).text)"
                )
                return false
            }
        }
        return true
    }
}
