import Addressing
import Findings
import JSONTree
import KubernetesModel
import Policy

/// What is wrong with policies that are valid, as far as it hurts: rules that can never match, locks that were meant to
/// be doors, policies that nobody enforces. What lint merely advises against is no fault of a cluster.
struct PolicyCheck: Check {
    let name = "policy"
    let codes = [
        "POL-01", "POL-02", "POL-04", "POL-05", "POL-06", "POL-07", "POL-08", "POL-09", "POL-10", "POL-11", "POL-12",
        "POL-13", "POL-14", "POL-15", "POL-16",
    ]
    let needs: [FactName] = [.objects("pods")]

    func applies(to facts: FactBase) -> Bool { PolicyFacts.hasPolicies(facts) }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let input = PolicyFacts(facts)
        let lint = PolicyLint.findings(input.cluster, input.written).filter { lint in
            // Of a policy that nobody enforces that is all there is to say.
            lint.ignoredBecause == nil
                && (lint.finding.code == "POL-07" || !(lint.policy.map(input.unenforced.contains) ?? false))
        }
        let judge = PolicyJudge(facts, input, lint)
        var found: [String: [LintFinding]] = [:]
        for finding in lint where judge.confidence(finding) != nil {
            found[finding.finding.code, default: []].append(finding)
        }
        // That proxies are cut off from their control plane says what nobody reaching it brings about.
        let cutOff = Set(found["POL-11"]?.compactMap(\.policy) ?? [])
        found["POL-01"]?.removeAll { $0.policy.map(cutOff.contains) ?? false }
        return found.sorted { $0.key < $1.key }.flatMap { code, findings in
            findings.prefix(5).map { diagnosis(code, $0, judge, input, facts) }
        } + overServices(input, facts) + PolicyTraps(facts, input).findings()
            + PolicyEnforcement(facts).findings() + PolicyNodeBlocks(facts, input).findings()
    }

    private func diagnosis(
        _ known: String, _ lint: LintFinding, _ judge: PolicyJudge, _ input: PolicyFacts, _ facts: FactBase
    ) -> Diagnosis {
        let untranslated = known == "POL-01" ? judge.untranslated(lint) : nil
        let isOfChart = known == "POL-01" && untranslated == nil && judge.isOfChart(lint) && !judge.signs(lint).isEmpty
        let code = untranslated != nil ? "POL-14" : isOfChart ? "POL-16" : known
        let object = lint.policy.flatMap { input.object($0) }
        let confidence = judge.confidence(lint) ?? .possible
        let selected = judge.selected(lint)
        var because = lint.finding.reasons
        if because.isEmpty, let cause = Cause.coded(code) { because = [cause.mechanism] }
        if let untranslated {
            because.append(
                "it allows \(untranslated.port), the port of service \(untranslated.service), which sends to \(untranslated.target): policies see a connection after the Service has translated it"
            )
        }
        if ["POL-01", "POL-16"].contains(code), let service = judge.olderService(lint) {
            because.append("service \(service.id) is older than the policy and has ready endpoints: it answered before")
        }
        let near = code == "POL-02" && confidence < .certain ? lint.policy.flatMap { judge.nearlySelected($0) } : nil
        if let near { because.append("\(near.pod.id) has \(near.actual), and the policy selects \(near.wanted)") }
        if let writer = object?.lastWriter { because.append("last written by \(writer)") }
        if let release = object?.annotations["meta.helm.sh/release-name"] {
            because.append("it came with Helm release \(release)")
        }
        let source = object?.source ?? FactSource(lint.policy.map { "\($0)" } ?? "policy")
        let fix = object.flatMap { self.fix(code, lint, $0) }
        return .of(
            code, lint.finding.message, confidence,
            at: [object?.place].compactMap { $0 } + selected.prefix(1).map(\.object.place),
            evidence: [.init(object.map(Self.shape) ?? lint.finding.message, from: source)]
                + judge.signs(lint).prefix(1)
                + (near.map { [.init("labels: \($0.pod.labels.selectorText)", from: $0.pod.object.source)] } ?? []),
            because: because,
            explains: selected.reduce(into: []) { $0.formUnion($1.symptoms) }, fix: fix,
            deadEnds: ["deleting policies to see: it opens everything they closed, and nobody can say what that was"],
            needs: ["poplin doctor why FROM -> TO:PORT for a connection that fails"])
    }

    /// The policy in a line: whom it is for, which ways it closes, and how many rules it has.
    private static func shape(_ object: APIObject) -> String {
        let selector =
            object["spec", "podSelector"] ?? object["spec", "endpointSelector"] ?? object["spec", "selector"]
        var parts = [selector.map { "podSelector: \(JSONValue($0).text)" } ?? object.place]
        let types = object.list("spec", "policyTypes").compactMap(\.string)
        if !types.isEmpty { parts.append("policyTypes: \(types.joined(separator: ", "))") }
        for direction in ["ingress", "egress"] where object["spec", direction] != nil {
            parts.append("\(direction): \(counted(object.list("spec", direction).count, "rule"))")
        }
        return parts.joined(separator: "; ")
    }

    private func fix(_ code: String, _ lint: LintFinding, _ object: APIObject) -> Diagnosis.Fix {
        let scope = object.namespace.isEmpty ? "" : "-n \(object.namespace) "
        let name = "\(object.resource) \(object.name)"
        if code == "POL-07" {
            return .init(
                [
                    "poplin policy explain --live FROM -> TO:PORT   # what the policies that are there would close",
                    "add an agent that enforces them beside this network, such as kube-network-policies",
                ],
                undo: "take the agent away again",
                risk: "from then on every policy closes what it says: judge them first", seconds: nil)
        }
        let what = lint.finding.next ?? lint.finding.reasons.first ?? lint.finding.message
        return .init(
            [
                "kubectl \(scope)get \(name) -o yaml > \(object.name).yaml   # a copy to go back to",
                "kubectl \(scope)edit \(name)   # \(what)",
            ],
            undo: "kubectl replace -f \(object.name).yaml", risk: "see what else it opens: poplin policy diff",
            seconds: 30)
    }

    // MARK: Blocks over Services

    /// Egress to a block that holds nothing but addresses of Services never matches: the translation comes first.
    private func overServices(_ input: PolicyFacts, _ facts: FactBase) -> [Diagnosis] {
        let ranges = ClusterRanges(facts, NetworkProviders(facts)).of(.services)
        guard !ranges.isEmpty else { return [] }
        // Managed control planes tell no range: then a block with several Services' addresses, and none of a pod or a
        // node, is one of Services.
        let isTold = ranges.contains { $0.prefix.length < $0.prefix.family.bitWidth }
        let others =
            facts.pods.flatMap(\.addresses)
            + facts.objects("nodes").flatMap { facts.internalAddresses($0.name) }
        func holdsOnlyServices(_ block: IPPrefix) -> Bool {
            !isTold && block.length >= 8 && ranges.count(where: { block.contains($0.prefix) }) > 1
                && !others.contains { block.contains($0) }
        }
        var found: [Diagnosis] = []
        for policy in input.policies.inOrder {
            for rule in policy.egress?.rules ?? [] where rule.action == .allow {
                for peer in rule.peers ?? [] {
                    for case .addresses(let blocks, _) in peer.terms {
                        guard
                            let block = blocks.first(where: { block in
                                ranges.contains { $0.prefix.contains(block.prefix) } || holdsOnlyServices(block.prefix)
                            }),
                            let range = ranges.first(where: { $0.prefix.contains(block.prefix) })
                                ?? ranges.first(where: { block.prefix.contains($0.prefix) }),
                            let object = input.object(policy.reference)
                        else { continue }
                        let inside = input.cluster.services.values.filter { service in
                            service.clusterAddresses.contains { block.prefix.contains($0) }
                        }.sorted { $0.id < $1.id }
                        // The cluster's DNS, named by its address, is what caches on nodes need.
                        if !inside.isEmpty, inside.allSatisfy({ $0.ports.contains { $0.number == 53 } }) { continue }
                        let service = inside.first { service in service.ports.allSatisfy { $0.number != 53 } }
                        // Where nobody tells the range, what else the block holds is not known.
                        let isSure = range.prefix.contains(block.prefix)
                        found.append(
                            .of(
                                "POL-12",
                                "\(policy.reference): \(rule.reference.path) allows \(block.prefix), addresses of Services that policies never see",
                                isSure ? .certain : .likely, at: [object.place],
                                evidence: [
                                    .init("cidr: \(block.prefix)", marking: "\(block.prefix)", from: object.source),
                                    .init("\(range.name): \(range.prefix)", from: range.source),
                                ],
                                because: [
                                    "a connection to a Service is translated first; the policy sees the pod behind it"
                                        + (service.map { " (\($0.id) has \(counted($0.endpoints.count, "endpoint")))" }
                                            ?? "")
                                ],
                                fix: .init(
                                    [
                                        "kubectl -n \(object.namespace) edit \(object.resource) \(object.name)   # "
                                            + (service.map { "podSelector of \($0.id): \($0.selector.selectorText)" }
                                                ?? "select the pods behind the Service")
                                    ], undo: "put the block back", risk: "opens what the rule was meant to open",
                                    seconds: 10),
                                needs: ["the API server's --service-cluster-ip-range: does it hold \(block.prefix)?"]))
                    }
                }
            }
        }
        return found
    }
}

