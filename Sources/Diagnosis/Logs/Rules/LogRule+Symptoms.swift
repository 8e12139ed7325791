/// What people say happens where no program speaks: who does not reach whom, by which way, under what circumstance. A
/// title of a report, a sentence in a chat. Asked of prose only, after what programs say.
extension LogRule {
    /// Something does not work, in the words of those who tell of it.
    static let doesNotWork = LogPattern.any([
        .failing, .timeout, .unreachable, .nobodyListens,
        .words(
            "not work", "n\"t work", "not reach", "n\"t reach", "not access", "n\"t access", "inaccessible", "not able",
            "not resolv", "n\"t resolv", "not connect", "n\"t connect", "not respond", "n\"t respond", "no response",
            "not get", "n\"t get", "not allow", "n\"t allow", "n\"t use", "n\"t find", "not find", "n\"t see",
            "not see",
            "broken", "breaks", "broke ", "blocks", "blocked", "blocking", "drops", "dropped", "dropping", "denies",
            "lost", "loses", "losing", "stuck", " hang", "never", "no longer", "stops", "stopped", "crash", "problem",
            "issue", "wrong", "not honor", "n\"t honor", "not honour", "ignored", "ignores", "no connectivity",
            "no traffic", "n\"t tolerate", "does not contain", "n\"t contain", "not support", "n\"t support",
            "but not", "not others", "only works", "works only", "only some", "not preserved",
            "unsuccessful", "impossible", "no effect", "unstable", "conflict", "无法", "不能", "不通", "失败", "连不上",
            "超时", "访问不"),
    ])

    /// Now and then, or later than it should.
    static let sometimes = LogPattern.words(
        "intermittent", "sporadic", "occasional", "random", "sometimes", "flak", "from time to time", "now and then",
        "every few", "unreliabl", "inconsistent", "partial", "some of the time", "most of the time")
    private static let late = LogPattern.words(
        "slow", "latency", "delay", "takes long", "long time", "more time", "too long", "seconds to", "timeouts")

    /// A sentence of the form, asked of prose.
    private static func told(_ parts: LogPattern...) -> LogPattern { .all([sentence] + parts) }

    private static let ofPolicy = LogPattern.words(
        "networkpolic", "network polic", "netpol", "ciliumnetworkpolic", "cilium polic", "calico polic", "egress polic",
        "ingress polic", "egress rule", "default deny", "default-deny", "deny-all", "deny all", "policy rule",
        "policies", "cnp ", "ccnp ", "policy to ", "policy with", "policy for", "policy is", "by policy")
    private static let ofNames = LogPattern.words(
        "dns", "resolv", "nslookup", "name server", "nameserver", "hostname", "domain name", "name lookup")
    private static let ofAgents = LogPattern.any([
        .agent,
        .words(
            "calico", "cilium", "antrea", "weave", "kube-controllers", "cni plugin", "killpodsandbox",
            " cni", "network plugin", "pod create", "pod creation", "sandbox", "kubelet", "kube-proxy", "coredns",
            "containercreating", "pods stuck"),
    ])
    /// Other things that expire, and others' names.
    private static let ofOtherThings = LogPattern.words(
        "ingress", "tls secret", "acme", "cert-manager", "letsencrypt", "issuer", "istio", "linkerd", "webhook",
        "spiffe", "web identity", "irsa", "registry", "image pull", "imagepull", "fqdn", "leader", "etcd")

    /// Whether it is the policy that does not do something: a negation soon behind the word.
    @Sendable private static func deniesPolicy(_ text: LogText) -> Bool {
        let words = text.normal.split { $0 == " " || $0 == "\n" || $0 == "," }
        return words.indices.contains { place in
            (words[place].contains("polic") || words[place].contains("netpol"))
                && words[(place + 1)...].prefix(5).contains {
                    $0 == "not" || $0.hasSuffix("n\"t") || $0.hasPrefix("ignor") || $0 == "never"
                }
        }
    }

