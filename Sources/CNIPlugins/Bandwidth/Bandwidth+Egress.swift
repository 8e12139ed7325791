import CNI
import Netlink
import SystemCalls

extension Bandwidth {
    /// The last of the priorities the kernel leaves to people; those it draws itself begin above. Whatever filters an
    /// agent has on the link come before, as they must: what comes back from the ifb skips them.
    static let priority: UInt16 = 0xbfff

    /// Makes the ifb, limits it, and redirects to it what arrives from the container.
    static func limitEgress(
        _ limit: TrafficLimit, _ host: Link, _ mark: OwnershipMark, _ undo: inout Undo, _ socket: inout RouteSocket
    ) throws(CNIError) -> Link {
        guard case .absent(let name) = try VethPair.find(mark, prefix: prefix, in: &socket) else {
            throw CNIError(
                .alreadyTaken, "the traffic of \(mark.attachment) on network \(mark.network) is limited already",
                details: "by \(mark.linkName(prefix)); call DEL before another ADD")
        }
        let ifb = try makeDevice(name, host, mark, &undo, &socket)
        try openHook(host, &undo, &socket)
        var batch = RequestBatch()
        batch.add(discipline(limit, ifb.index))
        let filter = RedirectFilter(from: host.index, to: ifb.index, priority: priority)
        batch.add(filter)
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            throw explain(error, "limit what comes from \(host.name)")
        }
        undo.push("remove the redirection of \(host.name)") { () throws(CNIError) in
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            var batch = RequestBatch()
            batch.delete(filter)
            _ = try kernel { () throws(NetlinkError) in try socket.perform(&batch) }
        }
        return ifb
    }

    private static func makeDevice(
        _ name: String, _ host: Link, _ mark: OwnershipMark, _ undo: inout Undo, _ socket: inout RouteSocket
    ) throws(CNIError) -> Link {
        var creation = LinkCreation(name, .ifb)
        // The host's, so that nothing the container sends is too large for it.
        creation.mtu = host.mtu
        var batch = RequestBatch()
        batch.create(creation)
        batch.change(.name(name), LinkChange(alias: mark.alias))
        var found: Link?
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            // Made, perhaps, but not told so: found by its mark, because a link of that name may be somebody else's.
            if error.errno == .ENOBUFS { undo.push("delete link \(name)", remove(mark)) }
            throw explain(error, "make \(name)")
        }
        undo.push("delete link \(name)", remove(mark))
        batch = RequestBatch()
        batch.raiseWithoutIPv6(name)
        batch.get(.name(name))
        do throws(NetlinkError) {
            try socket.commit(&batch) { _, message throws(MalformedMessage) in
                if let link = try Link(message) { found = link }
            }
        } catch {
            throw explain(error, "set \(name) up")
        }
        guard let found else { throw CNIError(.kernelRefused, "the kernel does not describe \(name)") }
        return found
    }

    private static func remove(_ mark: OwnershipMark) -> () throws(CNIError) -> Void {
        { () throws(CNIError) in
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            try VethPair.remove(mark, prefix: prefix, in: &socket)
        }
    }

    /// Makes a place for filters on what arrives at the host's end. When an eBPF agent has one there already (its
    /// `clsact` is in the same place), that is used: the filter is the same.
    private static func openHook(
        _ host: Link, _ undo: inout Undo, _ socket: inout RouteSocket
    ) throws(CNIError) {
        let hook = QueueingDiscipline(.ingress, on: host.index)
        var batch = RequestBatch()
        batch.add(hook)
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            guard try mayBeThere(after: error, &socket) else {
                throw explain(error, "look at what comes from \(host.name)")
            }
            // An earlier ADD's redirection leads to a device that is gone.
            batch.delete(RedirectFilter(from: host.index, to: host.index, priority: priority))
            _ = try kernel { () throws(NetlinkError) in try socket.perform(&batch) }
            return
        }
        undo.push("remove the ingress hook of \(host.name)") { () throws(CNIError) in
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            var batch = RequestBatch()
            batch.delete(hook)
            _ = try kernel { () throws(NetlinkError) in try socket.perform(&batch) }
        }
    }

    // MARK: CHECK

    public static func check(_ call: PluginCall) throws(CNIError) {
        let result = try call.configuration.requiredPreviousResult()
        let limits = try TrafficLimits(call.configuration)
        if limits.isEmpty { return }
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let host = try hostEnd(call, result, try call.networkNamespace(), &socket)
        var check = InterfaceCheck()
        if let limit = limits.ingress { try checkBucket(limit, host, &check, &socket) }
        if let limit = limits.egress { try checkEgress(limit, host, call, result, &check, &socket) }
        try check.finish("bandwidth of \(call.request.attachment)")
    }

    private static func checkEgress(
        _ limit: TrafficLimit, _ host: Link, _ call: PluginCall, _ result: CNIResult, _ check: inout InterfaceCheck,
        _ socket: inout RouteSocket
    ) throws(CNIError) {
        // Where what arrives is redirected to tells which ifb it is, also one that somebody else made.
        let filters = try kernel { () throws(NetlinkError) in
            try socket.filters(on: host.index, parent: .ingressFilters)
        }
        let target = filters.compactMap(\.redirectTarget).first
        let found = try kernel { () throws(NetlinkError) in
            if let target { return try socket.link(at: target) }
            return nil
        }
        guard let ifb = found, ifb.kind == "ifb" else {
            return check.expect(
                false, "redirection of what comes from \(host.name) to an ifb",
                found: found?.shape
                    ?? (filters.isEmpty ? "no filter" : filters.map(\.kind).joined(separator: ", ")))
        }
        check.expect(ifb.isUp, "\(ifb.name) up", found: "down")
        try checkBucket(limit, ifb, &check, &socket)
    }

    private static func checkBucket(
        _ limit: TrafficLimit, _ link: Link, _ check: inout InterfaceCheck, _ socket: inout RouteSocket
    ) throws(CNIError) {
        let all = try kernel { () throws(NetlinkError) in try socket.queueingDisciplines(on: link.index) }
        let root = all.first { $0.parent == .root }
        if case .tokenBucket(let bucket) = root?.kind {
            check.expect(
                bucket.matches(limit.bucket), "tbf of \(limit.rate) bit/s, burst \(limit.burst) bit on \(link.name)",
                found: "\(bucket.rate * 8) bit/s, burst \(UInt64(bucket.burst) * 8) bit, limit \(bucket.limit) bytes")
        } else {
            check.expect(false, "tbf on \(link.name)", found: root.map { "\($0.kind)" } ?? "no queueing discipline")
        }
    }
}
