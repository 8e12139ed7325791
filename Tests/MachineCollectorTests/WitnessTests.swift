import Addressing
import Diagnosis
import Foundation
import JSONTree
import LinuxHost
import MachineCollector
import SystemCalls
import Testing

/// What the collector renders and the look-up decides, beside what `ip` and `bridge` say of the same namespace.
@Suite(.enabled(if: WitnessNamespace.isPossible, "needs root and iproute2"))
struct WitnessTests {
    /// The members that both sides print, of one element of a list.
    private static func selected(_ node: JSONNode, _ keys: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for key in keys { if let value = node.member(key) { values[key] = "\(value)" } }
        return values
    }

    private static func byName(_ root: JSONNode, _ name: String) -> [String: JSONNode] {
        Dictionary(root.elements.compactMap { node in node.member(name)?.string.map { ($0, node) } }) { first, _ in
            first
        }
    }

    private static func parsed(_ bytes: [UInt8]) throws -> JSONNode { try JSONTree(parsing: bytes).root }

    @Test func linksAddressesAndEntriesAreThoseOfIproute2() throws {
        let namespace = try WitnessNamespace()
        defer { namespace.remove() }
        let machine = try namespace.collected()

        let links = Self.byName(try #require(machine.json(.links)), "ifname")
        let theirs = Self.byName(try Self.parsed(try namespace.ip("-d", "-j", "link")), "ifname")
        #expect(Set(links.keys) == Set(theirs.keys))
        // Not the operational state and what follows from it: the kernel sets it later, on its own time.
        let keys = ["ifindex", "mtu", "master", "link", "link_type", "address", "txqlen"]
        func flags(_ node: JSONNode) -> Set<String> {
            let words = node.member("flags")?.elements.compactMap(\.string) ?? []
            return Set(words).subtracting(["NO-CARRIER", "LOWER_UP", "M-DOWN"])
        }
        for (name, expected) in theirs {
            let own = try #require(links[name])
            #expect(Self.selected(own, keys) == Self.selected(expected, keys), "\(name)")
            #expect(flags(own) == flags(expected), "\(name)")
            let ownInfo = own.at("linkinfo", "info_data")
            let theirInfo = expected.at("linkinfo", "info_data")
            for key in ["id", "local", "port", "learning"] {
                #expect(
                    ownInfo?.member(key)?.description == theirInfo?.member(key)?.description || ownInfo == nil,
                    "\(name) \(key)")
            }
            #expect(
                own.at("linkinfo", "info_slave_data", "hairpin")?.bool
                    == expected.at("linkinfo", "info_slave_data", "hairpin")?.bool)
        }
        let addresses = try #require(machine.addresses).map { "\($0.device) \($0.address) \($0.scope)" }.sorted()
        let expectedAddresses = try Self.parsed(try namespace.ip("-j", "addr")).elements.flatMap { link in
            (link.member("addr_info").map { Array($0.elements) } ?? []).compactMap { item -> String? in
                guard let local = item.member("local")?.string, let length = item.member("prefixlen")?.int else {
                    return nil
                }
                return "\(link.member("ifname")?.string ?? "") \(local)/\(length) \(item.member("scope")?.string ?? "")"
            }
        }.sorted()
        #expect(addresses == expectedAddresses)

