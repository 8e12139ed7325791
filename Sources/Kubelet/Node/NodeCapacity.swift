import CLinux
import LinuxHost
import SystemCalls

/// What a node has: the machine's, which all nodes of a lab share.
enum NodeCapacity {
    static let pods = 110

    static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// KiB (proc_meminfo(5)).
    static var memory: Int {
        let text = String(decoding: ((try? AtomicFile.read("/proc/meminfo")) ?? nil) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("MemTotal:") {
            return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
        }
        return 0
    }

    static var allocatable: [String: String] {
        [
            "cpu": "\(processors)", "memory": "\(memory)Ki", "pods": "\(pods)", "ephemeral-storage": "\(storage)Ki",
            "hugepages-1Gi": "0", "hugepages-2Mi": "0",
        ]
    }

    /// KiB of the root file system.
    static var storage: Int {
        var status = statfs()
        guard statfs("/", &status) == 0 else { return 0 }
        return Int(status.f_blocks) * Int(status.f_bsize) / 1024
    }

    static var kernel: String { text("/proc/sys/kernel/osrelease") }

    static func text(_ path: String) -> String {
        let bytes = ((try? AtomicFile.read(path)) ?? nil) ?? []
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }

    /// `PRETTY_NAME` of os-release(5).
    static var systemName: String {
        let text = String(decoding: ((try? AtomicFile.read("/etc/os-release")) ?? nil) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
            return line.dropFirst(12).filter { $0 != "\"" }
        }
        return "Linux"
    }

    /// As Kubernetes names it.
    static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }
}
