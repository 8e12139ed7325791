import Addressing
import Testing

@testable import Netlink

// Requests as iproute2 6.1.0 sends them, taken with `strace -e trace=sendmsg,sendto -e write=all -xx COMMAND` on
// Linux 6.18 in a namespace where br0 is interface 2, veth1 3, veth0 4 and ifb0 5. Sequence numbers are zeroed; the
// acknowledgement flag (4) stands in single requests of ours too.

@Suite struct TrafficControlWireTests {
    static let cases = [
        WireCase(
            "tc qdisc add dev veth1 clsact",
            """
            30000000 24000506 00000000 00000000           # struct nlmsghdr (16)
            00000000 03000000 0000ffff f1ffffff 00000000  # struct tcmsg (20)
            0b000100 636c7361 63740000                    # TCA_KIND "clsact" (11 + 1)
            """
        ) {
            $0.add(QueueingDiscipline(.clsact, on: veth1))
        },
        WireCase(
            "tc qdisc del dev veth1 clsact",
            """
            30000000 25000500 00000000 00000000           # struct nlmsghdr (16)
            00000000 03000000 0000ffff f1ffffff 00000000  # struct tcmsg (20)
            0b000100 636c7361 63740000                    # TCA_KIND "clsact" (11 + 1)
            """
        ) {
            $0.delete(QueueingDiscipline(.clsact, on: veth1))
        },
        WireCase(
            "tc qdisc add dev veth0 ingress",
            """
            30000000 24000506 00000000 00000000           # struct nlmsghdr (16)
            00000000 04000000 0000ffff f1ffffff 00000000  # struct tcmsg (20)
            0c000100 696e6772 65737300                    # TCA_KIND "ingress" (12)
            """
        ) {
            $0.add(QueueingDiscipline(.ingress, on: veth0))
        },
        WireCase(
            "tc filter add dev veth0 parent ffff:fff2 protocol all pref 49151 u32 match u32 0 0 action mirred egress redirect dev ifb0",
            """
            8c000000 2c000506 00000000 00000000           # struct nlmsghdr (16)
            00000000 04000000 00000000 f2ffffff 0003ffbf  # struct tcmsg (20)
            08000100 75333200                             # TCA_KIND "u32" (8)
            60000200                                      # TCA_OPTIONS, nest (96)
            38000700                                      #   TCA_U32_ACT, nest (56)
            34000100                                      #     action 1, nest (52)
            0b000100 6d697272 65640000                    #       TCA_ACT_KIND "mirred" (11 + 1)
            24000280                                      #       TCA_ACT_OPTIONS, nest (36)
            20000200 00000000 00000000 04000000 00000000 00000000 01000000 05000000  #         TCA_MIRRED_PARMS (32)
            24000500 01000100 00000000 00000000 00000000 00000000 00000000 00000000 00000000  #   TCA_U32_SEL (36)
            """
        ) {
            $0.add(RedirectFilter(from: veth0, to: InterfaceIndex(5), priority: 49151))
        },
    ]

    @Test(arguments: cases)
    func asIproute2Sends(_ wire: WireCase) throws { try wire.check() }
}
