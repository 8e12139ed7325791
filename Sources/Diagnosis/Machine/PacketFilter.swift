import Addressing

/// The rules of a machine's packet filters, whichever program wrote them: what iptables (both flavours) and nft print is
/// read into one form, and ``PacketFilterSimulation`` walks it.
public struct PacketFilter: Sendable {
    public var tables: [Table] = []
    /// Only what somebody chose to list is here: a table or a chain that is not may have rules all the same.
    public var isPartial = false

    /// Whether the rules that give packets other addresses would be among the tables, if there were any.
    var knowsTranslations: Bool { !isPartial || tables.contains { $0.name == "nat" } }

    public init() {}

    /// Where in a packet's way a chain stands. Ingress and egress are those of an interface (netdev), before and after all
    /// others.
    public enum Hook: String, Sendable, Hashable, CaseIterable {
        case ingress, prerouting, input, forward, output, postrouting, egress

        /// Of a packet that is passed on, of one for this machine, of one of this machine.
        static let passing: [Hook] = [.ingress, .prerouting, .forward, .postrouting, .egress]
        static let arriving: [Hook] = [.ingress, .prerouting, .input]
        static let leaving: [Hook] = [.output, .postrouting, .egress]
    }

    public struct Table: Sendable {
        /// `iptables`, `iptables-legacy`, `nft`.
        public var program: String
        /// `ip`, `ip6`, `inet`, `netdev`, `bridge`, `arp`.
        public var family: String
        public var name: String
        public var chains = Chains()
        public var sets: [String: [SetElement]] = [:]

        /// - Parameters:
        ///   - isBridged: whether it goes from port to port of a bridge, and no further.
        ///   - isARP: whether it asks for a MAC, or answers.
        func covers(_ wanted: IPFamily, isBridged: Bool = false, isARP: Bool = false) -> Bool {
            if isBridged || family == "bridge" { return isBridged && family == "bridge" }
            if isARP { return ["arp", "netdev"].contains(family) }
            return ["inet", "netdev", wanted == .v4 ? "ip" : "ip6"].contains(family)
        }
    }

    public struct Base: Sendable, Hashable {
        public var hook: Hook
        /// The lower is walked first.
        public var priority: Int
        public var isNAT: Bool
        public var policyDrops: Bool
        /// Interfaces whose packets it sees; empty for all.
        public var devices: [String] = []
    }

    public struct Rule: Sendable {
        /// As the program prints it.
        public var text: String
        public var conditions: [Condition] = []
        public var actions: [Action] = []

        /// The chain it goes on to.
        var target: String? {
            for case .jump(let name) in actions { return name }
            for case .goto(let name) in actions { return name }
            return nil
        }
    }

    public struct Condition: Sendable {
        public var test: Test
        public var isNegated = false
    }

    public enum Test: Sendable {
        case family(IPFamily)
        case source([IPRange])
        case destination([IPRange])
        case protocols(Set<String>)
        case sourcePorts([ClosedRange<Int>])
        case destinationPorts([ClosedRange<Int>])
        /// A name; with `+` or `*` at its end, a prefix of names.
        case input([String])
        case output([String])
        /// `new`, `established`, `related`, `invalid`, `untracked`, `dnat`, `snat`.
        case state(Set<String>)
        case mark(value: UInt32, mask: UInt32)
        /// `local`, `broadcast`, ...
        case addressType(String, isSource: Bool)
        case icmp(type: Int, code: Int?)
        /// Fields of the packet, looked up in a set of that name.
        case set(String, [Field])
        case elements([SetElement], [Field])
        /// Whether the way back to the sender is the interface it came from; loose: whether there is a way at all.
        case reversePath(isLoose: Bool, usesMark: Bool)
        /// Bytes from the network header on.
        case length(ClosedRange<Int>)
        /// SYN and neither ACK, FIN nor RST: what begins a TCP connection.
        case beginsConnection
        case constant(Bool)
        case unknown(String)
    }

    /// What a set's key is made of.
    public enum Field: Sendable, Hashable {
        case source, destination, sourcePort, destinationPort, transport, input, output, mark, state
        /// A number that the kernel draws: any element of the set may be the one.
        case random
        case unknown
    }

    public struct SetElement: Sendable {
        /// One for each field.
        public var parts: [Part]
        /// Of a port of an ipset: `tcp`.
        public var transport: String?
        /// Of a verdict map.
        public var action: [Action] = []

        public enum Part: Sendable {
            case range(IPRange)
            case ports(ClosedRange<Int>)
            case word(String)
        }
    }

    public indirect enum Action: Sendable {
        case accept, drop
        case reject(String)
        case `return`
        case jump(String)
        case goto(String)
        case mark(clear: UInt32, set: UInt32)
        /// Connection tracking does not see it, and nothing translates it.
        case untrack
        case destinationNAT(IPAddress?, Int?)
        case sourceNAT(IPAddress?)
        case masquerade
        case redirect(Int?)
        case decideBy([Field], [SetElement], named: String?)
        /// It may end the walk, and how is not known.
        case unknown(String)
    }
}

extension IPRange {
    init(host address: IPAddress) { self.init(IPPrefix(containing: address, length: address.family.bitWidth)) }

    /// An address, a prefix, or two addresses with a dash.
    static func parsing(_ text: String) -> IPRange? {
        if let prefix = IPPrefix(text) { return IPRange(prefix) }
        if let address = IPAddress(text) { return IPRange(host: address) }
        if let range = IPRange(text) { return range }
        // 10.0.0.0/255.0.0.0
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let mask = IPAddress(String(parts[1])),
            address.family == mask.family
        else { return nil }
        let length = mask.number.nonzeroBitCount
        return IPRange(IPPrefix(containing: address, length: length))
    }
}
