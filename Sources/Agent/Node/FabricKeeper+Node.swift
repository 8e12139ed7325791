import Fabric
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging

/// What others see of this node: on its own Node object.
extension FabricKeeper {
    /// Writes what other nodes need to know, when the kernel is ready for what they will send.
    ///
    /// - Returns: whether there was nothing to write.
    func announce(_ local: FabricNode) async -> Bool {
        guard nodes.hasSynced, let node = nodes[ObjectKey(namespace: "", name: nodeName)],
            let patch = local.announcement(changing: node, announcingPodCIDRs: supply.announcesRanges)
        else { return true }
        await write("announcement") { client throws(KubernetesFailure) in
            _ = try await client.collection(of: Node.self).patch(self.nodeName, .merge(patch))
        }
        return false
    }

    /// The condition and the taint, when pods can be connected.
    func mark() async {
        guard readiness.isReady, nodes.hasSynced, let node = nodes[ObjectKey(namespace: "", name: nodeName)] else {
            return
        }
        if let patch = NodeMarks.condition(node, now: Timestamp(seconds: Int64(Clock.now() / 1_000_000_000))) {
            await write("condition NetworkUnavailable") { client throws(KubernetesFailure) in
                _ = try await client.collection(of: Node.self).patch(
                    self.nodeName, .strategic(patch), subresource: "status")
            }
            return
        }
        if let patch = NodeMarks.removingTaint(node) {
            await write("taint \(NodeMarks.taint)") { client throws(KubernetesFailure) in
                _ = try await client.collection(of: Node.self).patch(self.nodeName, .merge(patch))
            }
        }
    }

    /// The condition that says what is wrong, or that nothing is any more.
    func markProblem() async {
        guard nodes.hasSynced, let node = nodes[ObjectKey(namespace: "", name: nodeName)] else { return }
        let problem = readiness.problem
        switch trouble.look(problem?.message, now: Clock.monotonic()) {
        case .wait: return
        case .lookAgain:
            let trigger = trigger
            Task {
                try? await Task.sleep(for: .nanoseconds(Int64(NodeMarks.Trouble.patience)))
                trigger(.nodes)
            }
        case .tell:
            let now = Timestamp(seconds: Int64(Clock.now() / 1_000_000_000))
            guard let patch = NodeMarks.problem(node, problem, now: now) else { return }
            await write("condition \(NodeMarks.problemCondition)") { client throws(KubernetesFailure) in
                _ = try await client.collection(of: Node.self).patch(
                    self.nodeName, .strategic(patch), subresource: "status")
            }
        }
    }

    private func write(_ what: String, _ body: (ClusterClient) async throws(KubernetesFailure) -> Void) async {
        do throws(KubernetesFailure) {
            try await body(client)
        } catch {
            metrics.count { $0.apiFailures += 1 }
            logger.warning("cannot write \(what) of Node \(nodeName)", metadata: ["reason": "\(error)"])
            let trigger = trigger
            Task {
                try? await Task.sleep(for: .seconds(2))
                trigger(.nodes)
            }
        }
    }
}
