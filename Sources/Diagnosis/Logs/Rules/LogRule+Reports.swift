/// What people write above a report: not what a program printed but what they saw, in a dozen words of their own. Each
/// rule names the thing a mechanism works on and what happened to it; words alone of one of the two mean nothing.
extension LogRule {
    /// Something that should work does not, or was done to what should have been left alone.
    static let complaint = LogPattern.words(
        "break", "broke", "fail", "cannot", "can\"t", "can not", "could not", "couldn\"t", "unable", "does not",
        "doesn\"t", "do not", "don\"t", "did not", "not work", "stop", "lost", "loss", "lose", "losing", "drop",
        "unreachable",
        "no longer", "never", "missing", "issue", "problem", "delay", "slow", "latency", "crash", "wrong", "incorrect",
        "incompatib", "conflict", "disappear", " gone", "delet", "remov", "flush", "wipe", "ruin", "overrid",
        "overwrit", "dead", " hang", "stuck", "timeout", "timed out", "time out", "refus", "block", "reject",
        "disconnect", "isolat", "unexpected", "not ready", "notready", "not start", " race", " down", "outage", "flap",
        "on and off", "失败", "无法", "不通", "不能",
        "问题", "错误", "丢")

    /// Somebody's sentence, not a program's line.
    static let sentence = LogPattern.check { $0.isSentence }

    /// Providers of pods' networks, each by its own name.
    private static let providers = [
        "flannel", "calico", "cilium", "weave", "antrea", "kube-router", "kube-ovn", "kubenet", "kindnet", "romana",
    ]

    /// Two providers in one sentence: one was there before the other, or beside it.
    @Sendable private static func namesTwoProviders(_ text: LogText) -> Bool {
        providers.count(where: text.has) > 1 && !text.has("canal")
    }

    /// What an address of a pod is handed out from.
    private static let addressing = LogPattern.words(
        " ip ", " ips", " ip,", " ip:", "ip address", "addresses", "ipam", "ip pool", "ippool", "podip", "pod ip")

