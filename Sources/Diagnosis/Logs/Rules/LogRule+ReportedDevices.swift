/// Reports of devices, switches and agents: what was done to them, and what they were found like.
extension LogRule {
    /// A device of a pod that takes larger packets than the tunnel they leave through: devices and sizes as `ip link`
    /// lists them.
    @Sendable private static func isLargerThanItsTunnel(_ text: LogText) -> Bool {
        var pods: [Int] = []
        var tunnels: [Int] = []
        var device: Substring = ""
        var isSize = false
        for word in text.normal.split(whereSeparator: { " ,;:<>()\n".contains($0) }) {
            if isSize, let size = Int(word) {
                if ["cali", "veth", "lxc", "cni0", "cbr0", "eni"].contains(where: device.hasPrefix) {
                    pods.append(size)
                }
                if ["tunl", "flannel", "vxlan", "cilium_vxlan", "wg", "geneve", "wireguard"]
                    .contains(where: device.hasPrefix)
                {
                    tunnels.append(size)
                }
            } else if word != "mtu", word.contains(where: \.isNumber), word.first?.isLetter == true {
                device = word
            }
            isSize = word == "mtu"
        }
        guard let pod = pods.max(), let tunnel = tunnels.min() else { return false }
        return pod > tunnel
    }

    static let reportedDevices = [
        // What was installed for pods took the machine's own network.
        LogRule(
            .possible, "RTE-12", "RTE-10", "IPM-07", "RTE-04", "RTE-17",
            when: .all([
                .words("host", "node", "machine", "install", "computer", "server", "laptop"),
                .words("network connection", "internet", "ssh", "host network", "network of the host", "wifi"),
                .words("break", "outage", "lose", "lost", "kills", "cut off", "goes down", "disconnect"), sentence,
                .not(.words("pod", "policy", "loadbalancer", "ingress")),
            ]), needs: "the host's routes and rules before and after"),
        // A tool of the agent's image that does not know what the agent says to it.
        LogRule(
            .possible, "INS-12", "INS-09", "SVC-10", "INS-07",
            when: .all([
                .words("ipset", "iptables", "nft", "bpftool", "conntrack", "ethtool", " tc "),
                .words(
                    "syntax error", "unknown option", "unrecognized option", "unknown arg", "cannot parse",
                    "bad argument"),
                .not(.words("resolv", "yaml", "json")),
            ]), needs: "the versions of the tool in the image and of the agent"),
        // A switch that is asked for a port it does not make.
        LogRule(
            .likely, "RTE-19", "INS-01", "RTE-17",
            when: .any([
                .all([
                    .words("ovs interface", "ovs port", "ovs bridge", "br-int"),
                    .words("not ready", "not found", "no match", "not exist"),
                ]),
                .all([.words("management port", "ovn-k8s-mp0", "logical switch port"), .failing]),
                .all([.words("ovs datapath", "ovs bridge", "ovs flow"), .failing, .not(.words("not supported"))]),
            ]), needs: "whether ovs-vswitchd and ovn-controller run on that node"),
        // The machine's own clients of DHCP take a device of the CNI for one of theirs.
        LogRule(
            .likely, "RTE-12", "RTE-04", "RTE-10",
            when: .all([
                .words("dhcpcd", "dhclient", "networkmanager", "connman", "avahi", "dhcp4", "systemd-networkd"),
                .words("flannel", " cali", "cilium_", "vxlan", " cni0", " veth", " lxc", "kube-bridge", "antrea-gw"),
                .words("default route", "address", "adding route", "deleting route", "lease", "link-local"),
                .words("add", "delet", "remov", "using", "set ", "solicit", "offer", "assign"),
                .not(.words("mac address", "hw-addr", "hardware address")),
            ]), needs: "which devices that program is told to leave alone, and the node's routes"),
        LogRule(
            .likely, "RTE-12", "RTE-17", "RTE-04",
            when: .all([
                .words("reload", "restarting", "bounc", "flapp", "ifdown", "wg-quick", "goes down", "down and up"),
                .words("interface", " nic", "wireguard", "wg0", "wg1", "bond", "eth0", "ens"),
                .any([.agent, .words("flannel", "calico", "cluster", "pod", "k3s", "route")]), complaint, sentence,
            ]), needs: "the rules and routes the CNI makes, before and after"),
        // An agent that is started again, or in another version, and what it finds or leaves.
        LogRule(
            .likely, "BPF-06", "RTE-04", "INS-01",
            when: .all([
                .cilium, .words("endpoint"),
                .words("restor", "stale", "not-ready", "not ready", "waiting-for-identity"),
                .not(.any([.words("endpointslice", "level=info", "endpoints:"), .words("service")])),
            ]), needs: "the state of each endpoint (cilium-dbg endpoint list)"),
        LogRule(
            .possible, "RTE-04", "BPF-06", "INS-01", "RTE-03", "INS-09",
            when: .all([
                .any([.agent, .words("calico", "weave", "kube-proxy")]),
                .words("restart", "reboot", "rollout", "recreat", "upgrad", "redeploy"),
                .words(
                    "connectivity", "unreachable", "disconnect", "network", "traffic", "no route", "communicat", "lost"),
                complaint, sentence,
            ]), needs: "the node's routes and the state of its endpoints before and after"),
        LogRule(
            .possible, "INS-09", "INS-01", "INS-07", "BPF-02", "CFG-04",
            when: .all([
                .any([.agent, .words("calico", "weave", "cni")]),
                .words("upgrad", "downgrad", "updating", "after update", "new version", "升级"), sentence,
            ]), needs: "the versions of agent, CRDs and Kubernetes against what that release supports"),
        // Windows says of a network or an endpoint that another has its name.
        LogRule(
            .possible, "CFG-04", "IPM-06", "RTE-17", "INS-01",
            when: .all([
                .words("hns", "hcn"), .words("already exists", "0x803b0010", "0x1392", "0x803b0013", "duplicate"),
            ]), needs: "HNS networks and endpoints of that Windows node (Get-HnsNetwork)"),
        LogRule(
            .possible, "RTE-07", "CFG-09", "CFG-03", when: .words("firewalld1", "org.fedoraproject.firewall"),
            needs: "whether firewalld runs, and the zone of the CNI's addresses"),
        LogRule(.likely, "MTU-01", "MTU-02", "MTU-03", when: .check(isLargerThanItsTunnel)),
        LogRule(
            .likely, "MTU-01", "MTU-03", "MTU-02", "MTU-04",
            when: .all([
                .words("mtu"),
                .words(
                    "should", "greater", "larger", "lower", "higher", "high mtu", "wrong", "exceed", "must", "too ",
                    "incorrect", "mismatch", "hard-cod", "hardcod", "not set", "ignor", "jumbo", "default", "写死",
                    "大于", "not match", "not respect", "not honor", "not honour", "not appl", "issue", "problem"),
                sentence,
            ]), needs: "the pod's MTU against the link's less the encapsulation"),
        LogRule(
            .possible, "PRF-01", "PRF-02", "NOD-01", "DNS-06", "RTE-05",
            when: .all([
                .words("latency", "slow", "throttl", "packet loss", "jitter", "performance", "cfs quota", "throughput"),
                .words("pod", "container", "network", "node", "service", "cluster", "cfs", "tcp", "udp"), sentence,
            ]), needs: "round-trip times of an empty path against the application's own"),
        // Titles of a few words, which name the thing alone.
        LogRule(
            .likely, "CFG-01", "CFG-02", "INS-01", "NOD-02",
            when: .words("conf_template", "lastcniloadstatus", "reload cni configuration", "cni config load failed"),
            needs: "what stands in the runtime's conf_dir"),
        LogRule(
            .likely, "IPM-04", "IPM-08", "IPM-06",
            when: .words("ipam ring", "claim same ip", "claim the same ip", "unreachable peer"),
            needs: "what each peer says it owns (weave status ipam), or calicoctl ipam check"),
        LogRule(
            .likely, "RTE-06", "RTE-09", "RTE-14",
            when: .all([
                sentence,
                .any([
                    .all([.words("docker"), .words("1.13")]),
                    .all([.words("ip-forwarding", "ip forwarding"), .words("broke", "drop", "stop")]),
                ]), .not(.words("registry", "image")),
            ]), needs: "the policy of FORWARD and what stands in DOCKER-USER"),
        LogRule(
            .likely, "CFG-10", "INS-05", "INS-01",
            when: .all([
                sentence,
                .words(
                    "sr-iov", "sriov", "vf passthrough", "additional interface", "additonal interface",
                    "second interface", "secondary interface", "secondary nic", "second nic"),
                .any([complaint, .words("[k3s] no ", "no addit", "not create", "cannot be created")]),
            ]), needs: "the NetworkAttachmentDefinition, and the network-status of the pod"),
        LogRule(
            .likely, "BGP-03", "BGP-01", "BGP-02",
            when: .all([
                sentence, .words("quagga", "cisco", "juniper", "mikrotik", "arista", "opnsense", "vyos"),
                .words("connect", "peer", "session", "neighbor"), complaint,
            ]), needs: "the AS numbers, addresses and passwords both sides have"),
        LogRule(
            .likely, "NOD-03",
            when: .all([
                sentence,
                .words("gc_thresh", ".neigh.", "neighbour table", "neighbor table", "arp table", "arp cache"),
                .words("bump", "adjust", "rais", "increas", "threshold", "too small", "limit"),
            ]), needs: "entries of the neighbour table against gc_thresh3"),
        LogRule(
            .possible, "PRF-01", "DNS-01", "NOD-01", "MSH-04",
            when: .all([sentence, .words("cputhrottl", "cpu throttl", "cfs quota", "cfs_quota")]),
            needs: "nr_throttled of the container's control group"),
        LogRule(
            .likely, "MTU-01", "MTU-04", "MTU-03",
            when: .all([
                sentence, .words("fragmented packet", "tcp-mss", "tcp mss", "mss clamp", "fragmented", "clamp"),
                .words(" hang", "handshake", "ssl", "tls", "fail", "stall"),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .likely, "NOD-02", when: .all([sentence, .words("fs.inotify", "inotify limit", "max_user_instances")]),
            needs: "fs.inotify.max_user_instances against what is in use"),
        LogRule(
            .likely, "RTE-17", "IPM-05", "INS-07",
            when: .all([
                sentence, .words("nerdctl0", "cni0", "cbr0", "cni-podman", "kube-bridge"),
                .words("not created", "not recreated", "deleted", "not come back"),
                .not(.words("ip address", "already")),
            ]), needs: "the bridge's own state (ip -d link)"),
        LogRule(
            .possible, "RTE-01", "RTE-10", "RTE-06", "RTE-07", "RTE-04",
            when: .all([sentence, .words("pod-to-pod communication", "cross nodes", "cross-node communication")]),
            needs: "a packet that leaves one node and whether the other sees it"),
    ]
}
