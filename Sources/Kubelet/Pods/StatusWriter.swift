import JSONTree
import KubernetesClient
import KubernetesModel

/// Writes a pod's status, the newest only, without holding up its worker: while the API is away the pod goes on.
actor StatusWriter {
    private let client: ClusterClient
    private let key: ObjectKey
    private var wanted: JSONValue?
    private var written: JSONValue?
    private var task: Task<Void, Never>?

    init(_ client: ClusterClient, _ key: ObjectKey) {
        self.client = client
        self.key = key
    }

    /// - Parameter patch: a merge patch with the uid in it: another pod of the name is refused.
    func write(_ patch: JSONValue) {
        if patch == wanted ?? written { return }
        wanted = patch
        if task == nil { task = Task { await work() } }
    }

    /// Waits for what is under way, for at most five seconds.
    func finish() async {
        let deadline = ContinuousClock.now + .seconds(5)
        while task != nil, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
    }

    private func work() async {
        var backoff = Backoff(base: .milliseconds(200), limit: .seconds(10))
        var random = SplitMix64(seed: .random(in: .min ... .max))
        let pods = client.collection(of: Pod.self, namespace: key.namespace)
        while let patch = wanted {
            do throws(KubernetesFailure) {
                _ = try await pods.patch(key.name, .merge(patch), subresource: "status")
                backoff.succeeded()
            } catch {
                let isOver = error.status?.isNotFound == true || error.status?.isConflict == true
                if !isOver {
                    try? await Task.sleep(for: backoff.failed(askedToWait: nil, random: &random))
                    continue
                }
            }
            written = patch
            if wanted == patch { wanted = nil }
        }
        task = nil
    }
}
