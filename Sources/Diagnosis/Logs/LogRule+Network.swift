import Addressing
import JSONTree

/// Addresses, ways between nodes, and what the kernel does.
extension LogRule {
    static let addresses = [
        LogRule(
            .certain, "IPM-01",
            when: .any([
                .words(
                    "pod cidr not assigned", "podcidr not assigned", "no podcidr", "has no pod cidr", "podcidr is empty"
                ),
                .all([
                    .words("podcidr", "pod cidr"),
                    .words("not set", "not available", "required", "unassigned", "waiting"),
                ]),
            ])),
        LogRule(
            .certain, "IPM-11",
            when: .words(
                "no remaining cidrs", "cidrnotavailable", "cidr allocation failed", "no more cidr",
                "no cidrs available",
                "out of subnets", "no free subnet", "no subnets available")),
        LogRule(.certain, "IPM-05", when: .words("already has an ip address different from")),
        LogRule(.certain, "IPM-05", when: .check { text in bridgeIsElsewhere(text) }),
        LogRule(
            .certain, "IPM-09", "IPM-02",
            when: .all([.words("range is full"), .any([.cilium, .words("subsys=", "health ip", "ipam")])])),
        LogRule(
            .certain, "IPM-06", "IPM-04",
            when: .any([
                .all([.words("route"), .words("file exists", "already exists for an interface")]),
                .words(
                    "ip address conflict", "duplicate address", "duplicate ip", "referenced in ipam data does not exist"
                ),
                .all([.words("veth", "interface"), .words("already exists"), .words("container", "peer", "host")]),
            ])),
        LogRule(
            .certain, "IPM-12",
            when: .words("no configured calico pools", "no ip pools", "no matching ip pool", "no enabled ip pool")),
        LogRule(
            .certain, "IPM-04", "IPM-12",
            when: .words(
                "pools are likely exhausted", "unable to autoassign", "per host block limit", "block limit",
                "no more free affine blocks", "failed to auto-assign")),
        LogRule(
            .certain, "IPM-10",
            when: .any([
                .words("not listed in the live pods", "could not allocate ip in range"),
                .all([
                    .words("whereabouts", "ip-reconciler", "overlappingrangeipreservation"),
                    .words("fail", "error", "duplicate", "stale", "exhaust", "leak", "same ip", "full"),
                    .not(.words("forbidden", "failed to find plugin", "unauthorized")),
                ]),
            ])),
        LogRule(.certain, "IPM-03", when: .words("/var/lib/cni/networks", "last_reserved_ip")),
        LogRule(
            .likely, "IPM-03", "IPM-02", "CFG-05",
            when: .all([
                .outOfAddresses,
                .not(.any([.aws, .azure, .words("autoassign", "whereabouts", "range is full", "failed to delegate")])),
            ]),
            needs: "reservations of the store against the runtime's sandboxes"),
        LogRule(
            .certain, "IPM-08", "IPM-07", when: .all([.words("podcidr", "pod cidr"), .words("overlap", "duplicate")])),
        LogRule(
            .likely, "MCL-03", "IPM-07",
            when: .all([
                .words("overlap"), .words("submariner", "cable", "remote endpoint", "remote cluster", "clustermesh"),
            ])),
        LogRule(
            .likely, "IPM-07", "IPM-08", "MCL-03",
            when: .all([.words("overlap", "conflicts with"), .words("cidr", "subnet", "range", "network")])),
    ]

    /// An address and the range of a bridge's configuration that it is not in.
    @Sendable private static func bridgeIsElsewhere(_ text: LogText) -> Bool {
        let configured =
            text.texts(after: "\"subnet\":\"", until: ["\""]) + text.texts(after: "\"subnet\": \"", until: ["\""])
        let present = text.texts(after: "inet ", until: [" "]) + text.texts(after: "inet6 ", until: [" "])
        let ranges = configured.compactMap { IPPrefix($0) }
        return present.compactMap { InterfaceAddress($0) }.contains { address in
            let same = ranges.filter { $0.family == address.prefix.family }
            return !same.isEmpty && !same.contains { $0.contains(address.prefix.first) || address.prefix == $0 }
        }
    }

