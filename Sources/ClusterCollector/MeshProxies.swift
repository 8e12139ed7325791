import Diagnosis
import JSONTree
import KubernetesModel

/// Applications' own proxies that are worth reading: those of pods that ail, and one of each namespace beside them,
/// because a client whose requests are turned away may well be ready itself.
struct MeshProxies: Sendable {
    private(set) var logs: [Subjects.Container] = []
    private(set) var metrics: [Subjects.Endpoint] = []
    private(set) var leftOut: [String] = []

    /// Pods at most.
    private static let ailing = 16
    private static let samples = 8
    /// Seconds after which a restart is history.
    private static let memory: Int64 = 3600

    init(of facts: FactBase, except known: Set<String>) {
        var ill: [(pod: APIObject, proxy: ContainerState)] = []
        var well: [String: (pod: APIObject, proxy: ContainerState)] = [:]
        for pod in facts.objects("pods") where pod.nodeName != nil && !pod.isDeleted {
            let phase = pod.text("status", "phase")
            guard phase != "Succeeded", phase != "Failed", !known.contains("\(pod.namespace)/\(pod.name)"),
                let proxy = pod.meshProxyState
            else { continue }
            if Self.isIll(pod, facts) {
                ill.append((pod, proxy))
            } else if well[pod.namespace] == nil {
                well[pod.namespace] = (pod, proxy)
            }
        }
        // Neighbours of the ill first.
        let illNamespaces = Set(ill.map(\.pod.namespace))
        let others = well.values.sorted {
            (illNamespaces.contains($0.pod.namespace) ? 0 : 1, $0.pod.place)
                < (illNamespaces.contains($1.pod.namespace) ? 0 : 1, $1.pod.place)
        }
        if ill.count > Self.ailing {
            leftOut.append("proxies of \(ill.count - Self.ailing) of \(ill.count) ailing pods of the mesh")
        }
        for (pod, proxy) in ill.prefix(Self.ailing) { add(pod, proxy, seconds: nil) }
        for (pod, proxy) in others.prefix(Self.samples) { add(pod, proxy, seconds: 900) }
    }

    private static func isIll(_ pod: APIObject, _ facts: FactBase) -> Bool {
        if !pod.isCondition("Ready") { return true }
        return pod.containerStatuses.contains { state in
            guard state.restarts > 0, let end = state.ended?.member("finishedAt")?.string else { return false }
            guard let now = facts.now, let end = Timestamp(end)?.seconds else { return true }
            return now - end < memory
        }
    }

    private mutating func add(_ pod: APIObject, _ proxy: ContainerState, seconds: Int?) {
        func container(isPrevious: Bool, _ seconds: Int?) -> Subjects.Container {
            Subjects.Container(
                namespace: pod.namespace, pod: pod.name, container: proxy.name, isPrevious: isPrevious,
                seconds: seconds)
        }
        if proxy.isRunning || proxy.node.at("state", "terminated") != nil {
            logs.append(container(isPrevious: false, seconds))
        }
        if proxy.restarts > 0, proxy.node.at("lastState", "terminated") != nil {
            logs.append(container(isPrevious: true, nil))
        }
        if proxy.isRunning, let endpoint = Self.endpoint(of: pod, proxy.name) { metrics.append(endpoint) }
    }

    /// Istio's agent serves Envoy's statistics on 15090 whatever the pod's annotations say of its own
    /// (istio/api, annotation prometheus.istio.io/merge-metrics); linkerd-proxy serves its own on 4191.
    private static func endpoint(of pod: APIObject, _ proxy: String) -> Subjects.Endpoint? {
        let place: (port: Int, path: String)? =
            switch proxy {
            case "istio-proxy": (15090, "/stats/prometheus")
            case "linkerd-proxy": (4191, "/metrics")
            default: nil
            }
        return place.map {
            Subjects.Endpoint(namespace: pod.namespace, pod: pod.name, port: $0.port, path: $0.path)
        }
    }
}
