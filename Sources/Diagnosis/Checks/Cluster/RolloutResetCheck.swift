import Addressing
import JSONTree

/// Requests of a mesh that were sent to pods which a roll-out had just taken away.
struct RolloutResetCheck: Check {
    let name = "roll-outs in the mesh"
    let codes = ["MSH-06"]
    let needs: [FactName] = [.objects("pods"), .objects("services")]

    /// Between a pod's end and the requests it is blamed for, in seconds.
    private static let window: Int64 = 300
    private static let enough = 3
    /// Connections that ended before the answer: by the other side, by a failure to connect.
    private static let flags: Set<String> = ["UC", "UF", "URX"]

    func applies(to facts: FactBase) -> Bool {
        facts.hasProxyRequests
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let pods = facts.pods
        let live = Set(pods.filter { !$0.isFinished && !$0.isTerminating }.flatMap(\.addresses))
        struct Lost {
            var line: String
            var source: FactSource
            var client: String
            var upstream: String
            var time: Int64?
        }
        var lost: [String: [Lost]] = [:]
        for (pod, request, line, source) in facts.proxyRequests() {
            // What is sent to a pod that is there has another reason.
            guard !request.flags.isDisjoint(with: Self.flags), let address = request.upstream, !live.contains(address),
                request.cluster.direction == "outbound", let service = request.cluster.service
            else { continue }
            lost[service, default: []].append(
                Lost(line: line, source: source, client: pod, upstream: "\(address)", time: request.time))
        }
        if lost.isEmpty { return [] }
        let entries = Dictionary(
            ServiceMap(facts).entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return lost.sorted { $0.key < $1.key }.compactMap { id, lines in
            guard let entry = entries[id], lines.count >= Self.enough, !entry.readyEndpoints.isEmpty,
                let last = lines.last, let pod = entry.pods.first
            else { return nil }
            // New pods of the Service are as old as the resets, or events say that others ended then.
            let times = lines.compactMap(\.time)
            guard let first = times.min(), let end = times.max() else { return nil }
            let isNew = entry.pods.contains { pod in
                pod.object.createdAt.map { $0 >= first - Self.window && $0 <= end + Self.window } ?? false
            }
            let killing = facts.events.last { event in
                guard event.text("reason") == "Killing", event.namespace == entry.object.namespace,
                    let seen = event.lastSeen, seen >= first - Self.window, seen <= end + 60
                else { return false }
                let name = event.subject?.name ?? ""
                return entry.pods.contains { Self.workload($0.name) == Self.workload(name) }
            }
            guard isNew || killing != nil else { return nil }
            return finding(entry, pod, lines.count, (last.line, last.source, last.client, last.upstream), killing)
        }
    }

    /// `cart` of `cart-7d9f8c6b5-aaaaa`.
    private static func workload(_ pod: String) -> String {
        pod.split(separator: "-").dropLast(2).joined(separator: "-")
    }

    private func finding(
        _ entry: ServiceMap.Entry, _ pod: PodView, _ count: Int,
        _ last: (line: String, source: FactSource, client: String, upstream: String), _ killing: APIObject?
    ) -> Diagnosis {
        let application = pod.containers.first { !MeshPods.proxies.contains($0.member("name")?.string ?? "") }
        let container = application?.member("name")?.string ?? ""
        let hasHook = application?.at("lifecycle", "preStop") != nil
        var evidence: [Diagnosis.Evidence] = [.init(last.line, marking: last.upstream, from: last.source)]
        if let killing { evidence.append(.init(killing.text("message") ?? "Killing", from: killing.source)) }
        if !hasHook {
            evidence.append(.init("container \(container): no lifecycle.preStop", from: pod.object.source))
        }
        let name = Self.workload(pod.name)
        let patch =
            "'{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"\(container)\",\"lifecycle\":{\"preStop\":{\"exec\":{\"command\":[\"sleep\",\"10\"]}}}}]}}}}'"
        return .of(
            "MSH-06", "\(last.client) lost \(count) requests to pods of \(entry.id) that a roll-out had taken away",
            .likely, at: [entry.object.place, pod.object.place], evidence: evidence,
            because: [
                "the addresses these requests were sent to are no pod's any more, and the pods of \(entry.id) are as new as the resets",
                hasHook
                    ? "the proxy ended before the requests under way were answered"
                    : "without a preStop delay a pod ends while other proxies still send to it",
            ],
            fix: pod.owner?.kind == "ReplicaSet"
                ? .init(
                    ["kubectl -n \(pod.namespace) patch deployment \(name) -p \(patch)"],
                    undo: "kubectl -n \(pod.namespace) rollout undo deployment/\(name)",
                    risk: "its pods are made anew once more, one after the other", seconds: 60) : nil,
            prevent:
                "a preStop delay longer than endpoints take to spread, and terminationDrainDuration of the proxy longer than a request",
            deadEnds: ["retries at every client: they hide it for idempotent requests only"],
            needs: [
                "kubectl -n \(pod.namespace) rollout restart deployment/\(name) while requests run: do they come back at that moment and only then?"
            ])
    }
}
