/// Plugins and agents, and what they need of the machine.
extension LogRule {
    /// Plugins that come with the reference bundle and that no provider is named after.
    private static let reference: Set<String> = [
        "loopback", "bridge", "portmap", "host-local", "bandwidth", "firewall", "tuning", "ptp", "macvlan", "ipvlan",
        "vlan", "dhcp", "static", "sbr", "host-device", "vrf", "dummy", "tap",
    ]

    private static func missingPlugins(_ text: LogText) -> [String] {
        (text.texts(after: "failed to find plugin \"", until: ["\""])
            + (text.has("oci runtime") ? [] : text.texts(after: "exec: \"/opt/cni/bin/", until: ["\""]))
            + text.texts(after: "fork/exec /opt/cni/bin/", until: [":", " "])
            + text.texts(after: "needs cni plugin \"", until: ["\""])).map { name in
                name.split(separator: "/").last.map(String.init) ?? name
            }
    }

    /// A setting that is there and off.
    static let switchedOff = LogPattern.words(
        "not set to 1", "= 0", "is 0", "disabled", "is set to 0", "should be 1", "must be 1", "turned off")

    /// A folder of configurations that is not the usual one.
    @Sendable private static func readsElsewhere(_ text: LogText) -> Bool {
        let folders = ["config found in ", "networks found in ", "configuration file in ", "confs in "]
            .flatMap { text.texts(after: $0, until: [" ", ",", ":", "\""]) }
        return folders.contains { $0.hasPrefix("/") && !$0.hasPrefix("/etc/cni/net.d") }
    }

    /// A runtime that looks somewhere else than where installers write.
    @Sendable private static func looksElsewhere(_ text: LogText) -> Bool {
        let paths = text.texts(after: "in path [", until: ["]"])
        return paths.contains { list in
            !list.isEmpty && !list.split(separator: " ").contains { $0 == "/opt/cni/bin" || $0 == "/opt/cni/bin/" }
        }
    }

    /// Containers and files that make the network, as against an application's.
    static let ofTheNetwork = LogPattern.any([
        .agent,
        .words(
            "cni", "exec: \"cp\"", "install", "entrypoint", "flanneld", "felix", "bird", "kube-proxy", "coredns",
            "istio", "iptables", "ovn", "ovs", "weave", "calico", "cilium", "flannel", "antrea", "linkerd",
            "kube-router", "multus"),
    ])

    /// A plugin's file, by the folders they are kept in.
    private static let pluginFolder = LogPattern.words(
        "cni/bin", "cni-bin", "hostbin", "/bin/cni", "libexec/cni", "lib/cni", "bin-dir", "cni bin", "host/opt")

