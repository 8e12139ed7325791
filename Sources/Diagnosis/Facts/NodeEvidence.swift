import JSONTree

/// What is known of one machine. Every part is nil when it was not collected; ``reasonMissing(_:)`` says why.
public struct NodeEvidence: Sendable {
    public let name: String
    /// Documents of `nodes/NAME/`, by the rest of their path: `ip-link.json`, `files/etc/cni/net.d/10-a.conflist`.
    public let documents: [String: EvidenceTree.Document]
    private let missing: [String: String]
    /// Documents that were decoded already.
    let decoded = DecodedParts()
    /// Shared by the machines of one evidence.
    let ruleBook: RuleBook

    init(
        name: String, documents: [String: EvidenceTree.Document], missing: [String: String],
        ruleBook: RuleBook = RuleBook()
    ) {
        self.name = name
        self.documents = documents
        self.missing = missing
        self.ruleBook = ruleBook
    }

    /// A part of a node's evidence: its file under `nodes/NAME/`, named by the tool whose form it has.
    public struct Part: Sendable, Hashable {
        public let path: String
        public init(_ path: String) { self.path = path }

        /// `ip -d -j link`, `ip -j addr`, `ip -j route show table all`, `ip -j rule`, `ip -j neigh`, `bridge -j fdb`,
        /// and the same of IPv6.
        public static let links = Part("ip-link.json")
        public static let addresses = Part("ip-addr.json")
        public static let routes = Part("ip-route.json")
        public static let routes6 = Part("ip-6-route.json")
        public static let rules = Part("ip-rule.json")
        public static let rules6 = Part("ip-6-rule.json")
        public static let neighbours = Part("ip-neigh.json")
        public static let forwarding = Part("bridge-fdb.json")
        /// `nft -j list ruleset`.
        public static let nftables = Part("nft.json")
        /// `iptables-nft-save`, `iptables-legacy-save`, and the same of IPv6.
        public static let iptables = Part("iptables-save.txt")
        public static let iptablesLegacy = Part("iptables-legacy-save.txt")
        public static let ip6tables = Part("ip6tables-save.txt")
        public static let ip6tablesLegacy = Part("ip6tables-legacy-save.txt")
        public static let ipsets = Part("ipset-save.txt")
        public static let ipvs = Part("ipvsadm-save.txt")
        /// `sysctl -a`: `net.ipv4.ip_forward = 1`.
        public static let sysctls = Part("sysctl.txt")
        /// `conntrack -S`; /proc/net/netstat and /proc/net/snmp as they are.
        public static let conntrack = Part("conntrack-stats.txt")
        public static let netstat = Part("proc/net/netstat")
        public static let snmp = Part("proc/net/snmp")
        /// /proc/net/dev: packets of every interface.
        public static let counters = Part("proc/net/dev")
        /// `ss -lntuH`.
        public static let listeners = Part("ss-listen.txt")
        public static let mounts = Part("proc/self/mountinfo")
        public static let modules = Part("proc/modules")
        /// `/boot/config-RELEASE` or the text of /proc/config.gz.
        public static let kernelConfiguration = Part("kernel-config")
        /// `{"sysname","release","version","machine"}`.
        public static let kernel = Part("uname.json")
        /// `{"wall": seconds, "monotonic": seconds, "sinceBoot": seconds, "synchronized": bool, "offset": nanoseconds,
        /// "mostError": microseconds}`: the last three as adjtimex(2) says.
        public static let clock = Part("clock.json")
        /// `ethtool -k` per device: `{"flannel.1": {"tx-checksum-ip-generic": "on"}}`.
        public static let offloads = Part("ethtool.json")
        /// Of every file below the folders that matter: `[{"path","type","mode","size","mtime","target","dangling",
        /// "machine"}]`; mode in octal as text, size in bytes, mtime in seconds since 1970, `dangling` of links to nothing,
        /// `machine` of ELF headers (`x86_64`).
        public static let fileList = Part("files.json")
        /// Answers of plugins to VERSION: `{"/opt/cni/bin/bridge": {"cniVersion", "supportedVersions"} or "error"}`.
        public static let pluginVersions = Part("plugin-versions.json")
        /// `crictl pods -o json`, with `network` of `crictl inspectp` in each where it is known.
        public static let sandboxes = Part("crictl-pods.json")
        /// `crictl info`: conditions RuntimeReady and NetworkReady with their messages, and the runtime's version.
        public static let runtime = Part("crictl-info.json")
        /// `{"processes": [{"pid", "name"}], "inotifyInstances": {USER: COUNT}, "inotifyWatches": {USER: COUNT}}`.
        public static let processes = Part("processes.json")
        /// `{"programs", "maps", "net", "cgroups", "pinned"}`: what `bpftool -j prog`, `map`, `net` and `cgroup tree` print,
        /// and of maps how many entries are in them.
        public static let bpf = Part("bpf.json")
        /// Classifiers of tc that are no BPF programs, as `tc -j filter show dev DEVICE ingress` prints them, with `dev` and
        /// `direction` (`ingress`, `egress`) in each: `[]` where there are none.
        public static let classifiers = Part("tc-filter.json")
        /// cpu.stat and cpu.max of control groups of pods and of their keepers: `[{"cgroup", "pod": uid, "nr_periods",
        /// "nr_throttled", "throttled_usec", "quota_usec", "period_usec", "oom_kill"}]`.
        public static let controlGroups = Part("cgroups.json")
        public static let kubeletLog = Part("logs/kubelet.log")
        /// What NetworkManager wrote.
        public static let managerLog = Part("logs/NetworkManager.log")
        public static let runtimeLog = Part("logs/containerd.log")
        public static let kernelLog = Part("logs/kernel.log")
    }

