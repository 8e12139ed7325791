import Addressing
import JSONTree

/// CoreDNS itself: whether any is ready, and what its logs and the files of its node say when it is not.
struct DNSServerCheck: Check {
    let name = "DNS"
    let codes = ["DNS-02", "DNS-03", "DNS-04", "DNS-11"]
    let needs: [FactName] = [.objects("services"), .objects("pods")]

    /// A DNS that has just been started is not ready yet.
    private static let patience: Int64 = 60

    func applies(to facts: FactBase) -> Bool { !facts.objects("services").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let dns = DNSView(facts)
        let upstream = Upstreams(dns, facts)
        return dns.services.compactMap { unready($0, facts) } + loops(dns, facts) + withoutAPI(dns, facts)
            + upstream.findings()
    }

    // MARK: Nothing ready

    private func unready(_ entry: ServiceMap.Entry, _ facts: FactBase) -> Diagnosis? {
        let isReady =
            entry.slices.isEmpty && entry.endpoints.isEmpty
            ? entry.pods.contains { $0.isReady && !$0.isTerminating } : !entry.readyEndpoints.isEmpty
        if isReady || entry.selector.isEmpty { return nil }
        let ages = entry.pods.compactMap { facts.seconds(since: $0.object.createdAt) }
        if !ages.isEmpty, ages.allSatisfy({ $0 < Self.patience }) { return nil }
        let scaled = facts.objects("deployments.apps").first { deployment in
            deployment.namespace == entry.object.namespace && deployment.int("spec", "replicas") == 0
                && entry.selector.allSatisfy {
                    deployment["spec", "template", "metadata", "labels"]?.member($0.key)?.string == $0.value
                }
        }
        var evidence: [Diagnosis.Evidence] = [
            .init(
                "\(entry.readyEndpoints.count) of \(entry.endpoints.count) endpoints ready",
                from: entry.slices.first?.source ?? entry.object.source)
        ]
        var because: [String] = []
        var fix: Diagnosis.Fix?
        if let scaled {
            evidence.append(.init("replicas: 0", from: scaled.source))
            because.append("Deployment \(scaled.namespace)/\(scaled.name) is scaled to zero")
            let command = "kubectl -n \(scaled.namespace) scale deployment \(scaled.name) --replicas="
            fix = .init([command + "2"], undo: command + "0", risk: "none", seconds: 20)
        } else if entry.pods.isEmpty {
            because.append("no pod has the labels \(entry.selector.selectorText)")
        }
        for pod in entry.pods.prefix(3) {
            let state = Self.state(pod)
            evidence.append(
                .init("\(pod.name) on \(pod.node.isEmpty ? "no node" : pod.node): \(state)", from: pod.object.source))
            because.append("\(pod.id) is \(state)")
            if let line = Self.telling(pod, facts) { evidence.append(line) }
        }
        let first = entry.pods.first
        // Pods that no node takes because none has a network yet are the first to wait for it, and not what broke.
        let isWaiting = !entry.pods.isEmpty && scaled == nil && entry.pods.allSatisfy(Self.waitsForNetwork)
        if isWaiting { because.append("no node takes it before its network is ready") }
        return .of(
            "DNS-02", "no DNS server of the cluster is ready", isWaiting ? .likely : .certain,
            at: [entry.object.place], evidence: evidence,
            because: because + ["every lookup of every pod asks service \(entry.id)"],
            explains: entry.pods.reduce(into: Set([entry.symptom])) { $0.formUnion($1.symptoms) },
            fix: fix
                ?? first.map {
                    .init(
                        [
                            "kubectl -n \($0.namespace) logs \($0.name) --previous --tail=50",
                            "kubectl -n \($0.namespace) describe pod \($0.name)",
                        ], risk: "none: both only read")
                },
            deadEnds: ["changing resolv.conf of pods: no server answers whoever asks"],
            needs: isWaiting ? ["kubectl get nodes -o wide: why none of them is ready"] : [])
    }

    private static let waitingTaints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/network-unavailable"]

    private static func waitsForNetwork(_ pod: PodView) -> Bool {
        guard pod.node.isEmpty, let scheduled = pod.object.condition("PodScheduled") else { return false }
        let message = scheduled.member("message")?.string ?? ""
        return scheduled.member("status")?.string == "False" && waitingTaints.contains(where: message.contains)
    }

    static func state(_ pod: PodView) -> String {
        if let reason = pod.waitingReasons.first { return "waiting (\(reason))" }
        let phase = pod.object.text("status", "phase") ?? "unknown"
        return phase == "Running" ? "running and not ready" : phase.lowercased()
    }

