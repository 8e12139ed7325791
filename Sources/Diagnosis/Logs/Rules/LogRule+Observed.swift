import Addressing

/// What people and tools say they saw where no program complains: two values side by side, a way that leads elsewhere, a
/// table that is nearly full.
extension LogRule {
    static let observed = [
        LogRule(
            .likely, "RTE-03", "RTE-04",
            when: .any([
                .words("l3 miss", "l2 miss", "l3miss", "l2miss"),
                .all([
                    .words("route for "), .words("not found"), .not(.words("host", "httproute", "ingress")),
                ]),
            ]), needs: "the agent's routes and neighbours against the list of nodes"),
        LogRule(
            .likely, "RTE-02", "RTE-03",
            when: .all([
                .words("mac address", "mac of", " mac "),
                .words("flannel", "vxlan", "vtep", "tunnel", "fdb"),
                .words(
                    "new mac", "stale", " old ", "another", "overwrit", "after a reboot", "after reboot",
                    "no longer"),
            ]), needs: "the device's own address against what the other nodes were told"),
        LogRule(
            .likely, "RTE-13", "RTE-02",
            when: .all([
                .words("static arp", "static entry", "permanent", "arp entry"),
                .words("veth", "eni", "aws"),
                .words("overwrit", "old one", "rewrit", "another mac", "other mac", "systemd", "udev"),
            ]), needs: "the pod's ARP entry for its gateway against the MAC address of its veth"),
        LogRule(
            .likely, "RTE-04", "RTE-03", "API-03",
            when: .all([
                .words("route"),
                .words("only one of", "only some of", "not all", "lacks", "is missing", "none of the"),
                .words("node", "pod", "flannel", "calico", "cilium"),
                .not(.words("reflector", "httproute", "ingress")),
            ]), needs: "the agent's routes and neighbours against the list of nodes"),
        LogRule(
            .likely, "RTE-04", "IPM-07", "RTE-20",
            when: .all([
                .words("route", "via ", " dev "),
                .words("instead of", "rather than", "wrong device", "not via"),
                .words(
                    "flannel", "tunl0", "vxlan", "cni0", "cilium_", "docker0", "wireguard", "eth", "ens"),
                .not(.words("mac", "mtu")),
            ]), needs: "which route is the more exact one, and who made it"),
        LogRule(
            .likely, "RTE-20", "RTE-04",
            when: .all([
                .words("ip route get", "best route", "route to the node", "node\"s address", "node ip"),
                .words(
                    "dev tunl0", "dev flannel", "dev vxlan", "dev cilium", "learned by bgp", "proto bird"),
                // `10.42.3.9 via 10.42.3.0 dev flannel.1` is the way to another node's pods.
                .not(.check { text in PrintedRoute.leadsToAPeersRange(text) }),
            ]), needs: "the way to the node's own network (ip route get)"),
        LogRule(
            .likely, "RTE-11", "RTE-03",
            when: .any([
                .all([.words("ipipmode"), .words("vxlanmode"), .not(.words("never"))]),
                .all([
                    .words("half of the nodes", "some of the nodes", "on the others", "the other nodes"),
                    .words("ipip", "host-gw", "geneve"), .words("vxlan", "native"),
                ]),
            ]), needs: "the backend every node was told"),
        LogRule(
            .likely, "RTE-01", "AWS-05", "RTE-07",
            when: .all([
                .words(
                    "protocol 4", "proto 4", "ipip", "ip-in-ip", "udp 8472", "udp 4789", "udp 6081",
                    "udp 51820"),
                .words(
                    "no rule for", "not allowed", "not open", "closed", "do not answer", "does not answer",
                    "no answer"),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        LogRule(
            .likely, "BGP-02", "RTE-10",
            when: .any([
                .all([
                    .words("virbr0", "docker0", "docker_gwbridge", "br-", "cni-podman0", "lxdbr0"),
                    .words("chose", "picked", "selected", "autodetect", "took ", "uses the address"),
                ]),
                .all([
                    .words("calico node \""), .words("ipv4", "ipv6", "address"),
                    .words("conflict", "previously used", "now has"),
                ]),
            ]), needs: "whose address the peer's is"),
        LogRule(
            .likely, "IPM-06", "IPM-04", "IPM-08",
            when: .all([
                .words("both advertise", "both announce", "both claim"), .words("/", "address", "cidr"),
                .not(.words("podcidr", "metallb", "as number")),
            ]), needs: "what calicoctl ipam check says"),
        LogRule(
            .likely, "IPM-06", "RTE-04",
            when: .all([
                .words("another interface", "other interface", "a different interface"),
                .words("holds", "already", "has the address", "conflict"), .words("route", "address", "/32"),
            ]), needs: "which interface's pod lives"),
        LogRule(
            .likely, "IPM-04", "IPM-06",
            when: .all([
                .words("blockaffinit", "block affinit"), .words("claimed by", "owned by", "belongs to", "held by"),
            ]),
            needs: "what calicoctl ipam check says"),
        LogRule(
            .likely, "IPM-09", "IPM-07",
            when: .all([
                .words("covered by", "existing route", "existing routes", "taken by a route"),
                .words("range", "cidr", "subnet"),
                .words("router ip", "ipam", "alloc", "pod range", "podcidr"),
            ]), needs: "routes of the node that lie in its pods' range"),
        LogRule(
            .likely, "IPM-11", "IPM-02",
            when: .all([
                .words("nodeipam", "cluster cidr", "cluster-cidr", "clustercidr"),
                .words("no room", "could not allocate", "cannot allocate", "too few", "no space", "used up"),
            ]), needs: "2^(mask - prefix) against the nodes"),
        LogRule(
            .likely, "IPM-05", "IPM-01", "IPM-08",
            when: .all([
                .words("cni0", "cbr0", "bridge"), .words("subnet.env", "podcidr", "pod cidr", "config", "conflist"),
                .words("but ", "now says", "instead", "differs", "another range"),
                .check { text in
                    Set(
                        text.tokens.filter {
                            $0.contains("/") && IPPrefix(String($0.prefix { $0 != "/" }) + "/32") != nil
                        }
                    ).count > 1
                },
            ]), needs: "the bridge's address against the node's range"),
        LogRule(
            .likely, "RTE-16", "SVC-10", when: .words("is incompatible, use"),
            needs: "both iptables-legacy-save and iptables-nft-save"),
        LogRule(
            .likely, "BGP-01", "BGP-03", "BGP-02",
            when: .all([
                .words("bgp", "neighbor"), .any([.timeout, .unreachable, .nobodyListens]),
                .words("state active", "state idle", "state connect", "connecting to", "state: active", "state=active"),
            ]), needs: "TCP 179 both ways; whose address the peer's is"),
        // As many as there may be.
        LogRule(
            .likely, "BPF-03", "SVC-09", "POL-10",
            when: .all([
                .words(" map"), .words("entries", "elements"),
                .check { text in
                    let words = text.normal.split { !($0.isLetter || $0.isNumber) }
                    return words.indices.dropFirst().dropLast().contains { place in
                        (words[place] == "of" || words[place] == "out") && words[place - 1] == words[place + 1]
                            && (Int(words[place - 1]) ?? 0) > 1
                    }
                },
            ]), needs: "cilium_bpf_map_pressure, or the map's max_entries against what is in it"),
        LogRule(
            .likely, "MTU-02", "MTU-01",
            when: .all([
                .words("mtu"), .words("others", "elsewhere", "the rest", "other nodes", "everywhere else"),
                .check { text in
                    Set(text.tokens.compactMap { UInt16($0) }.filter { (1200...9216).contains($0) }).count > 1
                },
            ]), needs: "the MTU of the same device on every node"),
        LogRule(
            .likely, "IPM-06", "CFG-10", "RTE-17",
            when: .all([
                .words("renam"), .words("interface", "link", "eth0", "net1", "veth"),
                .words("file exists", "already exists", "failed", "error", "busy"),
            ]), needs: "what is in that network namespace already"),
        LogRule(
            .likely, "IPM-11", "IPM-04", "IPM-02",
            when: .words("no unclaimed blocks", "is too small for", "no blocks left", "no free blocks"),
            needs: "blocks of the pool against the nodes"),
        LogRule(
            .likely, "INS-05", "CFG-02", "INS-02", "INS-01",
            when: .any([
                .all([
                    .words("bin_dir", "plugin_dirs", "conf_dir", "network_dir", "bin_dirs"),
                    .words(
                        "invalid", "cannot", "no such", "not found", "does not exist", "both", "while", "written to",
                        "but ", "instead"),
                ]),
                .all([.words("hostpath type check failed"), .words("cni")]),
            ]),
            needs: "the runtime's bin_dir and conf_dir against the folders the agent's DaemonSet writes"),
        LogRule(
            .likely, "CFG-07", "INS-09", when: .words("unknown cni_command"),
            needs: "the cniVersion of the list against what each plugin answers to VERSION"),
        LogRule(
            .likely, "INS-12", "INS-02", "CFG-03",
            when: .all([
                .words("oci runtime", "container process", "containerd task"), .words("exec: \""),
                .words("permission denied"), ofTheNetwork,
            ]), needs: "the mode of that file in the image, and what is mounted over it"),
        LogRule(
            .likely, "INS-09", "API-02", "API-03",
            when: .all([
                .words("waiting for crds", "waiting for crd", "crds to be available", "crds are not ready")
            ]),
            needs: "which of the CRDs the cluster serves, in which version"),
        LogRule(
            .likely, "INS-07", "INS-09",
            when: .words("disagrees about version of symbol", "unknown symbol"),
            needs: "the module against the running kernel (modinfo, uname -r)"),
        LogRule(
            .likely, "BPF-05", "BPF-02", "INS-09", "INS-07",
            when: .all([
                .words("kernel"),
                .words(
                    "is older than", "too old", "at least", "or newer", "minimum", ">=", "does not support",
                    "need kernel",
                    "unsupported kernel"),
                .words("bpf", "cilium", "xdp", "calico", "felix", "btf"),
            ]), needs: "uname -r against what that version of the agent asks for"),
        LogRule(
            .likely, "API-02",
            when: .all([.words("is forbidden"), .words(".io ", ".io \"", ".io/"), .agent]),
            needs: "the rules of the agent's ClusterRole"),
        LogRule(
            .likely, "INS-01", "RTE-07", "RTE-01", "API-03",
            when: .all([
                .any([.port(5473), .words("typha")]),
                .any([.timeout, .unreachable, .nobodyListens, .words("fail", "reset by peer", "eof")]),
            ]), needs: "whether Typha runs, and TCP 5473 from that node to its"),
        LogRule(
            .possible, "INS-01", "INS-07", "CFG-09", "RTE-17", "CFG-02",
            when: .all([
                .words("hns", "hcn", "win32", "vfp"),
                .any([LogPattern.failing, .absent]),
                .words("network", "endpoint", "policy", "cni", "hcn", "hns"),
            ]), needs: "HNS networks and endpoints of that Windows node (Get-HnsNetwork)"),
        LogRule(
            .likely, "NOD-03",
            when: .all([
                .words(
                    "gc_thresh", "neighbor table", "neighbour table", "arp table", "arp cache", "neighbour cache",
                    "neighbor cache", "neighbour entries", "neighbor entries", "arp entries"),
                .words("full", "exceed", "overflow", "limit", "nearly", "dropped", "reached"),
            ]), needs: "entries of the neighbour table against gc_thresh3"),
        LogRule(
            .likely, "NOD-01", "NOD-04",
            when: .words("fork rejected by pids", "pids.max", "pidpressure", "cannot allocate pid"),
            needs: "processes of the node and of that cgroup"),
        LogRule(
            .possible, "NOD-01", "NOD-02", "INS-11",
            when: .all([
                .words("no space left on device"), .words("netns", "mount ns", "network namespace"),
            ]),
            needs: "mounts and namespaces of the node against fs.mount-max and user.max_net_namespaces"),
        LogRule(
            .likely, "MTU-01", "MTU-03", "MTU-04",
            when: .all([
                .words("ping -m do", "-m do -s", "ping -s"), .words("fail", "mtu", "lost", "never"),
            ]),
            needs: "the pod's MTU against the link's less the encapsulation"),
        LogRule(
            .likely, "MTU-02", "MTU-01", "MTU-04",
            when: .all([
                .words("mtu"), .words("node", "host"),
                .check { text in
                    let sizes = Set(text.tokens.compactMap { UInt16($0) })
                    return !sizes.isDisjoint(with: [9001, 9000, 8951, 8950])
                        && !sizes.isDisjoint(with: [1500, 1450, 1480])
                },
            ]), needs: "the MTU of the same device on every node"),
        LogRule(
            .likely, "PRF-02", "PRF-01",
            when: .any([
                .all([.words("htb", "tbf", "ifb"), .words("rate", "bit")]),
                .words("bandwidth plugin", "egress-bandwidth", "ingress-bandwidth"),
            ]), needs: "the queueing discipline of the pod's veth (tc -s qdisc)"),
        LogRule(
            .likely, "PRF-01", "PRF-02", "MTU-01", "RTE-05",
            when: .all([
                .words("iperf", "netperf", "throughput"),
                .words("mbit/s", "gbit/s", "mbits/sec", "gbits/sec", "retr"),
                .not(.words("bandwidth:", "egress-bandwidth", "ingress-bandwidth")),
            ]), needs: "the same measurement between the nodes themselves"),
    ]
}
