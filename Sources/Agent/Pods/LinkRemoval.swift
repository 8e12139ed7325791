import Netlink
import SystemCalls

/// Removes pods' links, those of a burst together. Taking one link apart costs the kernel little but waiting: it waits
/// until no processor can still see the link, for a hundredth of a second or two with the lock of all links held, so
/// that fifty requests a second are the most there can be. Links of one group go with one wait.
///
/// No timer: what comes while a removal is under way goes with the next.
actor LinkRemoval {
    /// A host's end and the mark that must be on it.
    struct Target: Sendable, Hashable {
        var name: String
        var alias: String
    }

    private let remover: @Sendable ([Target]) async throws(NetlinkError) -> Void
    private var waiting: [(Target, CheckedContinuation<NetlinkError?, Never>)] = []
    private var isRemoving = false

    init(
        remover: @escaping @Sendable ([Target]) async throws(NetlinkError) -> Void = { targets throws(NetlinkError) in
            try LinkRemoval.removeTogether(targets)
        }
    ) {
        self.remover = remover
    }

    /// Comes back when the link is gone. What bears another mark stays, and is no failure: it is not the pod's.
    func remove(_ target: Target) async throws(NetlinkError) {
        let error = await withCheckedContinuation { continuation in
            waiting.append((target, continuation))
            if !isRemoving {
                isRemoving = true
                Task { await removeAll() }
            }
        }
        if let error { throw error }
    }

    /// How many wait for the next removal.
    var waitingCount: Int { waiting.count }

    private func removeAll() async {
        while !waiting.isEmpty {
            let group = waiting
            waiting = []
            // Away from the actor, so that others can join the next group meanwhile.
            let error = await Self.failure(of: remover, group.map(\.0))
            for (_, continuation) in group { continuation.resume(returning: error) }
        }
        isRemoving = false
    }

    private nonisolated static func failure(
        of remover: @Sendable ([Target]) async throws(NetlinkError) -> Void, _ targets: [Target]
    ) async -> NetlinkError? {
        do throws(NetlinkError) {
            try await remover(targets)
            return nil
        } catch {
            return error
        }
    }
}

extension LinkRemoval {
    static func removeTogether(_ targets: [Target]) throws(NetlinkError) {
        var socket = try RouteSocket()
        let links = try socket.links(named: targets.map(\.name))
        let ours = zip(targets, links).compactMap { target, link in link?.alias == target.alias ? link?.index : nil }
        var batch = RequestBatch()
        if ours.count > 1 {
            // Drawn anew each time from a thousand million, so that no link of anybody else's is in it; the kernel's
            // default is 0, and people's own numbers are small. `ip` takes no higher ones.
            let group = UInt32.random(in: 1 << 30..<1 << 31)
            for index in ours { batch.change(.index(index), LinkChange(group: group)) }
            batch.deleteGroup(group)
            // A link that went by itself meanwhile is no failure, nor is a group that is empty for that reason.
            let failures = try socket.perform(&batch).filter { ![.ENODEV, .EINVAL].contains($0.error.errno) }
            if failures.isEmpty { return }
            batch = RequestBatch()
        }
        for index in ours { batch.delete(.index(index)) }
        if ours.isEmpty { return }
        for failure in try socket.perform(&batch) where failure.error.errno != .ENODEV { throw failure.error }
    }
}
