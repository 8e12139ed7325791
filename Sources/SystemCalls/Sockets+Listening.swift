import CLinux

/// Listening sockets that another process handed over by number: the number may be anything.
extension Sockets {
    /// Where a socket is bound (getsockname(2)).
    public struct Name: Hashable, Sendable {
        /// 4 or 16 bytes in network order; none of another family.
        public var address: [UInt8]
        /// In host order.
        public var port: UInt16
    }

    /// Takes over a TCP socket that listens (SO_PROTOCOL and SO_ACCEPTCONN of socket(7)); it gets another number,
    /// close-on-exec. A number that is not open is EBADF, one that is no socket ENOTSOCK, another socket EINVAL: those
    /// stay as they are.
    public static func adoptListener(_ number: Int32) throws(SystemCallError) -> FileDescriptor {
        // Not `retrying`, for which a bad number is a mistake of our own.
        let copy = clinux_fcntl_int(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemCallError("fcntl", .current) }
        let descriptor = FileDescriptor(owning: copy)
        guard try value(SO_PROTOCOL, of: descriptor) == Int32(IPPROTO_TCP),
            try value(SO_ACCEPTCONN, of: descriptor) == 1
        else { throw SystemCallError("accept", .EINVAL) }
        _ = CLinux.close(number)
        return descriptor
    }

    private static func value(_ option: Int32, of descriptor: borrowing FileDescriptor) throws(SystemCallError) -> Int32
    {
        var buffer = [UInt8](repeating: 0, count: MemoryLayout<Int32>.size)
        try self.option(descriptor, level: SOL_SOCKET, name: option, into: &buffer)
        return buffer.withUnsafeBytes { $0.count >= 4 ? $0.loadUnaligned(as: Int32.self) : 0 }
    }

    public static func name(of descriptor: borrowing FileDescriptor) throws(SystemCallError) -> Name {
        let number = descriptor.rawValue
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        try retrying("getsockname") {
            withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &length) }
            }
        }
        let bytes = withUnsafeBytes(of: storage) { Array($0) }
        // sin_port and sin6_port are bytes 2 and 3; then sin_addr, or sin6_flowinfo and sin6_addr (netinet/in.h).
        let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        switch Int32(storage.ss_family) {
        case AF_INET: return Name(address: Array(bytes[4..<8]), port: port)
        case AF_INET6: return Name(address: Array(bytes[8..<24]), port: port)
        default: return Name(address: [], port: 0)
        }
    }
}
