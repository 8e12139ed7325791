/// Capabilities by their names in a security context (capabilities(7), linux/capability.h), and what a container has of
/// them unless it says otherwise.
enum CapabilitySet {
    /// In the order of their numbers.
    static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    static var last: Int { names.count - 1 }

    /// What container runtimes leave to a container by default (containerd, oci/spec.go).
    static let standard: Set<Int> = Set(
        [
            "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
            "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
        ].compactMap(number))

    /// `NET_ADMIN` or `CAP_NET_ADMIN`; nil for a name nobody has.
    static func number(_ name: String) -> Int? {
        let upper = name.uppercased()
        return names.firstIndex(of: upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper)
    }

    /// What is left: drops first, then what is added, as runtimes do it. `ALL` means all.
    static func effective(adding: [String], dropping: [String]) -> Set<Int> {
        let all = Set(names.indices)
        var set = dropping.contains { $0.uppercased() == "ALL" } ? [] : standard
        if adding.contains(where: { $0.uppercased() == "ALL" }) { set = all }
        for name in dropping { if let number = number(name) { set.remove(number) } }
        for name in adding { if let number = number(name) { set.insert(number) } }
        return set
    }
}
