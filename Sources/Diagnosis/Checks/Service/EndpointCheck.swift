import Addressing

/// EndpointSlices that are not what pods and selectors make them: endpoints of pods that are gone, kept by the controller
/// or written by hand, and pods that have been ready for long and are in no slice.
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
            if entry.selector.isEmpty { return ofNobody(entry, pods, owners, facts) }
            guard entry.slices.allSatisfy(isKeptByController) else { return nil }
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

    /// A Service without a selector has what somebody wrote, and nobody takes out of it a pod that is gone.
    private func ofNobody(
        _ entry: ServiceMap.Entry, _ pods: [String: PodView], _ owners: [IPAddress: PodView], _ facts: FactBase
    ) -> Diagnosis? {
        let dead = entry.readyEndpoints.filter { endpoint in
            // What a controller of its own keeps may be a moment behind.
            let keeper = endpoint.slice.labels["endpointslice.kubernetes.io/managed-by"] ?? ""
            return (keeper.isEmpty || keeper.hasPrefix("endpointslicemirroring-"))
                && isDead(endpoint, pods, owners) && isOld(endpoint.slice, facts)
        }
        guard let first = dead.first else { return nil }
        let mirrored = !(first.slice.labels["endpointslice.kubernetes.io/managed-by"] ?? "").isEmpty
        let file = mirrored ? "endpoints \(entry.object.name)" : "endpointslice \(first.slice.name)"
        return .of(
            "SVC-05", "the endpoints of service \(entry.id) are written by hand, and name a pod that is gone", .certain,
            at: [entry.object.place, first.slice.place], evidence: quotes(dead),
            because: dead.prefix(3).map { told($0, owners) } + [
                "the Service has no selector: nobody but who wrote them changes its endpoints"
            ], explains: entry.readyEndpoints.count == dead.count ? [entry.symptom] : [],
            fix: .init(
                [
                    "kubectl -n \(entry.object.namespace) edit \(file)   # the address of the pod that serves now",
                    "or give the Service a selector: then its endpoints follow the pods",
                ], undo: "kubectl apply the copy of before: kubectl -n \(entry.object.namespace) get \(file) -o yaml",
                risk: "none: what is sent there now reaches nobody", seconds: 30),
            deadEnds: ["restarting the pods behind it: a new pod has a new address"])
    }

    private func quotes(_ dead: [ServiceMap.Endpoint]) -> [Diagnosis.Evidence] {
        dead.prefix(3).map { endpoint in
            let address = endpoint.addresses.first.map { "\($0)" } ?? "?"
            return .init(
                "\(address) ready: true, pod \(endpoint.pod ?? "?")", marking: address, from: endpoint.slice.source)
        }
    }

    /// What became of the pod that an endpoint stands for.
    private func told(_ endpoint: ServiceMap.Endpoint, _ owners: [IPAddress: PodView]) -> String {
        let address = endpoint.addresses.first.map { "\($0)" } ?? "?"
        let owner = endpoint.addresses.compactMap { owners[$0] }.first
        return "\(address) stands for \(endpoint.pod ?? "a pod") that is gone"
            + (owner.map { "; the address is now \($0.id)'s" } ?? "")
    }

    private func finding(
        _ entry: ServiceMap.Entry, _ dead: [ServiceMap.Endpoint], _ left: [PodView], _ owners: [IPAddress: PodView]
    ) -> Diagnosis {
        var evidence = quotes(dead)
        var because = dead.prefix(3).map { told($0, owners) }
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
