import Addressing
import JSONTree

/// Services that lead into other clusters.
extension MultiClusterCheck {
    func exports(_ facts: FactBase) -> [Diagnosis] {
        for export in facts.objects("serviceexports.multicluster.x-k8s.io") {
            let isThere = facts.object("services", export.namespace, export.name) != nil
            let refused = export.list("status", "conditions").first {
                ["Valid", "Ready", "Synced"].contains($0.member("type")?.string ?? "")
                    && $0.member("status")?.string == "False" && !Self.isOnItsWay($0, facts)
            }
            if isThere && refused == nil || !facts.has(.objects("services")) { continue }
            let near = facts.objects("services").filter { $0.name == export.name }.map { "\($0.namespace)/\($0.name)" }
            return [
                .of(
                    "MCL-05",
                    isThere
                        ? "the export of \(export.namespace)/\(export.name) is not valid"
                        : "service \(export.namespace)/\(export.name) is exported and does not exist",
                    .certain, at: [export.place],
                    evidence: [
                        .init(
                            refused?.member("message")?.string ?? "metadata.name: \(export.name)", from: export.source)
                    ],
                    because: [
                        isThere
                            ? refused?.member("message")?.string ?? "its status says so"
                            : "an export has the name and namespace of its Service"
                                + (near.isEmpty ? "" : "; there is \(listed(near))")
                    ],
                    fix: near.first.map { name in
                        let namespace = String(name.split(separator: "/")[0])
                        return .init(
                            ["subctl export service --namespace \(namespace) \(export.name)"],
                            undo: "subctl unexport service --namespace \(namespace) \(export.name)", risk: "none",
                            seconds: 10)
                    })
            ]
        }
        return wanted(facts)
    }

    /// Seconds in which an export is ordinarily known to the others.
    private static let patience: Int64 = 120

    /// A condition that only tells that the other side has not answered yet (Lighthouse: `AwaitingExport`).
    private static func isOnItsWay(_ condition: JSONNode, _ facts: FactBase) -> Bool {
        if condition.member("type")?.string != "Valid",
            condition.member("reason")?.string?.hasPrefix("Awaiting") ?? false
        {
            return true
        }
        let since = condition.member("lastTransitionTime")?.string.flatMap(APIObject.seconds)
        return since != nil && !facts.isOlder(since, than: patience)
    }

    /// Names of the other clusters that programs here ask for, and that nobody imported.
    func wanted(_ facts: FactBase) -> [Diagnosis] {
        // Where nobody listed the imports, the answer of the cluster set's own names has to do.
        let areKnown = facts.has(.objects("serviceimports.multicluster.x-k8s.io"))
        guard areKnown || !facts.objects("endpoints.submariner.io").isEmpty else { return [] }
        let imports = Set(
            facts.objects("serviceimports.multicluster.x-k8s.io").flatMap { item -> [String] in
                let annotations = item.annotations
                let name =
                    annotations["origin-name"] ?? item.labels["multicluster.kubernetes.io/service-name"] ?? item.name
                let namespace =
                    annotations["origin-namespace"] ?? item.labels["lighthouse.submariner.io/sourceNamespace"]
                    ?? item.namespace
                return ["\(name).\(namespace)"]
            })
        for pod in facts.pods {
            for document in facts.logs(pod.namespace, pod.name) {
                for line in document.lines where line.contains(".svc.clusterset.local") {
                    guard NameFailure.isSign(line) || line.contains("NXDOMAIN"),
                        let end = line.firstRange(of: ".svc.clusterset.local")
                    else { continue }
                    let name = String(
                        line[..<end.lowerBound].reversed().prefix {
                            $0.isLetter || $0.isNumber || $0 == "-" || $0 == "."
                        }
                        .reversed())
                    guard name.split(separator: ".").count >= 2, !imports.contains(name) else { continue }
                    let parts = name.split(separator: ".").map(String.init)
                    let service = "\(parts[parts.count - 1])/\(parts[parts.count - 2])"
                    let isHere = facts.object("services", parts[parts.count - 1], parts[parts.count - 2]) != nil
                    return [
                        .of(
                            "MCL-05", "service \(service) is not exported", areKnown ? .certain : .likely,
                            at: [pod.object.place],
                            evidence: [.init(String(line), marking: name, from: document.source)],
                            because: [
                                (areKnown
                                    ? "there is no ServiceImport of \(service)"
                                    : "the cluster set knows no name \(name): names of it are those of ServiceImports")
                                    + (isHere ? "; the Service is here, without a ServiceExport" : "")
                            ],
                            explains: pod.symptoms,
                            fix: .init(
                                [
                                    "in the cluster that has it: subctl export service --namespace "
                                        + "\(parts[parts.count - 1]) \(parts[parts.count - 2])"
                                ],
                                undo: "subctl unexport service with the same names", risk: "none", seconds: 10),
                            needs: areKnown
                                ? [] : ["kubectl get serviceimports.multicluster.x-k8s.io -A   # is it among them?"])
                    ]
                }
            }
        }
        return []
    }

