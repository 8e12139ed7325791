import CLinux

/// The kernel's reason for refusing a system call: a positive errno value (errno(3)).
public struct Errno: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let EPERM = Errno(rawValue: CLinux.EPERM)
    public static let ENOENT = Errno(rawValue: CLinux.ENOENT)
    public static let ESRCH = Errno(rawValue: CLinux.ESRCH)
    public static let EINTR = Errno(rawValue: CLinux.EINTR)
    public static let EIO = Errno(rawValue: CLinux.EIO)
    public static let ENXIO = Errno(rawValue: CLinux.ENXIO)
    public static let EBADF = Errno(rawValue: CLinux.EBADF)
    public static let EAGAIN = Errno(rawValue: CLinux.EAGAIN)
    public static let ENOEXEC = Errno(rawValue: CLinux.ENOEXEC)
    public static let ENOMEM = Errno(rawValue: CLinux.ENOMEM)
    public static let EACCES = Errno(rawValue: CLinux.EACCES)
    public static let EFAULT = Errno(rawValue: CLinux.EFAULT)
    public static let EBUSY = Errno(rawValue: CLinux.EBUSY)
    public static let EEXIST = Errno(rawValue: CLinux.EEXIST)
    public static let EXDEV = Errno(rawValue: CLinux.EXDEV)
    public static let ENODEV = Errno(rawValue: CLinux.ENODEV)
    public static let ENOTDIR = Errno(rawValue: CLinux.ENOTDIR)
    public static let EISDIR = Errno(rawValue: CLinux.EISDIR)
    public static let EINVAL = Errno(rawValue: CLinux.EINVAL)
    public static let ENFILE = Errno(rawValue: CLinux.ENFILE)
    public static let EMFILE = Errno(rawValue: CLinux.EMFILE)
    public static let ETXTBSY = Errno(rawValue: CLinux.ETXTBSY)
    public static let EFBIG = Errno(rawValue: CLinux.EFBIG)
    public static let ENOSPC = Errno(rawValue: CLinux.ENOSPC)
    public static let EROFS = Errno(rawValue: CLinux.EROFS)
    public static let EPIPE = Errno(rawValue: CLinux.EPIPE)
    public static let ERANGE = Errno(rawValue: CLinux.ERANGE)
    public static let ENAMETOOLONG = Errno(rawValue: CLinux.ENAMETOOLONG)
    public static let ENOSYS = Errno(rawValue: CLinux.ENOSYS)
    public static let ENOTEMPTY = Errno(rawValue: CLinux.ENOTEMPTY)
    public static let ELOOP = Errno(rawValue: CLinux.ELOOP)
    public static let ENODATA = Errno(rawValue: CLinux.ENODATA)
    public static let ENOTSOCK = Errno(rawValue: CLinux.ENOTSOCK)
    public static let EOPNOTSUPP = Errno(rawValue: CLinux.EOPNOTSUPP)
    public static let EAFNOSUPPORT = Errno(rawValue: CLinux.EAFNOSUPPORT)
    public static let EADDRINUSE = Errno(rawValue: CLinux.EADDRINUSE)
    public static let EADDRNOTAVAIL = Errno(rawValue: CLinux.EADDRNOTAVAIL)
    public static let ENETDOWN = Errno(rawValue: CLinux.ENETDOWN)
    public static let ENETUNREACH = Errno(rawValue: CLinux.ENETUNREACH)
    public static let ENOBUFS = Errno(rawValue: CLinux.ENOBUFS)
    public static let ECONNRESET = Errno(rawValue: CLinux.ECONNRESET)
    public static let ENOTCONN = Errno(rawValue: CLinux.ENOTCONN)
    public static let ETIMEDOUT = Errno(rawValue: CLinux.ETIMEDOUT)
    public static let ECONNREFUSED = Errno(rawValue: CLinux.ECONNREFUSED)
    public static let EHOSTUNREACH = Errno(rawValue: CLinux.EHOSTUNREACH)
    public static let EALREADY = Errno(rawValue: CLinux.EALREADY)
    public static let ESTALE = Errno(rawValue: CLinux.ESTALE)

    /// The errno of the calling thread's last failed call. Read it at once: any later call may change it.
    package static var current: Errno { Errno(rawValue: clinux_errno()) }

    /// The symbolic name, such as `EEXIST`; `errno 4242` for a number libc does not know.
    public var name: String {
        guard let text = strerrorname_np(rawValue) else { return "errno \(rawValue)" }
        return String(cString: text)
    }

    /// The C library's sentence in the C locale, such as `File exists`.
    public var message: String {
        guard let text = strerrordesc_np(rawValue) else { return "unknown error" }
        return String(cString: text)
    }

    public var description: String { "\(message) (\(name))" }
}

/// A system call that the kernel refused.
public struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call as section 2 of the manual names it, such as `openat`.
    public let operation: String
    public let errno: Errno
    /// What it was applied to: a path, an interface, a process.
    public let subject: String?

    public init(_ operation: String, _ errno: Errno, on subject: String? = nil) {
        self.operation = operation
        self.errno = errno
        self.subject = subject
    }

    public var description: String {
        if let subject { return "\(operation) \(subject): \(errno)" }
        return "\(operation): \(errno)"
    }
}

/// Runs a call that answers -1 on failure, again when a signal interrupted it.
///
/// EBADF and EFAULT are programming errors: going on would act on somebody else's descriptor or memory, so they trap.
@discardableResult
package func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ operation: String, on subject: @autoclosure () -> String? = nil, _ call: () -> Result
) throws(SystemCallError) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let errno = Errno.current
        if errno == .EINTR { continue }
        precondition(errno != .EBADF && errno != .EFAULT, "\(operation): \(errno.name)")
        throw SystemCallError(operation, errno, on: subject())
    }
}
