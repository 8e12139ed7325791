import Foundation
import LinuxHost
import Synchronization
import SystemCalls

/// Keeps other processes out of a directory as long as this one lives. The kernel gives the lock back when the process
/// dies, however it dies; the file beside it only names the holder for the message.
final class DirectoryHolder: Sendable {
    let directory: String
    private let lock: Mutex<FileLock?>

    /// Takes the directory, which is made (mode 0700: it holds keys) if missing.
    init(_ directory: String) throws(StoreFailure) {
        self.directory = directory
        do throws(SystemCallError) {
            try Directories.make(directory, mode: 0o700)
        } catch {
            throw .unavailable(path: directory, reason: "\(error)")
        }
        do throws(SystemCallError) {
            let lock = try FileLock.take("\(directory)/poplin.lock", patience: .zero)
            self.lock = Mutex(lock)
        } catch  where error.errno == .ETIMEDOUT {
            throw .busy(directory: directory, holder: Self.holder(of: directory))
        } catch {
            throw .unavailable(path: directory, reason: "\(error)")
        }
        do throws(SystemCallError) {
            try AtomicFile.write(
                Self.nameFile(directory), "\(ProcessInfo.processInfo.processIdentifier)\n".utf8, mode: 0o644)
        } catch {
            throw error.errno == .ENOSPC
                ? .full(path: directory) : .unavailable(path: directory, reason: "\(error)")
        }
    }

    func release() {
        lock.withLock { lock in
            guard let held = lock.take() else { return }
            // While the lock is still held: afterwards the file may be the next holder's.
            _ = try? AtomicFile.remove(Self.nameFile(directory))
            held.release()
        }
    }

    private static func nameFile(_ directory: String) -> String { "\(directory)/poplin.pid" }

    private static func holder(of directory: String) -> String {
        guard let bytes = try? AtomicFile.read(nameFile(directory)),
            let pid = Int32(String(decoding: bytes, as: UTF8.self).filter { $0.isNumber })
        else { return "another process" }
        return "process \(pid)"
    }
}
