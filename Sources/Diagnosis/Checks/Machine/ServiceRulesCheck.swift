import Addressing
import JSONTree

/// What a node's own tables do with Services: rules of every one (SVC-03), of one program only (SVC-04, BPF-04), written
/// without failures (SVC-10).
struct ServiceRulesCheck: Check {
    let name = "Services on nodes"
    let codes = ["SVC-03", "SVC-04", "SVC-10", "BPF-04"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.has(.objects("daemonsets.apps")) || !facts.clusterMachines.isEmpty
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var found: [Diagnosis] = []
        if let twice = twice(facts) ?? twiceInside(facts) { found.append(twice) }
        found += facts.clusterMachines.compactMap { leftover($0, facts) }
        let failing = failures(facts)
        found += failing
        let explained = Set((found.map(\.places)).joined())
        var destinations = Destinations()
        for machine in facts.clusterMachines where !explained.contains(machine.place) {
            if let gap = missing(machine, facts, &destinations) ?? cut(machine, facts) ?? emptied(machine, facts) {
                found.append(gap)
            }
        }
        return found
    }

    // MARK: BPF-04

    /// Something that does Services by BPF, and kube-proxy beside it.
    private func twice(_ facts: FactBase) -> Diagnosis? {
        let proxies = facts.objects("daemonsets.apps").filter { set in
            let images = set.list("spec", "template", "spec", "containers").compactMap { $0.member("image")?.string }
            return images.contains { $0.contains("kube-proxy") } && (set.int("status", "numberReady") ?? 0) > 0
        }
        // Some collections hold pods and no workloads; and distributions run it as a static pod, out of an image that
        // holds more than the proxy.
        let known = Set(facts.components(.proxy).flatMap(\.pods).map(\.place))
        let proxyPods = facts.pods.filter { pod in
            pod.isReady && !pod.isTerminating
                && (known.contains(pod.object.place)
                    || pod.containers.contains { $0.member("image")?.string?.contains("kube-proxy") ?? false })
        }
        guard let proxy = proxies.first ?? proxyPods.first?.object else { return nil }
        var other: (name: String, text: String, object: APIObject)?
        for map in facts.objects("configmaps") {
            guard let value = map.text("data", "kube-proxy-replacement") else { continue }
            if ["true", "strict"].contains(value.lowercased()) {
                other = ("Cilium", "kube-proxy-replacement: \(value)", map)
            }
        }
        for felix in facts.objects("felixconfigurations.crd.projectcalico.org", "felixconfigurations.projectcalico.org")
        where felix.bool("spec", "bpfEnabled") == true {
            other = ("Calico", "bpfEnabled: true", felix)
        }
        guard let other else { return nil }
        let selectors = proxy["spec", "template", "spec", "nodeSelector"].map { "\($0)" } ?? ""
        if selectors.contains("non-calico") { return nil }
        return .machine(
            "BPF-04", "\(other.name) and kube-proxy both do this cluster's Services", .certain,
            at: [proxy.place, other.object.place],
            evidence: [
                .init(other.text, from: other.object.source),
                .init(
                    "\(proxy.int("status", "numberReady") ?? Int64(proxyPods.count)) kube-proxy pods ready",
                    from: proxy.source),
            ],
            because: [
                "both translate the same addresses, each with its own tables and its own idea of a connection: some Services work, some hang"
            ],
            explains: [],
            fix: .init(
                [
                    "kubectl -n \(proxy.namespace) patch daemonset \(proxies.first?.name ?? "kube-proxy") -p '{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"non-calico\":\"true\"}}}}}'",
                    "reboot nodes one by one, or remove only KUBE- chains with kube-proxy --cleanup",
                ],
                undo:
                    "kubectl -n \(proxy.namespace) patch daemonset \(proxies.first?.name ?? "kube-proxy") --type json -p '[{\"op\":\"remove\",\"path\":\"/spec/template/spec/nodeSelector/non-calico\"}]'",
                risk:
                    "\(other.name) must reach the API without the kubernetes Service first (k8sServiceHost, or the ConfigMap of its endpoint)",
                seconds: 120),
            prevent: "kubeadm init --skip-phases=addon/kube-proxy")
    }

    // MARK: SVC-10

