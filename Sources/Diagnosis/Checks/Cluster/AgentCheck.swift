import JSONTree

/// Agents that do not run on their node, and why: the agent's own last fatal line is the cause, that it does not run only
/// its consequence.
struct AgentCheck: Check {
    let name = "network agents"
    let codes = [
        "INS-01", "INS-04", "INS-06", "INS-07", "INS-09", "INS-11", "INS-12", "API-01", "API-02", "API-03", "NOD-02",
        "BPF-02", "BPF-05", "IPM-01",
    ]
    let needs: [FactName] = [.objects("pods"), .objects("nodes")]

    func applies(to facts: FactBase) -> Bool { !facts.components(.agent, .chained, .policy).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let components = facts.components(.agent, .chained, .policy)
        // A node with any agent has one: pools of nodes may run different providers.
        let covered = Set(
            components.filter { $0.component.role == .agent }.flatMap(\.pods).filter { !$0.isDeleted }
                .compactMap(\.nodeName))
        var findings: [Diagnosis] = []
        for component in components {
            let isAgent = component.component.role == .agent
            let every = Set(facts.objects("nodes").map(\.name))
            let states = AgentState.all(of: component, facts, covered: isAgent ? covered : every)
            if states.isEmpty { continue }
            let causes = causes(of: states, facts)
            findings += causes
            if var own = consequence(states, facts) {
                // No surer than what brought it about, so that it is told as the consequence it is.
                if let least = causes.map(\.confidence).min(), states.allSatisfy({ $0.pod != nil }) {
                    own.confidence = min(own.confidence, least)
                    if own.confidence < .certain, let pod = states[0].pod {
                        own.needs = ["kubectl -n \(pod.namespace) logs \(pod.name) --previous: the last thing it says"]
                    }
                }
                findings.append(own)
            }
        }
        return findings
    }

    // MARK: The cause

    private func causes(of states: [AgentState], _ facts: FactBase) -> [Diagnosis] {
        var groups: [String: [(state: AgentState, sign: MessageReading.Sign)]] = [:]
        var silent: [AgentState] = []
        for state in states {
            if let sign = sign(of: state, facts), sign.code != "INS-01" {
                groups[sign.code, default: []].append((state, sign))
            } else if state.kind == .crashing || state.kind == .unready {
                silent.append(state)
            }
        }
        return outdated(silent, facts)
            + groups.keys.sorted().compactMap { code in
                guard let cause = Cause.coded(code), let group = groups[code], let first = group.first else {
                    return nil
                }
                var confidence = group.map(\.sign.confidence).max() ?? .likely
                // What the agent's own account was refused is the last thing it said before it ended, now.
                if code == "API-02", group.contains(where: { Self.isOwnDenial($0.sign, $0.state) }) {
                    confidence = .certain
                }
                let nodes = group.map(\.state.node)
                var finding = Diagnosis(
                    cause, confidence, at: [first.state.component.place] + nodes.map { "Node/\($0)" },
                    evidence: Array(group.prefix(2).map(\.sign.evidence)),
                    because: [
                        first.sign.speaker.map {
                            "\(first.state.component.component.name) on \(listed(nodes)) waits for what \($0) gives out, and \($0) says why it cannot."
                        }
                            ?? "\(first.state.component.component.name) ends on \(listed(nodes)) and this is the last thing it says.",
                        cause.mechanism,
                    ],
                    explains: group.reduce(into: []) { $0.formUnion($1.state.symptoms) })
                if confidence < .certain, !first.sign.needs.isEmpty { finding.needs = first.sign.needs }
                AccessRules.sharpen(&finding, first.sign.text, facts)
                return finding
            }
    }

    private static func isOwnDenial(_ sign: MessageReading.Sign, _ state: AgentState) -> Bool {
        guard state.kind == .crashing, let pod = state.pod, let denial = AccessDenial(sign.text) else { return false }
        let account = pod.text("spec", "serviceAccountName") ?? "default"
        return denial.user == "system:serviceaccount:\(pod.namespace):\(account)"
    }

