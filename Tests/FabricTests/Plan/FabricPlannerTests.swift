import Addressing
import Fabric
import Findings
import Testing

/// A plan that is changed against a plan that is made anew, over random histories of a cluster in which nodes come, go,
/// move, get other ranges and contradict each other.
@Suite struct FabricPlannerTests {
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    private static let backends: [FabricConfiguration.Backend] = [
        .vxlan(.init()), .vxlan(.init(directRouting: true)), .hostGateway,
    ]

    private static func configuration(
        _ backend: FabricConfiguration.Backend, pools: Bool = false
    ) throws -> FabricConfiguration {
        var configuration = FabricConfiguration()
        configuration.networks = try ["10.244.0.0/16", "fd00:10:244::/56"].map { try IPPrefix(parsing: $0) }
        configuration.backend = backend
        if pools { configuration.ipam.mode = .clusterPool }
        return configuration
    }

    private static func underlay() throws -> Underlay {
        Underlay(
            interface: "eth0", mtu: 1500,
            addresses: try ["192.0.2.10/24", "2001:db8::10/64"].map { try InterfaceAddress(parsing: $0) })
    }

    /// One of a few numbers for each thing, so that nodes often have the same.
    private static func node(
        _ name: String, _ backend: FabricConfiguration.Backend, _ random: inout Seeded, rare: Int
    ) throws -> FabricNode {
        // Mostly its own, so that most states have no contradiction.
        let own = Int(name.utf8.last ?? 0) - 96
        func number(_ random: inout Seeded) -> Int {
            Int.random(in: 0..<rare, using: &random) == 0 ? Int.random(in: 1...8, using: &random) : own
        }
        let place = number(&random)
        let rack = Bool.random(using: &random) && backend != .hostGateway ? "198.51.100" : "192.0.2"
        var prefixes = ["10.244.\(number(&random)).0/24"]
        if Bool.random(using: &random) { prefixes.append("10.244.\(100 + own).\(64 * (number(&random) % 4))/26") }
        if Bool.random(using: &random) { prefixes.append("fd00:10:244:\(number(&random))::/64") }
        var node = FabricNode(
            name: name,
            addresses: try ["\(rack).\(20 + place)", "2001:db8::\(20 + place)"].map { try IPAddress(parsing: $0) },
            podCIDRs: try prefixes.map { try IPPrefix(parsing: $0) })
        if Int.random(in: 0..<6, using: &random) == 0 { return node }
        node.backend = BackendAnnouncement(
            type: Int.random(in: 0..<(rare * 4), using: &random) == 0 ? "odd" : backend.name,
            vxlanIdentifier: backend.vxlan == nil ? nil : 1, vxlanPort: backend.vxlan == nil ? nil : 8472,
            tunnelMAC: backend.vxlan == nil
                ? nil : MACAddress(rawValue: 0x0200_0000_0000 + UInt64(number(&random) + 10 * (place % 2))))
        return node
    }

    private static func local(_ backend: FabricConfiguration.Backend) throws -> FabricNode {
        FabricNode(
            name: "local", addresses: try ["192.0.2.10", "2001:db8::10"].map { try IPAddress(parsing: $0) },
            podCIDRs: [try IPPrefix(parsing: "10.244.0.0/24"), try IPPrefix(parsing: "fd00:10:244::/64")],
            backend: BackendAnnouncement(
                type: backend.name, vxlanIdentifier: 1, vxlanPort: 8472,
                tunnelMAC: MACAddress(rawValue: 0x0200_0000_FFFF)))
    }

