import Addressing
import JSONTree
import Policy

/// Which probes are worth sending, decided from what was collected before anything is sent. What a policy forbids is
/// not asked: it would get no answer, and rightly so.
public struct ProbePlan: Sendable {
    /// Places at most, and pods of other nodes that each of them asks.
    private static let sourceNodes = 12
    private static let targets = 4
    /// Pods that are tried for a shell, of one node.
    private static let candidates = 3

    private let pods: [PodView]
    private let dns: DNSView
    private let engine: PolicyEngine
    private let hasPolicies: Bool
    private let apiService: ServiceMap.Entry?
    /// The name every cluster has.
    public let name: String
    /// Nodes that pods can be asked on, the ailing ones first.
    public let nodes: [String]

    public init(_ facts: FactBase) {
        dns = DNSView(facts)
        pods = dns.map.pods.filter {
            $0.isReady && !$0.isFinished && !$0.isTerminating && !$0.isOnHostNetwork && !$0.addresses.isEmpty
                && !$0.node.isEmpty
        }
        hasPolicies = PolicyFacts.hasPolicies(facts)
        let policies = PolicyFacts(facts)
        engine = PolicyEngine(cluster: policies.cluster, policies: policies.policies)
        apiService = dns.map.entries.first { $0.id == "default/kubernetes" }
        name = "kubernetes.default.svc.\(Self.domain(facts))"
        let ailing = Set(facts.symptoms.map(\.node))
        let all = Set(pods.map(\.node)).sorted()
        nodes = Array((all.filter(ailing.contains) + all.filter { !ailing.contains($0) }).prefix(Self.sourceNodes))
    }

