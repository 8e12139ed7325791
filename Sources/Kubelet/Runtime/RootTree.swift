import CLinux
import LinuxHost
import SystemCalls

/// A container's root: the node's root file system below (read only, shared by all), a layer of the container's own
/// above (overlayfs). Mount points and files of the pod are made in the upper layer, so that nothing on the node's disk
/// changes.
///
/// The layers lie on a tmpfs of their own: a layer inside the tree it covers is refused (ELOOP).
struct RootTree {
    /// `<base>/<container>/{upper,work,root}`.
    let directory: String

    init(base: String, container: String) { directory = "\(base)/\(container)" }

    var root: String { "\(directory)/root" }
    var upper: String { "\(directory)/upper" }

    /// What overlayfs is told.
    var options: String { "lowerdir=/,upperdir=\(upper),workdir=\(directory)/work" }

    /// Directories of the node that a container does not see the inside of.
    static let emptied: [(path: String, mode: UInt32)] = [
        ("/run", 0o755), ("/tmp", 0o1777), ("/var/tmp", 0o1777), ("/etc/cni", 0o755), ("/var/lib/cni", 0o755),
        ("/var/lib/poplin", 0o755), ("/opt/cni", 0o755),
    ]

    /// Makes the layers and every mount point; answers where each mount goes below ``root``. The
    /// working directory is made too, as runtimes do.
    func prepare(
        _ mounts: [ContainerSpec.Mount], workingDirectory: String
    ) throws(SystemCallError) -> [String] {
        for path in [directory, upper, "\(directory)/work", root] { try Directories.make(path) }
        for (path, mode) in Self.emptied {
            let place = try Self.resolve(path, keepingLast: false)
            try Directories.make(upper + place)
            try FileSystem.setMode(upper + place, mode)
            // An opaque directory hides what the lower layer has of its name (overlayfs.rst, "whiteouts and opaque
            // directories").
            let target = upper + place
            let value: [UInt8] = [UInt8(ascii: "y")]
            try retrying("setxattr", on: target) { setxattr(target, "trusted.overlay.opaque", value, 1, 0) }
        }
        if workingDirectory.hasPrefix("/"), workingDirectory != "/" {
            try Directories.make(upper + Self.resolve(workingDirectory, keepingLast: false))
        }
        var places: [String] = []
        for mount in mounts {
            let place = try Self.resolve(mount.target, keepingLast: mount.isFile)
            if mount.isFile {
                try Directories.make(upper + Self.parent(of: place))
                if try !FileSystem.exists(upper + place) {
                    _ = try FileDescriptor.open(upper + place, O_WRONLY | O_CREAT, mode: 0o644)
                }
            } else {
                try Directories.make(upper + place)
            }
            places.append(root + place)
        }
        return places
    }

    /// Takes the layers away; the overlay itself went with the container's mount namespace.
    func remove() { Self.removeAll(directory) }

    static func removeAll(_ path: String) {
        guard let status = try? FileSystem.status(path, followingLinks: false) else { return }
        guard status.isDirectory else {
            try? FileSystem.unlink(path)
            return
        }
        for name in (try? FileSystem.list(path)) ?? [] { removeAll("\(path)/\(name)") }
        try? FileSystem.removeDirectory(path)
    }

    /// The path without symbolic links, as the node's root has them: a directory made in their place would hide them
    /// (`/var/run`, `/lib`). What is not there stays as it is written.
    ///
    /// - Parameter keepingLast: the last component is not followed: it is to be replaced.
    static func resolve(
        _ path: String, keepingLast: Bool, readLink: (String) -> String? = { try? FileSystem.readLink($0) }
    ) throws(SystemCallError) -> String {
        var waiting = path.split(separator: "/").map(String.init)
        var done: [String] = []
        var links = 0
        while !waiting.isEmpty {
            let component = waiting.removeFirst()
            if component == "." { continue }
            if component == ".." {
                _ = done.popLast()
                continue
            }
            let here = "/" + (done + [component]).joined(separator: "/")
            if !(waiting.isEmpty && keepingLast), !Self.isEmptied(here), let target = readLink(here) {
                links += 1
                // As the kernel counts (MAXSYMLINKS).
                if links > 40 { throw SystemCallError("open", .ELOOP, on: path) }
                if target.hasPrefix("/") { done = [] }
                waiting = target.split(separator: "/").map(String.init) + waiting
            } else {
                done.append(component)
            }
        }
        return "/" + done.joined(separator: "/")
    }

    /// Whether a container sees nothing of the node there: a link of the node's is none of the container's.
    private static func isEmptied(_ path: String) -> Bool {
        emptied.contains { path.hasPrefix("\($0.path)/") }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "" }
        return String(path[..<slash])
    }
}
