import CLinux
import LinuxHost
import SystemCalls

/// Something of a lab that is still there.
public struct Leftover: Hashable, Sendable {
    /// `process`, `namespace`, `mount`, `cgroup`, `file`.
    public var kind: String
    public var what: String

    public init(_ kind: String, _ what: String) {
        self.kind = kind
        self.what = what
    }
}

/// Takes a lab down, with or without its supervisor, and looks at what remains.
public struct LabRemoval {
    public let directory: LabDirectory
    /// Network namespaces that were the lab's.
    private var namespaces: Set<String> = []
    /// Keeps them until the end of the look: otherwise the kernel may give the number of one that has gone to a new one
    /// of somebody else's.
    private var held: [HeldFile] = []

    private final class HeldFile {
        private let descriptor: FileDescriptor

        init(_ path: String) throws(SystemCallError) { descriptor = try FileDescriptor.open(path, O_RDONLY) }
    }

    public init(_ name: String) { directory = LabDirectory(name) }

    /// Whether there is anything to take down.
    public var exists: Bool {
        ((try? FileSystem.exists(directory.path)) ?? false) || ((try? FileSystem.exists(directory.runPath)) ?? false)
            || ((try? directory.controlGroup())??.exists ?? false)
    }

    /// Ends every process and removes every file. What the kernel holds for namespaces goes with their last process.
    public mutating func run() throws(LabFailure) {
        // Without its supervisor first, or it would start again what is being ended.
        let state = try? LabState.read(directory)
        if let supervisor = state?.processes["supervisor"], supervisor.isAlive {
            supervisor.signal(SIGKILL)
            _ = supervisor.waitForEnd(limit: .seconds(5))
        }
        noteNamespaces()
        if let group = try directory.controlGroup(), group.exists {
            let isEmpty = try doing("end the lab's processes") { () throws(SystemCallError) in try group.killAll() }
            guard isEmpty else {
                let left = (try? group.processes()) ?? []
                throw LabFailure("processes of lab \(directory.name) do not end: \(left)")
            }
            try doing("remove \(group.path)") { () throws(SystemCallError) in try group.remove() }
            // The group of all labs goes with the last one.
            _ = try? FileSystem.removeDirectory(String(group.path.dropLast(directory.name.utf8.count + 1)))
        }
        // Where there are no control groups.
        for process in processes() {
            process.signal(SIGKILL)
            _ = process.waitForEnd(limit: .seconds(5))
        }
        let directory = directory
        try doing("remove the lab's files") { () throws(SystemCallError) in
            try FileTree.remove(directory.path)
            try FileTree.remove(directory.runPath)
        }
        for path in [LabDirectory.root, LabDirectory.runRoot, "/var/lib/poplin", "/run/poplin"] {
            // Others may use them.
            _ = try? FileSystem.removeDirectory(path)
        }
    }

    /// Everything of the lab that can still be seen. Links, rules and pinned maps are not looked for: all of a lab's are in
    /// namespaces and mounts of its own, and go with them.
    public func leftovers() throws(LabFailure) -> [Leftover] {
        var left = processes().map { Leftover("process", "\($0.identifier)") }
        if let group = try directory.controlGroup(), group.exists { left.append(Leftover("cgroup", group.path)) }
        for path in [directory.path, directory.runPath] where (try? FileSystem.exists(path)) ?? true {
            left.append(Leftover("file", path))
        }
        for mount in try doing("list mounts", { () throws(SystemCallError) in try Mounts.all() }) {
            if mount.target.hasPrefix(directory.path + "/") || mount.root.hasPrefix(directory.path + "/")
                || namespaces.contains(mount.root)
            {
                left.append(Leftover("mount", mount.target))
            }
        }
        for (identifier, namespace) in Self.namespacesInUse() where namespaces.contains(namespace) {
            left.append(Leftover("namespace", "\(namespace) of process \(identifier)"))
        }
        return left
    }

    /// Every network namespace of the lab's processes, but for the one this process is in.
    private mutating func noteNamespaces() {
        let own = (try? FileSystem.readLink("/proc/self/ns/net")) ?? ""
        var identifiers = processes().map(\.identifier)
        if let group = (try? directory.controlGroup()) ?? nil {
            identifiers += (try? group.processes()) ?? []
        }
        for identifier in identifiers {
            let path = "/proc/\(identifier)/ns/net"
            guard let namespace = try? FileSystem.readLink(path), namespace != own,
                namespaces.insert(namespace).inserted, let file = try? HeldFile(path)
            else { continue }
            held.append(file)
        }
    }

    private static func namespacesInUse() -> [(Int32, String)] {
        ((try? FileSystem.list("/proc")) ?? []).compactMap { name in
            guard let identifier = Int32(name), let link = try? FileSystem.readLink("/proc/\(name)/ns/net") else {
                return nil
            }
            return (identifier, link)
        }
    }

    /// The processes whose environment names the lab: machines, programs, pods.
    private func processes() -> [BackgroundProcess] {
        let mark = Array("POPLIN_LAB_MEMBER=\(directory.name)".utf8)
        return ((try? FileSystem.list("/proc")) ?? []).compactMap { name in
            guard let identifier = Int32(name), identifier != getpid(), identifier != getppid(),
                let bytes = (try? AtomicFile.read("/proc/\(name)/environ")) ?? nil,
                bytes.split(separator: 0).contains(where: { $0.elementsEqual(mark) })
            else { return nil }
            return BackgroundProcess(identifier: identifier)
        }
    }
}
