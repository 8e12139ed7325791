import Addressing
import CLinux
import LinuxHost
import Netlink
import SystemCalls

extension FabricDriver {
    /// Does the steps, as many as possible in one send, and answers those that failed.
    public mutating func apply(_ delta: FabricDelta) throws(NetlinkError) -> [Failure] {
        if delta.isEmpty { return [] }
        var failures: [Failure] = []
        let tunnelSteps = delta.steps.prefix { $0.isTunnel }
        for step in tunnelSteps { failures += try change(tunnel: step) }
        // Without its tunnel the rest would only fail with it.
        if !failures.isEmpty { return failures }

        let rest = delta.steps.dropFirst(tunnelSteps.count)
        removals.expect(rest.lazy.compactMap { OwnRemovals.Object($0) })
        let indices = try interfaceIndices(of: rest)
        var batch = RequestBatch(capacity: 96 * min(rest.count, Self.batchLimit))
        var sent: [FabricDelta.Step] = []
        for step in rest {
            guard write(step, indices, &batch) else {
                failures.append(Failure(step: step, reason: "there is no such interface", next: nil))
                continue
            }
            sent.append(step)
            if batch.count == Self.batchLimit { failures += try flush(&batch, &sent) }
        }
        failures += try flush(&batch, &sent)
        return try explain(failures)
    }

    private mutating func flush(
        _ batch: inout RequestBatch, _ sent: inout [FabricDelta.Step]
    ) throws(NetlinkError) -> [Failure] {
        requests += batch.count
        var failures: [Failure] = []
        for failure in try socket.perform(&batch) where !sent[failure.index].isDone(by: failure.error.errno) {
            failures.append(Self.failure(of: sent[failure.index], failure.error))
        }
        sent = []
        return failures
    }

    private static func failure(of step: FabricDelta.Step, _ error: NetlinkError) -> Failure {
        let answer = error.message.map { "\(error.errno): \($0)" } ?? "\(error.errno)"
        // A device with disable_ipv6 says EACCES (net/ipv6/addrconf.c), a kernel without IPv6 one of the others.
        if case .addAddress(let address, _) = step, address.family == .v6,
            [.EACCES, .EOPNOTSUPP, .EAFNOSUPPORT].contains(error.errno)
        {
            return Failure(
                step: step, reason: "IPv6 is off on this node, and net-conf.json: EnableIPv6 asks for it (\(answer))",
                next:
                    "set net.ipv6.conf.all.disable_ipv6 to 0 and start without ipv6.disable=1, or set EnableIPv6 to false"
            )
        }
        return Failure(step: step, reason: answer, next: nil)
    }

    /// Adds to failures what stands in the way.
    private mutating func explain(_ failures: [Failure]) throws(NetlinkError) -> [Failure] {
        var explained = failures
        var routes: [IPFamily: [Route]] = [:]
        for (position, failure) in failures.enumerated() {
            guard case .addRoute(let prefix, _) = failure.step else { continue }
            if routes[prefix.family] == nil { routes[prefix.family] = try socket.routes(prefix.family) }
            let obstacle = routes[prefix.family]?.first { $0.destination == prefix && $0.origin != RTPROT_POPLIN }
            guard let obstacle else { continue }
            let link = try obstacle.interface.flatMap { index throws(NetlinkError) in try socket.link(at: index)?.name }
            explained[position].reason =
                "a route of protocol \(obstacle.origin) to the same range is there, over \(link ?? "?")"
            explained[position].next = "remove it (ip route del \(prefix)) once whoever made it is gone"
        }
        return explained
    }

    // MARK: Interfaces

