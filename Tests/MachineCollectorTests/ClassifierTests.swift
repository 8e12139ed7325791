import Addressing
import Diagnosis
import Foundation
import JSONTree
import Netlink
import Testing

@testable import MachineCollector

/// What the kernel says of classifiers, as `tc` writes it: bytes of TCA_OPTIONS out of RTM_NEWTFILTER of iproute2 6.1
/// (`strace -e sendmsg -xx tc filter add ...`); the kernel lists them with the same attributes.
@Suite struct ClassifierTests {
    private static func form(_ kind: String, _ hex: String) throws -> String {
        let digits = Array(hex.filter { !$0.isWhitespace })
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0..<($0 + 2)]), radix: 16)
        }
        let members = try bytes.withUnsafeBytes { memory in
            try ClassifierForm(names: [2: "d1"]).options(of: kind, AttributeReader(memory))
        }
        return String(decoding: JSONValue.object(members).serialized(), as: UTF8.self)
            .filter { !$0.isWhitespace }
    }

    private static let drop = #""actions":[{"kind":"gact","control_action":{"type":"drop"}}]"#
    /// `action drop`, under the attribute of that number.
    private static func dropping(_ attribute: String) -> String {
        """
        3000 \(attribute)00
          2c00 0100
            0900 0100 6761637400000000
            1c00 0280
              1800 0200 0000000000000000 02000000 0000000000000000
        """
    }

    @Test(arguments: [
        // flower ip_proto udp dst_port 8472 dst_ip 10.1.2.0/24 action drop
        (
            "flower",
            "0500 0900 11000000 0600 1500 21180000 0800 0c00 0a010200 0800 0d00 ffffff00 \(dropping("03")) 0800 1600 00000000 0600 0800 08000000",
            #"{\#(drop),"keys":{"eth_type":"ip","ip_proto":"udp","dst_ip":"10.1.2.0/24","dst_port":8472}}"#
        ),
        // flower ip_proto tcp src_port 1000-2000 src_ip fd00:1::/64 action mirred egress redirect dev d1
        (
            "flower",
            """
            0500 0900 06000000 0600 5700 03e80000 0600 5800 07d00000
            1400 0e00 fd000001000000000000000000000000 1400 0f00 ffffffffffffffff0000000000000000
            3800 0300 3400 0100 0b00 0100 6d69727265640000
              2400 0280 2000 0200 00000000 00000000 04000000 00000000 00000000 01000000 02000000
            0800 1600 00000000 0600 0800 86dd0000
            """,
            #"{"actions":[{"kind":"mirred","control_action":{"type":"stolen"},"mirred_action":"redirect","to_dev":"d1"}],"keys":{"eth_type":"ipv6","ip_proto":"tcp","src_ip":"fd00:1::/64","src_port":"1000-2000"}}"#
        ),
        // flower ip_tos 0x10/0xff src_ip 10.0.0.7 action drop: a key that has no form here.
        (
            "flower",
            "0500 4900 10000000 0500 4a00 ff000000 0800 0a00 0a000007 0800 0b00 ffffffff \(dropping("03")) 0800 1600 00000000 0600 0800 08000000",
            #"{\#(drop),"keys":{"eth_type":"ip","src_ip":"10.0.0.7/32"},"other":[73,74]}"#
        ),
        // u32 match ip dport 8472 0xffff match ip protocol 17 0xff action drop
        (
            "u32",
            """
            \(dropping("07"))
            3400 0500 0100 0200 00000000 00000000 00000000
              0000ffff 00002118 14000000 00000000
              00ff0000 00110000 08000000 00000000
            """,
            #"{\#(drop),"match":[{"value":"2118","mask":"ffff","off":20,"offmask":"0"},{"value":"110000","mask":"ff0000","off":8,"offmask":"0"}]}"#
        ),
        // basic match 'u32(u32 0 0 at 0)' action drop
        (
            "basic",
            "2c00 0200 0800 0100 01000000 2000 0200 1c00 0100 00000300 00000000 00000000 00000000 00000000 00000000 \(dropping("03"))",
            #"{\#(drop),"other":[2]}"#
        ),
        // matchall action drop random determ pass 2
        (
            "matchall",
            "3c00 0200 3800 0100 0900 0100 6761637400000000 2800 0280 1800 0200 0000000000000000 02000000 0000000000000000 0c00 0300 0200020000000000",
            #"{"actions":[{"kind":"gact","control_action":{"type":"drop"},"prob":true}]}"#
        ),
        // matchall action continue
        (
            "matchall",
            "3000 0200 2c00 0100 0900 0100 6761637400000000 1c00 0280 1800 0200 0000000000000000 ffffffff 0000000000000000",
            #"{"actions":[{"kind":"gact","control_action":{"type":"continue"}}]}"#
        ),
        // matchall action police rate 1mbit burst 10k mtu 900 drop, without its table of times
        (
            "matchall",
            """
            5400 0200 5000 0100 0b00 0100 706f6c6963650000
              4000 0280 3c00 0100 00000000 02000000 00000000 88130000 84030000 020100 00ffff0000 48e80100
                000000000000000000000000 000000000000000000000000
            """,
            #"{"actions":[{"kind":"police","exceed":"drop","mtu":900,"control_action":{"type":"pass"}}]}"#
        ),
        // fw action drop: what it picks is in no attribute.
        ("fw", dropping("04"), #"{\#(drop),"other":[0]}"#),
    ])
    func formsOfTC(kind: String, hex: String, form: String) throws {
        let own = try Self.form(kind, hex)
        #expect(own == form)
    }

    /// Cut anywhere: an error that says where, or a form, and never a crash.
    @Test func cutMessages() {
        let whole = "0500 0900 11000000 0600 1500 21180000 0800 0c00 0a010200 \(Self.dropping("03"))"
        let digits = Array(whole.filter { !$0.isWhitespace })
        for length in stride(from: 0, to: digits.count, by: 2) {
            _ = try? Self.form("flower", String(digits[0..<length]))
            _ = try? Self.form("u32", String(digits[0..<length]))
        }
        #expect(digits.count == 144)
    }
}

