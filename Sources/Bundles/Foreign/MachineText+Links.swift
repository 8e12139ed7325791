import Addressing
import JSONTree

extension MachineText {
    // MARK: ip link, ip addr

    /// `ip -d link` and `ip addr` as `ip -d -j addr` prints them.
    static func links(_ text: String) -> [UInt8] {
        var links: [LinkText] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.first.map({ !$0.isWhitespace }) ?? false {
                if let link = LinkText(line) { links.append(link) }
            } else if !links.isEmpty {
                links[links.count - 1].read(line)
            }
        }
        // Who is a master of others without saying what it is, is a bridge.
        let masters = Set(links.compactMap(\.master))
        // Of two answers about one device the longer one says more.
        var values: [(value: JSONValue, size: Int)] = []
        var places: [String: Int] = [:]
        for link in links {
            let value = link.value(isMaster: masters.contains(link.name))
            let size = value.serialized().count
            if let known = places[link.name] {
                if values[known].size < size { values[known] = (value, size) }
            } else {
                places[link.name] = values.count
                values.append((value, size))
            }
        }
        return JSONValue.array(values.map(\.value)).serialized()
    }

    private struct LinkText {
        var name: String
        var master: String?
        private var members: [JSONMember]
        private var kind: String?
        private var data: [JSONMember] = []
        private var slave: [JSONMember]?
        private var addresses: [JSONValue] = []
        private var hasOtherNamespace = false
        private var hasPeer = false

        /// `5: veth99bf8463@if2: <BROADCAST,UP> mtu 1450 qdisc noqueue master cni0 state UP group default`.
        init?(_ line: Substring) {
            let parts = line.split(separator: ":", maxSplits: 2).map { $0.drop { $0 == " " } }
            guard parts.count == 3, let index = Int64(parts[0]), parts[2].hasPrefix("<") else { return nil }
            let names = parts[1].split(separator: "@", maxSplits: 1)
            guard let own = names.first else { return nil }
            name = String(own)
            members = [JSONMember("ifindex", .int(index)), JSONMember("ifname", .string(name))]
            if names.count == 2 {
                if names[1].hasPrefix("if"), let other = Int64(names[1].dropFirst(2)) {
                    members.append(JSONMember("link_index", .int(other)))
                    hasPeer = true
                } else if names[1] != "NONE" {
                    members.append(JSONMember("link", .string(String(names[1]))))
                }
            }
            let flags = parts[2].dropFirst().prefix { $0 != ">" }.split(separator: ",")
            members.append(JSONMember("flags", .array(flags.map { .string(String($0)) })))
            var words = parts[2].split(separator: " ").dropFirst()
            while let word = words.popFirst() {
                guard let value = words.first else { break }
                switch word {
                case "mtu":
                    if let mtu = Int64(value) { members.append(JSONMember("mtu", .int(mtu))) }
                case "qdisc": members.append(JSONMember("qdisc", .string(String(value))))
                case "state": members.append(JSONMember("operstate", .string(String(value))))
                case "master":
                    master = String(value)
                    members.append(JSONMember("master", .string(String(value))))
                default: continue
                }
                words = words.dropFirst()
            }
        }

        mutating func read(_ line: Substring) {
            var words = line.split(separator: " ")[...]
            guard let first = words.popFirst() else { return }
            if first.hasPrefix("link/") {
                members.append(JSONMember("link_type", .string(String(first.dropFirst(5)))))
                if let address = words.first { members.append(JSONMember("address", .string(String(address)))) }
                if let number = value(of: "link-netnsid", in: words).flatMap({ Int64($0) }) {
                    members.append(JSONMember("link_netnsid", .int(number)))
                    hasOtherNamespace = true
                }
            } else if first == "inet" || first == "inet6" {
                readAddress(String(first), words)
            } else if first == "bridge_slave" {
                slave = [JSONMember("hairpin", .bool(value(of: "hairpin", in: words) == "on"))]
                if let state = value(of: "state", in: words) { slave?.append(JSONMember("state", .string(state))) }
            } else if Self.kinds.contains(first), kind == nil {
                kind = String(first)
                readDetails(words)
            }
        }

        /// What stands at the start of a detail line of `ip -d`.
        private static let kinds: Set<Substring> = [
            "bridge", "veth", "vxlan", "geneve", "ipip", "sit", "gre", "gretap", "ip6tnl", "ip6gre", "wireguard",
            "dummy", "vlan", "bond", "tun", "macvlan", "ipvlan", "openvswitch", "vrf", "ifb", "netkit", "nlmon",
        ]

        private mutating func readDetails(_ words: ArraySlice<Substring>) {
            for (word, key) in [("id" as Substring, "id"), ("dstport", "port")] {
                if let number = value(of: word, in: words).flatMap({ Int64($0) }) {
                    data.append(JSONMember(key, .int(number)))
                }
            }
            for (word, key) in [("local" as Substring, "local"), ("remote", "remote"), ("dev", "link")] {
                if let text = value(of: word, in: words) { data.append(JSONMember(key, .string(text))) }
            }
            if words.contains("external") { data.append(JSONMember("external", .bool(true))) }
            if words.contains("nolearning") { data.append(JSONMember("learning", .bool(false))) }
        }

        private mutating func readAddress(_ family: String, _ words: ArraySlice<Substring>) {
            var words = words
            guard let local = words.popFirst() else { return }
            let parts = local.split(separator: "/")
            var address = [JSONMember("family", .string(family)), JSONMember("local", .string(String(parts[0])))]
            var length = parts.count == 2 ? Int64(parts[1]) : nil
            if let peer = value(of: "peer", in: words) {
                let ends = peer.split(separator: "/")
                address.append(JSONMember("address", .string(String(ends[0]))))
                length = ends.count == 2 ? Int64(ends[1]) : length
            }
            address.append(JSONMember("prefixlen", .int(length ?? (family == "inet" ? 32 : 128))))
            address.append(JSONMember("scope", .string(value(of: "scope", in: words) ?? "global")))
            addresses.append(.object(address))
        }

        private func value(of word: Substring, in words: ArraySlice<Substring>) -> String? {
            guard let index = words.firstIndex(of: word), index + 1 < words.endIndex else { return nil }
            return String(words[index + 1])
        }

        /// Without `-d` a tunnel's device is known by the name that its own program gives it, and by no other.
        private var kindByName: String? {
            if name.hasPrefix("flannel."), let number = Int64(name.dropFirst("flannel.".count)) {
                return number > 0 ? "vxlan" : nil
            }
            if ["vxlan.calico", "cilium_vxlan"].contains(name) || name.hasPrefix("vxlan_sys_") { return "vxlan" }
            if name == "cilium_geneve" || name.hasPrefix("genev_sys_") { return "geneve" }
            if name == "tunl0" { return "ipip" }
            if hasPeer || hasOtherNamespace { return "veth" }
            return nil
        }

        func value(isMaster: Bool) -> JSONValue {
            var members = members
            if hasPeer, !hasOtherNamespace { members.append(JSONMember("link_netnsid", .int(0))) }
            var info: [JSONMember] = []
            if let kind = kind ?? kindByName ?? (isMaster && name != "ovs-system" ? "bridge" : nil) {
                info.append(JSONMember("info_kind", .string(kind)))
                if !data.isEmpty { info.append(JSONMember("info_data", .object(data))) }
            }
            if let slave {
                info.append(JSONMember("info_slave_kind", "bridge"))
                info.append(JSONMember("info_slave_data", .object(slave)))
            }
            if !info.isEmpty { members.append(JSONMember("linkinfo", .object(info))) }
            members.append(JSONMember("addr_info", .array(addresses)))
            return .object(members)
        }
    }

    // MARK: Tables

    /// What `ip` and `bridge` print when they are asked for one device: they leave it out of every line then.
    ///
    /// - Parameter command: or the name of a file that is called after it: `bridge_fdb_show_dev_flannel.1.txt`.
    static func namingDevice(in text: String, of command: String) -> String {
        let ends = [".txt", ".out", ".log"]
        let plain = ends.first { command.hasSuffix($0) }.map { command.dropLast($0.count) } ?? command[...]
        let words =
            [[" ", "_"], [" ", "_", "-"] as Set<Character>].lazy
            .map { separators in plain.split { separators.contains($0) } }.first { $0.contains("dev") } ?? []
        guard let first = words.first, ["ip", "bridge", "sudo"].contains(first.lowercased()),
            let at = words.firstIndex(of: "dev"), at + 1 < words.count
        else { return text }
        let device = words[at + 1]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard words.count == 2, line.first != " ", !" \(words[1]) ".contains(" dev "),
                MACAddress(String(words[0])) != nil || IPAddress(String(words[0])) != nil
                    || IPPrefix(String(words[0])) != nil || words[0] == "default"
            else { return String(line) }
            return "\(words[0]) dev \(device) \(words[1])"
        }
        return lines.joined(separator: "\n")
    }

    /// `6e:1a:4c:0f:77:21 dev flannel.1 dst 10.0.0.12 self permanent` as `bridge -j fdb` prints it.
    static func forwarding(_ text: String) -> [UInt8] {
        let entries = text.split(whereSeparator: \.isNewline).compactMap { line -> JSONValue? in
            let words = line.split(separator: " ")
            guard words.count > 2, words[1] == "dev" else { return nil }
            var entry = [JSONMember("mac", .string(String(words[0]))), JSONMember("ifname", .string(String(words[2])))]
            if let at = words.firstIndex(of: "dst"), at + 1 < words.count {
                entry.append(JSONMember("dst", .string(String(words[at + 1]))))
            }
            if words.contains("self") { entry.append(JSONMember("flags", ["self"])) }
            entry.append(JSONMember("state", .string(words.contains("permanent") ? "permanent" : "")))
            return .object(entry)
        }
        return JSONValue.array(entries).serialized()
    }

    /// `ipset list` as `ipset save` prints it.
    static func ipsets(_ text: String) -> [UInt8] {
        var lines: [String] = []
        var members: [String] = []
        var name: Substring = ""
        var type: Substring = ""
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("Name: ") {
                name = line.dropFirst(6)
                isInside = false
            } else if line.hasPrefix("Type: ") {
                type = line.dropFirst(6)
            } else if line.hasPrefix("Header: ") {
                lines.append("create \(name) \(type) \(line.dropFirst(8))")
            } else if line.hasPrefix("Members:") {
                isInside = true
            } else if isInside, !line.isEmpty {
                members.append("add \(name) \(line)")
            }
        }
        return Array((lines + members).map { $0 + "\n" }.joined().utf8)
    }

    /// `lsmod` as /proc/modules says it.
    static func modules(_ text: String) -> [UInt8] {
        let lines = text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard words.count >= 3 else { return nil }
            return "\(words[0]) \(words[1]) \(words[2]) \(words.count > 3 ? words[3] + "," : "-") Live 0x0\n"
        }
        return Array(lines.joined().utf8)
    }

    /// `crictl pods` as `crictl pods -o json`; it prints the first thirteen characters of a sandbox's id.
    static func sandboxes(_ text: String) -> [UInt8] {
        let rows = ColumnTable(text)
        let items = (rows?.rows ?? []).map { row -> JSONValue in
            [
                "id": .string(row["POD ID"] ?? ""),
                "metadata": ["name": .string(row["NAME"] ?? ""), "namespace": .string(row["NAMESPACE"] ?? "")],
                "state": .string(row["STATE"] == "Ready" ? "SANDBOX_READY" : "SANDBOX_NOTREADY"),
            ]
        }
        let value: JSONValue = ["items": .array(items)]
        return value.serialized()
    }

    /// `ss -lntu` without its heading, and what listens of `netstat -lntu` in the same columns.
    static func sockets(_ text: String) -> [UInt8] {
        let protocols: Set<Substring> = ["tcp", "udp", "tcp6", "udp6"]
        let lines = text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard words.count >= 5, let first = words.first else { return nil }
            // `ss -lnt` has no column of protocols.
            if first == "LISTEN" { return "tcp \(line)" }
            guard protocols.contains(first) else { return nil }
            if Int(words[1]) == nil { return String(line) }
            // netstat: protocol, queues, local, remote, state.
            let isListening = words.count > 5 && words[5] == "LISTEN"
            guard isListening || first.hasPrefix("udp") else { return nil }
            let state = isListening ? "LISTEN" : "UNCONN"
            return "\(first.prefix(3)) \(state) \(words[1]) \(words[2]) \(words[3]) \(words[4])"
        }
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    /// `TYPE on TARGET` lines of `mount` as mountinfo has them; propagation is not in them.
    static func mounts(_ text: String) -> [UInt8] {
        let lines = text.split(whereSeparator: \.isNewline).enumerated().compactMap { number, line -> String? in
            guard let on = line.firstRange(of: " on /"), let type = line.firstRange(of: " type ") else { return nil }
            let target = line[line.index(before: on.upperBound)..<type.lowerBound]
            let words = line[type.upperBound...].split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { return nil }
            let options = words[1].dropFirst().prefix { $0 != ")" }
            return "\(number + 1) 1 0:\(number + 1) / \(target) \(options) - \(words[0]) \(line[..<on.lowerBound]) rw\n"
        }
        return Array(lines.joined().utf8)
    }

    /// `Linux node-2 5.15.0-122-generic #132-Ubuntu SMP ... x86_64 GNU/Linux`.
    static func kernel(_ words: [Substring]) -> [UInt8] {
        let known: Set<Substring> = ["x86_64", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64", "i686"]
        let machine = words.dropFirst(3).first { known.contains($0) }
        let value: JSONValue = [
            "sysname": "Linux", "release": .string(String(words[2])),
            "machine": .string(machine.map(String.init) ?? ""),
        ]
        return value.serialized()
    }

    /// `netstat -s` as `nstat` prints its TcpExt part; what `nstat` printed as it stands.
    static func counters(_ text: String) -> [UInt8] {
        guard !text.hasPrefix("#kernel"), text.contains(":") else { return Array(text.utf8) }
        var section = ""
        var lines: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.first.map({ !$0.isWhitespace }) ?? false {
                section = String(line.prefix { $0 != ":" })
            } else {
                let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
                if words.count == 2, Int(words[1]) != nil { lines.append("\(section)\(words[0]) \(words[1]) 0.0\n") }
            }
        }
        return Array(lines.joined().utf8)
    }
}

/// Text in columns, each as wide as its widest cell, the heading above: what kubectl and crictl print.
struct ColumnTable {
    let rows: [[String: String]]

    /// Nil when there is no heading. Columns begin where a word of the heading begins after two blanks or more.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let heading = lines.first else { return nil }
        let cells = Array(heading)
        var starts: [Int] = []
        for index in cells.indices where cells[index] != " " {
            if index == 0 || (cells[index - 1] == " " && (index < 2 || cells[index - 2] == " ")) {
                starts.append(index)
            }
        }
        guard !starts.isEmpty else { return nil }
        func cut(_ line: [Character]) -> [String] {
            starts.indices.map { column in
                let start = starts[column]
                let end = column + 1 < starts.count ? min(starts[column + 1], line.count) : line.count
                guard start < end else { return "" }
                let cell = line[start..<end].drop { $0 == " " }
                return String(cell.reversed().drop { $0 == " " }.reversed())
            }
        }
        let names = cut(cells)
        rows = lines.dropFirst().filter { !$0.hasPrefix(names[0]) || names[0].isEmpty }.map { line in
            Dictionary(zip(names, cut(Array(line)))) { first, _ in first }
        }
    }
}
