import Addressing

/// What people tell of a choice that was wrong: one network taken for another, one hardware address for another, one
/// range inside another, an entry of a list that somebody wrote anew, and who asks whom. Asked of prose only, before what
/// single words are signs of.
extension LogRule {
    private static let hardwareAddress = LogPattern.words(
        "mac address", "hardware address", "hwaddr", "mac-address", " macs ", " mac ", "lladdr")
    private static let isAnother = LogPattern.words(
        "not the same", "not same", "differ", "mismatch", "incorrect", "wrong", "stale", " old", "chang", "overwritten",
        "not updat", "n\"t updat", "every boot", "rewritten", "not match", "n\"t match", "inconsisten")
    private static let mesh = LogPattern.words(
        "ambient", "ztunnel", "meshed", "mesh", "istio", "linkerd", "sidecar", "consul-cni", "kuma")

    static let toldChoices: [LogRule] = [
        LogRule(
            .likely, "RTE-02", "RTE-13", "RTE-03",
            when: .all([
                sentence, hardwareAddress, isAnother,
                .words("flannel", "vxlan", "vtep", "tunnel", "fdb", "geneve", "neigh table", "across", "peers"),
                .not(.words("veth", "antrea-gw", "macvlan", "arp entry in the pod", "bgp")),
            ]), needs: "the device's MAC against the one that was announced"),
        LogRule(
            .likely, "RTE-13", "RTE-02", "IPM-06",
            when: .all([
                sentence, hardwareAddress, isAnother,
                .words(
                    "veth", "inside the pod", "in the pod", "host side", "gateway", "eni", "virtual network device",
                    " gw"),
                .not(.words("vxlan", "flannel", "duplicate", "metallb", "macvlan")),
            ]), needs: "the veth's MAC against the pod's entry for its gateway"),
        // The network of the machine that tunnels were not meant to take.
        LogRule(
            .likely, "RTE-10", "BGP-02", "RTE-04",
            when: .all([
                sentence,
                .words(
                    "management network", "management interface", "storage network", "private network",
                    "private interface",
                    "public network", "public interface", "public ip", "internal network", "external network",
                    "wrong network",
                    "wrong nic", "wrong interface", "second nic", "secondary nic", "secondary interface", "wrong ip",
                    "wrong address", "external ip of the node", "wrong source", "nat interface", "default interface"),
                .words(
                    "instead of", "rather than", "not the", "picks", "chose", "select", "takes", "uses", "guess",
                    "wrong"),
                .any([
                    .agent,
                    .words(
                        "tunl0", "tunnel", "vxlan", "bgp", "calico", "wireguard", "k3s", "rke2", "overlay", "autodetect"
                    ),
                ]),
                .not(.words("load balancer", "loadbalancer", "ingress", "metallb", "service of type", "dns", "egress")),
            ]), needs: "the tunnel's local address against the node's"),
        LogRule(
            .likely, "CFG-08", "MSH-05", "CFG-06", "CFG-09",
            when: .all([
                sentence, mesh,
                .words(
                    "reboot", "restart", "new node", "node start", "node comes", "fresh node", "scale up", "node pool"),
                .words(
                    "iptables", "redirect", "not meshed", "no more meshed", "no longer meshed", "bypass",
                    "not captured",
                    "not intercepted", "network-validator", "validator", "rules"),
                .not(.words("authorizationpolic", "certificate", "expired", "istiod", "gateway")),
            ]), needs: "whether the conflist is newer than the pod's sandbox"),
        // Who asks: the control plane, of pods.
        LogRule(
            .likely, "WHK-01", "GCP-01", "API-03",
            when: .all([
                sentence, .check(asksFromTheControlPlane),
                .not(.words("konnectivity", "kubectl logs", "kubectl exec", "10250", "etcd", "joins", "join ")),
            ]), needs: "whether the API server itself reaches the pod's port"),
        LogRule(
            .likely, "IPM-07", "IPM-09", "IPM-08",
            when: .all([
                sentence, .check(holdsAnothersAddress),
                .not(.words("no route", "capture", "tcpdump", "vpn", "on-prem", "corporate")),
            ]),
            needs: "the pods' and Services' ranges against every route and address of the host"),
        LogRule(
            .likely, "INS-07", "SVC-07",
            when: .all([
                sentence, .words("bridge-nf-call"),
                .words(
                    "not exist", "n\"t exist", "no such", "missing", "cannot stat", "absent", "not found", "not there"),
            ]), needs: "whether br_netfilter is loaded"),
        LogRule(
            .likely, "INS-07", "CFG-03",
            when: .all([
                sentence, .words("vxlan", "wireguard", "geneve", "openvswitch"),
                .words("selinux", "apparmor", "seccomp"),
                .words("not able", "unable", "fail", "cannot", "denied", "not start"),
            ]), needs: "whether the module is loaded, and denials in the kernel's log"),
        LogRule(
            .likely, "INS-12", "INS-02", "INS-01",
            when: .all([
                sentence, .words("install-cni.sh", "entrypoint.sh", "entrypoint", "install script", "/install-cni"),
                .words("missing", "not found", "no such", "gone", "removed"),
                .words("cni", "calico", "canal", "flannel", "multus", "image"),
            ]), needs: "the image's release against the manifest's"),
        LogRule(
            .likely, "CFG-02", "CFG-01",
            when: .all([
                sentence, .words("empty", "0 bytes", "zero bytes", "zero-byte", "truncated"),
                .words("cni config", "conflist", "cni conf", "net.d", "cni network conf"),
                .words("file", "conflist", "value", "creat", "writ", "overwrit"),
                .not(.words("directory is empty", "folder is empty", "net.d is empty", "empty dir", "net.d empty")),
            ]), needs: "the file as the runtime reads it"),
        LogRule(
            .likely, "CFG-10", "INS-01",
            when: .all([
                sentence,
                .any([
                    .words("namespace isolation", "namespaceisolation"),
                    .all([.words("multus", "net-attach-def", "network-attachment"), .words("namespace")]),
                ]), .not(.words("networkpolic", "network polic", "tenant", "unauthorized", "forbidden")),
            ]), needs: "the NetworkAttachmentDefinition and the namespace it is looked for in"),
        LogRule(
            .likely, "IPM-10", "IPM-06", "IPM-02",
            when: .all([
                sentence, .words("whereabouts", "ip-reconciler", "ip reconciler", "overlappingrange"),
                .words(
                    "duplicate", "stale", "leak", "exhaust", "same ip", "timeout", "orphan", "wrong ip", "incorrect ip",
                    "cleans up", "clean up", "not released", "conflict"),
            ]), needs: "the pool's allocations against the pods that live"),
        LogRule(
            .likely, "IPM-06", "IPM-13", "IPM-03",
            when: .all([
                sentence, .words("reuse", "re-use", "reassign", "re-assign", "hands out", "given twice", "forgets"),
                .words("pod ip", "ips", " ip ", "address"),
                .words("restart", "still", "in use", "running", "forget", "already"),
                .not(.words("load balancer", "loadbalancer", "service", "egress", "elastic", "sourcerange")),
            ]), needs: "which pods' status carry the address, and whose route leads to it"),
        LogRule(
            .likely, "IPM-04", "IPM-02",
            when: .all([
                sentence,
                .any([
                    .words(
                        "maxblocksperhost", "max blocks per host", "affine block", "ipam block", "ipamblock",
                        "ip blocks"),
                    .all([.words("block affinit", "affinity"), .words("ipam", "calico", "blocks")]),
                ]),
                .not(.words("same affinity", "anti-affinity", "node affinity", "session affinity", "pod affinity")),
            ]), needs: "what calicoctl ipam check says"),
        LogRule(
            .likely, "DNS-03", "DNS-07", "DNS-04",
            when: .all([
                sentence, .words("/etc/resolv.conf"),
                .words("forward", "proxy", "upstream", "pointing at", "points at"),
                .words("recurs", "loop", "itself", "not work", "127.0.0", "pointed at", "pointing at"),
                .not(.words("search", "ndots", "pod\"s /etc/resolv.conf")),
            ]), needs: "the resolv.conf the kubelet hands to CoreDNS"),
        LogRule(
            .likely, "POL-05", "POL-04", "POL-02", "POL-01",
            when: .all([
                sentence, .words("networkpolic", "network polic", "netpol"),
                .words(
                    "across namespace", "cross namespace", "cross-namespace", "other namespace", "another namespace"),
                .not(.words("dns", "fqdn")),
            ]), needs: "the labels of the namespace the rule names, and whether both selectors stand in one item"),
        LogRule(
            .likely, "AWS-07", "API-03", "AWS-04", "INS-01",
            when: .all([
                sentence, .words("ipamd", "ipam daemon", "aws-node"),
                .words("not start", "n\"t start", "exits", "not starting", "never starts", "silently"),
                .not(.words("instance type", "instance famil", "r8i", "unknown instance")),
            ]), needs: "ipamd's own log: whether it reaches the API server and EC2"),
        LogRule(
            .likely, "NOD-03",
            when: .all([
                .words("arp_cache", "arp cache", "neighbour table", "neighbor table", "neigh table", "ndisc_cache"),
                .words("overflow", "溢出", "is full", "exhaust", "满"), sentence,
                // The kernel's own line decides.
                .not(.all([.words("arp_cache", "ndisc_cache", "neigh"), .words("overflow")])),
            ])),
        LogRule(
            .likely, "DNS-10", "DNS-02", "SVC-03",
            when: .all([
                sentence, .words("nodelocal", "node-local-dns", "node local dns", "node-local dns", "local dns cache"),
                .words("kube-proxy replacement", "lrp", "local redirect", "localredirect", "cilium", "failing to hit"),
                doesNotWork, .not(.words("polic", "init state")),
            ]), needs: "the nameserver in the pod's resolv.conf, and whether the agent leads its address to the cache"),
        // What is renewed for the cluster is not renewed in the plugin's own file.
        LogRule(
            .likely, "API-01", "API-03",
            when: .all([
                sentence,
                .any([
                    .all([
                        .words("cert", "cluster ca", "service account key", "sa key"),
                        .words("renew", "rotat", "expir"),
                        .words("pod", "sandbox"), .words("create", "delet", "teardown", "start", "terminat"),
                    ]),
                    .words(
                        "authenticating with kubernetes", "authenticate with kubernetes",
                        "authenticate to the kubernetes"),
                ]),
                .not(.words("cert-manager", "ingress", "issuer", "istio", "linkerd", "acme", "webhook")),
            ]), needs: "the token or certificate in the plugin's kubeconfig, and its end"),
        LogRule(
            .likely, "DNS-09", "AWS-05",
            when: .all([
                sentence, .words("security group"), .words("dns", "port 53", "resolv"), doesNotWork,
                .not(.words("assign", "branch", "trunk", "eni limit", "load balancer")),
            ]), needs: "the rules of both nodes' groups for UDP and TCP 53"),
        LogRule(
            .likely, "AWS-05", "DNS-09", "AWS-06",
            when: .all([
                sentence, .words("security group"),
                .words("attached", "applied", "per pod", "for pods", "missing", "node group", "nodegroup"),
                .words("reach", "communicat", "connect", "access", "traffic", "timeout", "timed out"), doesNotWork,
                .not(.words("assign", "branch", "trunk", "load balancer", "alb", "nlb", "unauthorized")),
            ]), needs: "the rules of both groups for the port that is asked"),
        LogRule(
            .likely, "AZR-02", "IPM-02", "AZR-01",
            when: .all([
                sentence, .words("subnet", "vnet"), .words("vnet", "aks", "azure", "portal"),
                .words("larger", "bigger", "too small", "not enough", "sufficient", "capacity"),
                .words("ip", "subnet size", "256", "address"), .not(.words("overlap", "peering", "route table")),
            ]), needs: "free addresses of the subnet"),
        // What announces an address answers for it on the link, not on the address.
        LogRule(
            .likely, "ING-09", "ING-08",
            when: .all([
                sentence, .words("arping"), .words("not ping", "not `ping`", "not \"ping\"", "instead of ping"),
                .words("metallb", "vip", "kube-vip", "load balancer", "loadbalancer", "external ip"),
            ])),
        LogRule(
            .likely, "CFG-01", "INS-01", "CFG-04",
            when: .all([
                sentence,
                .words(
                    "missing network config", "missing cni config", "network config missing", "cni config missing",
                    "network config is missing", "cni config is missing", "without a cni config", "no cni config"),
            ]), needs: "the files of the runtime's conf_dir"),
        // Pods that start before the list is as somebody wants it.
        LogRule(
            .likely, "CFG-08", "MSH-05", "CFG-06",
            when: .all([
                sentence, .words("pod"),
                .words(
                    "before the cni", "before cni", "before istio-cni", "before linkerd-cni", "before the chained",
                    "before the mesh\"s", "before the plugin"),
                .any([mesh, .words("iptables", "redirect", "plugin list", "chain")]),
            ]), needs: "whether the conflist is newer than the pod's sandbox"),
        LogRule(
            .likely, "IPM-04", "IPM-03",
            when: .all([
                sentence, .words("ip block", "ipam block", "address block", "blocks of", "block of", "cidr block"),
                .words(
                    "not release", "n\"t release", "never release", "not freed", "n\"t freed", "not reclaim",
                    "n\"t reclaim", "leak", "not return", "n\"t return"),
            ]), needs: "block affinities against the nodes that exist"),
        LogRule(
            .likely, "RTE-10", "BGP-02", "RTE-01",
            when: .all([
                sentence, .words("node-ip", "nodeip", "--iface", "flannel-iface", "node-external-ip"),
                .any([.agent, .words("tunnel", "vxlan", "wireguard", "overlay", "flannel")]),
                .words(
                    "n\"t connect", "not connect", "n\"t use", "not use", "ignor", "not respect", "n\"t respect",
                    "not honor", "n\"t honor", "by default", "no effect"),
            ]), needs: "the tunnel's local address against the node's"),
        LogRule(
            .likely, "DNS-11", "API-03",
            when: .all([
                sentence, .coredns,
                .words(
                    "waits on kubernetes", "waiting on kubernetes", "waits for kubernetes", "waiting for kubernetes",
                    "waits for the kubernetes api", "waiting for the kubernetes api", "wait for the api",
                    "waits for the api", "waiting for the api"),
            ]), needs: "whether CoreDNS reaches the API's Service"),
        // Releases whose iptables writes nft rules, beside images that do not.
        LogRule(
            .possible, "RTE-16", "RTE-06", "RTE-14", "RTE-04",
            when: .all([
                sentence,
                .words(
                    "debian 10", "buster", "bullseye", "debian testing", "rhel 8", "rhel8", "centos 8", "centos8",
                    "ubuntu 21", "rocky 8", "rocky linux 8", "el8"),
                .words("network", "pod", "service", "dns", "connect", "reach"), complaint,
                .not(.words("kernel panic", "wireguard", "mtu", "rp_filter")),
            ]), needs: "iptables-legacy-save and iptables-nft-save of that node"),
    ]