/// Decides which of lint's findings are faults of this cluster.
struct PolicyJudge {
    /// A change of at most so long ago, in seconds, is a suspect.
    private static let recently: Int64 = 3 * 86_400

    let facts: FactBase
    let input: PolicyFacts
    private let pods: [PodView]
    /// Policies that leave a Service nobody may reach.
    private let shut: Set<PolicyReference>
    private let services: [ServiceMap.Entry]

    init(_ facts: FactBase, _ input: PolicyFacts, _ lint: [LintFinding] = []) {
        self.facts = facts
        self.input = input
        pods = facts.pods
        shut = Set(lint.filter { $0.finding.code == "POL-01" }.compactMap(\.policy))
        services = lint.isEmpty ? [] : ServiceMap(facts).entries
    }

    /// Nil: not a fault.
    func confidence(_ lint: LintFinding) -> Confidence? {
        guard let reference = lint.policy, let policy = input.written.policies[reference] else { return nil }
        let text = lint.finding.message
        switch lint.finding.code {
        case "POL-02":
            if lint.finding.reasons.contains(where: { $0.hasPrefix("nearly:") }) { return .certain }
            return nearlySelected(reference) == nil ? nil : .likely
        // Lint tells it only where the two together are pods that are there, and fewer than either alone.
        case "POL-04", "POL-05": return .certain
        case "POL-06": return policy.ingress?.rules.isEmpty ?? false && !selected(lint).isEmpty ? .certain : nil
        case "POL-07": return .certain
        case "POL-08", "POL-09", "POL-11": return .certain
        case "POL-13": return lint.finding.reasons.isEmpty ? nil : .certain
        case "POL-15": return text.contains("its blocks hold") ? .certain : nil
        case "POL-01":
            // Lint takes a rule that leaves requests to a proxy for a closed one.
            if policy.leavesToProxies { return nil }
            if !signs(lint).isEmpty { return .certain }
            guard isFresh(reference) else { return nil }
            // What lets somebody in was no lock: it was meant to open a door and shut the others.
            let opens = policy.ingress?.rules.contains { $0.action == .allow } ?? false
            return opens && olderService(lint) != nil ? .certain : .likely
        case "POL-16":
            let closes = [policy.ingress, policy.egress].contains {
                $0.map { $0.isolates && $0.rules.isEmpty } ?? false
            }
            guard closes else { return nil }
            // Where nobody can reach a Service of others that was there before the chart, it is no wish of theirs.
            let isHurt = selected(lint).contains { !$0.symptoms.isEmpty }
            return isHurt || (shut.contains(reference) && olderService(lint) != nil) ? .certain : .likely
        // Only where the map is: of what Cilium would do elsewhere lint only takes note.
        case "POL-10": return lint.finding.severity == .warning ? .likely : nil
        default: return nil
        }
    }

