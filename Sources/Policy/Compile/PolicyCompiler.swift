import Addressing

/// Keeps the programs of local endpoints up to date while the cluster changes.
///
/// Endpoints whose pods the same policies select share one program, unless a rule is about the endpoint itself (names
/// of its ports, Calico's conditions on the near end). A change of one object costs what depends on it: a new pod of a
/// known class nothing but its assignment, a new class the tables of that class in the programs that select it, a
/// policy the programs of the pods it selects.
public struct PolicyCompiler: Sendable {
    /// Which pods are endpoints here.
    public enum Scope: Sendable, Hashable {
        /// Pods of one node: what an agent compiles.
        case node(String)
        /// Every pod: what a central computation would.
        case everywhere
    }

    public private(set) var engine: PolicyEngine
    public let scope: Scope
    var programs: [Int32: ProgramRecord] = [:]
    private var programIDs: [ProgramKey: Int32] = [:]
    private var nextProgram: Int32 = 0
    /// Endpoint to program.
    private var assignments: [Int32: Int32] = [:]
    /// Local pods by class.
    private var localPods: [Int32: Set<Int32>] = [:]
    private var classOfPod: [Int32: Int32] = [:]
    /// Programs that depend on a selector, an address set, a name of a port.
    private var bySelector: [Int32: Set<Int32>] = [:]
    private var byAtom: [Int32: Set<Int32>] = [:]
    private var byPeerName: [Int32: Set<Int32>] = [:]
    private var byGlobalName: [Int32: Set<Int32>] = [:]

    public init(cluster: Cluster = Cluster(), policies: PolicySet = PolicySet(), scope: Scope) {
        self.init(engine: PolicyEngine(cluster: cluster, policies: policies), scope: scope)
    }

    public init(engine: PolicyEngine, scope: Scope) {
        self.engine = engine
        self.scope = scope
        self.engine.journal = EngineJournal()
        for id in engine.podIDs.numbers { self.engine.journal?.pods.insert(id) }
        _ = drain()
    }

    /// Applies changes and answers what must be written. Nothing, when nothing a datapath would see has changed.
    @discardableResult
    public mutating func apply(_ changes: some Sequence<EngineChange>) -> CompilerDelta {
        engine.apply(changes)
        return drain()
    }

    @discardableResult
    public mutating func apply(_ change: EngineChange) -> CompilerDelta { apply(CollectionOfOne(change)) }

    // MARK: Reading

    /// The program of a local pod; nil for others.
    public func program(of pod: PodName) -> EndpointProgram? {
        guard let id = engine.podIDs[pod], let program = assignments[id] else { return nil }
        return programs[program]?.program
    }

    public var endpointCount: Int { assignments.count }
    public var programCount: Int { programs.count }
    /// Entries that would be in maps: those of each program once.
    public var entryCount: Int { programs.values.reduce(0) { $0 + $1.program.entryCount } }

    /// The number by which programs know the pods of a class; nil for pods that are no policy endpoints.
    public func identity(of pod: PodName) -> Int32? {
        guard let id = engine.podIDs[pod], engine.pods[Int(id)].classID >= 0 else { return nil }
        return engine.pods[Int(id)].classID
    }
}

struct ProgramKey: Hashable, Sendable {
    var policies: [Int32]
    /// Named ports of the subject, when ingress rules ask for them.
    var ports: [EndClass.NamedPort]
    /// Whether each rule with a near end holds for the subject, per direction and family.
    var nearEnd: [Bool]
}

struct ProgramRecord: Sendable {
    var key: ProgramKey
    var program: EndpointProgram
    var endpoints: Set<Int32> = []
}

/// What changed for a datapath.
public struct CompilerDelta: Sendable {
    /// Lines of programs that came and went, by program; a program that is new has all its lines here.
    public var added: [Int32: [DatapathEntry]] = [:]
    public var removed: [Int32: [DatapathEntry]] = [:]
    /// Programs whose tiers (not only entries) changed: isolation or the list of tiers.
    public var reshaped: Set<Int32> = []
    /// Endpoints that run another program now.
    public var assigned: [PodName: Int32] = [:]
    public var released: Set<Int32> = []

