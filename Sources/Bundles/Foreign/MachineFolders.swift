import Diagnosis
import JSONTree

/// What is known of machines: printed answers and copies of files, each below the folder of its machine. Which folder
/// that is, and what the machine is called, is told by the paths, by `hostname` and `uname`, and by the cluster's nodes.
struct MachineFolders {
    private struct Machine {
        /// By path below `nodes/NAME/`.
        var documents: [String: BundleFiles.File] = [:]
        var listing: [(path: String, file: BundleFiles.File)] = []
        var hostname: String?
        var kernel: String?
        var joined = JoinedAnswers()
        /// Lines of `sysctl -a` that copies of /proc/sys say.
        var settings: [String] = []
        /// Folders that were listed and not copied.
        var folders: [FolderListing] = []
        /// Of `ethtool -k`, which prints one device.
        var offloads: [String: [String: String]] = [:]
        /// Files of control groups, by the path of the group.
        var groups: [String: [String: String]] = [:]

        /// What is put together out of several answers.
        var made: [String: BundleFiles.File] {
            var made: [String: BundleFiles.File] = [:]
            func put(_ part: NodeEvidence.Part, _ bytes: [UInt8]) {
                made[part.path] = BundleFiles.File(bytes: bytes, isTruncated: false)
            }
            if !settings.isEmpty {
                let printed = documents[NodeEvidence.Part.sysctls.path]?.bytes ?? []
                put(.sysctls, Array(settings.joined().utf8) + printed)
            }
            if !offloads.isEmpty, documents[NodeEvidence.Part.offloads.path] == nil {
                put(.offloads, MachineText.document(offloads: offloads))
            }
            if documents[NodeEvidence.Part.conntrack.path] == nil,
                let table = documents["proc/net/stat/nf_conntrack"],
                let counters = MachineText.conntrack(String(decoding: table.bytes, as: UTF8.self))
            {
                put(.conntrack, counters)
            }
            let lines = groups.sorted { $0.key < $1.key }.compactMap { path, files in
                files["cpu.stat"].flatMap { MachineText.controlGroup(path, stat: $0, max: files["cpu.max"]) }
            }
            if !lines.isEmpty { put(.controlGroups, JSONValue.array(lines).serialized()) }
            return made
        }
    }

    /// By the path of its folder, without a slash at the end; empty for the folder of the bundle itself.
    private var machines: [String: Machine] = [:]
    private var names: [String: String] = [:]

    /// Parts of a machine as ``NodeEvidence`` names them.
    static let ownParts: Set<String> = [
        "ip-link.json", "ip-addr.json", "ip-route.json", "ip-6-route.json", "ip-rule.json", "ip-6-rule.json",
        "ip-neigh.json", "bridge-fdb.json", "nft.json", "ipset-save.txt", "ipvsadm-save.txt", "conntrack-stats.txt",
        "ss-listen.txt", "kernel-config", "uname.json", "clock.json", "ethtool.json", "files.json",
        "plugin-versions.json", "crictl-pods.json", "crictl-info.json", "processes.json", "bpf.json", "cgroups.json",
        "tc-filter.json",
    ]

    // MARK: Paths

    /// Folders of a machine's root that people copy, with what stands below them: `/etc/passwd` of an archive of
    /// something else is no machine.
    private static let roots: [Substring: Set<Substring>] = [
        "etc": [
            "cni", "kubernetes", "containerd", "crio", "cri-o", "docker", "systemd", "sysctl.d", "sysctl.conf",
            "NetworkManager", "resolv.conf", "hostname", "hosts", "os-release", "rancher", "modprobe.d",
            "modules-load.d", "calico", "kube-flannel", "firewalld", "default", "netplan", "udev", "selinux",
        ],
        "opt": ["cni"], "var": ["lib", "run", "log", "snap"],
        "run": [
            "flannel", "calico", "cilium", "systemd", "multus", "containerd", "xtables.lock", "antrea", "cni", "crio",
            "cni-ipam-state", "k3s",
        ],
        "usr": ["lib", "libexec", "local", "bin"], "proc": ["sys", "net", "self", "modules", "1", "cmdline", "mounts"],
        "sys": ["fs", "class", "kernel"], "boot": ["grub"], "home": ["kubernetes"],
        "lib": ["modules", "systemd"],
    ]