    /// Pods that lack one label of what the policy selects and have it nearly: a value that is part of the wanted one
    /// between hyphens, or the very value under another of the names that applications go by.
    func nearlySelected(_ reference: PolicyReference) -> (pod: PodView, wanted: String, actual: String)? {
        guard let object = input.object(reference) else { return nil }
        let selector = ["podSelector", "endpointSelector"].lazy.compactMap { object["spec", $0] }.first
        guard let selector else { return nil }
        // Cilium names where a label comes from.
        func plain(_ key: String) -> String {
            ["k8s:", "any:"].first { key.hasPrefix($0) }.map { String(key.dropFirst($0.count)) } ?? key
        }
        var wanted: [String: String] = [:]
        for (key, value) in ServiceMap.strings(selector.member("matchLabels")) { wanted[plain(key)] = value }
        for expression in selector.list("matchExpressions") {
            // An expression with one value is a label; of several nobody knows which was meant, and the others only narrow.
            guard expression.member("operator")?.string == "In", let key = expression.member("key")?.string,
                let value = expression.list("values").first?.string, expression.list("values").count == 1
            else { return nil }
            wanted[plain(key)] = value
        }
        if wanted.isEmpty { return nil }
        // What has no pod at present and would make such ones is what is meant.
        let templates = SelectorCheck.templates(facts)[object.namespace] ?? []
        if templates.contains(where: { labels in wanted.allSatisfy { labels[$0.key] == $0.value } }) { return nil }
        let own = pods.filter { $0.namespace == object.namespace && !$0.isFinished && !$0.isTerminating }
        let servers = self.servers(object, own)
        for pod in own {
            let missing = wanted.filter { pod.labels[$0.key] != $0.value }
            guard missing.count == 1, let (key, value) = missing.first else { continue }
            if let actual = pod.labels[key] {
                // Where only one application has the policy's ports it is meant, whatever the policy calls it.
                if servers.first?.id == pod.id, servers.allSatisfy({ $0.labels[key] == actual }) {
                    return (pod, "\(key)=\(value)", "\(key)=\(actual)")
                }
                guard let distance = SelectorCheck.distance(value, actual), distance <= 2 || distance == 4 else {
                    continue
                }
                return (pod, "\(key)=\(value)", "\(key)=\(actual)")
            }
            guard Self.applicationNames.contains(key) else { continue }
            if let other = Self.applicationNames.first(where: { pod.labels[$0] == value }) {
                return (pod, "\(key)=\(value)", "\(other)=\(value)")
            }
        }
        return nil
    }

