import CKernelProbe
import Diagnosis
import JSONTree
import LinuxHost
import SystemCalls

extension MachineReading {
    /// Settings, counters, modules, mounts, limits.
    mutating func readKernel() {
        add(settings(), NodeEvidence.Part.sysctls.path, command: "sysctl -a")
        proc("/proc/thread-self/net/netstat", as: .netstat)
        proc("/proc/thread-self/net/snmp", as: .snmp)
        proc("/proc/thread-self/net/dev", as: .counters)
        proc("/proc/modules", as: .modules)
        // The first process is in the mount namespace that runtimes are in; in a pod it is the pod's own.
        if options.mounted != nil {
            miss(NodeEvidence.Part.mounts.path, because: "the machine is seen from an agent's pod")
        } else if let text = text("/proc/1/mountinfo") {
            add(text, NodeEvidence.Part.mounts.path, command: "cat /proc/1/mountinfo")
        } else {
            proc("/proc/self/mountinfo", as: .mounts)
        }
        proc("/proc/thread-self/net/stat/nf_conntrack", as: NodeEvidence.Part("proc/net/stat/nf_conntrack"))
        proc("/proc/thread-self/net/softnet_stat", as: NodeEvidence.Part("proc/net/softnet_stat"))
        readKernelIdentity()
    }

    private mutating func proc(_ path: String, as part: NodeEvidence.Part) {
        // Not through `root`: /proc is this namespace's wherever it is mounted.
        do throws(SystemCallError) {
            guard let bytes = try AtomicFile.read(path, limit: 8 << 20) else {
                return miss(part.path, because: "this kernel has no \(path)")
            }
            add(bytes, part.path, command: "cat /\(part.path)")
        } catch {
            miss(part.path, because: "\(path): \(error.errno)")
        }
    }

    private mutating func readKernelIdentity() {
        func value(_ name: String) -> String {
            (try? Sysctl.read("kernel.\(name)")).map { $0.trimmingNewline } ?? ""
        }
        let release = value("osrelease")
        add(
            JSONValue.object([
                JSONMember("sysname", .string(value("ostype"))), JSONMember("release", .string(release)),
                JSONMember("version", .string(value("version"))), JSONMember("machine", .string(Self.machine)),
                JSONMember("hostname", .string(value("hostname"))),
            ]).serialized(), NodeEvidence.Part.kernel.path, command: "uname -a")
        readClock()
        readKernelConfiguration(release)
        for name in ["modules.builtin", "modules.dep"] { copy("/lib/modules/\(release)/\(name)", limit: 4 << 20) }
    }

    /// The clocks, and what the kernel knows of their discipline (adjtimex(2)). A machine whose clock nobody sets is not
    /// wrong by that alone.
    private mutating func readClock() {
        let second: UInt64 = 1_000_000_000
        var members = [
            JSONMember("wall", .uint(Clock.now() / second)), JSONMember("monotonic", .uint(Clock.monotonic() / second)),
            JSONMember("sinceBoot", .uint(Clock.sinceBoot() / second)),
        ]
        var clock = kernel_probe_clock()
        kernel_probe_read_clock(&clock)
        if clock.state >= 0 {
            // TIME_ERROR, or STA_UNSYNC.
            members += [
                JSONMember("synchronized", .bool(clock.state != 5 && clock.status & 0x40 == 0)),
                JSONMember("offset", .int(clock.offset)), JSONMember("mostError", .int(clock.most_error)),
            ]
        }
        add(JSONValue.object(members).serialized(), NodeEvidence.Part.clock.path, command: "date +%s; timedatectl")
    }

    /// From where the distribution or the kernel keeps it.
    private mutating func readKernelConfiguration(_ release: String) {
        let part = NodeEvidence.Part.kernelConfiguration.path
        for path in [
            "/boot/config-\(release)", "/usr/lib/modules/\(release)/config", "/lib/modules/\(release)/build/.config",
        ] {
            if let text = text(path, limit: 1 << 20), !text.isEmpty { return add(text, part, command: "cat \(path)") }
        }
        // The running kernel's own, wherever it was started from.
        if let packed = (try? AtomicFile.read("/proc/config.gz", limit: 1 << 20)) ?? nil,
            let bytes = Gunzip.unpacked(packed, limit: 4 << 20)
        {
            return add(bytes, part, command: "zcat /proc/config.gz")
        }
        miss(part, because: "there is neither /boot/config-\(release) nor /proc/config.gz")
    }

