import CLinux

/// Socket system calls on a descriptor. Protocol knowledge (netlink's ports and sequence numbers) lives above.
public enum Sockets {
    /// A socket (socket(2)), close-on-exec.
    public static func make(domain: Int32, type: Int32, protocol: Int32) throws(SystemCallError) -> FileDescriptor {
        FileDescriptor(
            owning: try retrying("socket") { socket(domain, type | Int32(SOCK_CLOEXEC.rawValue), `protocol`) })
    }

    /// Binds to `address`, any of the `sockaddr_*` structures (bind(2)).
    public static func bind<Address: BitwiseCopyable>(
        _ descriptor: borrowing FileDescriptor, to address: Address
    ) throws(SystemCallError) {
        let number = descriptor.rawValue
        var address = address
        try retrying("bind") {
            withUnsafePointer(to: &address) { clinux_bind(number, $0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }

    /// Sets an option whose value is one `Int32` (setsockopt(2)).
    public static func setOption(
        _ descriptor: borrowing FileDescriptor, level: Int32, name: Int32, value: Int32
    ) throws(SystemCallError) {
        let number = descriptor.rawValue
        var value = value
        try retrying("setsockopt") { setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) }
    }

    /// Sends one datagram (send(2)); answers how many bytes went out.
    @discardableResult
    public static func send(
        _ descriptor: borrowing FileDescriptor, _ bytes: UnsafeRawBufferPointer, flags: Int32 = 0
    ) throws(SystemCallError) -> Int {
        let number = descriptor.rawValue
        return try retrying("send") {
            CLinux.send(number, bytes.baseAddress, bytes.count, flags | Int32(MSG_NOSIGNAL))
        }
    }

    /// Receives one datagram (recv(2)). With `MSG_TRUNC` the answer is the datagram's full length, which may be
    /// more than the buffer holds. Nil when a non-blocking socket has nothing (EAGAIN).
    public static func receive(
        _ descriptor: borrowing FileDescriptor, into buffer: UnsafeMutableRawBufferPointer, flags: Int32 = 0
    ) throws(SystemCallError) -> Int? {
        let number = descriptor.rawValue
        do {
            return try retrying("recv") { recv(number, buffer.baseAddress, buffer.count, flags) }
        } catch  where error.errno == .EAGAIN {
            return nil
        }
    }

    /// Waits until something can be read (poll(2)); false when `milliseconds` went by first. A signal starts the
    /// wait anew.
    public static func waitReadable(
        _ descriptor: borrowing FileDescriptor, milliseconds: Int32
    ) throws(SystemCallError) -> Bool {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        return try retrying("poll") { poll(&entry, 1, milliseconds) } > 0
    }
}

extension Sockets {
    /// Reads an option (getsockopt(2)) into `buffer`, which is cut to what the kernel filled.
    public static func option(
        _ descriptor: borrowing FileDescriptor, level: Int32, name: Int32, into buffer: inout [UInt8]
    ) throws(SystemCallError) {
        let number = descriptor.rawValue
        var length = socklen_t(buffer.count)
        try retrying("getsockopt") { getsockopt(number, level, name, &buffer, &length) }
        buffer.removeLast(buffer.count - Int(length))
    }
}