    /// Agents that say nothing we know on kernels that are older than what their release asks for.
    private func outdated(_ states: [AgentState], _ facts: FactBase) -> [Diagnosis] {
        let short = states.compactMap { state in
            facts.object("nodes", "", state.node).flatMap { VersionCheck.shortfall(of: state.component, on: $0) }
                .map { (state, $0) }
        }
        guard let (state, first) = short.first else { return [] }
        return [
            .of(
                "INS-09",
                "\(first.component.component.name) \(first.release) does not start on the kernel of "
                    + listed(short.map(\.0.node)), .likely,
                at: [state.component.place] + short.prefix(6).map { "Node/\($0.0.node)" },
                evidence: first.evidence + [
                    .init(
                        MessageReading.shortened(state.line),
                        from: state.component.workload?.source ?? first.node.source)
                ],
                because: [first.because], explains: short.reduce(into: []) { $0.formUnion($1.0.symptoms) },
                fix: VersionCheck.fix(first), deadEnds: ["restarting the agent: the kernel stays what it is"],
                needs: [
                    "kubectl -n \(state.component.namespace) logs \(state.pod?.name ?? "POD") --previous: what it says before it ends"
                ])
        ]
    }

    private func sign(of state: AgentState, _ facts: FactBase) -> MessageReading.Sign? {
        guard let pod = state.pod, state.kind == .crashing || state.kind == .unready else { return nil }
        var found: [MessageReading.Sign] = []
        if let container = state.container {
            if state.kind == .crashing {
                if container.waiting != "CrashLoopBackOff", !container.waitingMessage.isEmpty {
                    found += MessageReading.sign(of: container.waitingMessage, from: pod.source).map { [$0] } ?? []
                }
                if !container.endMessage.isEmpty {
                    found += MessageReading.sign(of: container.endMessage, from: pod.source).map { [$0] } ?? []
                }
            }
            for isPrevious in [true, false] {
                let path = EvidencePath.log(pod.namespace, pod.name, container.name, previous: isPrevious)
                if let log = facts.evidence[path], let sign = MessageReading.sign(ofLog: log) { found.append(sign) }
            }
            if let log = Self.ownFile(of: state, facts), let sign = MessageReading.sign(ofLog: log) {
                found.append(sign)
            }
        }
        for event in facts.events(ofPod: pod, "Failed", "FailedMount", "Unhealthy").reversed() {
            if let sign = MessageReading.sign(of: event.message, from: event.source) { found.append(sign) }
        }
        let narrowed = found.compactMap { Self.narrowed($0, facts) }.map {
            Self.ofController(Self.refused($0, on: state.node, facts), state, facts)
        }
        return narrowed.first { $0.confidence == .certain } ?? narrowed.first
    }

    /// Some daemons say on their machine's disk what their container does not: the entry script of aws-node only waits.
    private static func ownFile(of state: AgentState, _ facts: FactBase) -> EvidenceTree.Document? {
        guard state.component.component.name.hasPrefix("aws") else { return nil }
        return facts.machine(state.node)?[NodeEvidence.Part("logs/ipamd.log")]
    }

    /// Stage two: other facts decide what the line leaves open.
    static func narrowed(_ sign: MessageReading.Sign, _ facts: FactBase) -> MessageReading.Sign? {
        var sign = sign
        switch sign.code {
        case "API-02":
            // A role that was given since is no cause any more.
            guard let denial = AccessDenial(sign.text), let rules = AccessRules(facts) else { return sign }
            if rules.allows(denial) { sign.confidence = .possible }
            return sign.confidence > .possible ? sign : nil
        case "API-03":
            // Through the Service it may be kube-proxy; the server's own address leaves the way there alone.
            guard sign.confidence == .likely, let target = DialTarget(sign.text) else { return sign }
            let service = facts.object("services", "default", "kubernetes")
            let isService = service?.text("spec", "clusterIP") == target.host
            if service != nil, !isService { sign.confidence = .certain }
            return sign
        default: return sign
        }
    }

    /// Some agents wait for ranges that a controller of their own gives out: where the Node has a podCIDR it is not the
    /// cluster's that is missing, and what the controller says of the node tells why.
    private static func ofController(
        _ sign: MessageReading.Sign, _ state: AgentState, _ facts: FactBase
    ) -> MessageReading.Sign {
        guard sign.code == "IPM-01", !facts.podRanges(state.node).isEmpty else { return sign }
        for controller in facts.components(.controller)
        where controller.component.name.hasPrefix(state.component.component.name) {
            for pod in controller.pods {
                for log in facts.logs(pod.namespace, pod.name) {
                    guard var found = MessageReading.sign(ofLog: log),
                        ["API-01", "API-02", "API-03"].contains(found.code)
                    else { continue }
                    found.speaker = controller.component.name
                    return found
                }
            }
        }
        return sign
    }

