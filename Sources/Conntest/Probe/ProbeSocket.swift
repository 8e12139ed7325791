import Addressing
import CLinux
import LinuxHost
import SystemCalls

/// A socket to one address, with a moment until which it waits.
struct ProbeSocket: ~Copyable {
    enum Failure: Error {
        case call(ProbeResult.Stage, Errno)
        case timedOut(ProbeResult.Stage)
    }

    private let descriptor: FileDescriptor
    private let family: IPFamily
    /// On the monotonic clock, nanoseconds.
    private let deadline: UInt64

    private init(_ descriptor: consuming FileDescriptor, _ family: IPFamily, deadline: UInt64) {
        self.descriptor = descriptor
        self.family = family
        self.deadline = deadline
    }

    /// A connected socket. UDP and ICMP sockets are connected too, so that errors of the path come back to them.
    static func connected(
        to address: IPAddress, port: UInt16, type: Int32, protocol: Int32 = 0, deadline: UInt64
    ) throws(Failure) -> ProbeSocket {
        let domain = address.family == .v4 ? AF_INET : AF_INET6
        let descriptor: FileDescriptor
        do {
            descriptor = try Sockets.make(
                domain: domain, type: type | Int32(SOCK_NONBLOCK.rawValue), protocol: `protocol`)
        } catch {
            throw .call(.open, error.errno)
        }
        let socket = ProbeSocket(descriptor, address.family, deadline: deadline)
        try socket.connect(to: address, port)
        return socket
    }

    private borrowing func connect(to address: IPAddress, _ port: UInt16) throws(Failure) {
        let number = descriptor.rawValue
        do {
            try SocketName(address, port).withPointer { (pointer, length) throws(SystemCallError) in
                _ = try retrying("connect") { clinux_connect(number, pointer, length) }
            }
        } catch {
            guard error.errno.name == "EINPROGRESS" else { throw .call(.connect, error.errno) }
            try wait(POLLOUT, .connect)
            let pending = option(SOL_SOCKET, SO_ERROR)
            if pending != 0 { throw .call(.connect, Errno(rawValue: pending)) }
        }
    }

    private borrowing func wait(_ events: Int32, _ stage: ProbeResult.Stage) throws(Failure) {
        let now = Clock.monotonic()
        guard now < deadline else { throw .timedOut(stage) }
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(events), revents: 0)
        let milliseconds = Int32(min((deadline - now) / 1_000_000 + 1, 600_000))
        do {
            let ready = try retrying("poll") { poll(&entry, 1, milliseconds) }
            if ready == 0 { throw Failure.timedOut(stage) }
        } catch let failure as Failure {
            throw failure
        } catch let error as SystemCallError {
            throw .call(stage, error.errno)
        } catch {
            throw .timedOut(stage)
        }
    }

    borrowing func send(_ bytes: [UInt8]) throws(Failure) {
        var start = 0
        while start < bytes.count {
            do {
                start += try bytes.withUnsafeBytes { buffer in
                    Result { () throws(SystemCallError) in
                        try Sockets.send(descriptor, UnsafeRawBufferPointer(rebasing: buffer[start...]))
                    }
                }.get()
            } catch {
                guard error.errno == .EAGAIN else { throw .call(.send, error.errno) }
                try wait(POLLOUT, .send)
            }
        }
    }

    /// The next piece or datagram; empty when the other side has ended the stream.
    borrowing func receive(_ size: Int) throws(Failure) -> [UInt8] {
        while true {
            var bytes = [UInt8](repeating: 0, count: size)
            do {
                let count = try bytes.withUnsafeMutableBytes { buffer in
                    Result { () throws(SystemCallError) in try Sockets.receive(descriptor, into: buffer) }
                }.get()
                if let count { return Array(bytes.prefix(count)) }
            } catch {
                throw .call(.receive, error.errno)
            }
            try wait(POLLIN, .receive)
        }
    }

    // MARK: The path

    /// The MTU of the route as the kernel knows it now; 0 when it does not.
    var mtu: Int { Int(family == .v4 ? option(Int32(IPPROTO_IP), IP_MTU) : option(Int32(IPPROTO_IPV6), IPV6_MTU)) }

    /// Packets that are too large are refused (DF), or cut to pieces.
    borrowing func allowFragments(_ isAllowed: Bool) throws(Failure) {
        do {
            if family == .v4 {
                try Sockets.setOption(
                    descriptor, level: Int32(IPPROTO_IP), name: IP_MTU_DISCOVER,
                    value: isAllowed ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO)
            } else {
                try Sockets.setOption(
                    descriptor, level: Int32(IPPROTO_IPV6), name: IPV6_MTU_DISCOVER,
                    value: isAllowed ? IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_DO)
            }
        } catch {
            throw .call(.open, error.errno)
        }
    }

    private borrowing func option(_ level: Int32, _ name: Int32) -> Int32 {
        var bytes = [UInt8](repeating: 0, count: 4)
        guard (try? Sockets.option(descriptor, level: level, name: name, into: &bytes)) != nil, bytes.count == 4 else {
            return 0
        }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
    }
}

/// An address and a port as the kernel takes them.
struct SocketName {
    let address: IPAddress
    let port: UInt16

    init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    func withPointer<Answer>(
        _ body: (UnsafeRawPointer, socklen_t) throws(SystemCallError) -> Answer
    ) throws(SystemCallError) -> Answer {
        // struct sockaddr_in: family, port, address, 8 bytes of nothing. struct sockaddr_in6: family, port, flow label,
        // address, scope.
        var bytes: [UInt8] = []
        let family = UInt16(address.family == .v4 ? AF_INET : AF_INET6)
        withUnsafeBytes(of: family) { bytes += $0 }
        bytes += [UInt8(port >> 8), UInt8(port & 0xFF)]
        if address.family == .v6 { bytes += [0, 0, 0, 0] }
        bytes += address.bytes
        bytes += [UInt8](repeating: 0, count: address.family == .v4 ? 8 : 4)
        let length = socklen_t(bytes.count)
        return try bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemCallError) in
                guard let start = buffer.baseAddress else { throw SystemCallError("connect", .EINVAL) }
                return try body(start, length)
            }
        }.get()
    }

    /// From what accept(2) or recvfrom(2) filled in.
    init?(_ storage: sockaddr_storage) {
        let bytes = withUnsafeBytes(of: storage) { Array($0) }
        port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        switch Int32(storage.ss_family) {
        case AF_INET:
            guard let address = IPAddress(bytes: bytes[4..<8]) else { return nil }
            self.address = address
        case AF_INET6:
            guard let address = IPAddress(bytes: bytes[8..<24]) else { return nil }
            self.address = address.unmapped
        default: return nil
        }
    }
}
