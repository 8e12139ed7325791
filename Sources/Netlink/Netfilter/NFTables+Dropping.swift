extension NFTables.Socket {
    /// Whether every packet that comes to a rule is dropped by it: it has no condition, and drops, rejects or goes to
    /// a chain that does.
    public mutating func alwaysDrops(_ rule: NFTables.Rule, depth: Int = 0) throws(NetlinkError) -> Bool {
        for expression in rule.expressions {
            switch expression {
            case .counter, .match(name: "comment", _, _), .log, .limit: continue
            case .verdict(.drop), .reject, .target(name: "REJECT", _, _), .target(name: "DROP", _, _): return true
            case .verdict(.jump(let chain)), .verdict(.goto(let chain)):
                // Rule sets nest three deep (ufw, firewalld); a deeper end is not looked for.
                if depth == 4 { return false }
                for inner in try rules(in: rule.table, chain: chain) {
                    if try alwaysDrops(inner.rule, depth: depth + 1) { return true }
                    if inner.rule.alwaysReturns { return false }
                }
                return false
            default: return false
            }
        }
        return false
    }
}

extension NFTables.Rule {
    /// Whether every packet that comes to the rule leaves the chain there alive.
    var alwaysReturns: Bool {
        for expression in expressions {
            switch expression {
            case .counter, .match(name: "comment", _, _): continue
            case .verdict(.return), .verdict(.accept): return true
            default: return false
            }
        }
        return false
    }
}