    private func failures(_ facts: FactBase) -> [Diagnosis] {
        facts.podsWithLogs.compactMap { pod -> Diagnosis? in
            let images = pod.list("spec", "containers").compactMap { $0.member("image")?.string }
            guard images.contains(where: { $0.contains("kube-proxy") }) else { return nil }
            let node = pod.text("spec", "nodeName") ?? ""
            let words = ["iptables-restore", "nft"]
            var quoted: Diagnosis.Evidence?
            for (path, document) in facts.evidence.documents(under: "\(EvidencePath.logs)\(pod.namespace)/\(pod.name)/")
            where !path.contains("previous") {
                let lines = document.lines
                guard
                    let index = lines.lastIndex(where: { line in
                        (line.contains("Failed to execute") || line.contains("failed to execute")
                            || line.contains("Sync failed")) && words.contains { line.contains($0) }
                    })
                else { continue }
                let more =
                    index + 1 < lines.count && lines[index].hasSuffix("<") ? " " + lines[index + 1].trimmingBlanks : ""
                quoted = .init(
                    String(lines[index]) + more,
                    from: FactSource(
                        "\(pod.namespace)/\(pod.name) log", command: "kubectl -n \(pod.namespace) logs \(pod.name)",
                        age: document.source.age))
            }
            var counted: Diagnosis.Evidence?
            for (_, document) in facts.evidence.documents(under: "\(EvidencePath.metrics)\(pod.namespace)/\(pod.name)/")
            {
                for line in document.lines
                where line.hasPrefix("kubeproxy_sync_proxy_rules_iptables_restore_failures_total") {
                    if let value = line.split(separator: " ").last.flatMap({ Double($0) }), value > 0 {
                        counted = .init(
                            String(line),
                            from: FactSource("\(pod.namespace)/\(pod.name) metrics", age: document.source.age))
                    }
                }
            }
            // One failure of long ago is no cause: the log's end, or many of them.
            guard let first = quoted ?? counted else { return nil }
            if quoted == nil { return nil }
            let holds = first.text.contains("xtables lock")
            return .machine(
                "SVC-10", "kube-proxy on \(node) cannot write its rules", .certain, at: ["Node/\(node)", pod.place],
                evidence: [first] + [counted].compactMap { $0 },
                because: [
                    holds
                        ? "another program holds the lock of iptables, and kube-proxy's restore gives up:"
                        : "the kernel refuses the whole batch:",
                    "Services of \(node) stay as they were at its last success",
                ], explains: facts.unreadyPods(on: node),
                fix: .init(
                    holds
                        ? [
                            "lsof /run/xtables.lock   # on \(node): who holds it",
                            "stop that program, or let it end; kube-proxy tries again by itself",
                        ]
                        : [
                            "kubectl -n \(pod.namespace) logs \(pod.name) | tail -50   # the line that iptables-restore names"
                        ],
                    undo: "none needed", risk: "none", seconds: 30),
                prevent: "programs that write iptables often belong in a batch (iptables-restore), not in a loop")
        }
    }

    // MARK: SVC-03

    /// Rules that lead nowhere, or to which nothing leads: kube-proxy writes all of them in one transaction.
    private func cut(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        for table in machine.packetFilter?.tables ?? [] where table.name == "nat" && table.program.hasPrefix("iptables")
        {
            guard let services = table.chains["KUBE-SERVICES"], table.family == "ip" else { continue }
            let sent = services.rules.filter { $0.target?.hasPrefix("KUBE-SVC-") ?? false }
            guard !sent.isEmpty else { continue }
            let hooks = ["PREROUTING", "OUTPUT"].filter { name in
                !(table.chains[name]?.rules.contains { $0.target == "KUBE-SERVICES" } ?? false)
            }
            if let hook = hooks.first {
                let whose = hook == "OUTPUT" ? "the machine's own programs" : "pods"
                return cut(
                    machine, facts, "Nothing leads \(whose) of \(machine.name) to the rules of Services",
                    machine.quote(
                        "\(hook): no jump to KUBE-SERVICES (\(sent.count) rules)", .iptables,
                        "iptables-save -t nat | grep -e '-A \(hook)'"),
                    "\(hook) of nat does not ask KUBE-SERVICES: the addresses of Services are not translated for \(whose)"
                )
            }
            for rule in sent {
                guard let target = rule.target, !table.chains.hasRules(target) else { continue }
                return cut(
                    machine, facts, "The rules of a Service on \(machine.name) lead nowhere",
                    machine.quote(
                        rule.text, .iptables, "iptables-save -t nat | grep \(target)", telling: target),
                    "\(target) is empty: packets for that address are not translated, and nobody has the address")
            }
            if let passed = passed(machine, facts, sent) { return passed }
        }
        return nil
    }

