/// Names, Services, and what stands in front of them.
extension LogRule {
    static let names = [
        LogRule(
            .certain, "DNS-03",
            when: .any([
                .words("plugin/loop", "loop detected"),
                .all([
                    .words("forward . /etc/resolv.conf", "resolv.conf"),
                    .words("crashloop", "systemd", "127.0.0.53", "loop"),
                ]),
            ])),
        LogRule(
            .certain, "DNS-06",
            when: .any([
                .words("insert_failed"),
                .all([.words("dns", "resolv", "lookup"), .words("5s", "5 s", "five second", "2.5s", "5-second")]),
            ])),
        LogRule(
            .certain, "DNS-10",
            when: .all([
                .words("nodelocal", "node-local-dns", "169.254.20.10", "node local dns"),
                .words("policy", "egress", "selector"),
            ])),
        LogRule(
            .certain, "DNS-04", "RTE-14",
            when: .all([
                .words(":53"),
                .words("read udp", "read tcp", "dial udp", "write udp", "plugin/errors", "unreachable backend"),
                .any([.timeout, .unreachable, .words("connection refused")]),
            ])),
        LogRule(.certain, "DNS-01", when: .all([.words("dns"), .words("throttl", "nr_throttled")])),
        LogRule(
            .possible, "DNS-05", "DNS-02", "DNS-04", "DNS-07",
            when: .words(
                "no such host", "server misbehaving", "temporary failure in name resolution", "can\"t resolve",
                "eai_again", "eai_noname", "getaddrinfo", "nxdomain for",
                "could not resolve", "name or service not known", "servfail", "bad address"),
            needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
    ]

    static let edge = [
        LogRule(
            .certain, "ING-08",
            when: .all([.words("ipvs", "strictarp"), .words("metallb", "arp", "vip", "loadbalancer")])),
        LogRule(
            .likely, "ING-09",
            when: .all([
                .words("ping"), .words("metallb", "vip", "loadbalancer", "load balancer", "assigned ip", "external ip"),
                .not(.words("ipvs")),
            ])),
        LogRule(
            .certain, "MSH-02",
            when: .words("wrong_version_number", "wrong version number", "tls: first record does not look like")),
        LogRule(.likely, "MSH-02", "MSH-06", "ING-04", when: .words("upstream connect error")),
        LogRule(
            .certain, "MSH-01",
            when: .all([
                .words("sidecar", "istio-proxy", "linkerd-proxy"),
                .words("not injected", "no sidecar", "missing sidecar"),
            ])),
        LogRule(
            .certain, "ING-05",
            when: .all([
                .words("challenge", "acme", "http-01", "dns-01", "self check", "propagation check", "presented key"),
                .words("fail", "404", "timeout", "not yet", "wrong status", "propagat", "waiting"),
            ])),
        LogRule(
            .certain, "ING-06",
            when: .any([
                .words("certificate has expired", "certificate is valid for", "err_cert"),
                .all([.words("fake certificate"), .words("ingress", "kubernetes")]),
            ])),
        LogRule(
            .certain, "ING-01",
            when: .all([
                .words("ingress", "ingressclass"),
                .words("no ingressclass", "does not contain valid ingressclass", "not found", "no controller"),
            ])),
        LogRule(
            .likely, "ING-04",
            when: .all([.words("502", "bad gateway", "connect() failed"), .words("upstream", "backend", "ingress")])),
        LogRule(
            .certain, "DNS-02", "SVC-01", when: .all([.noEndpoints, .words("kube-dns", "coredns", "rke2-coredns")])),
        LogRule(
            .certain, "SVC-01", "SVC-05",
            when: .all([.noEndpoints, .not(.words("kube-dns", "coredns", "rke2-coredns"))])),
        LogRule(
            .certain, "POL-04",
            when: .all([.words("- podselector"), .words("- namespaceselector")])),
        LogRule(
            .certain, "POL-05",
            when: .all([
                .words("namespaceselector"), .words("name: kube-system", "name: default", "\"name\": \"kube-system\""),
                .not(.words("kubernetes.io/metadata.name", "- podselector")),
            ])),
        LogRule(.certain, "POL-06", when: .words("policytypes: []", "\"policytypes\":[]")),
        LogRule(
            .likely, "POL-01", "POL-02", "POL-09",
            when: .words(
                "policy denied", "denied by policy", "policy-denied", "no policy match", "drop (policy", "deniedby")),
        LogRule(
            .likely, "MCL-01", "MCL-03",
            when: .all([.words("cluster cidr", "clustercidr"), .words("/24", "/25", "/26")])),
        LogRule(
            .likely, "MCL-02", "MCL-03",
            when: .all([
                .words("submariner", "cable", "gateway connection", "clustermesh"),
                .words("4500", "4490", "4800", "not established", "connecting", "error", "timed out"),
            ])),
        LogRule(
            .likely, "MCL-05",
            when: .all([
                .words("serviceexport", "serviceimport", "clusterset.local"),
                .words("not found", "no such", "nxdomain", "missing"),
            ])),
    ]
}
