import Addressing
import Findings
import IPAMKubernetes
import JSONTree
import KubernetesModel
import Testing

@testable import PoplinCommands

/// Screens of `poplin ipam`, from objects.
@Suite struct IPAMScreenTests {
    private func object(_ text: String) throws -> JSONNode { try JSONTree(parsing: text).root }

    private func node(_ name: String, range: String = "") throws -> Node {
        let ranges = range.isEmpty ? "" : "\"\(range)\""
        return try Node(decoding: try object(#"{"metadata":{"name":"\#(name)"},"spec":{"podCIDRs":[\#(ranges)]}}"#))
    }

    private func pod(_ name: String, _ node: String, _ address: String) throws -> Pod {
        try Pod(
            decoding: try object(
                #"{"metadata":{"name":"\#(name)","namespace":"shop"},"spec":{"nodeName":"\#(node)"},"#
                    + #""status":{"phase":"Running","podIPs":[{"ip":"\#(address)"}]}}"#))
    }

    private func block(
        _ range: String, _ pool: String, _ node: String, _ pods: [(address: String, name: String)], resting: Int = 0,
        free: Int
    ) throws -> IPAMBlock {
        let entries = pods.map {
            #"{"address":"\#($0.address)","handle":"poplin/\#($0.name)/eth0","namespace":"shop","pod":"\#($0.name)"}"#
        }
        let name = IPAMBlock.name(of: try IPPrefix(parsing: range))
        return try IPAMBlock(
            decoding: try object(
                #"{"metadata":{"name":"\#(name)"},"spec":{"cidr":"\#(range)","pool":"\#(pool)","node":"\#(node)"},"#
                    + #""status":{"allocated":\#(pods.count),"resting":\#(resting),"free":\#(free),"#
                    + #""allocations":[\#(entries.joined(separator: ","))]}}"#))
    }

    private func pool(_ name: String, _ ranges: [String], size: Int, reserved: String? = nil) throws -> IPPool {
        var ranges = try ranges.map { try IPPrefix(parsing: $0) }
        ranges.sort()
        return IPPool(
            name: name, cidrs: ranges, ipv4BlockSize: size,
            reservations: reserved.flatMap { IPRange($0) }.map { [$0] } ?? [])
    }

    private func audit() throws -> AddressAudit {
        AddressAudit(
            pools: [
                try pool("default", ["10.244.0.0/16", "fd00:10:244::/64"], size: 26),
                try pool("edge", ["10.61.1.0/28"], size: 30, reserved: "10.61.1.14-10.61.1.15"),
            ],
            blocks: [
                try block(
                    "10.244.112.192/26", "default", "node-1", [("10.244.112.193", "web-1")], resting: 2, free: 61),
                try block("10.61.1.0/30", "edge", "node-2", [("10.61.1.1", "api-1"), ("10.61.1.2", "api-2")], free: 2),
            ], nodes: [try node("node-1"), try node("node-2")],
            pods: [
                try pod("web-1", "node-1", "10.244.112.193"), try pod("api-1", "node-2", "10.61.1.1"),
                try pod("api-2", "node-2", "10.61.1.2"),
            ])
    }

    @Test func poolsAndBlocks() throws {
        let audit = try audit()
        try expectSnapshot(IPAMShowCommand.table(audit, showBlocks: false), "ipam-show")
        try expectSnapshot(IPAMShowCommand.table(audit, showBlocks: true), "ipam-show-blocks")
        try expectSnapshot(IPAMCheckCommand.summary(audit), "ipam-check")
    }

    @Test("a table fits a terminal of 80 columns, and is left whole for a file")
    func longNames() throws {
        let node = "ip-10-0-1-17.eu-central-1.compute.internal"
        let audit = AddressAudit(
            pools: [try pool("a-pool-of-the-machine-learning-team", ["2001:db8:1234:5678::/64"], size: 26)],
            blocks: [
                try block(
                    "2001:db8:1234:5678:ffff:ffff:ffff:ff80/122", "a-pool-of-the-machine-learning-team", node,
                    [("2001:db8:1234:5678:ffff:ffff:ffff:ff81", "web-1")], resting: 2, free: 61)
            ], nodes: [try self.node(node)],
            pods: [try pod("web-1", node, "2001:db8:1234:5678:ffff:ffff:ffff:ff81")])
        let narrow = IPAMShowCommand.table(audit, showBlocks: true, columns: 80)
        try expectSnapshot(narrow, "ipam-show-narrow")
        let wide = IPAMShowCommand.table(audit, showBlocks: true).split(separator: "\n")
        #expect(wide.count == 6 && wide[4].contains(node))
        for screen in [try self.audit()].map({ IPAMShowCommand.table($0, showBlocks: true) }) {
            #expect(screen.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(screen)")
        }
    }

    @Test func aPoolThatCannotBeReadIsAProblem() throws {
        let pools = PoolReading([
            try object(#"{"metadata":{"name":"p"},"spec":{"cidrs":["10.5.0.0/24"],"reservations":["x"]}}"#)
        ])
        let audit = AddressAudit(
            pools: pools.pools, complaints: pools.complaints(),
            blocks: [try block("10.5.0.0/28", "p", "node-1", [], free: 16)], nodes: [try node("node-1")], pods: [])
        // The block is not also called one of a pool that does not exist.
        #expect(audit.problems.map(\.kind) == [.pool])
        #expect(audit.problems.first?.next == "kubectl edit ippool p")
    }

    @Test func nodesRangesWithoutPools() throws {
        let audit = AddressAudit(
            pools: [], blocks: [],
            nodes: [try node("node-1", range: "10.244.0.0/24"), try node("node-2", range: "10.244.1.0/24")],
            pods: [try pod("web-1", "node-1", "10.244.0.7"), try pod("web-2", "node-1", "10.244.0.8")])
        try expectSnapshot(IPAMShowCommand.table(audit, showBlocks: false), "ipam-show-nodes")
    }

    @Test func everyKindOfProblemOnOneScreen() throws {
        let audit = AddressAudit(
            pools: [try pool("default", ["10.5.0.0/24"], size: 28)],
            blocks: [
                try block("10.5.0.0/28", "default", "node-1", [("10.5.0.1", "web"), ("10.5.0.2", "gone")], free: 14),
                try block("10.5.0.16/28", "default", "ghost", [], free: 16),
                try block("10.6.0.0/28", "default", "node-1", [], free: 16),
            ], nodes: [try node("node-1")],
            pods: [
                try pod("web", "node-1", "10.5.0.1"), try pod("twin", "node-1", "10.5.0.1"),
                try pod("odd", "node-1", "10.5.0.99"),
            ])
        let lines = audit.problems.map { problem in
            Finding(code: "IPAM-\(problem.kind.rawValue)", problem.message, next: problem.next).rendered()
        }
        try expectSnapshot(
            IPAMCheckCommand.summary(audit) + "\n\n" + lines.joined(separator: "\n"), "ipam-check-problems")
    }

    @Test func blocksOfANodeThatIsGone() throws {
        var outcome = IPAMReleaseCommand.Outcome()
        #expect(IPAMReleaseCommand.screen(outcome, node: "node-7") == "Node node-7 has no blocks.")
        outcome.blocks = [("10.244.7.0/26", "removed"), ("10.244.9.64/26", "changed meanwhile, left alone")]
        #expect(
            IPAMReleaseCommand.screen(outcome, node: "node-7") == """
                10.244.7.0/26 removed
                10.244.9.64/26 changed meanwhile, left alone
                """)
    }
}
