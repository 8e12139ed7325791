/// Reports of ways that do not lead: who did what to devices, routes and filters.
extension LogRule {
    private static let devices = LogPattern.words(
        "flannel.", "flannel-v6", "flannel1", "vxlan", "vtep", "overlay", "tunnel device", "tunnel interface", "geneve")

    /// Who manages a machine's network and thinks that it does so alone.
    private static let managers = LogPattern.words(
        "networkd", "networkmanager", "network manager", "netplan", "nm-cloud-setup", "cloud-init", "dhclient",
        "wicked", "ifupdown", "systemd", "nmstate", "nmcli", "ifreload")

    private static let firewalls = LogPattern.words(
        "firewalld", "ufw", "firewall", "nftables.service", "iptables.service", "csf", "shorewall", "防火墙")

    private static let virtualisers = LogPattern.words("vmware", "nsx", "esxi", "vsphere", "vmxnet", "vcloud")

    /// Versions of iptables that speak to nf_tables, when the sentence is about the program and not by it.
    @Sendable private static func namesANewIptables(_ text: LogText) -> Bool {
        guard text.has("iptables"), !text.has("tables v1."), !text.has("restore v1."), !text.has("exit status") else {
            return false
        }
        return text.tokens.contains { word in
            let version = word.hasPrefix("v") ? word.dropFirst() : word
            return version == "1.8" || version.hasPrefix("1.8.")
        }
    }

    /// What netfilter writes of a packet, with what the rule's author put in front.
    @Sendable private static func isLoggedPacket(_ text: LogText) -> Bool {
        text.has("in=") && text.has("out=") && text.has("src=") && text.has("dst=")
            && ["drop", "reject", "block", "den", "refus"].contains(where: text.has)
    }

