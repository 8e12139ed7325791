import Addressing

/// Ways between nodes: tunnels, routes, firewalls on the way.
extension LogRule {
    /// A device of a tunnel and another MAC address in what is said of it.
    @Sendable private static func namesTwoAddressesOfATunnel(_ text: LogText) -> Bool {
        let addresses = text.tokens.compactMap { MACAddress(String($0)) }
        return Set(addresses).count > 1
    }

    static let routes = [
        LogRule(
            .likely, "RTE-02", "RTE-03", "RTE-13",
            when: .all([
                .words("flannel", "vxlan", "vtep", "geneve", "cilium_"), .check(namesTwoAddressesOfATunnel),
                .words(
                    "but ", "instead", "link/ether", "while", "differ", "other", "now ", "changed", "not ", "vtepmac",
                    "annotation"),
                .not(.words("10-min", "src mac", " > ")),
            ]), needs: "the device's own address against what the other nodes were told"),
        LogRule(
            .likely, "RTE-02", "RTE-13",
            when: .all([
                .words("persistent mac", "mac address policy", "macaddresspolicy"),
                .words("could not", "generate", "changed"),
            ]),
            needs: "the MACAddressPolicy of systemd's link file, and the device's address after a reboot"),
        LogRule(
            .certain, "RTE-03", "RTE-04",
            when: .all([
                .words(
                    "addfdb", "addarp", "addneigh", "add fdb", "add arp", "fdb entry", "fdb entries", "neighset",
                    "neigh set", "neighadd", "delfdb", "delarp", "l2 miss", "l3 miss", "l2miss", "l3miss"),
                .failing, .not(.words("overflow", "metallb", "operation not supported")),
            ])),
        LogRule(
            .likely, "RTE-17", "RTE-04", "INS-07",
            when: .all([
                .words("network is down", "enetdown", "link is not up", "state disabled", "(100)"),
                .any([
                    .words(
                        "rtnetlink", "netlink", "ip route", "route", "iface", "interface", "link", "bridge", "veth",
                        "device", "sendmsg", "ping")
                ]),
            ]), needs: "the state of the device and of its other end (ip link)"),
        LogRule(
            .certain, "RTE-02",
            when: .any([
                .all([.words("mac address"), .words("wanto be", "want to be", "but got", "mismatch", "differs")]),
                .all([
                    .words("mac address", "vtepmac", "lladdr", "mac "), .words("flannel", "vxlan", "vtep", "tunnel"),
                    .words(
                        "wanted", "but interface has", "changed", "instead of", "expected", "does not match", "rewr"),
                ]),
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
            when: .any([
                .all([.words("macaddresspolicy"), .not(.words("flannel", "vxlan", "vtep", "tunnel"))]),
                .all([
                    .words("permanent", "static arp", "arp entry", "static entry", "static neigh"),
                    .words("veth", "eni"),
                    .words("mac is", "changed", "another mac", "differs", "mismatch"),
                ]),
            ])),
        LogRule(
            .certain, "RTE-05",
            when: .any([
                .all([
                    .words("offload", "checksum", "tx-checksum", "csum"),
                    .words("vxlan", "overlay", "tunnel", "geneve", "udp", "kernel"),
                ]),
                .words("bad udp cksum", "bad tcp cksum", "udp: bad checksum"),
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
                    .words("iptables"), .words("legacy", ">= 1.8", " 1.8 ", "v1.8 ", "nf_tables", "nft "),
                    .not(
                        .words(
                            "-p forward", "tables v1.", "restore v1.", "exit status", "-save command",
                            "-restore command")),
                ]),
                .all([.words("legacy"), .words("nft", "nf_tables")]),
            ])),
        LogRule(
            .likely, "RTE-06", "RTE-07",
            when: .all([
                .words("forward"),
                .words(
                    "iptables", "policy drop", ":forward drop", "-p forward drop", "docker", "ufw", "firewalld", "chain"
                ),
                .words("accept", "drop", "reject"), .not(.words("changing default forward")),
            ])),
        // What a host's firewall writes down: with both an incoming and an outgoing interface the packet was forwarded.
        LogRule(
            .likely, "RTE-06", "RTE-07", "RTE-01",
            when: .all([
                .words("block]", "drop]", "reject]", "final_reject", "filter_fwd", "dropped:", "denied:", "rejected:"),
                .check { text in
                    text.texts(after: " out=", until: [" "]).contains { !$0.isEmpty } && text.has("in=")
                },
            ])),
        LogRule(
            .likely, "RTE-07", "RTE-01",
            when: .all([
                .words("block]", "drop]", "reject]", "final_reject", "filter_in_"), .words(" out= "), .words("in="),
            ])),
        LogRule(
            .certain, "RTE-07",
            when: .any([
                .words("host-prohibited", "admin prohibited", "administratively prohibited", "adm-prohibited"),
                .all([
                    .unreachable, .words("firewalld", "reject-with", "prohibited"),
                    .not(.words("kube-", "icmp-port-unreachable")),
                ]),
            ])),
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
                .words(
                    "ip_forward", "ip forwarding", "ipv4 forwarding", "ipv6 forwarding", ".forwarding", "ip-forward"),
                .words("disabled", "= 0", "=0", "not enabled", "is 0", "set to 1", " off", "is not set"),
                .not(.words("gateway", "port forwarding")),
            ])),
        LogRule(
            .likely, "RTE-12", "RTE-04",
            when: .any([
                .all([
                    .words(
                        "networkd", "networkmanager", "systemd", "netplan", "nm-cloud-setup", "cloud-init", "dhclient",
                        "wicked", "ifupdown", "keepalived", "nmstate"),
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
                        "no flows", "connection attempt failed", "database connection", "not connected yet",
                        "disconnected",
                        "flow-restore-wait"),
                    .all([.words("db.sock", "ovsdb", ".mgmt"), .any([.timeout, .refused])]),
                ]),
                .not(.words("module")),
            ])),
        LogRule(
            .likely, "RTE-03", "API-03",
            when: .all([
                .words("fdb", "neigh", "vtep", "arp entry"),
                .words(
                    "missing", "no entry", "not found", "failed to add", "no vtep", "no fdb", "no neigh",
                    "unable to insert",
                    "unable to add", "incomplete", "no arp"), .not(.words("overflow", "bgp")),
            ])),
        LogRule(
            .likely, "RTE-11", "RTE-03",
            when: .all([
                .words(
                    "backend type", "backend-type", "encapsulation", "ipipmode", "vxlanmode", "tunnel mode", "host-gw"),
                .words(
                    "but this node", "mismatch", "differ", "mixed", "inconsistent", "ignoring", "other nodes",
                    "some nodes", "conflict", "local mode", "incompatible"),
            ])),
        LogRule(
            .certain, "RTE-15",
            when: .words(
                "port security", "port-security", "allowed_address_pair", "allowed-address-pair",
                "allowed address pair",
                "source/dest", "sourcedestcheck", "source dest check", "source/destination check", "enableipforwarding",
                "canipforward", "can-ip-forward", "anti-spoof", "antispoof")),
        LogRule(
            .likely, "RTE-14", "DNS-04",
            when: .any([
                .all([
                    .words("masquerad", "snat", "un-nat", "not nat", "source nat", "nonmasquerade", "natoutgoing"),
                    .words(
                        "missing", "no rule", "without", "leav", "not ", "disabled", "lost", "un-nat", "false",
                        "no masq",
                        "has no", "lacks"),
                    .not(.words("map", "already", "not subject to", "! ")),
                ]),
                .all([
                    .words("1.1.1.1", "8.8.8.8", "internet", "outside world", "external address", "external host"),
                    .words(
                        "from pod", "in pod", "pods cannot", "pod cannot", "pods can\"t", "from the pod", "from a pod"),
                    .any([.timeout, .unreachable, .words("loss", "fail", "cannot", "can\"t")]),
                ]),
            ]), needs: "whether packets of pods leave the node with the node's address"),
        // Where to send is not known, or is known wrongly.
        LogRule(
            .likely, "RTE-04", "RTE-03", "RTE-20", "RTE-10",
            when: .any([
                .words(
                    "fib lookup failed", "retrieve route", "failed to get route", "stale or unroutable",
                    "strange next-hop", "strange next hop", "no route for",
                    "nexthop has invalid gateway", "nexthop device is not up", "no route found", "missing route",
                    "route is missing", "routes are missing", "misses some routes", "no default route", "fib lookup"),
                .all([
                    .words("route", "vxlanroute"),
                    .words(
                        "failed to add", "failed to replace", "error adding", "cannot add", "could not add",
                        "unable to add", "failed to program", "failed to ensure", "failed to set"),
                    .not(.words("file exists", "httproute", "routes for host", "ingress")),
                ]),
            ]), needs: "the node's route to the other node's range and the neighbour behind it"),
        LogRule(
            .likely, "RTE-04", "IPM-07", "IPM-06", "RTE-03",
            when: .all([
                .words("ip route add", "ip route replace", "route add", "ip -4 route", "ip rule add"),
                .words("exit status", "fail", "file exists", "error", "invalid"),
            ]), needs: "which device already has that range"),
        LogRule(
            .possible, "RTE-12", "RTE-04",
            when: .all([
                .words("deleted "),
                .words(" dev cali", " dev lxc", " dev veth", " dev flannel", " dev cni", " dev tun", " dev eni"),
                .words("metric", "proto", "scope", " via ", "/"),
            ]), needs: "whether the pod behind that device lives"),
        LogRule(
            .likely, "RTE-04", "RTE-19", "RTE-15", "RTE-03", "RTE-17",
            when: .all([
                .words("gateway", "mac address of", "arp "),
                .words("no packets received", "resolve", "ping", "no arp reply", "not responding", "no reply"),
                .any([
                    .timeout, .unreachable,
                    .words(
                        "no packets", "fail", "no arp reply", "not responding", "no reply", "cannot be resolved",
                        "can\"t be resolved", "not resolved", "never resolve"),
                ]),
                .not(
                    .words(
                        "submariner", "cable", "bad gateway", "ingress", "gateway api", "lookup", "route rule",
                        "resolvedrefs", "secret", "httproute")),
            ]), needs: "whether the gateway of the subnet answers ARP from that node"),
        // An address that a program should use and that is not the machine's.
        LogRule(
            .likely, "RTE-10", "BGP-02", "BGP-01",
            when: .any([
                .words(
                    "autodetection method", "host ip unknown", "failed to find a node ip",
                    "doesn\"t exist on this host",
                    "does not exist on this host", "failed to find interface", "no ip for node",
                    "unable to find node ip", "couldn\"t autodetect", "could not autodetect"),
                .all([
                    .words(
                        "cannot assign requested address", "address not available", "eaddrnotavail",
                        "can\"t assign requested address"),
                    .not(.words("unbind", "kube-ipvs0", "dummy interface")),
                ]),
            ]), needs: "which of the machine's addresses the others reach"),
        LogRule(
            .likely, "RTE-10", "BGP-02", "RTE-04",
            when: .all([
                .words(
                    "failed to find the interface", "no such network interface", "no such interface",
                    "failed to find interface", "unable to find interface", "could not find interface",
                    "error looking up interface", "unable to find default route", "no default routes found",
                    "failed to get default interface", "no default gateway", "direct routing device",
                    "native-routing device", "no parent interface", "in the host\"s network interfaces",
                    "no default interface",
                    "no interface with the given", "unable to select an ip"),
                .not(.words("multus", "sriov", "macvlan", "ipvlan", "container to network", "veth", "lxc")),
            ]), needs: "which of the machine's addresses the others reach"),
        // The network of the host was restarted under the CNI.
        LogRule(
            .likely, "RTE-12", "RTE-04",
            when: .all([
                .words(
                    "restarting network", "restart of the network", "network restart", "restart network",
                    "networking restart", "networking.service", "netplan apply", "ifdown", "systemd-networkd",
                    "networkmanager", "nmcli", "firewalld reload", "firewall-cmd --reload", "network service"),
                .words(
                    "lost", "gone", "missing", "misses", "flush", "disappear", "delet", "wiped", "remov", "unreachable"),
                .not(.words("lost carrier")),
            ])),
    ]
}
