import Netlink

extension Packetfilter {
    /// The sets and chains that one part of the packet filter needs for one network, with the rules in them. Its
    /// size depends on nothing but the configuration.
    struct Skeleton: Sendable {
        let table: NFTables.Table
        var sets: [NFTables.Set] = []
        private(set) var chains: [NFTables.Chain] = []
        private(set) var rules: [[NFTables.Rule]] = []

        init(_ table: NFTables.Table) { self.table = table }

        /// Adds a base chain or, without `base`, a chain to be jumped to.
        mutating func chain(
            _ name: String, base: NFTables.Chain.Base? = nil,
            _ rules: [(comment: String?, expressions: [NFTables.Expression])]
        ) {
            let chain = NFTables.Chain(table, name, base: base)
            chains.append(chain)
            self.rules.append(rules.map { NFTables.Rule(chain, $0.expressions, comment: $0.comment) })
        }

        /// The chains whose rules are not exactly those they should be.
        ///
        /// - Parameter listed: the rules of the table as the kernel has them.
        func deviations(from listed: [NFTables.ListedRule]) -> [Int] {
            chains.indices.filter { index in
                // The table has a few chains of ours; a dictionary of rules by chain would cost more to make.
                var found = 0
                for entry in listed where entry.rule.chain == chains[index].name {
                    guard found < rules[index].count, entry.rule.isSame(as: rules[index][found]) else { return true }
                    found += 1
                }
                return found != rules[index].count
            }
        }

        /// Makes everything that is missing, and rewrites the chains at `deviations`.
        func write(to transaction: inout NFTables.Transaction, rewriting deviations: [Int]) {
            transaction.add(table)
            for set in sets { transaction.add(set) }
            for chain in chains { transaction.add(chain) }
            for index in deviations {
                transaction.flush(chains[index])
                for rule in rules[index] { transaction.append(rule) }
            }
        }
    }

    /// A pod's member of a set.
    struct Entry: Sendable {
        let set: NFTables.Set
        let element: NFTables.Element
        /// Whether the element stands for a network as a whole, so that every pod of it finds it there already.
        var isShared = false
    }
}