    /// A pod's packet to a Service that comes out as it went in: a rule takes it before kube-proxy's do, or nothing tracks it.
    private func passed(
        _ machine: NodeEvidence, _ facts: FactBase, _ sent: [PacketFilter.Rule]
    ) -> Diagnosis? {
        guard let simulation = machine.packetFilterSimulation, let lookup = machine.routeLookup,
            let pod = facts.localPods(of: machine).first(where: { $0.address.family == .v4 }),
            let input = lookup.lookup(.init(to: pod.address)).devices.sorted().first,
            let said = sent.lazy.compactMap({ Self.destination($0.text) }).first
        else { return nil }
        let words = said.split(whereSeparator: { $0 == ":" || $0 == "/" }).map(String.init)
        guard words.count == 3, let address = IPAddress(words[0]), let port = Int(words[1]) else { return nil }
        let outcome = simulation.pass(
            .init(from: pod.address, to: address, words[2], port: port, input: input),
            through: [.ingress, .prerouting])
        guard outcome.verdict == .accepted, !outcome.decidedBy.isEmpty, !outcome.packets.isEmpty,
            outcome.packets.allSatisfy({ !$0.isDestinationTranslated })
        else { return nil }
        let isUntracked = outcome.packets.allSatisfy { $0.state == "untracked" }
        return .machine(
            "SVC-03", "On \(machine.name) packets for Services pass by kube-proxy's rules", .certain,
            at: [machine.place],
            evidence: [PacketFilterCheck.quote(machine, outcome.decidedBy)],
            because: [
                isUntracked
                    ? "what is not tracked is not translated either: \(said) stays as it is, and nobody has that address"
                    : "this rule ends the walk of the chain before KUBE-SERVICES is asked: \(said) stays as it is",
                "pods of this node reach the endpoints directly, and not by the Service's address",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["delete that rule, or leave the Services' range out of it   # on \(machine.name)"],
                undo: "insert it again", risk: "what the rule was meant for is translated again", seconds: 5))
    }

