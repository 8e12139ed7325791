import CNI
import JSONTree
import Netlink
import Testing

@testable import CNIPlugins

@Suite struct BridgeVLANPlanTests {
    private func plan(_ text: String) throws -> BridgeVLANPlan {
        try BridgeVLANPlan(try ConfigurationReader(try JSONTree(parsing: text).root))
    }

    @Test(arguments: [
        (#"{}"#, [], false), (#"{"vlan":0}"#, [], false),
        (#"{"vlan":5}"#, [BridgeVLAN(5, isPortVLAN: true, isUntagged: true)], true),
        (
            #"{"vlanTrunk":[{"id":7},{"minID":8,"maxID":9},{"minID":20,"maxID":30},{"minID":25,"maxID":40}]}"#,
            [BridgeVLAN(7, through: 9), BridgeVLAN(20, through: 40)], true
        ),
        (
            #"{"vlan":5,"vlanTrunk":[{"minID":1,"maxID":2,"id":4094}]}"#,
            [BridgeVLAN(1, through: 2), BridgeVLAN(4094), BridgeVLAN(5, isPortVLAN: true, isUntagged: true)], true
        ),
    ])
    func memberships(_ text: String, _ expected: [BridgeVLAN], _ filters: Bool) throws {
        let plan = try plan(text)
        #expect(plan.memberships == expected)
        #expect(plan.needsFiltering == filters)
        #expect(plan.isSatisfied(by: expected))
        if !expected.isEmpty { #expect(!plan.isSatisfied(by: Array(expected.dropLast()))) }
    }

    @Test func theDefaultVLANStaysWhenItIsToOrWhenThereIsNoOther() throws {
        #expect(try plan(#"{"vlan":5}"#).removals == [BridgeVLAN(1)])
        #expect(try plan(#"{"vlan":5,"preserveDefaultVlan":true}"#).removals == [])
        #expect(try plan(#"{"vlanTrunk":[{"id":7}]}"#).removals == [])
    }
}

@Suite struct TrafficLimitTests {
    @Test func bucketsAreInBytes() throws {
        let reader = try ConfigurationReader(try JSONTree(parsing: "{}").root)
        let limit = try #require(
            try TrafficLimit(rate: 8_000_000, burst: 800_000, "ingress", reader))
        #expect(limit.bucket == TokenBucket(rate: 1_000_000, burst: 100_000, limit: 125_000))
        // 25 ms at 400 Gbit/s are 1.25 GB; 4 GiB of burst besides do not fit 32 bits, and saturate.
        let large = try #require(
            try TrafficLimit(rate: 400_000_000_000, burst: 34_359_738_360, "ingress", reader))
        #expect(large.bucket.rate == 50_000_000_000)
        #expect(large.bucket.limit == .max)
    }
}
