import Findings

/// What a run of checks says: the causes, what follows from them, what nothing explains, and what was not looked at.
public struct DiagnosisReport: Sendable {
    public struct Entry: Sendable {
        public var root: Diagnosis
        public var consequences: [Diagnosis]

        /// The root, and what is folded under it.
        public var all: [Diagnosis] { [root] + consequences }

        /// Symptoms that are explained by the root or by what follows from it.
        public var explains: Set<String> { all.reduce(into: Set<String>()) { $0.formUnion($1.explains) } }
    }

    public let entries: [Entry]
    public let outcomes: [CheckOutcome]
    /// What people see, explained or not.
    public let symptoms: [Symptom]
    /// When the evidence was collected, in seconds since 1970; nil where nothing says.
    public let now: Int64?
    /// What is known of the size of the cluster.
    public let counts: Counts
    /// Why the objects that everything stands on could not be read: `pods: Forbidden ...`.
    public let refused: [String]
    /// What the API server did not let the doctor see.
    public let denied: AccessDenials?
    /// Of machines without a cluster's API: why "nothing found" would say too little. That it is no node, or what of it could
    /// not be read.
    public let limits: [String]
    /// What the cluster's network does not do at all in this version: no fault, and no secret.
    public let unserved: [String]
    /// What all ailing nodes have and no healthy one has.
    public let comparison: NodeComparison?
    /// What is otherwise than in the baseline, when there is one.
    public let changes: [String]
    /// What it cost to ask the cluster, and what was left out.
    public let collection: CollectionRecord?
    /// What nobody looked at.
    public let open: [OpenQuestion]
    /// What was sent, and what came of it.
    public let probes: [ProbeReport]
    /// Why nothing was sent from some places.
    public let unsentProbes: [String]
    /// Commands that were run in agents' pods.
    public let executed: [ExecutedCommand]
    /// Pods that run on the machines the first cause is about; nil when it is about none.
    public let podsThere: Int?
    /// Names to fill commands with: those of the first that ails, else of any.
    public let example: Example?
    /// What was wrong with the evidence itself.
    public var problems: [Finding] = []
    /// Said before anything else: that there was no cluster to ask, for one.
    public var notes: [String] = []
    private let explained: Set<String>

    public struct Example: Sendable, Hashable {
        public var node: String
        /// An agent of the network there.
        public var agentNamespace: String?
        public var agentPod: String?
        /// Which network it is of, as ``NetworkComponent`` names it.
        public var agent: String?

        init?(_ facts: FactBase) {
            let ailing = facts.symptoms(.node, .sandbox, .terminate, .probe, .ready).lazy.map(\.node).first {
                !$0.isEmpty
            }
            guard let node = ailing ?? facts.objects("nodes").first?.name ?? facts.machines.first?.name else {
                return nil
            }
            self.node = node
            let component = facts.components(.agent).first { !$0.pods(on: node).isEmpty }
            let pod = component?.pods(on: node).first
            agent = component?.component.name
            agentNamespace = pod?.namespace
            agentPod = pod?.name
        }
    }

    public struct Counts: Sendable, Hashable {
        public var nodes = 0
        public var pods = 0
        public var services = 0
        /// Machines that were looked into.
        public var machines = 0
    }

    /// - Parameter symptoms: others than those of the facts.
    public init(
        _ facts: FactBase, _ checks: [any Check], symptoms: [Symptom]? = nil, graph: CauseGraph = .standard
    ) {
        var found: [Diagnosis] = []
        var outcomes: [CheckOutcome] = []
        let runner = CheckRunner(facts)
        func add(_ run: CheckRunner.Run) {
            outcomes.append(run.outcome)
            for finding in run.findings where !found.contains(finding) { found.append(finding) }
        }
        facts.workers.map(checks.filter { !($0 is any LateCheck) }) { runner.run($0) }.forEach(add)
        // What reads messages runs last: it sees what the others computed.
        for check in checks.compactMap({ $0 as? any LateCheck }) {
            add(runner.run(check, after: EarlierFindings(found, outcomes)))
        }
        entries = graph.folded(found).map { Entry(root: $0.root, consequences: $0.consequences) }
        self.outcomes = outcomes
        self.symptoms = symptoms ?? facts.symptoms
        now = facts.now
        counts = Counts(
            nodes: facts.objects("nodes").count, pods: facts.objects("pods").count,
            services: facts.objects("services").count, machines: facts.machines.count(where: \.wasRead))
        refused = Self.foundations.compactMap { resource in
            facts.missing[.objects(resource)].map { "\(resource): \($0)" }
        }
        denied = AccessDenials(facts)
        limits = MachineLimits(facts).sentences
        unserved = [UnservedServices(facts)?.sentence].compactMap { $0 }
        open = OpenQuestion.all(facts)
        probes = facts.probes
        unsentProbes = facts.unsentProbes
        executed = ExecutedCommand.all(facts)
        example = Example(facts)
        podsThere = Self.podsThere(entries.first?.root, facts)
        comparison = NodeComparison(facts)
        changes = BaselineChanges(facts).lines
        collection = CollectionRecord(facts.evidence)
        let explained = found.reduce(into: Set<String>()) { $0.formUnion($1.explains) }
        self.explained = explained
        lastWords = LastWords(of: self.symptoms.filter { !explained.contains($0.id) }, facts).bySymptom
    }

    /// Objects without which nearly every check has nothing to look at.
    private static let foundations = [
        "nodes", "pods", "services", "endpointslices.discovery.k8s.io", "daemonsets.apps", "events",
    ]

    private static func podsThere(_ root: Diagnosis?, _ facts: FactBase) -> Int? {
        guard let root else { return nil }
        let nodes = Set(
            root.places.filter { $0.hasPrefix("Node/") }.map { String($0.dropFirst(5).prefix { $0 != " " }) })
        if nodes.isEmpty { return nil }
        let count = facts.pods.count { nodes.contains($0.node) && !$0.isFinished && !$0.isOnHostNetwork }
        return count > 0 ? count : nil
    }

    /// What events say last of symptoms that no finding explains, by ``Symptom/id``; not of every one of them.
    public let lastWords: [String: Diagnosis.Evidence]

    /// Symptoms that no finding explains.
    public var unexplained: [Symptom] { symptoms.filter { !explained.contains($0.id) } }

    /// No check is surer than the catalogue: where its row says that other causes look the same, a finding is likely at
    /// most, and says what would decide.
    static func bounded(_ finding: Diagnosis) -> Diagnosis {
        var finding = finding.withoutSecrets
        finding.fix = finding.fix?.completed(Cause.coded(finding.code))
        guard finding.confidence == .certain, let cause = Cause.coded(finding.code), !cause.isDecisive else {
            return finding
        }
        finding.confidence = .likely
        if finding.needs.isEmpty, !cause.shows.isEmpty { finding.needs = [cause.shows] }
        return finding
    }

    public enum Status: String, Sendable, Hashable { case healthy, findings, couldNotSay }

    /// Nothing found is healthy only when at least one check could look, the objects that everything stands on were
    /// there, a machine alone is a node and could be read, and no symptom is left over. Containers that end by themselves are not the network's.
    public var status: Status {
        if !entries.isEmpty { return .findings }
        let ran = outcomes.contains { if case .ran = $0.state { true } else { false } }
        let isQuiet = unexplained.allSatisfy { !$0.isOfNetwork }
        return ran && isQuiet && refused.isEmpty && limits.isEmpty ? .healthy : .couldNotSay
    }
}
