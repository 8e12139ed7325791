import Addressing
import Fabric
import Findings
import JSONTree
import KubernetesModel
import Testing

@Suite struct FabricPlanTests {
    private func node(_ name: String, _ address: String, _ prefixes: [String], _ type: String = "vxlan") throws
        -> FabricNode
    {
        FabricNode(
            name: name, addresses: [try IPAddress(parsing: address)],
            podCIDRs: try prefixes.map { try IPPrefix(parsing: $0) },
            backend: BackendAnnouncement(
                type: type, vxlanIdentifier: type == "vxlan" ? 1 : nil, vxlanPort: type == "vxlan" ? 8472 : nil,
                tunnelMAC: MACAddress(
                    rawValue: 0x0200_0000_0000 + UInt64(name.utf8.reduce(0) { $0 * 31 + Int($1) } & 0xFFFF_FFFF))))
    }

    private func configuration(_ backend: FabricConfiguration.Backend = .vxlan(.init())) throws -> FabricConfiguration {
        var configuration = FabricConfiguration()
        configuration.networks = [try IPPrefix(parsing: "10.244.0.0/16")]
        configuration.backend = backend
        return configuration
    }

    private func underlay() throws -> Underlay {
        Underlay(interface: "eth0", mtu: 1500, addresses: [try InterfaceAddress(parsing: "192.0.2.10/24")])
    }

    private func findings(_ remotes: [FabricNode], _ backend: FabricConfiguration.Backend = .vxlan(.init())) throws
        -> [String]
    {
        let plan = FabricPlan.desired(
            local: try node("a", "192.0.2.10", ["10.244.0.0/24"], backend.name), remotes: remotes,
            configuration: try configuration(backend), underlay: try underlay())
        #expect(plan.refused.isSubset(of: Set(remotes.map(\.name))))
        return plan.findings.map { "\($0.code) \($0.message)" }
    }

    @Test func aNodeWithAnotherBackendIsRefusedByName() throws {
        let found = try findings([
            try node("b", "192.0.2.11", ["10.244.1.0/24"]), try node("c", "192.0.2.12", ["10.244.2.0/24"], "host-gw"),
        ])
        #expect(found == ["FAB-02 Node c: the backend is host-gw, here on node a it is vxlan"])
    }

    @Test func ofTwoNodesWithOneRangeTheSecondByNameIsRefusedWhateverTheirOrder() throws {
        let nodes = [
            try node("c", "192.0.2.12", ["10.244.1.128/25"]), try node("b", "192.0.2.11", ["10.244.1.0/24"]),
        ]
        let wanted = ["FAB-06 Node c: its pod range 10.244.1.128/25 overlaps 10.244.1.0/24 of node b"]
        #expect(try findings(nodes) == wanted)
        #expect(try findings(nodes.reversed()) == wanted)
    }

