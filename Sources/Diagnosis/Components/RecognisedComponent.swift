import JSONTree

/// A DaemonSet or Deployment that was recognised, with its pods.
public struct RecognisedComponent: Sendable {
    public let component: NetworkComponent
    /// Nil when only its pods are known: workloads may not be read, or it has none (static pods).
    public let workload: APIObject?
    public let pods: [APIObject]
    private let podsByNode: [String?: [APIObject]]

    init(component: NetworkComponent, workload: APIObject?, pods: [APIObject]) {
        self.component = component
        self.workload = workload
        self.pods = pods
        podsByNode = Dictionary(grouping: pods, by: \.nodeName)
    }

    public var isDaemonSet: Bool { workload?.kind == "DaemonSet" }

    /// `DaemonSet/kube-system/calico-node`, or of the pods' owner.
    public var place: String { workload?.place ?? pods.first?.place ?? component.name }

    public var namespace: String { workload?.namespace ?? pods.first?.namespace ?? "" }

    public func pods(on node: String) -> [APIObject] { podsByNode[node] ?? [] }

    /// Host directories it mounts: path by volume's name.
    public var hostPaths: [String] {
        let template =
            workload.map { $0.list("spec", "template", "spec", "volumes") } ?? pods.first?.list("spec", "volumes")
        return (template ?? []).compactMap { $0.at("hostPath", "path")?.string }
    }

    /// Image of its first container.
    public var image: String {
        let containers =
            workload.map { $0.list("spec", "template", "spec", "containers") } ?? pods.first?.list("spec", "containers")
        return containers?.first?.member("image")?.string ?? ""
    }
}

extension FactBase {
    /// Everything of the network that runs as pods, the workloads in the order of their places.
    public func components(_ roles: NetworkComponent.Role...) -> [RecognisedComponent] {
        let all = derived.value("components") { recognised() }
        return roles.isEmpty ? all : all.filter { roles.contains($0.component.role) }
    }

    private func recognised() -> [RecognisedComponent] {
        // The doctor's own pods have our agent's image and are no agents.
        let pods = objects("pods").filter {
            $0.text("metadata", "labels", "app.kubernetes.io/managed-by") != "poplin-doctor"
        }
        var images = NetworkComponent.ImageRows()
        var byOwner: [String: [APIObject]] = [:]
        for pod in pods {
            for owner in pod.list("metadata", "ownerReferences") where owner.member("controller")?.bool != false {
                guard let kind = owner.member("kind")?.string, let name = owner.member("name")?.string else { continue }
                byOwner["\(pod.namespace)/\(Self.workload(kind, name))", default: []].append(pod)
            }
        }
        var found: [RecognisedComponent] = []
        var seen: Set<String> = []
        let workloads = objects("daemonsets.apps") + objects("deployments.apps") + objects("statefulsets.apps")
        for workload in workloads {
            guard let component = Self.component(of: workload, template: ["spec", "template"], &images) else {
                continue
            }
            let key = "\(workload.namespace)/\(workload.kind)/\(workload.name)"
            seen.insert(key)
            found.append(RecognisedComponent(component: component, workload: workload, pods: byOwner[key] ?? []))
        }
        // Pods whose workload is not known: static ones, or workloads may not be read.
        var loose: [String: [APIObject]] = [:]
        var components: [String: NetworkComponent] = [:]
        for pod in pods {
            let keys = pod.list("metadata", "ownerReferences").compactMap { owner -> String? in
                guard let kind = owner.member("kind")?.string, let name = owner.member("name")?.string else {
                    return nil
                }
                return "\(pod.namespace)/\(Self.workload(kind, name))"
            }
            if keys.contains(where: seen.contains) { continue }
            guard let component = Self.component(of: pod, template: [], &images) else { continue }
            let key = "\(pod.namespace)/\(component.name)/\(component.role)"
            loose[key, default: []].append(pod)
            components[key] = component
        }
        for (key, pods) in loose {
            guard let component = components[key] else { continue }
            found.append(RecognisedComponent(component: component, workload: nil, pods: pods))
        }
        return found.sorted { ($0.place, $0.component.name) < ($1.place, $1.component.name) }
    }

