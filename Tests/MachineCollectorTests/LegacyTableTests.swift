import Addressing
import Testing

@testable import MachineCollector
@testable import Netlink

/// The old iptables' tables as Linux 6.18 handed them out on x86-64 (IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES), and what
/// iptables-legacy-save 1.8.9 printed of them. `zN` are N zero bytes.
@Suite struct LegacyTableTests {
    private static let info4 = """
        66696c746572 z26 0e000000ffffffff z4
        60010000c0030000ffffffffffffffffc800000028030000c0030000ffffffff0f000000b00a0000
        """
    private static let entries4 = """
        0a z7 ff z7 6574682b z28 ffffff z29 06000008 z4 a000c80002 z19 3000746370 z29 ffff160016 z9
        28 z31 feffffff z92 7000980002 z19 28 z31 feffffff z92 7000980004 z19 28 z31 5006 z88 01 z5
        7000980004 z19 28 z31 ffffffff z36 636e6930 z28 ffffffffff z13 02 z5 7000980004 z19 28 z31
        0805 z94 7000980004 z19 28 z31 ffffffff z92 7000980008 z19 28 z31 feffffff z92 7000b0 z21
        40004552524f52 z25 454d505459 z115 7000980004 z19 28 z31 fbffffff z92 7000b0 z21
        40004552524f52 z25 4b5542452d464f5257415244 z108 a000c80004 z19 30006d61726b z25
        01004000000040 z10 28 z31 feffffff z92 9001b80104 z19 2001636f6d6d656e74 z23
        6e6f7468696e6720697320646f6e65 z241 28 z31 d008 z94 7000980004 z19 28 z31 fbffffff z92
        700098 z21 28 z31 fbffffff z92 7000b0 z21 40004552524f52 z25 4552524f52 z27
        """
    private static let saved4 = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :EMPTY - [0:0]
        :KUBE-FORWARD - [0:0]
        -A INPUT ! -s 10.0.0.0/8 -i eth+ -p tcp -m tcp --dport 22 -j ACCEPT
        -A FORWARD -j KUBE-FORWARD
        -A FORWARD -f -j DROP
        -A FORWARD -o cni0 -g EMPTY
        -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
        -A KUBE-FORWARD -m comment --comment "nothing is done"
        -A KUBE-FORWARD -j RETURN
        COMMIT

        """
    private static let info6 = """
        66696c746572 z26 0e000000ffffffff z4 d0000000a0020000ffffffffffffffff z4
        d0010000a0020000ffffffff08000000e0060000
        """
    private static let entries6 = """
        z140 a800d00002 z23 28 z31 feffffff z4 fd0000100244 z26 ffffffffffffff z41 65746830 z28
        ffffffffff z11 0600000102 z7 d800000104 z23 3000746370 z29 ffffbb01bb01 z8 28 z31 5804 z146
        a800d00004 z23 28 z31 feffffff z144 a800d00008 z23 28 z31 feffffff z144 a800e8 z25
        40004552524f52 z25 43414c49 z168 a800d00004 z23 280052454a454354 z24 01 z147 a800d00004 z23
        28 z31 fbffffff z144 a800e8 z25 40004552524f52 z25 4552524f52 z27
        """
    private static let saved6 = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :CALI - [0:0]
        -A FORWARD -s fd00:10:244::/56 ! -o eth0 -p tcp -m tcp --dport 443 -j CALI
        -A CALI -j REJECT --reject-with icmp6-adm-prohibited
        COMMIT

        """

    private static func bytes(_ text: String) -> [UInt8] {
        text.split(whereSeparator: \.isNewline).flatMap { XTablesTests.bytes($0) }
    }

    @Test func asIPTablesSavePrintsThem() throws {
        for (version, info, entries, expected) in [
            (LegacyTables.Version.v4, Self.info4, Self.entries4, Self.saved4),
            (.v6, Self.info6, Self.entries6, Self.saved6),
        ] {
            let table = try LegacyTables.Table(
                name: "filter", info: Self.bytes(info), entries: Self.bytes(entries), version)
            var save = IPTablesSave()
            save.add(table, version == .v4 ? .v4 : .v6, sets: [:])
            #expect(save.text == expected)
        }
    }

    /// Whatever is cut off or written over: an error or a table, never a trap.
    @Test func brokenEntries() throws {
        let info = Self.bytes(Self.info4)
        let entries = Self.bytes(Self.entries4)
        for length in stride(from: 0, to: entries.count, by: 3) {
            let cut = Array(entries.prefix(length))
            if let table = try? LegacyTables.Table(name: "filter", info: info, entries: cut, .v4) {
                #expect(table.chains.count <= 8)
            }
        }
        for offset in entries.indices {
            var other = entries
            other[offset] = 0xFF
            if let table = try? LegacyTables.Table(name: "filter", info: info, entries: other, .v4) {
                var save = IPTablesSave()
                save.add(table, .v4, sets: [:])
                #expect(save.text.hasPrefix("*filter\n"))
            }
        }
        #expect(throws: (any Error).self) {
            try LegacyTables.Table(name: "filter", info: Array(info.prefix(40)), entries: entries, .v4)
        }
    }
}
