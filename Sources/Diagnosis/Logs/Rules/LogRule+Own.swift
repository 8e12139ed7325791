/// What Poplin's own plugins and agent say: their sentences are ours, so most of them leave nothing open.
extension LogRule {
    static let own = ownPlugins + ownAgent + ownNodes

    private static let ownPlugins = [
        // Of a member of the configuration: the path, and what it must be.
        LogRule(
            .likely, "CFG-02",
            when: .any([
                .words(
                    "error unmarshall network config", "the list has no plugins", "invalid plugin name: ",
                    "must be set when ingressrate", "must be set when egressrate",
                    "must be set when ingressburst", "must be set when egressburst", "is no name for a link",
                    "must be 0 or from 68 to 65535", "cannot set hairpin mode and promiscuous mode",
                    "cannot be used together with ipam", "ranges is a list of lists", "no ranges are given:",
                    "already exists but is not a bridge", "does not filter vlans", "must be a plugin\"s file name"),
                .all([
                    .words(" failed (add): ", " failed (check): ", " failed (status): "),
                    .words(
                        ": must be ", ": is no ", ": needs a ", " is missing in the configuration", ": stands twice"),
                ]),
            ]), needs: "poplin cni validate FILE: the file as the runtime reads it"),
        LogRule(
            .likely, "CFG-01", "CFG-06", "CFG-02",
            when: .all([.words("no network named "), .words("net.d", "in /")]),
            needs: "poplin cni list: the networks of the directory that the runtime reads"),
        LogRule(
            .certain, "CFG-07",
            when: .any([
                .words("config version does not allow "),
                .all([
                    .words("configuration version \""),
                    .words("does not support check", "does not support status", "does not support gc"),
                ]),
            ])),
        LogRule(.certain, "IPM-05", when: .words("already has an address different from ")),
        LogRule(
            .certain, "IPM-06",
            when: .all([.words("is already used by another machine on the link")])),
        LogRule(
            .likely, "IPM-06", "IPM-03", "IPM-13",
            when: .words(
                "the host has a route to the container\"s address already",
                "the host has a route to the pod\"s address already"),
            needs: "ip route get ADDRESS on the node: whose link the route leads to, and whether its pod still lives"),
        LogRule(
            .likely, "RTE-17",
            when: .words("duplicate address detection did not finish for", " did not come up: its state is "),
            needs: "ip -d link show of the host's end, and of the bridge it is on"),
        LogRule(
            .certain, "INS-08",
            when: .all([
                .words("subnet.env"),
                .any([
                    .words("neither flannel_subnet nor"),
                    .all([.words("there is no /"), .words("subnet.env yet")]),
                    .all([.words(": flannel_"), .words(" is not a", " is not true or false")]),
                ]),
            ])),
        LogRule(
            .likely, "INS-07",
            when: .all([.words("sysctl "), .words("this kernel has no such setting")]),
            needs: "whether the setting's module is loaded, and the link it names is there"),
    ]

    private static let ownAgent = [
        LogRule(
            .likely, "INS-01", "API-03", "NOD-04",
            when: .any([
                .all([.words("poplin\"s agent on "), .words("does not answer")]),
                .all([.words("poplin\"s agent could not answer within")]),
            ]), needs: "the agent's log, and /readyz?verbose on the node"),
        LogRule(
            .likely, "API-03", "API-02", "INS-06",
            when: .words("no list of nodes yet", "did not help: get ", "did not help: post ", "did not help: put "),
            needs: "the agent's log: whether the API server is reached from the node"),
        LogRule(
            .likely, "INS-06", "API-03", "IPM-01",
            when: .words("poplin\"s agent is not ready"), needs: "/readyz?verbose of the agent names what it waits for"),
        LogRule(
            .likely, "RTE-03", "RTE-04", "RTE-11",
            when: .words("pods of this node may not reach other nodes"),
            needs: "/readyz?verbose of the agent names what it could not set"),
        LogRule(
            .likely, "INS-01", "INS-12",
            when: .all([
                .words("another agent runs on this node", "the agent runs as user "),
                .words("process ", "needs root", "it holds the lock"),
            ]), needs: "ps -p of the process that is named, and the DaemonSets of the cluster"),
        LogRule(
            .likely, "INS-12", "INS-03",
            when: .all([.words("there is no "), .words("/poplin-cni")]),
            needs: "whether the image carries poplin-cni beside poplin"),
        LogRule(
            .likely, "INS-05", "INS-04", "INS-11",
            when: .words("cannot install the plugins in "),
            needs: "how the directory is mounted on the node, and whether its file system is full"),
        LogRule(
            .certain, "INS-07",
            when: .any([
                .words("this kernel has no vxlan, which net-conf.json"),
                .all([.words("needs an expression or a chain that this kernel\"s nf_tables does not have")]),
            ])),
        LogRule(.certain, "CFG-04", when: .all([.words("a runtime takes "), .words(" before it")])),
        LogRule(
            .likely, "CFG-02", "INS-12",
            when: .any([
                .words("poplin-config has no key"),
                .all([.words("net-conf.json:", "poplin.json:"), .words("unknown ", "is not ", "must be ", "not json")]),
            ]), needs: "kubectl -n poplin-system get configmap poplin-config -o yaml"),
    ]

    /// What one Node says that does not go with the others.
    private static let ownNodes = [
        LogRule(
            .certain, "IPM-01",
            when: .words(
                "has no spec.podcidrs:", "this node has no pod range:", "no ipv4 pod range in node.spec.podcidrs",
                "no ipv6 pod range in node.spec.podcidrs")),
        LogRule(
            .certain, "RTE-11",
            when: .all([.words("node "), .words(", here on node "), .words(" it is ")])),
        LogRule(
            .likely, "RTE-10", "NOD-01",
            when: .all([.words("status.addresses has no "), .words("internalip")]),
            needs: "the addresses of the Node object, and its kubelet's --node-ip"),
        LogRule(
            .certain, "RTE-10",
            when: .any([
                .all([.words("there is no interface "), .words("underlay.interface names")]),
                .words("no interface here has an address of node "),
            ])),
        LogRule(
            .likely, "RTE-02", "RTE-03",
            when: .any([
                .all([.words("backend-data", "flannel"), .words("has no usable \"mac\"")]),
                .all([.words("the tunnel\"s hardware address "), .words(" is that of node ")]),
            ]), needs: "the annotation of both nodes against ip -d link show of their tunnels"),
        LogRule(
            .likely, "RTE-10", "IPM-06",
            when: .all([.words(": its address "), .words(" is that of node ")]),
            needs: "status.addresses of both nodes"),
        LogRule(
            .likely, "RTE-04", "RTE-11",
            when: .words("and host-gw crosses no router"),
            needs: "whether a router stands between the two nodes: vxlan crosses it"),
        LogRule(
            .certain, "IPM-08",
            when: .all([.words("its pod range "), .words(" overlaps "), .words(" of node ")])),
        LogRule(
            .likely, "IPM-12", "IPM-07",
            when: .words("is not inside the cluster\"s network "),
            needs: "Network of net-conf.json against the controller manager's --cluster-cidr"),
        LogRule(
            .certain, "IPM-12",
            when: .any([
                .words("is in no enabled ippool"),
                .all([.words("none of "), .words(" ippools "), .words("selects node", " is for ")]),
            ])),
        LogRule(
            .likely, "IPM-02", "IPM-11", "IPM-03",
            when: .words(
                "there is no block left to claim", "there is no block left for",
                " blocks, which is the most it may have"),
            needs: "poplin ipam show --show-blocks, and poplin ipam check for reservations of gone pods"),
    ]
}
