import Addressing
import JSONTree
import KubernetesClient
import KubernetesModel
import Testing

@testable import LabControllers

/// Decisions on values: no server, no clock.
@Suite struct SchedulerTests {
    private let context = PlanContext(now: Timestamp(seconds: 1_800_000_000), elapsed: .seconds(100), seed: 1)

    private func view(_ objects: [(Watched, String)]) throws -> ClusterView {
        var view = ClusterView()
        for (resource, text) in objects {
            let record = try WatchedRecord(resource, decoding: try JSONTree(parsing: text).root)
            _ = view.apply(resource, record.meta.key, record)
        }
        return view
    }

    private func node(_ name: String, labels: String = "", spec: String = "", status: String = "") -> (Watched, String)
    {
        (
            .nodes,
            #"{"metadata":{"name":"\#(name)","uid":"\#(name)","labels":{"kubernetes.io/hostname":"\#(name)"\#(labels)}},"#
                + #""spec":{\#(spec)},"status":{"allocatable":{"cpu":"2","memory":"1Gi","pods":"3"},"#
                + #""conditions":[{"type":"Ready","status":"True"}]\#(status)}}"#
        )
    }

    private func pod(_ name: String, on node: String = "", spec: String = "", labels: String = "") -> (Watched, String)
    {
        let place = node.isEmpty ? "" : #""nodeName":"\#(node)","#
        return (
            .pods,
            #"{"metadata":{"name":"\#(name)","namespace":"d","uid":"\#(name)","labels":{\#(labels)}},"spec":{\#(place)"#
                + #""containers":[{"name":"c"\#(spec)},"status":{"phase":"Pending"}}"#
        )
    }

    private func bound(_ plan: Plan) -> [String] {
        plan.changes.compactMap { if case .bind(let key, _, let node) = $0 { "\(key.name) to \(node)" } else { nil } }
    }

    private func said(_ plan: Plan) -> [String] {
        plan.changes.compactMap { if case .note(let note, _) = $0 { note.note } else { nil } }
    }

    @Test func spreadsAndCountsWhatItGave() throws {
        let plan = Scheduler.plan(
            try view([node("a"), node("b"), pod("p1", spec: "}]"), pod("p2", spec: "}]"), pod("p3", spec: "}]")]),
            context)
        #expect(bound(plan) == ["p1 to a", "p2 to b", "p3 to a"])
        #expect(said(plan).first == "Successfully assigned d/p1 to a")
    }

