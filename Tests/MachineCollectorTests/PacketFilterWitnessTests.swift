import Addressing
import Diagnosis
import Foundation
import LinuxHost
import MachineCollector
import Netlink
import SystemCalls
import Testing

/// The packet filter of a namespace as this program reads it, beside what iptables-save and ipset print of the same.
@Suite(.enabled(if: PacketFilterWitness.isPossible, "needs root, iproute2, iptables and ipset"), .serialized)
struct PacketFilterWitnessTests {
    /// As kube-proxy, flannel, Calico, Istio and a careful administrator write them.
    private static let rules = """
        *raw
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :cali-PREROUTING - [0:0]
        -A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" -j cali-PREROUTING
        -A PREROUTING -p udp -m udp --dport 5300 -j CT --notrack
        -A OUTPUT -p udp -m udp --sport 1000:2000 --dport 53:54 -j NOTRACK
        -A cali-PREROUTING -i cali+ -m comment --comment "cali:njdnLwYeGqBJyMxW" -j MARK --set-xmark 0x40000/0x40000
        -A cali-PREROUTING -m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP
        COMMIT
        *mangle
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :FORWARD ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        -A PREROUTING -i eth0 -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x80/0x80
        -A PREROUTING -i eni+ -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80
        -A PREROUTING -p tcp -m mark --mark 0x55/0xff -j TPROXY --on-port 15001 --on-ip 127.0.0.1 --tproxy-mark 0x539/0xffffffff
        -A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
        COMMIT
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :FLANNEL-POSTRTG - [0:0]
        :ISTIO_REDIRECT - [0:0]
        :KUBE-MARK-MASQ - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-POSTROUTING - [0:0]
        :KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]
        :KUBE-SEP-BBBBBBBBBBBBBBBB - [0:0]
        :KUBE-SERVICES - [0:0]
        :KUBE-SVC-TCOU7JCQXEZGVUNU - [0:0]
        -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A OUTPUT -m owner --uid-owner 1337 -j RETURN
        -A OUTPUT ! -o lo -m owner ! --gid-owner 1337 -j ISTIO_REDIRECT
        -A OUTPUT -m addrtype ! --dst-type LOCAL --limit-iface-out -j RETURN
        -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
        -A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
        -A POSTROUTING -s 10.9.0.0/16 -j SNAT --to-source 192.0.2.1
        -A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN
        -A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
        -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15006
        -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
        -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
        -A KUBE-SEP-AAAAAAAAAAAAAAAA -s 10.244.1.5/32 -m comment --comment "kube-system/kube-dns:dns" -j KUBE-MARK-MASQ
        -A KUBE-SEP-AAAAAAAAAAAAAAAA -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination 10.244.1.5:53
        -A KUBE-SEP-BBBBBBBBBBBBBBBB -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination 10.244.2.5:53
        -A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU
        -A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
        -A KUBE-SVC-TCOU7JCQXEZGVUNU ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p udp -m udp --dport 53 -j KUBE-MARK-MASQ
        -A KUBE-SVC-TCOU7JCQXEZGVUNU -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-AAAAAAAAAAAAAAAA
        -A KUBE-SVC-TCOU7JCQXEZGVUNU -m statistic --mode nth --every 3 --packet 1 -j KUBE-SEP-BBBBBBBBBBBBBBBB
        -A KUBE-SVC-TCOU7JCQXEZGVUNU -j KUBE-SEP-BBBBBBBBBBBBBBBB
        COMMIT
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :KUBE-FIREWALL - [0:0]
        :KUBE-FORWARD - [0:0]
        :cali-fw - [0:0]
        -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A INPUT -m state --state NEW -j KUBE-FIREWALL
        -A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT
        -A INPUT -p tcp -m tcp ! --sport 22 ! --dport 10:20 -j ACCEPT
        -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT
        -A FORWARD -p tcp -m multiport --dports 80,443,8000:8100 -j ACCEPT
        -A FORWARD -m iprange --src-range 10.0.0.1-10.0.0.7 ! --dst-range 10.1.0.1-10.1.0.7 -j ACCEPT
        -A FORWARD -m limit --limit 5/min --limit-burst 7 -j LOG --log-prefix "calico-packet: " --log-level 5
        -A FORWARD -j NFLOG --nflog-prefix "DPI|x" --nflog-group 1 --nflog-size 80
        -A FORWARD -s 10.0.0.0/255.0.255.0 ! -i eth+ -o eth1 ! -p tcp -g KUBE-FIREWALL
        -A FORWARD -f -j DROP
        -A FORWARD -p ipencap -j ACCEPT
        -A FORWARD -j REJECT --reject-with icmp-host-prohibited
        -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
        -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
        -A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
        -A cali-fw -m comment --comment "cali:q" -m set --match-set cali40s:abc src -j ACCEPT
        -A cali-fw -p tcp -m set ! --match-set ports dst,dst -m comment --comment z -j ACCEPT
        -A cali-fw -j SET --add-set ports src,dst --exist --timeout 60
        COMMIT

        """

