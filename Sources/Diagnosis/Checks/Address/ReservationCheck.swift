import Addressing
import JSONTree

/// host-local's reservations on machines against the sandboxes there, and against the pods the API knows where the
/// machine was not looked into; and the bridge's own address.
struct ReservationCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-02", "IPM-03", "IPM-05"]
    let needs: [FactName] = []

    /// Where host-local keeps them; kindnet's `dataDir` and that of k3s' own folder.
    private static let stores = [
        "/var/lib/cni/networks/", "/run/cni-ipam-state/", "/var/run/cni-ipam-state/",
        "/var/lib/rancher/k3s/agent/cni/networks/",
    ]
    /// An address that is being given out has no sandbox yet.
    private static let patience: Int64 = 120

    func applies(to facts: FactBase) -> Bool {
        facts.machines.contains { machine in
            Self.stores.contains { !machine.files(under: $0).isEmpty } || machine[.addresses] != nil
        }
            || (facts.has(.objects("nodes")) && NetworkProviders(facts).usesNodeRanges(facts) ?? false)
    }

    private struct Reservation {
        var address: IPAddress
        var container: String
        var document: EvidenceTree.Document
        var path: String
        var isFresh: Bool
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let pods = facts.pods
        let failures = SandboxFailures(facts, pods: pods)
        let nodes = Dictionary(facts.objects("nodes").map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let usesRanges = NetworkProviders(facts).usesNodeRanges(facts) ?? false
        var found: [Diagnosis] = []
        var judged: Set<String> = []
        for machine in facts.machines {
            let waiting = failures.byNode[machine.name] ?? []
            for (network, held) in reservations(on: machine, facts) {
                judged.insert(machine.name)
                if let finding = judge(machine, network, held, nodes[machine.name], waiting, facts) {
                    found.append(finding)
                }
            }
            if let node = nodes[machine.name], usesRanges, let finding = bridge(machine, node, waiting) {
                found.append(finding)
            }
        }
        if usesRanges {
            for node in facts.objects("nodes") where !judged.contains(node.name) {
                if let finding = byPods(node, pods, failures) { found.append(finding) }
            }
        }
        return found
    }

    // MARK: Stores

    /// Files of one folder, which is named once.
    private static func removal(of paths: [String]) -> String {
        let parts = paths.map { path in
            path.lastIndex(of: "/").map { (path[..<$0], path[path.index(after: $0)...]) } ?? ("", path[...])
        }
        guard paths.count > 1, let folder = parts.first?.0, parts.allSatisfy({ $0.0 == folder }) else {
            return "rm \(paths.joined(separator: " "))"
        }
        return "cd \(folder) && rm \(parts.map { String($0.1) }.joined(separator: " "))"
    }

    private func reservations(on machine: NodeEvidence, _ facts: FactBase) -> [(String, [Reservation])] {
        var times: [String: Int64] = [:]
        if let list = machine.json(.fileList), list.kind == .array {
            for file in list.elements {
                if let path = file.member("path")?.string, let time = file.member("mtime")?.int { times[path] = time }
            }
        }
        var found: [String: [Reservation]] = [:]
        for store in Self.stores {
            for (path, document) in machine.files(under: store) {
                let parts = path.dropFirst(store.count).split(separator: "/", maxSplits: 1)
                // On Windows and in some stores colons of IPv6 are underscores.
                guard parts.count == 2, let address = IPAddress(String(parts[1])) else { continue }
                let container = document.lines.first.map { String($0.filter { !$0.isWhitespace }) } ?? ""
                let isFresh = facts.seconds(since: times[path]).map { abs($0) < Self.patience } ?? false
                found[String(parts[0]), default: []].append(
                    Reservation(
                        address: address, container: container, document: document, path: path, isFresh: isFresh))
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted { $0.address < $1.address }) }
    }

    private func judge(
        _ machine: NodeEvidence, _ network: String, _ held: [Reservation], _ node: APIObject?,
        _ waiting: [SandboxFailures.Failure], _ facts: FactBase
    ) -> Diagnosis? {
        // Containerd's own bundles name the sandbox; a stopped one still has what it was given. Where the runtime was not
        // asked, it keeps the result of each ADD until the DEL, and an attachment lives as long as its namespace.
        guard let ids = machine.runtimeSandboxes.map({ Set($0.map(\.id)) }) ?? Self.attached(machine) else {
            return nil
        }
        let isTold = machine.runtimeSandboxes != nil
        let stale = held.filter { reservation in
            !reservation.isFresh
                && !ids.contains {
                    $0 == reservation.container || ($0.count >= 12 && reservation.container.hasPrefix($0))
                }
        }
        let families = Dictionary(grouping: held, by: \.address.family)
        let counts = families.compactMap { family, members -> (used: Int, capacity: Int)? in
            capacity(of: network, on: machine, node, family, facts).map { (members.count, $0) }
        }
        let isFull = counts.contains { $0.used >= $0.capacity }
        let asks = !waiting.filter { failure in
            LogReader.mechanisms(of: failure.message).contains { ["IPM-02", "IPM-03"].contains($0.code) }
        }.isEmpty
        guard isFull || asks else { return nil }
        let shown = counts.max { $0.used < $1.used }
        let share =
            shown.map { "\($0.used) of \($0.capacity) addresses are reserved" }
            ?? "\(held.count) addresses are reserved"
        if !stale.isEmpty {
            let some = stale.prefix(20).map(\.path)
            let rest = stale.count > some.count ? "   # the first \(some.count); look again for the others" : ""
            let ended = Set(machine.keptResults.filter { machine.isThere($0) == false }.map(\.container))
            let isSure = isTold || stale.allSatisfy { ended.contains($0.container) || $0.container.isEmpty }
            return .of(
                "IPM-03",
                "\(machine.name) holds \(counted(stale.count, "address")) of \(network) for pods that are gone",
                isSure ? .certain : .likely, at: ["Node/\(machine.name)"],
                evidence: stale.prefix(3).map {
                    .init(
                        "\($0.path): \($0.container.isEmpty ? "empty" : String($0.container.prefix(16)))",
                        from: $0.document.source)
                } + waiting.evidence,
                because: [
                    "\(share); \(counted(ids.count, isTold ? "sandbox" : "network namespace")) there, and \(stale.count) reservations name none of them",
                    "after a crash, a reboot or a failed ADD nobody gives such an address back",
                ],
                explains: waiting.symptoms,
                fix: .init(
                    [
                        "on \(machine.name): crictl pods -q   # none of them may be named",
                        "on \(machine.name): \(Self.removal(of: some))\(rest)",
                    ],
                    undo: "none is needed: an address of no pod", risk: "look again with crictl pods -q first",
                    seconds: 5),
                deadEnds: ["emptying the directory: addresses of running pods are then handed out twice"],
                needs: ["crictl pods -q --no-trunc: is one of them named there?"])
        }
        guard isFull else { return nil }
        return .of(
            "IPM-02", "\(machine.name) has given all addresses of \(network) to pods that run", .certain,
            at: ["Node/\(machine.name)"],
            evidence: held.suffix(1).map {
                .init("\($0.path): \(String($0.container.prefix(16)))", from: $0.document.source)
            }
                + waiting.evidence,
            because: [share, "each belongs to a sandbox that is there: this is no leak"],
            explains: waiting.symptoms,
            fix: .init(
                ["kubectl cordon \(machine.name)"], undo: "kubectl uncordon \(machine.name)",
                risk: "new pods go to other nodes", seconds: 5),
            prevent: "fewer pods for a node (kubelet's maxPods), or a larger range for new nodes",
            deadEnds: ["patching podCIDR: the API forbids changing it"])
    }

    /// Containers whose network namespace is there, by the results that the runtime keeps; nil where that says nothing.
    private static func attached(_ machine: NodeEvidence) -> Set<String>? {
        let results = machine.keptResults
        guard !results.isEmpty, results.allSatisfy({ machine.isThere($0) != nil }) else { return nil }
        return Set(results.filter { machine.isThere($0) == true }.map(\.container))
    }

    /// Addresses a network has: of the ranges in its configuration, or of the node's range.
    private func capacity(
        of network: String, on machine: NodeEvidence, _ node: APIObject?, _ family: IPFamily, _ facts: FactBase
    ) -> Int? {
        var prefixes: [IPPrefix] = []
        for (_, document) in machine.files(under: "/etc/cni/net.d/") {
            guard let root = try? JSONTree(parsing: document.bytes).root, root.member("name")?.string == network else {
                continue
            }
            let plugins = root.member("plugins").map { Array($0.elements) } ?? [root]
            for plugin in plugins {
                guard let ipam = plugin.member("ipam") else { continue }
                if let subnet = ipam.member("subnet")?.string.flatMap({ IPPrefix($0) }) { prefixes.append(subnet) }
                for set in ipam.member("ranges").map({ Array($0.elements) }) ?? [] {
                    for range in set.elements {
                        guard let subnet = range.member("subnet")?.string.flatMap({ IPPrefix($0) }) else { continue }
                        if let first = range.member("rangeStart")?.string.flatMap({ IPAddress($0) })
                            ?? subnet.first.advanced(by: 1),
                            let last = range.member("rangeEnd")?.string.flatMap({ IPAddress($0) })
                                ?? (subnet.family == .v4 ? subnet.last.advanced(by: -1) : subnet.last),
                            let span = IPRange(first: first, last: last), family == subnet.family,
                            range.member("rangeStart") != nil || range.member("rangeEnd") != nil
                        {
                            // The gateway is left out of what is handed out.
                            let gateway =
                                range.member("gateway")?.string.flatMap { IPAddress($0) }
                                ?? subnet.first.advanced(by: 1)
                            let count = Int(clamping: span.count)
                            return gateway.map { span.contains($0) } ?? false ? count - 1 : count
                        }
                        prefixes.append(subnet)
                    }
                }
            }
        }
        if prefixes.isEmpty { prefixes = (node?.podRanges ?? []).compactMap { IPPrefix($0) } }
        if prefixes.isEmpty && node == nil { prefixes = facts.ownRanges(of: machine) }
        guard let prefix = prefixes.first(where: { $0.family == family }) else { return nil }
        return Self.capacity(prefix)
    }

    /// Without the network's own address, the last of IPv4, and the gateway.
    static func capacity(_ prefix: IPPrefix) -> Int {
        let bits = prefix.family.bitWidth - prefix.length
        if bits > 30 { return .max }
        return max(0, (1 << bits) - (prefix.family == .v4 ? 3 : 2))
    }

    // MARK: Without the machine

    private func byPods(_ node: APIObject, _ pods: [PodView], _ failures: SandboxFailures) -> Diagnosis? {
        let asking = failures.signs(of: ["IPM-02", "IPM-03"], on: node.name)
        guard !asking.isEmpty, let range = node.podRanges.compactMap({ IPPrefix($0) }).first else { return nil }
        let live = pods.filter { pod in
            pod.node == node.name && !pod.isFinished && !pod.isOnHostNetwork
                && pod.addresses.contains { range.contains($0) }
        }
        let capacity = Self.capacity(range)
        let evidence: [Diagnosis.Evidence] =
            [.init("podCIDR: \(range)", from: node.source)] + asking.evidence
        let isFull = live.count >= capacity
        return .of(
            isFull ? "IPM-02" : "IPM-03",
            isFull
                ? "\(node.name) has given all \(capacity) addresses of \(range) to pods that run"
                : "\(node.name) has no address left, and \(live.count) of \(capacity) are of pods that run",
            isFull ? .certain : .likely, at: [node.place], evidence: evidence,
            because: isFull
                ? ["\(live.count) pods run there, and \(range) has \(capacity) addresses for pods"]
                : [
                    "\(range) has \(capacity) addresses, pods that run have \(live.count): the others are reserved for "
                        + "pods that are gone"
                ],
            explains: asking.symptoms,
            fix: isFull
                ? .init(
                    ["kubectl cordon \(node.name)"], undo: "kubectl uncordon \(node.name)",
                    risk: "new pods go to other nodes", seconds: 5) : nil,
            needs: [
                "files under /var/lib/cni/networks of \(node.name) against crictl pods -q (poplin doctor node there)"
            ])
    }

    // MARK: The bridge

    private static let bridges = ["cni0", "cbr0", "kube-bridge"]

    /// A bridge with an address of another range.
    static func bridge(
        _ machine: NodeEvidence, _ device: String, _ address: InterfaceAddress, _ range: IPPrefix,
        said: Diagnosis.Evidence, waiting: [SandboxFailures.Failure]
    ) -> Diagnosis {
        .of(
            "IPM-05", "\(device) of \(machine.name) has \(address), and the node's range is \(range)", .certain,
            at: ["Node/\(machine.name)"],
            evidence: [
                .init(
                    "\(device): \(address)", marking: "\(address)",
                    from: machine.source(.addresses, command: "ip addr show \(device)")), said,
            ] + waiting.evidence,
            because: [
                "the node's range changed (it was deleted and joined again) and the bridge kept its address; "
                    + "the plugin refuses a bridge with an address of another range"
            ],
            explains: waiting.symptoms,
            fix: .init(
                [
                    "kubectl drain \(machine.name) --ignore-daemonsets --delete-emptydir-data",
                    "on \(machine.name): ip link delete \(device)   # made anew with the next pod",
                    "kubectl uncordon \(machine.name)",
                ],
                undo: "none is needed: the next pod makes the bridge",
                risk: "pods that still hang on \(device) lose their network: drain first", seconds: 120),
            deadEnds: ["adding the new address beside the old one: the plugin refuses two"])
    }

    private func bridge(_ machine: NodeEvidence, _ node: APIObject, _ waiting: [SandboxFailures.Failure]) -> Diagnosis?
    {
        guard let list = machine.json(.addresses), list.kind == .array else { return nil }
        let ranges = node.podRanges.compactMap { IPPrefix($0) }
        for link in list.elements {
            guard let device = link.member("ifname")?.string, Self.bridges.contains(device) else { continue }
            for info in link.member("addr_info").map({ Array($0.elements) }) ?? [] {
                guard let text = info.member("local")?.string, let address = IPAddress(text), !address.isLinkLocal,
                    let length = info.member("prefixlen")?.int,
                    ranges.contains(where: { $0.family == address.family }),
                    !ranges.contains(where: { $0.contains(address) })
                else { continue }
                guard let range = ranges.first(where: { $0.family == address.family }),
                    let held = InterfaceAddress(address: address, prefixLength: Int(clamping: length))
                else { continue }
                return Self.bridge(
                    machine, device, held, range,
                    said: .init("podCIDR: \(range)", marking: "\(range)", from: node.source), waiting: waiting)
            }
        }
        return nil
    }
}
