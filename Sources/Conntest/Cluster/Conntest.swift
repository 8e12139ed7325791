import Addressing
import Findings
import JSONTree
import KubernetesClient
import KubernetesModel

/// Why there is no report.
public enum ConntestFailure: Error, Sendable {
    case api(KubernetesFailure)
    /// The test's pods did not become ready in time: the first one that is not, and why.
    case notReady(String, after: Duration)

    public var finding: Finding {
        switch self {
        case .api(let failure): failure.finding
        case .notReady(let reason, let time):
            Finding(
                code: "conntest", "the test's pods were not ready within \(time.components.seconds) s: \(reason)",
                next: "--image and --program say what the pods run; --start-timeout gives them longer")
        }
    }
}

/// A connectivity test on a cluster: makes a namespace with pods on every node, asks from each of them, takes the
/// namespace away again. Nothing outside the cluster is asked.
public struct Conntest: Sendable {
    public struct Options: Sendable {
        public var image: String
        /// What is run in the pods: the program's path in the image.
        public var program = "poplin"
        /// Until all pods are ready.
        public var startPatience: Duration = .seconds(120)
        /// For one probe.
        public var probePatience: Duration = .seconds(3)
        /// Pods that are asked from at once, and probes at once in each.
        public var concurrency = 4
        /// Which tests, by name.
        public var isWanted: @Sendable (String) -> Bool = { _ in true }

        public init(image: String) { self.image = image }
    }

    public enum Step: Sendable {
        case made(namespace: String, image: String)
        case waiting(String)
        case ready(nodes: Int, tests: Int, probes: Int)
        case finished(ActionResult, done: Int, of: Int)
        case removed(namespace: String)
        case notRemoved(namespace: String, String)
    }

    private let client: ClusterClient
    private let streams: PodStreams
    private let options: Options
    private let tell: @Sendable (Step) -> Void

    public init(_ transport: HTTPTransport, _ options: Options, tell: @escaping @Sendable (Step) -> Void) {
        client = ClusterClient(transport, fieldManager: "poplin-conntest", requestTimeout: .seconds(30))
        streams = PodStreams(transport)
        self.options = options
        self.tell = tell
    }

    /// The image of the agents of this cluster: it has the program in it.
    public static func agentImage(_ client: ClusterClient, namespace: String) async throws(KubernetesFailure) -> String?
    {
        let sets: [JSONNode]
        do throws(KubernetesFailure) {
            sets = try await client.collection(of: DaemonSet.self, namespace: namespace).all().items
        } catch {
            if error.status != nil { return nil }
            throw error
        }
        return sets.lazy.compactMap { $0.at("spec", "template", "spec", "containers")?[0]?.member("image")?.string }
            .first
    }

    // MARK: The test

    /// The whole of it. The namespace goes whatever happens, a cancelled task included.
    public func run() async throws(ConntestFailure) -> ConntestReport {
        let namespace = "poplin-conntest-\(String(UInt32.random(in: .min ... .max), radix: 16))"
        do throws(KubernetesFailure) {
            _ = try await client.collection(of: Namespace.self).create(ConntestManifests.namespace(namespace))
        } catch {
            // Refused, it was not made. Without an answer it may have been.
            if error.status == nil { await Task { await remove(namespace) }.value }
            throw .api(error)
        }
        tell(.made(namespace: namespace, image: options.image))
        let result: Result<ConntestReport, ConntestFailure>
        do throws(ConntestFailure) {
            result = .success(try await run(in: namespace))
        } catch {
            result = .failure(error)
        }
        // In a task of its own: one that was cancelled sends nothing more.
        let removal = Task { await remove(namespace) }
        await removal.value
        return try result.get()
    }

