/// What a message is about when it names no mechanism that is known: asked only when no other rule has said anything,
/// and never more than possible.
extension LogRule {
    /// Words of a failure that are not the program's own business as usual.
    static let fails = LogPattern.all([
        .any([
            .failing, .timeout, .unreachable, .nobodyListens, .absent,
            .words(
                "unhealthy", "not ready", "invalid", "expired", "exceeded", "broken", "crash", "rejected",
                "not allowed",
                "denied", "lost", "stuck", " hang", "no longer", "conflict", "unexpected", "wrong", "too many",
                "reset by peer",
                "not permitted", "unsupported", "unknown authority", "dropped", "mismatch", "terminat", "killed",
                "disconnect", "duplicate", "overlap", "rejecting", "servfail", "exhaust", "throttl", "blocked",
                "matches no", "no match", "not match", "conflicting", "ignored", "is not ", "does not ", "doesn\"t ",
                "<pending>", "<none>", "not alive", "denies"),
            .all([sentence, complaint]),
            .all([
                sentence,
                .any([
                    doesNotWork, sometimes,
                    .words(
                        "not ", "n\"t ", " no ", "without", "slow", "latency", "delay", "leak", "limit", "bug",
                        "needs ",
                        "instead", "unstable", "high cpu", "loop", "restart", "wait", "ran out", "run out", "after "),
                ]),
            ]),
            // An event of the API's, or klog's letter before the date, that calls itself a failure.
            .check { text in
                if text.normal.hasPrefix("warning ") || text.has(" warning ") { return true }
                return text.normal.prefix(80).split(separator: " ").prefix(4).contains {
                    $0.count == 5 && ($0.first == "e" || $0.first == "f") && $0.dropFirst().allSatisfy(\.isNumber)
                }
            },
        ]), .not(usual),
    ])

    /// Programs say these every day: what is tried again at once, what they call information, what they count.
    static let usual = LogPattern.any([
        .words(
            "level=info", "level=debug", "\"level\":\"info\"", "\"level\":\"debug\"", "\"level\": \"info\"", "[info]",
            "[debug]", "|info|", "|dbg|", "will retry", "retrying in", "succeeded", "successfully",
            "completed", "normal ", "failed=0", "errors=0", "err:<nil>", "error=<nil>", "err=<nil>", "0 failed",
            "unable to get local peer", "fake certificate created", "caches are synced", "deprecated",
            "this might not work",
            "failed to get the object", ", ignoring\"", "unable to release endpoint id", "unassignipv4address",
            "link is not ready", "has been turned off for security", "so skipping",
            "downstream_remote_disconnect", "unsupported l3 protocol", "forwarded (tcp",
            "(info)", "|inf|", " inf ", " dbg ", " 200 - via_upstream",
            "namespace for the terminated container",
            "object has been modified", "by default. update your", "doesn\"t satisfy minimum version",
            "kernel version doesn\"t satisfy", "kubelet is posting ready status", "optimistic lock",
            "graceful restart done", "skipping"),
        // The API's clients begin a watch again whose connection is gone.
        .all([.words("watch of *"), .words(" ended with: ")]),
        .check { text in
            // The level as a column of its own; klog: a line of information begins with I and the date.
            let columns = text.normal.prefix(80).split(separator: " ").prefix(4)
            if columns.contains(where: { $0 == "info" || $0 == "debug" || $0 == "trace" }) { return true }
            return columns.contains { $0.count == 5 && $0.first == "i" && $0.dropFirst().allSatisfy(\.isNumber) }
        },
    ])

    static let harmless = LogPattern.words(
        "you can ignore this", "can be ignored", "safe to ignore", "safely ignored", "may be ignored", "is harmless",
        "this is expected", "lookup : no such host", "not an error", "level=debug", "\"level\":\"debug\"", "[debug]",
        "|dbg|", "level=trace")

    private static func subject(_ pattern: LogPattern, _ codes: [String], needs: String) -> LogRule {
        LogRule(.possible, codes: codes, when: .all([pattern, fails]), needs: [needs])
    }

