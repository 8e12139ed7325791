import Foundation

/// The kernel's state of one namespace as the usual programs print it, made comparable: what is random, counted or
/// timed is replaced by a name or left out. Two plugin sets that did the same thing give equal values.
struct KernelState: Sendable {
    /// Leaf path to value: `links.cni0.mtu`, `routes.main[10.1.0.0/16 dev cni0].scope`.
    private(set) var leaves: [String: JSON] = [:]

    /// - Parameter peers: namespaces whose link names this one's `link_index` may point to.
    /// - Parameter settings: also every sysctl under `net/ipv4/conf`, `net/ipv6/conf`, `net/ipv4/neigh` and the
    ///   forwarding switches: all of them, so that one nobody thought of cannot differ unseen.
    static func read(
        _ namespace: TestNamespace, peers: [TestNamespace] = [], settings: Bool = true
    ) throws -> KernelState {
        try waitForAddresses(in: namespace)
        try waitForCarriers(in: namespace)
        let links = try namespace.json(["ip", "-j", "-d", "link"])
        let names = LinkNames(links, peers: try peers.map { try $0.json(["ip", "-j", "link"]) })
        var state = KernelState()
        state.add("links", links.elements.map(names.link), by: ["ifname"])
        let ports = try namespace.json(["bridge", "-j", "-d", "link"])
        state.add("bridge ports", ports.elements.map(names.plain), by: ["ifname"])
        let vlans = try namespace.json(["bridge", "-j", "vlan"])
        state.add("vlans", vlans.elements.map(names.plain), by: ["ifname"])
        for entry in try namespace.json(["ip", "-j", "addr"]).elements {
            let name = names.rename(entry["ifname"]?.string ?? "?")
            let list = (entry["addr_info"]?.elements ?? []).map { names.plain($0).removing(["label"]) }
            state.add("addresses.\(name)", list, by: ["local", "prefixlen"])
        }
        for family in ["-4", "-6"] {
            let routes = try namespace.json(["ip", "-j", "-d", family, "route", "show", "table", "all"])
            state.add(
                "routes \(family)", routes.elements.map(names.plain), by: ["table", "type", "dst", "gateway", "dev"])
            let rules = try namespace.json(["ip", "-j", family, "rule"])
            state.add("rules \(family)", rules.elements.map(names.plain), by: ["priority", "table", "src"])
        }
        let neighbours = try namespace.json(["ip", "-j", "neigh", "show", "nud", "permanent"])
        state.add("neighbours", neighbours.elements.map(names.plain), by: ["dst", "dev"])
        let queues = try namespace.json(["tc", "-j", "-d", "qdisc"])
        state.add("qdiscs", queues.elements.map(names.plain), by: ["dev", "kind"])
        for link in links.elements {
            guard let name = link["ifname"]?.string, name != "lo" else { continue }
            // Filters of ifb redirection hang under the ingress qdisc.
            let filters = try namespace.run(["tc", "-j", "filter", "show", "dev", name, "ingress"])
            guard filters.succeeded, let list = try? JSON(parsing: filters.stdout), !list.elements.isEmpty else {
                continue
            }
            state.add("ingress filters.\(names.rename(name))", list.elements.map(names.plain), by: [])
        }
        if settings { state.addSettings(try readSettings(in: namespace), names) }
        return state
    }

    /// The leaves with `prefix` before each path.
    func prefixed(_ prefix: String) -> [String: JSON] {
        Dictionary(uniqueKeysWithValues: leaves.map { ("\(prefix): \($0.key)", $0.value) })
    }

    /// Each entry becomes leaves under `section[key]`, where the key is made of the fields that identify it, so
    /// that one entry too many is one difference and does not shift all that follow.
    private mutating func add(_ section: String, _ entries: [JSON], by fields: [String]) {
        var seen: [String: Int] = [:]
        for entry in entries {
            var key = fields.compactMap { field -> String? in
                switch entry[field] {
                case .string(let value): field == "dst" ? value : "\(field) \(value)"
                case .int(let value): "\(field) \(value)"
                default: nil
                }
            }.joined(separator: " ")
            seen[key, default: 0] += 1
            if let count = seen[key], count > 1 { key += " #\(count)" }
            leaves.merge(entry.removing(Set(fields)).flattened(under: "\(section)[\(key)]")) { $1 }
            // An entry all of whose fields are in its key must still be seen.
            leaves["\(section)[\(key)]"] = true
        }
    }

