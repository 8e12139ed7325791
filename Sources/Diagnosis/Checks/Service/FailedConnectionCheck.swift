import Addressing
import JSONTree
import Policy

/// Connections that programs say nobody answers, asked of the policies: where a policy ends one of them, it is why. For
/// policies whose faults cannot be seen in themselves, as a deny of the platform's over what a namespace allows.
struct FailedConnectionCheck: LateCheck {
    let name = "policy"
    let codes = ["POL-01", "POL-02", "POL-15", "POL-16"]
    let needs: [FactName] = [.objects("pods")]

    /// Connections that are asked; one program repeats itself.
    private static let most = 40

    func applies(to facts: FactBase) -> Bool { PolicyFacts.hasPolicies(facts) }

    func findings(_ facts: FactBase, after earlier: EarlierFindings) -> [Diagnosis] {
        // Who has found a fault in a policy has said what there is to say.
        if earlier.found.contains(where: { $0.hasPrefix("POL-") || $0 == "DNS-05" || $0 == "DNS-10" }) { return [] }
        let pods = facts.pods.filter { !$0.isFinished && !$0.isTerminating && !$0.isOnHostNetwork }
        let names = Dictionary(pods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let owners = Dictionary(
            pods.flatMap { pod in pod.addresses.map { ($0, pod) } }, uniquingKeysWith: { first, _ in first })
        let services = ServiceMap(facts).entries
        var asked: Set<String> = []
        var judge: PolicyEngine?
        let input = PolicyFacts(facts)
        let rejects = Self.rejects(facts)
        for failure in FailedConnection.all(facts) where failure.port != 53 && (failure.isSilence || rejects) {
            guard let from = names[failure.pod], asked.count < Self.most,
                asked.insert("\(failure.pod) \(failure.address) \(failure.port)").inserted,
                let end = Self.end(failure, owners, services)
            else { continue }
            let engine = judge ?? PolicyEngine(cluster: input.cluster, policies: input.policies)
            judge = engine
            let flow = Flow(
                from: .pod(PodName(namespace: from.namespace, name: from.name)),
                to: .pod(PodName(namespace: end.pod.namespace, name: end.pod.name)), port: end.port,
                family: failure.address.family)
            guard let walks = try? engine.walk(flow),
                let closed = [walks.egress, walks.ingress].first(where: { !$0.verdict.isAllowed })
            else { continue }
            let sibling = Self.admitted(like: from, pods, flow, engine)
            return [finding(failure, from, end.pod, end.port, closed, input, sibling)]
        }
        return []
    }

    /// Whether what a policy ends is answered: most drop, and a refusal then comes from the other end.
    private static func rejects(_ facts: FactBase) -> Bool {
        let dropping: [NetworkProviders.Name] = [.calico, .aws, .azure]
        return !dropping.contains(where: NetworkProviders(facts).runs)
    }

    /// Siblings that are asked.
    private static let siblings = 24

    /// A pod of the same workload, with the same labels, that the policies let through: they go by its address.
    private static func admitted(
        like pod: PodView, _ pods: [PodView], _ flow: Flow, _ engine: PolicyEngine
    ) -> PodView? {
        guard let owner = pod.owner else { return nil }
        let others = pods.lazy.filter { other in
            other.id != pod.id && other.namespace == pod.namespace && other.labels == pod.labels
                && other.owner.map { $0 == owner } ?? false
        }
        return others.prefix(siblings).first { other in
            var flow = flow
            flow.source = .pod(PodName(namespace: other.namespace, name: other.name))
            guard let walks = try? engine.walk(flow) else { return false }
            return walks.egress.verdict.isAllowed && walks.ingress.verdict.isAllowed
        }
    }

    /// The pod behind what was asked, and its port: of a Service the first that is ready.
    private static func end(
        _ failure: FailedConnection, _ owners: [IPAddress: PodView], _ services: [ServiceMap.Entry]
    ) -> (pod: PodView, port: UInt16)? {
        if let pod = owners[failure.address] { return (pod, failure.port) }
        for entry in services where entry.addresses.contains(failure.address) {
            guard let pod = entry.pods.first(where: \.isReady), let port = pod.ports.first,
                let number = UInt16(exactly: port.number), pod.ports.count == 1
            else { continue }
            return (pod, number)
        }
        return nil
    }

    /// A rule's selector that lacks one label of the caller or of its namespace, and that the caller has nearly: the same
    /// value under a name of which one begins with the other (`env` and `environment`), or a value with a slip.
    static func nearPeer(
        of pod: PodView, _ policies: [APIObject], _ direction: Direction, _ input: PolicyFacts
    ) -> (wanted: String, holder: String, actual: String)? {
        let namespace = input.cluster.namespaces[pod.namespace]?.labels ?? [:]
        let side = direction == .ingress ? "from" : "to"
        for policy in policies where policy.kind == "NetworkPolicy" {
            for peer in policy.list("spec", direction.rawValue).flatMap({ $0.list(side) }) {
                let ofNamespace = peer.member("namespaceSelector")
                // Without one, the pods are those of the policy's own namespace.
                if ofNamespace == nil, pod.namespace != policy.namespace { continue }
                for (selector, labels, holder) in [
                    (ofNamespace, namespace, "namespace \(pod.namespace)"),
                    (peer.member("podSelector"), pod.labels, pod.id),
                ] {
                    let wanted = ServiceMap.strings(selector?.member("matchLabels"))
                    let missing = wanted.filter { labels[$0.key] != $0.value }
                    guard missing.count == 1, let (key, value) = missing.first else { continue }
                    if let actual = labels[key], SelectorCheck.distance(value, actual).map({ $0 <= 2 }) ?? false {
                        return ("\(key)=\(value)", holder, "\(key)=\(actual)")
                    }
                    if labels[key] == nil,
                        let other = labels.first(where: {
                            $0.value == value && ($0.key.hasPrefix(key) || key.hasPrefix($0.key))
                        })
                    {
                        return ("\(key)=\(value)", holder, "\(other.key)=\(value)")
                    }
                }
            }
        }
        return nil
    }

    private func finding(
        _ failure: FailedConnection, _ from: PodView, _ to: PodView, _ port: UInt16, _ closed: DirectionWalk,
        _ input: PolicyFacts, _ sibling: PodView?
    ) -> Diagnosis {
        let blamed = closed.verdict.decidedBy.map { [$0.policy] } ?? closed.isolatedBy
        let objects = blamed.compactMap { input.object($0) }
        let who = listed(blamed.map(\.description))
        let release = objects.lazy.compactMap { $0.annotations["meta.helm.sh/release-name"] }.first.flatMap {
            $0 == from.labels["app.kubernetes.io/instance"] ? nil : $0
        }
        let near = sibling == nil ? Self.nearPeer(of: from, objects, closed.direction, input) : nil
        var reason =
            closed.verdict.decidedBy != nil
            ? "a rule that denies ends it before any policy of the namespace is asked" : "no rule lets it through"
        if let sibling {
            reason =
                "\(sibling.id) of the same workload is let through: a list of addresses decides, and pods get new ones"
        } else if let near {
            reason = "a rule is for \(near.wanted), and \(near.holder) has \(near.actual)"
        } else if let release {
            reason += "; the policy came with Helm release \(release), whose own pods it knows"
        }
        return .of(
            sibling != nil ? "POL-15" : near != nil ? "POL-02" : release != nil ? "POL-16" : "POL-01",
            "\(who) \(blamed.count == 1 ? "keeps" : "keep") \(from.id) from \(to.id)", .likely,
            at: objects.map(\.place) + [to.object.place],
            evidence: [.init(failure.line, from: failure.source)]
                + objects.prefix(2).map {
                    .init("\($0.kind) \($0.name): \(closed.direction.rawValue) of \(to.id)", from: $0.source)
                },
            because: [
                "\(from.id) gets no answer from \(failure.address):\(failure.port), and by the policies it must not: \(closed.direction.rawValue) is closed",
                reason,
            ],
            explains: from.symptoms,
            fix: objects.first.map {
                .init(
                    [
                        "poplin policy explain --live \(from.id) -> \(to.id):\(port)",
                        "kubectl \($0.namespace.isEmpty ? "" : "-n \($0.namespace) ")edit \($0.resource) \($0.name)   # a rule for \(from.namespace) before it",
                    ], undo: "take the rule out again", risk: "opens that one way", seconds: 30)
            },
            deadEnds: ["a policy of the namespace that allows more: it is asked later, or not at all"],
            needs: ["whether \(from.id) is meant to reach \(to.id)"])
    }
}
