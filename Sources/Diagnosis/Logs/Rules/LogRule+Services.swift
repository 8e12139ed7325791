/// Services, and what stands in front of them.
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

    static let edge = [
        LogRule(
            .certain, "ING-08",
            when: .any([
                .words("strictarp"),
                .all([.words("ipvs"), .words("metallb", "arp ", "arping", "arp request", "arp repl", "loadbalancer")]),
            ])),
        // Announcers that do not understand each other each think they are alone.
        LogRule(
            .possible, "ING-08", "ING-01",
            when: .all([.words("memberlist", "metallb"), .words("decrypt", "encrypt", "secret key", "installed keys")]),
            needs: "whether every speaker has the memberlist secret of the others"),
        LogRule(
            .likely, "ING-09",
            when: .all([
                .words("ping"), .words("metallb", "vip", "loadbalancer", "load balancer", "assigned ip", "external ip"),
                .not(.words("ipvs")),
            ])),
        LogRule(
            .certain, "MSH-02",
            when: .words("wrong_version_number", "wrong version number", "tls: first record does not look like")),
        LogRule(
            .certain, "MSH-02", "MSH-01",
            when: .all([
                .words("peerauthentication", "mtls", "mutual tls", "strict mode", "mode strict"),
                .words(
                    "reset", "plaintext", "plain text", "no sidecar", "not in the mesh", "refused", "fail", "tls error",
                    "alert", "503"),
                .not(.words("permissive", "please consider")),
            ])),
        // A proxy that sends no more than it was told to.
        LogRule(
            .certain, "SVC-13",
            when: .any([
                .words(
                    "pending_overflow", "circuit breaker", "circuit_breaker", "reset reason: overflow",
                    "rq_retry_overflow"),
                .all([
                    .words("connection pool", "hikaripool", "pool of connections", "connections in pool"),
                    .words("exhausted", "timeout waiting for", "too many connections", "request timed out", "is full"),
                    .not(.words("ip pool", "ippool", "address", "ipam", "cidr", "cns")),
                ]),
            ])),
        LogRule(
            .likely, "SVC-13", "PRF-01",
            when: .any([
                .words("too many connections", "connection limit exceeded", "remaining connection slots"),
                .all([
                    .words(" pool", "pool "), .words("exhausted", "timeout waiting for"),
                    .not(.words("ip pool", "ippool", "address", "ipam", "cidr", "cns", "thread pool")),
                ]),
            ])),
        // Ports of a mesh's own control plane and tunnels.
        LogRule(
            .likely, "POL-11", "MSH-01", "API-03", "MSH-02",
            when: .all([
                .any([
                    .port(15012, 15008, 15017, 15010),
                    .words("xds-grpc", "istiod", "hbone", "linkerd-destination", "linkerd-identity"),
                ]),
                .any([.timeout, .refused, .unreachable, .words("closed since", "networkpolicy", "blocked")]),
                .not(.words("webhook", "wrong_version", "policy rejection")),
            ]), needs: "whether a NetworkPolicy closes the mesh's own ports"),
        // An end of the mesh's tunnel that speaks something else.
        LogRule(
            .likely, "MSH-02", "MSH-01", "POL-11",
            when: .all([
                .words("hbone", "proxy::h2", "h2 failed", "http2 error", "unexpected http/1"),
                .words("handshake", "frame", "goaway", "protocol error", "preface"), .not(.words("ping error")),
            ]), needs: "whether both ends are in the mesh, and which port is named in the Service"),
        LogRule(
            .certain, "MSH-04",
            when: .all([
                .sidecar, .words("oomkilled", "out of memory", "exit code 137", "memory limit", "throttl"),
            ])),
        LogRule(
            .likely, "MSH-06", "SVC-05",
            when: .all([
                .words(
                    "rollout", "drain", "prestop", "rolling update", "during deploy", "each deploy", "terminationdrain"),
                .words("503", "reset", "connection", "502", "eof"),
                .not(.words("not making progress", "cordon", "evict")),
            ])),
        LogRule(
            .likely, "MSH-02", "MSH-06", "ING-04", "SVC-02", "SVC-01", "POL-01",
            when: .words("upstream connect error")),
        LogRule(
            .certain, "MSH-01",
            when: .all([
                .words(
                    "sidecar", "istio-proxy", "linkerd-proxy", "istio.io/rev", "istio-injection", "linkerd.io/inject"),
                .words(
                    "not injected", "no sidecar", "missing sidecar", "has no istio-proxy", "no linkerd-proxy",
                    "matches no installed", "no injector", "without a sidecar"),
                .not(.words("peerauthentication", "mtls")),
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
                .all([
                    .words("certificate has expired", "certificate is valid for", "err_cert"),
                    .not(
                        .words(
                            "webhook", "apiserver", "kubelet", "kubeconfig", "etcd", "/apis/", "/api/v1", ":6443",
                            ":10250", ":2379", "kubernetes.default")),
                ]),
                .all([.words("fake certificate"), .words("ingress", "kubernetes")]),
            ])),
        LogRule(
            .certain, "ING-01",
            when: .all([
                .words("ingressclass", "ingress class", "ingress.class"),
                .any([
                    .absent,
                    .words(
                        "no ingressclass", "does not contain", "no controller", "ignor", "not valid",
                        "no object matching", "invalid"),
                ]),
            ])),
        // Conditions of the Gateway API.
        LogRule(
            .likely, "ING-07", "ING-01", "ING-06",
            when: .words(
                "nomatchingparent", "nomatchinglistener", "notallowedbylisteners", "no listener matches",
                "refnotpermitted", "no matching listener", "not permitted by any referencegrant"),
            needs: "the listeners' hostnames and allowedRoutes, and the ReferenceGrants"),
        LogRule(
            .likely, "ING-01", "ING-03",
            when: .words(
                "addressnotassigned", "addressnotusable", "no addresses have been assigned", "waiting for controller"),
            needs: "the controller's own event on the Gateway"),
        LogRule(.likely, "ING-06", "ING-05", when: .words("invalidcertificateref", "invalid certificate ref")),
        LogRule(
            .certain, "ING-07",
            when: .all([
                .words("host"), .words("path"),
                .words("already defined", "duplicate", "conflict", "already exists", "already claimed", "already used"),
                .words("ingress", "httproute", "virtualserver", "route"),
            ])),
        // Nobody gives the Service its address.
        LogRule(
            .likely, "ING-01", "ING-03", "ING-02", "AWS-04",
            when: .all([
                .loadBalancer,
                .any([
                    .outOfAddresses,
                    .words(
                        "pending", "no cloud provider", "not configured", "allocationfailed", "failed to ensure",
                        "no available ip", "no controller", "not supported", "failed to allocate"),
                ]), .not(.words("quota", "limitreached", "limit reached")),
            ]), needs: "the controller's own event on the Service"),
        LogRule(
            .likely, "ING-01", "ING-03", "ING-02", "AWS-05",
            when: .any([
                .all([
                    .words("load balancer", "loadbalancer", "target group", "floatingip", "floating ip"),
                    .words(
                        "error creating", "failed to create", "failed to ensure", "error syncing",
                        "creatingloadbalancerfailed",
                        "does not support", "error getting", "failed to get", "not found", "neither", "failed deploy",
                        "failed build", "not authorized", "unable to create"),
                    .not(.words("quota", "limitreached", "limit reached", "webhook", "unauthorizedoperation")),
                ]),
                .words(
                    "listenernotfound", "targetgroupnotfound", "loadbalancernotfound",
                    "expect exactly one securitygroup",
                    "linkedauthorizationfailed", "authorization_failed", "does not have authorization to perform",
                    "does not have permission to perform action", "authorizationfailed"),
            ]), needs: "the controller's own event on the Service"),
        LogRule(
            .possible, "ING-01", "ING-02", "ING-03", "AWS-04",
            when: .all([
                .words("reconciler error", "failed to reconcile", "failed deploy model", "failed build model"),
                .words("ingress", "targetgroup", "elbv2", "alb", "loadbalancer", "listener", "load balancer"),
            ]), needs: "the controller's own event on the Service or the Ingress"),
        LogRule(
            .likely, "ING-04", "SVC-02", "SVC-01",
            when: .all([
                .words("upstream", "backend"),
                .words(
                    "while connecting to", "while reading response header", "prematurely closed", "no live upstreams",
                    "connect() failed", "bad gateway", "upstream timed out"),
            ])),
        LogRule(
            .likely, "ING-04",
            when: .all([.words("502", "bad gateway", "connect() failed"), .words("upstream", "backend", "ingress")])),
        LogRule(
            .likely, "SVC-01", "ING-04", "SVC-05", "SVC-13",
            when: .words(
                "no healthy upstream", "no healthy host", "no live upstream", "no server available",
                "no available server",
                "no backend available", "no active backend", "backends are down", "0 active and 0 backup")),
        LogRule(
            .likely, "ING-04", "SVC-02",
            when: .words("layer4 connection problem", "layer4 timeout", "layer7 wrong status", "is down, reason")),
        LogRule(
            .likely, "SVC-05",
            when: .any([
                .words("no healthy targets", "targets are unhealthy", "unhealthy targets", "stale endpoint"),
                .all([.words("endpoint"), .words("no longer exists", "terminating", "still sends", "pod that is gone")]
                ),
            ])),
        LogRule(
            .certain, "SVC-08",
            when: .any([
                .all([
                    .words("hairpin"),
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
            when: .all([.noEndpoints, .not(.words("kube-dns", "coredns", "rke2-coredns", "webhook"))])),
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
            .certain, "POL-07",
            when: .all([
                .words("networkpolic", "network polic"),
                .words(
                    "nothing is blocked", "not enforced", "not implement", "does not support", "doesn\"t support",
                    "not supported", "unenforced", "ignored by", "no policy engine"),
            ])),
        LogRule(
            .likely, "POL-07",
            when: .all([
                .words("networkpolic", "network polic"),
                .words(
                    "not be enforced", "won\"t be enforced", "not be applied", "enforcement is disabled",
                    "policy support is disabled", "no effect"),
            ]), needs: "whether the agent that enforces policies runs on that node"),
        LogRule(
            .likely, "POL-09", "SVC-10", "INS-07", "POL-10", "INS-09",
            when: .all([
                .words("ipset", "ip sets", "ip set"),
                .words("restore", "out-of-sync", "out of sync", "resync", "rewrite"),
                .words("fail", "syntax error", "exit status", "unable"), .not(.words("service vip", "set type not")),
            ]), needs: "what ipset itself says of that line, and its version against the kernel's"),
        // Policies that are known and not yet in the kernel.
        LogRule(
            .likely, "POL-09", "POL-10", "SVC-10", "INS-07",
            when: .all([
                .words("networkpolic", "network polic", "policy chains", "policy rules", "policy map"),
                .words("sync", "apply", "program", "install", "reconcil", "realiz", "realis"),
                .words("fail", "abort", "unable", "error"),
                .not(
                    .words(
                        "forbidden", "unauthorized", "webhook", "admission", "reflector", "list *", "failed to list",
                        "validation", "api server", "not support", "mtu")),
            ]), needs: "the revision the endpoint has against the one that is known"),
        LogRule(
            .certain, "POL-14", "DNS-05", when: .all([.words("5353"), .words("dns"), .words("policy", "egress")])),
        LogRule(
            .likely, "POL-08", "DNS-05",
            when: .all([
                .words("fqdn", "qname", "dnsproxy", "dns proxy", "tofqdns", "matchpattern"),
                .words("denied", "refused", "drop", "not allowed", "reject"),
            ])),
        LogRule(
            .likely, "POL-12", "POL-01",
            when: .all([.words("ipblock"), .words("service", "clusterip", "cluster ip", "never match")])),
        LogRule(
            .likely, "POL-02", "POL-07",
            when: .all([
                .words("policy"),
                .words("selects no pod", "matches no pod", "no effect", "does nothing", "0 pods", "no pods match"),
            ])),
        LogRule(
            .likely, "POL-01", "POL-02", "POL-09",
            when: .any([
                .words(
                    "policy denied", "denied by policy", "policy-denied", "no policy match", "drop (policy", "deniedby",
                    "policy-verdict:none", "policy_denied", "verdict: dropped", "verdict=dropped", "calico-packet",
                    "policy rejection", "rbac: access denied", "default-deny", "default deny", "verdict deny",
                    "verdict: deny",
                    "verdict=deny", "verdict drop", "verdict\":\"dropped", "action=drop"),
                .all([
                    .words("networkpolic", "network polic", "policy-verdict", "policyrule", "netpol", " acl"),
                    .words(" drop", "deny", "denied", "reject", "blocked"), .not(.words("forbidden", "admission")),
                ]),
            ])),
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
                .words(
                    "serviceexport", "serviceimport", "clusterset.local", "cilium.io/global", "cilium/global",
                    "global service"),
                .any([.absent, .words("false", "no remote", "not exported", "no backends", "conflict")]),
            ])),
        LogRule(
            .likely, "MCL-04", "MCL-03",
            when: .all([.words("ippool", "ip pool"), .words("remote cluster", "remote cidr", "other cluster")])),
    ]
}
