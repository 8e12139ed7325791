import Addressing
import JSONTree

/// Connections that ended at a node without an endpoint of a Service that serves locally only, as probes or events
/// tell; and what the proxies of a mesh count when they hold back connections themselves.
struct LocalTrafficCheck: Check {
    let name = "services"
    let codes = ["SVC-12"]
    let needs: [FactName] = [
        .objects("services"), .objects("nodes"), .objects("endpointslices.discovery.k8s.io"),
    ]

    func applies(to facts: FactBase) -> Bool {
        facts.objects("services").contains { Self.isLocal($0) }
    }

    static func isLocal(_ service: APIObject) -> Bool {
        service.text("spec", "externalTrafficPolicy") == "Local"
            || service.text("spec", "internalTrafficPolicy") == "Local"
    }

    /// Lines of probes, loose logs and pods that say a connection to an address failed.
    static func complaints(_ facts: FactBase) -> [Diagnosis.Evidence] {
        var found: [Diagnosis.Evidence] = []
        for folder in [EvidencePath.probes, EvidencePath.looseLogs, EvidencePath.logs] {
            for (_, document) in facts.evidence.documents(under: folder) {
                for line in document.lines {
                    if Self.isComplaint(line) {
                        found.append(.init(String(line), from: document.source))
                    }
                }
            }
        }
        for event in facts.events {
            if Self.isComplaint(event.message) { found.append(.init(event.message, from: event.source)) }
        }
        return found
    }

    private static func isComplaint(_ line: some StringProtocol) -> Bool {
        let text = line.lowercased()
        return ["refused", "timed out", "i/o timeout", "no route to host"].contains { text.contains($0) }
    }

    /// Whether a line is about a port of an address, as programs write it.
    private static func names(_ line: String, _ address: String, _ port: Int64) -> Bool {
        line.contains("\(address):\(port)") || line.contains("\(address) port \(port)")
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let complaints = Self.complaints(facts)
        let nodes = facts.objects("nodes")
        return ServiceMap(facts).entries.compactMap { entry in
            guard Self.isLocal(entry.object), !entry.readyEndpoints.isEmpty, !entry.isCut else { return nil }
            let served = Set(entry.readyEndpoints.compactMap(\.node))
            let without = nodes.filter { !served.contains($0.name) }
            let ports = entry.object.list("spec", "ports").compactMap { $0.member("nodePort")?.int }
            for node in without {
                for address in node.nodeAddresses() + node.nodeAddresses("ExternalIP") + [node.name] {
                    for port in ports {
                        guard let line = complaints.first(where: { Self.names($0.text, address, port) }) else {
                            continue
                        }
                        return finding(entry, node, served, line)
                    }
                }
            }
            return unserved(entry, without, served, facts)
        }
    }

    /// Nobody complained in what was read, and nobody can be served: clients of a NodePort name a machine themselves, as
    /// pods that ask a Service of their own machine only do. A balancer asks the health check's port and leaves such
    /// machines out; agents that are on each machine of their kind are meant so.
    private func unserved(
        _ entry: ServiceMap.Entry, _ without: [APIObject], _ served: Set<String>, _ facts: FactBase
    ) -> Diagnosis? {
        let isInternal = entry.object.text("spec", "internalTrafficPolicy") == "Local"
        let isPort =
            entry.object.text("spec", "type") == "NodePort"
            && entry.object.text("spec", "externalTrafficPolicy") == "Local"
        guard isPort || isInternal, !served.isEmpty, !entry.pods.isEmpty,
            entry.pods.allSatisfy({ ["ReplicaSet", "StatefulSet", nil].contains($0.owner?.kind) })
        else { return nil }
        let callers = Set(
            facts.pods.filter { pod in
                !pod.isFinished && !pod.isTerminating && !pod.isOnHostNetwork && pod.namespace == entry.object.namespace
            }.map(\.node))
        let lacking = without.first { node in
            let isOrdinary =
                node.isCondition("Ready") && node.bool("spec", "unschedulable") != true
                && node.list("spec", "taints").isEmpty
            return isOrdinary && (isPort || callers.contains(node.name))
        }
        guard let lacking else { return nil }
        let policy = isPort ? "externalTrafficPolicy" : "internalTrafficPolicy"
        var finding = finding(
            entry, lacking, served,
            .init("\(policy): Local", marking: "Local", from: entry.object.source), policy: policy)
        finding.confidence = .likely
        finding.needs = [
            isPort
                ? "curl http://\(lacking.nodeAddresses().first ?? lacking.name):\(entry.object.list("spec", "ports").first?.member("nodePort")?.int ?? 0)/   # refused or silent there, answered on \(served.sorted().first ?? "the others")"
                : "from a pod on \(lacking.name): wget -T 3 -qO- http://\(entry.object.name).\(entry.object.namespace)/   # refused there only"
        ]
        return finding
    }

    private func finding(
        _ entry: ServiceMap.Entry, _ node: APIObject, _ served: Set<String>, _ line: Diagnosis.Evidence,
        policy: String = "externalTrafficPolicy"
    ) -> Diagnosis {
        let name = entry.object.name
        let namespace = entry.object.namespace
        return .of(
            "SVC-12", "\(node.name) has no endpoint of \(entry.id), which answers locally only", .certain,
            at: [entry.object.place, node.place],
            evidence: [
                line, .init("\(policy): Local", marking: "Local", from: entry.object.source),
                .init(
                    "endpoints on \(listed(served.sorted()))", from: entry.slices.first?.source ?? entry.object.source),
            ],
            because: [
                "with the policy Local a node forwards to its own pods only and drops the rest, so that the sender's "
                    + "address is kept; endpoints run on \(listed(served.sorted()))"
            ],
            fix: .init(
                [
                    "kubectl -n \(namespace) patch service \(name) -p '{\"spec\":{\"\(policy)\":\"Cluster\"}}'"
                ],
                undo:
                    "kubectl -n \(namespace) patch service \(name) -p '{\"spec\":{\"\(policy)\":\"Local\"}}'",
                risk: "pods then see the node's address instead of the client's", seconds: 5),
            prevent: "let the load balancer ask the health check node port: it leaves such nodes out by itself",
            deadEnds: ["restarting kube-proxy: it does what the policy says"])
    }
}