    private func run(in namespace: String) async throws(ConntestFailure) -> ConntestReport {
        let start = ContinuousClock.now
        let facts: ConntestFacts
        let hostPort = await hostPort()
        do throws(KubernetesFailure) {
            try await make(namespace, hostPort)
            facts = try await self.facts(namespace)
        } catch {
            throw .api(error)
        }
        let participants = try await waitUntilReady(namespace)
        var matrix = TestMatrix(participants, hostPort: hostPort)
        matrix.keep(options.isWanted)
        tell(
            .ready(
                nodes: Set(participants.map(\.node)).count, tests: matrix.tests.count, probes: matrix.actions.count))
        let results = await ask(matrix, in: namespace)
        if Task.isCancelled { throw .api(KubernetesFailure(.cancelled)) }
        let (seconds, attoseconds) = start.duration(to: .now).components
        return ConntestReport(
            results, order: matrix.tests, facts, seconds: Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// A port that is free on every node, as far as pods are concerned; the usual one for who may not list them all.
    private func hostPort() async -> UInt16 {
        let pods = (try? await client.collection(of: Pod.self).all().items) ?? []
        return ConntestManifests.freeHostPort(besides: pods)
    }

    private func make(_ namespace: String, _ hostPort: UInt16) async throws(KubernetesFailure) {
        for role in Participant.Role.allCases {
            _ = try await client.collection(of: DaemonSet.self, namespace: namespace).create(
                ConntestManifests.daemonSet(role, image: options.image, program: options.program, hostPort: hostPort))
        }
    }

    private func remove(_ namespace: String) async {
        do throws(KubernetesFailure) {
            try await client.collection(of: Namespace.self).delete(
                namespace, DeleteOptions(propagation: .background))
            tell(.removed(namespace: namespace))
        } catch {
            if error.status?.isNotFound == true { return }
            tell(.notRemoved(namespace: namespace, error.finding.message))
        }
    }

    // MARK: Pods

    /// All pods of all three sets. Why they are not ready is said when it takes too long.
    private func waitUntilReady(_ namespace: String) async throws(ConntestFailure) -> [Participant] {
        let deadline = ContinuousClock.now + options.startPatience
        while true {
            let sets: [DaemonSet]
            let pods: [Pod]
            do throws(KubernetesFailure) {
                sets = try await client.list(DaemonSet.self, namespace: namespace).objects
                pods = try await client.list(Pod.self, namespace: namespace).objects.filter {
                    !$0.metadata.isTerminating
                }
            } catch {
                throw .api(error)
            }
            let desired = sets.map(\.desiredNumberScheduled).reduce(0, +)
            let ready = pods.filter { $0.isReady && !$0.status.podIPs.isEmpty }
            let isSeen = sets.allSatisfy { $0.observedGeneration >= max(1, $0.metadata.generation) }
            if isSeen, desired > 0, ready.count == desired { return ready.compactMap(Self.participant) }
            let trouble = pods.first { !$0.isReady }.map(Self.trouble)
            tell(.waiting("\(ready.count) of \(max(desired, 1)) pods are ready" + (trouble.map { ", \($0)" } ?? "")))
            if ContinuousClock.now >= deadline {
                throw .notReady(trouble ?? "no node takes them", after: options.startPatience)
            }
            do { try await Task.sleep(for: .milliseconds(250)) } catch { throw .api(KubernetesFailure(.cancelled)) }
        }
    }

    private static func participant(_ pod: Pod) -> Participant? {
        guard let role = pod.metadata.labels["poplin.dev/conntest-role"].flatMap(Participant.Role.init(rawValue:))
        else {
            return nil
        }
        return Participant(
            role: role, pod: pod.metadata.name, node: pod.spec.nodeName, addresses: pod.status.podIPs)
    }

    private static func trouble(of pod: Pod) -> String {
        let waiting = pod.status.containers.first { !$0.waitingReason.isEmpty }
        let text = waiting.map { status in
            let words = status.terminationMessage.split(whereSeparator: \.isNewline).first
            return [status.waitingReason, status.waitingMessage, words.map { "(it ended with \"\($0)\")" } ?? ""]
                .filter { !$0.isEmpty }.joined(separator: " ")
        }
        let scheduled = pod.status.conditions.first { $0.type == "PodScheduled" && !$0.isTrue }?.message
        return "\(pod.metadata.name): \(text ?? scheduled ?? pod.status.phase)"
    }

    /// Nodes, and policies of every kind that could be about pods of this namespace.
    private func facts(_ namespace: String) async throws(KubernetesFailure) -> ConntestFacts {
        var facts = ConntestFacts()
        for node in try await client.list(Node.self).objects {
            let condition = node.conditions.first { $0.type == "NetworkUnavailable" }
            let announced = node.metadata.annotations["poplin.dev/pod-cidrs"]?.split(separator: ",")
                .compactMap { IPPrefix(String($0)) }
            facts.nodes[node.metadata.name] = ConntestFacts.Node(
                name: node.metadata.name, isReady: node.isReady, hasNetwork: condition.map { $0.status == "False" },
                ranges: announced ?? node.podCIDRs,
                backend: node.metadata.annotations["poplin.dev/backend-type"] ?? "")
        }
        let kinds = [
            ("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", namespace),
            ("AdminNetworkPolicy", "policy.networking.k8s.io", "v1alpha1", "adminnetworkpolicies", ""),
            ("BaselineAdminNetworkPolicy", "policy.networking.k8s.io", "v1alpha1", "baselineadminnetworkpolicies", ""),
            ("ClusterNetworkPolicy", "policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies", ""),
            ("CiliumClusterwideNetworkPolicy", "cilium.io", "v2", "ciliumclusterwidenetworkpolicies", ""),
            ("GlobalNetworkPolicy", "crd.projectcalico.org", "v1", "globalnetworkpolicies", ""),
        ]
        for (kind, group, version, plural, namespace) in kinds {
            let resource = GroupVersionResource(group: group, version: version, resource: plural)
            guard let list = try? await client.collection(resource, namespace: namespace).all() else { continue }
            facts.policies += list.items.compactMap { $0.at("metadata", "name")?.string }.map { "\(kind) \($0)" }
        }
        return facts
    }

    // MARK: Asking

    /// One exec for each pod that asks, a few pods at a time.
    private func ask(_ matrix: TestMatrix, in namespace: String) async -> [ActionResult] {
        let bySource = Dictionary(grouping: matrix.actions, by: \.source).sorted { $0.key.pod < $1.key.pod }
        var results: [ActionResult] = []
        await withTaskGroup(of: [ActionResult].self) { group in
            var next = bySource.makeIterator()
            func addOne() {
                guard let (source, actions) = next.next() else { return }
                group.addTask { await ask(source, actions, in: namespace) }
            }
            for _ in 0..<max(1, options.concurrency) { addOne() }
            for await part in group {
                for result in part {
                    results.append(result)
                    tell(.finished(result, done: results.count, of: matrix.actions.count))
                }
                addOne()
            }
        }
        return results
    }

    private func ask(_ source: Participant, _ actions: [Action], in namespace: String) async -> [ActionResult] {
        let (seconds, attoseconds) = options.probePatience.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let command =
            [
                options.program, "conntest", "probe", "--patience", String(milliseconds), "--concurrency",
                String(max(1, options.concurrency)),
            ] + actions.map(\.probe.description)
        let output = CollectedOutput()
        let end: CommandEnd
        do throws(KubernetesFailure) {
            end = try await streams.exec(
                ObjectKey(namespace: namespace, name: source.pod), ExecOptions(command)
            ) { await output.add($0) }
        } catch {
            let reason = "exec in \(source.pod): \(error.finding.message)"
            return actions.map { ActionResult($0, .unknown(reason)) }
        }
        let answers = await output.answers()
        let said = await output.complaint
        let failure: String
        switch end {
        case .exited(code: 0), .exited(code: 1): failure = "the probe said nothing"
        case .exited(let code): failure = "the probe ended with \(code): \(said)"
        case .failed(let status): failure = status.message
        }
        return actions.map { action in
            ActionResult(
                action,
                answers[action.probe.description].map { .probed($0) } ?? .unknown("exec in \(source.pod): \(failure)"))
        }
    }
}

/// What a probing command prints: `{"probe":"tcp,...","result":{...}}` in lines.
private actor CollectedOutput {
    private var output: [UInt8] = []
    private var errors: [UInt8] = []

    func add(_ piece: ExecOutput) {
        switch piece {
        case .output(let bytes): output += bytes
        case .errorOutput(let bytes): errors += bytes
        }
    }

    var complaint: String {
        String(decoding: errors.prefix(500), as: UTF8.self).split(separator: "\n").joined(separator: " ")
    }

    func answers() -> [String: ProbeResult] {
        var answers: [String: ProbeResult] = [:]
        for line in output.split(separator: UInt8(ascii: "\n")) {
            guard let node = try? JSONTree(parsing: Array(line)).root, let probe = node.member("probe")?.string,
                let result = node.member("result").flatMap(ProbeResult.init(_:))
            else { continue }
            answers[probe] = result
        }
        return answers
    }
}
