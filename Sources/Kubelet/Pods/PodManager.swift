import CLinux
import CNI
import CNIRuntime
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging

/// The pods of this node, each with its worker.
actor PodManager {
    private let context: KubeletContext
    private var workers: [String: PodWorker] = [:]
    private var tasks: [String: Task<Void, Never>] = [:]
    /// What an earlier life of the kubelet left, by the pod's uid, until a worker takes it over.
    private var sandboxes: [String: Sandbox]
    private var states: [ContainerState]
    private var hasSynced = false
    private var hasCollected = false

    init(_ context: KubeletContext, sandboxes: [Sandbox], states: [ContainerState]) {
        self.context = context
        self.sandboxes = Dictionary(sandboxes.map { ($0.podUID, $0) }) { first, _ in first }
        self.states = states
    }

    /// What is written down of sandboxes. Blocks.
    static func sandboxes(in stateDirectory: String) -> [Sandbox] {
        let directory = "\(stateDirectory)/pods"
        return ((try? Directories.sortedList(directory)) ?? []).compactMap { uid in
            guard let bytes = (try? AtomicFile.read("\(directory)/\(uid)/sandbox.json")) ?? nil,
                let tree = try? JSONTree(parsing: bytes)
            else { return nil }
            return Sandbox(decoding: tree.root)
        }
    }

    // MARK: - Events

    func take(_ event: InformerEvent<PodSpec>) async {
        switch event {
        case .added(_, let pod), .updated(_, _, let pod): await take(pod)
        case .deleted(_, let pod): await workers[pod.uid]?.abandon()
        case .synced:
            hasSynced = true
            await removeOrphans()
        }
    }

    private func take(_ pod: PodSpec) async {
        if let worker = workers[pod.uid] {
            await worker.update(pod)
            return
        }
        // A pod that recreates one of the same name: the old one ends by its own worker.
        for worker in workers.values where await worker.pod.key == pod.key { await worker.abandon() }
        let isLeft = sandboxes[pod.uid] != nil
        let sandbox = await usable(sandboxes.removeValue(forKey: pod.uid))
        // Without a pause until the worker is known: what ends meanwhile is noted in `states` before and told to it after.
        let left = states.filter { $0.podUID == pod.uid }
        states.removeAll { $0.podUID == pod.uid }
        if pod.isFinished, !pod.isTerminating, !isLeft, left.isEmpty { return }
        let worker = PodWorker(pod, context, sandbox: sandbox, states: left)
        workers[pod.uid] = worker
        tasks[pod.uid] = Task {
            await worker.run()
            if await worker.isReleased { self.forget(pod.uid) }
        }
    }

    private func forget(_ uid: String) {
        workers[uid] = nil
        tasks[uid] = nil
    }

    /// A sandbox whose namespace is gone (the node was restarted), or whose ADD was never answered, is none: its
    /// addresses are given back.
    private func usable(_ sandbox: Sandbox?) async -> Sandbox? {
        guard let sandbox, !sandbox.namespacePath.isEmpty else { return sandbox }
        let isThere = (try? NetworkNamespace.open(sandbox.namespacePath)) != nil
        if isThere, !sandbox.network.isEmpty { return sandbox }
        await undo(sandbox)
        return nil
    }

    private func undo(_ sandbox: Sandbox) async {
        let network = context.network
        var wanted = sandbox
        if wanted.network.isEmpty, let list = try? network.configurations.defaultNetwork() {
            wanted.network = list.name
        }
        let undone = wanted
        do throws(PodNetwork.Failure) {
            try await context.blocking { () throws(PodNetwork.Failure) in try network.delete(undone) }
        } catch {
            context.logger.warning("an old sandbox could not be undone: \(error)")
        }
    }

    func ended(_ state: ContainerState) async {
        if let worker = workers[state.podUID] { return await worker.ended(state) }
        // Its pod has not been heard of yet: the worker to come must not take it for running.
        if let index = states.firstIndex(where: { $0.id == state.id }) { states[index] = state }
    }

    /// The daemon was started anew, or spoken to again.
    func reconcile(with current: [ContainerState]) async {
        let known = Dictionary(current.map { ($0.id, $0) }) { first, _ in first }
        states = states.compactMap { state in state.end == nil ? known[state.id] : state }
        for worker in workers.values { await worker.reconcile(with: current) }
    }

    func worker(namespace: String, name: String) async -> PodWorker? {
        for worker in workers.values where await worker.pod.key == ObjectKey(namespace: namespace, name: name) {
            return worker
        }
        return nil
    }

    var pods: [PodSpec] {
        get async {
            var pods: [PodSpec] = []
            for worker in workers.values { pods.append(await worker.pod) }
            return pods
        }
    }

    func refreshVolumes() async {
        for worker in workers.values { await worker.refreshVolumes() }
    }

    // MARK: - What nobody wants

    /// Pods that were deleted while the kubelet was away.
    private func removeOrphans() async {
        let containers = context.containers
        for state in states where state.end == nil { try? containers.signal(state.id, SIGKILL) }
        let ids = states.map(\.id)
        let orphans = sandboxes
        sandboxes = [:]
        states = []
        for (uid, sandbox) in orphans {
            context.logger.info(
                "removing a pod that is gone", metadata: ["pod": "\(sandbox.podNamespace)/\(sandbox.podName)"])
            await undo(sandbox)
            PodVolumes.remove(context.directory(ofPod: uid))
        }
        await context.blocking {
            for id in ids { try? containers.remove(id) }
        }
        for name in (try? Directories.sortedList("\(context.configuration.stateDirectory)/pods")) ?? []
        where workers[name] == nil { PodVolumes.remove(context.directory(ofPod: name)) }
    }

    /// The network has become ready: waiting pods need not wait longer, and what belongs to no pod goes.
    func networkIsReady() async {
        for worker in workers.values { await worker.wake() }
        guard !hasCollected, hasSynced else { return }
        hasCollected = true
        var valid = Array(sandboxes.values)
        for worker in workers.values { if let sandbox = await worker.sandbox { valid.append(sandbox) } }
        let network = context.network
        let kept = valid
        let report = await context.blocking { network.collectGarbage(keeping: kept) }
        if let error = report?.error { context.logger.warning("GC of the network: \(error.message)") }
    }
}
