import Addressing
import CLinux
import LinuxHost
import Netlink
import SystemCalls

/// The cables between machines: in the fabric's network namespace a bridge for each segment, whose own addresses are
/// the router's, and for each machine a veth pair from its segment's bridge to the machine's `eth0`.
///
/// Everything here may be done again at any time: what is there stays as it is.
struct Underlay {
    let plan: AddressPlan
    let mtu: Int

    init(_ specification: LabSpecification) {
        plan = AddressPlan(specification)
        mtu = specification.mtu
    }

    /// A machine and where it is plugged in.
    struct Attachment: Hashable, Sendable {
        /// The machine's port in the fabric, at most 15 bytes.
        var port: String
        var segment: String
        var addresses: [InterfaceAddress]
        /// Further addresses on the machine's loopback.
        var loopback: [IPAddress] = []
        var mac: MACAddress
        var isPlugged = true
    }

    func attachment(of node: LabNode) -> Attachment {
        Attachment(
            port: "node\(node.number)", segment: AddressPlan.segmentName(rack: node.rack),
            addresses: plan.addresses(of: node), mac: Self.mac(0x1000 + UInt64(node.number)),
            isPlugged: !node.isPartitioned)
    }

    var controlAttachment: Attachment {
        Attachment(
            port: "api", segment: AddressPlan.controlSegment, addresses: plan.controlAddresses,
            loopback: plan.serviceAddress.map { [$0] } ?? [], mac: Self.mac(1))
    }

    /// The same for the same machine, so that neighbours' tables stay right over a reboot.
    private static func mac(_ number: UInt64) -> MACAddress { MACAddress(rawValue: 0x02_70_6F_00_00_00 | number) }

    /// Bridges, the router's addresses, forwarding.
    func prepare(fabric: borrowing NetworkNamespace) throws(LabFailure) {
        try settings(
            [
                ("net.ipv4.ip_forward", "1"), ("net.ipv4.conf.all.rp_filter", "0"),
                ("net.ipv4.conf.default.rp_filter", "0"),
            ] + (isDualStack ? [("net.ipv6.conf.all.forwarding", "1")] : []), in: fabric)
        try netlink("the fabric") { () throws(NetlinkError) in
            var socket = try RouteSocket(in: fabric.descriptor)
            var batch = RequestBatch()
            batch.change(.name("lo"), LinkChange(isUp: true))
            let present = Set(try socket.links().map(\.name))
            for segment in plan.segments where !present.contains(segment.name) {
                var bridge = LinkCreation(
                    segment.name,
                    .bridge(BridgeSettings(spanningTree: false, multicastSnooping: false, forwardDelay: 0)))
                bridge.mtu = mtu
                batch.create(bridge)
            }
            try socket.commit(&batch)
            let links = try socket.links(named: plan.segments.map(\.name))
            var second = RequestBatch()
            for case (let segment, let link?) in zip(plan.segments, links) where !present.contains(segment.name) {
                second.change(.index(link.index), LinkChange(isUp: true))
                for address in segment.gateways {
                    second.add(LinkAddress(address, on: link.index, flags: address.family == .v6 ? .noDAD : []))
                }
            }
            for address in plan.controlAddresses {
                guard let service = plan.serviceAddress, service.family == address.family else { continue }
                second.add(
                    Route(to: InterfaceAddress(host: service).prefix, via: address.address, origin: 4), .replace)
            }
            try socket.commit(&second)
        }
    }

