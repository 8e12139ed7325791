import Diagnosis
import JSONTree
import KubernetesModel

/// Logs of a machine as they are kept, turned into what was said.
enum LogLines {
    /// Whose lines are looked for.
    static let parts: [NodeEvidence.Part] = [.kubeletLog, .runtimeLog, .kernelLog]

    /// Units of systemd that say something about pods. In k3s, RKE2 and k0s one unit is kubelet and more.
    static let units = [
        "kubelet", "k3s", "k3s-agent", "rke2-server", "rke2-agent", "k0sworker", "k0scontroller",
        "snap.k8s.kubelet", "snap.microk8s.daemon-kubelite", "containerd", "crio", "cri-docker", "docker",
        "snap.k8s.containerd", "snap.microk8s.daemon-containerd",
    ]

    /// Where the lines of a program belong, by the word before its process number.
    private static func part(of identifier: Substring) -> NodeEvidence.Part? {
        switch identifier {
        case "kernel": .kernelLog
        case "containerd", "crio", "dockerd", "cri-dockerd": .runtimeLog
        case "kubelet", "k3s", "rke2", "k0s": .kubeletLog
        default:
            if identifier.hasSuffix(".kubelet") || identifier.hasSuffix("kubelite") {
                .kubeletLog
            } else if identifier.hasSuffix(".containerd") || identifier.hasSuffix("daemon-containerd") {
                .runtimeLog
            } else {
                nil
            }
        }
    }

    /// Lines of syslog's form (`TIME HOST PROGRAM[PID]: MESSAGE`), by what wrote them. The time is one word or three.
    static func sorted(_ bytes: [UInt8]) -> [NodeEvidence.Part: [String]] {
        var found: [NodeEvidence.Part: [String]] = [:]
        for line in bytes.split(separator: 0x0A) {
            let text = String(decoding: line.prefix(16 << 10), as: UTF8.self)
            for word in text.split(separator: " ", maxSplits: 5).prefix(5) where word.hasSuffix(":") {
                guard let part = part(of: word.dropLast().prefix { $0 != "[" }) else { break }
                found[part, default: []].append(text)
                break
            }
        }
        return found
    }

    /// A record of /dev/kmsg, `6,339,5140900,-;NET: Registered` with microseconds since the start, as a line with the
    /// time of day (Documentation/ABI/testing/dev-kmsg).
    ///
    /// - Parameter boot: nanoseconds since 1970.
    static func kernelRecord(_ record: ArraySlice<UInt8>, boot: UInt64) -> String? {
        guard let semicolon = record.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let head = String(decoding: record[..<semicolon], as: UTF8.self).split(separator: ",")
        guard head.count > 2, let microseconds = UInt64(head[2]) else { return nil }
        let message = record[(semicolon + 1)...].prefix { $0 != 0x0A }
        let moment = boot / 1_000_000_000 + microseconds / 1_000_000
        return "\(Timestamp(seconds: Int64(clamping: moment))) kernel: \(String(decoding: message, as: UTF8.self))"
    }

    /// What a container wrote, without what the runtime put before it: `TIME stdout F MESSAGE` (KEP-CRI logging;
    /// pkg/kubelet/kuberuntime/logs), or Docker's `{"log":"MESSAGE\n", ...}`.
    static func messages(ofContainer bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for line in bytes.split(separator: 0x0A) {
            if line.first == UInt8(ascii: "{"), let text = dockerMessage(line) {
                output += text.utf8
                continue
            }
            let words = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
            guard words.count == 4, words[1].elementsEqual("stdout".utf8) || words[1].elementsEqual("stderr".utf8),
                let tag = words[2].first
            else {
                // The first line of what was cut off begins anywhere.
                if words.count > 2 { output += line + [0x0A] }
                continue
            }
            output += words[3]
            // P: the line goes on in the next record.
            if tag != UInt8(ascii: "P") { output.append(0x0A) }
        }
        return output
    }

    private static func dockerMessage(_ line: ArraySlice<UInt8>) -> String? {
        guard let root = try? JSONTree(parsing: Array(line)).root, root.member("stream") != nil else { return nil }
        return root.member("log")?.string
    }
}