/// Of a namespace of the test's own, beside `tc`.
@Suite(
    .enabled(if: WitnessNamespace.isPossible, "needs root and iproute2"),
    .enabled(if: Witness.has("tc", "nft"), "needs tc and nft"), .serialized)
struct ClassifierWitnessTests {
    @Test func classifiersAreThoseOfTC() throws {
        let namespace = try WitnessNamespace()
        defer { namespace.remove() }
        let before = try #require(try namespace.collected().classifiers)
        #expect(before.isEmpty)
        try namespace.within(["tc", "qdisc", "add", "dev", "d0", "clsact"])
        try namespace.within(["tc", "qdisc", "add", "dev", "d1", "root", "handle", "1:", "htb"])
        let redirect = ["action", "mirred", "egress", "redirect", "dev", "d1"]
        for (device, place, preference, match) in [
            ("d0", ["ingress"], 7, ["u32", "match", "ip", "dport", "8472", "0xffff"]),
            ("d0", ["egress"], 3, ["u32", "match", "ip", "dst", "10.1.0.0/16"]),
            ("d0", ["egress"], 2, ["u32", "match", "u32", "0", "0"]),
            ("d1", ["parent", "1:"], 9, ["u32", "match", "ip", "protocol", "17", "0xff"]),
        ] {
            try namespace.within(
                ["tc", "filter", "add", "dev", device] + place + ["protocol", "ip", "pref", "\(preference)"] + match
                    + (device == "d0" ? redirect : ["flowid", "1:1"]))
        }
        let own = try #require(try namespace.collected().json(.classifiers))
        var theirs: [String] = []
        for (device, place, direction) in [
            ("d0", ["ingress"], "ingress"), ("d0", ["egress"], "egress"), ("d1", ["parent", "1:"], "egress"),
        ] {
            let text = try namespace.within(["tc", "-j", "filter", "show", "dev", device] + place)
            // Of u32 tc lists its tables as well.
            for item in try JSONTree(parsing: text).root.elements
            where item.at("options", "match") != nil {
                let match = item.at("options", "match")
                theirs.append(
                    "\(device) \(direction) \(item.member("pref")?.int ?? 0) \(match?.member("value")?.string ?? "") \(match?.member("mask")?.string ?? "") \(match?.member("off")?.int ?? -1) \(item.at("options", "actions")?[0]?.member("to_dev")?.string ?? "")"
                )
            }
        }
        let ours = own.elements.map { item in
            let match = item.at("options", "match")?[0]
            return
                "\(item.member("dev")?.string ?? "") \(item.member("direction")?.string ?? "") \(item.member("pref")?.int ?? 0) \(match?.member("value")?.string ?? "") \(match?.member("mask")?.string ?? "") \(match?.member("off")?.int ?? -1) \(item.at("options", "actions")?[0]?.member("to_dev")?.string ?? "")"
        }
        #expect(ours.sorted() == theirs.sorted())
        #expect(ours.count == 4)
    }

