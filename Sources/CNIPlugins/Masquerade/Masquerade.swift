import Addressing
import CNI
import Netlink

/// `ipMasq` of bridge and ptp: what a pod sends to anywhere but its own subnet and multicast leaves the node with the
/// node's address.
///
/// One element for each address of a pod leads to the chain of its subnet; see `Packetfilter`. Both values of
/// `ipMasqBackend` mean this: no iptables program is needed, and none is run.
///
/// Against the reference plugins: there is no rule or chain per pod, so nothing is listed or rewritten when one comes
/// or goes; a second attachment of the same pod to the same network has elements of its own; and DEL needs neither
/// the container's namespace nor a previous result.
public enum Masquerade {
    /// Masquerades what comes from these addresses of a pod. Doing it again changes nothing.
    ///
    /// - Parameter addresses: the pod's, each with its subnet, to which nothing is masqueraded.
    /// - Returns: lines for standard error.
    @discardableResult
    public static func add(
        _ owner: Packetfilter.Owner, addresses: [InterfaceAddress]
    ) throws(CNIError) -> [String] {
        var session = try Packetfilter.Session()
        try add(owner, addresses: addresses, in: &session)
        return session.notes
    }

    /// As above, in a conversation that is open.
    public static func add(
        _ owner: Packetfilter.Owner, addresses: [InterfaceAddress], in session: inout Packetfilter.Session
    ) throws(CNIError) {
        if addresses.isEmpty { return }
        try session.put(entries(owner, addresses), of: owner, on: skeleton(addresses))
    }

    /// Ends masquerading for an attachment, whatever state it is in.
    ///
    /// - Parameter addresses: those the pod had (from the previous result, or from the reservation); nil when nobody
    ///   knows, which costs a listing of all pods.
    public static func remove(_ owner: Packetfilter.Owner, addresses: [IPAddress]?) throws(CNIError) {
        var session = try Packetfilter.Session()
        try remove(owner, addresses: addresses, in: &session)
    }

    /// As above, in a conversation that is open.
    public static func remove(
        _ owner: Packetfilter.Owner, addresses: [IPAddress]?, in session: inout Packetfilter.Session
    ) throws(CNIError) {
        if let addresses {
            let keys = addresses.map { (set: map($0.family), key: NFTables.Key(.address($0))) }
            try session.remove(.keys(keys, of: owner), table: Packetfilter.table)
        } else {
            try session.remove(.all(of: [owner], in: IPFamily.allCases.map(map)), table: Packetfilter.table)
        }
    }

    /// Makes sure that an attachment is masqueraded: what is missing is put back.
    ///
    /// - Returns: lines for standard error, one for each thing that was missing.
    /// - Throws: when it is missing and cannot be put back.
    @discardableResult
    public static func check(
        _ owner: Packetfilter.Owner, addresses: [InterfaceAddress]
    ) throws(CNIError) -> [String] {
        var session = try Packetfilter.Session()
        try check(owner, addresses: addresses, in: &session)
        return session.notes
    }

    /// As above, in a conversation that is open.
    public static func check(
        _ owner: Packetfilter.Owner, addresses: [InterfaceAddress], in session: inout Packetfilter.Session
    ) throws(CNIError) {
        let entries = entries(owner, addresses)
        let missing = try session.missing(entries)
        try session.put(missing, of: owner, on: skeleton(addresses))
        if !missing.isEmpty { session.note("masquerading of \(owner) was missing and is put back") }
    }

    /// Removes what attachments that are not valid any more left behind.
    public static func collectGarbage(network: String, valid: [CNIAttachment]) throws(CNIError) {
        var session = try Packetfilter.Session()
        try collectGarbage(network: network, valid: valid, in: &session)
    }

    /// As above, in a conversation that is open.
    public static func collectGarbage(
        network: String, valid: [CNIAttachment], in session: inout Packetfilter.Session
    ) throws(CNIError) {
        try session.remove(
            .stale(network: network, valid: valid, in: IPFamily.allCases.map(map)), table: Packetfilter.table)
    }
}

extension Masquerade {
    /// Pods' addresses to the chains of their subnets.
    static func map(_ family: IPFamily) -> NFTables.Set {
        NFTables.Set(
            Packetfilter.table, family == .v4 ? "masquerade_pods4" : "masquerade_pods6",
            key: .init(family == .v4 ? .ipv4Address : .ipv6Address), map: .verdict)
    }

    static func chainName(_ subnet: IPPrefix) -> String {
        Packetfilter.chainName("masquerade", subnet.description)
    }

    static func entries(_ owner: Packetfilter.Owner, _ addresses: [InterfaceAddress]) -> [Packetfilter.Entry] {
        addresses.map { address in
            Packetfilter.Entry(
                set: map(address.family),
                element: NFTables.Element(
                    NFTables.Key(.address(address.address)), to: .verdict(.goto(chainName(address.prefix))),
                    comment: owner.comment))
        }
    }

    static func skeleton(_ addresses: [InterfaceAddress]) -> Packetfilter.Skeleton {
        var skeleton = Packetfilter.Skeleton(Packetfilter.table)
        skeleton.sets = IPFamily.allCases.map(map)
        skeleton.chain(
            "masquerading", base: .init(.nat, .postrouting, priority: NFTables.Priority.sourceNAT),
            IPFamily.allCases.map { family in
                (
                    nil,
                    NFTables.Expression.address(.source, family.table, into: .first)
                        + [.lookup(map(family).name, .first, result: .verdict, inverted: false)]
                )
            })
        // An array: a handful of subnets at most, and a process's first set of a type costs 140,000 instructions.
        var seen: [IPPrefix] = []
        for subnet in addresses.map(\.prefix) where !seen.contains(subnet) {
            seen.append(subnet)
            skeleton.chain(
                chainName(subnet),
                [
                    ("own subnet", NFTables.Expression.destination(in: subnet) + [.verdict(.return)]),
                    ("multicast", NFTables.Expression.destination(in: subnet.family.multicast) + [.verdict(.return)]),
                    (nil, [.masquerade]),
                ])
        }
        return skeleton
    }
}
