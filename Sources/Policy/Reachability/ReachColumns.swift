import Addressing

/// Which ends each rule's peers match, one column for each rule, filled when it is first asked for.
struct ReachColumns {
    private let ends: [ReachEnd]
    private let family: IPFamily
    /// By namespace the pods, by number of the end.
    private let candidates: [String: [Int]]
    /// By rule number, then end; empty while not known.
    private var columns: [[UInt8]]

    init(_ ends: [ReachEnd], _ family: IPFamily, rules: Int) {
        self.ends = ends
        self.family = family
        columns = Array(repeating: [], count: rules)
        var candidates: [String: [Int]] = [:]
        for (index, end) in ends.enumerated() {
            if case .pod(let pod) = end.kind { candidates[pod.id.namespace, default: []].append(index) }
        }
        self.candidates = candidates
    }

    /// ``Certainty`` of every end.
    subscript(rule: ReachWalk.Rule) -> [UInt8] { columns[rule.number] }

    mutating func fill(_ entry: ReachWalk.Rule, _ world: inout ReachWorld) {
        if !columns[entry.number].isEmpty { return }
        guard let peers = entry.rule.peers else {
            columns[entry.number] = Array(repeating: Certainty.yes.rawValue, count: ends.count)
            return
        }
        var column = [UInt8](repeating: Certainty.no.rawValue, count: ends.count)
        for peer in peers {
            for index in reach(of: peer) where column[index] != Certainty.yes.rawValue {
                column[index] = max(column[index], world.match([peer], ends[index], family).rawValue)
            }
        }
        columns[entry.number] = column
    }

    /// The ends a peer can match: those of the namespaces it requires, when it does.
    private func reach(of peer: Peer) -> [Int] {
        for case .pods(let expression) in peer.terms {
            if let namespaces = expression.requiredValues(of: .namespaceName) {
                return namespaces.flatMap { candidates[$0] ?? [] }
            }
        }
        return Array(ends.indices)
    }
}
