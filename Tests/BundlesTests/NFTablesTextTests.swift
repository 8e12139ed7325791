import Addressing
import Foundation
import JSONTree
import Testing

@testable import Bundles
@testable import Diagnosis

/// What `nft list ruleset` printed, against what `nft -j list ruleset` printed of the same rules (nft 1.0.6).
@Suite struct NFTablesTextTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/diagnosis")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private static func filter(_ json: [UInt8]) throws -> PacketFilter {
        var filter = PacketFilter()
        filter.read(nftables: try JSONTree(parsing: json).root)
        return filter
    }

    @Test func chainsAndRulesAreThoseOfItsJSON() throws {
        let own = try Self.filter(NFTablesText.json(try Self.text("ruleset.nft.txt")))
        let peer = try Self.filter(Array(try Self.text("ruleset.nft.json").utf8))
        #expect(own.tables.map(\.name) == peer.tables.map(\.name))
        for (left, right) in zip(own.tables, peer.tables) {
            #expect(left.family == right.family)
            #expect(Set(left.sets.keys) == Set(right.sets.keys))
            for (name, elements) in right.sets {
                let own = left.sets[name].map { Self.words("\($0)") }
                #expect(own == Self.words("\(elements)"), "\(name)")
            }
            for chain in ["filter_INPUT", "other", "last", "prerouting", "svc", "a", "b", "postrouting"] {
                let (mine, theirs) = (left.chains[chain], right.chains[chain])
                #expect(mine?.base == theirs?.base, "\(chain)")
                #expect(mine?.rules.count == theirs?.rules.count, "\(chain)")
                for (one, other) in zip(mine?.rules ?? [], theirs?.rules ?? []) {
                    let (ours, others) = (Self.said(one.conditions), Self.said(other.conditions))
                    // What is decided beside something that cannot be makes no difference.
                    #expect(ours.contains("?") == others.contains("?"), "\(chain): \(other.text)")
                    if !others.contains("?") { #expect(ours == others, "\(chain): \(other.text)") }
                    #expect(Self.said(one.actions) == Self.said(other.actions), "\(chain): \(other.text)")
                }
            }
        }
    }

    /// What cannot be decided is the same whatever it is, and however often. Sets have no order.
    private static func said(_ items: [some Any]) -> [String] {
        items.reduce(into: []) { all, item in
            let text = "\(item)"
            let word = text.contains("unknown(") ? "?" : Self.words(text)
            if all.last != word { all.append(word) }
        }
    }

    private static func words(_ text: String) -> String {
        text.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == ":") }.sorted().joined(separator: " ")
    }

    /// A rule that is quoted says what nft says of it, but for what was counted. nft sorts sets as it likes.
    @Test func rulesAreQuotedInNFTsWords() throws {
        func words(_ line: Substring) -> [String] {
            var line = String(line).trimmingPrefix { $0 == "\t" }
            if let counted = line.range(of: "counter packets 0 bytes 0 ") { line.removeSubrange(counted) }
            return line.split { " ,".contains($0) }.map(String.init).sorted()
        }
        let printed = try Self.text("ruleset.nft.txt").split(separator: "\n").filter { $0.hasPrefix("\t\t") }
        let lines = Set(printed.map(words))
        let filter = try Self.filter(Array(try Self.text("ruleset.nft.json").utf8))
        let rules = filter.tables.flatMap { table in
            table.chains.names().flatMap { table.chains[$0]?.rules ?? [] }.map(\.text)
        }
        #expect(rules.count == 24)
        for rule in rules { #expect(lines.contains(words(rule[...])), "\(rule)") }
    }

    /// How versions of nft write that a packet begins a connection.
    @Test(arguments: [
        "tcp flags syn / fin,syn,rst,ack", "tcp flags & (fin|syn|rst|ack) == syn",
        "tcp flags & (fin | syn | rst | ack) == syn",
    ])
    func firstPacketOfAConnection(_ match: String) throws {
        let json = NFTablesText.json("table inet t {\n chain c {\n  \(match) drop\n }\n}")
        let rule = try #require(try Self.filter(json).tables.first?.chains["c"]?.rules.first)
        let word = Self.said(rule.conditions)
        #expect(word.contains { $0.contains("beginsConnection") }, "\(word)")
        #expect(!word.contains("?"), "\(word)")
    }

    @Test func maskOfNestedBits() throws {
        let mask = #"{"|": [{"|": [{"|": ["fin", "syn"]}, "rst"]}, "ack"]}"#
        let left = #"{"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, \#(mask)]}"#
        let json = """
            {"nftables": [{"table": {"family": "inet", "name": "t", "handle": 1}},
             {"chain": {"family": "inet", "table": "t", "name": "c", "handle": 1}},
             {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": 2, "expr": [
              {"match": {"op": "==", "left": \(left), "right": "syn"}}, {"drop": null}]}}]}
            """
        let rule = try #require(try Self.filter(Array(json.utf8)).tables.first?.chains["c"]?.rules.first)
        #expect(rule.conditions.contains { "\($0)".contains("beginsConnection") }, "\(rule.conditions)")
    }

    /// Whatever stands in a file that begins like a ruleset: something is made of it, and it ends.
    @Test(arguments: [
        "table ip x {", "table ip x {\n{ { {",
        "table inet f {\n chain c {\n type filter hook\n ip saddr { 1.2.3.4 : \n",
        "table ip x {\n set s { elements = { \"a, b }\n",
        "table ip x {\n chain c { } } } }\ntable ip y { chain d { drop } }",
    ])
    func hostileText(_ text: String) throws {
        let json = NFTablesText.json(text)
        #expect(try JSONTree(parsing: json).root.member("nftables")?.kind == .array)
    }

    /// Nobody knows the first match: whoever walks the rules must not take the verdict for decided.
    @Test func anUnknownMatchIsNotPassedOver() throws {
        let text =
            "table inet f {\n\tchain c {\n\t\ttype filter hook input priority filter; policy accept;\n\t\tosf name \"Linux\" drop\n\t}\n}\n"
        let filter = try Self.filter(NFTablesText.json(text))
        let rule = try #require(filter.tables.first?.chains["c"]?.rules.first)
        #expect(Self.said(rule.actions) == ["drop"])
        #expect(!rule.conditions.isEmpty)
    }
}
