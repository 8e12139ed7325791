/// What the kernel does with packets: BPF, netfilter, sizes and limits.
extension LogRule {
    private static let notPermitted = LogPattern.words("operation not permitted", "eperm", "rlimit_memlock")

    /// A match or target of iptables that the kernel or the image has not: `Couldn't load match `set'`. A target with a
    /// hyphen is somebody's chain.
    @Sendable static func missesAnExtension(_ text: LogText) -> Bool {
        let matches = ["couldn\"t load match \"", "couldn\"t find match \""].flatMap {
            text.texts(after: $0, until: ["\""])
        }
        let targets = ["couldn\"t load target \"", "couldn\"t find target \""].flatMap {
            text.texts(after: $0, until: ["\""])
        }
        return !matches.isEmpty || targets.contains { !$0.contains("-") } || text.has("missing kernel module")
    }

    static let dataplane = [
        // Maps that a program of another version left pinned.
        LogRule(
            .likely, "BPF-06", "INS-09", "BPF-02",
            when: .words(
                "parameter mismatch", "reusing pinned map", "incompatible map", "map spec",
                "pinned map is incompatible",
                "map incompatible")),
        LogRule(
            .certain, "BPF-01",
            when: .all([
                .not(.words("remove /", "failed to remove", "detach", "unpin", "bpf obj get")),
                .words("bpffs", "/sys/fs/bpf", "bpf filesystem", "bpf fs"),
                .words(
                    "not mounted", "isn\"t mounted", "failed to mount", "cannot mount", "unable to mount",
                    "could not mount",
                    "error mounting", "no such", "not found"),
            ])),
        LogRule(
            .certain, "BPF-03",
            when: .check { text in
                // A gauge of how full a map is, 0...1.
                text.texts(after: "map_pressure", until: []).contains { line in
                    line.split(separator: " ").last.flatMap { Double($0) }.map { (0.9...1.5).contains($0) } ?? false
                }
            }),
        LogRule(
            .likely, "BPF-05", "BPF-02", "INS-07",
            when: .any([
                .all([
                    .words("lockdown", "locked down", "kptr_restrict", "bpf_jit_harden", "unprivileged_bpf"),
                    .words("bpf", "kernel", "prob"),
                ]),
                .all([.words("/proc/config", "btf"), .absent]),
            ])),
        LogRule(
            .likely, "BPF-05", "BPF-02",
            when: .all([
                .words("require support", "requirements failed", "or newer", "kernel version"),
                .words("linux", "kernel", "bpf"), .not(.words("sysctl", "proxier", "kube-proxy")),
            ])),
        LogRule(
            .certain, "BPF-02", "BPF-06",
            when: .any([
                .all([.words("verifier"), .words("bpf", "prog", "insn", "load", "kernel", "log", "rejected")]),
                .words(
                    "bpf_prog_load", "load program:", "unreachable insn", "back-edge",
                    "processed 1000001 insns", "unknown func bpf_", "invalid mem access", "prog load log"),
                .all([
                    .words("bpf", "prog"),
                    .words(" load ", "loading ", "load prog", "load bpf", "_load", "load object", "load the"),
                    .words("permission denied", "invalid argument", "failed", "error"), .not(notPermitted),
                    .not(.words("putting value", "updating map", "update map")),
                ]),
                // What a verifier says of an instruction or of the whole.
                .words(
                    "bpf program is too large", "too many states", "invalid access to packet", "invalid bpf_context",
                    "invalid indirect read from stack", "invalid stack type", "last insn is not", "jump out of range",
                    "unreleased reference", "r0 !read_ok", "min value is negative", "the sequence of 8193",
                    "combined stack size"),
                .all([
                    .words("unknown opcode", "infinite loop detected", "math between"),
                    .words("insn", "bpf", "prog", "pointer", "opcode"),
                ]),
                .all([.words("prog section", "prog \""), .words("rejected", "load failed")]),
            ])),
        LogRule(
            .likely, "BPF-05", "INS-07", "BPF-02",
            when: .all([.words("bpf"), notPermitted, .not(.words("/sys/fs/bpf"))]),
            needs: "kernel lockdown, kernel.unprivileged_bpf_disabled and the agent's capabilities"),
        LogRule(
            .likely, "BPF-06", "BPF-02", "BPF-03", "BPF-05",
            when: .all([
                .words("bpf"), .words("map"), .words("failed to create", "create map", "creating map", "map create"),
                .words("fail", "unable", "error", "invalid"), .not(.words("argument list too long", "no space left")),
            ]), needs: "what the agent left pinned under /sys/fs/bpf, and the kernel's version"),
        LogRule(
            .certain, "BPF-03", "SVC-09",
            when: .words("map insertion failed", "no mapping for nat", "unable to update element")),
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
                .words("kube-proxy", "kube-services"),
                .words("replacement", "kpr", "ebpf", "bpfenabled", "bpf dataplane"),
                .words(
                    "conflict", "both", "still running", "present", "detected", "twice", "alongside", "at the same time"
                ),
            ])),
        LogRule(
            .likely, "BPF-06", "BPF-02",
            when: .all([.words("regenerat"), .words("fail", "error", "not-ready", "unable")])),
        LogRule(
            .certain, "MTU-01", "MTU-04",
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
                    .words(" hang", "stall", "stuck", "freez", "never", "no answer to"),
                ]),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .certain, "SVC-09",
            when: .all([.words("conntrack"), .words("table full", "dropping packet", "table is full")])),
        LogRule(
            .certain, "SVC-07",
            when: .all([.words("bridge-nf-call", "bridge_nf_call"), switchedOff])),
        LogRule(
            .likely, "MTU-04", "MTU-01", "MTU-03",
            when: .all([
                .words("need to frag", "frag needed", "fragmentation needed", "packet too big"),
                .words("unreachable", "dropped", "filtered", "blocked", "black hole", "blackhole", "no icmp"),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .certain, "POL-10",
            when: .any([
                .words("hash is full, cannot add more elements"),
                .all([
                    .words("ipset", "set "), .words("maxelem"),
                    .words("full", "exceed", "reached", "fail", "too small"),
                ]),
            ])),
        LogRule(
            .likely, "NOD-05",
            when: .words(
                "rcvbuferrors", "receive buffer errors", "packets pruned", "rmem_max", "wmem_max",
                "socket buffer overrun")),
        LogRule(
            .certain, "SVC-11",
            when: .all([.words("nf_conntrack_max", "conntrack_max"), .words("permission denied", "read-only")])),
        LogRule(
            .certain, "SVC-10",
            when: .all([
                .words(
                    "iptables-restore", "ip6tables-restore", "xtables lock", "xtables.lock", "nft: ",
                    "could not process rule", "nft transaction", "nftables transaction", "/dev/stdin:",
                    "chain_add failed",
                    "rule_append failed", "rule_replace failed", "rule_delete failed", "failed to ensure chain",
                    "failed to ensure that"),
                .words("fail", "another app", "holding", "exit status", "error"),
                .not(.any([.check(missesAnExtension), .words("retrying in", "was not found", "command not found")])),
            ])),
        LogRule(
            .likely, "SVC-10",
            when: .all([
                .words("xtables lock", "xtables.lock"), .words("retrying in", "permission denied", "avc:"),
            ])),
        LogRule(
            .likely, "SVC-10", "POL-10", "INS-07", when: .all([.words("ipset"), .words("resource busy", "in use by")])),
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
