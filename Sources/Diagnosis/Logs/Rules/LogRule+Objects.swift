/// What a message is about decides what its complaint means: the same "not found" is the master of a further network, the
/// parent of a tunnel or the card that answers ARP for a load balancer. Each rule has one object and what ails it, however
/// the program words the rest.
extension LogRule {
    static let objects = devices + ownConfiguration + stores + allocations + gates + peers + kernelLines

    // MARK: Devices

    private static let devices = [
        LogRule(
            .likely, "CFG-10", "INS-07", "INS-01",
            when: .all([
                .words("macvlan", "ipvlan", "lookup master", "master mtu(", "dhcp daemon", "dhcp.sock", "dhcp lease"),
                .failing, .not(.any([.unknownToTheKernel, .outOfAddresses, .words("unauthorized", "forbidden")])),
                .not(.words("failed to find plugin", "https://")),
            ]), needs: "the master the NetworkAttachmentDefinition names, on that node"),
        LogRule(
            .likely, "ING-08", "ING-01", "INS-01",
            when: .all([.words("arp responder", "ndp responder"), .failing]),
            needs: "the speaker's rights (NET_RAW) and the card it should answer on"),
        // The tunnel's own UDP port is somebody else's.
        LogRule(
            .likely, "RTE-18", "RTE-17", "RTE-11", "RTE-10",
            when: .all([
                .words("flannel.1", "vxlan", "geneve", "tunnel device"),
                .words("up state", "set up", "setup", "bring up", "to up", "create"),
                .words("address already in use", "eaddrinuse"), .not(.words("bind:", "listen ")),
            ]), needs: "who else uses the tunnel's UDP port on that node (ip -d link, ss -lun)"),
        LogRule(
            .likely, "NOD-03", "RTE-03",
            when: .all([
                .words("arp", "fdb", "neigh"), .words("no buffer space", "enobufs"),
                .not(.words("recvmsg", "receive buffer", "rcvbuf")),
            ]), needs: "neighbours against gc_thresh3"),
        LogRule(
            .likely, "RTE-10", "BGP-02",
            when: .all([
                .words("device", "interface"),
                .words(
                    "unable to detect devices", "failed to detect devices", "no device matching", "no native device",
                    "device not detected", "no external interface", "interface auto-detection"),
            ]), needs: "which of the machine's addresses the others reach"),
        LogRule(
            .likely, "MTU-01", "RTE-10", "MTU-02",
            when: .all([
                .words("auto-detect", "autodetect", "auto detect", "detect"),
                .words("host mtu", "mtu of the host", "interface pattern", "mtu interface"), .failing,
            ]), needs: "the MTU of the card that carries the tunnel"),
        // Routes without a tunnel need a neighbour that is one.
        LogRule(
            .likely, "RTE-04", "RTE-15", "RTE-11",
            when: .words(
                "must be directly reachable", "not in the same l2", "not on the same l2", "not directly connected"),
            needs: "whether both nodes are in one subnet, and what routes between them"),
        LogRule(
            .likely, "INS-07", "CFG-09",
            when: .all([
                .words("/dev/net/tun", "tun device"),
                .words("no such file", "no such device", "not found", "not exist", "operation not permitted"),
            ]), needs: "the module tun of the running kernel"),
        LogRule(
            .possible, "CFG-09", "CFG-10", "RTE-04", when: .words("container veth name provided"),
            needs: "which plugin of the list made that interface before"),
    ]

    // MARK: What a network's own configuration says

