import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// Limits how much a container receives and sends.
///
/// What it receives is what the host's end of its link sends: a token bucket there. What it sends arrives at the
/// host's end, where nothing can queue, so it is redirected to an `ifb` device that has a token bucket of its own.
/// Both are on the host, where the container cannot take them off.
public enum Bandwidth: Plugin {
    public static let name = "bandwidth"
    public static var supportedVersions: [CNIVersion] { CNIVersion.allCases.filter { $0 >= .v030 } }

    /// The ifb's name begins so, as the reference's does.
    static let prefix = "bwp"

    // MARK: ADD

    public static func add(_ call: PluginCall) throws(CNIError) -> CNIResult {
        var result = try call.configuration.requiredPreviousResult()
        let limits = try TrafficLimits(call.configuration)
        if limits.isEmpty { return result }
        let container = try call.networkNamespace()
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let host = try hostEnd(call, result, container, &socket)
        let ifb = try Undo.guarding { (undo) throws(CNIError) -> Link? in
            // First what tells whether this ADD came before.
            let ifb = try limits.egress.map { (limit) throws(CNIError) in
                try limitEgress(limit, host, OwnershipMark(call), &undo, &socket)
            }
            if let limit = limits.ingress { try limitIngress(limit, host, &undo, &socket) }
            return ifb
        }
        if let ifb {
            result.interfaces.append(CNIResult.Interface(name: ifb.name, mac: ifb.mac, mtu: ifb.mtu))
        }
        return result
    }

    /// The host's end of the container's link: the peer of the interface, which the result must know.
    static func hostEnd(
        _ call: PluginCall, _ result: CNIResult, _ container: borrowing NetworkNamespace,
        _ socket: inout RouteSocket
    ) throws(CNIError) -> Link {
        let name = call.request.interfaceName
        let found = try container.withSocket { (socket) throws(CNIError) -> Link? in
            try kernel { () throws(NetlinkError) in try socket.link(named: name) }
        }
        guard let inside = found else {
            throw CNIError(.unusablePreviousResult, "the container has no interface \(name)")
        }
        guard inside.kind == "veth", let peer = inside.link else {
            throw CNIError(
                .unusablePreviousResult, "cannot limit \(name): it is \(inside.kind ?? "hardware"), not veth",
                details: "only a pair of links has a host's end to put the limit on")
        }
        // The number alone may be another link's, when the peer is in a third namespace.
        let names = result.interfaces.filter { !$0.isInContainer }.map(\.name)
        let links = try kernel { () throws(NetlinkError) in try socket.links(named: names) }
        guard let host = links.compactMap({ $0 }).first(where: { $0.index == peer && $0.link == inside.index }) else {
            throw CNIError(
                .unusablePreviousResult, "prevResult has no interface that is the host's end of \(name)",
                details: "the peer of \(name) is link \(peer); on the host prevResult names "
                    + (names.isEmpty ? "none" : names.joined(separator: ", ")))
        }
        return host
    }

    private static func limitIngress(
        _ limit: TrafficLimit, _ host: Link, _ undo: inout Undo, _ socket: inout RouteSocket
    ) throws(CNIError) {
        let wanted = discipline(limit, host.index)
        var batch = RequestBatch()
        batch.add(wanted)
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            guard try mayBeThere(after: error, &socket) else { throw explain(error, "limit \(host.name)") }
            return try replace(wanted, host, in: &socket)
        }
        undo.push("remove the limit of \(host.name)") { () throws(CNIError) in
            var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            var batch = RequestBatch()
            batch.delete(wanted)
            _ = try kernel { () throws(NetlinkError) in try socket.perform(&batch) }
        }
    }

    /// Something is at the root: one of ours from an earlier ADD gets the new limit, anybody else's stays.
    private static func replace(
        _ wanted: QueueingDiscipline, _ host: Link, in socket: inout RouteSocket
    ) throws(CNIError) {
        let all = try kernel { () throws(NetlinkError) in try socket.queueingDisciplines(on: host.index) }
        let root = all.first { $0.parent == .root }
        // The kernel's own, which anybody may replace, have handle 0.
        if let root, root.handle != TrafficControlHandle(major: 0) {
            guard root.handle == wanted.handle, case .tokenBucket = root.kind else {
                throw CNIError(
                    .foreignState, "\(host.name) already has a queueing discipline that is not ours",
                    details: "at the root: \(root.kind) \(root.handle); two cannot share the root")
            }
        }
        var batch = RequestBatch()
        batch.replace(wanted)
        try kernel("limit of \(host.name)") { () throws(NetlinkError) in try socket.commit(&batch) }
    }

    /// Whether what was to be added may be on the link: it was before (EEXIST), or only the answer is lost (ENOBUFS);
    /// then the conversation goes on over a socket that does not hold the rest of the old one.
    static func mayBeThere(after error: NetlinkError, _ socket: inout RouteSocket) throws(CNIError) -> Bool {
        if error.errno == .ENOBUFS {
            socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
            return true
        }
        return error.errno == .EEXIST
    }

    static func discipline(_ limit: TrafficLimit, _ index: InterfaceIndex) -> QueueingDiscipline {
        QueueingDiscipline(.tokenBucket(limit.bucket), on: index, handle: TrafficControlHandle(major: 1))
    }

    /// What a missing module looks like.
    static func explain(_ error: NetlinkError, _ activity: String) -> CNIError {
        let failure = CNIError(error, during: "cannot \(activity)")
        switch (error.errno, error.request.split(separator: " ").first) {
        case (.ENOENT, "RTM_NEWQDISC"):
            return failure.adding("the kernel lacks a queueing discipline: modules sch_tbf and sch_ingress")
        case (.ENOENT, "RTM_NEWTFILTER"):
            return failure.adding("the kernel lacks a classifier or an action: modules cls_u32 and act_mirred")
        case (.EOPNOTSUPP, "RTM_NEWLINK"):
            return failure.adding("the kernel lacks the intermediate functional block: module ifb")
        default: return failure
        }
    }

    // MARK: DEL, GC, STATUS

    /// Removes the ifb. Limit and redirection on the host's end go with the link, which the next plugin removes; taking
    /// them off first would cost the kernel two grace periods for nothing.
    public static func delete(_ call: PluginCall) throws(CNIError) {
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        let mark = OwnershipMark(call)
        if case .present(let link) = try VethPair.find(mark, prefix: prefix, in: &socket) {
            return try VethPair.delete(.index(link.index), in: &socket)
        }
        // One that another implementation made before the node was switched over has no mark.
        guard let result = call.configuration.readablePreviousResult else { return }
        let names = result.interfaces.filter { !$0.isInContainer && $0.name.hasPrefix(prefix) }.map(\.name)
        if names.isEmpty { return }
        let links = try kernel { () throws(NetlinkError) in try socket.links(named: names) }
        for case .some(let link) in links where link.kind == "ifb" && link.alias == nil {
            try VethPair.delete(.index(link.index), in: &socket)
        }
    }

    public static func collectGarbage(_ call: PluginCall, validAttachments: [CNIAttachment]) throws(CNIError) {
        try AttachmentRemoval.removeStaleLinks(call.configuration.name, validAttachments, kind: "ifb")
    }

    public static func status(_ call: PluginCall) throws(CNIError) {
        _ = try TrafficLimits(call.configuration)
        var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
        try Readiness.checkPrivileges(&socket)
    }
}
