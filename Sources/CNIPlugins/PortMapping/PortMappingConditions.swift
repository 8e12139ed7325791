import Addressing
import CNI
import JSONTree
import Netlink

/// `conditionsV4` and `conditionsV6` of portmap: when port mappings apply at all. The reference hands the words to
/// iptables or nft; here the common matches of both languages are translated, and the others are refused by name,
/// since a condition that is quietly ignored publishes a port to somebody it was kept from.
///
/// | iptables | nft | meaning |
/// |---|---|---|
/// | `[!] -s, --source, --src P` | `ip saddr [!=] P`, `ip6 saddr [!=] P` | source address in prefix |
/// | `[!] -d, --destination, --dst P` | `ip daddr [!=] P`, `ip6 daddr [!=] P` | destination address in prefix |
/// | `[!] -i, --in-interface NAME` (`NAME+`: any that begins so) | `iifname [!=] "NAME"` (`"NAME*"`) | incoming interface |
/// | `-m comment --comment TEXT` | | nothing |
public struct PortMappingConditions: Hashable, Sendable {
    /// Which language the words are in.
    public enum Syntax: String, Sendable { case iptables, nftables }

    let expressions: [NFTables.Expression]
    /// Nil when there are no conditions.
    public let syntax: Syntax?

    static let none = PortMappingConditions(expressions: [], syntax: nil)

    private init(expressions: [NFTables.Expression], syntax: Syntax?) {
        self.expressions = expressions
        self.syntax = syntax
    }

    init(_ reader: ConfigurationReader, _ key: String, _ family: IPFamily) throws(CNIError) {
        let fields = try reader.array(key)
        _ = try reader.strings(key)
        guard let first = fields.first?.string else {
            self = .none
            return
        }
        var parser = Parser(reader: reader, fields: fields, family: family)
        if first.hasPrefix("-") || first == "!" {
            self.init(expressions: try parser.iptables(), syntax: .iptables)
        } else {
            self.init(expressions: try parser.nftables(), syntax: .nftables)
        }
    }

    private struct Parser {
        let reader: ConfigurationReader
        let fields: [JSONNode]
        let family: IPFamily
        var position = 0

        private mutating func next() -> (word: String, field: JSONNode)? {
            guard position < fields.count else { return nil }
            defer { position += 1 }
            return (fields[position].string ?? "", fields[position])
        }

        private mutating func value(of field: JSONNode) throws(CNIError) -> (word: String, field: JSONNode) {
            guard let next = next() else { throw reader.invalid(field, "needs a value after it") }
            return next
        }

        mutating func iptables() throws(CNIError) -> [NFTables.Expression] {
            var expressions: [NFTables.Expression] = []
            while var (word, field) = next() {
                var comparison = NFTables.Comparison.equal
                if word == "!" {
                    comparison = .notEqual
                    (word, field) = try value(of: field)
                }
                switch word {
                case "-s", "--source", "--src", "-d", "--destination", "--dst":
                    let prefix = try prefix(try value(of: field).field)
                    let isSource = word == "-s" || word.hasPrefix("--s")
                    expressions += NFTables.Expression.address(
                        isSource ? .source : .destination, in: prefix, comparison)
                case "-i", "--in-interface":
                    let name = try value(of: field)
                    expressions += try interface(name.word, wildcard: "+", comparison, name.field)
                case "-m", "--match":
                    let name = try value(of: field)
                    guard name.word == "comment" else {
                        throw refusal(name.field, "the iptables match \"\(name.word)\" is not translated")
                    }
                case "--comment":
                    _ = try value(of: field)
                default:
                    throw refusal(field, "\"\(word)\" is not an iptables match that is translated")
                }
            }
            return expressions
        }

        mutating func nftables() throws(CNIError) -> [NFTables.Expression] {
            var expressions: [NFTables.Expression] = []
            while let (word, field) = next() {
                switch word {
                case "ip", "ip6":
                    guard (word == "ip") == (family == .v4) else {
                        throw reader.invalid(field, "is for the other family")
                    }
                    let what = try value(of: field)
                    guard what.word == "saddr" || what.word == "daddr" else {
                        throw refusal(what.field, "\"\(word) \(what.word)\" is not an nft match that is translated")
                    }
                    let (comparison, operand) = try comparison(what.field)
                    expressions += NFTables.Expression.address(
                        what.word == "saddr" ? .source : .destination, in: try prefix(operand.field), comparison)
                case "iifname":
                    let (comparison, operand) = try comparison(field)
                    var name = operand.word
                    if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
                        name = String(name.dropFirst().dropLast())
                    }
                    expressions += try interface(name, wildcard: "*", comparison, operand.field)
                default:
                    throw refusal(field, "\"\(word)\" is not an nft match that is translated")
                }
            }
            return expressions
        }

        private mutating func comparison(
            _ field: JSONNode
        ) throws(CNIError) -> (NFTables.Comparison, (word: String, field: JSONNode)) {
            let next = try value(of: field)
            switch next.word {
            case "==", "eq": return (.equal, try value(of: next.field))
            case "!=", "ne": return (.notEqual, try value(of: next.field))
            default: return (.equal, next)
            }
        }

        private func prefix(_ field: JSONNode) throws(CNIError) -> IPPrefix {
            let text = field.string ?? ""
            // Both tools take host bits and drop them.
            let prefix: IPPrefix
            if text.contains("/") {
                prefix = try reader.element(field) { (text) throws(AddressError) in
                    try InterfaceAddress(parsing: text).prefix
                }
            } else {
                let address = try reader.element(field) { (text) throws(AddressError) in
                    try IPAddress(parsing: text)
                }
                prefix = IPPrefix(containing: address, length: address.family.bitWidth)
            }
            guard prefix.family == family else {
                throw reader.invalid(field, "must be an \(family) address or prefix")
            }
            return prefix
        }

        private func interface(
            _ name: String, wildcard: String, _ comparison: NFTables.Comparison, _ field: JSONNode
        ) throws(CNIError) -> [NFTables.Expression] {
            let isPattern = name.hasSuffix(wildcard)
            let name = isPattern ? String(name.dropLast(wildcard.count)) : name
            guard !name.isEmpty, name.utf8.count <= CNINames.longestInterfaceName else {
                throw reader.invalid(field, "is no interface name")
            }
            if !isPattern { return NFTables.Expression.interface(.iifname, name, comparison) }
            // As many bytes as are given: the rest of the name may be anything.
            return [.meta(.iifname, into: .first), .compare(.first, comparison, Array(name.utf8))]
        }

        private func refusal(_ field: JSONNode, _ reason: String) -> CNIError {
            reader.invalid(field, reason).adding(
                "translated are -s, -d, -i (iptables) and ip saddr, ip daddr, iifname (nft), each also negated;"
                    + " see docs/reference/plugins/portmap.md")
        }
    }
}
