import Addressing
import Findings
import JSONTree
import Policy

/// Goes the way of a connection and says of each step what the evidence tells.
struct PathWalk {
    /// A place where the connection can arrive.
    struct Backend {
        var pod: PodView?
        var address: IPAddress
        var port: Int64
    }

    let request: PathRequest
    let source: PathEnd
    let destination: PathEnd
    let map: ServiceMap
    let facts: FactBase
    let engine: PolicyEngine
    let policies: PolicyFacts
    let sourcePod: PodView?

    var steps: [PathTrace.Step] = []
    var remarks: [String] = []
    var backends: [Backend] = []
    var explanation: Explanation?
    var fixes: [PathTrace.Step.Kind: Diagnosis.Fix] = [:]
    var writers: [PathTrace.Step.Kind: String] = [:]
    /// What the checks of machines found, for the steps that are theirs.
    let findings: [Diagnosis]

    init(_ request: PathRequest, _ source: PathEnd, _ destination: PathEnd, _ map: ServiceMap, _ facts: FactBase) {
        self.request = request
        self.source = source
        self.destination = destination
        self.map = map
        self.facts = facts
        policies = PolicyFacts(facts)
        engine = PolicyEngine(cluster: policies.cluster, policies: policies.policies)
        if case .pod(let place) = source {
            sourcePod = map.pods.first { $0.id == place.id && !$0.isFinished }
        } else {
            sourcePod = nil
        }
        findings = DiagnosisReport(facts, CheckList.machines + CheckList.addresses).entries
            .flatMap { [$0.root] + $0.consequences }
    }

    var backendText: String {
        backends.first.map { "\($0.pod?.id ?? "\($0.address)"):\($0.port)" } ?? "\(destination.text):\(request.port)"
    }

    /// Of the source, in the family of the backend.
    var sourceAddress: IPAddress? {
        let family = backends.first?.address.family ?? .v4
        switch source {
        case .pod(let pod): return pod.addresses.first { $0.family == family }
        case .address(let address): return address
        case .node(let name):
            return facts.objects("nodes").first { $0.name == name }?.nodeAddresses().compactMap { IPAddress($0) }
                .first { $0.family == family }
        case .service: return nil
        }
    }

    /// Where the source runs; empty for ends outside.
    var sourceNode: String {
        switch source {
        case .pod(let pod): pod.node
        case .node(let name): name
        default: ""
        }
    }

    var targetNode: String {
        if let pod = backends.first?.pod { return pod.node }
        if case .node(let name) = destination { return name }
        guard let address = backends.first?.address else { return "" }
        return facts.objects("nodes").first { $0.nodeAddresses().contains("\(address)") }?.name ?? ""
    }

    mutating func run() {
        resolve()
        service()
        guard !backends.isEmpty else {
            for kind in [PathTrace.Step.Kind.egress, .ingress, .route, .mtu, .listener, .reply] {
                steps.append(.init(kind, .notChecked, "it is not known where the connection would arrive"))
            }
            return
        }
        policy(.egress)
        policy(.ingress)
        route()
        size()
        listener()
        reply()
    }

    // MARK: Names

    private mutating func resolve() {
        guard case .service(let id) = destination, IPAddress(request.to) == nil,
            let entry = map.entries.first(where: { $0.id == id })
        else {
            steps.append(.init(.resolve, .passed, "\(request.to): no name to look up"))
            return
        }
        let parts = id.split(separator: "/")
        let name = "\(parts[1]).\(parts[0]).svc"
        let answer =
            entry.isHeadless
            ? entry.readyEndpoints.flatMap(\.addresses).map(\.description) : entry.addresses.map(\.description)
        let dns = DNSView(facts)
        guard let server = dns.services.first else {
            steps.append(.init(.resolve, .notChecked, "\(name): no DNS Service was collected"))
            return
        }
        let found = DNSServerCheck().findings(facts).filter { ["DNS-02", "DNS-03", "DNS-11"].contains($0.code) }
        if let finding = CauseGraph.standard.folded(found).first?.root, server.readyEndpoints.isEmpty {
            steps.append(
                .init(
                    .resolve, .failed, "\(name): \(finding.title)", details: finding.because,
                    evidence: finding.evidence, codes: [finding.code]))
            fixes[.resolve] = finding.fix
            return
        }
        if let pod = sourcePod, PolicyFacts.hasPolicies(facts) {
            let blocked = DNSPolicyCheck(only: pod.id).findings(facts)
            if let finding = blocked.first {
                steps.append(
                    .init(
                        .resolve, .failed, "\(name): \(finding.title)", details: finding.because,
                        evidence: finding.evidence, codes: [finding.code]))
                fixes[.resolve] = finding.fix
                return
            }
        }
        let ready = server.readyEndpoints.count
        steps.append(
            .init(
                .resolve, .passed,
                "\(name) → \(answer.isEmpty ? "no address" : listed(answer))  (\(counted(ready, "DNS server")) ready)",
                evidence: [.init("clusterIP: \(listed(answer))", from: entry.object.source)]))
    }

    // MARK: Services

    private mutating func service() {
        switch destination {
        case .pod(let place):
            let pod = map.pods.first { $0.id == place.id && !$0.isFinished }
            direct(place.addresses, pod)
        case .node(let name):
            let addresses = facts.objects("nodes").first { $0.name == name }?.nodeAddresses() ?? []
            direct(addresses.compactMap { IPAddress($0) }, nil)
        case .address(let address): direct([address], nil)
        case .service(let id):
            if let entry = map.entries.first(where: { $0.id == id }) { translate(entry) }
        }
    }

