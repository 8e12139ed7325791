import Addressing
import CLinux
import Fabric
import LinuxHost
import Netlink
import Testing

/// Whether the kernel knows connections of pods to pods; `nft` makes the others' rules, `conntrack` says what is known.
@Suite(.enabled(if: getuid() == 0, "needs root: makes network namespaces")) struct PodTrackingHostTests {
    /// Two nodes joined by a tunnel, with what each node's table is to be.
    private func rig(
        _ change: (inout FabricConfiguration) -> Void = { _ in }
    ) throws -> (rig: Rig, wanted: [Masquerade]) {
        let rig = try Rig(racks: [0, 0])
        var configuration = try Rig.configuration(.vxlan(.init()))
        change(&configuration)
        try rig.converge(configuration)
        let wanted = try ["192.0.2.10", "192.0.2.11"].map { address in
            Masquerade(
                configuration, tunnel: Masquerade.TunnelEnd(address: try IPAddress(parsing: address), port: 8472))
        }
        return (rig, wanted)
    }

    private func converge(
        _ rig: Rig, _ index: Int, _ wanted: Masquerade, users: [String] = []
    ) throws -> (reason: String?, transactions: Int, notes: [String]) {
        var driver = try MasqueradeDriver(in: rig.machines[index].host.open())
        try driver.converge(to: wanted, users: users)
        return (driver.trackingReason, driver.transactions, driver.notes)
    }

    /// Connections between pods, of both families.
    private func flows(_ host: TestNamespace) throws -> [String] {
        try ["ipv4", "ipv6"].flatMap { family in
            try host.check("conntrack", "-L", "-f", family).split(separator: "\n").map(String.init)
        }.filter { line in
            ["10.244.0.5", "fd00:10:244::5"].contains { line.contains($0) }
                && ["10.244.1.5", "fd00:10:244:1::5"].contains { line.contains($0) }
        }
    }

    @Test func podsAreTrackedOnlyWhileSomebodyElseHasARule() throws {
        let (rig, wanted) = try rig()
        for index in 0...1 {
            let first = try converge(rig, index, wanted[index])
            #expect(first.reason == nil && first.transactions == 1, "\(first)")
            let second = try converge(rig, index, wanted[index])
            #expect(second.reason == nil && second.transactions == 0, "\(second)")
        }
        let host = rig.machines[0].host
        #expect(try rig.unreachable() == [])
        // A packet that leaves the cluster is known, so it is no wonder that the others are not.
        #expect(try rig.machines[0].pod.pings("192.0.2.11"))
        let all = try host.check("conntrack", "-L")
        #expect(all.contains("src=10.244.0.5 dst=192.0.2.11"), "\(all)")
        #expect(try flows(host) == [])

        // A chain without rules asks for nothing.
        try host.check("nft", "add table ip other; add chain ip other out { type nat hook postrouting priority 100; }")
        #expect(try converge(rig, 0, wanted[0]).transactions == 0)
        try host.check("nft", "add rule ip other out counter")
        let tracked = try converge(rig, 0, wanted[0])
        #expect(tracked.reason == "chain out of table ip other may need them")
        #expect(tracked.transactions == 1 && tracked.notes == [], "\(tracked)")
        #expect(try rig.unreachable() == [])
        let known = try flows(host)
        #expect(known.contains { $0.contains("10.244.1.5") } && known.contains { $0.contains("fd00:10:244:1::5") })

        try host.check("nft", "delete table ip other")
        try host.check("conntrack", "-F")
        let again = try converge(rig, 0, wanted[0])
        #expect(again.reason == nil && again.transactions == 1 && again.notes == [], "\(again)")
        #expect(try rig.unreachable() == [])
        #expect(try flows(host) == [])

        // What nf_tables does not know of counts too.
        #expect(try converge(rig, 0, wanted[0], users: ["ip_vs with 1 service"]).reason != nil)
    }

    @Test func podsOfSeveralRangesAreLookedUpAndOfOneAreCompared() throws {
        let (rig, wanted) = try rig()
        let host = rig.machines[0].host
        func rule() throws -> String {
            let listed = try host.check("nft", "list", "chain", "ip", "poplin", "arriving")
            return listed.split(separator: "\n").first { $0.contains("nobody needs") }.map(String.init) ?? listed
        }
        _ = try converge(rig, 0, wanted[0])
        #expect(try rule().contains("ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 meta mark"))
        // A range that is cut in the middle of a byte, inside of the first, changes nothing.
        var more = wanted[0]
        more.podRanges.insert(try IPPrefix(parsing: "10.244.16.0/20"))
        let inside = try converge(rig, 0, more)
        #expect(inside.transactions == 0 && inside.notes == [], "\(inside)")
        #expect(try !rule().contains("@"))
        more.podRanges.insert(try IPPrefix(parsing: "10.99.0.0/20"))
        let second = try converge(rig, 0, more)
        #expect(second.transactions == 1 && second.notes == [], "\(second)")
        #expect(try rule().contains("ip saddr @pods4 ip daddr @pods4 meta mark"))
        #expect(try host.check("nft", "list", "set", "ip", "poplin", "pods4").contains("10.99.0.0/20"))
        #expect(try rig.machines[0].pod.pings("10.244.1.5"))
        #expect(try flows(host) == [])
        // The set goes with its last rule.
        more.podRanges = [try IPPrefix(parsing: "10.244.0.0/15")]
        let one = try converge(rig, 0, more)
        #expect(one.transactions == 1 && one.notes == [], "\(one)")
        #expect(try rule().contains("ip saddr 10.244.0.0/15 ip daddr 10.244.0.0/15 meta mark"))
        #expect(try !host.check("nft", "list", "table", "ip", "poplin").contains("set pods4"))
        #expect(try converge(rig, 0, more).transactions == 0)
    }

    @Test func theConfigurationCanHaveThemTrackedForGood() throws {
        let (rig, wanted) = try rig { $0.trackPodToPod = .always }
        let outcome = try converge(rig, 0, wanted[0])
        #expect(outcome.reason == "the configuration says so")
        #expect(try rig.machines[0].pod.pings("10.244.1.5"))
        #expect(try flows(rig.machines[0].host).count == 1)
    }

    @Test func connectionsThatOthersTranslatedAreWaitedFor() throws {
        let (rig, wanted) = try rig()
        let host = rig.machines[0].host
        try host.check(
            "nft",
            "add table ip proxy; add chain ip proxy in { type nat hook prerouting priority -100; }; "
                + "add rule ip proxy in ip daddr 10.96.0.1 dnat to 10.244.1.5")
        for index in 0...1 { _ = try converge(rig, index, wanted[index]) }
        #expect(try rig.machines[0].pod.pings("10.96.0.1"))
        #expect(try rig.machines[0].pod.pings("10.244.1.5"))
        try host.check("nft", "delete table ip proxy")
        let waiting = try converge(rig, 0, wanted[0])
        #expect(waiting.reason == "1 of them were translated by rules that are gone, and have not ended")
        try host.check("conntrack", "-F")
        #expect(try converge(rig, 0, wanted[0]).reason == nil)
    }

    /// A ping that never stops, through both changes: nothing of it is lost.
    @Test func aChangeLosesNothing() throws {
        let (rig, wanted) = try rig()
        for index in 0...1 { _ = try converge(rig, index, wanted[index]) }
        let host = rig.machines[0].host
        let pod = rig.machines[0].pod
        // Ten in a second for two seconds, with the changes in between.
        try pod.check(
            "bash", "-c",
            "ping -n -i 0.1 -c 20 -W 5 10.244.1.5 >/tmp/\(pod.name).ping 2>&1 & echo $! >/tmp/\(pod.name).pid")
        defer { for end in ["ping", "pid"] { unlink("/tmp/\(pod.name).\(end)") } }
        var reasons: [Bool] = []
        for turn in 0..<6 {
            try host.check(
                "nft",
                turn % 2 == 0
                    ? "add table ip other; add chain ip other in { type filter hook forward priority 0; }; "
                        + "add rule ip other in ip saddr 203.0.113.1 drop"
                    : "delete table ip other")
            reasons.append(try converge(rig, 0, wanted[0]).reason != nil)
            Clock.sleep(nanoseconds: 200_000_000)
        }
        #expect(reasons == [true, false, true, false, true, false])
        let report = try pod.check(
            "bash", "-c",
            "while kill -0 $(cat /tmp/\(pod.name).pid) 2>/dev/null; do sleep 0.1; done; cat /tmp/\(pod.name).ping")
        #expect(report.contains("20 packets transmitted, 20 received, 0% packet loss"), "\(report)")
    }

    @Test func aChainOfSomebodyElseIsHeardOfAndOursAreNot() throws {
        let (rig, wanted) = try rig()
        let host = rig.machines[0].host
        var watch = try ForeignChainWatch(in: host.open())
        _ = try converge(rig, 0, wanted[0])
        // All that our own table made is heard and is no change.
        for _ in 0..<20 {
            let isForeign = try watch.nextChange(within: 0)
            #expect(!isForeign, "our own table was taken for somebody's")
        }
        try host.check("nft", "add table ip other; add chain ip other in { type filter hook forward priority 0; }")
        var isHeard = false
        for _ in 0..<600 where !isHeard { isHeard = try watch.nextChange(within: 100) }
        #expect(isHeard)
    }
}
