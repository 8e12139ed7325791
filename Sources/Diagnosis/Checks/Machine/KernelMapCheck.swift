/// Maps of agents that are full as the kernel itself shows them (BPF-03).
struct KernelMapCheck: Check {
    let name = "BPF maps"
    let codes = ["BPF-03"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.kernelMaps != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] { facts.clusterMachines.compactMap { finding($0, facts) } }

    /// Whose maps are watched, by what all of its names begin with. Others (systemd's) are made as large as what is put
    /// into them.
    private enum Owner: String, CaseIterable {
        case cilium = "cilium_"
        case calico = "cali_"
        case aws = "aws_"

        init?(_ map: KernelMap) {
            guard
                let owner = Self.allCases.first(where: { owner in
                    map.name.hasPrefix(owner.rawValue) || map.fullName.hasPrefix(owner.rawValue)
                }) ?? (map.paths.contains { $0.contains("/globals/aws/") } ? .aws : nil)
            else { return nil }
            self = owner
        }
    }

    /// Share of a map from which the next burst fills it.
    private static let nearly: Int64 = 98

    private func finding(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let full = (machine.kernelMaps ?? []).compactMap { map -> (map: KernelMap, owner: Owner, entries: Int64)? in
            guard map.refuses, map.mostEntries >= 16, let entries = map.entries, let owner = Owner(map),
                entries * 100 >= map.mostEntries * Self.nearly
            else { return nil }
            return (map, owner, entries)
        }
        .sorted {
            ($1.entries * 1000 / $1.map.mostEntries, $0.map.id) < ($0.entries * 1000 / $0.map.mostEntries, $1.map.id)
        }
        guard let worst = full.first else { return nil }
        let map = worst.map
        let isFull = worst.entries >= map.mostEntries
        return .machine(
            "BPF-03",
            isFull
                ? "The map \(map.fullName) on \(machine.name) is full"
                : "The map \(map.fullName) on \(machine.name) is nearly full",
            isFull ? .certain : .likely, at: [machine.place, map.fullName],
            evidence: full.prefix(3).map { entry in
                machine.quote(
                    "\(entry.map.fullName): \(entry.entries) of \(entry.map.mostEntries) entries (\(entry.map.type))",
                    .bpf, "bpftool map dump id \(entry.map.id) | tail -n 1", telling: "\(entry.entries)")
            },
            because: [
                "a map of this kind has a fixed size and refuses what does not fit, so that new policies, Services or connections have no effect on \(machine.name)"
            ],
            explains: facts.unreadyPods(on: machine.name), fix: fix(map, worst.owner),
            prevent:
                "alert before it is full (cilium_bpf_map_pressure > 0.8); write policies by label, not one per address",
            needs: isFull
                ? [] : ["whether an update was refused since: the agent's log, outcome=\"fail\" in its metrics"])
    }

    private func fix(_ map: KernelMap, _ owner: Owner) -> Diagnosis.Fix? {
        let name = map.fullName
        switch owner {
        case .cilium:
            return .init(
                [
                    "kubectl -n kube-system patch configmap cilium-config --type merge -p '{\"data\":{\"\(Self.ciliumOption(name))\":\"\(map.mostEntries * 2)\"}}'",
                    "kubectl -n kube-system delete pod AGENT-POD-OF-THIS-NODE   # this node first, then the others one by one",
                ], undo: "set the old value again (\(map.mostEntries))",
                risk: "a map that is made anew loses its entries once: connections may break", seconds: 120)
        case .calico:
            guard let field = Self.calicoField(name) else { return nil }
            return .init(
                [
                    "kubectl patch felixconfiguration default --type merge -p '{\"spec\":{\"\(field)\":\(map.mostEntries * 2)}}'"
                ], undo: "set \(field) to \(map.mostEntries) again",
                risk: "Felix makes the map anew; connections of that moment may break", seconds: 60)
        case .aws: return nil
        }
    }

    /// cilium-config's key of a map's size (Documentation/network/ebpf/maps.rst).
    static func ciliumOption(_ name: String) -> String {
        if name.contains("policy") { return "bpf-policy-map-max" }
        if name.contains("_ct") { return name.contains("any") ? "bpf-ct-global-any-max" : "bpf-ct-global-tcp-max" }
        if name.contains("snat") || name.contains("nat") { return "bpf-nat-global-max" }
        return name.contains("lb") ? "bpf-lb-map-max" : "bpf-map-dynamic-size-ratio"
    }

    /// FelixConfiguration's field of a map's size (api/pkg/apis/projectcalico/v3/felixconfig.go).
    static func calicoField(_ name: String) -> String? {
        let fields = [
            ("nat_fe", "bpfMapSizeNATFrontend"), ("nat_be", "bpfMapSizeNATBackend"),
            ("nat_aff", "bpfMapSizeNATAffinity"), ("routes", "bpfMapSizeRoute"), ("ip_sets", "bpfMapSizeIPSets"),
            ("_ct", "bpfMapSizeConntrack"), ("iface", "bpfMapSizeIfState"),
        ]
        return fields.first { name.contains($0.0) }?.1
    }
}
