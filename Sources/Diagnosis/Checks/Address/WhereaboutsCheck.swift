import Addressing
import JSONTree

/// Whereabouts' pools against the pods' network-status: reservations of pods that are gone, and addresses two pods have.
struct WhereaboutsCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-10"]
    let needs: [FactName] = [.objects("pods"), .objects("ippools.whereabouts.cni.cncf.io")]

    func applies(to facts: FactBase) -> Bool { !facts.objects("ippools.whereabouts.cni.cncf.io").isEmpty }

    private struct Entry {
        var address: IPAddress
        var pod: String
        var pool: APIObject
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let pods = facts.pods
        let known = Dictionary(pods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let statuses = Dictionary(
            pods.filter { !$0.isFinished }.map { ($0.id, Self.addresses($0)) }, uniquingKeysWith: { first, _ in first })
        let failures = SandboxFailures(facts, pods: pods).all.filter {
            let text = $0.message.lowercased()
            return text.contains("whereabouts") || text.contains("could not allocate ip")
        }
        return facts.objects("ippools.whereabouts.cni.cncf.io").compactMap { pool in
            let entries = Self.entries(pool)
            let stale = entries.filter { entry in
                guard let pod = known[entry.pod] else { return true }
                if pod.isFinished { return true }
                // A pod without a status has not been given its network yet.
                let addresses = statuses[entry.pod] ?? []
                return !addresses.isEmpty && !addresses.contains(entry.address)
            }
            let twice = duplicates(pool, pods, statuses)
            if stale.isEmpty && twice.isEmpty { return nil }
            let size = pool.text("spec", "range").flatMap { IPPrefix($0) }.map { ReservationCheck.capacity($0) + 1 }
            let isFull = size.map { entries.count >= $0 } ?? false
            if twice.isEmpty, !isFull, failures.isEmpty, stale.count < 3 { return nil }
            return finding(pool, stale, twice, size, entries.count, failures, isFull: isFull)
        }
    }

    private func finding(
        _ pool: APIObject, _ stale: [Entry], _ twice: [(IPAddress, [PodView])], _ size: Int?, _ used: Int,
        _ failures: [SandboxFailures.Failure], isFull: Bool
    ) -> Diagnosis {
        var because = twice.map { "\($0.0) is the address of \(listed($0.1.map(\.id)))" }
        if !stale.isEmpty {
            because.append(
                "\(counted(stale.count, "address")) of \(used)" + (size.map { ", in a range of \($0)," } ?? "")
                    + " are held for pods that are gone or have another: \(listed(stale.map { "\($0.address) for \($0.pod)" }))"
            )
        }
        because.append(
            "the reconciler knows pods by their names, and a pod of a StatefulSet comes back under its old one")
        let offsets = stale.prefix(10).compactMap { entry -> String? in
            guard let prefix = pool.text("spec", "range").flatMap({ Self.prefix($0) }) else { return nil }
            return "{\"op\":\"remove\",\"path\":\"/spec/allocations/\(entry.address.number - prefix.first.number)\"}"
        }
        let command = "kubectl -n \(pool.namespace) patch ippools.whereabouts.cni.cncf.io \(pool.name) --type json -p "
        return .of(
            "IPM-10",
            twice.isEmpty
                ? "pool \(pool.name) of whereabouts holds \(counted(stale.count, "address")) for pods that are gone"
                : "whereabouts gave \(twice[0].0) to \(counted(twice[0].1.count, "pod"))",
            isFull || !twice.isEmpty || !failures.isEmpty ? .certain : .likely, at: [pool.place],
            evidence: stale.prefix(2).map {
                .init("podref: \($0.pod) (\($0.address))", marking: $0.pod, from: pool.source)
            }
                + twice.prefix(1).flatMap { address, pods in
                    pods.prefix(2).map { Diagnosis.Evidence("network-status: \(address)", from: $0.object.source) }
                } + failures.evidence,
            because: because, explains: failures.symptoms,
            fix: stale.isEmpty
                ? twice.first?.1.last.map {
                    .init(
                        ["kubectl -n \($0.namespace) delete pod \($0.name)"],
                        undo: "its controller makes it anew with another address", risk: "that pod is down meanwhile",
                        seconds: 30)
                }
                : .init(
                    [command + "'[\(offsets.joined(separator: ","))]'"],
                    undo:
                        "kubectl -n \(pool.namespace) get ippools.whereabouts.cni.cncf.io \(pool.name) -o yaml > before.yaml   # first",
                    risk: "look again that none of these pods runs", seconds: 5),
            prevent: "upgrade whereabouts: later reconcilers also compare the container",
            needs: ["ip addr in the pods that the entries name"])
    }

    /// Ranges are written with host bits at times.
    private static func prefix(_ text: String) -> IPPrefix? {
        InterfaceAddress(text)?.prefix ?? IPPrefix(text)
    }

    private static func entries(_ pool: APIObject) -> [Entry] {
        guard let range = pool.text("spec", "range").flatMap({ prefix($0) }),
            let allocations = pool["spec", "allocations"], allocations.kind == .object
        else { return [] }
        return allocations.members.compactMap { key, value in
            guard let offset = Int(key), let address = range.first.advanced(by: offset),
                let pod = value.member("podref")?.string
            else { return nil }
            return Entry(address: address, pod: pod, pool: pool)
        }
    }

    /// Of secondary networks, from the annotation that Multus writes.
    static func addresses(_ pod: PodView) -> Set<IPAddress> {
        Set(networks(pod).flatMap { $0.addresses })
    }

    static func networks(_ pod: PodView) -> [(name: String, addresses: [IPAddress])] {
        let annotations = pod.object.annotations
        guard
            let text = annotations["k8s.v1.cni.cncf.io/network-status"]
                ?? annotations["k8s.v1.cni.cncf.io/networks-status"],
            let root = try? JSONTree(parsing: text).root, root.kind == .array
        else { return [] }
        return root.elements.filter { !($0.member("default")?.bool ?? false) }.map { network in
            (
                network.member("name")?.string ?? "",
                (network.member("ips").map { Array($0.elements) } ?? []).compactMap {
                    $0.string.flatMap { IPAddress($0) }
                }
            )
        }
    }

    /// Addresses of the pool's range that two running pods have on one network.
    private func duplicates(
        _ pool: APIObject, _ pods: [PodView], _ statuses: [String: Set<IPAddress>]
    ) -> [(IPAddress, [PodView])] {
        guard let range = pool.text("spec", "range").flatMap({ Self.prefix($0) }) else { return [] }
        struct Key: Hashable {
            var network: String
            var address: IPAddress
        }
        var owners: [Key: [PodView]] = [:]
        for pod in pods where !pod.isFinished && !pod.isTerminating {
            for network in Self.networks(pod) {
                for address in network.addresses where range.contains(address) {
                    owners[Key(network: network.name, address: address), default: []].append(pod)
                }
            }
        }
        return owners.filter { $0.value.count > 1 }.sorted { $0.key.address < $1.key.address }
            .map { ($0.key.address, $0.value) }
    }
}
