import Addressing
import JSONTree
import Policy

/// Whether policies let pods ask the cluster's DNS: every group of pods against every DNS pod, judged by the policy
/// engine, and against the caches on the nodes where they run.
struct DNSPolicyCheck: Check {
    let name = "DNS"
    let codes = ["DNS-05", "DNS-10", "POL-14"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    /// Only what is said of this pod, `namespace/name`; of all where it is nil.
    var only: String?

    func applies(to facts: FactBase) -> Bool { PolicyFacts.hasPolicies(facts) }

    /// Pods that policies cannot tell apart.
    private struct Group {
        var pods: [PodView]
        var example: PodView { pods[0] }
    }

    private struct Denied {
        var group: Group
        var walk: DirectionWalk
        /// UDP to the DNS pods themselves passes, and only the cache is out of reach.
        var isCacheOnly: Bool
        /// The Service's port passes at the DNS pods, and theirs does not.
        var isServicePort: Bool
        /// TCP passes and UDP does not: DNS was meant to be open.
        var isHalfOpen = false
        var port: UInt16
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let dns = DNSView(facts)
        let policies = PolicyFacts(facts)
        let engine = PolicyEngine(cluster: policies.cluster, policies: policies.policies)
        let servers = servers(dns)
        guard !servers.isEmpty else { return [] }
        let hosts = hostNames(dns.map)
        var denied: [Denied] = []
        for group in groups(dns) {
            if let found = judge(group, servers, dns, engine, facts) { denied.append(found) }
        }
        // One finding for each set of policies that closes it.
        var byPolicies: [String: [Denied]] = [:]
        for one in denied {
            let key =
                one.walk.isolatedBy.map(\.description).joined(separator: ",")
                + (one.walk.verdict.decidedBy.map(\.description) ?? "") + "\(one.isCacheOnly)\(one.isServicePort)"
            byPolicies[key, default: []].append(one)
        }
        return byPolicies.sorted { $0.key < $1.key }.compactMap { finding($0.value, dns, policies, hosts, facts) }
    }

    // MARK: Judging

    private struct Server {
        var pod: PodName
        var port: UInt16
        var servicePort: UInt16
        var family: IPFamily
    }

    private func servers(_ dns: DNSView) -> [Server] {
        dns.services.flatMap { entry in
            entry.pods.filter { !$0.isOnHostNetwork && !$0.addresses.isEmpty }.flatMap { pod in
                entry.ports.filter { $0.transport == "UDP" }.compactMap { port -> Server? in
                    let number =
                        port.targetNumber ?? pod.ports.first { $0.name == port.target && $0.transport == "UDP" }?.number
                    guard let number, let target = UInt16(exactly: number), let outer = UInt16(exactly: port.number)
                    else {
                        return nil
                    }
                    return Server(
                        pod: PodName(namespace: pod.namespace, name: pod.name), port: target, servicePort: outer,
                        family: pod.addresses[0].family)
                }
            }
        }
    }

    private func groups(_ dns: DNSView) -> [Group] {
        struct Key: Hashable {
            var namespace: String
            var labels: [String: String]
            var account: String
        }
        let servers = Set(dns.pods.map(\.id))
        var found: [Key: [PodView]] = [:]
        for pod in dns.map.pods
        where !pod.isFinished && !pod.isOnHostNetwork && !pod.isTerminating && !servers.contains(pod.id) {
            // Pods that ask servers of their own have no use for the cluster's.
            if pod.object.text("spec", "dnsPolicy") == "Default" { continue }
            if let own = KubeletDNS.servers(written: pod), own.isDisjoint(with: dns.servers) { continue }
            if let only, only != pod.id { continue }
            let key = Key(
                namespace: pod.namespace, labels: pod.labels,
                account: pod.object.text("spec", "serviceAccountName") ?? "default")
            found[key, default: []].append(pod)
        }
        return found.values.map { Group(pods: $0.sorted { $0.id < $1.id }) }.sorted { $0.example.id < $1.example.id }
    }

    private func judge(
        _ group: Group, _ servers: [Server], _ dns: DNSView, _ engine: PolicyEngine, _ facts: FactBase
    ) -> Denied? {
        let source = FlowEnd.pod(PodName(namespace: group.example.namespace, name: group.example.name))
        var lastWalk: DirectionWalk?
        var isServicePort = false
        var isOpen = false
        for server in servers {
            let flow = Flow(
                from: source, to: .pod(server.pod), transport: .udp, port: server.port, family: server.family)
            guard let verdict = try? engine.verdict(flow) else { continue }
            if verdict.isAllowed {
                isOpen = true
                break
            }
            if lastWalk == nil, let walks = try? engine.walk(flow) {
                lastWalk = walks.egress.verdict.isAllowed ? walks.ingress : walks.egress
            }
            if server.servicePort != server.port {
                var outer = flow
                outer.port = server.servicePort
                if let verdict = try? engine.verdict(outer), verdict.isAllowed { isServicePort = true }
            }
        }
        if !dns.cacheAddresses.isEmpty {
            return judgeCache(group, source, dns, engine, facts, walk: lastWalk, isOpen: isOpen)
        }
        guard !isOpen, let lastWalk, let server = servers.first else { return nil }
        let isHalfOpen = servers.contains { server in
            let flow = Flow(
                from: source, to: .pod(server.pod), transport: .tcp, port: server.port, family: server.family)
            return (try? engine.verdict(flow))?.isAllowed ?? false
        }
        return Denied(
            group: group, walk: lastWalk, isCacheOnly: false, isServicePort: isServicePort, isHalfOpen: isHalfOpen,
            port: server.port)
    }

    /// Where caches run the pods' queries go to them: to their own address, or to the Service's, which they take over
    /// on the node. No label selector matches either.
    private func judgeCache(
        _ group: Group, _ source: FlowEnd, _ dns: DNSView, _ engine: PolicyEngine, _ facts: FactBase,
        walk: DirectionWalk?, isOpen: Bool
    ) -> Denied? {
        let named = KubeletDNS.servers(of: group.example, facts)
        let caches = dns.cacheAddresses.sorted()
        var targets = caches.filter { named.isEmpty || named.contains($0) }
        if targets.isEmpty || named.isEmpty { targets += dns.services.flatMap(\.addresses) }
        var last = walk
        for target in targets {
            let flow = Flow(
                from: source, to: .address(target), transport: .udp, port: 53, family: target.family)
            guard let verdict = try? engine.verdict(flow) else { continue }
            if verdict.isAllowed { return nil }
            if let walks = try? engine.walk(flow) {
                last = walks.egress
            }
        }
        guard let last else { return nil }
        return Denied(group: group, walk: last, isCacheOnly: isOpen, isServicePort: false, port: 53)
    }

    // MARK: Whether it matters

    private func hostNames(_ map: ServiceMap) -> [String: Set<String>] {
        Dictionary(grouping: map.entries, by: \.object.namespace).mapValues { Set($0.map(\.object.name)) }
    }

    /// What the pod is told to talk to by name: a value of its environment or an argument.
    private func namedHost(_ pod: PodView, _ services: Set<String>) -> String? {
        for container in pod.containers {
            var texts = ["command", "args"].flatMap { container.member($0).map { Array($0.elements) } ?? [] }
                .compactMap(\.string)
            texts += (container.member("env").map { Array($0.elements) } ?? []).compactMap {
                $0.member("value")?.string
            }
            for text in texts {
                var host = text[...]
                if let scheme = host.firstRange(of: "://") { host = host[scheme.upperBound...] }
                if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
                host = host.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
                let name = String(host)
                if IPAddress(name) != nil || name.isEmpty { continue }
                if services.contains(name) || name.contains(".svc") || (text.contains("://") && name.contains("."))
                    || services.contains(String(name.split(separator: ".")[safe: 0] ?? "")) && name.contains(".")
                {
                    return name
                }
            }
        }
        return nil
    }

    private func finding(
        _ denied: [Denied], _ dns: DNSView, _ policies: PolicyFacts, _ hosts: [String: Set<String>], _ facts: FactBase
    ) -> Diagnosis? {
        let pods = denied.flatMap(\.group.pods)
        var sign: Diagnosis.Evidence?
        var host: (pod: PodView, name: String)?
        for pod in pods {
            sign = sign ?? NameFailure.first(of: pod, in: facts)
            if host == nil, let name = namedHost(pod, hosts[pod.namespace] ?? []) { host = (pod, name) }
        }
        let hurt = pods.filter { !$0.symptoms.isEmpty }
        let first = denied[0]
        let isWhole = first.walk.isolatedBy.contains {
            policies.policies.policies[$0].map(selectsWholeNamespace) ?? false
        }
        let allowsSomething = first.walk.tiers.flatMap(\.policies).contains { step in
            step.rules.contains { $0.action == .allow }
        }
        var isMeant = only == nil && !first.isHalfOpen && sign == nil && host == nil && hurt.isEmpty
        var byLabel: RuleReference?
        if isMeant {
            byLabel = denied.prefix(8).lazy.compactMap { selectedPeer($0.walk, policies) }.first
            isMeant = byLabel == nil
        }
        // A pod that is cut off from everything and does not complain may well be meant to be.
        if isMeant, !isWhole, !first.isCacheOnly, !first.isServicePort || !allowsSomething { return nil }
        return told(
            denied, pods, sign, host, byLabel,
            confidence: isMeant && !first.isCacheOnly && !first.isServicePort ? .likely : .certain,
            dns, policies)
    }

    /// An egress rule for pods that are told by labels, behind a Service: who may go there has to look its name up.
    private func selectedPeer(_ walk: DirectionWalk, _ policies: PolicyFacts) -> RuleReference? {
        guard walk.direction == .egress else { return nil }
        let cluster = policies.cluster
        let served = Set(
            cluster.services.values.filter { $0.ports.allSatisfy { $0.number != 53 } }.flatMap(\.endpoints))
        for reference in walk.isolatedBy {
            for rule in policies.policies.policies[reference]?.egress?.rules ?? [] where rule.action == .allow {
                for peer in rule.peers ?? [] {
                    for case .pods(let labels) in peer.terms
                    where cluster.pods.values.contains(where: { pod in
                        pod.addresses.contains(where: served.contains) && labels.matches(cluster.labels(of: pod))
                    }) {
                        return rule.reference
                    }
                }
            }
        }
        return nil
    }

    private func selectsWholeNamespace(_ policy: Policy) -> Bool {
        policy.subject.requirements.allSatisfy { $0.key.owner == .namespace }
    }

    private func told(
        _ denied: [Denied], _ pods: [PodView], _ sign: Diagnosis.Evidence?, _ host: (pod: PodView, name: String)?,
        _ byLabel: RuleReference?, confidence: Confidence, _ dns: DNSView, _ policies: PolicyFacts
    ) -> Diagnosis {
        let first = denied[0]
        let walk = first.walk
        let blamed = walk.verdict.decidedBy.map { [$0.policy] } ?? walk.isolatedBy
        let names = listed(blamed.map(\.description))
        let server = dns.services[0]
        let isIngress = walk.direction == .ingress
        let caches = listed(dns.cacheAddresses.sorted().map(\.description))
        var because = [
            walk.verdict.reason == .deniedByRule
                ? "\(names) denies \(walk.direction.rawValue) by rule \(walk.verdict.decidedBy?.path ?? "")"
                : "\(names) \(blamed.count == 1 ? "closes" : "close") \(walk.direction.rawValue), and no rule is for DNS"
        ]
        var code = "DNS-05"
        var title = "policies keep \(counted(pods.count, "pod")), such as \(pods[0].id), from the cluster's DNS"
        if first.isCacheOnly {
            code = "DNS-10"
            title = "policies allow CoreDNS and not the cache on the node, which \(pods[0].id) asks"
            because.append(
                "queries go to NodeLocal DNSCache at \(caches), a pod on the node's network: selectors of pods never "
                    + "match it")
        } else if first.isServicePort {
            code = "POL-14"
            title = "policies allow DNS on port 53, and the DNS pods listen on \(first.port)"
            because.append("policies see a connection after the Service has translated it: port \(first.port), not 53")
        } else if first.isHalfOpen {
            because.append("TCP \(first.port) to the DNS pods is allowed and UDP is not: queries go by UDP first")
        } else if isIngress {
            because.append("the policy is on the side of the DNS pods: they may not be asked")
        }
        if let host { because.append("\(host.pod.id) is told to reach \(host.name), which is a name") }
        if host == nil, let byLabel {
            because.append(
                "\(byLabel.policy) \(byLabel.path) opens the way to pods by their labels: their addresses change, and "
                    + "only a name leads to them")
        }
        var evidence: [Diagnosis.Evidence] = blamed.prefix(2).compactMap { reference in
            policies.object(reference).map { object in
                .init(
                    "\(reference): \(walk.direction.rawValue) "
                        + "\(Self.rules(object, walk.direction))", from: object.source)
            }
        }
        evidence += [sign].compactMap { $0 }
        let writers = blamed.compactMap { policies.object($0)?.lastWriter.map { "last written by \($0)" } }
        because += writers.prefix(1)
        let subject = isIngress ? server.object.namespace : pods[0].namespace
        // The same pods as the policy that closes them: a policy for others would close those.
        let own = blamed.first { $0.kind == "NetworkPolicy" && $0.group == "networking.k8s.io" }
            .flatMap { policies.object($0)?["spec", "podSelector"] }
        let labels = pods[0].labels.filter { !$0.key.hasSuffix("-hash") && !$0.key.contains("pod-name") }
        let selector =
            own.map { JSONValue($0).text }
            ?? "{\"matchLabels\":{\(labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ","))}}"
        return .of(
            code, title, confidence,
            at: blamed.compactMap { policies.object($0)?.place } + pods.prefix(2).map(\.object.place),
            evidence: evidence,
            because: because, explains: pods.reduce(into: []) { $0.formUnion($1.symptoms) },
            fix: fix(first, dns, subject, selecting: selector, isIngress: isIngress),
            prevent: "let every policy that closes egress come with the one that allows DNS",
            deadEnds: [
                "a rule with to: [] for port 53: it opens port 53 to the whole world",
                "a namespaceSelector with name: kube-system: that label is not automatic, "
                    + "kubernetes.io/metadata.name is",
            ], needs: ["kubectl exec into \(pods[0].id): nslookup kubernetes.default"])
    }

    private static func rules(_ object: APIObject, _ direction: Direction) -> String {
        let list = object.list("spec", direction.rawValue)
        return list.isEmpty ? "has no rule" : "has \(counted(list.count, "rule"))"
    }

    /// A policy added beside the others: policies only add up.
    private func fix(
        _ denied: Denied, _ dns: DNSView, _ namespace: String, selecting selector: String, isIngress: Bool
    ) -> Diagnosis.Fix? {
        if denied.walk.verdict.reason == .deniedByRule {
            guard let rule = denied.walk.verdict.decidedBy else { return nil }
            return .init(
                [
                    "kubectl edit \(rule.policy.kind.lowercased()) \(rule.policy.name)   # \(rule.path): leave DNS out of it"
                ],
                undo: "set the rule back", risk: "opens what the rule no longer denies")
        }
        guard let service = dns.services.first else { return nil }
        let ports = Set(service.ports.map { port in "\(port.transport):\(denied.port)" }).sorted()
        let portList = ports.map { text in
            let parts = text.split(separator: ":")
            return "{\"protocol\":\"\(parts[0])\",\"port\":\(parts[1])}"
        }.joined(separator: ",")
        let labels = service.selector.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
            .joined(separator: ",")
        let spec: String
        if isIngress {
            spec =
                "{\"podSelector\":{\"matchLabels\":{\(labels)}},\"policyTypes\":[\"Ingress\"],"
                + "\"ingress\":[{\"from\":[{\"namespaceSelector\":{}}],\"ports\":[\(portList)]}]}"
        } else {
            let caches = dns.cacheAddresses.sorted().map {
                ",{\"ipBlock\":{\"cidr\":\"\($0)/\($0.family.bitWidth)\"}}"
            }.joined()
            spec =
                "{\"podSelector\":\(selector),\"policyTypes\":[\"Egress\"],\"egress\":[{\"to\":[{\"namespaceSelector\":"
                + "{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"\(service.object.namespace)\"}},"
                + "\"podSelector\":{\"matchLabels\":{\(labels)}}}\(caches)],\"ports\":[\(portList)]}]}"
        }
        let manifest =
            "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\","
            + "\"metadata\":{\"name\":\"allow-dns\",\"namespace\":\"\(namespace)\"},\"spec\":\(spec)}"
        return .init(
            ["echo '\(manifest)' | kubectl apply -f -"], undo: "kubectl -n \(namespace) delete networkpolicy allow-dns",
            risk: isIngress ? "opens DNS to all namespaces" : "opens DNS for the same pods, and nothing else",
            seconds: 5)
    }
}