    @Test(
        "why a pod waits, in the scheduler's words",
        arguments: [
            (
                #""taints":[{"key":"k","value":"v","effect":"NoSchedule"}]"#, "}]",
                "0/1 nodes are available: 1 node(s) had untolerated taint {k: v}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
            ),
            (
                #""unschedulable":true"#, "}]",
                "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
            ),
            (
                "", #","resources":{"requests":{"cpu":"1500m"}}}]"#,
                "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
            ),
            (
                "", #","ports":[{"containerPort":80,"hostPort":80}]}]"#,
                "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
            ),
            (
                "",
                #"}],"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"x"}}}]}}"#,
                "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
            ),
        ])
    func refusal(nodeSpec: String, podSpec: String, message: String) throws {
        let there = pod(
            "there", on: "a",
            spec: #","resources":{"requests":{"cpu":"600m"}},"ports":[{"containerPort":80,"hostPort":80}]}]"#,
            labels: #""app":"x""#)
        let plan = Scheduler.plan(try view([node("a", spec: nodeSpec), there, pod("p", spec: podSpec)]), context)
        #expect(said(plan) == [message])
        #expect(bound(plan).isEmpty)
    }

    @Test func noNodes() throws {
        let plan = Scheduler.plan(try view([pod("p", spec: "}]")]), context)
        #expect(said(plan) == ["no nodes available to schedule pods"])
    }

    @Test(
        "quantities",
        arguments: [
            ("100m", 100), ("1", 1000), ("1.5", 1500), ("64Mi", 67_108_864_000), ("1e3", 1_000_000), ("1k", 1_000_000),
            ("0.0001", 1),
        ] as [(String, Int64)])
    func quantity(text: String, milli: Int64) {
        #expect(Quantity(text)?.milli == milli)
    }

    // MARK: Nodes

    private var rangeContext: PlanContext {
        var context = context
        context.settings.nodeRanges = [IPPrefix("10.0.0.0/30")].compactMap { $0 }
            .compactMap { NodeRange($0, nodeLength: 31) }
        return context
    }

    @Test func rangesAreGivenOnceAndBackLast() throws {
        var view = try view([node("a"), node("b", spec: #""podCIDR":"10.0.0.0/31","podCIDRs":["10.0.0.0/31"]"#)])
        let plan = NodeRangeController.plan(view, rangeContext)
        guard case .patch(_, let key, let patch) = plan.changes.first else {
            Issue.record("no range was given")
            return
        }
        #expect(key.name == "a")
        #expect(patch.body.at("spec", "podCIDR")?.stringValue == "10.0.0.2/31")
        // A third node gets none while there is none, and what the second gave back afterwards.
        _ = view.apply(
            .nodes, ObjectKey(name: "a"),
            try WatchedRecord(
                .nodes,
                decoding: try JSONTree(
                    parsing: #"{"metadata":{"name":"a","uid":"a"},"spec":{"podCIDRs":["10.0.0.2/31"]}}"#
                ).root))
        let third = try WatchedRecord(
            .nodes, decoding: try JSONTree(parsing: #"{"metadata":{"name":"c","uid":"c"}}"#).root)
        _ = view.apply(.nodes, ObjectKey(name: "c"), third)
        let none = NodeRangeController.plan(view, rangeContext)
        #expect(said(none) == ["Node c status is now: CIDRNotAvailable"])
        _ = view.apply(.nodes, ObjectKey(name: "b"), nil)
        guard case .patch(_, _, let given) = NodeRangeController.plan(view, rangeContext).changes.first else {
            Issue.record("the range that came back was not given")
            return
        }
        #expect(given.body.at("spec", "podCIDR")?.stringValue == "10.0.0.0/31")
    }

    @Test func aSilentNodeIsUnknownItsPodsNotReadyAndEvictedInTime() throws {
        var view = try view([
            node("a"), node("b"),
            (
                .pods,
                #"{"metadata":{"name":"p","namespace":"d","uid":"p"},"spec":{"nodeName":"a","tolerations":[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#
            ),
        ])
        let early = NodeLifecycle.plan(
            ObjectKey(name: "a"), view, PlanContext(now: context.now, elapsed: .seconds(30), seed: 1))
        #expect(early.changes.isEmpty && early.again != nil)
        let late = NodeLifecycle.plan(ObjectKey(name: "a"), view, context)
        let texts = late.changes.map { "\($0)" }.joined()
        #expect(texts.contains("NodeStatusUnknown"))
        #expect(texts.contains("node.kubernetes.io/unreachable"))
        // With the taint on the node the pod has five minutes, from when the taint was seen.
        let tainted = node(
            "a", spec: #""taints":[{"key":"node.kubernetes.io/unreachable","effect":"NoExecute"}]"#)
        let record = try WatchedRecord(.nodes, decoding: try JSONTree(parsing: tainted.1).root)
        _ = view.apply(.nodes, ObjectKey(name: "a"), record, at: .seconds(100))
        let key = ObjectKey(namespace: "d", name: "p")
        let waiting = TaintEviction.plan(key, view, PlanContext(now: context.now, elapsed: .seconds(399), seed: 1))
        #expect(waiting == Plan(again: .seconds(1)))
        let evicted = TaintEviction.plan(key, view, PlanContext(now: context.now, elapsed: .seconds(400), seed: 1))
        #expect(evicted.changes.contains(.delete(Pod.resource, key, uid: "p")))
    }

    @Test("what was said of a silent node's pods is taken back when it is heard again") func podsAreReadyAgain() throws
    {
        func pod(_ name: String, _ reason: String) -> (Watched, String) {
            (
                .pods,
                #"{"metadata":{"name":"\#(name)","namespace":"d","uid":"\#(name)"},"spec":{"nodeName":"a"},"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":true}],"conditions":[{"type":"Ready","status":"False","reason":"\#(reason)"}]}}"#
            )
        }
        let view = try view([node("a"), pod("ours", "NodeNotReady"), pod("theirs", "ContainersNotReady")])
        let plan = NodeLifecycle.plan(
            ObjectKey(name: "a"), view, PlanContext(now: context.now, elapsed: .zero, seed: 1))
        let patched = plan.changes.compactMap { change -> String? in
            guard case .patch(Pod.resource, let key, let patch) = change else { return nil }
            let condition = patch.body.at("status", "conditions")?.elements.first
            return "\(key.name) \(condition?.member("status")?.stringValue ?? "")"
        }
        #expect(patched == ["ours True"])
    }

    @Test func whenNoNodeIsWellNobodyIsSentAway() throws {
        let sick = #","x":0},"status":{"conditions":[{"type":"Ready","status":"False"}]"#
        let view = try view([node("a", spec: #""a":0"#, status: sick), node("b", spec: #""b":0"#, status: sick)])
        let texts =
            "\(NodeLifecycle.plan(ObjectKey(name: "a"), view, PlanContext(now: context.now, elapsed: .zero, seed: 1)))"
        #expect(texts.contains("NoSchedule"))
        #expect(!texts.contains("NoExecute"))
    }

    // MARK: Owners

    private func owned(_ uid: String, by owners: [String], finalizers: [String] = [], dying: Bool = false)
        -> OwnedObject
    {
        OwnedObject(
            resource: Pod.resource, key: ObjectKey(namespace: "d", name: uid), uid: uid, version: "1",
            owners: owners.map {
                OwnerReference(apiVersion: "v1", kind: "Pod", name: $0, uid: $0, blocksOwnerDeletion: true)
            }, finalizers: finalizers, isTerminating: dying)
    }

    @Test func whatNobodyOwnsGoes() {
        var graph = OwnerGraph()
        _ = graph.set(owned("child", by: ["a", "b"]))
        #expect(graph.decisions(about: "child") == [.ask(owned("child", by: ["a", "b"]).owners[0], namespace: "d")])
        _ = graph.set(owned("a", by: []))
        _ = graph.set(owned("b", by: []))
        #expect(graph.decisions(about: "child").isEmpty)
        #expect(graph.remove("a") == ["child"])
        #expect(
            graph.decisions(about: "child")
                == [.disown(owned("child", by: ["a", "b"]), [owned("child", by: ["a"]).owners[0]])])
        _ = graph.set(owned("child", by: ["b"]))
        _ = graph.remove("b")
        #expect(graph.decisions(about: "child") == [.delete(owned("child", by: ["b"]), isForeground: false)])
    }

    @Test func foregroundWaitsAndOrphansStay() {
        var graph = OwnerGraph()
        let owner = owned("o", by: [], finalizers: [OwnedObject.foreground], dying: true)
        _ = graph.set(owner)
        _ = graph.set(owned("child", by: ["o"]))
        #expect(graph.decisions(about: "o").isEmpty)
        #expect(graph.decisions(about: "child") == [.delete(owned("child", by: ["o"]), isForeground: false)])
        _ = graph.remove("child")
        #expect(graph.decisions(about: "o") == [.release(owner, finalizer: OwnedObject.foreground)])
        let letting = owned("l", by: [], finalizers: [OwnedObject.orphan], dying: true)
        _ = graph.set(letting)
        _ = graph.set(owned("kept", by: ["l"]))
        #expect(graph.decisions(about: "l") == [.disown(owned("kept", by: ["l"]), owned("kept", by: ["l"]).owners)])
    }
}
