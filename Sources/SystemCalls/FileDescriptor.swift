import CLinux

/// An open file that closes itself when its owner is gone (close(2)).
public struct FileDescriptor: ~Copyable, Sendable {
    public let rawValue: Int32

    /// Takes ownership of `rawValue`, which must be open and owned by nobody else.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    deinit { _ = CLinux.close(rawValue) }

    /// Hands the number over; the caller closes it from now on.
    public consuming func release() -> Int32 {
        let value = rawValue
        discard self
        return value
    }

    /// Opens `path` (openat(2)); `O_CLOEXEC` is always added, so that no child inherits it by accident.
    public static func open(
        _ path: String, _ flags: Int32, mode: UInt32 = 0, in directory: Int32 = AT_FDCWD
    ) throws(SystemCallError) -> FileDescriptor {
        let number = try retrying("open", on: path) {
            clinux_openat(directory, path, flags | O_CLOEXEC, mode)
        }
        return FileDescriptor(owning: number)
    }

    /// Another descriptor for the same open file (F_DUPFD_CLOEXEC).
    public borrowing func duplicate() throws(SystemCallError) -> FileDescriptor {
        let number = rawValue
        return FileDescriptor(owning: try retrying("fcntl") { clinux_fcntl_int(number, F_DUPFD_CLOEXEC, 3) })
    }

    /// Reads at most `buffer.count` bytes (read(2)); 0 is the end of the file.
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int {
        let number = rawValue
        return try retrying("read") { CLinux.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Everything up to the end of the file; more than `limit` bytes is EFBIG.
    public borrowing func readAll(limit: Int = 64 << 20) throws(SystemCallError) -> [UInt8] {
        var bytes: [UInt8] = []
        var capacity = 4096
        while true {
            let chunk = try chunk(capacity)
            if chunk.isEmpty { return bytes }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            if bytes.count > limit { throw SystemCallError("read", .EFBIG) }
            capacity = min(capacity * 2, 1 << 20)
        }
    }

    /// Reads to the end and keeps the last `limit` bytes; also how many came before them. Whoever reads a log wants what
    /// was said last, however long it is.
    public borrowing func readEnd(limit: Int) throws(SystemCallError) -> (bytes: [UInt8], skipped: Int) {
        var kept: [UInt8] = []
        var skipped = 0
        while true {
            let chunk = try chunk(1 << 20)
            kept += chunk
            // Not each time: that would move everything for every piece.
            if kept.count > (chunk.isEmpty ? limit : 2 * limit) {
                skipped += kept.count - limit
                kept.removeFirst(kept.count - limit)
            }
            if chunk.isEmpty { return (kept, skipped) }
        }
    }

    /// What one read(2) gives, at most `capacity` bytes; none at the end of the file.
    private borrowing func chunk(_ capacity: Int) throws(SystemCallError) -> [UInt8] {
        var failure: SystemCallError?
        let chunk = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
            do throws(SystemCallError) {
                initialized = try self.read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return chunk
    }

    /// Writes all of `bytes`, however many write(2) calls that takes.
    public borrowing func writeAll(_ bytes: some Collection<UInt8>) throws(SystemCallError) {
        let contiguous = ContiguousArray(bytes)
        let number = rawValue
        var offset = 0
        while offset < contiguous.count {
            offset += try contiguous.span.bytes.withUnsafeBytes { buffer throws(SystemCallError) in
                try retrying("write") {
                    CLinux.write(number, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                }
            }
        }
    }

    /// Flushes data and metadata to the device (fsync(2)).
    public borrowing func synchronize() throws(SystemCallError) {
        let number = rawValue
        try retrying("fsync") { fsync(number) }
    }

    /// What fstat(2) says of the open file.
    public borrowing func status() throws(SystemCallError) -> FileStatus {
        let number = rawValue
        var raw = stat()
        try retrying("fstat") { fstat(number, &raw) }
        return FileStatus(raw)
    }

    /// Takes (or with `LOCK_UN` gives back) an advisory lock on the open file (flock(2)); blocks unless `LOCK_NB`.
    public borrowing func lock(_ operation: Int32) throws(SystemCallError) {
        let number = rawValue
        try retrying("flock") { flock(number, operation) }
    }

    /// Cuts or extends the file to `length` bytes (ftruncate(2)).
    public borrowing func truncate(to length: Int) throws(SystemCallError) {
        let number = rawValue
        try retrying("ftruncate") { ftruncate(number, length) }
    }
}

/// The part of stat(2) that Poplin reads.
public struct FileStatus: Hashable, Sendable {
    /// Device and inode together name a file (or a namespace) on this machine.
    public let device: UInt64
    public let inode: UInt64
    /// Type and permission bits (`S_IFMT | 07777`).
    public let mode: UInt32
    /// Bytes.
    public let size: Int64
    public let links: UInt64
    /// Nanoseconds since the Epoch.
    public let modified: Int64

    init(_ raw: stat) {
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        mode = raw.st_mode
        size = Int64(raw.st_size)
        links = UInt64(raw.st_nlink)
        modified = Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)
    }

    public var isRegularFile: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
    public var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
    public var isSymbolicLink: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFLNK) }
    public var isExecutable: Bool { mode & 0o111 != 0 }
}
