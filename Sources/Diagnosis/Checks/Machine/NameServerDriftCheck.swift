import JSONTree

/// What kubelets give pods as their name server, compared over all nodes (DNS-07).
struct NameServerDriftCheck: Check {
    let name = "name servers of nodes"
    let codes = ["DNS-07"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { Self.settings(facts).count > 1 }

    struct Setting {
        var node: String
        var servers: [String]
        var source: FactSource
    }

    /// From the kubelets' own answers, else from copies of their files.
    static func settings(_ facts: FactBase) -> [Setting] {
        var found: [String: Setting] = [:]
        for (path, document) in facts.evidence.documents(under: EvidencePath.kubelets) where path.hasSuffix("/configz")
        {
            guard let root = try? JSONTree(parsing: document.bytes).root,
                let list = root.at("kubeletconfig", "clusterDNS"),
                let node = path.split(separator: "/").first.map(String.init)
            else { continue }
            found[node] = Setting(
                node: node, servers: list.elements.compactMap(\.string),
                source: FactSource(
                    "\(node): kubelet configuration", command: "kubectl get --raw /api/v1/nodes/\(node)/proxy/configz",
                    age: document.source.age))
        }
        for machine in facts.machines where found[machine.name] == nil {
            let path = "/var/lib/kubelet/config.yaml"
            if let flag = flagged(machine) {
                found[machine.name] = flag
                continue
            }
            guard let document = machine.file(path) else { continue }
            var servers: [String] = []
            var isInside = false
            for line in document.text.split(whereSeparator: \.isNewline) {
                if line.hasPrefix("clusterDNS:") {
                    isInside = true
                    let rest = line.dropFirst("clusterDNS:".count).filter { !" []\"'".contains($0) }
                    servers += rest.split(separator: ",").map(String.init)
                } else if isInside, line.trimmingBlanks.hasPrefix("- ") {
                    servers.append(String(line.trimmingBlanks.dropFirst(2).filter { !"\"' ".contains($0) }))
                } else {
                    isInside = false
                }
            }
            if servers.isEmpty { continue }
            found[machine.name] = Setting(
                node: machine.name, servers: servers,
                source: FactSource(
                    "\(machine.name): \(path)", command: "grep -A2 clusterDNS \(path)", age: document.source.age))
        }
        return found.values.sorted { $0.node < $1.node }
    }

    /// `--cluster-dns`, which goes before the file: in a drop-in of the kubelet's unit or in what that reads.
    private static func flagged(_ machine: NodeEvidence) -> Setting? {
        let files =
            machine.files(under: "/etc/systemd/system/kubelet.service.d")
            + ["/etc/default/kubelet", "/etc/sysconfig/kubelet", "/var/lib/kubelet/kubeadm-flags.env"].compactMap {
                path in
                machine.file(path).map { (path: path, document: $0) }
            }
        for (path, document) in files {
            for line in document.lines where !line.trimmingBlanks.hasPrefix("#") {
                guard let start = line.firstRange(of: "--cluster-dns=")?.upperBound else { continue }
                let value = line[start...].prefix { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
                let servers = value.split(separator: ",").map(String.init)
                if servers.isEmpty { continue }
                return Setting(
                    node: machine.name, servers: servers,
                    source: FactSource(
                        "\(machine.name): \(path)", command: "grep cluster-dns \(path)", age: document.source.age))
            }
        }
        return nil
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let settings = Self.settings(facts)
        let kinds = Dictionary(grouping: settings) { $0.servers.sorted().joined(separator: ",") }
        guard kinds.count > 1 else { return [] }
        let services = Set(facts.objects("services").compactMap { $0.text("spec", "clusterIP") })
        func isKnown(_ servers: [String]) -> Bool {
            servers.allSatisfy { services.isEmpty || services.contains($0) || $0.hasPrefix("169.254.") }
        }
        // A node-local cache on some nodes is a roll-out; an address that no Service has is a fault.
        let odd = settings.filter { !isKnown($0.servers) }
        let usual = kinds.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.value ?? []
        let strangers = odd.isEmpty ? [] : odd
        guard let first = strangers.first,
            let right = usual.first(where: { isKnown($0.servers) }) ?? settings.first(where: { isKnown($0.servers) })
        else { return [] }
        let names = strangers.map(\.node)
        return [
            .machine(
                "DNS-07",
                "Pods of \(listed(names, countedAs: "node")) ask \(first.servers.joined(separator: ", ")), which no Service has",
                .certain,
                at: names.map { "Node/\($0)" },
                evidence: [
                    .init("clusterDNS: \(first.servers.joined(separator: ", "))", from: first.source),
                    .init(
                        "clusterDNS: \(right.servers.joined(separator: ", "))   on \(right.node)", from: right.source),
                ],
                because: [
                    "a kubelet writes this address into every pod's resolv.conf; the other \(usual.count) nodes have \(right.servers.joined(separator: ", "))"
                ],
                explains: names.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
                fix: .init(
                    [
                        "set clusterDNS to [\(right.servers.joined(separator: ", "))] in /var/lib/kubelet/config.yaml   # on \(names.joined(separator: ", "))",
                        "systemctl restart kubelet",
                        "kubectl delete pod POD   # pods keep their resolv.conf for life: make those of the node anew",
                    ], undo: "set the old address again", risk: "pods restart", seconds: 120),
                prevent: "one kubelet configuration for all nodes (kubeadm upgrade node)")
        ]
    }
}
