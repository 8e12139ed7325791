/// Why the store could not do what was asked. None of these is the fault of the object.
public enum StoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The change log no longer reaches back to `requested`: list again (410 Expired).
    case expired(requested: Revision, oldest: Revision)
    /// A revision that does not exist yet (504 Timeout, "Too large resource version").
    case future(requested: Revision, current: Revision)
    /// A continue token that is none of ours, or of another list (400).
    case invalidContinueToken(String)
    /// No space left for the database (507). Nothing was written; what was acknowledged before is safe.
    case full(path: String)
    /// The database file is damaged (500).
    case corrupt(path: String, reason: String)
    /// The file was written by a newer Poplin.
    case newer(path: String, version: Int, supported: Int)
    /// Another process has the directory.
    case busy(directory: String, holder: String)
    /// The store is being closed (503).
    case closed
    /// Anything else the file system or SQLite says (500).
    case unavailable(path: String, reason: String)

    public var description: String {
        switch self {
        case .expired(let requested, let oldest):
            "too old resource version: \(requested) (\(oldest))"
        case .future(let requested, let current):
            "Too large resource version: \(requested), current: \(current)"
        case .invalidContinueToken(let reason): "continue key is not valid: \(reason)"
        case .full(let path):
            "no space left on the device of \(path): nothing was written; free some space and try again"
        case .corrupt(let path, let reason):
            "the database \(path) is damaged (\(reason)): move it away and restore a copy, or save what can be read "
                + "with `sqlite3 \(path) .recover`; without the file the server starts empty"
        case .newer(let path, let version, let supported):
            "the database \(path) has format \(version), this Poplin knows up to \(supported): use the newer Poplin"
        case .busy(let directory, let holder):
            "\(directory) is in use by \(holder): one server per directory; stop it, or choose another --dir"
        case .closed: "the server is shutting down"
        case .unavailable(let path, let reason): "cannot use the database \(path): \(reason)"
        }
    }
}

/// How a write can fail: by the caller's own decision, or by the store.
public enum WriteFailure<Refusal: Error>: Error {
    case refused(Refusal)
    case store(StoreFailure)
}
