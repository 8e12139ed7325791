import Testing

@testable import Diagnosis

/// Messages: read where somebody asks or something ails, decided by the line or by what the other checks saw.
@Suite struct MessageCheckTests {
    private struct Fixed: Check {
        var name: String
        var codes: [String]
        var needs: [FactName] = []
        var found: [Diagnosis] = []

        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    private static let loopback =
        "plugin type=\"bridge\" failed (add): failed to find plugin \"portmap\" in path [/opt/cni/bin]"
    private static let assign = "add cmd: failed to assign an IP address to container"

    private static func report(_ text: String, _ others: Fixed..., at path: String = "logs/a.log") -> DiagnosisReport {
        let evidence = Evidence { $0.document(path, "all is well\n\(text)\nall is well\n") }
        return DiagnosisReport(evidence.facts, others + [MessageCheck()])
    }

    @Test func theLineAlone() {
        let entry = Self.report(Self.loopback).entries.first
        #expect(entry?.root.code == "INS-03")
        #expect(entry?.root.confidence == .certain)
        #expect(entry?.root.evidence.first?.text == Self.loopback)
    }

    /// Screen 3: several causes, one ruled out, one fact missing.
    @Test func whatOthersLookedForIsRuledOut() throws {
        let codes = LogReader.causes(of: Self.assign).map(\.code)
        try #require(codes.count > 2)
        let plain = Self.report(Self.assign).entries.first?.root
        #expect(plain?.code == codes[0])
        #expect(plain.map { $0.confidence < .certain && !$0.needs.isEmpty } ?? false)
        let narrowed = Self.report(Self.assign, Fixed(name: "limits", codes: [codes[0]])).entries.first?.root
        #expect(narrowed?.code == codes[1])
        #expect(narrowed?.because.contains("ruled out by what was looked at: \(codes[0])") ?? false)
        // A check that could not look rules nothing out.
        let blind = Self.report(Self.assign, Fixed(name: "limits", codes: [codes[0]], needs: [FactName("x")]))
        #expect(blind.entries.first?.root.code == codes[0])
        // What was computed is not said twice.
        let found = Diagnosis(codes[1], "computed", .certain)
        let known = Self.report(Self.assign, Fixed(name: "subnets", codes: [codes[1]], found: [found]))
        #expect(known.entries.map(\.root) == [found])
    }

    /// Old errors of a cluster in which nothing ails mean nothing.
    @Test func logsOfAHealthyClusterAreNotRead() {
        #expect(Self.report(Self.loopback, at: "cluster/logs/kube-system/agent/agent.log").entries.isEmpty)
    }

    /// An agent that runs and is ready says in its log what it cannot do: told where its lines are of now and say the
    /// same again and again.
    @Test(arguments: [
        (minutes: 2, times: 4, readySince: "11:00:00", isTold: true), (2, 1, "11:00:00", false),
        (50, 4, "11:00:00", false),
        // It began after it had said so.
        (2, 4, "11:59:00", false),
    ])
    func whatAnAgentSaysNow(minutes: Int, times: Int, readySince: String, isTold: Bool) {
        var evidence = ClusterEvidence()
        evidence.add(
            "pods",
            """
            {"metadata":{"name":"kube-router-a","namespace":"kube-system","labels":{"k8s-app":"kube-router"}},
             "spec":{"nodeName":"node-1","hostNetwork":true,
              "containers":[{"name":"kube-router","image":"docker.io/cloudnativelabs/kube-router:v2.5.0"}]},
             "status":{"phase":"Running","conditions":[
              {"type":"Ready","status":"True","lastTransitionTime":"2026-03-06T\(readySince)Z"}]}}
            """)
        // now is 12:00:00Z of 6 March.
        let time = "0306 11:\(60 - minutes < 10 ? "0" : "")\(60 - minutes):11.300191"
        let line =
            "E\(time)       1 reflector.go:166] endpointslices.discovery.k8s.io is forbidden: User "
            + "\"system:serviceaccount:kube-system:kube-router\" cannot list resource \"endpointslices\" in API group \"discovery.k8s.io\" at the cluster scope\n"
        evidence.add(
            String(repeating: line, count: times), at: EvidencePath.log("kube-system", "kube-router-a", "kube-router"))
        let report = DiagnosisReport(evidence.facts, [MessageCheck()])
        #expect(report.entries.map(\.root.code) == (isTold ? ["API-02"] : []))
        #expect(report.entries.allSatisfy { $0.root.confidence < .certain })
    }

