/// Words for the kernel's numbers, as bpftool prints them (linux/bpf.h).
enum BPFNames {
    static func program(_ type: UInt32) -> String { word(programs, type) }
    static func map(_ type: UInt32) -> String { word(maps, type) }
    static func link(_ type: UInt32) -> String { word(links, type) }

    private static func word(_ words: [String], _ number: UInt32) -> String {
        Int(number) < words.count ? words[Int(number)] : "type \(number)"
    }

    /// `enum bpf_prog_type`.
    private static let programs = [
        "unspec", "socket_filter", "kprobe", "sched_cls", "sched_act", "tracepoint", "xdp", "perf_event", "cgroup_skb",
        "cgroup_sock", "lwt_in", "lwt_out", "lwt_xmit", "sock_ops", "sk_skb", "cgroup_device", "sk_msg",
        "raw_tracepoint", "cgroup_sock_addr", "lwt_seg6local", "lirc_mode2", "sk_reuseport", "flow_dissector",
        "cgroup_sysctl", "raw_tracepoint_writable", "cgroup_sockopt", "tracing", "struct_ops", "ext", "lsm",
        "sk_lookup", "syscall", "netfilter",
    ]

    /// `enum bpf_map_type`.
    private static let maps = [
        "unspec", "hash", "array", "prog_array", "perf_event_array", "percpu_hash", "percpu_array", "stack_trace",
        "cgroup_array", "lru_hash", "lru_percpu_hash", "lpm_trie", "array_of_maps", "hash_of_maps", "devmap", "sockmap",
        "cpumap", "xskmap", "sockhash", "cgroup_storage", "reuseport_sockarray", "percpu_cgroup_storage", "queue",
        "stack", "sk_storage", "devmap_hash", "struct_ops", "ringbuf", "inode_storage", "task_storage", "bloom_filter",
        "user_ringbuf", "cgrp_storage", "arena",
    ]

    /// `enum bpf_link_type`.
    private static let links = [
        "unspec", "raw_tracepoint", "tracing", "cgroup", "iter", "netns", "xdp", "perf_event", "kprobe_multi",
        "struct_ops", "netfilter", "tcx", "uprobe_multi", "netkit", "sockmap",
    ]

    /// `enum bpf_attach_type`: those of control groups, by the words of `bpftool cgroup`.
    static let controlGroups: [(type: UInt32, name: String)] = [
        (0, "cgroup_inet_ingress"), (1, "cgroup_inet_egress"), (2, "cgroup_inet_sock_create"), (3, "cgroup_sock_ops"),
        (6, "cgroup_device"), (8, "cgroup_inet4_bind"), (9, "cgroup_inet6_bind"), (10, "cgroup_inet4_connect"),
        (11, "cgroup_inet6_connect"), (12, "cgroup_inet4_post_bind"), (13, "cgroup_inet6_post_bind"),
        (14, "cgroup_udp4_sendmsg"), (15, "cgroup_udp6_sendmsg"), (18, "cgroup_sysctl"), (19, "cgroup_udp4_recvmsg"),
        (20, "cgroup_udp6_recvmsg"), (21, "cgroup_getsockopt"), (22, "cgroup_setsockopt"),
        (29, "cgroup_inet4_getpeername"), (30, "cgroup_inet6_getpeername"), (31, "cgroup_inet4_getsockname"),
        (32, "cgroup_inet6_getsockname"), (34, "cgroup_inet_sock_release"),
    ]

    /// BPF_TCX_INGRESS and BPF_TCX_EGRESS (Linux 6.6).
    static let tcx: [(type: UInt32, name: String)] = [(46, "tcx/ingress"), (47, "tcx/egress")]
}
