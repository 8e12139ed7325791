import Addressing

/// What people tell of rights, addresses and ranges, in words of their own.
extension LogRule {
    private static let ofNetworks = LogPattern.any([
        .agent,
        .words(
            "agent", "calico", "cni", "plugin", "node", "operator", "ipam", "sandbox", "kube-proxy", "coredns",
            "network"),
    ])
    private static let ofOthers = LogPattern.words(
        "iam ", "aws", "azure role", "managed identity", "webhook", "ingress", "acme", "cert-manager", "istio",
        "linkerd", "registry", "etcd", "tls secret", "vault", "mesh", "ldap", "s3 ")

    private static let complaintOrSilence = LogPattern.any([complaint, .words("nothing", "no answer", "silent")])

    static let toldAddresses: [LogRule] = [
        // The end of a tunnel is at an address that the others do not reach, or on a device that was not meant.
        LogRule(
            .likely, "RTE-10", "RTE-01", "RTE-04",
            when: .all([
                sentence,
                .any([
                    .all([
                        .words("default route"),
                        .words("takes the", "takes its", "chooses", "chose", "picks", "picked", "uses the", "took the"),
                        .words("flannel", "overlay", "vxlan", "wireguard", "tunnel"),
                    ]),
                    .all([
                        .words("behind"), .words(" nat", "router", "isp"),
                        .words("node", "machine", "master", "server"),
                        .words("pod"), .any([complaint, .words("cannot", "can\"t")]),
                        .not(.words("ingress", "load balancer", "port forward", "metallb", "loadbalancer")),
                    ]),
                ]),
            ]), needs: "the address the node announces for its tunnels, asked from another node"),
        // Packets that name another sender than the pod they come from.
        LogRule(
            .likely, "RTE-08", "POL-01", "RTE-15",
            when: .all([
                sentence, .words("forged", "spoof", "foreign source", "source that is not"),
                .words("packet", "traffic", "pod"),
                .not(
                    .words("port security", "source/dest", "allowed address", "canipforward", "arp spoof", "arp-spoof")),
            ]), needs: "rp_filter of all and of the device, and the provider's own check of senders"),
        LogRule(
            .likely, "RTE-14", "RTE-15",
            when: .all([
                sentence, .words(" leave ", " leaves ", " leaving ", "go out ", "goes out "),
                .words("as source", "as the source", "as their source", "source address"),
                .words("ula", "pod\"s address", "pod address", "pod\"s own", "pod ip", "pod\"s ip"),
            ]), needs: "whether the node masquerades the pod's address (nat POSTROUTING)"),
        // Keys of the cluster that changed, and somebody who still has the former ones.
        LogRule(
            .likely, "API-01", "API-02", "API-03",
            when: .all([
                ofNetworks, .not(ofOthers),
                .words("rotat", "renew", "chang", "replac", "regenerat", "reissu", "clock", "restored"),
                .words("certificate", " ca ", " keys", "signing key", "token", "clock", "service account"),
                .words(
                    "log in", "login", "authenticat", "unauthorized", "401", "not accept", "n\"t accept",
                    "no longer valid",
                    "rejects", "rejected", "credential", "not trust", "n\"t trust"),
            ]), needs: "the token's exp against the clock, and who should have renewed it"),
        LogRule(
            .likely, "API-02", "INS-01",
            when: .all([
                .words("rbac", "clusterrole", "cluster role", "rolebinding", "role binding", " verb", "permission to"),
                .words(
                    "miss", "lack", "without", "forgot", "not allow", "n\"t allow", "forbid", "incomplete",
                    "insufficient", "not granted", "absent", "not include", "n\"t include", "no right"),
                ofNetworks, .not(ofOthers),
            ]), needs: "the rules of the agent's ClusterRole"),
        // Addresses that nobody gives back.
        LogRule(
            .likely, "AZR-01", "AZR-02", "IPM-03",
            when: .all([isKept, .words("cns", "azure", "aks", "azure-vnet")]),
            needs: "the plugin's state file on the node against the pods that live"),
        LogRule(
            .likely, "IPM-03", "IPM-02", "IPM-10",
            when: .all([
                isKept, .not(.any([.aws, .words("cns", "azure", "aks", "calico", "block", "affinit", "whereabouts")])),
            ]), needs: "reservations of the store against the runtime's sandboxes"),
        // One that got what another has.
        LogRule(
            .likely, "IPM-06", "IPM-03", "IPM-10",
            when: .all([
                .words(
                    " got ", " given", " gets ", " get ", "receiv", "handed", " hands", "assign", " gave ", "reuse",
                    "re-use"),
                .words(" address", " ip ", " ips "),
                .any([
                    .words(
                        "has had", "already has", "already had", "already have", "of another pod", "of a running",
                        "of running", "another running", "belongs to", "that another", "as another pod",
                        "is still used", "still in use", "still uses", "in use by"),
                    .all([.words("two ", "both"), .words("the same")]),
                ]),
                .not(
                    .words(
                        "other range", "another range", "wrong range", "another subnet", "default bridge", "node ip",
                        "load balancer", "loadbalancer", "external ip", "vip", "podcidr", "mac address")),
            ]), needs: "which pods' status carry the address, and whose route leads to it"),
        // Subnets of a cloud.
        LogRule(
            .likely, "AWS-03", "AWS-02",
            when: .all([
                .words(
                    "sixteen", "/28", "contiguous", "in a row", "consecutive", "adjacent", "fragment",
                    "next to each other"),
                .words("free", "available", "unused", "left"), .words("address", " ips", "subnet"),
                .not(.words("azure", "aks", "gke", "calico", "podcidr", "packet")),
            ]), needs: "free /28 blocks of the subnet, not free addresses"),
        LogRule(
            .likely, "AWS-02", "AZR-02", "AWS-01", "IPM-02",
            when: .all([
                .words("subnet"), .words("address", " ips"),
                .words(
                    "drained", "consumed", "used up", "eaten", "swallowed", "exhausted", "took all", "takes all",
                    "ran out"),
                .words("pod", "node", "instance"),
                .not(.words("overlap", "ippool", "kube-ovn", "calico", "azure", "aks")),
            ]), needs: "free addresses of the subnet"),
        LogRule(
            .likely, "AZR-03", "AZR-01",
            when: .all([
                .words(" lock", "locked"), .words("windows", "azure", "aks", "plugin\"s store", "cni store"),
                .words("pod", "cni", "plugin"), .any([.timeout, .words("times out", "locked", "busy", "stale")]),
                .not(.words("xtables", "iptables", "leader", "lease")),
            ]), needs: "the lock file under /var/run and whether a plugin still runs"),
        // Cards that are chosen differently, and files that are.
        LogRule(
            .likely, "RTE-10", "BGP-02", "RTE-11",
            when: .all([
                .words(
                    "two cards", "two nics", "two interfaces", "two network cards", "several interfaces",
                    "several nics", "multiple interfaces", "multiple nics", "more than one interface", "second nic",
                    "second card", "two addresses"),
                .words("picks", "pick ", "choose", "chose", "uses", "takes", "detect", "advertis", "announc", "select"),
                .words("node", "host", "machine", "flannel", "weave", "calico", "cilium", "agent", "server"),
                .not(.words("multus", "attachment", "macvlan", "sriov", "in the pod")),
            ]), needs: "the tunnel's local address against the node's"),
        LogRule(
            .likely, "CFG-04", "CFG-05", "INS-05",
            when: .all([
                .words(
                    "configuration file", "config file", "conflist", "conf file", ".conf", "configuration than",
                    "former one\"s file"),
                .words("another", "other ", "wrong", "former", "previous", " old ", "stale", "leftover", "left over"),
                .words(" reads", " read ", "picks", " uses ", " used", "loads", "sorts", "first", "takes"),
                .words("cni", "kubelet", "containerd", "runtime", "cri-o", "plugin", "network", "pods"),
                .not(.words("resolv", "kubeconfig", "corefile", "nginx", "kube-proxy", "permission", "cilium_bak")),
            ]), needs: "the files of the runtime's conf_dir in their order, and whose network a pod's address is of"),
        // Packets that leave as who they are, where nobody knows them.
        LogRule(
            .likely, "RTE-14", "RTE-15", "RTE-06",
            when: .all([
                sentence, .words("pod"),
                .any([
                    .words(
                        "hidden behind", "hide behind", "not masquerad", "n\"t masquerad", "no masquerad", "not snat",
                        "n\"t snat", "no snat", "no source nat", "unmasquerad", "without nat", "not natted",
                        "not nated",
                        "no route back", "no way back"),
                    .all([
                        .words("instead of the"), .words("pod\"s address", "pod address", "pod ip", "pods\" address"),
                        .words("node\"s", "machine\"s", "host\"s", "node ip", "node address"),
                    ]),
                ]),
                .not(.words("service", "policy", "ingress", "load balancer", "source ip is lost", "preserv")),
            ]), needs: "whether the node masquerades the pod's address (nat POSTROUTING)"),
        LogRule(
            .likely, "RTE-15", "RTE-01", "RTE-08",
            when: .all([
                .words("crosssubnet", "cross-subnet", "cross subnet"),
                .words(
                    "one subnet", "same subnet", "both nodes in", "both in ", "within a subnet", "shows nothing",
                    "drops"),
                complaintOrSilence, .not(.words("mixed", "some of the nodes", "half")),
            ]), needs: "what stands between two machines of one subnet, and the cloud's check of sources"),
        // What one machine sends and the other never sees.
        LogRule(
            .likely, "RTE-01", "RTE-18", "AWS-05", "RTE-15",
            when: .all([
                sentence,
                .words("packet", "vxlan", "geneve", "encapsulat", "wireguard", "frames", "udp", "ipip"),
                .words(" leave", " sent", " send", "go out", "goes out", "transmit", "are seen on", "visible on"),
                .words(
                    "never appear", "not appear", "n\"t appear", "never arriv", "not arriv", "n\"t arriv", "never show",
                    "not show up", "n\"t show up", "never seen", "not seen", "nothing arriv", "never reach", "not see "),
                .words(
                    "receiver", "receiving", "other node", "other host", "other machine", "other worker", "destination",
                    "target", "peer", "other side", "other end", "second node", "remote node"),
                .not(.words("gateway", "pod\"s address", "source address", "rp_filter", "nsx", "vmware", "esxi")),
            ]), needs: "the firewalls and security groups between the two nodes"),
    ]

