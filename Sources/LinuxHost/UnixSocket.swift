import CLinux
import SystemCalls

/// Stream sockets with a path (unix(7)), for one question and one answer: each is one line.
public enum UnixSocket {
    /// Serves `path`, readable and writable by its owner only. A socket that was left there is replaced.
    public static func listen(_ path: String) throws(SystemCallError) -> FileDescriptor {
        let socket = try Sockets.make(domain: AF_UNIX, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        do throws(SystemCallError) { try FileSystem.unlink(path) } catch  where error.errno == .ENOENT {}
        try Sockets.bind(socket, to: address(path))
        try FileSystem.setMode(path, 0o600)
        let number = socket.rawValue
        try retrying("listen", on: path) { CLinux.listen(number, 64) }
        return socket
    }

    /// The next caller; blocks.
    public static func accept(_ listening: borrowing FileDescriptor) throws(SystemCallError) -> FileDescriptor {
        let number = listening.rawValue
        let caller = FileDescriptor(owning: try retrying("accept") { CLinux.accept(number, nil, nil) })
        let callerNumber = caller.rawValue
        try retrying("fcntl") { clinux_fcntl_int(callerNumber, F_SETFD, FD_CLOEXEC) }
        return caller
    }

    /// Calls whoever serves `path`: ENOENT when there is no socket, ECONNREFUSED when nobody serves it any more.
    public static func connect(_ path: String) throws(SystemCallError) -> FileDescriptor {
        let socket = try Sockets.make(domain: AF_UNIX, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        let number = socket.rawValue
        var address = try address(path)
        try retrying("connect", on: path) {
            withUnsafePointer(to: &address) {
                clinux_connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return socket
    }

    /// One line without its newline, or what came before the other end closed. ETIMEDOUT when it takes longer than
    /// `limit`, EFBIG when it is longer than a mebibyte.
    public static func readLine(
        _ socket: borrowing FileDescriptor, limit: Duration
    ) throws(SystemCallError) -> [UInt8] {
        let deadline = Clock.monotonic() + limit.nanoseconds
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            let now = Clock.monotonic()
            guard now < deadline else { throw SystemCallError("read", .ETIMEDOUT) }
            let milliseconds = Int32(clamping: (deadline - now + 999_999) / 1_000_000)
            guard try Sockets.waitReadable(socket, milliseconds: milliseconds) else { continue }
            var count = 0
            var failure: SystemCallError?
            chunk.withUnsafeMutableBytes { buffer in
                do throws(SystemCallError) { count = try socket.read(into: buffer) } catch { failure = error }
            }
            if let failure { throw failure }
            if count == 0 { return line }
            if let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) { return line + chunk[..<end] }
            line += chunk[..<count]
            if line.count > 1 << 20 { throw SystemCallError("read", .EFBIG) }
        }
    }

    private static func address(_ path: String) throws(SystemCallError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard bytes.count < field.count else { return false }
            field.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw SystemCallError("bind", .ENAMETOOLONG, on: path) }
        return address
    }
}
