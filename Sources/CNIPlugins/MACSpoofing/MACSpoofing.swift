import Addressing
import CNI
import Netlink

/// `macspoofchk` of bridge: a pod can send frames with its own hardware address only.
///
/// In table `bridge poplin_cni` the name of a pod's host-side link leads to the chain of its network, which drops
/// every frame whose pair of link and source address is not in the set:
///
///     map macspoof_links { "veth1a2b3c4d" comment "podnet/3f2a/eth0" : goto macspoof/podnet }
///     set macspoof_pairs { "veth1a2b3c4d" . 0a:58:0a:58:00:05 comment "podnet/3f2a/eth0" }
///     chain macspoof { type filter hook prerouting priority dstnat; iifname vmap @macspoof_links }
///     chain macspoof/podnet { iifname . ether saddr @macspoof_pairs return; drop }
///
/// As in the reference, only Ethernet's source is looked at, not the addresses that ARP or IP carry.
public enum MACSpoofing {
    /// Lets `link` pass frames from `address` only. Doing it again changes nothing.
    ///
    /// - Parameter link: the host's end of the pod's veth, a port of the bridge.
    /// - Returns: lines for standard error.
    @discardableResult
    public static func add(
        _ owner: Packetfilter.Owner, link: String, address: MACAddress
    ) throws(CNIError) -> [String] {
        var session = try Packetfilter.Session()
        try add(owner, link: link, address: address, in: &session)
        return session.notes
    }

    /// As above, in a conversation that is open.
    public static func add(
        _ owner: Packetfilter.Owner, link: String, address: MACAddress,
        in session: inout Packetfilter.Session
    ) throws(CNIError) {
        try session.put(entries(owner, link, address), of: owner, on: skeleton(owner.network))
    }

    /// Ends the protection, whatever state it is in.
    ///
    /// - Parameter link: the name the link had (from the previous result) with its pod's address; nil when nobody
    ///   knows, which costs a listing of all pods.
    public static func remove(
        _ owner: Packetfilter.Owner, link: (name: String, address: MACAddress)?
    ) throws(CNIError) {
        var session = try Packetfilter.Session()
        try remove(owner, link: link, in: &session)
    }

    /// As above, in a conversation that is open.
    public static func remove(
        _ owner: Packetfilter.Owner, link: (name: String, address: MACAddress)?,
        in session: inout Packetfilter.Session
    ) throws(CNIError) {
        if let link {
            let keys = entries(owner, link.name, link.address).map { (set: $0.set, key: $0.element.key) }
            try session.remove(.keys(keys, of: owner), table: Packetfilter.bridgeTable)
        } else {
            try session.remove(.all(of: [owner], in: [links, pairs]), table: Packetfilter.bridgeTable)
        }
    }

    /// Makes sure that the protection is there: what is missing is put back.
    ///
    /// - Returns: lines for standard error, one for each thing that was missing.
    @discardableResult
    public static func check(
        _ owner: Packetfilter.Owner, link: String, address: MACAddress
    ) throws(CNIError) -> [String] {
        var session = try Packetfilter.Session()
        try check(owner, link: link, address: address, in: &session)
        return session.notes
    }

    /// As above, in a conversation that is open.
    public static func check(
        _ owner: Packetfilter.Owner, link: String, address: MACAddress,
        in session: inout Packetfilter.Session
    ) throws(CNIError) {
        let entries = entries(owner, link, address)
        let missing = try session.missing(entries)
        try session.put(missing, of: owner, on: skeleton(owner.network))
        if !missing.isEmpty {
            session.note("the protection of \(owner) against forged hardware addresses was missing and is put back")
        }
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
            .stale(network: network, valid: valid, in: [links, pairs]), table: Packetfilter.bridgeTable)
    }
}

extension MACSpoofing {
    /// Protected links to the chains of their networks.
    static let links = NFTables.Set(
        Packetfilter.bridgeTable, "macspoof_links", key: .init(.interfaceName), map: .verdict)
    /// Which address each of them may use.
    static let pairs = NFTables.Set(
        Packetfilter.bridgeTable, "macspoof_pairs", key: .init(.interfaceName, .etherAddress))

    static func chainName(_ network: String) -> String { Packetfilter.chainName("macspoof", network) }

    static func entries(
        _ owner: Packetfilter.Owner, _ link: String, _ address: MACAddress
    ) -> [Packetfilter.Entry] {
        [
            // The pair first: whoever sees half of it must not see the half that drops everything.
            Packetfilter.Entry(
                set: pairs,
                element: .init(NFTables.Key(.interface(link), .ether(address)), comment: owner.comment)),
            Packetfilter.Entry(
                set: links,
                element: .init(
                    NFTables.Key(.interface(link)), to: .verdict(.goto(chainName(owner.network))),
                    comment: owner.comment)),
        ]
    }

    static func skeleton(_ network: String) -> Packetfilter.Skeleton {
        var skeleton = Packetfilter.Skeleton(Packetfilter.bridgeTable)
        skeleton.sets = [links, pairs]
        skeleton.chain(
            "macspoof",
            base: .init(.filter, .prerouting, priority: NFTables.Priority.bridgeDestinationNAT),
            [(nil, [.meta(.iifname, into: .first), .lookup(links.name, .first, result: .verdict, inverted: false)])])
        skeleton.chain(
            chainName(network),
            [
                (
                    nil,
                    [
                        .meta(.iifname, into: .first),
                        // struct ethhdr: h_source at 6
                        .payload(.link, offset: 6, length: 6, into: NFTables.Register(word: 4)),
                        .lookup(pairs.name, .first, result: .none, inverted: false), .verdict(.return),
                    ]
                ),
                (nil, [.verdict(.drop)]),
            ])
        return skeleton
    }
}
