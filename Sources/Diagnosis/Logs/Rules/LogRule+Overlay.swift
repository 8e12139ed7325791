/// Tunnels, and what they run through: encapsulation, switches, bridges.
extension LogRule {
    static let overlay = [
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
                .words(
                    "falling back to sleeve", "node connectivity is down", "overlay is broken", "no working forwarders"),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        // Encapsulation that is sent and not received.
        LogRule(
            .likely, "RTE-01", "AWS-05", "RTE-18",
            when: .all([
                .words(
                    "udp", "vxlan", "geneve", "wireguard", "ipip", "proto 4", "protocol 4", "ip-proto-4", "overlay",
                    "sleeve"),
                .any([
                    .port(8472, 4789, 6081, 51820, 6784), .words("ipip", "proto 4", "protocol 4", "ip-proto-4"),
                ]),
                .any([
                    .timeout,
                    .words(
                        "nothing arriv", "not arriv", "never arriv", "no packets", "blocked", "no reply", "filtered",
                        "lost", "not received", "not seen", "0 received", "dropped", "never show", "never reach",
                        "does not arrive", "doesn\"t arrive", "not visible", "never seen", "disappear", "vanish",
                        "one way", "only outgoing", "never answered", "0 packets", "never come", "not reach", "discard"),
                ]), .not(.words("nsx", "vmware", "esxi", "checksum", "pmtu", "with df")),
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
                .not(.words("retrieve route", "network is unreachable", "no route", "l2 neighbor")),
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
            .possible, "RTE-11", "RTE-18", "RTE-03", "RTE-04",
            when: .all([
                .words("vxlan", "geneve", "ipip", "tunnel"), .words("existing device", "already exists", "file exists"),
                .words("other", "another", "different", "mismatch", "incompatible"),
            ]), needs: "port, VNI and local address of the device that is there (ip -d link)"),
        LogRule(
            .possible, "RTE-01", "RTE-03", "MTU-03",
            when: .all([
                .words("ipsec", "xfrm", "strongswan"),
                .any([.failing, .absent, .words("no ipsec key", "nostates", "instateproto", "no key")]),
                .not(.words("remote cluster", "submariner", "cable")),
            ]), needs: "the keys of both nodes (spi), and counters in /proc/net/xfrm_stat"),
        LogRule(
            .possible, "RTE-19", "RTE-04", "INS-01",
            when: .any([
                .words("not claiming lport", "releasing lport", "requested-chassis"),
                .all([.openVSwitch, .words("waiting for", "not come up", "to come up")]),
            ]), needs: "whether ovs-vswitchd and ovn-controller run on that node"),
        LogRule(
            .likely, "RTE-19", "INS-01",
            when: .all([
                .openVSwitch, .words("cannot connect", "could not connect", "unable to connect", "failed to connect"),
                .words("no such file", "refused", "timed out", "timeout", "permission denied"),
            ]), needs: "whether ovs-vswitchd and ovn-controller run on that node"),
        LogRule(
            .likely, "RTE-19", "INS-01", "INS-07",
            when: .all([
                .openVSwitch,
                .words(
                    "listing dp features", "unassociated datapath", "uplink port", "|err|", "|emer|", "no-flood",
                    "could not open network device", "connection refused", "ofport -1", "failed to connect to",
                    "ovsdb error", "receive error", "cannot talk to", "no such bridge", "unable to contact",
                    "transaction error", "constraint violation", "not a bridge"),
                .not(.words("kernel module", "generic netlink", "broken meter", "probably not loaded")),
            ]), needs: "whether ovs-vswitchd and ovsdb-server run on that node, and the flows of br-int"),
        LogRule(
            .likely, "RTE-20", "RTE-04",
            when: .all([
                .words("learned", "imported", "via ", "route", "advertis"),
                .words("own network", "own subnet", "reach itself", "its own address", "node\"s own", "own node ip"),
                .words("bird", "bgp", "mesh_", "peer", "tunl0", "tunnel", "learned"),
            ]), needs: "the way to the node's own network (ip route get)"),
        LogRule(
            .likely, "RTE-20", "IPM-06", "RTE-17", when: .words("own address as source address"),
            needs: "which two ports of the bridge see each other, and whose MAC address is there twice"),
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
                    "loop", "default route", "recursive", "own node", "our own", "covers our", " own address",
                    "covers the node", "node address"), .not(.words("router id", "identifier", "plugin/")),
            ])),
        LogRule(
            .possible, "RTE-01", "RTE-07", "NOD-01", "IPM-04", "INS-01",
            when: .all([
                .port(6783, 6784),
                .any([.timeout, .unreachable, .nobodyListens, .words("reset by peer", "shutting down due to error")]),
            ]), needs: "TCP 6783 and UDP 6783 and 6784 between the nodes"),
        LogRule(
            .possible, "RTE-06", "RTE-01", "RTE-04", "RTE-07", when: .words("icmp echo request", "icmp6, echo request")),
        LogRule(.likely, "RTE-18", "RTE-01", when: .all([.words("vmware", "nsx", "esxi"), .words("vxlan", "4789")])),
    ]
}
