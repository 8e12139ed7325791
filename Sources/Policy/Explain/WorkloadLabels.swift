/// The labels a person would select a pod by.
public enum WorkloadLabels {
    /// Set by controllers, different with every roll-out or pod.
    static let volatile: Set<String> = [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "job-name",
        "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index",
    ]
    /// The names of applications, the most common convention first.
    private static let names = ["app", "app.kubernetes.io/name", "k8s-app", "name", "run"]
    private static let parts = ["app.kubernetes.io/component", "component", "tier", "role"]

    /// The application's name and part, where the pod follows a convention; all its lasting labels otherwise.
    public static func selecting(_ pod: ClusterPod) -> [String: String] {
        let lasting = pod.labels.filter { !volatile.contains($0.key) }
        guard let name = names.first(where: { lasting[$0] != nil }) else { return lasting }
        var chosen = [name: lasting[name] ?? ""]
        if name.hasPrefix("app.kubernetes.io/"), let part = parts.first(where: { lasting[$0] != nil }) {
            chosen[part] = lasting[part]
        }
        return chosen
    }
}
