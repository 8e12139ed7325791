import Addressing

/// Addresses and ranges, whoever hands them out.
extension LogRule {
    static let addresses = [
        LogRule(
            .certain, "IPM-01", "IPM-11",
            when: .any([
                .words(
                    "pod cidr not assigned", "podcidr not assigned", "no podcidr", "has no pod cidr",
                    "podcidr is empty",
                    "cidr string is empty", "cidr is empty", "empty cidr"
                ),
                .all([
                    .words("podcidr", "pod cidr", "pod-cidr", "pod range", "node cidr"),
                    .words(
                        "not set", "not available", "required", "unassigned", "waiting", "lack of", "is empty",
                        "missing", "not assigned", "nil", "without", "blank", "not yet", "no cidr", "unset", "<none>",
                        "never assigned", "not allocated", "invalid cidr address: ", "unable to get", "failed to get",
                        "failed to fetch", "could not get", "cannot get", "empty"),
                    .not(
                        .words(
                            "required by", "no remaining", "unmanaged", "overlap", "already", "conflict",
                            "unable to allocate")),
                ]),
            ])),
        LogRule(
            .certain, "IPM-11",
            when: .any([
                .words(
                    "no remaining cidrs", "cidrnotavailable", "cidr allocation failed", "no more cidr",
                    "no cidrs available", "out of subnets", "no free subnet", "allocator full",
                    "ip_space_exhausted", "ip space exhausted", "cidrassignmentfailed", "out the range of cluster cidr",
                    "outside of the cluster cidr", "not in the cluster cidr", "no available node cidr",
                    "failed to allocate podcidr", "unable to allocate podcidr", "failed to allocate cidr",
                    "failed to allocate pod cidr", "unable to allocate pod cidr"),
                .all([.words("no subnets available"), .not(.words("free ip", "interface", " eni"))]),
                .all([
                    .words("cidr"), .words("as occupied", "failed to occupy", "failed to mark"), .words("node"),
                ]),
                .all([
                    .words("node cidr", "cluster cidr", "cluster-cidr", "clustercidr", "node subnet", "pod range"),
                    .words("exhaust", "unable to allocate", "no more", "none left", "is full", "too small"),
                ]),
                // The controller manager, of a cluster range that is smaller than one node's.
                .all([
                    .words("cluster cidr", "--cluster-cidr", "cidr set", "subnet"),
                    .words(
                        "must be less than or equal to --node-cidr-mask-size", "node cidr size is too big",
                        "subnet mask size is too big"),
                ]),
            ])),
        LogRule(
            .likely, "IPM-11", "IPM-01",
            when: .all([
                .words("invalid", "must specify", "failed to parse", "failed parsing"), .words("--cluster-cidr"),
            ]), needs: "--cluster-cidr and --node-cidr-mask-size of kube-controller-manager"),
        LogRule(
            .likely, "IPM-01", "IPM-11", "IPM-12",
            when: .all([
                .words("address family", "ip family"),
                .words("not configured", "no cidr", "not enabled", "no allocator"),
                .words("cidr", "alloc", "ipam"),
            ]), needs: "the ranges of both families the allocator was given"),
        // Calico counts what it was asked for and what it gave.
        LogRule(
            .likely, "IPM-04", "IPM-02", "IPM-12",
            when: .any([
                .all([
                    .words("assigned 0 out of", "assigned 0 of", "0 out of 1"),
                    .words("address", "ipv4", "ipv6", "ips"),
                ]),
                .all([.words("no ips available in pool"), .not(.loadBalancer)]),
                .words("ipam block limit reached", "strict affinity enabled", "no free affine block"),
            ]), needs: "what calicoctl ipam check says"),
        LogRule(
            .likely, "IPM-02", "AWS-02", "IPM-03",
            when: .words(
                "ipnotenough", "not enough ipaddress", "ips used out", "ips are used out", "cidr ranges are exhausted",
                "pod cidrs are exhausted", "no unassigned ip", "not enough available ip", "addresses are exhausted",
                "no ip left", "run out of ip", "ran out of ip", "out of pod ip"),
            needs: "addresses given against living pods"),
        LogRule(
            .likely, "IPM-03", "IPM-06", "IPM-02",
            when: .any([
                .all([
                    .words("has been allocated to", "is already allocated", "already reserved", "requested ip"),
                    .words("duplicate allocation", "not available in range", "range set", "range 0", "reserv"),
                ]),
                .all([
                    .words("last_reserved", "reservation", "reserved"),
                    .words("no sandbox", "no container", "gone", "dead"),
                    .words("ip", "address"),
                ]),
            ]), needs: "reservations of the store against the runtime's sandboxes"),
        // Two of them say the same address.
        LogRule(
            .likely, "IPM-06", "IPM-03", "IPM-10",
            when: .any([
                .all([
                    .words(
                        "two pods", "both pods", "two running pods", "two different pods", "another pod", "other pod",
                        "pods share", "shared by two", "two containers", "two endpoints", "another endpoint"),
                    .words(" ip", "podip", "address"),
                    .words("same", "report", "have", "has", "share", "already", "own", "in use", "with"),
                    .words("podip", "same ip", "same address", "already", "in use", "share", "one ip"),
                    .not(.words("cannot", "timeout", "reach", "listen")),
                ]),
                .all([
                    .words("ip ipv4:", "ip ipv6:", "ip 1", "address 1", "ip address", "ipv4 address"),
                    .words(
                        "is already in use", "already in use by", "already assigned to", "already allocated to",
                        "already owned by"),
                    .not(.words("bind", "listen", "node ", "port", "already using", "docker:", "forwarding")),
                ]),
            ]), needs: "which pods' status carry the address, and whose route leads to it"),
        LogRule(
            .likely, "IPM-08", "IPM-07",
            when: .all([
                .words("podcidr", "pod cidr", "pod range"), .words("nodes", "both", "two node", "another node"),
                .words("both", "same", "twice", "share", "identical", "also has", "duplicate", "equal"),
                .not(.words("service", "vpc", "vpn")),
            ]), needs: "spec.podCIDR of every node"),
        LogRule(
            .likely, "IPM-06", "IPM-04", "IPM-08",
            when: .all([
                .words(
                    "both carry", "both have", "both use", "both hold", "both got", "both own", "both answer",
                    "same address"),
                .check { text in text.tokens.contains { IPAddress(String($0)) != nil || IPPrefix(String($0)) != nil } },
                .not(.words("podcidr", "pod cidr", "as number", "mtu")),
            ]), needs: "which of the two has a sandbox or a node behind it"),
        LogRule(
            .likely, "IPM-07", "IPM-12", "IPM-11",
            when: .all([
                .words("not within", "not contained", "outside of", "is outside", "not a subset", "not part of"),
                .words("cidr", "ippool", "ip pool", "pod network"),
                .words("cluster", "platform", "pod network", "kubeadm"),
            ]), needs: "the pools against --cluster-cidr"),
        LogRule(
            .likely, "IPM-07", "IPM-02",
            when: .all([.words("non-overlapping", "nonoverlapping"), .words("pool", "range", "subnet", "network")]),
            needs: "the machine's routes against the ranges that are to be given out"),
        LogRule(
            .likely, "IPM-09", "IPM-07",
            when: .all([
                .words("exclud", "blacklist", "reserving", "not usable"),
                .words("route", "conflict", "local address", "interface"), .words("cidr", "range", "subnet"),
                .words("pod", "ipam", "alloc"),
            ]), needs: "routes of the node that lie in its pods' range"),
        LogRule(
            .likely, "IPM-12", "IPM-02", "IPM-07",
            when: .words("addressoutofrange", "address out of range", "not in the subnet\"s range", "out of the pool"),
            needs: "the address that was asked for against the pools"),
        LogRule(
            .likely, "IPM-02", "IPM-12", "IPM-03",
            when: .words("acquireaddressfailed", "erroallocatingpod", "errorallocatingpod"),
            needs: "addresses given against living pods"),
        LogRule(
            .likely, "IPM-12", "IPM-02",
            when: .any([
                .words(
                    "unknown pool", "no ippool candidate", "no candidate ippool", "no default ippool",
                    "no cluster default ippool", "no pool selected", "no pools match", "not a configured pool"),
                .all([
                    .words("ippool", "ip pool", "ipam pool", "pool \""),
                    .words(
                        "not found", "does not exist", "doesn\"t exist", "no such", "unknown", "not allowed",
                        "not valid for"),
                    .words("ipam", "address", "pod", "ip pool", "ippool", "assign"),
                    .not(
                        .any([
                            .loadBalancer,
                            .words(
                                "whereabouts", "overlapping", "thread", "agent pool", "backend", "no matches for kind",
                                "the server could not find"),
                        ])),
                ]),
            ]), needs: "the pools, their selectors and the labels of node and namespace"),
        LogRule(
            .possible, "IPM-13", "SVC-05",
            when: .all([
                .words("pod", "redeploy", "restart"),
                .words(
                    "other address", "different ip", "different address", "new address", "another ip", "cached the",
                    "old ip", "old pod ip"),
                .words("session", "connection", "client", "restart", "redeploy", "every", "lose"),
            ]), needs: "restarts of the pods, and how soon an address is given again"),
        LogRule(
            .certain, "IPM-05",
            when: .any([
                .words("already has an ip address different from", "failed to set bridge addr"),
                .all([.words("add ip address to"), .words("cni0", "bridge"), .words("file exists")]),
            ])),
        LogRule(
            .likely, "IPM-05", "RTE-04", "IPM-08",
            when: .words("has incompatible addresses", "remove additional addresses"),
            needs: "the addresses of the device against the node's range"),
        LogRule(.certain, "IPM-05", when: .check { text in bridgeIsElsewhere(text) }),
        LogRule(
            .certain, "IPM-09", "IPM-02",
            when: .all([.words("range is full"), .words("health ip", "router ip", "internal ip", "subsys=daemon")])),
        LogRule(
            .likely, "IPM-09", "IPM-02", "IPM-03",
            when: .all([
                .words("range is full"), .any([.cilium, .words("subsys=")]), .not(.words("logical port", "ovn")),
            ]),
            needs: "routes of the node that lie in its pods' range, and addresses given against living pods"),
        LogRule(
            .likely, "IPM-02", "IPM-03", "IPM-09",
            when: .all([
                .words("range is full", "noavailableaddress", "no more ips available", "is exhausted"),
                .words("pod", "ipam", "subnet", "endpoint", "logical"), .not(.words("metallb", "subsys=daemon")),
            ]), needs: "addresses given against living pods"),
        LogRule(
            .certain, "IPM-06", "IPM-04", "IPM-10",
            when: .any([
                .all([
                    .words("route", "pod rule", "add rule", "ip rule", "rule for", "routing rule", "neigh"),
                    .words("file exists", "already exists for an interface"),
                ]),
                .words(
                    "ip address conflict", "addressconflict", "duplicate ip", "arp conflict", "conflicts with mac",
                    "referenced in ipam data does not exist",
                    "duplicate allocation"),
                // One that is still looked for is none yet.
                .all([.words("duplicate address"), .not(.words("did not finish"))]),
                // Two that say one address is theirs; ranges are another matter.
                .all([
                    .words("duplicate", "same ip", "same address", "conflict", "claim", "already assigned to"),
                    .words("ip address", "ipv4 address", "ipv6 address", "same ip", "pod ip"),
                    .not(
                        .words(
                            "cidr ", "cidrs", "subnet", "range", "bgp", "already using", "overlap", "all hosts",
                            "hosts get", "nodes get", "all nodes", "public ip", "| ip pool")),
                ]),
                .all([.words("veth", "interface"), .words("already exists"), .words("container", "peer", "host")]),
            ])),
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
}