    /// Listings and logs that show the same.
    static let chosen: [LogRule] = [
        // A list that somebody else writes anew: what was added to it is gone.
        LogRule(
            .likely, "CFG-08", "CFG-06", "CFG-09", "MSH-05",
            when: .all([
                .words(
                    "istio-cni", "linkerd-cni", "consul-cni", "kuma-cni", "chained plugin", "chained cni",
                    "portmap plugin"),
                .words(
                    "not found in", "missing from", "removed from", "no longer in", "gone from", "disappears from",
                    "dropped from", "lost from", "overwritten"),
                .words("cni config", "conflist", "cni conf", "plugin list", "net.d", "chain"),
                .not(.words("failed to find plugin")),
            ]), needs: "whether the conflist is newer than the pod's sandbox, and who wrote it last"),
        LogRule(
            .likely, "AZR-02", "IPM-02", "AZR-01",
            when: .any([
                .words("insufficientsubnetsize", "pre-allocated ips"),
                .all([.words("not have enough capacity for", "n\"t have enough capacity for"), .words("ip address")]),
            ]), needs: "free addresses of the subnet"),
        // A definition without a list of its own names one that has to stand in the folder.
        LogRule(
            .likely, "CFG-10", "INS-05", "CFG-01",
            when: .words("no network available in the name", "getcniconfigfromfile"),
            needs: "the NetworkAttachmentDefinition, and the lists in the folder that is named"),
        // A list's plugins against a listing of the folder.
        LogRule(
            .likely, "INS-03", "INS-02",
            when: .check { text in !pluginsNotListed(text).isDisjoint(with: referencePlugins) },
            needs: "the plugins the list names against the files of the runtime's bin_dir"),
        LogRule(
            .likely, "INS-02", "INS-03", when: .check { text in !pluginsNotListed(text).isEmpty },
            needs: "the plugins the list names against the files of the runtime's bin_dir"),
    ]