    static let reportedRoutes = [
        // Addresses of devices that somebody sets anew.
        LogRule(
            .likely, "RTE-02", "RTE-13", "RTE-03",
            when: .all([
                devices,
                .words("mac address", "mac-address", "mac addr", "hardware address", "hw-addr", " macs", "vtepmac"),
                .words(
                    "chang", "overrid", "overwrit", "random", "persist", "assigns", "differ", "every boot", "reboot",
                    "stale", " old ", "regenerat", "mismatch", "systemd", "udev", "duplicate", "same mac"),
                .not(.words("metallb", "level=info")),
            ]), needs: "the device's own address against what the other nodes were told"),
        LogRule(
            .likely, "RTE-12", "RTE-04", "RTE-13",
            when: .any([
                .all([
                    managers,
                    .words(
                        "ip rule", "rules", "routes", "routing table", "routing polic", "policy rout", "routing rule",
                        "interfaces", "veth", "foreign"),
                    .words(
                        "ruin", "lost", "lose", "losing", "disappear", "overrid", "clear", "reset", "drop", "wipe",
                        "destroy", "purge", "break", "broke", "delet", "remov", "flush", "forget", "unmanage", "gone",
                        "interfer", "takes over", "conflict"), .not(.words("rp_filter", "mac address", "resolv")),
                ]),
                .words("removing foreign", "forgetting foreign"),
            ]), needs: "the rules and routes the CNI makes (ip rule), and ManageForeignRoutes of the manager"),
        LogRule(
            .likely, "RTE-08", "RTE-14", "RTE-06",
            when: .words("rpfilter", "rpf check", "rp filter", "rp-filter", "rpf drop", "reverse-path", "log_martians"),
            needs: "rp_filter of all and of each device of the CNI (sysctl), and IPReversePathFilter in nstat"),
        LogRule(
            .likely, "RTE-13", "RTE-12", "RTE-08",
            when: .all([
                .words("aws cni", "aws-cni", "vpc cni", "vpc-cni", "aws-node", "amazon-vpc", "eks"),
                .words("ubuntu 22", "systemd", "udev", "mac address", "al2023", "flatcar"), complaint,
                .not(.words("forbidden", "rules", "routes")), sentence,
            ]), needs: "the pod's ARP entry for its gateway against the MAC address of its veth"),
        // A new systemd sets rp_filter, and addresses of devices that others made.
        LogRule(
            .likely, "RTE-08", "RTE-02", "RTE-12",
            when: .all([
                .words("systemd"), .words("pod", "cross node", "cross-node", "traffic", "connectivity", "network"),
                .not(.any([.words("flannel", "vxlan", "systemd-resolved", "coredns", "resolv", "cgroup"), .failing])),
                complaint, sentence,
            ]), needs: "rp_filter of all and of each device of the CNI (sysctl), and its MACAddressPolicy"),
        LogRule(
            .likely, "RTE-02", "RTE-08", "RTE-12",
            when: .all([
                .words("systemd", "udev"), .words("flannel", "vxlan"),
                .words("traffic", "cross node", "cross-node", "race", "connectivity", "pod", "network"), complaint,
                sentence,
            ]), needs: "the device's own address against what the other nodes were told"),
        // Sums that the card should make and does not.
        LogRule(
            .likely, "RTE-05", "RTE-18", "MTU-01",
            when: .any([
                .all([
                    .words("ethtool"),
                    .words("tx off", "rx off", "tx-", "gso", "gro ", "tso", "offload", "-k ", "checksum"),
                ]),
                .all([
                    .words("udp checksum", "bad checksum", "incorrect checksum", "checksum error", "incsumerrors"),
                    .not(.words("image", "layer", "digest")),
                ]),
                .all([
                    .words(
                        "except icmp", "only icmp", "only ping", "ping works", "icmp works", "but not tcp", "tcp fail"),
                    .words("vxlan", "overlay", "tunnel", "geneve", "ipip", "cross", "other node", "different node"),
                ]),
            ]), needs: "the device's features (ethtool -k) and InCsumErrors during a probe"),
        LogRule(
            .likely, "RTE-05", "SVC-04", "SVC-09", "PRF-01",
            when: .all([
                .words("second", "1s ", "3s ", "63s", "1 s ", "3 s "), .words("delay", "latency", "slow", "timeout"),
                .words("nodeport", "clusterip", "externalip", "service routing"), sentence,
            ]), needs: "the device's features (ethtool -k) and InCsumErrors during a probe"),
        LogRule(
            .likely, "RTE-16", "SVC-10", "INS-07",
            when: .any([
                .all([.check(namesANewIptables), complaint]),
                .all([
                    .words("iptables"),
                    .words(
                        "nftables backend", "nft backend", "nft mode", "nftables mode", "legacy mode", "legacy backend",
                        "debian 10", "buster", "centos 8", "rhel 8", "rhel8", "ubuntu 20.10", "both backends",
                        "update-alternatives"), .not(.words("backendmode=", "tables v1.", "restore v1.")),
                ]),
            ]), needs: "both iptables-legacy-save and iptables-nft-save"),
        // The hypervisor's own network takes the same port.
        LogRule(
            .likely, "RTE-18", "RTE-01", "RTE-05",
            when: .all([
                virtualisers,
                .words(
                    "vxlan", "geneve", "4789", "8472", "overlay", "encapsul", "tunnel", "cross node", "cross-node",
                    "udp", "offload"),
            ]), needs: "whether the tunnel works through another port, and with offloads off"),
        // Docker sets FORWARD to drop when it starts.
        LogRule(
            .likely, "RTE-06", "RTE-14", "RTE-07",
            when: .all([
                .words("docker"), .words("upgrad", "1.13", "after", "install", "restart", "default", "new version"),
                .words("traffic", "communicat", "connectivity", "forward", "reach", "nodeport", "互通"), complaint,
                sentence,
                .not(.words("pull", "registry", "image", "dns", "subnet", "cidr", "overlap")),
            ]), needs: "the policy of FORWARD and what stands in DOCKER-USER"),
        LogRule(
            .likely, "RTE-06", "RTE-07",
            when: .any([
                .all([
                    .words("forward"), .words("drop", "deny", "reject"), .words("default", "polic", "docker"), sentence,
                ]),
                .all([
                    .check(isLoggedPacket),
                    .check { text in !text.texts(after: "out=", until: [" "]).allSatisfy(\.isEmpty) },
                ]),
            ]), needs: "the policy and the rules of FORWARD (iptables-save, nft list ruleset)"),
        LogRule(
            .likely, "RTE-07", "RTE-06", "RTE-01",
            when: .any([
                .check(isLoggedPacket),
                .all([
                    firewalls,
                    .words(
                        "block", "break", "broke", "drop", "stop", "reject", "prevent", "deny", "denies", "interfer",
                        "enabled", "active", "disabl", "turn off", "turned off", "flush"),
                    .words(
                        "flannel", "pod", "cni", "cluster", "node", "calico", "kube", "cilium", "k3s", "weave", "canal",
                        "vxlan", "machine", "host"), sentence,
                    .not(.words("security group", "webhook", "gke", "private cluster", "metallb", "azure", "cidr")),
                ]),
            ]), needs: "the rules of INPUT and FORWARD that reject (iptables-save, nft list ruleset)"),
        LogRule(
            .likely, "RTE-10", "BGP-02", "RTE-04",
            when: .any([
                .words(
                    "ip_autodetection", "ip autodetection", "ip auto-detection", "regexes provided",
                    "no valid host interfaces", "interface to use that matches", "interface regexes"),
                .all([
                    .check { text in
                        ["find", "get", "determine", "detect", "look up", "looking up"].contains {
                            text.has($0, before: "interface", within: 30)
                        }
                    },
                    .words("cannot", "can\"t", "could not", "unable", "fail", "no interface", "error"),
                    .words("local", "default", "public", "external", "valid", "flannel", "node", "any "),
                    .not(.words("multus", "sriov", "macvlan", "ipvlan", "veth", "lxc", "container to network", "pod ")),
                ]),
                .all([
                    .words("wrong", "incorrect", "unexpected", "bad ip", "not the right"),
                    .words(
                        "ip address", "interface", "ipv4 ", "ipv6 ", " nic", "node ip", "nodeip", "public ip",
                        "host ip", "internal ip", "external ip"),
                    .words(
                        "detect", "find", "choos", "chose", "pick", "select", "uses", "using", "assign", "regist",
                        "advertis", "bind"),
                    .any([.agent, .words("calico", "node", "kubelet", "canal")]), sentence,
                    .not(.words("pod ip", "pod gets", "pods get", "loadbalancer", "ingress")),
                ]),
                .all([
                    .words(
                        "multiple nic", "multi-nic", "two nic", "several nic", "second nic", "multiple interfaces",
                        "multiple network interfaces", "two network interfaces", "dual nic", "multi nic", "双网卡", "多网卡"),
                    .not(.words("multus", "sriov")),
                ]),
            ]), needs: "which of the machine's addresses the others reach"),
        // Which of the machine's devices and addresses is taken.
        LogRule(
            .likely, "RTE-10", "BGP-02", "INS-01",
            when: .any([
                .all([
                    .words(
                        "routing device", "routingdevice", "--iface", "public-ip", "public_ip", "first interface",
                        "first network", "default interface", "interface ip", "node-external-ip", "vagrant",
                        "10.0.2.15"), .not(.words("level=info", "[info]", "loadbalancer", "load balancer")),
                    .any([
                        .agent,
                        .words(
                            "flannel", "calico", "node", "annotation", "cilium", "discover", "host", "guess", "public"),
                    ]),
                ]),
                .all([
                    .cilium, .words("bridge", "bond", "vlan", "device"),
                    .words("detect", "function", "won\"t", "prevent", "external", "select", "determin"), sentence,
                ]),
                .all([
                    .words("different network", "different subnets", "behind nat", "behind a nat"),
                    .words("pod", "node"),
                    complaint, sentence,
                ]),
            ]), needs: "which of the machine's addresses the others reach"),
        LogRule(
            .likely, "RTE-11", "RTE-10", "RTE-04",
            when: .any([
                .words("crosssubnet", "cross-subnet", "crosssubnets"),
                .all([
                    .words("vxlanmode", "ipipmode", "vxlan mode", "ipip mode", "ip-in-ip mode", "mixed mode"),
                    .words("however", "but ", "still", "instead", "missing", "sends", "wrong"), sentence,
                ]),
            ]), needs: "the backend every node was told"),
        LogRule(
            .likely, "RTE-17", "RTE-12", "RTE-04",
            when: .any([
                .words("lower-layer-down", "lowerlayerdown", "lower layer down"),
                .all([
                    .words(
                        "vxlan.calico", "flannel.1", "tunl0", "cni0", "cilium_", "interface", " veth", " int ",
                        "calixx",
                        "cali interface", "bridge"),
                    .words(
                        " down", "disappear", "no cali", "no veth", "not there", "no longer exist", "anymore",
                        "is gone", "not exist"), sentence,
                    .not(.words("downgrad", "download", "cannot find local")),
                ]),
                .all([.words("cannot find device"), .words("tap", "cali", "veth", "lxc", "eth", "dev ")]),
            ]), needs: "the state of the device and of its other end (ip link)"),
        LogRule(
            .possible, "RTE-04", "RTE-19", "RTE-01", "RTE-17",
            when: .any([
                .all([
                    .words("gateway", "网关", " gw ", "gw,"),
                    .words("ping", "subnet", "node gateway", "centralized", "visit", "reach", "网关"),
                    .any([complaint, .words("not ", "failed")]),
                    .not(.words("bad gateway", "ingress", "gateway api", "istio", "nat gateway", "submariner")),
                ]),
                .all([.words("subnet", "vpc"), .words("ping", "communicat", "reach"), complaint, sentence]),
            ]), needs: "whether the gateway of the subnet answers from that node, and its flows"),
        LogRule(
            .likely, "RTE-19", "INS-01",
            when: .all([
                .openVSwitch,
                .words(
                    "already running", "exits", "exited", "退出", "crash", "failed to ping gw", "is dead", "segfault",
                    "not started", "won\"t start"), .not(.words("level=info")),
            ]), needs: "whether ovs-vswitchd and ovsdb-server run on that node, and once only"),
        LogRule(
            .likely, "BGP-05", "BGP-03", "BGP-01", "BGP-02",
            when: .all([
                .words(
                    "route reflector", "route-reflector", "rr.client", "rr.server", "node mesh", "node-mesh",
                    "mesh network", "full mesh", "full-mesh"),
                .words("bgp", "peer", "reflector", "bird", "calico", "kube-router", "node"), sentence,
                .not(.words("service mesh", "istio", "linkerd")),
            ]), needs: "the sessions of every node against the reflectors' labels"),
        // Routes that are not there, or are not taken away.
        LogRule(
            .likely, "RTE-04", "RTE-12", "RTE-03", "BGP-05",
            when: .all([
                .words("route ", "routes", "routing table", " rib"),
                .words(
                    "missing", "not add", "not creat", "not populat", " lost", "not program", "not install",
                    "not propagat", "disappear", "go away", "goes away", "not push", "not exchang", "stale",
                    "not remov", "not clean", "not updat", "not sync", "not learn", "not distribut", "delete"),
                .words("node", "peer", "pod", "kube-router", "calico", "flannel", "cilium", "cluster", "host"),
                sentence,
                .not(.words("httproute", "ingress", "virtualservice", "openshift route", "grpcroute", "gateway api")),
            ]), needs: "the agent's routes against the list of nodes"),
        LogRule(
            .likely, "RTE-14", "RTE-06", "DNS-04", "POL-01",
            when: .all([
                .words(
                    "internet", "outside world", "outside the cluster", "external network", "external world",
                    "outbound", "public network", "外网", "公网", "egress to"),
                .words("pod", "container", "容器"), complaint, sentence,
                .not(.words("ingress", "loadbalancer", "load balancer", "policy", "from the internet", "nodeport")),
            ]), needs: "whether packets of pods leave the node with the node's address"),
        // Between machines, with no word of what stands in the way.
        LogRule(
            .possible, "RTE-01", "RTE-06", "RTE-07", "RTE-04", "RTE-02", "RTE-10",
            when: .all([
                .words(
                    "other pod", "another pod", "different host", "multi-host", "multi host", "other host",
                    "another host", "remote host",
                    "between hosts", "across hosts", "across nodes", "other node", "another node", "different node",
                    "between nodes", "cross node", "cross-node", "inter-node", "node to node", "pod to pod", "pod-pod",
                    "pod2pod",
                    "pod-to-pod", "each other", "跨节点", "不同节点", "跨主机", "another worker"),
                .words("pod", "container", "flannel", "calico", "cilium", "weave", "vxlan", "ping"), complaint,
                sentence,
                .not(.words("policy", "schedul", "affinity")),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
    ]
}