        func lines(_ root: JSONNode, _ keys: [String]) -> [String] {
            root.elements.map { node in
                keys.compactMap { key in node.member(key).map { "\(key)=\($0)" } }.joined(separator: " ")
            }
            .sorted()
        }
        let neighbourKeys = ["dst", "dev", "lladdr", "state"]
        #expect(
            lines(try #require(machine.json(.neighbours)), neighbourKeys)
                == lines(try Self.parsed(try namespace.ip("-j", "neigh")), neighbourKeys))
        let entryKeys = ["mac", "ifname", "dst", "state"]
        let bridge = try Self.parsed(try namespace.run("bridge", "-j", "fdb")).elements
            .filter { $0.member("ifname")?.string == "vx0" }
        let ownEntries = try #require(machine.json(.forwarding)).elements.filter {
            $0.member("ifname")?.string == "vx0"
        }
        #expect(
            ownEntries.map { Self.selected($0, entryKeys) }.map { "\($0.sorted { $0.key < $1.key })" }.sorted()
                == bridge.map { Self.selected($0, entryKeys) }.map { "\($0.sorted { $0.key < $1.key })" }.sorted())
    }

    @Test func routesAndRulesAreThoseOfIproute2() throws {
        let namespace = try WitnessNamespace()
        defer { namespace.remove() }
        let machine = try namespace.collected()
        for (part, option) in [(NodeEvidence.Part.routes, "-4"), (.routes6, "-6")] {
            let theirs = try Self.parsed(try namespace.ip(option, "-N", "-j", "route", "show", "table", "all"))
            let own = try #require(machine.json(part))
            // With -N everything is a number: what is compared are the destinations and ways.
            let ways = ["dst", "gateway", "dev", "metric", "prefsrc"]
            func bare(_ root: JSONNode) -> [String] {
                root.elements.compactMap { node in
                    // The kernel makes those of the link itself when duplicate address detection ends: any moment now.
                    let destination = node.member("dst")?.string ?? ""
                    if destination.hasPrefix("fe80:") || destination.hasPrefix("ff00:") { return nil }
                    return ways.compactMap { key in node.member(key).map { "\(key)=\($0)" } }.joined(separator: " ")
                }.sorted()
            }
            #expect(bare(own) == bare(theirs))
        }
        // Members in any order: what they say is compared.
        func texts(_ root: JSONNode) -> [[String]] {
            root.elements.map { node in node.members.map { "\($0.key)=\($0.value)" }.sorted() }
        }
        let theirs = texts(try Self.parsed(try namespace.ip("-4", "-j", "rule")))
        let own = texts(try #require(machine.json(.rules)))
        #expect(own == theirs)
    }

    /// Every destination, source and mark: the look-up's answer is that of `ip route get`.
    @Test func waysAreThoseOfTheKernel() throws {
        let namespace = try WitnessNamespace()
        defer { namespace.remove() }
        let lookup = try #require(try namespace.collected().routeLookup)
        let destinations = [
            "10.0.0.1", "10.0.0.2", "10.1.0.7", "10.1.9.9", "10.2.0.1", "10.2.7.7", "10.3.0.1", "10.4.4.4",
            "192.0.2.200",
            "198.51.100.9", "203.0.113.5", "10.9.0.1", "10.9.1.1", "172.16.5.5",
        ]
        for text in destinations {
            for mark in [UInt32(0), 0x80, 0x1] {
                let destination = try #require(IPAddress(text))
                let answer = lookup.lookup(.init(to: destination, mark: mark))
                let (output, failure) = namespace.attempt("ip", ["route", "get", text, "mark", "\(mark)"])
                let words = output.split(separator: " ").map(String.init)
                switch answer {
                case .local: #expect(words.first == "local", "\(text) mark \(mark): \(output)")
                case .refused, .noRoute:
                    #expect(failure != nil, "\(text) mark \(mark): \(output) against \(answer.text)")
                case .forward(_, let hops):
                    let device = words.firstIndex(of: "dev").map { words[$0 + 1] }
                    let gateway = words.firstIndex(of: "via").map { words[$0 + 1] }
                    #expect(
                        hops.contains { $0.device == device && $0.gateway.map { "\($0)" } == gateway },
                        "\(text) mark \(mark): \(output) \(failure ?? "") against \(answer.text)")
                case .cannotSay(let reason): Issue.record("\(text): \(reason)")
                }
            }
        }
    }
}

/// A namespace with one of everything, made and taken down with iproute2.
struct WitnessNamespace {
    let name: String

