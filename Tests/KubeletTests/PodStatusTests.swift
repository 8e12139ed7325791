import JSONTree
import KubernetesModel
import Testing

@testable import Kubelet

@Suite("The status of a pod, in kubelet's shape")
struct PodStatusTests {
    private func status(
        _ pod: PodSpec, _ records: [String: ContainerRecord], phase: PodPlan.Phase, now: Int64 = 1000
    ) -> JSONValue {
        PodStatus(
            pod: pod, records: records, phase: phase, hasSandbox: true, podIPs: ["10.244.1.5", "fd00::5"],
            hostIPs: ["192.168.101.11"], startedAt: 900_000_000_000
        ).status(now: Timestamp(seconds: now))
    }

    private func condition(_ status: JSONValue, _ type: String) -> JSONValue? {
        status["conditions"]?.elements.first { $0["type"]?.stringValue == type }
    }

    @Test("running and ready")
    func ready() throws {
        let pod = try PodFixture.pod(#"{"containers":[{"name":"a","image":"nginx:1"}]}"#)
        var record = PodFixture.running(since: 950_000_000_000)
        record.isReady = true
        let status = status(pod, ["a": record], phase: .running)
        #expect(status["phase"] == "Running")
        #expect(status["podIP"] == "10.244.1.5")
        #expect(status["podIPs"] == [["ip": "10.244.1.5"], ["ip": "fd00::5"]])
        #expect(status["hostIPs"] == [["ip": "192.168.101.11"]])
        #expect(status["qosClass"] == "BestEffort")
        for type in ["PodScheduled", "Initialized", "ContainersReady", "Ready", "PodReadyToStartContainers"] {
            #expect(condition(status, type)?["status"] == "True")
        }
        let container = try #require(status["containerStatuses"]?.elements.first)
        #expect(
            container == [
                "name": "a", "state": ["running": ["startedAt": "1970-01-01T00:15:50Z"]], "lastState": [:],
                "ready": true, "restartCount": 0, "image": "nginx:1", "imageID": "poplin://nginx:1",
                "containerID": "poplin://c0", "started": true,
            ])
    }

    @Test("a container that waits for its restart shows CrashLoopBackOff and its last end")
    func crashLoop() throws {
        let pod = try PodFixture.pod(#"{"containers":[{"name":"a","image":"x"}]}"#)
        var record = PodFixture.ended(2, attempt: 3, at: 960_000_000_000)
        record.backOff.restarted(endedAt: 1, now: 950_000_000_000)
        let status = status(pod, ["a": record], phase: .running)
        let container = try #require(status["containerStatuses"]?.elements.first)
        #expect(container["state"]?["waiting"]?["reason"] == "CrashLoopBackOff")
        #expect(
            container["state"]?["waiting"]?["message"]
                == "back-off 10s restarting failed container=a pod=web_shop(11-22)")
        #expect(container["lastState"]?["terminated"]?["exitCode"] == 2)
        #expect(container["restartCount"] == 3)
        #expect(condition(status, "Ready")?["reason"] == "ContainersNotReady")
        #expect(condition(status, "Ready")?["message"] == "containers with unready status: [a]")
    }

    @Test("conditions keep their time until they change, and those of others stay")
    func transitions() throws {
        let pod = try PodFixture.pod(
            #"{"containers":[{"name":"a"}],"readinessGates":[{"conditionType":"poplin.dev/ready"}]}"#,
            status:
                #"{"conditions":[{"type":"PodScheduled","status":"True","lastTransitionTime":"1970-01-01T00:00:07Z"},"#
                + #"{"type":"poplin.dev/ready","status":"False","lastTransitionTime":"1970-01-01T00:00:09Z"}]}"#)
        var record = PodFixture.running()
        record.isReady = true
        let status = status(pod, ["a": record], phase: .running)
        #expect(condition(status, "PodScheduled")?["lastTransitionTime"] == "1970-01-01T00:00:07Z")
        #expect(condition(status, "Initialized")?["lastTransitionTime"] == "1970-01-01T00:16:40Z")
        #expect(condition(status, "poplin.dev/ready")?["lastTransitionTime"] == "1970-01-01T00:00:09Z")
        #expect(condition(status, "ContainersReady")?["status"] == "True")
        #expect(condition(status, "Ready")?["reason"] == "ReadinessGatesNotReady")
    }

    @Test("containers behind init containers wait for them")
    func initializing() throws {
        let pod = try PodFixture.pod(#"{"initContainers":[{"name":"i"}],"containers":[{"name":"a"}]}"#)
        let status = status(pod, ["i": PodFixture.running()], phase: .pending)
        #expect(
            status["containerStatuses"]?.elements.first?["state"] == ["waiting": ["reason": "PodInitializing"]])
        #expect(condition(status, "Initialized")?["message"] == "containers with incomplete status: [i]")
    }

    @Test(
        "quality of service",
        arguments: [
            (#"{}"#, "BestEffort"), (#"{"requests":{"cpu":"1"}}"#, "Burstable"),
            (#"{"limits":{"cpu":"1","memory":"1Gi"}}"#, "Guaranteed"),
            (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}"#, "Burstable"),
        ])
    func quality(resources: String, expected: String) throws {
        let pod = try PodFixture.pod(#"{"containers":[{"name":"a","resources":\#(resources)}]}"#)
        let status = status(pod, [:], phase: .pending)
        #expect(status["qosClass"]?.stringValue == expected)
    }
}