    /// The last line of its logs that says an error.
    private static func telling(_ pod: PodView, _ facts: FactBase) -> Diagnosis.Evidence? {
        for document in facts.logs(pod.namespace, pod.name).reversed() {
            let line = document.lines.last {
                $0.contains("[FATAL]") || $0.contains("Error during parsing") || $0.contains("[ERROR]")
                    || $0.contains("panic:")
            }
            if let line { return .init(String(line), from: document.source) }
        }
        return nil
    }

    // MARK: Loops

    private func loops(_ dns: DNSView, _ facts: FactBase) -> [Diagnosis] {
        for pod in dns.pods + dns.caches where !pod.isReady {
            let line = facts.logs(pod.namespace, pod.name).lazy.compactMap { document in
                document.lines.last { text in
                    LogReader.mechanisms(of: String(text)).first.map {
                        $0.code == "DNS-03" && $0.confidence == .certain
                    } ?? false
                }.map { Diagnosis.Evidence(String($0), from: document.source) }
            }.first
            // With a loopback server in the file that CoreDNS forwards to, a pod that does not get ready needs no line.
            let file = facts.machines.first { $0.name == pod.node }?.loopbackResolver
            guard line != nil || (file != nil && pod.restarts > 0) else { continue }
            let place = file.map { "\($0.path) of \(pod.node) names \($0.server)" }
            return [
                .of(
                    "DNS-03", "CoreDNS forwards to itself", .certain,
                    at: [pod.object.place] + (pod.node.isEmpty ? [] : ["Node/\(pod.node)"]),
                    evidence: [line, file?.evidence].compactMap { $0 },
                    because: [
                        (place ?? "the node's resolv.conf names a loopback resolver")
                            + "; inside CoreDNS's pod that address is CoreDNS itself",
                        "the loop plugin ends the program when its own query comes back",
                    ],
                    explains: dns.pods.reduce(into: Set(dns.services.map(\.symptom))) { $0.formUnion($1.symptoms) },
                    fix: .init(
                        [
                            "on \(pod.node.isEmpty ? "the node" : pod.node): set resolvConf: "
                                + "/run/systemd/resolve/resolv.conf in /var/lib/kubelet/config.yaml",
                            "systemctl restart kubelet",
                            "kubectl -n \(pod.namespace) delete pod \(pod.name)",
                        ],
                        undo: "set resolvConf back and restart kubelet",
                        risk: "a kubelet restart keeps running pods; only new pods get the other file", seconds: 30),
                    prevent: "let kubelet use a resolv.conf without loopback servers on every node",
                    deadEnds: [
                        "taking the loop plugin out of the Corefile: queries then circle until memory is used up"
                    ])
            ]
        }
        return []
    }

    // MARK: The API

    private func withoutAPI(_ dns: DNSView, _ facts: FactBase) -> [Diagnosis] {
        for pod in dns.pods where !pod.isReady && !pod.isTerminating {
            for document in facts.logs(pod.namespace, pod.name).reversed() {
                if let refused = Self.refused(pod, document, dns) { return [refused] }
                guard let line = document.lines.last(where: { Self.isAPIFailure($0) }) else { continue }
                return [
                    .of(
                        "DNS-11", "CoreDNS runs and cannot reach the Kubernetes API", .certain, at: [pod.object.place],
                        evidence: [
                            .init(String(line), from: document.source),
                            .init("Ready: False", from: pod.object.source),
                        ],
                        because: [
                            "the kubernetes plugin gets Services and EndpointSlices from the API; until it has them "
                                + "CoreDNS is not ready and gives no answer for the cluster's names"
                        ],
                        explains: dns.pods.reduce(into: Set(dns.services.map(\.symptom))) {
                            $0.formUnion($1.symptoms)
                        },
                        fix: .init(
                            [
                                "kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes",
                                "kubectl -n \(pod.namespace) get networkpolicies",
                                "poplin doctor why \(pod.id) -> default/kubernetes:443",
                            ], risk: "none: all only read"),
                        deadEnds: [
                            "restarting CoreDNS: it starts into the same network",
                            "\"almost always a network policy\": a node without Service rules looks the same",
                        ])
                ]
            }
        }
        return []
    }

    /// Listing or watching failed for want of a connection, which is not the same as for want of a right.
    static func isAPIFailure(_ line: some StringProtocol) -> Bool {
        let text = line.lowercased()
        let asks =
            text.contains("failed to list") || text.contains("failed to watch") || text.contains("/api")
            || text.contains("kubernetes api")
        let fails = [
            "i/o timeout", "connection refused", "no route to host", "network is unreachable",
            "connection timed out", "eof", "tls handshake timeout",
        ].contains { text.contains($0) }
        return asks && fails && !text.contains(":53:")
    }
}

