import Addressing

/// EndpointSlices that are not what pods and selectors make them: endpoints of pods that are gone, and pods that have
/// been ready for long and are in no slice.
struct EndpointCheck: Check {
    let name = "endpoints"
    let codes = ["SVC-05"]
    let needs: [FactName] = [
        .objects("services"), .objects("pods"), .objects("endpointslices.discovery.k8s.io"),
    ]

    /// Slices follow pods in a second or two; what is older than this is behind.
    private static let patience: Int64 = 60

    func applies(to facts: FactBase) -> Bool { !facts.objects("services").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let map = ServiceMap(facts)
        let pods = Dictionary(map.pods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var owners: [IPAddress: PodView] = [:]
        for pod in map.pods where !pod.isOnHostNetwork && !pod.isFinished {
            for address in pod.addresses { owners[address] = pod }
        }
        return map.entries.compactMap { entry in
            guard !entry.selector.isEmpty, entry.slices.allSatisfy(isKeptByController) else { return nil }
            let dead = entry.readyEndpoints.filter { isDead($0, pods, owners) && isOld($0.slice, facts) }
            let listed = Set(entry.endpoints.compactMap(\.pod))
            let listedAddresses = Set(entry.endpoints.flatMap(\.addresses))
            let left = (entry.isCut ? [] : entry.pods).filter { pod in
                pod.isReady && !pod.isTerminating && !pod.addresses.isEmpty && !listed.contains(pod.id)
                    && listedAddresses.isDisjoint(with: pod.addresses)
                    && (facts.seconds(since: pod.readySince) ?? 0) > Self.patience
            }
            if dead.isEmpty && left.isEmpty { return nil }
            return finding(entry, dead, left, owners)
        }
    }

    private func isKeptByController(_ slice: APIObject) -> Bool {
        (slice.labels["endpointslice.kubernetes.io/managed-by"] ?? "endpointslice-controller.k8s.io")
            == "endpointslice-controller.k8s.io"
    }

    /// The pod is over, or its address is somebody else's. A pod that is merely absent may be younger than the list.
    private func isDead(
        _ endpoint: ServiceMap.Endpoint, _ pods: [String: PodView], _ owners: [IPAddress: PodView]
    ) -> Bool {
        guard let name = endpoint.pod else { return false }
        guard let pod = pods[name] else { return true }
        // Two pods may have one address: that is another fault, and the slice is right about it.
        return pod.isFinished
            || endpoint.addresses.contains { address in
                !pod.addresses.contains(address) && (owners[address].map { $0.id != name } ?? false)
            }
    }

    /// Whether the slice was last changed long enough ago that the controller is behind and not busy.
    private func isOld(_ slice: APIObject, _ facts: FactBase) -> Bool {
        let stamps = [
            slice.time("metadata", "annotations", "endpoints.kubernetes.io/last-change-trigger-time"),
            slice.createdAt,
        ].compactMap { $0 }
        guard let newest = stamps.max() else { return true }
        return (facts.seconds(since: newest) ?? .max) > Self.patience
    }

    private func finding(
        _ entry: ServiceMap.Entry, _ dead: [ServiceMap.Endpoint], _ left: [PodView], _ owners: [IPAddress: PodView]
    ) -> Diagnosis {
        var evidence: [Diagnosis.Evidence] = []
        var because: [String] = []
        for endpoint in dead.prefix(3) {
            let address = endpoint.addresses.first.map { "\($0)" } ?? "?"
            evidence.append(
                .init(
                    "\(address) ready: true, pod \(endpoint.pod ?? "?")", marking: address, from: endpoint.slice.source)
            )
            let owner = endpoint.addresses.compactMap { owners[$0] }.first
            because.append(
                "\(address) stands for \(endpoint.pod ?? "a pod") that is gone"
                    + (owner.map { "; the address is now \($0.id)'s" } ?? ""))
        }
        for pod in left.prefix(3) {
            evidence.append(.init("Ready since long, address \(pod.addresses[0])", from: pod.object.source))
            because.append("\(pod.id) is ready, matches the selector and is in no slice")
        }
        because.append("kube-controller-manager keeps the slices: it is behind, or not running")
        let symptoms = entry.readyEndpoints.count == dead.count ? [entry.symptom] : []
        return .of(
            "SVC-05", "the endpoints of service \(entry.id) are not its pods", .certain,
            at: [entry.object.place], evidence: evidence, because: because, explains: Set(symptoms),
            fix: .init(
                [
                    "kubectl -n kube-system get lease kube-controller-manager -o yaml",
                    "kubectl -n \(entry.object.namespace) delete endpointslice "
                        + Set(dead.map(\.slice.name)).sorted().joined(separator: " "),
                ].filter { !$0.hasSuffix("endpointslice ") },
                undo: "none is needed: the controller makes slices anew from pods and selector",
                risk: "the Service has no endpoint until the controller has written it again", seconds: 10),
            deadEnds: ["restarting kube-proxy: it programs what the slices say"])
    }
}
