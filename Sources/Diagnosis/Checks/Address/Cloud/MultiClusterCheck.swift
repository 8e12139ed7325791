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
            || !Self.nodeLists(facts).isEmpty
    }

    // MARK: Cilium's nodes

    private static let columns = "Endpoint CIDR"

    /// `cilium-dbg node list`, as somebody handed it in.
    private static func nodeLists(_ facts: FactBase) -> [EvidenceTree.Document] {
        let loose = facts.evidence.documents(under: EvidencePath.looseLogs).map(\.1)
        let ofMachines = facts.machines.flatMap { $0.documents.filter { $0.key.hasPrefix("exec/") }.map(\.value) }
        return (loose + ofMachines).filter { $0.holds(columns) && $0.holds("IPv4 Address") }
    }

    /// Nodes that an agent knows, those of other clusters as well: `east/node-1   192.0.2.7   10.0.1.0/24   clustermesh`.
    private func sharedByNodes(_ facts: FactBase) -> [Diagnosis] {
        for document in Self.nodeLists(facts) {
            var known: [(cluster: Substring, node: Substring, prefix: IPPrefix, line: Substring)] = []
            for line in document.lines {
                let words = line.split(separator: " ")
                let parts = words.first?.split(separator: "/") ?? []
                guard parts.count == 2,
                    let prefix = words.dropFirst().lazy.compactMap({ IPPrefix(String($0)) }).first(where: {
                        $0.length < $0.family.bitWidth
                    })
                else { continue }
                if let other = known.first(where: { $0.cluster != parts[0] && $0.prefix.overlaps(prefix) }) {
                    return [
                        .of(
                            "MCL-03", "clusters \(other.cluster) and \(parts[0]) share \(prefix)", .certain,
                            at: ["Node/\(other.node)"],
                            evidence: [
                                .init(String(other.line), marking: "\(other.prefix)", from: document.source),
                                .init(String(line), marking: "\(prefix)", from: document.source),
                            ],
                            because: [
                                "\(other.node) of \(other.cluster) and \(parts[1]) of \(parts[0]) have the same range of pods: an address of it is in both clusters, and packets stay in the one they come from"
                            ],
                            fix: .init(
                                [
                                    "give one of the clusters a range of pods of its own (cluster-pool-ipv4-cidr), and make its nodes anew"
                                ], undo: "the old range", risk: "all pods of that cluster get other addresses"),
                            prevent: "ranges of pods that differ, before clusters are joined",
                            deadEnds: ["adding routes by hand: one address cannot lead to two places"])
                    ]
                }
                known.append((parts[0], parts[1], prefix, line))
            }
        }
        return []
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
            + sharedByNodes(facts)
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
                add(name, endpoint.list("subnets").compactMap(\.string), gateway)
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
}
