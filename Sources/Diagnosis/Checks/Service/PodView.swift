import Addressing
import JSONTree
import KubernetesModel

/// What checks ask of a pod again and again, read once.
///
/// A class of constants, and so a value to everybody: hundreds of checks go through thousands of pods, and a copy of these
/// fields would touch a dozen reference counts each time.
final class PodView: Sendable {
    let object: APIObject
    /// `shop/cart-7d9`.
    let id: String
    let labels: [String: String]
    let addresses: [IPAddress]
    /// Empty while not scheduled.
    let node: String
    let isOnHostNetwork: Bool
    /// Succeeded or Failed: its addresses may be another pod's by now.
    let isFinished: Bool
    let isReady: Bool
    let isTerminating: Bool

    init(_ object: APIObject) {
        self.object = object
        id = "\(object.namespace)/\(object.name)"
        labels = object.labels
        var texts = object.list("status", "podIPs").compactMap { $0.member("ip")?.string }
        if texts.isEmpty, let only = object.text("status", "podIP") { texts = [only] }
        addresses = texts.compactMap { IPAddress($0) }
        node = object.text("spec", "nodeName") ?? ""
        isOnHostNetwork = object.bool("spec", "hostNetwork") ?? false
        let phase = object.text("status", "phase") ?? ""
        isFinished = phase == "Succeeded" || phase == "Failed"
        isReady = object.list("status", "conditions").contains {
            $0.member("type")?.string == "Ready" && $0.member("status")?.string == "True"
        }
        isTerminating = object["metadata", "deletionTimestamp"]?.string != nil
    }

    var namespace: String { object.namespace }
    var name: String { object.name }

    /// Seconds since 1970.
    var readySince: Int64? {
        object.list("status", "conditions").first { $0.member("type")?.string == "Ready" }?
            .member("lastTransitionTime")?.string.flatMap { Timestamp($0) }.map { Int64($0.seconds) }
    }

    /// Containers that serve: the ordinary ones, and init containers that keep running.
    var containers: [JSONNode] {
        object.list("spec", "containers")
            + object.list("spec", "initContainers").filter { $0.member("restartPolicy")?.string == "Always" }
    }

    struct Port: Hashable, Sendable {
        var name: String
        var number: Int64
        var transport: String
    }

    var ports: [Port] {
        containers.flatMap { container in
            (container.member("ports").map { Array($0.elements) } ?? []).compactMap { port in
                port.member("containerPort")?.int.map {
                    Port(
                        name: port.member("name")?.string ?? "", number: $0,
                        transport: port.member("protocol")?.string ?? "TCP")
                }
            }
        }
    }

    /// States of the containers, those of init containers first.
    var containerStatuses: [JSONNode] {
        object.list("status", "initContainerStatuses") + object.list("status", "containerStatuses")
    }

    /// Restarts of all containers together.
    var restarts: Int64 { containerStatuses.reduce(0) { $0 + ($1.member("restartCount")?.int ?? 0) } }

    /// Why a container of it does not run: `CrashLoopBackOff`, `ImagePullBackOff`.
    var waitingReasons: [String] {
        containerStatuses.compactMap { $0.at("state", "waiting", "reason")?.string }
    }

    /// It was given to a node and has no network yet.
    var waitsForSandbox: Bool {
        guard !isFinished, !node.isEmpty, object.text("status", "phase") == "Pending" else { return false }
        return addresses.isEmpty || waitingReasons.contains("ContainerCreating")
            || waitingReasons.contains("PodInitializing")
    }

    /// A container that failed to keep running.
    var isCrashing: Bool {
        waitingReasons.contains("CrashLoopBackOff")
            || containerStatuses.contains {
                $0.at("state", "terminated", "exitCode")?.int ?? 0 != 0
                    && ($0.member("restartCount")?.int ?? 0) > 0
            }
    }

    // Names of what people see, as ``Diagnosis/explains`` holds them.
    var sandboxSymptom: String { "pod \(id) sandbox" }
    var readySymptom: String { "pod \(id) ready" }
    var restartsSymptom: String { "pod \(id) restarts" }
    /// All of them that are there.
    var symptoms: Set<String> {
        var found: Set<String> = []
        if isFinished || isTerminating { return found }
        if waitsForSandbox { found.insert(sandboxSymptom) }
        if !isReady { found.insert(readySymptom) }
        if isCrashing { found.insert(restartsSymptom) }
        return found
    }

    /// Of a workload's pods, by what the controller named them after: `cart` of `cart-7d9f-x2x4z`.
    var owner: (kind: String, name: String)? {
        let owners = object.list("metadata", "ownerReferences")
        guard let owner = owners.first(where: { $0.member("controller")?.bool ?? false }) ?? owners.first,
            let kind = owner.member("kind")?.string, let name = owner.member("name")?.string
        else { return nil }
        return (kind, name)
    }
}

extension FactBase {
    /// Every pod that was read.
    var pods: [PodView] { derived.value("pod views") { objects("pods").map { PodView($0) } } }

    /// Those that were given to a node.
    func podViews(on node: String) -> [PodView] {
        derived.value("pod views by node") { Dictionary(grouping: pods, by: \.node) }[node] ?? []
    }

    /// Seconds that passed since a moment; nil when either is not known.
    func seconds(since moment: Int64?) -> Int64? {
        guard let now, let moment else { return nil }
        return now - moment
    }
}