    /// Whether it is said of the control plane that it does not reach pods, not the other way round.
    @Sendable private static func asksFromTheControlPlane(_ text: LogText) -> Bool {
        func place(_ names: [String], from start: String.Index? = nil) -> Range<String.Index>? {
            let rest = text.normal[(start ?? text.normal.startIndex)...]
            return names.compactMap { rest.firstRange(of: $0) }.min { $0.lowerBound < $1.lowerBound }
        }
        let asker = place(["control plane", "control-plane", "apiserver", "api server", "api-server", "the master"])
        guard let asker,
            let verb = place(
                [
                    "cannot", "can\"t", "unable", "not able", "can not", "fails to", "n\"t reach",
                    "not reach", "no connectivity", "n\"t connect", "n\"t talk",
                ], from: asker.upperBound)
        else { return false }
        guard place(["pod", "webhook", "worker node", "service", "overlay"], from: verb.upperBound) != nil else {
            return false
        }
        let earlier = text.normal[..<asker.lowerBound]
        return !["pod", "node", "agent", "coredns", "container"].contains { earlier.contains($0) }
            && ["reach", "connect", "talk", "access", "webhook", "custom cni"].contains(where: text.has)
    }

    /// Whether a range that is told to be the pods' holds the address of somebody else.
    @Sendable private static func holdsAnothersAddress(_ text: LogText) -> Bool {
        let words = text.tokens.map { $0.hasSuffix(".") || $0.hasSuffix(":") ? $0.dropLast() : $0 }
        func isSaid(_ names: [String], before place: Int) -> Bool {
            words[max(0, place - 6)..<place].contains { word in names.contains { word.contains($0) } }
        }
        let ranges = words.indices.compactMap { place -> IPPrefix? in
            guard words[place].contains("/"), let prefix = IPPrefix(String(words[place])),
                isSaid(["cidr", "pod", "ipam", "pool", "overlay"], before: place),
                !isSaid(["service", "svc", "vpc", "vnet", "node"], before: place)
            else { return nil }
            return prefix
        }
        if ranges.isEmpty { return false }
        return words.indices.contains { place in
            isSaid(["api", "service", "svc", "clusterip", "node", "host", "router", "lan"], before: place)
                && !isSaid(["pod", "cidr", "podcidr"], before: place)
                && IPAddress(String(words[place])).map { address in ranges.contains { $0.contains(address) } } ?? false
        }
    }

    private static let referencePlugins: Set<String> = [
        "bandwidth", "bridge", "dhcp", "firewall", "host-device", "host-local", "ipvlan", "loopback", "macvlan",
        "portmap",
        "ptp", "sbr", "static", "tuning", "vlan", "vrf",
    ]

    /// Plugins that a list in the text names, where a listing of executables in it does not have them.
    @Sendable private static func pluginsNotListed(_ text: LogText) -> Set<String> {
        guard text.has("-rwx"), text.has("\"type\"") else { return [] }
        let types = Set(
            (text.texts(after: "\"type\": \"", until: ["\""]) + text.texts(after: "\"type\":\"", until: ["\""])))
        let words = text.normal.split { $0 == " " || $0 == "\n" }.map(String.init)
        guard types.count < 12, words.count(where: { $0.hasPrefix("-rwx") }) > 1 else { return [] }
        return types.filter { type in
            !words.contains(type) && type.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } && type != "k8s"
        }
    }
}
