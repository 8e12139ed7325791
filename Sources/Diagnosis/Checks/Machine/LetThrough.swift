/// The rules that let packets through where a filter ends them now. They have to stand in the very chain that does: a
/// packet that one table's chain accepts is still asked by the next, and one that is dropped is asked by nobody any more.
struct LetThrough {
    /// What is let through, as addresses or ranges of one family.
    struct Match {
        var source: String?
        var destination: String?
        /// `udp`, or a protocol's number; nil for all.
        var transport: String?
        var port: Int?

        fileprivate var iptables: String {
            let parts = [
                source.map { "-s \($0)" }, destination.map { "-d \($0)" }, transport.map { "-p \($0)" },
                port.map { "--dport \($0)" },
            ]
            return parts.compactMap { $0 }.joined(separator: " ") + " -j ACCEPT"
        }

        fileprivate var nft: String {
            let header = transport.map { port == nil ? "ip protocol \($0)" : "" }
            let parts = [
                source.map { "ip saddr \($0)" }, destination.map { "ip daddr \($0)" }, header,
                port.map { "\(transport ?? "udp") dport \($0)" },
            ]
            return parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ") + " accept"
        }
    }

    private(set) var steps: [String] = []
    let undo: String

    /// - Parameter hook: as iptables calls it, `FORWARD` or `INPUT`.
    init(_ decider: PacketFilterSimulation.Decider?, hook: String, on machine: String, matches: [Match]) {
        let program = decider?.program ?? "iptables"
        func marked(_ lines: [String]) -> [String] {
            lines.enumerated().map { $0.offset == 0 ? "\($0.element)   # on \(machine)" : $0.element }
        }
        if program == "nft", let decider {
            if decider.table == "firewalld" {
                // It owns its table and writes it anew.
                let sources = matches.compactMap { $0.source ?? $0.destination }
                let names = sources.enumerated().filter { sources.firstIndex(of: $0.element) == $0.offset }.map(
                    \.element)
                let list = names.map { "--add-source=\($0)" }.joined(separator: " ")
                steps = marked(["firewall-cmd --permanent --zone=trusted \(list)", "firewall-cmd --reload"])
                undo = "the same with --remove-source"
                return
            }
            let place = "\(decider.family) \(decider.table) \(decider.chain)"
            steps = marked(matches.map { "nft insert rule \(place) \($0.nft)" })
            undo = "nft -a list chain \(place)   # tells the handles of the new rules, to delete them by"
            return
        }
        // Rules of the table filter stand behind its hook's own chain, others where they are.
        let isFilter = decider?.table ?? "filter" == "filter"
        let place = isFilter ? hook : "\(decider?.chain ?? hook) -t \(decider?.table ?? "filter")"
        steps = marked(matches.map { "\(program) -I \(place) \($0.iptables)" })
        undo = matches.first.map { "\(program) -D \(place) \($0.iptables)" } ?? "delete the new rules"
    }
}
