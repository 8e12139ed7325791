/// Configurations of the runtime and of plugins.
extension LogRule {
    static let configuration = [
        LogRule(.certain, "CFG-06", when: .words(".cilium_bak", "cni-exclusive", "cni.exclusive")),
        LogRule(
            .certain, "CFG-02", "CFG-01",
            when: .all([
                .words(
                    "unexpected end of json", "invalid character", "cannot unmarshal", "error parsing configuration",
                    "failed to parse", "invalid json", "unexpected eof", "no plugin name provided", "missing \"type\"",
                    "no plugins in list", "no \"plugins\" key", "has no plugins"),
                .words("cni", "conflist", ".conf", "net.d"),
                .not(
                    .words(
                        "flag", "unknown command", "failed to parse resolv", "selection annotation", "cncf.io/networks")
                ),
            ])),
        // A plugin does not understand what it was given on its standard input.
        LogRule(
            .likely, "CFG-02", "CFG-10", "CFG-09",
            when: .all([
                .words(
                    "netconf", "network configuration", "network config", "prevresult", "stdin", "plugin type=",
                    "cni conf", "configuration list", "ipam config", "failed (add)"),
                .words(
                    "looking for beginning of", "cannot unmarshal", "unexpected end of json", "invalid character",
                    "failed to parse", "could not parse", "error parsing", "failed to unmarshal", "unable to parse",
                    "failed to decode", "after object key", "after top-level", "invalid utf-8", "bom "),
                .not(.words("diagnostic message", "cni result version", "result version", "from version")),
            ]), needs: "the file as the runtime reads it, and the object a further network was made of"),
        // CRI-O names the network it has taken; here there is none to name.
        LogRule(
            .likely, "CFG-01", "INS-01",
            when: .check { text in
                text.texts(after: "default cni network name to", until: ["\n"]).contains {
                    $0.allSatisfy { $0 == " " || $0 == "\"" }
                }
            }),
        LogRule(
            .likely, "CFG-07", "CFG-02", "CFG-10",
            when: .any([
                .all([
                    .words("no converter", "cannot convert", "conversion of result", "unable to convert"),
                    .words("version", "result"), .not(.words("no valid ip")),
                ]),
                .all([
                    .words("version is empty", "invalid version \"", "unknown version", "unsupported version"),
                    .words("network", "cni", "plugin", "conflist", "result"),
                    .not(.words("crd", "apiversion", "kubernetes version", "tls")),
                ]),
            ]), needs: "the cniVersion of the list against what each plugin answers to VERSION"),
        LogRule(
            .likely, "CFG-07", "CFG-02", "CFG-01",
            when: .all([
                .words("cniversion", "cni version"),
                .words("has no", "missing", "empty", "lacks", "without", "not set"),
            ]),
            needs: "the cniVersion of the list against what each plugin answers to VERSION"),
        LogRule(
            .likely, "CFG-07", "CFG-10",
            when: .all([
                .words(
                    "does not understand", "not understood by", "too new for", "configuration version", "config version"
                ),
                .words("version"), .words("plugin", "cni"),
            ]), needs: "the cniVersion of the list against what each plugin answers to VERSION"),
        LogRule(
            .likely, "CFG-10", "CFG-02",
            when: .all([
                .words("network attachment", "network-attachment", "cncf.io/networks"),
                .any([.failing, .words("invalid", "parse", "expected")]),
            ]), needs: "the pod's annotation, and the NetworkAttachmentDefinition it names"),
        LogRule(
            .likely, "CFG-10",
            when: .all([
                .words("device plugin", "allocatable", "vf driver"),
                .words("sriov", "mlx", " vf", "nic", "netdevice", "openshift.io/", "intel.com/"),
                .words("0 ", "no matching", "not bound", "found no", "unhealthy", "failed"),
            ]), needs: "the node's resources of the device plugin, and its own log"),
        // Two lists, of which one is used and the other was meant.
        LogRule(
            .likely, "CFG-04", "CFG-06",
            when: .all([
                .check { text in
                    Set(text.tokens.filter { $0.hasSuffix(".conf") || $0.hasSuffix(".conflist") }).count > 1
                },
                .words(
                    "still", " old", "instead", "wrong", "migrat", "first", "leftover", "both", "replaced", "previous",
                    "used to", "removed", "uninstalled", "though ", "come up with", "belong"),
                .not(.words("cilium_bak", "sysctl", "resolv.conf", "limits.conf")),
            ]), needs: "the files of the runtime's conf_dir in their order"),
        // The bridge that comes in the runtime's own package.
        LogRule(
            .possible, "CFG-05", "CFG-04",
            when: .words(
                "cni network crio", "cni network \"crio", "cni network podman", "cni network \"podman",
                "network name to crio", "network crio (type=bridge)"),
            needs: "whether the pod's address is of the cluster's range"),
        LogRule(
            .likely, "CFG-09",
            when: .all([
                .words("hostport", "host port", "portmap", "bandwidth"),
                .words(
                    "no portmap", "without portmap", "lacks", "nothing listens", "not reachable", "refused",
                    "does not work", "doesn\"t work", "unreachable", "no plugin", "is not in the list"),
                .not(.words("failed to find plugin", "address already in use", "free ports")),
            ]), needs: "the plugins of the list: portmap, or an agent that does it"),
        // Devices of a further network are handed out by a device plugin.
        LogRule(
            .likely, "CFG-10",
            when: .any([
                .all([
                    .words("insufficient ", "devices unavailable", "no devices available", "unhealthy devices"),
                    .words(
                        "sriov", "_vf", "netdevice", "/vf", "/net", "mlnx", "intel.com/", "mellanox.com/",
                        "nvidia.com/hostdev",
                        "macvtap", "rdma", "dpdk", "hostdev"),
                    .not(.words("insufficient cpu", "insufficient memory", "insufficient free")),
                ]),
                .all([
                    .words("sysctl "), .words("is not allowed", "not allowed"), .words("plugin", "network", "tuning"),
                ]),
                .all([
                    .words("dhcp"), .words("no more tries", "no lease", "dhcp.allocate", "no offer", "dhcpdiscover"),
                    .not(.words("dhcp.sock", "dhclient")),
                ]),
                .all([
                    .words("delegateadd", "delegatedel", "delegate add", "delegate del", "cached netconf", "sriov-cni"),
                    .failing,
                    .not(.any([.outOfAddresses, .words("failed to find plugin", "unauthorized", "https://")])),
                ]),
            ]), needs: "the NetworkAttachmentDefinition and the node's resources of the device plugin"),
        LogRule(
            .possible, "CFG-10", "INS-01", "IPM-10",
            when: .all([
                .words("container to network", "net-attach-def", "delegate"), .failing, .not(.words("kindnet")),
            ]),
            needs: "the NetworkAttachmentDefinition and the plugin it names"),
        LogRule(
            .certain, "CFG-03",
            when: .any([
                .all([.words("permission denied", "avc: denied", "eacces"), .words("/etc/cni", "net.d")]),
                .all([.words("avc: denied"), .words(".conflist", "cni_conf", "/cni/")]),
            ])),
        LogRule(
            .certain, "CFG-07",
            when: .any([
                .words("plugin supports [", "does not support config version"),
                .all([
                    .words("cni version", "cniversion", "cni result version", "cni spec version"),
                    .words(
                        "incompatible", "unsupported", "unknown", "not support", "no valid version", "mismatch",
                        "higher than", "newer than", "invalid version"),
                ]),
            ])),
        LogRule(
            .likely, "CFG-08", "CFG-06", "MSH-05",
            when: .any([
                .words(
                    "linkerd_network_validator", "linkerd-network-validator", "istio-validation",
                    "iptables validation failed", "connecting to 127.0.0.6:", "connecting to [::6]:"),
                .all([.words("validate", "validation"), .words("iptables rules", "redirect", "rewriting traffic")]),
            ]), needs: "whether the conflist is newer than the pod's sandbox; files ending in .cilium_bak"),
        LogRule(
            .certain, "CFG-10",
            when: .all([
                .words("network-attachment-definition", "networkattachmentdefinition", "net-attach-def"),
                .words("not found", "cannot find", "failed to get", "could not find", "error"),
            ])),
        LogRule(
            .certain, "CFG-09", "CFG-04",
            when: .words(
                "must be called as chained plugin", "must be called as a chained", "must be called with prevresult",
                "required prevresult missing", "requires a prevresult", "missing prevresult", "no prevresult")),
        LogRule(
            .likely, "CFG-10", "INS-01",
            when: .any([
                .words("getpodresources", "pod resources", "resourceclient", "failed to lookup vf", "failed to set vf"),
                .all([
                    .words("container ns", "pod interface", "failed to move", "netns"),
                    .words("device or resource busy", "input/output error", "from the device", "link not found", "vf"),
                ]),
                .all([
                    .words("net-attach", "nad ", "network-attachment", "macvlan", "ipvlan", "sriov", "multus"),
                    .words(
                        "invalid character", "unmarshal", "no networks found", "permission denied", "no such device"),
                ]),
            ]), needs: "the NetworkAttachmentDefinition and the node's resources of the device plugin"),
        // What a further interface needs is named in its definition: a device of a pool, a master, a file.
        LogRule(
            .likely, "CFG-10",
            when: .all([
                .words(
                    "multus", "sriov", "delegate", "net1", "macvlan", "ipvlan", "network attachment",
                    "container to network", "provider network", "providernetwork"),
                .words(
                    "netconf", "failed to initialize provider", "loadconf", "pci addr", "master interface",
                    "lookup master", "k8s delegates",
                    "link not found", "vf information", "resourcename", "device id", "configure vf", "set vf",
                    "no such device", "vf is in use"),
            ])),
        LogRule(
            .certain, "CFG-05",
            when: .all([
                .any([
                    .words("crio-bridge", "podman-bridge", "10.85.0.", "containerd-net"),
                    .all([.words("10.88.0."), .words("pod", "bridge", "default")]),
                ]),
                .not(
                    .words(
                        "cilium_bak", "/var/lib/cni/networks", "last_reserved_ip", "error loading", "error parsing",
                        "failed to load", "not found", "failed to create")),
            ])),
        LogRule(
            .certain, "CFG-04",
            when: .all([
                .words("net.d"),
                .words(
                    "multiple", "more than one", "another cni", "old cni", "stale", "takes precedence", "several",
                    "sorts before", "previous cni", "leftover", "left over"), .words("conf"),
            ])),
        // A list that names a plugin whose file is not there counted as none for the kubelet that ran plugins itself.
        LogRule(
            .certain, "CFG-01", "INS-01", "INS-02", "INS-09", when: .words("cni config uninitialized"),
            needs: "what stands in the runtime's conf_dir, and the files of the plugins it names"),
        LogRule(
            .certain, "CFG-04", "CFG-09",
            when: .all([.words("preempted by", "shadowed by"), .words(".conf", "conflist", "net.d")])),
        // A listing: nothing was ever written, or it was not on the disk when the machine stopped.
        LogRule(.certain, "CFG-02", when: .check(listsAnEmptyList)),
        LogRule(
            .certain, "CFG-01", "INS-01",
            when: .any([
                .words(
                    "cni plugin not initialized", "no network config found", "no networks found in",
                    "no valid networks found", "cni network not found",
                    "no cni configuration file", "networkpluginnotready", "cnisetup: no setup",
                    "no network configuration in ", "no network configuration found"),
                // However a program says that it found none there.
                .all([
                    .words("net.d"),
                    .words(
                        "no cni conf", "any cni conf", "no network conf", "any network conf", "no conf file",
                        "any conf file", "no .conf", "no conflist", "no configuration file", "any configuration file"),
                ]),
            ])),
        LogRule(
            .likely, "CFG-09",
            when: .all([
                .words("hostport", "portmap", "bandwidth"),
                .words(
                    "not working", "ignored", "missing", "no effect", "not in the chain", "does not contain",
                    "not configured"),
            ])),
    ]

    /// `-rw-r--r-- 1 root root 0 Nov 14 22:14 10-calico.conflist`
    @Sendable private static func listsAnEmptyList(_ text: LogText) -> Bool {
        let words = text.normal.split { $0 == " " || $0 == "\n" }
        return words.indices.contains { place in
            let mode = words[place]
            guard mode.count >= 10, mode.hasPrefix("-r") || mode.hasPrefix("-w"), place + 8 < words.count,
                mode.dropFirst().prefix(9).allSatisfy({ "rwxst-".contains($0) })
            else { return false }
            let row = words[place...].prefix(9)
            guard row.contains(where: { $0.hasSuffix(".conflist") }) else { return false }
            // Links, owner, group, size.
            return words[place + 4] == "0"
        }
    }
}
