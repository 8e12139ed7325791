import Addressing
import CLinux
import Fabric
import LinuxHost
import Netlink
import Synchronization

/// Machines in namespaces on one segment, or on two with a router between them, each with one pod.
///
/// Node i: 192.0.2.(10+i)/24 and 2001:db8::(10+i)/64 on eth0 (second rack: 198.51.100.x, 2001:db8:1::x), pod range
/// 10.244.i.0/24 and fd00:10:244:i::/64, its pod the addresses that end in 5.
final class Rig {
    struct Machine {
        let index: Int
        let rack: Int
        let host: TestNamespace
        let pod: TestNamespace
        var node: FabricNode

        var podAddresses: [String] { ["10.244.\(index).5", "fd00:10:244:\(index)::5"] }
    }

    private(set) var machines: [Machine] = []
    private var switches: [TestNamespace] = []
    private var router: TestNamespace?

    private static let serial = Atomic<Int>(0)

    /// - Parameter racks: for each node the segment it is on, 0 or 1.
    init(racks: [Int] = [0, 0, 0]) throws {
        let label = "ptf-\(getpid())-\(Self.serial.wrappingAdd(1, ordering: .relaxed).newValue)"
        for rack in Set(racks).sorted() {
            let namespace = try TestNamespace("\(label)-sw\(rack)")
            try namespace.ip("link", "add", "br0", "type", "bridge")
            try namespace.ip("link", "set", "br0", "up")
            switches.append(namespace)
        }
        if switches.count > 1 { try addRouter("\(label)-router") }
        for (index, rack) in racks.enumerated() { try addMachine(index, rack, label) }
    }

    static func network(_ rack: Int) -> (v4: String, v6: String) {
        rack == 0 ? ("192.0.2", "2001:db8:") : ("198.51.100", "2001:db8:1:")
    }

    private func addRouter(_ name: String) throws {
        let router = try TestNamespace(name)
        try router.sysctl("net.ipv4.ip_forward", "1")
        try router.sysctl("net.ipv6.conf.all.forwarding", "1")
        for (rack, segment) in switches.enumerated() {
            let (v4, v6) = Self.network(rack)
            try plug(router, "eth\(rack)", into: segment, "r\(rack)")
            try router.ip("addr", "add", "\(v4).1/24", "dev", "eth\(rack)")
            try router.ip("addr", "add", "\(v6):1/64", "dev", "eth\(rack)", "nodad")
        }
        self.router = router
    }

    private func plug(_ namespace: TestNamespace, _ name: String, into segment: TestNamespace, _ port: String) throws {
        try namespace.ip("link", "add", name, "type", "veth", "peer", "name", port, "netns", segment.name)
        try segment.ip("link", "set", port, "master", "br0", "up")
        try namespace.ip("link", "set", name, "up")
    }

    private func addMachine(_ index: Int, _ rack: Int, _ label: String) throws {
        let host = try TestNamespace("\(label)-n\(index)")
        let pod = try TestNamespace("\(label)-p\(index)")
        let (v4, v6) = Self.network(rack)
        let own = ["\(v4).\(10 + index)", "\(v6):\(10 + index)"]
        try plug(host, "eth0", into: switches[rack], "n\(index)")
        try host.ip("addr", "add", "\(own[0])/24", "dev", "eth0")
        try host.ip("addr", "add", "\(own[1])/64", "dev", "eth0", "nodad")
        if router != nil {
            try host.ip("route", "add", "default", "via", "\(v4).1")
            try host.ip("route", "add", "default", "via", "\(v6):1")
        }
        try host.sysctl("net.ipv4.ip_forward", "1")
        try host.sysctl("net.ipv6.conf.all.forwarding", "1")
        try host.ip("link", "add", "pod0", "type", "veth", "peer", "name", "eth0", "netns", pod.name)
        try host.ip("addr", "add", "169.254.1.1/32", "dev", "pod0")
        try host.ip("addr", "add", "fe80::1/64", "dev", "pod0", "nodad")
        try host.ip("link", "set", "pod0", "up")
        try pod.ip("link", "set", "eth0", "up")
        let addresses = ["10.244.\(index).5", "fd00:10:244:\(index)::5"]
        for (address, gateway) in zip(addresses, ["169.254.1.1", "fe80::1"]) {
            let length = address.contains(":") ? "128" : "32"
            try pod.ip("addr", "add", "\(address)/\(length)", "dev", "eth0")
            try pod.ip("route", "add", "default", "via", gateway, "dev", "eth0", "onlink")
            try host.ip("route", "add", "\(address)/\(length)", "dev", "pod0")
        }
        let node = FabricNode(
            name: "node-\(index)", addresses: try own.map { try IPAddress(parsing: $0) },
            podCIDRs: [
                try IPPrefix(parsing: "10.244.\(index).0/24"), try IPPrefix(parsing: "fd00:10:244:\(index)::/64"),
            ])
        machines.append(Machine(index: index, rack: rack, host: host, pod: pod, node: node))
    }

    // MARK: Fabric

    static func configuration(_ backend: FabricConfiguration.Backend) throws -> FabricConfiguration {
        var configuration = FabricConfiguration()
        configuration.networks = [try IPPrefix(parsing: "10.244.0.0/16"), try IPPrefix(parsing: "fd00:10:244::/48")]
        configuration.backend = backend
        return configuration
    }

    func driver(_ index: Int) throws -> FabricDriver { try FabricDriver(in: machines[index].host.open()) }

    /// Every node announces itself as its agent would.
    func announce(_ configuration: FabricConfiguration) throws {
        for index in machines.indices {
            machines[index].node.backend = BackendAnnouncement(
                configuration, previous: machines[index].node.backend, interfaceMAC: nil,
                entropy: UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15)
        }
    }

    func plan(_ index: Int, _ configuration: FabricConfiguration) throws -> FabricPlan {
        var driver = try driver(index)
        let local = machines[index].node
        guard let underlay = try driver.underlay(holding: local.addresses) else { throw RigError("no underlay") }
        return FabricPlan.desired(
            local: local, remotes: machines.map(\.node), configuration: configuration, underlay: underlay)
    }

    /// Plans and converges every node; answers the reports.
    @discardableResult
    func converge(_ configuration: FabricConfiguration) throws -> [FabricDriver.Report] {
        try announce(configuration)
        var reports: [FabricDriver.Report] = []
        for index in machines.indices {
            let plan = try plan(index, configuration)
            var driver = try driver(index)
            reports.append(try driver.converge(to: plan.state))
        }
        return reports
    }

    /// Pairs of pods whose packets do not come back, as `0>1 fd00:...`.
    func unreachable(size: Int = 56) throws -> [String] {
        var failed: [String] = []
        for from in machines {
            for to in machines where from.index != to.index {
                for address in to.podAddresses where try !from.pod.pings(address, size: size) {
                    failed.append("\(from.index)>\(to.index) \(address)")
                }
            }
        }
        return failed
    }
}
