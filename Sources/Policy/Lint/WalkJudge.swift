import Addressing

/// What was found out about one rule over all subjects, directions and families.
struct JudgedRule {
    let rule: PolicyRule
    var hasSubject = false
    /// Whether any end and any traffic is what the rule is about.
    var matchesSomething = false
    /// Whether anything is decided otherwise without it.
    var isUseful = false
    /// Whether all it is about, narrowed by what is not enforced or not, is allowed by other rules anyway.
    var isBypassed = false
    private var isNeeded = false
    /// One rule that allows all of it; nil where several do together.
    private(set) var bypassing: RuleReference?
    private var candidates: Set<RuleReference>?

    init(_ rule: PolicyRule) { self.rule = rule }

    /// The rule is about traffic to an end that others allow, or do not.
    mutating func note(isAllowedByOthers: Bool, covering: Set<RuleReference>) {
        if !isAllowedByOthers { isNeeded = true }
        let left = candidates.map { $0.intersection(covering) } ?? covering
        candidates = left
        isBypassed = !isNeeded
        bypassing = left.min()
    }
}

/// What the policies of one direction say about one side of every connection of a class.
struct JudgedSide {
    /// By end: what may be sent there or taken from there.
    var allowed: [TrafficSet]
    /// All of them together.
    var anything: TrafficSet

    func allows(_ transport: TransportProtocol, _ port: UInt16, at end: Int) -> Bool {
        allowed[end].contains(transport, port: port)
    }
}

/// One walk judged for every far end: which rules match at all, and which make a difference.
struct WalkJudge {
    let walk: ReachWalk
    let direction: Direction
    let subject: ReachEnd
    let ends: [ReachEnd]
    let family: IPFamily

    mutating func run(
        _ world: inout ReachWorld, _ columns: inout ReachColumns, _ judged: inout [JudgedRule]
    ) -> JudgedSide {
        let rules = walk.tiers.flatMap(\.rules)
        for rule in rules {
            columns.fill(rule, &world)
            judged[rule.number].hasSubject = true
        }
        let matching = rules.map { columns[$0] }
        var places: [Int: Int] = [:]
        for (place, rule) in rules.enumerated() { places[rule.number] = place }
        var traffic = rules.map { world.traffic($0.rule.traffic, to: subject, family) }
        let looksUp = direction == .egress && walk.looksUpPortNames
        let narrowed = rules.indices.filter { rules[$0].rule.action == .allow && !rules[$0].rule.unenforceable.isEmpty }
        var answers: [[UInt8]: TrafficSet] = [:]
        var side = JudgedSide(allowed: Array(repeating: .nothing, count: ends.count), anything: .nothing)
        for peer in ends.indices {
            let pattern = matching.map { $0[peer] }
            if looksUp {
                traffic = rules.map { world.traffic($0.rule.traffic, to: ends[peer], family) }
            } else if let set = answers[pattern] {
                side.allowed[peer] = set
                continue
            }
            func allowed(without skipped: Int?) -> TrafficSet {
                walk.allowed(
                    certainty: { rule in
                        guard rule.number != skipped, let place = places[rule.number] else { return .no }
                        return Certainty(rawValue: pattern[place]) ?? .no
                    },
                    traffic: { rule in places[rule.number].map { traffic[$0] } ?? (.nothing, .everything) })
            }
            let whole = allowed(without: nil)
            answers[pattern] = whole
            side.allowed[peer] = whole
            side.anything = side.anything.union(whole)
            for (place, rule) in rules.enumerated() where pattern[place] != 0 && !traffic[place].maybe.isEmpty {
                judged[rule.number].matchesSomething = true
                if !judged[rule.number].isUseful, allowed(without: rule.number) != whole {
                    judged[rule.number].isUseful = true
                }
            }
            for place in narrowed where pattern[place] != 0 && !traffic[place].maybe.isEmpty {
                // A peer that cannot be known, such as a DNS name, is somewhere outside.
                if pattern[place] == Certainty.maybe.rawValue, !ends[peer].isExternal { continue }
                let about = traffic[place].maybe
                let covering = rules.indices.filter { other in
                    other != place && rules[other].rule.action == .allow && !rules[other].isDoubtful
                        && pattern[other] == Certainty.yes.rawValue && about.isSubset(of: traffic[other].sure)
                }
                judged[rules[place].number].note(
                    isAllowedByOthers: about.isSubset(of: whole),
                    covering: Set(covering.map { rules[$0].rule.reference }))
            }
        }
        return side
    }
}
