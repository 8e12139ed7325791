import Foundation
import Glibc

/// One system call of a plugin's run, as strace(1) counts it: the `ordinal`-th call of that name.
struct SystemCallPoint: Sendable, Hashable, CustomStringConvertible {
    let name: String
    /// From 1: what `when=` of `strace -e inject` means.
    let ordinal: Int
    /// The arguments, shortened, for messages.
    let arguments: String

    var description: String { "\(name) #\(ordinal) (\(arguments.prefix(90)))" }

    /// Whether the call changes something that outlives the process: what a kill before it, or after it, could leave.
    /// Requests that only ask the kernel for something are counted too: telling them apart would need a decoder here.
    var isMutating: Bool {
        switch name {
        case "openat", "open":
            ["O_CREAT", "O_TMPFILE", "O_TRUNC", "O_WRONLY", "O_RDWR"].contains { arguments.contains($0) }
        case "write", "pwrite64", "writev", "sendto", "sendmsg", "link", "linkat", "rename", "renameat", "renameat2",
            "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "symlink", "symlinkat", "mount", "umount2", "unshare",
            "ftruncate", "fallocate", "chmod", "fchmod", "fchmodat", "chown", "fchown", "vfork", "clone", "clone3",
            "utimensat", "setxattr", "fsetxattr", "lsetxattr", "exit_group":
            true
        case "ioctl": arguments.contains("SIOC")
        default: false
        }
    }

    /// An error the kernel may really give for this call, or nil where none would make sense (memory, signals, time:
    /// the language's own start-up) or where the process cannot go on by design.
    var plausibleError: String? {
        switch name {
        case "openat", "open":
            arguments.contains("O_CREAT") || arguments.contains("O_TMPFILE")
                ? "ENOSPC" : isMutating ? "EPERM" : "EMFILE"
        case "write", "pwrite64", "writev": "ENOSPC"
        case "link", "linkat", "mkdir", "mkdirat", "symlink", "symlinkat", "rename", "renameat", "renameat2": "ENOSPC"
        case "unlink", "unlinkat", "rmdir", "ftruncate", "fsync", "read": "EIO"
        case "sendto", "sendmsg": "ENOMEM"
        case "recvfrom", "recvmsg": "ENOBUFS"
        case "socket": "EMFILE"
        case "setns", "unshare", "mount", "umount2", "ioctl", "setsockopt", "bind": "EPERM"
        case "flock": "ENOLCK"
        case "getdents64", "statfs", "fstatfs": "EIO"
        case "newfstatat", "fstat", "stat": "EACCES"
        case "pipe2", "vfork", "clone", "clone3": "EAGAIN"
        default: nil
        }
    }

    /// Calls that may wait, which a signal may interrupt at any time.
    var canBeInterrupted: Bool {
        [
            "openat", "open", "read", "write", "pwrite64", "sendto", "sendmsg", "recvfrom", "recvmsg", "flock", "poll",
            "ppoll", "fsync", "getrandom",
        ].contains(name)
    }
}

/// What is done to a plugin at a system call.
enum Fault: Sendable, Hashable {
    /// The process is killed before the call is carried out.
    case kill
    /// The call is not carried out and answers this errno.
    case error(String)

    func argument(at point: SystemCallPoint) -> String {
        switch self {
        case .kill: "inject=\(point.name):signal=KILL:when=\(point.ordinal)"
        case .error(let name): "inject=\(point.name):error=\(name):when=\(point.ordinal)"
        }
    }
}

/// Runs plugins under strace(1).
enum SystemCallTrace {
    static let strace = "/usr/bin/strace"
    static var isInstalled: Bool { access(strace, X_OK) == 0 }

    /// Every call in the file that `strace -o` wrote, in order.
    static func points(inTraceAt path: String) throws -> [SystemCallPoint] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var counts: [String: Int] = [:]
        var points: [SystemCallPoint] = []
        for line in text.split(separator: "\n") {
            guard let parenthesis = line.firstIndex(of: "("), line.first?.isLetter == true else { continue }
            let name = String(line[..<parenthesis])
            counts[name, default: 0] += 1
            points.append(
                SystemCallPoint(
                    name: name, ordinal: counts[name, default: 1],
                    arguments: String(line[line.index(after: parenthesis)...])))
        }
        return points
    }

    /// The program in front of a plugin's that records its calls in `path`.
    static func recording(to path: String) -> [String] { [strace, "-qq", "-s", "80", "-o", path] }

    /// The program in front of a plugin's that does `fault` at `point`. The calls up to there go to `path`, so that a
    /// fault that was not reached (this run took another way) can be told.
    static func injecting(_ fault: Fault, at point: SystemCallPoint, to path: String) -> [String] {
        [strace, "-qq", "-s", "0", "-o", path, "-e", "trace=\(point.name)", "-e", fault.argument(at: point)]
    }

    /// Whether the call that was made to fail in an injecting run was a write to standard output. Told by the run
    /// itself: what an earlier one left (a setting in the pod) can make it take fewer calls than were recorded.
    static func wasPrinting(inTraceAt path: String) -> Bool {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").contains { $0.hasPrefix("write(1,") && $0.contains("(INJECTED)") }
    }

    /// Whether the trace of an injecting run shows the fault.
    static func wasReached(_ fault: Fault, inTraceAt path: String) -> Bool {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        switch fault {
        case .kill: return text.contains("+++ killed by SIGKILL +++")
        case .error: return text.contains("(INJECTED)")
        }
    }
}
