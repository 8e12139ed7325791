import Diagnosis
import JSONTree

/// What is worth a request of its own, the ill first: a cluster has thousands of pods, and the budget some hundred
/// requests.
struct Subjects: Sendable {
    struct Container: Sendable {
        var namespace: String
        var pod: String
        var container: String
        var isPrevious: Bool
        /// Seconds of log; nil for all of it. A pod that works is asked for its last quarter of an hour, so that what
        /// it said when it started cannot be taken for news.
        var seconds: Int?
    }

    struct Endpoint: Sendable {
        var namespace: String
        var pod: String
        var port: Int
        var path = "/metrics"
    }

    struct Executor: Sendable {
        var namespace: String
        var pod: String
        var container: String
        var node: String
        var provider: String
        /// Directories of the machine and where the container sees them.
        var mounts: [(host: String, path: String)]
    }

    private(set) var namespaces: [String] = []
    private(set) var logs: [Container] = []
    private(set) var kubelets: [String] = []
    private(set) var metrics: [Endpoint] = []
    /// Nodes of pods whose throttling matters, and those pods.
    private(set) var throttled: [String: [(namespace: String, pod: String)]] = [:]
    private(set) var executors: [Executor] = []
    /// What is there and is not asked for, in words.
    private(set) var leftOut: [String] = []

    init(of facts: FactBase, _ options: ClusterCollectorOptions) {
        let components = facts.components()
        // Rules of alerts lie in ConfigMaps beside the Prometheus that reads them.
        let monitoring = facts.objects("pods").filter { pod in
            pod.list("spec", "containers").contains {
                ImageName($0.member("image")?.string ?? "").path.last == "prometheus"
            }
        }.map(\.namespace)
        namespaces = Array(Set(components.map(\.namespace) + monitoring + ["kube-system"]).subtracting([""])).sorted()
        let nodes = facts.objects("nodes")
        let illNodes = Self.illNodes(facts, nodes)
        chooseLogs(components, illNodes, options)
        chooseProxies(components, facts)
        chooseKubelets(components, nodes, illNodes, options)
        chooseWaiting(facts)
        chooseExecutors(components, illNodes, options)
    }

    /// Not ready, or with pods that cannot be set up.
    private static func illNodes(_ facts: FactBase, _ nodes: [APIObject]) -> Set<String> {
        var ill = Set(nodes.filter { !$0.isCondition("Ready") || $0.isCondition("NetworkUnavailable") }.map(\.name))
        for event in facts.events where event.text("reason") == "FailedCreatePodSandBox" {
            if let host = event.text("source", "host") ?? event.text("reportingInstance"), !host.isEmpty {
                ill.insert(host)
            }
        }
        return ill
    }

    private static func isIll(_ pod: APIObject) -> Bool {
        if pod.isDeleted { return false }
        let states = pod.containerStatuses
        return !pod.isCondition("Ready") || states.contains { $0.restarts > 0 }
    }

    private mutating func leaveOut(_ what: String, _ read: Int, of all: Int, _ things: String) {
        if read < all { leftOut.append("\(what) of \(all - read) of \(all) \(things): the ailing are asked first") }
    }

    // MARK: Logs and metrics

    /// Network pods that are all read.
    private static let few = 24

    private mutating func chooseLogs(
        _ components: [RecognisedComponent], _ illNodes: Set<String>, _ options: ClusterCollectorOptions
    ) {
        var chosen: [(rank: Int, component: NetworkComponent, pod: APIObject)] = []
        let all = components.reduce(0) { $0 + $1.pods.count }
        for component in components {
            let pods = component.pods.filter { !$0.isDeleted && $0.nodeName != nil }
            // Of a small cluster nothing need be left out.
            var samples = all <= Self.few ? all : component.component.role == .dns ? 4 : 2
            for pod in pods {
                let isIll = Self.isIll(pod)
                if isIll || illNodes.contains(pod.nodeName ?? "") {
                    chosen.append((isIll ? 0 : 1, component.component, pod))
                } else if samples > 0 {
                    samples -= 1
                    chosen.append((2, component.component, pod))
                }
            }
        }
        leaveOut("logs and metrics", min(chosen.count, options.logPods), of: all, "network pods")
        chosen.sort { ($0.rank, $0.pod.place) < ($1.rank, $1.pod.place) }
        for (rank, component, pod) in chosen.prefix(options.logPods) {
            logs += Self.containers(of: pod, isIll: rank == 0)
            if let port = Self.metricsPort(of: pod, component) {
                metrics.append(Endpoint(namespace: pod.namespace, pod: pod.name, port: port))
            }
        }
    }

    /// Gateways and the mesh's own pods were chosen among the components.
    private mutating func chooseProxies(_ components: [RecognisedComponent], _ facts: FactBase) {
        let known = Set(components.lazy.flatMap(\.pods).map { "\($0.namespace)/\($0.name)" })
        let proxies = MeshProxies(of: facts, except: known)
        logs += proxies.logs
        metrics += proxies.metrics
        leftOut += proxies.leftOut
    }

