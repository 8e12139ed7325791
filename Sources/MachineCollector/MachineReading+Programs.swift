import Diagnosis
import JSONTree
import LinuxHost
import SystemCalls

extension MachineReading {
    /// Settings of the programs beside a CNI: names, kubelet, managers of the network, firewalls.
    mutating func readFiles() {
        for path in [
            "/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", "/run/systemd/resolve/stub-resolv.conf",
            "/etc/hosts", "/etc/hostname", "/etc/os-release", "/etc/docker/daemon.json", "/etc/default/ufw",
            "/etc/ufw/ufw.conf", "/etc/firewalld/firewalld.conf", "/etc/NetworkManager/NetworkManager.conf",
            "/etc/systemd/networkd.conf", "/etc/systemd/resolved.conf", "/etc/sysctl.conf",
            "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/kubeadm-flags.env", "/etc/kubernetes/kubelet.conf",
            "/etc/rancher/k3s/config.yaml", "/etc/default/kubelet", "/etc/sysconfig/kubelet",
            "/usr/lib/systemd/network/99-default.link", "/lib/systemd/network/99-default.link",
            "/etc/default/docker", "/etc/ufw/sysctl.conf", "/etc/nftables.conf", "/etc/chrony/chrony.conf",
            "/etc/systemd/timesyncd.conf",
        ] {
            guard note(path) else { continue }
            if path.hasSuffix("kubelet.conf") {
                copy(path) { KubeconfigRedaction.redacted($0) }
            } else {
                copy(path)
            }
        }
        for (folder, endings) in [
            ("/etc/systemd/network", [".link", ".network", ".netdev"]),
            ("/run/systemd/network", [".link", ".network"]),
            ("/etc/systemd/networkd.conf.d", [".conf"]), ("/usr/lib/systemd/networkd.conf.d", [".conf"]),
            ("/run/systemd/networkd.conf.d", [".conf"]), ("/usr/lib/systemd/network", [".link"]),
            ("/etc/NetworkManager/conf.d", [".conf"]), ("/usr/lib/NetworkManager/conf.d", [".conf"]),
            ("/run/NetworkManager/conf.d", [".conf"]), ("/etc/udev/rules.d", [".rules"]),
            ("/etc/modules-load.d", [".conf"]), ("/etc/systemd/system/kubelet.service.d", [".conf"]),
            ("/etc/sysctl.d", [".conf"]), ("/usr/lib/sysctl.d", [".conf"]), ("/etc/firewalld/zones", [".xml"]),
        ] {
            list(folder)
            for name in names(in: folder).prefix(128) where endings.contains(where: name.hasSuffix) {
                copy("\(folder)/\(name)", limit: 64 << 10)
            }
        }
        for path in [
            "/run/systemd/netif", "/run/NetworkManager", "/run/firewalld", "/var/lib/kubelet", "/var/lib/rancher",
            // Of a node of a lab, whose kubelet is poplin itself.
            "/var/lib/poplin/kubelet",
            "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/k3s/containerd/containerd.sock",
            "/run/docker.sock", "/run/xtables.lock", "/run/openvswitch/db.sock", "/run/openvswitch/ovs-vswitchd.pid",
            "/var/run/calico/bird.ctl", "/sys/fs/bpf", "/sys/kernel/btf/vmlinux", "/sys/fs/cgroup/cgroup.controllers",
        ] { note(path) }
        list("/run/netns")
        readCertificates()
        listContainerLogs()
        addListing()
    }

    /// What runs, and how far limits that are shared by all of a user are used up.
    mutating func readProcesses() {
        var names: [(id: Int, name: String)] = []
        var instances: [String: Int] = [:]
        var watches: [String: Int] = [:]
        var unreadable = 0
        for entry in (try? FileSystem.list("/proc")) ?? [] {
            guard let id = Int(entry), let bytes = try? AtomicFile.read("/proc/\(id)/stat", limit: 4096),
                let name = Self.running(bytes)
            else { continue }
            names.append((id, name))
            guard let descriptors = try? FileSystem.list("/proc/\(id)/fd") else {
                unreadable += 1
                continue
            }
            // One look per descriptor: of processes with thousands the first thousand.
            let watchers = descriptors.prefix(1024).filter {
                (try? FileSystem.readLink("/proc/\(id)/fd/\($0)")) == "anon_inode:inotify"
            }
            if !watchers.isEmpty, let user = owner(of: id) {
                instances[user, default: 0] += watchers.count
                watches[user, default: 0] += watchers.reduce(0) { $0 + Self.watches(id, $1) }
            }
        }
        let processes = names.sorted { $0.id < $1.id }.map { entry -> JSONValue in
            ["pid": .int(Int64(entry.id)), "name": .string(entry.name)]
        }
        func byUser(_ counts: [String: Int]) -> JSONValue {
            .object(counts.sorted { $0.key < $1.key }.map { JSONMember($0.key, .int(Int64($0.value))) })
        }
        add(
            JSONValue.object([
                JSONMember("processes", .array(processes)), JSONMember("inotifyInstances", byUser(instances)),
                JSONMember("inotifyWatches", byUser(watches)),
                JSONMember("unreadable", .int(Int64(unreadable))),
            ]).serialized(), NodeEvidence.Part.processes.path, command: "ps -e")
    }

    /// The name in `812 (kubelet) S 1 ...` (proc(5), /proc/PID/stat), which may itself hold blanks and parentheses; nil of
    /// a process that has ended and only waits to be asked for its status.
    static func running(_ stat: [UInt8]) -> String? {
        guard let start = stat.firstIndex(of: UInt8(ascii: "(")), let end = stat.lastIndex(of: UInt8(ascii: ")")),
            start < end, end + 2 < stat.count, ![UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(stat[end + 2])
        else { return nil }
        return String(decoding: stat[(start + 1)..<end], as: UTF8.self)
    }

    /// Lines of a descriptor's fdinfo that are watches: `inotify wd:1 ino:...` (fs/notify/fdinfo.c).
    private static func watches(_ id: Int, _ descriptor: String) -> Int {
        guard let bytes = try? AtomicFile.read("/proc/\(id)/fdinfo/\(descriptor)", limit: 16 << 20) else { return 0 }
        return bytes.split(separator: 0x0A).count { $0.starts(with: "inotify ".utf8) }
    }

    /// The real user's number, from /proc/PID/status.
    private func owner(of id: Int) -> String? {
        guard let bytes = try? AtomicFile.read("/proc/\(id)/status", limit: 64 << 10) else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("Uid:") {
            return line.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().first.map(String.init)
        }
        return nil
    }
}
