import Addressing
import JSONTree

/// What nodes send a Service's packets to, against its EndpointSlices: a node that is behind sends to pods that are gone.
struct BackendCheck: Check {
    let name = "backends on nodes"
    let codes = ["SVC-05"]
    let needs: [FactName] = [
        .objects("services"), .objects("pods"), .objects("endpointslices.discovery.k8s.io"), .packetFilters,
    ]

    /// kube-proxy follows slices within a second or two, and within its sync period (30 s) at the latest.
    private static let patience: Int64 = 60

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("services").isEmpty && facts.clusterMachines.contains { $0.packetFilterState != .notAsked }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        // Something else does Services, and what kube-proxy left is not asked any more.
        if facts.objects("configmaps").contains(where: {
            ["true", "strict"].contains($0.text("data", "kube-proxy-replacement") ?? "")
        }) {
            return []
        }
        let map = ServiceMap(facts)
        var owners: [IPAddress: PodView] = [:]
        for pod in map.pods where !pod.isOnHostNetwork && !pod.isFinished {
            for address in pod.addresses { owners[address] = pod }
        }
        let wanted = map.entries.compactMap { Wanted($0) }
        return facts.clusterMachines.compactMap { machine in
            let programmed = ServiceBackends(machine)
            guard let mode = programmed.mode else { return nil }
            let parts: [NodeEvidence.Part] = [.iptables, .ip6tables, .iptablesLegacy, .nftables, .ipvs]
            let age = parts.compactMap { machine[$0]?.source.age }.max() ?? 0
            let read = facts.now.map { $0 - Int64(age) }
            let stale = wanted.compactMap { self.stale($0, programmed, owners, read) }
            return stale.isEmpty ? nil : finding(machine, mode, stale, owners, facts)
        }
    }

    private struct Stale {
        var entry: ServiceMap.Entry
        var front: ServiceBackends.Front
        var dead: [(backend: ServiceBackends.Backend, rule: String)]
        /// Ready for long, and not programmed.
        var left: [IPAddress]
        /// Nothing else explains it: the slices are as they are since long.
        var isCertain: Bool
    }

    /// What every node is to send a Service's packets to, read once for all of them.
    private struct Wanted {
        let entry: ServiceMap.Entry
        let fronts: [ServiceBackends.Front]
        /// Addresses that the slices have.
        let listed: Set<IPAddress>
        /// When the slices changed last, in seconds since 1970, and whether each of them says so.
        let changed: Int64?
        let isChangeKnown: Bool

        /// Nil without a slice and without a selector: it is not known who keeps the endpoints. Nil for a list that was cut.
        init?(_ entry: ServiceMap.Entry) {
            if entry.slices.isEmpty && entry.selector.isEmpty || entry.isCut { return nil }
            self.entry = entry
            fronts = entry.addresses.flatMap { address in
                entry.ports.map { port in
                    ServiceBackends.Front(
                        address: address, port: Int(clamping: port.number), transport: port.transport.lowercased())
                }
            }
            listed = Set(entry.endpoints.flatMap(\.addresses))
            let changes = entry.slices.map { BackendCheck.lastChange($0) }
            changed = changes.compactMap(\.time).max()
            isChangeKnown = changes.allSatisfy(\.isKnown)
        }
    }

    private func stale(
        _ wanted: Wanted, _ programmed: ServiceBackends, _ owners: [IPAddress: PodView], _ read: Int64?
    ) -> Stale? {
        // What changed a moment ago is on its way, and what changed later than the rules were read says nothing of them.
        if let changed = wanted.changed, let read, read - changed < Self.patience { return nil }
        let entry = wanted.entry
        for front in wanted.fronts {
            let dead = programmed.backends(of: front) { backend in
                if wanted.listed.contains(backend.address) { return false }
                // A pod of the Service that its slices do not have is the slices' fault.
                let owner = owners[backend.address]?.id
                return owner == nil || !entry.pods.contains { $0.id == owner }
            }
            guard let dead, !dead.isEmpty else { continue }
            let there = Set((programmed.backends(of: front) ?? []).map(\.backend.address))
            let left = isNarrowed(entry) ? [] : missing(entry, there, front.address.family, owners, read)
            return Stale(
                entry: entry, front: front, dead: dead.map { ($0.backend, $0.sender.text) }, left: left,
                isCertain: !left.isEmpty || (wanted.changed != nil && wanted.isChangeKnown))
        }
        return nil
    }

    /// Endpoints that every node has to have, and this one has not, although they are there since long.
    private func missing(
        _ entry: ServiceMap.Entry, _ programmed: Set<IPAddress>, _ family: IPFamily, _ owners: [IPAddress: PodView],
        _ read: Int64?
    ) -> [IPAddress] {
        entry.readyEndpoints.flatMap(\.addresses).filter { address in
            guard address.family == family, !programmed.contains(address), let since = owners[address]?.readySince,
                let read
            else { return false }
            return read - since >= Self.patience
        }
    }

    /// Whether nodes may well have some of the endpoints only.
    private func isNarrowed(_ entry: ServiceMap.Entry) -> Bool {
        entry.object.text("spec", "internalTrafficPolicy") == "Local"
            || entry.object.text("spec", "trafficDistribution") != nil
            || entry.object.annotations.keys.contains { $0.hasPrefix("service.kubernetes.io/topology-") }
            || entry.slices.contains { $0.list("endpoints").contains { $0.member("hints") != nil } }
    }

    /// The controller's own mark goes when a pod does; `managedFields` have the time of every change.
    private static func lastChange(_ slice: APIObject) -> (time: Int64?, isKnown: Bool) {
        let written = slice.list("metadata", "managedFields").compactMap {
            $0.member("time")?.string.flatMap { APIObject.seconds($0) }
        }.max()
        let marked = slice.time("metadata", "annotations", "endpoints.kubernetes.io/last-change-trigger-time")
        return ([written, marked, slice.createdAt].compactMap { $0 }.max(), written != nil || marked != nil)
    }

    private func finding(
        _ machine: NodeEvidence, _ mode: ServiceBackends.Mode, _ stale: [Stale], _ owners: [IPAddress: PodView],
        _ facts: FactBase
    ) -> Diagnosis {
        var evidence: [Diagnosis.Evidence] = []
        var because: [String] = []
        for one in stale.prefix(3) {
            for (backend, rule) in one.dead.prefix(2) {
                let address = "\(backend.address)"
                if mode == .ipvs {
                    evidence.append(machine.quote(rule, .ipvs, "ipvsadm -S -n", telling: address))
                } else {
                    evidence.append(PacketFilterCheck.quote(machine, rule))
                }
                let owner = owners[backend.address].map { "it is \($0.id)'s now" } ?? "no pod has it"
                because.append(
                    "\(one.entry.id) (\(one.front.address):\(one.front.port)) is sent to \(address), which none of its slices has: \(owner)"
                )
            }
            if let slice = one.entry.slices.first {
                let addresses = one.entry.endpoints.flatMap(\.addresses).map { "\($0)" }
                evidence.append(.init("endpoints: \(listed(addresses))", from: slice.source))
            }
            if !one.left.isEmpty {
                because.append(
                    "\(listed(one.left.map { "\($0)" })) of \(one.entry.id), ready since long, is not among them")
            }
        }
        let proxy = facts.pods(on: machine.name).first { pod in
            pod.list("spec", "containers").contains { $0.member("image")?.string?.contains("kube-proxy") ?? false }
        }
        because.append(
            "kube-proxy of \(machine.name) is behind: it does not see slices change, or cannot write its rules")
        let names = stale.map(\.entry.id)
        let isCertain = stale.contains(where: \.isCertain)
        return .of(
            "SVC-05", "\(machine.name) sends \(listed(names)) to endpoints that are gone",
            isCertain ? .certain : .likely,
            at: [machine.place] + stale.prefix(4).map(\.entry.object.place), evidence: evidence, because: because,
            fix: .init(
                [
                    proxy.map { "kubectl -n \($0.namespace) logs \($0.name) --tail 50   # why it is behind" },
                    proxy.map {
                        "kubectl -n \($0.namespace) delete pod \($0.name)   # it writes all rules at its start"
                    }
                        ?? "restart kube-proxy on \(machine.name)",
                ].compactMap { $0 },
                undo: "none needed", risk: "rules of running connections stay", seconds: 30),
            prevent: "an alert on kubeproxy_sync_proxy_rules_last_timestamp_seconds",
            deadEnds: ["deleting the EndpointSlices: they are right"],
            needs: ["the same rules a minute later: do they still name the address?"])
    }
}
