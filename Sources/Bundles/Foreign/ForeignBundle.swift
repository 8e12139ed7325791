import Diagnosis
import JSONTree
import YAMLTree

/// What other tools collect and what people copy together, as our own layout: whoever has such a folder already need
/// not go back for another. Files are known by what is in them rather than by their names, because everybody names them
/// differently; names only tell whose they are.
///
/// - Lists of objects of any kind in JSON or YAML: `kubectl get ... -o yaml`, `kubectl cluster-info dump`, `cilium
///   sysdump`, `calicoctl cluster diags`, must-gather, the `clusterinfo` of `antctl supportbundle`.
/// - Tables and descriptions that kubectl prints for people.
/// - What iproute2, iptables, ipset, sysctl, lsmod, crictl, ss, mount and uname print on a machine, and copies of its
///   files below `etc`, `opt`, `var`, `run` and `proc`: a plain tree, a sosreport, an agent's archive.
/// - Logs, by the pod that their name tells.
/// - Answers of the command-line tools of clouds.
struct ForeignBundle {
    var files: [String: BundleFiles.File] = [:]
    var objects = ForeignObjects()
    var machines = MachineFolders()
    /// Logs by path, told whose they are when all pods are known.
    var logs: [(path: String, file: BundleFiles.File)] = []
    /// What somebody asked a pod's log for in a terminal.
    var spoken: [(path: String, file: BundleFiles.File)] = []
    /// What kubectl printed, read when the time of the rest is known.
    private var printed: [(form: TextForm, text: String)] = []
    private var newestText: Int64?
    private var clouds = [CloudAnswer("aws"), CloudAnswer("azure"), CloudAnswer("gcp"), CloudAnswer("openstack")]

    /// Why there is no list of a resource.
    private var missing: [String: String] = [:]

    /// Nothing of a cluster is in it.
    var isEmpty = true
    /// When it was collected, as far as what is in it tells: no object can be newer.
    private(set) var collectedAt: Int64?

    init(_ source: BundleFiles) {
        // Beside parts of ours a list is ours as well, and what is wrong with it is told.
        let hasOwn = source.paths.contains { $0.hasPrefix("cluster/") && Self.isOwn($0) }
        for path in source.paths {
            guard let file = source[path] else { continue }
            if Self.isOwn(path) || (hasOwn && Self.isListBesideOwn(path)) {
                files[path] = file
                isEmpty = false
            } else {
                sort(file, path)
            }
        }
        finish()
    }

    func translated(_ source: BundleFiles) -> BundleFiles {
        var made = source.replacingFiles(files)
        for (file, list) in objects.cuts { made.report(ObjectFiles.finding(list, file)) }
        for (resource, reason) in missing { made.miss(EvidencePath.resource(resource), because: reason) }
        return made
    }

    // MARK: Our own layout

    private static let ownClusterParts: Set<Substring> = [
        "resources", "logs", "metrics", "kubelet", "partial", "access.json", "certificates.json", "collection.json",
        "executed.json", "version.json", "objects.yaml",
    ]
    private static func isListBesideOwn(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        return parts.count == 2 && parts[0] == "cluster" && parts[1] != "version.yaml"
            && (path.hasSuffix(".yaml") || path.hasSuffix(".yml"))
    }

    /// Whether a path stands where ``EvidencePath`` has it.
    static func isOwn(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard parts.count > 1 else { return path == "user.json" }
        switch parts[0] {
        case "cluster":
            // Whoever calls a folder of lists so has logs beside it, which are told apart by the pods in those lists.
            return ownClusterParts.contains(parts[1])
        case "nodes":
            guard parts.count > 2 else { return false }
            if parts.count == 3 { return MachineFolders.ownParts.contains(String(parts[2])) }
            if parts[2] == "proc" { return true }
            // Below a pod stand the parts of its network namespace, as those of the machine stand below the machine.
            if parts[2] == "pods" {
                guard parts.count > 5 else { return false }
                return parts[5] == "files" || parts[5] == "proc" || MachineFolders.ownParts.contains(String(parts[5]))
                    || parts[5] == "sysctl.txt" || parts[5] == "iptables-save.txt"
            }
            return ["files", "exec", "logs"].contains(parts[2])
        case "cloud": return parts.count == 3
        case "probes", "baseline": return true
        default: return false
        }
    }