/// Servers outside the cluster that CoreDNS forwards to and that do not answer it.
struct Upstreams {
    let dns: DNSView
    /// By server: how many queries of how many CoreDNS pods ran into a timeout, and the last line that says so.
    private var silent: [IPAddress: (count: Int, pods: Set<String>, line: Diagnosis.Evidence)] = [:]
    /// How many names outside were answered since, where CoreDNS logs its queries.
    private var answeredSince: [IPAddress: Int] = [:]

    /// Fewer are the losses of any network.
    private static let threshold = 3
    /// So many that the server cannot be said to answer.
    private static let decisive = 5
    /// A few losses that so many times as many answers came after are over.
    private static let recovery = 20

    init(_ dns: DNSView, _ facts: FactBase) {
        self.dns = dns
        let inside = dns.servers.union(dns.pods.flatMap(\.addresses))
        for pod in dns.pods + dns.caches {
            for document in facts.logs(pod.namespace, pod.name) {
                for line in document.lines {
                    guard let server = Self.server(of: line), !inside.contains(server), !server.isLoopback else {
                        if !silent.isEmpty, Self.isAnswerFromOutside(line) {
                            for known in silent.keys { answeredSince[known, default: 0] += 1 }
                        }
                        continue
                    }
                    answeredSince[server] = 0
                    let evidence = Diagnosis.Evidence(
                        String(line), marking: "\(server):53: ", from: document.source)
                    silent[server, default: (0, [], evidence)].count += 1
                    silent[server]?.pods.insert(pod.id)
                    silent[server]?.line = evidence
                }
            }
        }
    }

    /// Of `read udp 10.244.0.5:41234->8.8.8.8:53: i/o timeout`.
    static func server(of line: Substring) -> IPAddress? {
        guard
            line.contains("i/o timeout") || line.contains("no route to host")
                || line.contains("network is unreachable") || line.contains("connection refused")
        else { return nil }
        guard let arrow = line.firstRange(of: "->"), let end = line[arrow.upperBound...].firstRange(of: ":53:") else {
            return nil
        }
        var text = String(line[arrow.upperBound..<end.lowerBound])
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        return IPAddress(text)
    }

    /// Of the plugin log: `NOERROR qr,rd,ra 88 0.014s`, without the `aa` of the cluster's own names.
    private static func isAnswerFromOutside(_ line: Substring) -> Bool {
        guard let flags = line.firstRange(of: " NOERROR qr,")?.upperBound else { return false }
        let list = line[flags...].prefix { $0 != " " }.split(separator: ",")
        return list.contains("ra") && !list.contains("aa")
    }

    func findings() -> [Diagnosis] {
        let loud = silent.filter { server, seen in
            seen.count >= Self.decisive
                || seen.count >= Self.threshold && answeredSince[server, default: 0] < Self.recovery * seen.count
        }.sorted { $0.key < $1.key }
        guard let first = loud.first else { return [] }
        let names = loud.map { "\($0.key)" }
        let pods = loud.reduce(into: Set<String>()) { $0.formUnion($1.value.pods) }.sorted()
        let allPods = Set((dns.pods + dns.caches).map(\.id))
        let isEverybody = pods.count == allPods.count
        return [
            .of(
                "DNS-04", "CoreDNS gets no answer from \(listed(names))",
                loud.contains { $0.value.count >= Self.decisive } ? .certain : .likely,
                at: pods.map { "Pod/\($0)" }, evidence: loud.prefix(3).map(\.value.line),
                because: [
                    "names outside the cluster are forwarded to \(listed(names)); "
                        + loud.map { "\($0.value.count) queries to \($0.key)" }.joined(separator: ", ")
                        + " ran into a timeout, names of the cluster are answered",
                    isEverybody
                        ? "from every DNS pod: the server, or the way out of the pod network (masquerade, firewall)"
                        : "from \(listed(pods)) only: the way out of that node",
                ],
                fix: .init(
                    [
                        "kubectl debug -it -n \(pods[0].split(separator: "/")[0]) \(pods[0].split(separator: "/")[1]) "
                            + "--image=registry.k8s.io/e2e-test-images/agnhost:2.53 -- "
                            + "nslookup kubernetes.io \(first.key)",
                        "kubectl -n \(dns.services.first?.object.namespace ?? "kube-system") edit configmap coredns"
                            + "   # forward . to servers that pods can reach",
                    ], undo: "kubectl -n kube-system edit configmap coredns   # the servers as they were",
                    risk: "the Corefile is reloaded by itself within two minutes", seconds: 120),
                deadEnds: ["more CoreDNS replicas: each forwards to the same servers"])
        ]
    }
}