    static let symptoms: [LogRule] = [
        // Access to the API.
        LogRule(
            .likely, "API-01", "API-02", "API-03",
            when: told(
                ofAgents,
                .words("token", "kubeconfig", "certificate", "credential", "service account", "serviceaccount"),
                .words(
                    "expir", "not refresh", "n\"t refresh", "not renew", "n\"t renew", "not rotat", "n\"t rotat",
                    "never refresh", "never renew", "not reload", "n\"t reload", "never reload", "rotated", "stale",
                    "outdated", "too short", "no longer valid", "revoked",
                    "lifetime", "invalidated", "unauthorized"),
                .not(ofOtherThings)), needs: "the token's exp against the clock, and who should have renewed it"),
        LogRule(
            .likely, "API-01", "API-02",
            when: told(
                .words(
                    "service account token", "serviceaccount token", "service token", "bound token", "sa token",
                    "boundserviceaccount", "service account credentials"),
                .any([
                    doesNotWork,
                    .words(
                        "expir", "not using", "n\"t using", "n\"t reload", "not reload", "compatib", "stale", "rotat",
                        "past date"),
                ]), .not(ofOtherThings)), needs: "the token's exp against the clock, and who should have renewed it"),
        LogRule(
            .likely, "API-02",
            when: told(
                ofAgents, .words("rbac", "clusterrole", "cluster role", "permission", "role binding"),
                .words("missing", "lack", "insufficient", "not granted", "needs", "incomplete", "forgot", "requires"),
                .not(.words("iam", "aws", "azure", "file", "denied", "managed identity"))),
            needs: "the rules of the agent's ClusterRole"),
        LogRule(
            .likely, "DNS-11", "API-03", "SVC-03",
            when: told(
                .words("coredns", "kube-dns"),
                .words("apiserver", "api server", "kubernetes api", "kube-api", "10.96.0.1", "kubernetes service"),
                doesNotWork), needs: "whether CoreDNS's pods reach the API server"),
        LogRule(
            .likely, "API-03", "SVC-03", "RTE-04", "POL-01",
            when: told(
                .words(
                    "apiserver", "api server", "api-server", "kubernetes api", "kube-api", "kube api", "10.96.0.1",
                    "10.43.0.1", "kubernetes.default", "kubernetes service ip", "kubernetes svc"),
                .words("pod", "agent", "cni", "node", "calico", "cilium", "flannel", "container", "worker", "cluster"),
                doesNotWork, .not(.words("webhook", "coredns", "deprecated", "removed in", "version"))),
            needs: "TCP to the API server's own address and to its ClusterIP"),
        // Names.
        LogRule(
            .likely, "RTE-01", "DNS-02", "RTE-04", "POL-01", "DNS-05",
            when: told(
                .words("coredns pod", "dns pod", "kube-dns pod", "pod of coredns", "pods of coredns"),
                .words("reach", "connect to", "ping", "access"), doesNotWork,
                .not(.any([ofPolicy, .words("apiserver", "api server", "same node")]))),
            needs: "whether pods of that node reach CoreDNS's pods at their own addresses"),
        LogRule(
            .likely, "RTE-01", "DNS-09", "DNS-07", "SVC-03", "DNS-02",
            when: told(
                .words(
                    "one node", "some nodes", "certain nodes", "specific node", "one of the nodes", "only on",
                    "new nodes",
                    "other nodes", "worker nodes"), ofNames, doesNotWork,
                .not(.any([ofPolicy, .words("external-dns", "same node")]))),
            needs: "whether pods of that node reach CoreDNS's pods at their own addresses"),
        LogRule(
            .likely, "DNS-03", "DNS-04", "DNS-07",
            when: told(
                .words("coredns", "kube-dns", "nodelocaldns", "node-local-dns", "dns pod", "cluster dns", "dns loop"),
                .words(
                    "systemd-resolved", "127.0.0.53", "127.0.1.1", "127.0.0.1", "dnsmasq", "stub resolver", "loopback",
                    "forwarding loop", "forward loop", "dns loop", "resolvconf"),
                .any([doesNotWork, .words("loop", "itself", "restart")])),
            needs: "the resolv.conf the kubelet hands to CoreDNS"),
        LogRule(
            .likely, "DNS-10", "DNS-05",
            when: told(
                .words("nodelocal", "node-local", "node local", "node_local", "169.254.20.10", "169.254.25.10"),
                ofNames, .any([ofPolicy, .words("egress")]),
                .not(.words("install", "deploy"))), needs: "the nameserver in the pod's resolv.conf"),
        LogRule(
            .likely, "POL-08", "DNS-05", "POL-09",
            when: told(
                .words("tofqdn", "fqdn polic", "fqdn rule", "fqdn-based", "matchpattern", "dns-based", "dns polic"),
                .any([doesNotWork, sometimes, late]), .not(.words("dnspolicy", "ingress host", "external-dns"))),
            needs: "the names the policy's rules allow, and what the agent's proxy has learned of them"),
        LogRule(
            .likely, "DNS-05", "DNS-10", "POL-01", "POL-14",
            when: told(
                .any([ofPolicy, .words("egress")]),
                .any([ofNames, .words("port 53", "coredns", "kube-dns", "lookup")]),
                .any([doesNotWork, .words("deny", "need", "require", "without")]),
                .not(
                    .words(
                        "nodelocal", "node-local", "node local", "dns-01", "dnspolicy", "egress gateway", "egress ip"))
            ), needs: "the policies that select the pod, for UDP and TCP 53 to CoreDNS's pods"),
        LogRule(
            .likely, "DNS-08", "DNS-07", "DNS-02",
            when: told(
                .any([
                    .words("ndots", "musl", "search domain", "search list", "search path", "search ."),
                    .words("alpine"),
                ]), ofNames, .any([doesNotWork, sometimes, late]), .not(.words("elasticsearch"))),
            needs: "the pod's resolv.conf, and the name asked with a dot at its end"),
        LogRule(
            .likely, "DNS-04", "RTE-14", "DNS-08", "DNS-01",
            when: told(
                .any([ofNames, .words("coredns", "kube-dns")]),
                .words(
                    "external", "outside", "internet", "upstream", "public domain", "google.com", "8.8.8.8", "1.1.1.1"),
                .any([doesNotWork, late, sometimes]),
                .not(
                    .words(
                        "external-dns", "externaldns", "external ip", "external-ip", "externalname", "policy", "egress",
                        "ndots", "musl", "alpine", "load balancer", "loadbalancer", "issuer"))),
            needs: "the upstream asked from CoreDNS's own network namespace"),
        LogRule(
            .likely, "DNS-06", "SVC-09", "DNS-01",
            when: told(
                .any([ofNames, .words("coredns", "kube-dns", "lookup")]),
                .words("conntrack", "connection tracking", " race", "in parallel", "parallel a", "a and aaaa"),
                .not(.words("policy", "issuer", "full", "overflow", "exhaust"))),
            needs: "conntrack -S (insert_failed) of the node"),
        LogRule(
            .likely, "DNS-01", "DNS-06", "DNS-02", "DNS-04", "DNS-08",
            when: told(
                .any([ofNames, .words("coredns", "kube-dns")]), .words("cpu", "load", "replica", "scal", "throughput"),
                .any([doesNotWork, late, sometimes]),
                .not(.words("load balanc", "loadbalanc", "autoscaler", "reload", "headless"))),
            needs: "cpu.stat of CoreDNS's cgroup, and requests a second for each replica"),
        LogRule(
            .likely, "DNS-06", "DNS-01", "DNS-08", "DNS-02", "DNS-04",
            when: told(
                .any([ofNames, .words("coredns", "kube-dns", "lookup")]), .any([sometimes, late]),
                .not(.words("external-dns", "propagat", "dns-01", "policy", "issuer"))),
            needs: "conntrack -S (insert_failed) of the node, beside CoreDNS's own latency"),
        LogRule(
            .possible, "DNS-07", "DNS-08", "DNS-04", "DNS-02", when: told(.words("nxdomain", "no such name")),
            needs: "the pod's resolv.conf, and the name asked with a dot at its end"),
        // Services.
        LogRule(
            .likely, "SVC-05", "SVC-03", "SVC-10",
            when: told(
                .words("udp", "conntrack", "connection tracking"),
                .words(
                    "restart", "delet", "recreat", "removed", "terminat", "stale", "not flushed", "n\"t flush",
                    "not clear", "n\"t clear", "not clean", "n\"t clean", "preserv", "old pod", "black hol", "blackhol"),
                .not(.words("table full", "hashsize", "policy", "vxlan", "tunnel", "node restart"))),
            needs: "connections in conntrack that lead to addresses of pods that are gone"),
        LogRule(
            .likely, "SVC-03", "BPF-04", "SVC-12", "INS-07",
            when: told(
                .words(
                    "kube-proxy replacement", "kube-proxy-replacement", "kubeproxyreplacement", "kubeproxyless",
                    "kube-proxy free", "without kube-proxy", "kube proxy replacement"), doesNotWork),
            needs: "cilium-dbg service list on that node, and whether kube-proxy runs beside it"),
        LogRule(
            .likely, "SVC-08", "SVC-07", "SVC-03",
            when: told(
                .words(
                    "itself", "themselves", "its own", "it\"s own", "their own", "own service", "own cluster",
                    "own vip", "that backs", "backing the service", "backing pod", "backs the service", "back to self",
                    "backed by itself", "self-connect", "hairpin", "loop back", "做负载的", "自身", "自己"),
                .words(
                    "service", "clusterip", "cluster-ip", "cluster ip", " vip", "nodeport", "load balancer ip", " svc"),
                .words("pod", "container", "endpoint"), doesNotWork,
                .not(.words("certificate", "restart", "service mesh", "service account", "webhook", "dns"))),
            needs: "hairpin_mode of the pod's port on the bridge"),
        LogRule(
            .likely, "SVC-07", "SVC-08", "SVC-03", "RTE-08",
            when: told(
                .words(
                    "same node", "same host", "same machine", "local node", "local service", "same worker",
                    "same server"),
                .words("service", "clusterip", "cluster ip", "dns", " svc", "nodeport"), doesNotWork,
                .not(
                    .words(
                        "different node", "other node", "another node", "across", "cross", "trafficpolicy",
                        "replacement", "ebpf", "traffic policy", "otherwise they time", "only get to the pod when"))),
            needs: "net.bridge.bridge-nf-call-iptables of that node"),
        LogRule(
            .likely, "RTE-01", "RTE-04", "RTE-06", "SVC-03", "RTE-05",
            when: told(
                .words("service", "clusterip", "cluster ip", "cluster-ip", "nodeport"),
                .words(
                    "different node", "other node", "another node", "across nodes", "cross-node", "cross node",
                    "only when the pod is on", "on the same node, otherwise", "remote node"), doesNotWork,
                .not(.words("trafficpolicy", "traffic policy", "itself", "hairpin"))),
            needs: "a packet that leaves one node and whether the other sees it"),
        LogRule(
            .likely, "SVC-12", "SVC-03",
            when: told(
                .words("trafficpolicy", "traffic policy"), .words("local"), .any([doesNotWork, sometimes])),
            needs: "on which nodes the Service's pods are"),
        LogRule(
            .likely, "SVC-05", "SVC-03", "MSH-06", "SVC-10",
            when: told(
                .words(
                    "terminating pod", "terminated pod", "pod terminat", "deleted pod", "dead pod", "removed pod",
                    "old pod", "stale endpoint", "stale backend", "stale ip", "old endpoint", "dead endpoint",
                    "old ip", "stale rule", "stale entr", "stale conntrack", "non-existent pod", "nonexistent pod",
                    "no longer exist", "evicted pod", "unready pod", "not ready pod", "stopped pod"),
                .words(
                    "traffic", "request", "rout", "connection", "endpoint", "backend", "forward", "upstream", "ipvs",
                    "conntrack", "service", "udp"),
                .not(
                    .words("finalizer", "volume", "stuck terminating", "stuck in terminating", "policy", "route table"))
            ),
            needs: "programmed backends against the EndpointSlices"),
        LogRule(
            .likely, "SVC-03", "SVC-10", "SVC-04", "BPF-04", "SVC-07",
            when: told(
                .words(
                    "clusterip", "cluster ip", "cluster-ip", "service ip", "service vip", "service address",
                    "kubernetes service", "svc ip"),
                .any([doesNotWork, sometimes]),
                .not(.words("dns", "webhook", "headless", "overlap", "range", "cidr", "policy", "itself", "own"))),
            needs: "rules for that address on that node; kube-proxy's last sync"),
        LogRule(
            .possible, "SVC-03", "SVC-12", "RTE-06", "SVC-01", "RTE-05", "RTE-07",
            when: told(
                .words("nodeport", "node port", "node-port"), .any([doesNotWork, late, sometimes])),
            needs: "the same request on the node that has the pod, and on another"),
        // Policies.
        LogRule(
            .likely, "POL-01", "POL-09",
            when: told(ofPolicy, .words("probe", "health check", "healthcheck", "readiness", "liveness")),
            needs: "whether the policy lets the node reach its own pods"),
        LogRule(
            .likely, "POL-12", "POL-07", "POL-01", "POL-02",
            when: told(
                ofPolicy, .words("clusterip", "cluster ip", "cluster-ip", "service ip", "service vip"),
                .not(.words("dns", "trafficpolicy", "traffic policy"))),
            needs: "what the address is translated to before the policy sees it"),
        LogRule(
            .likely, "POL-12", "POL-07", "POL-01",
            when: told(
                .words("ipblock", "tocidr", "fromcidr", "cidr rule", "cidr-based"),
                .any([doesNotWork, .words("match", "deny", "denies", "not appl")]), .not(.words("fqdn"))),
            needs: "what the address is translated to before the policy sees it"),
        LogRule(
            .likely, "POL-09", "POL-01", "POL-10",
            when: told(
                ofPolicy,
                .any([
                    sometimes, late,
                    .words(
                        "race", "startup", "start up", "start-up", "first second", "initial", "newly created",
                        "short-lived", "short lived", "new pod", "after restart", "after a restart", "until", "at first"
                    ),
                ]), .not(.words("dns", "admission"))),
            needs: "the revision the endpoint has against the one that is known"),
        LogRule(
            .likely, "POL-07", "POL-02", "POL-12", "POL-05", "POL-09",
            when: told(
                ofPolicy,
                .any([
                    .check(deniesPolicy),
                    .words(
                        "no effect", "not enforc", "n\"t enforc", "unenforced", "not respect", "n\"t respect", "bypass",
                        "still allow", "still reach", "still access", "still able", "not block", "n\"t block",
                        "not deny",
                        "n\"t deny", "ineffective", "no influence", "allows all", "allowed all"),
                ]), .not(.words("dns"))),
            needs: "whether the agent that enforces policies runs on that node, and what the selectors select"),
        LogRule(
            .likely, "POL-01", "POL-02", "POL-09", "DNS-05", "POL-12",
            when: told(
                ofPolicy, .any([doesNotWork, .words("deny", "denied", "denying", "isolat", "reject")]),
                .not(.words("admission", "pod security", "invalid", "webhook", "psp"))),
            needs: "the policies that select the pod"),
    ]
}