    static let routes = [
        LogRule(
            .certain, "RTE-02",
            when: .any([
                .all([.words("mac address"), .words("wanto be", "want to be", "but got", "mismatch", "differs")]),
                .check { text in
                    // A neighbour entry against the device it should be: one end of a tunnel has another address.
                    let entries = text.macs(after: "lladdr ")
                    let devices = text.macs(after: "link/ether ")
                    return !entries.isEmpty && !devices.isEmpty && !entries.contains(where: devices.contains)
                },
                .all([.words("macaddresspolicy"), .words("flannel", "vxlan", "vtep", "tunnel")]),
            ])),
        LogRule(
            .certain, "RTE-13", "RTE-02",
            when: .all([.words("macaddresspolicy"), .not(.words("flannel", "vxlan", "vtep", "tunnel"))])),
        LogRule(
            .certain, "RTE-05",
            when: .any([
                .all([
                    .words("offload", "checksum", "tx-checksum", "csum"),
                    .words("vxlan", "overlay", "tunnel", "geneve", "udp", "kernel"),
                ]),
                .words("63 second", "63s delay", "63 s "),
            ])),
        LogRule(
            .possible, "RTE-05", "SVC-04", "SVC-03",
            when: .all([.words("nodeport", "clusterip"), .words("latency", "slow", "delay", "takes")])),
        LogRule(
            .certain, "RTE-16",
            when: .any([
                // A version in brackets behind the program's name is part of any of its messages.
                .all([
                    .words("iptables"), .words("legacy", "1.8", "nf_tables", "nft"),
                    .not(.words("-p forward", "tables v1.", "restore v1.", "exit status")),
                ]),
                .all([.words("legacy"), .words("nft", "nf_tables")]),
            ])),
        LogRule(
            .likely, "RTE-06", "RTE-07",
            when: .all([
                .words("forward"), .words("iptables", "policy drop", "docker", "ufw", "firewalld", "chain"),
                .words("accept", "drop", "reject"),
            ])),
        LogRule(
            .certain, "RTE-07",
            when: .words("host-prohibited", "admin prohibited", "administratively prohibited", "adm-prohibited")),
        LogRule(
            .likely, "RTE-08", "RTE-14", "RTE-06",
            when: .any([
                .words("rp_filter", "martian source", "reverse path", "ipreversepathfilter"),
                .all([
                    .words("pod-to-host", "pod-to-external", "pod to host", "pod to external"),
                    .words("coreos", "systemd", "fedora", "ubuntu", "upgrade", "breaks"),
                ]),
            ])),
        LogRule(
            .certain, "RTE-09",
            when: .all([
                .words("ip_forward", "ip forwarding", "ipv4 forwarding"),
                .words("disabled", "= 0", "not enabled", "is 0", "set to 1", "off"),
            ])),
        LogRule(
            .likely, "RTE-12", "RTE-04",
            when: .any([
                .all([
                    .words("networkd", "networkmanager", "systemd", "netplan"),
                    .words("rule", "route", "routing polic"),
                    .words("delete", "remov", "flush", "foreign", "lost", "gone"),
                ]),
                .all([.words("from all lookup"), .not(.words("lookup cali", "fwmark"))]),
                .words("manageforeignrout"),
            ])),
        LogRule(
            .certain, "RTE-19",
            when: .all([
                .openVSwitch,
                .any([
                    .words(
                        "pidfile", "restart", "aborting", "is down", "lost", "failed to lock", "not running",
                        "no flows", "connection attempt failed", "database connection", "not connected yet"),
                    .all([.words("db.sock", "ovsdb", ".mgmt"), .any([.timeout, .refused])]),
                ]),
                .not(.words("module")),
            ])),
        LogRule(
            .likely, "RTE-03", "API-03",
            when: .all([.words("fdb", "neigh", "vtep"), .words("missing", "no entry", "not found", "failed to add")])),
        LogRule(
            .certain, "RTE-17",
            when: .all([
                .words("veth", "cni0", "bridge", "eth0"),
                .words("no-carrier", "link is down", "state down", "no master"),
            ])),
        LogRule(
            .likely, "RTE-10", "BGP-02",
            when: .all([
                .words("node ip", "nodeip", "public ip", "autodetect", "auto-detect"),
                .words("wrong", "not found on", "unable", "failed", "no interface"),
            ])),
        LogRule(
            .likely, "RTE-20", "BGP-03",
            when: .all([.words("bgp", "bird"), .words("loop", "default route", "recursive")])),
        LogRule(
            .certain, "BGP-04", when: .words("unable to connect to bird", "bird.ctl", "birdv4 socket", "bird6.ctl")),
        LogRule(
            .certain, "BGP-03",
            when: .all([
                .words("bgp", "bird", "peer"),
                .words("bad peer as", "notification", "hold timer", "wrong as", "password", "md5", "router id"),
            ])),
        LogRule(
            .likely, "BGP-02", "BGP-01", "BGP-04",
            when: .any([
                .words("bgp not established", "bird is not ready", "bgp session"),
                .all([.words("bgp peer"), .words("not ", "fail", "down", "idle", "active", "connect")]),
                .words("already using the ipv4 address", "already using the ipv6 address"),
            ]),
            needs: "whose address the peer's is; TCP 179 both ways"),
        // A line of `calicoctl node status`, or of BIRD.
        LogRule(
            .likely, "BGP-01", "BGP-02", "BGP-03",
            when: .all([
                .words("node-to-node mesh", "node specific", "| global"),
                .words("| start", "active", "idle", "connect ", "socket:"), .not(.words("established")),
            ]), needs: "TCP 179 both ways; whose address the peer's is"),
        LogRule(
            .possible, "RTE-06", "RTE-01", "RTE-04", "RTE-07", when: .words("icmp echo request", "icmp6, echo request")),
        LogRule(.likely, "RTE-18", "RTE-01", when: .all([.words("vmware", "nsx", "esxi"), .words("vxlan", "4789")])),
    ]

