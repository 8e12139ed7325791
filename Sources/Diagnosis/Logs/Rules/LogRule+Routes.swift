import Addressing

/// Ways between nodes: tunnels, routes, firewalls on the way, BGP.
extension LogRule {
    /// A row of a table of neighbours (gobgp, cilium, FRR): an address, an AS number, and a state before the session.
    @Sendable private static func namesAPeerThatIsNotUp(_ text: LogText) -> Bool {
        text.normal.split(separator: "\n").contains { line in
            let words = line.split { " |\t\",".contains($0) }
            guard words.contains(where: { ["active", "idle", "connect", "opensent", "openconfirm"].contains($0) }),
                let peer = words.firstIndex(where: { IPAddress(String($0)) != nil })
            else { return false }
            let near = words[max(0, peer - 2)..<min(words.count, peer + 4)]
            return near.contains { $0.count >= 4 && (UInt32($0) ?? 0) > 1000 }
        }
    }

    static let routes = [
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
                    .words("permanent", "static arp", "arp entry"), .words("veth", "eni"),
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
                    .words("iptables"), .words("legacy", ">= 1.8", "1.8 ", "nf_tables", "nft "),
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
                    "some nodes"),
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
                    .words("missing", "no rule", "without", "leav", "not ", "disabled", "lost", "un-nat", "false"),
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
                    "fib lookup failed", "stale or unroutable", "strange next-hop", "strange next hop", "no route for",
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
                    .timeout, .unreachable, .words("no packets", "fail", "no arp reply", "not responding", "no reply"),
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
                    "does not exist on this host", "cannot assign requested address", "address not available",
                    "eaddrnotavail", "can\"t assign requested address", "failed to find interface", "no ip for node",
                    "unable to find node ip", "couldn\"t autodetect", "could not autodetect")
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
        // Tunnels that watch each other.
        LogRule(
            .likely, "RTE-01", "MTU-01", "RTE-18",
            when: .any([
                .all([
                    .words("heartbeat", "keepalive", "tunnel", "forwarder", "handshake"),
                    .words("missed", "un-healthy", "unhealthy", "expired", "did not complete", "no response"),
                    .words("fastdp", "sleeve", "wireguard", "tunnel", "overlay", "peer", "vxlan"),
                    .not(.words("bgp", "tls", "memberlist", "etcd")),
                ]),
                .words("falling back to sleeve", "node connectivity is down", "overlay is broken"),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        // Encapsulation that is sent and not received.
        LogRule(
            .likely, "RTE-01", "AWS-05", "RTE-18",
            when: .all([
                .words("udp", "vxlan", "geneve", "wireguard", "ipip", "proto 4", "protocol 4", "overlay", "sleeve"),
                .any([
                    .port(8472, 4789, 6081, 51820, 6784), .words("ipip", "proto 4", "protocol 4"),
                ]),
                .any([
                    .timeout,
                    .words(
                        "nothing arriv", "not arriv", "never arriv", "no packets", "blocked", "no reply", "filtered",
                        "lost", "not received", "not seen", "0 received", "dropped"),
                ]), .not(.words("nsx", "vmware", "esxi", "checksum")),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        // Cross-node alone.
        LogRule(
            .possible, "RTE-01", "RTE-04", "MTU-01", "RTE-06",
            when: .all([
                .words("same node", "same host", "same-node"),
                .words("cross-node", "cross node", "other node", "different node", "another node", "between nodes"),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        // The address every machine of VirtualBox has on its first card.
        LogRule(
            .possible, "RTE-10", "BGP-02", when: .words("10.0.2.15", "vagrant"),
            needs: "whether the address is one of the machine's that the others reach"),
        LogRule(
            .certain, "RTE-17",
            when: .all([
                .words("veth", "cni0", "bridge", "eth0"),
                .words("no-carrier", "link is down", "state down", "no master", "not enslaved", "m-down"),
                // Docker's own bridge is down as long as no container is on it.
                .not(.words("docker0", "virbr0", "br-")),
            ])),
        LogRule(
            .likely, "RTE-10", "BGP-02",
            when: .all([
                .words("node ip", "nodeip", "node-ip", "public ip", "autodetect", "auto-detect", "external interface"),
                .words(
                    "wrong", "not found on", "unable", "failed", "no interface", "not assigned to any", "not a local",
                    "not on any", "same address", "does not belong"),
            ])),
        LogRule(
            .likely, "RTE-10", "BGP-02",
            when: .all([
                .words("interface"),
                .words(
                    "valid interface", "no ipv4 address found", "no ipv6 address found", "no ip address found",
                    "could not find valid ip", "no usable address", "no matching interface", "failed to find ipv4"),
            ])),
        LogRule(
            .likely, "RTE-20", "RTE-04",
            when: .words(
                "dead loop on virtual device", "routing loop", "ttl exceeded", "time to live exceeded", "ttl expired")),
        LogRule(
            .likely, "RTE-20", "BGP-03",
            when: .all([
                .not(.words("i/o loop")),
                .words("bgp", "bird", "mesh_", "learned from", "advertis"),
                .words(
                    "loop", "default route", "recursive", "own node", "our own", "covers our", "own address",
                    "covers the node", "node address"), .not(.words("router id", "identifier", "plugin/")),
            ])),
        // Whether the session's port answers at all comes before what the two say of each other.
        LogRule(
            .certain, "BGP-01", "BGP-02", "RTE-07", "BGP-03",
            when: .all([
                .port(179), .any([.timeout, .unreachable, .words("connection refused", "blocked", "filtered")]),
                .not(.words("bgp not established", "notification")),
            ]), needs: "TCP 179 both ways"),
        LogRule(
            .certain, "BGP-04", when: .words("unable to connect to bird", "bird.ctl", "birdv4 socket", "bird6.ctl")),
        LogRule(
            .certain, "BGP-03",
            when: .all([
                .words("bgp", "bird", "peer", ", 179)", ":179"),
                .words(
                    "bad peer as", "notification", "hold timer", "wrong as", "password", "md5", "router id",
                    "as number mismatch", "as mismatch", "asn mismatch", "unexpected as", "remote as",
                    "identifier collision",
                    "bgp identifier", "bad bgp identifier", "ttl security", "authentication fail"),
                .not(.words("state changed to up", "established")),
            ])),
        // Who calls is nobody's neighbour, or has not what the neighbour asks.
        LogRule(
            .likely, "BGP-03", "BGP-02", "BGP-05",
            when: .any([
                .words(
                    "find configuration for a new passive", "no matching neighbor", "unknown peer", "missingauthsecret",
                    "unexpected peer", "no such neighbor", "not configured as a neighbor"),
                .all([
                    .words("bgp", "bird", "peer", "neighbor"),
                    .words(
                        "invalid next_hop", "next_hop", "auth secret", "capability", "cease", "unsupported",
                        "malformed",
                        "open message error", "update message error"),
                    .words("invalid", "error", "missing", "mismatch", "reject", "fail", "cease", "malformed"),
                ]),
            ]), needs: "the AS numbers, addresses and passwords both sides have"),
        LogRule(
            .likely, "BGP-03", "BGP-01",
            when: .words(
                "badauth", "no md5 digest", "invalid md5", "md5 hash not found", "md5 hash failed", "unexpected md5",
                "md5 hash mismatch"), needs: "the password both sides have"),
        LogRule(
            .likely, "BGP-03", "BGP-01", "BGP-02",
            when: .all([
                .words("adjchange", "adjacency change", "nbr_down", "nbr_reset"), .words(" down", "_down", "reset"),
            ]),
            needs: "what each side says of the session's end"),
        // The port answers, or the kernel does not even ask, and the session does not come to be.
        LogRule(
            .likely, "BGP-03", "BGP-01", "BGP-02",
            when: .all([
                .port(179),
                .words("eof", "setsockopt", "read open", "reset by peer", "closed by", "invalid msg", "invalid-msg"),
            ]), needs: "the AS numbers, addresses and passwords both sides have"),
        LogRule(
            .likely, "BGP-01", "BGP-03", "BGP-02", "BGP-05",
            when: .words(
                "session_state:idle", "session_state:active", "session_state:connect", "session_state:open",
                "bgp_fsm_idle", "bgp_fsm_active", "bgp state = active", "bgp state = idle", "bgp state = connect",
                "bgp state is"),
            needs: "TCP 179 both ways; the AS numbers both sides have"),
        LogRule(
            .possible, "RTE-01", "RTE-07", "NOD-01", "IPM-04", "INS-01",
            when: .all([
                .port(6783, 6784),
                .any([.timeout, .unreachable, .nobodyListens, .words("reset by peer", "shutting down due to error")]),
            ]), needs: "TCP 6783 and UDP 6783 and 6784 between the nodes"),
        LogRule(
            .likely, "BGP-01", "BGP-03", "BGP-02", "BGP-05", when: .check(namesAPeerThatIsNotUp),
            needs: "TCP 179 both ways; the AS numbers both sides have"),
        LogRule(
            .likely, "BGP-05", "BGP-01",
            when: .any([
                .all([
                    .words("nodetonodemeshenabled", "node-to-node mesh", "full mesh", "route reflector"),
                    .words("false", "disabled", "no bgppeer", "no peer", "no route reflector", "without"),
                ]), .words("no ipv4 peers found", "no ipv6 peers found", "no bgp peers"),
            ])),
        LogRule(
            .likely, "BGP-02", "BGP-01", "BGP-04", "BGP-03",
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
}
