import JSONTree

/// Pods that got no network, by node, with what their events say.
struct SandboxFailures: Sendable {
    struct Failure: Sendable {
        var pod: PodView
        var message: String
        var source: FactSource
    }

    let byNode: [String: [Failure]]

    init(_ facts: FactBase, pods: [PodView]) {
        let waiting = Dictionary(
            pods.filter { $0.waitsForSandbox }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [String: [Failure]] = [:]
        var seen: Set<String> = []
        // The newest event of a pod tells.
        let events = facts.events.filter {
            $0.text("reason") == "FailedCreatePodSandBox"
        }.sorted { ($0.lastSeen ?? 0) > ($1.lastSeen ?? 0) }
        for event in events {
            guard let id = event.subject?.key, let pod = waiting[id], seen.insert(id).inserted else { continue }
            found[pod.node, default: []].append(Failure(pod: pod, message: event.message, source: event.source))
        }
        byNode = found
    }

    var all: [Failure] { byNode.keys.sorted().flatMap { byNode[$0] ?? [] } }

    /// Those whose message is a sign of one of the codes.
    func signs(of codes: Set<String>, on node: String? = nil) -> [Failure] {
        (node.map { byNode[$0] ?? [] } ?? all).filter { failure in
            LogReader.mechanisms(of: failure.message).contains { codes.contains($0.code) }
        }
    }
}

extension [SandboxFailures.Failure] {
    var symptoms: Set<String> {
        reduce(into: []) { $0.formUnion($1.pod.symptoms) }
    }

    var evidence: [Diagnosis.Evidence] {
        prefix(1).map { .init($0.message, from: $0.source) }
    }
}
