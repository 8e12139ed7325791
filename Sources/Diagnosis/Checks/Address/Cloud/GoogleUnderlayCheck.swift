import Addressing
import JSONTree

/// What Google Cloud lets through between the nodes: the overlay's packets (RTE-01), and pods' own addresses where
/// nothing is wrapped (RTE-15).
struct GoogleUnderlayCheck: Check {
    let name = "underlay of Google Cloud"
    let codes = ["RTE-01", "RTE-15"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.hasCloud("gcp")
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let machines = machines(facts)
        if machines.count < 2 { return [] }
        return [blocked(machines, facts), unrouted(machines, facts)].compactMap { $0 }
    }

    private struct Machine {
        var node: String
        var address: IPAddress
        var instance: GoogleInstance?
    }

    private func machines(_ facts: FactBase) -> [Machine] {
        let instances = GoogleInstance.all(facts)
        return facts.objects("nodes").compactMap { node in
            guard node.text("spec", "providerID")?.hasPrefix("gce://") ?? false,
                let address = facts.internalAddresses(node.name).first(where: { $0.family == .v4 })
            else { return nil }
            return Machine(
                node: node.name, address: address, instance: instances.first { $0.addresses.contains(address) })
        }
    }

    // MARK: RTE-01

    private func blocked(_ machines: [Machine], _ facts: FactBase) -> Diagnosis? {
        guard let overlay = UnderlayEncapsulation.of(facts), let firewall = GoogleFirewall(facts) else { return nil }
        for receiver in machines {
            guard let sender = machines.first(where: { $0.node != receiver.node }),
                case .denied(let rule) = firewall.verdict(
                    overlay.transport, overlay.port, from: IPPrefix(containing: sender.address, length: 32),
                    network: receiver.instance?.network, tags: receiver.instance?.tags)
            else { continue }
            let network =
                receiver.instance?.network ?? firewall.rules.first { !$0.network.isEmpty }?.network ?? "default"
            let allowed = overlay.transport == "4" ? "ipip" : "udp:\(overlay.port)"
            let tag = receiver.instance?.tags.first
            let to = tag.map { " --source-tags \($0) --target-tags \($0)" } ?? " --source-ranges \(sender.address)/32"
            let name = "allow-pod-overlay"
            let text =
                rule.map { "rule \($0.name) (priority \($0.priority)) denies \(overlay.words) from \(sender.address)" }
                ?? "none of \(firewall.rules.count) rules lets \(overlay.words) in from \(sender.address)"
            return .machine(
                "RTE-01", "The firewall of network \(network) does not let \(overlay.words) through between the nodes",
                .certain, at: machines.prefix(6).map { "Node/\($0.node)" },
                evidence: [.init(text, from: firewall.source), .init(overlay.what, from: overlay.source)],
                because: [
                    "\(overlay.what) is \(overlay.words); what no rule allows in is denied, so that pods of one node talk and pods of two do not"
                ],
                explains: machines.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1.node)) },
                fix: .init(
                    [
                        "gcloud compute firewall-rules create \(name) --network \(network) --direction INGRESS "
                            + "--priority \(max(0, min(999, (rule?.priority ?? 1000) - 1))) --allow \(allowed)\(to)"
                    ], undo: "gcloud compute firewall-rules delete \(name)",
                    risk: tag == nil
                        ? "one sender; repeat --source-ranges for each node" : "only between machines with that tag",
                    seconds: 30),
                prevent: "put the overlay's port beside the other rules of the nodes")
        }
        return nil
    }

    // MARK: RTE-15

    /// A range of a node is known to the network by a route to the machine, or as a secondary range of its subnet.
    private func unrouted(_ machines: [Machine], _ facts: FactBase) -> Diagnosis? {
        guard UnderlayEncapsulation.of(facts) == nil,
            let routes = facts.cloudList("gcp", "compute-routes-list")
        else { return nil }
        let subnets = facts.cloudList("gcp", "compute-networks-subnets-list")
        // Where nobody listed the subnets, the machines' own aliases tell what the network knows.
        guard subnets != nil || machines.allSatisfy({ $0.instance != nil }) else { return nil }
        let aliases = machines.flatMap { $0.instance?.aliases ?? [] }
        let secondary =
            aliases
            + (subnets?.items ?? []).flatMap { $0.list("secondaryIpRanges") }.compactMap {
                $0.member("ipCidrRange")?.string.flatMap { IPPrefix($0) }
            }
        var missing: [(machine: Machine, range: IPPrefix, wrong: String?)] = []
        var right = 0
        for machine in machines {
            for range in facts.podRanges(machine.node) where range.family == .v4 {
                if secondary.contains(where: { $0.contains(range) }) {
                    right += 1
                    continue
                }
                let own = routes.items.filter { route in
                    guard let to = route.member("destRange")?.string.flatMap({ IPPrefix($0) }) else { return false }
                    return to.length > 0 && to.contains(range)
                }
                let isRight = own.contains { route in
                    let next = route.member("nextHopInstance")?.string?.split(separator: "/").last.map(String.init)
                    return next == machine.node || next == machine.instance?.name
                        || route.member("nextHopIp")?.string == "\(machine.address)"
                }
                if isRight { right += 1 } else { missing.append((machine, range, own.first?.member("name")?.string)) }
            }
        }
        let plain = UnderlayEncapsulation.isPlain(facts)
        guard let first = missing.first, right > 0 || plain != nil else { return nil }
        let nodes = missing.map(\.machine.node)
        var evidence: [Diagnosis.Evidence] = missing.prefix(3).map { entry in
            .init(
                entry.wrong.map { "route \($0) for \(entry.range) does not lead to \(entry.machine.node)" }
                    ?? "no route and no secondary range for \(entry.range) of \(entry.machine.node)",
                from: FactSource(routes.source.place, command: "gcloud compute routes list --format=json"))
        }
        if let plain { evidence.append(.init(plain.text, from: plain.source)) }
        let closed = missing.compactMap(\.machine.instance).filter { !$0.forwards }.map(\.name)
        if !closed.isEmpty {
            evidence.append(
                .init(
                    "canIpForward: false   of \(listed(closed))", marking: "false",
                    from: FactSource("instances", command: "gcloud compute instances list --format=json")))
        }
        let network = first.machine.instance?.network ?? "default"
        let steps = missing.prefix(6).map { entry in
            let zone = entry.machine.instance.map { " --next-hop-instance-zone \($0.zone)" } ?? ""
            return "gcloud compute routes create pods-\(entry.machine.node) --network \(network) "
                + "--destination-range \(entry.range) --next-hop-instance \(entry.machine.node)\(zone)"
        }
        return .machine(
            "RTE-15", "Google Cloud has no route to the pods of \(listed(nodes))", .likely,
            at: nodes.prefix(6).map { "Node/\($0)" }, evidence: evidence,
            because: ["nothing wraps the pods' packets, so the network itself has to know where each node's range is"],
            explains: nodes.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
            fix: .init(
                Array(steps), undo: "gcloud compute routes delete pods-\(first.machine.node)",
                risk: "the instances must have --can-ip-forward", seconds: 30),
            prevent: "let the cloud's controller write the routes, and look at its log",
            needs: [
                "whether the instances may forward: gcloud compute instances list --format=json | poplin doctor --gcp -"
            ])
    }
}
