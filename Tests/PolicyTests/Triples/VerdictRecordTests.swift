import Addressing
import JSONTree
import KubernetesModel
import Testing

@testable import Policy

/// The JSON of flows and verdicts is that of the triples: what is written can be read again and says the same.
@Suite struct VerdictRecordTests {
    @Test func recordsAreTriples() throws {
        for scenario in try PolicyScenario.load(PolicyScenario.random).prefix(60) {
            let engine = scenario.engine
            for node in scenario.flows {
                let flow = try Flow(decoding: node)
                let record = try engine.record(of: flow).tree().root
                let again = try Flow(decoding: record)
                #expect(again == flow)
                let expected = try #require(node.member("expect"))
                #expect(record.text("verdict") == expected.text("verdict"))
                for side in ["egress", "ingress"] {
                    let one = try #require(record.member(side))
                    let other = try #require(expected.member(side))
                    #expect(one.text("reason") == other.text("reason"))
                    #expect(one.strings("allowedBy") == other.strings("allowedBy"))
                    let isDecided = one.text("reason") == "rule" || one.text("reason") == "isolated-no-rule"
                    if isDecided { #expect(one.strings("isolatedBy") == other.strings("isolatedBy")) }
                    // Every rule of the walk that does not match says why.
                    for tier in one.member("walk")?.elements.map({ $0 }) ?? [] {
                        for rule in tier.member("policies")?.elements.flatMap({
                            Array($0.member("rules")?.elements.map { $0 } ?? [])
                        }) ?? []
                        where rule.member("matches")?.bool == false {
                            #expect(!rule.strings("because").isEmpty, "\(flow) \(rule)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [
        (#"{"dst": {"ip": "10.0.0.1"}, "port": 1}"#, "src"),
        (#"{"src": {"pod": "a"}, "dst": {"ip": "10.0.0.1"}, "port": 1}"#, "src.pod"),
        (#"{"src": {"pod": "a/b", "ip": "10.0.0.1"}, "dst": {"ip": "10.0.0.1"}, "port": 1}"#, "src"),
        (#"{"src": {"pod": "a/b"}, "dst": {"ip": "10.0.0"}, "port": 1}"#, "dst.ip"),
        (#"{"src": {"pod": "a/b"}, "dst": {"ip": "10.0.0.1"}}"#, "port"),
        (#"{"src": {"pod": "a/b"}, "dst": {"ip": "10.0.0.1"}, "port": 70000}"#, "port"),
        (#"{"src": {"pod": "a/b"}, "dst": {"ip": "10.0.0.1"}, "port": 1, "protocol": "TPC"}"#, "protocol"),
        (#"{"src": {"pod": "a/b"}, "dst": {"ip": "10.0.0.1"}, "port": 1, "family": "v4"}"#, "family"),
    ]) func aFlowThatIsNoneNamesTheField(text: String, field: String) throws {
        let node = try JSONTree(parsing: text).root
        var path: String?
        do { _ = try Flow(decoding: node) } catch { path = error.path }
        #expect(path == field)
    }

    @Test func endsThatDoNotFit() throws {
        let engine = PolicyEngine(cluster: NetworkPolicyParsingTests.cluster, policies: PolicySet())
        let web = FlowEnd.pod(PodName(namespace: "shop", name: "web"))
        var messages: [String] = []
        for (from, family) in [
            (FlowEnd.pod(PodName(namespace: "shop", name: "wbe")), IPFamily.v4), (.node("n"), .v4),
            (.address(.v4(.init(10, 0, 0, 1))), .v6),
        ] {
            do throws(FlowError) {
                _ = try engine.verdict(Flow(from: from, to: web, port: 1, family: family))
            } catch {
                messages.append(error.description)
            }
        }
        #expect(
            messages == [
                "there is no pod shop/wbe; did you mean shop/web?", "there is no node n",
                "10.0.0.1 is no IPv6 address, and the flow is IPv6",
            ])
    }
}
