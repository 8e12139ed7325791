import Addressing

// Selectors and address sets: interned, counted, and kept with what they match.

extension PolicyEngine {
    /// The selectors that could match a class: those filed where the class is.
    mutating func candidates(for one: EndClass) -> [Int32] {
        guard one.key.subject == .pods else { return selectorsByBucket[Bucket(kind: .nodes)] ?? [] }
        var result: [Int32] = []
        func add(_ bucket: Bucket) {
            if let list = selectorsByBucket[bucket] { result += list }
        }
        add(Bucket(kind: .pods))
        add(Bucket(kind: .pods, namespace: one.namespaceID))
        for pair in one.pairs {
            add(Bucket(kind: .pods, pair: pair))
            add(Bucket(kind: .pods, namespace: one.namespaceID, pair: pair))
        }
        for (key, value) in one.view.namespace ?? [:] where key != LabelKey.namespaceName.name {
            if let pair = pairIDs[LabelPair(key: key, value: value)] { add(Bucket(kind: .namespaceLabel, pair: pair)) }
        }
        return result
    }

    mutating func retainSelector(_ key: SelectorKey) -> Int32 {
        if let id = selectorIDs[key] {
            selectors[Int(id)].users += 1
            return id
        }
        let buckets = buckets(for: key)
        let id: Int32
        let new = SelectorEntry(key: key, members: [], buckets: buckets, users: 1, subjectOf: [])
        if let free = freeSelectors.popLast() {
            id = free
            selectors[Int(id)] = new
        } else {
            id = Int32(selectors.count)
            selectors.append(new)
        }
        selectorIDs[key] = id
        var members: [Int32] = []
        for bucket in buckets {
            selectorsByBucket[bucket, default: []].append(id)
            for one in classesByBucket[bucket] ?? [] where key.expression.matches(classes[Int(one)].view) {
                members.append(one)
            }
        }
        members.sort()
        for one in members { classes[Int(one)].matching.insertSorted(id) }
        selectors[Int(id)].members = members
        return id
    }

    mutating func releaseSelector(_ id: Int32) {
        selectors[Int(id)].users -= 1
        guard selectors[Int(id)].users == 0 else { return }
        let old = selectors[Int(id)]
        for one in old.members { classes[Int(one)].matching.removeSorted(id) }
        for bucket in old.buckets {
            guard let index = selectorsByBucket[bucket]?.firstIndex(of: id) else { continue }
            selectorsByBucket[bucket]?.remove(at: index)
            if selectorsByBucket[bucket]?.isEmpty ?? false { selectorsByBucket[bucket] = nil }
        }
        selectorIDs[old.key] = nil
        selectors[Int(id)].members = []
        freeSelectors.append(id)
    }

    /// The class became a member; its own list is the caller's business.
    mutating func enter(_ one: Int32, _ selector: Int32) {
        selectors[Int(selector)].members.insertSorted(one)
        journal?.memberships[selector, default: []].insert(one)
        for policy in selectors[Int(selector)].subjectOf { addPolicy(policy, to: one) }
    }

    mutating func leave(_ one: Int32, _ selector: Int32) {
        selectors[Int(selector)].members.removeSorted(one)
        journal?.memberships[selector, default: []].insert(one)
        for policy in selectors[Int(selector)].subjectOf { removePolicy(policy, from: one) }
    }

    /// Under what a selector is filed. Every class it matches is filed under one of these, and under no two of them.
    private mutating func buckets(for key: SelectorKey) -> [Bucket] {
        guard key.subject == .pods else { return [Bucket(kind: .nodes)] }
        let namespaces = key.expression.requiredValues(of: .namespaceName)
        let own = boundLabel(of: key.expression, owner: .own)
        if let namespaces {
            let ids = namespaces.map { namespaceID($0) }
            guard let own, own.values.count * ids.count <= 64 else {
                return ids.map { Bucket(kind: .pods, namespace: $0) }
            }
            let pairs = own.values.map { pairID(own.key.name, $0) }
            return ids.flatMap { id in pairs.map { Bucket(kind: .pods, namespace: id, pair: $0) } }
        }
        if let own { return own.values.map { Bucket(kind: .pods, pair: pairID(own.key.name, $0)) } }
        if let label = boundLabel(of: key.expression, owner: .namespace) {
            return label.values.map { Bucket(kind: .namespaceLabel, pair: pairID(label.key.name, $0)) }
        }
        return [Bucket(kind: .pods)]
    }

    private func boundLabel(of expression: LabelExpression, owner: LabelKey.Owner) -> LabelRequirement? {
        for case .requirement(let requirement) in expression.conjuncts
        where requirement.key.owner == owner && requirement.comparison == .isIn && requirement.key != .namespaceName {
            return requirement
        }
        return nil
    }

    // MARK: Address sets

    mutating func retainAtom(_ source: AtomSource) -> Int32 {
        if let id = atomIDs[source] {
            atoms[Int(id)].users += 1
            return id
        }
        let new = AtomEntry(source: source, set: addresses(of: source), users: 1)
        let id: Int32
        if let free = freeAtoms.popLast() {
            id = free
            atoms[Int(id)] = new
        } else {
            id = Int32(atoms.count)
            atoms.append(new)
        }
        atomIDs[source] = id
        return id
    }

    mutating func releaseAtom(_ id: Int32) {
        atoms[Int(id)].users -= 1
        guard atoms[Int(id)].users == 0 else { return }
        atomIDs[atoms[Int(id)].source] = nil
        freeAtoms.append(id)
    }

    private func addresses(of source: AtomSource) -> AddressSet {
        switch source {
        case .blocks(let set): set
        case .service(let id): AddressSet(addresses: cluster.services[id]?.endpoints ?? [])
        case .apiServer: AddressSet(addresses: cluster.apiServerAddresses)
        case .networkSets(let expression): AddressSet(cluster.blocks(ofNetworkSets: expression))
        }
    }

    private mutating func refreshAtoms(where isConcerned: (AtomSource) -> Bool) {
        for (source, id) in atomIDs where isConcerned(source) {
            let set = addresses(of: source)
            guard set != atoms[Int(id)].set else { continue }
            atoms[Int(id)].set = set
            journal?.atoms.insert(id)
        }
    }

    mutating func refreshService(_ id: ServiceName) {
        refreshAtoms { source in
            switch source {
            case .service(let service): service == id
            case .apiServer: id == ServiceName(namespace: "default", name: "kubernetes")
            default: false
            }
        }
    }

    mutating func refreshNetworkSets() {
        refreshAtoms { if case .networkSets = $0 { true } else { false } }
    }
}

extension Cluster {
    /// What a selector sees of a network set.
    public func labels(of set: NetworkSet) -> LabelView {
        LabelView(own: set.labels, namespace: set.id.namespace.isEmpty ? nil : labels(ofNamespace: set.id.namespace))
    }

    func blocks(ofNetworkSets expression: LabelExpression) -> [AddressBlock] {
        networkSets.values.filter { expression.matches(labels(of: $0)) }.flatMap(\.prefixes).map { AddressBlock($0) }
    }
}

extension Array where Element == Int32 {
    /// The place of the first element that is not less.
    func lowerBound(_ value: Int32) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insertSorted(_ value: Int32) {
        let index = lowerBound(value)
        if index == count || self[index] != value { insert(value, at: index) }
    }

    mutating func removeSorted(_ value: Int32) {
        let index = lowerBound(value)
        if index < count && self[index] == value { remove(at: index) }
    }

    func containsSorted(_ value: Int32) -> Bool {
        let index = lowerBound(value)
        return index < count && self[index] == value
    }
}
