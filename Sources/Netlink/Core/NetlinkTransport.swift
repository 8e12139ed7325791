import CLinux
import SystemCalls

/// What carries datagrams to the kernel and back: a socket, or in tests a fake that plays bytes.
public protocol NetlinkTransport: AnyObject {
    /// Sends one datagram. The kernel has done the work when this returns: netlink runs in the sender's call.
    func send(_ datagram: UnsafeRawBufferPointer) throws(SystemCallError)

    /// Receives one datagram; nil when none is waiting. The answer is the datagram's length, which may exceed the
    /// buffer's.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int?

    /// Waits until a datagram is there; false when `milliseconds` went by first.
    func wait(milliseconds: Int32) throws(SystemCallError) -> Bool

    /// Listens to a multicast group (NETLINK_ADD_MEMBERSHIP).
    func join(group: UInt32) throws(SystemCallError)

    /// Makes room for `bytes` in either direction, when less is there.
    func reserve(bytes: Int) throws(SystemCallError)
}

/// A netlink socket of the kernel (netlink(7)).
final class KernelTransport: NetlinkTransport {
    private let descriptor: FileDescriptor
    /// SO_SNDBUF and SO_RCVBUF of a new socket (net.core.wmem_default).
    private var room = 200_000

    /// Opens a socket in the calling thread's network namespace.
    ///
    /// It is not bound: the kernel picks a port at the first send. A port of our own choice, such as the process
    /// id, is taken as soon as a process has two sockets.
    init(protocol: Int32) throws(SystemCallError) {
        descriptor = try Sockets.make(domain: AF_NETLINK, type: Int32(SOCK_RAW.rawValue), protocol: `protocol`)
        // Since Linux 4.12; an older kernel answers without the sentence.
        set(NETLINK_EXT_ACK)
        // Since Linux 4.3: errors do not carry the whole request back.
        set(NETLINK_CAP_ACK)
        // Since Linux 4.20: dumps are filtered by the kernel and malformed requests are refused, not guessed at.
        if `protocol` == NETLINK_ROUTE { set(NETLINK_GET_STRICT_CHK) }
    }

    private func set(_ option: Int32) {
        try? Sockets.setOption(descriptor, level: SOL_NETLINK, name: option, value: 1)
    }

    func send(_ datagram: UnsafeRawBufferPointer) throws(SystemCallError) {
        try Sockets.send(descriptor, datagram)
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int? {
        try Sockets.receive(descriptor, into: buffer, flags: Int32(MSG_DONTWAIT | MSG_TRUNC))
    }

    func wait(milliseconds: Int32) throws(SystemCallError) -> Bool {
        try Sockets.waitReadable(descriptor, milliseconds: milliseconds)
    }

    func join(group: UInt32) throws(SystemCallError) {
        // Now it needs a port: the kernel sends its events from port 0 and leaves out sockets that have the sender's
        // port, which an unbound one has (net/netlink/af_netlink.c, do_one_broadcast).
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        do throws(SystemCallError) {
            try Sockets.bind(descriptor, to: address)
        } catch {
            // It has one, from a request or an earlier group.
            if error.errno != .EINVAL { throw error }
        }
        try Sockets.setOption(
            descriptor, level: SOL_NETLINK, name: NETLINK_ADD_MEMBERSHIP, value: Int32(bitPattern: group))
    }

    func reserve(bytes: Int) throws(SystemCallError) {
        guard bytes > room else { return }
        let value = Int32(clamping: bytes)
        // The FORCE options pass net.core.{r,w}mem_max and need CAP_NET_ADMIN, which rtnetlink needs anyway.
        try Sockets.setOption(descriptor, level: SOL_SOCKET, name: SO_SNDBUFFORCE, value: value)
        try Sockets.setOption(descriptor, level: SOL_SOCKET, name: SO_RCVBUFFORCE, value: value)
        room = bytes
    }
}
