/// What people tell of the mechanism itself, in words of their own: what was changed, what was left, what two things say.
/// Asked of prose only, before everything else.
extension LogRule {
    private static let ofServices = LogPattern.words(
        "service", " svc", "clusterip", "cluster ip", "endpoint", "load balancer", "ingress")
    private static let ofPolicies = LogPattern.words("polic", "netpol", "default deny", "default-deny")
    private static let changed = LogPattern.words(
        "renam", "chang", "mismatch", "differ", "typo", "misspel", "no longer match", "not match", "n\"t match",
        "another label", "other label", "old label", "new label", "not the same", "relabel", "edited", "replaced")
    /// Who manages the machine's devices.
    private static let managers = LogPattern.words(
        "networkd", "networkctl", ".network file", "networkmanager", "network manager", "netplan", "nmcli", "ifupdown",
        "network.service", "wicked",
        "nmstate")

    static let told: [LogRule] = [
        LogRule(
            .likely, "POL-02", "POL-05", "POL-07",
            when: .all([ofPolicies, .words("label", "selector", "match"), .check(hasTwoValuesOfALabel)]),
            needs: "the selector against the pods' labels"),
        LogRule(
            .likely, "SVC-01", "SVC-05",
            when: .all([
                .not(ofPolicies), ofServices,
                .any([
                    .all([.words("label", "selector"), changed, .not(.words("node selector", "nodeselector", "taint"))]
                    ),
                    .all([.words("label", "selector"), .check(hasTwoValuesOfALabel)]),
                ]),
            ]), needs: "the Service's selector against the pods' labels"),
        LogRule(
            .likely, "POL-16", "POL-01",
            when: .all([
                ofPolicies, .words("chart", "helm", "operator", "addon", "add-on", "installer", "bundle"),
                .words(
                    "brought", " came ", "comes", "ship", "along", "nobody", "unnotic", "unknowing", "without telling",
                    "did not know", "n\"t know", "had not asked", "installed", "contains", "includes", "by default"),
            ]), needs: "which chart the policy came with (its labels and annotations)"),
        LogRule(
            .likely, "DNS-10", "DNS-05",
            when: .all([
                .words(
                    "nodelocal", "node-local", "node local", "local dns cache", "dns cache", "169.254.20.10",
                    "169.254.25.10"), ofPolicies,
            ]), needs: "the nameserver in the pod's resolv.conf"),
        LogRule(
            .likely, "DNS-07", "DNS-02",
            when: .all([
                .words("resolv.conf", "nameserver", "name server", "dns address", "dns ip", "dns server", "clusterdns"),
                .words(
                    " old", "previous", "former", " wrong", " other ", "another", "different", "stale", "outdated",
                    "not updated", "still"),
                .words("node", "pool", "kubelet", "pods", "worker"),
                .not(
                    .any([
                        ofPolicies,
                        .words(
                            "127.0.0", "systemd-resolved", "loop", "external", "upstream", "node local", "nodelocal"),
                    ])),
            ]), needs: "the kubelet's clusterDNS on every node, and the pods' own resolv.conf"),
        LogRule(
            .likely, "DNS-08", "DNS-07",
            when: .all([
                .words("nxdomain", "lookup", "resolv", "dns quer", "queries"),
                .words("suffix", "search domain", "search list", "appended", "appends", "search path", "ndots"),
                .not(ofPolicies),
            ]), needs: "the name asked with a dot at its end"),
        LogRule(
            .likely, "SVC-05", "MSH-06", "SVC-03",
            when: .all([
                .words("traffic", "request", "connection", "call"),
                .words("pod", "replica", "endpoint", "backend", "instance"),
                .words(
                    "already gone", "are gone", "is gone", "already terminated", "already deleted", "already removed",
                    "no longer there", "no longer exist", "no longer run", "shut down", "shutting down", "terminating",
                    "dead pod", "just stopped", "being stopped"),
                .words("still", "rollout", "deploy", "rolling", "during", "seconds", "minute", "scale down", "drain"),
            ]), needs: "programmed backends against the EndpointSlices, and what the pod does at SIGTERM"),
        LogRule(
            .likely, "SVC-09", "PRF-01",
            when: .all([
                .words("table full", "table is full", "table was full", "tables are full", "conntrack"),
                .words("full", "overflow", "exhaust", "limit", "maximum"),
                .not(.words("neighb", "arp", "polic", "bpf", "route table", "rule", "iptables -", "setting")),
            ]), needs: "nf_conntrack_count against nf_conntrack_max"),
        LogRule(
            .likely, "SVC-04", "RTE-16", "SVC-05",
            when: .all([
                .words("kube-proxy", "kube proxy", "proxy mode"),
                .check { text in ["ipvs", "iptables", "nftables", "nft "].count(where: text.has) > 1 },
                .words("switch", "chang", "migrat", "moved", "went from", "some nodes", "mixed", "convert"),
                .words("old ", "left", "stale", "still", "both", "mixed", "remain", "others", "some", "without reboot"),
            ]), needs: "kube-proxy's mode on every node, and chains of the other mode that are left"),
        LogRule(
            .likely, "IPM-03", "IPM-02", "AZR-01",
            when: .any([
                .check(hasMoreAddressesThanPods),
                .all([
                    .words("range", "addresses", " ips", "pool", "subnet"),
                    .words("full", "taken", "used up", "exhaust", "no free", "no more", "none left", "in use"),
                    .words(
                        "hardly any", "barely any", "only a few", "just a few", "almost no", "hardly", "few pods",
                        "few containers", "almost empty", "nearly empty", "after the host crash", "after a crash",
                        "power cut", "power loss", "after the power"),
                ]),
            ]), needs: "reservations on the node against pods that run there"),
        LogRule(
            .likely, "CFG-08", "MSH-05", "MSH-01",
            when: .all([
                .words("sidecar", "istio", "linkerd", "mesh", "redirect", "envoy"),
                .words(
                    "fresh node", "new node", "first seconds", "right after", "just joined", "after joining",
                    "scaled up",
                    "node joined", "first pods"),
                .words("recreat", "restart", "delet", "later", "second time", "only"),
            ]), needs: "whether the conflist is newer than the pod's sandbox"),
        LogRule(
            .likely, "MCL-03", "IPM-07", "MCL-02",
            when: .all([
                .words("sites", "both clusters", "two clusters", "clusters", "data centres", "datacenters", "regions"),
                .words("same", "default", "identical", "overlap", "equal"),
                .words("range", "cidr", "network", "subnet", "addresses"),
                .words("join", "connect", "mesh", "link", "peer", "federat", "tunnel"),
            ]), needs: "the ranges of both clusters"),
        LogRule(
            .likely, "POL-07", "POL-02", "POL-05", "POL-12",
            when: .all([
                ofPolicies, .words(" still "),
                .words(
                    " open", "connect", " reach", " access", " talk", " get ", " curl", " pass", " allowed", " through",
                    " able"),
                .words(
                    "any ", "anyone", "everyone", "all pods", "every pod", "although", "despite", "even though", "deny",
                    "denied"),
                .not(
                    .any([
                        .timeout,
                        .words(
                            "cannot", "can\"t", "not able", "unable", "refused", "still not", "still no", "no longer",
                            "fail"),
                    ])),
            ]), needs: "whether the agent that enforces policies runs on that node, and what the selectors select"),
        LogRule(
            .possible, "POL-01", "POL-02",
            when: .all([
                .words("restrict", "locked down", "isolat", "new rule", "whitelist", "allow list"),
                .words("refus", "nobody", "everyone", "block", "no longer", "cannot", "can\"t", "all other"),
                .not(.words("security group", "ufw", "firewalld", "iptables", "ingress class", "forward")),
            ]), needs: "the policies that select the pod"),
        LogRule(
            .likely, "IPM-07", "GCP-03",
            when: .all([
                .words(
                    "vpn", "corporate", "on-prem", "on prem", "office", "datacenter", "data center", "peered", "company"
                ),
                .words(
                    "pod range", "pod cidr", "service cidr", "service range", "pod network", "cluster cidr", "podcidr",
                    "pods use", "pods have"),
                .words("10.", "172.", "192.168", "same", "overlap", "inside", "within", "/1", "/8"),
            ]), needs: "the ranges outside the cluster that are routed"),
        LogRule(
            .likely, "IPM-11", "IPM-01", "IPM-02",
            when: .all([
                .words(
                    "cluster cidr", "cluster-cidr", "clustercidr", "pod network", "pod cidr", "podsubnet", "pod range"),
                .words(
                    "per node", "each node", "node mask", "node-cidr-mask", "node cidr mask", "every node", "a node"),
                .words("/"), .words("node"),
                .any([
                    doesNotWork,
                    .words(
                        "notready", "not ready", "never", "no more", "new node", "another node", "run out", "ran out"),
                ]),
                .not(.words("overlap", "same")),
            ]), needs: "2^(mask - prefix) against the nodes"),
        LogRule(
            .likely, "PRF-02", "PRF-01",
            when: .all([
                .words("throughput", "bandwidth", "transfer", "speed", "rate"),
                .words("capped", "limited to", "exactly", "never more than", "annotation", "shap", "throttled to"),
                .words("bit", "annotation", "qdisc", "mb/s", "mbps", "gbps"),
                .words("pod", "container", "veth", "namespace"),
                .not(.words("rate limit")),
            ]), needs: "the queueing discipline of the pod's veth (tc -s qdisc), and the pod's bandwidth annotations"),
        LogRule(
            .likely, "RTE-12", "RTE-04", "RTE-08",
            when: .all([
                managers,
                .words("restart", "reload", "appl", "manag", "update", "upgrade", "configur", "takes over", "touch"),
                .words("connection", "connectivity", "pod", "route", "rule", "cali", "veth", "lxc", "container"),
                complaint,
                .not(.words("mac address", "rp_filter", "resolv", "macaddresspolicy")),
            ]), needs: "the rules and routes the CNI makes (ip rule), and ManageForeignRoutes of the manager"),
        LogRule(
            .likely, "CFG-01", "INS-01",
            when: .all([
                .words("containercreating", "stuck in creat", "not start"),
                .words("network is not ready", "network not ready"),
            ]),
            needs: "the files of the runtime's conf_dir on that node, and the agent's pod there"),
        LogRule(
            .likely, "INS-01", "CFG-01", "RTE-04",
            when: .all([
                .words("stuck", "hang", "containercreating", "not start", "no network"),
                .words("until", "unless", "only after", "helps", "fixes"),
                .words("delet", "restart", "recreat", "kill"),
                .words(
                    "network daemon", "cni pod", "network plugin", "network pod", "agent", "calico-node", "aws-node",
                    "kube-flannel", "cilium pod"),
            ]), needs: "the agent's own last fatal line on that node"),
        LogRule(
            .likely, "DNS-10", "DNS-02",
            when: .all([
                .words("nodelocal", "node-local", "node local dns", "local dns cache"),
                .words("cilium", "link-local", "link local", "ebpf"),
                doesNotWork,
            ]), needs: "the nameserver in the pod's resolv.conf, and whether the agent leads its address to the cache"),
        LogRule(
            .likely, "RTE-19", "INS-01",
            when: .all([
                .words("flow-restore-wait", "openflow", "flow counters", "ovs flows", "ovn database", "virtual switch"),
                doesNotWork,
            ]),
            needs: "whether ovs-vswitchd runs on that node, and its flows (ovs-ofctl dump-flows br-int)"),
        LogRule(
            .likely, "AWS-02", "AZR-02", "AWS-03",
            when: .all([
                .words("subnet"), .words("address", " ips", " ip "),
                .words(
                    "used up", "addresses left", "ips left", "exhaust", "ran out", "run out", "no free", "not enough",
                    "almost full", "too small", "free addresses"),
                .words(" eks", "aws", " eni", "vpc", "secondary", "interface", "aks", "azure"),
                .not(.words("overlap", "route")),
            ]), needs: "free addresses of the subnet"),
        LogRule(
            .likely, "AWS-01", "AWS-08", "AWS-02",
            when: .all([
                .check(namesAnInstanceType), .words("pods", "addresses", " ips"),
                .words("more than", "at most", "only", "limit", "not fit", "maximum", "cannot", "no more"),
            ]), needs: "addresses assigned against the instance type's limit"),
        LogRule(
            .likely, "BGP-01", "BGP-03",
            when: .all([
                .words("session", "peer", "neighbo"),
                .words(" active", " idle", " connect ", "not establish", "n\"t establish", "do not come up"),
                .words("179", "filter", "firewall", " acl", "blocked"),
                .words("bgp", "calico", "bird", "router", "peer", "metallb"),
            ]), needs: "TCP 179 both ways"),
        LogRule(
            .likely, "BPF-04", "SVC-04",
            when: .all([
                .words("kube-proxy", "kube proxy"),
                .words("still run", "still there", "beside", "as well", " both ", "not removed", "was left"),
                .words("replacement", "replaces", "replaced", "ebpf", "bpf"),
            ]), needs: "kube-proxy's DaemonSet, and KUBE- chains on the node"),
        LogRule(
            .likely, "MSH-01", "MSH-02",
            when: .words(
                "without istio-proxy", "without a sidecar", "without sidecar", "no istio-proxy",
                "without linkerd-proxy", "without the sidecar"),
            needs: "the labels of namespace and pod against the injector's selectors"),
        LogRule(
            .likely, "POL-01", "POL-02",
            when: .all([
                ofPolicies,
                .words(
                    "from that moment", "since then", "as soon as", "afterwards", "from then on", "and now",
                    "immediately"),
                .words(
                    "nobody", "no one", "everyone else", "anyone else", "everything else", "all others", "all other",
                    "others"),
                .not(.words("dns", "resolv", "names")),
            ]), needs: "the policies that select the pod"),
        LogRule(
            .likely, "INS-02", "INS-03",
            when: .all([
                .words("plugin binar", "cni binar", "plugin\"s binary", "plugin executable", "plugin file"),
                .words("not in", "missing", "no longer", "gone", "any more", "disappear", "absent", "removed"),
            ]), needs: "the plugins the list names against the files of the runtime's bin_dir"),
        LogRule(
            .likely, "RTE-09",
            when: .all([
                .words("ip_forward", "ip forwarding", "ipv4 forwarding"),
                .words("zero", "back to 0", "turned off", "switched off"),
            ]),
            needs: "sysctl net.ipv4.ip_forward"),
        LogRule(
            .likely, "RTE-11", "RTE-01",
            when: .all([
                .check { text in
                    ["ipip", "vxlan", "host-gw", "geneve", "native rout", "direct rout"].count(where: text.has) > 1
                },
                .words("half", "some of", "mixed", "the rest", "the others", "other half"),
                .words("node", "host", "machine"),
            ]), needs: "the backend every node was told"),
        LogRule(
            .likely, "MTU-02", "MTU-01",
            when: .all([
                .words("mtu", "byte frames", "jumbo"), .words("node", "host", "machine", "worker"),
                .words(
                    "only the", "only one", "one node", "new nodes", "two new", "the rest", "the others", "some nodes",
                    "differ"),
            ]), needs: "the MTU of the same device on every node"),
        LogRule(
            .likely, "API-03", "ING-08",
            when: .all([
                .words("kubectl", "kubelet"),
                .words(" vip", "virtual ip", "control plane endpoint", "keepalived", "haproxy", "load balancer"),
                .words("stopped", "not answer", "n\"t answer", "times out", "timeout", "unreachable", "refused"),
            ]), needs: "TCP to each API server's own address and to the one in front of them"),
        LogRule(
            .possible, "SVC-05", "MSH-06", "RTE-04", "SVC-03",
            when: .all([
                .words("whenever", "each time", "every time", "always when", "as often as"),
                .words("restart", "recycl", "roll", "redeploy", "replac", "drain", "terminat", "evict"),
                .words("pod", "node", "controller", "deployment"),
                .any([.timeout, .words("502", "503", "reset", "refused")]),
            ]), needs: "programmed backends against the EndpointSlices, and what the pod does at SIGTERM"),
        LogRule(
            .possible, "POL-09", "RTE-04", "RTE-12", "SVC-09",
            when: .all([
                .words(
                    "short-lived", "short lived", "first connection", "newly created", "just started", "first seconds"),
                .any([.timeout, .words("refused", "fail", "delay")]),
                .words("retr", "later", "longer", "after some", "then it", "afterwards"),
            ]), needs: "what is programmed for a pod, and when, after it starts"),
        LogRule(
            .likely, "CFG-06", "CFG-10", "CFG-04",
            when: .all([
                .cilium, .words("exclusive", "took over the cni", "took ownership", "cilium_bak", "alone in the"),
            ]),
            needs: "files ending in .cilium_bak, and cni-exclusive in cilium-config"),
        LogRule(
            .likely, "IPM-05", "IPM-08", "CFG-04",
            when: .all([
                .words("the bridge", "cni0", "cbr0", "kube-bridge", "bridge\"s"),
                .words("still has", "kept", "keeps", "still carries"),
                .words("range", "address", "subnet", "network"),
                .words("new", "second", "another", "other", "re-added", "readded"),
            ]), needs: "the bridge's address against the node's range"),
    ]