    static let subjects: [LogRule] = [
        subject(
            .all([
                .words("webhook", "admission", "mutating", "validatingadmission", "validatingwebhook"),
                // A webhook that answers, and says no.
                .not(.words("denied the request", "unexpectedadmissionerror")),
            ]), ["WHK-01", "SVC-01", "GCP-01"],
            needs: "whether the API server itself reaches the pod's port"),
        subject(
            .words(
                "multus", "net-attach", "network attachment", "sriov", "macvlan", "ipvlan", "whereabouts", "delegate"),
            ["CFG-10", "IPM-10", "INS-01"], needs: "the NetworkAttachmentDefinition and the plugin it names"),
        subject(
            .words(
                "ipam", "allocate ip", "allocate address", "assign ip", "ippool", "ip pool", "ip allocation", "podcidr",
                "pod cidr", "address pool", "requestaddress", "acquire ip", "ip address for"),
            ["IPM-02", "IPM-03", "IPM-04", "IPM-12", "IPM-01"], needs: "addresses given against living pods"),
        subject(
            .words(" eni", "eni-", "ec2", "ipamd", "aws-node", "aws-cni", "elasticloadbalancing", "aws"),
            ["AWS-01", "AWS-02", "AWS-04", "AWS-07"], needs: "the error code of the last EC2 call"),
        subject(
            .words("azure", "azure-vnet", "cns"), ["AZR-02", "AZR-01", "AZR-03", "AZR-04"],
            needs: "the log of azure-cns on that node"),
        subject(
            .words("bpf", "clsact", "tc filter", "xdp", "datapath", "qdisc"),
            ["BPF-02", "BPF-06", "BPF-05", "INS-07", "BPF-03"],
            needs: "the verifier's log and the kernel's version"),
        subject(
            .words("bgp", "bird", "gobgp", "frr", "bgpd", "confd", "neighbor"),
            ["BGP-01", "BGP-03", "BGP-02", "BGP-05", "BGP-04"],
            needs: "TCP 179 both ways; the AS numbers both sides have"),
        subject(
            .words("ovs", "openvswitch", "ovn", "openflow", "br-int", "ofport", "logical port", "logical switch"),
            ["RTE-19", "INS-01", "RTE-04", "IPM-02"], needs: "whether ovs-vswitchd and ovn-controller run on that node"),
        subject(
            .words("kube-proxy", "iptables", "ip6tables", "nftables", "nft ", "ipvs", "ipset", "proxier", "xtables"),
            ["SVC-10", "INS-07", "SVC-03", "RTE-16"], needs: "kube-proxy's time of the last sync and its last error"),
        subject(
            .words("remote cluster", "clustermesh", "submariner", "clusterset", "multicluster", "multi-cluster"),
            ["MCL-02", "MCL-03", "MCL-05"], needs: "whether the clusters' gateways reach each other"),
        subject(
            .words("networkpolic", "network polic", "clusterwide", "globalnetworkpolicy", "cnp", "ccnp", "verdict"),
            ["POL-01", "POL-02", "POL-07", "POL-08", "POL-09"], needs: "the policies that select the pod"),
        subject(
            .words("istio", "envoy", "linkerd", "xds", "ztunnel", "sidecar", "service mesh", "pilot", "kuma"),
            ["MSH-02", "POL-11", "MSH-01", "MSH-03", "MSH-06", "SVC-01"],
            needs: "istioctl proxy-status, or linkerd check --proxy"
        ),
        subject(
            .words("acme", "cert-manager", "issuer", "challenge", "certificaterequest", "letsencrypt"),
            ["ING-05", "ING-06"],
            needs: "the Challenge's status"),
        subject(
            .words("certificate", "x509", "tls", "ssl"), ["ING-06", "API-01", "MSH-02", "WHK-01", "ING-04"],
            needs: "the certificate's names and dates"),
        subject(
            .words(
                "metallb", "kube-vip", "speaker", "vip", "arp ", "loadbalancer", "load balancer", "external-ip",
                "lb-ipam"),
            ["ING-01", "ING-08", "ING-03", "RTE-04"], needs: "the controller's own event on the Service"),
        subject(
            .words(
                "ingress", "nginx", "traefik", "haproxy", "gateway", "httproute", "upstream", "backend",
                "virtualserver",
                "target group"), ["ING-04", "SVC-01", "ING-01", "ING-07", "ING-06", "SVC-02"],
            needs: "the controller's own log of that host and path"),
        subject(
            .words("dns", "resolv", "nameserver", "lookup", "hostname", "domain name"),
            ["DNS-02", "DNS-04", "DNS-05", "DNS-07", "DNS-01"],
            needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
        subject(
            .words("mtu", "fragment", "pmtu", "segment"), ["MTU-01", "MTU-04", "MTU-02", "MTU-03"],
            needs: "ping -M do with the pod's MTU less 28 bytes"),
        subject(
            .words(
                "vxlan", "ipip", "geneve", "wireguard", "tunnel", "route", "netlink", "nexthop", "next hop",
                "overlay net",
                "overlay is",
                "veth",
                "interface", "bridge", "vtep", "link "), ["RTE-04", "RTE-03", "INS-07", "RTE-10", "RTE-17"],
            needs: "the node's route to the other node's range and the device it leads to"),
        subject(
            .all([
                .words(
                    "cni", "sandbox", "networkplugin", "network for pod", "plugin type", "netns", "network namespace"),
                // What the runtime does before and after the network.
                .not(
                    .words(
                        "runtimehandler", "unpack", "cgroup", "shim task", "apparmor", "seccomp", "snapshotter",
                        "extract layer")),
            ]),
            ["INS-01", "CFG-02", "CFG-10", "IPM-06", "INS-02"], needs: "what the plugin itself said: the runtime's log"),
        subject(
            .any([.agent, .words("felix", "ovn")]), ["INS-01", "API-03", "INS-09", "INS-07"],
            needs: "the agent's own last fatal line on that node"),
        subject(
            .words(
                "apiserver", "kubernetes api", "etcd", "datastore", "kubeconfig", "reflector", "list *v1", "watch *v1",
                "lease"),
            ["API-03", "API-02", "API-01"], needs: "TCP to the API server's own address and to its ClusterIP"),
        subject(
            .words("nodeport", "endpoint", "clusterip", "service ", "targetport", "selector"),
            ["SVC-01", "SVC-02", "SVC-03", "SVC-05"], needs: "the Service's EndpointSlices and what listens in the pods"
        ),
    ]

    /// Whoever did not get through, with no word of what stood in the way.
    static let nameless = LogRule(
        .possible, codes: ["SVC-01", "POL-01", "RTE-01", "SVC-02", "SVC-03"],
        when: .all([
            .any([.timeout, .words("connect", "socket", "peer", "remote", "unreachable", "reset")]), fails,
            .not(.words("volume", "mount", "leader", "backoff limit")),
        ]), needs: ["whether the pod answers at its own address, and from which nodes"])
}