    public var isEmpty: Bool {
        added.isEmpty && removed.isEmpty && reshaped.isEmpty && assigned.isEmpty && released.isEmpty
    }
}

// MARK: - Updating

extension PolicyCompiler {
    private mutating func drain() -> CompilerDelta {
        guard let journal = engine.journal else { return CompilerDelta() }
        engine.journal = EngineJournal()
        var before: [Int32: EndpointProgram] = [:]
        func remember(_ id: Int32) { if before[id] == nil { before[id] = programs[id]?.program } }

        // Programs whose insides changed.
        var whole: Set<Int32> = []
        for atom in journal.atoms { whole.formUnion(byAtom[atom] ?? []) }
        for name in journal.portNames { whole.formUnion(byGlobalName[name] ?? []) }
        var identities: [Int32: Set<Int32>] = [:]
        for (selector, members) in journal.memberships {
            for program in bySelector[selector] ?? [] { identities[program, default: []].formUnion(members) }
        }
        for one in journal.classes {
            for port in engine.classes[Int(one)].ports {
                for program in byPeerName[port.name] ?? [] { identities[program, default: []].insert(one) }
            }
        }
        for program in whole {
            guard let key = programs[program]?.key else { continue }
            remember(program)
            let new = makeProgram(key)
            programs[program]?.program = new
        }
        for (program, members) in identities where !whole.contains(program) && programs[program] != nil {
            remember(program)
            refresh(program, members)
        }

        // Endpoints that need another program.
        var moved: Set<Int32> = []
        for pod in journal.pods where relocate(pod) { moved.insert(pod) }
        for one in journal.classes { moved.formUnion(localPods[one] ?? []) }
        // Conditions on the near end ask for memberships of the subject itself.
        for members in journal.memberships.values {
            for one in members where engine.classes[Int(one)].ruleSet.hasNearEnds {
                moved.formUnion(localPods[one] ?? [])
            }
        }
        if !journal.atoms.isEmpty { moved.formUnion(assignments.keys) }
        return reassign(moved, before)
    }

    /// Files a pod where it is local. Answers whether it has to be looked at.
    private mutating func relocate(_ pod: Int32) -> Bool {
        let entry = engine.pods[Int(pod)]
        var isLocal = entry.classID >= 0
        if case .node(let name) = scope {
            isLocal = isLocal && entry.nodeID >= 0 && engine.nodes[Int(entry.nodeID)].name == name
        }
        let old = classOfPod[pod]
        if let old, old != entry.classID || !isLocal {
            localPods[old]?.remove(pod)
            if localPods[old]?.isEmpty ?? false { localPods[old] = nil }
            classOfPod[pod] = nil
        }
        if isLocal && old != entry.classID || isLocal && old == nil {
            localPods[entry.classID, default: []].insert(pod)
            classOfPod[pod] = entry.classID
        }
        return isLocal || old != nil
    }

