import CLinux
import SystemCalls

/// Namespaces with a name, kept as `ip netns` keeps them (ip-netns(8)): a bind mount of the namespace file over an
/// empty file in /run/netns, in a directory whose mounts are shared, so that other mount namespaces see them come
/// and go.
extension NetworkNamespace {
    public static let directory = "/run/netns"

    public static func path(ofName name: String) -> String { "\(directory)/\(name)" }

    /// Makes a namespace called `name`; EEXIST when the name is taken.
    public static func create(named name: String) throws(Failure) -> NetworkNamespace {
        let path = try validated(name)
        do throws(SystemCallError) {
            try prepareDirectory()
            // As ip does: mode 0, so that nobody takes the empty file for something to read.
            _ = try FileDescriptor.open(path, O_RDONLY | O_CREAT | O_EXCL, mode: 0)
        } catch {
            throw .refused(error)
        }
        do throws(Failure) {
            let namespace = try anonymous()
            let source = "/proc/self/fd/\(namespace.descriptor.rawValue)"
            do throws(SystemCallError) {
                try retrying("mount", on: path) { mount(source, path, "none", UInt(MS_BIND), nil) }
            } catch {
                throw .refused(error)
            }
            return namespace
        } catch {
            _ = try? FileSystem.unlink(path)
            throw error
        }
    }

    /// Takes the name away; the namespace ends when nobody holds it. A name that is not there is fine.
    public static func remove(named name: String) throws(Failure) {
        let path = try validated(name)
        do throws(SystemCallError) {
            do throws(SystemCallError) {
                try retrying("umount", on: path) { umount2(path, Int32(MNT_DETACH)) }
            } catch  where error.errno == .EINVAL || error.errno == .ENOENT {
                // Not mounted (a kill between the file and the mount), or not there at all.
            }
            do throws(SystemCallError) { try FileSystem.unlink(path) } catch  where error.errno == .ENOENT {}
        } catch {
            throw .refused(error)
        }
    }

    /// The names in /run/netns, sorted.
    public static func names() throws(SystemCallError) -> [String] { try Directories.sortedList(directory) }

    private static func validated(_ name: String) throws(Failure) -> String {
        let bytes = name.utf8
        guard !bytes.isEmpty, bytes.count <= 255, name != ".", name != "..", !bytes.contains(UInt8(ascii: "/")),
            !bytes.contains(0)
        else { throw .refused(SystemCallError("open", .EINVAL, on: path(ofName: name))) }
        return path(ofName: name)
    }

    /// Makes /run/netns a mount point with shared propagation, once per machine. Two makers at once would stack a
    /// second mount over the first one's names: the lock on the directory is the one ip(8) takes.
    private static func prepareDirectory() throws(SystemCallError) {
        try Directories.make(directory)
        let lock = try FileLock.takeDirectory(directory)
        let propagate = UInt(MS_SHARED) | UInt(MS_REC)
        do throws(SystemCallError) {
            try retrying("mount", on: directory) { mount("", directory, "none", propagate, nil) }
        } catch  where error.errno == .EINVAL {
            // Not a mount point yet.
            let bind = UInt(MS_BIND) | UInt(MS_REC)
            try retrying("mount", on: directory) { mount(directory, directory, "none", bind, nil) }
            try retrying("mount", on: directory) { mount("", directory, "none", propagate, nil) }
        }
        lock.release()
    }
}
