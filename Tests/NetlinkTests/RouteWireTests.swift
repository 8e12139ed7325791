import Addressing
import Testing

@testable import Netlink

// Requests as iproute2 6.1.0 sends them, taken with `strace -e trace=sendmsg,sendto -e write=all -xx COMMAND` on
// Linux 6.18 in a namespace where br0 is interface 2, veth1 3, veth0 4 and ifb0 5. Sequence numbers are zeroed; the
// acknowledgement flag (4) stands in single requests of ours too.

@Suite struct RouteWireTests {
    static let cases = [
        WireCase(
            "ip addr add 10.1.0.2/24 brd + dev veth1",
            """
            30000000 14000506 00000000 00000000  # struct nlmsghdr (16)
            02180000 03000000                    # struct ifaddrmsg (8)
            08000200 0a010002                    # IFA_LOCAL (8)
            08000100 0a010002                    # IFA_ADDRESS (8)
            08000400 0a0100ff                    # IFA_BROADCAST (8)
            """
        ) {
            $0.add(LinkAddress(interfaceAddress("10.1.0.2/24"), on: veth1, broadcast: IPv4Address("10.1.0.255")))
        },
        WireCase(
            "ip addr add fd00::2/64 dev veth1 nodad",
            """
            40000000 14000506 00000000 00000000           # struct nlmsghdr (16)
            0a400200 03000000                             # struct ifaddrmsg (8)
            14000200 fd000000 00000000 00000000 00000002  # IFA_LOCAL (20)
            14000100 fd000000 00000000 00000000 00000002  # IFA_ADDRESS (20)
            """
        ) {
            $0.add(LinkAddress(interfaceAddress("fd00::2/64"), on: veth1, flags: .noDAD))
        },
        WireCase(
            "ip addr add 10.2.0.1/32 peer 10.2.0.2 dev veth1",
            """
            28000000 14000506 00000000 00000000  # struct nlmsghdr (16)
            02200000 03000000                    # struct ifaddrmsg (8)
            08000200 0a020001                    # IFA_LOCAL (8)
            08000100 0a020002                    # IFA_ADDRESS (8)
            """
        ) {
            var own = LinkAddress(interfaceAddress("10.2.0.1/32"), on: veth1)
            own.peer = IPAddress("10.2.0.2")
            $0.add(own)
        },
        WireCase(
            "ip addr del 10.1.0.2/24 dev veth1",
            """
            28000000 15000500 00000000 00000000  # struct nlmsghdr (16)
            02180000 03000000                    # struct ifaddrmsg (8)
            08000200 0a010002                    # IFA_LOCAL (8)
            08000100 0a010002                    # IFA_ADDRESS (8)
            """
        ) {
            $0.delete(LinkAddress(interfaceAddress("10.1.0.2/24"), on: veth1))
        },
        WireCase(
            "ip route add 10.20.0.0/16 via 10.9.0.5 dev veth1 proto 112",
            """
            34000000 18000506 00000000 00000000  # struct nlmsghdr (16)
            02100000 fe700001 00000000           # struct rtmsg (12)
            08000100 0a140000                    # RTA_DST (8)
            08000500 0a090005                    # RTA_GATEWAY (8)
            08000400 03000000                    # RTA_OIF (8)
            """
        ) {
            $0.add(Route(to: prefix("10.20.0.0/16"), via: IPAddress("10.9.0.5"), on: veth1))
        },
        WireCase(
            "ip route add default via 169.254.1.1 dev veth1 onlink src 10.9.0.1 metric 50 mtu 1400 advmss 1360 proto 112",
            """
            50000000 18000506 00000000 00000000  # struct nlmsghdr (16)
            02000000 fe700001 04000000           # struct rtmsg (12)
            08000500 a9fe0101                    # RTA_GATEWAY (8)
            08000700 0a090001                    # RTA_PREFSRC (8)
            08000600 32000000                    # RTA_PRIORITY (8)
            08000400 03000000                    # RTA_OIF (8)
            14000800                             # RTA_METRICS, nest (20)
            08000200 78050000                    #   RTAX_MTU (8)
            08000800 50050000                    #   RTAX_ADVMSS (8)
            """
        ) {
            var route = Route(to: prefix("0.0.0.0/0"), via: IPAddress("169.254.1.1"), on: veth1)
            route.isOnLink = true
            route.source = IPAddress("10.9.0.1")
            route.priority = 50
            route.mtu = 1400
            route.advertisedMSS = 1360
            $0.add(route)
        },
        WireCase(
            "ip route append fd77::/64 via fd09::5 dev veth1 table 1000 metric 7 proto 112",
            """
            5c000000 1800050c 00000000 00000000           # struct nlmsghdr (16)
            0a400000 00700001 00000000                    # struct rtmsg (12)
            14000100 fd770000 00000000 00000000 00000000  # RTA_DST (20)
            14000500 fd090000 00000000 00000000 00000005  # RTA_GATEWAY (20)
            08000f00 e8030000                             # RTA_TABLE (8)
            08000600 07000000                             # RTA_PRIORITY (8)
            08000400 03000000                             # RTA_OIF (8)
            """
        ) {
            var route = Route(to: prefix("fd77::/64"), via: IPAddress("fd09::5"), on: veth1)
            route.table = 1000
            route.priority = 7
            $0.add(route, .append)
        },
        WireCase(
            "ip route add 10.30.0.0/16 dev veth1 scope link proto 112",
            """
            2c000000 18000506 00000000 00000000  # struct nlmsghdr (16)
            02100000 fe70fd01 00000000           # struct rtmsg (12)
            08000100 0a1e0000                    # RTA_DST (8)
            08000400 03000000                    # RTA_OIF (8)
            """
        ) {
            $0.add(Route(to: prefix("10.30.0.0/16"), on: veth1))
        },
        WireCase(
            "ip route get 10.20.0.1",
            """
            24000000 1a000100 00000000 00000000  # struct nlmsghdr (16)
            02200000 00000000 00100000           # struct rtmsg (12)
            08000100 0a140001                    # RTA_DST (8)
            """
        ) {
            $0.getRoute(to: address("10.20.0.1"))
        },
        WireCase(
            "ip neigh replace 10.9.0.7 lladdr 02:00:00:00:00:03 dev veth1 nud permanent",
            """
            30000000 1c000505 00000000 00000000  # struct nlmsghdr (16)
            02000000 03000000 80000000           # struct ndmsg (12)
            08000100 0a090007                    # NDA_DST (8)
            0a000200 02000000 00030000           # NDA_LLADDR (10 + 2)
            """
        ) {
            $0.replace(Neighbour(address("10.9.0.7"), at: MACAddress("02:00:00:00:00:03"), on: veth1))
        },
        WireCase(
            "ip rule add pref 100 from 10.1.0.0/24 table 1000",
            """
            34000000 20000506 00000000 00000000  # struct nlmsghdr (16)
            02001800 00000001 00000000           # struct fib_rule_hdr (12)
            08000600 64000000                    # FRA_PRIORITY (8)
            08000200 0a010000                    # FRA_SRC (8)
            08000f00 e8030000                    # FRA_TABLE (8)
            """
        ) {
            var rule = RoutingRule(family: .v4, priority: 100, table: 1000)
            rule.source = IPPrefix("10.1.0.0/24")
            $0.add(rule)
        },
    ]

    @Test(arguments: cases)
    func asIproute2Sends(_ wire: WireCase) throws { try wire.check() }
}
