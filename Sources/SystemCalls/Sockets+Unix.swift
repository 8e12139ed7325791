import CLinux

extension Sockets {
    /// The longest path a unix socket can have, in bytes: `sun_path` with its final zero (linux/un.h).
    public static let longestUnixPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Connects to the unix socket at `path` (connect(2), unix(7)). ENOENT: nobody made it; ECONNREFUSED: whoever made
    /// it is gone; EAGAIN of a non-blocking socket: its backlog is full; ENAMETOOLONG: the path does not fit.
    public static func connect(
        _ descriptor: borrowing FileDescriptor, toUnixPath path: String
    ) throws(SystemCallError) {
        guard path.utf8.count <= longestUnixPath else { throw SystemCallError("connect", .ENAMETOOLONG, on: path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let number = descriptor.rawValue
        try retrying("connect", on: path) {
            withUnsafePointer(to: &address) { clinux_connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    /// Waits until something can be written (poll(2)); false when `milliseconds` went by first.
    public static func waitWritable(
        _ descriptor: borrowing FileDescriptor, milliseconds: Int32
    ) throws(SystemCallError) -> Bool {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
        return try retrying("poll") { poll(&entry, 1, milliseconds) } > 0
    }
}

/// A moment on the monotonic clock by which something must have happened.
public struct Deadline: Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    private let moment: UInt64

    /// - Parameter milliseconds: from now.
    public init(milliseconds: Int) { moment = Self.now + UInt64(clamping: milliseconds) * 1_000_000 }

    /// Milliseconds that are left, at least one; nil when it is over. Fit for poll(2).
    public var remaining: Int32? {
        let now = Self.now
        return now < moment ? Int32(clamping: (moment - now) / 1_000_000 + 1) : nil
    }

    private static var now: UInt64 {
        var time = timespec()
        // Fails only for a clock the kernel does not know.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
