import Addressing
import JSONTree

/// Host routes of former pods: a route for one address to an interface that is no pod's any more, while the address is
/// another pod's or the plugin stumbles over it.
struct HostRouteCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-06"]
    let needs: [FactName] = [.objects("pods"), .node(.routes)]

    /// How networks name the host's end of a pod's link.
    private static let links = ["cali", "eni", "azv", "lxc", "veth", "gke"]

    func applies(to facts: FactBase) -> Bool { !facts.machines(with: .routes).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let pods = facts.pods.filter { !$0.isFinished && !$0.isOnHostNetwork }
        let failures = SandboxFailures(facts, pods: pods)
        return facts.machines(with: .routes).compactMap { machine in
            let own = Set(pods.filter { $0.node == machine.name }.flatMap(\.addresses))
            let stumbling = failures.signs(of: ["IPM-06"], on: machine.name)
            for route in Self.routes(of: machine) where !own.contains(route.address) {
                let elsewhere = pods.first { $0.node != machine.name && $0.addresses.contains(route.address) }
                guard elsewhere != nil || (!stumbling.isEmpty && route.isDead) else { continue }
                return finding(machine, route, elsewhere, stumbling)
            }
            return nil
        }
    }

    struct HostRoute {
        var address: IPAddress
        var device: String
        /// Its interface is gone, or nobody is at the other end.
        var isDead: Bool
    }

    static func routes(of machine: NodeEvidence) -> [HostRoute] {
        guard let list = machine.json(.routes), list.kind == .array else { return [] }
        let links = machine.json(.links).map { Array($0.elements) }
        return list.elements.compactMap { route in
            guard let text = route.member("dst")?.string, let device = route.member("dev")?.string,
                ["unicast", nil].contains(route.member("type")?.string), route.member("gateway") == nil,
                Self.links.contains(where: { device.hasPrefix($0) })
            else { return nil }
            let host = text.hasSuffix("/32") ? String(text.dropLast(3)) : text
            guard let address = IPAddress(host), !address.isLinkLocal else { return nil }
            let link = links?.first {
                $0.member("ifname")?.string?.split(separator: "@").first.map(String.init) == device
            }
            let flags = link.flatMap { $0.member("flags") }.map { $0.elements.compactMap(\.string) } ?? []
            return HostRoute(
                address: address, device: device,
                isDead: links != nil && (link == nil || flags.contains("NO-CARRIER") || !flags.contains("UP")))
        }
    }

    private func finding(
        _ machine: NodeEvidence, _ route: HostRoute, _ elsewhere: PodView?, _ stumbling: [SandboxFailures.Failure]
    ) -> Diagnosis {
        .of(
            "IPM-06",
            elsewhere.map { "\(machine.name) keeps \(route.address) to itself, and it is \($0.id)'s on \($0.node)" }
                ?? "\(machine.name) has a route for \(route.address) to the interface of a pod that is gone",
            .certain, at: ["Node/\(machine.name)"] + [elsewhere?.object.place].compactMap { $0 },
            evidence: [
                .init(
                    "\(route.address) dev \(route.device)", marking: route.device,
                    from: machine.source(.routes, command: "ip route show \(route.address)"))
            ] + [elsewhere].compactMap { $0 }.map { .init("podIP: \(route.address)", from: $0.object.source) }
                + stumbling.evidence,
            because: [
                "no pod on \(machine.name) has \(route.address); \(route.device) was left behind by one that did",
                elsewhere == nil
                    ? "the plugin cannot add a route for an address that has one"
                    : "packets from \(machine.name) to \(route.address) end at that interface",
            ],
            explains: stumbling.symptoms.union(elsewhere?.symptoms ?? []),
            fix: .init(
                ["on \(machine.name): ip link delete \(route.device)"],
                undo: "none is needed: no pod is at the other end (crictl pods shows them)",
                risk: "look again that no sandbox has \(route.address)", seconds: 5),
            deadEnds: ["releasing the address in the allocator: it is not what stands in the way"])
    }
}