    @Test func aNodeThatCannotBeReachedIsNamedWithTheField() throws {
        var homeless = try node("b", "192.0.2.11", ["10.244.1.0/24"])
        homeless.addresses = []
        #expect(
            try findings([homeless]) == [
                "FAB-01 Node b: status.addresses has no InternalIP of family IPv4, which the nodes use"
            ])
        #expect(
            try findings([try node("b", "192.0.2.10", ["10.244.1.0/24"])]) == [
                "FAB-04 Node b: its address 192.0.2.10 is that of node a too"
            ])
        #expect(
            try findings([try node("b", "198.51.100.2", ["10.244.1.0/24"], "host-gw")], .hostGateway).first?
                .hasPrefix("FAB-05 Node b: its address 198.51.100.2 is not on a network of eth0 on node a") == true)
        #expect(
            try findings([try node("b", "192.0.2.11", ["10.9.1.0/24"])]) == [
                "FAB-07 Node b: its pod range 10.9.1.0/24 is not inside the cluster's network 10.244.0.0/16"
            ])
        var clone = try node("b", "192.0.2.11", ["10.244.1.0/24"])
        clone.backend?.tunnelMAC = try node("a", "192.0.2.10", []).backend?.tunnelMAC
        #expect(try findings([clone]).first?.hasPrefix("FAB-03 Node b: the tunnel's hardware address") == true)
    }

    @Test func aNodeWithoutAnAgentIsNotAMistake() throws {
        var silent = try node("b", "192.0.2.11", ["10.244.1.0/24"])
        silent.backend = nil
        #expect(try findings([silent]) == [])
    }

    @Test(
        arguments: [
            (FabricConfiguration.Backend.vxlan(.init()), IPFamily.v4, 1500, nil, 1450),
            (.vxlan(.init()), .v6, 1500, nil, 1430), (.vxlan(.init()), .v4, 9001, nil, 8951),
            (.hostGateway, .v4, 1500, nil, 1500), (.vxlan(.init()), .v4, 1500, 1400, 1400),
            (.vxlan(.init()), .v4, 1500, 1500, 1450),
        ] as [(FabricConfiguration.Backend, IPFamily, Int, Int?, Int)])
    func whatFitsThroughTheUnderlay(
        backend: FabricConfiguration.Backend, family: IPFamily, underlay: Int, wanted: Int?, mtu: Int
    ) {
        #expect(MTU.pods(backend, underlayMTU: underlay, underlayFamily: family, wanted: wanted) == mtu)
    }

    @Test func theLinkLocalAddressOfAHardwareAddressIsTheKernels() throws {
        let mac = try MACAddress(parsing: "52:54:00:12:34:56")
        #expect(mac.linkLocalAddress.description == "fe80::5054:ff:fe12:3456")
    }

    // MARK: Delta

    /// A fake kernel: does the steps, and refuses what a real one would.
    private struct FakeKernel {
        var state = FabricState()
        var refusals: [String] = []
        /// Ranges that were reachable before and after, but not in between.
        var gaps: Set<IPPrefix> = []

        mutating func apply(_ delta: FabricDelta, keeping: Set<IPPrefix>) {
            for step in delta.steps {
                run(step)
                for prefix in keeping where !reaches(prefix) { gaps.insert(prefix) }
            }
        }

        func reaches(_ prefix: IPPrefix) -> Bool {
            guard let path = state.routes[prefix] else { return false }
            if path.interface == "eth0" { return true }
            guard state.tunnel?.name == path.interface || others.contains(path.interface) else { return false }
            if others.contains(path.interface) { return true }
            return state.neighbours[path.gateway].map { state.forwarding[$0] != nil } ?? false
        }

        /// Tunnels that are there besides the state's.
        var others: Set<String> = []

        private mutating func run(_ step: FabricDelta.Step) {
            switch step {
            case .makeTunnel(let tunnel):
                if let old = state.tunnel { others.insert(old.name) }
                state.tunnel = tunnel
                state.addresses = []
                state.neighbours = [:]
                state.forwarding = [:]
            case .remakeTunnel(let tunnel):
                state.routes = state.routes.filter { $0.value.interface != tunnel.name }
                state.tunnel = tunnel
                state.addresses = []
                state.neighbours = [:]
                state.forwarding = [:]
            case .changeTunnel(let tunnel, let old):
                state.tunnel = tunnel
                if tunnel.mac != old.mac { state.neighbours = [:] }
            case .addAddress(let address, _): state.addresses.insert(address)
            case .setNeighbour(let address, let mac, _): state.neighbours[address] = mac
            case .setForwarding(let mac, let place, _): state.forwarding[mac] = place
            case .addRoute(let prefix, let path):
                if state.routes[prefix] != nil { refusals.append("\(step): EEXIST") }
                put(prefix, path)
            case .replaceRoute(let prefix, let path, _): put(prefix, path)
            case .addUnreachable(let prefix): state.unreachable.insert(prefix)
            case .removeRoute(let prefix, _):
                if state.routes.removeValue(forKey: prefix) == nil { refusals.append("\(step): ESRCH") }
            case .removeForwarding(let mac, _, _): state.forwarding[mac] = nil
            case .removeNeighbour(let address, _): state.neighbours[address] = nil
            case .removeUnreachable(let prefix): state.unreachable.remove(prefix)
            case .removeAddress(let address, _): state.addresses.remove(address)
            case .removeTunnel(let name):
                if others.remove(name) == nil {
                    state.tunnel = nil
                    state.addresses = []
                    state.neighbours = [:]
                    state.forwarding = [:]
                }
                if state.routes.contains(where: { $0.value.interface == name }) {
                    refusals.append("\(step): routes lead over it")
                }
            }
        }

        private mutating func put(_ prefix: IPPrefix, _ path: FabricState.Path) {
            if path.interface != "eth0", state.tunnel?.name != path.interface { refusals.append("\(prefix): ENODEV") }
            state.routes[prefix] = path
        }
    }

    /// States of a cluster that differ in everything that can differ.
    private func states() throws -> [FabricState] {
        var states = [FabricState()]
        for backend in [
            FabricConfiguration.Backend.vxlan(.init()), .vxlan(.init(identifier: 9)), .vxlan(.init(port: 4789)),
            .vxlan(.init(directRouting: true)), .hostGateway,
        ] {
            for count in [1, 4] {
                var remotes: [FabricNode] = []
                for index in 1...count {
                    var remote = try node("n\(index)", "192.0.2.\(20 + index)", ["10.244.\(index).0/24"], backend.name)
                    remote.backend?.vxlanIdentifier = backend.vxlan?.identifier
                    remote.backend?.vxlanPort = backend.vxlan?.port
                    remotes.append(remote)
                }
                let local = try node("a", "192.0.2.10", ["10.244.0.0/24"], backend.name)
                let plan = FabricPlan.desired(
                    local: local, remotes: remotes, configuration: try configuration(backend), underlay: try underlay())
                #expect(plan.findings == [])
                states.append(plan.state)
                if count == 4 {
                    var other = plan.state
                    other.tunnel?.mac = MACAddress(rawValue: 0x02AA)
                    states.append(other)
                }
            }
        }
        return states
    }

    @Test func fromAnyStateToAnyOther() throws {
        let states = try states()
        for (from, old) in states.enumerated() {
            for (to, new) in states.enumerated() {
                var kernel = FakeKernel(state: old)
                let delta = old.delta(to: new)
                kernel.apply(delta, keeping: [])
                #expect(kernel.state == new, "\(from) to \(to)")
                #expect(kernel.refusals == [], "\(from) to \(to)")
                #expect(kernel.others.isEmpty)
                if from == to { #expect(delta.isEmpty) }
            }
        }
    }

    @Test func noRangeThatStaysIsEverUnreachableWhereTheKernelAllowsIt() throws {
        let states = try states()
        for old in states {
            for new in states {
                // Made anew, or with another hardware address, the tunnel forgets what was on it.
                if let before = old.tunnel, let after = new.tunnel, before.name == after.name,
                    !before.canBecome(after) || before.mac != after.mac
                {
                    continue
                }
                var kernel = FakeKernel(state: old)
                kernel.apply(old.delta(to: new), keeping: Set(old.routes.keys).intersection(new.routes.keys))
                #expect(kernel.gaps == [])
            }
        }
    }

    // MARK: Nodes

    @Test func whatANodeAnnouncesIsWhatOthersRead() throws {
        let text = #"""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"b","annotations":{"other":"stays","poplin.dev/tunnel-addresses":"10.9.9.9"}},
             "spec":{"podCIDRs":["10.244.1.0/24"]},"status":{"addresses":[{"type":"Hostname","address":"b"},{"type":"InternalIP","address":"192.0.2.11"}]}}
            """#
        let object = try Node(decoding: try JSONTree(parsing: text).root)
        var mine = FabricNode(object)
        #expect(mine.backend == nil)
        #expect(mine.podCIDRs.map(\.description) == ["10.244.1.0/24"])
        mine.backend = BackendAnnouncement(try configuration(), previous: nil, interfaceMAC: nil, entropy: 77)
        mine.podCIDRs = [try IPPrefix(parsing: "10.5.0.0/26")]
        let patch = try #require(mine.announcement(changing: object, announcingPodCIDRs: true))
        let annotations = try #require(patch.at("metadata", "annotations"))
        #expect(annotations.member("other") == nil)
        #expect(annotations.member("poplin.dev/tunnel-addresses")?.isNull == true)

        let merged = annotations.members.filter { !$0.value.isNull }.map { ($0.key, $0.value) }
        let announced = JSONValue(try JSONTree(parsing: text).root)
            .setting(at: ["metadata", "annotations"], to: .object(merged.map { JSONMember($0.0, $0.1) }))
        let again = try Node(decoding: try announced.tree().root)
        #expect(FabricNode(again) == mine)
        #expect(mine.announcement(changing: again, announcingPodCIDRs: true) == nil)
    }

    @Test func aHardwareAddressOutlivesTheInterfaceAndTheAgent() throws {
        let mac = try MACAddress(parsing: "02:11:22:33:44:55")
        let seen = try MACAddress(parsing: "02:11:22:33:44:66")
        var previous = BackendAnnouncement(type: "vxlan", tunnelMAC: mac)
        let configuration = try configuration()
        func chosen() -> MACAddress? {
            BackendAnnouncement(configuration, previous: previous, interfaceMAC: seen, entropy: 1).tunnelMAC
        }
        #expect(chosen() == mac)
        previous.tunnelMAC = nil
        #expect(chosen() == seen)
        let new = BackendAnnouncement(configuration, previous: nil, interfaceMAC: nil, entropy: 1).tunnelMAC
        #expect(new?.isLocal == true && new?.isMulticast == false)
    }

    @Test func annotationsThatCannotBeReadAreNamed() throws {
        let text = #"""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"b","annotations":{"poplin.dev/backend-type":"vxlan",
             "poplin.dev/backend-data":"[]","poplin.dev/pod-cidrs":"10.0.0.1/24,10.1.0.0/26"}}}
            """#
        var problems: [String] = []
        let node = FabricNode(try Node(decoding: try JSONTree(parsing: text).root), problems: &problems)
        #expect(node.podCIDRs.map(\.description) == ["10.1.0.0/26"])
        #expect(node.backend?.tunnelMAC == nil)
        #expect(problems.count == 2)
        #expect(problems.first?.contains("poplin.dev/pod-cidrs: \"10.0.0.1/24\"") == true)
    }
}
