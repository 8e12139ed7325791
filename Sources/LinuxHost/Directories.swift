import CLinux
import SystemCalls

/// Whole operations on directories.
public enum Directories {
    /// Makes `path` and every directory missing above it. A directory that is there already is fine; anything else
    /// of that name is ENOTDIR.
    public static func make(_ path: String, mode: UInt32 = 0o755) throws(SystemCallError) {
        do {
            try makeOne(path, mode: mode)
        } catch  where error.errno == .ENOENT {
            guard let parent = parent(of: path) else { throw error }
            try make(parent, mode: mode)
            // Once: some file systems (proc) answer ENOENT however often one tries, though the parent is there.
            try makeOne(path, mode: mode)
        }
    }

    /// Racing another maker is fine.
    private static func makeOne(_ path: String, mode: UInt32) throws(SystemCallError) {
        do {
            try FileSystem.makeDirectory(path, mode: mode)
        } catch  where error.errno == .EEXIST {
            guard try FileSystem.status(path).isDirectory else {
                throw SystemCallError("mkdir", .ENOTDIR, on: path)
            }
        }
    }

    /// The names in `path` in byte order, or none when it does not exist.
    public static func sortedList(_ path: String) throws(SystemCallError) -> [String] {
        do {
            return try FileSystem.list(path).sorted()
        } catch  where error.errno == .ENOENT {
            return []
        }
    }

    /// `path` without its last component; nil at the root or for a single relative name.
    static func parent(of path: String) -> String? {
        var end = path.endIndex
        func drop(while matches: (Character) -> Bool) {
            while end > path.startIndex, matches(path[path.index(before: end)]) { end = path.index(before: end) }
        }
        drop { $0 == "/" }
        drop { $0 != "/" }
        drop { $0 == "/" }
        return end == path.startIndex ? nil : String(path[..<end])
    }
}
