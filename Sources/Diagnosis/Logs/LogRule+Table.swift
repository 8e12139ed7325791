import Addressing
import JSONTree

extension LogRule {
    /// Of equally sure answers the earlier rule's comes first, so what is special stands before what is general.
    static let all = cloud + install + access + configuration + addresses + routes + dataplane + names + edge + general

    private static let cloud = [
        LogRule(.certain, "AWS-03", when: .words("insufficientcidrblocks")),
        LogRule(
            .certain, "AWS-02",
            when: .any([
                .words("insufficientfreeaddressesinsubnet"),
                .all([.words("sufficient free"), .words("address", "prefix")]),
                .all([.aws, .words("subnet"), .words("no free", "not enough free", "out of free", "has no available")]),
            ])),
        LogRule(
            .certain, "AWS-04",
            when: .all([
                .words("unauthorizedoperation", "not authorized to perform", "accessdenied"),
                .words("ec2:", "ec2.", "eni", "elasticloadbalancing", "sts", "aws", "iam"),
            ])),
        LogRule(
            .certain, "AWS-01",
            when: .words(
                "attachmentlimitexceeded", "maximum number of network interfaces", "privateipaddresslimitexceeded")),
        LogRule(
            .certain, "AWS-06",
            when: .all([.words("branch eni", "pod-eni", "trunk eni", "branch interface"), .not(.words("created"))])),
        LogRule(
            .likely, "AWS-03", "AWS-02", "AWS-01",
            when: .all([
                .words("prefix", "ip/prefixes", "warm"), .words("short of", "less than the maximum", "free 0"), .aws,
            ]), needs: "the error code of the last EC2 call in ipamd's log"),
        LogRule(
            .possible, "AWS-01", "AWS-02", "AWS-03", "AWS-06", "AWS-04",
            when: .all([.aws, .any([.outOfAddresses, .words("failed to assign")]), .not(.azure)]),
            needs: "addresses assigned against the instance type's limit", "free addresses of the subnet"),
        LogRule(
            .likely, "AWS-07", "INS-01", "API-03",
            when: .all([
                .words("ipam-d", "ipamd", "127.0.0.1:50051"),
                .any([.timeout, .refused, .words("waiting", "retrying")]),
            ])),
        LogRule(.likely, "API-03", "AWS-05", "AWS-07", when: .words("testing communication with server")),
        LogRule(.certain, "AZR-03", when: .words("store is locked", "locking store", "failed to lock store")),
        LogRule(.certain, "AZR-04", when: .words("no available address pools")),
        LogRule(
            .certain, "AZR-02",
            when: .all([
                .words("cns"),
                .any([.outOfAddresses, .words("allocateipconfig failed", "waiting on", "requestipconfig")]),
            ])),
        LogRule(
            .certain, "AZR-01",
            when: .all([
                .words("azure-vnet-ipam", "cni-ipam", "azure-vnet"),
                .words("no available addresses", "address pool is full"),
            ])),
        LogRule(
            .likely, "AZR-01", "AZR-02",
            when: .all([
                .words("no available addresses"),
                .words("failed to delegate", "failed to allocate pool", "failed to allocate address"),
            ])),
        LogRule(
            .certain, "ING-02",
            when: .all([
                .words("subnet"),
                .words("auto-discover", "autodiscover", "qualified subnets", "tag", "resolve 2", "no matching subnet"),
            ])),
        LogRule(
            .certain, "ING-03",
            when: .all([
                .words("quota"),
                .words("forwarding", "address", "backend", "loadbalancer", "load balancer", "exceeded"),
            ])),
    ]

    /// Plugins that come with the reference bundle and that no provider is named after.
    private static let reference: Set<String> = [
        "loopback", "bridge", "portmap", "host-local", "bandwidth", "firewall", "tuning", "ptp", "macvlan", "ipvlan",
        "vlan", "dhcp", "static", "sbr", "host-device", "vrf", "dummy", "tap",
    ]

