/// What helped names what was wrong: whoever tells that pods talk again since a checksum is not computed by the card, or
/// that a lookup is quick with one more option, has told the cause. Asked of prose only, before what else it tells.
extension LogRule {
    /// Something that was tried, and after which it went well.
    private static let helped = LogPattern.all([
        .words(
            " helps", " helped", "solve", " fixes", "fixed it", "fixed the", "fixed by", "fixed this", "until i ",
            "until we ", "until it is", "unless i ", "unless we ", "works after", "worked after", "works again",
            "made it work", "makes it work", "goes away", "went away", "gone after", "gone with", "stops with",
            "stopped with", "stops when", "stopped when", "cured", "workaround", "work around", "then it works",
            "repairs", "repaired", "did the trick", "only works with", "only work with", "works once", "worked once",
            "works as soon as", "worked as soon as", "works fine with", "works with", "works if i", "works when i",
            "is fine after", "are fine after", "resolves the", "resolved the", "resolves it", "resolved it",
            "back to normal after", "comes back after", "came back after", "recovers after", "recovered after",
            "came up after",
            "only came up", "cures it", "settled it", " removes it", " removes the", "it is gone when", "is gone once",
            "all is well with", "then all works", "then all is well", "made the difference", "was the fix",
            "the fix was",
            "the solution was", "was the solution", "was missing, now", "now it works", "now works"),
        .not(inVain),
    ])

    /// Something that was tried, and after which nothing was better.
    private static let inVain = LogPattern.words(
        "not help", "n\"t help", "no help", "not solve", "n\"t solve", "not fix", "n\"t fix", "without success",
        "no effect", "no change", "in vain", "to no avail", "changed nothing", "no difference", "same result",
        "not change anything", "n\"t change anything")

    private struct Remedy: Sendable {
        var codes: [String]
        var words: LogPattern
        var needs: String
    }

    private static func remedy(_ codes: String..., by words: LogPattern..., needs: String) -> Remedy {
        Remedy(codes: codes, words: .all(words), needs: needs)
    }

    static let remedies: [LogRule] =
        known.map { one in
            LogRule(.likely, codes: one.codes, when: .all([helped, one.words]), needs: [one.needs])
        }
        + known.map { one in
            LogRule(
                .likely, codes: one.codes, when: .all([.check(orders), one.words, .not(inVain)]), needs: [one.needs])
        }
        + known.map { one in
            LogRule(.possible, codes: one.codes, when: .all([advised, one.words, .not(inVain)]), needs: [one.needs])
        }

    /// What somebody says is to be done, where it may as well be what they expected.
    private static let advised = LogPattern.words(
        "imperative", "is required", "are required", "requirement", "requires ", "needs to be", "need to ", "must be",
        "have to ", "has to ", "recommend", "to resolve this", "to address this", "to fix ", "we run", "make sure",
        "be sure to", "needed for", "is needed", "you should", "one should", "i added", "we added", "we set ", "i set ",
        "by adding", "by setting", "when setting up", "known issue", "this will fix", "should be set", "should be 0",
        "should be 1", "should be off", "should be on")

    /// Whether a sentence of it tells somebody to do something, as titles of changes do: "Set MACAddressPolicy=none",
    /// "fix(nodeup): raise gc_thresh3". Nobody changes what was not wrong. What a program is doing ("Setting ...") or did
    /// ("Installed ...") is another form.
    @Sendable private static func orders(_ text: LogText) -> Bool {
        if !text.isSentence || text.has("set sysctl") { return false }
        return text.normal.split(whereSeparator: { $0 == "\n" || $0 == ";" }).contains { line in
            let all = line.split(separator: " ")
            // Hardly more than the setting's name.
            if all.count <= mostOfAName, line.count == text.normal.count,
                !line.contains(where: { "{=:".contains($0) }), let first = all.first, !first.hasSuffix("ed"),
                !first.hasSuffix("ing")
            {
                return true
            }
            let words = all.drop {
                $0.hasSuffix(":") || ($0.hasPrefix("[") && $0.hasSuffix("]")) || $0 == "wip" || $0 == "please"
            }
            guard let verb = words.first else { return false }
            // With "=" it is what sysctl prints of a setting, whatever its value.
            if verb.hasPrefix("net.") || verb.hasPrefix("fs.") || verb.hasPrefix("kernel.") {
                return words.dropFirst().first != "="
            }
            return verbs.contains(verb)
                || verb.hasSuffix("s")
                    && (verbs.contains(verb.dropLast()) || verb.hasSuffix("es") && verbs.contains(verb.dropLast(2)))
        }
    }