    // MARK: Sorting

    /// Whether a file may be of a cluster, by its path or its beginning. Logs and JSON of anybody are no sign.
    static func isPromising(_ path: String, _ bytes: [UInt8]) -> Bool {
        if isOwn(path) || MachineFolders.split(path) != nil { return true }
        let head = bytes.prefix(8192)
        if head.contains(0) { return head.starts(with: GzipSource.magic) || TarReader.isHeader(bytes) }
        let text = String(decoding: head, as: UTF8.self)
        if text.contains("apiVersion") || text.contains("kube") { return true }
        return TextForm.of(text, named: path.split(separator: "/").last.map(String.init) ?? path) != nil
    }

    mutating func sort(_ file: BundleFiles.File, _ path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if let inside = MachineFolders.split(path) {
            // A pod's log as the kubelet keeps it, or a copy of a file of a machine.
            if let log = Self.keptLog(inside.absolute) {
                files[EvidencePath.log(log.namespace, log.pod, log.container, previous: log.isPrevious)] = file
            } else {
                machines.addCopy(file, root: inside.root, absolute: inside.absolute)
            }
            isEmpty = false
            return
        }
        if file.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) || file.bytes.prefix(512).contains(0) { return }
        if name.hasSuffix(".yaml") || name.hasSuffix(".conf"), file.bytes.count < 65_536,
            let place = MachineFolders.place(of: String(decoding: file.bytes, as: UTF8.self), named: name)
        {
            machines.addCopy(file, beside: path, absolute: place)
            isEmpty = false
            return
        }
        if BundleFiles.isStructured(path) || Self.beginsLikeObjects(file.bytes) {
            if objects.read(file.bytes, named: name) {
                isEmpty = false
                return
            }
            if let version = Self.version(file.bytes) {
                files[EvidencePath.version] = BundleFiles.File(bytes: version, isTruncated: false)
                return
            }
            if let tree = try? JSONTree(parsing: file.bytes) {
                if addCloud(file, tree.root) {
                    isEmpty = false
                    return
                }
                if machines.addJSON(file, tree.root, path) {
                    isEmpty = false
                    return
                }
                // A log may write its lines in JSON, and have one.
                if BundleFiles.isStructured(path) { return }
            } else if addCloudYAML(file) {
                isEmpty = false
                return
            }
        }
        var text = String(decoding: file.bytes, as: UTF8.self)
        // cilium-bugtool writes Markdown around each answer.
        if let fenced = TextForm.fenced(text) { text = fenced }
        if Self.beginsLikeAnswer(text), let tree = try? JSONTree(parsing: Array(text.utf8)),
            machines.addJSON(BundleFiles.File(bytes: Array(text.utf8), isTruncated: file.isTruncated), tree.root, path)
        {
            isEmpty = false
            return
        }
        if let place = MachineFolders.place(of: text, named: name) {
            machines.addCopy(file, beside: path, absolute: place)
            isEmpty = false
            return
        }
        if Transcript.begins(text), let transcript = Transcript(text) { return sort(transcript, file, path) }
        if let routes = CloudTable.routes(text) {
            files[EvidencePath.cloud("gcp", "compute-routes-list")] = BundleFiles.File(
                bytes: routes, isTruncated: false)
            isEmpty = false
            return
        }
        text = MachineText.namingDevice(in: text, of: name)
        guard let form = TextForm.of(text, named: name) else {
            if let transcript = Transcript(text) { return sort(transcript, file, path) }
            logs.append((path, file))
            return
        }
        isEmpty = false
        if let time = file.modified { newestText = max(newestText ?? time, time) }
        if form.isPrinted {
            printed.append((form, text))
        } else {
            machines.add(form, text, file, path)
        }
    }

    /// JSON, whatever the file is called.
    private static func beginsLikeAnswer(_ text: String) -> Bool {
        let head = text.prefix(64).filter { !$0.isWhitespace }
        return head.hasPrefix("[{") || head.hasPrefix("{\"")
    }

    private static func isLogName(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("log") || name.contains("journal")
    }

    /// Answers of the command-line tools of clouds, by what only they hold; those of one operation are put together.
    private mutating func addCloud(_ file: BundleFiles.File, _ root: JSONNode) -> Bool {
        for index in clouds.indices where clouds[index].takes(root) {
            clouds[index].add(file.bytes, from: "")
            return true
        }
        // `--query` and short forms leave out what kind of thing it is.
        guard root.kind == .array, let first = root.elements.first(where: { $0.kind == .object }) else { return false }
        if first.member("sourceRanges") != nil || first.member("allowed") != nil || first.member("denied") != nil {
            files[EvidencePath.cloud("gcp", "compute-firewall-rules-list")] = file
            return true
        }
        if first.member("addressPrefix") != nil || first.member("addressPrefixes") != nil {
            files[EvidencePath.cloud("azure", "network-vnet-subnet-list")] = file
            return true
        }
        return false
    }

    /// The same in YAML, which `gcloud ... describe` prints unless it is told otherwise, a document for each thing.
    private mutating func addCloudYAML(_ file: BundleFiles.File) -> Bool {
        var isCloud = false
        for document in YAMLReading(file.bytes).documents {
            var part = file
            part.bytes = JSONValue(document.root).serialized()
            guard let root = try? JSONTree(parsing: part.bytes).root else { continue }
            isCloud = addCloud(part, root) || isCloud
        }
        return isCloud
    }

    /// The answer of `kubectl version -o yaml` or `-o json`.
    private static func version(_ bytes: [UInt8]) -> [UInt8]? {
        let tree = (try? JSONTree(parsing: bytes)) ?? YAMLReading(bytes).documents.first
        guard let root = tree?.root, root.at("serverVersion", "gitVersion") != nil else { return nil }
        return JSONValue(root).serialized()
    }

    private static func beginsLikeObjects(_ bytes: [UInt8]) -> Bool {
        let head = String(decoding: bytes.prefix(256), as: UTF8.self)
        let first = head.drop { $0.isWhitespace }
        return first.hasPrefix("{") || first.hasPrefix("[{") || first.hasPrefix("apiVersion:")
            || first.hasPrefix("---\n") || first.hasPrefix("#pods\n") || first.hasPrefix("#nodes\n")
    }

    /// `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/0.log` and `/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log`.
    private static func keptLog(
        _ path: String
    ) -> (namespace: String, pod: String, container: String, isPrevious: Bool)? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 3, parts[0] == "var", parts[1] == "log", path.hasSuffix(".log") else { return nil }
        if parts[2] == "pods", parts.count == 6 {
            let names = parts[3].split(separator: "_").map(String.init)
            guard names.count >= 2 else { return nil }
            return (names[0], names[1], parts[4], false)
        }
        if parts[2] == "containers", parts.count == 4 {
            let names = parts[3].dropLast(4).split(separator: "_").map(String.init)
            guard names.count == 3, let hyphen = names[2].lastIndex(of: "-") else { return nil }
            return (names[1], names[0], String(names[2][..<hyphen]), false)
        }
        return nil
    }

    // MARK: When everything was seen

    private mutating func finish() {
        missing = objects.addCut()
        // A machine's own logs grow until they are copied.
        let newestLog = logs.filter { path, _ in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return MachineFolders.logNames.contains(MachineFolders.logName(name))
        }.compactMap(\.file.modified).max()
        collectedAt = objects.newest ?? newestText ?? newestLog
        if !printed.isEmpty {
            // Printed ages are relative; without any other time one moment is as good as another.
            let now = collectedAt ?? 1_700_000_000
            collectedAt = now
            objects.add(printed: printed, now: now)
        }
        for (path, file) in logs { place(file, path) }
        // Without the nodes nobody can say what runs where, and the few lines that were picked are all there is.
        if !objects.hasNodes {
            for (path, file) in spoken where files["logs/\(path)"] == nil { files["logs/\(path)"] = file }
        }
        for (path, file) in machines.documents(objects, collectedAt: collectedAt) { files[path] = file }
        for answers in clouds {
            for (operation, bytes) in answers.documents {
                files[EvidencePath.cloud(answers.provider, operation)] = BundleFiles.File(
                    bytes: bytes, isTruncated: false)
            }
        }
        for (resource, bytes) in objects.documents {
            files[EvidencePath.resource(resource)] = BundleFiles.File(bytes: bytes, isTruncated: false)
        }
    }

    /// What the kubelet's cAdvisor counts of containers.
    private static func isThrottling(_ name: String, _ bytes: [UInt8]) -> Bool {
        guard name.hasSuffix(".prom") || name.contains("cadvisor") || name.contains("metrics") else { return false }
        return String(decoding: bytes, as: UTF8.self).contains("container_cpu_cfs_throttled_periods_total{")
    }

    /// Prometheus' text: samples below a line that says what they are.
    private static func isExposition(_ head: String) -> Bool {
        head.hasPrefix("# HELP ") || head.hasPrefix("# TYPE ") || head.contains("\n# TYPE ")
    }

    /// A log under its pod and container where its path tells them; as loose text where it does not.
    private mutating func place(_ file: BundleFiles.File, _ path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let text = String(decoding: file.bytes.prefix(4096), as: UTF8.self)
        if text.hasPrefix(Self.dumpStart) { return addDumped(file, path) }
        if let node = objects.node(named: path), Self.isThrottling(name, file.bytes) {
            return files[EvidencePath.kubelet(node, "metrics-cadvisor")] = file
        }
        if let owner = objects.container(ofLog: path) {
            let number = name.split { !$0.isNumber }.last.flatMap { Int($0) } ?? 0
            let place = EvidencePath.metrics(owner.namespace, owner.pod, port: number)
            if Self.isExposition(text) { return files[place] = file }
            let whole = String(decoding: file.bytes, as: UTF8.self)
            if let samples = MachineText.proxyStatistics(whole) {
                return files[place] = BundleFiles.File(bytes: samples, isTruncated: file.isTruncated)
            }
        }
        // What cilium-bugtool asked on a node is its answer and no log, though the agent's pod stands in its path.
        if name.hasSuffix(".md"), TextForm.fenced(text) != nil, let node = machines.machine(of: path, objects) {
            return files["nodes/\(node)/exec/\(name)"] = file
        }
        let isLog = path.hasSuffix(".log") || Self.isLogName(name)
        if isLog { isEmpty = false }
        if let found = objects.container(ofLog: path) {
            let place = EvidencePath.log(
                found.namespace, found.pod, found.container, previous: found.isPrevious)
            if files[place] == nil { return files[place] = file }
        }
        if let node = machines.machine(of: path, objects) {
            if MachineFolders.logNames.contains(MachineFolders.logName(name)) {
                return files["nodes/\(node)/logs/\(MachineFolders.logName(name))"] = file
            }
            if !isLog { return files["nodes/\(node)/exec/\(name)"] = file }
        }
        if isLog || [".txt", ".out"].contains(where: path.hasSuffix) {
            // A few lines that somebody copied are evidence when one of them names what broke.
            if isEmpty, Self.tellsOfTrouble(file.bytes) { isEmpty = false }
            files[path.hasPrefix("logs/") ? path : "logs/\(path)"] = file
        }
    }

    /// Lines of a copied text that are read for it.
    private static let linesOfPaste = 200

    private static func tellsOfTrouble(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(65_536).split(separator: 0x0A).prefix(linesOfPaste).contains { line in
            line.count < 4096 && LogReader.namesMechanism(String(decoding: line, as: UTF8.self))
        }
    }
}
