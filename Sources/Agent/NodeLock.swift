import CLinux
import Findings
import LinuxHost
import SystemCalls

/// One agent on a node: a lock the kernel gives back when the process is gone, however it went. The file names who has
/// it: the process, and its pod, in whose own numbers the process is counted.
struct NodeLock: ~Copyable {
    private let lock: FileLock

    /// - Parameter pod: `NAMESPACE/NAME` of who takes it; empty outside of pods.
    static func take(directory: String, pod: String = "") throws(AgentFault) -> NodeLock {
        let path = "\(directory)/agent.lock"
        let lock = try lock(path, in: directory)
        do throws(SystemCallError) {
            // In place: a new file of this name would be another lock.
            let file = try FileDescriptor.open(path, O_WRONLY)
            try file.truncate(to: 0)
            try file.writeAll("\(getpid())\(pod.isEmpty ? "" : " \(pod)")\n".utf8)
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
            let (process, pod) = holder(path)
            let next =
                pod.map { "stop it first: it is the pod of a DaemonSet, see kubectl get pod \($0.slashed)" }
                ?? "stop it first, or see with `ps -p \(process ?? "PID")` what it is"
            throw AgentFault(
                Finding(
                    code: "AGT-01",
                    "another agent runs on this node"
                        + (pod.map { ": Pod \($0)" } ?? process.map { ": process \($0)" } ?? ""),
                    because: ["it holds the lock \(path)"], next: next))
        }
    }

    private static func holder(_ path: String) -> (process: String?, pod: String?) {
        guard let bytes = try? AtomicFile.read(path, limit: 512) else { return (nil, nil) }
        let words = bytes.prefix { $0 != UInt8(ascii: "\n") }.split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let process = words.first, process.allSatisfy(\.isNumber) else { return (nil, nil) }
        return (process, words.count > 1 ? words[1] : nil)
    }
}

extension String {
    /// `NAMESPACE/NAME` as kubectl takes it.
    fileprivate var slashed: String {
        let parts = split(separator: "/", maxSplits: 1)
        return parts.count == 2 ? "-n \(parts[0]) \(parts[1])" : self
    }
}