    private static let ownConfiguration = [
        LogRule(
            .likely, "CFG-09", "CFG-02", "CFG-10",
            when: .any([
                .words(
                    "unknown backend type", "invalid range set", "too small to allocate", "already exists but is not a",
                    "specify exactly one", "hairpinmode and promiscmode", "cannot set hairpin"),
                .all([
                    .words("subnetlen", "subnetmin", "subnetmax", "rangestart", "rangeend", "range_start", "range_end"),
                    .words(
                        "must", "not in", "invalid", "larger", "smaller", "greater", "less than", "outside",
                        "not within"
                    ),
                ]),
                .all([.words("/coreos.com"), .words("not found")]),
                .all([.words("delegate"), .words("dictionary", "must have", "reserved")]),
                .check { text in
                    text.has("net-conf", before: "no such file", within: 60)
                        || text.has("net conf", before: "no such file", within: 100)
                        || text.has("net-conf", before: "not found", within: 60)
                },
            ]), needs: "the values of the network's configuration: ranges, backend, delegate"),
        LogRule(
            .likely, "IPM-07", "CFG-09", "IPM-12", "IPM-08",
            when: .all([
                .words("doesn\"t contain", "does not contain", "is not contained", "not a subset"),
                .words("podcidr", "pod cidr", "net config", "node\"s cidr"),
            ]), needs: "the network's range against --cluster-cidr, with which the nodes got theirs"),
        LogRule(
            .likely, "CFG-02", "CFG-01",
            when: .all([
                .words("has no networks", "no networks in", "missing network name", "empty plugin list"),
                .words("conf", "net.d"),
            ]), needs: "the file as the runtime reads it"),
        LogRule(
            .likely, "CFG-07", "CFG-02",
            when: .all([
                .words("cniversion", "cni version"),
                .words("is invalid", "failed to parse version", "invalid version", "bad version"),
            ]), needs: "the cniVersion of the list against what each plugin answers to VERSION"),
        LogRule(
            .possible, "RTE-14", "SVC-03", when: .words("no cluster cidr defined", "clustercidr not specified"),
            needs: "clusterCIDR of kube-proxy's configuration"),
    ]

    // MARK: Where somebody keeps what it knows

    private static let stores = [
        // Flannel's etcd, and the watch of nodes it waits for.
        LogRule(
            .likely, "API-03", "INS-08", "CFG-09",
            when: .any([
                .all([
                    .words(
                        "acquire subnet", "fetch network config", "retrieve network config", "etcd cluster is",
                        "for etcd",
                        "create subnetmanager"),
                    .any([
                        .timeout, .refused, .unreachable,
                        .words("unhandled http status", "misconfigured", " 502", " 503", "tls handshake"),
                    ]),
                ]),
                .all([.words("node controller to sync", "node controller sync"), .words("timeout", "timed out")]),
            ]), needs: "TCP from the agent's node to its store: etcd or the API server"),
        LogRule(
            .likely, "IPM-04", "NOD-01", "INS-01", "API-03",
            when: .words("host-wide ipam lock", "ipam lock"),
            needs: "how many pods start at once on that node, and how long one answer of the store takes"),
        LogRule(
            .likely, "AZR-03", "CFG-02",
            when: .all([
                .words("azure-vnet", "azure-ipam", "azure-cns"),
                .words("unexpected end of json", "invalid character", "cannot unmarshal"),
                .not(.words("net.d", "conflist")),
            ]), needs: "azure-vnet.json and its lock on that node"),
        LogRule(
            .possible, "IPM-10", "IPM-03",
            when: .words(
                "did not find reserved ip", "waiting to become leader", "overlappingrangeipreservation error"),
            needs: "the IPPool's allocations against living pods"),
        LogRule(
            .likely, "RTE-19", "INS-01", "IPM-02",
            when: .all([
                .words("kube-ovn-controller logs", "antrea-gw0", "ovn-k8s-mp0", "logical switch port"),
                .words("no address allocated", "not ready for pod", "cannot find", "not found", "not bound", "fail"),
            ]), needs: "whether OVN's databases run and answer from that node"),
        LogRule(
            .likely, "RTE-19", "INS-01", "RTE-01",
            when: .all([
                .port(6641, 6642, 6643, 6644),
                .any([.timeout, .nobodyListens, .unreachable, .words("connection attempt", "no leader", "no route")]),
            ]), needs: "whether OVN's databases run and answer from that node"),
        LogRule(
            .possible, "RTE-19", "API-03", "INS-01",
            when: .all([.words("pod annotation", "for annotation"), .timeout]),
            needs: "the log of OVN's controller for that pod"),
        LogRule(
            .possible, "INS-06", "INS-01",
            when: .all([
                .words("please check ", "check the ", "is the "), .words(" log", " running"), .agent, .failing,
            ]), needs: "the agent's own last fatal line on that node"),
    ]

    // MARK: Who hands out addresses, and who is asked for them