    /// A Service that Cilium shares between clusters, with no endpoint here and none from elsewhere. That the other
    /// side is reached leaves what it exports; whether its pods are ready only that side can say.
    func global(_ facts: FactBase) -> [Diagnosis] {
        let link = connection(facts)
        let empty = ServiceMap(facts).entries.filter {
            Self.isGlobal($0) && $0.readyEndpoints.isEmpty && $0.pods.isEmpty
        }
        // An agent counts the Services that each other cluster shares, and does not name them.
        let shared = Self.sharedElsewhere(facts)
        if shared > 0, shared >= empty.count { return [] }
        return empty.compactMap { entry in
            let programmed = backends(of: entry, facts)
            if let programmed, programmed.count > 0 { return nil }
            let hasTemplate = facts.objects("deployments.apps").contains { deployment in
                deployment.namespace == entry.object.namespace && !entry.selector.isEmpty
                    && entry.selector.allSatisfy {
                        deployment["spec", "template", "metadata", "labels"]?.member($0.key)?.string == $0.value
                    }
            }
            let name = "-n \(entry.object.namespace) annotate service \(entry.object.name)"
            return .of(
                "MCL-05", "the global service \(entry.id) has no endpoint in any cluster that was seen",
                link != nil || programmed != nil ? .likely : .possible, at: [entry.object.place],
                evidence: [
                    .init(
                        "service.cilium.io/global: \"true\"", marking: "global: \"true\"", from: entry.object.source),
                    programmed.map { .init("\($0.frontend): no backend", from: $0.source) }
                        ?? .init(
                            "0 endpoints",
                            from: entry.slices.first?.source
                                ?? FactSource(
                                    "EndpointSlices",
                                    command: "kubectl -n \(entry.object.namespace) get endpointslices")),
                ] + [link].compactMap { $0 },
                because: [
                    "here no pod matches \(entry.selector.selectorText)" + (hasTemplate ? " at present" : "")
                        + "; it answers only where the other side has a Service of the same name, namespace and annotation"
                ] + (link == nil ? [] : ["the other cluster is connected: what is missing is not the way there"]),
                explains: [entry.symptom],
                fix: .init(
                    ["in the other cluster: kubectl \(name) service.cilium.io/global=true"],
                    undo: "in the other cluster: kubectl \(name) service.cilium.io/global-",
                    risk: "its pods get requests of this cluster as well", seconds: 10),
                deadEnds: ["changing the selector here: the pods are in the other cluster"],
                needs: [
                    "in the other cluster: kubectl -n \(entry.object.namespace) get service,endpointslices: whether "
                        + "\(entry.object.name) is there, with the annotation and ready pods"
                ])
        }
    }

    private static func isGlobal(_ entry: ServiceMap.Entry) -> Bool {
        ["service.cilium.io/global", "io.cilium/global-service"].contains { entry.object.annotations[$0] == "true" }
    }

    /// Of `cilium-dbg status --verbose`: `us: ready, 4 nodes, 61 endpoints, 40 identities, 2 services, ...`, a line for each
    /// cluster that is connected.
    private static func sharedElsewhere(_ facts: FactBase) -> Int {
        facts.machines.flatMap { machine in
            machine.documents.filter { $0.key.hasPrefix("exec/") && $0.key.contains("status") }.map { _, document in
                document.lines.reduce(0) { sum, line in
                    guard line.contains(": ready,"), let end = line.firstRange(of: " services")?.lowerBound else {
                        return sum
                    }
                    return sum + (line[..<end].split(separator: " ").last.flatMap { Int($0) } ?? 0)
                }
            }
        }.max() ?? 0
    }

    /// What an agent says of its connection to another cluster, when it stands.
    private func connection(_ facts: FactBase) -> Diagnosis.Evidence? {
        for machine in facts.machines {
            let status = machine.json(.init("exec/cilium-dbg-status.json"))
            for remote in status?.at("cluster-mesh", "clusters")?.elements.map({ $0 }) ?? []
            where remote.member("ready")?.bool == true {
                return .init(
                    "\(remote.member("name")?.string ?? "remote cluster"): ready",
                    from: machine.source(.init("exec/cilium-dbg-status.json"), command: "cilium-dbg status"))
            }
        }
        for component in facts.components(.agent) where component.component.name == "cilium" {
            for pod in component.pods {
                for document in facts.logs(pod.namespace, pod.name) {
                    let line = document.lines.last {
                        let text = $0.lowercased()
                        return text.contains("clustermesh") || text.contains("remote etcd")
                            || text.contains("remote cluster")
                    }
                    guard let line, line.lowercased().contains("established connection") else { continue }
                    return .init(String(line), marking: "Established connection", from: document.source)
                }
            }
        }
        return nil
    }

    /// Backends that an agent has for the Service's address; nil when no agent was asked.
    private func backends(
        of entry: ServiceMap.Entry, _ facts: FactBase
    ) -> (frontend: String, count: Int, source: FactSource)? {
        for machine in facts.machines {
            let part = NodeEvidence.Part("exec/cilium-dbg-service-list.json")
            guard let list = machine.json(part), list.kind == .array else { continue }
            for service in list.elements {
                guard let spec = service.member("spec"),
                    let address = spec.at("frontend-address", "ip")?.string.flatMap({ IPAddress($0) }),
                    entry.addresses.contains(address)
                else { continue }
                let realised = service.at("status", "realized", "backend-addresses") ?? spec.member("backend-addresses")
                return (
                    "\(address)", realised?.count ?? 0, machine.source(part, command: "cilium-dbg service list")
                )
            }
        }
        return nil
    }
}
