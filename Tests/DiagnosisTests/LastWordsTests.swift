import JSONTree
import Testing

@testable import Diagnosis

/// Symptoms without a cause, and what events say of them.
@Suite struct LastWordsTests {
    private static let disk =
        #"open /var/lib/cni/networks/cbr0/10.244.3.17: no space left on device"#

    /// `shop/web` waits for its sandbox, and two events tell why, the older one something else.
    private static func report(_ newest: String) -> DiagnosisReport {
        var cluster = ClusterEvidence()
        cluster.add(
            "pods",
            """
            {"metadata":{"name":"web","namespace":"shop","uid":"u","creationTimestamp":"2026-03-06T02:30:00Z"},
             "spec":{"nodeName":"node-1","containers":[{"name":"c"}]},
             "status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"True",
               "lastTransitionTime":"2026-03-06T02:30:00Z"}],
              "containerStatuses":[{"name":"c","ready":false,"restartCount":0,
               "state":{"waiting":{"reason":"ContainerCreating"}}}]}}
            """)
        for (name, time, kind, message) in [
            ("new", "2026-03-06T02:59:00Z", "Warning", newest),
            ("old", "2026-03-06T02:40:00Z", "Warning", "something of before"),
            ("plain", "2026-03-06T02:59:30Z", "Normal", "Successfully assigned shop/web to node-1"),
        ] {
            cluster.add(
                "events",
                """
                {"metadata":{"name":"\(name)","namespace":"shop"},"type":"\(kind)","reason":"FailedCreatePodSandBox",
                 "involvedObject":{"kind":"Pod","namespace":"shop","name":"web"},"lastTimestamp":"\(time)",
                 "message":"\(message)"}
                """)
        }
        return DiagnosisReport(cluster.facts, [SandboxCheck()])
    }

    @Test func whatNoCodeStandsForIsQuoted() throws {
        let report = Self.report(
            "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: "
                + "plugin type=bridge failed (add): \(Self.disk)")
        #expect(report.entries.isEmpty)
        let said = report.lastWords["pod shop/web sandbox"]
        #expect(said?.text == Self.disk)
        let screen = ReportScreen(report).text
        #expect(screen.contains("  said     open /var/lib/cni/networks/cbr0/10.244.3.17: no space left on device"))
        #expect(screen.contains("kubectl -n shop get events new"))
        #expect(screen.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let value = try #require(report.value.member("unexplained")?.elements.first)
        #expect(value.member("said")?.member("text")?.stringValue == Self.disk)
        #expect(report.html.contains("no space left on device"))
    }

    @Test func secretsAreLeftOut() {
        let report = Self.report("no space left on device: https://robot:hunter2horse@registry.example.com/v2")
        let text = report.lastWords["pod shop/web sandbox"]?.text ?? ""
        #expect(text.contains("no space left") && !text.contains("hunter2horse"), "\(text)")
    }
}
