/// What programs say by the part of the system that speaks: the port on which a node's own programs listen, the pool of a
/// load balancer, the device that somebody else takes.
extension LogRule {
    static let said: [LogRule] = [
        // Programs of the machines themselves, which no policy and no Service stands before: a firewall between nodes.
        LogRule(
            .likely, "RTE-07", "RTE-01", "AWS-05", "NOD-01", "GCP-01",
            when: .all([
                .port(2380, 4240, 4244, 7946, 10250, 10350),
                .any([.timeout, .words("no route to host", "ehostunreach", "host unreachable")]),
                // The API's own aggregated servers and a port that only answers late are others' matter.
                .not(
                    .words(
                        "/apis/", "apiservice", "127.0.0.1", "localhost", "readiness", "liveness", "vpc",
                        "security group", "webhook", "endpoint connectivity")),
            ]), needs: "TCP to that port from the node that complains, and the INPUT chain of the other"),
        LogRule(
            .likely, "RTE-07", "RTE-01", "NOD-01", "ING-08",
            when: .all([
                .words("memberlist", "serf"),
                .words("suspect", "no acks received", "failed udp ping", "marking", "failed to ping", "push/pull"),
                .words("failed", "error", "fail", "timeout", "no acks"), .not(.words("refuting")),
            ]), needs: "TCP and UDP 7946 between the nodes"),
        // What a load balancer gives out is none of the pods' addresses.
        LogRule(
            .likely, "ING-01", "IPM-02", "ING-03",
            when: .all([
                .outOfAddresses,
                .any([
                    .loadBalancer,
                    .words(
                        "allocateips", "ipaddresspool", "\"service\":\"", "for service ", "ciliumloadbalancerippool"),
                ]),
                .not(.words("failed (add)", "for range", "podcidr", "sandbox")),
            ]), needs: "the load balancer's pools against the Services that have one of their addresses"),
        LogRule(
            .certain, "AWS-02", "AWS-03",
            when: .all([
                .words("subnet"), .words("ips/prefixes", "secondary ip", " eni", "ipamd", "vpc"),
                .words(
                    "n\"t seem to have enough", "not have enough", "n\"t have enough", "insufficient", "no free",
                    "not enough"),
                .words("ip", "address"), .not(.words("insufficientcidr", "cidr blocks", "contiguous", "azure")),
            ])),
        LogRule(
            .likely, "IPM-06", "IPM-03", "IPM-04",
            when: .all([
                .words(
                    "is already allocated", "already been allocated", "is already assigned", "already in use by pod"),
                .words(" ip ", " ips", "address"), .words("pod", "switch", "subnet", "sandbox", "container"),
                .not(.words("port is already", "nodeport", "node port", "listen", "load balancer", "loadbalancer")),
            ]), needs: "which pod has that address, and whether it lives"),
        LogRule(
            .likely, "RTE-15", "ING-03",
            when: .all([
                .words("quota", "limit exceeded", "limitexceeded", "routelimit"), .words("route"),
                .words("could not create route", "routes", "routetable", "route table", "routecontroller"),
            ]), needs: "the cloud's routes against the nodes, and its limit of them"),
        LogRule(
            .likely, "SVC-02", "ING-04", "SVC-01",
            when: .all([
                .words("port "), .words("service"),
                .words("not matched", "unresolved service reference", "unresolvedref", "unresolved reference"),
                .not(.words("service not found", "service \"\" not found")),
            ]), needs: "the Service's ports against the route's"),
        // A pod's device that the machine's own manager brings up as one of its own.
        LogRule(
            .likely, "RTE-12", "RTE-04",
            when: .all([
                .words("networkmanager", "networkd"), .words("(cali", "(lxc", "(veth", "(eni", " cali", " lxc", " eni"),
                .words("activation: starting connection \"wired", "connecting (getting ip configuration)", "dhcp4 ("),
            ]), needs: "which devices that manager is told to leave alone, and the node's routes"),
        LogRule(
            .likely, "RTE-12", "RTE-04",
            when: .all([
                .words("route", "ip rule"),
                .words(
                    "by another process", "by someone else", "externally", "by an external", "behind our back",
                    "by somebody else"),
                .words("delet", "remov", "modif", "chang", "replac"),
            ]), needs: "which program of the machine manages routes (networkd, NetworkManager, a VPN)"),
        LogRule(
            .likely, "RTE-01", "NOD-01", "BGP-01",
            when: .all([
                .words("bfd"), .words("->down", "state down", "detection time expired", "went down", "state: down"),
            ]),
            needs: "a packet that leaves one node and whether the other sees it"),
        LogRule(
            .likely, "RTE-01", "RTE-07", "RTE-18",
            when: .all([
                .port(8472, 4789, 6081, 51820, 51871),
                .words(
                    "nothing arrives", "0 packets captured", "not arrive", "never arrive", "never arrives",
                    "sees nothing", "nothing seen", "n\"t arrive"),
            ]), needs: "the firewalls and security groups between the two nodes"),
        LogRule(
            .likely, "BGP-02", "RTE-10", "IPM-06",
            when: .words("multiple nodes with the same name", "nodes with the same name"),
            needs: "which of the machine's addresses the agent chose, and whether another node has that name"),
        LogRule(
            .likely, "BPF-04", "SVC-04",
            when: .all([
                .words("kube-proxy"), .words("replacement", "bpfenabled", "ebpf"),
                .words(
                    "seems to be running", "chains were found", "is still running", "also running", "is running on",
                    "kube-svc"),
            ]), needs: "kube-proxy's DaemonSet, and KUBE- chains on the node"),
    ]
}