    private static let mostOfAName = 3

    private static let verbs: Set<Substring> = [
        "add", "allow", "apply", "avoid", "bump", "change", "check", "clamp", "combine", "configure", "copy", "create",
        "default", "detect", "disable", "document", "do", "don\"t", "enable", "ensure", "exclude", "fall", "fix",
        "force", "grant", "handle", "ignore", "include", "increase", "install", "keep", "load", "lower", "make", "move",
        "open", "override", "patch", "permit", "preserve", "prevent", "raise", "rebuild", "recreate", "reduce",
        "refresh", "remove", "rename", "replace", "restart", "restore", "retry", "revert", "run", "set", "setup",
        "skip", "start", "stop", "support", "switch", "tolerate", "tune", "turn", "unset", "update", "upgrade", "use",
        "wait", "workaround",
    ]

    /// Causes whose remedy somebody tried in vain: they are less likely for it.
    static func triedInVain(_ text: LogText) -> Set<String> {
        if !text.isSentence || !inVain.matches(text) || helped.matches(text) { return [] }
        return Set(known.filter { $0.words.matches(text) }.compactMap(\.codes.first))
    }

    private static let known: [Remedy] = [
        remedy(
            "RTE-05", by: .words("checksum", "tx-csum", "offload", "ethtool -k"),
            needs: "checksum errors while it is tried (nstat -az), and once more with tx-checksumming on"),
        remedy(
            "RTE-08", by: .words("rp_filter", "reverse path filter", "reverse-path filter"),
            needs: "rp_filter of all and of the device, and the counter IPReversePathFilter"),
        remedy(
            "RTE-09", by: .words("ip_forward", "ip forwarding"), needs: "sysctl net.ipv4.ip_forward"),
        remedy(
            "RTE-06", "RTE-07",
            by: .words("forward"), .words("accept", "policy", "iptables", "chain"),
            needs: "a packet of a pod walked through the node's FORWARD chain"),
        remedy(
            "MTU-01", "MTU-03", "MTU-04",
            by: .words("mtu", "mss"),
            .words("lower", "reduc", "small", "decreas", "set", "clamp", "chang", "to 1", "="),
            needs: "the pod's MTU against the link's less the encapsulation"),
        remedy(
            "BGP-03", "BGP-01", by: .words("multihop", "multi-hop", "ebgp"),
            needs: "addresses, autonomous systems, hops and passwords that both ends expect"),
        remedy(
            "SVC-07", by: .words("bridge-nf-call", "bridge_nf_call", "br_netfilter"),
            needs: "net.bridge.bridge-nf-call-iptables of that node"),
        remedy(
            "SVC-08", by: .words("hairpin", "promiscuous"), needs: "hairpin_mode of the pod's port on the bridge"),
        remedy(
            "RTE-13", "RTE-02", by: .words("macaddresspolicy", "mac address policy"),
            .words("aws", "vpc cni", "veth", "azure", "ubuntu", "eks", "amazonvpc"),
            .not(.words("flannel", "vxlan", "vtep")),
            needs: "the veth's MAC against the pod's entry for its gateway"),
        remedy(
            "RTE-02", "RTE-13", by: .words("macaddresspolicy", "mac address policy"),
            needs: "the device's MAC against the one that was announced"),
        remedy(
            "RTE-02", "RTE-13", by: .words("flannel", "vxlan"),
            .words(".link ", ".link file", "mac address", "vxlan mac"),
            needs: "the device's MAC against the one that was announced"),
        remedy(
            "RTE-12",
            by: .words(
                "manageforeign", "unmanaged", "leave alone", "ignore the cali", "keep-configuration", "foreign route",
                "foreign ip rule", "foreign rule", "foreign routing"),
            .not(.words("macaddresspolicy")), needs: "the rules and routes the CNI makes, and who manages devices"),
        remedy(
            "RTE-16",
            by: .words(
                "iptables-legacy", "legacy iptables", "update-alternatives", "iptables-nft", "iptablesbackend",
                "iptables backend", "nft backend", "nft mode", "iptables 1.8", "iptables mode on the host"),
            needs: "iptables-legacy-save and iptables-nft-save of that node"),
        remedy(
            "RTE-15", "RTE-08",
            by: .words(
                "source/dest", "src/dst", "source dest", "source/destination check", "allowed address pair",
                "port security"),
            needs: "the cloud's check of sources, per interface"),
        remedy(
            "ING-08", by: .words("strictarp", "strict arp", "arp_ignore"),
            needs: "which machines answer ARP for that address"),
        remedy(
            "DNS-06", by: .words("single-request", "use-vc", "single request"),
            needs: "insert_failed of conntrack -S while it is tried"),
        remedy(
            "DNS-08", by: .words("ndots", "trailing dot", "dot at the end"), needs: "the search list of the pod"),
        remedy(
            "NOD-03", by: .words("gc_thresh", "neighbour table", "neighbor table", "arp_cache", "arp cache size"),
            needs: "neighbours against gc_thresh3"),
        remedy(
            "SVC-11", by: .words("conntrack"),
            .words("maxpercore", "max-per-core", "to change", "trying to set", "not set", "n\"t set", "permission"),
            needs: "whether the node's sysctls are writable, and conntrack.maxPerCore"),
        remedy(
            "SVC-09",
            by: .words(
                "conntrack_max", "conntrack-max", "nf_conntrack", "conntrack limit", "conntrack table",
                "conntrack size",
                "conntrack entries"),
            .not(.words("udp", "nf_conntrack_ipv4")), needs: "nf_conntrack_count against its maximum"),
        remedy("NOD-02", by: .words("inotify", "max_user_instances", "max_user_watches"), needs: "fs.inotify limits"),
        remedy(
            "BGP-02", "RTE-10",
            by: .words(
                "autodetection", "auto-detection", "can-reach=", "interface=", "nodeaddressautodetection",
                "skip-interface"),
            needs: "the address the node announces against its interfaces"),
        remedy(
            "RTE-10", "BGP-02", by: .words("--iface", "node-ip", "nodeip", "flannel-iface"),
            needs: "the tunnel's local address against the node's"),
        remedy(
            "INS-07", by: .words("modprobe", "modules-extra", "kernel module", "kernel-modules"),
            needs: "the modules of the running kernel"),
        remedy(
            "RTE-15", "RTE-01", "RTE-08", by: .words("crosssubnet", "cross-subnet", "cross subnet"),
            needs: "what stands between two machines of one subnet, and the cloud's check of sources"),
        remedy(
            "BGP-01", by: .words("port 179", "tcp 179", "179/tcp", ":179"), needs: "TCP 179 both ways"),
        remedy(
            "RTE-01", "AWS-05", "RTE-15",
            by: .words(
                "protocol 4", "ipip", "8472", "4789", "6081", "51820", "51871", "vxlan", "geneve", "node to node",
                "between the nodes", "between nodes"),
            .words("security group", "firewall", "allow", "open", "permit", "acl"),
            needs: "the firewalls and security groups between the two nodes"),
        remedy(
            "RTE-07", "RTE-06", "RTE-01",
            by: .words("firewalld", "ufw ", "nftables service", "iptables service", "iptables -f"),
            needs: "the INPUT and FORWARD chains of the machine, and who made them"),
        remedy(
            "SVC-06",
            by: .words(
                "0.0.0.0", "all addresses", "all interfaces", "every address", "any address", "binding", "bind address"),
            .words("127.0.0.1", "localhost", "loopback", "local address"),
            needs: "the address the program listens on (ss -ltn)"),
        remedy(
            "IPM-03", by: .words("/var/lib/cni/networks", "/var/lib/cni"),
            needs: "reservations of the store against the runtime's sandboxes"),
        remedy(
            "IPM-05",
            by: .words(
                "delete cni0", "deleting cni0", "delete the bridge", "deleting the bridge", "link delete cni0",
                "removing cni0"),
            needs: "the bridge's address against the node's range"),
        remedy(
            "DNS-03", "DNS-07", by: .words("resolv-conf", "resolvconf", "/run/systemd/resolve"),
            needs: "the resolv.conf that kubelet hands on, and CoreDNS's forward"),
        remedy(
            "SVC-12", by: .words("externaltrafficpolicy", "traffic policy to cluster", "traffic policy cluster"),
            needs: "the Service's externalTrafficPolicy, and where its pods run"),
        remedy(
            "RTE-14", by: .words("masquerad", "ip-masq", "ipmasq", "snat", "source nat"),
            .not(.words("ipvs", "hairpin", "own service")),
            needs: "whether the node masquerades the pod's address (nat POSTROUTING)"),
        remedy("BPF-01", by: .words("mount bpffs", "mounting bpffs", "/sys/fs/bpf"), needs: "the mounts of the node"),
        remedy(
            "RTE-18", "RTE-01", by: .words("vxlan", "tunnel", "overlay", "vtep", "flannel port", "backend port"),
            .words(
                "another port", "other port", "different port", "port to ", "the port", "4789 to", "8472 to", "vni",
                "port from", "vxlan port", "vtep port", "tunnel port", "backend port", "port conflict"),
            .not(.words("security group", "firewall", "open")),
            needs: "who else uses the tunnel's UDP port, on the nodes and below them"),
        remedy(
            "INS-03", "INS-02",
            by: .words("containernetworking-plugins", "kubernetes-cni", "cni-plugins", "reference plugins"),
            needs: "the plugins the list names against the files in the folder"),
        remedy(
            "INS-05", by: .words("bin_dir", "conf_dir", "bindir", "confdir", "cnibindir", "cniconfdir", "cni.binpath"),
            needs: "the folders the runtime reads against those the agent writes"),
        remedy(
            "CFG-04", "CFG-05", by: .words("net.d"), .words("remov", "delet", "renam", "mov"),
            .not(.words("everything", "/*")), needs: "the files of the runtime's conf_dir in their order"),
        remedy(
            "CFG-07", by: .words("cniversion", "cni version", "same supported version", "supportedversions"),
            needs: "what each plugin answers to VERSION"),
        remedy(
            "IPM-01", by: .words("allocate-node-cidrs", "cluster-cidr", "podcidr"),
            .words("set", "add", "pass", "patch", "start", "option", "flag"),
            .not(.words("overlap", "conflict", " range")), needs: "spec.podCIDR of every node"),
        remedy(
            "IPM-07",
            by: .words(
                "another range", "other range", "different range", "different cidr", "another cidr",
                "another subnet", "different subnet", "non-overlapping"),
            needs: "the pods' and Services' ranges against every route of the nodes"),
        remedy(
            "AWS-02", by: .words("secondary cidr", "bigger subnet", "larger subnet", "another subnet", "more subnets"),
            needs: "free addresses of the subnets"),
        remedy(
            "AWS-04",
            by: .words("iam policy", "iam role", "iam permission", "cni_policy", "cnipolicy", "instance profile"),
            needs: "the error code of the last EC2 call"),
        remedy(
            "AWS-05", "DNS-09", by: .words("security group"),
            .not(.words("protocol 4", "ipip", "8472", "4789", "6081", "vxlan", "geneve", "between nodes")),
            needs: "the security groups of both ends"),
        remedy(
            "ING-02", by: .words("subnet"), .words("tag", "kubernetes.io/role", "kubernetes.io/cluster"),
            needs: "the tags of the subnets"),
        remedy(
            "GCP-01", "WHK-01", by: .words("webhook", "admission", "master", "control plane", "private node"),
            .words("gke", "private cluster", "gcp ", "google"),
            .words("firewall", "timeout", "port", "private"), needs: "the firewall rule from the control plane's range"),
        remedy(
            "WHK-01", "GCP-01", by: .words("webhook"),
            .words("hostnetwork", "host network", "firewall", "master", "port"),
            needs: "whether the API server itself reaches the pod's port"),
        remedy("SVC-02", by: .words("targetport", "target port"), needs: "the Service's targetPort and what listens"),
        remedy(
            "SVC-01", by: .words("selector", "label"), .words("service"), .not(.words("networkpolicy", "policy")),
            needs: "the Service's selector against the pods' labels"),
        remedy(
            "POL-05", "POL-02", by: .words("namespace"), .words("label"), .words("policy", "policies"),
            needs: "the labels of the namespace the rule names"),
        remedy(
            "POL-04", by: .words("networkpolic", "network polic", "netpol", "podselector", "selectors"),
            .words(
                "logical and", "same rule", "single rule", "one rule", "one item", "same item", "same entry",
                "in combination", "intersection", " and podselector", "selector and", "and pod selector"),
            needs: "whether the two selectors stand in one item of the list"),
        remedy(
            "DNS-10", "DNS-05", by: .words("nodelocal", "node-local", "node local", "local dns cache"),
            .words("ipblock", "ip block", "cidr", "hostnetwork", "host network", "polic", "egress", "world"),
            needs: "the nameserver in the pod's resolv.conf"),
        remedy(
            "DNS-05", "DNS-10", by: .words("policy", "policies", "egress"),
            .words("port 53", "dns", "udp 53", "53/udp"),
            .not(.words("external-dns", "dnspolicy")),
            needs: "the egress rules of the policies that select the pod"),
        remedy(
            "MSH-06", by: .words("prestop", "terminationdrainduration", "drain", "exit_on_zero"),
            needs: "how long a pod serves after it was told to end"),
        remedy(
            "MSH-02", by: .words("permissive", "istio_mutual", "tls mode", "mode: disable", "peerauthentication"),
            needs: "which side of the connection speaks TLS"),
        remedy(
            "NOD-04", "INS-01", by: .words("memory limit", "memory limits", "more memory", "memory request"),
            needs: "the agent's memory against its limit, and the kernel's log"),
        remedy(
            "BPF-03", by: .words("map size", "bpf-map", "bpfmapsize", "policy-map-max", "map-dynamic-size"),
            needs: "entries of the map against its size"),
        remedy(
            "API-01", by: .words("token", "kubeconfig"),
            .words("refresh", "renew", "recreat", "regenerat", "new token", "rotat"),
            needs: "the token's end, and when the file was written"),
        remedy(
            "MCL-02", by: .words("4500", "udp 500", "nat traversal", "nat-t", "natt"),
            needs: "UDP 500 and 4500 between the gateways"),
        remedy(
            "CFG-06",
            by: .words("cni.exclusive", "cni-exclusive", "exclusive=false", "exclusive: false", "nonexclusive cilium"),
            needs: "files ending in .cilium_bak"),
        remedy(
            "INS-04", "INS-02", by: .words("text file busy", "file busy"), needs: "who executes that file (lsof)"),
        remedy(
            "INS-11", by: .words("mount sharing", "mount propagation", "make-rshared", "make-shared", "shared mount"),
            .not(.words("not a shared")), needs: "the propagation of that mount in /proc/self/mountinfo"),
        remedy(
            "BPF-05", "BPF-02",
            by: .words("kptr_restrict", "bpf_jit_harden", "restrictedkernel", "restricted kernel", "kernel lockdown"),
            needs: "kernel.kptr_restrict and net.core.bpf_jit_harden"),
        remedy(
            "RTE-19",
            by: .words("flow-restore-wait", "ovs flow", "ovs datapath flow", "datapath flows", "openflow flows"),
            .not(.cilium), needs: "the flows of br-int after the agent has started"),
        remedy(
            "SVC-04", "SVC-10", by: .words("kube-proxy", "kube proxy"),
            .words("cleanup", "clean up", "cleans up"), .words("ipvs", "iptables", "nft", "mode"),
            needs: "kube-proxy's mode on every node, and chains of the other mode that are left"),
        remedy(
            "INS-09", "AWS-01", by: .words("instance type", "instance famil", "instance class"),
            .not(.words("max pods", "max-pods", "maxpods", "autoscal", "spot", "karpenter")),
            needs: "whether that release of the plugin knows the family"),
        remedy(
            "CFG-09", "INS-03", by: .words("portmap", "hostport", "host port"), .words("chain", "plugin", "portmap"),
            needs: "whether portmap stands in the list, and its file in the folder"),
        remedy(
            "MCL-01", by: .words("clustercidr", "cluster cidr", "clusterset cidr"), .words("submariner", "subctl"),
            needs: "the range each cluster announces against its own"),
    ]
}
