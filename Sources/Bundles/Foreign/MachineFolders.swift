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
        /// Of links: `ip -d` says what each is.
        var isDetailed = false
    }

    /// By the path of its folder, without a slash at the end; empty for the folder of the bundle itself.
    private var machines: [String: Machine] = [:]
    private var names: [String: String] = [:]
    /// Of the newest printed answer.
    private(set) var newest: Int64?

    /// Parts of a machine as ``NodeEvidence`` names them.
    static let ownParts: Set<String> = [
        "ip-link.json", "ip-addr.json", "ip-route.json", "ip-6-route.json", "ip-rule.json", "ip-6-rule.json",
        "ip-neigh.json", "bridge-fdb.json", "nft.json", "ipset-save.txt", "ipvsadm-save.txt", "conntrack-stats.txt",
        "ss-listen.txt", "kernel-config", "uname.json", "clock.json", "ethtool.json", "files.json",
        "plugin-versions.json", "crictl-pods.json", "crictl-info.json", "processes.json", "bpf.json", "cgroups.json",
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
        if let index = parts.firstIndex(of: "sos_commands") { return parts[..<index].joined(separator: "/") }
        while let last = parts.last, isGeneric(last), parts.count > 1 { parts = parts.dropLast() }
        return parts.joined(separator: "/")
    }

    // MARK: Adding

    mutating func addCopy(_ file: BundleFiles.File, root: String, absolute: String) {
        var machine = machines[root] ?? Machine()
        machine.listing.append((absolute, file))
        let isProgram = file.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46])
        if absolute.hasPrefix("/proc/") {
            machine.documents[String(absolute.dropFirst())] = file
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
        switch form {
        case .links(let hasAddresses):
            let links = MachineText.links(text)
            let isDetailed = text.contains(" promiscuity ") || text.contains("\n    vxlan id ")
            if isDetailed, !machine.isDetailed { machine.documents[NodeEvidence.Part.links.path] = nil }
            if isDetailed || !machine.isDetailed { put(.links, links) }
            machine.isDetailed = machine.isDetailed || isDetailed
            if hasAddresses { put(.addresses, links) }
        case .routes(let isSixth): put(isSixth ? .routes6 : .routes, MachineText.routes(text))
        case .rules(let isSixth): put(isSixth ? .rules6 : .rules, MachineText.rules(text))
        case .neighbours: put(.neighbours, MachineText.neighbours(text))
        case .forwarding: put(.forwarding, MachineText.forwarding(text))
        case .iptables(let isSixth, let isLegacy):
            let part: NodeEvidence.Part =
                switch (isSixth, isLegacy) {
                case (false, false): .iptables
                case (false, true): .iptablesLegacy
                case (true, false): .ip6tables
                case (true, true): .ip6tablesLegacy
                }
            put(part, MachineText.withoutCounters(text))
        case .nftables: put(.nftables, NFTablesText.json(text))
        case .ipsetSave: put(.ipsets, Array(text.utf8))
        case .ipsetList: put(.ipsets, MachineText.ipsets(text))
        case .sysctls: put(.sysctls, Array(text.utf8))
        case .modules: put(.modules, MachineText.modules(text))
        case .sandboxes: put(.sandboxes, MachineText.sandboxes(text))
        case .sockets: put(.listeners, MachineText.sockets(text))
        case .mounts: put(.mounts, MachineText.mounts(text))
        case .kernelName:
            let words = text.split(separator: " ")
            if words.count > 2 {
                machine.kernel = String(words[1])
                put(.kernel, MachineText.kernel(words))
            }
        case .kernelLog: put(.kernelLog, Array(text.utf8))
        case .counters: put(.netstat, MachineText.counters(text))
        case .conntrack: put(.conntrack, Array(text.utf8))
        case .bgpStatus:
            machine.documents["exec/calicoctl-node-status.txt"] = file
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

    private static func part(of root: JSONNode) -> NodeEvidence.Part? {
        if root.kind == .object {
            if root.member("nftables") != nil { return .nftables }
            let items = root.member("items")
            if items?.elements.contains(where: { $0.member("state")?.string?.hasPrefix("SANDBOX_") ?? false }) ?? false
            {
                return .sandboxes
            }
            if root.at("status", "conditions") != nil, root.member("config") != nil { return .runtime }
            return nil
        }
        guard root.kind == .array, let first = root.elements.first(where: { $0.kind == .object }) else { return nil }
        if first.member("ifname") != nil, first.member("mac") != nil { return .forwarding }
        if first.member("ifname") != nil, first.member("flags") != nil { return .links }
        if first.member("dst") != nil, first.member("lladdr") != nil || first.member("state") != nil {
            return .neighbours
        }
        if first.member("dst") != nil, first.member("dev") != nil || first.member("type") != nil {
            let isSixth = root.elements.contains { $0.member("dst")?.string?.contains(":") ?? false }
            return isSixth ? .routes6 : .routes
        }
        if first.member("priority") != nil, first.member("src") != nil { return .rules }
        return nil
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

    static let logNames: Set<String> = ["kubelet.log", "containerd.log", "kernel.log", "audit.log"]

    /// Names of logs that checks look for.
    static func logName(_ name: String) -> String {
        let plain = name.lowercased()
        for unit in ["kubelet", "containerd", "crio", "audit"] where plain.contains(unit) {
            return unit == "crio" ? "containerd.log" : "\(unit).log"
        }
        if ["dmesg", "kern.log", "kernel", "journalctl-k", "journalctl_-k"].contains(where: plain.contains) {
            return "kernel.log"
        }
        return name
    }

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
    mutating func documents(_ objects: ForeignObjects) -> [String: BundleFiles.File] {
        join()
        var documents: [String: BundleFiles.File] = [:]
        for (root, machine) in machines.sorted(by: { $0.key < $1.key }) {
            let folder = "nodes/\(name(of: root, machine, objects))/"
            for (path, file) in machine.documents where documents[folder + path] == nil {
                documents[folder + path] = file
            }
            Self.addLocalRoutes(&documents, folder)
            if !machine.listing.isEmpty {
                documents[folder + NodeEvidence.Part.fileList.path] = Self.list(machine.listing)
            }
        }
        return documents
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
    private mutating func join() {
        let roots = machines.filter { !$0.value.listing.isEmpty }.map(\.key)
        for (root, machine) in machines where machine.listing.isEmpty {
            let inside = roots.filter { $0.isEmpty || root.hasPrefix($0 + "/") }.max { $0.count < $1.count }
            guard let outer = inside ?? roots.first(where: { $0.hasPrefix(root + "/") && roots.count == 1 }),
                var joined = machines[outer]
            else { continue }
            joined.documents.merge(machine.documents) { first, second in
                first.bytes.count >= second.bytes.count ? first : second
            }
            joined.hostname = joined.hostname ?? machine.hostname
            joined.kernel = joined.kernel ?? machine.kernel
            machines[outer] = joined
            machines[root] = nil
        }
    }

    private static let machinesOfELF: [UInt8: String] = [
        3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 21: "ppc64", 22: "s390x", 243: "riscv64",
    ]

    private static func list(_ files: [(path: String, file: BundleFiles.File)]) -> BundleFiles.File {
        let lines = files.map { path, file -> JSONValue in
            var members = [
                JSONMember("path", .string(path)), JSONMember("type", "file"),
                JSONMember("mode", .string("0" + String((file.mode ?? 0o644) & 0o7777, radix: 8))),
                JSONMember("size", .int(Int64(file.size ?? file.bytes.count))),
            ]
            if let modified = file.modified { members.append(JSONMember("mtime", .int(modified))) }
            if file.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]), file.bytes.count > 18 {
                members.append(JSONMember("machine", .string(machinesOfELF[file.bytes[18]] ?? "")))
            }
            return .object(members)
        }
        return BundleFiles.File(bytes: JSONValue.array(lines).serialized(), isTruncated: false)
    }
}
