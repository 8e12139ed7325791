import JSONTree

/// Where a container runtime looks for network configurations and plugins, as its own configuration says.
public struct RuntimeDirectories: Sendable, Hashable {
    /// `containerd`, `cri-o`.
    public var runtime: String
    public var configuration: String
    public var programs: [String]
    /// The file that says so; nil for the defaults.
    public var file: String?

    /// What containerd uses when nothing is said (also CRI-O, and every guide).
    public static let standard = RuntimeDirectories(
        runtime: "containerd", configuration: "/etc/cni/net.d", programs: ["/opt/cni/bin"], file: nil)

    /// Files that may say something else, by runtime, the most telling first. k3s and RKE2 write their own.
    public static let files: [(path: String, runtime: String)] = [
        ("/var/lib/rancher/k3s/agent/etc/containerd/config.toml", "containerd"),
        ("/var/lib/rancher/rke2/agent/etc/containerd/config.toml", "containerd"),
        ("/var/snap/microk8s/current/args/containerd.toml", "containerd"),
        ("/etc/k0s/containerd.toml", "containerd"),
        ("/etc/containerd/config.toml", "containerd"),
        ("/etc/crio/crio.conf", "cri-o"),
    ]
    /// Folders of further files, read after the file in the order of their names.
    public static let folders: [(path: String, runtime: String)] = [
        ("/etc/containerd/conf.d", "containerd"), ("/etc/crio/crio.conf.d", "cri-o"),
    ]

    /// - Parameters:
    ///   - runtime: what the Node object says (`containerd://1.7.2`, `cri-o://1.31.0`); nil takes the first that has a
    ///     file.
    ///   - files: texts by path.
    public init(runtime: String?, files: [String: String]) {
        self = .standard
        let wanted = runtime.flatMap {
            $0.hasPrefix("cri-o") ? "cri-o" : $0.hasPrefix("containerd") ? "containerd" : nil
        }
        // Of another runtime these files say nothing.
        if let runtime, !runtime.isEmpty, wanted == nil, !runtime.hasPrefix("docker") { return }
        let found = Self.files.first { files[$0.path] != nil && (wanted == nil || $0.runtime == wanted) }
        self.runtime = wanted ?? found?.runtime ?? self.runtime
        var texts: [(path: String, text: String)] = []
        if let found, let text = files[found.path] { texts.append((found.path, text)) }
        for folder in Self.folders where folder.runtime == self.runtime {
            // k3s and the like do not read the host's folders.
            if let found, !found.path.hasPrefix("/etc/c") { continue }
            for path in files.keys.sorted() where path.hasPrefix(folder.path + "/") {
                texts.append((path, files[path] ?? ""))
            }
        }
        for (path, text) in texts { read(text, path) }
    }

    private init(runtime: String, configuration: String, programs: [String], file: String?) {
        self.runtime = runtime
        self.configuration = configuration
        self.programs = programs
        self.file = file
    }

    /// The few lines of a TOML file that matter: tables whose last word is `cni` (containerd) or `network` (CRI-O).
    private mutating func read(_ text: String, _ path: String) {
        var table = ""
        var key = ""
        var pending = ""
        for raw in text.split(whereSeparator: \.isNewline) {
            let line = raw.trimmingBlanks
            if line.isEmpty || line.hasPrefix("#") { continue }
            if pending.isEmpty {
                if line.hasPrefix("[") {
                    let inner = line.dropFirst().prefix { $0 != "]" }
                    table = inner.split(separator: ".").last.map { $0.trimmingBlanks } ?? ""
                    continue
                }
                guard table == "cni" || table == "network", let equals = line.firstIndex(of: "=") else { continue }
                key = line[..<equals].trimmingBlanks
                pending = line[line.index(after: equals)...].trimmingBlanks
            } else {
                pending += " " + line
            }
            // A list may go over several lines.
            if pending.hasPrefix("[") && !pending.contains("]") { continue }
            let values = Self.strings(pending)
            pending = ""
            guard let first = values.first, !first.isEmpty else { continue }
            switch key {
            case "conf_dir", "network_dir": configuration = Self.folder(first)
            case "bin_dir", "bin_dirs", "plugin_dirs", "plugin_dir": programs = values.map(Self.folder)
            default: continue
            }
            file = path
        }
    }

    private static func strings(_ text: String) -> [String] {
        var values: [String] = []
        var current: String?
        var quote: Character = "\""
        for character in text {
            if let open = current {
                if character == quote {
                    values.append(open)
                    current = nil
                } else {
                    current = open + String(character)
                }
            } else if character == "\"" || character == "'" {
                quote = character
                current = ""
            } else if character == "#" {
                break
            }
        }
        return values
    }

    private static func folder(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}

extension NodeEvidence {
    /// Of this machine; ``RuntimeDirectories/standard`` where its runtime's configuration was not collected.
    ///
    /// - Parameter runtime: `status.nodeInfo.containerRuntimeVersion` of its Node object.
    public func runtimeDirectories(_ runtime: String? = nil) -> RuntimeDirectories {
        var texts: [String: String] = [:]
        for (path, _) in RuntimeDirectories.files { if let copy = file(path) { texts[path] = copy.text } }
        for (folder, _) in RuntimeDirectories.folders {
            for (path, document) in files(under: folder) { texts[path] = document.text }
        }
        var directories = RuntimeDirectories(runtime: runtime, files: texts)
        // The file of a runtime that is down, or that was here before the one that runs: what a plugin is looked for in
        // is then not known, and one that is in either place is there.
        if runtime == nil, directories.file != nil, !mayRun(directories.runtime) {
            directories.programs += RuntimeDirectories.standard.programs.filter { !directories.programs.contains($0) }
        }
        return directories
    }

    /// False where the processes were looked at and none is of that runtime.
    private func mayRun(_ runtime: String) -> Bool {
        guard let list = json(.processes)?.member("processes"), list.kind == .array, list.count > 0 else { return true }
        let program = runtime == "cri-o" ? "crio" : runtime
        return list.elements.contains { $0.member("name")?.string?.hasPrefix(program) ?? false }
    }
}