    private static var machine: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #elseif arch(powerpc64le)
            "ppc64le"
        #elseif arch(s390x)
            "s390x"
        #elseif arch(riscv64)
            "riscv64"
        #else
            ""
        #endif
    }

    /// In the form of `sysctl -a`: everything of the network but per-interface settings nobody asks for, and some of
    /// the rest.
    private mutating func settings() -> String {
        var lines: [String] = []
        for name in Self.wanted { if let value = try? Sysctl.read(name) { lines.append("\(name) = \(value.flat)") } }
        for folder in ["net/netfilter", "net/bridge", "net/ipv4/neigh/default", "net/ipv6/neigh/default"] {
            append("/proc/sys/\(folder)", &lines)
        }
        for (family, keys) in Self.perInterface {
            for interface in (try? Directories.sortedList("/proc/sys/net/\(family)/conf")) ?? [] {
                for key in keys {
                    let path = "/proc/sys/net/\(family)/conf/\(interface)/\(key)"
                    guard let bytes = try? AtomicFile.read(path, limit: 4096) else { continue }
                    // As sysctl prints it: the dot of an interface's name becomes a slash.
                    let name = String(interface.map { $0 == "." ? "/" : $0 })
                    lines.append("net.\(family).conf.\(name).\(key) = \(String(decoding: bytes, as: UTF8.self).flat)")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func append(_ folder: String, _ lines: inout [String]) {
        let prefix = folder.dropFirst("/proc/sys/".count).split(separator: "/").joined(separator: ".")
        for name in (try? Directories.sortedList(folder)) ?? [] {
            guard let status = try? FileSystem.status("\(folder)/\(name)"), status.isRegularFile,
                let bytes = try? AtomicFile.read("\(folder)/\(name)", limit: 4096)
            else { continue }
            lines.append("\(prefix).\(name) = \(String(decoding: bytes, as: UTF8.self).flat)")
        }
    }

    private static let wanted = [
        "fs.file-max", "fs.inotify.max_queued_events", "fs.inotify.max_user_instances", "fs.inotify.max_user_watches",
        "kernel.bpf_stats_enabled", "kernel.kptr_restrict", "kernel.panic", "kernel.pid_max",
        "kernel.unprivileged_bpf_disabled", "net.core.bpf_jit_enable", "net.core.bpf_jit_harden",
        "net.core.default_qdisc", "net.core.netdev_max_backlog", "net.core.rmem_default", "net.core.rmem_max",
        "net.core.somaxconn", "net.core.wmem_default", "net.core.wmem_max", "net.ipv4.icmp_ratelimit",
        "net.ipv4.ip_forward", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_no_pmtu_disc", "net.ipv4.ip_nonlocal_bind", "net.ipv4.tcp_congestion_control",
        "net.ipv4.tcp_mtu_probing", "net.ipv4.tcp_rmem", "net.ipv4.tcp_timestamps", "net.ipv4.tcp_tw_reuse",
        "net.ipv4.tcp_wmem", "net.ipv4.vs.conntrack", "net.ipv4.vs.conn_reuse_mode", "net.ipv6.route.max_size",
        "vm.max_map_count",
    ]

    private static let perInterface = [
        (
            "ipv4",
            [
                "accept_local", "arp_announce", "arp_ignore", "forwarding", "proxy_arp", "route_localnet", "rp_filter",
                "send_redirects", "src_valid_mark",
            ]
        ),
        ("ipv6", ["accept_ra", "disable_ipv6", "forwarding"]),
    ]
}

extension String {
    /// On one line, as sysctl prints it.
    fileprivate var flat: String { trimmingNewline.split(separator: "\n").joined(separator: " ") }

    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
