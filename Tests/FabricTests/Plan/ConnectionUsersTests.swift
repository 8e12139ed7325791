import Netlink
import Testing

@testable import Fabric

/// Who asks for connections of pods to pods.
@Suite struct ConnectionUsersTests {
    private static func chain(_ family: NFTables.Family, _ table: String, _ name: String, _ rules: UInt32)
        -> ConnectionUsers.ForeignChain
    {
        .init(table: NFTables.Table(family, table), name: name, ruleCount: rules)
    }

    @Test(
        "the reason names the first of them",
        arguments: [
            (ConnectionUsers(), nil),
            (ConnectionUsers(chains: [chain(.ip, "nat", "POSTROUTING", 0)]), nil),
            (
                ConnectionUsers(chains: [chain(.ip, "nat", "POSTROUTING", 1)]),
                "chain POSTROUTING of table ip nat may need them"
            ),
            (
                ConnectionUsers(chains: [
                    chain(.ip6, "filter", "INPUT", 3), chain(.inet, "firewalld", "in", 0),
                    chain(.ip, "nat", "OUTPUT", 2),
                ]),
                "chain OUTPUT of table ip nat and 1 more may need them"
            ),
            (ConnectionUsers(others: ["table nat of iptables-legacy"]), "table nat of iptables-legacy may need them"),
            (
                ConnectionUsers(others: ["table nat of iptables-legacy", "ip_vs with 2 services"]),
                "table nat of iptables-legacy and 1 more may need them"
            ),
            (
                ConnectionUsers(translated: 3),
                "3 of them were translated by rules that are gone, and have not ended"
            ),
        ] as [(ConnectionUsers, String?)])
    func reason(users: ConnectionUsers, expected: String?) { #expect(users.reason == expected) }

    /// As the kernel prints it (ip_vs_ctl.c).
    @Test func servicesOfTheLoadBalancerAreCounted() {
        let text = """
            IP Virtual Server version 1.2.1 (size=4096)
            Prot LocalAddress:Port Scheduler Flags
              -> RemoteAddress:Port Forward Weight ActiveConn InActConn
            TCP  0A600001:01BB rr
              -> C000020A:192B      Masq    1      1          0
            UDP  0A60000A:0035 rr
            FWM  00000001 rr

            """
        #expect(ConnectionUsers.virtualServices(in: text) == 3)
        let head = text.split(separator: "\n").prefix(3).joined(separator: "\n")
        #expect(ConnectionUsers.virtualServices(in: head) == 0)
    }
}
