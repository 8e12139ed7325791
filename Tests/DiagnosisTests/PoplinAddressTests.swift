import JSONTree
import KubernetesModel
import Testing

@testable import Diagnosis

/// Pods that Poplin's plugin had no address for.
@Suite struct PoplinAddressTests {
    private func cluster(_ message: String, seconds: Int64 = 10) -> ClusterEvidence {
        var cluster = ClusterEvidence()
        cluster.add(
            "pods",
            """
            {"metadata":{"name":"poplin-agent-a","namespace":"poplin-system",
              "labels":{"app.kubernetes.io/name":"poplin-agent"}},
             "spec":{"nodeName":"node-1","hostNetwork":true,
              "containers":[{"name":"agent","image":"localhost/poplin:latest"}]},
             "status":{"phase":"Running","podIP":"192.168.0.1","conditions":[{"type":"Ready","status":"True"}]}}
            """)
        cluster.add(
            "pods",
            #"""
            {"metadata":{"name":"web","namespace":"shop","creationTimestamp":"2026-03-06T11:50:00Z"},
             "spec":{"nodeName":"node-1","containers":[{"name":"c"}]},
             "status":{"phase":"Pending","startTime":"2026-03-06T11:50:00Z",
              "containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ContainerCreating"}}}]}}
            """#)
        cluster.add(
            "nodes", #"{"metadata":{"name":"node-1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#)
        let told = message.replacing("\"", with: "\\\"")
        cluster.add(
            "events",
            """
            {"metadata":{"namespace":"shop","name":"e"},"type":"Warning","reason":"FailedCreatePodSandBox",
             "involvedObject":{"kind":"Pod","namespace":"shop","name":"web"},"message":"\(told)",
             "lastTimestamp":"\(Timestamp(seconds: ClusterEvidence.now - seconds))"}
            """)
        return cluster
    }

    private static let start =
        "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"ed93\": "
        + "plugin type=\"poplin\" name=\"poplin\" failed (add): "
    private static let ofPool =
        "no free IPv4 address: 1 block of node node-1 in small has 4 given out and 0 at rest, and there is no block left "
        + "to claim; poplin ipam show --show-blocks; add a range to spec.cidrs of an IPPool"

    @Test(
        arguments: [
            (start + ofPool, 10, "no address is left in small for pods of node-1"),
            (
                start + "no free IPv6 address in fd00:244::/120: 200 given out, 56 at rest after their release", 10,
                "no address is left in fd00:244::/120 for pods of node-1"
            ),
            (start + ofPool, 1200, nil), (start + "the agent does not answer", 10, nil),
        ] as [(String, Int64, String?)])
    func whatThePluginSays(_ message: String, _ seconds: Int64, _ title: String?) {
        var cluster = cluster(message, seconds: seconds)
        cluster.add("ippools.poplin.dev", #"{"metadata":{"name":"small"},"spec":{"cidrs":["10.55.0.0/30"]}}"#)
        let found = cluster.findings(of: PoplinAddressCheck())
        #expect(found.map(\.title) == [title].compactMap { $0 })
        #expect(found.allSatisfy { $0.code == "IPM-02" && !$0.explains.isEmpty })
        let fix = found.first?.fix?.steps.first ?? ""
        if let title {
            #expect(fix.hasPrefix(title.contains("small") ? "kubectl patch ippool small" : "kubectl cordon"))
        }
    }

    /// It leads, and the guesses that its line alone allows are not told beside it.
    @Test func itLeads() {
        var cluster = cluster(Self.start + Self.ofPool)
        cluster.add("ippools.poplin.dev", #"{"metadata":{"name":"small"},"spec":{"cidrs":["10.55.0.0/30"]}}"#)
        let report = DiagnosisReport(cluster.facts, CheckList.all)
        #expect(report.entries.map(\.root.code) == ["IPM-02"])
    }
}