    private static func missingPlugins(_ text: LogText) -> [String] {
        text.texts(after: "failed to find plugin \"", until: ["\""])
            + text.texts(after: "exec: \"/opt/cni/bin/", until: ["\""])
            + text.texts(after: "fork/exec /opt/cni/bin/", until: [":", " "])
    }

    private static let install = [
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
            .certain, "INS-02",
            when: .all([.words("exec format error", "permission denied"), .words("/opt/cni/bin", "cni/bin/")])),
        LogRule(.certain, "INS-04", when: .words("text file busy")),
        LogRule(.certain, "INS-11", when: .words("not a shared mount", "not a shared or slave mount", "is not shared")),
        LogRule(
            .certain, "INS-12",
            when: .any([
                .all([.words("cp:", "install:", "mv:"), .words("cannot stat")]),
                .all([
                    .words("executable file not found in $path", "stat /entrypoint", "exec: \"cp\"", "exec: \"/"),
                    .words("no such file", "not found"), .not(.words("/opt/cni/bin")),
                ]),
            ])),
        LogRule(
            .likely, "INS-06", "INS-01", when: .words("/var/lib/calico/nodename", "calico/node container is running")),
        LogRule(.likely, "INS-08", "IPM-01", "INS-01", "API-03", when: .words("subnet.env")),
        LogRule(
            .certain, "INS-07",
            when: .any([
                .words(
                    "bridge-nf-call", "br_netfilter", "do you need to insmod", "could not insert module",
                    "unknown device type"),
                .all([
                    .words("modprobe", "module"), .words("not found", "fatal", "missing", "not loaded"),
                    .words(
                        "vxlan", "wireguard", "openvswitch", "ip_set", "ipset", "nf_", "ip_tables", "xt_", "kernel",
                        "ip6", "geneve", "iptable"),
                ]),
                .all([
                    .words("operation not supported", "protocol not supported", "not supported by the kernel"),
                    .not(.words("kube-proxy")),
                ]),
            ])),
        LogRule(
            .likely, "INS-01", "INS-06", "BPF-02",
            when: .all([
                .any([
                    .words(
                        "cilium.sock", "multus.sock", "cni.sock", "calico.sock", "agent running", "daemon", "agent.sock"
                    ), .words("unix:///var/run", "dial unix"),
                ]),
                .any([.refused, .timeout, .words("unable to connect", "is the agent running", "not running")]),
            ]), needs: "the agent's own last fatal line on that node"),
        LogRule(
            .likely, "INS-01", "NOD-04",
            when: .words(
                "oomkilled", "exit code 137", "out of memory: kill",
                "crashloopbackoff: back-off restarting failed container=calico", "evicted")),
        LogRule(
            .likely, "INS-09", "CFG-01",
            when: .any([
                .words(
                    "no matches for kind", "unknown field", "could not find the requested resource",
                    "docker: network plugin", "is not supported in your installed version"),
                .all([.words("instance type"), .words("unknown", "not supported", "unsupported", "no entry")]),
                .all([
                    .words("crd", "customresourcedefinition"), .words("not found", "missing", "outdated", "required"),
                ]),
            ])),
    ]

    private static let access = [
        LogRule(
            .certain, "API-01",
            when: .all([
                .words(
                    "unauthorized", "the server has asked for the client to provide credentials", "token has expired",
                    "invalid bearer token", "token is expired"),
                .not(.words("unauthorizedoperation")),
            ])),
        LogRule(
            .certain, "API-02",
            when: .all([
                .words("is forbidden", "forbidden: user", "rbac: "), .words("cannot ", "rbac", "serviceaccount"),
            ])),
        LogRule(
            .certain, "DNS-11", "API-03",
            when: .all([
                .coredns,
                .words(
                    "failed to list", "failed to watch", "kubernetes api", "waiting for kubernetes",
                    "still waiting on: \"kubernetes\""),
            ])),
        LogRule(
            .likely, "MTU-03", "MTU-01", "API-03", "MTU-02", when: .words("tls handshake timeout"),
            needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .likely, "API-01", "API-03",
            when: .all([
                .words("x509", "certificate signed by unknown authority"),
                .words("apiserver", "kubernetes", ":443", ":6443", "/api/"), .not(.words("webhook")),
            ])),
        LogRule(
            .likely, "GCP-01", "WHK-01",
            when: .all([.words("webhook"), .words("gke", "private cluster", "master cidr"), .not(.words("eks"))])),
        LogRule(
            .likely, "WHK-01", "GCP-01", "SVC-03",
            when: .all([
                .words("webhook"),
                .any([
                    .timeout, .unreachable,
                    .words("failed calling", "connection refused", "x509", "eof", "no endpoints"),
                ]),
            ])),
        LogRule(
            .likely, "API-03", "SVC-03",
            when: .all([
                .any([.timeout, .unreachable, .words("connection refused", "eof")]),
                .words(
                    ":443", ":6443", "/api/v1", "apiserver", "api server", "kubernetes api", "kubernetes.default",
                    "10.96.0.1", "10.43.0.1", "subnetmanager", "datastore"),
                .not(.any([.words("webhook", "tls handshake timeout"), .coredns])),
            ]), needs: "TCP to the API server's own address and to its ClusterIP"),
    ]

    private static let configuration = [
        LogRule(.certain, "CFG-06", when: .words(".cilium_bak", "cni-exclusive", "cni.exclusive")),
        LogRule(
            .certain, "CFG-02", "CFG-01",
            when: .all([
                .words(
                    "unexpected end of json", "invalid character", "cannot unmarshal", "error parsing configuration",
                    "failed to parse", "invalid json", "unexpected eof"),
                .words("cni", "conflist", ".conf", "net.d"),
            ])),
        LogRule(
            .certain, "CFG-03",
            when: .all([.words("permission denied", "avc: denied", "eacces"), .words("/etc/cni", "net.d")])),
        LogRule(
            .certain, "CFG-07",
            when: .words(
                "incompatible cni version", "plugin supports [", "unsupported cni result version",
                "unsupported cni version", "unknown cni version")),
        LogRule(
            .likely, "CFG-08", "CFG-06", "MSH-05",
            when: .any([
                .words(
                    "linkerd_network_validator", "linkerd-network-validator", "istio-validation",
                    "iptables validation failed"),
                .all([.words("validate", "validation"), .words("iptables rules", "redirect", "rewriting traffic")]),
            ]), needs: "whether the conflist is newer than the pod's sandbox; files ending in .cilium_bak"),
        LogRule(
            .certain, "CFG-10",
            when: .all([
                .words("network-attachment-definition", "networkattachmentdefinition", "net-attach-def"),
                .words("not found", "cannot find", "failed to get", "could not find", "error"),
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
                .words("net.d"), .words("multiple", "more than one", "another cni", "old cni", "stale"), .words("conf"),
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
                .words("hostport", "portmap", "bandwidth"), .words("not working", "ignored", "missing", "no effect"),
            ])),
    ]

    private static let addresses = [
        LogRule(
            .certain, "IPM-01",
            when: .any([
                .words(
                    "pod cidr not assigned", "podcidr not assigned", "no podcidr", "has no pod cidr", "podcidr is empty"
                ),
                .all([
                    .words("podcidr", "pod cidr"),
                    .words("not set", "not available", "required", "unassigned", "waiting"),
                ]),
            ])),
        LogRule(
            .certain, "IPM-11",
            when: .words(
                "no remaining cidrs", "cidrnotavailable", "cidr allocation failed", "no more cidr", "no cidrs available"
            )),
        LogRule(.certain, "IPM-05", when: .words("already has an ip address different from")),
        LogRule(.certain, "IPM-05", when: .check { text in bridgeIsElsewhere(text) }),
        LogRule(
            .certain, "IPM-09", "IPM-02",
            when: .all([.words("range is full"), .any([.cilium, .words("subsys=", "health ip", "ipam")])])),
        LogRule(
            .certain, "IPM-06", "IPM-04",
            when: .any([
                .all([.words("route"), .words("file exists", "already exists for an interface")]),
                .words(
                    "ip address conflict", "duplicate address", "duplicate ip", "referenced in ipam data does not exist"
                ),
                .all([.words("veth", "interface"), .words("already exists"), .words("container", "peer", "host")]),
            ])),
        LogRule(
            .certain, "IPM-12",
            when: .words("no configured calico pools", "no ip pools", "no matching ip pool", "no enabled ip pool")),
        LogRule(
            .certain, "IPM-04", "IPM-12",
            when: .words(
                "pools are likely exhausted", "unable to autoassign", "per host block limit", "block limit",
                "no more free affine blocks", "failed to auto-assign")),
        LogRule(
            .certain, "IPM-10",
            when: .any([
                .words(
                    "whereabouts", "ip-reconciler", "overlappingrangeipreservation", "not listed in the live pods",
                    "could not allocate ip in range")
            ])),
        LogRule(.certain, "IPM-03", when: .words("/var/lib/cni/networks", "last_reserved_ip")),
        LogRule(
            .likely, "IPM-03", "IPM-02", "CFG-05",
            when: .all([
                .outOfAddresses,
                .not(.any([.aws, .azure, .words("autoassign", "whereabouts", "range is full", "failed to delegate")])),
            ]),
            needs: "reservations of the store against the runtime's sandboxes"),
        LogRule(
            .certain, "IPM-08", "IPM-07", when: .all([.words("podcidr", "pod cidr"), .words("overlap", "duplicate")])),
        LogRule(
            .likely, "IPM-07", "IPM-08", "MCL-03",
            when: .all([.words("overlap", "conflicts with"), .words("cidr", "subnet", "range", "network")])),
    ]

    /// An address and the range of a bridge's configuration that it is not in.
    @Sendable private static func bridgeIsElsewhere(_ text: LogText) -> Bool {
        let configured =
            text.texts(after: "\"subnet\":\"", until: ["\""]) + text.texts(after: "\"subnet\": \"", until: ["\""])
        let present = text.texts(after: "inet ", until: [" "]) + text.texts(after: "inet6 ", until: [" "])
        let ranges = configured.compactMap { IPPrefix($0) }
        return present.compactMap { InterfaceAddress($0) }.contains { address in
            let same = ranges.filter { $0.family == address.prefix.family }
            return !same.isEmpty && !same.contains { $0.contains(address.prefix.first) || address.prefix == $0 }
        }
    }

    private static let routes = [
        LogRule(
            .certain, "RTE-02",
            when: .any([
                .all([.words("mac address"), .words("wanto be", "want to be", "but got", "mismatch", "differs")]),
                .check { text in
                    // A neighbour entry against the device it should be: one end of a tunnel has another address.
                    let entries = text.macs(after: "lladdr ")
                    let devices = text.macs(after: "link/ether ")
                    return !entries.isEmpty && !devices.isEmpty && !entries.contains(where: devices.contains)
                },
                .all([.words("macaddresspolicy"), .words("flannel", "vxlan", "vtep", "tunnel")]),
            ])),
        LogRule(
            .certain, "RTE-13", "RTE-02",
            when: .all([.words("macaddresspolicy"), .not(.words("flannel", "vxlan", "vtep", "tunnel"))])),
        LogRule(
            .certain, "RTE-05",
            when: .any([
                .all([
                    .words("offload", "checksum", "tx-checksum", "csum"),
                    .words("vxlan", "overlay", "tunnel", "geneve", "udp", "kernel"),
                ]),
                .words("63 second", "63s delay", "63 s "),
            ])),
        LogRule(
            .possible, "RTE-05", "SVC-04", "SVC-03",
            when: .all([.words("nodeport", "clusterip"), .words("latency", "slow", "delay", "takes")])),
        LogRule(
            .certain, "RTE-16",
            when: .any([
                .all([.words("iptables"), .words("legacy", "1.8", "nf_tables", "nft"), .not(.words("-p forward"))]),
                .all([.words("legacy"), .words("nft", "nf_tables")]),
            ])),
        LogRule(
            .likely, "RTE-06", "RTE-07",
            when: .all([
                .words("forward"), .words("iptables", "policy drop", "docker", "ufw", "firewalld", "chain"),
                .words("accept", "drop", "reject"),
            ])),
        LogRule(
            .certain, "RTE-07",
            when: .words("host-prohibited", "admin prohibited", "administratively prohibited", "adm-prohibited")),
        LogRule(
            .likely, "RTE-08", "RTE-14", "RTE-06",
            when: .any([
                .words("rp_filter", "martian source", "reverse path", "ipreversepathfilter"),
                .all([
                    .words("pod-to-host", "pod-to-external", "pod to host", "pod to external"),
                    .words("coreos", "systemd", "fedora", "ubuntu", "upgrade", "breaks"),
                ]),
            ])),
        LogRule(
            .certain, "RTE-09",
            when: .all([
                .words("ip_forward", "ip forwarding", "ipv4 forwarding"),
                .words("disabled", "= 0", "not enabled", "is 0", "set to 1", "off"),
            ])),
        LogRule(
            .likely, "RTE-12", "RTE-04",
            when: .any([
                .all([
                    .words("networkd", "networkmanager", "systemd", "netplan"),
                    .words("rule", "route", "routing polic"),
                    .words("delete", "remov", "flush", "foreign", "lost", "gone"),
                ]),
                .all([.words("from all lookup"), .not(.words("lookup cali", "fwmark"))]),
                .words("manageforeignrout"),
            ])),
        LogRule(
            .certain, "RTE-19",
            when: .all([
                .words("ovs", "openvswitch", "ovsdb"),
                .words(
                    "pidfile", "restart", "aborting", "down", "lost", "lock", "not running", "no flows",
                    "connection attempt failed", "database connection"),
            ])),
        LogRule(
            .likely, "RTE-03", "API-03",
            when: .all([.words("fdb", "neigh", "vtep"), .words("missing", "no entry", "not found", "failed to add")])),
        LogRule(
            .certain, "RTE-17",
            when: .all([
                .words("veth", "cni0", "bridge", "eth0"),
                .words("no-carrier", "link is down", "state down", "no master"),
            ])),
        LogRule(
            .likely, "RTE-10", "BGP-02",
            when: .all([
                .words("node ip", "nodeip", "public ip", "autodetect", "auto-detect"),
                .words("wrong", "not found on", "unable", "failed", "no interface"),
            ])),
        LogRule(
            .likely, "RTE-20", "BGP-03",
            when: .all([.words("bgp", "bird"), .words("loop", "default route", "recursive")])),
        LogRule(
            .certain, "BGP-04", when: .words("unable to connect to bird", "bird.ctl", "birdv4 socket", "bird6.ctl")),
        LogRule(
            .certain, "BGP-03",
            when: .all([
                .words("bgp", "bird", "peer"),
                .words("bad peer as", "notification", "hold timer", "wrong as", "password", "md5", "router id"),
            ])),
        LogRule(
            .likely, "BGP-02", "BGP-01", "BGP-04",
            when: .words("bgp not established", "bird is not ready", "bgp session", "bgp peer"),
            needs: "whose address the peer's is; TCP 179 both ways"),
        LogRule(
            .possible, "RTE-06", "RTE-01", "RTE-04", "RTE-07", when: .words("icmp echo request", "icmp6, echo request")),
        LogRule(.likely, "RTE-18", "RTE-01", when: .all([.words("vmware", "nsx", "esxi"), .words("vxlan", "4789")])),
    ]

    private static let dataplane = [
        LogRule(
            .certain, "BPF-01",
            when: .all([
                .words("bpffs", "/sys/fs/bpf", "bpf filesystem", "bpf fs"),
                .words("not mounted", "mount", "no such", "not found"),
            ])),
        LogRule(
            .likely, "BPF-05", "BPF-02",
            when: .all([
                .words("require support", "requirements failed", "or newer", "kernel version"),
                .words("linux", "kernel", "bpf"),
            ])),
        LogRule(
            .certain, "BPF-02",
            when: .any([
                .words(
                    "verifier", "bpf_prog_load", "load program:", "unreachable insn", "back-edge",
                    "processed 1000001 insns"),
                .all([
                    .words("bpf", "prog"), .words("load"),
                    .words("permission denied", "invalid argument", "failed", "error"),
                ]),
            ])),
        LogRule(
            .certain, "BPF-03",
            when: .all([
                .words("bpf", "map", "policymap", "endpoint"),
                .words(
                    "no space left", "map full", "map is full", "map pressure", "argument list too long", "e2big",
                    "max entries", "maxentries"),
            ])),
        LogRule(
            .certain, "BPF-04",
            when: .all([
                .words("kube-proxy"), .words("replacement", "kpr"),
                .words("conflict", "both", "still running", "present"),
            ])),
        LogRule(
            .likely, "BPF-06", "BPF-02",
            when: .all([.words("regenerat"), .words("fail", "error", "not-ready", "unable")])),
        LogRule(
            .certain, "MTU-01", "MTU-04",
            when: .any([
                .words("message too long", "frag needed", "fragmentation needed", "packet too big"),
                .all([.words("mtu"), .words("too large", "too big", "larger", "exceed", "mismatch", "hang", "wrong")]),
            ])),
        LogRule(
            .certain, "SVC-09",
            when: .all([.words("conntrack"), .words("table full", "dropping packet", "table is full")])),
        LogRule(
            .certain, "SVC-11",
            when: .all([.words("nf_conntrack_max", "conntrack_max"), .words("permission denied", "read-only")])),
        LogRule(
            .certain, "SVC-10",
            when: .all([
                .words("iptables-restore", "xtables lock", "xtables.lock", "nft: "),
                .words("fail", "another app", "holding", "exit status", "error"),
            ])),
        LogRule(
            .certain, "NOD-03",
            when: .any([
                .words("neighbor table overflow", "neighbour table overflow", "neighbour: ndisc_cache"),
                .all([.words("arp_cache", "ndisc_cache", "neigh"), .words("overflow")]),
            ])),
        LogRule(
            .certain, "NOD-02",
            when: .all([
                .words("too many open files", "no space left on device", "inotify", "fsnotify"),
                .words("inotify", "fsnotify", "watch", "too many open files"),
            ])),
        LogRule(
            .likely, "INS-01", "NOD-04",
            when: .all([
                .words("memorypressure", "memory pressure", "oom-kill"),
                .any([.cilium, .calico, .words("agent", "cni")]),
            ])),
    ]

    private static let names = [
        LogRule(
            .certain, "DNS-03",
            when: .any([
                .words("plugin/loop", "loop detected", "hinfo"),
                .all([
                    .words("forward . /etc/resolv.conf", "resolv.conf"),
                    .words("crashloop", "systemd", "127.0.0.53", "loop"),
                ]),
            ])),
        LogRule(
            .certain, "DNS-06",
            when: .any([
                .words("insert_failed"),
                .all([.words("dns", "resolv", "lookup"), .words("5s", "5 s", "five second", "2.5s", "5-second")]),
            ])),
        LogRule(
            .certain, "DNS-10",
            when: .all([
                .words("nodelocal", "node-local-dns", "169.254.20.10", "node local dns"),
                .words("policy", "egress", "selector"),
            ])),
        LogRule(
            .certain, "DNS-04", "RTE-14",
            when: .all([
                .words(":53"),
                .words("read udp", "read tcp", "dial udp", "write udp", "plugin/errors", "unreachable backend"),
                .any([.timeout, .unreachable, .words("connection refused")]),
            ])),
        LogRule(.certain, "DNS-01", when: .all([.words("dns"), .words("throttl", "nr_throttled")])),
        LogRule(
            .possible, "DNS-05", "DNS-02", "DNS-04", "DNS-07",
            when: .words(
                "no such host", "server misbehaving", "temporary failure in name resolution", "can\"t resolve",
                "could not resolve", "name or service not known", "servfail", "bad address"),
            needs: "whether CoreDNS answers when asked by a pod address and by its ClusterIP"),
    ]

    private static let edge = [
        LogRule(
            .certain, "ING-08",
            when: .all([.words("ipvs", "strictarp"), .words("metallb", "arp", "vip", "loadbalancer")])),
        LogRule(
            .likely, "ING-09",
            when: .all([
                .words("ping"), .words("metallb", "vip", "loadbalancer", "load balancer", "assigned ip", "external ip"),
                .not(.words("ipvs")),
            ])),
        LogRule(
            .certain, "MSH-02",
            when: .words("wrong_version_number", "wrong version number", "tls: first record does not look like")),
        LogRule(.likely, "MSH-02", "MSH-06", "ING-04", when: .words("upstream connect error")),
        LogRule(
            .certain, "MSH-01",
            when: .all([
                .words("sidecar", "istio-proxy", "linkerd-proxy"),
                .words("not injected", "no sidecar", "missing sidecar"),
            ])),
        LogRule(
            .certain, "ING-05",
            when: .all([
                .words("challenge", "acme", "http-01", "dns-01", "self check"),
                .words("fail", "404", "timeout", "not yet", "wrong status", "propagat", "waiting"),
            ])),
        LogRule(
            .certain, "ING-06",
            when: .any([
                .words("certificate has expired", "certificate is valid for", "err_cert"),
                .all([.words("fake certificate"), .words("ingress", "kubernetes")]),
            ])),
        LogRule(
            .certain, "ING-01",
            when: .all([
                .words("ingress", "ingressclass"),
                .words("no ingressclass", "does not contain valid ingressclass", "not found", "no controller"),
            ])),
        LogRule(
            .likely, "ING-04",
            when: .all([.words("502", "bad gateway", "connect() failed"), .words("upstream", "backend", "ingress")])),
        LogRule(
            .certain, "SVC-01", "SVC-05",
            when: .words(
                "no endpoints available", "does not have any active endpoint", "has no endpoints", "no active endpoints"
            )),
        LogRule(
            .certain, "POL-04",
            when: .all([.words("- podselector"), .words("- namespaceselector")])),
        LogRule(
            .certain, "POL-05",
            when: .all([
                .words("namespaceselector"), .words("name: kube-system", "name: default", "\"name\": \"kube-system\""),
                .not(.words("kubernetes.io/metadata.name", "- podselector")),
            ])),
        LogRule(.certain, "POL-06", when: .words("policytypes: []", "\"policytypes\":[]")),
        LogRule(
            .likely, "POL-01", "POL-02", "POL-09",
            when: .words(
                "policy denied", "denied by policy", "policy-denied", "no policy match", "drop (policy", "deniedby")),
        LogRule(
            .likely, "MCL-01", "MCL-03",
            when: .all([.words("cluster cidr", "clustercidr"), .words("/24", "/25", "/26")])),
        LogRule(
            .likely, "MCL-02", "MCL-03",
            when: .all([
                .words("submariner", "cable", "gateway connection", "clustermesh"),
                .words("4500", "4490", "4800", "not established", "connecting", "error", "timed out"),
            ])),
        LogRule(
            .likely, "MCL-05",
            when: .all([
                .words("serviceexport", "serviceimport", "clusterset.local"),
                .words("not found", "no such", "nxdomain", "missing"),
            ])),
    ]

    /// What many causes look like: asked last, never sure.
    private static let general = [
        LogRule(
            .possible, "RTE-07", "RTE-06", "RTE-04", "RTE-01",
            when: .all([.unreachable, .not(.words("webhook", "macaddresspolicy"))]),
            needs: "whether pods of one node reach each other, and of two"),
        LogRule(
            .possible, "SVC-02", "SVC-06", "SVC-03",
            when: .all([.words("connection refused"), .not(.words("unix", ".sock", ":443", ":6443", ":53"))])),
        LogRule(
            .possible, "RTE-01", "POL-01", "SVC-03", "MTU-01",
            when: .all([
                .timeout, .words("dial tcp", "connect to", "connection to", "curl"),
                .not(.words(":443", ":6443", ":53", "webhook", "tls handshake")),
            ])),
        LogRule(.possible, "NOD-01", "INS-01", "CFG-01", when: .words("notready", "not ready", "nodenotready")),
        LogRule(
            .possible, "INS-01", "RTE-04", "RTE-06",
            when: .words("networking is broken", "networking broken", "network is broken", "no network")),
    ]
}
