import Addressing
import JSONTree

/// Submariner's and Cilium's objects of several clusters: what each announces, whether they are connected, and which
/// Services are meant to be known on the other side.
struct MultiClusterCheck: Check {
    let name = "several clusters"
    let codes = ["MCL-01", "MCL-02", "MCL-03", "MCL-04", "MCL-05"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("endpoints.submariner.io", "gateways.submariner.io", "clusters.submariner.io").isEmpty
            || !facts.objects("serviceexports.multicluster.x-k8s.io", "serviceimports.multicluster.x-k8s.io").isEmpty
            || facts.objects("services").contains { $0.annotations["service.cilium.io/global"] == "true" }
    }

    /// A cluster with the ranges it announces.
    private struct Member {
        var name: String
        var prefixes: [IPPrefix]
        var source: FactSource
        var place: String
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let providers = NetworkProviders(facts)
        let own = ClusterRanges(facts, providers)
        let local = localName(facts)
        let members = self.members(facts)
        return narrow(members, local, own) + connections(facts) + overlaps(members, local, own, facts)
            + missingPools(members, local, facts) + exports(facts) + global(facts)
    }

    private func localName(_ facts: FactBase) -> String? {
        facts.objects("submariners.submariner.io").compactMap { $0.text("spec", "clusterID") }.first
            ?? facts.objects("gateways.submariner.io").compactMap { $0.text("status", "localEndpoint", "cluster_id") }
            .first
    }