    /// Rules of a pod's own namespace, which nobody sees from the machine's: by nft, by iptables, and none.
    @Test func rulesInsidePods() throws {
        let spaces = [try WitnessNamespace(""), try WitnessNamespace(""), try WitnessNamespace("")]
        defer { for space in spaces { space.remove() } }
        try spaces[0].within(["nft", "add table inet own"])
        try spaces[0].within(["nft", "add chain inet own o { type filter hook output priority 0; }"])
        try spaces[0].within(["nft", "add rule inet own o tcp dport 443 meta length > 1200 drop"])
        try spaces[1].within(["iptables-nft", "-A", "INPUT", "-p", "tcp", "--dport", "9100", "-j", "DROP"])
        let root = FileManager.default.temporaryDirectory.appending(path: spaces[0].name).path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["/var/lib/cni/results", "/run/netns"] {
            try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
        }
        for (index, space) in spaces.enumerated() {
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/run/netns/web-\(index)", withDestinationPath: "/run/netns/\(space.name)")
            let result = """
                {"kind":"cniCacheV1","containerId":"c\(index)","ifName":"eth0","networkName":"pods",
                 "netns":"/run/netns/web-\(index)","cniArgs":[["K8S_POD_NAMESPACE","shop"],["K8S_POD_NAME","web-\(index)"]],"result":{}}
                """
            try Data(result.utf8).write(to: URL(filePath: "\(root)/var/lib/cni/results/pods-c\(index)-eth0"))
        }
        var options = MachineCollectorOptions(node: "here")
        options.root = root
        let machine = try #require(FactBase(reading: MachineCollector(options).collect()).machines.first)
        let pods = try (0...2).map { try #require(machine.pod("shop", "web-\($0)")) }
        let from = try #require(IPAddress("10.244.1.2"))
        let to = try #require(IPAddress("198.51.100.1"))
        func verdict(
            _ pod: Int, _ port: Int, length: Int = 60, _ hooks: [PacketFilter.Hook]
        ) throws -> PacketFilterSimulation.Outcome.Verdict {
            var packet = PacketFilterSimulation.Packet(
                from: from, to: to, "tcp", port: port, input: "eth0", output: "eth0")
            packet.length = length
            return try #require(pods[pod].packetFilterSimulation).pass(packet, through: hooks).verdict
        }
        let small = try verdict(0, 443, [.output])
        let large = try verdict(0, 443, length: 1400, [.output])
        let other = try verdict(0, 80, length: 1400, [.output])
        let metrics = try verdict(1, 9100, [.input])
        let open = try verdict(1, 8080, [.input])
        let bare = try verdict(2, 9100, [.input])
        #expect([small, other, open, bare].allSatisfy { $0 == .accepted })
        #expect([large, metrics].allSatisfy { $0 == .dropped })
        #expect(pods[2].text(.iptables) == nil && pods[2][.nftables] != nil)
        #expect(pods[2].classifiers?.isEmpty == true)
    }
}
