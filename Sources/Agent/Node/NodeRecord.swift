import Fabric
import Logging
import Synchronization
import SystemCalls

/// Has the nodes written down behind the agent's back: a change of the kernel does not wait for the disk. The first
/// change is written at once, those of the following second together; whatever is written is whole (``NodeCheckpoint``).
final class NodeRecord: Sendable {
    private struct State {
        /// What is to be written.
        var pending: [String: FabricNode]?
        /// What stands there; nil when that is not known.
        var written: [String: FabricNode]?
        var isRunning = false
    }

    private let checkpoint: NodeCheckpoint
    private let logger: Logger
    private let state: Mutex<State>
    /// One at a time, so that what is older is never written over what is newer.
    private let disk = Mutex(())
    private let pause: Duration

    /// - Parameter written: what stands there.
    init(
        _ checkpoint: NodeCheckpoint, written: [FabricNode], pause: Duration = .seconds(1), logger: Logger
    ) {
        self.checkpoint = checkpoint
        self.logger = logger
        self.pause = pause
        let nodes = Dictionary(written.map { ($0.name, $0) }) { first, _ in first }
        state = Mutex(State(written: written.isEmpty ? nil : nodes))
    }

    /// Whether something has been written since there was a file.
    var isThere: Bool { state.withLock { $0.written != nil } }

    /// Notes the nodes as they are now.
    func keep(_ nodes: [String: FabricNode]) {
        let starts = state.withLock { state in
            state.pending = nodes
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard starts else { return }
        Task.detached { [self] in
            while write() { try? await Task.sleep(for: pause) }
        }
    }

    /// Writes what is to be written, now.
    func finish() { _ = flush() }

    /// False when there was nothing to write, and nobody looks any more.
    private func write() -> Bool {
        if flush() { return true }
        return state.withLock { state in
            if state.pending != nil { return true }
            state.isRunning = false
            return false
        }
    }

    /// Whether there was something to write.
    private func flush() -> Bool {
        disk.withLock { _ in
            let (pending, written) = state.withLock { state in
                defer { state.pending = nil }
                return (state.pending, state.written)
            }
            guard let pending else { return false }
            if pending == written { return true }
            do throws(SystemCallError) {
                try checkpoint.write(Array(pending.values))
                state.withLock { $0.written = pending }
            } catch {
                // A full disk does not stop the fabric; what is there is older, and still whole.
                logger.warning("cannot write the checkpoint", metadata: ["reason": "\(error)"])
                state.withLock { $0.written = nil }
            }
            return true
        }
    }
}
