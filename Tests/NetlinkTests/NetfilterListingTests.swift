import Addressing
import CLinux
import Testing

@testable import Netlink

/// Sets, counters and virtual servers as the kernel lists them.
@Suite struct NetfilterListingTests {
    /// NLMSG_DONE with status 0.
    private static let done = hex("14000000030002000000000000000000 00000000")

    private static func socket(_ replies: [UInt8]...) -> NetlinkSocket {
        NetlinkSocket(transport: FakeTransport(replies: replies))
    }

    /// IPSET_CMD_LIST of Linux 6.18 for what `ipset` 7.17 made: hash:net with an exception, hash:ip,port,ip with times,
    /// hash:net,iface with a comment, bitmap:port, bitmap:ip,mac, list:set.
    private static let sets = hex(
        """
        e000000007060200000000000000000002000000050001000700000009000200706f6473000000000d000300686173683a6e
        6574000000000500050002000000050004000700000006000b40000000003c00078008001240000004000800134000000064
        050015000c0000000800114041d365eb080019400000000108001a4000000258080018400000000354000880200007800c00
        0180080001000af4090005000300180000000800084000000004180007800c000180080001000a0102030500030020000000
        180007800c000180080001000af400000500030010000000
        00010000070602000000000000000000020000000500010007000000080002007376630014000300686173683a69702c706f
        72742c6970000500050002000000050004000600000006000b40000100004400078008001240000004000800134000010000
        050015000c00000008001140dd1d2f42080019400000000008001a40000001700800184000000002080006400000012c6c00
        0880340007800c000180080001000a6000010c001480080001000a0000010600044001bb0000050007000600000008000640
        00000128340007800c000180080001000a60000a0c001480080001000a000002060004400035000005000700110000000800
        064000000000
        dc000000070602000000000000000000020000000500010007000000080002007369780013000300686173683a6e65742c69
        666163650000050005000a000000050004000800000006000b40000200004400078008001240000004000800134000010000
        050015000c00000008001140c8cdb42f080019400000000008001a400000058e080018400000000108000840000000104800
        0880440007801800018014000200fd0000000000000000000000000000000500030040000000090017006574683000000000
        12001a006f6620746865206f6666696365000000
        8c0000000706020000000000000000000200000005000100070000000a0002006e6f646573000000100003006269746d6170
        3a706f7274000500050000000000050004000300000006000b40000300002c0007800600044075300000060005407fff0000
        080019400000000008001a40000001a80800184000000001100008800c0007800600044075800000
        a8000000070602000000000000000000020000000500010007000000090002006d61637300000000120003006269746d6170
        3a69702c6d61630000000500050002000000050004000300000006000b4000040000340007800c000180080001000a000000
        0c000280080001000a0000ff080019400000000008001a40000008700800184000000001200008801c0007800c0001800800
        01000a0000050a0011000200000000010000
        8400000007060200000000000000000002000000050001000700000008000200616c6c000d0003006c6973743a7365740000
        00000500050000000000050004000300000006000b4000050000240007800800174000000008080019400000000008001a40
        000000800800184000000001140008801000078009001200706f647300000000
        1400000003000200000000000000000000000000
        """)

