/// An agent that puts policies into force, known by the pods it runs as.
struct PolicyEnforcer: Sendable {
    var name: String
    /// A label of its pods; each alone is a sign of it.
    var labels: [(key: String, value: String)]
    /// A label of nodes on which it runs without pods.
    var nodeLabel: (key: String, value: String)?
    /// API groups of the policies it can enforce. Where that hangs on a version or a setting nobody sees from outside,
    /// the group is listed: only what is sure is reported.
    var groups: Set<String>

    private static let networkPolicy = "networking.k8s.io"
    private static let clusterPolicy = "policy.networking.k8s.io"

    static let all = [
        PolicyEnforcer(
            name: "Cilium", labels: [("k8s-app", "cilium")], groups: [networkPolicy, clusterPolicy, "cilium.io"]),
        PolicyEnforcer(
            name: "Calico", labels: [("k8s-app", "calico-node"), ("k8s-app", "canal")],
            groups: [networkPolicy, clusterPolicy, "projectcalico.org"]),
        PolicyEnforcer(
            name: "Antrea", labels: [("component", "antrea-agent")], groups: [networkPolicy, clusterPolicy]),
        PolicyEnforcer(
            name: "kube-network-policies",
            labels: [("app", "kube-network-policies"), ("k8s-app", "kube-network-policies")],
            groups: [networkPolicy, clusterPolicy]),
        PolicyEnforcer(
            name: "OVN-Kubernetes", labels: [("app", "ovnkube-node")], groups: [networkPolicy, clusterPolicy]),
        PolicyEnforcer(name: "Kube-OVN", labels: [("app", "kube-ovn-cni")], groups: [networkPolicy, clusterPolicy]),
        PolicyEnforcer(name: "kube-router", labels: [("k8s-app", "kube-router")], groups: [networkPolicy]),
        PolicyEnforcer(name: "Weave Net", labels: [("name", "weave-net")], groups: [networkPolicy]),
        PolicyEnforcer(name: "kindnet", labels: [("app", "kindnet"), ("k8s-app", "kindnet")], groups: [networkPolicy]),
        PolicyEnforcer(name: "the AWS VPC CNI", labels: [("k8s-app", "aws-node")], groups: [networkPolicy]),
        PolicyEnforcer(name: "Azure NPM", labels: [("k8s-app", "azure-npm")], groups: [networkPolicy]),
        // kube-router's controller, inside the k3s process unless it is switched off.
        PolicyEnforcer(
            name: "k3s", labels: [], nodeLabel: ("node.kubernetes.io/instance-type", "k3s"), groups: [networkPolicy]),
        // This version; what it does not enforce it says on the objects, too.
        PolicyEnforcer(name: "Poplin", labels: [("app.kubernetes.io/name", "poplin-agent")], groups: []),
        PolicyEnforcer(name: "Flannel", labels: [("app", "flannel"), ("k8s-app", "flannel")], groups: []),
    ]

    /// Whether one of those that run knows policies of this kind; true where none is known to run.
    static func mayEnforce(_ policy: PolicyReference, _ running: [PolicyEnforcer]) -> Bool {
        running.isEmpty || running.contains { $0.groups.contains(policy.group) }
    }

    /// Those of which a pod is there.
    static func running(in known: LintCluster) -> [PolicyEnforcer] {
        all.filter { enforcer in
            if let sign = enforcer.nodeLabel,
                known.cluster.nodes.values.contains(where: { $0.labels[sign.key] == sign.value })
            {
                return true
            }
            return known.groups.contains { group in
                enforcer.labels.contains { group.labels.own[$0.key] == $0.value }
            }
        }
    }
}
