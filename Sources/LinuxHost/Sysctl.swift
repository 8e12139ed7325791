import CLinux
import SystemCalls

/// The name of a kernel setting, as pieces: an interface name may contain dots.
///
/// Two spellings are read, as sysctl(8) does: with dots as separators, where a slash stands for a dot inside a piece
/// (`net.ipv4.conf.eth0/100.forwarding`), and with slashes as separators, where a dot is a dot
/// (`net/ipv4/conf/eth0.100/forwarding`). The separator that comes first decides.
public struct SysctlName: Hashable, Sendable, CustomStringConvertible {
    public let pieces: [String]

    /// Nil when a piece is empty, `.` or `..`, or holds a slash or a zero byte: none of these may walk out of
    /// /proc/sys.
    public init?(pieces: [String]) {
        guard !pieces.isEmpty else { return nil }
        for piece in pieces {
            guard !piece.isEmpty, piece != ".", piece != "..", !piece.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
            else { return nil }
        }
        self.pieces = pieces
    }

    public init?(_ text: String) {
        let separator = text.first { $0 == "." || $0 == "/" }
        if separator == "." {
            self.init(
                pieces: text.split(separator: ".", omittingEmptySubsequences: false).map { piece in
                    String(piece.map { $0 == "/" ? "." : $0 })
                })
        } else {
            self.init(pieces: text.split(separator: "/", omittingEmptySubsequences: false).map(String.init))
        }
    }

    /// Where the kernel shows it.
    public var path: String {
        // Not `joined`: generic code that no other call shares costs 50,000 instructions when it first runs, and a
        // plugin runs it once.
        var path = "/proc/sys"
        for piece in pieces {
            path += "/"
            path += piece
        }
        return path
    }

    /// With dots as separators.
    public var description: String {
        pieces.map { piece in String(piece.map { $0 == "." ? "/" : $0 }) }.joined(separator: ".")
    }
}

/// Kernel settings under /proc/sys. Those under `net` are the ones of the calling thread's network namespace.
public enum Sysctl {
    /// The value without the final newline.
    public static func read(_ name: SysctlName) throws(SystemCallError) -> String {
        try readFile(name.path)
    }

    public static func write(_ name: SysctlName, _ value: String) throws(SystemCallError) {
        try writeFile(name.path, value)
    }

    /// What became of a setting.
    public enum Change: Equatable, Sendable {
        /// It had the value already and nothing was written.
        case none
        /// Written over this value; nil for a setting that cannot be read (`net.ipv4.route.flush`).
        case written(over: String?)
    }

    /// Writes only what is not so already, because a write can cost (`forwarding` walks every interface) and can be
    /// refused where reading is not (/proc/sys mounted read-only). Values are compared piece by piece, because the
    /// kernel shows lists with tabs.
    ///
    /// One open for both: the kernel keeps the names below /proc/sys/net of all network namespaces in one hash chain
    /// (proc_sys_compare), so with a thousand pods looking a name up costs more than reading and writing it.
    @discardableResult
    public static func change(_ name: SysctlName, to value: String) throws(SystemCallError) -> Change {
        var before: String?
        do throws(SystemCallError) {
            let file = try FileDescriptor.open(name.path, O_RDWR)
            let current = try text(of: file, name.path)
            if isSame(current, value) { return .none }
            do throws(SystemCallError) {
                try file.writeAll(Array(value.utf8), at: 0)
            } catch {
                throw refusal(error, name.path, value)
            }
            return .written(over: current)
        } catch  where error.operation == "open" && [.EACCES, .EPERM, .EROFS].contains(error.errno) {
            // Only readable, or only writable.
            before = try readable(name)
        }
        if let before, isSame(before, value) { return .none }
        try write(name, value)
        return .written(over: before)
    }

    /// As the other forms; a text that is no name (see `SysctlName`) is ENOENT.
    public static func read(_ name: String) throws(SystemCallError) -> String {
        try read(parsed(name))
    }

    public static func write(_ name: String, _ value: String) throws(SystemCallError) {
        try write(parsed(name), value)
    }

    @discardableResult
    public static func change(_ name: String, to value: String) throws(SystemCallError) -> Change {
        try change(parsed(name), to: value)
    }

    /// A setting of one interface: `net.FAMILY.conf.INTERFACE.KEY`, with `family` `ipv4` or `ipv6`. The name of the
    /// interface is taken as it is.
    public static func interface(_ interface: String, _ family: String, _ key: String) -> SysctlName? {
        SysctlName(pieces: ["net", family, "conf", interface, key])
    }

    /// The words of a value, in order, separated by one space: how two values are compared.
    public static func normalized(_ value: String) -> String {
        value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func parsed(_ name: String) throws(SystemCallError) -> SysctlName {
        guard let parsed = SysctlName(name) else { throw SystemCallError("open", .ENOENT, on: name) }
        return parsed
    }

    /// The value without the final newline; nil for a setting that can only be written, such as
    /// `net.ipv4.route.flush`.
    public static func readable(_ name: SysctlName) throws(SystemCallError) -> String? {
        do throws(SystemCallError) {
            return try read(name)
        } catch  where error.errno == .EACCES || error.errno == .EPERM {
            return nil
        }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left == right || normalized(left) == normalized(right)
    }

    private static func readFile(_ path: String) throws(SystemCallError) -> String {
        try text(of: FileDescriptor.open(path, O_RDONLY), path)
    }

    private static func text(of file: borrowing FileDescriptor, _ path: String) throws(SystemCallError) -> String {
        var bytes: [UInt8]
        do throws(SystemCallError) {
            bytes = try file.readAll(limit: 1 << 20)
        } catch {
            throw SystemCallError(error.operation, error.errno, on: path)
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One write(2): the kernel takes each write as a whole value.
    private static func writeFile(_ path: String, _ value: String) throws(SystemCallError) {
        let file = try FileDescriptor.open(path, O_WRONLY)
        do throws(SystemCallError) {
            try file.writeAll(value.utf8)
        } catch {
            throw refusal(error, path, value)
        }
    }

    private static func refusal(_ error: SystemCallError, _ path: String, _ value: String) -> SystemCallError {
        SystemCallError(error.operation, error.errno, on: "\(path) (value \"\(value)\")")
    }
}
