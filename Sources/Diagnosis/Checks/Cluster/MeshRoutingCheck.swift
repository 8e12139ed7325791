import JSONTree

/// Istio's objects that contradict each other or the pods they are about.
struct MeshRoutingCheck: Check {
    let name = "mesh routing"
    let codes = ["MSH-02", "MSH-03"]
    /// Either kind of Istio's objects is judged by itself.
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("destinationrules.networking.istio.io").isEmpty
            || !facts.objects("virtualservices.networking.istio.io").isEmpty
            || !facts.objects("peerauthentications.security.istio.io").isEmpty
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        oneSidedTLS(facts) + outsideCallers(facts) + sharedHosts(facts) + sharedSubsets(facts)
    }

    // MARK: MSH-02

    private func oneSidedTLS(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("MSH-02"), facts.has(.objects("pods")), facts.has(.objects("services")) else {
            return []
        }
        var findings: [Diagnosis] = []
        for rule in facts.objects("destinationrules.networking.istio.io") where !rule.isDeleted {
            guard let mode = rule.text("spec", "trafficPolicy", "tls", "mode"), let host = rule.text("spec", "host"),
                let service = Self.service(host, rule, mode, facts)
            else { continue }
            // Settings of ports go before those of the whole.
            if let ports = rule["spec", "trafficPolicy", "portLevelSettings"], ports.count > 0 { continue }
            let pods = MeshPods.pods(of: service, facts)
            if pods.isEmpty { continue }
            let proxied = pods.filter { MeshPods.proxy(of: $0) != nil }
            var because: String?
            var other: APIObject?
            if mode == "ISTIO_MUTUAL", proxied.isEmpty {
                because =
                    "\(rule.place) makes clients speak the mesh's TLS to \(service.place), whose pods have no proxy: they answer in plain text (WRONG_VERSION_NUMBER)."
                other = pods.first
            } else if mode == "DISABLE", proxied.count == pods.count, let strict = strictness(of: pods, facts) {
                because =
                    "\(rule.place) makes clients speak plain text to \(service.place), and \(strict.place) lets its pods accept the mesh's TLS only."
                other = strict
            }
            guard let because, let other else { continue }
            var finding = Diagnosis(
                cause, .certain, at: [rule.place, service.place],
                evidence: [
                    Diagnosis.Evidence("host: \(host), trafficPolicy.tls.mode: \(mode)", from: rule.source),
                    Diagnosis.Evidence(
                        other.kind == "Pod"
                            ? "containers: \(MeshPods.containers(other).compactMap { $0.member("name")?.string }.joined(separator: ", "))"
                            : "mtls.mode: STRICT", from: other.source),
                ], because: [because, cause.mechanism])
            finding.fix = Diagnosis.Fix(
                [
                    "kubectl -n \(rule.namespace) get destinationrule \(rule.name) -o yaml > \(rule.name).yaml",
                    #"kubectl -n \#(rule.namespace) patch destinationrule \#(rule.name) --type=json -p '[{"op":"remove","path":"/spec/trafficPolicy/tls"}]'"#,
                ], undo: "kubectl apply -f \(rule.name).yaml",
                risk: "clients then speak what each pod of the Service understands", seconds: 10)
            findings.append(finding)
        }
        return findings
    }

    /// The Service that a rule is about; of a host with a wildcard, the first that it makes unreachable.
    private static func service(_ host: String, _ rule: APIObject, _ mode: String, _ facts: FactBase) -> APIObject? {
        guard host.hasPrefix("*.") else { return MeshPods.service(host, in: rule.namespace, facts) }
        let rest = host.dropFirst()
        let isOwnRule = Set(
            facts.objects("destinationrules.networking.istio.io").compactMap { other in
                other.text("spec", "host").flatMap { MeshPods.service($0, in: other.namespace, facts)?.place }
            })
        return facts.objects("services").filter { service in
            // A rule that names the Service goes before one that only covers it.
            "\(service.name).\(service.namespace).svc.cluster.local".hasSuffix(rest)
                && !isOwnRule.contains(service.place)
        }.sorted { $0.place < $1.place }.first { service in
            let pods = MeshPods.pods(of: service, facts)
            let proxied = pods.count { MeshPods.proxy(of: $0) != nil }
            return !pods.isEmpty && (mode == "DISABLE" ? proxied == pods.count : proxied == 0)
        }
    }

    /// What plain text meets at a proxy that takes the mesh's TLS only: the connection ends with its first bytes.
    private static let cutOff = ["reset by peer", "Connection reset", "ECONNRESET", "socket hang up", "EOF"]

    /// Pods without a proxy that call Services whose pods refuse plain text, and say what became of it.
    private func outsideCallers(_ facts: FactBase) -> [Diagnosis] {
        let strict = facts.objects("peerauthentications.security.istio.io").contains {
            $0.text("spec", "mtls", "mode") == "STRICT"
        }
        guard strict, let cause = Cause.coded("MSH-02"), facts.has(.objects("services")) else { return [] }
        for pod in facts.podsWithLogs
        where MeshPods.proxy(of: pod) == nil && pod.annotations["ambient.istio.io/redirection"] != "enabled" {
            for document in facts.logs(pod.namespace, pod.name) where Self.cutOff.contains(where: document.holds) {
                for line in document.lines.suffix(200) where Self.cutOff.contains(where: { line.contains($0) }) {
                    guard let service = called(in: line, from: pod.namespace, facts) else { continue }
                    let pods = MeshPods.pods(of: service, facts)
                    guard !pods.isEmpty, pods.allSatisfy({ MeshPods.proxy(of: $0) != nil }),
                        let policy = strictness(of: pods, facts)
                    else { continue }
                    return [
                        Diagnosis(
                            cause, .likely, at: [pod.place, service.place, policy.place],
                            evidence: [
                                Diagnosis.Evidence(MessageReading.shortened(String(line)), from: document.source),
                                Diagnosis.Evidence("mtls.mode: STRICT", from: policy.source),
                            ],
                            because: [
                                "\(pod.place) has no proxy and speaks plain text to \(service.place), whose pods take the mesh's TLS only because of \(policy.place).",
                                cause.mechanism,
                            ])
                    ]
                }
            }
        }
        return []
    }

    /// The Service whose name a line has, as callers write it: `ledger.orders`, `ledger.orders.svc.cluster.local`.
    private func called(in line: Substring, from namespace: String, _ facts: FactBase) -> APIObject? {
        let names = line.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        for name in names where name.contains(".") {
            let parts = name.split(separator: ".").map(String.init)
            guard parts.count == 2 || parts.count > 2 && parts[2] == "svc" else { continue }
            if let found = facts.object("services", parts[1], parts[0]) { return found }
        }
        return nil
    }

    /// The PeerAuthentication that makes all of these pods refuse plain text; nil when there is none, or its ports differ.
    private func strictness(of pods: [APIObject], _ facts: FactBase) -> APIObject? {
        let all = facts.objects("peerauthentications.security.istio.io").filter { !$0.isDeleted }
        var deciding: APIObject?
        for pod in pods {
            let own = all.filter { $0.namespace == pod.namespace }
            let selecting = own.filter { ($0["spec", "selector", "matchLabels"]?.count ?? 0) > 0 }
                .filter { MeshPods.isMatched(pod, by: $0["spec", "selector"]) }
            let ofNamespace = own.filter { ($0["spec", "selector", "matchLabels"]?.count ?? 0) == 0 }
            let ofMesh = all.filter {
                $0.namespace == "istio-system" && ($0["spec", "selector", "matchLabels"]?.count ?? 0) == 0
            }
            let levels = [selecting, ofNamespace, ofMesh].map { $0.min { ($0.createdAt ?? 0) < ($1.createdAt ?? 0) } }
            // UNSET and no mode inherit from the level above.
            let effective = levels.compactMap { $0 }.first { policy in
                let mode = policy.text("spec", "mtls", "mode") ?? "UNSET"
                return mode != "UNSET" || policy["spec", "portLevelMtls"] != nil
            }
            guard let effective, effective.text("spec", "mtls", "mode") == "STRICT",
                effective["spec", "portLevelMtls"] == nil
            else { return nil }
            deciding = effective
        }
        return deciding
    }

    // MARK: MSH-03

    private func sharedHosts(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("MSH-03") else { return [] }
        var byHost: [String: [APIObject]] = [:]
        for object in facts.objects("virtualservices.networking.istio.io") where !object.isDeleted {
            let gateways = object.list("spec", "gateways").compactMap(\.string)
            // Those of a gateway are put together; of two routes that take everything only one ever does (IST0109).
            if object.list("spec", "http").contains(where: { $0.list("match").isEmpty }), isExported(object) {
                for gateway in gateways where gateway != "mesh" {
                    let name = gateway.contains("/") ? gateway : "\(object.namespace)/\(gateway)"
                    for host in object.list("spec", "hosts").compactMap(\.string) where !host.contains("*") {
                        byHost["VirtualService \(name) \(qualified(host, object.namespace))", default: []].append(
                            object)
                    }
                }
            }
            // Inside the mesh the oldest is taken and the others are passed over.
            guard gateways.isEmpty || gateways.contains("mesh"), isExported(object) else { continue }
            for host in object.list("spec", "hosts").compactMap(\.string) where !host.contains("*") {
                byHost["VirtualService \(qualified(host, object.namespace))", default: []].append(object)
            }
        }
        for object in facts.objects("destinationrules.networking.istio.io") where !object.isDeleted {
            // Parts of one host may stand in several objects; two traffic policies for the whole may not.
            guard let host = object.text("spec", "host"), !host.contains("*"), object["spec", "trafficPolicy"] != nil,
                object["spec", "workloadSelector"] == nil, isExported(object)
            else { continue }
            byHost["DestinationRule \(object.namespace) \(qualified(host, object.namespace))", default: []].append(
                object)
        }
        return byHost.keys.sorted().compactMap { key in
            guard let objects = byHost[key], Set(objects.map(\.place)).count > 1, let first = objects.first else {
                return nil
            }
            let host = key.split(separator: " ").last.map(String.init) ?? key
            let ordered = objects.sorted { ($0.createdAt ?? 0, $0.place) < ($1.createdAt ?? 0, $1.place) }
            return Diagnosis(
                cause, .certain, at: ordered.map(\.place),
                evidence: ordered.prefix(2).map {
                    Diagnosis.Evidence(
                        "\($0.kind) for \(host), made \($0.text("metadata", "creationTimestamp") ?? "")",
                        from: $0.source)
                },
                because: [
                    "\(objects.count) \(first.kind) objects are about \(host); the oldest, \(ordered.first?.place ?? ""), is used and the others are passed over.",
                    cause.mechanism,
                ])
        }
    }

    /// Objects about one host in one namespace are put together, and of two subsets of one name the older is taken
    /// (pilot/pkg/model/destination_rule.go).
    private func sharedSubsets(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("MSH-03") else { return [] }
        var bySubset: [String: [(rule: APIObject, labels: [String: String])]] = [:]
        for rule in facts.objects("destinationrules.networking.istio.io") where !rule.isDeleted {
            guard let host = rule.text("spec", "host"), !host.contains("*"), rule["spec", "workloadSelector"] == nil,
                isExported(rule)
            else { continue }
            for subset in rule.list("spec", "subsets") {
                guard let name = subset.member("name")?.string else { continue }
                bySubset["\(rule.namespace) \(qualified(host, rule.namespace)) \(name)", default: []].append(
                    (rule, ServiceMap.strings(subset.member("labels"))))
            }
        }
        return bySubset.keys.sorted().compactMap { key in
            guard let entries = bySubset[key], Set(entries.map(\.rule.place)).count > 1,
                Set(entries.map(\.labels)).count > 1
            else { return nil }
            let words = key.split(separator: " ").map(String.init)
            let ordered = entries.sorted {
                ($0.rule.createdAt ?? 0, $0.rule.place) < ($1.rule.createdAt ?? 0, $1.rule.place)
            }
            return Diagnosis(
                cause, .certain, at: ordered.map(\.rule.place),
                evidence: ordered.prefix(2).map {
                    Diagnosis.Evidence("subset \(words[2]): \($0.labels.selectorText)", from: $0.rule.source)
                },
                because: [
                    "\(ordered.count) DestinationRules define subset \(words[2]) of \(words[1]) with different labels; \(ordered[0].rule.place) is the oldest and is taken, the others' pods get nothing by that name.",
                    cause.mechanism,
                ])
        }
    }

    /// Everywhere, which is what nothing said means.
    private func isExported(_ object: APIObject) -> Bool {
        let targets = object.list("spec", "exportTo").compactMap(\.string)
        return targets.isEmpty || targets.contains("*")
    }

    private func qualified(_ host: String, _ namespace: String) -> String {
        host.contains(".") ? host : "\(host).\(namespace).svc.cluster.local"
    }
}
