import CLinux
import Findings
import LinuxHost
import SystemCalls

/// One agent on a node: a lock the kernel gives back when the process is gone, however it went. The file names who has
/// it.
struct NodeLock: ~Copyable {
    private let lock: FileLock

    static func take(directory: String) throws(AgentFault) -> NodeLock {
        let path = "\(directory)/agent.lock"
        let lock = try lock(path, in: directory)
        do throws(SystemCallError) {
            // In place: a new file of this name would be another lock.
            let file = try FileDescriptor.open(path, O_WRONLY)
            try file.truncate(to: 0)
            try file.writeAll("\(getpid())\n".utf8)
        } catch {
            throw AgentFault(Finding(code: "AGT-01", "cannot write who holds the lock: \(error)"))
        }
        return NodeLock(lock: lock)
    }

    private static func lock(_ path: String, in directory: String) throws(AgentFault) -> FileLock {
        do throws(SystemCallError) {
            try Directories.make(directory)
            return try FileLock.take(path, patience: .zero)
        } catch {
            guard error.errno == .ETIMEDOUT else {
                throw AgentFault(Finding(code: "AGT-01", "the lock of the node's agent: \(error)"))
            }
            let holder = holder(path)
            throw AgentFault(
                Finding(
                    code: "AGT-01", "another agent runs on this node" + (holder.map { ": process \($0)" } ?? ""),
                    because: ["it holds the lock \(path)"],
                    next: "stop it first, or see with `ps -p \(holder ?? "PID")` what it is"))
        }
    }

    private static func holder(_ path: String) -> String? {
        guard let bytes = try? AtomicFile.read(path, limit: 64) else { return nil }
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }
}