    static let reports = [
        // Plugins that come with a package, and packages that replace the folder they come in.
        LogRule(
            .likely, "INS-03", "INS-02", "CFG-09",
            when: .all([
                .words(
                    "kubernetes-cni", "cni-plugins", "cni plugins", "containernetworking-plugins", "reference plugin",
                    "portmap", "loopback plugin", "host-local", "bandwidth plugin", "网络插件"),
                .words(
                    "missing", "lost", "not install", "removes", "removed", "deleted", "deletes", "disappear", "wipe",
                    "缺少", "not contain", "not include", "no longer ship", "not ship", "does not come", "without the",
                    " gone", "recreates"),
                .words("bin", "plugin", "/opt/cni", "package", "directory", "插件"), sentence,
                .not(.words("failed to find plugin", "hostport", "host port", "network name")),
            ]), needs: "the plugins the list names against the files of the runtime's bin_dir"),
        LogRule(
            .likely, "INS-02", "INS-03", "INS-12",
            when: .all([
                .words(
                    "cni binar", "plugin binar", "/opt/cni/bin", "opt/cni", "cni executable", "plugin executable",
                    "cni plugin"),
                .words(
                    "not getting created", "not created", "not copied", "step to copy", "is empty", "disappear",
                    "deleted", "removed", "lost", " gone", "never copied", "not present", "not installed", "wipe",
                    "wrong arch", "not executable", "0 byte", "zero byte", "corrupt", "not updated", "not found",
                    "is missing", "missing on"), sentence,
                .not(.words("failed to find plugin", "not a shared", "config", "conflist")),
            ]), needs: "the plugins the list names against the files of the runtime's bin_dir"),
        // Folders: what is written into one is read out of another.
        LogRule(
            .likely, "INS-05", "INS-02", "CFG-01",
            when: .any([
                .all([
                    .words(
                        "bin dir", "bin-dir", "bindir", "bin_dir", "conf dir", "conf-dir", "confdir", "config dir",
                        "configdir", "bin directory", "config directory", "cni directory", "cni_path", "plugin dir",
                        "plugin path", "bin path", "conf path"),
                    .words(
                        "different", "chang", "wrong", "take effect", "instead", "specify", "hard-cod", "hardcod",
                        "mismatch", "custom", "ignor", "not match", "not use", "not honor", "not honour", "not respect",
                        "non-default", "non default"), .words("cni", "cri-o", "multus", "containerd", "k3s", "kubelet"),
                    sentence,
                ]),
                .all([
                    .words("instead of", "rather than", "but writes", "but it is in", "but they are in"),
                    .check { text in
                        Set(text.tokens.filter { $0.hasPrefix("/") && ($0.contains("cni") || $0.contains("/bin")) })
                            .count > 1
                    },
                ]),
            ]), needs: "the runtime's bin_dir and conf_dir against the folders the agent's DaemonSet writes"),
        // One side of an interface inside the machine is older than the other.
        LogRule(
            .likely, "INS-09", "CFG-10", "INS-12",
            when: .all([
                .words("code = unimplemented", "unknown service", "unknown method"),
                .any([
                    .agent,
                    .words("podresources", "runtime.v1", "cri", "cni", "device plugin", "deviceplugin", "sandbox"),
                ]),
            ]), needs: "the versions of both: kubelet, runtime, plugin"),
        LogRule(
            .likely, "CFG-02", "CFG-10", "CFG-01",
            when: .any([
                .words(
                    "no \"name\" key", "missing network name", "missing \"type\"", "no plugin name provided",
                    "no \"type\" key", "missing plugin name", "error parsing configuration",
                    "error loading cni config", "error loading configuration list"),
                .all([.words("range set"), .words("overlaps with")]),
                .all([
                    .words("conflist", "cni config", "cni conf", "net.d", "netconf"),
                    .words(
                        "invalid json", "malformed", "corrupt", "truncat", "placeholder", "trailing comma",
                        "half written", "half-written", "zero byte", "0 byte"),
                ]),
                .all([.words("cni network \""), .words("\" not found")]),
            ]), needs: "the file as the runtime reads it"),
        LogRule(
            .likely, "CFG-07", "CFG-02", when: .words("cannot convert version", "can\"t convert version"),
            needs: "the cniVersion of the list against what each plugin answers to VERSION"),
        // Cilium alone takes the other lists away.
        LogRule(
            .likely, "CFG-06", "CFG-04", "CFG-10",
            when: .all([
                .cilium, .words("renam", "takes over", "exclusive", "deletes", "removes", "moves away", "disabl"),
                .words(
                    "multus", "istio-cni", "linkerd-cni", "other cni", "conflist", "cni conf", "cni config", "net.d"),
                .not(.words("level=info")),
            ]), needs: "files ending in .cilium_bak, and cni-exclusive in cilium-config"),
        LogRule(
            .likely, "CFG-04", "IPM-06", "CFG-01", "CFG-06",
            when: .all([
                sentence,
                .any([
                    .all([
                        .check(namesTwoProviders),
                        .words(
                            "alongside", "together", "same time", "both", "previous", "migrat", "switch", "replac",
                            "old ", "leftover", "uninstall", "remov", "after", "still", "instead", "coexist",
                            "conflict", " to "),
                    ]),
                    .words(
                        "wrong cni", "another cni", "multiple cni", "two cni", "several cni", "old cni", "previous cni",
                        "leftover cni", "stale cni", "more than one cni", "cni conflict", "different cni"),
                    .all([
                        .words("conflist", ".conf ", "cni config", "cni conf"),
                        .words(
                            "not removed", "left behind", "leftover", " old ", "multiple", "stale", "two ",
                            "precedence", "lexicograph", "alphabet", "picked first"),
                    ]),
                ]),
            ]), needs: "the files of the runtime's conf_dir in their order"),
        LogRule(
            .likely, "CFG-01", "INS-01", "CFG-02", "INS-05",
            when: .all([
                .words("conflist", "cni config", "cni conf", "net.d"),
                .words(
                    "not loaded", "not recogni", "not picked", "not generated", "not written", "not created",
                    "disappear", "deleted", " gone", "is empty", "is missing", "not present", "never written"),
                sentence,
            ]), needs: "what stands in the runtime's conf_dir"),
        // Pods with an address of whatever bridge was there.
        LogRule(
            .likely, "CFG-05", "CFG-04", "IPM-12",
            when: .all([
                .words("pod"),
                .words(
                    "wrong ip", "wrong subnet", "wrong range", "wrong network", "wrong cidr", "different subnet",
                    "not from the pod", "outside the pod", "unexpected ip", "unexpected subnet", "docker ip",
                    "docker subnet", "docker0 ip", "ip from docker", "bridge ip", "not in the pod cidr"), sentence,
            ]), needs: "the pods' addresses against the cluster's range, and the files of the conf_dir"),
        LogRule(
            .likely, "CFG-05", "CFG-04", "IPM-05",
            when: .all([
                .words("podcidr", "pod cidr", "pod-cidr"),
                .words(
                    "not respect", "isn\"t respect", "ignored by", "outside", "not in the", "not from", "invalid ip",
                    "wrong ip", "not honor", "not honour", "not use"), .words("pod", "ip"),
                .not(.words("level=", "controller", "mask")),
            ]), needs: "the pods' addresses against the node's range, and the files of the conf_dir"),
        // Who comes first after a machine has started: the pod or the plugin that is added to the list.
        LogRule(
            .likely, "CFG-08", "MSH-05", "CFG-06",
            when: .all([
                .words(
                    "istio-cni", "istio cni", "linkerd-cni", "linkerd cni", "consul-cni", "kuma-cni", "osm-cni",
                    "racy cni"),
                .words(
                    "race", "racy", "order", "before", "reboot", "restart", "recover", "autoscal", "scale up",
                    "new node", "node start"),
                .not(.any([.failing, .words("level=", "\"level\"")])),
            ]), needs: "whether the conflist is newer than the pod's sandbox"),
        LogRule(
            .possible, "CFG-08", "MSH-05", "CFG-06",
            when: .all([
                .words("istio", "linkerd", "consul", "mesh"), .words("cni"),
                .words("race", "racy", "reboot", "node restart", "before the cni", "new node"), sentence,
            ]), needs: "whether the conflist is newer than the pod's sandbox"),
        // Reservations that outlive whom they were made for: whereabouts' and Spiderpool's are objects, Calico's lie in
        // blocks, host-local's in files of the node.
        LogRule(
            .likely, "IPM-10", "IPM-06", "IPM-04",
            when: .all([
                .words(
                    "whereabouts", "ippool", "overlappingrange", "ip-reconciler", "spiderip", "ip reconciler",
                    "spiderendpoint"),
                .words(
                    "duplicate", "empty", " lost", "not match", "mismatch", "inconsisten", "leak", "stale", "orphan",
                    "not cleaned", "not released", "not freed", "out of sync", "dangling"),
                .not(
                    .any([
                        .calico,
                        .words("nodeselector", "node selector", "does not match any", "no ippool"),
                    ])),
            ]), needs: "the pool's allocations against the pods that live"),
        LogRule(
            .likely, "IPM-04", "IPM-03", "IPM-06",
            when: .any([
                .words("owned by unreachable peers"),
                .all([.words(" ips ("), .words("unreachable!")]),
                .all([
                    .words("ipblock", "ip block", "ipam block", "ipamblock", "block affinit", "ip affinit"),
                    .words(
                        "not released", "not reused", "not re-used", "not cleaned", "not freed", "not deleted",
                        "not removed", "never", "exhaust", "leak", "stale", "deleted node", "gone node", "old node"),
                ]),
                .all([
                    .words("garbage collect"), addressing, complaint,
                    .not(.words("overlappingrange", "whereabouts", "image")),
                ]),
                .all([
                    .calico, addressing,
                    .words("not released", "never released", "not freed", "leak", "not reclaim", "not cleaned"),
                ]),
            ]), needs: "what calicoctl ipam check says"),
        LogRule(
            .likely, "IPM-03", "IPM-04", "IPM-10",
            when: .any([
                .all([
                    .words("leak"),
                    .check { text in
                        text.tokens.contains { ["ip", "ips", "address", "addresses", "podip", "ipam"].contains($0) }
                    },
                    .not(
                        .any([
                            .calico,
                            .words("memory leak", "goroutine", "leaked ip addresses count=0", "block", "resurrected"),
                        ])),
                ]),
                .all([
                    .words("stale", "leftover", "left over", "orphan", "dangling"),
                    .words("sandbox ip", "ip store", "reservation", "ip allocation", "allocated ip", "ip lease"),
                    .not(.any([.calico, .words("spot")])),
                ]),
            ]), needs: "reservations of the store against the runtime's sandboxes"),
        LogRule(
            .likely, "IPM-06", "IPM-03",
            when: .all([
                .words("/var/lib/cni", "ipam state", "ipam store", "ipam allocations", "ip allocations"),
                .words("persist", "surviv", "stick around", "preserv", "tmpfs", "lost on", "lost after"),
            ]), needs: "which pods' status carry the address, and whose route leads to it"),
        LogRule(
            .likely, "IPM-11", "IPM-01",
            when: .all([
                .words("each node", "per node", "every node"), .words("podcidr", "pod cidr", "cidr", "block"),
                .words(" out", "only", "not enough", "too small", "exhaust", "run out"),
                .check { text in text.tokens.contains { $0.hasPrefix("/") && Int($0.dropFirst()) != nil } },
            ]), needs: "2^(mask - prefix) against the nodes"),
        LogRule(
            .likely, "IPM-11", "IPM-01", "IPM-02",
            when: .all([
                .words(
                    "node-cidr-mask", "cidr mask", "mask size", "mask-size", "node_cidr_mask", "cluster-cidr",
                    "cluster cidr"),
                .words(
                    "ignor", "small", "too few", "not enough", "change", "wrong", "updat", "larger", "bigger", "fail",
                    "exhaust"), sentence,
                .not(.words("overlap", "masquerad", "conflict")),
            ]), needs: "2^(mask - prefix) against the nodes"),
        LogRule(
            .likely, "IPM-03", "IPM-04", "IPM-10", "IPM-02",
            when: .all([
                addressing,
                .words(
                    "not released", "never released", "not freed", "not reclaim", "not returned", "not garbage",
                    "still reserved", "stay reserved", "remain reserved", "not being released", "isn\"t released",
                    "aren\"t released", "not recycl"), .not(.loadBalancer),
            ]), needs: "reservations of the store against the runtime's sandboxes"),
        LogRule(
            .likely, "IPM-12", "IPM-02", "IPM-04",
            when: .all([
                .words("ippool", "ip pool", "pool candidate", "pool for"),
                .words(
                    "no matching", "no candidate", "not matched", "not selected", "wrong pool", "different pool",
                    "another pool", "unexpected pool", "other pool"),
                .not(.any([.loadBalancer, .words("addresses used", "thread pool", "connection pool")])),
            ]), needs: "the pools, their selectors and the labels of node and namespace"),
        LogRule(
            .likely, "IPM-07", "IPM-08", "MCL-03", "IPM-09",
            when: .all([
                .words(
                    "overlap", "conflict", "clash", "collid", "collision", "intersect", "same subnet", "same range",
                    "same cidr", "same network as"),
                .words(
                    "cidr", "subnet", "ip range", "address range", "docker0", "docker bridge", "docker network",
                    "address space", "172.17", "pod network", "service network", "ip-range"),
                .not(
                    .words(
                        "range set", "overlapping ip", "overlappingrange", "conflicts.", "port conflict", "cni0",
                        // Where two machines are, not what two ranges have in common.
                        "in the same subnet", "on the same subnet")),
            ]), needs: "every range of the cluster against the routes of its machines"),
        LogRule(
            .likely, "IPM-02", "IPM-03", "IPM-04", "AWS-02", "AWS-01",
            when: .all([
                .words(
                    "not enough ip", "enough ips", "no ip for", "ip exhaustion", "ip address exhaustion",
                    "run out of address", "ran out of address", "running out of ip", "out of address", "no more ips"),
                .not(.any([.loadBalancer, .azure])),
            ]), needs: "addresses given against living pods"),
        LogRule(
            .possible, "IPM-02", "IPM-12", "IPM-03", "IPM-04", "AWS-01",
            when: .words("ip allocation failed", "ip allocation failure", "address allocation failed"),
            needs: "addresses given against living pods, and the pools that apply"),
        LogRule(
            .likely, "IPM-13", "IPM-06", "SVC-05",
            when: .all([
                .words("reus", "re-us", "recycl", "reassigned"), addressing,
                .words("immediate", "quick", "soon", "short", "fast", "too early", "cooldown", "cool down", "delay"),
                .not(.words("already in use")),
            ]), needs: "how soon an address is given again"),
        // The kernel has no room for a map, or the map none for an entry.
        LogRule(
            .likely, "NOD-04", "BPF-03", "BPF-06", "NOD-01",
            when: .all([
                .words("bpf", "map"), .words("cannot allocate memory", "enomem", "out of memory"),
                .words("map", "program", "endpoint"), .not(.words("mmap", "roadmap", "configmap")),
            ]), needs: "the agent's memory limit against the sizes of its maps"),
        LogRule(
            .likely, "BPF-03", "SVC-09", "POL-10",
            when: .all([
                .words(
                    "policy map", "policymap", "bpf map", "ct map", "nat map", "conntrack map", "lb map", "service map",
                    "ipcache", "auth map"),
                .words("overflow", "is full", "too many", "full", "pressure", "limit", "exceed"),
                .not(.words("neighbor", "nf_conntrack", "level=info")),
            ]), needs: "cilium_bpf_map_pressure, or the map's max_entries against what is in it"),
    ]
}
