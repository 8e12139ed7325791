import Addressing
import JSONTree

/// Names of the world that are asked for through the whole search list (ndots:5). That most answers are NXDOMAIN is
/// ordinary; it is told only where queries are slow as well.
struct NameExpansionCheck: Check {
    let name = "DNS"
    let codes = ["DNS-08"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    /// Of all answers NXDOMAIN; of all queries slower than ``patience`` seconds; so many that it is no start-up.
    private static let absent = 0.5
    private static let slow = 0.01
    private static let enough = 1000.0
    private static let patience = 0.5

    private static let responses = "coredns_dns_responses_total"
    private static let durations = "coredns_dns_request_duration_seconds_bucket"

    func applies(to facts: FactBase) -> Bool {
        let dns = DNSView(facts)
        return (dns.pods + dns.caches).contains {
            !facts.metrics($0.namespace, $0.name).isEmpty || !facts.logs($0.namespace, $0.name).isEmpty
        }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let dns = DNSView(facts)
        var answers = 0.0
        var absent = 0.0
        var queries = 0.0
        var quick = 0.0
        var source: FactSource?
        for pod in dns.pods + dns.caches {
            for document in facts.metrics(pod.namespace, pod.name) {
                for sample in MetricSample.named(Self.responses, in: document.text) {
                    answers += sample.value
                    if sample.labels["rcode"] == "NXDOMAIN" { absent += sample.value }
                    source = source ?? document.source
                }
                // Of each histogram the widest bucket that is still quick.
                var buckets: [String: [(bound: Double, count: Double)]] = [:]
                for sample in MetricSample.named(Self.durations, in: document.text) {
                    guard let text = sample.labels["le"] else { continue }
                    let bound = text == "+Inf" ? Double.infinity : Double(text) ?? 0
                    let key = sample.labels.filter { $0.key != "le" }.map { "\($0.key)=\($0.value)" }.sorted().joined()
                    buckets[key, default: []].append((bound, sample.value))
                }
                for histogram in buckets.values {
                    queries += histogram.map(\.count).max() ?? 0
                    quick += histogram.filter { $0.bound <= Self.patience * 1.1 }.map(\.count).max() ?? 0
                }
            }
        }
        if source == nil {
            let logged = Self.logged(dns, facts)
            (answers, absent, queries, quick, source) = logged
        }
        guard answers >= Self.enough, absent >= answers * Self.absent, queries >= Self.enough, let source else {
            return []
        }
        // Each answer may be quick, and their sum slow: that tells who waits for it.
        let slow = (queries - quick) >= queries * Self.slow ? nil : SlowLookup.first(facts)
        guard slow != nil || (queries - quick) >= queries * Self.slow else { return [] }
        return [finding(dns, facts, (answers, absent, queries - quick, queries), source, slow)]
    }

    /// The same of the log of queries, where the `log` plugin writes one: `... NXDOMAIN qr,aa,rd 154 2.004118s`.
    private static func logged(
        _ dns: DNSView, _ facts: FactBase
    ) -> (answers: Double, absent: Double, queries: Double, quick: Double, source: FactSource?) {
        var answers = 0.0
        var absent = 0.0
        var quick = 0.0
        var source: FactSource?
        for pod in dns.pods + dns.caches {
            for document in facts.logs(pod.namespace, pod.name) {
                for line in document.lines where line.contains(" IN ") && line.hasSuffix("s") {
                    guard let last = line.split(separator: " ").last, let seconds = Double(last.dropLast()) else {
                        continue
                    }
                    answers += 1
                    if line.contains("NXDOMAIN") { absent += 1 }
                    if seconds <= patience { quick += 1 }
                    source = source ?? document.source
                }
            }
        }
        // A log is short: what a day's counters must reach, some minutes of it need not.
        let weight = answers >= 100 ? max(1, enough / answers) : 1
        return (answers * weight, absent * weight, answers * weight, quick * weight, source)
    }

    private func finding(
        _ dns: DNSView, _ facts: FactBase, _ counts: (answers: Double, absent: Double, slow: Double, queries: Double),
        _ source: FactSource, _ complaint: Diagnosis.Evidence?
    ) -> Diagnosis {
        let absent = Int((counts.absent * 100 / counts.answers).rounded())
        let slow = Int((counts.slow * 100 / counts.queries).rounded(.up))
        let query = expanded(dns, facts)
        let file = resolver(facts, query?.pod)
        var evidence: [Diagnosis.Evidence] = [
            .init(
                "NXDOMAIN \(Int(counts.absent)) of \(Int(counts.answers)) answers; \(Int(counts.slow)) of \(Int(counts.queries)) queries over \(Self.patience) s",
                marking: "\(Int(counts.absent))", from: source)
        ]
        if let query { evidence.append(query.evidence) }
        if let complaint { evidence.append(complaint) }
        if let file { evidence.append(file) }
        let asker = query?.pod
        var fix: Diagnosis.Fix?
        if let asker, asker.owner?.kind == "ReplicaSet", let owner = asker.owner?.name,
            let dash = owner.lastIndex(of: "-")
        {
            let name = String(owner[..<dash])
            fix = .init(
                [
                    "kubectl -n \(asker.namespace) patch deployment \(name) -p '{\"spec\":{\"template\":{\"spec\":{\"dnsConfig\":{\"options\":[{\"name\":\"ndots\",\"value\":\"2\"}]}}}}}'"
                ], undo: "kubectl -n \(asker.namespace) rollout undo deployment/\(name)",
                risk:
                    "its pods are made anew; names with one dot in them (service.namespace) still go through the list, longer ones are asked for as they are first",
                seconds: 60)
        }
        return .of(
            "DNS-08",
            complaint == nil
                ? "\(absent) of 100 DNS answers are NXDOMAIN and \(slow) of 100 queries are slow: the search list multiplies queries"
                : "\(absent) of 100 DNS answers are NXDOMAIN, and look-ups take long: the search list multiplies queries",
            .likely, at: dns.services.prefix(1).map(\.object.place) + [asker?.object.place].compactMap { $0 },
            evidence: evidence,
            because: [
                "with ndots:5 a name with fewer than five dots is first tried with every domain of the search list, for A and for AAAA: one look-up of \(query?.name ?? "a name of the world") is many queries",
                "domains of the list that are not the cluster's are forwarded, and each costs a round trip to the upstream",
            ], fix: fix,
            prevent: "names of the world written with a dot at their end; NodeLocal DNSCache; autopath in the Corefile",
            deadEnds: [
                "more CPU for CoreDNS: it is not what they wait for",
                "a longer cache: NXDOMAIN of every pod's names is cached already",
            ],
            needs: [
                "time kubectl \(asker.map { "-n \($0.namespace) exec \($0.name)" } ?? "exec POD") -- nslookup \(query?.name ?? "example.com")   # and once more with a dot at the name's end: is that one quick?"
            ])
    }

    /// A query of CoreDNS's log for a name of the world with a domain of the search list behind it, and who asked.
    private func expanded(
        _ dns: DNSView, _ facts: FactBase
    ) -> (evidence: Diagnosis.Evidence, name: String, pod: PodView?)? {
        for pod in dns.pods + dns.caches {
            for document in facts.logs(pod.namespace, pod.name) {
                for line in document.lines.reversed() where line.contains("NXDOMAIN") {
                    let words = line.split(separator: " ")
                    guard let place = words.firstIndex(where: { $0 == "IN" }), place + 1 < words.count else { continue }
                    let name = words[place + 1]
                    guard let end = name.firstRange(of: ".svc.cluster.local") ?? name.firstRange(of: ".cluster.local")
                    else { continue }
                    // `api.stripe.com.shop`: what has two dots left without the namespace is no Service's name.
                    let parts = name[..<end.lowerBound].split(separator: ".")
                    let isOfNamespace = name.contains(".svc.")
                    let asked = isOfNamespace ? parts.dropLast() : parts[...]
                    guard asked.count >= 2, asked.last.map({ $0.count >= 2 && $0.allSatisfy(\.isLetter) }) ?? false
                    else {
                        continue
                    }
                    let client = words.lazy.compactMap { word -> IPAddress? in
                        word.lastIndex(of: ":").flatMap {
                            IPAddress(String(word[..<$0].filter { $0 != "[" && $0 != "]" }))
                        }
                    }.first
                    let asker = client.flatMap { address in dns.map.pods.first { $0.addresses.contains(address) } }
                    return (
                        .init(String(line), marking: "NXDOMAIN", from: document.source), asked.joined(separator: "."),
                        asker
                    )
                }
            }
        }
        return nil
    }

    /// The search list of who asked, where it was read; otherwise any pod's.
    private func resolver(_ facts: FactBase, _ asker: PodView?) -> Diagnosis.Evidence? {
        for machine in facts.machines {
            for name in machine.podNames.sorted(by: { one, _ in one == asker?.id }) {
                let parts = name.split(separator: "/").map(String.init)
                guard parts.count == 2, let file = machine.pod(parts[0], parts[1])?.file("/etc/resolv.conf"),
                    let line = file.lines.first(where: { $0.contains("ndots:") })
                else { continue }
                let search = file.lines.first { $0.hasPrefix("search") }.map { "\($0); " } ?? ""
                return .init(search + line, marking: "ndots:", from: file.source)
            }
        }
        return nil
    }
}
