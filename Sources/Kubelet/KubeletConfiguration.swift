import Addressing
import Logging

/// What a kubelet must be told: which node it speaks for, where the API is, and where things lie on this machine.
///
/// Paths are those of the mount namespace the kubelet runs in, which is its node's.
public struct KubeletConfiguration: Sendable {
    /// Name of the Node object, and its host name.
    public var nodeName: String
    /// `InternalIP`s in order: the first is the one that others dial. A node needs at least one.
    public var nodeAddresses: [IPAddress]
    /// A kubeconfig that may write nodes, pods' status, leases and events, and make tokens.
    public var kubeconfig: String
    /// Where the network's conflist appears.
    public var cniConfigurationDirectory = "/etc/cni/net.d"
    /// CNI_PATH.
    public var cniBinaryDirectories = ["/opt/cni/bin"]
    /// Where results of ADD are kept, as libcni keeps them.
    public var cniCacheDirectory = "/var/lib/cni"
    /// What must survive the kubelet: sandboxes, containers, logs, volumes.
    public var stateDirectory = "/var/lib/poplin/kubelet"
    /// Logs of containers, as kubelets lay them out.
    public var logDirectory = "/var/log/pods"
    /// Sockets and what need not survive the machine.
    public var runDirectory = "/run/poplin/kubelet"
    /// A directory name under each cgroup hierarchy, such as `poplin-lab/node-1`; nil leaves pods without cgroups.
    public var cgroupRoot: String?
    public var listenPort = 10250
    /// PEM files: the certificate the kubelet shows (for its node's addresses), its key, and the authority whose
    /// clients it believes. Nil: logs, exec, attach and port-forward are not served.
    public var serving: Serving?
    /// The `poplin` program, for the images that run it; the container's own root has it at the same path.
    public var program: String
    /// Name servers for pods with dnsPolicy ClusterFirst; none: they get the node's.
    public var clusterDNS: [IPAddress] = []
    public var clusterDomain = "cluster.local"
    /// Further labels of the Node object.
    public var labels: [String: String] = [:]
    /// Where containers that name another kubelet's version look: `status.nodeInfo`.
    public var version = "v1.33.0"
    public var logger: Logger

    public struct Serving: Sendable, Hashable {
        public var certificate: String
        public var key: String
        public var clientAuthority: String

        public init(certificate: String, key: String, clientAuthority: String) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }
    }

    public init(
        nodeName: String, nodeAddresses: [IPAddress], kubeconfig: String, program: String,
        logger: Logger = Logger(label: "poplin.kubelet")
    ) {
        self.nodeName = nodeName
        self.nodeAddresses = nodeAddresses
        self.kubeconfig = kubeconfig
        self.program = program
        self.logger = logger
    }
}

/// Why a kubelet could not begin.
public struct KubeletFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