    static let dataplane = [
        LogRule(
            .certain, "BPF-01",
            when: .all([
                .words("bpffs", "/sys/fs/bpf", "bpf filesystem", "bpf fs"),
                .words("not mounted", "isn\"t mounted", "failed to mount", "cannot mount", "no such", "not found"),
            ])),
        LogRule(
            .likely, "BPF-05", "BPF-02",
            when: .all([
                .words("require support", "requirements failed", "or newer", "kernel version"),
                .words("linux", "kernel", "bpf"),
            ])),
        LogRule(
            .certain, "BPF-02",
            when: .any([
                .words(
                    "verifier", "bpf_prog_load", "load program:", "unreachable insn", "back-edge",
                    "processed 1000001 insns"),
                .all([
                    .words("bpf", "prog"), .words("load"),
                    .words("permission denied", "invalid argument", "failed", "error"),
                ]),
            ])),
        LogRule(
            .certain, "BPF-03", when: .words("map insertion failed", "no mapping for nat", "unable to update element")),
        LogRule(
            .certain, "BPF-03",
            when: .all([
                .words("bpf", "map", "policymap", "endpoint"),
                .words(
                    "no space left", "map full", "map is full", "map pressure", "argument list too long", "e2big",
                    "max entries", "maxentries"),
            ])),
        LogRule(
            .certain, "BPF-04",
            when: .all([
                .words("kube-proxy"), .words("replacement", "kpr"),
                .words("conflict", "both", "still running", "present"),
            ])),
        LogRule(
            .likely, "BPF-06", "BPF-02",
            when: .all([.words("regenerat"), .words("fail", "error", "not-ready", "unable")])),
        LogRule(
            .certain, "MTU-01", "MTU-04",
            when: .any([
                .words("message too long", "frag needed", "fragmentation needed", "packet too big"),
                .all([.words("mtu"), .words("too large", "too big", "larger", "exceed", "mismatch", "hang", "wrong")]),
            ])),
        LogRule(
            .certain, "SVC-09",
            when: .all([.words("conntrack"), .words("table full", "dropping packet", "table is full")])),
        LogRule(
            .certain, "SVC-11",
            when: .all([.words("nf_conntrack_max", "conntrack_max"), .words("permission denied", "read-only")])),
        LogRule(
            .certain, "SVC-10",
            when: .all([
                .words("iptables-restore", "xtables lock", "xtables.lock", "nft: "),
                .words("fail", "another app", "holding", "exit status", "error"),
            ])),
        LogRule(
            .certain, "NOD-03",
            when: .any([
                .words("neighbor table overflow", "neighbour table overflow", "neighbour: ndisc_cache"),
                .all([.words("arp_cache", "ndisc_cache", "neigh"), .words("overflow")]),
            ])),
        LogRule(
            .certain, "NOD-02",
            when: .all([
                .words("too many open files", "no space left on device", "inotify", "fsnotify"),
                .words("inotify", "fsnotify", "watch", "too many open files"),
            ])),
        LogRule(
            .likely, "INS-01", "NOD-04",
            when: .all([
                .words("memorypressure", "memory pressure", "oom-kill"),
                .any([.cilium, .calico, .words("agent", "cni")]),
            ])),
    ]
}
