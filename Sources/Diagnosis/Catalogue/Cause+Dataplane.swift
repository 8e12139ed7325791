extension Cause {
    static let dataplane = [
        Cause(
            "BPF-01", "The BPF file system is not mounted", "Maps cannot be pinned under /sys/fs/bpf.",
            shows: "mountinfo of /sys/fs/bpf", fix: "mount bpffs there, and let systemd do it at boot"),
        Cause(
            "BPF-02", "The kernel refuses the agent's BPF programs",
            "The verifier of this kernel does not accept what this release of the agent loads, often after a kernel update.",
            shows: "the verifier's last lines in the agent's log, and both versions",
            fix: "the agent's next patch release, or the kernel before"),
        Cause(
            "BPF-03", "A BPF map is full",
            "New connections, services or policies do not fit; what was there goes on working.",
            shows: "map pressure or failed map operations in the agent's metrics",
            fix: "a larger map, or fewer identities"),
        Cause(
            "BPF-04", "Two programs serve the same services", "kube-proxy runs beside an agent that replaces it.",
            shows: "kube-proxy's DaemonSet beside the agent's replacement setting", fix: "turn one of them off"),
        Cause(
            "BPF-05", "The agent cannot see what the kernel can do",
            "Hardening (kptr_restrict, bpf_jit_harden, lockdown) or a missing BTF file makes probes fail, and the agent asks for a kernel that is older than this one.",
            shows:
                "uname -r is newer than what the message asks for; sysctl kernel.kptr_restrict net.core.bpf_jit_harden, /sys/kernel/btf/vmlinux",
            fix: "relax the setting the probe needs", isDecisive: false),
        Cause(
            "BPF-06", "Endpoints are not regenerated",
            "The agent could not compile or attach for an endpoint; it keeps the state it had.",
            shows: "the endpoint's state and its log", fix: "mend what the endpoint's log names"),
        Cause(
            "MTU-01", "The pods' MTU is larger than the path's",
            "Small packets pass and large ones vanish: handshakes hang, pages load half.",
            shows: "the pod's MTU against the card's MTU less the encapsulation; ping -M do with podMTU-28 bytes",
            fix: "set the provider's MTU to the card's less the overhead (VXLAN 50, WireGuard 60), make pods anew"),
        Cause(
            "MTU-02", "One node has another MTU", "A single card or image differs, and only paths over it break.",
            shows: "the MTU of every node's card and tunnel", fix: "make that node as the others"),
        Cause(
            "MTU-03", "The nodes' own network is a tunnel",
            "WireGuard, a VPN or a virtual network below takes bytes that the overlay does not know of.",
            shows: "the MTU of the underlay device", fix: "lower the pods' MTU by both overheads"),
        Cause(
            "MTU-04", "The path drops what tells of its MTU",
            "ICMP fragmentation needed is filtered, so senders never learn.",
            shows: "no such ICMP arrives while large packets vanish",
            fix: "let ICMP type 3 code 4 and ICMPv6 type 2 through"),
        Cause(
            "PRF-01", "The application is slow, not the network",
            "Round trips and losses are as ever while answers take long.",
            shows: "round-trip time beside the application's own time", fix: "look into the application",
            isDecisive: false),
        Cause(
            "PRF-02", "Throughput is shaped", "An annotation, a queue discipline or a missing offload caps it.",
            shows: "tc qdisc and the bandwidth annotations", fix: "raise or remove the limit"),
        Cause(
            "PRF-03", "An alert waits for a metric that is gone",
            "Releases rename metrics and drop them. A rule that names the former one has no data, and an alert without data never fires: nobody is told when the network fails.",
            shows: "the alert's expression against what this release exports",
            fix: "name the metric's successor in the rule",
            not: "a silent alert as a sign of health: it cannot fire"),
    ]

    static let names = [
        Cause(
            "DNS-01", "CoreDNS is throttled",
            "Its CPU limit stops it for parts of every period, and queries time out at random.",
            shows: "nr_throttled in cpu.stat of its cgroup", fix: "raise the CPU limit or add replicas"),
        Cause(
            "DNS-02", "No CoreDNS is ready", "The Service has no endpoint, so every name fails.",
            shows: "EndpointSlices of kube-dns and the pods' logs", fix: "mend what their log names"),
        Cause(
            "DNS-03", "CoreDNS forwards to itself",
            "The resolv.conf it was given names a loopback address, and the query comes back; CoreDNS stops itself.",
            shows: "nameserver 127.* in the file kubelet's resolvConf names",
            fix: "point kubelet's resolvConf at /run/systemd/resolve/resolv.conf, or forward to a real server",
            not: "removing the loop plugin: it only hides the storm"),
        Cause(
            "DNS-04", "CoreDNS does not reach its upstream", "Names of the cluster resolve, others time out.",
            shows: "a query from CoreDNS' own network to the upstream",
            fix: "mend the way out (masquerade, firewall), or forward to a server that is reachable"),
        Cause(
            "DNS-05", "A policy closes DNS",
            "The pod's egress is closed and nothing opens UDP and TCP 53 to the DNS pods.",
            shows: "poplin policy explain POD -> svc/kube-system/kube-dns:53/udp",
            fix: "allow UDP and TCP to the DNS pods, at the pods' port"),
        Cause(
            "DNS-06", "Queries lose a race in connection tracking",
            "Two queries from one socket at once: the second is dropped, and the resolver waits five seconds.",
            shows: "insert_failed in conntrack -S growing with the delays",
            fix: "NodeLocal DNS, or options single-request-reopen", isDecisive: false),
        Cause(
            "DNS-07", "Nodes give their pods different resolvers", "clusterDNS or resolv.conf differs between nodes.",
            shows: "resolv.conf of pods on each node", fix: "make kubelet's configuration the same"),
        Cause(
            "DNS-08", "Names are searched too long", "ndots:5 asks every search domain first.",
            shows: "the share of NXDOMAIN answers", fix: "write names with a final dot, or lower ndots",
            isDecisive: false),
        Cause(
            "DNS-09", "A security group closes port 53 between nodes",
            "DNS works only where CoreDNS is on the same node.",
            shows: "UDP and TCP 53 between two nodes, beside another port", fix: "allow 53 between the nodes' groups",
            isDecisive: false),
        Cause(
            "DNS-10", "A policy names DNS pods, and DNS is on the node",
            "NodeLocal DNS answers on the host's network (169.254.20.10), which no selector matches.",
            shows: "nameserver in the pod's resolv.conf is no pod's address",
            fix: "allow the node-local address as a block"),
        Cause(
            "DNS-11", "CoreDNS does not reach the API server",
            "It runs and is not ready, because it cannot list Services.", shows: "its log: Failed to list, i/o timeout",
            fix: "mend the pods' way to the API server"),
    ]
}
