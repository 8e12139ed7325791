import Addressing
import JSONTree
import KubernetesClient
import KubernetesModel
import Testing

@testable import LabControllers

/// Users, kubelets and controllers act in random order on views that are behind; when all is quiet the cluster is as a
/// naive loop leaves it, which sees everything at once and asks every controller in turn until none wants anything.
@Suite struct ConvergenceTests {
    private enum Act: CaseIterable {
        case scale, image, deletePod, addNode, removeNode, cordon, daemonImage, killAll, scaleStateful
    }

    /// What a user did, the same in both worlds as far as they can be the same.
    private struct Story {
        var acts: [(act: Act, number: Int)]

        init(seed: UInt64, length: Int) {
            var random = SplitMix64(seed: seed)
            acts = (0..<length).map { _ in
                (Act.allCases[Int(random.next() % UInt64(Act.allCases.count))], Int(random.next() % 1000))
            }
        }
    }

    private static let settings: ControllerSettings = {
        var settings = ControllerSettings()
        settings.nodeRanges = [IPPrefix("10.244.0.0/16")].compactMap { $0 }.compactMap { NodeRange($0, nodeLength: 24) }
        settings.orphanQuarantine = .zero
        settings.nodeMonitorGrace = .seconds(1_000_000_000)
        return settings
    }()

    private struct World {
        var server = SimulatedServer()
        var view = ClusterView()
        var random: SplitMix64
        var pending: Set<WorkKey> = []
        var expectations: [WorkKey: [AwaitedSight]] = [:]
        var elapsed: Duration = .seconds(1)
        var writes = 0

        init(seed: UInt64) { random = SplitMix64(seed: seed) }

        mutating func setUp() throws {
            for number in 1...3 { try addNode("n\(number)") }
            func template(_ app: String) -> JSONValue {
                [
                    "metadata": ["labels": ["app": .string(app)]],
                    "spec": ["containers": [["name": "c", "image": "v1", "ports": [["containerPort": 80]]]]],
                ]
            }
            func workload(_ kind: String, _ app: String, _ more: [JSONMember]) -> JSONValue {
                [
                    "apiVersion": "apps/v1", "kind": .string(kind),
                    "metadata": ["name": .string(app), "namespace": "default"],
                    "spec": .object(
                        [
                            JSONMember("selector", ["matchLabels": ["app": .string(app)]]),
                            JSONMember("template", template(app)),
                        ] + more),
                ]
            }
            try server.create(.deployments, workload("Deployment", "web", [JSONMember("replicas", 4)]))
            try server.create(.daemonSets, workload("DaemonSet", "agent", []))
            try server.create(.statefulSets, workload("StatefulSet", "db", [JSONMember("replicas", 2)]))
            try server.create(
                .services,
                [
                    "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web", "namespace": "default"],
                    "spec": [
                        "selector": ["app": "web"], "clusterIP": "10.96.0.9", "ipFamilies": ["IPv4"],
                        "ports": [["port": 80]],
                    ],
                ])
        }

        mutating func addNode(_ name: String) throws {
            try server.create(
                .nodes,
                [
                    "apiVersion": "v1", "kind": "Node",
                    "metadata": ["name": .string(name), "labels": ["kubernetes.io/hostname": .string(name)]],
                    "status": ["conditions": [["type": "Ready", "status": "True"]]],
                ])
        }

        mutating func perform(_ act: Act, _ number: Int) {
            let web = ObjectKey(namespace: "default", name: "web")
            func image(_ version: Int) -> JSONValue {
                [
                    "spec": [
                        "template": [
                            "spec": [
                                "containers": [
                                    ["name": "c", "image": .string("v\(version)"), "ports": [["containerPort": 80]]]
                                ]
                            ]
                        ]
                    ]
                ]
            }
            let pods = (server.objects[.pods] ?? [:]).keys.sorted()
            let nodes = (server.objects[.nodes] ?? [:]).keys.sorted()
            switch act {
            case .scale:
                _ = try? server.patch(.deployments, web, .init(["spec": ["replicas": .int(Int64(number % 7))]]))
            case .image: _ = try? server.patch(.deployments, web, .init(image(number % 3)))
            case .daemonImage:
                _ = try? server.patch(
                    .daemonSets, ObjectKey(namespace: "default", name: "agent"), .init(image(number % 3)))
            case .scaleStateful:
                _ = try? server.patch(
                    .statefulSets, ObjectKey(namespace: "default", name: "db"),
                    .init(["spec": ["replicas": .int(Int64(number % 4))]]))
            case .deletePod: if !pods.isEmpty { try? server.delete(.pods, pods[number % pods.count]) }
            case .killAll: for pod in pods { try? server.delete(.pods, pod) }
            case .addNode: try? addNode("n\(4 + number % 3)")
            case .removeNode: if nodes.count > 1 { try? server.delete(.nodes, ObjectKey(name: "n\(4 + number % 3)")) }
            case .cordon:
                // The first node stays open, so that there is always a place.
                _ = try? server.patch(
                    .nodes, ObjectKey(name: "n2"), .init(["spec": ["unschedulable": .bool(number % 2 == 0)]]))
            }
        }

