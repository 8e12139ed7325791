import Testing

@testable import Diagnosis

/// Agents are known by what they are made of; what their last line names is the cause, that they do not run the
/// consequence; and what is only on its way is nothing at all.
@Suite("Network agents") struct AgentCheckTests {
    static let now = "2026-03-06T03:00:00Z"

    static func node(_ name: String, ready: String = "True", taints: String = "[]") -> String {
        #"{"metadata":{"name":"\#(name)","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"taints":\#(taints)},"#
            + #""status":{"conditions":[{"type":"Ready","status":"\#(ready)","lastTransitionTime":"2026-03-06T02:00:00Z","message":"m"}]}}"#
    }

    static func daemonSet(
        image: String = "registry.corp.example:5000/mirror/calico/node:v3.28.2", tolerations: String = "[]"
    ) -> String {
        #"{"kind":"DaemonSet","metadata":{"namespace":"net","name":"sdn","creationTimestamp":"2026-01-01T00:00:00Z"},"#
            + #""spec":{"template":{"metadata":{},"spec":{"hostNetwork":true,"tolerations":\#(tolerations),"#
            + #""containers":[{"name":"agent","image":"\#(image)"}]}}}}"#
    }

    static func pod(
        _ name: String, on node: String, ready: Bool, state: String, start: String = "2026-03-06T01:00:00Z",
        deleted: Bool = false
    ) -> String {
        let deletion = deleted ? #","deletionTimestamp":"2026-03-06T02:59:50Z""# : ""
        return
            #"{"metadata":{"namespace":"net","name":"\#(name)"\#(deletion),"ownerReferences":[{"kind":"DaemonSet","name":"sdn","controller":true}]},"#
            + #""spec":{"nodeName":"\#(node)","hostNetwork":true,"containers":[{"name":"agent","image":"x"}]},"#
            + #""status":{"phase":"Running","startTime":"\#(start)","conditions":[{"type":"Ready","status":"\#(ready ? "True" : "False")","lastTransitionTime":"\#(start)"}],"#
            + #""containerStatuses":[{"name":"agent","ready":\#(ready),"restartCount":14,\#(state)}]}}"#
    }

    static let running = #""state":{"running":{"startedAt":"2026-03-06T01:00:00Z"}}"#
    static let crashing =
        #""state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error","finishedAt":"2026-03-06T02:58:00Z"}}"#

    static func evidence(_ build: (inout Evidence) -> Void) -> Evidence {
        Evidence(at: now) { evidence in
            evidence.objects("nodes", node("a"), node("b"))
            evidence.objects("daemonsets.apps", daemonSet())
            build(&evidence)
        }
    }

    @Test func theLastFatalLineIsTheCause() {
        let evidence = Self.evidence { evidence in
            evidence.objects("pods", Self.pod("sdn-a", on: "a", ready: true, state: Self.running))
            evidence.objects("pods", Self.pod("sdn-b", on: "b", ready: false, state: Self.crashing))
            evidence.document(
                EvidencePath.log("net", "sdn-b", "agent", previous: true),
                "I0306 1 starting\nF0306 02:58:00.1 1 main.go:1] cannot create vxlan link: operation not supported\n")
        }
        let report = DiagnosisReport(evidence.facts, [AgentCheck()])
        #expect(report.entries.map(\.root.code) == ["INS-07"])
        #expect(report.entries.first?.root.confidence == .certain)
        #expect(report.entries.first?.consequences.map(\.code) == ["INS-01"])
        #expect(report.entries.first?.root.places.contains("Node/b") == true)
        #expect(report.entries.first?.root.places.contains("Node/a") == false)
    }

    @Test func withoutALineItIsSaidThatTheAgentDoesNotRun() {
        let killed = Self.crashing.replacing("\"reason\":\"Error\"", with: "\"reason\":\"OOMKilled\"")
        let findings = Self.evidence { evidence in
            evidence.objects("pods", Self.pod("sdn-b", on: "b", ready: false, state: killed))
        }.findings(AgentCheck())
        #expect(findings.map(\.code) == ["INS-01"])
        #expect(findings.first?.because.first?.contains("memory limit") == true)
    }

    @Test func whatIsOnItsWayIsWell() {
        let evidence = Self.evidence { evidence in
            // A rolling update: the old pod goes, the new one was started five seconds ago.
            evidence.objects("pods", Self.pod("sdn-a-old", on: "a", ready: false, state: Self.running, deleted: true))
            evidence.objects(
                "pods",
                Self.pod(
                    "sdn-a-new", on: "a", ready: false, state: #""state":{"waiting":{"reason":"ContainerCreating"}}"#,
                    start: "2026-03-06T02:59:55Z"))
            // One restart long ago.
            evidence.objects("pods", Self.pod("sdn-b", on: "b", ready: true, state: Self.running))
        }
        #expect(evidence.findings(AgentCheck()).isEmpty)
    }