    /// Ranges and addresses that stand in one text, whoever wrote it.
    static let heldAddresses: [LogRule] = [
        LogRule(
            .likely, "IPM-07", "IPM-09",
            when: .all([
                .words("pod-network-cidr", "cluster-cidr", "podsubnet", "clustercidr", "pod cidr ", "pod network "),
                .check(podNetworkHoldsAddress),
            ]), needs: "every range of the cluster against the addresses and routes of its machines"),
        LogRule(
            .likely, "IPM-07", "RTE-04",
            when: .all([
                .words(
                    " via tun", " via utun", " via ppp", " via wg", " via vpn", " dev tun", " dev utun", " dev ppp",
                    " dev vpn", " dev ipsec", " dev gpd", " dev tap"),
                .words("cni0", "pod", "container", "cluster", "service"), .check(tunnelRouteHoldsAddress),
            ]), needs: "the ranges outside of the cluster that are routed, and who set that route"),
    ]

    /// Reservations, told of.
    private static let isKept = LogPattern.all([
        .words("address", "reservation", " ips", " ip "),
        .words(
            "given back", "never released", "not released", "n\"t released", "never freed", "not freed", "n\"t freed",
            "never returned", "not returned", "n\"t returned", "not reclaimed", "never reclaimed", "stay reserved",
            "stays reserved", "stay assigned", "stays assigned", "stay allocated", "stays allocated",
            "remain allocated", "remains allocated", "remain reserved", "remains reserved", "still reserved",
            "still allocated", "never come back", "not come back", "not recycled", "never recycled"),
        .words(
            "container", "pod", "sandbox", " host", " node", "reboot", "shut", "deleted", "former", " old", "crash"),
    ])

