import Addressing
import JSONTree

/// BGP sessions as the nodes see them (CalicoNodeStatus, or BIRD's own table), and the graph of who is meant to talk to
/// whom.
struct BGPCheck: Check {
    let name = "BGP"
    let codes = ["BGP-01", "BGP-02", "BGP-03", "BGP-04", "BGP-05"]
    let needs: [FactName] = [.objects("nodes")]

    func applies(to facts: FactBase) -> Bool {
        let providers = NetworkProviders(facts)
        return !BGPSession.all(facts).isEmpty
            || providers.runs(.calico) && Self.backend(facts, providers) != "vxlan"
    }

    /// `bird`, `vxlan` or `none`, as calico-node is told; nil when nothing says.
    static func backend(_ facts: FactBase, _ providers: NetworkProviders) -> String? {
        if let agent = providers.agent(.calico),
            let value = NetworkProviders.environment("CALICO_NETWORKING_BACKEND", of: agent)
        {
            return value
        }
        if let map = facts.objects("configmaps").first(where: { $0.name == "calico-config" }) {
            return map.text("data", "calico_backend")
        }
        for installation in facts.objects("installations.operator.tigera.io") {
            if installation.text("spec", "calicoNetwork", "bgp") == "Disabled" { return "vxlan" }
        }
        return nil
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let graph = BGPGraph(facts)
        let wrong = wrongAddresses(graph, facts)
        if !wrong.isEmpty { return wrong }
        let silent = silentDaemons(facts)
        return (silent.isEmpty ? sessions(graph, facts) : silent) + unconnected(graph, facts)
    }

    // MARK: The daemon

    /// Agents that cannot ask their own BIRD.
    private func silentDaemons(_ facts: FactBase) -> [Diagnosis] {
        guard let agent = NetworkProviders(facts).agent(.calico) else { return [] }
        let selector = ServiceMap.strings(agent["spec", "selector", "matchLabels"])
        let down = facts.pods.filter {
            $0.namespace == agent.namespace && $0.matches(selector) && !$0.isFinished && !$0.isReady
                && !$0.isTerminating
        }
        let statuses = facts.objects("caliconodestatuses.crd.projectcalico.org", "caliconodestatuses.projectcalico.org")
        for pod in down {
            let line = Self.lines(of: pod, facts).last {
                $0.text.contains("BIRDv4 socket") || $0.text.contains("BIRDv6 socket")
            }
            let status = statuses.first {
                $0.text("spec", "node") == pod.node && $0.text("status", "agent", "birdV4", "state") == "NotReady"
            }
            guard let evidence = line ?? status.map({ .init("birdV4.state: NotReady", from: $0.source) }) else {
                continue
            }
            return [
                .of(
                    "BGP-04", "BIRD does not answer on \(pod.node)", .likely,
                    at: [pod.object.place, "Node/\(pod.node)"],
                    evidence: [evidence],
                    because: [
                        "the agent asks its BGP daemon over a socket and gets none: \(pod.node) announces no routes"
                    ],
                    explains: pod.symptoms,
                    fix: .init(
                        [
                            "kubectl -n \(pod.namespace) logs \(pod.name) | grep -i bird | tail -20",
                            "kubectl -n \(pod.namespace) delete pod \(pod.name)",
                        ],
                        undo: "none: the DaemonSet makes it anew",
                        risk: "one node at a time: its routes come back when BIRD does", seconds: 60),
                    deadEnds: ["deleting all calico-node pods at once: every node withdraws its routes together"],
                    needs: ["whether bird runs in \(pod.name): kubectl exec ... -- pgrep -a bird"])
            ]
        }
        return []
    }

    /// What its events and logs say.
    private static func lines(of pod: PodView, _ facts: FactBase) -> [Diagnosis.Evidence] {
        let events = facts.events(ofPod: pod.object).map { Diagnosis.Evidence($0.message, from: $0.source) }
        let logs = facts.logs(pod.namespace, pod.name).flatMap { document in
            document.lines.suffix(100).map { Diagnosis.Evidence(String($0), from: document.source) }
        }
        return logs + events
    }

    // MARK: Sessions

    func sessions(_ graph: BGPGraph, _ facts: FactBase) -> [Diagnosis] {
        var found: [Diagnosis] = []
        let down = BGPSession.all(facts).filter { !$0.isEstablished }
        // Every peer of a node that is itself away is down; that is said of the node, not of BGP.
        let away = Set(graph.nodes.filter { !$0.object.isNodeReady }.compactMap(\.address))
        var refused: [BGPSession] = []
        for session in down where !away.contains(session.peer) {
            if let said = session.notification {
                found.append(mismatch(session, said, graph))
            } else if let wrong = graph.wrongNumber(session) {
                found.append(mismatch(session, wrong, graph))
            } else if session.refusals > 1 {
                let counted = "\(session.refusals) NOTIFICATIONs, and no session"
                found.append(mismatch(session, counted, graph, .likely))
            } else {
                refused.append(session)
            }
        }
        for (peer, sessions) in Dictionary(grouping: refused, by: \.peer).sorted(by: { $0.key < $1.key }) {
            found.append(blocked(peer, sessions, graph, filter(peer, sessions, graph, facts)))
        }
        // A node whose sessions are all down is one cause, not one for each of its peers.
        return merged(found)
    }