    private mutating func reassign(_ pods: Set<Int32>, _ remembered: [Int32: EndpointProgram]) -> CompilerDelta {
        var before = remembered
        var delta = CompilerDelta()
        var created: Set<Int32> = []
        var abandoned: Set<Int32> = []
        var moves: [(pod: Int32, old: Int32?, key: ProgramKey)] = []
        for pod in pods {
            let old = assignments[pod]
            let key = classOfPod[pod].map { programKey(pod, $0) }
            if let old, let key, programs[old]?.key == key { continue }
            if let old {
                programs[old]?.endpoints.remove(pod)
                abandoned.insert(old)
            }
            assignments[pod] = nil
            if let key { moves.append((pod, old, key)) }
        }
        for (pod, old, key) in moves {
            // A program that all its endpoints leave for the same other one stays where it is and changes inside.
            let id: Int32
            if let known = programIDs[key] {
                id = known
            } else if let old, let record = programs[old], record.endpoints.isEmpty, record.key != key {
                id = old
                if before[old] == nil { before[old] = record.program }
                programIDs[record.key] = nil
                forget(old)
                install(old, key)
            } else {
                id = nextProgram
                nextProgram += 1
                created.insert(id)
                install(id, key)
            }
            programs[id]?.endpoints.insert(pod)
            assignments[pod] = id
            if id != old { delta.assigned[engine.podIDs.names[Int(pod)]] = id }
        }
        // Programs that lost their last endpoint.
        for id in abandoned {
            guard let record = programs[id], record.endpoints.isEmpty else { continue }
            delta.released.insert(id)
            programIDs[record.key] = nil
            forget(id)
            programs[id] = nil
        }
        for id in Set(before.keys).union(delta.assigned.values) {
            guard let now = programs[id]?.program else { continue }
            compare(before[id], now, id, created: created, &delta)
        }
        return delta
    }

    private func compare(
        _ old: EndpointProgram?, _ now: EndpointProgram, _ id: Int32, created: Set<Int32>, _ delta: inout CompilerDelta
    ) {
        guard let old else {
            if created.contains(id) { delta.added[id] = now.entries }
            return
        }
        if old == now { return }
        if old.shape != now.shape { delta.reshaped.insert(id) }
        let before = Set(old.entries)
        let after = Set(now.entries)
        let added = after.subtracting(before)
        let removed = before.subtracting(after)
        if !added.isEmpty { delta.added[id] = Array(added) }
        if !removed.isEmpty { delta.removed[id] = Array(removed) }
    }

    private mutating func install(_ id: Int32, _ key: ProgramKey) {
        let endpoints = programs[id]?.endpoints ?? []
        programs[id] = ProgramRecord(key: key, program: makeProgram(key), endpoints: endpoints)
        programIDs[key] = id
        for recipe in programs[id]?.program.recipes ?? [] {
            for selector in recipe.selectors { bySelector[selector, default: []].insert(id) }
            for atom in recipe.atoms { byAtom[atom, default: []].insert(id) }
            for name in recipe.peerNames { byPeerName[name, default: []].insert(id) }
            for name in recipe.globalNames { byGlobalName[name, default: []].insert(id) }
        }
    }

    private mutating func forget(_ id: Int32) {
        for recipe in programs[id]?.program.recipes ?? [] {
            for selector in recipe.selectors { bySelector[selector]?.remove(id) }
            for atom in recipe.atoms { byAtom[atom]?.remove(id) }
            for name in recipe.peerNames { byPeerName[name]?.remove(id) }
            for name in recipe.globalNames { byGlobalName[name]?.remove(id) }
        }
    }

    // MARK: Programs

    private func programKey(_ pod: Int32, _ classID: Int32) -> ProgramKey {
        let one = engine.classes[Int(classID)]
        var key = ProgramKey(policies: one.ruleSetKey, ports: [], nearEnd: [])
        if one.ruleSet.ingress.asksForSubjectPorts { key.ports = one.ports }
        for direction in Direction.allCases {
            let rules = one.ruleSet[direction]
            guard rules.hasNearEnds else { continue }
            for rule in rules.normal where rule.nearEnd != nil {
                for family in IPFamily.allCases { key.nearEnd.append(holds(rule.nearEnd ?? [], pod, one, family)) }
            }
        }
        return key
    }

    private func holds(_ clauses: [EndClause], _ pod: Int32, _ one: EndClass, _ family: IPFamily) -> Bool {
        let entry = engine.pods[Int(pod)]
        let hasAddress = family == .v4 ? entry.hasV4 : entry.hasV6
        let address = family == .v4 ? UInt128(entry.v4) : entry.v6
        return clauses.contains { clause in
            clause.kinds.contains(.pod)
                && clause.literals.allSatisfy { literal in
                    switch literal.subject {
                    case .selector(let id): one.matching.containsSorted(id) != literal.isNegated
                    case .atom(let id):
                        (hasAddress && engine.atoms[Int(id)].set.contains(address, family)) != literal.isNegated
                    }
                }
        }
    }

