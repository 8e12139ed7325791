import Findings
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging
import Synchronization

/// Brings the view up to date from informers, and works through what has to be looked at: a plan is made of the view and
/// carried out; what it wrote has to be seen before the same key is planned again.
final class ControllerDriver: Sendable {
    private struct State {
        var view = ClusterView()
        var expectations: [WorkKey: [AwaitedSight]] = [:]
        var random: SplitMix64
        var isBlind = false
    }

    private let informers: [(resource: Watched, informer: Informer<WatchedRecord>)]
    private let runner = QueueRunner<WorkKey>(width: 8)
    private let writer: ChangeWriter
    private let settings: ControllerSettings
    private let logger: Logger
    private let state: Mutex<State>

    init(_ client: ClusterClient, _ settings: ControllerSettings, _ reflector: ReflectorSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        writer = ChangeWriter(client: client, events: EventDesk(client))
        state = Mutex(State(random: SplitMix64(seed: .random(in: .min ... .max))))
        informers = Watched.allCases.map { resource in
            let scope = InformerScope(resource.resource, namespace: resource.namespace)
            let projection = Projection<WatchedRecord> { (node) throws(FieldError) in
                try WatchedRecord(resource, decoding: node)
            }
            let informer = Informer(scope, projection: projection, over: client.transport, settings: reflector) {
                logger.info("\(resource.resource): \($0)")
            }
            return (resource, informer)
        }
    }

    /// Until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.writer.events.run() }
            for (resource, informer) in informers {
                group.addTask { await informer.run() }
                group.addTask { await self.follow(resource, informer) }
            }
            group.addTask { await self.watchTheWatch() }
            group.addTask {
                // A plan made before everything is known would miss what is there.
                for (_, informer) in self.informers {
                    do { try await informer.waitUntilSynced() } catch { return }
                }
                self.logger.info("controllers at work")
                await self.runner.run { await self.process($0) }
            }
        }
    }

    // MARK: The view

    private func follow(_ resource: Watched, _ informer: Informer<WatchedRecord>) async {
        for await event in informer.subscribe() {
            guard let key = event.key else { continue }
            let now = runner.elapsed
            runner.add(state.withLock { $0.view.apply(resource, key, event.value, at: now) })
        }
    }

    /// Nobody can be heard while the leases cannot be watched: that is not the nodes' fault.
    private func watchTheWatch() async {
        guard let leases = informers.first(where: { $0.resource == .leases })?.informer else { return }
        while !Task.isCancelled {
            let isWatching = leases.freshness.isWatching
            let now = runner.elapsed
            state.withLock { state in
                // On the way back, too, the renewals that were missed are still to come.
                if !isWatching || state.isBlind { state.view.forgiveSilence(at: now) }
                state.isBlind = !isWatching
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    // MARK: Work

    /// One key, from the plan to what comes of it.
    private func process(_ key: WorkKey) async -> QueueRunner<WorkKey>.Outcome {
        let now = runner.elapsed
        let start: (view: ClusterView, seed: UInt64)? = state.withLock { state in
            let open = (state.expectations[key] ?? []).filter { !$0.isMet(by: state.view, now: now) }
            state.expectations[key] = open.isEmpty ? nil : open
            return open.isEmpty ? (state.view, state.random.next()) : nil
        }
        guard let start else { return .again(in: .milliseconds(20)) }
        let wall = Timestamp(seconds: Int64(Clock.now() / 1_000_000_000))
        let context = PlanContext(now: wall, elapsed: now, seed: start.seed, settings: settings)
        let plan = key.controller.plan(key.key, start.view, context)
        for change in plan.changes {
            do throws(KubernetesFailure) {
                let expectation = try await writer.write(change, now: runner.elapsed)
                if let expectation { state.withLock { $0.expectations[key, default: []].append(expectation) } }
            } catch {
                report(error, of: change, key)
                return .failed
            }
        }
        return plan.again.map { .again(in: $0) } ?? .done
    }

    /// Conflicts and what is gone meanwhile are nothing special; everything else is logged, and said of the workload whose
    /// pod could not be made.
    private func report(_ failure: KubernetesFailure, of change: Change, _ key: WorkKey) {
        let finding = failure.finding
        let isLastBreath = failure.status?.causes.contains { $0.reason == "NamespaceTerminating" } ?? false
        if failure.isCancelled || failure.status?.isConflict == true || failure.status?.isNotFound == true
            || isLastBreath
        {
            return logger.debug("\(key): \(finding.message)")
        }
        logger.warning("\(key): \(finding.message)")
        guard case .create(Pod.resource, let pod) = change, let message = failure.status?.message,
            let owner = pod.at("metadata", "ownerReferences")?.elements.first,
            let component = EventDesk.components.first(where: { $0.hasPrefix(key.controller.rawValue.lowercased()) })
        else { return }
        func text(_ field: String) -> String { owner.member(field)?.stringValue ?? "" }
        let reference = ObjectReference(
            apiVersion: text("apiVersion"), kind: text("kind"), namespace: key.key.namespace, name: text("name"),
            uid: text("uid"))
        writer.events.record(
            EventNote(
                .warning, regarding: reference, reason: "FailedCreate", action: "Create",
                note: "Error creating: \(message)"),
            from: component)
    }
}