    @Test func ofANodeThatIsSilentNothingIsSaidButThat() {
        let facts = Evidence(at: Self.now) { evidence in
            evidence.objects("nodes", Self.node("a", ready: "Unknown"))
            evidence.objects("daemonsets.apps", Self.daemonSet())
            evidence.objects("pods", Self.pod("sdn-a", on: "a", ready: false, state: Self.running))
        }.facts
        let report = DiagnosisReport(facts, [AgentCheck(), NodeStateCheck()])
        #expect(report.entries.map(\.root.code) == ["NOD-01"])
    }

    @Test func anAgentThatMayNotRunThereIsMissedOnlyWherePodsSuffer() {
        let taint = #"[{"key":"gpu","value":"yes","effect":"NoSchedule"}]"#
        func findings(waiting: Bool) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", Self.node("a"), Self.node("gpu", taints: taint))
                evidence.objects("daemonsets.apps", Self.daemonSet())
                evidence.objects("pods", Self.pod("sdn-a", on: "a", ready: true, state: Self.running))
                if waiting {
                    evidence.objects(
                        "pods",
                        #"{"metadata":{"namespace":"shop","name":"w"},"spec":{"nodeName":"gpu","containers":[]},"status":{"phase":"Pending","startTime":"2026-03-06T02:00:00Z","containerStatuses":[{"name":"w","state":{"waiting":{"reason":"ContainerCreating"}}}]}}"#
                    )
                }
            }.findings(AgentCheck())
        }
        let suffering = findings(waiting: true)
        let quiet = findings(waiting: false)
        #expect(suffering.map(\.code) == ["INS-01"])
        #expect(suffering.first?.because.first?.contains("does not tolerate the taint gpu=yes:NoSchedule") == true)
        #expect(suffering.first?.explains == ["pod shop/w sandbox"])
        #expect(quiet.isEmpty)
    }

    @Test func aRoleThatWasGivenSinceIsNoCause() {
        func evidence(rules: String) -> [Diagnosis] {
            Self.evidence { evidence in
                evidence.objects("pods", Self.pod("sdn-b", on: "b", ready: false, state: Self.crashing))
                evidence.document(
                    EvidencePath.log("net", "sdn-b", "agent", previous: true),
                    #"E0306 nodes is forbidden: User "system:serviceaccount:net:sdn" cannot list resource "nodes" in API group "" at the cluster scope"#
                )
                evidence.objects(
                    "clusterroles.rbac.authorization.k8s.io", #"{"metadata":{"name":"sdn"},"rules":\#(rules)}"#)
                evidence.objects(
                    "clusterrolebindings.rbac.authorization.k8s.io",
                    #"{"metadata":{"name":"sdn"},"roleRef":{"kind":"ClusterRole","name":"sdn"},"subjects":[{"kind":"ServiceAccount","name":"sdn","namespace":"net"}]}"#
                )
            }.findings(AgentCheck())
        }
        let denied = evidence(rules: #"[{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]"#)
        let allowed = evidence(rules: #"[{"apiGroups":[""],"resources":["nodes"],"verbs":["get","list"]}]"#)
        #expect(denied.map(\.code) == ["API-02", "INS-01"])
        #expect(allowed.map(\.code) == ["INS-01"])
    }

    @Test func recognitionGoesByImageLabelsAndHostPathsAndNotByNames() {
        func names(_ object: String) -> [String] {
            Evidence { $0.objects("daemonsets.apps", object) }.facts.components().map(\.component.name)
        }
        func set(_ spec: String, labels: String = "{}") -> String {
            #"{"kind":"DaemonSet","metadata":{"namespace":"x","name":"calico-node"},"spec":{"template":{"metadata":{"labels":\#(labels)},"spec":\#(spec)}}}"#
        }
        let host = #""hostNetwork":true"#
        #expect(
            names(set(#"{\#(host),"containers":[{"image":"rancher/mirrored-cilium-cilium:v1.16.1@sha256:ab"}]}"#)) == [
                "cilium"
            ])
        // Named like one, and made of something else.
        #expect(names(set(#"{\#(host),"containers":[{"image":"busybox"}]}"#)) == [])
        #expect(
            names(
                set(
                    #"{\#(host),"containers":[{"image":"corp/sdn"}],"volumes":[{"hostPath":{"path":"/opt/cni/bin"}},{"hostPath":{"path":"/etc/cni/net.d"}}]}"#
                )) == ["network agent"])
        #expect(
            names(set(#"{\#(host),"containers":[{"image":"corp/fork"}]}"#, labels: #"{"k8s-app":"cilium"}"#)) == [
                "cilium"
            ])
    }
}