    private static func containers(of pod: APIObject, isIll: Bool) -> [Container] {
        var found: [Container] = []
        for state in pod.containerStatuses.prefix(8) {
            let hasFailed = state.endReason != nil && state.exitCode != 0
            // An init container that did its work has nothing to say.
            if state.isInit, !state.isRunning, !hasFailed { continue }
            if state.isRunning || state.node.at("state", "terminated") != nil {
                found.append(
                    Container(
                        namespace: pod.namespace, pod: pod.name, container: state.name, isPrevious: false,
                        seconds: isIll ? nil : 900))
            }
            if state.restarts > 0, state.node.at("lastState", "terminated") != nil {
                found.append(
                    Container(
                        namespace: pod.namespace, pod: pod.name, container: state.name, isPrevious: true, seconds: nil))
            }
        }
        return found
    }

    /// The annotation that most operators set says it; otherwise the program's usual port.
    private static func metricsPort(of pod: APIObject, _ component: NetworkComponent) -> Int? {
        if pod.annotations["prometheus.io/scrape"] == "true",
            let port = pod.annotations["prometheus.io/port"].flatMap({ Int($0) }), (1...65535).contains(port)
        {
            return port
        }
        return component.metricsPort
    }

    // MARK: Nodes

    private mutating func chooseKubelets(
        _ components: [RecognisedComponent], _ nodes: [APIObject], _ illNodes: Set<String>,
        _ options: ClusterCollectorOptions
    ) {
        // One of each make beside the ill ones: nodes that drifted differ in version or image.
        var makes: Set<String> = []
        let ordered = nodes.sorted { ($0.name) < ($1.name) }
        let ill = ordered.filter { illNodes.contains($0.name) }.map(\.name)
        let samples = ordered.filter { node in
            !illNodes.contains(node.name)
                && makes.insert(
                    (node.text("status", "nodeInfo", "kubeletVersion") ?? "") + " "
                        + (node.text("status", "nodeInfo", "osImage") ?? "")
                ).inserted
        }.map(\.name)
        let rest = ordered.map(\.name).filter { !ill.contains($0) && !samples.contains($0) }
        kubelets = Array((ill.prefix(options.nodes / 2) + samples + rest).prefix(options.nodes))
        leaveOut("kubelets", kubelets.count, of: nodes.count, "nodes")
        for component in components where component.component.role == .dns {
            for pod in component.pods where !pod.isDeleted {
                guard let node = pod.nodeName, throttled.count < 6 || throttled[node] != nil else { continue }
                throttled[node, default: []].append((pod.namespace, pod.name))
            }
        }
    }

    /// Pods whose probes wait for an answer: whether their own CPU limit stops them.
    private mutating func chooseWaiting(_ facts: FactBase) {
        var seen: Set<String> = []
        for event in facts.events where event.text("reason") == "Unhealthy" {
            guard event.text("message")?.contains("awaiting headers") ?? false,
                let subject = event.subject, let pod = facts.object("pods", subject.namespace, subject.name),
                !pod.isDeleted, !pod.isCondition("Ready"),
                let node = pod.nodeName, throttled.count < 10 || throttled[node] != nil,
                seen.insert(subject.key).inserted
            else { continue }
            throttled[node, default: []].append((subject.namespace, subject.name))
        }
    }

    // MARK: Commands

    private mutating func chooseExecutors(
        _ components: [RecognisedComponent], _ illNodes: Set<String>, _ options: ClusterCollectorOptions
    ) {
        var byNode: [String: Executor] = [:]
        for component in components where component.component.role == .agent || component.component.role == .proxy {
            for pod in component.pods where !pod.isDeleted && pod.bool("spec", "hostNetwork") == true {
                guard let node = pod.nodeName, let container = Self.runningContainer(of: pod) else { continue }
                // The agent knows more than kube-proxy.
                if byNode[node] != nil, component.component.role == .proxy { continue }
                byNode[node] = Executor(
                    namespace: pod.namespace, pod: pod.name, container: container, node: node,
                    provider: component.component.name, mounts: Self.mounts(of: pod, container))
            }
        }
        let ordered = byNode.values.sorted { left, right in
            let ranks = (illNodes.contains(left.node) ? 0 : 1, illNodes.contains(right.node) ? 0 : 1)
            return (ranks.0, left.node) < (ranks.1, right.node)
        }
        executors = Array(ordered.prefix(options.nodes))
        if options.executes { leaveOut("commands", executors.count, of: ordered.count, "nodes' agents") }
    }

    private static func runningContainer(of pod: APIObject) -> String? {
        let running = Set(pod.containerStatuses.filter { !$0.isInit && $0.isRunning }.map(\.name))
        return pod.list("spec", "containers").compactMap { $0.member("name")?.string }.first(where: running.contains)
    }

    private static func mounts(of pod: APIObject, _ container: String) -> [(host: String, path: String)] {
        var hosts: [String: String] = [:]
        for volume in pod.list("spec", "volumes") {
            if let name = volume.member("name")?.string { hosts[name] = volume.at("hostPath", "path")?.string }
        }
        let found = pod.list("spec", "containers").first { $0.member("name")?.string == container }
        guard let mounts = found?.member("volumeMounts"), mounts.kind == .array else { return [] }
        return mounts.elements.compactMap { mount in
            guard let name = mount.member("name")?.string, let host = hosts[name],
                let path = mount.member("mountPath")?.string, mount.member("subPath") == nil
            else { return nil }
            return (host, path)
        }
    }
}
