/// Proxies in front of pods and inside them: what they say of the way behind them.
extension LogRule {
    /// What Envoy writes behind the answer's code (`%RESPONSE_FLAGS%`), or what a field of that name holds.
    private static func flags(_ text: LogText) -> Set<Substring> {
        let ends: Set<Character> = [" ", "\"", ";", "}", "]"]
        let places = ["500", "502", "503", "504", "0", "404", "403", "400", "408", "426"].map { "\" \($0) " }
        let fields = ["response_flags=", "response_flags\":\"", "response_flags\": \"", "responseflags=", "flags:"]
        let found = (places + fields).flatMap { text.texts(after: $0, until: ends) }
        return Set(found.flatMap { $0.split(separator: ",") })
    }

    private static func hasFlag(_ wanted: String...) -> LogPattern {
        .check { text in !flags(text).isDisjoint(with: wanted.map { Substring($0) }) }
    }

    private static let reading = "the flags Envoy writes behind the code, and istioctl proxy-config endpoints"

    /// Codes of `istioctl analyze`, by what they are a sign of (istio.io/latest/docs/reference/config/analysis).
    private static let notInjected: Set<String> = ["ist0102", "ist0103", "ist0105", "ist0123", "ist0146"]
    private static let halfEncrypted: Set<String> = ["ist0113", "ist0128", "ist0129"]
    private static let contradicting: Set<String> = [
        "ist0101", "ist0104", "ist0109", "ist0110", "ist0111", "ist0112", "ist0116", "ist0118", "ist0127", "ist0130",
        "ist0131", "ist0132", "ist0140", "ist0145", "ist0162", "ist0171",
    ]

    private static func analysed(_ codes: Set<String>) -> LogPattern {
        .all([
            .words("ist01"),
            .check { text in
                text.texts(after: "ist01", until: ["]", " ", ")", ":", ","]).contains { codes.contains("ist01" + $0) }
            },
        ])
    }

