import Addressing
import CLinux
import Fabric
import JSONTree
import LinuxHost
import Netlink
import Testing

/// Which address a packet of a pod carries when it arrives, and what `nft` says of the table.
@Suite(.enabled(if: getuid() == 0, "needs root: makes network namespaces")) struct MasqueradeHostTests {
    /// Packets with this source that came to the machine since its counter was made.
    private func count(_ namespace: TestNamespace, _ source: String) throws -> Int {
        let text = try namespace.check("nft", "list", "table", "inet", "seen")
        let line = text.split(separator: "\n").first { $0.contains("\(source) counter") }
        let words = line?.split(separator: " ") ?? []
        return words.firstIndex(of: "packets").flatMap { Int(words[$0 + 1]) } ?? -1
    }

    private func countSources(_ namespace: TestNamespace, _ sources: [String]) throws {
        try namespace.check("nft", "add table inet seen; add chain inet seen in { type filter hook input priority 0; }")
        for source in sources {
            let family = source.contains(":") ? "ip6" : "ip"
            try namespace.check("nft", "add rule inet seen in \(family) saddr \(source) counter")
        }
    }

    private func converge(_ rig: Rig, _ index: Int, _ masquerade: Masquerade) throws -> (Int, [String]) {
        var driver = try MasqueradeDriver(in: rig.machines[index].host.open())
        try driver.converge(to: masquerade)
        return (driver.transactions, driver.notes)
    }

    @Test func whatLeavesTheClusterHasTheNodesAddressAndWhatStaysHasThePods() throws {
        let rig = try Rig(racks: [0, 0])
        let configuration = try Rig.configuration(.vxlan(.init()))
        try rig.converge(configuration)
        #expect(try converge(rig, 0, Masquerade(configuration)).0 == 1)
        #expect(try converge(rig, 0, Masquerade(configuration)).0 == 0)

        // Node 1 stands for a machine outside of the cluster, its pod for one inside.
        let (outside, inside) = (rig.machines[1].host, rig.machines[1].pod)
        try countSources(outside, ["192.0.2.10", "10.244.0.5", "2001:db8::10", "fd00:10:244:0::5"])
        try countSources(inside, ["10.244.0.5", "fd00:10:244:0::5"])
        let pod = rig.machines[0].pod
        for address in ["192.0.2.11", "2001:db8::11", "10.244.1.5", "fd00:10:244:1::5"] {
            #expect(try pod.pings(address), "\(address)")
        }
        #expect(try count(outside, "192.0.2.10") > 0)
        #expect(try count(outside, "10.244.0.5") == 0)
        #expect(try count(outside, "2001:db8::10") > 0)
        #expect(try count(inside, "10.244.0.5") > 0)
        #expect(try count(inside, "fd00:10:244::5") > 0)

        let listed = try rig.machines[0].host.check("nft", "list", "table", "inet", "poplin")
        #expect(listed.contains("masquerade fully-random"), "\(listed)")
        #expect(listed.contains("10.244.0.0/16"))
        #expect(listed.contains("type nat hook postrouting priority srcnat"))
    }

    @Test func rangesThatKeepTheirAddressesComeAndGoWithoutTouchingARule() throws {
        let rig = try Rig(racks: [0, 0])
        var configuration = try Rig.configuration(.vxlan(.init()))
        try rig.converge(configuration)
        let host = rig.machines[0].host
        _ = try converge(rig, 0, Masquerade(configuration))
        func rules() throws -> [String] {
            try host.check("nft", "-a", "list", "table", "inet", "poplin").split(separator: "\n").map(String.init)
                .filter { $0.contains("# handle") && !$0.contains("set ") }
        }
        let before = try rules()
        configuration.masquerade.nonMasqueradeCIDRs = [
            try IPPrefix(parsing: "192.0.2.0/24"), try IPPrefix(parsing: "192.0.2.128/25"),
            try IPPrefix(parsing: "2001:db8::/32"),
        ]
        #expect(try converge(rig, 0, Masquerade(configuration)).0 == 1)
        #expect(try rules() == before)
        // Node 1 knows the way back to the pod, so the unchanged address gets its answer.
        try countSources(rig.machines[1].host, ["10.244.0.5", "192.0.2.10"])
        #expect(try rig.machines[0].pod.pings("192.0.2.11"))
        #expect(try count(rig.machines[1].host, "10.244.0.5") > 0)
        configuration.masquerade.nonMasqueradeCIDRs = []
        #expect(try converge(rig, 0, Masquerade(configuration)).0 == 1)
        let kept = try host.check("nft", "list", "set", "inet", "poplin", "kept4")
        #expect(!kept.contains("192.0.2"))
        #expect(kept.contains("224.0.0.0/4"))
    }

    @Test func theTunnelsPacketsAreNotTrackedAndWhatTheyCarryMayBe() throws {
        let rig = try Rig(racks: [0, 0])
        var configuration = try Rig.configuration(.vxlan(.init()))
        configuration.trackPodToPod = .always
        try rig.converge(configuration)
        for (index, address) in ["192.0.2.10", "192.0.2.11"].enumerated() {
            let end = Masquerade.TunnelEnd(address: try IPAddress(parsing: address), port: 8472)
            let wanted = Masquerade(configuration, tunnel: end)
            #expect(try converge(rig, index, wanted).0 == 1)
            #expect(try converge(rig, index, wanted).0 == 0)
        }
        let host = rig.machines[0].host
        // Something that asks for connections has to be there for any to be tracked; masquerading does.
        #expect(try rig.unreachable() == [])
        let flows = try host.check("conntrack", "-L")
        #expect(!flows.contains("dport=8472"), "\(flows)")
        #expect(flows.contains("10.244.1.5"), "\(flows)")
        let listed = try host.check("nft", "list", "table", "ip", "poplin")
        #expect(listed.contains("ip daddr 192.0.2.10 udp dport 8472 notrack accept"), "\(listed)")
        #expect(listed.contains("ip saddr 192.0.2.10 udp dport 8472 notrack accept"), "\(listed)")
        #expect(!listed.contains("@nh") && !listed.contains("@th"), "nft can say every rule: \(listed)")
        // What others send to that port elsewhere is none of the tunnel's.
        try rig.machines[0].pod.check("bash", "-c", "echo x >/dev/udp/192.0.2.11/8472")
        #expect(try host.check("conntrack", "-L").contains("src=10.244.0.5 dst=192.0.2.11"))
        // Without a tunnel nothing of it stays.
        #expect(try converge(rig, 0, Masquerade(configuration)).0 == 1)
        let tables = try host.check("nft", "list", "tables")
        #expect(tables.contains("inet poplin") && !tables.contains("ip poplin"), "\(tables)")
    }

    @Test func aTunnelOverIPv6IsNotTrackedEither() throws {
        let rig = try Rig(racks: [0])
        var configuration = try Rig.configuration(.vxlan(.init()))
        configuration.trackPodToPod = .always
        let end = Masquerade.TunnelEnd(address: try IPAddress(parsing: "2001:db8::10"), port: 4789)
        let wanted = Masquerade(configuration, tunnel: end)
        #expect(try converge(rig, 0, wanted).0 == 1)
        #expect(try converge(rig, 0, wanted).0 == 0)
        let host = rig.machines[0].host
        let listed = try host.check("nft", "list", "table", "ip6", "poplin")
        #expect(listed.contains("ip6 daddr 2001:db8::10 udp dport 4789 notrack accept"), "\(listed)")
        #expect(try !host.check("nft", "list", "tables").contains("table ip poplin"))
    }

    /// Before, the chains that keep packets from being tracked were in the table of both families.
    @Test func chainsOfAnEarlierReleaseAreTakenAway() throws {
        let rig = try Rig(racks: [0])
        let configuration = try Rig.configuration(.vxlan(.init()))
        let host = rig.machines[0].host
        try host.check(
            "nft",
            """
            add table inet poplin
            add chain inet poplin arriving { type filter hook prerouting priority raw; }
            add chain inet poplin sending { type filter hook output priority raw; }
            add rule inet poplin arriving ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 notrack accept
            """)
        #expect(try converge(rig, 0, Masquerade(configuration)).1 == [])
        let listed = try host.check("nft", "list", "table", "inet", "poplin")
        #expect(!listed.contains("arriving") && !listed.contains("sending") && listed.contains("leaving"), "\(listed)")
        #expect(try host.check("nft", "list", "table", "ip", "poplin").contains("chain arriving"))
    }

    @Test func alteredRulesAreSaidAndPutBackAndNothingIsLeftInTheEnd() throws {
        let rig = try Rig(racks: [0])
        let configuration = try Rig.configuration(.hostGateway)
        let wanted = Masquerade(configuration, nodes: [try IPAddress(parsing: "192.0.2.10")])
        let host = rig.machines[0].host
        try host.check("nft", "add table ip somebody; add chain ip somebody else")
        let others = try host.check("nft", "list", "ruleset")
        _ = try converge(rig, 0, wanted)
        let whole = try host.check("nft", "list", "table", "inet", "poplin")
        #expect(whole.contains("192.0.2.10 comment"))
        for damage in [
            "flush chain inet poplin leaving", "delete element inet poplin pods4 { 10.244.0.0/16 }",
            "add rule inet poplin leaving accept", "flush chain ip poplin arriving", "delete table ip6 poplin",
            "flush ruleset",
        ] {
            try host.check("nft", damage)
            let (transactions, notes) = try converge(rig, 0, wanted)
            #expect(transactions == 1, "\(damage)")
            #expect(notes.isEmpty == !damage.contains("leaving"), "\(damage): \(notes)")
            #expect(try host.check("nft", "list", "table", "inet", "poplin") == whole, "\(damage)")
            if damage == "flush ruleset" { try host.check("nft", "add table ip somebody; add chain ip somebody else") }
        }
        var driver = try MasqueradeDriver(in: host.open())
        try driver.removeAll()
        #expect(try host.check("nft", "list", "ruleset") == others)
    }

    @Test func aForwardChainThatDropsIsOpenedForPodsAndClosedAgain() throws {
        let rig = try Rig(racks: [0, 0])
        let configuration = try Rig.configuration(.vxlan(.init()))
        try rig.converge(configuration)
        let host = rig.machines[0].host
        try host.check(
            "nft",
            "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }")
        let before = try host.check("nft", "list", "table", "ip", "filter")
        #expect(try !rig.machines[0].pod.run("ping", "-n", "-c", "1", "-W", "1", "10.244.1.5").succeeded)
        let (_, notes) = try converge(rig, 0, Masquerade(configuration))
        #expect(notes == ["chain FORWARD of table ip filter drops: a rule that accepts pods is added"])
        #expect(try rig.unreachable() == [])
        #expect(try converge(rig, 0, Masquerade(configuration)).0 == 0)
        var closed = configuration
        closed.masquerade.opensForwarding = false
        _ = try converge(rig, 0, Masquerade(closed))
        #expect(try host.check("nft", "list", "table", "ip", "filter") == before)
        // Packets are marked only while somebody asks for the mark.
        func marks() throws -> Bool {
            try host.check("nft", "list", "table", "inet", "poplin").contains("hook forward")
        }
        _ = try converge(rig, 0, Masquerade(configuration))
        #expect(try marks())
        try host.check("nft", "chain ip filter FORWARD { policy accept; }")
        #expect(try converge(rig, 0, Masquerade(configuration)).0 == 1)
        #expect(try !marks())
        #expect(try rig.unreachable() == [])
    }
}