    static var isPossible: Bool {
        getuid() == 0 && ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].contains { (try? FileSystem.exists($0)) == true }
    }

    init(_ script: String = WitnessNamespace.script) throws {
        name = "poplin-witness-\(UInt32.random(in: 0 ... .max))"
        _ = try Self.execute("ip", ["netns", "add", name])
        for line in script.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            _ = try run(words[0], Array(words.dropFirst()))
        }
    }

    static let script = """
        ip link set lo up
        ip link add d0 type veth peer name e0
        ip link set e0 up
        ip addr add 10.0.0.1/24 dev d0
        ip addr add fd00:1::1/64 dev d0 nodad
        ip link set d0 up
        ip link add d1 mtu 1400 type veth peer name e1
        ip link set e1 up
        ip addr add 192.0.2.1/24 dev d1
        ip link set d1 up
        ip link add br0 type bridge
        ip link set br0 up
        ip link add v0 type veth peer name v1
        ip link set v0 master br0
        ip link set v0 up
        ip link set v1 up
        bridge link set dev v0 hairpin on
        ip link add vx0 type vxlan id 42 local 10.0.0.1 dstport 4789 nolearning
        ip addr add 10.1.0.0/32 dev vx0
        ip link set vx0 up
        ip neigh add 10.1.1.0 lladdr 02:00:00:00:01:01 dev vx0 nud permanent
        bridge fdb add 02:00:00:00:01:01 dev vx0 dst 10.0.0.2 self permanent
        ip route add default via 10.0.0.254 dev d0
        ip route add 10.1.0.0/16 via 10.0.0.2 dev d0
        ip route add 10.1.9.0/24 via 10.1.1.0 dev vx0 onlink
        ip route add blackhole 10.2.0.0/16
        ip route add 10.2.7.0/24 via 10.0.0.3 dev d0
        ip route add unreachable 10.3.0.0/16
        ip route add 10.4.0.0/16 via 10.0.0.4 dev d0 metric 200
        ip route add 10.4.0.0/16 via 192.0.2.4 dev d1 metric 100
        ip route add 198.51.100.0/24 nexthop via 10.0.0.5 dev d0 nexthop via 192.0.2.5 dev d1
        ip route add 203.0.113.0/24 dev d1 proto bird scope link src 192.0.2.1 mtu 1300
        ip route add default via 192.0.2.254 dev d1 table 100
        ip route add throw 10.9.0.0/16 table 100
        ip route add 10.9.1.0/24 via 192.0.2.9 dev d1 table 100
        ip route add prohibit 172.16.0.0/12 table 200
        ip rule add fwmark 0x80/0x80 lookup 100 priority 1000
        ip rule add from 10.0.0.77 lookup 100 priority 1100
        ip rule add not fwmark 0x1 to 172.16.0.0/12 lookup 200 priority 1200
        ip rule add to 10.4.4.0/24 lookup main suppress_prefixlength 16 priority 1300
        """

    func remove() { _ = try? Self.execute("ip", ["netns", "del", name]) }

    func ip(_ arguments: String...) throws -> [UInt8] { try run("ip", arguments) }

    func run(_ program: String, _ arguments: String...) throws -> [UInt8] { try run(program, arguments) }

    func run(_ program: String, _ arguments: [String]) throws -> [UInt8] {
        try Self.execute(program, ["-n", name] + arguments)
    }

    /// A program that knows no namespaces, run inside.
    @discardableResult
    func within(_ command: [String]) throws -> [UInt8] { try Self.execute("ip", ["netns", "exec", name] + command) }

    /// A kernel setting of the namespace.
    func write(_ setting: String, _ value: String) throws {
        let namespace = try NetworkNamespace.open(NetworkNamespace.path(ofName: name))
        try namespace.run {
            try FileDescriptor.open("/proc/sys/\(setting)", 1).writeAll(Array(value.utf8))
        }
    }

    /// Output, and what went wrong.
    func attempt(_ program: String, _ arguments: [String]) -> (String, String?) {
        do {
            return (String(decoding: try run(program, arguments), as: UTF8.self), nil)
        } catch {
            return ("", "\(error)")
        }
    }

    struct Failed: Error, CustomStringConvertible { let description: String }

    private static func execute(_ program: String, _ arguments: [String]) throws -> [UInt8] {
        let path = ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"].map { $0 + program }.first {
            (try? FileSystem.exists($0)) == true
        }
        let outcome = try ChildProcess.run(
            ChildProcess.Command(
                path ?? program, arguments, environment: Environment(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]),
                limit: .seconds(60)))
        guard outcome.termination.isSuccess else {
            throw Failed(
                description: "\(program) \(arguments.joined(separator: " ")): "
                    + String(decoding: outcome.errors + outcome.output, as: UTF8.self))
        }
        return outcome.output
    }

    /// The machine as it is seen from inside.
    func collected() throws -> NodeEvidence {
        let namespace = try NetworkNamespace.open(NetworkNamespace.path(ofName: name))
        let evidence = try namespace.run { MachineCollector(MachineCollectorOptions(node: "witness")).collect() }
        return try #require(FactBase(reading: evidence).machines.first)
    }
}
