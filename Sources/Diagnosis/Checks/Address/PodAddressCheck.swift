import Addressing

/// One address at two pods that both run.
struct PodAddressCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-06"]
    let needs: [FactName] = [.objects("pods")]

    func applies(to facts: FactBase) -> Bool { !facts.objects("pods").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let nodes = Dictionary(facts.objects("nodes").map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var owners: [IPAddress: [PodView]] = [:]
        for pod in facts.pods where !pod.isOnHostNetwork && !pod.isFinished && !pod.isTerminating {
            // What a node that is out of reach last said may long be over.
            if let node = nodes[pod.node], !node.isNodeReady { continue }
            for address in pod.addresses { owners[address, default: []].append(pod) }
        }
        return owners.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { address, pods in
            let ordered = pods.sorted { ($0.object.createdAt ?? 0, $0.id) < ($1.object.createdAt ?? 0, $1.id) }
            let last = ordered[ordered.count - 1]
            return .of(
                "IPM-06", "\(address) is the address of \(listed(ordered.map(\.id)))", .certain,
                at: ordered.map(\.object.place),
                evidence: ordered.prefix(3).map {
                    .init("podIP: \(address) on \($0.node)", marking: "\(address)", from: $0.object.source)
                },
                because: [
                    "an address was given out twice; packets go to whichever route is nearer to the sender",
                    Set(ordered.map(\.node)).count == 1
                        ? "both are on \(last.node): the host can have one route for it"
                        : "they are on \(listed(Set(ordered.map(\.node)).sorted())): each node has a route of its own",
                ],
                explains: ordered.reduce(into: []) { $0.formUnion($1.symptoms) },
                fix: .init(
                    ["kubectl -n \(last.namespace) delete pod \(last.name)"],
                    undo: "its controller makes it anew, with another address",
                    risk: "\(last.id) is down until it is made anew", seconds: 30),
                prevent: "find out which allocator gave it twice before more pods start (calicoctl ipam check)",
                deadEnds: ["releasing the address in the allocator: it is in use"])
        }
    }
}