    private func merged(_ findings: [Diagnosis]) -> [Diagnosis] {
        let blocked = findings.filter { $0.code == "BGP-01" }
        if blocked.count < 3 { return findings }
        var first = blocked[0]
        first.title = "BGP sessions of \(blocked.count) peers do not come up"
        first.places = blocked.flatMap(\.places)
        first.evidence = Array(blocked.flatMap(\.evidence).prefix(4))
        return findings.filter { $0.code != "BGP-01" } + [first]
    }

    /// A rule of either machine that drops what one sends to the other's port 179.
    private func filter(
        _ peer: IPAddress, _ sessions: [BGPSession], _ graph: BGPGraph, _ facts: FactBase
    ) -> Diagnosis.Evidence? {
        let target = graph.nodes.first { $0.address == peer }?.object.name
        for session in sessions {
            guard
                let own = graph.nodes.first(where: { $0.object.name == session.node })?.address
                    ?? Self.nearest(peer, on: session.node, facts)
            else { continue }
            for (name, hooks, from, to) in [
                (target, PacketFilter.Hook.arriving, own, peer), (session.node, PacketFilter.Hook.leaving, own, peer),
                (session.node, PacketFilter.Hook.arriving, peer, own), (target, PacketFilter.Hook.leaving, peer, own),
            ] {
                guard let machine = facts.machines.first(where: { $0.name == name }),
                    let simulation = machine.packetFilterSimulation
                else { continue }
                let outcome = simulation.pass(.init(from: from, to: to, "tcp", port: 179), through: hooks)
                switch outcome.verdict {
                case .dropped, .rejected:
                    return .init(
                        "\(machine.name): \(outcome.decidedBy)",
                        from: machine.source(.iptables, command: "iptables-save; nft list ruleset"))
                case .accepted, .cannotSay: continue
                }
            }
        }
        return nil
    }

    /// The machine's own address in the peer's network.
    private static func nearest(_ peer: IPAddress, on node: String, _ facts: FactBase) -> IPAddress? {
        facts.machines.first { $0.name == node }?.addresses?.first { $0.address.prefix.contains(peer) }?.address.address
    }

    private func blocked(
        _ peer: IPAddress, _ sessions: [BGPSession], _ graph: BGPGraph, _ rule: Diagnosis.Evidence?
    ) -> Diagnosis {
        let name = graph.nodes.first { $0.address == peer }?.object.name
        let info = sessions.compactMap(\.info).first { !$0.isEmpty } ?? ""
        let text = info.lowercased()
        let isFiltered =
            text.contains("timed out") || text.contains("i/o timeout") || text.contains("no route")
            || text.contains("unreachable")
        let isRefused = text.contains("refused")
        let from = sessions.map(\.node).sorted()
        return .of(
            "BGP-01", "no BGP session of \(listed(from)) with \(name ?? "\(peer)")",
            isFiltered || rule != nil ? .certain : .likely,
            at: from.map { "Node/\($0)" } + (name.map { ["Node/\($0)"] } ?? []),
            evidence: sessions.prefix(3).map {
                .init("\($0.peer) \($0.state)\($0.info.map { " \($0)" } ?? "")", marking: $0.state, from: $0.source)
            } + [rule].compactMap { $0 },
            because: [
                rule != nil
                    ? "a packet filter drops TCP 179 between the nodes"
                    : isFiltered
                        ? "connections to \(peer) port 179 get no answer: a firewall between the nodes drops them"
                        : isRefused
                            ? "\(peer) refuses port 179: its BGP daemon does not run, or a firewall rejects"
                            : "the session stays in \(sessions[0].state): TCP 179 to \(peer) is not answered",
                "without the session the routes to that node's pods are missing",
            ],
            fix: .init(
                [
                    "on \(from[0]): nc -zv -w 3 \(peer) 179",
                    "open TCP 179 between the nodes in the firewall or security group",
                ], undo: "close it again", risk: "none for other traffic"),
            deadEnds: [
                "restarting all BGP daemons at once: every session goes down together, and the routes with them"
            ],
            needs: [
                "TCP to \(peer) port 179 from \(from[0]): a timeout is a firewall, a refusal a daemon that does not run"
            ])
    }

