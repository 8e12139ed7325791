import Addressing
import JSONTree
import KubernetesModel
import Testing

@testable import IPAMKubernetes

@Suite struct AddressAuditTests {
    private func object(_ text: String) throws -> JSONNode { try JSONTree(parsing: text).root }

    private func node(_ name: String, _ ranges: [String] = []) throws -> Node {
        let list = ranges.map { "\"\($0)\"" }.joined(separator: ",")
        return try Node(decoding: try object(#"{"metadata":{"name":"\#(name)"},"spec":{"podCIDRs":[\#(list)]}}"#))
    }

    private func pod(_ name: String, _ node: String, _ address: String, phase: String = "Running") throws -> Pod {
        let ips = address.isEmpty ? "[]" : #"[{"ip":"\#(address)"}]"#
        return try Pod(
            decoding: try object(
                #"{"metadata":{"name":"\#(name)","namespace":"shop"},"spec":{"nodeName":"\#(node)","containers":[]},"status":{"phase":"\#(phase)","podIP":"\#(address)","podIPs":\#(ips)}}"#
            ))
    }

    private func block(_ range: String, _ node: String, _ entries: [(String, String)]) throws -> IPAMBlock {
        let list = entries.map {
            #"{"address":"\#($0.0)","handle":"n/\#($0.1)/eth0","namespace":"shop","pod":"\#($0.1)"}"#
        }
        let prefix = try IPPrefix(parsing: range)
        return try IPAMBlock(
            decoding: try object(
                #"{"metadata":{"name":"\#(IPAMBlock.name(of: prefix))"},"spec":{"cidr":"\#(range)","pool":"default","node":"\#(node)"},"status":{"allocated":\#(entries.count),"resting":1,"free":1,"allocations":[\#(list.joined(separator: ","))]}}"#
            ))
    }

    private func pool() throws -> IPPool {
        IPPool(name: "default", cidrs: [try IPPrefix(parsing: "10.5.0.0/24")], ipv4BlockSize: 28)
    }

    @Test func aClusterInOrderHasNoProblems() throws {
        let audit = AddressAudit(
            pools: [try pool()], blocks: [try block("10.5.0.0/28", "a", [("10.5.0.1", "web"), ("10.5.0.2", "new")])],
            nodes: [try node("a")],
            pods: [
                try pod("web", "a", "10.5.0.1"), try pod("new", "a", "", phase: "Pending"),
                try pod("done", "a", "10.5.0.1", phase: "Succeeded"),
            ])
        #expect(audit.problems == [])
        let range = try #require(audit.groups.first?.ranges.first)
        #expect(range.total == 256 && range.inUse == 2 && range.resting == 1 && range.free == 253)
        #expect(range.freeBlocks == 15)
    }

    @Test func everyKindOfProblemNamesItsObjects() throws {
        let audit = AddressAudit(
            pools: [try pool()],
            blocks: [
                try block("10.5.0.0/28", "a", [("10.5.0.1", "web"), ("10.5.0.2", "gone")]),
                try block("10.5.0.16/28", "ghost", []), try block("10.6.0.0/28", "a", []),
            ], nodes: [try node("a")],
            pods: [
                try pod("web", "a", "10.5.0.1"), try pod("twin", "a", "10.5.0.1"), try pod("odd", "a", "10.5.0.99"),
            ])
        #expect(
            audit.problems.map { "\($0.kind.rawValue) \($0.message)" } == [
                "duplicate 10.5.0.1 is the address of Pod shop/twin on node a and of Pod shop/web on node a",
                "leaked 10.5.0.2 of IPAMBlock 10-5-0-0-28 on node a is given out to Pod shop/gone, which does not exist",
                "misplaced IPAMBlock 10-6-0-0-28: spec.cidr 10.6.0.0/28 is in none of spec.cidrs of IPPool default",
                "orphan IPAMBlock 10-5-0-16-28: spec.node ghost is not in the cluster, and 16 addresses are its",
                "unrecorded 10.5.0.99 of IPPool default is the address of Pod shop/odd on node a, and no node has a block with it",
            ])
    }

    @Test func withoutPoolsNodesRangesAreCounted() throws {
        let audit = AddressAudit(
            pools: [], blocks: [],
            nodes: [try node("b", ["10.244.1.0/29"]), try node("a", ["10.244.0.0/24", "fd00::/64"])],
            pods: try (1...5).map { try pod("p\($0)", "b", "10.244.1.\($0)") })
        #expect(audit.groups.map(\.name) == ["a", "b"])
        #expect(audit.groups[1].ranges.map(\.inUse) == [5] && audit.groups[1].ranges.map(\.free) == [1])
        #expect(audit.forecast == ["b: 87 % of its IPv4 addresses used, room for 1 more pods"])
        #expect(audit.groups[0].ranges.map(\.total) == [256, UInt128(1) << 64])
    }

    @Test func aFamilyThatRunsOutIsSeenBesideAnEndlessOne() throws {
        let both = ["10.5.0.0/28", "fd00::/64"]
        let byNode = AddressAudit(
            pools: [], blocks: [], nodes: [try node("a", both)],
            pods: try (1...14).map { try pod("p\($0)", "a", "10.5.0.\($0)") })
        #expect(byNode.forecast == ["a: 100 % of its IPv4 addresses used, room for 0 more pods"])
        let pool = IPPool(
            name: "default", cidrs: try both.map { try IPPrefix(parsing: $0) }, ipv4BlockSize: 28,
            reservations: [try #require(IPRange("10.5.0.14-10.5.0.15"))])
        let byPool = AddressAudit(
            pools: [pool], blocks: [try block("10.5.0.0/28", "a", [("10.5.0.1", "web")])], nodes: [try node("a")],
            pods: [try pod("web", "a", "10.5.0.1")])
        #expect(byPool.groups.first?.ranges.map(\.reserved) == [2, 0])
        #expect(
            byPool.forecast == [
                "default: no IPv4 block is left; a new node gets no IPv4 addresses, and nodes keep what their blocks still"
                    + " have (12 in all)"
            ])
        let whole = IPPool(name: "all", cidrs: [try IPPrefix(parsing: "::/0")])
        #expect(AddressAudit(pools: [whole], blocks: [], nodes: [], pods: []).forecast == [])
    }
}
