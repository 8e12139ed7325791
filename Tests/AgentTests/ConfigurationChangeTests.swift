import Addressing
import Fabric
import IPAMKubernetes
import Logging
import Testing

@testable import Agent

@Suite("What of a changed configuration an agent takes while it runs") struct ConfigurationChangeTests {
    private func read(_ netConf: String, _ poplin: String = "{}") throws -> FabricConfiguration {
        let reading = FabricConfiguration.read(netConf: netConf, poplin: poplin)
        return try #require(reading.configuration, "\(reading.findings)")
    }

    private static let plain = #"{"Network":"10.244.0.0/16"}"#

    @Test(
        "taken at once, with its key",
        arguments: [
            (#"{"Network":"10.244.0.0/16"}"#, #"{"masquerade":false}"#, "masquerade"),
            (#"{"Network":"10.244.0.0/16"}"#, #"{"nonMasqueradeCIDRs":["10.0.0.0/8"]}"#, "nonMasqueradeCIDRs"),
            (#"{"Network":"10.244.0.0/16"}"#, #"{"mtu":1400}"#, "mtu"),
            (#"{"Network":"10.244.0.0/16"}"#, #"{"ipam":{"cooldownSeconds":5}}"#, "ipam.cooldownSeconds"),
            (#"{"Network":"10.244.0.0/16"}"#, #"{"ipam":{"maxBlocksPerNode":3}}"#, "ipam.maxBlocksPerNode"),
            (
                #"{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","DirectRouting":true}}"#, "{}",
                "Backend.DirectRouting"
            ),
        ])
    func taken(netConf: String, poplin: String, key: String) throws {
        let wanted = try read(netConf, poplin)
        let change = ConfigurationChange(from: try read(Self.plain), to: wanted)
        #expect(change.taken == [key])
        #expect(change.effective == wanted)
        #expect(change.obstacle == nil)
    }

    @Test(
        "waits for the next start, and the rest is in force",
        arguments: [
            (#"{"Network":"10.1.0.0/16"}"#, "{}", "Network, IPv6Network"),
            (#"{"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}}"#, "{}", "Backend (Type, VNI, Port)"),
            (
                #"{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":7,"DirectRouting":true}}"#, "{}",
                "Backend (Type, VNI, Port)"
            ),
            (#"{"Network":"10.244.0.0/16"}"#, #"{"ipam":{"mode":"cluster-pool"}}"#, "ipam.mode"),
            (#"{"Network":"10.244.0.0/16"}"#, #"{"underlay":{"family":"ipv6"}}"#, "underlay.family"),
        ])
    func waiting(netConf: String, poplin: String, key: String) throws {
        let running = try read(Self.plain)
        var wanted = try read(netConf, poplin)
        wanted.masquerade.isOn = false
        let change = ConfigurationChange(from: running, to: wanted)
        #expect(change.waiting == [key])
        #expect(change.taken == ["masquerade"])
        var expected = running
        expected.masquerade.isOn = false
        #expect(change.effective == expected)
        #expect(change.obstacle?.contains("until the agent is started again: \(key) (kubectl") == true)
        // It stays said, and nothing is taken twice.
        let again = ConfigurationChange(from: change.effective, to: wanted)
        #expect(again.effective == change.effective && again.taken.isEmpty && again.waiting == [key])
        // Whoever takes it back hears no more of it.
        #expect(ConfigurationChange(from: change.effective, to: expected).obstacle == nil)
    }

    @Test("a line is said once, until it has been away")
    func repeatedLines() {
        var lines = RepeatedLines(Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (a, b) = (RepeatedLines.Line(.warning, "a"), RepeatedLines.Line(.warning, "b"))
        #expect(lines.new([a]) == [a])
        #expect(lines.new([a, b]) == [b])
        #expect(lines.new([b]) == [])
        #expect(lines.new([a, b]) == [a])
    }

    @Test("what a look at the pools found is said with its objects")
    func maintenance() throws {
        var report = PoolSource.Maintenance()
        report.contested = [(try IPPrefix(parsing: "10.244.3.0/26"), "node-9")]
        report.complaints = [
            .init(pool: "a", uid: "1", message: "IPPool a: spec.cidrs is empty", consequence: .idleRange),
            .init(pool: "b", uid: "2", message: "IPPool b: spec.cidrs[0]: the pool overlaps", consequence: .misplaced),
        ]
        report.givenBack = [try IPPrefix(parsing: "10.244.5.64/26")]
        let lines = AgentParts.lines(of: report, node: "node-1")
        #expect(lines.map(\.level) == [.error, .warning, .info])
        #expect(lines[0].text.hasPrefix("block 10.244.3.0/26 is used by this node and belongs to node node-9"))
        #expect(lines[1].text == "IPPool a: spec.cidrs is empty")
        #expect(lines[2].text == "block 10.244.5.64/26 given back: no pod of node node-1 uses it")
    }
}
