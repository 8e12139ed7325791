/// Networks over several clusters.
extension LogRule {
    /// The names of what connects clusters.
    private static let connectors = LogPattern.words(
        "remote cluster", "clustermesh", "submariner", "libreswan", "strongswan", "cable", "skupper", "cluster mesh",
        "inter-router", "service-mirror", "subctl", "connection to cluster", "kvstoremesh", "amqp", "lighthouse",
        "peer cluster", "remote-secret",
        "multicluster", "multi-cluster", "karmada", "liqo", "east-west", "eastwest", "to all clusters")

    static let clusters: [LogRule] = [
        LogRule(
            .likely, "MCL-05", "SVC-01",
            when: .all([
                .words(
                    "serviceexport", "serviceimport", "clusterset.local", "cilium.io/global", "cilium/global",
                    "global service", "marked as global", "import service", "export service", "global-services",
                    "service-cilium-io-global"),
                .any([
                    .absent,
                    .words(
                        "false", "no remote", "not marked", "no endpointslice", "not imported", "could not resolve",
                        "not be resolved", "can\"t resolve", "not exported",
                        "no backends", "conflict", "cannot", "can\"t", "invalid"),
                ]),
            ])),
        LogRule(
            .likely, "MCL-01", "MCL-03",
            when: .all([
                .words("cluster cidr", "clustercidr", "pod cidr", "advertised"), .words("/24", "/25", "/26"),
                .words(
                    "submariner", "subctl", "discovered", "autodetect", "advertis", "while", "cluster cidr",
                    "clustercidr"),
                .not(.words("overlap", "allocat", "podcidr", "not assigned", "exhaust")),
            ])),
        LogRule(
            .likely, "MCL-02", "MCL-03",
            when: .all([
                .words("submariner", "cable", "gateway connection", "clustermesh"),
                .any([
                    .words("not established", "connecting", "error", "timed out"),
                    .all([.words("4500", "4490", "4800"), fails]),
                ]), .not(.words(" dbg ")),
            ])),
        // Negotiations of IPsec that nobody answers, or that are refused.
        LogRule(
            .likely, "MCL-02", "RTE-01",
            when: .all([
                .words("ikev2", "ike_sa", "ike sa", "isakmp", "state_v2", "ike_auth", "charon", "pluto"),
                .any([
                    .timeout,
                    .words("retransmit", "no response", "giving up", "no_proposal", "authentication_failed", "failed"),
                ]),
            ]), needs: "UDP 500, 4500 and 4490 from one cluster to the other"),
        LogRule(
            .likely, "MCL-02", "MCL-03", "MCL-01",
            when: .any([
                .all([
                    .words("active connections"), .words("whack", "no active connections", "are no active"),
                    .words("gateway", "cable", "whack", "submariner"),
                ]),
                .words(
                    "gateway connections", "whacking with args", "quorum check failed", "no ike sa",
                    "nat discovery for endpoint", "gateway connection error",
                    "redeem claim", "claim could not be redeemed"),
                .all([
                    connectors,
                    .any([
                        .timeout, .failing, .nobodyListens,
                        .words(
                            "connecting", "not-ready", "not ready", "not established", "not connected",
                            "required but not found", "unreachable", " 0/", "blocked",
                            "disconnected", "unhealthy", "not alive", "lost", "expired"),
                    ]),
                    .not(
                        .words(
                            "overlap", "serviceexport", "serviceimport", "marked as global", "import service",
                            "globalnet", " dbg ", "framing-error",
                            "level=info", "cidr discovered")),
                ]),
                .all([.words("remote endpoint", "remote gateway"), .failing, .words("ping", "reach", "connect")]),
                .all([
                    .words("clusters ready"), .words("clustermesh", "global-services", "remote"),
                    .check { text in PrintedCount.all(in: text).contains { $0.part < $0.whole } },
                ]),
                .all([
                    .words("clustername=", "cluster-name=", "cluster_name="), .words("etcd", "gateway", "kvstore"),
                    fails,
                ]),
            ]), needs: "UDP 4500 and 4490, or TCP 2379 and 32379, from one cluster to the other"),
        LogRule(
            .likely, "MCL-03", "MCL-02",
            when: .any([
                .all([.words("globalnet", "globalingressip", "globalegressip"), fails]),
                .all([
                    .words("cluster id", "cluster-id", "clusterid"),
                    .words("conflict", "already used", "same", "duplicate", "unique"),
                ]),
            ]), needs: "the identities and ranges of both clusters"),
        LogRule(
            .likely, "MCL-03", "IPM-07",
            when: .all([
                .words("cluster"), .words("cidr", "range", "subnet", "/16", "/12", "/14"),
                .any([
                    .words(
                        "globalnet is not", "globalnet not", "globalnet is disabled", "globalnet disabled",
                        "enable globalnet"),
                    .all([
                        .words("same as", "same cidr", "same range", "same pod", "identical", "equal", "both use"),
                        .words("of cluster", "other cluster", "clusters"),
                    ]),
                ]),
            ])),
        LogRule(
            .likely, "MCL-04", "MCL-03",
            when: .all([
                .words("ippool", "ip pool"), .words("remote cluster", "remote cidr", "other cluster", "peer cluster"),
            ])),
    ]
}
