import CLinux
import SystemCalls

/// Whole operations on what lies below a directory.
public enum FileTree {
    /// Removes `path` with everything below it. Links are removed, not followed, and another file system that is
    /// mounted below is left alone (EXDEV): removing what it shows would remove it for everybody. What is not there is
    /// fine.
    public static func remove(_ path: String) throws(SystemCallError) {
        let status: FileStatus
        do throws(SystemCallError) {
            status = try FileSystem.status(path, followingLinks: false)
        } catch {
            if error.errno == .ENOENT { return }
            throw error
        }
        try remove(path, status, device: status.device)
    }

    private static func remove(_ path: String, _ status: FileStatus, device: UInt64) throws(SystemCallError) {
        guard status.device == device else { throw SystemCallError("rmdir", .EXDEV, on: path) }
        guard status.isDirectory else { return try FileSystem.unlink(path) }
        for name in try FileSystem.list(path) {
            let child = "\(path)/\(name)"
            do throws(SystemCallError) {
                try remove(child, FileSystem.status(child, followingLinks: false), device: device)
            } catch {
                if error.errno != .ENOENT { throw error }
            }
        }
        try FileSystem.removeDirectory(path)
    }
}
