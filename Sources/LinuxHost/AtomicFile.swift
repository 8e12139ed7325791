import CLinux
import SystemCalls

/// Files that are either whole or absent, whenever the process is killed.
///
/// The content is written to a file without a name (`O_TMPFILE`), which the kernel forgets with the process. Only a
/// whole file gets a name. A replacement needs one moment in between, because link(2) cannot replace: the whole file
/// is linked to `.NAME.new` beside the target and renamed from there. A kill in that moment leaves `.NAME.new`, which
/// is whole, and which the next `write` or `remove` of the same path clears away. Writers that race need no lock:
/// each publishes a whole file, and the last one stays.
///
/// File systems without `O_TMPFILE` (NFS, some FUSE) get a named temporary file instead, whose name carries random
/// digits; there a kill can leave such a file.
public enum AtomicFile {
    /// How much must have reached the device before the call returns.
    public enum Durability: Sendable {
        /// Whole after a crash of the process; after a crash of the machine the file may be older.
        case process
        /// Whole after a crash of the machine: the file and then its directory are flushed (fsync(2)).
        case machine
    }

    /// Gives `path` the content `bytes`, in place of what was there. The permission bits are `mode` without the
    /// process's umask.
    public static func write(
        _ path: String, _ bytes: some Collection<UInt8>, mode: UInt32 = 0o644, durability: Durability = .process
    ) throws(SystemCallError) {
        while true {
            guard let file = try unnamed(beside: path, mode: mode) else {
                return try throughNamedFile(path, bytes, mode: mode, durability: durability) {
                    temporary throws(SystemCallError) in
                    try FileSystem.rename(temporary, to: path)
                }
            }
            try file.writeAll(bytes)
            if durability == .machine { try file.synchronize() }
            if try replace(path, with: file) { break }
        }
        if durability == .machine { try synchronizeDirectory(of: path) }
    }

    /// Renames the whole file over the path. False when racing writers took its name away, or renamed it themselves and then
    /// replaced it: a file that had a name and has none is given no second one (link(2), ENOENT).
    private static func replace(_ path: String, with file: borrowing FileDescriptor) throws(SystemCallError) -> Bool {
        let staging = stagingName(of: path)
        var hadName = false
        while true {
            do throws(SystemCallError) {
                try publish(file, as: staging)
            } catch  where error.errno == .EEXIST {
                // Left by a kill, or a racing writer's. Either way it is whole; ours is newer.
                try removeIfPresent(staging)
                continue
            } catch  where error.errno == .ENOENT && hadName {
                return false
            }
            hadName = true
            do throws(SystemCallError) {
                try FileSystem.rename(staging, to: path)
                return true
            } catch  where error.errno == .ENOENT {
                // A racing writer cleared our staging name away: publish again, after theirs.
            }
        }
    }

    /// Makes `path` with the content `bytes`; EEXIST when the name is taken. Nothing ever sees it empty.
    public static func create(
        _ path: String, _ bytes: some Collection<UInt8>, mode: UInt32 = 0o644, durability: Durability = .process
    ) throws(SystemCallError) {
        guard let file = try unnamed(beside: path, mode: mode) else {
            return try throughNamedFile(path, bytes, mode: mode, durability: durability) {
                temporary throws(SystemCallError) in
                try FileSystem.link(temporary, to: path)
                try FileSystem.unlink(temporary)
            }
        }
        try file.writeAll(bytes)
        if durability == .machine { try file.synchronize() }
        try publish(file, as: path)
        if durability == .machine { try synchronizeDirectory(of: path) }
    }

    /// Removes `path` and what a kill may have left beside it; answers whether `path` was there.
    @discardableResult
    public static func remove(_ path: String) throws(SystemCallError) -> Bool {
        try removeIfPresent(stagingName(of: path))
        return try removeIfPresent(path)
    }

    /// The last `limit` bytes, and how many came before them; nil when nothing has that name.
    public static func readEnd(
        _ path: String, limit: Int
    ) throws(SystemCallError) -> (bytes: [UInt8], skipped: Int)? {
        do {
            let file = try FileDescriptor.open(path, O_RDONLY)
            return try file.readEnd(limit: limit)
        } catch  where error.errno == .ENOENT {
            return nil
        }
    }

    /// The whole content, or nil when nothing has that name.
    public static func read(_ path: String, limit: Int = 64 << 20) throws(SystemCallError) -> [UInt8]? {
        do {
            let file = try FileDescriptor.open(path, O_RDONLY)
            return try file.readAll(limit: limit)
        } catch  where error.errno == .ENOENT {
            return nil
        }
    }

    /// The target's name when `name` is one that `write` uses for the moment before the rename, else nil. For those
    /// who list a directory.
    public static func target(ofStagingName name: String) -> String? {
        guard name.hasPrefix("."), name.hasSuffix(".new"), name.utf8.count > 5 else { return nil }
        return String(name.dropFirst().dropLast(4))
    }

    static func stagingName(of path: String) -> String {
        let (directory, name) = split(path)
        return "\(directory)/.\(name).new"
    }

    private static func split(_ path: String) -> (directory: String, name: Substring) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
        let directory = slash == path.startIndex ? "" : String(path[..<slash])
        return (directory, path[path.index(after: slash)...])
    }

    /// An unnamed file in the directory of `path`, or nil where the file system knows none.
    private static func unnamed(beside path: String, mode: UInt32) throws(SystemCallError) -> FileDescriptor? {
        let directory = split(path).directory
        do {
            // O_TMPFILE is a macro of two flags that Swift does not import: __O_TMPFILE | O_DIRECTORY.
            return try FileDescriptor.open(
                directory.isEmpty ? "/" : directory, clinux_o_tmpfile() | O_WRONLY, mode: mode)
        } catch  where error.errno == .EOPNOTSUPP || error.errno == .EISDIR {
            return nil
        }
    }

    private static func publish(_ file: borrowing FileDescriptor, as path: String) throws(SystemCallError) {
        let source = "/proc/self/fd/\(file.rawValue)"
        try retrying("linkat", on: path) { linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) }
    }

    private static func throughNamedFile(
        _ path: String, _ bytes: some Collection<UInt8>, mode: UInt32, durability: Durability,
        publish: (String) throws(SystemCallError) -> Void
    ) throws(SystemCallError) {
        let (directory, name) = split(path)
        let temporary = "\(directory)/.\(name).\(String(try Entropy.number(), radix: 16)).tmp"
        do throws(SystemCallError) {
            let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try file.writeAll(bytes)
            if durability == .machine { try file.synchronize() }
            try publish(temporary)
        } catch {
            _ = try? FileSystem.unlink(temporary)
            throw error
        }
        if durability == .machine { try synchronizeDirectory(of: path) }
    }

    private static func synchronizeDirectory(of path: String) throws(SystemCallError) {
        let directory = split(path).directory
        try FileDescriptor.open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY).synchronize()
    }

    @discardableResult
    private static func removeIfPresent(_ path: String) throws(SystemCallError) -> Bool {
        do {
            try FileSystem.unlink(path)
            return true
        } catch  where error.errno == .ENOENT {
            return false
        }
    }
}
