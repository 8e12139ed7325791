/// Sizes of packets, and limits of the machine.
extension LogRule {
    /// A link that is a tunnel of its own: what runs over it has less room.
    private static let tunnelBelow = LogPattern.words(
        "wireguard", "wg0", "wg1", " wg", "vpn", "tailscale", "zerotier", "nebula", "openvpn", "ipsec", "gre ", "tun0",
        "pppoe")

    static let machine = [
        LogRule(
            .likely, "MTU-03", "MTU-01", "MTU-04", "MTU-02",
            when: .all([
                .words("mtu", "bytes", "fragment"), tunnelBelow,
                .words(
                    "larger", "too big", "exceed", "drop", "hang", "stall", "lost", "smaller", "below", "more than",
                    "less than", "blackhole"),
                .not(.words("segmentation", "handshake did not")),
            ]), needs: "the MTU of the link below against the pods' and the encapsulation's"),
        LogRule(
            .likely, "MTU-02", "MTU-01",
            when: .all([
                .words("mtu"), .words("node"),
                .words("only", "one node", "differ", "but ", "whereas", "other nodes", "and mtu", "mixed"),
                .check { text in
                    Set(text.texts(after: "mtu ", until: [" ", ",", ";", ")", "."]).filter { UInt32($0) != nil }).count
                        > 1
                },
                .words(" on ", "nodes", "hosts"), .not(tunnelBelow),
            ]), needs: "the MTU of the same device on every node"),
        LogRule(
            .likely, "MTU-01", "MTU-04", "MTU-03",
            when: .any([
                .words("packet-too-big", "type=3 code=4", "pkt too big", "icmp_frag_needed", "ipv6 ptb"),
                .all([
                    .words("bytes"), .words("or more", "and more", "and larger", "or larger", "above", "upwards"),
                    .words("timeout", "hang", "fail", "stall", "lost", "never", "reset", "work"),
                ]),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        // It begins and stops in the middle.
        LogRule(
            .likely, "MTU-01", "MTU-04", "MTU-03",
            when: .all([
                .words("bytes", " kb", " mb", "kib", "mib", "% ", "upload", "download", "transfer"),
                .words(
                    "freez", "stalls", "stalled", "hangs after", "hangs at", "stops after", "stuck at", "stuck after"),
                .words("pod", "node", "http", "tls", "ssh", "scp", "curl", "wget", "git", "image"),
                .not(.words("rollout", "replica", "pvc", "volume", "disk", "terminating")),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .likely, "MTU-04", "MTU-01", "MTU-03",
            when: .all([
                .words(
                    "icmp type 3", "type 3 code 4", "pmtu", "path mtu", "frag-needed", "frag needed",
                    "unreachable - need"),
                .words("discard", "drop", "filter", "block", "no reply", "never", "lost", "not arriv", "suppress"),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes, and who drops the answer"),
        LogRule(
            .likely, "PRF-01", "NOD-01", "PRF-02",
            when: .any([
                .words(
                    "time_squeeze", "ksoftirqd", "softirq", "softnet_stat", "rx_missed", "rx_dropped", "rx_no_buffer",
                    "overlimits",
                    "napi_poll", "netdev_budget", "rx_fifo_errors", "retransmit rate", "steal time"),
                .all([.words("retransmi"), .words("%", "rate", "segments"), .not(.words("mtu", "large", "mss"))]),
            ]), needs: "round-trip times of an empty path against the application's own"),
        LogRule(
            .possible, "NOD-03", "NOD-05", "SVC-09", "RTE-04",
            when: .words(
                "sendto: invalid argument", "sendmsg: invalid argument", "connect: invalid argument",
                "sendmsg: no buffer space", "sendto: no buffer space"),
            needs: "the kernel's own line (dmesg); entries of the neighbour table against gc_thresh3"),
        LogRule(
            .likely, "NOD-01", "API-03",
            when: .any([
                .all([.words("hasn\"t been updated for", "last ready is", "stopped updating"), .words("node")]),
                .words(
                    "not posting ready status", "condition: diskpressure", "condition: pidpressure",
                    "container runtime is down", "skipping pod synchronization", "runtime is not responding"),
            ]), needs: "the kubelet's own log on that node"),
        LogRule(
            .certain, "NOD-02",
            when: .all([
                .words("inotify", "directory watch", "file watch"),
                .words("exhaust", "resources", "too many", "limit reached", "upper limit"),
            ])),
        LogRule(
            .likely, "NOD-04", "INS-01",
            when: .all([
                .words("low on resource", "memory.usage", "rss ", "using ", "memory usage"),
                .words("memory", "gib", "mib", "mi,", "gi,"),
                .any([.agent, .words("calico", "agent")]),
                .words("exceeds", "limit", "evict", "pressure", "low on", "grew", "leak"),
            ]), needs: "the agent's memory against its request and limit, and the sizes of its maps"),
        LogRule(
            .certain, "MTU-01", "MTU-04", "MTU-03",
            when: .any([
                .all([
                    .words("frag needed", "fragmentation needed", "fragmentationneeded", "packet too big"),
                    .not(.words("dropped", "filtered", "blocked")),
                ]),
                .all([.words("message too long"), .words("mtu", "ping")]),
                .all([.words("mtu"), .words("too large", "too big", "larger", "exceed", "mismatch", " hang", "wrong")]),
            ])),
        // A greeting that is answered by nobody: the answer, a certificate, is the first large packet.
        LogRule(
            .possible, "MTU-01", "ING-06", "MSH-02", "ING-04", "WHK-01", "MTU-04",
            when: .any([
                .words("ssl connection timeout", "ssl connect timeout", "unexpected eof while reading"),
                .all([
                    .words("tls handshake", "ssl handshake", "handshake error", "client hello", "ssl_connect"),
                    .any([.timeout, .words("eof", "0 out of 0 bytes")]),
                    .not(.words("tls handshake timeout", ":6443", "webhook")),
                ]),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes, and which protocol the other end speaks"),
        LogRule(
            .possible, "MTU-01", "RTE-05", "MTU-04",
            when: .words("bad record mac", "bad_record_mac", "cannot decrypt peer", "decryption failed or bad"),
            needs: "whether large transfers fail where small ones do not"),
        // A datagram of an application may be larger than any network takes.
        LogRule(.likely, "MTU-01", "MTU-04", "MTU-03", when: .words("message too long", "emsgsize")),
        // What is small passes, what is large does not.
        LogRule(
            .likely, "MTU-01", "MTU-04", "MTU-03", "MTU-02",
            when: .any([
                .all([
                    .words("mtu", "mss "),
                    .words(
                        "stall", "stuck", "verification failed", "freez", "lower", "differ", "truncat", "retransmi",
                        "black hole", "blackhole", "fragment"),
                    .not(.words("set mtu", "setting", "detected mtu")),
                ]),
                .all([
                    .words(
                        "large packet", "large payload", "large response", "large request", "large answer",
                        "large file",
                        "large bod", "bigger than", "larger than", "more than", "big packet", "large upload", "jumbo",
                        "large transfer", "size of the response"),
                    .words("bytes", "kb", "packet", "payload", "mtu", "kib", "upload", "response"),
                    .words(
                        " hang", "stall", "timeout", "timed out", "can not", "cannot", "fail", "lost", "drop", "never",
                        "stuck", "freez", "can\"t"),
                ]),
                .all([
                    .words("client hello", "clienthello", "tls handshake", "key exchange", "sshd", "kex_"),
                    .words(
                        " hang", "stall", "stuck", "freez", "never", "no answer to", "then nothing", "nothing more",
                        "no server hello", "smaller requests work"),
                ]),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .likely, "MTU-04", "MTU-01", "MTU-03",
            when: .all([
                .words("need to frag", "frag needed", "fragmentation needed", "packet too big"),
                .words("unreachable", "dropped", "filtered", "blocked", "black hole", "blackhole", "no icmp"),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .likely, "NOD-05",
            when: .words(
                "rcvbuferrors", "receive buffer errors", "packets pruned", "rmem_max", "wmem_max",
                "socket buffer overrun")),
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
                .words("inotify", "fsnotify", "watch"),
                .words("too many", "no space left", "fail", "error", "limit", "unable", "cannot"),
            ])),
        // Files of a process, or watches of a user: the kernel says the same of both.
        LogRule(
            .likely, "NOD-02", when: .words("too many open files"),
            needs: "fs.inotify.max_user_instances against the process's own limit of files"),
        // A machine that does not get to it.
        LogRule(
            .likely, "NOD-01", "PRF-01", "NOD-04",
            when: .words(
                "soft lockup", "hard lockup", "blocked for more than", "self-detected stall", "rcu_sched",
                "rcu_preempt", "transmit queue", "page allocation failure"),
            needs: "the load of the node and of its hypervisor"),
        LogRule(
            .likely, "NOD-05", "NOD-04",
            when: .words("tcp_mem", "too many orphaned sockets", "out of socket memory", "udp_mem"),
            needs: "sockets' memory against net.ipv4.tcp_mem (/proc/net/sockstat)"),
        LogRule(
            .possible, "SVC-13", "NOD-05", "PRF-01", when: .words("possible syn flooding"),
            needs: "the program's backlog of connections"),
        LogRule(
            .likely, "INS-01", "NOD-04",
            when: .all([
                .words("memorypressure", "memory pressure", "oom-kill"),
                .any([.cilium, .calico, .words("agent", "cni")]),
            ])),
    ]
}
