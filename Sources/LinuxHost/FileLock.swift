import CLinux
import SystemCalls

/// An advisory lock on a file (flock(2)), held until its owner is gone. The kernel gives it back when the process
/// dies, so a kill never leaves it held.
///
/// flock(2) has no deadline, and a signal that would interrupt it belongs to the program, not to a library. So the
/// wait is a poll that starts at 100 µs (critical sections here take less) and slows to 5 ms.
public struct FileLock: ~Copyable, Sendable {
    let file: FileDescriptor

    public enum Mode: Sendable {
        case exclusive
        case shared
    }

    /// Takes the lock on `path`, which is made (mode 0600) if missing. ETIMEDOUT when others hold it for longer
    /// than `patience`.
    ///
    /// A lock file that was removed and made again by somebody else is a different lock: after the wait the name is
    /// looked up again, and if it no longer means the locked file, the new one is locked instead.
    public static func take(
        _ path: String, _ mode: Mode = .exclusive, patience: Duration = .seconds(30)
    ) throws(SystemCallError) -> FileLock {
        let deadline = Clock.monotonic() + patience.nanoseconds
        while true {
            let file = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
            try wait(for: file, mode, path: path, until: deadline)
            if try isStillNamed(path, file) { return FileLock(file: file) }
        }
    }

    /// As `take`, on a directory, which must exist.
    public static func takeDirectory(
        _ path: String, _ mode: Mode = .exclusive, patience: Duration = .seconds(30)
    ) throws(SystemCallError) -> FileLock {
        let deadline = Clock.monotonic() + patience.nanoseconds
        while true {
            let file = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
            try wait(for: file, mode, path: path, until: deadline)
            if try isStillNamed(path, file) { return FileLock(file: file) }
        }
    }

    /// Gives the lock back now, where the end of its owner's scope would be too late or does not show.
    public consuming func release() {}

    /// Closing alone would not do: a process that was forked meanwhile and has not yet executed its program still has
    /// the open file, and with it the lock (flock(2): a lock belongs to the open file description).
    deinit {
        try? file.lock(LOCK_UN)
    }

    private static func wait(
        for file: borrowing FileDescriptor, _ mode: Mode, path: String, until deadline: UInt64
    ) throws(SystemCallError) {
        let operation = (mode == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB
        var pause: UInt64 = 100_000
        while true {
            do throws(SystemCallError) {
                return try file.lock(operation)
            } catch  where error.errno == .EAGAIN {
                let now = Clock.monotonic()
                guard now < deadline else { throw SystemCallError("flock", .ETIMEDOUT, on: path) }
                Clock.sleep(nanoseconds: min(pause, deadline - now))
                pause = min(pause * 2, 5_000_000)
            }
        }
    }

    private static func isStillNamed(
        _ path: String, _ file: borrowing FileDescriptor
    ) throws(SystemCallError) -> Bool {
        let held = try file.status()
        do {
            let named = try FileSystem.status(path)
            return named.device == held.device && named.inode == held.inode
        } catch  where error.errno == .ENOENT {
            return false
        }
    }
}
