import JSONTree

/// kube-proxy inside another program: k3s runs it in its own process, where no pod tells of it.
extension ServiceRulesCheck {
    /// A Node of a server of k3s whose arguments leave its own kube-proxy running (k3s: `--disable-kube-proxy` of servers; the
    /// arguments stand in an annotation, pkg/nodeconfig). Nil where one says otherwise or none of them is known.
    static func embedded(_ facts: FactBase) -> APIObject? {
        let servers = facts.objects("nodes").filter { node in
            arguments(node)?.first == "server"
                && (node.text("status", "nodeInfo", "kubeletVersion")?.contains("+k3s") ?? false)
        }
        if servers.contains(where: { arguments($0)?.contains { $0.hasPrefix("--disable-kube-proxy") } ?? false }) {
            return nil
        }
        return servers.first
    }

    private static func arguments(_ node: APIObject) -> [String]? {
        guard let text = node.annotations["k3s.io/node-args"], let root = try? JSONTree(parsing: text).root else {
            return nil
        }
        return root.elements.compactMap(\.string)
    }

    /// BPF-04: Cilium does the Services, and k3s was not told to leave them.
    func twiceInside(_ facts: FactBase) -> Diagnosis? {
        guard let server = Self.embedded(facts),
            let value = NetworkProviders.ciliumSetting("kube-proxy-replacement", facts),
            ["true", "strict"].contains(value.lowercased())
        else { return nil }
        let writing = facts.clusterMachines.first { machine in
            (machine.packetFilter?.tables ?? []).contains {
                $0.name == "nat" && $0.chains.contains(prefix: "KUBE-SVC-")
            }
        }
        return .machine(
            "BPF-04", "Cilium and the kube-proxy inside k3s both do this cluster's Services",
            writing == nil ? .likely : .certain, at: [server.place] + (writing.map { [$0.place] } ?? []),
            evidence: [
                .init(
                    "kube-proxy-replacement: \(value)",
                    from: FactSource(
                        "ConfigMap/kube-system/cilium-config",
                        command: "kubectl -n kube-system get configmap cilium-config -o yaml")),
                .init("k3s.io/node-args without --disable-kube-proxy", from: server.source),
            ] + (writing.map { [$0.quote("KUBE-SVC- chains in table nat", .iptables, "iptables-save -t nat")] } ?? []),
            because: [
                "k3s runs kube-proxy in its own process unless a server is told not to; both translate the same addresses, each with its own tables"
            ], explains: [],
            fix: .init(
                [
                    "add disable-kube-proxy: true to /etc/rancher/k3s/config.yaml on every server, and restart k3s there",
                    "reboot the nodes one by one: the rules that were written stay until then",
                ], undo: "take the line out again and restart k3s",
                risk: "Cilium must reach the API without the kubernetes Service first (k8sServiceHost)", seconds: 300),
            prevent: "install k3s with --disable-kube-proxy where Cilium replaces it",
            needs: writing == nil ? ["iptables-save -t nat on a node: are there KUBE-SVC- chains?"] : [])
    }

    /// SVC-03: a machine whose packet filter has no rule of any Service, though a kube-proxy should have written them, and
    /// whose pods say that Services do not answer.
    func emptied(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        // Without such chains and tables nobody's mode can be told from the rules, and no way needs to be walked.
        guard let filter = machine.packetFilter, !filter.isPartial, machine.text(.ipvs) == nil,
            machine.link("kube-ipvs0") == nil,
            !filter.tables.contains(where: { $0.name == "kube-proxy" || $0.chains.contains(prefix: "KUBE-") }),
            NetworkProviders.ciliumSetting("kube-proxy-replacement", facts).map({ $0 == "false" }) ?? true
        else { return nil }
        let proxies = facts.components(.proxy).flatMap(\.pods).filter { $0.nodeName == machine.name }
        guard !proxies.isEmpty || Self.embedded(facts) != nil else { return nil }
        let services = ServiceMap(facts).entries
        let own = Set(facts.podViews(on: machine.name).map(\.id))
        let failure = FailedConnection.all(facts).last { failure in
            failure.isSilence && own.contains(failure.pod)
                && services.contains { $0.addresses.contains(failure.address) }
        }
        guard let failure else { return nil }
        let files = ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf", "/etc/nftables.nft"]
        let flushing = files.first { path in
            machine.file(path)?.lines.contains { $0.trimmingBlanks == "flush ruleset" } ?? false
        }
        return .machine(
            "SVC-03", "\(machine.name) has no rule of any Service", flushing == nil ? .likely : .certain,
            at: [machine.place],
            evidence: [
                machine.quote(
                    "no KUBE- chain and no table kube-proxy", .nftables, "nft list ruleset; iptables-save -t nat"),
                .init(failure.line, from: failure.source),
            ] + (flushing.map { [machine.quote("flush ruleset", file: $0)] } ?? []),
            because: [
                "kube-proxy runs for \(machine.name), and nothing of what it writes is there: no address of a Service leads anywhere",
                flushing.map {
                    "\($0) begins with flush ruleset, which takes away the rules of everybody each time that it is loaded"
                } ?? "somebody took all rules away after they were written, or they could not be written",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                flushing.map { path in
                    [
                        "in \(path) on \(machine.name): flush only its own tables (flush table inet NAME), not the ruleset",
                        proxies.first.map {
                            "kubectl -n \($0.namespace) delete pod \($0.name)   # it writes all rules again"
                        }
                            ?? "systemctl restart k3s   # on \(machine.name): it writes all rules again",
                    ]
                } ?? [
                    proxies.first.map {
                        "kubectl -n \($0.namespace) logs \($0.name) --tail=50   # what it says of its last sync"
                    }
                        ?? "journalctl -u k3s -u k3s-agent -n 100   # on \(machine.name)"
                ], undo: "put the line back", risk: "connections of the firewall's own tables are not touched",
                seconds: 30),
            prevent: "let every program keep tables of its own and flush only those",
            needs: flushing == nil
                ? [
                    "whether a firewall's file begins with flush ruleset, and when it was loaded last: journalctl -u nftables"
                ]
                : [])
    }
}
