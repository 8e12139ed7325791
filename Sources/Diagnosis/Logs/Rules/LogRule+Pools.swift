/// Pools and blocks that addresses are taken out of, and what is left of them.
extension LogRule {
    static let pools = [
        LogRule(
            .certain, "IPM-12",
            when: .any([
                .words("no configured calico pools", "no ip pools", "no matching ip pool", "no enabled ip pool"),
                .all([
                    .words(" pool", "ippool"),
                    .words("is not enabled", "is disabled", "not match", "no ippool", "not a valid pool", "no pool"),
                    .not(
                        .words(
                            "address pools", "metallb", "load balancer", "addresses used", "connection pool",
                            "thread pool", "node pool", "nodepool", "worker pool", "agent pool", "pool is shut",
                            "remote cluster", "other cluster", "remote cidr", "overlappingrange", "allocations")),
                ]),
            ])),
        LogRule(
            .certain, "IPM-04", "IPM-12",
            when: .words(
                "pools are likely exhausted", "unable to autoassign", "per host block limit", "block limit",
                "no more free affine blocks", "failed to auto-assign")),
        // An address that somebody on the link has.
        LogRule(
            .likely, "IPM-06", "CFG-10", "IPM-10",
            when: .any([
                .all([
                    .words("add ip addr", "add address", "ip addr {", "assign address", "address to"),
                    .words("address already in use", "file exists", "already assigned", "eexist"),
                    .not(.words("cni0", "bind:", "listen")),
                ]), .words("dadfailed", "duplicate address detect", "arp reply from another", "address is in use by"),
            ])),
        // Who owns which range is seen differently by two of them.
        LogRule(
            .likely, "IPM-04", "IPM-06", "IPM-03",
            when: .any([
                .words(
                    "seeded by different peers", "inconsistent entr", "inconsistent ring", "claimed by another",
                    "owned by another", "received invalid state update"),
                .all([.words("ip range"), .words("i own", " owns ", "says owner", "owned by")]),
                .all([
                    .words("affinit", "ipam block", "ipamblock", "ipam handle", "ipamhandle", "block "),
                    .words(
                        "is not empty", "stale", "failed to release", "error releasing", "could not claim", "leaked",
                        "owned by", "claimed by", "belongs to"),
                    .words("block", "ipam"), .not(.words("resource already exists", "cidr block", "ipblock")),
                ]),
            ]), needs: "what calicoctl ipam check says"),
        LogRule(
            .likely, "IPM-04", "IPM-03",
            when: .all([
                .words("leak", "orphan"), .words("ip leak", "leaked ip", "block", "handle", "ipam", "affinit"),
                .not(.words("count=0", "memory leak", "resurrected")),
            ]), needs: "what calicoctl ipam check says"),
        LogRule(
            .possible, "CFG-09", "CFG-02", "CFG-10",
            when: .words(
                "no valid ip addresses", "no ip addresses in result", "result has no ip", "missing ip in result")),
        LogRule(
            .likely, "IPM-10", "IPM-02", "IPM-03",
            when: .words("could not allocate ip in range"),
            needs: "the range's size against the pods that live: whereabouts' IPPool"),
        LogRule(
            .certain, "IPM-10",
            when: .any([
                .words("not listed in the live pods"),
                .all([
                    .words("error at storage engine"), .not(.words("could not allocate ip in range")),
                ]),
                .all([
                    .words(
                        "whereabouts", "ip-reconciler", "overlappingrangeipreservation", "ip-control-loop",
                        "overlapping ip",
                        "ip reservation"),
                    .words(
                        "fail", "error", "duplicate", "stale", "exhaust", "leak", "same ip", "full", "could not",
                        "deleted pod", "mismatch", "orphan", "does not exist", "removes the reservation",
                        "removes the allocation", "frees the address", "cleans up the reservation", "empty"),
                    .not(.words("forbidden", "failed to find plugin", "unauthorized", "non-overlapping")),
                ]),
            ])),
        // An agent that gets its addresses from an operator, and waits.
        LogRule(
            .likely, "IPM-02", "IPM-11", "IPM-01", "AWS-01", "AWS-02",
            when: .words(
                "waiting for ips to become available", "crd-backed allocation pool", "waiting for ip addresses"),
            needs: "what the operator says of that node: its CiliumNode's status"),
        // A file system that takes no file says nothing of the addresses in the file's name.
        LogRule(
            .likely, "IPM-03",
            when: .all([
                .words("/var/lib/cni/networks", "last_reserved_ip"),
                .not(
                    .words(
                        "no space left", "permission denied", "read-only", "input/output", "not a directory",
                        "is a directory", "structure needs cleaning", "quota", "no such file")),
            ])),
        // Pools of the whole cluster have no store on a node that leaks.
        LogRule(
            .likely, "IPM-02", "IPM-12", "IPM-04", "IPM-03",
            when: .all([
                .outOfAddresses, .words("ippool", "ip pool", "spider", "kube-ovn"),
                .not(.any([.aws, .azure, .loadBalancer, .words("autoassign", "whereabouts")])),
            ]), needs: "addresses given against living pods"),
        LogRule(
            .likely, "IPM-03", "IPM-02", "CFG-05",
            when: .all([
                .outOfAddresses,
                .not(
                    .any([
                        .aws, .azure, .loadBalancer,
                        .words(
                            "ippool", "spider", "kube-ovn", "autoassign", "whereabouts", "range is full",
                            "available in pools", "used out", "ip/prefix", "ips/prefixes", "in the prefix",
                            "request ip return",
                            "ippoolmonitor", "failed to allocate ip for \"",
                            "container to network", "thread pool", "connection pool", "worker pool", "hikaripool"),
                        // Flannel delegates to host-local; "no available addresses" are Azure's words for it.
                        .all([.words("failed to delegate"), .words("no available addresses")]),
                    ])),
            ]),
            needs: "reservations of the store against the runtime's sandboxes"),
        LogRule(
            .likely, "MCL-03", "IPM-07",
            when: .all([
                .words("overlap"),
                .words(
                    "submariner", "cable", "remote endpoint", "remote cluster", "clustermesh", "globalnet",
                    "clusterset",
                    "of cluster", "other cluster", "peer cluster", "clusters"),
            ])),
        // A node's range over another node's is given twice; over anything else it was chosen badly.
        LogRule(
            .certain, "IPM-08", "IPM-07",
            when: .all([
                .words("podcidr", "pod cidr", "leased"),
                .words("duplicate", "already leased", "same podcidr", "overlap"),
                .not(overOtherThings),
            ])),
        LogRule(
            .certain, "IPM-07", "IPM-09",
            when: .all([
                .words("overlap", "conflicting"), overOtherThings,
                .words("pod cidr", "podcidr", "cluster cidr", "networkprofile", "pod network"),
                .not(.words("globalnet", "submariner", "remote endpoint")),
            ])),
        LogRule(
            .likely, "IPM-07", "IPM-08", "MCL-03",
            when: .all([
                .words("overlap", "conflicts with"),
                .words("cidr", "subnet", "range", "network", "pool", "address space"),
                .not(.words("overlapping ip", "overlappingrange")),
            ])),
    ]

    private static let overOtherThings = LogPattern.words(
        "node ip", "host network", "vnet", "vpc", "service cidr", "service range", "service ip", "cluster/service",
        "interface", "docker0", "vpn",
        "host route", "on-prem", "corporate", "node network", "local route")
}
