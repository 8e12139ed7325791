/// What the kernel does with packets: BPF and netfilter.
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
            .certain, "BPF-01", "BPF-05",
            when: .any([
                .words(
                    "/sys/fs/bpf: is not a mountpoint", "/sys/fs/bpf is not a mountpoint", "not on a bpf filesystem",
                    "not on a bpf file system", "not a bpf filesystem", "not bpffs",
                    "not a bpf file"),
                .all([
                    .words("mount: ", "mounting ", "mount -t bpf", "mountpoint"),
                    .words("/sys/fs/bpf", "type bpf", "bpffs"),
                    .words(
                        "permission denied", "failed", "not permitted", "unknown filesystem", "wrong fs type",
                        "invalid argument"),
                ]),
            ])),
        LogRule(
            .likely, "BPF-03",
            when: .all([
                .words("map_ops_total"), .words("outcome=\"fail\""),
                .check { text in
                    text.texts(after: "map_ops_total", until: []).contains { line in
                        line.split(separator: " ").last.flatMap { Double($0) }.map { $0 > 0 } ?? false
                    }
                },
            ]), needs: "cilium_bpf_map_pressure of the same map"),
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
            .likely, "BPF-06", "RTE-17", "BPF-02",
            when: .all([
                .words("bpf", "prog", "tcx", "xdp"), .words("attach"),
                .words("no such device", "link not found", "device or resource busy", "device busy"),
            ]), needs: "whether the device was there then; what else is attached to it"),
        LogRule(
            .certain, "BPF-02", "BPF-06",
            when: .any([
                .all([.words("verifier"), .words("bpf", "prog", "insn", "load", "kernel", "log", "rejected")]),
                .all([
                    .words("load program:"),
                    .not(.words("no such device", "link not found", "device or resource busy")),
                ]),
                .words(
                    "bpf_prog_load", "unreachable insn", "back-edge",
                    "processed 1000001 insns", "unknown func bpf_", "invalid mem access", "prog load log"),
                .all([
                    .words("bpf", "prog"),
                    .words(" load ", "loading ", "load prog", "load bpf", "_load", "load object", "load the"),
                    .words("permission denied", "invalid argument", "failed", "error"), .not(notPermitted),
                    .not(.words("no such device", "link not found", "device or resource busy")),
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
                // The verifier ends with what it went through.
                .words(
                    "max_states_per_insn", "verification failed: ", "unbounded memory access",
                    "make sure to bounds check",
                    "dereference of modified", "misaligned stack access", "misaligned packet access",
                    "pointer comparison prohibited", "cannot pass map_type", "unbounded min value",
                    "helper call is not allowed in probe",
                    "program of this type cannot use helper", "leaks addr", "invalid write to stack",
                    "invalid read from stack", "arg#0 expected", "unsafe pointer"),
                .all([.words("processed "), .words(" insns (limit", " insns, stack"), .words("insn")]),
            ])),
        LogRule(
            .likely, "BPF-05", "INS-07", "BPF-02",
            when: .all([.words("bpf"), notPermitted, .not(.words("/sys/fs/bpf"))]),
            needs: "kernel lockdown, kernel.unprivileged_bpf_disabled and the agent's capabilities"),
        LogRule(
            .likely, "BPF-06", "BPF-02", "BPF-03", "BPF-05",
            when: .all([
                .words("bpf"), .words("map"), .words("failed to create", "create map", "creating map", "map create"),
                .words("fail", "unable", "error", "invalid"),
                .not(.words("argument list too long", "no space left", "cannot allocate memory")),
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
            .likely, "BPF-02", "BPF-05", "BPF-06",
            when: .all([
                .words("jit"), .words("tail call", "jited owner", "bpf_jit", "program", "insns"),
                .any([.failing, .words("disabled", "jited owner", "mismatch")]),
            ]),
            needs: "net.core.bpf_jit_enable, the kernel's version and the verifier's log"),
        LogRule(
            .likely, "BPF-05", "BPF-02", "INS-07",
            when: .any([
                .words("couldn\"t load basic \"r0 = 0\"", "bpf_object__probe", "couldn\"t create simple array map"),
                .all([.words("co-re", "relocation", "vmlinux"), .words("btf", "no such", "not found", "failed")]),
            ]), needs: "kernel lockdown, kernel.unprivileged_bpf_disabled, BTF and the agent's capabilities"),
        // A map that does not take what it is given, for whatever reason.
        LogRule(
            .likely, "BPF-06", "BPF-03", "BPF-02",
            when: .all([
                .words(
                    "update map", "map update failed", "updating map", "map entry", "map insert", "map lookup",
                    "map operation"), .failing,
                .not(.words("unable to delete map entry", "route map", "argument list too long", "no space left")),
            ]), needs: "how full the map is, and whether the agent's version is the one that made it"),
        LogRule(
            .certain, "BPF-03",
            when: .all([
                .words("bpf", "map ", "map:", "conntrack", "ctmap", "cilium_", "cali_v"),
                .words("reached its maximum", "reached the maximum", "maximum of", "at capacity", "is exhausted"),
                .words("entries", "map"), .not(.words("nf_conntrack", "queue")),
            ])),
        LogRule(
            .likely, "BPF-01", "BPF-05",
            when: .all([.words("/sys/fs/bpf", "bpffs"), .words("permission denied", "operation not permitted")]),
            needs: "mountinfo of the agent: whether its /sys/fs/bpf is the node's"),
        LogRule(
            .likely, "BPF-06", "BPF-02", "INS-07",
            when: .any([
                .all([
                    .words("attach", "load prog", "load tc filter", "replace qdisc", "rewriting endpoint", "joinep"),
                    .words("xdp", "bpf", " tc ", "qdisc", "tcx", "filter", "program"),
                    .failing,
                ]),
                .all([
                    .words("endpoint"), .words("bpf", "regenerat", "recovery"),
                    .words("is failing", "failed", "stale directory"),
                ]),
            ]), needs: "the verifier's log of that program, and the kernel's version"),
        LogRule(
            .likely, "BPF-04", "SVC-04",
            when: .all([
                .words("kubeproxyreplacement", "kube-proxy-replacement", "bpfenabled", "ebpf", "kpr", "bpf dataplane"),
                .words("kube-proxy", "kube-svc", "kube-services"),
                .words(
                    "still", "beside", "running", "also", "left", "as well", "remain", "conflict", "while ", "found",
                    "detected",
                    "are present"),
                .not(.words("not running", "partial", "no longer")),
            ]), needs: "kube-proxy's DaemonSet, and KUBE- chains on the node"),
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
            .certain, "SVC-09",
            when: .all([.words("conntrack"), .words("table full", "dropping packet", "table is full")])),
        LogRule(
            .certain, "SVC-07",
            when: .all([.words("bridge-nf-call", "bridge_nf_call"), switchedOff])),
        // The pod answers by its own address: what was translated on the way there was not on the way back.
        LogRule(
            .likely, "SVC-07", "SVC-04", "RTE-08", when: .words("from unexpected source"),
            needs: "net.bridge.bridge-nf-call-iptables of that node, and the modes of kube-proxy"),
        LogRule(
            .likely, "SVC-07", "INS-07",
            when: .all([.words("bridge-nf-call", "bridge_nf_call"), .not(.any([.absent, .failing]))]),
            needs: "net.bridge.bridge-nf-call-iptables of that node"),
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
            .certain, "SVC-11",
            when: .all([.words("nf_conntrack_max", "conntrack_max"), .words("permission denied", "read-only")])),
        LogRule(
            .likely, "SVC-11", "INS-07",
            when: .all([
                .words(
                    "nf_conntrack_", "nf_conntrack/", "/proc/sys/net/netfilter", "net.netfilter", "conntrack hashsize",
                    "conntrack-max", "conntrack max"),
                .words(
                    "permission denied", "read-only", "read only", "not permitted", "operation not supported",
                    "invalid argument"),
            ]), needs: "whether /proc/sys is writable for that container, and the kernel's version"),
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
                .not(
                    .any([
                        .check(missesAnExtension), .unknownToTheKernel,
                        .words("retrying in", "was not found", "command not found"),
                    ])),
            ])),
        LogRule(
            .certain, "INS-07", "SVC-10", when: .all([.words("could not process rule", "nft: "), .unknownToTheKernel])),
        LogRule(
            .likely, "SVC-10", "INS-07", "RTE-16",
            when: .all([
                .words(
                    "program iptables", "iptables-save command", "-save command failed", "ip6tables-save",
                    "sync iptables", "program nftables",
                    "setup iptables", "set up iptables", "iptables rules", "update ip sets", "update ipsets",
                    "setting up rules"),
                .any([.failing, .words("exit status", "retries")]),
                .not(.words("rewriting", "validat", "redirect")),
            ]), needs: "what the program itself printed: errorOutput, or the same command by hand"),
        LogRule(
            .likely, "SVC-10",
            when: .all([
                .words("xtables lock", "xtables.lock"), .words("retrying in", "permission denied", "avc:"),
            ])),
        // Exit status 4: a lock that another holds, or a kernel that does not take the rule.
        LogRule(
            .likely, "SVC-10", "INS-07", "RTE-16",
            when: .all([
                .words("iptables"),
                .words(
                    "resource temporarily unavailable", "exit status 4", "rule_append failed", "chain_add failed",
                    "rule_insert failed", "resource problem"), .not(.check(missesAnExtension)),
            ]), needs: "what the program itself printed: errorOutput, or the same command by hand"),
        LogRule(
            .likely, "SVC-10", "POL-10", "INS-07", when: .all([.words("ipset"), .words("resource busy", "in use by")])),
    ]
}