    @Test(arguments: 0..<6 as Range<Int>, [3, 12, 1000])
    func aChangedPlanIsTheOneThatIsMadeAnew(kind: Int, rare: Int) throws {
        let backend = Self.backends[kind % 3]
        let configuration = try Self.configuration(backend, pools: kind >= 3)
        let (local, underlay) = (try Self.local(backend), try Self.underlay())
        var random = Seeded(state: UInt64(kind * 100 + rare))
        var nodes: [String: FabricNode] = [:]
        func fresh() -> FabricPlanner {
            FabricPlanner(local: local, remotes: nodes.values, configuration: configuration, underlay: underlay)
        }
        var planner = fresh()
        var (followed, afresh) = (0, 0)
        for step in 0..<300 {
            var changed: [String: FabricNode?] = [:]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let name = ["a", "b", "c", "d", "e", "f", "g"][Int.random(in: 0..<7, using: &random)]
                let isGone = Int.random(in: 0..<5, using: &random) == 0
                changed.updateValue(
                    isGone ? nil : try Self.node(name, backend, &random, rare: rare), forKey: name)
            }
            for (name, node) in changed { nodes[name] = node }
            let before = planner.plan.state
            let wanted = fresh()
            if let delta = planner.change(changed) {
                followed += 1
                #expect(planner.plan.state == wanted.plan.state, "step \(step)")
                #expect(planner.plan.refused == wanted.plan.refused, "step \(step)")
                #expect(planner.routedCount == wanted.routedCount, "step \(step)")
                #expect(planner.remotes == nodes, "step \(step)")
                // The steps of what changed are those of the whole.
                #expect(delta == before.delta(to: wanted.plan.state), "step \(step)")
            } else {
                afresh += 1
                planner = wanted
            }
        }
        // Where nodes hardly ever contradict each other, a change is hardly ever more than that.
        #expect(followed > (rare == 1000 ? 250 : 20))
        #expect(rare == 1000 || afresh > 0)
    }

    @Test func aNodeThatIsRefusedDoesNotMakeChangesOfOthersDear() throws {
        let backend = FabricConfiguration.Backend.vxlan(.init())
        var random = Seeded(state: 1)
        var odd = try Self.node("b", backend, &random, rare: 1_000_000)
        odd.backend = BackendAnnouncement(type: "host-gw")
        var good = FabricNode(
            name: "c", addresses: [try IPAddress(parsing: "192.0.2.30")],
            podCIDRs: [try IPPrefix(parsing: "10.244.30.0/24")],
            backend: BackendAnnouncement(
                type: "vxlan", vxlanIdentifier: 1, vxlanPort: 8472, tunnelMAC: MACAddress(rawValue: 0x0200_0000_0030)))
        var planner = FabricPlanner(
            local: try Self.local(backend), remotes: [odd, good], configuration: try Self.configuration(backend),
            underlay: try Self.underlay())
        #expect(planner.plan.refused == ["b"])
        good.backend?.tunnelMAC = MACAddress(rawValue: 0x0200_0000_0031)
        let change = planner.change(["c": good])
        let delta = try #require(change)
        #expect(
            delta.steps.map(\.description) == [
                "neighbour 10.244.30.0 lladdr 02:00:00:00:00:31 on poplin.1",
                "forwarding entry 02:00:00:00:00:31 dst 192.0.2.30 on poplin.1",
                "forwarding entry 02:00:00:00:00:30 dst 192.0.2.30 on poplin.1",
            ])
        // What concerns the refused one itself is judged anew.
        let departure = planner.change(["b": nil])
        #expect(departure == nil)
    }

    @Test func twoNodesThatAnnounceOneNextHopAreNotToldApart() throws {
        let backend = FabricConfiguration.Backend.vxlan(.init())
        func node(_ name: String, _ number: Int) throws -> FabricNode {
            FabricNode(
                name: name, addresses: [try IPAddress(parsing: "192.0.2.\(number)")],
                podCIDRs: [try IPPrefix(parsing: "10.244.\(number).0/24")],
                backend: BackendAnnouncement(
                    type: "vxlan", vxlanIdentifier: 1, vxlanPort: 8472,
                    tunnelMAC: MACAddress(rawValue: 0x0200_0000_0000 + UInt64(number)),
                    tunnelAddresses: [try IPAddress(parsing: "10.244.77.0")]))
        }
        var planner = FabricPlanner(
            local: try Self.local(backend), remotes: [try node("b", 21), try node("c", 22)],
            configuration: try Self.configuration(backend), underlay: try Self.underlay())
        let departure = planner.change(["c": nil])
        #expect(departure == nil)
    }
}
