import JSONTree
import KubernetesModel

/// Finds symptoms in the objects of the API. What is on its way is none: a pod that starts since five seconds, one that
/// has done its work, a node that was not ready for a moment.
struct SymptomReader {
    /// Seconds that something may take before it is a symptom: the kubelet's own patience with a slow sandbox.
    static let patience: Int64 = 60
    /// Seconds since the last restart after which a pod has settled.
    static let restartMemory: Int64 = 1800
    static let restartsThatCount: Int64 = 3

    private let facts: FactBase
    private let events: [String: [APIObject]]

    init(_ facts: FactBase) {
        self.facts = facts
        var events: [String: [APIObject]] = [:]
        for event in facts.events {
            guard let subject = event.subject, subject.kind == "Pod" else { continue }
            events[subject.key, default: []].append(event)
        }
        self.events = events
    }

    func symptoms() -> [Symptom] {
        var found = facts.objects("pods").compactMap(symptom(ofPod:))
        found += facts.objects("nodes").compactMap(symptom(ofNode:))
        found += symptomsOfServices()
        if !facts.has(.objects("pods")) { found += symptomsOfEvents() }
        found += MachineSymptoms(facts: facts).symptoms()
        for report in facts.probes {
            found += report.records.filter(\.isLost).map { Symptom($0, from: report.source) }
        }
        return found
    }

    /// Whether a moment is far enough in the past. Evidence that does not say when it was collected counts as late.
    private func isOld(_ moment: Int64?, _ patience: Int64 = Self.patience) -> Bool {
        guard let now = facts.now, let moment else { return true }
        return now - moment >= patience
    }

    /// Where nobody could list pods, what is said again and again of one that gets no network.
    private func symptomsOfEvents() -> [Symptom] {
        let failed = events.mapValues { events in
            events.filter {
                $0.text("reason") == "FailedCreatePodSandBox" && !facts.isOlder($0.lastSeen, than: Self.eventMemory)
            }
        }.filter { !$0.value.isEmpty }
        // Tables leave out how often: then it takes several pods.
        let areMany = failed.count >= Self.eventsThatCount
        return failed.sorted { $0.key < $1.key }.compactMap { key, events in
            let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let times = events.reduce(0) { $0 + ($1.int("count") ?? 1) }
            guard areMany || times >= Self.eventsThatCount, parts.count == 2 else { return nil }
            let node = events.compactMap { $0.text("source", "host") }.first ?? ""
            let since = events.compactMap { $0.time("firstTimestamp") }.min()
            return Symptom(.sandbox, parts[0], parts[1], on: node, since: since, detail: "does not start")
        }
    }

    /// Seconds after which an event is of something that may be over.
    private static let eventMemory: Int64 = 600
    private static let eventsThatCount: Int64 = 3

    // MARK: Pods

    private func symptom(ofPod pod: APIObject) -> Symptom? {
        let phase = pod.text("status", "phase") ?? ""
        if phase == "Succeeded" || phase == "Failed" { return nil }
        let node = pod.text("spec", "nodeName") ?? ""
        func make(_ kind: Symptom.Kind, _ since: Int64?, _ detail: String) -> Symptom {
            Symptom(kind, pod.namespace, pod.name, on: node, since: since, detail: detail)
        }
        if let deleted = pod.time("metadata", "deletionTimestamp") {
            let isStuck = hasEvent(pod, "FailedKillPod") && isOld(deleted)
            return isStuck ? make(.terminate, deleted, "is not taken down") : nil
        }
        if node.isEmpty { return unscheduled(pod).map { make(.schedule, pod.createdAt, $0) } }
        if let restarts = restarts(pod) { return make(.restarts, restarts.since, restarts.text) }
        let begun = pod.time("status", "startTime") ?? pod.createdAt
        if phase == "Pending" {
            if isOld(begun), let image = image(pod) {
                return Symptom(
                    .image, pod.namespace, pod.name, on: node, since: begun, detail: image.text,
                    isOfNetwork: image.isOfNetwork)
            }
            guard waitsForSandbox(pod), isOld(begun) || hasEvent(pod, "FailedCreatePodSandBox") else { return nil }
            return make(.sandbox, begun, "does not start")
        }
        guard phase == "Running", let ready = condition(pod, "Ready"), ready.member("status")?.string == "False" else {
            return nil
        }
        let since = ready.member("lastTransitionTime")?.string.flatMap { Timestamp($0)?.seconds }
        return isOld(since ?? begun) ? make(.ready, since, "is not ready") : nil
    }

    private func condition(_ object: APIObject, _ type: String) -> JSONNode? {
        object.list("status", "conditions").first { $0.member("type")?.string == type }
    }

    private func hasEvent(_ pod: APIObject, _ reason: String) -> Bool {
        (events["\(pod.namespace)/\(pod.name)"] ?? []).contains { $0.text("reason") == reason }
    }

    /// No container has begun, and neither an image nor a volume is what it waits for.
    private func waitsForSandbox(_ pod: APIObject) -> Bool {
        if hasEvent(pod, "FailedCreatePodSandBox") { return true }
        if hasEvent(pod, "FailedMount") || hasEvent(pod, "FailedAttachVolume") { return false }
        // Kubernetes 1.29 (KEP-3085): whether the sandbox is there and has its network.
        if condition(pod, "PodReadyToStartContainers")?.member("status")?.string == "True" { return false }
        let statuses = pod.list("status", "initContainerStatuses") + pod.list("status", "containerStatuses")
        let waiting = statuses.compactMap { $0.at("state", "waiting", "reason")?.string }
        return waiting.count == statuses.count && !statuses.isEmpty
            && waiting.allSatisfy { $0 == "ContainerCreating" || $0 == "PodInitializing" }
    }

