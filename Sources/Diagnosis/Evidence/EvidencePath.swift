/// Where each kind of evidence lies in an ``EvidenceTree`` and therefore in a bundle. Forms are those of the tool a
/// person would use, so that a recorded answer of the tool is evidence as it stands.
public enum EvidencePath {
    /// `cluster/resources/pods.json`, `cluster/resources/ippools.crd.projectcalico.org.json`: a `List` of all
    /// namespaces, as `kubectl get RESOURCE -A -o json` prints it. The name is the plural resource, and the group
    /// after a dot unless it is the core group.
    public static func resource(_ name: String) -> String { "\(resources)\(name).json" }
    public static let resources = "cluster/resources/"

    /// Whether a file is objects of one resource, in whichever folder a bundle has its documents.
    public static func isObjects(_ path: String) -> Bool {
        path.hasSuffix(".json") && (path.hasPrefix(resources) || path.contains("/\(resources)"))
    }

    /// `kubectl version -o json`.
    public static let version = "cluster/version.json"

    /// What the collector may do: `[{"verb","resource","namespace","allowed"}]`.
    public static let access = "cluster/access.json"

    /// Public parts of TLS Secrets and of webhooks' authorities, never a key: `[{"namespace","name","use","subject",
    /// "issuer","dnsNames","notBefore","notAfter"}]` or, of one that cannot be read, `"error"`.
    public static let certificates = "cluster/certificates.json"

    /// What the collection cost and left out: ``CollectionRecord``.
    public static let collection = "cluster/collection.json"

    /// Commands that were run in pods: `[{"namespace","pod","container","node","command","exitCode"}]`.
    public static let executed = "cluster/executed.json"

    /// Objects of a list whose end could not be read. No fact is made of them: an object that is not among them may
    /// well exist.
    public static func partial(_ name: String) -> String { "cluster/partial/\(name).json" }

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

    /// What somebody copied out of a terminal, whole: its answers stand where each of them belongs.
    public static let transcripts = "transcripts/"

    /// Results of probes that sent traffic.
    public static let probes = "probes/"
}

extension EvidencePath {
    /// Where a document of this path comes from, as far as the path says it: what a person types to see the same.
    public static func source(of path: String, age: Int? = nil) -> FactSource {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "cluster":
            let source = clusterSource(parts)
            return FactSource(source.place, command: source.command, age: age)
        case "nodes" where parts.count > 2:
            let rest = parts[2...].joined(separator: "/")
            if parts[2] == "files" {
                let file = "/" + parts[3...].joined(separator: "/")
                return FactSource("\(parts[1]): \(file)", command: "cat \(file)", age: age)
            }
            if parts[2] == "pods", parts.count > 5 {
                let command = command(ofPart: parts[5...].joined(separator: "/"))
                return FactSource("\(parts[3])/\(parts[4]): \(command)", command: command, age: age)
            }
            let command = command(ofPart: rest)
            return FactSource("\(parts[1]): \(command)", command: command, age: age)
        case "cloud" where parts.count > 2:
            let operation = parts[2].hasSuffix(".json") ? String(parts[2].dropLast(5)) : parts[2]
            let tool =
                ["aws": "aws ec2", "azure": "az", "gcp": "gcloud", "openstack": "openstack"][parts[1]] ?? parts[1]
            return FactSource("\(tool) \(operation)", command: "\(tool) \(operation)", age: age)
        default:
            return FactSource(path, age: age)
        }
    }

    private static func clusterSource(_ parts: [String]) -> (place: String, command: String) {
        switch parts.count > 1 ? parts[1] : "" {
        case "resources" where parts.count == 3 && parts[2].hasSuffix(".json"):
            let resource = String(parts[2].dropLast(5))
            return (resource, "kubectl get \(resource) -A -o json")
        case "logs" where parts.count == 5:
            let previous = parts[4].hasSuffix(".previous.log")
            let container = parts[4].dropLast(previous ? 13 : parts[4].hasSuffix(".log") ? 4 : 0)
            let command = "kubectl -n \(parts[2]) logs \(parts[3]) -c \(container)\(previous ? " --previous" : "")"
            return ("\(parts[2])/\(parts[3]) log", command)
        case "metrics" where parts.count == 5:
            return ("\(parts[2])/\(parts[3]) metrics", "")
        case "kubelet" where parts.count == 4:
            let name = parts[3].replacing("metrics-cadvisor", with: "metrics/cadvisor")
            return ("Node/\(parts[2]) \(name)", "kubectl get --raw /api/v1/nodes/\(parts[2])/proxy/\(name)")
        case "version.json": return ("API server", "kubectl version -o json")
        default: return (parts.joined(separator: "/"), "")
        }
    }

    /// The tool whose answer a machine's part is.
    private static func command(ofPart part: String) -> String {
        if let known = commands[part] { return known }
        if part.hasPrefix("exec/") {
            return String(part.dropFirst(5)).replacing(".txt", with: "").replacing("-", with: " ")
        }
        if part.hasPrefix("proc/") { return "cat /\(part)" }
        if part.hasPrefix("logs/") {
            let unit = part.dropFirst(5).prefix { $0 != "." }
            return unit == "kernel" ? "journalctl -k" : "journalctl -u \(unit)"
        }
        return part
    }

    private static let commands = [
        "ip-link.json": "ip -d link", "ip-addr.json": "ip addr", "ip-route.json": "ip route show table all",
        "ip-6-route.json": "ip -6 route show table all", "ip-rule.json": "ip rule", "ip-6-rule.json": "ip -6 rule",
        "ip-neigh.json": "ip neigh", "bridge-fdb.json": "bridge fdb", "nft.json": "nft list ruleset",
        "iptables-save.txt": "iptables-nft-save", "iptables-legacy-save.txt": "iptables-legacy-save",
        "ip6tables-save.txt": "ip6tables-nft-save", "ip6tables-legacy-save.txt": "ip6tables-legacy-save",
        "ipset-save.txt": "ipset save", "ipvsadm-save.txt": "ipvsadm -Sn", "sysctl.txt": "sysctl -a",
        "conntrack-stats.txt": "conntrack -S", "ss-listen.txt": "ss -lntu", "uname.json": "uname -a",
        "ethtool.json": "ethtool -k", "crictl-pods.json": "crictl pods -o json",
        "crictl-info.json": "crictl info", "bpf.json": "bpftool map", "tc-filter.json": "tc filter show",
        "clock.json": "timedatectl",
        "cgroups.json": "cat /sys/fs/cgroup/kubepods*/*/cpu.stat", "processes.json": "ps -e",
    ]
}
