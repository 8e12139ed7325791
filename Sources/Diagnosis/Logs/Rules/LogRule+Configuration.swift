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
                    "no plugins in list"),
                .words("cni", "conflist", ".conf", "net.d"),
            ])),
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
                .not(.words("cilium_bak", "/var/lib/cni/networks", "last_reserved_ip")),
            ])),
        LogRule(
            .certain, "CFG-04",
            when: .all([
                .words("net.d"),
                .words(
                    "multiple", "more than one", "another cni", "old cni", "stale", "takes precedence", "several",
                    "sorts before", "previous cni", "leftover", "left over"), .words("conf"),
            ])),
        LogRule(
            .certain, "CFG-01", "INS-01",
            when: .words(
                "cni plugin not initialized", "no network config found", "no networks found in",
                "cni config uninitialized", "no valid networks found", "cni network not found",
                "no cni configuration file", "networkpluginnotready", "cnisetup: no setup")),
        LogRule(
            .likely, "CFG-09",
            when: .all([
                .words("hostport", "portmap", "bandwidth"),
                .words(
                    "not working", "ignored", "missing", "no effect", "not in the chain", "does not contain",
                    "not configured"),
            ])),
    ]
}
