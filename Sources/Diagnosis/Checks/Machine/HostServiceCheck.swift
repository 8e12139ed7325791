import Addressing

/// Programs of a node's own network (kubelet, agents, pods of the host's network) choose a route to a Service's address
/// before kube-proxy's rules translate it: where the tables refuse that address or have no way, they reach no Service,
/// although pods do (RTE-04).
struct HostServiceCheck: Check {
    let name = "Services from the node itself"
    let codes = ["RTE-04"]
    let needs: [FactName] = [.node(.routes), .packetFilters]

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { $0.routeLookup != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { machine in
            guard let lookup = machine.routeLookup, let address = Self.service(machine) else { return nil }
            let answer = lookup.lookup(.init(to: address))
            let way: String
            var range = "\(address)/32"
            switch answer {
            case .refused(let kind, let route):
                way = "\(kind)\(route.map { ": \($0.text)" } ?? ", by a rule")"
                if let route, route.destination.length > 0 { range = "\(route.destination)" }
            case .noRoute: way = "no route, not even a default one"
            default: return nil
            }
            return .machine(
                "RTE-04", "\(machine.name) itself reaches no Service: \(way)", .certain,
                at: [machine.place],
                evidence: [machine.quote("\(address): \(answer.text)", .routes, "ip route get \(address)")],
                because: [
                    "what the node's own programs send gets its route first and is translated after: \(range) ends before",
                    "pods' packets are translated first, so that Services work for them",
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    Self.fix(answer, machine.name), undo: "put the route back as it was",
                    risk: "none: these packets are refused now", seconds: 5),
                prevent: "a node needs some route that covers the Services' range, a default route as a rule")
        }
    }

    private static func fix(_ answer: RouteLookup.Answer, _ name: String) -> [String] {
        guard case .refused(let kind, let route) = answer else {
            return ["ip route add default via GATEWAY   # on \(name), and in its network configuration"]
        }
        guard let route else { return ["ip rule   # on \(name): delete the rule that says \(kind), by its priority"] }
        return [
            "ip route del \(kind) \(route.destination)   # on \(name); find out first who wrote it (proto \(route.origin))"
        ]
    }

    /// An address that kube-proxy's rules translate here, where the tables may refuse one at all. In the mode ipvs the
    /// machine has the addresses itself.
    static func service(_ machine: NodeEvidence) -> IPAddress? {
        let routes = machine.routes ?? []
        let refusing: Set<String> = ["blackhole", "unreachable", "prohibit"]
        let hasDefault = routes.contains { $0.isDefault && $0.kind == "unicast" && $0.destination.family == .v4 }
        guard
            !hasDefault || routes.contains(where: { refusing.contains($0.kind) && $0.destination.family == .v4 })
                || (machine.rules(.v4) ?? []).contains(where: { refusing.contains($0.action) }),
            machine.link("kube-ipvs0") == nil
        else { return nil }
        for table in machine.packetFilter?.tables ?? [] where table.name == "nat" && table.family == "ip" {
            for rule in table.chains["KUBE-SERVICES"]?.rules ?? [] {
                if let said = ServiceRulesCheck.destination(rule.text),
                    let address = IPAddress(String(said.prefix { $0 != ":" }))
                {
                    return address
                }
            }
        }
        return nil
    }
}