        mutating func take(_ event: SimulatedServer.Event) throws {
            let record = try event.object.map { try WatchedRecord(event.resource, decoding: try $0.tree().root) }
            pending.formUnion(view.apply(event.resource, event.key, record, at: elapsed))
        }

        /// One key: planned on the view, carried out on the server, as the driver does it.
        mutating func work(_ key: WorkKey) {
            elapsed += .milliseconds(1)
            let open = (expectations[key] ?? []).filter { !$0.isMet(by: view, now: elapsed) }
            expectations[key] = open
            if !open.isEmpty { return }
            pending.remove(key)
            let context = PlanContext(
                now: Timestamp(seconds: server.time), elapsed: elapsed, seed: random.next(),
                settings: ConvergenceTests.settings)
            let plan = key.controller.plan(key.key, view, context)
            for change in plan.changes {
                do throws(SimulatedServer.Refusal) {
                    if case .note = change {} else { writes += 1 }
                    if let expectation = try server.carryOut(change, now: elapsed) {
                        expectations[key, default: []].append(expectation)
                    }
                } catch {
                    pending.insert(key)
                    return
                }
            }
            if plan.again != nil { pending.insert(key) }
        }

        /// Anything that can happen, one thing at a time.
        mutating func stir() throws {
            let resource = Watched.allCases[Int(random.next() % UInt64(Watched.allCases.count))]
            switch random.next() % 4 {
            case 0:
                let keys = pending.sorted()
                if !keys.isEmpty { work(keys[Int(random.next() % UInt64(keys.count))]) }
            case 1:
                let pods = server.podsForKubelets
                if !pods.isEmpty { server.actAsKubelet(on: pods[Int(random.next() % UInt64(pods.count))]) }
            default: if let event = server.deliver(resource) { try take(event) }
            }
        }

        /// Everything that is left to happen, in order, until nothing is.
        mutating func settle() throws -> Bool {
            for _ in 0..<2000 {
                for resource in Watched.allCases { while let event = server.deliver(resource) { try take(event) } }
                for pod in server.podsForKubelets { server.actAsKubelet(on: pod) }
                let before = server.version
                for key in pending.sorted() { work(key) }
                if server.isDelivered, server.version == before, server.podsForKubelets.isEmpty { return true }
            }
            return false
        }

        /// The naive loop: the view is the truth, every controller is asked about every key.
        mutating func settleNaively() throws -> Bool {
            for _ in 0..<3000 {
                for resource in Watched.allCases { while let event = server.deliver(resource) { try take(event) } }
                for pod in server.podsForKubelets { server.actAsKubelet(on: pod) }
                for resource in Watched.allCases { while let event = server.deliver(resource) { try take(event) } }
                let before = server.version
                expectations = [:]
                for key in everyKey {
                    work(key)
                    for resource in Watched.allCases { while let event = server.deliver(resource) { try take(event) } }
                }
                if server.version == before, server.podsForKubelets.isEmpty { return true }
            }
            return false
        }

