import Diagnosis

/// What other tools collect, as our own layout: whoever has such an archive already need not go back for another.
///
/// - `kubectl cluster-info dump --output-directory`: a folder per namespace with lists and the logs of each pod.
/// - `cilium sysdump`, unpacked: `k8s-pods-TIME.yaml`, `logs-POD-CONTAINER-TIME.log` in one folder.
/// - `calicoctl cluster diags`: `cluster/kubernetes/pods.yaml`, `cluster/crd/*.yaml`, `nodes/NODE/iptables-nft-save.txt`.
/// - `antctl supportbundle`, each agent's archive unpacked into `agent_NODE/`: `iptables`, `ipset`, `route`, `logs/`.
struct ForeignBundle {
    enum Layout: Hashable { case clusterInfoDump, ciliumSysdump, calicoDiagnostics, antreaSupport }

    private var files: [String: BundleFiles.File] = [:]

    /// By what only that layout has; nil for ours and for anything else.
    static func layout(of files: BundleFiles) -> Layout? {
        if files[BundleIndex.path] != nil { return nil }
        let paths = files.paths
        if paths.contains(where: { $0.hasPrefix("cluster/kubernetes/") || $0.hasPrefix("cluster/crd/") }) {
            return .calicoDiagnostics
        }
        if paths.contains(where: { name($0).hasPrefix("k8s-nodes-") || name($0).hasPrefix("k8s-pods-") }),
            paths.contains(where: { name($0).hasPrefix("cilium") || name($0).hasPrefix("logs-cilium") })
        {
            return .ciliumSysdump
        }
        if paths.contains(where: { name($0) == "agentinfo" }) { return .antreaSupport }
        if paths.contains(where: { $0 == "nodes.json" || $0 == "nodes.yaml" }),
            paths.contains(where: { ["pods.json", "pods.yaml"].contains(name($0)) })
        {
            return .clusterInfoDump
        }
        return nil
    }

    static func translated(_ source: BundleFiles, _ layout: Layout) -> BundleFiles {
        var bundle = ForeignBundle()
        var objects = ForeignObjects()
        for path in source.paths where [".json", ".yaml", ".yml"].contains(where: path.hasSuffix) {
            guard let file = source[path], !objects.read(file.bytes) else { continue }
            bundle.files["logs/\(path)"] = file
        }
        for (resource, bytes) in objects.documents {
            bundle.files[EvidencePath.resource(resource)] = BundleFiles.File(bytes: bytes, isTruncated: false)
        }
        for path in source.paths where ![".json", ".yaml", ".yml"].contains(where: path.hasSuffix) {
            guard let file = source[path] else { continue }
            switch layout {
            case .clusterInfoDump: bundle.addDumped(file, path)
            case .ciliumSysdump: bundle.addSysdump(file, path, objects)
            case .calicoDiagnostics: bundle.addCalico(file, path, objects)
            case .antreaSupport: bundle.addAntrea(file, path)
            }
        }
        return source.replacingFiles(bundle.files)
    }