    private func members(_ facts: FactBase) -> [Member] {
        var found: [String: Member] = [:]
        func add(_ name: String, _ texts: [String], _ object: APIObject) {
            let prefixes = texts.compactMap { IPPrefix($0) }
            var member =
                found[name] ?? Member(name: name, prefixes: [], source: object.source, place: object.place)
            let known = member.prefixes
            member.prefixes += prefixes.filter { !known.contains($0) }
            found[name] = member
        }
        for object in facts.objects("endpoints.submariner.io") {
            add(
                object.text("spec", "cluster_id") ?? object.name, object.list("spec", "subnets").compactMap(\.string),
                object)
        }
        for object in facts.objects("clusters.submariner.io") {
            let global = object.list("spec", "global_cidr").compactMap(\.string)
            let texts =
                global.isEmpty
                ? (object.list("spec", "cluster_cidr") + object.list("spec", "service_cidr")).compactMap(\.string)
                : global
            add(object.text("spec", "cluster_id") ?? object.name, texts, object)
        }
        for gateway in facts.objects("gateways.submariner.io") {
            for connection in gateway.list("status", "connections") {
                guard let endpoint = connection.member("endpoint"), let name = endpoint.member("cluster_id")?.string
                else { continue }
                add(name, AWSFacts.list(endpoint.member("subnets")).compactMap(\.string), gateway)
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    // MARK: Ranges

    /// What this cluster announces of its pods, against what its pods have.
    private func narrow(_ members: [Member], _ local: String?, _ own: ClusterRanges) -> [Diagnosis] {
        guard let member = members.first(where: { $0.name == local }) else { return [] }
        let real = own.of(.pods)
        let left = real.filter { range in !member.prefixes.contains { $0.contains(range.prefix) } }
        // A narrower range is announced where a part of the pods' lies in what is announced, or none does.
        let inside = member.prefixes.filter { announced in real.contains { $0.prefix.overlaps(announced) } }
        guard !left.isEmpty, !inside.isEmpty, let missing = left.first, let told = inside.first else { return [] }
        return [
            .of(
                "MCL-01", "cluster \(member.name) announces \(told), and its pods have \(missing.prefix) too", .certain,
                at: [member.place],
                evidence: [
                    .init(
                        "subnets: \(listed(member.prefixes.map(\.description)))", marking: "\(told)",
                        from: member.source),
                    .init("\(missing.name): \(missing.prefix)", marking: "\(missing.prefix)", from: missing.source),
                ],
                because: [
                    "other clusters send only what is announced; pods in \(listed(left.map { "\($0.prefix)" })) are reached "
                        + "from none of them: detection took one node's range for the cluster's"
                ],
                fix: .init(
                    [
                        "subctl join broker-info.subm --clusterid \(member.name) --clustercidr <the whole range of pods>"
                    ], undo: "join again with the former range", risk: "tunnels are made anew", seconds: 60),
                deadEnds: ["restarting the gateway: it announces the same again"])
        ]
    }

    private func overlaps(_ members: [Member], _ local: String?, _ own: ClusterRanges, _ facts: FactBase) -> [Diagnosis]
    {
        var all = members
        if let local, let index = all.firstIndex(where: { $0.name == local }) {
            let extra = (own.of(.pods) + own.of(.services)).map(\.prefix).filter { $0.length < $0.family.bitWidth }
            let known = all[index].prefixes
            all[index].prefixes += extra.filter { !known.contains($0) }
        }
        let usesGlobal = facts.objects("clusters.submariner.io").contains { !$0.list("spec", "global_cidr").isEmpty }
        if usesGlobal { return [] }
        for (index, left) in all.enumerated() {
            for right in all[(index + 1)...] {
                for one in left.prefixes {
                    guard let other = right.prefixes.first(where: { $0.overlaps(one) }) else { continue }
                    return [
                        .of(
                            "MCL-03",
                            "clusters \(left.name) and \(right.name) share \(one.contains(other) ? other : one)",
                            .certain, at: [left.place, right.place],
                            evidence: [
                                .init("\(left.name): \(one)", marking: "\(one)", from: left.source),
                                .init("\(right.name): \(other)", marking: "\(other)", from: right.source),
                            ],
                            because: [
                                "an address of the shared part is in both; packets stay in the cluster they come from"
                            ],
                            fix: .init(
                                ["subctl deploy-broker --globalnet   # and join the clusters again"],
                                undo: "deploy the broker without it",
                                risk: "Services get other addresses between clusters"),
                            deadEnds: ["adding routes by hand: one address cannot lead to two places"])
                    ]
                }
            }
        }
        return []
    }

    /// Calico drops, or masquerades, what comes from a range that no pool names.
    private func missingPools(_ members: [Member], _ local: String?, _ facts: FactBase) -> [Diagnosis] {
        guard NetworkProviders(facts).runs(.calico), facts.has(.objects("ippools.crd.projectcalico.org")), let local
        else { return [] }
        let pools = CalicoAddresses(facts).pools.map(\.prefix)
        for member in members where member.name != local {
            let missing = member.prefixes.filter { prefix in !pools.contains { $0.contains(prefix) } }
            guard let first = missing.first else { continue }
            let commands = missing.enumerated().map { index, prefix in
                "echo '{\"apiVersion\":\"projectcalico.org/v3\",\"kind\":\"IPPool\",\"metadata\":{\"name\":\"\(member.name)-\(index + 1)\"},"
                    + "\"spec\":{\"cidr\":\"\(prefix)\",\"natOutgoing\":false,\"disabled\":true}}' | calicoctl apply -f -"
            }
            return [
                .of(
                    "MCL-04", "Calico has no pool for \(listed(missing.map(\.description))) of cluster \(member.name)",
                    .certain, at: [member.place],
                    evidence: [
                        .init(
                            "subnets: \(listed(member.prefixes.map(\.description)))", marking: "\(first)",
                            from: member.source),
                        .init(
                            "pools: \(listed(pools.map(\.description)))",
                            from: FactSource("IPPools", command: "kubectl get ippools.crd.projectcalico.org")),
                    ],
                    because: [
                        "Calico takes an address outside its pools for one outside the cluster: it changes the source of "
                            + "packets to \(member.name) and drops what comes from there"
                    ],
                    fix: .init(
                        commands,
                        undo: missing.indices.map { "calicoctl delete ippool \(member.name)-\($0 + 1)" }
                            .joined(separator: "; "),
                        risk: "a disabled pool hands out no addresses", seconds: 5))
            ]
        }
        return []
    }

    // MARK: Tunnels

    private func connections(_ facts: FactBase) -> [Diagnosis] {
        for gateway in facts.objects("gateways.submariner.io") {
            guard gateway.text("status", "haStatus") != "passive" else { continue }
            for connection in gateway.list("status", "connections") {
                let state = connection.member("status")?.string ?? ""
                guard state == "error" || state == "connecting" else { continue }
                let name = connection.at("endpoint", "cluster_id")?.string ?? "the other cluster"
                let message = connection.member("statusMessage")?.string ?? ""
                let address = connection.member("usingIP")?.string ?? "?"
                let backend = connection.at("endpoint", "backend")?.string ?? "libreswan"
                let ports =
                    backend == "wireguard"
                    ? "4500 and 4490" : backend == "vxlan" ? "4500 and 4490" : "4500, 4490 and ESP"
                return [
                    .of(
                        "MCL-02", "the tunnel of gateway \(gateway.name) to cluster \(name) does not come up",
                        state == "error" ? .certain : .likely, at: [gateway.place],
                        evidence: [
                            .init("status: \(state) \(message)", marking: state, from: gateway.source)
                        ],
                        because: [
                            "the gateway sends to \(address) and gets no answer: UDP \(ports) is closed, or translated on "
                                + "the way"
                        ],
                        fix: .init(
                            [
                                "subctl diagnose firewall inter-cluster <kubeconfig of this> <kubeconfig of \(name)>",
                                "open UDP \(ports) between the gateways, in both directions",
                            ], undo: "close them again", risk: "none for other traffic"),
                        deadEnds: ["restarting the gateways: the packets do not arrive"],
                        needs: ["a probe of those ports between the gateways"])
                ]
            }
        }
        return []
    }

    // MARK: Services

    private func exports(_ facts: FactBase) -> [Diagnosis] {
        for export in facts.objects("serviceexports.multicluster.x-k8s.io") {
            let isThere = facts.object("services", export.namespace, export.name) != nil
            let refused = export.list("status", "conditions").first {
                ["Valid", "Ready", "Synced"].contains($0.member("type")?.string ?? "")
                    && $0.member("status")?.string == "False"
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

    /// Names of the other clusters that programs here ask for, and that nobody imported.
    private func wanted(_ facts: FactBase) -> [Diagnosis] {
        guard facts.has(.objects("serviceimports.multicluster.x-k8s.io")) else { return [] }
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
                            "MCL-05", "service \(service) is not exported", .certain, at: [pod.object.place],
                            evidence: [.init(String(line), marking: name, from: document.source)],
                            because: [
                                "there is no ServiceImport of \(service)"
                                    + (isHere ? "; the Service is here, without a ServiceExport" : "")
                            ],
                            explains: pod.symptoms,
                            fix: .init(
                                [
                                    "in the cluster that has it: subctl export service --namespace "
                                        + "\(parts[parts.count - 1]) \(parts[parts.count - 2])"
                                ],
                                undo: "subctl unexport service with the same names", risk: "none", seconds: 10))
                    ]
                }
            }
        }
        return []
    }

    /// A Service that Cilium shares between clusters, with no endpoint here and none from elsewhere. That the other
    /// side is reached leaves what it exports; whether its pods are ready only that side can say.
    private func global(_ facts: FactBase) -> [Diagnosis] {
        let link = connection(facts)
        return ServiceMap(facts).entries.compactMap { entry in
            let isGlobal = ["service.cilium.io/global", "io.cilium/global-service"].contains {
                entry.object.annotations[$0] == "true"
            }
            guard isGlobal, entry.readyEndpoints.isEmpty, entry.pods.isEmpty else { return nil }
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