    /// The first zone of the `kubernetes` plugin in the Corefile; what nearly every cluster has, otherwise.
    private static func domain(_ facts: FactBase) -> String {
        for map in facts.objects("configmaps") {
            for line in (map.text("data", "Corefile") ?? "").split(separator: "\n") {
                let words = line.split { $0 == " " || $0 == "\t" }
                guard words.count > 1, words[0] == "kubernetes" else { continue }
                let zone = words[1].hasSuffix(".") ? words[1].dropLast() : words[1]
                // It goes into a command line.
                if zone.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }),
                    zone.first?.isLetter ?? false
                {
                    return String(zone)
                }
            }
        }
        return "cluster.local"
    }

    // MARK: From where

    private static let shells = [
        "busybox", "alpine", "netshoot", "toolbox", "debug", "ubuntu", "debian", "curl", "nginx",
    ]

    /// Pods of a node that may have a shell, the likeliest first. DNS servers are asked and do not ask.
    public func sources(on node: String) -> [ProbeSource] {
        let servers = Set(dns.pods.map(\.id))
        let own = pods.filter { $0.node == node && !servers.contains($0.id) }
        func rank(_ pod: PodView) -> Int {
            let images = pod.containers.compactMap { $0.member("image")?.string }
            if images.contains(where: { image in Self.shells.contains { image.contains($0) } }) { return 0 }
            return pod.namespace == "kube-system" ? 2 : 1
        }
        return own.sorted { (rank($0), $0.id) < (rank($1), $1.id) }.prefix(Self.candidates).compactMap(Self.source)
    }

    /// A pod by its name, whatever it runs.
    public func source(_ namespace: String, _ pod: String) -> ProbeSource? {
        pods.first { $0.namespace == namespace && $0.name == pod }.flatMap(Self.source)
    }

    private static func source(_ pod: PodView) -> ProbeSource? {
        guard let container = pod.object.list("spec", "containers").first?.member("name")?.string else { return nil }
        return ProbeSource(
            namespace: pod.namespace, pod: pod.name, container: container, node: pod.node, addresses: pod.addresses)
    }

    // MARK: What

    public func probes(from source: ProbeSource) -> [PlannedProbe] {
        let families =
            source.isMachine
            ? [IPFamily.v4, .v6] : Set(source.addresses.map(\.family)).sorted { $0 == .v4 && $1 != .v4 }
        var found: [PlannedProbe] = []
        for server in dns.pods.filter(\.isReady).prefix(2) {
            guard let address = server.addresses.first(where: { families.contains($0.family) }) else { continue }
            let port = dnsPort(of: server)
            found.append(
                PlannedProbe(
                    .dns, .dnsServer, address, port: port, target: server.id, node: server.node, name: name))
        }
        if let service = dns.services.first,
            let address = service.addresses.first(where: { families.contains($0.family) })
        {
            let port = service.ports.first { $0.transport == "UDP" }.flatMap { UInt16(exactly: $0.number) } ?? 53
            found.append(
                PlannedProbe(.dns, .dnsService, address, port: port, target: "Service \(service.id)", name: name))
        }
        if let apiService, let address = apiService.addresses.first(where: { families.contains($0.family) }) {
            let port = apiService.ports.first.flatMap { UInt16(exactly: $0.number) } ?? 443
            found.append(PlannedProbe(.tcp, .apiService, address, port: port, target: "Service \(apiService.id)"))
        }
        for node in otherNodes(of: source.node) {
            found += probes(ofNode: node, families, role: .pod)
        }
        found += probes(ofNode: source.node, families, role: .neighbour, without: source)
        return found.filter { isAllowed($0, from: source) }
    }

    /// Of a path somebody asks about: the name's servers, and the places where the connection may arrive.
    public func probes(
        from source: ProbeSource, to ends: [(address: IPAddress, port: UInt16, target: String, node: String)]
    )
        -> [PlannedProbe]
    {
        let base = probes(from: source).filter { $0.kind == .dns }
        return base
            + ends.map { PlannedProbe(.tcp, .asked, $0.address, port: $0.port, target: $0.target, node: $0.node) }
    }

    /// A ring: each node is asked by some others, however many there are.
    private func otherNodes(of node: String) -> [String] {
        let all = Set(pods.map(\.node)).union([node]).sorted()
        guard let place = all.firstIndex(of: node) else { return [] }
        let rest = all[(place + 1)...] + all[..<place]
        return Array(rest.prefix(Self.targets))
    }

    /// The pod of a node that is surest to listen: one that its kubelet asks over TCP, else one that declares a port.
    /// Where none says what it listens on one is pinged.
    private func probes(
        ofNode node: String, _ families: [IPFamily], role: PlannedProbe.Role, without source: ProbeSource? = nil
    ) -> [PlannedProbe] {
        var best: (rank: Int, pod: PodView, port: UInt16)?
        for pod in pods where pod.node == node && pod.id != source?.text {
            guard let (rank, port) = Self.listeningPort(of: pod) else { continue }
            if best.map({ rank < $0.rank }) ?? true { best = (rank, pod, port) }
        }
        guard let target = best?.pod ?? pods.first(where: { $0.node == node && $0.id != source?.text }),
            let address = target.addresses.first(where: { families.contains($0.family) })
        else { return [] }
        func probe(_ kind: PlannedProbe.Kind, _ port: UInt16) -> PlannedProbe {
            PlannedProbe(kind, role, address, port: port, target: target.id, node: node)
        }
        let connection = best.map { [probe(.tcp, $0.port)] } ?? []
        return role == .pod ? connection + [probe(.echo, 0), probe(.large, 0)] : connection
    }

    private static func listeningPort(of pod: PodView) -> (rank: Int, port: UInt16)? {
        for container in pod.containers {
            for key in ["readinessProbe", "livenessProbe"] {
                for way in ["httpGet", "tcpSocket"] {
                    guard let port = container.at(key, way, "port") else { continue }
                    let number = port.int ?? pod.ports.first { $0.name == port.string }?.number
                    if let number, let exact = UInt16(exactly: number) { return (0, exact) }
                }
            }
        }
        let declared = pod.ports.first { $0.transport == "TCP" }
        return declared.flatMap { UInt16(exactly: $0.number) }.map { (1, $0) }
    }

    private func dnsPort(of pod: PodView) -> UInt16 {
        let declared = pod.ports.first { $0.transport == "UDP" && ($0.name.hasPrefix("dns") || $0.number == 53) }
        return declared.flatMap { UInt16(exactly: $0.number) } ?? 53
    }

    // MARK: Policies

    private func isAllowed(_ probe: PlannedProbe, from source: ProbeSource) -> Bool {
        if !hasPolicies { return true }
        let from: FlowEnd =
            source.isMachine ? .node(source.node) : .pod(PodName(namespace: source.namespace, name: source.pod))
        func walk(_ target: FlowEnd, _ transport: TransportProtocol, _ port: UInt16) -> Bool {
            let flow = Flow(from: from, to: target, transport: transport, port: port, family: probe.address.family)
            guard let walks = try? engine.walk(flow) else { return false }
            if probe.kind == .echo || probe.kind == .large {
                // What policies say of ICMP differs between networks.
                return walks.egress.isolatedBy.isEmpty && walks.ingress.isolatedBy.isEmpty
            }
            return walks.egress.verdict.isAllowed && walks.ingress.verdict.isAllowed
        }
        if probe.role == .dnsService {
            return dns.pods.contains { server in
                server.addresses.contains { walk(.address($0), .udp, dnsPort(of: server)) }
            }
        }
        if probe.role == .apiService {
            let ends = apiService?.readyEndpoints.flatMap(\.addresses) ?? []
            let port = apiService?.slicePorts.values.first?.first.flatMap { UInt16(exactly: $0) } ?? probe.port
            return ends.contains { walk(.address($0), .tcp, port) }
        }
        return walk(.address(probe.address), probe.kind == .dns ? .udp : .tcp, probe.port)
    }
}
