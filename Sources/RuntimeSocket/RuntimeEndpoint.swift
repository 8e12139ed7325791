import LinuxHost
import SystemCalls

/// Which socket is the runtime's: what kubelet or crictl are told, else the first that is there.
enum RuntimeEndpoint {
    /// In the order in which crictl and kubeadm look.
    private static let usual = [
        "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/cri-dockerd.sock",
        "/run/k3s/containerd/containerd.sock", "/run/k0s/containerd.sock",
        "/var/snap/microk8s/common/run/containerd.sock",
    ]

    /// Files that name it, and the word before it.
    private static let namers = [
        ("/var/lib/kubelet/config.yaml", "containerRuntimeEndpoint:"),
        ("/var/lib/kubelet/kubeadm-flags.env", "--container-runtime-endpoint="),
        ("/etc/crictl.yaml", "runtime-endpoint:"),
    ]

    static func find(_ options: RuntimeReading.Options) -> String? {
        if let socket = options.socket { return socket }
        var candidates = namers.compactMap { file, word -> String? in
            guard let bytes = (try? AtomicFile.read(options.seen(file), limit: 1 << 20)) ?? nil else { return nil }
            return named(after: word, in: String(decoding: bytes, as: UTF8.self))
        }
        candidates += usual
        return candidates.first { path in
            (try? FileSystem.status(options.seen(path))).map { $0.mode & 0o170000 == 0o140000 } ?? false
        }
    }

    /// The path of `unix:///run/containerd/containerd.sock` or of the bare path behind a word.
    static func named(after word: String, in text: String) -> String? {
        for line in text.split(separator: "\n") where !line.drop(while: \.isWhitespace).hasPrefix("#") {
            guard let range = line.firstRange(of: word) else { continue }
            let quotes: Set<Character> = ["\"", "'"]
            var value = line[range.upperBound...].drop { $0.isWhitespace || quotes.contains($0) }
                .prefix { !$0.isWhitespace && !quotes.contains($0) }
            if value.hasPrefix("unix://") { value = value.dropFirst(7) }
            if value.hasPrefix("/") { return String(value) }
        }
        return nil
    }
}