    private mutating func direct(_ addresses: [IPAddress], _ pod: PodView?) {
        let number = Int64(request.port) ?? pod?.ports.first { $0.name == request.port }?.number
        guard let number, (1...65535).contains(number) else {
            steps.append(
                .init(.service, .failed, "\(destination.text) has no port \(request.port)", codes: ["SVC-02"]))
            return
        }
        guard let address = addresses.first else {
            steps.append(.init(.service, .failed, "\(destination.text) has no address yet"))
            return
        }
        backends = [Backend(pod: pod, address: address, port: number)]
        steps.append(.init(.service, .passed, "\(address):\(number) directly, no Service between"))
    }

    private mutating func translate(_ entry: ServiceMap.Entry) {
        guard
            let port = entry.ports.first(where: {
                ($0.name == request.port || "\($0.number)" == request.port)
                    && $0.transport == "\(request.transport)".uppercased()
            })
        else {
            let known = entry.ports.map { "\($0.number)\($0.transport == "TCP" ? "" : "/\($0.transport)")" }
            steps.append(
                .init(
                    .service, .failed, "service \(entry.id) has no port \(request.port)",
                    details: ["it has \(known.isEmpty ? "none" : listed(known, upTo: 6))"],
                    evidence: [.init("ports: \(listed(known, upTo: 6))", from: entry.object.source)], codes: ["SVC-02"])
            )
            return
        }
        for endpoint in entry.readyEndpoints {
            let pod = endpoint.pod.flatMap { id in map.pods.first { $0.id == id } }
            guard let number = self.number(of: port, entry, pod), let address = endpoint.addresses.first else {
                continue
            }
            backends.append(Backend(pod: pod, address: address, port: number))
        }
        if !map.hasSlices {
            for pod in entry.pods where pod.isReady && !pod.isTerminating {
                guard let number = self.number(of: port, entry, pod), let address = pod.addresses.first else {
                    continue
                }
                backends.append(Backend(pod: pod, address: address, port: number))
            }
        }
        let shown = "\(entry.addresses.first.map { "\($0)" } ?? entry.id):\(port.number)"
        guard !backends.isEmpty else { return noBackend(entry, port, shown) }
        if let step = unprogrammed(entry, port) ?? untranslated(entry, port) ?? unserved(entry, port) {
            steps.append(step)
            return
        }
        let ends = backends.map { "\($0.address)" }
        let number = backends[0].port
        steps.append(
            .init(
                .service, .passed, "\(shown) → \(listed(ends)) :\(number)   (\(backends.count) ready)",
                evidence: entry.slices.prefix(1).map { .init("endpoints: \(listed(ends))", from: $0.source) }))
    }

    private func number(of port: ServiceMap.Port, _ entry: ServiceMap.Entry, _ pod: PodView?) -> Int64? {
        if let number = port.targetNumber { return number }
        if let found = pod?.ports.first(where: { $0.name == port.target && $0.transport == port.transport }) {
            return found.number
        }
        return entry.slicePorts[port.name]?.first
    }

    private mutating func noBackend(_ entry: ServiceMap.Entry, _ port: ServiceMap.Port, _ shown: String) {
        let causes = SelectorCheck().findings(facts) + TargetPortCheck().findings(facts)
        if let finding = causes.first(where: { $0.places.contains(entry.object.place) }) {
            steps.append(
                .init(
                    .service, .failed, "\(shown) has no endpoint: \(finding.title)", details: finding.because,
                    evidence: finding.evidence, codes: [finding.code]))
            fixes[.service] = finding.fix
            writers[.service] = entry.object.lastWriter
            return
        }
        let states = entry.pods.prefix(3).map { "\($0.id) is \(DNSServerCheck.state($0))" }
        steps.append(
            .init(
                .service, .failed, "\(shown) has no ready endpoint",
                details: states.isEmpty
                    ? ["no pod has the labels \(entry.selector.selectorText)"] : Array(states),
                evidence: [.init("selector: \(entry.selector.selectorText)", from: entry.object.source)]
                    + entry.pods.prefix(2).map { .init("Ready: False", from: $0.object.source) },
                codes: entry.pods.isEmpty ? ["SVC-01"] : []))
    }

    /// The node of the source has no proxy that would translate.
    private mutating func unprogrammed(_ entry: ServiceMap.Entry, _ port: ServiceMap.Port) -> PathTrace.Step? {
        let node = sourceNode
        guard !node.isEmpty, facts.has(.objects("daemonsets.apps")), NetworkProviders(facts).runs(.kubeProxy),
            !entry.isHeadless
        else { return nil }
        let found =
            ProxyCheck().findings(facts).filter { finding in
                ["SVC-03", "SVC-10", "SVC-11"].contains(finding.code) && finding.places.contains("Node/\(node)")
            }
            + findings.filter { finding in
                ["SVC-03", "SVC-05", "SVC-10"].contains(finding.code) && finding.confidence == .certain
                    && finding.places.contains { $0.hasSuffix("/\(node)") || $0 == node }
                    && finding.explains.contains(entry.symptom)
            }
        guard let finding = found.first else { return nil }
        fixes[.service] = finding.fix
        return .init(
            .service, .failed, "\(entry.id): \(finding.title)", details: finding.because, evidence: finding.evidence,
            codes: [finding.code])
    }
}
