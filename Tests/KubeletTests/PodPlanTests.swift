import KubernetesModel
import Testing

@testable import Kubelet

@Suite("What is to be done for a pod")
struct PodPlanTests {
    private static let two = #"{"containers":[{"name":"a","image":"nginx"},{"name":"b","image":"nginx"}]}"#

    private func plan(
        _ pod: PodSpec, sandbox: Bool = true, _ records: [String: ContainerRecord] = [:], now: UInt64 = 100
    ) -> PodPlan {
        PodPlan(pod, .init(hasSandbox: sandbox, records: records), now: now)
    }

    @Test("a sandbox comes before everything else, and when it was refused it waits")
    func sandboxFirst() throws {
        let pod = try PodFixture.pod(Self.two)
        #expect(plan(pod, sandbox: false).actions == [.makeSandbox])
        let waiting = PodPlan(pod, .init(hasSandbox: false, sandboxDeadline: 500), now: 100)
        #expect(waiting.actions.isEmpty)
        #expect(waiting.deadline == 500)
    }

    @Test("ordinary containers start together")
    func startTogether() throws {
        let pod = try PodFixture.pod(Self.two)
        #expect(plan(pod).actions == [.start("a"), .start("b")])
        #expect(plan(pod).phase == .pending)
        let half = plan(pod, ["a": PodFixture.running()])
        #expect(half.actions == [.start("b")])
        #expect(half.phase == .pending)
        #expect(plan(pod, ["a": PodFixture.running(), "b": PodFixture.running()]).phase == .running)
    }