    private mutating func change(tunnel step: FabricDelta.Step) throws(NetlinkError) -> [Failure] {
        var failures: [Failure] = []
        func failed(_ reason: String, next: String? = nil) {
            failures.append(Failure(step: step, reason: reason, next: next))
        }
        do throws(NetlinkError) {
            switch step {
            case .makeTunnel(let tunnel), .remakeTunnel(let tunnel):
                let found = try socket.links(named: [tunnel.underlay, tunnel.name])
                requests += 2
                guard let lower = found[0] else {
                    failed("the interface \(tunnel.underlay) below it does not exist")
                    return failures
                }
                if let there = found[1] {
                    guard there.kind == "vxlan", there.alias == Self.mark else {
                        failed(
                            "an interface of this name is there that is not Poplin's (kind \(there.kind ?? "none"))",
                            next: "remove or rename it")
                        return failures
                    }
                }
                try make(tunnel, over: lower.index, replacing: found[1]?.index)
                setTransmitChecksum(tunnel, &failures, step)
            case .changeTunnel(let tunnel, let old):
                var batch = RequestBatch(capacity: 256)
                batch.change(
                    .name(tunnel.name),
                    LinkChange(
                        mtu: tunnel.mtu == old.mtu ? nil : tunnel.mtu, mac: tunnel.mac == old.mac ? nil : tunnel.mac))
                if !old.isUp { batch.change(.name(tunnel.name), LinkChange(isUp: true)) }
                requests += batch.count
                try socket.commit(&batch)
                setTransmitChecksum(tunnel, &failures, step)
            default:
                break
            }
        } catch {
            let refusal = Self.refusal(of: error)
            failed(refusal.reason, next: refusal.next)
        }
        return failures
    }

    /// Why there is no tunnel. Of a kind of link that nobody has registered the kernel says no more than EOPNOTSUPP, or
    /// "Unknown device type".
    static func refusal(of error: NetlinkError) -> (reason: String, next: String?) {
        let answer = error.message.map { "\(error.errno): \($0)" } ?? "\(error.errno)"
        guard error.errno == .EOPNOTSUPP else { return (answer, nil) }
        return (
            "this kernel has no vxlan, which net-conf.json: Backend.Type asks for (\(answer))",
            "load the kernel module vxlan (modprobe vxlan), or choose host-gw where nodes share a network"
        )
    }

    private mutating func make(
        _ tunnel: FabricState.Tunnel, over lower: InterfaceIndex, replacing old: InterfaceIndex?
    ) throws(NetlinkError) {
        var link = LinkCreation(
            tunnel.name,
            .vxlan(
                VXLANSettings(
                    identifier: tunnel.identifier, port: tunnel.port, local: tunnel.local, lower: lower)))
        link.mtu = tunnel.mtu
        link.mac = tunnel.mac
        var batch = RequestBatch(capacity: 512)
        if let old { batch.delete(.index(old)) }
        batch.create(link)
        batch.change(.name(tunnel.name), LinkChange(alias: Self.mark))
        requests += batch.count + 1
        try socket.commit(&batch)
        // No address of its own making, no questions to the other tunnel ends: every neighbour is given. A kernel
        // without IPv6 has nothing to switch off.
        batch.change(.name(tunnel.name), LinkChange(makesLinkLocalAddress: false))
        for failure in try socket.perform(&batch) where failure.error.errno != .EAFNOSUPPORT { throw failure.error }
        inNamespace {
            for (family, key, value) in [("ipv6", "accept_ra", "0"), ("ipv4", "rp_filter", "0")] {
                if let name = Sysctl.interface(tunnel.name, family, key) { _ = try? Sysctl.change(name, to: value) }
            }
        }
        batch.change(.name(tunnel.name), LinkChange(isUp: true))
        requests += 1
        try socket.commit(&batch)
    }

    /// Runs `body` with the calling thread in the driver's namespace.
    func inNamespace<Result>(_ body: () -> Result) -> Result? {
        guard namespace != nil else { return body() }
        do { return try namespace?.run { () throws(Never) in body() } } catch { return nil }
    }

    private mutating func interfaceIndices(
        of steps: ArraySlice<FabricDelta.Step>
    ) throws(NetlinkError) -> [String: InterfaceIndex] {
        let names = Set(steps.compactMap(\.interface)).sorted()
        if names.isEmpty { return [:] }
        requests += names.count
        var indices: [String: InterfaceIndex] = [:]
        for (name, link) in zip(names, try socket.links(named: names)) {
            if let link { indices[name] = link.index }
        }
        return indices
    }

