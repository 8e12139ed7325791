/// Where each kind of evidence lies in an ``EvidenceTree`` and therefore in a bundle. Forms are those of the tool a
/// person would use, so that a recorded answer of the tool is evidence as it stands.
public enum EvidencePath {
    /// `cluster/resources/pods.json`, `cluster/resources/ippools.crd.projectcalico.org.json`: a `List` of all
    /// namespaces, as `kubectl get RESOURCE -A -o json` prints it. The name is the plural resource, and the group
    /// after a dot unless it is the core group.
    public static func resource(_ name: String) -> String { "\(resources)\(name).json" }
    public static let resources = "cluster/resources/"

    /// `kubectl version -o json`.
    public static let version = "cluster/version.json"

    /// `kubectl -n NAMESPACE logs POD -c CONTAINER`, and with `--previous`.
    public static func log(_ namespace: String, _ pod: String, _ container: String, previous: Bool = false) -> String {
        "\(logs)\(namespace)/\(pod)/\(container)\(previous ? ".previous" : "").log"
    }
    public static let logs = "cluster/logs/"

    /// Text of a pod's metrics endpoint (Prometheus exposition format).
    public static func metrics(_ namespace: String, _ pod: String, port: Int) -> String {
        "\(metrics)\(namespace)/\(pod)/\(port).prom"
    }
    public static let metrics = "cluster/metrics/"

    /// `kubectl get --raw /api/v1/nodes/NODE/proxy/NAME`: `configz`, `metrics/cadvisor` (slashes become `-`).
    public static func kubelet(_ node: String, _ name: String) -> String { "cluster/kubelet/\(node)/\(name)" }
    public static let kubelets = "cluster/kubelet/"

    /// Everything of one node lies under its folder; what is seen of it from an agent's pod lies there as well.
    public static func node(_ name: String) -> String { "\(nodes)\(name)/" }
    public static let nodes = "nodes/"

    /// A copy of a file, under its absolute path: `nodes/node-7/files/etc/cni/net.d/10-flannel.conflist`.
    public static func file(_ node: String, _ absolutePath: String) -> String {
        "\(nodes)\(node)/files\(absolutePath)"
    }

    /// A network namespace of the node other than its own: that of a pod.
    public static func pod(_ node: String, _ namespace: String, _ name: String) -> String {
        "\(nodes)\(node)/pods/\(namespace)/\(name)/"
    }

    /// `cloud/aws/describe-subnets.json`: the answer of the provider's command-line tool, named by the operation.
    public static func cloud(_ provider: String, _ operation: String) -> String {
        "cloud/\(provider)/\(operation).json"
    }
    public static let clouds = "cloud/"

    /// Text that somebody gave us: `--logs FILE`.
    public static let looseLogs = "logs/"

    /// Results of probes that sent traffic.
    public static let probes = "probes/"
}
