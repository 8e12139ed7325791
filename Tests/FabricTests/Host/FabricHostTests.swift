import Addressing
import CLinux
import Fabric
import Findings
import JSONTree
import LinuxHost
import Netlink
import Testing

@testable import Fabric

/// Pods of machines in namespaces reach each other by what the driver puts into the kernel; `ip`, `bridge` and
/// `ethtool` say what is there.
@Suite(.enabled(if: getuid() == 0, "needs root: makes network namespaces")) struct FabricHostTests {
    private func text(_ node: JSONNode, _ key: String) -> String { node.member(key)?.string ?? "" }

    @Test func vxlanJoinsPodsOfBothFamiliesAndTheSecondTimeNothingIsDone() throws {
        let rig = try Rig()
        let configuration = try Rig.configuration(.vxlan(.init(identifier: 42, port: 4789)))
        let reports = try rig.converge(configuration)
        #expect(reports.flatMap(\.failures).map(\.description) == [])
        #expect(try rig.unreachable() == [])
        // The largest packet that fits, and one byte more: 1450 = 20 + 8 + 1422.
        #expect(try rig.machines[0].pod.pings("10.244.1.5", size: 1422))

        let again = try rig.converge(configuration)
        #expect(again.map(\.delta.steps) == [[], [], []])

        let host = rig.machines[0].host
        let link = try #require(try host.json("ip", "-j", "-d", "link", "show", "poplin.42").first)
        let data = try #require(link.member("linkinfo")?.member("info_data"))
        #expect(link.member("mtu")?.int == 1450)
        #expect(text(link, "ifalias") == "poplin:fabric")
        #expect(text(link, "address") == rig.machines[0].node.backend?.tunnelMAC?.description)
        #expect(data.member("id")?.int == 42)
        #expect(data.member("port")?.int == 4789)
        #expect(data.member("learning")?.bool == false)
        #expect(text(data, "local") == "192.0.2.10")
        let entries = try host.json("bridge", "-j", "fdb", "show", "dev", "poplin.42")
        #expect(Set(entries.map { text($0, "dst") }) == ["192.0.2.11", "192.0.2.12"])
        #expect(entries.allSatisfy { text($0, "state") == "permanent" })
        let routes = try host.json("ip", "-j", "route", "show", "proto", "112")
        #expect(
            routes.map { text($0, "dst") }.sorted() == ["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"])
        // An address of our own range that no pod has is refused at once and does not leave by another way.
        let refused = try rig.machines[0].pod.run("ping", "-n", "-c", "1", "-W", "5", "10.244.0.77")
        #expect(refused.output.contains("Destination Host Unreachable"), "\(refused)")
    }

    @Test func ipv6CarriesBothFamiliesToo() throws {
        let rig = try Rig(racks: [0, 0])
        var configuration = try Rig.configuration(.vxlan(.init()))
        configuration.underlay = .ipv6
        #expect(try rig.converge(configuration).flatMap(\.failures).map(\.description) == [])
        #expect(try rig.unreachable() == [])
        let link = try #require(try rig.machines[0].host.json("ip", "-j", "-d", "link", "show", "poplin.1").first)
        #expect(link.member("mtu")?.int == 1430)
        #expect(link.member("linkinfo")?.member("info_data")?.member("local6")?.string == "2001:db8::10")
    }

    @Test func hostGatewayNeedsNoTunnelAndLeavesNothing() throws {
        let rig = try Rig()
        let configuration = try Rig.configuration(.hostGateway)
        #expect(try rig.converge(configuration).flatMap(\.failures).map(\.description) == [])
        #expect(try rig.unreachable(size: 1472 - 48) == [])
        let host = rig.machines[1].host
        let routes = try host.json("ip", "-j", "route", "show", "10.244.2.0/24")
        #expect(routes.map { text($0, "gateway") } == ["192.0.2.12"])
        #expect(try host.json("ip", "-j", "link", "show", "type", "vxlan").isEmpty)

        var driver = try rig.driver(1)
        #expect(try driver.removeAll().failures.isEmpty)
        #expect(try host.json("ip", "-j", "route", "show", "proto", "112").isEmpty)
        #expect(try host.json("ip", "-j", "-6", "route", "show", "proto", "112").isEmpty)
    }

    @Test func directRoutingGoesPlainInsideARackAndThroughTheTunnelAcross() throws {
        let rig = try Rig(racks: [0, 0, 1])
        let configuration = try Rig.configuration(.vxlan(.init(directRouting: true)))
        #expect(try rig.converge(configuration).flatMap(\.failures).map(\.description) == [])
        #expect(try rig.unreachable() == [])
        let routes = try rig.machines[0].host.json("ip", "-j", "route", "show", "proto", "112")
        let devices = Dictionary(routes.map { (text($0, "dst"), text($0, "dev")) }) { first, _ in first }
        #expect(devices["10.244.1.0/24"] == "eth0")
        #expect(devices["10.244.2.0/24"] == "poplin.1")
        let refused = try rig.plan(0, Rig.configuration(.hostGateway))
        #expect(refused.refused == ["node-1", "node-2"])
    }

    @Test func aNodeWithoutIPv6IsToldWithTheFieldThatAsksForIt() throws {
        let rig = try Rig(racks: [0, 0])
        try rig.machines[0].host.check(
            "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        let reports = try rig.converge(try Rig.configuration(.vxlan(.init())))
        let told = reports[0].findings.map(\.message)
        let text = "IPv6 is off on this node, and net-conf.json: EnableIPv6 asks for it (Permission denied (EACCES)"
        #expect(told.contains { $0.contains(text) }, "\(told)")
        #expect(reports[1].isSettled)
    }

    @Test func whatIsBrokenIsPutBack() throws {
        let rig = try Rig(racks: [0, 0])
        let configuration = try Rig.configuration(.vxlan(.init()))
        try rig.converge(configuration)
        let host = rig.machines[0].host
        let mac = rig.machines[0].node.backend?.tunnelMAC?.description
        for damage: [String] in [
            ["link", "del", "poplin.1"], ["link", "set", "poplin.1", "address", "02:00:00:00:00:99"],
            ["link", "set", "poplin.1", "down"], ["link", "set", "poplin.1", "mtu", "1300"],
            ["neigh", "flush", "dev", "poplin.1", "nud", "permanent"], ["route", "del", "10.244.1.0/24"],
            ["-6", "route", "del", "fd00:10:244:1::/64"], ["addr", "flush", "dev", "poplin.1"],
        ] {
            var watch = try FabricWatch(interfaces: ["poplin.1", "eth0"], in: host.open())
            try TestProgram.check(["ip", "-n", host.name] + damage)
            let noticed = try watch.nextChange(within: 60_000)
            #expect(noticed, "\(damage)")
            let plan = try rig.plan(0, configuration)
            var driver = try rig.driver(0)
            let report = try driver.converge(to: plan.state)
            #expect(report.failures.map(\.description) == [], "\(damage)")
            #expect(!report.delta.isEmpty, "\(damage)")
            #expect(try driver.converge(to: plan.state).delta.steps == [], "\(damage)")
            #expect(try rig.unreachable() == [], "after \(damage)")
        }
        let link = try #require(try host.json("ip", "-j", "link", "show", "poplin.1").first)
        #expect(text(link, "address") == mac)
    }

    @Test func whatTheDriverTakesAwayItselfIsNoReasonToLook() throws {
        let rig = try Rig(racks: [0, 0])
        let configuration = try Rig.configuration(.vxlan(.init()))
        try rig.converge(configuration)
        let host = rig.machines[0].host
        let plan = try rig.plan(0, configuration)
        var driver = try rig.driver(0)
        var watch = try FabricWatch(
            interfaces: ["poplin.1", "eth0"], removals: driver.removals, in: host.open())
        var without = plan.state
        without.routes = [:]
        without.neighbours = [:]
        without.forwarding = [:]
        let report = try driver.change(from: plan.state, to: without)
        #expect(report.failures.map(\.description) == [])
        // Nor is a link of a pod.
        for number in 0..<3 {
            try TestProgram.check([
                "ip", "-n", host.name, "link", "add", "pop\(number)", "type", "veth", "peer", "name", "peer\(number)",
            ])
            try TestProgram.check(["ip", "-n", host.name, "link", "del", "pop\(number)"])
        }
        let noticed = try watch.nextChange(within: 500)
        #expect(!noticed)
        _ = try driver.converge(to: plan.state)
        // The same thing by another hand is one.
        try TestProgram.check(["ip", "-n", host.name, "route", "del", "10.244.1.0/24"])
        let again = try watch.nextChange(within: 60_000)
        #expect(again)
    }

    @Test func anotherIdentifierMakesItsInterfaceBeforeTheOldOneGoes() throws {
        let rig = try Rig(racks: [0, 0])
        try rig.converge(Rig.configuration(.vxlan(.init(identifier: 1))))
        let before = try rig.plan(0, Rig.configuration(.vxlan(.init(identifier: 1))))
        var driver = try rig.driver(0)
        var moved = before.state
        moved.tunnel?.mtu = 1400
        let report = try driver.converge(to: moved)
        #expect(report.delta.steps.count == 1)
        let steps = before.state.delta(to: try rig.plan(0, Rig.configuration(.vxlan(.init(identifier: 2)))).state).steps
        #expect(steps.first?.description == "interface poplin.2")
        #expect(steps.last == .removeTunnel("poplin.1"))
        #expect(try rig.converge(Rig.configuration(.vxlan(.init(identifier: 2)))).flatMap(\.failures).isEmpty)
        #expect(try rig.unreachable() == [])
        let links = try rig.machines[0].host.json("ip", "-j", "link", "show", "type", "vxlan")
        #expect(links.map { text($0, "ifname") } == ["poplin.2"])
    }

    @Test func whatFlannelMadeIsLeftAloneAndSaidToBeInTheWay() throws {
        let rig = try Rig(racks: [0, 0])
        let host = rig.machines[0].host
        try host.ip(
            "link", "add", "flannel.1", "type", "vxlan", "id", "1", "dev", "eth0", "dstport", "8472", "nolearning")
        try host.ip("link", "set", "flannel.1", "up")
        try host.ip("route", "add", "10.244.1.0/24", "via", "10.244.1.0", "dev", "flannel.1", "onlink")
        let seen = try host.ip("-d", "link", "show", "flannel.1") + host.ip("route", "show", "dev", "flannel.1")

        let configuration = try Rig.configuration(.vxlan(.init(identifier: 7, port: 4789)))
        let report = try rig.converge(configuration)[0]
        let failure = try #require(report.failures.first)
        #expect(report.failures.count == 1)
        #expect(failure.description.contains("10.244.1.0/24"))
        #expect(failure.description.contains("over flannel.1"), "\(failure)")
        var driver = try rig.driver(0)
        #expect(try driver.removeAll().failures.isEmpty)
        #expect(try host.ip("-d", "link", "show", "flannel.1") + host.ip("route", "show", "dev", "flannel.1") == seen)
    }

    @Test func anInterfaceOfOurNameThatIsNotOursIsNotTouched() throws {
        let rig = try Rig(racks: [0])
        let host = rig.machines[0].host
        try host.ip("link", "add", "poplin.1", "type", "bridge")
        let report = try rig.converge(Rig.configuration(.vxlan(.init())))[0]
        #expect(report.failures.map(\.description).first?.contains("not Poplin's (kind bridge)") == true)
        #expect(try host.json("ip", "-j", "link", "show", "type", "bridge").count == 1)
    }

    @Test func transmitChecksumsAreSwitchedAndSwitchedBackWhenSomebodyChangesThem() throws {
        let rig = try Rig(racks: [0, 0])
        var configuration = try Rig.configuration(.vxlan(.init()))
        configuration.transmitChecksum = .off
        try rig.converge(configuration)
        let host = rig.machines[0].host
        func state() throws -> String? {
            try host.check("ethtool", "-k", "poplin.1").split(separator: "\n")
                .first { $0.contains("tx-checksum-ip-generic") }.map { String($0.split(separator: " ")[1]) }
        }
        #expect(try state() == "off")
        #expect(try rig.unreachable() == [])
        try host.check("ethtool", "-K", "poplin.1", "tx", "on")
        #expect(try rig.converge(configuration)[0].delta.steps.count == 1)
        #expect(try state() == "off")
    }
}
