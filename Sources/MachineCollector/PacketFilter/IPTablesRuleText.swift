import Addressing
import CLinux
import Netlink

/// A rule that iptables-nft keeps in nf_tables, as iptables-save prints it: nf_tables' own expressions for addresses,
/// interfaces, protocols, ports and marks, and extensions of xtables behind nft_compat for the rest.
///
/// An expression that iptables has no words for is written as `-m nft --undecoded NAME`, and the rule ``isForeign``: it was
/// written by nft, and iptables calls its table incompatible.
struct IPTablesRuleText {
    private let family: IPFamily
    private let sets: [UInt16: String]
    private var held: [NFTables.Register: Held] = [:]
    /// `-s`, `-d`, `-i`, `-o`, `-p`, `-f`, in the order in which iptables-save writes them.
    private var header: [Int: String] = [:]
    private var transport: String?
    private var matches: [String] = []
    /// Where in `matches` the ports of a transport stand: later ones join them.
    private var portsAt: Int?
    private var target: String?
    private(set) var isForeign = false

    private struct Held {
        enum What: Equatable {
            case mark, input, output, transport
            /// Of the network header, in bytes.
            case network(Int, Int)
            /// Of the transport header.
            case transportHeader(Int, Int)
        }
        var what: What
        var mask: [UInt8]?
    }

    init(_ expressions: [NFTables.Expression], _ family: IPFamily, sets: [UInt16: String]) {
        self.family = family
        self.sets = sets
        for expression in expressions { read(expression) }
    }

    /// What stands behind `-A CHAIN`.
    var text: String {
        (header.sorted { $0.key < $1.key }.map(\.value) + matches + [target].compactMap { $0 }).joined(separator: " ")
    }

    private mutating func foreign(_ name: String) {
        isForeign = true
        matches.append("-m nft --undecoded \(name)")
    }

    private mutating func read(_ expression: NFTables.Expression) {
        switch expression {
        case .meta(let key, let register): load(key, register)
        case .payload(.network, let offset, let length, let register):
            held[register] = Held(what: .network(Int(offset), Int(length)))
        case .payload(.transport, let offset, let length, let register):
            held[register] = Held(what: .transportHeader(Int(offset), Int(length)))
        case .bitwise(let source, let destination, let mask, let xor):
            guard var entry = held[source], entry.mask == nil, xor.allSatisfy({ $0 == 0 }) else {
                return foreign("bitwise")
            }
            entry.mask = mask
            held[destination] = entry
        case .compare(let register, let comparison, let bytes):
            guard let entry = held[register], compare(entry, comparison, bytes) else { return foreign("cmp") }
        case .range(let register, let isNegated, let from, let to):
            guard let entry = held[register], from.count == 2, to.count == 2,
                ports(
                    entry, isNegated, NFTablesValue.port(from)...max(NFTablesValue.port(from), NFTablesValue.port(to)))
            else { return foreign("range") }
        case .counter: break
        case .limit(let limit):
            guard limit.isOfPackets, !limit.isInverted, limit.rate > 0, limit.unit < 1 << 32 else {
                return foreign("limit")
            }
            // XT_LIMIT_SCALE
            let words = XTablesExtension.limit(10_000 * limit.unit / limit.rate, limit.burst)
            matches.append("-m limit " + words.joined(separator: " "))
        case .log(let log):
            guard let group = log.group else { return foreign("log") }
            let words = XTablesExtension.netlinkLog(
                prefix: log.prefix, group: Int(group), length: log.length ?? 0, isSize: log.length != nil,
                threshold: Int(log.threshold ?? 0))
            target = (["-j NFLOG"] + words).joined(separator: " ")
        case .match(let name, let revision, let info):
            portsAt = nil
            matches.append(XTablesExtension(name, revision, info, family, sets: sets).matchText)
        case .target(let name, let revision, let info):
            target = XTablesExtension(name, revision, info, family, sets: sets).targetText
        case .verdict(let verdict): decide(verdict)
        case .payload, .lookup, .conntrack, .immediate, .setMeta, .nat, .masquerade, .masqueradeRandomly, .fib, .reject,
            .numbers,
            .other:
            foreign(expression.name)
        }
    }

    private mutating func load(_ key: NFTables.MetaKey, _ register: NFTables.Register) {
        switch key {
        case .mark: held[register] = Held(what: .mark)
        case .iifname: held[register] = Held(what: .input)
        case .oifname: held[register] = Held(what: .output)
        case .l4proto: held[register] = Held(what: .transport)
        default:
            held[register] = nil
            foreign("meta")
        }
    }

