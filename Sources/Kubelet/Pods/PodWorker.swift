import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging
import Synchronization
import SystemCalls

/// One pod on this node: brings what is there to what is wanted, again whenever something happens. What to do is
/// ``PodPlan``'s to say; this does it and remembers what became of it.
actor PodWorker {
    let context: KubeletContext
    var pod: PodSpec
    var records: [String: ContainerRecord] = [:]
    var sandbox: Sandbox?
    let startedAt: UInt64
    /// Ids of containers that are being ended, and when the last signal is sent (nanoseconds, monotonic).
    var killDeadlines: [String: UInt64] = [:]
    var probes: [String: [Task<Void, Never>]] = [:]
    /// Containers the daemon has been asked for and has not answered yet.
    var starting: Set<String> = []
    var phase = PodPlan.Phase.pending
    /// The pod as a whole is over, and why.
    var failure: (reason: String, message: String)?
    /// The API has no such pod any more.
    var isGone = false
    private(set) var isReleased = false
    var sandboxAttempts = 0
    var sandboxDeadline: UInt64?
    /// What a record's last refusal or end was when a person was told.
    private var told: [String: String] = [:]
    var lastAddresses: [String] = []
    let statuses: StatusWriter
    private var ownConditions: [Condition] = []
    private let wakes: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - sandbox: what an earlier life of the kubelet left.
    ///   - states: the pod's containers, as the daemon has them.
    init(_ pod: PodSpec, _ context: KubeletContext, sandbox: Sandbox?, states: [ContainerState]) {
        self.pod = pod
        self.context = context
        self.sandbox = sandbox
        startedAt = sandbox?.startedAt ?? Clock.now()
        statuses = StatusWriter(context.client, pod.key)
        (wakes, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        records = Self.restored(pod, states)
        for part in pod.initContainers + pod.containers where records[part.name] == nil {
            guard let known = pod.known[part.name], known.hasRun else { continue }
            // Pods on the node's network have no namespace by which one could see that the node was restarted.
            records[part.name] = ContainerRecord(
                lost: known, now: Clock.now(), isOfEarlierSandbox: sandbox == nil || pod.hostNetwork)
        }
        wakeUp.yield()
    }

    private static func restored(_ pod: PodSpec, _ states: [ContainerState]) -> [String: ContainerRecord] {
        var records: [String: ContainerRecord] = [:]
        for state in states.sorted(by: { $0.attempt < $1.attempt }) {
            var record = records[state.name] ?? ContainerRecord()
            record.last = record.ending ?? record.last
            record.attempt = state.attempt
            record.id = state.id
            record.process = state.process
            if let end = state.end {
                record.state = .ended(Self.ending(state, end))
            } else {
                record.state = .running(since: state.startedAt)
                let known = pod.known[state.name]
                record.isStarted = true
                record.isReady = known?.isReady ?? (pod.container(named: state.name)?.readiness == nil)
            }
            records[state.name] = record
        }
        return records
    }

    static func ending(_ state: ContainerState, _ end: ContainerState.End) -> ContainerRecord.Ending {
        ContainerRecord.Ending(
            id: state.id, exitCode: end.exitCode, signal: end.signal,
            reason: end.exitCode == 0 ? "Completed" : "Error", startedAt: state.startedAt,
            finishedAt: end.finishedAt)
    }

    // MARK: - What happens

    func update(_ new: PodSpec) {
        let before = pod.gracePeriod
        pod = new
        if new.isTerminating, new.gracePeriod < before || new.gracePeriod == 0 { hasten(new.gracePeriod) }
        wakeUp.yield()
    }

    /// Nobody wants it any more: everything goes, and nothing is said to the API.
    func abandon() {
        isGone = true
        pod.metadata.deletionTimestamp = pod.metadata.deletionTimestamp ?? Timestamp(seconds: 0)
        hasten(2)
        wakeUp.yield()
    }

    func wake() {
        sandboxDeadline = sandboxDeadline == nil ? nil : 0
        wakeUp.yield()
    }

    private func hasten(_ seconds: Int) {
        let latest = Clock.monotonic() + UInt64(max(2, seconds)) * 1_000_000_000
        killDeadlines = killDeadlines.mapValues { min($0, latest) }
    }

    /// A container has ended.
    func ended(_ state: ContainerState) {
        guard let end = state.end, var record = records[state.name], record.id == state.id, record.isRunning else {
            return
        }
        for probe in probes.removeValue(forKey: state.name) ?? [] { probe.cancel() }
        killDeadlines[state.id] = nil
        var ending = Self.ending(state, end)
        ending.message = terminationMessage(state)
        record.state = .ended(ending)
        record.isReady = false
        record.complaint = nil
        records[state.name] = record
        wakeUp.yield()
    }

    /// What the container left in its message file, at most 4 KiB; where it wants so the end of its log.
    private func terminationMessage(_ state: ContainerState) -> String {
        let path = "\(context.directory(ofPod: pod.uid))/containers/\(state.name)-\(state.attempt)-termination"
        let written = (try? AtomicFile.read(path)) ?? nil
        if let written, !written.isEmpty { return String(decoding: written.prefix(4096), as: UTF8.self) }
        guard pod.container(named: state.name)?.fallsBackToLogs == true, state.end?.exitCode != 0 else { return "" }
        let log = ((try? AtomicFile.read(state.logPath)) ?? nil) ?? []
        let lines = log.suffix(8 << 10).split(separator: 0x0A).suffix(80).compactMap { LogLine($0) }
        return String(decoding: lines.flatMap { $0.content + [0x0A] }.suffix(2048), as: UTF8.self)
    }

    // MARK: - The loop

    /// Works until nothing of the pod is left.
    func run() async {
        for name in records.keys where records[name]?.isRunning == true { startProbes(of: name) }
        for await _ in wakes {
            var deadline = await turn()
            while deadline == 0, !Task.isCancelled { deadline = await turn() }
            if isReleased { break }
            if let deadline { wake(at: deadline) }
            if Task.isCancelled { break }
        }
        for probe in probes.values.flatMap({ $0 }) { probe.cancel() }
    }

    func wake(at time: UInt64) {
        let now = Clock.now()
        let wakeUp = wakeUp
        Task {
            // Capped: a clock that jumps back does not hold a pod for ever.
            try? await Task.sleep(for: .nanoseconds(Int64(min(time > now ? time - now : 0, 300_000_000_000))))
            wakeUp.yield()
        }
    }

    private func observation() -> PodPlan.Observation {
        PodPlan.Observation(
            hasSandbox: sandbox != nil, sandboxDeadline: sandboxDeadline, records: records,
            mustEnd: failure != nil || isGone)
    }

    /// One look and what follows from it: 0 to look again at once, else when at the latest.
    private func turn() async -> UInt64? {
        let now = Clock.now()
        var latest = endOfTime(now)
        let plan = PodPlan(pod, observation(), now: now)
        phase = failure != nil ? .failed : plan.phase
        tellOfWaiting(now)
        await publish()
        var hasProgressed = false
        for action in plan.actions {
            switch action {
            case .makeSandbox: hasProgressed = await makeSandbox() || hasProgressed
            case .start(let name): hasProgressed = await start(name) || hasProgressed
            case .kill(let name, let grace, let reason): beginKill(name, grace, reason)
            case .removeSandbox: hasProgressed = await removeSandbox() || hasProgressed
            case .release: await release()
            }
        }
        if hasProgressed { return isReleased ? nil : 0 }
        if !plan.actions.isEmpty { await publish() }
        for candidate in [plan.deadline, sandbox == nil ? sandboxDeadline : nil] {
            if let candidate, candidate > now { latest = min(latest ?? candidate, candidate) }
        }
        return latest
    }

    /// The end of a pod that may only live so long; notes the failure when it has come.
    private func endOfTime(_ now: UInt64) -> UInt64? {
        guard let seconds = pod.activeDeadline, failure == nil, !phase.isFinal else { return nil }
        let end = startedAt + UInt64(max(0, seconds)) * 1_000_000_000
        guard now >= end else { return end }
        failure = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
        context.report(pod, .normal, "DeadlineExceeded", failure?.message ?? "")
        return nil
    }

    private func tellOfWaiting(_ now: UInt64) {
        for (name, record) in records {
            guard let ending = record.ending, let part = pod.container(named: name), !pod.isTerminating,
                PodPlan.isRestarted(part, in: pod, after: ending), told[name] != ending.id,
                record.backOff.deadline(endedAt: ending.finishedAt, now: now) != nil
            else { continue }
            told[name] = ending.id
            context.report(
                pod, .warning, "BackOff",
                "Back-off restarting failed container \(name) in pod "
                    + "\(pod.metadata.name)_\(pod.metadata.namespace)(\(pod.uid))")
        }
    }

    // MARK: - Status

    func publish() async {
        // What is over and was never seen here has its last status already.
        if isGone || (pod.isFinished && records.isEmpty) { return }
        var shown = pod
        let own = Set(ownConditions.map(\.type))
        shown.conditions = ownConditions + pod.conditions.filter { !own.contains($0.type) }
        let status = PodStatus(
            pod: shown, records: records, phase: phase, reason: failure?.reason ?? "",
            message: failure?.message ?? "", hasSandbox: sandbox != nil,
            podIPs: pod.hostNetwork
                ? (sandbox == nil && !phase.isFinal ? [] : context.hostIPs) : sandbox?.addresses ?? formerAddresses,
            hostIPs: context.hostIPs, startedAt: startedAt)
        let patch = status.patch(now: Timestamp(seconds: Int64(Clock.now() / 1_000_000_000)))
        if let tree = try? (patch["status"] ?? .null).tree(), let fields = try? FieldReader(tree.root),
            let conditions = try? fields.objects("conditions", Condition.init(reading:))
        {
            ownConditions = conditions.filter { PodStatus.own.contains($0.type) }
        }
        await statuses.write(patch)
    }

    /// Of a pod that is over; an earlier life of the kubelet told them to the API.
    private var formerAddresses: [String] {
        lastAddresses.isEmpty && pod.isFinished ? pod.podIPs : lastAddresses
    }

    // MARK: - The end

    private func release() async {
        let uid = pod.uid
        let ids = records.values.map(\.id).filter { !$0.isEmpty }
        let directory = context.directory(ofPod: uid)
        let logs = context.logDirectory(of: pod.metadata)
        let containers = context.containers
        await context.blocking {
            for state in (try? containers.list()) ?? [] where state.podUID == uid || ids.contains(state.id) {
                try? containers.remove(state.id)
            }
            PodVolumes.remove(directory)
            RootTree.removeAll(logs)
        }
        if let root = context.configuration.cgroupRoot {
            try? FileSystem.removeDirectory("/sys/fs/cgroup/\(root)/pod\(uid)")
        }
        await context.content.forget(uid)
        if !isGone {
            await statuses.finish()
            var backoff = Backoff(base: .milliseconds(200), limit: .seconds(10))
            var random = SplitMix64(seed: .random(in: .min ... .max))
            let pods = context.client.collection(of: Pod.self, namespace: pod.metadata.namespace)
            while !Task.isCancelled, !isGone {
                do throws(KubernetesFailure) {
                    try await pods.delete(pod.metadata.name, DeleteOptions(gracePeriodSeconds: 0, uid: uid))
                    break
                } catch {
                    // Somebody else deleted it, or a new pod has the name.
                    if error.status?.isNotFound == true || error.status?.isConflict == true { break }
                    context.logger.info("a pod's object could not be deleted: \(error.sentence)")
                    try? await Task.sleep(for: backoff.failed(askedToWait: nil, random: &random))
                }
            }
        }
        isReleased = true
        wakeUp.yield()
    }
}
