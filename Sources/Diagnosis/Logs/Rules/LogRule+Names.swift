/// Names: what CoreDNS says, and what its clients say.
extension LogRule {
    /// Lines of CoreDNS itself, which asks other servers; its clients speak of looking up.
    private static let serverOfNames = LogPattern.all([
        .any([
            .coredns,
            .words(
                "[error]", "unreachable backend", "node-cache", "nodelocaldns", "dnsmasq", "skydns", "forward request",
                " a: ", " aaaa: ",
                " hinfo: "),
        ]), .not(.words("lookup ")),
    ])

    /// A name with a search domain behind what was whole already: `x.svc.cluster.local.shop.svc.cluster.local`.
    @Sendable private static func isSearchedTwice(_ text: LogText) -> Bool {
        text.tokens.contains { name in
            let parts = name.split(separator: ".")
            return parts.indices.filter { $0 > 0 && parts[$0 - 1] == "cluster" && parts[$0] == "local" }.count > 1
        }
    }

    static let names = [
        LogRule(
            .likely, "DNS-08", "DNS-07", when: .all([.words("cluster.local"), .check(isSearchedTwice)]),
            needs: "the name asked with a dot at its end"),
        LogRule(
            .certain, "DNS-03",
            when: .any([
                .words("plugin/loop"),
                .all([.words("loop detected"), .any([.coredns, .words("dns", "zone", "forward", "panic")])]),
                .all([
                    .words("forward . /etc/resolv.conf", "resolv.conf"),
                    .words("crashloop", "systemd", "127.0.0.53", "loop"), .not(.words("no such file", "open /")),
                ]),
            ])),
        LogRule(
            .likely, "DNS-07", "DNS-03",
            when: .all([.words("resolv.conf"), .words("no such file", "permission denied", "is empty", "not found")]),
            needs: "which file the kubelet's resolvConf names"),
        LogRule(
            .certain, "DNS-06",
            when: .any([
                // With a number behind it, the number decides.
                .all([.words("insert_failed"), .not(.words("insert_failed="))]),
                .all([
                    .words("dns", "resolv", "lookup"),
                    .words(" 5s", "=5s", " 5 s", "five second", " 2.5s", "5-second", " 5.0"),
                    .words(
                        "delay", "latenc", "slow", "take", "took", "exactly", "now and then", "intermittent", "second"),
                ]),
            ])),
        LogRule(
            .certain, "DNS-02",
            when: .all([
                .words("corefile"),
                .words(
                    "error during parsing", "unknown directive", "syntax", "wrong argument", "not a valid",
                    "unexpected token"),
            ])),
        LogRule(
            .likely, "DNS-02", "DNS-11", "DNS-03",
            when: .all([
                .coredns,
                .words(
                    "readiness probe failed", "liveness probe failed", ":8181", "crashloopbackoff", "unschedulable",
                    "0/2"),
            ])),
        // Slow at answering itself, or asked for more than it may wait for.
        LogRule(
            .likely, "DNS-01", "DNS-02", "PRF-01", "NOD-01",
            when: .any([
                .all([.words("plugin/health"), .words("took more than")]),
                .all([
                    .coredns,
                    .words(
                        "cpu limit", "saturat", "overload", "too few replicas", "high latency", "latency high",
                        "p99", "oomkilled", "forwardtimeouts"),
                ]), .words("corednslatencyhigh", "coredns latency", "coredns_dns_request_duration"),
            ]), needs: "cpu.stat of CoreDNS's cgroup, and requests a second for each replica"),
        LogRule(
            .likely, "DNS-07", "DNS-08",
            when: .words(
                "nameserver limits", "nameservers have been omitted", "resolv.conf file has more than",
                "too many nameservers"), needs: "the machine's resolv.conf against the pod's"),
        LogRule(
            .likely, "DNS-11", "API-03",
            when: .all([
                .words("plugin/kubernetes"),
                .not(.words("parse", "unknown property", "wrong argument", "restart failed", "not a valid")),
                .any([
                    .timeout, .unreachable, .nobodyListens,
                    .words(
                        "unsynced", "failed to", "error", "unauthorized", "api connection"
                    ),
                ]),
            ]), needs: "whether CoreDNS's pods reach the API server"),
        LogRule(
            .likely, "DNS-02", "DNS-11",
            when: .all([
                .words("plugin/", "corefile"),
                .words(
                    "unable to parse", "unknown property", "wrong argument", "restart failed", "reload failed",
                    "failed to read", "no such file"), .not(.words("plugin/errors")),
            ]), needs: "the Corefile against the version of CoreDNS"),
        LogRule(
            .possible, "DNS-04", "DNS-02", "DNS-05", "POL-08",
            when: .words(
                "status: refused", "status: servfail", "rcode: refused", "rcode: servfail", ": servfail",
                "query refused"),
            needs: "what CoreDNS itself writes of that name"),
        LogRule(
            .likely, "DNS-07", "DNS-10",
            when: .all([.words("clusterdns", "cluster-dns"), .words("node-", "nodes", " on node", "each node")]),
            needs: "the kubelet's clusterDNS on every node"),
        LogRule(
            .certain, "DNS-07",
            when: .any([
                .words("missingclusterdns"),
                .all([
                    .words("clusterdns", "cluster dns", "dnspolicy", "nameserver"),
                    .words(
                        "not configured", "does not have", "falling back", "differ", "mismatch", "drift"),
                ]),
            ])),
        LogRule(
            .likely, "DNS-08", "DNS-07",
            when: .any([
                .words("ndots", "search line limits", "search path limits"),
                .all([.words("search domain", "search list"), .words("exceed", "too many", "omitted", "expan")]),
            ])),
        LogRule(
            .likely, "DNS-09", "AWS-05",
            when: .all([.words("security group", "sg-"), .words("dns", ":53", "port 53", "53/udp", "udp 53")])),
        // A client that asks the cluster's DNS and gets no answer.
        LogRule(
            .possible, "DNS-05", "DNS-02", "SVC-03", "DNS-10",
            when: .all([.words("lookup "), .words(" on "), .words(":53"), .timeout, .not(.coredns)]),
            needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        LogRule(
            .certain, "DNS-10",
            when: .all([
                .words(
                    "nodelocal", "node-local-dns", "node_local_dns", "169.254.20.10", "169.254.25.10", "node local dns"),
                .words("policy", "egress", "selector", "k8s-app=kube-dns"),
            ])),
        LogRule(
            .certain, "DNS-04", "RTE-14",
            when: .all([
                .words(":53"),
                .words("read udp", "read tcp", "dial udp", "write udp", "plugin/errors", "unreachable backend"),
                .any([.timeout, .unreachable, .words("connection refused")]),
                // A server that has the cluster's own names asks nobody for them: this one is a cache in front of it.
                .not(.words("cluster.local. ")), serverOfNames,
            ])),
        LogRule(
            .possible, "DNS-02", "DNS-04", "DNS-05", "RTE-14", "RTE-01",
            when: .all([
                .words(":53"), .words("read udp", "read tcp", "dial udp", "write udp"),
                .any([.timeout, .unreachable, .words("connection refused")]), .not(serverOfNames),
            ]), needs: "whose the asked address is: CoreDNS's, or a server's outside"),
        LogRule(
            .likely, "DNS-02", "SVC-03", "DNS-04", "DNS-11",
            when: .all([
                .words("cluster.local. "), .words(":53"), .words("error"),
                .any([.timeout, .unreachable, .words("connection refused")]),
            ]), needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        LogRule(
            .likely, "DNS-04", "RTE-14", "DNS-07",
            when: .words("no upstream host", "unreachable backend", "no healthy upstreams", "no nameservers in")),
        // A server of names that cannot listen, or does not understand its file.
        LogRule(
            .likely, "DNS-02", "DNS-10", "DNS-03",
            when: .any([
                .all([
                    .port(53), .words("listen", "bind"),
                    .words("address already in use", "cannot assign requested address", "permission denied"),
                ]),
                .all([
                    .words("plugin/"),
                    .words(
                        "not an ip address", "unknown property", "invalid", "unable to", "not a valid", "no such file"),
                    .not(.words("plugin/errors", "plugin/kubernetes", "plugin/loop", "[info]")),
                ]),
            ])),
        // CoreDNS writes the type asked for behind the name.
        LogRule(
            .possible, "DNS-04", "DNS-02", "RTE-14",
            when: .all([
                .words("[error]"), .words(" a: ", " aaaa: ", " srv: ", " hinfo: ", " ptr: ", " mx: ", " txt: "),
            ])),
        // Whoever looks up a name before dialling it has not reached the dialled yet.
        LogRule(
            .likely, "DNS-02", "DNS-05", "DNS-04", "SVC-03", "DNS-07",
            when: .all([
                .words(": lookup ", "lookup_host"),
                .any([
                    .timeout, .nobodyListens, .unreachable,
                    .words("no such host", "server misbehaving", "operation not permitted"),
                ]), .not(.words("amazonaws.com", "webhook")),
            ]), needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        LogRule(
            .possible, "DNS-02", "DNS-05", "SVC-03", "DNS-04", "DNS-10",
            when: .all([
                .words("#53", "communications error", "dns request", "dns query", "dns server", "resolver"),
                .any([.timeout, .nobodyListens, .unreachable, .words("no response", "not respond", "fail")]),
            ]), needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        LogRule(.certain, "DNS-01", when: .all([.words("dns"), .words("throttl", "nr_throttled")])),
        // EAI_AGAIN: somebody was asked and did not answer in time, or could not.
        LogRule(
            .possible, "DNS-02", "DNS-05", "DNS-01", "DNS-06", "DNS-04",
            when: .any([
                .words("eai_again", "temporary failure in name resolution", "[errno -3]"),
                .all([.words("unknownhostexception", "getaddrinfo"), .words("try again")]),
            ]), needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        // A client that balances by itself asked for a Service's pods and got none.
        LogRule(
            .possible, "SVC-01", "DNS-02", "DNS-07", "MSH-03",
            when: .any([
                .words(
                    "produced zero addresses", "update with 0 addresses", "zero addresses", "no children to pick",
                    "no subconns available", "no ready subchannel", "empty address list", "no servers available",
                    "load balancer does not contain an instance", "no instances available for"),
                .all([
                    .words("nameresolver", "name resolver", "subchannel", "srv record"),
                    .words("no usable address", "empty list", "empty address", "no address", "0 address"),
                ]),
            ]), needs: "the Service's EndpointSlices; whether its name has addresses"),
        // Whoever asks CoreDNS on another node crosses the same way as everybody.
        LogRule(
            .possible, "DNS-02", "DNS-05", "SVC-03", "RTE-01",
            when: .any([
                .words("no servers could be reached", "communications error", "while resolving"),
                .all([.words("lookup "), .words(" on "), .words(":53"), .timeout, .not(.coredns)]),
            ]), needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        // A time of its own for the name, in seconds, as curl tells it.
        LogRule(
            .possible, "DNS-06", "DNS-01", "DNS-08", "DNS-04",
            when: .all([
                .words("time_namelookup", "namelookup:", "dns_lookup", "dns lookup"),
                .check { text in
                    ["time_namelookup:", "time_namelookup=", "namelookup:", "dns_lookup:", "dns_lookup="].contains {
                        text.texts(after: $0, until: []).contains { rest in
                            let number = rest.drop { $0 == " " }.prefix { $0.isNumber || $0 == "." }
                            return Double(number).map { (1..<60).contains($0) } ?? false
                        }
                    }
                },
            ]), needs: "conntrack -S (insert_failed) of the node, beside CoreDNS's own latency"),
        LogRule(
            .possible, "DNS-07", "DNS-08", "DNS-02", "SVC-01", "DNS-05",
            when: .all([
                .words("can\"t find ", "can not find "), .words("nxdomain", "no answer", "non-existent domain"),
            ]),
            needs: "the pod's resolv.conf, and the name asked with a dot at its end"),
        LogRule(
            .possible, "DNS-02", "DNS-05", "SVC-03", "DNS-04", "DNS-06", "DNS-01",
            when: .all([
                .words("dns ", "dns:", "dns.", "nameserver", "resolver", "resolution"), .timeout,
                .not(.any([.webhook, .words("dns-01", "dns01", "conflict resolution")])),
            ]), needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        // EAI_NODATA: the name is known and has no address of the family asked for.
        LogRule(
            .possible, "DNS-08", "DNS-07", "DNS-02",
            when: .words("no usable address", "no address associated with hostname", "eai_nodata", "[errno -5]"),
            needs: "what the name's A and AAAA are, asked with its search list and without"),
        LogRule(
            .possible, "DNS-05", "DNS-02", "DNS-04", "DNS-07", "DNS-08", "SVC-01",
            when: .words(
                "could not be resolved", "non-existing domain", ":nxdomain", "(nxdomain)", "dnsnameresolver", "querya ",
                "queryaaaa ", "querysrv ", "etimeout",
                "esservfail", "eservfail", "enodata", "resolving timed out", "name does not resolve", "cannot resolve",
                "failed to look up", "failed to lookup", "name lookup", "unable to look up", "host lookup",
                "nonexistent domain", "non-existent domain", "eai_fail", "err_name_resolution", "name_resolution",
                "domain does not exist", "unresolvable", "cannot be resolved", "no ip address for", "dnsexception",
                "dns_hard", "nameserver returned", "dns timeout", "dns: no answer", "resolver error",
                "no such host", "server misbehaving", "temporary failure in name resolution", "can\"t resolve",
                "eai_again", "eai_noname", "getaddrinfo", "nxdomain for",
                "could not resolve", "name or service not known", "servfail", "bad address", "dns error",
                "unknown host",
                "unknownhost", "lookup address information", "failed to resolve", "couldn\"t resolve", "enotfound",
                "no address associated with hostname", "host not found", "name resolution", "translate host name",
                "no servers could be reached", "dns lookup failed", "dns resolution", "nameresolution", "[errno -2]",
                "[errno -3]", "[errno -5]", "no address found", "php_network_getaddresses", "socket.gaierror",
                "getaddrinfow", "no such host is known", "unresolvedaddress", "name not resolved",
                "nodename nor servname",
                "resource temporarily unavailable (", "dns_probe_", "resolution failure", "err_name_not_resolved",
                "hostname could not be", "failure resolving", "error resolving", "unable to resolve host",
                "could not look up", "system.net.dns", "gethostentry", "addressimpl.lookup", "dnserror",
                "domain name not found"),
            needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
    ]
}
