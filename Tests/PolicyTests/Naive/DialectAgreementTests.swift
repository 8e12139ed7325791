import Addressing
import Findings
import JSONTree
import KubernetesModel
import Testing

@testable import Policy

/// The engine against the naive evaluators, over random policies of Cilium and Calico: single verdicts, and the same
/// answer from the sets of traffic between classes.
@Suite struct DialectAgreementTests {
    /// For each chunk; POPLIN_SOAK=1 has a hundred times as many.
    static let scenarios = KubernetesAgreementTests.isSoak ? 2500 : 25

    static func read(_ manifests: [JSONValue]) throws -> ParsedPolicies {
        var result = ParsedPolicies()
        for manifest in manifests {
            let node = try manifest.tree().root
            let gvk = GroupVersionKind(
                apiVersion: node.member("apiVersion")?.string ?? "", kind: node.member("kind")?.string ?? "")
            let document = PolicyDocument(gvk: gvk, node: node)
            if CiliumDialect.reads(gvk) { CiliumDialect.parse(document, into: &result) }
            if CalicoDialect.reads(gvk) { CalicoDialect.parse(document, into: &result) }
        }
        return result
    }

    private func check(
        _ manifests: [JSONValue], _ random: inout SeededRandom, naive: (NaiveFlow) -> Bool
    ) throws -> (flows: Int, allowed: Int) {
        let parsed = try Self.read(manifests)
        #expect(parsed.findings.filter { $0.severity == .error }.isEmpty, "\(parsed.findings)")
        let set = PolicySet(parsed.policies, tiers: parsed.tiers)
        let engine = PolicyEngine(cluster: DialectWorld.cluster, policies: set)
        let reachability = Reachability(DialectWorld.cluster, set)
        var allowed = 0
        for _ in 0..<40 {
            let flow = NaiveFlow.random(&random)
            let expected = naive(flow)
            if expected { allowed += 1 }
            let verdict = try engine.verdict(flow.flow)
            #expect(
                verdict.isAllowed == expected,
                "\(flow): the engine says \(verdict)\n\(JSONValue.array(manifests).text)")
            if let open = self.answer(reachability, flow) {
                #expect(open == expected, "\(flow): classes say \(open)\n\(JSONValue.array(manifests).text)")
            }
        }
        return (40, allowed)
    }

    /// Nil for what classes do not speak about: a pod and itself or its own node, and ends outside.
    private func answer(_ reachability: Reachability, _ flow: NaiveFlow) -> Bool? {
        func index(_ end: NaiveFlow.End) -> Int? {
            switch end {
            case .pod(let pod):
                return reachability.classes.firstIndex {
                    $0.namespace == pod.id.namespace && $0.members.contains(pod.id.name)
                }
            case .node(let node):
                return reachability.classes.firstIndex { $0.kind == .nodes && $0.members.contains(node.name) }
            case .outside(let address):
                // The most specific block with this address.
                let blocks = reachability.classes.enumerated().compactMap { index, entry -> (Int, IPPrefix)? in
                    guard case .external(let name) = entry.kind else { return nil }
                    let text = name.replacing(" (rest)", with: "")
                    let whole = ["outside IPv4": "0.0.0.0/0", "outside IPv6": "::/0"][text] ?? text
                    return IPPrefix(whole).flatMap { $0.contains(address) ? (index, $0) : nil }
                }
                return blocks.max { $0.1.length < $1.1.length }?.0
            }
        }
        guard let source = index(flow.source), let destination = index(flow.destination) else { return nil }
        switch (flow.source, flow.destination) {
        case (.pod(let one), .pod(let other)): if one.id == other.id { return nil }
        case (.pod(let pod), .node(let node)), (.node(let node), .pod(let pod)): if pod.node == node.name { return nil }
        case (.pod, .outside), (.outside, .pod): break
        default: return nil
        }
        let set = reachability.traffic(from: source, to: destination, flow.family)
        let transport = flow.flow.transport
        let port = transport.isICMP ? UInt16(flow.number) << 8 : UInt16(flow.number)
        return set.contains(transport, port: port)
    }

    @Test(arguments: 0..<12) func cilium(_ chunk: Int) throws {
        var generator = DialectGenerator(seed: UInt64(chunk))
        var random = SeededRandom(seed: UInt64(chunk) + 1000)
        var total = (flows: 0, allowed: 0)
        for _ in 0..<Self.scenarios {
            let manifests = generator.ciliumPolicies()
            let counts = try check(manifests, &random) { NaiveCilium(manifests: manifests).allows($0) }
            total = (total.flows + counts.flows, total.allowed + counts.allowed)
        }
        // Scenarios that allow or deny everything would prove nothing.
        #expect(total.allowed > total.flows / 10 && total.allowed < total.flows * 9 / 10, "\(total)")
    }

    @Test(arguments: 0..<12) func calico(_ chunk: Int) throws {
        var generator = DialectGenerator(seed: UInt64(chunk) + 500)
        var random = SeededRandom(seed: UInt64(chunk) + 2000)
        var total = (flows: 0, allowed: 0)
        for _ in 0..<Self.scenarios {
            let manifests = generator.calicoPolicies()
            let counts = try check(manifests, &random) { NaiveCalico(manifests: manifests).allows($0) }
            total = (total.flows + counts.flows, total.allowed + counts.allowed)
        }
        #expect(total.allowed > total.flows / 10 && total.allowed < total.flows * 9 / 10, "\(total)")
    }
}
