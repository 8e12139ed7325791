import CNI
import CNIPlugins
import Dispatch

/// Frees the host ports of pods that go, those of a burst together: each change of the packet filter costs the kernel a
/// hundredth of a second, for one port as for a hundred.
///
/// No timer: what comes while a change is under way goes with the next.
actor PortRelease {
    typealias Remover = @Sendable ([Packetfilter.Owner]) async throws(CNIError) -> Void

    private typealias Outcome = Result<Void, CNIError>

    private let remover: Remover
    private var waiting: [(owner: Packetfilter.Owner, continuation: CheckedContinuation<Outcome, Never>)] = []
    private var isRunning = false

    init(
        remover: @escaping Remover = { owners throws(CNIError) in try await PortRelease.removeElsewhere(owners) }
    ) {
        self.remover = remover
    }

    /// Comes back when no host port leads to the attachment.
    func release(_ owner: Packetfilter.Owner) async throws(CNIError) {
        let outcome: Outcome = await withCheckedContinuation { continuation in
            waiting.append((owner, continuation))
            if isRunning { return }
            isRunning = true
            Task { await releaseAll() }
        }
        try outcome.get()
    }

    /// How many wait for the next change.
    var waitingCount: Int { waiting.count }

    private func releaseAll() async {
        while !waiting.isEmpty {
            let group = waiting
            waiting = []
            // Away from the actor, so that others can join the next group meanwhile.
            let outcome = await Self.outcome(of: remover, group.map(\.owner))
            for (_, continuation) in group { continuation.resume(returning: outcome) }
        }
        isRunning = false
    }

    private nonisolated static func outcome(
        of remover: Remover, _ owners: [Packetfilter.Owner]
    ) async -> Outcome {
        do throws(CNIError) {
            return .success(try await remover(owners))
        } catch {
            return .failure(error)
        }
    }
}

extension PortRelease {
    private static let queue = DispatchQueue(label: "poplin.port-release")

    /// On a thread that may wait for the kernel.
    private static func removeElsewhere(_ owners: [Packetfilter.Owner]) async throws(CNIError) {
        let outcome: Outcome = await withCheckedContinuation { continuation in
            queue.async {
                do throws(CNIError) {
                    continuation.resume(returning: .success(try PortMappingPlugin.remove(owners)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try outcome.get()
    }
}
