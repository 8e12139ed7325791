import Addressing
import LinuxHost
import Netlink

/// What on a node needs the kernel to know the connections of pods to pods.
///
/// Masquerading switches connection tracking on for every packet in the namespace, and packets between pods are looked
/// up for nothing: neither address of theirs is translated. So they are kept out of it (`notrack`), as long as nobody
/// else asks for their connections. Who might is taken as who does: any base chain of somebody else with a rule in it,
/// any table of the old iptables, any service of the kernel's load balancer. Rules are not read for what they ask.
///
/// Going over to tracking is safe at any moment: a connection that is under way is taken up in the middle
/// (nf_conntrack_tcp_loose, 1 unless somebody changed it). Two things can still be lost then: with that setting at 0, TCP
/// connections whose packets a new rule drops as invalid; and where a new rule lets connections through in one direction
/// only, those whose next packet goes in the other, until one comes that is let through. Going back is not safe while
/// there are connections that somebody's rules translated: their answers would not be translated back. It waits for the
/// end of those.
public struct ConnectionUsers: Hashable, Sendable {
    /// Base chains of others, with how many rules each has.
    public struct ForeignChain: Hashable, Sendable {
        public var table: NFTables.Table
        public var name: String
        public var ruleCount: UInt32

        public init(table: NFTables.Table, name: String, ruleCount: UInt32) {
            self.table = table
            self.name = name
            self.ruleCount = ruleCount
        }
    }

    /// Those that see packets on their way.
    public var chains: [ForeignChain]
    /// What nf_tables does not know of: tables of the old iptables, services of ip_vs.
    public var others: [String]
    /// Connections of pods to pods that were translated by rules that are not ours.
    public var translated = 0

    public init(chains: [ForeignChain] = [], others: [String] = [], translated: Int = 0) {
        self.chains = chains
        self.others = others
        self.translated = translated
    }

    /// The first thing that asks for connections, in words; nil when there is none.
    public var reason: String? {
        let busy = chains.filter { $0.ruleCount > 0 }.sorted { ("\($0.table)", $0.name) < ("\($1.table)", $1.name) }
        if let first = busy.first {
            let more = busy.count > 1 ? " and \(busy.count - 1) more" : ""
            return "chain \(first.name) of table \(first.table)\(more) may need them"
        }
        if let first = others.first {
            return first + (others.count > 1 ? " and \(others.count - 1) more" : "") + " may need them"
        }
        if translated > 0 {
            return "\(translated) of them were translated by rules that are gone, and have not ended"
        }
        return nil
    }

    /// Tables whose chains ask for no connection between pods: our own, and that of the plugins, who mark the packets
    /// of pods whose connections they translate (``NFTables/Mark/tracked``).
    static let ownTables = Set(Masquerade.tables + [NFTables.Plugins.table])

    /// The chains among all that count. A rule of ours in one of them is none (``ForwardOpening``).
    static func foreignChains(_ socket: inout NFTables.Socket) throws(NetlinkError) -> [ForeignChain] {
        var foreign: [ForeignChain] = []
        for listed in try socket.chains() {
            let chain = listed.chain
            guard let base = chain.base, !ownTables.contains(chain.table),
                [.ip, .ip6, .inet].contains(chain.table.family)
            else { continue }
            var count = listed.uses
            if count == 1, base.hook == .forward {
                let rules = try socket.rules(in: chain.table, chain: chain.name)
                if rules.allSatisfy({ $0.rule.comment == ForwardOpening.comment }) { count = 0 }
            }
            foreign.append(ForeignChain(table: chain.table, name: chain.name, ruleCount: count))
        }
        return foreign
    }

    /// Whether a connection is one that would break without being tracked.
    ///
    /// - Parameter published: pods with published ports, whose packets are tracked anyway.
    static func isTranslated(_ flow: Conntrack.Flow, pods: [IPPrefix], published: Set<IPAddress>) -> Bool {
        let (there, back) = (flow.original, flow.reply)
        if there.source == back.destination && there.destination == back.source
            && there.sourcePort == back.destinationPort && there.destinationPort == back.sourcePort
        {
            return false
        }
        func isBetweenPods(_ tuple: Conntrack.Tuple) -> Bool {
            [tuple.source, tuple.destination].allSatisfy { address in
                !published.contains(address) && pods.contains { $0.contains(address) }
            }
        }
        return isBetweenPods(there) || isBetweenPods(back)
    }
}

/// Listens for chains of others, on a thread of its own: what it reports is a reason to look.
public struct ForeignChainWatch: ~Copyable {
    private var socket: NFTables.Socket

    /// Listens in the calling thread's network namespace.
    public init() throws(NetlinkError) {
        socket = try Self.listening(NFTables.Socket())
    }

    public init(in namespace: borrowing NetworkNamespace) throws(NetlinkError) {
        socket = try Self.listening(NFTables.Socket(in: namespace.descriptor))
    }

    private static func listening(_ socket: consuming NFTables.Socket) throws(NetlinkError) -> NFTables.Socket {
        try socket.listen()
        return socket
    }

    /// False when the time is over without a change outside of our tables. What is said about these ends the wait, too,
    /// so that the wait is never longer than was asked for.
    public mutating func nextChange(within milliseconds: Int32) throws(NetlinkError) -> Bool {
        try socket.heardChange(within: milliseconds, outside: ConnectionUsers.ownTables) == .change
    }
}