    /// A kernel that refuses what it has (EPERM) lacks nothing: where the machine's settings are strict, they are why.
    private static func refused(
        _ sign: MessageReading.Sign, on node: String, _ facts: FactBase
    ) -> MessageReading.Sign {
        guard ["INS-07", "BPF-01", "BPF-02"].contains(sign.code), sign.text.contains("operation not permitted"),
            let machine = facts.machine(node), let strict = BPFCheck.hardening(machine).first
        else { return sign }
        var sign = sign
        sign.code = "BPF-05"
        sign.confidence = .likely
        sign.needs = ["the agent's log after \(strict.0) was loosened on \(node)"]
        return sign
    }

    // MARK: The consequence

    private func consequence(_ states: [AgentState], _ facts: FactBase) -> Diagnosis? {
        guard let cause = Cause.coded("INS-01"), let first = states.first else { return nil }
        let component = first.component
        let nodes = states.map(\.node)
        // What a readiness probe says is sure only where pods suffer; AgentState leaves the others out.
        var evidence = states.prefix(3).map {
            Diagnosis.Evidence(
                MessageReading.shortened($0.line),
                from: $0.pod?.source ?? component.workload?.source ?? FactSource($0.node))
        }
        if let pod = first.pod, let container = first.container, first.kind == .crashing {
            let previous = facts.evidence[EvidencePath.log(pod.namespace, pod.name, container.name, previous: true)]
            let own = facts.evidence[EvidencePath.log(pod.namespace, pod.name, container.name)]
            if let log = previous ?? own, let last = MessageReading.lastTrouble(ofLog: log) { evidence.append(last) }
        }
        if first.kind == .imageMissing, let pod = first.pod,
            let event = facts.events(ofPod: pod, "Failed").last(where: { $0.message.contains("pull") })
        {
            evidence.append(Diagnosis.Evidence(MessageReading.shortened(event.message), from: event.source))
        }
        return Diagnosis(
            cause.code, cause.title, .certain, at: [component.place] + nodes.map { "Node/\($0)" },
            evidence: evidence, because: because(states) + [cause.mechanism],
            explains: states.reduce(into: []) { $0.formUnion($1.symptoms) }, fix: fix(first, facts),
            prevent: prevention(first),
            deadEnds: [cause.not])
    }

    private func because(_ states: [AgentState]) -> [String] {
        var lines: [String] = []
        for kind in [AgentState.Kind.outOfMemory, .imageMissing, .crashing, .evicted, .notScheduled, .absent, .unready]
        {
            let group = states.filter { $0.kind == kind }
            guard let first = group.first else { continue }
            let nodes = listed(group.map(\.node))
            let name = first.component.component.name
            switch kind {
            case .outOfMemory:
                let limit = Self.memoryLimit(first)
                lines.append("\(name) on \(nodes) was killed at its memory limit\(limit.map { " of \($0)" } ?? "").")
            case .imageMissing: lines.append("The image of \(name) cannot be pulled on \(nodes).")
            case .crashing: lines.append("\(name) on \(nodes) ends as often as it is started.")
            case .evicted: lines.append("\(name) was put off \(nodes).")
            case .notScheduled: lines.append("\(name) is not meant for \(nodes) as it is: \(first.line).")
            case .absent: lines.append("There is no pod of \(name) on \(nodes), though nothing keeps it from there.")
            case .unready: lines.append("\(name) on \(nodes) runs and does not become ready.")
            }
        }
        return lines
    }

    /// Twice the container's limit of memory, in its own unit: `512Mi` for `256Mi`.
    private static func doubled(_ state: AgentState) -> String {
        let containers = state.pod?.list("spec", "containers") ?? []
        let own = containers.first { $0.member("name")?.string == state.container?.name } ?? containers.first
        guard let limit = own?.at("resources", "limits", "memory")?.string else { return "1Gi" }
        let digits = limit.prefix { $0.isNumber }
        return Int64(digits).map { "\($0 * 2)\(limit.dropFirst(digits.count))" } ?? "1Gi"
    }

    /// Of the container that waits for it, which need not be the one the agent runs in.
    private static func image(_ state: AgentState) -> String {
        guard let name = state.container?.name, let pod = state.pod else { return state.component.image }
        let all = pod.list("spec", "initContainers") + pod.list("spec", "containers")
        return all.first { $0.member("name")?.string == name }?.member("image")?.string ?? state.component.image
    }