    private static func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }

    // MARK: kubectl cluster-info dump

    private static let start = "==== START logs for container "
    private static let end = "==== END logs for container "

    /// `NAMESPACE/POD/logs.txt` holds the logs of all containers between two lines each.
    private mutating func addDumped(_ file: BundleFiles.File, _ path: String) {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 3, parts[2] == "logs.txt" else { return addLoose(file, path) }
        var container: String?
        var lines: [Substring] = []
        func close(_ bundle: inout ForeignBundle) {
            guard let name = container else { return }
            bundle.files[EvidencePath.log(parts[0], parts[1], name)] = BundleFiles.File(
                bytes: Array(lines.joined(separator: "\n").utf8), isTruncated: file.isTruncated)
            container = nil
            lines = []
        }
        for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix(Self.start) {
                close(&self)
                container = line.dropFirst(Self.start.count).split(separator: " ").first.map(String.init)
            } else if line.hasPrefix(Self.end) {
                close(&self)
            } else if container != nil {
                lines.append(line)
            }
        }
        close(&self)
    }

    // MARK: cilium sysdump

    /// `logs-POD-CONTAINER-20260306-025310.log`, and `-prev.log` of the container before.
    private mutating func addSysdump(_ file: BundleFiles.File, _ path: String, _ objects: ForeignObjects) {
        var name = Self.name(path)
        guard name.hasPrefix("logs-"), name.hasSuffix(".log") else { return addLoose(file, path) }
        name = name.dropFirst(5).dropLast(4)
        let isPrevious = name.hasSuffix("-prev")
        if isPrevious { name = name.dropLast(5) }
        let parts = name.split(separator: "-")
        // The time is the last two parts: eight and six digits.
        if parts.count > 2, parts.suffix(2).allSatisfy({ $0.allSatisfy(\.isNumber) }) {
            name = name.dropLast(parts[parts.count - 1].count + parts[parts.count - 2].count + 2)
        }
        guard let found = objects.container(named: name) else { return addLoose(file, path) }
        files[EvidencePath.log(found.namespace, found.pod, found.container, previous: isPrevious)] = file
    }

    // MARK: calicoctl cluster diags

    private mutating func addCalico(_ file: BundleFiles.File, _ path: String, _ objects: ForeignObjects) {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.first == "nodes", parts.count >= 3 else { return addLoose(file, path) }
        let node = parts[1]
        if parts.count == 4, parts[3].hasSuffix(".log") {
            // All containers of the pod in one.
            let pod = String(parts[3].dropLast(4))
            let known = objects.pods.first { $0.namespace == parts[2] && $0.name == pod }
            let container = known?.containers.last ?? "all"
            files[EvidencePath.log(parts[2], pod, container)] = file
        } else if parts.count == 3 {
            addMachineText(file, node, parts[2])
        } else {
            files["nodes/\(node)/exec/\(parts[2...].joined(separator: "-"))"] = file
        }
    }

    // MARK: antctl supportbundle

    private mutating func addAntrea(_ file: BundleFiles.File, _ path: String) {
        let parts = path.split(separator: "/").map(String.init)
        guard let folder = parts.first(where: { $0.hasPrefix("agent_") }) else { return addLoose(file, path) }
        let node = String(folder.dropFirst("agent_".count))
        if parts.contains("logs") {
            files["logs/\(node)-\(Self.name(path))"] = file
        } else {
            addMachineText(file, node, String(Self.name(path)))
        }
    }

    // MARK: Machines

    /// Answers of commands on a machine, by the names these tools give them.
    private mutating func addMachineText(_ file: BundleFiles.File, _ node: String, _ name: String) {
        let text = String(decoding: file.bytes, as: UTF8.self)
        var part: NodeEvidence.Part?
        var bytes = file.bytes
        switch name {
        case "iptables-nft-save.txt", "iptables":
            (part, bytes) = (.iptables, MachineText.withoutCounters(text))
        case "iptables-legacy-save.txt":
            // With nothing in any table it says so in a comment, and the file is not that of a second backend.
            (part, bytes) = (.iptablesLegacy, MachineText.withoutCounters(text))
        case "ipset": part = .ipsets
        case "ip-route.txt", "route": (part, bytes) = (.routes, MachineText.routes(text))
        case "ip-route-v6.txt": (part, bytes) = (.routes6, MachineText.routes(text))
        case "ip-rule.txt", "rule": (part, bytes) = (.rules, MachineText.rules(text))
        case "ip-neigh.txt": (part, bytes) = (.neighbours, MachineText.neighbours(text))
        default: break
        }
        if let part {
            files["nodes/\(node)/\(part.path)"] = BundleFiles.File(bytes: bytes, isTruncated: file.isTruncated)
        } else if name.hasSuffix(".log") {
            files["nodes/\(node)/logs/\(name)"] = file
        } else {
            files["nodes/\(node)/exec/\(name)"] = file
        }
    }

    /// What no rule knows is text to be read.
    private mutating func addLoose(_ file: BundleFiles.File, _ path: String) {
        if [".log", ".txt"].contains(where: path.hasSuffix) { files["logs/\(path)"] = file }
    }
}