    private mutating func addSettings(_ settings: [(path: String, value: String)], _ names: LinkNames) {
        for (path, value) in settings {
            var pieces = path.split(separator: "/").map(String.init)
            // net/ipv4/conf/<interface>/<key>: the interface is renamed, and keys that hold random or moving values go.
            guard pieces.count >= 3 else { continue }
            if pieces.count == 5 { pieces[3] = names.rename(pieces[3]) }
            if pieces.last.map(LinkNames.randomSettings.contains) == true { continue }
            leaves["settings.\(pieces.dropFirst().joined(separator: "/"))"] = .string(value)
        }
    }

    private static func readSettings(in namespace: TestNamespace) throws -> [(path: String, value: String)] {
        let output = try namespace.run([
            "grep", "-rs", "", "/proc/sys/net/ipv4/conf", "/proc/sys/net/ipv6/conf", "/proc/sys/net/ipv4/neigh",
            "/proc/sys/net/ipv6/neigh", "/proc/sys/net/ipv4/ip_forward",
        ])
        return output.stdout.split(separator: "\n").compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line.hasPrefix("/proc/sys/") else { return nil }
            return (String(line[..<colon].dropFirst("/proc/sys/".count)), String(line[line.index(after: colon)...]))
        }
    }

    /// The kernel's link watcher tells of a carrier up to a second late: a bridge that lost its last port is DOWN and
    /// its routes are `linkdown` only then. Gives up silently: a state that stays odd is for the comparison to show.
    private static func waitForCarriers(in namespace: TestNamespace) throws {
        let deadline = Date().addingTimeInterval(3)
        while Date() < deadline {
            let links = try namespace.json(["ip", "-j", "-d", "link"]).elements
            let masters = Set(links.compactMap { $0["master"]?.string })
            let settled = links.allSatisfy { link in
                let kind = link["linkinfo"]?["info_kind"]
                guard kind == "bridge" || kind == "veth", link["flags"]?.elements.contains("UP") == true else {
                    return true
                }
                let hasCarrier = kind == "veth" || masters.contains(link["ifname"]?.string ?? "")
                return (link["operstate"] == "UP") == hasCarrier
            }
            if settled { return }
            usleep(50_000)
        }
    }

    /// An IPv6 address is `tentative` until duplicate address detection ends; a snapshot taken before that differs
    /// from one taken after it. The harness turns the probes off, so this takes milliseconds.
    private static func waitForAddresses(in namespace: TestNamespace) throws {
        let deadline = Date().addingTimeInterval(5)
        while try namespace.check(["ip", "-6", "addr", "show", "tentative"]).stdout.contains("inet6") {
            if Date() > deadline { throw HarnessError("addresses in \(namespace.name) stay tentative") }
            usleep(10_000)
        }
    }
}

/// Replaces names, indexes and hardware addresses that the kernel or a plugin drew at random by ones that say what
/// the thing is: the first veth in order of its index is `veth#1`, its address `mac(veth#1)`, its link-local address
/// `fe80(veth#1)`.
struct LinkNames {
    private var names: [String: String] = [:]
    private var addresses: [String: String] = [:]
    private var ports: Set<String> = []
    private var indexes: [Int64: String] = [:]
    private var peerIndexes: [Int64: String] = [:]