    /// Plugs a machine in: makes the pair when the port is not there, and gives `eth0` its addresses and default routes.
    func attach(
        _ attachment: Attachment, machine: borrowing NetworkNamespace, to fabric: borrowing NetworkNamespace
    ) throws(LabFailure) {
        let descriptor = machine.descriptor.rawValue
        try netlink("port \(attachment.port)") { () throws(NetlinkError) in
            var socket = try RouteSocket(in: fabric.descriptor)
            let links = try socket.links(named: [attachment.segment, attachment.port])
            guard let bridge = links[0] else {
                throw NetlinkError(request: "RTM_GETLINK \(attachment.segment)", errno: .ENODEV)
            }
            var batch = RequestBatch()
            if links[1] == nil {
                var pair = LinkCreation(
                    attachment.port,
                    .veth(VethPeer("eth0", mtu: mtu, mac: attachment.mac, namespace: descriptor)))
                pair.mtu = mtu
                pair.master = bridge.index
                batch.create(pair)
            }
            batch.change(.name(attachment.port), LinkChange(isUp: attachment.isPlugged))
            try socket.commit(&batch)
        }
        try netlink("eth0 of \(attachment.port)") { () throws(NetlinkError) in
            var socket = try RouteSocket(in: machine.descriptor)
            guard let eth0 = try socket.link(named: "eth0") else {
                throw NetlinkError(request: "RTM_GETLINK eth0", errno: .ENODEV)
            }
            var batch = RequestBatch()
            batch.change(.name("lo"), LinkChange(isUp: true))
            batch.change(.index(eth0.index), LinkChange(isUp: true))
            try socket.commit(&batch)
            guard let loopback = try socket.link(named: "lo") else { return }
            var second = RequestBatch()
            for address in attachment.addresses {
                second.add(LinkAddress(address, on: eth0.index, flags: address.family == .v6 ? .noDAD : []))
            }
            for address in attachment.loopback {
                second.add(LinkAddress(InterfaceAddress(host: address), on: loopback.index))
            }
            // EEXIST: the machine was plugged in before.
            for failure in try socket.perform(&second) where failure.error.errno != .EEXIST { throw failure.error }
            var third = RequestBatch()
            for gateway in plan.gateways(of: attachment.segment) {
                let everything = IPPrefix(containing: IPAddress(number: 0, family: gateway.family), length: 0)
                third.add(Route(to: everything, via: gateway, on: eth0.index, origin: 4), .replace)
            }
            // While its cable is pulled a machine has no routes; plugging it in again comes here again.
            for failure in try socket.perform(&third) where attachment.isPlugged { throw failure.error }
        }
    }

    /// Pulls or plugs the cable of a machine: its `eth0` loses or gets its carrier.
    func plug(_ isPlugged: Bool, _ attachment: Attachment, in fabric: borrowing NetworkNamespace) throws(LabFailure) {
        try netlink("port \(attachment.port)") { () throws(NetlinkError) in
            var socket = try RouteSocket(in: fabric.descriptor)
            var batch = RequestBatch()
            batch.change(.name(attachment.port), LinkChange(isUp: isPlugged))
            try socket.commit(&batch)
        }
    }

    /// Removes a machine's port; one that is not there is fine.
    func detach(_ attachment: Attachment, from fabric: borrowing NetworkNamespace) throws(LabFailure) {
        try netlink("port \(attachment.port)") { () throws(NetlinkError) in
            var socket = try RouteSocket(in: fabric.descriptor)
            guard let link = try socket.link(named: attachment.port) else { return }
            var batch = RequestBatch()
            batch.delete(.index(link.index))
            try socket.commit(&batch)
        }
    }

    private var isDualStack: Bool { plan.controlAddresses.contains { $0.family == .v6 } }

    /// Settings of a machine's network as a distribution made for Kubernetes sets them.
    func prepare(machine: borrowing NetworkNamespace) throws(LabFailure) {
        try settings(
            [
                ("net.ipv4.ip_forward", "1"), ("net.ipv4.conf.all.rp_filter", "0"),
                ("net.ipv4.conf.default.rp_filter", "0"),
            ] + (isDualStack ? [("net.ipv6.conf.all.forwarding", "1")] : []), in: machine)
    }

    private func settings(
        _ values: [(String, String)], in namespace: borrowing NetworkNamespace
    ) throws(LabFailure) {
        do {
            try namespace.run { () throws(SystemCallError) in
                for (name, value) in values { try Sysctl.change(name, to: value) }
            }
        } catch {
            throw LabFailure("cannot set up a machine's network: \(error)")
        }
    }

    private func netlink(_ what: String, _ body: () throws(NetlinkError) -> Void) throws(LabFailure) {
        do throws(NetlinkError) {
            try body()
        } catch {
            throw LabFailure(
                "cannot connect \(what): \(error)",
                next: error.errno == .EOPNOTSUPP ? "the kernel needs veth and bridge: modprobe veth bridge" : nil)
        }
    }
}