    private static let rules6 = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :KUBE-SVC - [0:0]
        -A PREROUTING -s fd00:10:244::/56 ! -d fd00:10:96::a/128 -p tcp -m tcp --dport 80 -j KUBE-SVC
        -A PREROUTING -d fd00::/12 -i eth0 -g KUBE-SVC
        -A POSTROUTING -s fd00:10:244::/56 -j MASQUERADE --random-fully
        -A KUBE-SVC -p tcp -m tcp -j DNAT --to-destination [fd00:10:244:1::5]:8080
        COMMIT
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT
        -A INPUT -j REJECT --reject-with icmp6-adm-prohibited
        COMMIT

        """

    /// Without comments and counters, tables by name.
    private static func tables(_ text: String) -> [String: [String]] {
        var tables: [String: [String]] = [:]
        var name = ""
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("*") { name = String(line) }
            if line.hasPrefix(":"), let end = line.firstIndex(of: "[") {
                tables[name, default: []].append(String(line[..<end]))
            } else {
                tables[name, default: []].append(String(line))
            }
        }
        return tables
    }

    private func expectSame(_ own: String?, _ theirs: [UInt8], _ program: String) throws {
        let own = Self.tables(try #require(own))
        let theirs = Self.tables(String(decoding: theirs, as: UTF8.self))
        #expect(Set(own.keys) == Set(theirs.keys), "\(program)")
        for (name, lines) in theirs {
            let ours = own[name] ?? []
            #expect(ours == lines, "\(program) \(name)")
        }
    }

    @Test func rulesAreThoseOfIPTablesSave() throws {
        let witness = try PacketFilterWitness()
        defer { witness.namespace.remove() }
        for line in Self.sets.split(separator: "\n") {
            try witness.run(["ipset"] + line.split(separator: " ").map(String.init))
        }
        try witness.restore("iptables-nft-restore", Self.rules)
        try witness.restore("ip6tables-nft-restore", Self.rules6)
        // Read by nobody before: what nft writes into such a table is no word of iptables.
        let machine = try witness.namespace.collected()
        try expectSame(machine.text(.iptables), try witness.run(["iptables-nft-save"]), "iptables-nft-save")
        try expectSame(machine.text(.ip6tables), try witness.run(["ip6tables-nft-save"]), "ip6tables-nft-save")

        // The Service goes to both endpoints, and its client keeps its address.
        let simulation = try #require(machine.packetFilterSimulation)
        let packet = PacketFilterSimulation.Packet(
            from: try #require(IPAddress("10.244.1.9")), to: try #require(IPAddress("10.96.0.10")), "udp", port: 53,
            input: "cni0", output: "eth0")
        let translated = simulation.pass(packet, through: [.prerouting])
        #expect(Set(translated.packets.map { "\($0.destination)" }) == ["10.244.1.5", "10.244.2.5"])

        // One rule of nft's own in a table of iptables: that one is walked as nft has it.
        _ = try witness.run([
            "nft", "insert", "rule", "ip", "filter", "FORWARD", "ct", "state", "new", "tcp", "dport", "4711", "drop",
        ])
        let mixed = try witness.namespace.collected()
        #expect(mixed.text(.iptables)?.contains("-m nft --undecoded ct") ?? false)
        let filter = try #require(mixed.packetFilter)
        #expect(filter.tables.contains { $0.program == "nft" && $0.name == "filter" && $0.family == "ip" })
        #expect(!filter.tables.contains { $0.program == "iptables" && $0.name == "filter" })
        #expect(filter.tables.contains { $0.program == "iptables" && $0.name == "nat" })
        func verdict(_ port: Int) throws -> PacketFilterSimulation.Outcome.Verdict {
            let packet = PacketFilterSimulation.Packet(
                from: try #require(IPAddress("192.0.2.1")), to: try #require(IPAddress("192.0.2.2")), "tcp", port: port,
                input: "eth0", output: "eth1")
            return try #require(mixed.packetFilterSimulation).pass(packet, through: [.forward]).verdict
        }
        #expect(try verdict(4711) == .dropped)
        #expect(try verdict(8080) == .accepted)
        #expect(try verdict(9) == .rejected("icmp-host-prohibited"))
    }

    private static let sets = """
        create cali40s:abc hash:net
        add cali40s:abc 10.0.0.0/8
        add cali40s:abc 192.0.2.7
        create ports hash:ip,port timeout 300
        add ports 10.96.0.1,tcp:443
        add ports 10.96.0.10,udp:53 timeout 0
        create six hash:net,iface family inet6 comment
        add six fd00::/64,eth0 comment office
        create nodes bitmap:port range 30000-32767
        add nodes 30080
        create but hash:net
        add but 10.1.0.0/16
        add but 10.1.2.0/24 nomatch
        create all list:set
        add all cali40s:abc
        """

    @Test func setsAreThoseOfIPSet() throws {
        let witness = try PacketFilterWitness()
        defer { witness.namespace.remove() }
        for line in Self.sets.split(separator: "\n") {
            try witness.run(["ipset"] + line.split(separator: " ").map(String.init))
        }
        /// Not the numbers that are the kernel's own: random seeds, and seconds that pass.
        func lines(_ text: String) -> Set<[String]> {
            Set(
                text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                    var words = line.split(separator: " ").map(String.init)
                    for option in ["bucketsize", "initval"] {
                        if let index = words.firstIndex(of: option) { words.removeSubrange(index...(index + 1)) }
                    }
                    if words.first == "create" { words.removeAll { $0 == "comment" } }
                    if words.first == "add", let index = words.firstIndex(of: "timeout"), words[index + 1] != "0" {
                        words[index + 1] = "T"
                    }
                    return words
                })
        }
        let machine = try witness.namespace.collected()
        let own = try #require(machine.text(.ipsets))
        #expect(lines(own) == lines(String(decoding: try witness.run(["ipset", "save"]), as: UTF8.self)))
        #expect(own.contains("\n# cali40s:abc: 2 members, 1 references, "))
        // Of a set with exceptions nothing is said.
        let known = PacketFilter.sets(ofIPSetSave: own)
        #expect(Set(known.keys) == ["cali40s:abc", "ports", "six", "nodes", "all"])
    }

    /// Counters of the namespace's table of connections, by the file and over netlink; what the kernel has not is named.
    @Test(.enabled(if: PacketFilterWitness.hasConntrack, "needs conntrack and ping"))
    func countersAreThoseOfConntrack() throws {
        let witness = try PacketFilterWitness()
        defer { witness.namespace.remove() }
        try witness.restore(
            "iptables-nft-restore",
            "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n")
        try witness.run(["ping", "-c", "2", "-i", "0.2", "127.0.0.1"])
        func counters(_ text: String) -> [String: [String: String]] {
            var found: [String: [String: String]] = [:]
            for line in text.split(separator: "\n") {
                let pairs = line.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=").map(String.init) }
                guard let first = pairs.first, first.count == 2, first[0] == "cpu" else { continue }
                for pair in pairs.dropFirst() where pair.count == 2 { found[first[1], default: [:]][pair[0]] = pair[1] }
            }
            return found
        }
        let machine = try witness.namespace.collected()
        let own = counters(try #require(machine.text(.conntrack)))
        let home = try NetworkNamespace.open(NetworkNamespace.path(ofName: witness.namespace.name))
        let answered = try home.run {
            // NETLINK_NETFILTER
            var netlink = try NetlinkSocket(family: 12)
            return try Conntrack.statistics(&netlink).map { $0.text + "\n" }.joined()
        }
        let theirs = counters(String(decoding: try witness.run(["conntrack", "-S"]), as: UTF8.self))
        #expect(!theirs.isEmpty && counters(answered) == theirs)
        for (processor, values) in theirs {
            for (name, value) in values where own[processor]?[name] != nil {
                #expect(own[processor]?[name] == value, "cpu \(processor) \(name)")
            }
            #expect(own[processor]?["insert_failed"] != nil && own[processor]?["drop"] != nil)
        }
        if (try? FileSystem.exists("/proc/net/ip_vs")) != true {
            #expect(machine.text(.ipvs) == "# this kernel has no ip_vs, or its module is not loaded\n")
        }
    }

    /// Both flavours hold rules of the cluster: each alone is seen, and together they are the cause.
    @Test(.enabled(if: PacketFilterWitness.hasLegacyTables, "needs a kernel with the old iptables"))
    func bothFlavours() throws {
        let witness = try PacketFilterWitness()
        defer { witness.namespace.remove() }
        for line in Self.sets.split(separator: "\n") {
            try witness.run(["ipset"] + line.split(separator: " ").map(String.init))
        }
        try witness.restore("iptables-legacy-restore", Self.rules)
        try witness.restore("ip6tables-legacy-restore", Self.rules6)
        var machine = try witness.namespace.collected()
        try expectSame(
            machine.text(.iptablesLegacy), try witness.run(["iptables-legacy-save"]), "iptables-legacy-save")
        try expectSame(
            machine.text(.ip6tablesLegacy), try witness.run(["ip6tables-legacy-save"]), "ip6tables-legacy-save")
        #expect(try codes(witness).contains("RTE-16") == false)
        try witness.restore("iptables-nft-restore", Self.rules)
        machine = try witness.namespace.collected()
        let programs = Set(try #require(machine.packetFilter).tables.map(\.program))
        #expect(programs.contains("iptables") && programs.contains("iptables-legacy"))
        #expect(try codes(witness).contains("RTE-16"))
    }

    private func codes(_ witness: PacketFilterWitness) throws -> [String] {
        let home = try NetworkNamespace.open(NetworkNamespace.path(ofName: witness.namespace.name))
        var tree = try home.run { MachineCollector(MachineCollectorOptions(node: "node-1")).collect() }
        tree.add(
            #"{"kind":"NodeList","items":[{"kind":"Node","metadata":{"name":"node-1"}}]}"#,
            at: EvidencePath.resource("nodes"), from: FactSource("nodes"))
        return DiagnosisReport(FactBase(reading: tree), CheckList.all).entries.map(\.root.code)
    }
}

/// A namespace with nothing but the loopback, in which iptables and ipset are run.
struct PacketFilterWitness {
    let namespace: WitnessNamespace

    static var isPossible: Bool {
        WitnessNamespace.isPossible
            && ["/usr/sbin/iptables-nft-restore", "/usr/sbin/ipset"].allSatisfy { (try? FileSystem.exists($0)) == true }
    }

    static var hasConntrack: Bool {
        (try? FileSystem.exists("/usr/sbin/conntrack")) == true && (try? FileSystem.exists("/usr/bin/ping")) == true
    }

    static var hasLegacyTables: Bool {
        (try? FileSystem.exists("/proc/net/ip_tables_names")) == true
            && (try? FileSystem.exists("/usr/sbin/iptables-legacy-restore")) == true
    }

    init() throws { namespace = try WitnessNamespace("ip link set lo up") }

    @discardableResult
    func run(_ command: [String]) throws -> [UInt8] { try namespace.within(command) }

    func restore(_ program: String, _ rules: String) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(namespace.name)-\(program)").path
        try Data(rules.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try run([program, path])
    }
}
