import IPAMKubernetes
import JSONTree
import KubernetesClient
import KubernetesModel

/// Tells people, on an IPPool itself, what is wrong with it. The API server's rules refuse most of it, where it has them
/// and the object is younger than they are. Done by the agent that holds the lease of ``UnenforcedObjects``.
struct PoolWarnings: Sendable {
    static let reason = "PoolProblem"
    /// Seconds between two looks at what the agent found; it looks every ten.
    static let period = 5

    let client: ClusterClient
    /// Nil until the agent has looked.
    let complaints: Mutable<[PoolReading.Complaint]?>
    let record: @Sendable (EventNote) -> Void

    /// Until the task is cancelled.
    func run() async {
        var told = await alreadyTold()
        while !Task.isCancelled {
            if let now = complaints.value {
                for complaint in now where !told.contains(Self.identity(complaint)) { record(Self.note(complaint)) }
                // What has been put right is told again when it comes back.
                told = Set(now.map(Self.identity))
            }
            do { try await Task.sleep(for: .seconds(Self.period)) } catch { return }
        }
    }

    static func note(_ complaint: PoolReading.Complaint) -> EventNote {
        let consequence =
            switch complaint.consequence {
            case .barred, .misplaced: "; the pool gives out nothing until that is put right"
            case .idleRange: "; nothing is given out of that range"
            case .used: ""
            }
        return EventNote(
            .warning,
            regarding: ObjectReference(
                apiVersion: IPPool.gvk.apiVersion, kind: IPPool.gvk.kind, name: complaint.pool, uid: complaint.uid),
            reason: reason, action: complaint.consequence == .used ? "Read" : "Ignored",
            note: complaint.message + consequence)
    }

    private static func identity(_ complaint: PoolReading.Complaint) -> String {
        "\(complaint.uid) \(note(complaint).note)"
    }

    /// What agents that led before have said.
    private func alreadyTold() async -> Set<String> {
        let events = client.collection(GroupVersionResource(version: "v1", resource: "events"), namespace: "")
        do throws(KubernetesFailure) {
            let list = try await events.all(ListOptions(fieldSelector: "reason=\(Self.reason)"))
            return Set(
                list.items.map { event in
                    "\(event.at("involvedObject", "uid")?.string ?? "") \(event.member("message")?.string ?? "")"
                })
        } catch {
            return []
        }
    }
}
