extension Cause {
    static let routing = [
        Cause(
            "RTE-01", "The underlay does not carry the overlay's packets",
            "Pods of one node talk, pods of two do not: a firewall or security group drops the encapsulation (UDP 8472, 4789, 6081, 51820, protocol 4).",
            shows: "the tunnel's packets leave one node and do not arrive at the other",
            fix: "open that port between the nodes, both ways"),
        Cause(
            "RTE-02", "A node's tunnel has another MAC than it announced",
            "systemd-udevd gave the VXLAN device a new address after the provider had published the first; the other nodes send to one that nobody has.",
            shows: "the node's annotation, its device and the other nodes' neighbour entries side by side",
            fix: "ip link set DEVICE address ANNOUNCED, and a .link file with MACAddressPolicy=none",
            not: "restarting CoreDNS or reinstalling the provider: neither changes a MAC address"),
        Cause(
            "RTE-03", "A node lacks entries for other nodes",
            "For each other node there should be a route, a neighbour and a forwarding entry; the agent did not write them or lost them.",
            shows: "bridge fdb, ip neigh and ip route of the tunnel device against the list of nodes",
            fix: "restart the node's agent after mending its way to the API"),
        Cause(
            "RTE-04", "A route is missing or wrong",
            "The pod's default route, the host's route to the pod or to another node's range is not there or leads elsewhere.",
            shows: "ip route get, for each step in both directions",
            fix: "make the pod anew; for nodes restart the agent that owns the route"),
        Cause(
            "RTE-05", "The tunnel's checksum offload is broken",
            "Some kernels and drivers send encapsulated packets with wrong checksums: connections hang for a second, three, or sixty-three.",
            shows: "ethtool -k of the tunnel device, and InCsumErrors growing during a try",
            fix: "ethtool -K DEVICE tx-checksum-ip-generic off, or a newer kernel", isDecisive: false),
        Cause(
            "RTE-06", "The host does not forward for pods",
            "The FORWARD policy is DROP (Docker, ufw, firewalld) and no rule lets the pods' ranges through.",
            shows: "iptables -S FORWARD, or the forward chains of nft list ruleset",
            fix: "rules that accept the pods' ranges in both directions",
            not: "flushing all rules: those of services and of other pods go with them"),
        Cause(
            "RTE-07", "The host's firewall rejects",
            "\"No route to host\" although the route is there is an ICMP prohibited from a REJECT rule, often of firewalld or of a cloud image.",
            shows: "iptables -S with REJECT --reject-with icmp-host-prohibited",
            fix: "allow the cluster's ports before that rule"),
        Cause(
            "RTE-08", "Reverse path filtering drops packets",
            "rp_filter=1 drops what comes in by another way than the answer would take; newer systemd sets it.",
            shows: "sysctl net.ipv4.conf.*.rp_filter, and IPReversePathFilter in nstat",
            fix: "sysctl rp_filter=0 (or 2) for the provider's devices"),
        Cause(
            "RTE-09", "Forwarding is off", "net.ipv4.ip_forward is 0: nothing leaves the node for another's pod.",
            shows: "sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding",
            fix: "set it to 1 in /etc/sysctl.d, where the hardening script is"),
        Cause(
            "RTE-10", "The tunnel uses the wrong interface or address",
            "Detection chose a second card, a bridge or a public address that the other nodes cannot reach.",
            shows: "the tunnel's local address against the Node's InternalIP",
            fix: "name the interface or the range in the provider's configuration"),
        Cause(
            "RTE-11", "Nodes disagree about the overlay",
            "Some nodes route, some encapsulate, or with different kinds.",
            shows: "backend type or encapsulation mode of every node", fix: "one mode for all nodes, changed at once"),
        Cause(
            "RTE-12", "The host's network manager deletes the provider's routes and rules",
            "systemd-networkd or NetworkManager removes policy rules and routes it did not make, when it restarts or an interface flaps.",
            shows: "the expected ip rules are absent, and ManageForeignRoutingPolicyRules is not off",
            fix: "ManageForeignRoutes=no and ManageForeignRoutingPolicyRules=no, then restart the agent"),
        Cause(
            "RTE-13", "The host's end of a pod's link has another MAC than the pod believes",
            "udev changed the address after the plugin had given the pod a fixed neighbour entry for it.",
            shows: "the pod's ip neigh against the host interface's address",
            fix: "a .link file with MACAddressPolicy=none, then make the pods anew"),
        Cause(
            "RTE-14", "Pods' traffic leaves with pod addresses",
            "No masquerade for the pods' range, or the destination counts as internal: the world does not answer.",
            shows: "the masquerade rule and its counter during a try",
            fix: "turn masquerading on, or correct the ranges it leaves out"),
        Cause(
            "RTE-15", "The cloud drops packets with pod addresses",
            "Without encapsulation the cloud needs routes for the pods' ranges and its source check off.",
            shows: "the cloud's route table and source/destination check",
            fix: "add the routes and turn the check off, or use an overlay", isDecisive: false),
        Cause(
            "RTE-16", "Two flavours of iptables are in use",
            "Some rules are in the legacy tables, some in nf_tables; each program sees its own, the kernel walks both.",
            shows: "iptables-legacy-save and iptables-nft-save both print rules",
            fix: "one flavour for host and agents, then a reboot"),
        Cause(
            "RTE-17", "The pod's link is down or on no bridge",
            "One end of the pod's interface pair is down or has no master.",
            shows: "ip link in the pod and on the host", fix: "make the pod anew"),
        Cause(
            "RTE-18", "The hypervisor takes the tunnel's port",
            "Virtual networks that use UDP 4789 themselves swallow or break the cluster's.",
            shows: "the same packets pass on another port", fix: "another port for the cluster's VXLAN",
            isDecisive: false),
        Cause(
            "RTE-19", "Open vSwitch is down or has lost its flows",
            "The switch stopped, or restarted without its flows: every pod of the node is cut off.",
            shows: "ovs-vsctl show and the number of flows",
            fix: "restart the node's agent, which writes the flows again"),
        Cause(
            "RTE-20", "Routes that were learned cover the nodes themselves",
            "A peer announces a default or host route over node addresses, and nodes send to each other through themselves.",
            shows: "ip route get of a node address goes through a tunnel or a BGP route",
            fix: "filter what is imported at that peer",
            not: "restarting all agents at once: the routes are learned again"),
        Cause(
            "BGP-01", "TCP 179 is blocked",
            "The session stays in Connect or Active because the peers' connections do not come through.",
            shows: "a connection to port 179 of the peer, both ways", fix: "open TCP 179 between the peers"),
        Cause(
            "BGP-02", "A node announces an address of the wrong interface",
            "Detection took a docker, bridge or VPN address as the node's; peers try to reach that one.",
            shows: "the peer address in the message against the nodes' InternalIPs",
            fix: "set the provider's address detection to the node's range or interface"),
        Cause(
            "BGP-03", "The peers do not agree on the session",
            "AS number, password, TTL or router ids differ or repeat.",
            shows: "the NOTIFICATION's code in the daemon's log", fix: "correct the value the code names",
            not: "one AS number per node in a full mesh: iBGP uses one for all"),
        Cause(
            "BGP-04", "BIRD does not run",
            "The daemon's socket is not there: it crashed, or the installation has no BGP at all, which is right for VXLAN.",
            shows: "whether the pool's mode needs BGP; the daemon's log",
            fix: "turn the BIRD checks off where BGP is off, else mend what its log names", isDecisive: false),
        Cause(
            "BGP-05", "Nodes have no path to the routes",
            "The node-to-node mesh is off and no reflector reaches every node.",
            shows: "peers of every node as a graph", fix: "give every node a reflector before turning the mesh off"),
    ]
}