    private func makeProgram(_ key: ProgramKey) -> EndpointProgram {
        guard let shared = engine.ruleSets[key.policies]?.ruleSet else {
            let nothing = DirectionProgram(tiers: [], concernsOwnNode: false)
            return EndpointProgram(egress: nothing, ingress: nothing)
        }
        var near = key.nearEnd[...]
        func direction(_ direction: Direction) -> DirectionProgram {
            let flat = shared[direction]
            var tiers: [TierProgram] = []
            for tier in flat.tiers {
                // A near end that holds in one family only splits its rule.
                var rules: [NormalRule] = []
                for rule in flat.normal[Int(tier.bounds.start)..<Int(tier.bounds.end)] {
                    guard rule.nearEnd != nil else {
                        rules.append(rule)
                        continue
                    }
                    let v4 = near.popFirst() ?? false
                    let v6 = near.popFirst() ?? false
                    rules.append(rule.restricted(v4: v4, v6: v6))
                }
                let recipe = TierRecipe(
                    rules, direction, subjectPorts: key.ports)
                var program = TierProgram(
                    name: tier.name, isolates: tier.bounds.isolates, isolatesOwnNode: tier.bounds.isolatesOwnNode,
                    deniesAtEnd: tier.bounds.denies, tables: [:], prefixes: [:], specific: [], recipe: recipe)
                var memo = TableMemo()
                recipe.fill(&program, engine, &memo)
                tiers.append(program)
            }
            return DirectionProgram(tiers: tiers, concernsOwnNode: flat.concernsOwnNode)
        }
        let egress = direction(.egress)
        return EndpointProgram(egress: egress, ingress: direction(.ingress))
    }

    private mutating func refresh(_ id: Int32, _ identities: Set<Int32>) {
        guard var program = programs[id]?.program else { return }
        programs[id]?.program = EndpointProgram(
            egress: DirectionProgram(tiers: [], concernsOwnNode: false),
            ingress: DirectionProgram(tiers: [], concernsOwnNode: false))
        for index in program.egress.tiers.indices { refresh(&program.egress.tiers[index], identities) }
        for index in program.ingress.tiers.indices { refresh(&program.ingress.tiers[index], identities) }
        programs[id]?.program = program
    }

    private func refresh(_ tier: inout TierProgram, _ identities: Set<Int32>) {
        var memo = TableMemo()
        let recipe = tier.recipe
        for identity in identities { recipe.refresh(identity, &tier, engine, &memo) }
    }
}

extension NormalRule {
    /// The rule for one subject, whose near end holds in these families.
    fileprivate func restricted(v4: Bool, v6: Bool) -> NormalRule {
        var rule = self
        rule.nearEnd = nil
        if v4 && v6 { return rule }
        if !v4 && !v6 {
            rule.traffic = []
            return rule
        }
        rule.traffic = (traffic ?? [TrafficClause()]).compactMap { clause in
            var clause = clause
            clause.isIPv4 = clause.isIPv4 && v4
            clause.isIPv6 = clause.isIPv6 && v6
            return clause.isImpossible ? nil : clause
        }
        return rule
    }
}

extension EndpointProgram {
    var recipes: [TierRecipe] { (egress.tiers + ingress.tiers).map(\.recipe) }

    struct Shape: Equatable {
        var tiers: [[String]]
        var flags: [Bool]
    }

    var shape: Shape {
        let tiers = egress.tiers + ingress.tiers
        return Shape(
            tiers: [egress.tiers.map(\.name), ingress.tiers.map(\.name)],
            flags: tiers.flatMap { [$0.isolates, $0.isolatesOwnNode, $0.deniesAtEnd] }
                + [egress.concernsOwnNode, ingress.concernsOwnNode])
    }
}
