import JSONTree
import KubernetesModel
import Testing

@testable import Kubelet

@Suite("What a kubelet makes of pods that ran before its node was restarted")
struct NodeRestartTests {
    private static let spec = #"{"initContainers":[{"name":"i"}],"containers":[{"name":"a","image":"nginx"}]}"#
    private static let status = """
        {"phase":"Running",
         "initContainerStatuses":[{"name":"i","restartCount":0,"ready":true,"containerID":"poplin://c1",
          "state":{"terminated":{"exitCode":0,"reason":"Completed","startedAt":"1970-01-01T00:15:40Z",
          "finishedAt":"1970-01-01T00:15:41Z"}}}],
         "containerStatuses":[{"name":"a","restartCount":4,"ready":true,"containerID":"poplin://c2",
          "state":{"running":{"startedAt":"1970-01-01T00:15:50Z"}}}]}
        """

    private func records(_ pod: PodSpec) throws -> [String: ContainerRecord] {
        var records: [String: ContainerRecord] = [:]
        for (name, known) in pod.known {
            try #require(known.hasRun)
            records[name] = ContainerRecord(lost: known, now: 2_000_000_000_000, isOfEarlierSandbox: true)
        }
        return records
    }

    @Test("restarts are counted on, the end is unknown as containerd has it, and init containers run again")
    func restarted() throws {
        let pod = try PodFixture.pod(Self.spec, status: Self.status)
        var records = try records(pod)
        #expect(records["a"]?.restarts == 4)
        let plan = PodPlan(pod, .init(hasSandbox: false, records: records), now: 2_000_000_000_001)
        #expect(plan.actions == [.makeSandbox])
        #expect(plan.phase == .running)
        let inside = PodPlan(pod, .init(hasSandbox: true, records: records), now: 2_000_000_000_001)
        #expect(inside.actions == [.start("i")])

        records["i"] = PodFixture.ended(0, attempt: 1)
        let next = PodPlan(pod, .init(hasSandbox: true, records: records), now: 2_000_000_000_001)
        #expect(next.actions == [.start("a")])
        let shown = PodStatus(
            pod: pod, records: records, phase: .running, hasSandbox: true, podIPs: [], hostIPs: [], startedAt: 0
        ).status(now: Timestamp(seconds: 2000))
        let container = try #require(shown["containerStatuses"]?.elements.first)
        #expect(container["restartCount"] == 4)
        #expect(
            container["state"] == [
                "terminated": [
                    "exitCode": 255, "reason": "Unknown", "startedAt": "1970-01-01T00:15:50Z",
                    "finishedAt": "1970-01-01T00:33:20Z", "containerID": "poplin://c2",
                ]
            ])
    }

    @Test("a pod that is never restarted has failed")
    func never() throws {
        let spec = #"{"restartPolicy":"Never",\#(Self.spec.dropFirst())"#
        let pod = try PodFixture.pod(spec, status: Self.status)
        let plan = PodPlan(pod, .init(hasSandbox: false, records: try records(pod)), now: 2_000_000_000_001)
        #expect(plan.phase == .failed)
        #expect(plan.actions.isEmpty)
    }

    @Test("one that waited for its restart has its end behind it; one that never ran has none")
    func waiting() throws {
        let pod = try PodFixture.pod(
            #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            status: """
                {"containerStatuses":[{"name":"a","restartCount":2,"containerID":"poplin://c3",
                 "state":{"waiting":{"reason":"CrashLoopBackOff"}},
                 "lastState":{"terminated":{"exitCode":7,"reason":"Error","startedAt":"1970-01-01T00:00:01Z",
                 "finishedAt":"1970-01-01T00:00:02Z"}}},
                 {"name":"b","restartCount":0,"state":{"waiting":{"reason":"ContainerCreating"}}}]}
                """)
        #expect(pod.known["a"]?.ending?.exitCode == 7)
        #expect(pod.known["b"]?.hasRun == false)
    }
}
