import CLinux
import LinuxHost
import SystemCalls

/// The files a node sees: the host's, but for what must be its own.
///
/// Directories that hold both (`/etc`) are put together anew: a small tmpfs with everything of the host bound into it,
/// except the names that are the node's own, which come from the node's directory. Nothing is written to the host for
/// that, not even an empty directory to mount on.
struct NodeRoot {
    let directory: LabDirectory
    let node: String
    /// Texts of files below /etc that are the node's own.
    let files: [(name: String, text: String)]

    /// Names of the node's own, by the directory they stand in. They outlive a reboot.
    static let own: [(parent: String, names: [String])] = [
        ("/etc", ["cni", "poplin"]),
        ("/opt", ["cni"]),
        ("/var/log", ["pods", "containers"]),
        // The last: from then on the lab's own directory is out of sight.
        ("/var/lib", ["cni", "poplin"]),
    ]

    /// Builds it, in the mount namespace of the calling process, which must be the node's.
    func build() throws(SystemCallError) {
        let stage = directory.node(node, "/stage")
        try Directories.make(stage)
        for (parent, names) in Self.own {
            for name in names { try Directories.make(directory.node(node, "\(parent)/\(name)")) }
        }
        for (parent, names) in Self.own { try compose(parent, names, on: stage) }
        for path in ["/etc/cni/net.d", "/opt/cni/bin"] { try Directories.make(path) }
        try Mounts.mountNew("tmpfs", on: "/run", options: "mode=755")
        for name in ["netns", "poplin", "lock"] { try Directories.make("/run/\(name)") }
        try Mounts.mountNew("proc", on: "/proc", flags: UInt(MS_NOSUID) | UInt(MS_NODEV) | UInt(MS_NOEXEC))
        try Mounts.mountNew("sysfs", on: "/sys", flags: UInt(MS_NOSUID) | UInt(MS_NODEV) | UInt(MS_NOEXEC))
        if try isInUnifiedHierarchy() {
            try Mounts.mountNew("cgroup2", on: "/sys/fs/cgroup")
        }
        do throws(SystemCallError) {
            try Mounts.mountNew("bpf", on: "/sys/fs/bpf", options: "mode=700")
        } catch  where error.errno == .ENODEV || error.errno == .ENOENT {
            // A kernel without BPF: who needs it will say so.
        }
    }

    /// Puts `parent` together from the host's entries and the node's own `names`.
    private func compose(_ parent: String, _ names: [String], on stage: String) throws(SystemCallError) {
        try Mounts.mountNew("tmpfs", on: stage, options: "mode=755", flags: UInt(MS_NOSUID))
        let files = parent == "/etc" ? self.files : []
        let ours = Set(names + files.map(\.name))
        for name in try FileSystem.list(parent) where !ours.contains(name) {
            let source = "\(parent)/\(name)"
            let target = "\(stage)/\(name)"
            do throws(SystemCallError) {
                let status = try FileSystem.status(source, followingLinks: false)
                if status.isSymbolicLink {
                    try FileSystem.symbolicLink(to: FileSystem.readLink(source), at: target)
                    continue
                }
                if status.isDirectory {
                    try FileSystem.makeDirectory(target)
                } else {
                    _ = try FileDescriptor.open(target, O_WRONLY | O_CREAT, mode: 0o600)
                }
                try Mounts.bind(source, to: target, recursive: true)
            } catch  where error.errno == .ENOENT {
                // Removed while it was looked at.
            }
        }
        for name in names {
            try FileSystem.makeDirectory("\(stage)/\(name)")
            try Mounts.bind(directory.node(node, "\(parent)/\(name)"), to: "\(stage)/\(name)")
        }
        for file in files {
            let descriptor = try FileDescriptor.open("\(stage)/\(file.name)", O_WRONLY | O_CREAT, mode: 0o644)
            try descriptor.writeAll(file.text.utf8)
        }
        try Mounts.move(stage, to: parent)
    }

    private func isInUnifiedHierarchy() throws(SystemCallError) -> Bool {
        guard let bytes = try AtomicFile.read("/proc/self/cgroup") else { return false }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { $0.hasPrefix("0::") }
    }
}
