import JSONTree
import KubernetesModel

/// What READY, STATUS and RESTARTS of `kubectl get pods` say: the phase, or the reason of the first container that has
/// something to say (kubernetes/pkg/printers/internalversion/printers.go, printPod).
struct PodStatusText {
    var status: String
    /// Containers and sidecars that are ready, of all of them.
    var ready = 0
    var total: Int
    var restarts: Int64 = 0
    var lastRestart: Timestamp?

    init(_ pod: JSONNode) {
        let containers = pod.list("spec", "containers")
        let sidecars = Set(
            pod.list("spec", "initContainers").filter { $0.text("restartPolicy") == "Always" }
                .compactMap { $0.text("name") })
        total = containers.count + sidecars.count
        status = pod.text("status", "phase") ?? "Unknown"
        if let reason = pod.text("status", "reason"), !reason.isEmpty { status = reason }
        if pod.condition("PodScheduled")?.text("reason") == "SchedulingGated" { status = "SchedulingGated" }

        let isInitializing = readInitContainers(pod, sidecars)
        let isInitialized = pod.condition("Initialized")?.text("status") == "True"
        if !isInitializing || isInitialized {
            // Restarts of the init containers are over; those of sidecars count on.
            readContainers(pod)
        }
        guard pod.text("metadata", "deletionTimestamp") != nil else { return }
        if pod.text("status", "reason") == "NodeLost" {
            status = "Unknown"
        } else if !["Succeeded", "Failed"].contains(pod.text("status", "phase") ?? "") {
            status = "Terminating"
        }
    }

    private mutating func readInitContainers(_ pod: JSONNode, _ sidecars: Set<String>) -> Bool {
        let total = pod.list("spec", "initContainers").count
        for (index, container) in pod.list("status", "initContainerStatuses").enumerated() {
            restarts += container.number("restartCount")
            noteRestart(container)
            let isSidecar = sidecars.contains(container.text("name") ?? "")
            if let terminated = container.at("state", "terminated") {
                if terminated.number("exitCode") == 0 && !isSidecar { continue }
                status = "Init:" + Self.ending(terminated)
            } else if isSidecar, container.member("started")?.bool == true {
                if container.member("ready")?.bool == true { ready += 1 }
                continue
            } else if let reason = container.text("state", "waiting", "reason"), reason != "PodInitializing" {
                status = "Init:" + reason
            } else {
                status = "Init:\(index)/\(total)"
            }
            return true
        }
        return false
    }

    private mutating func readContainers(_ pod: JSONNode) {
        let sidecarRestarts = restarts
        restarts =
            pod.list("spec", "initContainers").contains { $0.text("restartPolicy") == "Always" } ? sidecarRestarts : 0
        var isRunning = false
        for container in pod.list("status", "containerStatuses").reversed() {
            restarts += container.number("restartCount")
            noteRestart(container)
            if let reason = container.text("state", "waiting", "reason"), !reason.isEmpty {
                status = reason
            } else if let terminated = container.at("state", "terminated") {
                status = Self.ending(terminated)
            } else if container.member("ready")?.bool == true, container.at("state", "running") != nil {
                isRunning = true
                ready += 1
            }
        }
        if status == "Completed" && isRunning {
            status = pod.condition("Ready")?.text("status") == "True" ? "Running" : "NotReady"
        }
    }

    private mutating func noteRestart(_ container: JSONNode) {
        guard let ended = container.moment(["lastState", "terminated", "finishedAt"]) else { return }
        if lastRestart.map({ $0 < ended }) ?? true { lastRestart = ended }
    }

    private static func ending(_ terminated: JSONNode) -> String {
        if let reason = terminated.text("reason"), !reason.isEmpty { return reason }
        let signal = terminated.number("signal")
        return signal != 0 ? "Signal:\(signal)" : "ExitCode:\(terminated.number("exitCode"))"
    }

    func restartText(_ now: Timestamp) -> String {
        guard restarts != 0, let lastRestart else { return "\(restarts)" }
        return "\(restarts) (\(ElapsedTime.text(since: lastRestart, now: now)) ago)"
    }
}