    /// The machine's folder and the path on it, for a copy of a file.
    static func split(_ path: String) -> (root: String, absolute: String)? {
        let parts = path.split(separator: "/")
        for index in parts.indices.dropLast() {
            guard let known = roots[parts[index]] else { continue }
            let below = parts[index + 1]
            guard known.contains(below) || (parts[index] == "boot" && below.hasPrefix("config-")) else { continue }
            // `var/log` of a folder that has no other part of a root may be anybody's; a pod's log tells itself.
            return (parts[..<index].joined(separator: "/"), "/" + parts[index...].joined(separator: "/"))
        }
        return nil
    }

    /// Names of folders that hold answers of one machine and say nothing of it.
    private static func isGeneric(_ name: Substring) -> Bool {
        let plain = name.lowercased()
        return [
            "cmd", "cmds", "command", "commands", "output", "outputs", "net", "network", "networking", "files", "root",
            "rootfs", "host", "fs", "tree", "sos_commands", "info", "data", "bundle", "diag", "diags", "diagnostics",
            "nodes", "node", "machine", "firewall", "firewall_tables", "kernel", "filesys", "crio", "containerd",
            "cri", "system", "logs", "container_runtime", "host_info", "ip", "iptables",
        ].contains(plain)
    }

    /// The folder of the machine whose answer lies there.
    private static func root(ofAnswer path: String) -> String {
        var parts = path.split(separator: "/").dropLast()
        // An answer out of a pod may be a file of its own, named after the pod: `exec-cart-7d9-ss_-lntp.txt`.
        if let file = path.split(separator: "/").last, file.hasPrefix("exec-") || file.hasPrefix("kubectl-exec-") {
            return path
        }
        if let index = parts.firstIndex(of: "sos_commands") { return parts[..<index].joined(separator: "/") }
        while let last = parts.last, isGeneric(last), parts.count > 1 { parts = parts.dropLast() }
        return parts.joined(separator: "/")
    }

    // MARK: Adding