    // MARK: Everything else

    /// Adds a step's request; false when its interface is not there.
    private func write(
        _ step: FabricDelta.Step, _ indices: [String: InterfaceIndex], _ batch: inout RequestBatch
    ) -> Bool {
        let index = step.interface.flatMap { indices[$0] }
        if step.interface != nil && index == nil {
            // What was on an interface went with it.
            return step.isRemoval
        }
        let interface = index ?? InterfaceIndex(0)
        switch step {
        case .makeTunnel, .remakeTunnel, .changeTunnel: return false
        case .addAddress(let address, _): batch.add(Self.address(address, interface))
        case .removeAddress(let address, _): batch.delete(Self.address(address, interface))
        case .setNeighbour(let address, let mac, _): batch.replace(Neighbour(address, at: mac, on: interface))
        case .removeNeighbour(let address, _): batch.delete(Neighbour(address, at: nil, on: interface))
        case .setForwarding(let mac, let place, _): batch.replace(ForwardingEntry(mac, to: place, on: interface))
        case .removeForwarding(let mac, let place, _): batch.delete(ForwardingEntry(mac, to: place, on: interface))
        case .addRoute(let prefix, let path): batch.add(Self.route(prefix, path, interface))
        case .replaceRoute(let prefix, let path, _): batch.add(Self.route(prefix, path, interface), .replace)
        case .removeRoute(let prefix, let path): batch.delete(Self.route(prefix, path, interface))
        case .addUnreachable(let prefix): batch.add(Self.unreachable(prefix))
        case .removeUnreachable(let prefix): batch.delete(Self.unreachable(prefix))
        case .removeTunnel: batch.delete(.index(interface))
        }
        return true
    }

    private static func address(_ address: IPAddress, _ interface: InterfaceIndex) -> LinkAddress {
        LinkAddress(InterfaceAddress(host: address), on: interface, flags: .noDAD)
    }

    private static func route(_ prefix: IPPrefix, _ path: FabricState.Path, _ interface: InterfaceIndex) -> Route {
        var route = Route(to: prefix, via: path.gateway, on: interface)
        route.isOnLink = path.isOnLink
        return route
    }

    private static func unreachable(_ prefix: IPPrefix) -> Route {
        var route = Route(to: prefix)
        route.kind = .unreachable
        route.priority = unreachablePriority
        return route
    }
}

extension FabricDelta.Step {
    /// Steps that change the tunnel's interface; they stand before all others.
    var isTunnel: Bool {
        switch self {
        case .makeTunnel, .remakeTunnel, .changeTunnel: true
        default: false
        }
    }

    var isRemoval: Bool {
        switch self {
        case .removeRoute, .removeForwarding, .removeNeighbour, .removeUnreachable, .removeAddress, .removeTunnel: true
        default: false
        }
    }

    /// The interface a request of this step names.
    var interface: String? {
        switch self {
        case .makeTunnel, .remakeTunnel, .changeTunnel, .addUnreachable, .removeUnreachable: nil
        case .addAddress(_, let name), .removeAddress(_, let name), .setNeighbour(_, _, let name),
            .removeNeighbour(_, let name), .setForwarding(_, _, let name), .removeForwarding(_, _, let name),
            .removeTunnel(let name):
            name
        case .addRoute(_, let path), .replaceRoute(_, let path, _), .removeRoute(_, let path): path.interface
        }
    }

    /// Whether an error says that there was nothing to do.
    func isDone(by errno: Errno) -> Bool {
        switch self {
        case .addAddress, .addUnreachable: errno == .EEXIST
        case .removeRoute, .removeUnreachable: errno == .ESRCH || errno == .ENOENT || errno == .ENODEV
        case .removeForwarding, .removeNeighbour: errno == .ENOENT || errno == .ENODEV
        case .removeAddress: errno == .EADDRNOTAVAIL || errno == .ENODEV
        case .removeTunnel: errno == .ENODEV
        default: false
        }
    }
}
