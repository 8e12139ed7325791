/// What is to be done for a pod now: its specification against what is there. Pure; nothing is remembered but what the
/// records say.
///
/// The rules are kubelet's (kubernetes/pkg/kubelet/kuberuntime, computePodActions): a sandbox first, then init
/// containers one after the other (sidecars only have to be started), then all others; whatever ends is started again
/// as `restartPolicy` says, later and later. On the way out ordinary containers go before sidecars, and sidecars in
/// reverse order.
struct PodPlan: Sendable {
    enum Action: Sendable, Hashable {
        case makeSandbox
        case start(String)
        /// - Parameter reason: for the event.
        case kill(String, gracePeriod: Int, reason: String)
        case removeSandbox
        /// Nothing is left on this node: the object may go.
        case release
    }

    struct Observation: Sendable {
        var hasSandbox = false
        /// When a sandbox may be tried again.
        var sandboxDeadline: UInt64?
        var records: [String: ContainerRecord] = [:]
        /// The pod may not run here any more: deleted, evicted, too old.
        var mustEnd = false

        subscript(_ name: String) -> ContainerRecord { records[name] ?? ContainerRecord() }
    }

    enum Phase: String, Sendable, Hashable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"

        var isFinal: Bool { self == .succeeded || self == .failed }
    }

    /// The longest wait between two tries to make a sandbox, seconds.
    static let sandboxWait: UInt64 = 15

    var actions: [Action] = []
    var phase: Phase
    /// When to look again although nothing happened (nanoseconds since the Epoch).
    var deadline: UInt64?

    init(_ pod: PodSpec, _ observed: Observation, now: UInt64) {
        phase = Self.phase(of: pod, observed)
        let mustEnd = observed.mustEnd || pod.isTerminating || pod.isFinished || phase.isFinal
        if mustEnd {
            end(pod, observed)
        } else if !observed.hasSandbox {
            if let later = observed.sandboxDeadline.flatMap({ BackOff.ahead($0, now: now, most: Self.sandboxWait) }) {
                deadline = later
            } else {
                actions = [.makeSandbox]
            }
        } else if initialize(pod, observed, now) {
            for part in pod.containers { keep(part, in: pod, observed[part.name], now) }
        }
    }

    // MARK: - On the way out

    private mutating func end(_ pod: PodSpec, _ observed: Observation) {
        let running = { (part: ContainerPart) in observed[part.name].isRunning }
        let reason = "Stopping container"
        let ordinary = (pod.containers + pod.initContainers.filter { !$0.isSidecar }).filter(running)
        if !ordinary.isEmpty {
            actions = ordinary.map { .kill($0.name, gracePeriod: pod.gracePeriod, reason: "\(reason) \($0.name)") }
        } else if let sidecar = pod.initContainers.last(where: { $0.isSidecar && running($0) }) {
            actions = [
                .kill(sidecar.name, gracePeriod: pod.gracePeriod, reason: "\(reason) \(sidecar.name)")
            ]
        } else if observed.hasSandbox {
            actions = [.removeSandbox]
        } else if pod.isTerminating {
            actions = [.release]
        }
    }

    // MARK: - On the way up

    /// Whether everything that comes before the ordinary containers is done.
    private mutating func initialize(_ pod: PodSpec, _ observed: Observation, _ now: UInt64) -> Bool {
        // Once an ordinary container has been started, init containers are history; sidecars are not.
        let isPast = pod.containers.contains { observed[$0.name].hasStarted }
        for part in pod.initContainers {
            let record = observed[part.name]
            if part.isSidecar {
                keep(part, in: pod, record, now)
                if !isPast, !(record.isRunning && record.isStarted) { return false }
            } else if !isPast {
                if record.hasSucceeded { continue }
                keep(part, in: pod, record, now)
                return false
            }
        }
        return true
    }

    /// Starts what does not run and should, kills what a probe complains about.
    private mutating func keep(_ part: ContainerPart, in pod: PodSpec, _ record: ContainerRecord, _ now: UInt64) {
        switch record.state {
        case .waiting: actions.append(.start(part.name))
        case .refused:
            if let later = record.backOff.refusalDeadline(now: now) {
                wake(at: later)
            } else {
                actions.append(.start(part.name))
            }
        case .running:
            if let complaint = record.complaint {
                let grace = part.liveness?.gracePeriod ?? pod.terminationGracePeriod
                actions.append(.kill(part.name, gracePeriod: grace, reason: complaint))
            }
        case .ended(let ending):
            let isInit = !part.isSidecar && pod.initContainers.contains { $0.name == part.name }
            guard (isInit && record.isOfEarlierSandbox) || Self.isRestarted(part, in: pod, after: ending) else {
                return
            }
            if let later = record.backOff.deadline(endedAt: ending.finishedAt, now: now) {
                wake(at: later)
            } else {
                actions.append(.start(part.name))
            }
        }
    }

    private mutating func wake(at time: UInt64) { deadline = min(deadline ?? time, time) }

    /// Whether a container that ended is to be started again.
    static func isRestarted(_ part: ContainerPart, in pod: PodSpec, after ending: ContainerRecord.Ending) -> Bool {
        if part.isSidecar { return true }
        let isInit = pod.initContainers.contains { $0.name == part.name }
        switch pod.restartPolicy {
        case "Never": return false
        case "OnFailure": return ending.exitCode != 0
        // An init container is done when it succeeds, whatever the policy.
        default: return !isInit || ending.exitCode != 0
        }
    }

    // MARK: - Phase

    /// As kubelet has it (kubernetes/pkg/kubelet/kubelet_pods.go, getPhase).
    static func phase(of pod: PodSpec, _ observed: Observation) -> Phase {
        if let phase = Phase(rawValue: pod.phase), phase.isFinal { return phase }
        let isPast = pod.containers.contains { observed[$0.name].hasStarted }
        for part in pod.initContainers where !part.isSidecar && !isPast {
            let record = observed[part.name]
            guard let ending = record.ending else { return .pending }
            if record.isOfEarlierSandbox, pod.restartPolicy != "Never" { continue }
            if ending.exitCode != 0 { return pod.restartPolicy == "Never" ? .failed : .pending }
        }
        var running = 0
        var waiting = 0
        var succeeded = 0
        var failed = 0
        for part in pod.containers {
            let record = observed[part.name]
            switch record.state {
            case .running: running += 1
            case .ended(let ending):
                if ending.exitCode == 0 { succeeded += 1 } else { failed += 1 }
            case .waiting, .refused:
                if record.last != nil { failed += 1 } else { waiting += 1 }
            }
        }
        if waiting > 0 { return .pending }
        if running > 0 || pod.restartPolicy == "Always" { return .running }
        if failed == 0 { return .succeeded }
        return pod.restartPolicy == "Never" ? .failed : .running
    }
}