    @Test("init containers run one after the other, before the others")
    func initContainers() throws {
        let pod = try PodFixture.pod(
            #"{"initContainers":[{"name":"i"},{"name":"j"}],"containers":[{"name":"a"}]}"#)
        #expect(plan(pod).actions == [.start("i")])
        #expect(plan(pod, ["i": PodFixture.running()]).actions.isEmpty)
        #expect(plan(pod, ["i": PodFixture.ended(0)]).actions == [.start("j")])
        #expect(plan(pod, ["i": PodFixture.ended(0), "j": PodFixture.ended(0)]).actions == [.start("a")])
        let failed = plan(pod, ["i": PodFixture.ended(1)])
        #expect(failed.actions == [.start("i")])
        #expect(failed.phase == .pending)
        // Once a container has been started, init containers are history.
        #expect(plan(pod, ["a": PodFixture.running()]).actions.isEmpty)
    }

    @Test("an init container that fails ends a pod that never restarts")
    func initFailure() throws {
        let pod = try PodFixture.pod(
            #"{"restartPolicy":"Never","initContainers":[{"name":"i"}],"containers":[{"name":"a"}]}"#)
        let plan = plan(pod, ["i": PodFixture.ended(3)])
        #expect(plan.phase == .failed)
        #expect(plan.actions == [.removeSandbox])
    }

    @Test("a sidecar only has to be started, and is started again")
    func sidecars() throws {
        let pod = try PodFixture.pod(
            #"{"initContainers":[{"name":"s","restartPolicy":"Always","startupProbe":{"exec":{}}}],"#
                + #""containers":[{"name":"a"}]}"#)
        #expect(plan(pod).actions == [.start("s")])
        #expect(plan(pod, ["s": PodFixture.running(isStarted: false)]).actions.isEmpty)
        #expect(plan(pod, ["s": PodFixture.running()]).actions == [.start("a")])
        #expect(plan(pod, ["s": PodFixture.ended(0), "a": PodFixture.running()]).actions == [.start("s")])
    }

    @Test(
        "what is restarted after which end",
        arguments: [
            ("Always", 0, true), ("Always", 1, true), ("OnFailure", 0, false), ("OnFailure", 1, true),
            ("Never", 0, false), ("Never", 1, false),
        ])
    func restarts(policy: String, code: Int, isRestarted: Bool) throws {
        let pod = try PodFixture.pod(#"{"restartPolicy":"\#(policy)","containers":[{"name":"a"}]}"#)
        let plan = plan(pod, ["a": PodFixture.ended(code)])
        #expect(plan.actions == (isRestarted ? [.start("a")] : [.removeSandbox]))
        let final: PodPlan.Phase = code == 0 ? .succeeded : .failed
        #expect(plan.phase == (isRestarted ? .running : final))
    }

    @Test("a container that ends again and again waits longer each time")
    func backOff() throws {
        let pod = try PodFixture.pod(#"{"containers":[{"name":"a"}]}"#)
        let second: UInt64 = 1_000_000_000
        var record = PodFixture.ended(1, at: 1000 * second)
        #expect(plan(pod, ["a": record], now: 1000 * second).actions == [.start("a")])
        record.backOff.restarted(endedAt: 1000 * second, now: 1000 * second)
        let waiting = plan(pod, ["a": record], now: 1001 * second)
        #expect(waiting.actions.isEmpty)
        #expect(waiting.deadline == 1010 * second)
        #expect(plan(pod, ["a": record], now: 1010 * second).actions == [.start("a")])
        var seconds: [UInt64] = []
        for _ in 0..<6 {
            record.backOff.restarted(endedAt: 1000 * second, now: 1000 * second)
            seconds.append(record.backOff.seconds)
        }
        #expect(seconds == [20, 40, 80, 160, 300, 300])
        // Ten quiet minutes are as good as a new start.
        #expect(record.backOff.deadline(endedAt: 1601 * second, now: 1601 * second) == nil)
    }

    @Test("a clock that is set back or forward holds nothing up")
    func clockJumps() throws {
        let pod = try PodFixture.pod(#"{"containers":[{"name":"a"}]}"#)
        let second: UInt64 = 1_000_000_000
        var record = PodFixture.ended(1, at: 9000 * second)
        record.backOff.restarted(endedAt: 9000 * second, now: 9000 * second)
        var refused = ContainerRecord()
        refused.state = .refused(reason: "ErrImagePull", message: "")
        refused.backOff.refused(now: 9000 * second)
        for records in [["a": record], ["a": refused]] {
            #expect(plan(pod, records, now: 9005 * second).deadline == 9010 * second)
            #expect(plan(pod, records, now: 5400 * second).actions == [.start("a")])
            #expect(plan(pod, records, now: 12_600 * second).actions == [.start("a")])
        }
        let waiting = PodPlan.Observation(hasSandbox: false, sandboxDeadline: 9004 * second)
        #expect(PodPlan(pod, waiting, now: 9001 * second).actions.isEmpty)
        #expect(PodPlan(pod, waiting, now: 5400 * second).actions == [.makeSandbox])
        let token = KeptToken(text: "t", madeAt: 9000 * second, seconds: 3600)
        #expect([5400, 9000, 11_879, 11_880].map { token.isGood(at: $0 * second) } == [false, true, true, false])
    }

    @Test("a container that a probe complains about is ended with its own grace")
    func complaints() throws {
        let pod = try PodFixture.pod(
            #"{"terminationGracePeriodSeconds":9,"containers":[{"name":"a","livenessProbe":{"exec":{}}}]}"#)
        var record = PodFixture.running()
        record.complaint = "Container a failed liveness probe, will be restarted"
        #expect(
            plan(pod, ["a": record]).actions == [
                .kill("a", gracePeriod: 9, reason: "Container a failed liveness probe, will be restarted")
            ])
    }

    @Test("on the way out containers go before sidecars, those in reverse order, then the sandbox, then the object")
    func theEnd() throws {
        let pod = try PodFixture.pod(
            #"{"initContainers":[{"name":"s","restartPolicy":"Always"},{"name":"t","restartPolicy":"Always"}],"#
                + #""containers":[{"name":"a"}]}"#,
            metadata: #""deletionTimestamp":"2026-11-21T09:00:00Z","deletionGracePeriodSeconds":5"#)
        var records = ["s": PodFixture.running(), "t": PodFixture.running(), "a": PodFixture.running()]
        #expect(
            plan(pod, records).actions == [.kill("a", gracePeriod: 5, reason: "Stopping container a")])
        records["a"] = PodFixture.ended(143)
        #expect(
            plan(pod, records).actions == [.kill("t", gracePeriod: 5, reason: "Stopping container t")])
        records["t"] = PodFixture.ended(143)
        #expect(
            plan(pod, records).actions == [.kill("s", gracePeriod: 5, reason: "Stopping container s")])
        records["s"] = PodFixture.ended(143)
        #expect(plan(pod, records).actions == [.removeSandbox])
        #expect(plan(pod, sandbox: false, records).actions == [.release])
    }

    @Test("a pod that is over keeps its object and loses its sandbox")
    func over() throws {
        let pod = try PodFixture.pod(
            #"{"restartPolicy":"Never","containers":[{"name":"a"}]}"#, status: #"{"phase":"Succeeded"}"#)
        #expect(plan(pod).actions == [.removeSandbox])
        #expect(plan(pod, sandbox: false).actions.isEmpty)
        #expect(plan(pod, sandbox: false).phase == .succeeded)
    }

    @Test("probes: so many results in a row make a verdict")
    func probeCounter() throws {
        let pod = try PodFixture.pod(
            #"{"containers":[{"name":"a","readinessProbe":{"exec":{},"failureThreshold":3,"successThreshold":2}}]}"#)
        let probe = try #require(pod.containers[0].readiness)
        var counter = ProbeCounter(probe)
        let verdicts = [true, true, false, false, true, false, false, false].map { counter.add($0) }
        #expect(verdicts == [nil, true, nil, nil, nil, nil, nil, false])
    }
}