    /// `app=web` and `app=web-v2`: one name with two values.
    @Sendable private static func hasTwoValuesOfALabel(_ text: LogText) -> Bool {
        var values: [Substring: Substring] = [:]
        for word in text.normal.split(whereSeparator: { " ,;()\"\n{}".contains($0) }) {
            let parts = word.split(whereSeparator: { $0 == "=" || $0 == ":" })
            guard parts.count == 2, parts[0].first?.isLetter == true, parts[1].first?.isLetter == true else { continue }
            let value = parts[1].last == "." ? parts[1].dropLast() : parts[1]
            if let known = values[parts[0]], known != value { return true }
            values[parts[0]] = value
        }
        return false
    }

    /// `t3.medium`, `m5.2xlarge`.
    @Sendable private static func namesAnInstanceType(_ text: LogText) -> Bool {
        let sizes: Set<Substring> = ["nano", "micro", "small", "medium", "large", "xlarge", "metal"]
        return text.normal.split(whereSeparator: { " ,;()\n".contains($0) }).contains { word in
            let parts = word.split(separator: ".")
            guard parts.count == 2, let first = parts[0].first, first.isLetter, parts[0].contains(where: \.isNumber),
                parts[0].count <= 6
            else { return false }
            return sizes.contains(parts[1].drop { $0.isNumber })
        }
    }

    /// "12 pods, yet all 254 addresses are taken": many more addresses in use than pods that could have them.
    @Sendable private static func hasMoreAddressesThanPods(_ text: LogText) -> Bool {
        guard text.has("pods"), text.has("address") || text.has(" ips") || text.has(" ip "),
            ["taken", "in use", "used", "exhaust", "allocated", "reserved", "full", "gone", "no free", "no more"]
                .contains(where: text.has)
        else { return false }
        let words = text.normal.split { !($0.isLetter || $0.isNumber) }
        func numbers(before names: Set<Substring>) -> [Int] {
            words.indices.compactMap { place in
                guard let number = Int(words[place]), number < 1 << 20 else { return nil }
                return words[(place + 1)...].prefix(3).contains(where: names.contains) ? number : nil
            }
        }
        guard let pods = numbers(before: ["pods", "pod"]).first else { return false }
        return numbers(before: ["addresses", "ips", "ip", "address"]).contains { $0 >= 4 * pods && $0 >= 30 }
    }
}