    @Test func setsOfTheKernel() throws {
        var socket = IPSets.Socket(Self.socket(Self.sets, Self.done))
        let sets = try socket.list(most: 100)
        #expect(sets.map(\.name) == ["all", "macs", "nodes", "pods", "six", "svc"])
        #expect(
            sets.map(\.type) == [
                "list:set", "bitmap:ip,mac", "bitmap:port", "hash:net", "hash:net,iface", "hash:ip,port,ip",
            ])
        let byName = Dictionary(uniqueKeysWithValues: sets.map { ($0.name, $0) })
        let pods = try #require(byName["pods"])
        #expect(pods.index == 0 && pods.maximum == 100 && pods.hashSize == 1024 && pods.count == 3)
        #expect(pods.references == 1 && pods.memory == 600)
        #expect(
            pods.members == [
                .init(text: "10.244.9.0/24", isException: true), .init(text: "10.1.2.3"), .init(text: "10.244.0.0/16"),
            ])
        #expect(byName["svc"]?.timeout == 300)
        #expect(
            Set(byName["svc"]?.members?.map(\.text) ?? []) == [
                "10.96.0.1,tcp:443,10.0.0.1", "10.96.0.10,udp:53,10.0.0.2",
            ])
        #expect(byName["six"]?.members == [.init(text: "fd00::/64,eth0", comment: "of the office")])
        #expect(byName["nodes"]?.range == "30000-32767" && byName["nodes"]?.members?.map(\.text) == ["30080"])
        #expect(byName["macs"]?.members?.map(\.text) == ["10.0.0.5,02:00:00:00:00:01"])
        #expect(byName["all"]?.members?.map(\.text) == ["pods"])
    }

    /// Where there are more than were asked for, the small sets are whole and the others say how large they are.
    @Test func tooManyMembers() throws {
        let first = Array(Self.sets.prefix(224))
        var socket = IPSets.Socket(Self.socket(first, Self.done))
        let sets = try socket.list(most: 2)
        #expect(sets.count == 1 && sets[0].count == 3 && sets[0].members == nil)
    }

    @Test func setsThatEndEarly() throws {
        for length in stride(from: 16, to: Self.sets.count, by: 7) {
            var socket = IPSets.Socket(Self.socket(Array(Self.sets.prefix(length)), Self.done))
            // An error or fewer sets; nothing traps.
            if let sets = try? socket.list(most: 100) { #expect(sets.count <= 6) }
        }
    }

    /// IPCTNL_MSG_CT_GET_STATS_CPU of Linux 6.18, with some counters written over.
    private static let statistics = hex(
        """
        6400000004010200000000000000000000000000080002000000000008000400000000030800080000000000080009000000
        270f08000a000000000208000b000000000108000c000000000008000d000000000008000e000000000008000f0000000000
        6400000004010200000000000000000000000001080002000000000008000400000000000800080000000000080009000000
        000008000a000000000008000b000000000008000c000000000008000d000000000008000e000000000008000f0000000000
        """)

    @Test func countersOfConnections() throws {
        var netlink = Self.socket(Self.statistics, Self.done)
        let found = try Conntrack.statistics(&netlink)
        #expect(
            found.map(\.text) == [
                "cpu=0 found=0 invalid=3 insert=0 insert_failed=9999 drop=2 early_drop=1 error=0 search_restart=0 "
                    + "clash_resolve=0 chaintoolong=0",
                "cpu=1 found=0 invalid=0 insert=0 insert_failed=0 drop=0 early_drop=0 error=0 search_restart=0 "
                    + "clash_resolve=0 chaintoolong=0",
            ])
    }

    @Test func countersOfProc() {
        let text = """
            entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
            00000049  00000001 00000002 00000000 0000000a 00000000 00000000 00000004 00000000 0000270f 00000000 00000003 00000000  00000000 00000000 00000000 0000001f
            """
        #expect(
            Conntrack.Statistics.parsing(stat: text).map(\.text) == [
                "cpu=0 clash_resolve=1 found=2 new=0 invalid=10 ignore=0 delete=0 insert=0 insert_failed=9999 drop=0 "
                    + "early_drop=3 error=0 search_restart=31"
            ])
        #expect(Conntrack.Statistics.parsing(stat: "").isEmpty)
    }

    /// Written as net/netfilter/ipvs/ip_vs_ctl.c writes it (ip_vs_genl_fill_service, ip_vs_genl_fill_dest).
    @Test func virtualServers() throws {
        func nested<Value>(
            _ write: (inout MessageWriter) -> Void, _ read: (AttributeReader) throws -> Value
        ) throws -> Value {
            var writer = MessageWriter()
            write(&writer)
            return try writer.bytes.withUnsafeBytes { try read(AttributeReader($0)) }
        }
        let address: [UInt8] = [10, 96, 0, 1] + [UInt8](repeating: 0, count: 12)
        var service = try #require(
            try nested(
                { writer in
                    writer.uint16(1, UInt16(AF_INET))
                    writer.uint16(2, 6)
                    writer.bytes(3, address)
                    writer.bigEndian16(4, 443)
                    writer.string(6, "rr")
                    writer.bytes(7, [3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])
                    writer.uint32(8, 10800)
                    writer.uint32(9, 0xFFFF_FFFF)
                }, { try IPVS.Service($0) }))
        for (last, method, weight) in [(UInt8(7), UInt32(0), Int32(1)), (8, 3, 0)] {
            let destination = try nested(
                { writer in
                    writer.bytes(1, [10, 244, 0, last] + [UInt8](repeating: 0, count: 12))
                    writer.bigEndian16(2, 6443)
                    writer.uint32(3, method)
                    writer.int32(4, weight)
                    writer.uint32(7, 5)
                    writer.uint32(8, 6)
                    writer.uint16(11, UInt16(AF_INET))
                }, { try IPVS.Destination($0, isIPv6: false) })
            service.destinations.append(try #require(destination))
        }
        #expect(
            service.text == """
                -A -t 10.96.0.1:443 -s rr -p 10800
                -a -t 10.96.0.1:443 -r 10.244.0.7:6443 -m -w 1
                -a -t 10.96.0.1:443 -r 10.244.0.8:6443 -g -w 0

                """)
        // What names it in a question is what was read.
        let again = try nested({ service.encode(into: &$0) }, { try IPVS.Service($0) })
        #expect(again?.name == "-t 10.96.0.1:443")
        let marked = try nested(
            { writer in
                writer.uint16(1, UInt16(AF_INET6))
                writer.uint32(5, 77)
                writer.string(6, "wlc")
            }, { try IPVS.Service($0) })
        #expect(marked?.text == "-A -f 77 -6 -s wlc\n")
    }
}