    static let proxies: [LogRule] = [
        LogRule(.certain, "MSH-01", when: analysed(notInjected)),
        LogRule(.likely, "MSH-02", "MSH-03", when: analysed(halfEncrypted), needs: "PeerAuthentication beside it"),
        LogRule(.likely, "MSH-03", "ING-07", "SVC-01", when: analysed(contradicting), needs: "istioctl analyze"),
        LogRule(.likely, "ING-06", "ING-07", when: analysed(["ist0138"]), needs: "the Gateways' certificates"),
        // Envoy's own word for how an answer came about (%RESPONSE_CODE_DETAILS%).
        LogRule(
            .likely, "MSH-02", "MSH-03", "SVC-02", when: .words("filter_chain_not_found", "filter chain not found"),
            needs: "whether the caller speaks TLS where PeerAuthentication is STRICT"),
        // TLS between two proxies that did not come to be: a certificate, an authority, or one side in clear.
        LogRule(
            .likely, "MSH-02", "ING-06", "MSH-01",
            when: .any([
                .words("tls_error", "transport failure reason: tls", "secret is not supplied by sds"),
                .all([
                    .words(
                        "trust anchor", "issuer cert", "workload cert", "root cert", "spiffe", "threadid(",
                        "proxies\" cert",
                        "istiod", "linkerd2_proxy_identity", "linkerd_proxy_identity", "::certify",
                        "linkerd-identity", "trust domain", "trust_domain"),
                    .words(
                        "expired", "validity", "not yet valid", "mismatch", "unknown authority", "not trusted",
                        "verify fail", "verification fail", "does not match", "not signed by", "unknown issuer",
                        "invalid peer certificate"),
                    .not(.words("webhook", "level=info")),
                ]),
            ]), needs: "the trust anchors and dates of both sides' certificates"),
        LogRule(
            .likely, "MSH-06", "MSH-02", "ING-04", "SVC-05",
            when: .words(
                "{connection_termination", "{remote_reset", "{local_reset", "reset reason: connection termination"),
            needs: reading),
        LogRule(
            .likely, "SVC-02", "MSH-02", "SVC-06", "ING-04", "SVC-01", "POL-01",
            when: .words(
                "{connection_failure", "{remote_connection_failure", "{local_connection_failure",
                "delayed_connect_error"), needs: reading),
        LogRule(
            .likely, "POL-01", "SVC-05", "RTE-01", "ING-04", when: .words("{connection_timeout"), needs: reading),
        LogRule(.likely, "SVC-01", "SVC-05", "SVC-13", when: .words("no_healthy_upstream"), needs: reading),
        LogRule(.likely, "MSH-03", "SVC-01", when: .words("cluster_not_found", "route_not_found"), needs: reading),
        LogRule(
            .likely, "ING-04", "SVC-13", "PRF-01",
            when: .words("upstream_response_timeout", "response_timeout", "upstream_per_try_timeout"), needs: reading),
        // A proxy without its own certificate.
        LogRule(
            .likely, "POL-11", "MSH-02", "API-03", "MSH-01",
            when: .all([
                .words(
                    "ca request failed", "failed to warm certificate", "failed to generate workload certificate",
                    "csr failed", "failed to sign csr", "failed to create certificate", "failed to certify"),
                .not(.words(": lookup ", "acme", "issuer")),
            ]), needs: "whether the proxy reaches the mesh's control plane, and what its authority says"),
        // Of a proxy that says no more than that it is not ready.
        LogRule(
            .possible, "POL-11", "MSH-04", "MSH-01", "MSH-03", "SVC-06",
            when: .any([
                .words("envoy proxy is not ready"),
                .all([.port(15021, 15000, 15020), .any([.timeout, .nobodyListens, .words("503")])]),
            ]), needs: "the last lines of the proxy, and its last state"),
        LogRule(
            .possible, "MSH-02", "ING-04", "MSH-03", when: .words("426 upgrade required", " 426 "),
            needs: "which version of HTTP the caller speaks"),
        LogRule(
            .possible, "ING-04", "SVC-13", "SVC-02",
            when: .any([
                .words("upstream max stream duration", "invalid response was received from the upstream"),
                .all([.words("upstream"), .words("is timing out", "invalid response", "no resolver defined")]),
            ]), needs: "the backend's own log of that request"),
        // A proxy that has nothing to go by, or was given what it cannot take.
        LogRule(
            .likely, "MSH-03", "INS-09", "ING-01", "ING-06",
            when: .any([
                .all([
                    .words("xds server, but was rejected", "ack error", "nack", "proto constraint validation"),
                    .words("envoy", "xds", "ads", "cds", "lds", "eds", "rds"), .not(.words("nack=0", "nacks: 0")),
                ]), .words("error adding/updating listener", "gradually applying config failed"),
            ]), needs: "istioctl proxy-status, and what istiod says of the rejected resource"),
        LogRule(
            .likely, "POL-11", "MSH-01", "API-03", "INS-01",
            when: .words(
                "is istiod running", "is pilot running", "config not received from", "no ztunnel connect",
                "ztunnel is not"),
            needs: "whether the proxy reaches istiod's port 15012"),
        // The init container that redirects the pod's traffic, or the node's agent that does it in its place.
        LogRule(
            .likely, "MSH-05", "RTE-16", "INS-07",
            when: .any([
                .all([
                    .words("istio-init", "linkerd-init", "istio-iptables", "proxy-init", "kuma-init"),
                    .words("iptables", "xtables", "netfilter", "nf_tables"), .failing,
                ]),
                .all([
                    .words("ztunnel", "istio-cni", "ambient"), .words("redirection"),
                    .words("not in place", "missing", "could not", "failed to", "not set up"),
                ]),
            ]), needs: "rules of table nat in the pod's namespace, and the modules that iptables there asks for"),
        LogRule(
            .likely, "INS-01", "CFG-08", "POL-11", "MSH-05", "MSH-01",
            when: .words("unable to push cni event", "partial add error", "no ztunnel connected"),
            needs: "istio-cni and ztunnel on that node"),
        LogRule(
            .possible, "POL-11", "MSH-02", "POL-01", "RTE-01",
            when: .all([
                .port(15020, 15021, 15090, 4191, 15014), .any([.timeout, .unreachable, .nobodyListens]),
            ]), needs: "whether a NetworkPolicy closes the mesh's own ports"),
        LogRule(.certain, "SVC-13", when: hasFlag("uo"), needs: reading),
        LogRule(.likely, "SVC-01", "SVC-05", "SVC-13", "ING-04", when: hasFlag("uh"), needs: reading),
        // The proxy of a pod that does not reach its own application.
        LogRule(
            .likely, "SVC-02", "SVC-06", "MSH-06", "ING-04",
            when: .all([hasFlag("uf"), .words("inbound|"), .words("127.0.0.1:", "127.0.0.6:", "[::1]:")]),
            needs: "whether the application listens there now, and whether its pod was being stopped"),
        LogRule(.likely, "MSH-02", "SVC-02", "ING-04", "SVC-06", "POL-01", when: hasFlag("uf", "urx"), needs: reading),
        LogRule(.likely, "MSH-06", "MSH-02", "ING-04", when: hasFlag("uc", "ur", "lr"), needs: reading),
        LogRule(.likely, "MSH-03", "SVC-01", "ING-07", when: hasFlag("nr", "nc"), needs: reading),
        LogRule(.likely, "ING-04", "SVC-13", "PRF-01", when: hasFlag("ut", "sdto", "si", "upe"), needs: reading),
        LogRule(.likely, "MSH-02", "ING-04", "SVC-02", when: hasFlag("dpe"), needs: reading),
        LogRule(.likely, "DNS-02", "DNS-05", "DNS-04", when: hasFlag("df"), needs: reading),
        LogRule(.likely, "MSH-04", "NOD-04", when: hasFlag("om"), needs: reading),
        // gRPC's own codes behind the stream: 14 is that nobody was there, others that what came was not understood.
        LogRule(
            .likely, "POL-11", "MSH-01", "API-03", "MSH-02", "SVC-01",
            when: .any([
                .all([
                    .words("config stream", "aggregatedresources", "streamsecrets", "streamlisteners"),
                    .any([
                        .timeout, .nobodyListens, .unreachable,
                        .words(" 14,", "closed since", "connection error", "no healthy upstream", "no such host"),
                    ]),
                ]), .words("no known consul servers", "no consul servers available"),
            ]), needs: "whether the proxy reaches the mesh's control plane"),
        LogRule(
            .possible, "MSH-03", "POL-11", "INS-09", "API-03",
            when: .all([
                .words("config stream closed", "error handling ads stream"), .not(.words(" 14,", "closed: 13")),
            ]),
            needs: "what the control plane says of that proxy"),
        LogRule(
            .possible, "POL-11", "MSH-02", "API-03",
            when: .all([
                .words("config stream closed", "xds", "ads: ", "sds"),
                .words(
                    "upstream connect error", "timed out", "connection refused", "no healthy upstream",
                    "connection failure"),
            ]), needs: "whether the pod reaches istiod's port 15012"),
        LogRule(
            .likely, "POL-11", "MSH-01", "API-03", "MSH-02", "RTE-01", "SVC-01", "SVC-05",
            when: .all([
                .words("linkerd2_proxy", "linkerd_proxy", "linkerd_app", "linkerd_reconnect", "linkerd_stack"),
                .any([
                    .timeout,
                    .words("failed to certify", "error fetching profile", "fail-fast", "failfast", "service in fail"),
                ]),
            ]), needs: "whether the pod reaches the mesh's control plane"),
        LogRule(
            .possible, "MSH-04", "POL-11", "MSH-06", "CFG-08",
            when: .all([
                .sidecar,
                .words("probe failed", "back-off", "crashloop", "will be restarted", "not ready", "unhealthy"),
            ])),
        LogRule(
            .likely, "ING-06", "ING-05",
            when: .all([
                .words("certificate", "secret", "credentialname", "kubernetes-gateway://"),
                .words("tls", "ssl", "x.509", "certificate", " pem ", "kubernetes-gateway://"),
                .any([
                    .absent,
                    .words("no object matching", "not fetched", "could not find tls", "failed to fetch secret"),
                ]),
                .not(
                    .any([
                        .webhook,
                        .words(
                            "secret does not exist", "kubelet", "etcd", "apiserver", "issuer", "certificaterequest",
                            "acme", "ca bundle", "networkpolic", "san", "alternative name"),
                    ])),
            ]), needs: "the Secret the tls section names, in its own namespace"),
        LogRule(
            .likely, "ING-06", "ING-05",
            when: .all([
                .words("secret"),
                .any([.absent, .words("no object", "failed to load", "invalid", "could not be", "no certificate")]),
                .words("tls", "certificate", "cert "),
                .words(
                    "ingress", "gateway", "listener", "traefik", "httproute", "server block", "sni", "vhost",
                    "certificateref"),
            ])),
        LogRule(
            .likely, "ING-06", "ING-04", "API-01", "WHK-01",
            when: .all([
                .words(
                    "certificate has expired", "not yet valid", "certificate is not valid", "self-signed certificate",
                    "self signed certificate", "unable to get local issuer", "certificate verify failed",
                    "unknown ca", "pkix path", "hostname mismatch", "hostname doesn\"t match",
                    "no alternative certificate", "cannot validate certificate", "contain any ip sans",
                    "legacy common name",
                    "certificate subject name", "cert_has_expired", "unable_to_verify_leaf", "err_cert_",
                    "ssl_error_bad_cert",
                    "net::err_cert", "remotecertificatename", "certificate common name",
                    "does not match the certificate"),
                .not(.words("webhook", ":6443", "apiserver", "kubernetes.default")),
            ])),
        LogRule(
            .possible, "ING-06", "ING-05",
            when: .all([
                .words("default certificate", "default ssl certificate", "fake certificate", "default fake"),
                .words("serving", "using", "falling back", "fallback", "will use"),
            ]), needs: "the Ingress's tls section and the Secret it names"),
        // One end speaks in clear where the other wants TLS.
        LogRule(
            .likely, "ING-04", "MSH-02", "SVC-02",
            when: .words(
                "plain http request was sent", "sent an http request to an https", "gave http response to https",
                "http response to https", "http request to an https", "got http when expecting", "unknown protocol"),
            needs: "which protocol the port of the pod speaks, and which the way to it is told"),
        LogRule(
            .likely, "ING-04", "ING-06", "MSH-02",
            when: .all([
                .words(
                    "ssl handshak", "ssl_do_handshake", "upstream ssl certificate", "ssl alert", "upstream sent invalid"
                ),
                .words("upstream", "backend", "peer"),
            ])),
        LogRule(
            .likely, "ING-04", "SVC-02", "SVC-01", "POL-01",
            when: .any([
                .words(
                    "bad gateway", "status code 502", "statuscode 502", "statuscode: 502", "gateway timeout",
                    "gateway time-out", "504 gateway", "status code 504", "http code 502", "error 502", "error 504",
                    "upstream rejected request", "upstream sent", "unable to reach the origin",
                    "upstream request timeout", "elb 502",
                    "target.timeout"),
                .all([
                    .words("target", "health check", "backend"),
                    .words(
                        "unhealthy", "health checks failed", "failed health", "is down", "target.failedhealthchecks",
                        "target.responsecodemismatch"),
                ]),
            ]), needs: "whether the controller's own pod reaches the pod's address and port"),
        LogRule(
            .likely, "SVC-01", "ING-04", "ING-01", "ING-07",
            when: .all([
                .words(
                    "service not found", "services not found", "service was not found", "no such service",
                    "cannot find service",
                    "service does not exist", "error obtaining endpoints", "error getting service",
                    "no object matching key",
                    "unable to find service", "could not find service", "unresolvedreference", "unresolved reference",
                    "unresolved service", "error getting endpoints", "cannot get service", "backend not found",
                    "backendnotfound", "no endpoints for service", "failed to find service", "unknown service"),
                .not(
                    .words(
                        "ingressclass", "serviceimport", "clusterset", "certificate", "secret", "x.509")),
            ])),
        LogRule(
            .likely, "SVC-01", "ING-04", "MSH-03",
            when: .all([
                .words("service"), .words("ingress", "route", "traefik", "gateway", "virtualservice"),
                .words("does not exist", "not found", "doesn\"t exist"), .not(.words("secret", "ingressclass", "pod ")),
            ])),
        LogRule(
            .likely, "MSH-03", "MSH-02",
            when: .all([
                .words("virtualservice", "destinationrule", "subset", "gateway"),
                .words(
                    "conflict", "not found", "overlap", "duplicate", "ist0", "refers to", "referencednotfound",
                    "no matching", "both ", "same host", "twice", "overridden", "are ignored", "undefined behavior"),
                .not(.words("traefik", "httproute", "submariner", "lookup", "endpoints")),
            ])),
        // One address that two answer for.
        LogRule(
            .likely, "ING-08", "IPM-06",
            when: .all([
                .words("vip", "virtual ip", "load balancer", "loadbalancer", "external ip", "metallb", "kube-vip"),
                .words(
                    "two nodes", "both nodes", "both answer", "several nodes", "all nodes", "flap",
                    "more than one node",
                    "multiple nodes", "duplicate arp", "different mac", "jumps between"),
            ])),
        LogRule(
            .certain, "SVC-12", when: .words("has no local endpoints", "no local endpoint", "nolocalendpoint")),
        // A translation that outlives what it leads to.
        LogRule(
            .certain, "SVC-05", "SVC-04",
            when: .all([
                .words("conntrack", "connection tracking", "nat table entr"),
                .words(
                    "stale", "old entr", "old pod", "old ip", "deleted", "no longer exist", "still has", "still point",
                    "previous pod", "black hole", "blackhole"),
                .not(.words("table full", "garbage", "deleteratio", "failed to delete")),
            ])),
        LogRule(
            .likely, "NOD-01", "RTE-01", "INS-01",
            when: .all([
                .words("memberlist", "serf", "gossip", "lease"),
                .words("as failed", "has failed", "no acks", "suspect", "unreachable", "marking"),
            ]), needs: "whether that node is up, and UDP and TCP 7946 between the nodes"),
        LogRule(
            .likely, "NOD-05", "NOD-03",
            when: .all([
                .words("no buffer space available", "enobufs"), .not(.words("inotify")),
            ]), needs: "counters of dropped packets; entries of the neighbour table against gc_thresh3"),
    ]
}
