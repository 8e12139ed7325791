import Dispatch
import Netlink
import SystemCalls

/// Removes pods' links, those of a burst together, while nobody waits. Taking one link apart costs the kernel little but
/// waiting: until no processor can still see the link, some of it with the lock of all links held, and then for a
/// hundredth of a second or two until its memory can be given back. Links of one group go with one wait.
///
/// No timer: what comes while a removal is under way goes with the next. What the kernel refuses stays on the list and is
/// tried again, behind the others.
///
/// Until all of that is done an attachment is *leaving*: whoever adds the same one again must wait for its end, or what
/// comes after the old link would take the new one's addresses, and a second removal the new link.
actor LinkRemoval {
    /// A host's end and the mark that must be on it.
    struct Target: Sendable, Hashable {
        var name: String
        var alias: String
    }

    typealias Remover = @Sendable ([Target]) async throws(NetlinkError) -> Void

    /// A link on its way out, and what comes after it.
    private struct Departure {
        let target: Target
        let afterwards: @Sendable () async -> Void
    }

    private let remover: Remover
    private let onFailure: @Sendable (NetlinkError) -> Void
    /// Between two attempts when the kernel refuses.
    private let pause: Duration
    private var waiting: [Departure] = []
    private var isRunning = false
    private var settling: [CheckedContinuation<Void, Never>] = []
    /// By mark: how many removals of it are not done, and who waits for that.
    private var departures: [String: Int] = [:]
    private var arrivals: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// So many links at most go together: what answers about more would take does not fit into a socket (ENOBUFS).
    static let most = 128

    init(
        pause: Duration = .seconds(1), onFailure: @escaping @Sendable (NetlinkError) -> Void = { _ in },
        remover: @escaping Remover = { targets throws(NetlinkError) in try await LinkRemoval.removeElsewhere(targets) }
    ) {
        self.remover = remover
        self.onFailure = onFailure
        self.pause = pause
    }

    /// Takes a link over and comes back at once.
    ///
    /// - Parameter afterwards: done when the link is gone, or was not there. What bears another mark is not the pod's and
    ///   stays.
    func take(_ target: Target, afterwards: @escaping @Sendable () async -> Void) {
        waiting.append(Departure(target: target, afterwards: afterwards))
        departures[target.alias, default: 0] += 1
        if isRunning { return }
        isRunning = true
        Task { await removeAll() }
    }

    /// How many have not gone yet, beside those that are going.
    var waitingCount: Int { waiting.count }

    /// The marks of those that are on their way out.
    var leaving: Set<String> { Set(departures.keys) }

    func isLeaving(_ alias: String) -> Bool { departures[alias] != nil }

    /// Comes back when nothing of this mark is on its way out.
    func end(of alias: String) async {
        while departures[alias] != nil {
            await withCheckedContinuation { arrivals[alias, default: []].append($0) }
        }
    }

    /// Comes back when nothing is on its way out.
    func settle() async {
        if !isRunning { return }
        await withCheckedContinuation { settling.append($0) }
    }

    private func removeAll() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(Self.most))
            waiting.removeFirst(group.count)
            if await remove(group) { continue }
            // One that cannot go keeps none of the others: each alone, and what is left behind all that wait.
            var refused = group
            if group.count > 1 {
                refused = []
                for departure in group where await !remove([departure]) { refused.append(departure) }
            }
            if refused.isEmpty { continue }
            waiting += refused
            try? await Task.sleep(for: pause)
        }
        isRunning = false
        let settled = settling
        settling = []
        for continuation in settled { continuation.resume() }
    }

    /// Whether all of them are gone.
    private func remove(_ group: [Departure]) async -> Bool {
        do throws(NetlinkError) {
            // Away from the actor, so that others can join the next group meanwhile.
            try await remover(group.map(\.target))
        } catch {
            onFailure(error)
            return false
        }
        for departure in group {
            await departure.afterwards()
            hasLeft(departure.target.alias)
        }
        return true
    }

    private func hasLeft(_ alias: String) {
        let left = (departures[alias] ?? 1) - 1
        departures[alias] = left > 0 ? left : nil
        if left > 0 { return }
        for continuation in arrivals.removeValue(forKey: alias) ?? [] { continuation.resume() }
    }
}

extension LinkRemoval {
    private static let queue = DispatchQueue(label: "poplin.link-removal")

    /// On a thread that may wait for the kernel.
    private static func removeElsewhere(_ targets: [Target]) async throws(NetlinkError) {
        let outcome: Result<Void, NetlinkError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(NetlinkError) {
                    continuation.resume(returning: .success(try removeTogether(targets)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try outcome.get()
    }

    private static func removeTogether(_ targets: [Target]) throws(NetlinkError) {
        var socket = try RouteSocket()
        let ours = try indices(of: targets, in: &socket)
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

    /// The links that bear the targets' marks: the pods' own, and the devices that limit what pods send, which have the
    /// same mark.
    private static func indices(
        of targets: [Target], in socket: inout RouteSocket
    ) throws(NetlinkError) -> [InterfaceIndex] {
        let names = targets.flatMap { [$0.name, limiterName($0.name)] }
        let links = try socket.links(named: names)
        var ours: [InterfaceIndex] = []
        var displaced: Set<String> = []
        for (place, link) in links.enumerated() {
            guard let link else { continue }
            let alias = targets[place / 2].alias
            if link.alias == alias { ours.append(link.index) } else { displaced.insert(alias) }
        }
        if displaced.isEmpty { return ours }
        // Somebody else has the name: then the pod's link got another one.
        for kind in ["veth", "ifb"] {
            for link in try socket.links(kind: kind) where displaced.contains(link.alias ?? "") {
                if !ours.contains(link.index) { ours.append(link.index) }
            }
        }
        return ours
    }

    /// The plugins name both after the same attachment.
    static func limiterName(_ host: String) -> String { "bwp" + host.dropFirst(3) }
}