    mutating func addCopy(_ file: BundleFiles.File, root: String, absolute: String) {
        var machine = machines[root] ?? Machine()
        machine.listing.append((absolute, file))
        let isProgram = file.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46])
        if absolute.hasPrefix("/proc/sys/") {
            let value = String(decoding: file.bytes.prefix(256), as: UTF8.self)
                .split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if !value.isEmpty { machine.settings.append("\(absolute.dropFirst("/proc/sys/".count)) = \(value)\n") }
            machine.documents[String(absolute.dropFirst())] = file
        } else if absolute.hasPrefix("/proc/") {
            machine.documents[String(absolute.dropFirst())] = file
        } else if absolute.hasPrefix("/sys/fs/cgroup/"), let slash = absolute.lastIndex(of: "/") {
            machine.groups[String(absolute[..<slash]), default: [:]][
                String(absolute[absolute.index(after: slash)...])] =
                String(decoding: file.bytes.prefix(4096), as: UTF8.self)
        } else if absolute.hasPrefix("/var/log/") {
            let name = absolute.split(separator: "/").last.map(String.init) ?? absolute
            machine.documents["logs/\(Self.logName(name))"] = file
        } else if absolute.hasPrefix("/boot/config-") {
            machine.documents["kernel-config"] = file
        } else if !isProgram {
            machine.documents["files\(absolute)"] = file
        }
        if absolute == "/etc/hostname" {
            machine.hostname = Self.word(String(decoding: file.bytes.prefix(256), as: UTF8.self))
        }
        machines[root] = machine
    }

    private static func word(_ text: String) -> String? {
        text.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    mutating func add(_ form: TextForm, _ text: String, _ file: BundleFiles.File, _ path: String) {
        let root = Self.root(ofAnswer: path)
        var machine = machines[root] ?? Machine()
        func put(_ part: NodeEvidence.Part, _ bytes: [UInt8]) {
            // Of two answers of one kind the longer one says more: `ip -d link` beside `ip link`.
            if let known = machine.documents[part.path], known.bytes.count >= bytes.count { return }
            machine.documents[part.path] = BundleFiles.File(bytes: bytes, isTruncated: file.isTruncated)
        }
        func put(tables text: [UInt8], isSixth: Bool, isLegacy: Bool) {
            let part: NodeEvidence.Part =
                switch (isSixth, isLegacy) {
                case (false, false): .iptables
                case (false, true): .iptablesLegacy
                case (true, false): .ip6tables
                case (true, true): .ip6tablesLegacy
                }
            // Each table may be an answer of its own.
            let known = machine.documents[part.path]
            machine.documents[part.path] = BundleFiles.File(
                bytes: known.map { IPTablesListing.merged($0.bytes, text) } ?? text,
                isTruncated: file.isTruncated || known?.isTruncated ?? false)
        }
        switch form {
        case .links(let hasAddresses):
            if let links = machine.joined.links(with: text) {
                machine.documents[NodeEvidence.Part.links.path] = BundleFiles.File(
                    bytes: links, isTruncated: file.isTruncated)
            }
            if hasAddresses { put(.addresses, MachineText.links(text)) }
            if let counters = MachineText.deviceCounters(text) { put(.counters, counters) }
        case .routes(let isSixth):
            let part = isSixth ? NodeEvidence.Part.routes6 : .routes
            if let routes = machine.joined.routes(with: text, at: part.path) {
                machine.documents[part.path] = BundleFiles.File(bytes: routes, isTruncated: file.isTruncated)
            }
        case .rules(let isSixth): put(isSixth ? .rules6 : .rules, MachineText.rules(text))
        case .neighbours: put(.neighbours, MachineText.neighbours(text))
        case .forwarding: put(.forwarding, MachineText.forwarding(text))
        case .iptables(let isSixth, let isLegacy):
            put(tables: MachineText.withoutCounters(text), isSixth: isSixth, isLegacy: isLegacy)
        case .iptablesListing(let isSixth, let isLegacy):
            put(tables: IPTablesListing.save(text, named: path), isSixth: isSixth, isLegacy: isLegacy)
        case .nftables: put(.nftables, NFTablesText.json(text))
        case .ipsetSave: put(.ipsets, Array(text.utf8))
        case .ipsetList: put(.ipsets, MachineText.ipsets(text))
        case .sysctls: put(.sysctls, Array(text.utf8))
        case .modules: put(.modules, MachineText.modules(text))
        case .sandboxes: put(.sandboxes, MachineText.sandboxes(text))
        case .sockets:
            // `ss -ti`: what each connection waits for.
            if text.contains(" rtt:") { machine.documents["exec/ss-ti.txt"] = file }
            if text.contains("LISTEN") || text.contains("UNCONN") { put(.listeners, MachineText.sockets(text)) }
        case .mounts: put(.mounts, MachineText.mounts(text))
        case .kernelName:
            let words = text.split(separator: " ")
            if words.count > 2 {
                machine.kernel = String(words[1])
                put(.kernel, MachineText.kernel(words))
            }
        case .kernelLog: put(.kernelLog, Array(text.utf8))
        case .counters:
            let counters = MachineText.counters(text)
            put(.netstat, counters)
            if let basic = MachineText.protocolCounters(String(decoding: counters, as: UTF8.self)) { put(.snmp, basic) }
        case .conntrack: put(.conntrack, Array(text.utf8))
        case .queues: machine.documents["exec/tc-qdisc.txt"] = file
        case .bgpStatus:
            machine.documents["exec/calicoctl-node-status.txt"] = file
        case .birdProtocols: machine.documents["exec/birdcl-show-protocols.txt"] = file
        case .frrSummary: machine.documents["exec/vtysh-show-bgp-summary.txt"] = file
        case .offloads: machine.offloads.merge(MachineText.offloads(text)) { $0.merging($1) { _, new in new } }
        case .driver:
            // The answer does not name the device; the file or the command does.
            if let (device, driver) = MachineText.driver(text, named: path) {
                machine.offloads[device, default: [:]]["driver"] = driver
            }
        case .virtualServers: put(.ipvs, MachineText.virtualServers(text))
        case .listing:
            let name = path.split(separator: "/").last.map(String.init) ?? path
            machine.folders += FolderListing.all(text, named: name)
        case .hostname: machine.hostname = Self.word(text)
        case .table, .description: break
        }
        machines[root] = machine
    }

    /// Answers in JSON, `ip -j` and the like; false for what is none.
    mutating func addJSON(_ file: BundleFiles.File, _ root: JSONNode, _ path: String) -> Bool {
        guard let part = Self.part(of: root) else { return false }
        let folder = Self.root(ofAnswer: path)
        machines[folder, default: Machine()].documents[part.path] = file
        if part == .links, root.elements.contains(where: { $0.member("addr_info") != nil }) {
            machines[folder, default: Machine()].documents[NodeEvidence.Part.addresses.path] = file
        }
        return true
    }

    /// Where a file stands on its machine whose copy lies there without its path: by what is in it, and by its name where
    /// that is part of what it says.
    static func place(of text: String, named name: String) -> String? {
        let head = text.prefix(4096)
        if head.hasPrefix("FLANNEL_") || head.contains("\nFLANNEL_SUBNET=") { return "/run/flannel/subnet.env" }
        let isList = name.hasSuffix(".conflist") || name.hasSuffix(".conf")
        if isList, head.contains("\"cniVersion\"") || head.contains("\"plugins\"") { return "/etc/cni/net.d/\(name)" }
        if head.contains("kind: KubeletConfiguration") { return "/var/lib/kubelet/config.yaml" }
        if name.contains("resolv"), head.contains("nameserver ") { return "/etc/resolv.conf" }
        if name.hasSuffix(".toml"), head.contains("io.containerd") { return "/etc/containerd/config.toml" }
        return nil
    }

    mutating func addCopy(_ file: BundleFiles.File, beside path: String, absolute: String) {
        addCopy(file, root: Self.root(ofAnswer: path), absolute: absolute)
    }

    // MARK: Logs

    /// The machine whose text lies there; nil when its path names none.
    mutating func machine(of path: String, _ objects: ForeignObjects) -> String? {
        let root = Self.root(ofAnswer: path)
        if let known = machines[root] { return self.name(of: root, known, objects) }
        return objects.node(named: root)
    }

    // MARK: Names

    private mutating func name(of root: String, _ machine: Machine, _ objects: ForeignObjects) -> String {
        if let known = names[root] { return known }
        let name = Self.name(of: root, machine, objects, isOnly: machines.count == 1)
        names[root] = name
        return name
    }

    private static func name(
        of root: String, _ machine: Machine, _ objects: ForeignObjects, isOnly: Bool
    ) -> String {
        if let node = objects.node(named: root) { return node }
        for word in [machine.hostname, machine.kernel].compactMap({ $0 }) { return objects.node(short: word) ?? word }
        let parts = root.split(separator: "/")
        if let last = parts.last(where: { !isGeneric($0) }) {
            return last.hasPrefix("agent_") ? String(last.dropFirst("agent_".count)) : String(last)
        }
        if isOnly, let node = objects.onlyNode { return node }
        return "machine"
    }

    // MARK: Documents

    /// Everything of every machine, under `nodes/NAME/`.
    mutating func documents(_ objects: ForeignObjects, collectedAt: Int64?) -> [String: BundleFiles.File] {
        let namespaces = machines.keys.reduce(into: [String: ForeignObjects.PodPlace]()) { places, root in
            places[root] = objects.namespace(inFolder: root)
        }
        join(but: Set(namespaces.keys))
        var documents: [String: BundleFiles.File] = [:]
        for (root, machine) in machines.sorted(by: { $0.key < $1.key }) {
            if let place = namespaces[root] {
                let node = place.node ?? objects.node(named: place.above) ?? self.name(above: place, objects)
                let folder = EvidencePath.pod(node, place.namespace, place.pod)
                for (path, file) in machine.documents { documents[folder + path] = file }
                continue
            }
            let folder = "nodes/\(name(of: root, machine, objects))/"
            for (path, file) in machine.documents.merging(machine.made, uniquingKeysWith: { _, made in made })
            where documents[folder + path] == nil {
                documents[folder + path] = file
            }
            Self.addLocalRoutes(&documents, folder)
            if let list = Self.list(machine.listing, machine.folders, collectedAt: collectedAt) {
                documents[folder + NodeEvidence.Part.fileList.path] = list
            }
        }
        return documents
    }

    /// The machine whose folder the pod's lies in.
    private mutating func name(above place: ForeignObjects.PodPlace, _ objects: ForeignObjects) -> String {
        if let outer = machines[place.above] { return name(of: place.above, outer, objects) }
        return place.above.split(separator: "/").last { !Self.isGeneric($0) }.map(String.init) ?? "machine"
    }

    /// `ip route` prints the main table alone. The kernel has a route in table `local` to each address of its own.
    private static func addLocalRoutes(_ documents: inout [String: BundleFiles.File], _ folder: String) {
        func list(_ part: NodeEvidence.Part) -> [JSONNode]? {
            documents[folder + part.path].flatMap { try? JSONTree(parsing: $0.bytes).root.elements.map { $0 } }
        }
        for (part, isSixth) in [(NodeEvidence.Part.routes, false), (.routes6, true)] {
            guard let routes = list(part), let links = list(.addresses),
                !routes.contains(where: { $0.member("table")?.string == "local" })
            else { continue }
            let own = links.flatMap { link -> [JSONValue] in
                guard let device = link.member("ifname")?.string, let infos = link.member("addr_info") else {
                    return []
                }
                return infos.elements.compactMap { info -> JSONValue? in
                    guard let local = info.member("local")?.string, local.contains(":") == isSixth else { return nil }
                    return [
                        "type": "local", "dst": .string(local), "dev": .string(device), "table": "local",
                        "protocol": "kernel", "scope": "host", "flags": [],
                    ]
                }
            }
            let all = JSONValue.array(routes.map { JSONValue($0) } + own)
            documents[folder + part.path]?.bytes = all.serialized()
        }
    }

    /// Answers may lie in a folder of their own below or beside the copies of the same machine.
    private mutating func join(but namespaces: Set<String>) {
        let roots = machines.filter { !$0.value.listing.isEmpty && !namespaces.contains($0.key) }.map(\.key)
        for (root, machine) in machines where machine.listing.isEmpty && !namespaces.contains(root) {
            let inside = roots.filter { $0.isEmpty || root.hasPrefix($0 + "/") }.max { $0.count < $1.count }
            guard let outer = inside ?? roots.first(where: { $0.hasPrefix(root + "/") && roots.count == 1 }),
                var joined = machines[outer]
            else { continue }
            joined.documents.merge(machine.documents) { first, second in
                first.bytes.count >= second.bytes.count ? first : second
            }
            joined.hostname = joined.hostname ?? machine.hostname
            joined.kernel = joined.kernel ?? machine.kernel
            joined.folders += machine.folders
            joined.offloads.merge(machine.offloads) { $0.merging($1) { first, _ in first } }
            machines[outer] = joined
            machines[root] = nil
        }
    }
}
