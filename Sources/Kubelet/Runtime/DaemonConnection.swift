import CLinux
import JSONTree
import LinuxHost
import SystemCalls

/// A client of the daemon: lines of JSON, and once it is attached to a container frames both ways (channel, length in
/// four bytes, content). What a client does not take in time is kept up to a limit; then the client goes.
final class DaemonConnection {
    static let inputChannel: UInt8 = 0
    static let outputChannel: UInt8 = 1
    static let errorChannel: UInt8 = 2
    static let resizeChannel: UInt8 = 4
    static let inputEndChannel: UInt8 = 255

    private static let limit = 8 << 20

    private let socket: FileDescriptor
    private var incoming: [UInt8] = []
    private(set) var outgoing: [UInt8] = []
    private(set) var isOver = false
    private var endsWhenFlushed = false
    var isWatching = false
    /// The container it is attached to.
    var attachment: String?

    init(_ socket: consuming FileDescriptor) { self.socket = socket }

    var number: Int32 { socket.rawValue }

    func send(_ value: JSONValue) { enqueue(value.serialized() + [0x0A]) }

    func send(_ channel: UInt8, _ bytes: [UInt8]) { enqueue(Self.frame(channel, bytes)) }

    static func frame(_ channel: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        let count = UInt32(bytes.count)
        return [channel] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32($0))) } + bytes
    }

    func finish() {
        endsWhenFlushed = true
        flush()
    }

    private func enqueue(_ bytes: [UInt8]) {
        outgoing += bytes
        if outgoing.count > Self.limit { isOver = true }
        flush()
    }

    func flush() {
        while !outgoing.isEmpty {
            let sent = outgoing.withUnsafeBytes {
                CLinux.send(
                    socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if sent < 0 {
                let errno = Errno.current
                if errno == .EINTR { continue }
                if errno != .EAGAIN { isOver = true }
                return
            }
            outgoing.removeFirst(sent)
        }
        if endsWhenFlushed { isOver = true }
    }

    func receive() {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while !isOver {
            let count = recv(socket.rawValue, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                incoming += chunk[..<count]
                if incoming.count > Self.limit { isOver = true }
                continue
            }
            if count < 0 {
                let errno = Errno.current
                if errno == .EINTR { continue }
                if errno == .EAGAIN { return }
            }
            isOver = true
        }
    }

    func nextLine() -> [UInt8]? {
        guard attachment == nil, let end = incoming.firstIndex(of: 0x0A) else { return nil }
        let line = Array(incoming[..<end])
        incoming.removeFirst(end + 1)
        return line
    }

    func nextFrame() -> (channel: UInt8, bytes: [UInt8])? {
        guard attachment != nil else { return nil }
        return Self.nextFrame(&incoming)
    }

    static func nextFrame(_ incoming: inout [UInt8]) -> (channel: UInt8, bytes: [UInt8])? {
        guard incoming.count >= 5 else { return nil }
        let length = incoming[1...4].reduce(0) { $0 << 8 | Int($1) }
        guard incoming.count >= 5 + length else { return nil }
        let frame = (incoming[0], Array(incoming[5..<(5 + length)]))
        incoming.removeFirst(5 + length)
        return frame
    }
}

/// Stream sockets with a name in the file system (unix(7)).
enum UnixSocket {
    static func listen(_ path: String) throws(SystemCallError) -> FileDescriptor {
        let socket = try Sockets.make(domain: AF_UNIX, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        try Sockets.bind(socket, to: try address(path))
        try FileSystem.setMode(path, 0o600)
        let number = socket.rawValue
        try retrying("listen", on: path) { CLinux.listen(number, 64) }
        return socket
    }

    static func connect(_ path: String) throws(SystemCallError) -> FileDescriptor {
        let socket = try Sockets.make(domain: AF_UNIX, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        let number = socket.rawValue
        var address = try address(path)
        try retrying("connect", on: path) {
            withUnsafePointer(to: &address) { clinux_connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        return socket
    }

    private static func address(_ path: String) throws(SystemCallError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            guard bytes.count < buffer.count else { return false }
            buffer.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw SystemCallError("bind", .ENAMETOOLONG, on: path) }
        return address
    }
}
