import CLinux
import SystemCalls

/// A listening TCP socket on 127.0.0.1, made here to be handed to another process.
public struct LoopbackListener: ~Copyable {
    public let socket: FileDescriptor
    public let port: Int

    private init(socket: consuming FileDescriptor, port: Int) {
        self.socket = socket
        self.port = port
    }

    /// Hands the socket's number over; the caller closes it from now on.
    public consuming func release() -> Int32 { socket.release() }

    /// Listens on `port`, or on a free one for 0. EADDRINUSE when it is taken.
    public static func listen(port: Int) throws(SystemCallError) -> LoopbackListener {
        let socket = try Sockets.make(domain: AF_INET, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        try Sockets.setOption(socket, level: SOL_SOCKET, name: SO_REUSEADDR, value: 1)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        do throws(SystemCallError) {
            try Sockets.bind(socket, to: address)
        } catch {
            throw SystemCallError(error.operation, error.errno, on: "127.0.0.1:\(port)")
        }
        let number = socket.rawValue
        try retrying("listen") { CLinux.listen(number, 1024) }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try retrying("getsockname") {
            withUnsafeMutableBytes(of: &address) { raw in
                getsockname(number, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
            }
        }
        return LoopbackListener(socket: socket, port: Int(UInt16(bigEndian: address.sin_port)))
    }
}
