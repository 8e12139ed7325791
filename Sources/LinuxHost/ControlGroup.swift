import CLinux
import SystemCalls

/// A group of processes in the unified hierarchy (cgroups(7), version 2): what was started in it can be found, counted
/// and killed together, however it forks.
public struct ControlGroup: Hashable, Sendable {
    /// The group's directory.
    public let path: String

    public init(path: String) { self.path = path }

    /// Where the unified hierarchy is mounted: /sys/fs/cgroup, or /sys/fs/cgroup/unified on hosts that have both
    /// versions; nil when it is nowhere.
    public static func hierarchy() throws(SystemCallError) -> String? {
        try Mounts.all().last { $0.type == "cgroup2" }?.target
    }

    /// Makes the group and those above it.
    public func make() throws(SystemCallError) { try Directories.make(path) }

    public var exists: Bool { (try? FileSystem.exists(path)) ?? false }

    /// Moves a process into the group; 0 is the calling one.
    public func add(_ process: Int32 = 0) throws(SystemCallError) { try write("cgroup.procs", "\(process)") }

    /// Whether a process is in the group or below it.
    public var isPopulated: Bool {
        guard let bytes = (try? AtomicFile.read("\(path)/cgroup.events")) ?? nil else { return false }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains("populated 1")
    }

    /// The processes in the group and below it.
    public func processes() throws(SystemCallError) -> [Int32] {
        guard let bytes = try AtomicFile.read("\(path)/cgroup.procs") else { return [] }
        var found = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
        for name in try Self.children(of: path) {
            found += try ControlGroup(path: "\(path)/\(name)").processes()
        }
        return found
    }

    /// Kills everything in the group and below it, also what is being forked meanwhile (`cgroup.kill`, Linux 5.14;
    /// before that one by one), and waits; false when something is left after `limit`. A group that is not there is fine.
    public func killAll(limit: Duration = .seconds(10)) throws(SystemCallError) -> Bool {
        let deadline = Clock.monotonic() + limit.nanoseconds
        while exists {
            do throws(SystemCallError) {
                try write("cgroup.kill", "1")
            } catch  where error.errno == .ENOENT || error.errno == .EOPNOTSUPP {
                for process in try processes() { kill(process, SIGKILL) }
            }
            for _ in 0..<20 {
                if !isPopulated { return true }
                if Clock.monotonic() >= deadline { return false }
                Clock.sleep(nanoseconds: 5_000_000)
            }
        }
        return true
    }

    /// Removes the group and those below it, which must be empty. A dying process may hold a group for a moment (EBUSY).
    public func remove(limit: Duration = .seconds(5)) throws(SystemCallError) {
        let deadline = Clock.monotonic() + limit.nanoseconds
        for name in try Self.children(of: path) { try ControlGroup(path: "\(path)/\(name)").remove(limit: limit) }
        while true {
            do throws(SystemCallError) {
                return try FileSystem.removeDirectory(path)
            } catch {
                if error.errno == .ENOENT { return }
                guard error.errno == .EBUSY, Clock.monotonic() < deadline else { throw error }
                Clock.sleep(nanoseconds: 5_000_000)
            }
        }
    }

    private static func children(of path: String) throws(SystemCallError) -> [String] {
        var names: [String] = []
        for name in try Directories.sortedList(path) {
            // A group may go while it is listed.
            if (try? FileSystem.status("\(path)/\(name)", followingLinks: false))?.isDirectory == true {
                names.append(name)
            }
        }
        return names
    }

    private func write(_ file: String, _ text: String) throws(SystemCallError) {
        let target = "\(path)/\(file)"
        let descriptor = try FileDescriptor.open(target, O_WRONLY)
        do throws(SystemCallError) {
            try descriptor.writeAll(text.utf8)
        } catch {
            throw SystemCallError(error.operation, error.errno, on: target)
        }
    }
}

extension ControlGroup {
    /// Whether the directory is a control group at all.
    public var hasProcessList: Bool { (try? FileSystem.exists("\(path)/cgroup.procs")) ?? false }
}
