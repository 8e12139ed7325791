import Dispatch
import Netlink
import SystemCalls

/// Removes pods' links, those of a burst together. Taking one link apart costs the kernel little but waiting: it waits
/// until no processor can still see the link, some of it with the lock of all links held, and then for a hundredth of a
/// second or two until its memory can be given back. Links of one group go with one wait, and a few groups wait at the
/// same time.
///
/// No timer: what comes while so many removals are under way goes with the next.
actor LinkRemoval {
    /// A host's end and the mark that must be on it.
    struct Target: Sendable, Hashable {
        var name: String
        var alias: String
    }

    /// Answers the targets that stay, because what has their name bears another mark.
    typealias Remover = @Sendable ([Target]) async throws(NetlinkError) -> Set<Target>

    private typealias Outcome = Result<Bool, NetlinkError>

    private let remover: Remover
    /// Groups at a time.
    private let most: Int
    private var waiting: [(target: Target, continuation: CheckedContinuation<Outcome, Never>)] = []
    private var running = 0

    init(
        most: Int = 3,
        remover: @escaping Remover = { targets throws(NetlinkError) in try await LinkRemoval.removeElsewhere(targets) }
    ) {
        self.most = most
        self.remover = remover
    }

    /// Comes back when the link is gone, or was not there. What bears another mark stays, and is no failure: it is not
    /// the pod's.
    ///
    /// - Returns: false when something of that name stays.
    func remove(_ target: Target) async throws(NetlinkError) -> Bool {
        let outcome: Outcome = await withCheckedContinuation { continuation in
            waiting.append((target, continuation))
            if running < most {
                running += 1
                Task { await removeAll() }
            }
        }
        return try outcome.get()
    }

    /// How many wait for the next removal.
    var waitingCount: Int { waiting.count }

    private func removeAll() async {
        while !waiting.isEmpty {
            let group = waiting
            waiting = []
            // Away from the actor, so that others can join the next group meanwhile.
            let outcome = await Self.outcome(of: remover, group.map(\.target))
            for (target, continuation) in group {
                continuation.resume(returning: outcome.map { !$0.contains(target) })
            }
        }
        running -= 1
    }

    private nonisolated static func outcome(
        of remover: Remover, _ targets: [Target]
    ) async -> Result<Set<Target>, NetlinkError> {
        do throws(NetlinkError) {
            return .success(try await remover(targets))
        } catch {
            return .failure(error)
        }
    }
}

extension LinkRemoval {
    private static let queue = DispatchQueue(label: "poplin.link-removal", attributes: .concurrent)

    /// On a thread that may wait for the kernel.
    private static func removeElsewhere(_ targets: [Target]) async throws(NetlinkError) -> Set<Target> {
        let outcome: Result<Set<Target>, NetlinkError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(NetlinkError) {
                    continuation.resume(returning: .success(try removeTogether(targets)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try outcome.get()
    }

    private static func removeTogether(_ targets: [Target]) throws(NetlinkError) -> Set<Target> {
        var socket = try RouteSocket()
        let links = try socket.links(named: targets.map(\.name))
        var ours: [InterfaceIndex] = []
        var foreign: Set<Target> = []
        for (target, link) in zip(targets, links) {
            guard let link else { continue }
            if link.alias == target.alias { ours.append(link.index) } else { foreign.insert(target) }
        }
        var batch = RequestBatch()
        if ours.count > 1 {
            // Drawn anew each time from a thousand million, so that no link of anybody else's is in it; the kernel's
            // default is 0, and people's own numbers are small. `ip` takes no higher ones.
            let group = UInt32.random(in: 1 << 30..<1 << 31)
            for index in ours { batch.change(.index(index), LinkChange(group: group)) }
            batch.deleteGroup(group)
            // A link that went by itself meanwhile is no failure, nor is a group that is empty for that reason.
            let failures = try socket.perform(&batch).filter { ![.ENODEV, .EINVAL].contains($0.error.errno) }
            if failures.isEmpty { return foreign }
            batch = RequestBatch()
        }
        for index in ours { batch.delete(.index(index)) }
        if ours.isEmpty { return foreign }
        for failure in try socket.perform(&batch) where failure.error.errno != .ENODEV { throw failure.error }
        return foreign
    }
}
