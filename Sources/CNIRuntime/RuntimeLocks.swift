import CNI
import LinuxHost
import SystemCalls

/// The exclusions the specification asks of a runtime: no two operations on one container at a time, and no GC of a
/// network beside anything else on it. They hold between runtimes that share a cache directory through Poplin.
struct RuntimeLocks: Sendable {
    let directory: String
    var patience: Duration

    /// Holds the network against GC, and the container against everybody, while `body` runs.
    func holding<R>(
        network: String, container: String, _ body: () throws(CNIError) -> R
    ) throws(CNIError) -> R {
        try prepare()
        let shared = try take(networkPath(network), .shared)
        let path = "\(directory)/container-\(container)"
        let own = try take(path, .exclusive)
        let answer: Result<R, CNIError>
        do throws(CNIError) { answer = .success(try body()) } catch { answer = .failure(error) }
        // Removed while it is held: who waits for it looks the name up again (see FileLock).
        _ = try? FileSystem.unlink(path)
        own.release()
        shared.release()
        return try answer.get()
    }

    /// Holds the network against everything while `body` runs.
    func holdingAll<R>(of network: String, _ body: () throws(CNIError) -> R) throws(CNIError) -> R {
        try prepare()
        let lock = try take(networkPath(network), .exclusive)
        let answer: Result<R, CNIError>
        do throws(CNIError) { answer = .success(try body()) } catch { answer = .failure(error) }
        lock.release()
        return try answer.get()
    }

    private func networkPath(_ network: String) -> String { "\(directory)/network-\(network)" }

    private func prepare() throws(CNIError) {
        do throws(SystemCallError) {
            try Directories.make(directory, mode: 0o700)
        } catch {
            throw CNIError(error, during: "the cache directory cannot be used")
        }
    }

    private func take(_ path: String, _ mode: FileLock.Mode) throws(CNIError) -> FileLock {
        do throws(SystemCallError) {
            return try FileLock.take(path, mode, patience: patience)
        } catch  where error.errno == .ETIMEDOUT {
            throw CNIError(
                .tryAgainLater, "another operation has held \(path) for \(patience.inWords)",
                details: "find out which: fuser -v \(path)")
        } catch {
            throw CNIError(error, during: "the lock cannot be taken")
        }
    }
}