    private func mismatch(
        _ session: BGPSession, _ said: String, _ graph: BGPGraph, _ confidence: Confidence = .certain
    ) -> Diagnosis {
        .of(
            "BGP-03", "\(session.node) and \(session.peer) do not agree: \(said)", confidence,
            at: ["Node/\(session.node)"] + (graph.peerObject(session).map { [$0.place] } ?? []),
            evidence: [
                .init("\(session.peer) \(session.state) \(session.info ?? "")", marking: said, from: session.source)
            ]
                + (graph.peerObject(session).map {
                    [.init("asNumber: \($0.text("spec", "asNumber") ?? "not set")", from: $0.source)]
                } ?? []),
            because: [
                "the TCP connection is there; the OPEN messages name AS numbers, router ids or passwords that do not "
                    + "fit, and one side ends the session"
            ],
            fix: graph.peerObject(session).map {
                .init(
                    ["kubectl edit \($0.resource) \($0.name)   # asNumber as the other side has it"],
                    undo: "set the number back", risk: "only this session", seconds: 10)
            },
            deadEnds: ["an AS number of its own for each node: the mesh between nodes is iBGP, with one number for all"]
        )
    }

    /// The one that all peer with was never told to reflect (`routeReflectorClusterID`).
    private func silentReflectors(_ graph: BGPGraph, _ settings: APIObject) -> [Diagnosis] {
        let hubs = graph.silentReflectors
        guard let first = hubs.first else { return [] }
        let names = hubs.map(\.object.name)
        return [
            .of(
                "BGP-05",
                "all nodes peer with \(listed(names)) alone, which \(names.count == 1 ? "does" : "do") not reflect routes",
                .certain, at: [settings.place] + hubs.prefix(4).map(\.object.place),
                evidence: [
                    .init("nodeToNodeMeshEnabled: false", marking: "false", from: settings.source),
                    .init("no annotation projectcalico.org/RouteReflectorClusterID", from: first.object.source),
                ]
                    + graph.peerObjects.prefix(1).map {
                        .init("peerSelector: \($0.text("spec", "peerSelector") ?? "")", from: $0.source)
                    },
                because: [
                    "what a node learns by iBGP it does not tell its other iBGP peers, unless it is a reflector; a label alone makes none",
                    "the others therefore learn the routes of \(listed(names)) and not each other's",
                ],
                fix: .init(
                    names.map {
                        "calicoctl patch node \($0) -p '{\"spec\":{\"bgp\":{\"routeReflectorClusterID\":\"244.0.0.1\"}}}'"
                    }, undo: "set routeReflectorClusterID to the empty text again",
                    risk: "its sessions begin anew: one node at a time", seconds: 30),
                deadEnds: ["restarting calico-node: the sessions are up, and tell what they are meant to"])
        ]
    }

    // MARK: The graph

    private func unconnected(_ graph: BGPGraph, _ facts: FactBase) -> [Diagnosis] {
        guard graph.meshIsOff, let settings = graph.settings, graph.nodes.count > 1 else { return [] }
        // Who prints every kind there is prints nothing of one that has no object.
        let areListed = facts.has(.objects("bgppeers.crd.projectcalico.org"))
        if facts.missing[.objects("bgppeers.crd.projectcalico.org")] != nil { return [] }
        let alone = graph.nodes.filter { graph.peers(of: $0).isEmpty }
        if alone.isEmpty { return silentReflectors(graph, settings) }
        let names = alone.map(\.object.name)
        return [
            .of(
                "BGP-05", "the mesh is off and \(listed(names)) \(names.count == 1 ? "has" : "have") no peer",
                areListed ? .certain : .likely,
                at: [settings.place] + alone.prefix(4).map(\.object.place),
                evidence: [
                    .init(
                        "nodeToNodeMeshEnabled: false", marking: "false", from: settings.source)
                ]
                    + graph.peerObjects.prefix(2).map {
                        .init(
                            "nodeSelector: \($0.text("spec", "nodeSelector") ?? $0.text("spec", "node") ?? "all()")",
                            from: $0.source)
                    },
                because: [
                    graph.peerObjects.isEmpty
                        ? "there is no BGPPeer: no node learns another's pod routes"
                        : "no BGPPeer is for \(listed(names)): nobody learns their pod routes, and they learn none"
                ],
                fix: .init(
                    [
                        "kubectl patch \(settings.resource) \(settings.name) --type merge -p "
                            + "'{\"spec\":{\"nodeToNodeMeshEnabled\":true}}'"
                    ],
                    undo: "kubectl patch \(settings.resource) \(settings.name) --type merge -p "
                        + "'{\"spec\":{\"nodeToNodeMeshEnabled\":false}}'",
                    risk: "each node opens a session to each other; past a hundred nodes use route reflectors",
                    seconds: 30),
                deadEnds: ["restarting calico-node: it has nobody to talk to"],
                needs: areListed ? [] : ["kubectl get bgppeers.crd.projectcalico.org: whether there are any"])
        ]
    }
}
