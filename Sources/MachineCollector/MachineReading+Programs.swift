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
            ("/etc/NetworkManager/conf.d", [".conf"]), ("/usr/lib/NetworkManager/conf.d", [".conf"]),
            ("/etc/sysctl.d", [".conf"]), ("/usr/lib/sysctl.d", [".conf"]), ("/etc/firewalld/zones", [".xml"]),
        ] {
            list(folder)
            for name in names(in: folder).prefix(128) where endings.contains(where: name.hasSuffix) {
                copy("\(folder)/\(name)", limit: 64 << 10)
            }
        }
        for path in [
            "/run/systemd/netif", "/run/NetworkManager", "/run/firewalld", "/var/lib/kubelet", "/var/lib/rancher",
            "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/k3s/containerd/containerd.sock",
            "/run/docker.sock", "/run/xtables.lock", "/run/openvswitch/db.sock", "/run/openvswitch/ovs-vswitchd.pid",
            "/var/run/calico/bird.ctl", "/sys/fs/bpf", "/sys/kernel/btf/vmlinux", "/sys/fs/cgroup/cgroup.controllers",
        ] { note(path) }
        let socket = ["/run/containerd/containerd.sock", "/run/crio/crio.sock"].first { listing[$0] != nil }
        miss(
            NodeEvidence.Part.sandboxes.path,
            because: socket.map { "\($0) speaks gRPC, which is not spoken here; crictl pods -o json shows it" }
                ?? "no runtime's socket is there")
        addListing()
    }

    /// What runs, and how far limits that are shared by all of a user are used up.
    mutating func readProcesses() {
        var names: [(id: Int, name: String)] = []
        var instances: [String: Int] = [:]
        var unreadable = 0
        for entry in (try? FileSystem.list("/proc")) ?? [] {
            guard let id = Int(entry), let bytes = try? AtomicFile.read("/proc/\(id)/comm", limit: 4096) else {
                continue
            }
            names.append((id, String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)))
            guard let descriptors = try? FileSystem.list("/proc/\(id)/fd") else {
                unreadable += 1
                continue
            }
            // One look per descriptor: of processes with thousands the first thousand.
            var count = 0
            for descriptor in descriptors.prefix(1024) {
                if (try? FileSystem.readLink("/proc/\(id)/fd/\(descriptor)")) == "anon_inode:inotify" { count += 1 }
            }
            if count > 0, let user = owner(of: id) { instances[user, default: 0] += count }
        }
        let processes = names.sorted { $0.id < $1.id }.map { entry -> JSONValue in
            ["pid": .int(Int64(entry.id)), "name": .string(entry.name)]
        }
        add(
            JSONValue.object([
                JSONMember("processes", .array(processes)),
                JSONMember(
                    "inotifyInstances",
                    .object(instances.sorted { $0.key < $1.key }.map { JSONMember($0.key, .int(Int64($0.value))) })),
                JSONMember("unreadable", .int(Int64(unreadable))),
            ]).serialized(), NodeEvidence.Part.processes.path, command: "ps -e")
    }

    /// The real user's number, from /proc/PID/status.
    private func owner(of id: Int) -> String? {
        guard let bytes = try? AtomicFile.read("/proc/\(id)/status", limit: 64 << 10) else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("Uid:") {
            return line.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().first.map(String.init)
        }
        return nil
    }

    /// Ends of the logs that are files.
    mutating func readLogs() {
        var found: Set<String> = []
        for (part, paths) in [
            (NodeEvidence.Part.kubeletLog, ["/var/log/kubelet.log", "/var/lib/rancher/k3s/agent/kubelet.log"]),
            (
                NodeEvidence.Part.runtimeLog,
                [
                    "/var/log/containerd.log", "/var/log/crio.log",
                    "/var/lib/rancher/k3s/agent/containerd/containerd.log",
                    "/var/lib/rancher/rke2/agent/containerd/containerd.log",
                ]
            ), (NodeEvidence.Part.kernelLog, ["/var/log/kern.log", "/var/log/dmesg"]),
        ] {
            for path in paths where !found.contains(part.path) {
                guard let (bytes, cut) = try? bytes(path, limit: options.logBytes) else { continue }
                found.insert(part.path)
                add(bytes, part.path, command: "tail -c \(options.logBytes) \(path)", cut: cut)
            }
            if !found.contains(part.path) {
                miss(part.path, because: "it is not a file below /var/log (journalctl shows it)")
            }
        }
        for path in ["/var/log/aws-routed-eni/ipamd.log", "/var/log/azure-vnet.log", "/var/log/calico/cni/cni.log"] {
            copy(path, limit: options.logBytes)
        }
    }
}
