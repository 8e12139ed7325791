import Addressing
import Testing

@testable import Netlink

// Requests as iproute2 6.1.0 sends them, taken with `strace -e trace=sendmsg,sendto -e write=all -xx COMMAND` on
// Linux 6.18 in a namespace where br0 is interface 2, veth1 3, veth0 4 and ifb0 5. Sequence numbers are zeroed; the
// acknowledgement flag (4) stands in single requests of ours too.

@Suite struct LinkWireTests {
    static let cases = [
        WireCase(
            "ip link add cni0 type bridge vlan_filtering 1",
            """
            48000000 10000506 00000000 00000000  # struct nlmsghdr (16)
            00000000 00000000 00000000 00000000  # struct ifinfomsg (16)
            09000300 636e6930 00000000           # IFLA_IFNAME "cni0" (9 + 3)
            1c001200                             # IFLA_LINKINFO, nest (28)
            0a000100 62726964 67650000           #   IFLA_INFO_KIND "bridge" (10 + 2)
            0c000200                             #   IFLA_INFO_DATA, nest (12)
            05000700 01000000                    #     IFLA_BR_VLAN_FILTERING (5 + 3)
            """
        ) {
            $0.create(LinkCreation("cni0", .bridge(BridgeSettings(vlanFiltering: true))))
        },
        WireCase(
            "ip link add vh type veth peer name eth0 mtu 1450 netns capx",
            """
            68000000 10000506 00000000 00000000  # struct nlmsghdr (16)
            00000000 00000000 00000000 00000000  # struct ifinfomsg (16)
            07000300 76680000                    # IFLA_IFNAME "vh" (7 + 1)
            40001200                             # IFLA_LINKINFO, nest (64)
            08000100 76657468                    #   IFLA_INFO_KIND "veth" (8)
            34000200                             #   IFLA_INFO_DATA, nest (52)
            30000100                             #     VETH_INFO_PEER, nest (48)
            00000000 00000000 00000000 00000000  #       struct ifinfomsg (16)
            08000400 aa050000                    #       IFLA_MTU (8)
            08001c00 04000000                    #       IFLA_NET_NS_FD (8)
            09000300 65746830 00000000           #       IFLA_IFNAME "eth0" (9 + 3)
            """
        ) {
            $0.create(LinkCreation("vh", .veth(VethPeer("eth0", mtu: 1450, namespace: 4))))
        },
        WireCase(
            "ip link add vh2 mtu 1400 address 02:00:00:00:00:01 master br0 type veth peer name eth0",
            """
            74000000 10000506 00000000 00000000  # struct nlmsghdr (16)
            00000000 00000000 00000000 00000000  # struct ifinfomsg (16)
            08000400 78050000                    # IFLA_MTU (8)
            0a000100 02000000 00010000           # IFLA_ADDRESS (10 + 2)
            08000a00 02000000                    # IFLA_MASTER (8)
            08000300 76683200                    # IFLA_IFNAME "vh2" (8)
            30001200                             # IFLA_LINKINFO, nest (48)
            08000100 76657468                    #   IFLA_INFO_KIND "veth" (8)
            24000200                             #   IFLA_INFO_DATA, nest (36)
            20000100                             #     VETH_INFO_PEER, nest (32)
            00000000 00000000 00000000 00000000  #       struct ifinfomsg (16)
            09000300 65746830 00000000           #       IFLA_IFNAME "eth0" (9 + 3)
            """
        ) {
            var link = LinkCreation("vh2", .veth(VethPeer("eth0")))
            link.mtu = 1400
            link.mac = MACAddress("02:00:00:00:00:01")
            link.master = InterfaceIndex(2)
            $0.create(link)
        },
        WireCase(
            "ip link add ifbx type ifb",
            """
            38000000 10000506 00000000 00000000  # struct nlmsghdr (16)
            00000000 00000000 00000000 00000000  # struct ifinfomsg (16)
            09000300 69666278 00000000           # IFLA_IFNAME "ifbx" (9 + 3)
            0c001200                             # IFLA_LINKINFO, nest (12)
            07000100 69666200                    #   IFLA_INFO_KIND "ifb" (7 + 1)
            """
        ) {
            $0.create(LinkCreation("ifbx", .ifb))
        },
        WireCase(
            "ip link set dev veth1 up",
            """
            20000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 03000000 01000000 01000000  # struct ifinfomsg (16)
            """
        ) {
            $0.change(.index(veth1), LinkChange(isUp: true))
        },
        WireCase(
            "ip link set dev veth1 promisc on",
            """
            20000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 03000000 00010000 00010000  # struct ifinfomsg (16)
            """
        ) {
            $0.change(.index(veth1), LinkChange(isPromiscuous: true))
        },
        WireCase(
            "ip link set dev veth1 mtu 1400",
            """
            28000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 03000000 00000000 00000000  # struct ifinfomsg (16)
            08000400 78050000                    # IFLA_MTU (8)
            """
        ) {
            $0.change(.index(veth1), LinkChange(mtu: 1400))
        },
        WireCase(
            "ip link set dev veth1 txqueuelen 500",
            """
            28000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 03000000 00000000 00000000  # struct ifinfomsg (16)
            08000d00 f4010000                    # IFLA_TXQLEN (8)
            """
        ) {
            $0.change(.index(veth1), LinkChange(transmitQueueLength: 500))
        },
        WireCase(
            "ip link set dev veth1 address 02:00:00:00:00:02",
            """
            2c000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 03000000 00000000 00000000  # struct ifinfomsg (16)
            0a000100 02000000 00020000           # IFLA_ADDRESS (10 + 2)
            """
        ) {
            $0.change(.index(veth1), LinkChange(mac: MACAddress("02:00:00:00:00:02")))
        },
        WireCase(
            "ip link set dev veth1 alias poplin:net:cid:eth0",
            """
            38000000 10000500 00000000 00000000           # struct nlmsghdr (16)
            00000000 03000000 00000000 00000000           # struct ifinfomsg (16)
            17001400 706f706c 696e3a6e 65743a63 69643a65 74683000  # IFLA_IFALIAS "poplin:net:cid:eth0" (23 + 1)
            """
        ) {
            $0.change(.index(veth1), LinkChange(alias: "poplin:net:cid:eth0"))
        },
        WireCase(
            "ip link set dev veth0 nomaster",
            """
            28000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 04000000 00000000 00000000  # struct ifinfomsg (16)
            08000a00 00000000                    # IFLA_MASTER (8)
            """
        ) {
            $0.change(.index(veth0), LinkChange(master: .nobody))
        },
        WireCase(
            "ip link set dev veth0 master br0",
            """
            28000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 04000000 00000000 00000000  # struct ifinfomsg (16)
            08000a00 02000000                    # IFLA_MASTER (8)
            """
        ) {
            $0.change(.index(veth0), LinkChange(master: .index(bridge)))
        },
        WireCase(
            "ip link set dev br0 type bridge vlan_filtering 0",
            """
            3c000000 10000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 02000000 00000000 00000000  # struct ifinfomsg (16)
            1c001200                             # IFLA_LINKINFO, nest (28)
            0a000100 62726964 67650000           #   IFLA_INFO_KIND "bridge" (10 + 2)
            0c000200                             #   IFLA_INFO_DATA, nest (12)
            05000700 00000000                    #     IFLA_BR_VLAN_FILTERING (5 + 3)
            """
        ) {
            $0.change(.index(bridge), LinkChange(bridge: BridgeSettings(vlanFiltering: false)))
        },
        WireCase(
            "bridge vlan add vid 100 pvid untagged dev veth0",
            """
            2c000000 13000500 00000000 00000000  # struct nlmsghdr (16)
            07000000 04000000 00000000 00000000  # struct ifinfomsg (16)
            0c001a00                             # IFLA_AF_SPEC, nest (12)
            08000200 06006400                    #   IFLA_BRIDGE_VLAN_INFO (8)
            """
        ) {
            $0.addVLANs([BridgeVLAN(100, isPortVLAN: true, isUntagged: true)], to: veth0)
        },
        WireCase(
            "bridge vlan add vid 101-200 dev veth0",
            """
            34000000 13000500 00000000 00000000  # struct nlmsghdr (16)
            07000000 04000000 00000000 00000000  # struct ifinfomsg (16)
            14001a00                             # IFLA_AF_SPEC, nest (20)
            08000200 08006500                    #   IFLA_BRIDGE_VLAN_INFO (8)
            08000200 1000c800                    #   IFLA_BRIDGE_VLAN_INFO (8)
            """
        ) {
            $0.addVLANs([BridgeVLAN(101, through: 200)], to: veth0)
        },
        WireCase(
            "bridge vlan del vid 1 dev veth0",
            """
            2c000000 11000500 00000000 00000000  # struct nlmsghdr (16)
            07000000 04000000 00000000 00000000  # struct ifinfomsg (16)
            0c001a00                             # IFLA_AF_SPEC, nest (12)
            08000200 00000100                    #   IFLA_BRIDGE_VLAN_INFO (8)
            """
        ) {
            $0.removeVLANs([BridgeVLAN(1)], from: veth0)
        },
        WireCase(
            "bridge vlan add vid 7 dev br0 self",
            """
            34000000 13000500 00000000 00000000  # struct nlmsghdr (16)
            07000000 02000000 00000000 00000000  # struct ifinfomsg (16)
            14001a00                             # IFLA_AF_SPEC, nest (20)
            06000000 02000000                    #   IFLA_BRIDGE_FLAGS (6 + 2)
            08000200 00000700                    #   IFLA_BRIDGE_VLAN_INFO (8)
            """
        ) {
            $0.addVLANs([BridgeVLAN(7)], to: bridge, onBridge: true)
        },
        WireCase(
            "ip link property add dev veth1 altname poplin-alternative-name",
            """
            40000000 6c00050e 00000000 00000000           # struct nlmsghdr (16)
            00000000 03000000 00000000 00000000           # struct ifinfomsg (16)
            20003480                                      # IFLA_PROP_LIST, nest (32)
            1c003500 706f706c 696e2d61 6c746572 6e617469 76652d6e 616d6500  #   IFLA_ALT_IFNAME "poplin-alternative-name" (28)
            """
        ) {
            $0.addAlternativeName("poplin-alternative-name", to: veth1)
        },
        WireCase(
            "ip link del veth1",
            """
            20000000 11000500 00000000 00000000  # struct nlmsghdr (16)
            00000000 03000000 00000000 00000000  # struct ifinfomsg (16)
            """
        ) {
            $0.delete(.index(veth1))
        },
    ]

    @Test(arguments: cases)
    func asIproute2Sends(_ wire: WireCase) throws { try wire.check() }
}