    private func fix(_ state: AgentState, _ facts: FactBase) -> Diagnosis.Fix {
        let namespace = state.component.namespace
        let workload = state.component.workload?.name ?? state.component.component.name
        switch state.kind {
        case .outOfMemory:
            return Diagnosis.Fix(
                [
                    "kubectl -n \(namespace) set resources daemonset/\(workload) -c \(state.container?.name ?? workload) --limits=memory=\(Self.doubled(state)) # twice of what it has"
                ], undo: "kubectl -n \(namespace) rollout undo daemonset/\(workload)",
                risk: "the DaemonSet rolls over all nodes; running pods keep their network", seconds: 300)
        case .imageMissing:
            return Diagnosis.Fix(
                [
                    "kubectl -n \(namespace) describe pod \(state.pod?.name ?? "") # why the registry did not answer",
                    "on \(state.node): crictl pull \(Self.image(state))",
                ], risk: "none: it reads an image", seconds: 120)
        case .notScheduled:
            guard let set = state.component.workload, let node = facts.nodeObject(state.node) else { break }
            return Self.fix(DaemonSetFit(set, node).obstacle, set, state.node)
        default: break
        }
        let pod = state.pod?.name ?? "<pod>"
        let container = state.container.map { " -c \($0.name)" } ?? ""
        return Diagnosis.Fix(
            [
                "kubectl -n \(namespace) logs \(pod)\(container) --previous # its last fatal line is the cause",
                "mend what it names; then kubectl -n \(namespace) delete pod \(pod) # this one only",
            ], risk: "one agent is started again; running pods of the node keep their network", seconds: 60)
    }

    /// What lets the DaemonSet onto the node: the smallest change is made to what keeps it away.
    private static func fix(_ obstacle: DaemonSetFit.Obstacle?, _ set: APIObject, _ node: String) -> Diagnosis.Fix {
        let edit = "kubectl -n \(set.namespace) edit daemonset \(set.name)"
        let rolls =
            "the DaemonSet rolls over all nodes; an operator may set it back: then change the operator's resource"
        let undo = "kubectl -n \(set.namespace) rollout undo daemonset/\(set.name)"
        switch obstacle {
        case .selector(let key, let value):
            return Diagnosis.Fix(
                [
                    "kubectl label node \(node) \(key)=\(value)   # if this node is meant to have the network, or",
                    "\(edit)   # and take \(key) out of spec.template.spec.nodeSelector",
                ], undo: "kubectl label node \(node) \(key)-",
                risk: "whatever else selects nodes by \(key)=\(value) comes to this node as well", seconds: 60)
        case .affinity(let wish):
            return Diagnosis.Fix(
                [
                    "kubectl get node \(node) --show-labels   # the affinity wants \(wish)",
                    "\(edit)   # spec.template.spec.affinity.nodeAffinity: a term that fits \(node), or label the node",
                ], undo: undo, risk: rolls, seconds: 300)
        case .taint, nil:
            let patch =
                #"[{"op":"add","path":"/spec/template/spec/tolerations/-","value":{"operator":"Exists"}}]"#
            return Diagnosis.Fix(
                ["kubectl -n \(set.namespace) patch daemonset \(set.name) --type=json -p '\(patch)'"], undo: undo,
                risk: rolls, seconds: 300)
        }
    }

    private func prevention(_ state: AgentState) -> String {
        switch state.kind {
        case .outOfMemory: "a memory limit above the agent's measured peak, or none"
        case .imageMissing: "keep the agent's image in a registry that new nodes reach"
        case .notScheduled:
            "an agent of the network selects every Linux node and tolerates every taint (operator: Exists)"
        default: "an alert on numberUnavailable of the agent's DaemonSet"
        }
    }

    private static func memoryLimit(_ state: AgentState) -> String? {
        let containers = state.pod?.list("spec", "containers") ?? []
        let own = containers.first { $0.member("name")?.string == state.container?.name }
        return own?.at("resources", "limits", "memory")?.string
    }
}

/// Where a message says that a connection was tried to: `dial tcp 10.96.0.1:443`, `https://172.31.44.10:6443/api`.
struct DialTarget: Sendable {
    let host: String
    let port: String

    init?(_ text: String) {
        for mark in ["dial tcp ", "https://"] {
            guard let range = Self.range(of: mark, in: text) else { continue }
            let rest = text[range...].prefix { !" /\"\\,;".contains($0) }
            let trimmed = rest.last == ":" ? rest.dropLast() : rest
            guard let colon = trimmed.lastIndex(of: ":"), colon > trimmed.startIndex else { continue }
            var host = String(trimmed[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            self.host = host
            port = String(trimmed[trimmed.index(after: colon)...])
            return
        }
        return nil
    }

    private static func range(of mark: String, in text: String) -> String.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(mark) { return text.index(index, offsetBy: mark.count) }
            index = text.index(after: index)
        }
        return nil
    }
}