        private var everyKey: [WorkKey] {
            Controller.allCases.flatMap { controller -> [WorkKey] in
                let resource: Watched
                switch controller {
                case .scheduler, .nodeRange: return [WorkKey(controller)]
                case .deployment: resource = .deployments
                case .replicaSet: resource = .replicaSets
                case .daemonSet: resource = .daemonSets
                case .statefulSet: resource = .statefulSets
                case .job: resource = .jobs
                case .endpoints: resource = .services
                case .nodeLifecycle: resource = .nodes
                case .eviction, .podCollector: resource = .pods
                }
                return (server.objects[resource] ?? [:]).keys.sorted().map { WorkKey(controller, $0) }
            }
        }
    }

    /// What both worlds have to agree on: names and places are chance.
    private func summary(_ server: SimulatedServer) -> [String] {
        func list(_ resource: Watched) -> [JSONValue] {
            (server.objects[resource] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        }
        func image(_ pod: JSONValue) -> String {
            pod.at("spec", "containers")?.elements.first?.member("image")?.stringValue ?? ""
        }
        func number(_ object: JSONValue, _ path: String...) -> Int64 { object.at(path)?.intValue ?? 0 }
        var lines: [String] = []
        let pods = list(.pods)
        for app in ["web", "agent", "db"] {
            let mine = pods.filter { $0.at("metadata", "labels", "app")?.stringValue == app }
            lines.append("pods of \(app): \(mine.map(image).sorted())")
            lines.append("waiting of \(app): \(mine.filter { $0.at("spec", "nodeName") == nil }.count)")
        }
        let daemons = pods.filter { $0.at("metadata", "labels", "app")?.stringValue == "agent" }
        lines.append("daemons on \(daemons.compactMap { $0.at("spec", "nodeName")?.stringValue }.sorted())")
        let numbered = pods.filter { $0.at("metadata", "labels", "app")?.stringValue == "db" }
        lines.append("members \(numbered.compactMap { $0.at("metadata", "name")?.stringValue }.sorted())")
        for set in list(.replicaSets) where number(set, "spec", "replicas") > 0 {
            lines.append(
                "set of \(set.at("spec", "template").map { image($0) } ?? ""): \(number(set, "spec", "replicas"))")
        }
        for (resource, fields) in [
            (Watched.deployments, ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"]),
            (.daemonSets, ["desiredNumberScheduled", "numberReady", "updatedNumberScheduled", "numberMisscheduled"]),
            (.statefulSets, ["replicas", "readyReplicas", "updatedReplicas"]),
        ] {
            for object in list(resource) {
                lines.append("\(resource): \(fields.map { number(object, "status", $0) })")
                let isSeen = number(object, "status", "observedGeneration") == number(object, "metadata", "generation")
                lines.append("\(resource) seen: \(isSeen)")
            }
        }
        let endpoints = list(.slices).flatMap { $0.member("endpoints")?.elements ?? [] }
        lines.append("endpoints: \(endpoints.count)")
        lines.append("nodes: \(list(.nodes).compactMap { $0.at("metadata", "name")?.stringValue })")
        let ranges = list(.nodes).compactMap { $0.at("spec", "podCIDR")?.stringValue }
        lines.append("every node has a range of its own: \(Set(ranges).count == list(.nodes).count)")
        return lines
    }

    @Test(arguments: 1...24)
    func anyOrderEndsAsTheNaiveLoop(seed: Int) throws {
        let story = Story(seed: UInt64(seed), length: 12)
        var mixed = World(seed: UInt64(seed) &* 7919)
        try mixed.setUp()
        for (act, number) in story.acts {
            for _ in 0..<Int(mixed.random.next() % 60) { try mixed.stir() }
            mixed.perform(act, number)
        }
        for _ in 0..<200 { try mixed.stir() }
        let isQuiet = try mixed.settle()
        #expect(isQuiet, "the mixed world never came to rest")

        var naive = World(seed: UInt64(seed))
        try naive.setUp()
        // Which pods a user deletes cannot be the same: what he wants of the workloads is.
        for (act, number) in story.acts { naive.perform(act, number) }
        let isNaivelyQuiet = try naive.settleNaively()
        #expect(isNaivelyQuiet, "the naive world never came to rest")
        #expect(summary(mixed.server) == summary(naive.server), "story \(story.acts)")
    }

    /// A controller that does not wait for what it wrote makes too many pods: the views here are always behind.
    @Test func noPodTooMany() throws {
        for seed in 1...4 {
            var world = World(seed: UInt64(seed))
            try world.setUp()
            for _ in 0..<1500 {
                try world.stir()
                let pods = (world.server.objects[.pods] ?? [:]).values.filter {
                    $0.at("metadata", "labels", "app")?.stringValue == "web"
                }
                #expect(pods.count <= 4, "four replicas and nothing to roll")
            }
        }
    }
}
