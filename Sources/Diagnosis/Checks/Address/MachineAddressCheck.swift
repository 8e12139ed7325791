import Addressing
import JSONTree

/// Addresses of pods on a machine alone, where nobody asked the API: one that two have, one whose pod is gone (IPM-06), a
/// bridge of another range (IPM-05), ranges that overlap (IPM-07).
struct MachineAddressCheck: Check {
    let name = "addresses of a machine"
    let codes = ["IPM-05", "IPM-06", "IPM-07"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { facts.isMachineAlone && !facts.machines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.machines.flatMap { machine in
            alike(on: machine, facts) + [leftOver(on: machine, facts), bridge(of: machine, facts)].compactMap { $0 }
        } + RangeOverlapCheck().findings(facts)
    }

    // MARK: IPM-06

    /// Namespaces that both have an address, as their own interfaces say.
    private func alike(on machine: NodeEvidence, _ facts: FactBase) -> [Diagnosis] {
        let pods = facts.localPods(of: machine).filter { pod in
            machine.pod(String(pod.namespace), String(pod.ownName))?.addresses?
                .contains { $0.address.address == pod.address } ?? false
        }
        return Dictionary(grouping: pods, by: \.address).filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
            .map { address, pods in
                let last = pods[pods.count - 1]
                return .of(
                    "IPM-06", "\(address) is the address of \(listed(pods.map(\.name)))", .certain,
                    at: [machine.place] + pods.map(\.place),
                    evidence: pods.prefix(3).map {
                        .init("\($0.name): \(address)", marking: "\(address)", from: $0.source)
                    },
                    because: [
                        "an address was given out twice, and both network namespaces have it;",
                        "the host knows one way to it, so that one of them hears nothing",
                    ],
                    fix: .init(
                        ["kubectl -n \(last.namespace) delete pod \(last.ownName)"],
                        undo: "its controller makes it anew, with another address",
                        risk: "\(last.name) is down until it is made anew", seconds: 30),
                    prevent: "reservations of running pods must stay: never empty /var/lib/cni/networks",
                    deadEnds: ["releasing the address in the allocator: it is in use"])
            }
    }

    /// A route for one address to an interface of nobody that the runtime knows, beside those of pods that it does.
    private func leftOver(on machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let pods = Set(facts.localPods(of: machine).map(\.address))
        let routes = HostRouteCheck.routes(of: machine)
        // Where none of the routes is a pod's, the pods are not known here.
        guard machine.namespacePaths != nil, routes.contains(where: { pods.contains($0.address) }),
            let route = routes.first(where: { !pods.contains($0.address) })
        else { return nil }
        let isTold = machine.runtimeSandboxes != nil
        return .of(
            "IPM-06", "\(machine.name) has a route for \(route.address) to the interface of a pod that is gone",
            isTold ? .certain : .likely, at: [machine.place, route.device],
            evidence: [
                .init(
                    "\(route.address) dev \(route.device)", marking: route.device,
                    from: machine.source(.routes, command: "ip route show \(route.address)"))
            ],
            because: [
                "no \(isTold ? "sandbox" : "result that the runtime keeps") has \(route.address); \(route.device) was left behind,",
                "and a plugin that gives the address out again cannot add its own route",
            ],
            fix: .init(
                ["ip link delete \(route.device)   # on \(machine.name)"],
                undo: "none is needed: no pod is at the other end",
                risk: "look again that no sandbox has \(route.address)",
                seconds: 5),
            deadEnds: ["releasing the address in the allocator: it is not what stands in the way"],
            needs: ["crictl pods: has a sandbox \(route.address)?"])
    }

    // MARK: IPM-05

    private static let subnetFile = "/run/flannel/subnet.env"

    /// Against the range that the configuration, or flanneld, says.
    private func bridge(of machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let winner = NodeNetworkFiles(machine, facts).winner
        let plugin = winner?.plugins.first { ["bridge", "flannel"].contains($0.type) }
        // Where nobody copied the configuration, what flanneld wrote says the same.
        let isFlannel = plugin.map { $0.type == "flannel" } ?? (winner == nil && machine.file(Self.subnetFile) != nil)
        guard plugin != nil || isFlannel else { return nil }
        let settings = isFlannel ? plugin?.node["delegate"] : plugin?.node
        let device = settings?["bridge"]?.string ?? "cni0"
        let ranges = facts.ownRanges(of: machine)
        let own = (machine.addresses ?? []).filter { $0.device == device && !$0.address.address.isLinkLocal }
        for range in ranges {
            let held = own.map(\.address).filter { $0.family == range.family }
            guard let address = held.first,
                !held.contains(where: { held in ranges.contains { $0.contains(held.address) } })
            else { continue }
            let path = isFlannel ? Self.subnetFile : winner?.path ?? Self.subnetFile
            return ReservationCheck.bridge(
                machine, device, address, range, said: machine.quote("\(range)", file: path), waiting: [])
        }
        return nil
    }
}