    init(_ links: JSON, peers: [JSON]) {
        var counts: [String: Int] = [:]
        var bridgeAddresses: [(address: String, name: String)] = []
        for link in links.elements.sorted(by: { ($0["ifindex"]?.int ?? 0) < ($1["ifindex"]?.int ?? 0) }) {
            guard let name = link["ifname"]?.string else { continue }
            let kind = link["linkinfo"]?["info_kind"]?.string ?? "link"
            if LinkNames.isRandom(name) {
                counts[kind, default: 0] += 1
                names[name] = "\(kind)#\(counts[kind] ?? 0)"
            }
            if let index = link["ifindex"]?.int { indexes[index] = rename(name) }
            guard let address = link["address"]?.string, address != "00:00:00:00:00:00" else { continue }
            // A bridge takes over the address of a port, the lowest of them unless it was pinned: which one is chance.
            if kind == "bridge" {
                bridgeAddresses.append((address, name))
                continue
            }
            addresses[address] = "mac(\(rename(name)))"
            if let linkLocal = LinkNames.linkLocal(of: address) { addresses[linkLocal] = "fe80(\(rename(name)))" }
        }
        ports = Set(addresses.keys)
        for (address, name) in bridgeAddresses where addresses[address] == nil { addresses[address] = "mac(\(name))" }
        for (number, peer) in peers.enumerated() {
            for link in peer.elements {
                guard let index = link["ifindex"]?.int, let name = link["ifname"]?.string else { continue }
                peerIndexes[index] = "peer\(number + 1)/\(LinkNames.isRandom(name) ? "random" : name)"
            }
        }
    }

    /// Names a plugin makes up: `veth` and eight hexadecimal digits, `bwp` and a hash.
    static func isRandom(_ name: String) -> Bool {
        for prefix in ["veth", "bwp"] where name.hasPrefix(prefix) && name.count > prefix.count {
            return name.dropFirst(prefix.count).allSatisfy(\.isHexDigit)
        }
        return false
    }

    func rename(_ name: String) -> String { names[name] ?? name }

    /// Replaces what is random in any string of a tree.
    func plain(_ entry: JSON) -> JSON {
        entry.removing(LinkNames.moving).mappingStrings { text in
            if let known = names[text] ?? addresses[text] { return known }
            // A bridge's link-local address was made from the hardware address it had at that moment.
            return text.hasPrefix("fe80::") && text != "fe80::/64" ? "fe80(other)" : text
        }
    }

    /// As ``plain(_:)``, and a link's indexes become names.
    func link(_ entry: JSON) -> JSON {
        var entry = entry
        if let index = entry["link_index"]?.int {
            let inOther = entry["link_netnsid"] != nil
            entry["link"] = .string(inOther ? peerIndexes[index] ?? "elsewhere" : indexes[index] ?? "elsewhere")
        }
        if entry["linkinfo"]?["info_kind"] == "bridge", let address = entry["address"]?.string, ports.contains(address)
        {
            entry["address"] = "mac(a port)"
        }
        return plain(entry)
    }

    /// Settings whose value the kernel draws at random.
    static let randomSettings: Set<String> = ["stable_secret", "base_reachable_time", "base_reachable_time_ms"]

    /// Members that count, time or number something.
    private static let moving: Set<String> = [
        "ifindex", "link_index", "link_netnsid", "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer",
        "valid_life_time", "preferred_life_time", "handle", "refcnt", "expires", "cache_info", "bridge_id",
        "designated_bridge", "root_id", "num_tx_queues", "num_rx_queues", "hold_timer", "forward_delay_timer",
        "message_age_timer", "linkmode", "id",
        "designated_root", "installed", "last_used", "first_used", "index", "ref", "bind", "stats", "no", "port_id",
        "port_no", "designated_port", "topology_change", "topology_change_detected", "config_pending",
    ]

    /// The EUI-64 link-local address of a hardware address, as the kernel prints it (RFC 4291 appendix A).
    static func linkLocal(of address: String) -> String? {
        let bytes = address.split(separator: ":").compactMap { UInt16($0, radix: 16) }
        guard bytes.count == 6 else { return nil }
        let words = [
            (bytes[0] ^ 2) << 8 | bytes[1], bytes[2] << 8 | 0xff, 0xfe00 | bytes[3], bytes[4] << 8 | bytes[5],
        ]
        let tail = words.map { String($0, radix: 16) }
        // "::" stands for the zeros after fe80; a zero word right behind them is swallowed too.
        let visible = tail.drop { $0 == "0" }
        return "fe80::" + visible.joined(separator: ":")
    }
}
