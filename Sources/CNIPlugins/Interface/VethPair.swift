import Addressing
import CNI
import LinuxHost
import Netlink
import SystemCalls

/// The pair of links that joins a container to the host. It is made with one request: the host's end in our
/// namespace, the container's end directly in its own.
struct VethPair {
    let mark: OwnershipMark
    /// The host's end.
    var host: Link
    /// The container's end, in its own namespace.
    var containerIndex: InterfaceIndex
    /// The bridge as it is with the new port: one without an address of its own has its ports' lowest.
    var bridge: Link?

    /// What the pair is to be like.
    struct Plan {
        var mark: OwnershipMark
        var interfaceName: String
        /// Bytes; nil is the kernel's default of 1500.
        var mtu: Int?
        /// Of the container's end; nil lets the kernel draw one.
        var mac: MACAddress?
        /// The bridge whose port the host's end becomes.
        var bridge: InterfaceIndex?
        var port = BridgePort()
        /// Of the host's end; nil lets the kernel draw one.
        var hostMAC: MACAddress?
        /// The host's end stays down: whoever made the pair has something to set before.
        var leavesHostDown = false
    }

    /// Names of host ends begin so.
    static let prefix = "veth"
    /// How many names are tried. Eleven hexadecimal digits: the second is hardly ever needed.
    static let attempts = 8

    /// Where the host's end of an attachment is.
    enum Place {
        case present(Link)
        /// It is not there; this name is free for it.
        case absent(name: String)
    }

    /// Looks for the host's end (or another link with the same mark) by name and checks the alias, so that a name taken by somebody else is passed over.
    static func find(
        _ mark: OwnershipMark, prefix: String = VethPair.prefix, in socket: inout RouteSocket
    ) throws(CNIError) -> Place {
        for attempt in 0..<attempts {
            let name = mark.linkName(prefix, attempt: attempt)
            let found = try kernel { () throws(NetlinkError) in try socket.link(named: name) }
            if let place = place(mark, name, found) { return place }
        }
        throw CNIError(
            .foreignState, "no free name for a link of \(mark.attachment)",
            details: "\(mark.linkName(prefix)) and \(attempts - 1) others are taken by links that are not ours")
    }

    /// What an answer for one of the names means; nil: somebody else's, try the next.
    static func place(_ mark: OwnershipMark, _ name: String, _ found: Link?) -> Place? {
        guard let found else { return .absent(name: name) }
        return found.alias == mark.alias ? .present(found) : nil
    }

    /// Makes the pair: the host's end up, marked and attached, the container's end down. Marked first: whoever is
    /// killed in between leaves a link that DEL and GC know.
    ///
    /// - Throws: `.alreadyTaken` when the container has an interface of that name. Nothing is left behind.
    static func make(
        _ plan: Plan, hostName: String, in socket: inout RouteSocket, container: borrowing NetworkNamespace
    ) throws(CNIError) -> VethPair {
        var batch = RequestBatch()
        var creation = LinkCreation(
            hostName,
            .veth(
                VethPeer(
                    plan.interfaceName, mtu: plan.mtu, mac: plan.mac, namespace: container.descriptor.rawValue)))
        creation.mtu = plan.mtu
        creation.mac = plan.hostMAC
        creation.master = plan.bridge
        // A port of a bridge goes up in a step of its own, see below; the other host ends route and go up at once.
        creation.isUp = plan.bridge == nil && !plan.leavesHostDown
        let create = batch.create(creation)
        // By name: the index is not known yet. The name was free a moment ago, and when the creation fails there is
        // no link of that name for these to hit.
        batch.change(
            .name(hostName), LinkChange(alias: plan.mark.alias, port: plan.port.isEmpty ? nil : plan.port))
        let get = batch.get(.name(hostName))
        if let bridge = plan.bridge { batch.get(.index(bridge)) }
        var host: Link?
        var bridge: Link?
        var failures: [NetlinkSocket.Failure]
        var isMade = false
        do throws(NetlinkError) {
            failures = try socket.perform(&batch) { index, message throws(MalformedMessage) in
                guard let link = try Link(message) else { return }
                if index == get { host = link } else { bridge = link }
            }
            isMade = failures.first?.index != create
            if plan.bridge != nil, failures.isEmpty {
                // After the question: answering it, the kernel notes that there is no carrier yet. A port that is up
                // before that is noted is enabled, disabled and enabled again, and each time the bridge goes through
                // all its ports.
                batch.raiseWithoutIPv6(hostName)
                failures = try socket.perform(&batch)
            }
        } catch {
            // Only the answers are lost (ENOBUFS): the kernel may well have made the pair. A socket of its own looks for
            // it, because this one may still hold answers.
            do throws(CNIError) {
                var other = try kernel { () throws(NetlinkError) in try RouteSocket() }
                try remove(plan.mark, in: &other)
            } catch let second {
                throw CNIError(error).adding("\(second)")
            }
            throw CNIError(error)
        }
        if let failure = failures.first {
            if !isMade { throw explain(failure.error, plan, hostName, container) }
            try? delete(.name(hostName), in: &socket)
            throw CNIError(failure.error, during: "host end \(hostName)")
        }
        guard let host, let index = host.link else {
            try? delete(.name(hostName), in: &socket)
            throw CNIError(.kernelRefused, "the kernel does not say which link is the peer of \(hostName)")
        }
        return VethPair(mark: plan.mark, host: host, containerIndex: index, bridge: bridge)
    }

    /// Removes a link; success when there is none.
    static func delete(_ link: LinkSelector, in socket: inout RouteSocket) throws(CNIError) {
        var batch = RequestBatch(capacity: 128)
        batch.delete(link)
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            if error.errno != .ENODEV { throw CNIError(error) }
        }
    }

    /// Removes the pair of an attachment by its host end, for DEL and for a failed ADD.
    static func remove(
        _ mark: OwnershipMark, prefix: String = VethPair.prefix, in socket: inout RouteSocket
    ) throws(CNIError) {
        if case .present(let link) = try find(mark, prefix: prefix, in: &socket) {
            try delete(.index(link.index), in: &socket)
        }
    }

    /// Says who has the name. The kernel's EEXIST tells neither which of the two names, nor whose.
    private static func explain(
        _ error: NetlinkError, _ plan: Plan, _ hostName: String, _ container: borrowing NetworkNamespace
    ) -> CNIError {
        guard error.errno == .EEXIST else {
            if error.errno == .EINVAL, let mtu = plan.mtu, error.message?.contains("mtu") == true {
                return CNIError(.invalidConfiguration, "mtu \(mtu) is not possible for a veth: \(error)")
            }
            return CNIError(error, during: "cannot make the link pair \(hostName) and \(plan.interfaceName)")
        }
        let existing = try? container.withSocket { (socket) throws(CNIError) -> Link? in
            try kernel { () throws(NetlinkError) in try socket.link(named: plan.interfaceName) }
        }
        guard let existing else { return CNIError(.alreadyTaken, "link \(hostName) already exists on the host") }
        return taken(plan.interfaceName, by: existing, plan.mark)
    }

    /// The error for an interface that the container has already.
    static func taken(_ name: String, by link: Link?, _ mark: OwnershipMark) -> CNIError {
        var details = "CNI_IFNAME \(name) of container \(mark.attachment.containerID)"
        if let link {
            details += " is link \(link.index), \(link.kind ?? "of no kind"), MAC \(link.mac?.description ?? "none")"
            if let alias = link.alias { details += ", alias \(alias)" }
        }
        return CNIError(
            .alreadyTaken, "the container already has an interface \(name)",
            details: details + "; a second ADD needs a DEL first, or another interface name")
    }
}
