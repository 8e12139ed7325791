import SystemCalls

/// The network namespaces that are certainly alive: those a thread of some process is in, and those mounted somewhere
/// in our mount namespace. Used only when a pool is exhausted, because it looks at every thread.
///
/// What it cannot see: a namespace without a process that only an open file descriptor, or a mount in somebody else's
/// mount namespace, keeps. Nothing can answer or send from such a namespace but the kernel itself.
struct NamespaceCensus {
    private let inodes: Set<UInt64>

    /// Nil when something could not be looked at, so that nothing can be called gone.
    init?() {
        var inodes: Set<UInt64> = []
        do throws(SystemCallError) {
            for process in try FileSystem.list("/proc") where process.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                for thread in try Self.passing(
                    process,
                    { () throws(SystemCallError) in
                        try FileSystem.list("/proc/\(process)/task")
                    }) ?? []
                {
                    let status = try Self.passing(process) { () throws(SystemCallError) in
                        try FileSystem.status("/proc/\(process)/task/\(thread)/ns/net")
                    }
                    if let status { inodes.insert(status.inode) }
                }
            }
            let mounts = try FileDescriptor.open("/proc/self/mountinfo", 0).readAll()
            inodes.formUnion(Self.namespaces(inMountInfo: String(decoding: mounts, as: UTF8.self)))
        } catch {
            return nil
        }
        self.inodes = inodes
    }

    func contains(_ inode: UInt64) -> Bool { inodes.contains(inode) }

    /// Processes and threads end while we look; that is no failure. Nor is it one that process 1 is closed to us, as
    /// in some sandboxes: it is the machine's, never a container's.
    private static func passing<Result>(
        _ process: String, _ body: () throws(SystemCallError) -> Result
    ) throws(SystemCallError) -> Result? {
        do throws(SystemCallError) {
            return try body()
        } catch  where error.errno == .ENOENT || error.errno == .ESRCH || (error.errno == .EACCES && process == "1") {
            return nil
        }
    }

    /// The fourth field of a line is the root of the mount: `net:[4026532008]` for a network namespace (proc(5)).
    static func namespaces(inMountInfo text: String) -> Set<UInt64> {
        var inodes: Set<UInt64> = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 4)
            guard fields.count > 3, fields[3].hasPrefix("net:["), fields[3].hasSuffix("]") else { continue }
            if let inode = UInt64(fields[3].dropFirst(5).dropLast()) { inodes.insert(inode) }
        }
        return inodes
    }
}