    private static func words(of text: LogText) -> [Substring] {
        text.normal.split { " ,;()[]\"\n=".contains($0) }
    }

    /// A cluster's range for pods, as a flag or a field gives it, and an address of a machine's own card in it.
    @Sendable private static func podNetworkHoldsAddress(_ text: LogText) -> Bool {
        let names = [
            "pod-network-cidr=", "pod-network-cidr ", "cluster-cidr=", "cluster-cidr ", "podsubnet: ", "podsubnet:",
            "clustercidr: ", "pod cidr is ", "pod cidr ", "pod network ",
        ]
        let ranges = names.flatMap { text.texts(after: $0, until: [" ", ",", "\"", ";", ")"]) }.compactMap {
            IPPrefix($0)
        }
        if ranges.isEmpty { return false }
        let words = words(of: text)
        return words.indices.contains { place in
            guard words[place].contains("/"), let address = InterfaceAddress(String(words[place])),
                IPPrefix(String(words[place])) == nil
            else { return false }
            let before = words[..<place].suffix(3).joined(separator: " ")
            let isOfPods = ["cni", "flannel", "cali", "cilium", "vxlan", "docker", "tun", "veth", "kube-"]
                .contains(where: before.contains)
            return !isOfPods && ranges.contains { $0.contains(address.address) }
        }
    }

    /// A range that is led into somebody's tunnel, and another address of the text in it.
    @Sendable private static func tunnelRouteHoldsAddress(_ text: LogText) -> Bool {
        let devices = ["tun", "utun", "ppp", "wg", "vpn", "ipsec", "gpd", "tap"]
        let words = words(of: text)
        let routed = words.indices.dropLast(2).compactMap { place -> IPPrefix? in
            guard words[place + 1] == "via" || words[place + 1] == "dev",
                devices.contains(where: { words[place + 2].hasPrefix($0) })
            else { return nil }
            return IPPrefix(String(words[place]))
        }
        let ranges = routed.filter { $0.length >= 8 }
        if ranges.isEmpty { return false }
        return words.contains { word in
            let bare = word.split(separator: ":").last.map(String.init) ?? ""
            guard let address = IPAddress(bare) else { return false }
            return ranges.contains { $0.contains(address) }
        }
    }
}
