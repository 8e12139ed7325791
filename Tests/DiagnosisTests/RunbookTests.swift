import Findings
import Testing

@testable import Diagnosis

/// Runbooks, comparison with healthy nodes, what changed, and what a watch tells.
@Suite struct RunbookTests {
    private struct Fixed: Check {
        var name: String
        var codes: [String]
        var needs: [FactName] = []
        var found: [Diagnosis] = []

        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    @Test func stepsAreAnsweredByChecks() throws {
        let broken = Diagnosis("INS-02", "the plugin bridge is missing on node-1", .certain)
        let report = DiagnosisReport(
            FactBase(),
            [
                Fixed(name: "nodes", codes: ["NOD-01"]), Fixed(name: "plugins", codes: ["INS-02"], found: [broken]),
                Fixed(name: "tokens", codes: ["API-01"], needs: [FactName("x")]),
            ])
        let runbook = try #require(Runbook.named("container-creating"))
        let states = runbook.states(report).map(\.state)
        #expect(states.prefix(3) == [.passed, .failed([broken]), .notChecked(because: "x was not collected")])
        let screen = runbook.screen(report)
        #expect(screen.contains("2 × Does the CNI agent run on the node?  <- here it breaks"), "\(screen)")
        for line in screen.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    /// Every layer and code that a step names exists, so that no step can only ever be unanswered.
    @Test(arguments: Runbook.all.map(\.name)) func codesExist(_ name: String) throws {
        for step in try #require(Runbook.named(name)).steps {
            #expect(!step.layers.isEmpty || !step.codes.isEmpty)
            for code in step.codes { #expect(Cause.coded(code) != nil, "\(code)") }
        }
    }

    /// A policy that nobody enforces forbids nothing.
    @Test(arguments: [("POL-07", true), ("POL-02", false)])
    func whatNobodyEnforcesForbidsNothing(_ code: String, passes: Bool) throws {
        let finding = Diagnosis(code, "a policy", .certain)
        let report = DiagnosisReport(
            FactBase(), [Fixed(name: "policy", codes: ["POL-02", "POL-07"], found: [finding])])
        let states = try #require(Runbook.named("cross-node")).states(report)
        let state = states.first { $0.step.layers == [.policy] }?.state
        #expect(state == (passes ? .passed : .failed([finding])))
    }

    /// Not there, or not looked at: these are two things.
    @Test func whatIsNotThereIsNotUnchecked() throws {
        let facts = Evidence {
            $0.objects("nodes", #"{"metadata":{"name":"node-1"}}"#)
            $0.objects("pods")
        }.facts
        let runbook = try #require(Runbook.named("container-creating"))
        let report = DiagnosisReport(facts, CheckList.all)
        let states = runbook.states(report).map(\.state)
        // There are no webhooks; the machine's configuration was not looked at.
        #expect(states.last == .notApplicable)
        let screen = runbook.screen(report)
        #expect(screen.contains("not checked: no machine"), "\(screen)")
        #expect(screen.contains("nothing of the kind here"), "\(screen)")
    }

    /// Commands are those of the network that is there, with its names.
    @Test(
        arguments: [
            ("calico/node:v3.30.0", "calico-node -bpf", "birdcl"),
            ("cilium/cilium:v1.18.0", "cilium-dbg status", "bgp peers"),
            ("example.test/flannel/flannel:v0.26.1", "bpftool prog show", "proto bgp"),
        ])
    func commandsOfTheNetwork(_ image: String, _ bpf: String, _ bgp: String) throws {
        let facts = Evidence { evidence in
            evidence.objects("nodes", #"{"metadata":{"name":"node-1"}}"#)
            evidence.objects(
                "pods",
                """
                {"metadata":{"namespace":"net","name":"agent-x"},"spec":{"nodeName":"node-1","hostNetwork":true,
                "containers":[{"name":"agent","image":"\(image)"}]}}
                """)
        }.facts
        let report = DiagnosisReport(facts, [])
        let steps = try #require(Runbook.named("cross-node")).steps
        func command(_ layer: Cause.Layer) -> String {
            steps.first { $0.layers.contains(layer) }?.command(report) ?? ""
        }
        let (forBPF, forBGP) = (command(.bpf), command(.bgp))
        #expect(forBPF.contains(bpf) && forBGP.contains(bgp), "\(forBPF) \(forBGP)")
        #expect(!(forBPF + forBGP).contains("AGENT-POD") && !(forBPF + forBGP).contains("NAMESPACE"))
    }

    private static func nodes(_ evidence: inout Evidence, ailing: String) {
        for (index, kernel) in ["6.12.4", "6.12.4", "6.12.4", ailing].enumerated() {
            evidence.objects(
                "nodes",
                """
                {"metadata":{"name":"node-\(index)"},"status":{"nodeInfo":{"kernelVersion":"\(kernel)"},
                "conditions":[{"type":"Ready","status":"\(index == 3 ? "False" : "True")"}]}}
                """)
        }
    }

    @Test func theStrongestClue() throws {
        let clue = NodeComparison(Evidence { Self.nodes(&$0, ailing: "7.2.0") }.facts)
        #expect(clue?.text == "node-3: kernel 7.2.0 only there; the other 3 nodes have 6.12.4")
        #expect(NodeComparison(Evidence { Self.nodes(&$0, ailing: "6.12.4") }.facts) == nil)
    }

    @Test func whatChangedSinceTheBaseline() {
        let facts = Evidence { evidence in
            evidence.node("node-3", .links, #"[{"ifname":"flannel.1","address":"02:00:00:00:00:02","mtu":1450}]"#)
            evidence.node("node-3", .sysctls, "net.ipv4.ip_forward = 0\nnet.netfilter.nf_conntrack_count = 9\n")
            evidence.document(
                "baseline/nodes/node-3/ip-link.json",
                #"[{"ifname":"flannel.1","address":"02:00:00:00:00:01","mtu":1450}]"#)
            evidence.document(
                "baseline/nodes/node-3/sysctl.txt", "net.ipv4.ip_forward = 1\nnet.netfilter.nf_conntrack_count = 1\n")
        }.facts
        #expect(
            BaselineChanges(facts).lines == [
                "node-3: MAC of flannel.1 was 02:00:00:00:00:01, is now 02:00:00:00:00:02",
                "node-3: net.ipv4.ip_forward was 1, is now 0",
            ])
    }

    @Test func onlyWhatChangedIsTold() {
        func report(_ findings: Diagnosis..., symptoms: [Symptom] = []) -> DiagnosisReport {
            DiagnosisReport(
                FactBase(), [Fixed(name: "x", codes: ["RTE-02"], found: findings)], symptoms: symptoms)
        }
        let (one, two) = (Diagnosis("RTE-02", "one", .certain), Diagnosis("MTU-01", "two", .likely))
        let first = report(one)
        #expect(DiagnosisChange(from: nil, to: first).lines == ["+ RTE-02 certain  one"])
        #expect(DiagnosisChange(from: first, to: first).isEmpty)
        let second = report(two, symptoms: [Symptom(.ready, "shop", "web", detail: "is not ready")])
        #expect(
            DiagnosisChange(from: first, to: second).lines == [
                "+ MTU-01 likely  two", "- RTE-02  one", "+ not explained: shop/web is not ready",
            ])
        let metrics = second.metrics
        #expect(metrics.contains("poplin_doctor_causes{code=\"MTU-01\",confidence=\"likely\"} 1\n"))
        #expect(metrics.contains("poplin_doctor_symptoms{explained=\"false\"} 1\n"))
    }
}