    static let install = [
        // An agent that asks for a kind which the cluster has never heard of is newer than the cluster's definitions.
        LogRule(
            .likely, "INS-09", "API-02",
            when: .all([
                .words("the server could not find the requested resource (get "),
                .words(
                    ".projectcalico.org", ".cilium.io", ".antrea.io", ".kubeovn.io", ".k8s.ovn.org", ".metallb.io",
                    ".istio.io", ".cni.cncf.io", ".k8s.aws", ".acn.azure.com"),
            ]), needs: "kubectl get crds: whether that kind is among them"),
        LogRule(
            .likely, "INS-07", "INS-09", "BPF-02",
            when: .all([
                .words("minimal supported kernel", "minimum supported kernel", "minimum kernel", "minimal kernel"),
                .words("version", "running", "required", "need"),
            ]), needs: "uname -r against what the provider's release asks for"),
        // A flag that this version does not know any more.
        LogRule(
            .certain, "INS-09", "INS-12", "INS-05",
            when: .all([
                .words("unknown flag", "unknown shorthand", "flag provided but not defined"),
                .any([.agent, .words("kubelet", "cni", "network", "kube-proxy", "flanneld", "runtime")]),
            ])),
        LogRule(
            .likely, "INS-09", "INS-01",
            when: .all([
                .words("crd", "customresourcedefinition", "schema version"), .words("version"),
                .words("older than", "newer than", "expects", "mismatch", "out of date", "outdated", "not up-to-date"),
            ]), needs: "the CRDs' version against the agent's"),
        LogRule(
            .likely, "INS-09", "CFG-10",
            when: .all([.words("no kind \""), .words("is registered for version")]),
            needs: "which versions of the kind the cluster serves, and which the program asks for"),
        LogRule(
            .likely, "INS-02", "CFG-03", "INS-12",
            when: .all([
                pluginFolder,
                .words(
                    "cp:", "mv:", "rm:", "install:", "ln:", "chmod:", "copy", "writ", "renam", "mkdir", "cannot stat",
                    "failed to access", "install"),
                .words(
                    "permission denied", "operation not permitted", "read-only", "no space left", "not writ",
                    "input/output error"),
            ]), needs: "the files of the runtime's bin_dir: mode, size, architecture, and how the folder is mounted"),
        LogRule(
            .likely, "INS-02", "INS-12", "INS-01",
            when: .any([
                .all([
                    .words("/opt/cni/bin/"), .words(": not found", "no such file", "not executable", "cannot execute"),
                    .not(.words("failed to find plugin", "cannot stat", "can\"t create", "cannot create", "text file")),
                ]),
                .all([
                    .words("exec format error"), .words("plugin", "network:", "cni", "kubernetes/bin"),
                    .not(.words("oci runtime", "back-off", "exec user process")),
                ]),
                .all([
                    .words("netplugin failed", "plugin type=", "cni plugin"),
                    .words(
                        "exec format error", "segmentation fault", "signal: ", "cannot execute binary", "exit code 127"),
                ]),
            ]), needs: "the files of the runtime's bin_dir: mode, size, architecture, and how the folder is mounted"),
        LogRule(
            .likely, "INS-12", "INS-02", "INS-09",
            when: .all([.words("exec format error"), ofTheNetwork, .not(.words("cni/bin"))]),
            needs: "the architecture of the image against the node's"),
        LogRule(
            .possible, "INS-11", "INS-01", "CFG-10", "NOD-01",
            when: .all([
                .words("netns", "network namespace", "ns/net", "nw name space"),
                .words("failed to open", "statfs", "unknown fs_magic", "cannot open", "failed to statfs", "invalid"),
                .words("no such file", "unknown", "not a directory", "invalid"),
            ]), needs: "whether the agent's container sees /var/run/netns as the runtime does (mountinfo)"),
        // A kernel that was told to have no IPv6.
        LogRule(
            .possible, "INS-07", "CFG-09", "IPM-05",
            when: .all([
                .words("add ip addr", "add address", "ip address to", "ipv6"),
                .words("permission denied", "operation not permitted"),
                .words("disable_ipv6", "cni0", "bridge", "eth0", "veth", "interface", "link"),
            ]), needs: "net.ipv6.conf.all.disable_ipv6, and the families of the configuration's ranges"),
        LogRule(.certain, "INS-05", when: .all([.words("failed to find plugin"), .words("in path []")])),
        LogRule(
            .certain, "INS-02", "INS-01",
            when: .check { text in missingPlugins(text).contains { !reference.contains($0) } }),
        LogRule(
            .certain, "INS-03",
            when: .check { text in
                let missing = missingPlugins(text)
                return !missing.isEmpty && missing.allSatisfy(reference.contains)
            }),
        LogRule(
            .possible, "INS-05", when: .check(looksElsewhere),
            needs: "the runtime's bin_dir against the folder the agent's DaemonSet writes"),
        LogRule(
            .possible, "INS-05", when: .check(readsElsewhere),
            needs: "the runtime's conf_dir against the folder the agent's DaemonSet writes"),
        LogRule(
            .certain, "INS-02", "INS-12",
            when: .all([.words("exec format error", "permission denied"), .words("/opt/cni/bin", "cni/bin/")])),
        // An installer that cannot write, or a file system that does not let run.
        LogRule(
            .likely, "INS-02", "CFG-03", "INS-12",
            when: .any([
                .all([
                    .words("cni/bin", "bin-dir", "cni bin", "cni-bin", "plugin binar", "cni plugin", "cni binar"),
                    .words(
                        "not writeable", "not writable", "read-only file system", "permission denied", "no space left",
                        "failed to copy", "failed to install", "can\"t create", "cannot create", "cannot write",
                        "unable to write", "bad file descriptor", "operation not permitted"),
                ]),
                .all([.words("noexec"), .words("/opt", "cni", "bin")]),
                .words("unable to validate hash of", "illegal instruction (core dumped)"),
            ]), needs: "the files of the runtime's bin_dir: mode, size, architecture, and how the folder is mounted"),
        LogRule(
            .likely, "CFG-03", "INS-02", "CFG-01",
            when: .all([
                .words("avc: denied", "apparmor=\"denied\"", "selinux"),
                .words(
                    "comm=\"cp\"", "comm=\"mv\"", "comm=\"install", "name=\"bin\"", "cni", "net.d", "calico", "cilium",
                    "flannel"),
            ]), needs: "the label of the folder (ls -Z) and the policy package of the distribution"),
        LogRule(
            .likely, "CFG-01", "CFG-03", "INS-05", "INS-01",
            when: .all([
                .words("/etc/cni", "net.d", "conf-dir", "cni-conf-dir", "cni conf"),
                .words(
                    "can\"t create", "cannot create", "nonexistent dir", "no such file", "cannot write",
                    "failed to write",
                    "read-only file system", "not writable", "not writeable", "missing", "failed to create"),
                .not(.words("cilium_bak")),
            ]), needs: "what stands in the runtime's conf_dir"),
        LogRule(.certain, "INS-04", when: .words("text file busy")),
        LogRule(.certain, "INS-11", when: .words("not a shared mount", "not a shared or slave mount", "is not shared")),
        LogRule(
            .certain, "INS-12",
            when: .any([
                // coreutils and busybox.
                .all([.words("cp:", "install:", "mv:"), .words("cannot stat", "can\"t stat"), .words("no such file")]),
                .all([
                    .words(
                        "executable file not found in $path", "stat /entrypoint", "exec: \"cp\"", "exec: \"/",
                        "set in config.json failed", "exec user process", "no such file or directory: unknown"),
                    .words("no such file", "not found"),
                    .any([.words("oci runtime", "container process"), .not(.words("/opt/cni/bin"))]), ofTheNetwork,
                ]),
            ])),
        LogRule(
            .possible, "INS-12",
            when: .all([
                .words("executable file not found in $path", "exec: \"/", "exec user process", "stat /"),
                .words("oci runtime", "container process", "container init"), .words("no such file", "not found"),
                .not(ofTheNetwork),
            ]), needs: "whose container it is: an agent's, or an application's"),
        LogRule(
            .likely, "INS-06", "INS-01", when: .words("/var/lib/calico/nodename", "calico/node container is running")),
        LogRule(
            .likely, "INS-08", "IPM-01", "INS-01", "API-03",
            when: .all([.words("subnet.env"), .words("no such file", "not found", "failed", "missing", "cannot")])),
        LogRule(
            .certain, "INS-07",
            // An init container of a mesh asks for more than pods' networks do, and has its own rule.
            when: .all([
                .not(.words("istio-init", "linkerd-init", "istio-iptables", "proxy-init", "kuma-init")),
                .any([
                    .all([.words("br_netfilter"), .any([.failing, .absent, .words("not loaded", "needs", "require")])]),
                    .words(
                        "do you need to insmod", "could not insert", "can\"t insert",
                        "failed to load module", "failed to load kernel module", "unknown device type",
                        "cannot open session to kernel", "modules are not loaded", "missing kernel module"),
                    .all([.words("bridge-nf-call"), .any([.absent, .failing]), .not(switchedOff)]),
                    .all([
                        .words("/proc/sys/net/netfilter/", "/proc/net/ip_", "/proc/sys/net/ipv"),
                        .words("no such file"),
                    ]
                    ),
                    .all([.words("config_"), .words("kernel"), .words("not set", "not enabled", "is not", "required")]),
                    .all([
                        .words("modprobe", "module"), .words("not found", "fatal", "missing", "not loaded"),
                        .words(
                            "vxlan", "wireguard", "openvswitch", "ip_set", "ipset", "nf_", "ip_vs", "ip_tables", "xt_",
                            "kernel",
                            "ip6", "geneve", "iptable"),
                    ]),
                    .all([
                        .unknownToTheKernel,
                        .any([
                            .agent,
                            .words(
                                "network", "device", "link", "netlink", "vxlan", "wireguard", "ipip", "tunnel",
                                "bridge",
                                "veth", "route", "qdisc", "iptables", "ipset", "nft", "flannel", "geneve", "interface",
                                "kernel", "cni"),
                        ]),
                        .not(.words("xattr", "chmod", "mount ")),
                        .not(.words("kube-proxy", " vf ", "sriov", "ethtool", "copy_file_range", "setsockopt")),
                    ]),
                    // What loads modules says it could not, whichever the module is.
                    .all([
                        .words(
                            "unable to detect", "unknown symbol", "disagrees about version", "/lib/modules",
                            "inserting "),
                        .words("module", "ip_set", "nf_", "xt_"),
                        .words("unable", "unknown", "disagrees", "fail", "no such"),
                    ]),
                    .all([.words("ipset"), .words("kernel error received: invalid argument", "set type not supported")]
                    ),
                    .words(
                        "specified qdisc not found", "specified qdisc kind is unknown", "unknown qdisc",
                        "tc classifier not found", "generic netlink family", "module is probably not loaded"),
                    .all([
                        .words("wireguard", "vxlan", "ipset", "ipvs", "geneve", "nftables", "ebpf", "sctp"),
                        .words("is not supported", "not available in the kernel", "not compiled", "not built in"),
                        .not(.words("config", "field", "mode ", "policy type", "version", "cni plugin")),
                    ]),
                    .all([
                        .words("qdisc", "ifb"), .words("create", "add ", "replace", "adding"),
                        .words("no such file", "not supported", "not found", "invalid argument"),
                        .not(.words("link not found", "no such device")),
                    ]),
                ]),
            ])),
        LogRule(
            .likely, "INS-07", "BPF-02", "BPF-05",
            when: .all([
                .words("rtnetlink answers", "error talking to the kernel", "netlink error"),
                .words("no such file or directory", "talking to the kernel", "not supported", "invalid argument"),
            ]),
            needs: "the options the kernel was built with (CONFIG_NET_CLS_BPF, CONFIG_NET_SCH_INGRESS, CONFIG_VXLAN)"),
        LogRule(
            .possible, "INS-07", "RTE-10", "RTE-04", "API-02",
            when: .all([
                .words("vxlan", "ipip", "wireguard", "geneve", "tunl0", "tunnel", "flannel.1", "cilium_"),
                .words("device", "interface", "link"),
                .words("fail", "unable", "cannot", "could not", "error"),
                .not(.words("mac address", "mtu", "checksum", "offload")),
            ]), needs: "whether the kernel has the tunnel's module (modinfo) and the agent may make devices"),
        LogRule(.certain, "INS-07", "SVC-10", when: .check(missesAnExtension)),
        LogRule(
            .likely, "INS-12", "INS-07", "SVC-10",
            when: .all([
                .words("iptables", "ip6tables", "nft", "ipset", "conntrack", "modprobe", "bpftool", "tc "),
                .words(
                    "binary was not found", "command not found", "executable file not found",
                    "no such file or directory: exec"),
                // Connections that could not be cleared are another matter.
                .not(.words("connection tracking state", "udp conntrack")),
            ])),
        LogRule(
            .possible, "INS-02", "INS-12", "INS-01", "CFG-02",
            when: .any([
                .all([.words("network plugin"), .words("not found", "unknown", "no such")]),
                .words("error parsing its diagnostic message", "netplugin failed", "failed to find network info"),
            ]), needs: "what the plugin prints when it is run by hand (CNI_COMMAND=VERSION)"),
        LogRule(
            .likely, "INS-10", "INS-02",
            when: .words(
                "rm -rf /opt/cni", "rm -rf /etc/cni", "rm -rf /var/lib/cni", "iptables -f ", "iptables --flush")),
        LogRule(
            .likely, "INS-09", "CFG-01",
            when: .any([
                .all([
                    .words("instance type", "instance family"),
                    .words("not found", "unable to", "no eni limit", "not listed"),
                ]),
                .all([
                    .words("installation", "custom resource", "crd", "customresourcedefinition", "apiversion"),
                    .words("unsupported value", "is invalid: spec", "no kind", "not served", "must be upgraded"),
                ]),
                .words(
                    "unknown flag:", "unknown shorthand", "minimum supported version", "is not registered for version",
                    "unsupported kubernetes version", "requires kubernetes", "requires at least kubernetes",
                    "incompatible with this version", "is too old", "version skew"),
                .words(
                    "no matches for kind", "unknown field", "could not find the requested resource",
                    "docker: network plugin", "is not supported in your installed version"),
                .all([.words("instance type"), .words("unknown", "not supported", "unsupported", "no entry")]),
                .all([
                    .words("crd", "customresourcedefinition"), .words("not found", "missing", "outdated", "required"),
                    .not(.words("crd-backed")),
                ]),
            ])),
    ]
}
