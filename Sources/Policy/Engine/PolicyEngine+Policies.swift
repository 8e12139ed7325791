// Policies: lowered to rules over the engine's numbers, and attached to the classes they select.

extension PolicyEngine {
    mutating func update(_ policy: Policy) {
        if policies.policies[policy.reference] == policy { return }
        policies.update(policy)
        detach(policy.reference)
        if !policy.isStaged { attach(policy) }
    }

    mutating func removePolicy(_ reference: PolicyReference) {
        if policies.remove(reference) != nil { detach(reference) }
    }

    private mutating func attach(_ policy: Policy) {
        var lowering = RuleLowering()
        let subjectPlace = lowering.selector(policy.subject, .pods)
        let egress = policy.egress.map { lowering.rules(of: $0) }
        let ingress = policy.ingress.map { lowering.rules(of: $0) }
        let selectors = lowering.selectors.map { retainSelector($0) }
        let atoms = lowering.atoms.map { retainAtom($0) }
        let names = lowering.names.map { portNameID($0) }
        let renumbering = Renumbering(selectors: selectors, atoms: atoms, names: names)

        let id = nextPolicyID
        nextPolicyID += 1
        policyIDs[policy.reference] = id
        entries[id] = PolicyEntry(
            policy: policy, subject: selectors[Int(subjectPlace)], egress: egress.map { $0.map(renumbering.rule) },
            ingress: ingress.map { $0.map(renumbering.rule) }, selectors: selectors, atoms: atoms)
        let subject = Int(selectors[Int(subjectPlace)])
        self.selectors[subject].subjectOf.append(id)
        for one in self.selectors[subject].members { addPolicy(id, to: one) }
    }

    private mutating func detach(_ reference: PolicyReference) {
        guard let id = policyIDs.removeValue(forKey: reference), let entry = entries[id] else { return }
        let subject = Int(entry.subject)
        for one in selectors[subject].members { removePolicy(id, from: one) }
        selectors[subject].subjectOf.removeAll { $0 == id }
        entries[id] = nil
        for selector in entry.selectors { releaseSelector(selector) }
        for atom in entry.atoms { releaseAtom(atom) }
    }

    mutating func addPolicy(_ id: Int32, to one: Int32) {
        guard let new = entries[id] else { return }
        let tier = policies.tier(named: new.policy.tier)
        let list = classes[Int(one)].policies
        var index = 0
        var end = list.count
        while index < end {
            let middle = (index + end) / 2
            guard let other = entries[list[middle]]?.policy else { break }
            let otherTier = policies.tier(named: other.tier)
            let goesBefore = tier == otherTier ? new.policy.isOrdered(before: other) : tier < otherTier
            if goesBefore { end = middle } else { index = middle + 1 }
        }
        classes[Int(one)].policies.insert(id, at: index)
        dirtyClasses.insert(one)
    }

    mutating func removePolicy(_ id: Int32, from one: Int32) {
        guard let index = classes[Int(one)].policies.firstIndex(of: id) else { return }
        classes[Int(one)].policies.remove(at: index)
        dirtyClasses.insert(one)
    }

    /// A tier that moved or whose last word changed: its policies are attached anew, with new numbers.
    mutating func refreshTier(_ name: String) {
        let members = policies.policies.values.filter { $0.tier == name && !$0.isStaged }
        // All of them first: the lists they are put back into must be in order.
        for policy in members { detach(policy.reference) }
        for policy in members { attach(policy) }
    }

    /// Gives every class whose policies changed the rule set of the policies it has now.
    mutating func settle() {
        for one in dirtyClasses {
            let key = classes[Int(one)].policies
            let old = classes[Int(one)].ruleSetKey
            guard key != old else { continue }
            if let shared = ruleSets[key] {
                classes[Int(one)].ruleSet = shared.ruleSet
                ruleSets[key]?.users += 1
            } else {
                let new = makeRuleSet(key)
                classes[Int(one)].ruleSet = new
                if !key.isEmpty { ruleSets[key] = SharedRuleSet(ruleSet: new, users: 1) }
            }
            classes[Int(one)].ruleSetKey = key
            releaseRuleSet(old)
            journal?.classes.insert(one)
        }
        dirtyClasses.removeAll(keepingCapacity: true)
    }

    mutating func releaseRuleSet(_ key: [Int32]) {
        guard !key.isEmpty, let users = ruleSets[key]?.users else { return }
        if users == 1 { ruleSets[key] = nil } else { ruleSets[key]?.users = users - 1 }
    }

    private func makeRuleSet(_ key: [Int32]) -> RuleSet {
        if key.isEmpty { return .empty }
        return RuleSet(egress: flatRules(key, .egress), ingress: flatRules(key, .ingress))
    }

    private func flatRules(_ key: [Int32], _ direction: Direction) -> FlatRules {
        var parts: [FlatRules.Part] = []
        var concernsOwnNode = false
        var start = 0
        let listed = key.compactMap { entries[$0] }
        while start < listed.count {
            let name = listed[start].policy.tier
            let end = listed[start...].firstIndex { $0.policy.tier != name } ?? listed.count
            var isolates = false
            var isolatesOwnNode = false
            var rules: [NormalRule] = []
            for entry in listed[start..<end] {
                guard let part = entry.policy[direction] else { continue }
                isolates = isolates || part.isolates
                if !part.exemptsOwnNode {
                    isolatesOwnNode = isolatesOwnNode || part.isolates
                    concernsOwnNode = true
                }
                rules += (direction == .egress ? entry.egress : entry.ingress) ?? []
            }
            if isolates || !rules.isEmpty {
                // Stable: inside one precedence the order of the policies and of their rules stays.
                let ordered =
                    rules.contains { $0.precedence != 0 }
                    ? rules.enumerated().sorted {
                        ($0.element.precedence, $0.offset) < ($1.element.precedence, $1.offset)
                    }
                    .map(\.element) : rules
                parts.append(
                    FlatRules.Part(
                        tier: policies.tier(named: name), isolates: isolates, isolatesOwnNode: isolatesOwnNode,
                        rules: ordered))
            }
            start = end
        }
        return FlatRules(parts, concernsOwnNode: concernsOwnNode)
    }
}

/// From a lowering's places to the engine's numbers.
private struct Renumbering {
    var selectors: [Int32]
    var atoms: [Int32]
    var names: [Int32]

    func rule(_ rule: NormalRule) -> NormalRule {
        var rule = rule
        rule.peers = rule.peers?.map(clause)
        rule.nearEnd = rule.nearEnd?.map(clause)
        rule.traffic = rule.traffic?.map { clause in
            var clause = clause
            for index in clause.names.indices { clause.names[index].id = names[Int(clause.names[index].id)] }
            return clause
        }
        return rule
    }

    private func clause(_ clause: EndClause) -> EndClause {
        var clause = clause
        for index in clause.literals.indices {
            switch clause.literals[index].subject {
            case .selector(let place): clause.literals[index].subject = .selector(selectors[Int(place)])
            case .atom(let place): clause.literals[index].subject = .atom(atoms[Int(place)])
            }
        }
        return clause
    }
}
