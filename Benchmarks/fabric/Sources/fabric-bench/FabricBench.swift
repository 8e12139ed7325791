// fabric-bench NODES: in the network namespace it is started in, whose eth0 has 192.0.2.10/16, makes the fabric of a
// cluster of that many nodes, then one change, then looks, then takes everything away. Prints one line for each:
// what, milliseconds, requests.

import Addressing
import Fabric
import Glibc
import LinuxHost

@main
struct FabricBench {
    var configuration = FabricConfiguration()
    var nodes: [FabricNode]
    let underlay: Underlay

    static func address(_ number: UInt32) -> IPAddress { .v4(IPv4Address(rawValue: number)) }

    static func node(_ index: UInt32) -> FabricNode {
        var node = FabricNode(
            name: "node-\(index)", addresses: [address(0xC000_0000 + 0x020A + index)],
            podCIDRs: [IPPrefix(containing: address(0x0A80_0000 + index << 8), length: 24)])
        node.backend = BackendAnnouncement(
            type: "vxlan", vxlanIdentifier: 1, vxlanPort: 8472,
            tunnelMAC: MACAddress(rawValue: 0x0200_0000_0000 + UInt64(index)))
        return node
    }

    var planner: FabricPlanner {
        FabricPlanner(local: Self.node(0), remotes: nodes, configuration: configuration, underlay: underlay)
    }

    static func timed(
        _ what: String, _ driver: inout FabricDriver, _ body: (inout FabricDriver) throws -> FabricDriver.Report
    ) throws {
        let (start, before) = (Clock.monotonic(), driver.requests)
        let report = try body(&driver)
        let milliseconds = Double(Clock.monotonic() - start) / 1e6
        for failure in report.failures.prefix(3) { print("# \(failure)") }
        print("\(what)\t\(milliseconds)\t\(driver.requests - before)\t\(report.delta.steps.count)")
    }

    static func main() throws {
        let count = UInt32(CommandLine.arguments.dropFirst().first ?? "1000") ?? 1000
        var driver = try FabricDriver()
        guard let underlay = try driver.underlay(holding: [address(0xC000_020A)]) else {
            fatalError("no eth0 with 192.0.2.10")
        }
        var bench = FabricBench(nodes: (1...count).map(node), underlay: underlay)
        bench.configuration.networks = [IPPrefix(containing: address(0x0A80_0000), length: 9)]
        var planner: FabricPlanner?
        try timed("appear", &driver) { driver in
            let made = bench.planner
            planner = made
            return try driver.converge(to: made.plan.state)
        }
        var node = bench.nodes[500 % bench.nodes.count]
        node.backend?.tunnelMAC = MACAddress(rawValue: 0x0200_00FF_0000)
        try timed("change", &driver) { driver in
            guard let delta = planner?.change([node.name: node]) else { fatalError("the change is not followed") }
            return try driver.change(by: delta)
        }
        let state = planner?.plan.state ?? FabricState()
        try timed("look", &driver) { try $0.converge(to: state) }
        try timed("remove", &driver) { try $0.removeAll() }
    }
}
