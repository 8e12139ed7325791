import CLinux
import SystemCalls

/// A network namespace held open. It lives at least as long as this value, whatever happens to its name.
public struct NetworkNamespace: ~Copyable, Sendable {
    /// The open namespace file; netlink opens its sockets through it.
    public let descriptor: FileDescriptor
    public let identity: Identity

    /// What makes a namespace the same one under another name.
    public struct Identity: Hashable, Sendable, CustomStringConvertible {
        public let device: UInt64
        public let inode: UInt64

        /// As `readlink /proc/PID/ns/net` shows it.
        public var description: String { "net:[\(inode)]" }
    }

    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Nothing has that name: the namespace is gone, or was never there.
        case missing(path: String)
        /// Something else has that name; `found` says what.
        case notANetworkNamespace(path: String, found: String)
        case refused(SystemCallError)

        public var description: String {
            switch self {
            case .missing(let path): "\(path): no such network namespace"
            case .notANetworkNamespace(let path, let found): "\(path) is not a network namespace but \(found)"
            case .refused(let error): "\(error)"
            }
        }

        /// The namespace is gone, which is success for whoever wanted to clean it.
        public var meansGone: Bool {
            if case .missing = self { return true }
            return false
        }
    }

    private init(descriptor: consuming FileDescriptor, identity: Identity) {
        self.descriptor = descriptor
        self.identity = identity
    }

    /// Opens the namespace that `path` names: a bind mount below /run/netns, `/proc/PID/ns/net`, or a runtime's own.
    public static func open(_ path: String) throws(Failure) -> NetworkNamespace {
        let file: FileDescriptor
        do throws(SystemCallError) {
            // O_NONBLOCK: a FIFO of that name would wait for a writer for ever.
            file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        } catch  where error.errno == .ENOENT || error.errno == .ENOTDIR {
            throw .missing(path: path)
        } catch  where error.errno == .ENXIO {
            throw .notANetworkNamespace(path: path, found: "a socket or a device")
        } catch {
            throw .refused(error)
        }
        let status: FileStatus
        let kind: Int32?
        do throws(SystemCallError) {
            status = try file.status()
            kind = try namespaceKind(of: file)
        } catch {
            throw .refused(error)
        }
        guard let kind else { throw .notANetworkNamespace(path: path, found: describe(status)) }
        guard kind == CLONE_NEWNET else {
            throw .notANetworkNamespace(path: path, found: "a \(name(ofKind: kind)) namespace")
        }
        return NetworkNamespace(
            descriptor: file, identity: Identity(device: status.device, inode: status.inode))
    }

    /// The namespace the calling thread is in.
    public static func current() throws(Failure) -> NetworkNamespace {
        try open("/proc/thread-self/ns/net")
    }

    /// A new namespace without a name: it ends with the last value, process or socket that holds it.
    public static func anonymous() throws(Failure) -> NetworkNamespace {
        let home = try current()
        do { try Namespaces.unshare(CLONE_NEWNET) } catch { throw .refused(error) }
        defer { home.enterOrAbort() }
        return try current()
    }

    public borrowing func isSame(as other: borrowing NetworkNamespace) -> Bool { identity == other.identity }

    /// Whether the calling thread is in this namespace.
    public borrowing func isCurrent() throws(Failure) -> Bool { identity == (try NetworkNamespace.current()).identity }

    /// Runs `body` with the calling thread in this namespace, and goes back. `body` must not suspend or hop threads.
    /// A thread that cannot go back would do the rest of its work in somebody's container, so the process aborts.
    public borrowing func run<Result: ~Copyable, Problem: Error>(
        _ body: () throws(Problem) -> Result
    ) throws(RunFailure<Problem>) -> Result {
        let home: NetworkNamespace
        do throws(Failure) { home = try NetworkNamespace.current() } catch { throw .namespace(error) }
        return try run(returningTo: home, body)
    }

    /// As `run`, for callers that hold the namespace they are in.
    public borrowing func run<Result: ~Copyable, Problem: Error>(
        returningTo home: borrowing NetworkNamespace, _ body: () throws(Problem) -> Result
    ) throws(RunFailure<Problem>) -> Result {
        do throws(SystemCallError) {
            try Namespaces.enter(descriptor, kind: CLONE_NEWNET)
        } catch {
            throw .namespace(.refused(error))
        }
        defer { home.enterOrAbort() }
        do throws(Problem) { return try body() } catch { throw .body(error) }
    }

    /// Which of the two failed: the way into the namespace, or what was to be done there.
    public enum RunFailure<Problem: Error>: Error, CustomStringConvertible {
        case namespace(Failure)
        case body(Problem)

        public var description: String {
            switch self {
            case .namespace(let failure): "\(failure)"
            case .body(let problem): "\(problem)"
            }
        }
    }

    borrowing func enterOrAbort() {
        do {
            try Namespaces.enter(descriptor, kind: CLONE_NEWNET)
        } catch {
            fatalError("cannot return to network namespace \(identity): \(error)")
        }
    }

    /// The `CLONE_NEW...` flag of an open namespace file, or nil for a file that is none (NS_GET_NSTYPE, Linux 4.11).
    private static func namespaceKind(of file: borrowing FileDescriptor) throws(SystemCallError) -> Int32? {
        let number = file.rawValue
        var raw = statfs()
        try retrying("fstatfs") { fstatfs(number, &raw) }
        guard Int(raw.f_type) == Int(NSFS_MAGIC) else { return nil }
        return try retrying("ioctl NS_GET_NSTYPE") { clinux_ns_get_nstype(number) }
    }

    private static func describe(_ status: FileStatus) -> String {
        switch status.mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): status.size == 0 ? "an empty file" : "a regular file"
        case UInt32(S_IFDIR): "a directory"
        case UInt32(S_IFIFO): "a FIFO"
        case UInt32(S_IFSOCK): "a socket"
        default: "a device"
        }
    }

    private static func name(ofKind kind: Int32) -> String {
        switch kind {
        case CLONE_NEWNS: "mount"
        case CLONE_NEWUTS: "UTS"
        case CLONE_NEWIPC: "IPC"
        case CLONE_NEWPID: "PID"
        case CLONE_NEWUSER: "user"
        case CLONE_NEWCGROUP: "cgroup"
        default: "kind 0x\(String(kind, radix: 16))"
        }
    }
}
