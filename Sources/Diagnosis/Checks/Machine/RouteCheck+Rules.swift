import Addressing
import JSONTree

extension RouteCheck {
    /// The file that lets systemd-networkd take away routes that it did not make; nil where it does not run or is told to
    /// leave them (networkd.conf(5), ManageForeignRoutes=).
    func forgettingFile(_ machine: NodeEvidence) -> String? {
        let own = machine.file("/etc/systemd/networkd.conf").map { [("/etc/systemd/networkd.conf", $0)] } ?? []
        let more = ["/etc", "/usr/lib"].flatMap { machine.files(under: "\($0)/systemd/networkd.conf.d") }
            .map { ($0.path, $0.document) }
        let files = own + more
        let isKept = files.contains { _, document in
            document.lines.contains { line in
                let words = line.trimmingBlanks.split(separator: "=").map { $0.trimmingBlanks }
                return words.count == 2 && words[0] == "ManageForeignRoutes"
                    && ["no", "false", "0", "off"].contains(words[1].lowercased())
            }
        }
        if isKept || machine.runs("systemd-networkd") == false { return nil }
        return files.first?.0
    }

    /// RTE-12: tables of routes that no rule asks any more, where systemd-networkd takes away what it did not make.
    func removedRules(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let routes = machine.routes, let rules = machine.rules(.v4) else { return nil }
        let links = machine.links ?? []
        let named = Set(rules.compactMap(\.table))
        // A VRF's table has no rule of its own.
        if links.contains(where: { $0.kind == "vrf" }) { return nil }
        let orphans = Dictionary(grouping: routes.filter { $0.destination.family == .v4 }) { $0.table }
            .filter { ![253, 254, 255, .max].contains($0.key) && !named.contains($0.key) }
        let config =
            (machine.files(under: "/etc/systemd/networkd.conf.d")
                + machine.files(under: "/usr/lib/systemd/networkd.conf.d"))
        let texts =
            [("/etc/systemd/networkd.conf", machine.file("/etc/systemd/networkd.conf")?.text)].compactMap {
                path, text in
                text.map { (path, $0) }
            } + config.map { ($0.path, $0.document.text) }
        func isKept(_ key: String) -> Bool {
            texts.contains { _, text in
                text.split(whereSeparator: \.isNewline).contains { line in
                    let words = line.trimmingBlanks.split(separator: "=").map { $0.trimmingBlanks }
                    return words.count == 2 && words[0] == key
                        && ["no", "false", "0", "off"].contains(words[1].lowercased())
                }
            }
        }
        let runsNetworkd =
            machine.runs("systemd-networkd") ?? (!texts.isEmpty || machine.fileList?["/run/systemd/netif"] != nil)
        guard runsNetworkd, !isKept("ManageForeignRoutingPolicyRules") else { return nil }
        // Rules that other machines of the same kind all have.
        let peers = facts.clusterMachines.filter { $0.name != machine.name && $0.rules(.v4) != nil }
        let own = Set(rules.map { Self.shape($0) })
        let usual = peers.map { Set(($0.rules(.v4) ?? []).map { Self.shape($0) }) }
        let expected = usual.first.map { first in usual.dropFirst().reduce(first) { $0.intersection($1) } } ?? []
        let lost = expected.subtracting(own)
        guard let orphan = orphans.sorted(by: { $0.key < $1.key }).first, !orphan.value.isEmpty else {
            // What a provider's rules look like, where there is no other machine to compare with.
            let owner = NodeNetworkFiles(machine, facts).winner.flatMap { NetworkProvider.owner(of: $0)?.name }
            let isOfVPC =
                owner == "aws"
                || (owner == nil && facts.components(.agent).contains { $0.component.name == "aws-vpc-cni" })
            // Pods by their pairs, or by the routes to them.
            let hasPods =
                links.contains { $0.name.hasPrefix("eni") && $0.kind == "veth" }
                || routes.contains { $0.table == 254 && ($0.device?.hasPrefix("eni") ?? false) }
            let isBare = isOfVPC && hasPods && !rules.contains { $0.mark == 0x80 || $0.priority == 512 }
            if lost.isEmpty && isBare {
                return finding(
                    machine, facts, texts.first?.0,
                    "512: to POD lookup main, 1024: fwmark 0x80/0x80 lookup main, 1536: from POD lookup TABLE",
                    machine.quote(rules.map(\.text).joined(separator: "; "), .rules, "ip rule"))
            }
            if lost.isEmpty { return nil }
            return finding(
                machine, facts, texts.first?.0, lost.sorted().joined(separator: "; "),
                machine.quote(rules.map(\.text).joined(separator: "; "), .rules, "ip rule"))
        }
        return finding(
            machine, facts, texts.first?.0,
            lost.isEmpty ? "a rule that asks table \(orphan.key)" : lost.sorted().joined(separator: "; "),
            machine.quote(
                "table \(orphan.key): \(orphan.value[0].text); no rule asks it", .routes,
                "ip route show table \(orphan.key); ip rule",
                telling: "no rule asks it"))
    }

    /// What of a rule is the same on every node.
    private static func shape(_ rule: NetworkRule) -> String {
        "\(rule.priority): fwmark \(rule.mark.map { "0x" + String($0, radix: 16) } ?? "-") lookup \(rule.table.map { "\($0)" } ?? rule.action)"
    }

    private func finding(
        _ machine: NodeEvidence, _ facts: FactBase, _ file: String?, _ lost: String, _ evidence: Diagnosis.Evidence
    ) -> Diagnosis {
        let path = file ?? "/etc/systemd/networkd.conf"
        return .machine(
            "RTE-12", "systemd-networkd removed the CNI's routing rules on \(machine.name)", .certain,
            at: [machine.place, path],
            evidence: [evidence]
                + (file.map { [machine.quote("no ManageForeignRoutingPolicyRules=no", file: $0)] } ?? []),
            because: [
                "missing: \(lost). The tables are still there, nothing leads to them.",
                "systemd-networkd removes rules it did not make when it restarts, unless it is told to leave them",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "mkdir -p /etc/systemd/networkd.conf.d   # on \(machine.name)",
                    "printf '%s\\n' '[Network]' ManageForeignRoutes=no ManageForeignRoutingPolicyRules=no > /etc/systemd/networkd.conf.d/10-cni.conf",
                    facts.restart(on: machine.name, "it writes its rules again"),
                ], undo: "rm /etc/systemd/networkd.conf.d/10-cni.conf", risk: "the agent restarts; pods keep running",
                seconds: 30),
            prevent: "the same file in every node image")
    }
}
