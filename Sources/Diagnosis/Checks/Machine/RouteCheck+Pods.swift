import Addressing

extension RouteCheck {
    /// A route of some addresses of another node's range that leads pods elsewhere than the route of the range. Who moves an
    /// address to another node (Calico's borrowed ones) writes such routes too, so that only those count whose pod runs
    /// where its range is.
    func remotePod(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let lookup = machine.routeLookup, let routes = machine.routes,
            NetworkProviders(facts).usesNodeRanges(facts) != false
        else { return nil }
        let ranges = facts.nodesByRange
        let odd = routes.filter { route in
            !["local", "broadcast", "multicast"].contains(route.kind) && !route.isDefault
                && isPart(route.destination, ofAny: ranges)
        }
        if odd.isEmpty { return nil }
        let known = Dictionary(
            routes.filter { $0.table == 254 && ranges[$0.destination] != nil }.map { ($0.destination, $0) }
        ) { first, _ in first }
        for route in odd {
            guard let pod = facts.runningPod(in: route.destination, except: machine.name),
                let address = pod.addresses.first(where: { route.destination.contains($0) }),
                let range = facts.podRanges(pod.node).first(where: { $0.contains(address) }),
                range.length < route.destination.length, let usual = known[range]
            else { continue }
            let answer = lookup.lookup(.init(to: address))
            if case .cannotSay = answer { continue }
            if case .forward(let taken, let hops) = answer, taken.destination == range || isSame(hops, as: usual) {
                continue
            }
            return .machine(
                "RTE-04", "\(machine.name) sends what is for pod \(pod.id) on \(pod.node) elsewhere", .certain,
                at: [machine.place, "\(route.destination)"],
                evidence: [
                    machine.quote("\(address) \(answer.text)", .routes, "ip route get \(address)"),
                    machine.quote(usual.text, .routes, "ip route show \(range)"),
                ],
                because: [
                    "\(address) is of the range of \(pod.node), where the pod runs; \(route.destination) is more exact and leads another way"
                ],
                explains: pod.symptoms,
                fix: .init(
                    [
                        "ip route del \(route.text)   # on \(machine.name)",
                        "look for it in netplan, networkd or a script when it comes back (proto \(route.origin))",
                    ], undo: "ip route add \(route.text)", risk: "none: these packets are lost now", seconds: 5))
        }
        return nil
    }
}

/// By the same gateways and devices, whatever their shares.
private func isSame(_ hops: [NetworkRoute.Hop], as route: NetworkRoute) -> Bool {
    func ways(_ hops: [NetworkRoute.Hop]) -> Set<[String]> {
        Set(hops.map { [$0.gateway.map { "\($0)" } ?? "", $0.device ?? ""] })
    }
    let single = NetworkRoute.Hop(gateway: route.gateway, device: route.device, weight: 1, isDead: false)
    return ways(hops) == ways(route.hops.isEmpty ? [single] : route.hops)
}

/// Whether it lies inside a range that is larger; a table may have thousands of routes, and a cluster as many ranges.
private func isPart(_ prefix: IPPrefix, ofAny ranges: [IPPrefix: String]) -> Bool {
    (8..<max(8, prefix.length)).contains { ranges[IPPrefix(containing: prefix.first, length: $0)] != nil }
}

extension FactBase {
    /// Nodes by the ranges that their objects name.
    fileprivate var nodesByRange: [IPPrefix: String] {
        derived.value("nodes by range") {
            Dictionary(
                objects("nodes").flatMap { node in podRanges(node.name).map { ($0, node.name) } }
            ) { first, _ in first }
        }
    }

    /// One that has an address of its own there, on another node.
    fileprivate func runningPod(in prefix: IPPrefix, except node: String) -> PodView? {
        let byAddress = derived.value("running pods by address") { () -> [IPAddress: PodView] in
            var found: [IPAddress: PodView] = [:]
            for pod in pods where !pod.isOnHostNetwork && !pod.isFinished && !pod.isTerminating && !pod.node.isEmpty {
                for address in pod.addresses { found[address] = pod }
            }
            return found
        }
        if prefix.length == prefix.family.bitWidth {
            return byAddress[prefix.first].flatMap { $0.node == node ? nil : $0 }
        }
        return byAddress.filter { prefix.contains($0.key) && $0.value.node != node }.min { $0.key < $1.key }?.value
    }
}
