import CLinux
import LinuxHost
import SystemCalls

/// The log of one container, written by the daemon: a file that is put aside when it is full, of which a few are kept
/// (kubelet's containerLogMaxSize and containerLogMaxFiles).
struct LogFile: ~Copyable {
    static let sizeLimit = 10 << 20
    static let keptFiles = 5

    private let path: String
    private var file: FileDescriptor?
    private var size: Int

    init(_ path: String) throws(SystemCallError) {
        self.path = path
        try Directories.make(RootTree.parent(of: path))
        let file = try Self.open(path)
        size = Int(try file.status().size)
        self.file = consume file
    }

    private static func open(_ path: String) throws(SystemCallError) -> FileDescriptor {
        try FileDescriptor.open(path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o640)
    }

    /// A disk that is full costs lines, never the container.
    mutating func write(_ lines: [LogLine]) {
        var bytes: [UInt8] = []
        for line in lines { bytes += line.bytes }
        if size + bytes.count > Self.sizeLimit, size > 0 { rotate() }
        try? file?.writeAll(bytes)
        size += bytes.count
    }

    /// `0.log` becomes `0.log.20261121-093000.123456789`, as kubelet names them.
    private mutating func rotate() {
        let stamp = LogLine.text(Clock.now()).filter { $0.isNumber || $0 == "T" || $0 == "." }
            .replacing("T", with: "-")
        try? FileSystem.rename(path, to: "\(path).\(stamp)")
        for old in Self.rotated(path).dropLast(Self.keptFiles - 1) { try? FileSystem.unlink(old) }
        if let next = try? Self.open(path) {
            file = consume next
            size = 0
        }
    }

    /// The files put aside, oldest first.
    static func rotated(_ path: String) -> [String] {
        let directory = RootTree.parent(of: path)
        let name = path.dropFirst(directory.utf8.count + 1)
        return ((try? Directories.sortedList(directory)) ?? []).filter { $0.hasPrefix("\(name).") }
            .map { "\(directory)/\($0)" }
    }
}