    private static let unpulled: Set<String> = [
        "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable",
        "ImageInspectError",
    ]

    /// By what the runtime says of a registry that it did not reach (net.OpError and crypto/tls of Go).
    private static let unreached = [
        "dial tcp", "no such host", "i/o timeout", "tls handshake timeout", "connection refused", "connection reset",
        "no route to host", "network is unreachable", "deadline exceeded", "client.timeout", "proxyconnect",
    ]

    /// Why a container's image cannot be had. The node's own network fetches it; that of pods has no part in it.
    private func image(_ pod: APIObject) -> (text: String, isOfNetwork: Bool)? {
        let statuses = pod.list("status", "initContainerStatuses") + pod.list("status", "containerStatuses")
        guard
            let status = statuses.first(where: {
                Self.unpulled.contains($0.at("state", "waiting", "reason")?.string ?? "")
            })
        else { return nil }
        let said = (events["\(pod.namespace)/\(pod.name)"] ?? []).filter { $0.text("reason") == "Failed" }
        let words =
            ([status.at("state", "waiting", "message")?.string] + said.map(\.message))
            .compactMap { $0 }.joined(separator: " ").lowercased()
        let container = status.member("name")?.string ?? ""
        if Self.unreached.contains(where: words.contains) {
            return ("does not get the image of \(container): its node does not reach the registry", true)
        }
        let why =
            words.contains("not found") || words.contains("manifest unknown")
            ? "the registry has no such image"
            : words.contains("toomanyrequests") || words.contains("429")
                ? "the registry answers too many requests"
                : ["unauthorized", "denied", "forbidden", "401", "403"].contains(where: words.contains)
                    ? "the registry refuses it" : status.at("state", "waiting", "reason")?.string ?? ""
        return ("does not get the image of \(container): \(why), which is not the network's doing", false)
    }

    /// Only what waits for a node's network; a pod that asks for too much memory is somebody else's business.
    private func unscheduled(_ pod: APIObject) -> String? {
        guard isOld(pod.createdAt), let scheduled = condition(pod, "PodScheduled"),
            scheduled.member("reason")?.string == "Unschedulable", let message = scheduled.member("message")?.string,
            ["node.kubernetes.io/not-ready", "node.kubernetes.io/network-unavailable", "agent-not-ready"]
                .contains(where: message.contains)
        else { return nil }
        return "waits for a node whose network is ready"
    }

    private func restarts(_ pod: APIObject) -> (since: Int64?, text: String)? {
        for status in pod.list("status", "initContainerStatuses") + pod.list("status", "containerStatuses") {
            let count = status.member("restartCount")?.int ?? 0
            let last = status.at("lastState", "terminated")
            let ended = last?.member("finishedAt")?.string.flatMap { Timestamp($0)?.seconds }
            let isLooping = status.at("state", "waiting", "reason")?.string == "CrashLoopBackOff"
            let isRecent = facts.now.map { now in ended.map { now - $0 < Self.restartMemory } ?? false } ?? false
            guard isLooping || (count >= Self.restartsThatCount && isRecent) else { continue }
            let exit = last?.member("exitCode")?.int.map { ", exit \($0)" } ?? ""
            let container = status.member("name")?.string ?? ""
            return (ended, "restarts (\(container) \(count) times\(exit))")
        }
        return nil
    }

    // MARK: Nodes

    private func symptom(ofNode node: APIObject) -> Symptom? {
        for (type, good, detail) in [
            ("Ready", "True", "is not ready"), ("NetworkUnavailable", "False", "has no network"),
        ] {
            guard let condition = condition(node, type), let status = condition.member("status")?.string,
                status != good
            else { continue }
            let since = condition.member("lastTransitionTime")?.string.flatMap { Timestamp($0)?.seconds }
            guard isOld(since) else { continue }
            return Symptom(.node, "", node.name, on: node.name, since: since, detail: detail)
        }
        return nil
    }

    // MARK: Services

    /// Services that have pods of which none is ready. One that selects nothing may be scaled down.
    private func symptomsOfServices() -> [Symptom] {
        guard facts.has(.objects("endpointslices.discovery.k8s.io")) else { return [] }
        var ready: Set<String> = []
        var known: Set<String> = []
        for slice in facts.objects("endpointslices.discovery.k8s.io") {
            guard let service = slice.labels["kubernetes.io/service-name"] else { continue }
            let key = "\(slice.namespace)/\(service)"
            for endpoint in slice.list("endpoints") {
                known.insert(key)
                if endpoint.at("conditions", "ready")?.bool ?? true { ready.insert(key) }
            }
        }
        return facts.objects("services").compactMap { service in
            let key = "\(service.namespace)/\(service.name)"
            guard known.contains(key), !ready.contains(key), isOld(service.createdAt),
                service.text("spec", "type") != "ExternalName"
            else { return nil }
            return Symptom(.service, service.namespace, service.name, detail: "has no ready endpoint")
        }
    }
}