    private mutating func decide(_ verdict: NFTables.Verdict) {
        switch verdict {
        case .accept: target = "-j ACCEPT"
        case .drop: target = "-j DROP"
        case .return: target = "-j RETURN"
        case .jump(let chain): target = "-j \(chain)"
        case .goto(let chain): target = "-g \(chain)"
        case .other(let code): foreign("verdict:\(code)")
        }
    }

    // MARK: Conditions

    /// False for a comparison that iptables does not write.
    private mutating func compare(_ entry: Held, _ comparison: NFTables.Comparison, _ bytes: [UInt8]) -> Bool {
        if case .transportHeader = entry.what { return compareTransport(entry, comparison, bytes) }
        guard comparison == .equal || comparison == .notEqual else { return false }
        let inversion = comparison == .notEqual ? "! " : ""
        switch entry.what {
        case .input, .output:
            guard entry.mask == nil, !bytes.isEmpty else { return false }
            let isInput = entry.what == .input
            let name = NFTablesValue.name(bytes)
            let text = name.hasSuffix("*") && !bytes.contains(0) ? String(name.dropLast()) + "+" : name
            header[isInput ? 2 : 3] = "\(inversion)\(isInput ? "-i" : "-o") \(text)"
        case .transport:
            guard entry.mask == nil, let number = bytes.first else { return false }
            let name = IPTablesWords.transport(number)
            if comparison == .equal { transport = name }
            header[4] = "\(inversion)-p \(name)"
        case .mark:
            let mask = entry.mask.map { NFTablesValue.host($0) } ?? .max
            matches.append("-m mark \(inversion)--mark \(IPTablesWords.masked(NFTablesValue.host(bytes), mask))")
            portsAt = nil
        case .network(let offset, let length):
            return compareNetwork(offset, length, entry.mask, comparison, bytes)
        case .transportHeader: return false
        }
        return true
    }

    private mutating func compareNetwork(
        _ offset: Int, _ length: Int, _ mask: [UInt8]?, _ comparison: NFTables.Comparison, _ bytes: [UInt8]
    ) -> Bool {
        // struct iphdr: frag_off at 6, saddr at 12, daddr at 16; struct ipv6hdr: saddr at 8, daddr at 24
        if family == .v4, offset == 6, length == 2, mask == [0x1F, 0xFF] {
            header[5] = comparison == .notEqual ? "-f" : "! -f"
            return true
        }
        let size = family == .v4 ? 4 : 16
        let source = family == .v4 ? 12 : 8
        let destination = family == .v4 ? 16 : 24
        guard offset == source || offset == destination, length <= size, bytes.count == length else { return false }
        // Of a mask of whole bytes only those are loaded.
        let padding = [UInt8](repeating: 0, count: size - length)
        let wholeMask = (mask ?? [UInt8](repeating: 255, count: length)) + padding
        guard let address = IPAddress(bytes: bytes + padding), let suffix = IPTablesWords.mask(wholeMask) else {
            return false
        }
        let isSource = offset == source
        header[isSource ? 0 : 1] = "\(comparison == .notEqual ? "! " : "")\(isSource ? "-s" : "-d") \(address)\(suffix)"
        return true
    }

    private mutating func compareTransport(
        _ entry: Held, _ comparison: NFTables.Comparison, _ bytes: [UInt8]
    ) -> Bool {
        // struct tcphdr: the flags at 13
        if entry.what == .transportHeader(13, 1), let mask = entry.mask?.first, let value = bytes.first,
            comparison == .equal || comparison == .notEqual
        {
            join(
                "\(comparison == .notEqual ? "! " : "")--tcp-flags \(IPTablesWords.tcpFlags(Int(mask))) "
                    + IPTablesWords.tcpFlags(Int(value)))
            return transport == "tcp"
        }
        guard entry.mask == nil, bytes.count == 2 else { return false }
        let port = NFTablesValue.port(bytes)
        switch comparison {
        case .equal, .notEqual: return ports(entry, comparison == .notEqual, port...port)
        case .greaterOrEqual: return ports(entry, false, port...65535)
        case .lessOrEqual: return ports(entry, false, 0...port)
        case .less, .greater: return false
        }
    }

    private mutating func ports(_ entry: Held, _ isNegated: Bool, _ range: ClosedRange<Int>) -> Bool {
        let isSource = entry.what == .transportHeader(0, 2)
        guard transport != nil, entry.mask == nil, isSource || entry.what == .transportHeader(2, 2) else {
            return false
        }
        join(
            "\(isNegated ? "! " : "")\(isSource ? "--sport" : "--dport") "
                + IPTablesWords.range(range.lowerBound, range.upperBound))
        return true
    }

    /// Ports and flags of one transport are options of one match.
    private mutating func join(_ option: String) {
        if let portsAt {
            matches[portsAt] += " " + option
        } else {
            portsAt = matches.count
            matches.append("-m \(transport ?? "tcp") \(option)")
        }
    }
}
