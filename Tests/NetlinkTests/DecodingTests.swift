import Addressing
import CLinux
import Testing

@testable import Netlink

/// Value types read from what the matching request writes, and from foreign bytes.
@Suite struct DecodingTests {
    /// One message of `type` with these bytes as its body.
    private func read<Value>(
        _ type: Int, _ write: (inout MessageWriter) -> Void, _ body: (Message) throws -> Value
    ) throws -> Value {
        var writer = MessageWriter()
        writer.message(type: type, flags: 0, sequence: 0, write)
        return try writer.bytes.withUnsafeBytes { memory in
            var reader = MessageReader(memory)
            return try body(try #require(try reader.next()))
        }
    }

    @Test(arguments: [
        Route(to: prefix("10.0.0.0/8"), via: address("10.1.0.1"), on: veth0, scope: 0),
        Route(to: prefix("0.0.0.0/0"), via: address("fe80::1"), on: veth0, scope: 0),
        Route(to: prefix("::/0"), via: address("fe80::1"), on: veth1, source: address("fd00::1"), scope: 0),
        Route(to: prefix("fd00::/64"), on: veth1, scope: 0, origin: 2),
    ])
    func routesComeBack(_ route: Route) throws {
        for table in [254, 255, 256, 4_000_000_000] as [UInt32] {
            var route = route
            route.table = table
            route.priority = 9
            route.mtu = 1400
            route.advertisedMSS = 1300
            route.isOnLink = true
            let back = try read(RTM_NEWROUTE, { route.write(to: &$0) }, { try Route($0) })
            #expect(back == route)
        }
    }

    @Test func addressesComeBack() throws {
        for text in ["10.1.2.3/24", "fd00::5/64", "10.0.0.1/32"] {
            var own = LinkAddress(
                interfaceAddress(text), on: veth0, scope: 253, flags: [.noPrefixRoute, .permanent])
            own.validLifetime = 100
            let back = try read(RTM_NEWADDR, { own.write(to: &$0) }, { try LinkAddress($0) })
            #expect(back == own)
        }
    }

    @Test func rulesAndNeighboursComeBack() throws {
        var rule = RoutingRule(family: .v6, priority: 5, table: 300)
        rule.source = prefix("fd00::/16")
        rule.destination = prefix("fd01::/64")
        rule.inputInterface = "eth0"
        rule.mark = 1
        rule.markMask = 0xff
        #expect(try read(RTM_NEWRULE, { rule.write(to: &$0) }, { try RoutingRule($0) }) == rule)
        let neighbour = Neighbour(address("fe80::2"), at: MACAddress("02:00:00:00:00:01"), on: veth0)
        #expect(try read(RTM_NEWNEIGH, { neighbour.write(to: &$0) }, { try Neighbour($0) }) == neighbour)
    }

    @Test func vlanRangesAreReadAsRanges() throws {
        var batch = RequestBatch()
        let wanted = [BridgeVLAN(1, isPortVLAN: true, isUntagged: true), BridgeVLAN(10, through: 20), BridgeVLAN(30)]
        batch.addVLANs(wanted, to: veth0)
        var bytes = batch.bytes
        bytes[4] = UInt8(RTM_NEWLINK)
        let back = try bytes.withUnsafeBytes { memory in
            var reader = MessageReader(memory)
            return try BridgeVLANs(try #require(try reader.next()))
        }
        #expect(back?.link == veth0)
        #expect(back?.vlans == wanted)
    }

    @Test(arguments: [RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWNEIGH, RTM_NEWRULE, RTM_NEWQDISC, RTM_NEWTFILTER])
    func foreignBytesThrowAndNeverTrap(_ type: Int) throws {
        var state: UInt64 = UInt64(type)
        for length in 0..<200 {
            for _ in 0..<20 {
                let body = (0..<length).map { _ -> UInt8 in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    // Small numbers make plausible lengths and types.
                    let value = UInt8(truncatingIfNeeded: state >> 33)
                    return value & 1 == 0 ? value & 0x1f : value
                }
                _ = try? read(
                    type, { writer in for byte in body { writer.append(byte) } },
                    { message in
                        _ = try? Link(message)
                        _ = try? LinkAddress(message)
                        _ = try? Route(message)
                        _ = try? Neighbour(message)
                        _ = try? RoutingRule(message)
                        _ = try? BridgeVLANs(message)
                        _ = try? QueueingDiscipline(message)
                        _ = try? TrafficFilter(message)
                    })
            }
        }
    }

    @Test func aPrefixLongerThanAnAddressIsMalformed() {
        #expect(throws: MalformedMessage.self) {
            try read(
                RTM_NEWROUTE,
                { writer in
                    var header = rtmsg()
                    header.rtm_family = UInt8(AF_INET)
                    header.rtm_dst_len = 33
                    writer.append(header)
                }, { try Route($0) })
        }
    }

    @Test(
        arguments: [
            (1_000_000, 100_000, 125_000), (125, 536_870_911, 536_870_914),
            (4_250_000_000, 1_000_000_000, 1_106_250_000),
            (50_000_000_000, 4_294_967_295, 4_294_967_295), (UInt64.max, 1, 4_294_967_295),
        ] as [(UInt64, UInt32, UInt32)])
    func tokenBucketsAreReadAsWritten(_ rate: UInt64, _ burst: UInt32, _ limit: UInt32) throws {
        let bucket = TokenBucket(rate: rate, burst: burst, latency: 25_000)
        #expect(bucket.limit == limit)
        let discipline = QueueingDiscipline(.tokenBucket(bucket), on: veth0)
        let back = try read(RTM_NEWQDISC, { discipline.write(to: &$0) }, { try QueueingDiscipline($0) })
        guard case .tokenBucket(let read) = back?.kind else {
            Issue.record("\(String(describing: back))")
            return
        }
        #expect(read.matches(bucket))
        #expect(!read.matches(TokenBucket(rate: rate - 1, burst: burst, limit: limit)))
    }
}
