import CLinux

extension FileSystem {
    /// Sets when the content last changed, and leaves the time of the last access alone (utimensat(2)).
    ///
    /// - Parameter modified: nanoseconds since the Epoch.
    public static func setModified(_ path: String, _ modified: Int64) throws(SystemCallError) {
        let times = [
            timespec(tv_sec: 0, tv_nsec: clinux_utime_omit()),
            timespec(tv_sec: Int(modified / 1_000_000_000), tv_nsec: Int(modified % 1_000_000_000)),
        ]
        try retrying("utimensat", on: path) { utimensat(AT_FDCWD, path, times, 0) }
    }

    /// Whether the process may do what `mode` says (`R_OK`, `W_OK`, `X_OK`), by its effective identity (faccessat(2)).
    public static func access(_ path: String, _ mode: Int32) throws(SystemCallError) {
        try retrying("faccessat", on: path) { faccessat(AT_FDCWD, path, mode, AT_EACCESS) }
    }
}