    private func cut(
        _ machine: NodeEvidence, _ facts: FactBase, _ title: String, _ evidence: Diagnosis.Evidence, _ why: String
    ) -> Diagnosis {
        .machine(
            "SVC-03", title, .certain, at: [machine.place], evidence: [evidence],
            because: [why, "kube-proxy writes jumps and chains together: something else removed them"],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    facts.restart(.proxy, on: machine.name, "it writes all rules at its start")
                ], undo: "none needed", risk: "rules of running connections stay", seconds: 30),
            prevent: "firewalls that restore their own rules must leave those of others (iptables-restore --noflush)")
    }

    /// Whom rules of KUBE-SERVICES are for: found out once of those that every machine has.
    private struct Destinations {
        private var known: [String: String?] = [:]

        mutating func of(_ rule: String) -> String? {
            if let destination = known[rule] { return destination }
            let destination = ServiceRulesCheck.destination(rule)
            known[rule] = .some(destination)
            return destination
        }
    }

    /// Where a rule of KUBE-SERVICES sends from, `ADDRESS:PORT/TRANSPORT`; nil of one that names no port of one address.
    static func destination(_ rule: String) -> String? {
        let words = rule.split(separator: " ")
        func value(_ option: Substring) -> Substring? {
            words.firstIndex(of: option).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        }
        guard let address = value("-d"), address.hasSuffix("/32"), let port = value("--dport"),
            let transport = value("-p")
        else { return nil }
        return "\(address.dropLast(3)):\(port)/\(transport)"
    }

    /// Services that have ready endpoints, and that this node's kube-proxy did not write.
    private func missing(
        _ machine: NodeEvidence, _ facts: FactBase, _ destinations: inout Destinations
    ) -> Diagnosis? {
        guard let tables = machine.packetFilter?.tables, facts[.objects("endpointslices.discovery.k8s.io")] != nil
        else { return nil }
        // Somebody else does Services here (BPF, or nobody): KUBE-SERVICES says that kube-proxy does.
        let jumps = tables.filter { $0.name == "nat" }.flatMap { $0.chains["KUBE-SERVICES"]?.rules ?? [] }
        let isIPVS = machine.link("kube-ipvs0") != nil
        guard !isIPVS, tables.contains(where: { $0.name == "nat" && $0.chains.contains(prefix: "KUBE-") })
        else { return nil }
        if facts.objects("configmaps").contains(where: {
            ["true", "strict"].contains($0.text("data", "kube-proxy-replacement") ?? "")
        }) {
            return nil
        }
        // A kube-proxy in mode nftables keeps its own table.
        guard !tables.contains(where: { $0.program == "nft" && $0.name == "kube-proxy" }) else { return nil }
        var lost: [(APIObject, String)] = []
        var present = 0
        let written = Set(jumps.compactMap { destinations.of($0.text) })
        for served in facts.derived.value("Services with endpoints", { Self.servicesWithEndpoints(facts) }) {
            for wanted in served.ports {
                if written.contains(wanted) { present += 1 } else { lost.append((served.object, wanted)) }
            }
        }
        guard let first = lost.first else { return nil }
        let names = lost.map { "\($0.0.namespace)/\($0.0.name)" }
        let proxy = facts.pods(on: machine.name).first { pod in
            pod.list("spec", "containers").contains { $0.member("image")?.string?.contains("kube-proxy") ?? false }
        }
        let state = proxy.flatMap {
            $0.list("status", "containerStatuses").first?.at("state", "waiting", "reason")?.string
        }
        return .machine(
            "SVC-03",
            present == 0
                ? "\(machine.name) has no rules of any Service"
                : "\(machine.name) has no rules of \(listed(names, countedAs: "Service"))",
            .certain, at: [machine.place] + lost.prefix(4).map(\.0.place),
            evidence: [
                machine.quote(
                    "nothing for \(first.1)", .iptables, "iptables-save -t nat | grep \(first.1.prefix { $0 != ":" })"),
                .init("clusterIP \(first.1), endpoints ready", from: first.0.source),
            ] + (proxy.map { [.init("\($0.name) \(state ?? "Running")", from: $0.source)] } ?? []),
            because: [
                present == 0
                    ? "kube-proxy has written nothing on \(machine.name)\(state.map { ": it is in \($0)" } ?? "")"
                    : "\(present) ports of other Services are there; these are not: kube-proxy is behind, or something removed them",
                "pods of this node reach the endpoints directly, and not by the Service's address",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    proxy.map { "kubectl -n \($0.namespace) logs \($0.name) --tail 50" }
                        ?? "kubectl get pods -A -o wide | grep kube-proxy",
                    proxy.map {
                        "kubectl -n \($0.namespace) delete pod \($0.name)   # it writes all rules at its start"
                    } ?? "start kube-proxy on \(machine.name)",
                ], undo: "none needed", risk: "rules of running connections stay", seconds: 30))
    }

    /// A Service that every node has to have rules of.
    private struct Served: Sendable {
        let object: APIObject
        /// `ADDRESS:PORT/TRANSPORT`.
        let ports: [String]
    }

    /// Those with an endpoint that is ready, and an address of IPv4.
    private static func servicesWithEndpoints(_ facts: FactBase) -> [Served] {
        var names: Set<String> = []
        for slice in facts.objects("endpointslices.discovery.k8s.io") {
            guard let service = slice.text("metadata", "labels", "kubernetes.io/service-name"),
                slice.list("endpoints").contains(where: { $0.at("conditions", "ready")?.bool ?? true })
            else { continue }
            names.insert("\(slice.namespace)/\(service)")
        }
        return facts.objects("services").compactMap { service in
            guard let address = service.text("spec", "clusterIP"), address != "None", let ip = IPAddress(address),
                ip.family == .v4, names.contains("\(service.namespace)/\(service.name)"),
                service.labels["service.kubernetes.io/service-proxy-name"] == nil
            else { return nil }
            // A Service of seconds ago is on its way.
            if let now = facts.now, let created = service.createdAt, now - created < 60 { return nil }
            let ports = service.list("spec", "ports").map { port in
                let transport = (port.member("protocol")?.string ?? "TCP").lowercased()
                return "\(address):\(port.member("port")?.int ?? 0)/\(transport)"
            }
            return Served(object: service, ports: ports)
        }
    }
}
