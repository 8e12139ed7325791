import Addressing
import Foundation
import Testing

@testable import Bundles
@testable import Diagnosis

/// What `iptables -L` printed, against what `iptables-save` printed of the same rules (iptables 1.8.9; both
/// flavours print the same).
@Suite struct IPTablesListingTests {
    private static func text(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/diagnosis")
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private static func filter(_ text: [UInt8]) -> PacketFilter {
        var filter = PacketFilter()
        filter.read(iptables: text, program: "iptables", family: .v4)
        return filter
    }

    private static func said(_ rule: PacketFilter.Rule) -> Set<String> {
        // What is always so says nothing; what cannot be decided is the same whatever it is.
        let conditions = rule.conditions.map { "\($0)" }.filter { !$0.contains("constant(true)") }
        return Set(conditions.map { $0.contains("unknown(") ? "?" : words($0) } + rule.actions.map { words("\($0)") })
    }

    /// Sets have no order.
    private static func words(_ text: String) -> String {
        text.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == ":") }.sorted().joined(separator: " ")
    }

    @Test func rulesAreThoseThatItSaves() throws {
        let own = Self.filter(IPTablesListing.save(try Self.text("listed.txt"), named: "iptables.txt"))
        let peer = Self.filter(Array(try Self.text("listed.save.txt").utf8))
        #expect(own.tables.map(\.name) == ["raw", "mangle", "nat", "filter"])
        var compared = 0
        for table in peer.tables {
            let mine = try #require(own.tables.first { $0.name == table.name })
            for name in table.chains.names(beginningWith: "", withRules: false) {
                let (left, right) = (mine.chains[name], table.chains[name])
                #expect(left?.base == right?.base, "\(table.name) \(name)")
                #expect(left?.rules.count == right?.rules.count, "\(table.name) \(name)")
                for (one, other) in zip(left?.rules ?? [], right?.rules ?? []) {
                    let (ours, theirs) = (Self.said(one), Self.said(other))
                    // Of a rule that nobody can decide it is enough that both say so.
                    #expect(ours.contains("?") == theirs.contains("?"), "\(other.text) was read of \(one.text)")
                    if !theirs.contains("?") { #expect(ours == theirs, "\(other.text) was read of \(one.text)") }
                    compared += 1
                }
            }
        }
        #expect(compared > 50)
    }

    /// Names for ports and protocols, numbers of lines; and without `-v`, where nobody knows for which interface a rule is.
    @Test func namesAreReadAndUnseenInterfacesAreUnknown() throws {
        let peer = Self.filter(Array(try Self.text("listed.save.txt").utf8))
        let saved = try #require(peer.tables.first { $0.name == "filter" }?.chains["INPUT"]).rules
        let named = Self.filter(IPTablesListing.save(try Self.text("listed.names.txt"), named: "a.txt"))
        let rules = try #require(named.tables.first?.chains["INPUT"]).rules
        #expect(named.tables.map(\.name) == ["filter"])
        #expect(rules.count == saved.count)
        let same = zip(rules, saved).filter { Self.said($0) == Self.said($1) }
        // Those whose port is called by a name that no table here has.
        #expect(same.count >= saved.count - 2)
        let brief = Self.filter(IPTablesListing.save(try Self.text("listed.brief.txt"), named: "a.txt"))
        let unseen = try #require(brief.tables.first?.chains["INPUT"]).rules
        #expect(unseen.count == saved.count)
        for rule in unseen { #expect(Self.said(rule).contains("?"), "\(rule.text)") }
    }

    @Test func oneTableIsNoStatementAboutAnother() throws {
        let text = try Self.text("listed.names.txt")
        let save = IPTablesListing.save(text, named: "filter.txt")
        #expect(save.starts(with: PacketFilter.listed.utf8))
        let nat = IPTablesListing.save(
            "Chain POSTROUTING (policy ACCEPT)\ntarget prot opt source destination\n", named: "1-iptables--t-nat")
        let both = IPTablesListing.merged(save, nat)
        #expect(both.starts(with: PacketFilter.listed.utf8))
        #expect(Self.filter(both).tables.map(\.name) == ["filter", "nat"])
        #expect(TextForm.of(text, named: "iptables-legacy.txt") == .iptablesListing(isSixth: false, isLegacy: true))
    }
}
