import CLinux
import SystemCalls

/// Mounts of the calling process's mount namespace (mount(2)).
public enum Mounts {
    /// Shows `source` at `target` as well, with everything mounted below it when `recursive`.
    public static func bind(
        _ source: String, to target: String, recursive: Bool = false
    ) throws(SystemCallError) {
        let flags = UInt(MS_BIND) | (recursive ? UInt(MS_REC) : 0)
        try retrying("mount", on: target) { mount(source, target, "none", flags, nil) }
    }

    /// Takes a mount to another place.
    public static func move(_ source: String, to target: String) throws(SystemCallError) {
        try retrying("mount", on: target) { mount(source, target, "none", UInt(MS_MOVE), nil) }
    }

    /// Mounts a file system of the kernel's own: `tmpfs`, `sysfs`, `proc`, `cgroup2`, `bpf`.
    public static func mountNew(
        _ type: String, on target: String, options: String = "", flags: UInt = UInt(MS_NOSUID) | UInt(MS_NODEV)
    ) throws(SystemCallError) {
        try retrying("mount", on: "\(target) (\(type))") {
            options.withCString { mount(type, target, type, flags, options.isEmpty ? nil : $0) }
        }
    }

    /// From now on nothing mounted here shows elsewhere, and nothing mounted elsewhere shows here: what a new mount
    /// namespace needs first, because on hosts with systemd it begins as a peer of the old one.
    public static func makeAllPrivate() throws(SystemCallError) {
        try retrying("mount", on: "/") { mount("none", "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil) }
    }

    /// Takes a mount away, now for everybody who looks and for good when nobody uses it any more (MNT_DETACH).
    public static func detach(_ target: String) throws(SystemCallError) {
        try retrying("umount", on: target) { umount2(target, Int32(MNT_DETACH)) }
    }

    /// One line of mountinfo (proc_pid_mountinfo(5)).
    public struct Entry: Hashable, Sendable {
        public var target: String
        /// What of the file system is shown: `/`, a directory of it, or `net:[4026531840]`.
        public var root: String
        public var type: String
        public var source: String
    }

    /// The mounts of this process, in the order they were made.
    public static func all() throws(SystemCallError) -> [Entry] {
        let bytes = try AtomicFile.read("/proc/self/mountinfo") ?? []
        return parse(String(decoding: bytes, as: UTF8.self))
    }

    /// `36 35 98:0 /root /target rw,noatime master:1 - ext4 /dev/sda1 rw`: before the dash any number of optional fields.
    static func parse(_ text: String) -> [Entry] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count > 8, let dash = fields[6...].firstIndex(of: "-"), fields.count > dash + 2 else {
                return nil
            }
            return Entry(
                target: unescaped(fields[4]), root: unescaped(fields[3]), type: String(fields[dash + 1]),
                source: unescaped(fields[dash + 2]))
        }
    }

    /// Blank, tab, newline and backslash stand as three octal digits after a backslash.
    private static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
