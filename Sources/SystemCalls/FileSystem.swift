import CLinux

/// Names in the file system, one system call each. Whole operations (atomic writes, walks) live in LinuxHost.
public enum FileSystem {
    /// stat(2), or lstat(2) when links are not followed.
    public static func status(_ path: String, followingLinks: Bool = true) throws(SystemCallError) -> FileStatus {
        var raw = stat()
        try retrying("stat", on: path) { followingLinks ? stat(path, &raw) : lstat(path, &raw) }
        return FileStatus(raw)
    }

    /// Whether something has this name; a dangling link counts as something. Errors other than ENOENT and ENOTDIR throw.
    public static func exists(_ path: String) throws(SystemCallError) -> Bool {
        do {
            _ = try status(path, followingLinks: false)
            return true
        } catch  where error.errno == .ENOENT || error.errno == .ENOTDIR {
            return false
        }
    }

    /// Removes a name (unlink(2)).
    public static func unlink(_ path: String) throws(SystemCallError) {
        try retrying("unlink", on: path) { CLinux.unlink(path) }
    }

    /// Removes an empty directory (rmdir(2)).
    public static func removeDirectory(_ path: String) throws(SystemCallError) {
        try retrying("rmdir", on: path) { rmdir(path) }
    }

    /// Makes one directory (mkdir(2)).
    public static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SystemCallError) {
        try retrying("mkdir", on: path) { mkdir(path, mode) }
    }

    /// Gives `old` the name `new`, replacing it atomically (rename(2)).
    public static func rename(_ old: String, to new: String) throws(SystemCallError) {
        try retrying("rename", on: "\(old) to \(new)") { CLinux.rename(old, new) }
    }

    /// A second name for the same file (link(2)); EEXIST when `new` is taken: creation with content, atomically.
    public static func link(_ old: String, to new: String) throws(SystemCallError) {
        try retrying("link", on: new) { CLinux.link(old, new) }
    }

    /// A symbolic link (symlink(2)).
    public static func symbolicLink(to target: String, at path: String) throws(SystemCallError) {
        try retrying("symlink", on: path) { symlink(target, path) }
    }

    /// Where a symbolic link points (readlink(2)), not resolved any further.
    public static func readLink(_ path: String) throws(SystemCallError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try retrying("readlink", on: path) { readlink(path, &buffer, buffer.count) }
        return String(decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Changes the permission bits (chmod(2)).
    public static func setMode(_ path: String, _ mode: UInt32) throws(SystemCallError) {
        try retrying("chmod", on: path) { chmod(path, mode) }
    }

    /// The names in a directory in no order, without `.` and `..` (readdir(3)).
    public static func list(_ path: String) throws(SystemCallError) -> [String] {
        guard let stream = opendir(path) else { throw SystemCallError("opendir", .current, on: path) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            clinux_clear_errno()
            guard let entry = readdir(stream) else {
                let errno = Errno.current
                if errno.rawValue != 0 { throw SystemCallError("readdir", errno, on: path) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// The magic number of the file system that holds `path` (statfs(2)), such as `NSFS_MAGIC`.
    public static func type(of path: String) throws(SystemCallError) -> Int {
        var raw = statfs()
        try retrying("statfs", on: path) { statfs(path, &raw) }
        return Int(raw.f_type)
    }
}