    public subscript(part: Part) -> EvidenceTree.Document? { documents[part.path] }

    /// Whether anything of it could be read.
    public var wasRead: Bool { !documents.isEmpty }

    public func text(_ part: Part) -> String? { documents[part.path]?.text }

    /// The part as JSON; nil when it was not collected or does not parse.
    public func json(_ part: Part) -> JSONNode? {
        documents[part.path].flatMap { try? JSONTree(parsing: $0.bytes).root }
    }

    /// A copy of a file of the machine, by its absolute path.
    public func file(_ absolutePath: String) -> EvidenceTree.Document? { documents["files" + absolutePath] }

    /// Copies of files below a folder, by absolute path, in the order of their names.
    public func files(under folder: String) -> [(path: String, document: EvidenceTree.Document)] {
        let prefix = "files" + (folder.hasSuffix("/") ? folder : folder + "/")
        return documents.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(5)), $0.value) }
            .sorted { $0.path < $1.path }
    }

    public func reasonMissing(_ part: Part) -> String? {
        if documents[part.path] != nil { return nil }
        if let reason = missing[part.path] { return reason }
        return missing.filter { $0.key.isEmpty || ($0.key.hasSuffix("/") && part.path.hasPrefix($0.key)) }
            .max { $0.key < $1.key }?.value ?? "\(part.path) of \(name) was not collected"
    }

    /// Why nothing of a folder is there, where somebody said so.
    func reasonMissing(folder: String) -> String? { missing["files\(folder)/"] }

    /// Whether somebody tried to read a part, and could not.
    func wasRefused(_ part: Part) -> Bool { documents[part.path] == nil && missing[part.path] != nil }

    /// Where a part was read, for evidence: `node-7: ip link` with the age.
    public func source(_ part: Part, command: String = "") -> FactSource {
        documents[part.path]?.source ?? FactSource("\(name): \(part.path)", command: command)
    }

    /// A pod's network namespace on this machine, with the same parts as the machine itself.
    public func pod(_ namespace: String, _ pod: String) -> NodeEvidence? {
        let prefix = "pods/\(namespace)/\(pod)/"
        let own = documents.filter { $0.key.hasPrefix(prefix) }
        if own.isEmpty { return nil }
        return NodeEvidence(
            name: "\(namespace)/\(pod)",
            documents: Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst(prefix.count)), $0.value) }),
            missing: Dictionary(
                uniqueKeysWithValues: missing.filter { $0.key.hasPrefix(prefix) }.map {
                    (String($0.key.dropFirst(prefix.count)), $0.value)
                }), ruleBook: ruleBook)
    }

    /// `NAMESPACE/POD` of every pod whose network namespace was looked into.
    public var podNames: [String] {
        var names: Set<String> = []
        for path in documents.keys where path.hasPrefix("pods/") {
            let parts = path.split(separator: "/", maxSplits: 3)
            if parts.count == 4 { names.insert("\(parts[1])/\(parts[2])") }
        }
        return names.sorted()
    }
}

