import Addressing
import Findings
import Testing

@testable import Lab

private func with(_ networks: [String], dual: Bool = false) -> LabSpecification {
    LabSpecification(isDualStack: dual, podNetworks: networks.compactMap { IPPrefix($0) })
}

@Suite("What a lab may look like")
struct LabSpecificationTests {
    @Test("three nodes on one rack, unless said otherwise")
    func usual() {
        let spec = LabSpecification()
        #expect(spec.findings() == [])
        #expect(spec.nodes.map(\.name) == ["node-1", "node-2", "node-3"])
        #expect(spec.nodes.map(\.rack) == [0, 0, 0])
        #expect(spec.podNetworks.map(\.description) == ["10.244.0.0/16"])
    }

    @Test("racks fill in turn, and a number is not used twice")
    func racks() {
        var spec = LabSpecification(nodeCount: 4, racks: 2)
        #expect(spec.nodes.map(\.rack) == [0, 1, 0, 1])
        spec.nodes.removeAll { $0.name == "node-4" }
        let added = spec.add()
        #expect(added.name == "node-5")
        #expect(added.number == 5)
    }

    @Test(
        "what makes no sense is said with the option and the reason",
        arguments: [
            (LabSpecification(name: "Big Lab"), "--name Big Lab: a lab's name has 1 to 32"),
            (LabSpecification(nodeCount: 0), "--nodes 0: a lab has 1 to 240 nodes"),
            (LabSpecification(racks: 51), "--racks 51: a lab has 1 to 50 racks"),
            (LabSpecification(mtu: 1000), "--mtu 1000: the underlay takes 1280 to 9000 bytes"),
            (LabSpecification(racks: 2, backend: .hostGateway), "--backend host-gw needs all nodes on one segment"),
            (
                with(["192.168.0.0/16"]),
                "--pod-cidr 192.168.0.0/16 overlaps 192.168.100.0/24, the underlay's segment control"
            ),
            (with(["10.96.128.0/17"]), "--pod-cidr 10.96.128.0/17 overlaps 10.96.0.0/16, the addresses of services"),
            (with(["10.1.0.0/25"]), "--pod-cidr 10.1.0.0/25: each node gets a /24 of it"),
            (with(["10.1.0.0/23"]), "--pod-cidr 10.1.0.0/23: it has 2 parts of /24 for 3 nodes"),
            (with(["10.1.0.0/16", "10.2.0.0/16"]), "--pod-cidr 10.2.0.0/16: there is already an IPv4 network"),
            (
                with(["10.1.0.0/16", "fd00:1::/56"]),
                "--pod-cidr fd00:1::/56: an IPv6 network for pods needs --dual-stack"
            ),
            (with(["10.1.0.0/16"], dual: true), "--pod-cidr: there is no IPv6 network for pods"),
        ])
    func refused(_ spec: LabSpecification, _ beginning: String) {
        let messages = spec.findings().map(\.message)
        let isSaid = messages.contains { $0.hasPrefix(beginning) }
        #expect(isSaid, "\(messages)")
    }
}

@Suite("Where a lab's machines are")
struct AddressPlanTests {
    @Test("a segment for the control plane and one for each rack, the router first")
    func segments() {
        let plan = AddressPlan(LabSpecification(nodeCount: 3, racks: 2))
        #expect(plan.segments.map(\.name) == ["control", "rack-1", "rack-2"])
        #expect(
            plan.segments.map { $0.gateways.map(\.description) } == [
                ["192.168.100.1/24"], ["192.168.101.1/24"], ["192.168.102.1/24"],
            ])
        #expect(plan.controlAddresses.map(\.description) == ["192.168.100.10/24"])
    }

    @Test("a node's address has its number, in both families the same digits")
    func nodes() {
        let spec = LabSpecification(nodeCount: 3, racks: 2, isDualStack: true)
        let plan = AddressPlan(spec)
        #expect(
            spec.nodes.map { plan.addresses(of: $0).map(\.description) } == [
                ["192.168.101.11/24", "fd00:192:168:101::11/64"],
                ["192.168.102.12/24", "fd00:192:168:102::12/64"],
                ["192.168.101.13/24", "fd00:192:168:101::13/64"],
            ])
        #expect(plan.gateways(of: "rack-2").map(\.description) == ["192.168.102.1", "fd00:192:168:102::1"])
    }

    @Test("no two machines of the largest lab share an address")
    func distinct() {
        let spec = LabSpecification(nodeCount: LabSpecification.nodeLimit, racks: 50, isDualStack: true)
        let plan = AddressPlan(spec)
        let all = spec.nodes.flatMap { plan.addresses(of: $0).map(\.address) } + plan.controlAddresses.map(\.address)
        #expect(all.count == 2 * LabSpecification.nodeLimit + 2)
        #expect(Set(all).count == all.count)
    }
}
