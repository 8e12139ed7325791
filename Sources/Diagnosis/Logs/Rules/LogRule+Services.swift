/// Services and those who program them.
extension LogRule {
    /// `kubectl get endpoints` with nothing in its middle column.
    @Sendable private static func listsNoEndpoints(_ text: LogText) -> Bool {
        var isTable = false
        for line in text.normal.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words == ["name", "endpoints", "age"] {
                isTable = true
            } else if isTable, words.count == 3, words[1] == "<none>", words[0] != "kubernetes" {
                return true
            }
        }
        return false
    }

    /// What programs Services on Windows, and what it asks of the host: asked before what load balancers say.
    static let hostNetworking = [
        LogRule(
            .likely, "SVC-10", "SVC-03", "SVC-05",
            when: .all([
                .words("hcncreate", "hnscall", "hns ", "winkernel", "in win32", "0x803b"),
                .words("proxier", "policy", "loadbalancer", "load balancer", "endpoint", "kube-proxy"), fails,
                .not(.words("sandbox", "cni", "ipam")),
            ]), needs: "the host networking service's list of policies, and kube-proxy's last error")
    ]

    static let services = [
        LogRule(
            .likely, "SVC-05",
            when: .any([
                .words("no healthy targets", "targets are unhealthy", "unhealthy targets", "stale endpoint"),
                .all([
                    .words("endpoint", "backend", "kube-sep", "ipvsadm", " rs ", "real server"),
                    .words(
                        "no longer exists", "terminating", "still sends", "pod that is gone", "pod deletion",
                        "still programmed", "deleted pod", "pod was deleted", "pod is gone"),
                ]),
            ])),
        LogRule(
            .certain, "SVC-08",
            when: .any([
                .all([
                    .words("hairpin"), .not(.words("at the same time")),
                    .words(
                        "off", "= 0", "is 0", "mode 0", "=0", "disabled", "not enabled", "not set", "unable", "fail",
                        "itself", "not work", "doesn\"t work", "cannot", "denied", "missing"),
                ]), .all([.words("reach itself", "its own service", "own clusterip"), .words("pod")]),
            ])),
        LogRule(
            .certain, "SVC-02",
            when: .any([
                .all([
                    .words("targetport", "target port", "named port", "serviceport"), .not(.noEndpoints),
                    .any([.absent, .words("no port", "not match", "nobody listens", "wrong", "does not have")]),
                ]),
                .all([
                    .words("service"),
                    .words(
                        "does not have port", "has no port", "no port named", "port not found", "does not have a port"),
                ]),
            ])),
        LogRule(
            .likely, "SVC-02", "SVC-01",
            when: .all([
                .words("service", "backend", "ingress", "targetport"),
                .words(
                    "could not find port", "cannot find port", "unable to find port", "service port not found",
                    "doesn\"t have port", "no such port", "no service port", "port is not exposed",
                    "does not expose port", "undefined port", "invalid port", "unknown port", "port not found"),
                .not(.words("5353", "bind", "listen")),
            ]), needs: "the Service's ports and what the pods listen on"),
        LogRule(
            .likely, "SVC-02", "SVC-01",
            when: .all([
                .words("targetport", "target port"),
                .words(
                    "matches no", "no container port", "nobody", "nothing listens", "but ", "differs", "wrong", "is not"
                ),
            ]), needs: "targetPort against the listening sockets of the pod"),
        LogRule(
            .likely, "SVC-09", "PRF-01",
            when: .all([
                .words("conntrack"),
                .words(
                    "close to the limit", "near the limit", "nearing", "limit reached", "limit exceeded", "nearly full",
                    "almost full", "exhaust", "overflow", "entries used", "maximum number", "over limit", "% full",
                    "% used",
                    "entrieslimit"),
                .not(.words("setting", "table full")),
            ]), needs: "nf_conntrack_count against nf_conntrack_max"),
        // kubectl's table of EndpointSlices with neither ports nor addresses.
        LogRule(
            .likely, "SVC-01", "SVC-05",
            when: .all([
                .words("endpointslice"),
                .words("<unset>", "endpoints: <none>", "\"endpoints\":[]", "endpoints: []", "\"endpoints\":null"),
            ]),
            needs: "the selector against the pods' labels"),
        LogRule(
            .likely, "SVC-04", "SVC-03",
            when: .all([
                .words("kube-services", "kube-svc", "kube-sep", "kube-proxy chains"), .words("ipvs", "nftables"),
                .words("still", "leftover", "both", "while", "alongside", "as well", "too"),
            ]), needs: "the mode of every kube-proxy; KUBE- chains beside IPVS"),
        LogRule(
            .likely, "SVC-03", "SVC-10",
            when: .all([
                .words("clusterip", "cluster ip", "kube-svc", "dnat", "virtual server", "ipvsadm"),
                .words("missing on", "no rule", "not programmed", "missing from", "absent on", "no remoteaddress"),
            ]), needs: "rules for that address on that node; kube-proxy's last sync"),
        LogRule(
            .possible, "SVC-03", "BPF-04", "SVC-04",
            when: .all([
                .words("nodeport", "can\"t open port", "cannot open port"),
                .words("address already in use", "skipping it"),
            ]),
            needs: "who holds that port on the node"),
        LogRule(
            .likely, "SVC-01", "SVC-05",
            when: .any([
                .words(
                    "failure to get a peer from the ring-balancer", "no instances for service", "notreadyaddresses",
                    "no valid upstream node"),
                .all([
                    .words("service", "selector"),
                    .words("does not match any pod", "doesn\"t match any pod", "matches no pods"),
                ]),
            ]), needs: "the selector against the pods' labels"),
        // What kube-proxy could not clear stays in the way of new connections.
        LogRule(
            .likely, "SVC-05", "SVC-10", "SVC-03",
            when: .all([
                .words("conntrack", "connection tracking"),
                .words(
                    "error deleting", "failed to delete", "failed to clear", "failed to flush", "unable to delete",
                    "failed to clean", "cleanup failed"),
                .not(.words("such conntrack doesn", "nf_conntrack_max")),
            ]), needs: "connections in conntrack that lead to addresses of pods that are gone"),
        LogRule(
            .likely, "SVC-03", "SVC-10", "INS-09", "INS-07",
            when: .all([
                .words("kube-proxy", "proxyserver", "kubeproxyconfiguration", "nodeportaddres"),
                .words(
                    "strict decoding", "command failed", "error running", "crashloop", "back-off", "panic",
                    "unable to retrieve", "failed complete", "unable to create proxier", "oomkilled", "exited"),
                .not(.words("nf_conntrack_max")),
            ]), needs: "the last line kube-proxy wrote on that node"),
        LogRule(
            .possible, "SVC-03", "SVC-10", "INS-09",
            when: .words("parseip error", "failed to retrieve node info", "can\"t determine this node\"s ip"),
            needs: "rules for one Service's address on that node"),
        LogRule(
            .certain, "SVC-04",
            when: .all([
                .words("ipvs", "kube-ipvs0", "iptables mode", "proxy mode"),
                .words(
                    "leftover", "left over", "left behind", "stale", "remain", "--cleanup", "mixed", "both modes",
                    "other mode"),
            ])),
        LogRule(
            .certain, "SVC-06",
            when: .all([
                .words("listen"), .words("127.0.0.1", "localhost", "loopback", "[::1]"),
                .words("refused", "only", "pod ip", "not reachable"),
                .not(.words("127.0.0.53", "plugin/")),
            ])),
        LogRule(
            .certain, "SVC-12",
            when: .all([
                .words("externaltrafficpolicy", "internaltrafficpolicy", "traffic policy"), .words("local"),
                .any([
                    .timeout, .refused, .unreachable, .noEndpoints,
                    .words(
                        "no local", "drop", "only", "some nodes", "other nodes", "fail", "without", "not ", "depend",
                        "no endpoint", "other node"),
                ]),
            ])),
        LogRule(
            .certain, "SVC-12",
            when: .words(
                "localendpoints\":0", "localendpoints\": 0", "localendpoints: 0", "localendpoints=0",
                "0 local endpoints")),
        LogRule(
            .likely, "SVC-03", "SVC-10",
            when: .all([
                .words("sync proxy rules", "proxy rules", "proxier healthz", "kube-proxy", "proxyserver"),
                .words(
                    "failed to sync", "last success", "503", "stale", "behind", "not been updated", "not programmed",
                    "not running"),
                .not(.words("replacement", "leftover")),
            ])),
        LogRule(
            .likely, "SVC-10", "SVC-03",
            when: .all([
                .words("sync failed", "failed to sync"),
                .words("proxier", "iptables", "ipvs", "nftables", "kube-proxy", "service vip"),
                .not(.words("xtables", "replacement", "informer", "cache")),
            ]), needs: "kube-proxy's time of the last sync and its last error"),
        // Two that serve one Service's health check.
        LogRule(
            .likely, "BPF-04", "SVC-04", "SVC-12",
            when: .all([
                .words("healthcheck", "health check"), .words("failed to start", "failedtostart"),
                .words("address already in use"),
            ]), needs: "whether kube-proxy runs beside an agent that replaces it"),
        LogRule(
            .likely, "SVC-01", "SVC-12", "ING-01", when: .words("noactiveendpoints", "no_active_endpoints"),
            needs: "the Service's EndpointSlices, and on which nodes they are"),
        LogRule(
            .certain, "DNS-02", "SVC-01", when: .all([.noEndpoints, .words("kube-dns", "coredns", "rke2-coredns")])),
        LogRule(.certain, "SVC-01", when: .check(listsNoEndpoints)),
        LogRule(
            .certain, "SVC-01", "SVC-05",
            when: .all([
                .noEndpoints,
                .not(
                    .words(
                        "kube-dns", "coredns", "rke2-coredns", "webhook", "serviceimport", "serviceexport",
                        "clusterset",
                        "polic", "fromendpoints", "selectorcache", "remote cluster")),
            ])),
    ]
}