extension FactKey where Value == NodeEvidence {
    public static let nodes = FactKey("machines")
}

extension FactName {
    /// A part of at least one machine. On machines that lack it a check says so itself.
    public static func node(_ part: NodeEvidence.Part) -> FactName { FactName("\(part.path) of machines") }

    /// The folders in which the runtime of at least one machine looks for plugins: asked of the lists of files.
    public static let pluginFolders = FactName("folders of CNI plugins of machines")

    /// Any machine at all.
    static let machines = FactName("machines")

    /// The packet filter of at least one machine, by whichever program it is printed.
    public static let packetFilters = FactName("packet filters of machines")
}

extension FactBase {
    /// Machines that were looked into, by name. Not the Node objects: those are `objects("nodes")`.
    public var machines: [NodeEvidence] { derived.value("machines") { (self[.nodes] ?? []).map(\.value) } }

    func machine(_ name: String) -> NodeEvidence? {
        derived.value("machines by name") { Dictionary(machines.map { ($0.name, $0) }) { first, _ in first } }[name]
    }

    /// Machines that have all of the parts.
    public func machines(with parts: NodeEvidence.Part...) -> [NodeEvidence] {
        machines.filter { machine in parts.allSatisfy { machine[$0] != nil } }
    }

    mutating func readNodes(_ evidence: EvidenceTree) {
        func split(_ path: String) -> (node: String, rest: String)? {
            guard path.hasPrefix(EvidencePath.nodes) else { return nil }
            let parts = path.dropFirst(EvidencePath.nodes.count)
                .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            return (String(parts[0]), String(parts[1]))
        }
        var documents: [String: [String: EvidenceTree.Document]] = [:]
        var missing: [String: [String: String]] = [:]
        for (path, document) in evidence.documents {
            if let (node, rest) = split(path) { documents[node, default: [:]][rest] = document }
        }
        for (path, reason) in evidence.missing {
            if let (node, rest) = split(path) { missing[node, default: [:]][rest] = reason }
        }
        let ruleBook = RuleBook()
        for name in Set(documents.keys).union(missing.keys).sorted() {
            if documents[name] == nil,
                let reason = missing[name]?[""] ?? missing[name]?.min(by: { $0.key < $1.key })?.value
            {
                addMissing(.machines, because: reason)
            }
            let machine = NodeEvidence(
                name: name, documents: documents[name] ?? [:], missing: missing[name] ?? [:], ruleBook: ruleBook)
            add(Fact(machine, from: FactSource(name)), as: .nodes)
            for part in machine.documents.keys { addCollected(.node(NodeEvidence.Part(part))) }
            switch machine.packetFilterState {
            case .known: addCollected(.packetFilters)
            case .refused(let reason): addMissing(.packetFilters, because: "\(name): \(reason)")
            case .notAsked: break
            }
            for (part, reason) in missing[name] ?? [:] {
                addMissing(.node(NodeEvidence.Part(part)), because: "\(name): \(reason)")
            }
        }
    }
}
