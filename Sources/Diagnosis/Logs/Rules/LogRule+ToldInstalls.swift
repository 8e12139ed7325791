/// What people tell of what was put on the machines: plugins that cannot be written, releases that do not know a machine,
/// kernels without a part, images of a cloud that bring their own firewall, what a changed mode leaves. Asked of prose
/// only, before what single words are signs of.
extension LogRule {
    private static let isNot = LogPattern.words(
        "not ", "n\"t ", "without", "lack", "missing", "absent", "no ", "stripped", "disabled", "unset", "never")

    /// Parts of the kernel that pods' networks are made with.
    private static let kernelParts = LogPattern.words(
        "vxlan", "wireguard", "br_netfilter", "br-netfilter", "openvswitch", "geneve", "ipip", "ip_set", "ipset",
        "ip_vs",
        "xt_", "iptable_", "ip_tables", "ip6table", "nf_tables", "ip_gre", "sch_", "cls_bpf", "act_bpf", "sctp", "vrf",
        "macvlan", "ipvlan", "overlay module")

    static let toldInstalls: [LogRule] = [
        // A file that runs cannot be written.
        LogRule(
            .likely, "INS-04", "INS-02",
            when: .all([
                sentence,
                .words("cni bin", "cni plugin", "plugin bin", " shim", "/opt/cni", "binary", "binaries", "executable"),
                .words(
                    " in use", "being executed", "being used", "being run", "still running", "is running",
                    "is executed",
                    " busy", "locked", "while it runs"),
                .words("cop", "install", "overwrit", "replac", "updat", "upgrad", "writ"),
                .not(.words("address", " ip ", "port ", "subnet", "not a shared")),
            ]), needs: "who executes that file (lsof), and whether the installer writes it anew or over it"),
        // What of the kernel is not there, in a sentence.
        LogRule(
            .likely, "INS-07", "INS-01",
            when: .all([
                sentence, kernelParts, .words("module", "modules", "kernel", "driver"),
                .any([isNot, .words("required", "load", "n\"t see", "built without", "needs")]),
                .not(
                    .words(
                        "mtu", "checksum", "offload", "port ", "firewall", "mac address", "verifier",
                        "upgrade to kernel")
                ),
            ]), needs: "the modules of the running kernel against what the agent asks for"),
        // A release that is older than the machine it runs on.
        LogRule(
            .likely, "INS-09", "AWS-01", "INS-01",
            when: .all([
                sentence,
                .any([
                    .words("instance type", "instance famil", "instance class"),
                    .all([.words("instance"), .check(namesAFamily)]),
                ]),
                .words(
                    "add support", "support for", "unknown", "unsupported", "not support", "n\"t support",
                    "new instance",
                    "add new", "not recogni", "n\"t recogni", "not known", "missing", "crash", "fail", "not ready",
                    "notready", "not start", "n\"t start", "error"),
                .not(
                    .words(
                        "max pods", "max-pods", "maxpods", "subnet", "security group", "security-group", "spot",
                        "branch", "prefix")),
            ]), needs: "whether that release of the plugin knows the family: its list of limits"),
        // The images of this cloud come with rules that refuse whatever is not SSH.
        LogRule(
            .likely, "RTE-07", "RTE-06", "RTE-01",
            when: .all([
                sentence,
                .any([
                    .words(
                        "oracle cloud", "oracle linux", "oracle-provided", "oracle instance", "oracle vm",
                        "oracle free",
                        "oracle arm", "oraclelinux", "甲骨文"),
                    .all([
                        .check { $0.tokens.contains("oci") },
                        .words("instance", " vm", "compute", "a1.", "e2.", "e3.", "ampere", "cloud"),
                        .not(.words("runtime", "image", "registry", "artifact", "runc", "spec")),
                    ]),
                ]),
                .any([
                    complaint, .words("stall", "unreach", "not reach", "no route", "provision"),
                ]),
                .not(.words("database", "jdbc", "security list", "load balancer", "image pull")),
            ]), needs: "iptables -S INPUT and FORWARD of that machine: a REJECT before the network's own rules"),
        // What one mode of kube-proxy leaves for the next.
        LogRule(
            .likely, "SVC-04", "SVC-10", "SVC-05",
            when: .all([
                sentence, .words("kube-proxy", "kube proxy", "kubeproxy"),
                .words(
                    "cleanup", "clean up", "cleaned up", "clean-up", "cleans up", "left behind", "leaves behind",
                    "leftover", "left over", "will left", "residual", "flush all", "flushes all", "stale rules"),
                .words("rule", "chain", "ipvs", "iptables", "mode", "nft"),
                .not(.words("delet", "endpoint", " svc", "inactive", "conntrack", "session", "udp")),
            ]), needs: "kube-proxy's mode on every node, and chains of the other mode that are left"),
        // The way from the control plane to the nodes, by its ports.
        LogRule(
            .likely, "GCP-01", "WHK-01",
            when: .all([
                sentence, .words("firewall"),
                .words("master", "control plane", "control-plane", "apiserver", "api server", "private"),
                .words("10250", "8443", "9443", "15017", "6443", "webhook", "admission"),
                .words("gke", "gcp", "google", "private", "only", "restrict"),
                .not(.words(" eks", "aks ", "aws", "azure", "security group", "cross-node", "vxlan")),
            ]), needs: "the firewall rule from the control plane's range to the webhook's port"),
        LogRule(
            .likely, "GCP-01", "WHK-01",
            when: .all([
                sentence, .words("private gke", "gke private", "gke cluster"),
                .words(
                    "webhook", "opa", "gatekeeper", "admission", "operator", "timeout creating", "kyverno",
                    "cert-manager",
                    "injector", "module"),
                .not(.words("cloud dns", "nat gateway", "image pull", "cloud nat", "external ip", "dataplane v2")),
            ]), needs: "the firewall rule from the control plane's range to the webhook's port"),
        LogRule(
            .likely, "WHK-01", "GCP-01",
            when: .all([
                sentence, .words("webhook", "admission"), .words("port"),
                .words("10250", "8443", "9443", "15017", "10260"), .not(.words("denied the request", "refused")),
            ]), needs: "whether the API server itself reaches the pod's port"),
        // A cache on the node's own network is no pod that a selector finds.
        LogRule(
            .likely, "DNS-10", "DNS-05",
            when: .all([
                sentence,
                .words("nodelocal", "node-local cache", "node-local dns", "node local dns", "local dns cache"),
                .words(
                    "hostnetwork", "host network", "host-network", "ipblock", "world", "toentities", "reserved:", "cidr"
                ),
            ]), needs: "the nameserver in the pod's resolv.conf"),
        // A network that takes the machine's own away.
        LogRule(
            .likely, "IPM-07", "RTE-12", "RTE-10", "RTE-04", "RTE-20", "IPM-09",
            when: .all([
                sentence,
                .words("deploy", "install", "apply", "enabl", "start", "join", "boot", "initializ", "run "),
                .any([.agent, .words("cni", "calico", "weave", "k3s", "rke2", "microk8s", "kubernetes", "k0s")]),
                .words(
                    "connectivity outage", "network outage", "loses connectivity", "lose connectivity",
                    "lost connectivity",
                    "loses network", "lose network", "lost network", "lose internet", "loses internet", "lost internet",
                    "no internet on the host", "lose ssh", "loses ssh", "lost ssh", "ssh connection", "ssh session",
                    "cut off", "cuts off", "locked out", "lock out", "kills network", "kills the network",
                    "kills my network", "goes offline", "host network breaks", "breaks host network", "breaks the host",
                    "breaks my network", "server becomes unreachable", "host becomes unreachable",
                    "node becomes unreachable", "machine becomes unreachable", "unreachable via ssh",
                    "breaks networking on"
                ),
                .not(.words("pod loses", "pods lose", "pods lost", "policy", "upgrade", "to each other")),
            ]), needs: "the pods' and Services' ranges against every route and address of the host"),
        // One owner for two.
        LogRule(
            .likely, "IPM-06", "IPM-04", "IPM-08",
            when: .all([
                sentence, .words("ipam", "affinit", "ip block", "ipamblock", "allocator", "address"),
                .words("same affinity", "same block", "same address", "same ip", "identical ip"),
                .words("multiple", "several", "two ", " 2 ", "different", "both", "more than one"),
                .words("host", "node", "pod", "container", "interface", "endpoint"),
                .not(
                    .words("whereabouts", "ip-reconciler", "service", "load balancer", "loadbalancer", "egress", "bgp")),
            ]), needs: "which pods' status carry the address, and whose route leads to it"),
        LogRule(
            .likely, "IPM-08", "IPM-07",
            when: .all([
                sentence, .words("podcidr", "pod cidr"), .words("node"),
                .words(
                    "conflicts when", "conflict when", "conflicting node", "collid", "same pod", "duplicat",
                    "conflicts in"),
                .not(
                    .words("service", "docker", "vpc", "vpn", "host network", "node network", "node ip", "local host")),
            ]), needs: "spec.podCIDR of every node, or the operator's CiliumNodes"),
        // Who is gone without a word leaves what it had.
        LogRule(
            .likely, "IPM-03", "IPM-04", "IPM-10",
            when: .all([
                sentence,
                .any([
                    .words(
                        "ip leak", "ip leakage", "leaks ip", "leaking ip", "leaks the ip", "leaked ip", "address leak"),
                    .all([
                        .words(" ip ", " ips ", "addresses", "ip address"),
                        .words(
                            "not release", "not auto release", "n\"t release", "not freed", "not recycled",
                            "never released"),
                    ]),
                ]),
                .not(
                    .any([
                        .calico, .aws, .azure, .loadBalancer,
                        .words(
                            "block", "handle", "affinit", "whereabouts", "metallb", "egress ip", "floating", "elastic"),
                    ])),
            ]), needs: "reservations of the store against the runtime's sandboxes"),
        // Default bridges of runtimes, by who brings them.
        LogRule(
            .likely, "CFG-05", "CFG-04", "IPM-05",
            when: .any([
                .all([
                    sentence, .words("pod ip", "pods ip", "pod\"s ip", "pods\" ip", "pod address"),
                    .words(
                        "differ", "diferent", "does not match", "n\"t match", "not match", "other than", "not within"),
                    .words("podcidr", "pod cidr", "cluster cidr", "cluster-cidr", "pod-network-cidr", "pod network"),
                ]),
                .all([
                    sentence, .words("podman", "cri-o", "crio"), .words("bridge", "unused network", "default network"),
                    .words("cni0", "conflist", "10.85.", "10.88.", "implicit", "by default", "installed"),
                    .words("ip ", "address", "pod", "network"), .not(.words("already has an ip address different")),
                ]),
                .all([
                    sentence, .words("implicitly", "unexpectedly"),
                    .words("unused network", "default bridge", "wrong network"),
                ]),
            ]), needs: "the pods' addresses against the cluster's range, and the files of the conf_dir"),
        // Two releases of the specification in one sentence.
        LogRule(
            .likely, "CFG-07", "INS-09",
            when: .all([
                sentence, .words("cni"),
                .check { text in
                    text.tokens.contains { specifications.contains($0.hasPrefix("v") ? $0.dropFirst() : $0) }
                },
                .words(
                    "implements", "complain", "supports only", "only support", "instead of", "not support",
                    "n\"t support", "incompatib"),
                .not(.words("kubernetes-cni", "release", "cni-plugins", "package", "image", "vpc")),
            ]), needs: "what each plugin answers to VERSION"),
        // The verifier, as those call it who meet it.
        LogRule(
            .likely, "BPF-02", "BPF-06",
            when: .all([
                sentence,
                .words("complexity issue", "verification error", "verifier error", "complexity limit", "verifier"),
                .words("linux", "kernel", "bpf", "cilium", "insn", "4.19", "5.4", "5.10"),
                .not(.words("iptables rules", "network-validator", "certificate", "x509")),
            ]), needs: "the verifier's log, and nodes with another kernel"),
        // Ranges that are full from the start, with nobody in them.
        LogRule(
            .likely, "IPM-09", "IPM-02", "IPM-07",
            when: .all([
                sentence, .words("range full", "full allocation range", "range is full", "allocation range full"),
                .words("ipam", "cilium", "initial", "first pod", "start"),
            ]), needs: "the host's routes that cover the pods' range"),
        // A loop without a loop: nobody answers, and the question comes again.
        LogRule(
            .likely, "DNS-03", "DNS-04", "RTE-16", "RTE-14",
            when: .all([
                sentence, .words("loop"),
                .words("coredns", "plugin/loop", "loop detected", "detecting loop", "dns loop"),
                .words(
                    "no systemd-resolved", "without systemd-resolved", "8.8.8.8", "1.1.1.1", "valid config", "false"),
            ]), needs: "whether CoreDNS's pods reach that upstream at all"),
        // Only one of two tunnels knows of the other's size.
        LogRule(
            .likely, "MTU-03", "MTU-01", "MTU-04",
            when: .all([
                sentence, .words("mtu", "mss"),
                .words("wireguard", "tailscale", "zerotier", "openvpn", "netmaker", "nebula", " vpn", "wg0"),
                .not(.words("ipsec", "gluetun")),
            ]), needs: "the MTU of the device under the tunnel on every node"),
        LogRule(
            .likely, "MTU-01", "MTU-03", "MTU-04",
            when: .all([
                sentence,
                .any([
                    .all([.words("mss"), .words("clamp")]),
                    .all([
                        .words("large", "bigger than", "more than", "larger than"), .words("bytes", "payload"),
                        .words(
                            "timed out", "timeout", "time out", " hang", "not transfer", "n\"t transfer", "stall",
                            "fail"),
                        .words("pod", "tunl0", "node", "ipip", "vxlan", "connection", "proxy", "request"),
                    ]),
                ]),
                .not(.words("body size", "413", "client_max_body", "max-body", "upload limit", "etcd", "grpc message")),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        // What keeps an address alive that nobody else announces.
        LogRule(
            .likely, "ING-08", "ING-09", "ING-01",
            when: .all([
                sentence, .words("arping", "gratuitous arp", "gratious arp", "garp", "proxy-arp", "proxy arp"),
                .words(
                    " vip", "external ip", "load balancer", "loadbalancer", "metallb", "kube-vip", "keep", "all nodes"),
                .not(.words("works", "instead of ping", "not ping", "not `ping`", "not \"ping\"", "expected to work")),
            ]), needs: "which machines answer ARP for that address"),
    ]

    /// `c5n`, `g4dn`, `r8i-flex`, `a1`: families of Amazon's machines, by their letters.
    @Sendable private static func namesAFamily(_ text: LogText) -> Bool {
        text.tokens.contains { token in
            let name = token.hasSuffix("-flex") ? token.dropLast(5) : token
            let letters = name.prefix { $0.isLetter }
            let rest = name.dropFirst(letters.count)
            guard families.contains(letters), let generation = rest.first, ("1"..."8").contains(generation) else {
                return false
            }
            return rest.count <= 4 && rest.dropFirst().allSatisfy { "abdeginz".contains($0) }
        }
    }

    private static let families: Set<Substring> = [
        "a", "c", "m", "r", "t", "g", "p", "i", "im", "is", "d", "x", "z", "h", "f", "inf", "trn", "dl", "vt", "hpc",
    ]

    /// Versions of the CNI specification.
    private static let specifications: Set<Substring> = [
        "0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0",
    ]
}