    private static let allocations = [
        LogRule(
            .likely, "AWS-01", "AWS-02", "AWS-03",
            when: .all([
                .words(
                    "ip/prefix", "ips/prefixes", "in the prefix", "device numbers", "max eni limit", "maximum eni",
                    "datastore has no", "out of interfaces", "maximum number of enis"),
                .any([
                    .outOfAddresses,
                    .words("in use", "no available", "no free", "reached", "exceed", "out of interfaces"),
                ]),
                .not(.words("insufficientfree", "insufficientcidr")),
            ]), needs: "ipamd's count of addresses against the instance type's limit"),
        LogRule(
            .possible, "AWS-01", "AWS-02", "AWS-03",
            when: .all([.words("ip pool is too low: available (0)"), .not(.words("assignedips"))]),
            needs: "what the next EC2 call answered"),
        LogRule(
            .likely, "AWS-02", "AWS-01",
            when: .words("subnets available with free", "matching subnet for interface", "no subnets with free"),
            needs: "free addresses of the subnets"),
        // The instance's own account of itself, without which an agent knows no interface.
        LogRule(
            .likely, "AWS-07", "AWS-04",
            when: .any([
                .all([
                    .words("169.254.169.254/latest", "ec2metadata", "imds"),
                    .any([.timeout, .nobodyListens, .unreachable, .words("canceled", "status code: 4", "fail")]),
                ]),
                .all([
                    .words("retrieve instance", "instance metadata"), .failing, .words("aws", "eni", "instance type"),
                ]),
            ]), needs: "the hop limit of the instance's metadata service, and the way to EC2's own address"),
        LogRule(
            .possible, "AWS-02", "CFG-09", "AWS-01", when: .all([.words("eniconfig"), .absent]),
            needs: "an ENIConfig of that zone's name"),
        LogRule(
            .likely, "AZR-02", "INS-01",
            when: .all([
                .words("nmagent", "nodenetworkconfig", "ippoolmonitor", "dnc:", "acn.azure", "azure cns", "azure-cns"),
                .any([
                    .absent, .outOfAddresses,
                    .words("is full", "not programmed", "waiting for", "exhausted", "max ips", "unable to"),
                ]),
                .not(.nobodyListens),
            ]), needs: "the subnet's free addresses, and the node's NodeNetworkConfig"),
        LogRule(
            .likely, "IPM-02", "RTE-19", "IPM-12",
            when: .all([.words("request ip return"), .outOfAddresses]),
            needs: "the Subnet's free addresses, and whether the controller still reaches OVN's database"),
        LogRule(
            .possible, "IPM-08", "IPM-07", "IPM-01",
            when: .words("out the range of cluster cidr", "node cidr size is too big", "outside of the cluster cidr"),
            needs: "the nodes' ranges against --cluster-cidr and the mask's size"),
        LogRule(
            .possible, "IPM-04", "IPM-03", "IPM-06", when: .words("already assigned in block"),
            needs: "what calicoctl ipam check says"),
        LogRule(
            .likely, "RTE-15", "ING-03", "RTE-04", "AWS-04",
            when: .all([
                .words(
                    "could not create route", "couldn\"t reconcile node routes", "unable to create route",
                    "unable to find route table", "failed to create route for node"),
                .not(.words("route for ip;", "l3_route_resolver")),
            ]),
            needs: "the cloud's route table, its quota, and what the controller manager may do with it"),
    ]

    // MARK: Who lets in

    private static let gates = [
        // Whatever the object is called: an API group and a name that are forbidden.
        LogRule(
            .likely, "API-02", "API-01",
            when: .all([
                .words("\" is forbidden", "nodes is forbidden", "pods is forbidden", "leases is forbidden"),
                .words(".io ", ".org ", ".io/", "projectcalico", "failed to sync", "acquire lease", "system:"),
                .not(
                    .words(
                        "cannot ", "quota", "podsecurity", "denied the request", "unable to validate", "webhook",
                        "user \"system:anonymous", "violates")),
            ]), needs: "kubectl auth can-i as that account"),
        // The agent's own pods are not admitted.
        LogRule(
            .likely, "INS-01", "API-02", "POL-16",
            when: .all([
                .words(
                    "violates podsecurity", "pod security policy", "podsecuritypolicy", "security context constraint"),
                .words("forbidden", "unable to validate", "violat"), .agent,
            ]), needs: "the labels of the agent's namespace: pod-security.kubernetes.io/enforce"),
        LogRule(
            .possible, "API-01", "MSH-02",
            when: .words("code = unauthenticated", "status: unauthenticated", "authentication failure"),
            needs: "the token's issuer, audience and end, and the clocks"),
        LogRule(
            .possible, "ING-05",
            when: .all([
                .words(
                    "route53", "route 53", "hosted zone", "hostedzone", "dns01", "dns-01", "clouddns", "_acme-challenge"
                ),
                .words("accessdenied", "not authorized", "forbidden", "unauthorized", " 403", "not found", "no zones"),
            ]), needs: "the Challenge's status, and what the solver's account may do"),
        LogRule(
            .possible, "NOD-01",
            when: .words(
                "failed to update lease", "failed to update node lease", "error updating node status",
                "unable to update node status", "failed to renew lease node"),
            needs: "the node's Ready condition, and since when"),
    ]