    /// `DaemonSet/x`, and for a ReplicaSet its Deployment: the name without the template's hash.
    private static func workload(_ kind: String, _ name: String) -> String {
        if kind == "ReplicaSet", let dash = name.lastIndex(of: "-") { return "Deployment/\(name[..<dash])" }
        return "\(kind)/\(name)"
    }

    /// By image first, then by labels, then by what it mounts.
    private static func component(
        of object: APIObject, template: [String], _ images: inout NetworkComponent.ImageRows
    ) -> NetworkComponent? {
        let containers = object.node.at(template + ["spec", "containers"])
        guard let containers, containers.kind == .array else { return nil }
        if let row = containers.elements.compactMap({ $0.member("image")?.string.flatMap { images.row(of: $0) } }).min()
        {
            return NetworkComponent.all[row]
        }
        var labels = object.labels
        if !template.isEmpty, let own = object.node.at(template + ["metadata", "labels"]), own.kind == .object {
            for (key, value) in own.members { labels[key] = value.string }
        }
        let isHostNetwork = object.node.at(template + ["spec", "hostNetwork"])?.bool ?? false
        if let found = NetworkComponent.labelled(labels) {
            // An agent lives in the node's network; a pod of somebody's application may carry such a label by chance.
            let needsHost = found.role == .agent || found.role == .chained || found.role == .proxy
            return needsHost && !isHostNetwork && template.isEmpty ? nil : found
        }
        guard isHostNetwork, object.kind == "DaemonSet" || template.isEmpty else { return nil }
        let volumes = object.node.at(template + ["spec", "volumes"])
        guard let volumes, volumes.kind == .array else { return nil }
        let paths = volumes.elements.compactMap { $0.at("hostPath", "path")?.string }
        let hasPlugins = paths.contains { $0.hasSuffix("/cni/bin") || $0.hasSuffix("/cni/bin/") }
        let hasConfiguration = paths.contains { $0.hasSuffix("/cni/net.d") || $0.hasSuffix("/cni/net.d/") }
        return hasPlugins && hasConfiguration ? .unnamed : nil
    }
}

extension APIObject {
    /// Of a pod; nil while it has none.
    public var nodeName: String? { text("spec", "nodeName").flatMap { $0.isEmpty ? nil : $0 } }

    public var isDeleted: Bool { self["metadata", "deletionTimestamp"] != nil }

    /// Status of a condition (`True`, `False`, `Unknown`).
    public func condition(_ type: String) -> JSONNode? {
        list("status", "conditions").first { $0.member("type")?.string == type }
    }

    public func isCondition(_ type: String, _ status: String = "True") -> Bool {
        condition(type)?.member("status")?.string == status
    }

    /// Of a pod: those of its init containers, then of its containers.
    public var containerStatuses: [ContainerState] {
        list("status", "initContainerStatuses").map { ContainerState($0, isInit: true) }
            + list("status", "containerStatuses").map { ContainerState($0, isInit: false) }
    }
}

extension APIObject {
    /// Of a pod: the proxy that a mesh put into it, as its status tells; nil where there is none.
    public var meshProxyState: ContainerState? {
        containerStatuses.first { MeshPods.proxies.contains($0.name) }
    }
}

/// What became of a container, as a pod's status tells it.
public struct ContainerState: Sendable {
    public let node: JSONNode
    public let isInit: Bool

    init(_ node: JSONNode, isInit: Bool) {
        self.node = node
        self.isInit = isInit
    }

    public var name: String { node.member("name")?.string ?? "" }
    public var isReady: Bool { node.member("ready")?.bool ?? false }
    public var restarts: Int64 { node.member("restartCount")?.int ?? 0 }
    /// `CrashLoopBackOff`, `ImagePullBackOff`, `ContainerCreating`; nil unless it waits.
    public var waiting: String? { node.at("state", "waiting", "reason")?.string }
    public var waitingMessage: String { node.at("state", "waiting", "message")?.string ?? "" }
    public var isRunning: Bool { node.at("state", "running") != nil }
    /// How it last ended: now, or before it was started again.
    public var ended: JSONNode? { node.at("state", "terminated") ?? node.at("lastState", "terminated") }
    /// `OOMKilled`, `Error`, `Completed`.
    public var endReason: String? { ended?.member("reason")?.string }
    public var exitCode: Int64? { ended?.member("exitCode")?.int }
    /// What it left in its termination log, or the end of its log.
    public var endMessage: String { ended?.member("message")?.string ?? "" }
}