    /// The port of a Service that a policy lets through in place of the port that the pods behind it listen on (POL-14).
    func untranslated(_ lint: LintFinding) -> (service: String, port: Int64, target: Int64)? {
        guard let reference = lint.policy, let object = input.object(reference), reference.kind == "NetworkPolicy"
        else {
            return nil
        }
        let allowed = Set(
            object.list("spec", "ingress").flatMap { $0.list("ports") }.compactMap { $0.member("port")?.int })
        if allowed.isEmpty { return nil }
        let names = Set(selected(lint).map(\.id))
        for entry in services where entry.pods.contains(where: { names.contains($0.id) }) {
            for port in entry.ports where allowed.contains(port.number) {
                let target =
                    port.targetNumber
                    ?? entry.pods[0].ports.first { $0.name == port.target && $0.transport == port.transport }?.number
                // Pods that listen on both are open by the one that is allowed.
                guard let target, !allowed.contains(target),
                    !entry.pods.contains(where: { pod in pod.ports.contains { $0.number == port.number } })
                else { continue }
                return (entry.id, port.number, target)
            }
        }
        return nil
    }

    /// Whether a chart brought it.
    func isOfChart(_ lint: LintFinding) -> Bool {
        guard let object = lint.policy.flatMap({ input.object($0) }) else { return false }
        return object.annotations["meta.helm.sh/release-name"] != nil
            || object.labels["app.kubernetes.io/managed-by"] == "Helm"
    }

