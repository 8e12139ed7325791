import Addressing

// Which of the findings about two machines are about one connection between their pods: what breaks something else there
// is no answer to why this one does not work.

extension PathWalk {
    var isLocal: Bool { !sourceNode.isEmpty && sourceNode == targetNode }

    /// To an address that is no pod's and no node's.
    var isOutside: Bool { !backends.isEmpty && backends[0].pod == nil && targetNode.isEmpty }

    func machine(_ name: String) -> NodeEvidence? { facts.machines.first { $0.name == name } }

    /// The pods at both ends that have a namespace of their own.
    var pods: [PodView] {
        [sourcePod, backends.first?.pod].compactMap { $0 }.filter { !$0.isOnHostNetwork }
    }

    /// The machine's end of a pod's pair.
    func hostEnd(_ pod: PodView, on machine: NodeEvidence) -> NetworkLink? {
        guard let index = machine.pod(pod.namespace, pod.name)?.link("eth0")?.lowerIndex else { return nil }
        return machine.links?.first { $0.index == index && $0.kind == "veth" }
    }

    /// The bridge that carries it from one pod to the other without the machine's routes.
    var commonBridge: String? {
        // What is for a Service goes to the machine first, which translates it.
        if case .service = destination { return nil }
        guard isLocal, let machine = machine(sourceNode), pods.count == 2, let target = backends.first?.address,
            let source = sourcePod,
            machine.pod(source.namespace, source.name)?.routeLookup.map({ lookup in
                guard case .forward(_, let hops) = lookup.lookup(.init(to: target)) else { return false }
                return hops.allSatisfy { $0.gateway == nil }
            }) ?? true
        else { return nil }
        let masters = Set(pods.map { hostEnd($0, on: machine)?.master ?? "" })
        return masters.count == 1 ? masters.first.flatMap { $0.isEmpty ? nil : $0 } : nil
    }

    /// Both ports of a bridge that passes nothing between isolated ones.
    func isIsolated(on machine: NodeEvidence) -> Bool {
        pods.count == 2 && pods.allSatisfy { hostEnd($0, on: machine)?.isIsolated ?? false }
    }

    /// Interfaces that its packets pass on one of the two machines.
    func devices(on node: String) -> Set<String> {
        guard let machine = machine(node) else { return [] }
        var found: Set<String> = []
        for pod in pods where pod.node == node {
            if let link = hostEnd(pod, on: machine) { found.formUnion([link.name, link.master].compactMap { $0 }) }
        }
        for address in [sourceAddress, backends.first?.address].compactMap({ $0 }) {
            found.formUnion(machine.routeLookup?.lookup(.init(to: address)).devices ?? [])
        }
        // A tunnel that is down has no route that would name it.
        if !isLocal && !isOutside {
            found.formUnion(
                (machine.links ?? []).filter { $0.isTunnel && NodeEvidence.isPodInterface($0.name) }.map(\.name))
        }
        return found
    }

    /// What a check is certain of, or as sure as is asked for, and this connection depends on.
    func finding(of codes: Set<String>, _ confidence: Confidence = .certain) -> Diagnosis? {
        findings.first { $0.confidence == confidence && codes.contains($0.code) && concerns($0) }
    }

    private func concerns(_ finding: Diagnosis) -> Bool {
        let nodes = Set([sourceNode, targetNode].filter { !$0.isEmpty })
        let named = nodes.filter { node in
            finding.places.contains { $0 == "Node/\(node)" || $0 == node || $0.hasPrefix("\(node):") }
        }
        // Speakers of BGP are agents: they speak for the whole node.
        let podPlaces = finding.code.hasPrefix("BGP-") ? [] : finding.places.filter { $0.hasPrefix("Pod/") }
        let own = pods.filter { pod in podPlaces.contains("Pod/\(pod.id)") }
        // Of one pod's link only that pod is concerned.
        guard podPlaces.isEmpty ? !named.isEmpty : !own.isEmpty else { return false }
        switch finding.code {
        case "RTE-14": return isOutside
        case "RTE-17": return !own.isEmpty || named.contains { !devices(on: $0).isDisjoint(with: finding.places) }
        case "RTE-13", "IPM-06", "IPM-05": return !own.isEmpty || commonBridge == nil
        case "RTE-09":
            if commonBridge != nil { return false }
            return finding.places.contains("net.ipv4.ip_forward")
                || named.contains { node in
                    devices(on: node).contains { device in
                        let name = String(device.map { $0 == "." ? "/" : $0 })
                        return finding.places.contains("net.ipv4.conf.\(name).forwarding")
                    }
                }
        case "RTE-04", "IPM-07":
            if !own.isEmpty { return own.contains { isLost($0) } }
            let ranges = finding.places.compactMap { IPPrefix($0) }
            var addresses = [translatedSource ?? sourceAddress, backends.first?.address].compactMap { $0 }
            if !isLocal && !isOutside {
                addresses += facts.internalAddresses(sourceNode) + facts.internalAddresses(targetNode)
            }
            return commonBridge == nil && addresses.contains { address in ranges.contains { $0.contains(address) } }
        case "RTE-08": return named.contains { !devices(on: $0).isDisjoint(with: finding.places) }
        case "RTE-12": return !isLocal
        case "SVC-07": return bridgeOfAnswers != nil
        default: return !isLocal && !isOutside
        }
    }

    /// The bridge that has the pod behind a Service and the caller: answers go over it directly, and only where it asks the
    /// packet filters they are translated back.
    var bridgeOfAnswers: String? {
        guard case .service = destination, isLocal, pods.count == 2, let machine = machine(sourceNode),
            translatedSource == nil || translatedSource == sourceAddress
        else { return nil }
        let masters = pods.map { hostEnd($0, on: machine)?.master }
        return masters[0] == masters[1] ? masters[0] : nil
    }

    /// Whether a pod lacks its address or the way to the other end, as far as its own namespace tells; true where nobody
    /// looked into it.
    private func isLost(_ pod: PodView) -> Bool {
        guard let inside = machine(pod.node)?.pod(pod.namespace, pod.name), let lookup = inside.routeLookup else {
            return true
        }
        if let addresses = inside.addresses, !addresses.contains(where: { pod.addresses.contains($0.address.address) })
        {
            return true
        }
        let other = pod.id == sourcePod?.id ? backends.first?.address : sourceAddress
        guard let other else { return true }
        let outward = lookup.lookup(.init(to: other))
        // And what comes for it has to leave the machine on the pod's side.
        let inward = pod.addresses.first { $0.family == other.family }.flatMap { own in
            machine(pod.node)?.routeLookup?.lookup(.init(to: own))
        }
        return ([outward] + [inward].compactMap { $0 }).contains { answer in
            guard case .forward(_, let hops) = answer else { return true }
            return hops.contains { hop in hop.gateway.map { !isRouter($0, of: pod) } ?? false }
        }
    }

    /// Whether a pod's gateway is its machine: by an address that it has, or one that it answers for (169.254.1.1).
    private func isRouter(_ gateway: IPAddress, of pod: PodView) -> Bool {
        gateway.isLinkLocal || machine(pod.node)?.addresses?.contains { $0.address.address == gateway } ?? false
    }
}
