import Addressing
import Findings
import JSONTree
import Testing

@testable import Diagnosis

/// What is sent with --probe, what its programs' answers mean, and what follows from them.
@Suite struct ProbeTests {
    /// Two nodes with a pod each, DNS on node-2, and the two Services that every cluster has.
    private static func cluster(policies: Bool = false, _ more: (inout Evidence) -> Void = { _ in }) -> FactBase {
        Evidence(at: "2026-11-21T03:00:00Z") { evidence in
            func pod(_ namespace: String, _ name: String, _ node: String, _ ip: String, _ image: String, _ more: String)
                -> String
            {
                """
                {"metadata":{"namespace":"\(namespace)","name":"\(name)","labels":{"k8s-app":"\(name)"}},
                "spec":{"nodeName":"\(node)","containers":[{"name":"main","image":"\(image)",\(more)}]},
                "status":{"phase":"Running","podIP":"\(ip)","conditions":[{"type":"Ready","status":"True"}]}}
                """
            }
            let web = #""ports":[{"containerPort":8080}]"#
            let dns = #""ports":[{"name":"dns","containerPort":53,"protocol":"UDP"}]"#
            for node in ["node-1", "node-2"] {
                evidence.objects(
                    "nodes",
                    #"{"metadata":{"name":"\#(node)"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#)
            }
            evidence.objects("pods", pod("shop", "web", "node-1", "10.244.1.5", "busybox", web))
            evidence.objects("pods", pod("shop", "api", "node-2", "10.244.2.5", "api:1", web))
            evidence.objects("pods", pod("kube-system", "kube-dns", "node-2", "10.244.2.3", "coredns", dns))
            evidence.objects(
                "services",
                """
                {"metadata":{"namespace":"kube-system","name":"kube-dns","labels":{"k8s-app":"kube-dns"}},
                "spec":{"clusterIP":"10.96.0.10","selector":{"k8s-app":"kube-dns"},
                "ports":[{"port":53,"protocol":"UDP","targetPort":53}]}}
                """,
                #"{"metadata":{"namespace":"default","name":"kubernetes"},"spec":{"clusterIP":"10.96.0.1","ports":[{"port":443}]}}"#
            )
            evidence.objects("namespaces", #"{"metadata":{"name":"shop"}}"#, #"{"metadata":{"name":"kube-system"}}"#)
            if policies {
                evidence.objects(
                    "networkpolicies.networking.k8s.io",
                    """
                    {"metadata":{"namespace":"shop","name":"closed"},
                    "spec":{"podSelector":{"matchLabels":{"k8s-app":"api"}},"policyTypes":["Ingress"]}}
                    """)
            }
            more(&evidence)
        }.facts
    }

    private static func texts(_ probes: [PlannedProbe]) -> [String] {
        probes.map { "\($0.kind.rawValue) \($0.role.rawValue) \($0.address):\($0.port)" }
    }

    @Test func whatIsSent() throws {
        let plan = ProbePlan(Self.cluster())
        #expect(plan.nodes == ["node-1", "node-2"])
        let source = try #require(plan.sources(on: "node-1").first)
        #expect(source.text == "shop/web")
        #expect(plan.name == "kubernetes.default.svc.cluster.local")
        #expect(
            Self.texts(plan.probes(from: source)) == [
                "dns dns-server 10.244.2.3:53", "dns dns-service 10.96.0.10:53", "tcp api-service 10.96.0.1:443",
                "tcp pod 10.244.2.5:8080", "echo pod 10.244.2.5:0", "large pod 10.244.2.5:0",
            ])
    }

    /// What a policy forbids would get no answer, and rightly so.
    @Test func whatAPolicyForbidsIsNotSent() throws {
        let plan = ProbePlan(Self.cluster(policies: true))
        let source = try #require(plan.sources(on: "node-1").first)
        let sent = Self.texts(plan.probes(from: source))
        #expect(sent.contains("dns dns-server 10.244.2.3:53"))
        #expect(!sent.contains { $0.contains("10.244.2.5") }, "\(sent)")
    }

    @Test(
        arguments: [
            (
                .dns, 0, 0, "Server:\t10.96.0.10\nName:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1",
                .answered
            ),
            (.dns, 1, 0, "** server can't find kubernetes.default.svc.cluster.local: NXDOMAIN", .answered),
            (.dns, 1, 4, ";; connection timed out; no servers could be reached", .timedOut),
            (.dns, 9, 3, ";; communications error to 10.96.0.10#53: connection refused", .refused),
            (.dns, 127, 0, "", .couldNotRun),
            (.tcp, 0, 0, "", .answered),
            (
                .tcp, 1, 0, "bash: connect: Connection refused\nbash: /dev/tcp/10.96.0.1/443: Connection refused",
                .refused
            ),
            (.tcp, 1, 0, "nc: 10.244.2.5 (10.244.2.5:8080): No route to host", .failed),
            (.tcp, 124, 4, "", .timedOut), (.tcp, 143, 4, "Terminated", .timedOut), (.tcp, 1, 3, "", .timedOut),
            (.echo, 1, 2, "1 packets transmitted, 0 packets received, 100% packet loss", .timedOut),
            (.echo, 2, 0, "ping: socket: Operation not permitted", .couldNotRun),
            (.echo, 1, 0, "ping: sendmsg: Operation not permitted", .failed),
            (.large, 1, 0, "ping: local error: message too long, mtu=1450", .failed),
            (.large, 0, 0, "1480 bytes from 10.244.2.5: icmp_seq=1 ttl=62 time=0.3 ms", .answered),
        ] as [(PlannedProbe.Kind, Int, Int, String, ProbeRecord.Outcome)])
    func whatProgramsSay(
        _ kind: PlannedProbe.Kind, _ code: Int, _ seconds: Int, _ text: String, _ expected: ProbeRecord.Outcome
    ) throws {
        let probe = PlannedProbe(kind, .pod, try #require(IPAddress("10.244.2.5")), port: 80, target: "shop/api")
        #expect(ProbeScript.outcome(probe, code, seconds, text) == expected)
    }

    /// What the script prints, in whatever order, is put back to the probes; one that printed nothing could not run.
    @Test func outputIsReadAgain() throws {
        let address = try #require(IPAddress("10.244.2.5"))
        let script = ProbeScript((1...3).map { PlannedProbe(.tcp, .pod, address, port: $0, target: "pod-\($0)") })
        #expect(script.command.prefix(2) == ["sh", "-c"])
        #expect(script.text.contains("p 1 t 10.244.2.5 2 &"))
        let records = script.records(
            "@@ 1 1 0\nbash: connect: Connection refused\n@@.\r\nnoise\n@@ 0 0 0\n\n@@.\n@@ 9 0 0\n\n@@.\n")
        #expect(records.map(\.outcome) == [.answered, .refused, .couldNotRun])
        #expect(records[1].detail == "bash: connect: Connection refused")
    }

    // MARK: What follows

    private static func report(_ outcomes: [String: ProbeRecord.Outcome]) throws -> DiagnosisReport {
        let plan = ProbePlan(cluster())
        let source = try #require(plan.sources(on: "node-1").first)
        let records = plan.probes(from: source).map { probe in
            ProbeRecord(
                probe, outcomes["\(probe.kind.rawValue) \(probe.role.rawValue)"] ?? .answered,
                command: ProbeScript.words(probe))
        }
        let probes = ProbeReport(source, records)
        let facts = cluster { $0.document(probes.path, probes.value.text) }
        return DiagnosisReport(facts, [ProbeCheck()])
    }

    @Test func everythingAnswers() throws {
        let report = try Self.report([:])
        #expect(report.status == .healthy)
        #expect(report.probes.first?.records.count == 6)
        let screen = ReportScreen(report).text
        #expect(
            screen.contains("Probed   ✓ from shop/web (node-1): DNS 2/2, TCP 2/2, ping 1/1, large packet 1/1"),
            "\(screen)")
        #expect(!screen.contains("live packets"))
    }

    @Test(
        arguments: [
            (["dns dns-service": .timedOut, "tcp api-service": .timedOut], "SVC-03"),
            (["large pod": .timedOut], "MTU-01"),
            (
                ["dns dns-server": .timedOut, "tcp pod": .timedOut, "echo pod": .timedOut, "large pod": .timedOut],
                "RTE-01"
            ),
            (["dns dns-server": .timedOut], "DNS-09"),
        ] as [([String: ProbeRecord.Outcome], String)])
    func whatIsLost(_ outcomes: [String: ProbeRecord.Outcome], _ code: String) throws {
        let report = try Self.report(outcomes)
        #expect(report.entries.first?.root.code == code)
        // A probe alone has more than one explanation.
        #expect(report.entries.first?.root.confidence == .likely)
        #expect(report.status == .findings)
    }

    /// What no rule explains is a symptom all the same.
    @Test func whatNobodyExplains() throws {
        let report = try Self.report(["tcp api-service": .refused])
        #expect(report.entries.isEmpty)
        #expect(report.status == .couldNotSay)
        #expect(
            report.unexplained.map(\.text) == ["shop/web -> Service default/kubernetes at 10.96.0.1:443 is refused"])
    }

    /// What could not be sent says nothing of the network.
    @Test func withoutAProgram() throws {
        let report = try Self.report(["echo pod": .couldNotRun, "large pod": .couldNotRun])
        #expect(report.status == .healthy)
    }

    @Test func theScreen() throws {
        let report = try Self.report(["dns dns-service": .timedOut, "tcp api-service": .timedOut])
        let text = ReportScreen(report, ScreenStyle(isVerbose: true)).text
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        try expectScreen(text, "doctor-probe")
    }
}