    /// Pods that have every port that a policy names.
    private func servers(_ policy: APIObject, _ pods: [PodView]) -> [PodView] {
        let ports = Set(
            policy.list("spec", "ingress").flatMap { $0.member("ports").map { Array($0.elements) } ?? [] }
                .compactMap { $0.member("port")?.int })
        return ports.isEmpty ? [] : pods.filter { ports.isSubset(of: Set($0.ports.map(\.number))) }
    }

    /// Labels that say which application a pod is of.
    private static let applicationNames = ["app", "app.kubernetes.io/name", "k8s-app", "name", "run"]

    /// Pods the policy is about.
    func selected(_ lint: LintFinding) -> [PodView] {
        guard let reference = lint.policy, let policy = input.written.policies[reference] else { return [] }
        return pods.filter { pod in
            guard let known = input.cluster.pods[PodName(namespace: pod.namespace, name: pod.name)],
                known.isPolicyEndpoint
            else { return false }
            return policy.subject.matches(input.cluster.labels(of: known))
        }
    }

    /// Whether the policy is new or was changed lately; of a policy without times nobody can say that it is old.
    private func isFresh(_ reference: PolicyReference) -> Bool {
        guard input.object(reference) != nil else { return false }
        return facts.seconds(since: written(reference)).map { $0 < Self.recently } ?? true
    }

    /// When it was written last, in seconds since 1970.
    private func written(_ reference: PolicyReference) -> Int64? {
        guard let object = input.object(reference) else { return nil }
        let times = object.list("metadata", "managedFields")
            .compactMap { $0.member("time")?.string.flatMap { Timestamp($0) }.map { Int64($0.seconds) } }
        return (times + [object.createdAt].compactMap { $0 }).max()
    }

    /// A Service of the pods it closes that answered before the policy came: it has ready endpoints and is older.
    func olderService(_ lint: LintFinding) -> ServiceMap.Entry? {
        guard let reference = lint.policy, let since = written(reference) else { return nil }
        let names = Set(selected(lint).map(\.id))
        return services.first { entry in
            guard let created = entry.object.createdAt, created < since, !entry.readyEndpoints.isEmpty else {
                return false
            }
            return entry.pods.contains { names.contains($0.id) }
        }
    }

    /// Lines of other pods that could not connect to a Service of the pods that the policy closes.
    func signs(_ lint: LintFinding) -> [Diagnosis.Evidence] {
        guard lint.finding.code == "POL-01" else { return [] }
        let names = Set(selected(lint).map(\.id))
        let services = services.filter { entry in entry.pods.contains { names.contains($0.id) } }
        if services.isEmpty { return [] }
        for (path, document) in facts.evidence.documents(under: EvidencePath.logs) {
            let parts = path.split(separator: "/")
            guard parts.count >= 3, !names.contains("\(parts[0])/\(parts[1])") else { continue }
            for line in document.lines {
                let text = line.lowercased()
                guard
                    ["timed out", "timeout", "refused", "unreachable", "econn"].contains(where: { text.contains($0) })
                else { continue }
                for service in services {
                    let isNamed =
                        text.contains(service.object.name) && text.contains(":")
                        || service.addresses.contains { text.contains("\($0)") }
                        || service.pods.contains { pod in pod.addresses.contains { text.contains("\($0):") } }
                    if isNamed { return [.init(String(line), from: document.source)] }
                }
            }
        }
        return []
    }
}