    /// Three agents that became ready at 11:58:02, with what each wrote.
    private static func agents(writing line: (Int) -> String) -> ClusterEvidence {
        var evidence = ClusterEvidence()
        for number in 1...3 {
            evidence.add(
                "pods",
                """
                {"metadata":{"name":"poplin-agent-\(number)","namespace":"poplin-system",
                  "labels":{"app.kubernetes.io/name":"poplin-agent"}},
                 "spec":{"nodeName":"node-\(number)","hostNetwork":true,
                  "containers":[{"name":"agent","image":"localhost/poplin:latest"}]},
                 "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True",
                   "lastTransitionTime":"2026-03-06T11:58:02Z"}],
                  "containerStatuses":[{"name":"agent","ready":true,"restartCount":0,
                   "state":{"running":{"startedAt":"2026-03-06T11:58:00Z"}}}]}}
                """)
            evidence.add(
                line(number) + "\n", at: EvidencePath.log("poplin-system", "poplin-agent-\(number)", "agent"))
        }
        return evidence
    }

    /// What agents said while they started is settled when they are ready; what they go on saying is not.
    @Test(arguments: [("11:58:01", false), ("11:59:20", true)])
    func whatAgentsSaidWhileTheyStarted(_ clock: String, isTold: Bool) {
        let evidence = Self.agents { number in
            "{\"time\":\"2026-03-06T\(clock).072\",\"level\":\"warning\",\"logger\":\"poplin.agent\",\"message\":"
                + "\"waiting: no list of nodes yet, and no checkpoint knows node-\(number)\"}"
        }
        #expect(DiagnosisReport(evidence.facts, [MessageCheck()]).entries.isEmpty == !isTold)
    }

    /// Agents that enforce no policy say so of each; another program may enforce it, which who looks at all pods knows.
    @Test func thatNobodyEnforcesIsNoSingleAgentsToSay() throws {
        var evidence = Self.agents { _ in
            "{\"time\":\"2026-03-06T11:59:20.072\",\"level\":\"warning\",\"logger\":\"poplin.agent\",\"message\":"
                + "\"not enforced\",\"kind\":\"NetworkPolicy\",\"object\":\"shop/web\"}"
        }
        evidence.add(
            "networkpolicies.networking.k8s.io",
            """
            {"metadata":{"name":"web","namespace":"shop"},
             "spec":{"podSelector":{},"policyTypes":["Ingress"]}}
            """)
        let alone = DiagnosisReport(evidence.facts, [MessageCheck()])
        #expect(alone.entries.map(\.root.code) == ["POL-07"])
        let looked = DiagnosisReport(evidence.facts, [Fixed(name: "policy", codes: ["POL-07"]), MessageCheck()])
        #expect(looked.entries.isEmpty)
    }

    /// 2025-09-18T02:31:10Z in the ways programs begin their lines.
    @Test(arguments: [
        "E0918 02:31:10.221180       1 proxier.go:1588] failed", "2025-09-18T02:31:10.001Z error x",
        "time=\"2025-09-18T04:31:10+02:00\" level=error", "time=2025-09-17T22:31:10.5-04:00 level=warn",
        "{\"level\":\"error\",\"ts\":\"2025-09-18T02:31:10.881Z\",\"msg\":\"x\"}",
        "2025-09-18 02:31:10.117 [WARNING][71] felix/ipsets.go 634: x", "2025/09/18 02:31:10 [error] 31#31: x",
        "Sep 18 02:31:10 node-1 kubelet[1]: x",
    ])
    func timesOfLines(_ line: String) { #expect(LogMoment.seconds(of: line, near: 1_758_163_300) == 1_758_162_670) }

    @Test(arguments: [
        "", "no time at all in this line", "E09", "2025-09-18", "[ERROR] plugin/errors: 2 example.com. A:",
    ])
    func linesWithoutATime(_ line: String) { #expect(LogMoment.seconds(of: line, near: 1_758_163_300) == nil) }

    /// klog names no year: on new year's day a line of December is of the year before.
    @Test func theYearBefore() {
        // 2026-01-01T00:01:00Z.
        #expect(LogMoment.seconds(of: "E1231 23:59:00.000000 1 a.go:1] x", near: 1_767_225_660) == 1_767_225_540)
    }

    /// UTF-16, as PowerShell redirects write it.
    @Test func otherEncodings() {
        var tree = EvidenceTree()
        let wide = Array((Self.loopback + "\n").utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        tree.add(EvidenceTree.Document([0xFF, 0xFE] + wide, from: FactSource("x")), at: "logs/a.log")
        let report = DiagnosisReport(FactBase(reading: tree), [MessageCheck()])
        #expect(report.entries.first?.root.code == "INS-03")
    }
}
