/// What people tell of Services, policies and meshes, in words of their own.
extension LogRule {
    private static let throughProxies = LogPattern.words(
        "ztunnel", "envoy", "proxy", "mesh", "gateway", "sidecar", "istio", "linkerd", "ambient")

    static let toldServices: [LogRule] = [
        // Requests that end with the pod they went to.
        LogRule(
            .likely, "MSH-06", "SVC-05", "ING-04",
            when: .all([
                throughProxies, .not(.words("certificate", "policy", "policies", "webhook", "probe", "inject")),
                .words(
                    "restart", "rollout", "rolling", "redeploy", "replac", "drain", "terminat", "evict", "scaled down",
                    "scale down", "sigterm", "is gone", "are gone", "was gone", "shut down", "shutting down", "deployed"
                ),
                .words("pod", "replica", "deployment", "version", "gateway", "workload"),
                .words(
                    "502", "503", "504", "reset", "refused", "empty repl", "connection termination", "requests fail",
                    "request fails", "errors"),
            ]), needs: "what the pod and its proxy do at SIGTERM, and how long the endpoint is still known"),
        // Senders that hold on to an endpoint which is gone.
        LogRule(
            .likely, "SVC-05", "SVC-09", "MSH-06",
            when: .all([
                .words(" keep", " kept", "go on ", "goes on ", "went on ", "continu", " still ", " stick"),
                .words(
                    " talk", " send", " sent", " hit", "connect", " reach", " go to", " goes to", "traffic", "request",
                    "packet", "led to", "routed to", "forwarded to"),
                .words(
                    "replaced", "deleted pod", "deleted endpoint", "was deleted", "were deleted", "removed", " gone",
                    "old pod", "old endpoint", "former pod", "previous pod", "dead pod", "terminated",
                    "no longer exist", "scaled to zero", "scaled down"),
                .words("pod", "endpoint", "backend", "replica"),
                .not(.words("policy", "policies", "netpol", "webhook", "dns", "volume", "address pool", "ipam")),
            ]), needs: "programmed backends and connections of conntrack against the EndpointSlices"),
        // Rules that are not there, and a program that could not write them.
        LogRule(
            .likely, "SVC-10", "SVC-03",
            when: .all([
                .words("restor"), .words("iptables", "tables", "rules"), .words("exit", "fail", "error", "cannot"),
                .not(.words("backup", "database", "velero", "snapshot")),
            ]), needs: "the line that iptables-restore names, and who else holds the lock"),
        LogRule(
            .likely, "SVC-03", "SVC-10", "SVC-04",
            when: .all([
                .words(
                    "no rule for", "no rules for", "lacks the rule", "no chain for", "no entry for", "no entries for"),
                .words("service", "cluster ip", "clusterip", "10.96.", "10.43.", "172.20.", "10.100.", "vip"),
            ]), needs: "rules for that address on that node; kube-proxy's last sync"),
        // A balancer that asks every machine, and machines that have no pod.
        LogRule(
            .likely, "SVC-12", "ING-01",
            when: .all([
                .words(
                    "balancer", "health check", "healthcheck", "backend list", "target group", "external", "elb", "nlb"),
                .words(
                    "without the pod", "without a pod", "without pods", "have no pod", "has no pod", "run no ",
                    "runs no ", "without a replica", "no local", "not run the pod", "not have the pod", "n\"t run the",
                    "no replica"),
                .words("fail", "unhealthy", "refus", " down", " red", "out of service", "outofservice", "503"),
            ]), needs: "the Service's externalTrafficPolicy, and where its pods run"),
        // A kind of entry of which one family, or one machine, has none.
        LogRule(
            .likely, "SVC-03", "SVC-10", "POL-24",
            when: .all([
                sentence, .words("ipvs", "iptables", "nftables", "ipvsadm", "kube-proxy", "kube-router"),
                .words(" entr", " rule", " chain", " virtual server"), .words("service", "nodeport", "clusterip"),
                .words("there is none", "there are none", "has none", "have none", "none for", "nothing for"),
            ]), needs: "rules for that address on that node; kube-proxy's last sync"),
        // A controller that fails where the way leads to another machine.
        LogRule(
            .likely, "RTE-01", "ING-04", "RTE-04", "RTE-06",
            when: .all([
                sentence, .words("502", "504", "gateway timeout", "gateway time-out", "bad gateway"),
                .words(
                    "not on its own", "not on the same", "on another node", "on another machine", "on a different",
                    "on other nodes", "on the other node", "remote node", "other host", "another host"),
                .not(.words("tls", "certificate", "http2", "keepalive", "rollout")),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        // A host's port for which nobody in the chain cares.
        LogRule(
            .likely, "CFG-09", "INS-03",
            when: .all([
                .words("hostport", "host port", "host-port"), .words("conflist", "chain", "plugins", "net.d"),
                .words(" alone", " only", "no portmap", "lacks", "without", "not list", "missing"),
            ]), needs: "whether the conflist has portmap, and its capability portMappings"),
        // Encryption that the network itself does takes its room from the pods' packets.
        LogRule(
            .likely, "MTU-01", "MTU-03", "MTU-04",
            when: .all([
                sentence, .words("encryption", "encrypting"), .words("mtu", "bytes", " big ", " large "),
                .not(.words("vpn", "tailscale", "zerotier")),
            ]), needs: "the pod's MTU against the link's less the encapsulation"),
        // An inner packet that is larger than what carries it.
        LogRule(
            .likely, "MTU-01", "MTU-03", "MTU-04", when: .all([sentence, .check(innerIsLarger)]),
            needs: "the pod's MTU against the link's less the encapsulation"),
        // Rules of policies that go by names.
        LogRule(
            .likely, "POL-08", "POL-09", "DNS-05",
            when: .all([
                sentence,
                .words(
                    "name based", "name-based", "by name", "fqdn", "by host name", "by hostname", "by domain",
                    "domain rule", "host rule", "name cache", "dns rule", "rules for names", "rule for a name"),
                .words("drop", "denied", "deny", "denies", "block", "lost", "reject", "refus"),
                .words("egress", "rule", "polic", "connection", "traffic", "addresses", "allow"),
                .not(.words("ingress class", "certificate", "server_name", "virtual host")),
            ]), needs: "the addresses that the agent knows for that name, and for how long"),
        // Lookups, by who is asked and by what they may use.
        LogRule(
            .likely, "DNS-01", "DNS-02",
            when: .all([
                .words("coredns", "name server", "nameserver", "kube-dns", "dns pod", "dns server"),
                .words("cpu limit", "cpu limits", "throttl", "limit of cpu", "cpu quota", "limits.cpu"),
            ]), needs: "nr_throttled of CoreDNS's control group"),
        LogRule(
            .likely, "DNS-04", "RTE-14", "DNS-01",
            when: .all([
                .words(
                    "vpc resolver", "vpc dns", "upstream", "corporate dns", "company dns", "company\"s dns", "route 53",
                    "route53", "resolver of the vpc", "169.254.169.253", "168.63.129.16", "provider\"s dns",
                    "external resolver", "amazonprovideddns"),
                .words("coredns", "dns", "name server", "lookup", "resolv"),
                .any([.timeout, .words("servfail", "refus", "limit", "drop", "unreachable", "no answer")]),
                .not(.words("upstream connect", "ingress", "nginx", "envoy", "polic")),
            ]), needs: "the upstream asked from CoreDNS's own network namespace"),
        // Two clusters of which one does not let the other in.
        LogRule(
            .likely, "MCL-02", "MCL-05", "MCL-03",
            when: .all([
                sentence,
                .words(
                    "clusters", "one cluster", "other cluster", "remote cluster", "cluster mesh", "clustermesh",
                    "peer cluster"),
                .words("mesh", "connect", "peer", "link", "federat", "gateway", "tunnel"),
                .words(
                    "reject", "bad certificate", "unknown authority", "empty", "not found", "not mounted", "missing",
                    "handshake", "not ready"),
                .not(.words("overlap", "export", "same range", "same cidr", "import", "service is", "ippool")),
            ]), needs: "what each side says of the other, and the certificates they show each other"),
        // A mesh's own check of a pod's redirection.
        LogRule(
            .likely, "CFG-08", "MSH-05", "CFG-06",
            when: .all([
                sentence, .words("validator", "istio-validation", "validation init"),
                .words("fail", "crash", "loop", "stuck", "never"), .not(.words("schema", "webhook", "certificate")),
            ]), needs: "whether the conflist is newer than the pod's sandbox, and names the mesh's plugin"),
        LogRule(
            .likely, "CFG-08", "MSH-05",
            when: .all([
                sentence, .words("linkerd", "istio", "mesh", "chained", "chain"),
                .words("before"), .words("pod", "sandbox"),
                .words("scheduled", "started", "created"), .words("node", "chain", "cni"),
                .not(.words("iptables chain", "forward chain", "certificate chain", "rollout")),
            ]), needs: "whether the conflist is newer than the pod's sandbox"),
        // Policies that are there and do nothing.
        LogRule(
            .likely, "POL-07", "POL-02", "POL-05",
            when: .all([
                .words("polic", "netpol"),
                .words(
                    "none restrict", "none of them", "restricts nothing", "restrict nothing", "changes nothing",
                    "change nothing", "no impact", "does nothing", "do nothing", "not one of", "as if there were none",
                    "without any effect"),
                .not(.words("dns", "traffic policy", "trafficpolicy", "retention", "restart policy", "pull policy")),
            ]), needs: "whether the agent that enforces policies runs on that node, and what the selectors select"),
        LogRule(
            .likely, "POL-04", "POL-02",
            when: .all([
                .words("namespaceselector", "namespace selector"), .words("podselector", "pod selector"),
                .words(
                    "two dash", "two items", "two list", "two entr", "two element", "two peers", "separate",
                    "second dash",
                    "own dash", "each with a dash", "list items", "as an or", "ored", " or instead", "union"),
            ]), needs: "the peers of that rule: one item is both conditions, two items are either"),
        LogRule(
            .likely, "POL-05", "POL-02", "DNS-05",
            when: .all([
                .words(
                    "namespaceselector", "namespace selector", "namespace label", "label of the namespace",
                    "namespace\"s label", "label on the namespace", "label the namespace", "labelled the namespace",
                    "labeled the namespace", "labelled kube-system", "labeled kube-system", "label kube-system"),
                .words(
                    "never match", "not match", "n\"t match", "matches nothing", "matches no", "only started",
                    "only worked", "only works", "works since", "worked once", "until", "when we", "after we", "solved",
                    "not automatic"),
                .not(.words("inject", "sidecar", "webhook", "quota")),
            ]), needs: "the labels of the namespaces"),
    ]

    /// Two sizes of a tunnel's devices, of which the inner one's is not smaller: "wg0 has 1420, the vxlan on it 1450".
    @Sendable private static func innerIsLarger(_ text: LogText) -> Bool {
        let words = text.normal.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        func sizes(of names: [Substring]) -> [Int] {
            words.indices.compactMap { place in
                guard let size = Int(words[place]), (1_200...9_216).contains(size), !(1_990...2_050).contains(size),
                    !text.hasPort(size),
                    words[..<place].suffix(5).contains(where: { word in names.contains { word.hasPrefix($0) } })
                else { return nil }
                return size
            }
        }
        let inner = sizes(of: ["vxlan", "geneve", "ipip", "overlay", "cilium_", "flannel.", "pod", "pods"])
        let outer = sizes(of: ["wg", "wireguard", "tun", "vpn", "underlay", "uplink"])
        // No tunnel takes less than twenty bytes for itself.
        guard let most = inner.max(), let least = outer.min() else { return false }
        return most > least - 20
    }
}
