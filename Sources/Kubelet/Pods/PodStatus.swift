import JSONTree
import KubernetesModel

/// The status of a pod as kubelets write it. Pure: what is observed in, `status` out.
struct PodStatus: Sendable {
    var pod: PodSpec
    var records: [String: ContainerRecord]
    var phase: PodPlan.Phase
    /// Why the pod as a whole failed (`DeadlineExceeded`); empty mostly.
    var reason = ""
    var message = ""
    var hasSandbox: Bool
    var podIPs: [String]
    var hostIPs: [String]
    /// Nanoseconds since the Epoch: when the kubelet first saw it.
    var startedAt: UInt64

    /// `metadata` and `status` of a merge patch; conditions of others are kept.
    ///
    /// - Parameter now: for transitions, seconds.
    func patch(now: Timestamp) -> JSONValue {
        ["metadata": ["uid": .string(pod.uid)], "status": status(now: now)]
    }

    func status(now: Timestamp) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("phase", .string(phase.rawValue)),
            JSONMember("conditions", .array(conditions(now: now))),
            JSONMember("hostIP", .string(hostIPs.first ?? "")),
            JSONMember("hostIPs", .array(hostIPs.map { ["ip": .string($0)] })),
            JSONMember("podIP", podIPs.first.map { .string($0) } ?? .null),
            JSONMember("podIPs", podIPs.isEmpty ? .null : .array(podIPs.map { ["ip": .string($0)] })),
            JSONMember("startTime", .string("\(Timestamp(seconds: Int64(startedAt / 1_000_000_000)))")),
            JSONMember("containerStatuses", .array(pod.containers.map { containerStatus($0, isInit: false) })),
            JSONMember("qosClass", .string(qualityOfService)),
        ]
        if !pod.initContainers.isEmpty {
            members.append(
                JSONMember(
                    "initContainerStatuses", .array(pod.initContainers.map { containerStatus($0, isInit: true) })))
        }
        if !reason.isEmpty { members.append(JSONMember("reason", .string(reason))) }
        if !message.isEmpty { members.append(JSONMember("message", .string(message))) }
        return .object(members)
    }

    private func record(_ part: ContainerPart) -> ContainerRecord { records[part.name] ?? ContainerRecord() }

    // MARK: - Conditions

    private struct Verdict {
        var type: String
        var isTrue: Bool
        var reason = ""
        var message = ""
    }

    static let own = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]

    private func conditions(now: Timestamp) -> [JSONValue] {
        var list: [JSONValue] = []
        for verdict in [
            Verdict(type: "PodReadyToStartContainers", isTrue: hasSandbox), initialized, ready, containersReady,
            Verdict(type: "PodScheduled", isTrue: true),
        ] {
            let status = verdict.isTrue ? "True" : "False"
            let before = pod.conditions.first { $0.type == verdict.type }
            let since = before?.status == status ? before?.lastTransitionTime ?? now : now
            list.append(
                Self.condition(
                    verdict.type, status, verdict.reason, verdict.message, since, probes: true))
        }
        for other in pod.conditions where !Self.own.contains(other.type) {
            list.append(
                Self.condition(
                    other.type, other.status, other.reason, other.message, other.lastTransitionTime, probes: false))
        }
        return list
    }

    private static func condition(
        _ type: String, _ status: String, _ reason: String, _ message: String, _ since: Timestamp?, probes: Bool
    ) -> JSONValue {
        var members = [JSONMember("type", .string(type)), JSONMember("status", .string(status))]
        if probes { members.append(JSONMember("lastProbeTime", .null)) }
        if let since { members.append(JSONMember("lastTransitionTime", .string("\(since)"))) }
        if !reason.isEmpty { members.append(JSONMember("reason", .string(reason))) }
        if !message.isEmpty { members.append(JSONMember("message", .string(message))) }
        return .object(members)
    }

    private var initialized: Verdict {
        let isPast = pod.containers.contains { record($0).hasStarted }
        let open = pod.initContainers.filter { part in
            if isPast { return false }
            let record = record(part)
            return part.isSidecar ? !record.isStarted : !record.hasSucceeded
        }
        if open.isEmpty {
            return Verdict(
                type: "Initialized", isTrue: true, reason: phase == .succeeded ? "PodCompleted" : "")
        }
        return Verdict(
            type: "Initialized", isTrue: false, reason: "ContainersNotInitialized",
            message: "containers with incomplete status: [\(open.map(\.name).joined(separator: " "))]")
    }

    /// Main containers and sidecars.
    private var containersReady: Verdict { readiness("ContainersReady") }

    private func readiness(_ type: String) -> Verdict {
        if phase == .succeeded { return Verdict(type: type, isTrue: false, reason: "PodCompleted") }
        if phase == .failed { return Verdict(type: type, isTrue: false, reason: "PodFailed") }
        let parts = pod.initContainers.filter(\.isSidecar) + pod.containers
        let unready = parts.filter { !record($0).isReady }
        if unready.isEmpty { return Verdict(type: type, isTrue: true) }
        return Verdict(
            type: type, isTrue: false, reason: "ContainersNotReady",
            message: "containers with unready status: [\(unready.map(\.name).joined(separator: " "))]")
    }

    private var ready: Verdict {
        let verdict = readiness("Ready")
        guard verdict.isTrue else { return verdict }
        var missing: [String] = []
        for gate in pod.readinessGates {
            guard let condition = pod.conditions.first(where: { $0.type == gate }) else {
                missing.append("corresponding condition of pod readiness gate \"\(gate)\" does not exist.")
                continue
            }
            if !condition.isTrue {
                missing.append("the status of pod readiness gate \"\(gate)\" is not \"True\", but \(condition.status)")
            }
        }
        if missing.isEmpty { return verdict }
        return Verdict(
            type: "Ready", isTrue: false, reason: "ReadinessGatesNotReady", message: missing.joined(separator: ", "))
    }

    // MARK: - Containers

    private func containerStatus(_ part: ContainerPart, isInit: Bool) -> JSONValue {
        let record = record(part)
        let isDone = isInit && !part.isSidecar && record.hasSucceeded
        var members = [
            JSONMember("name", .string(part.name)), JSONMember("state", state(part, record)),
            JSONMember("lastState", lastEnding(part, record).map { ["terminated": Self.terminated($0)] } ?? [:]),
            JSONMember("ready", .bool(isInit && !part.isSidecar ? isDone : record.isReady)),
            JSONMember("restartCount", .int(Int64(record.restarts))), JSONMember("image", .string(part.image)),
            JSONMember("imageID", .string(record.attempt >= 0 ? "poplin://\(part.image)" : "")),
        ]
        if !record.id.isEmpty { members.append(JSONMember("containerID", .string("poplin://\(record.id)"))) }
        members.append(JSONMember("started", .bool(record.isRunning && record.isStarted)))
        return .object(members)
    }

    private func state(_ part: ContainerPart, _ record: ContainerRecord) -> JSONValue {
        func waiting(_ reason: String, _ message: String = "") -> JSONValue {
            var value: JSONValue = ["reason": .string(reason)]
            if !message.isEmpty { value = value.setting("message", to: .string(message)) }
            return ["waiting": value]
        }
        switch record.state {
        case .running(let since): return ["running": ["startedAt": .string(Self.time(since))]]
        case .refused(let reason, let message): return waiting(reason, message)
        case .ended(let ending):
            guard isBackingOff(part, record) else { return ["terminated": Self.terminated(ending)] }
            return waiting(
                "CrashLoopBackOff",
                "back-off \(record.backOff.text) restarting failed container=\(part.name) "
                    + "pod=\(pod.metadata.name)_\(pod.metadata.namespace)(\(pod.uid))")
        case .waiting:
            let isInit = pod.initContainers.contains { $0.name == part.name }
            let hasOpenInit = !isInit && !pod.initContainers.isEmpty
            return waiting(hasOpenInit || (isInit && hasSandbox) ? "PodInitializing" : "ContainerCreating")
        }
    }

    /// It has ended, will be started again, and not at once.
    private func isBackingOff(_ part: ContainerPart, _ record: ContainerRecord) -> Bool {
        guard let ending = record.ending, !phase.isFinal, !pod.isTerminating else { return false }
        return PodPlan.isRestarted(part, in: pod, after: ending) && record.backOff.seconds > 0
    }

    /// While it waits for its restart, its own end is the last state.
    private func lastEnding(_ part: ContainerPart, _ record: ContainerRecord) -> ContainerRecord.Ending? {
        isBackingOff(part, record) ? record.ending : record.last
    }

    private static func terminated(_ ending: ContainerRecord.Ending) -> JSONValue {
        var members = [JSONMember("exitCode", .int(Int64(ending.exitCode)))]
        if ending.signal != 0, ending.reason != "Error" {
            members.append(JSONMember("signal", .int(Int64(ending.signal))))
        }
        members.append(JSONMember("reason", .string(ending.reason)))
        if !ending.message.isEmpty { members.append(JSONMember("message", .string(ending.message))) }
        members.append(JSONMember("startedAt", .string(time(ending.startedAt))))
        members.append(JSONMember("finishedAt", .string(time(ending.finishedAt))))
        if !ending.id.isEmpty { members.append(JSONMember("containerID", .string("poplin://\(ending.id)"))) }
        return .object(members)
    }

    private static func time(_ nanoseconds: UInt64) -> String {
        "\(Timestamp(seconds: Int64(nanoseconds / 1_000_000_000)))"
    }

    /// `Guaranteed` when every container has limits for CPU and memory and asks for no less, `BestEffort` when none
    /// asks for anything, else `Burstable` (kubernetes/pkg/apis/core/v1/helper/qos).
    var qualityOfService: String {
        let parts = pod.containers + pod.initContainers
        let named = ["cpu", "memory"]
        func has(_ map: [String: String]) -> Bool {
            named.contains { map[$0] != nil && map[$0] != "0" }
        }
        if !parts.contains(where: { has($0.limits) || has($0.requests) }) { return "BestEffort" }
        let isGuaranteed = parts.allSatisfy { part in
            named.allSatisfy { part.limits[$0] != nil && (part.requests[$0] ?? part.limits[$0]) == part.limits[$0] }
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