    // MARK: The other end

    private static let peers = [
        LogRule(
            .likely, "API-03", "INS-09", "INS-01", when: .words("calico is currently not ready to process"),
            needs: "datastoreReady of Calico's ClusterInformation"),
        LogRule(
            .possible, "RTE-03", "RTE-01", "INS-01", when: .words("no tunnel/encapsulation endpoint"),
            needs: "the nodes the agent knows (cilium-dbg node list) against the cluster's"),
        // Who dials and gets no address of its own has no port left.
        LogRule(
            .likely, "SVC-13", "SVC-09", "RTE-10",
            when: .all([
                .words("dial tcp", "dial udp", "connecting to", "connect to"),
                .words("cannot assign requested address"),
                .not(.words("bind:", "listen", "unbind", "::1", "[::")),
            ]), needs: "the client's sockets in TIME_WAIT against ip_local_port_range"),
        LogRule(
            .likely, "SVC-10", "SVC-04", "SVC-03",
            when: .all([.words("kube-ipvs0", "dummy interface"), .words("bind"), .failing]),
            needs: "kube-proxy's time of the last sync and its last error"),
        LogRule(
            .likely, "BGP-03", "RTE-20",
            when: .words("%maxpfx", "maxpfx", "maximum prefix limit", "maximum-prefix", "max-prefix", "prefix limit"),
            needs: "how many routes the neighbour sends against the limit it was given"),
        LogRule(
            .likely, "MCL-02", "MTU-04",
            when: .all([
                .words(
                    "state_parent", "state_main", "parent_i1", "main_i1", "ikev2", "ikev1", "ike_sa", "pluto[", "charon"
                ),
                .words(
                    "retransmission", "no response", "no_proposal_chosen", "no proposal", "authentication_failed",
                    "giving up", "no connection has been authorized", "timeout"),
            ]), needs: "UDP 500 and 4500 between the gateways, and the secret of both"),
        LogRule(
            .possible, "RTE-04", "IPM-06", "RTE-20", when: .words("bird: netlink: file exists"),
            needs: "which program made the route that is there"),
        LogRule(
            .possible, "SVC-05", "SVC-06",
            when: .words(
                "failedhealthchecks", "target.timeout", "layer4 connection problem", "layer4 timeout",
                "health checks failed"),
            needs: "whether the pods behind it answer the check at their own address"),
        LogRule(
            .likely, "ING-04",
            when: .words("too large body", "too big header", "too large header", "413 request entity too large"),
            needs: "the controller's limits for bodies and headers"),
        LogRule(
            .possible, "MSH-02", "ING-04", "POL-11",
            when: .words("unexpected content-type", "unexpected http status code received from server"),
            needs: "which proxy stands between the two, and what it speaks"),
        LogRule(
            .possible, "MSH-06", "SVC-05", "POL-01", "MTU-01", "ING-04",
            when: .all([
                .words("connection reset", "connection was reset"),
                .not(.any([.words("by peer", "reset reason", "upstream", "etcd"), usual])),
            ]), needs: "which end sent the reset, and whether its pod was ending"),
        LogRule(
            .possible, "API-03", "RTE-01", "WHK-01", "RTE-07", when: .words("error trying to reach service"),
            needs: "whether the API server's machine reaches pods"),
        LogRule(
            .possible, "DNS-01", when: .words("concurrent queries exceeded"),
            needs: "the load of CoreDNS, and how long the upstream takes"),
    ]

    // MARK: The kernel

    private static let kernelLines = [
        LogRule(
            .likely, "RTE-05", "INS-07",
            when: .words("hw csum failure", "rx csum fault"), needs: "the card's driver, and the device that is named"),
        LogRule(
            .likely, "INS-07", "RTE-16", "SVC-10",
            when: .all([
                .words("x_tables:", "ip_tables:", "ip6_tables:", "xt_", "could not process rule"),
                .words("invalid size", "unknown match", "bad hook", "protocol error"),
            ]), needs: "the version of iptables against the kernel's"),
    ]
}
