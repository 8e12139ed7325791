import Addressing

// A machine has a way to the other node's pods, and it is not the way there: a VPN's route that lies over the network's
// own, or the address of a third machine.

extension PathWalk {
    /// What is wrong with where `node` sends `target`, which a pod on `other` has; nil where nothing is, as far as is seen.
    ///
    /// - Parameters:
    ///   - kind: the step to tell it in, ``PathTrace/Step/Kind/route`` or ``PathTrace/Step/Kind/reply``.
    ///   - answer: what the routes of `machine` say of `target`.
    mutating func strayed(
        _ kind: PathTrace.Step.Kind, _ machine: NodeEvidence, to target: IPAddress, of other: String,
        _ answer: RouteLookup.Answer
    ) -> PathTrace.Step? {
        guard !isLocal, !isOutside, !other.isEmpty, case .forward(let route, let hops) = answer,
            // A node's own address is the matter of the network below.
            !facts.internalAddresses(other).contains(target)
        else { return nil }
        let evidence = Diagnosis.Evidence(
            "\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
        if let device = foreignDevice(of: hops, machine) {
            return lentAway(kind, machine, target, route, device, evidence)
        }
        let gateways = Set(hops.compactMap(\.gateway))
        guard gateways.count == 1, let gateway = gateways.first, let third = node(with: gateway),
            third != other, third != machine.name
        else { return nil }
        return passedOn(kind, machine, target, by: third, to: other, evidence)
    }

    /// The one device of a VPN or a container engine that it leaves by; nil where the nodes themselves talk over it.
    private func foreignDevice(of hops: [NetworkRoute.Hop], _ machine: NodeEvidence) -> String? {
        let devices = Set(hops.compactMap(\.device))
        guard devices.count == 1, let device = devices.first, ClusterRanges.isForeign(device) else { return nil }
        let own = facts.internalAddresses(machine.name)
        let isUnderlay = (machine.addresses ?? []).contains {
            $0.device == device && own.contains($0.address.address)
        }
        return isUnderlay ? nil : device
    }

    private mutating func lentAway(
        _ kind: PathTrace.Step.Kind, _ machine: NodeEvidence, _ target: IPAddress, _ route: NetworkRoute,
        _ device: String, _ evidence: Diagnosis.Evidence
    ) -> PathTrace.Step {
        let below = (machine.routes ?? []).filter { other in
            other.kind == "unicast" && !other.isDead && other.destination != route.destination
                && other.destination.length > 0 && other.destination.contains(target)
                && other.device.map { !ClusterRanges.isForeign($0) } ?? false
        }.max { $0.destination.length < $1.destination.length }
        guard let below, let own = below.device else {
            return .init(
                kind, .notChecked, "\(machine.name) sends \(target) by \(device), which is not known as the cluster's",
                evidence: [evidence])
        }
        fixes[kind] = Diagnosis.Fix(
            [
                "ip route get \(target)   # on \(machine.name): \(device) until it is mended",
                "take \(route.destination) out of what \(device) is told to carry, where that VPN or engine is configured",
            ], undo: "add it there again",
            risk: "what that network has at \(route.destination) is not reached from here",
            seconds: 60)
        return .init(
            kind, .failed,
            "\(machine.name) sends \(target) by \(device): \(route.destination) lies over \(below.destination) of \(own)",
            details: ["the longer prefix wins, whoever made it"],
            evidence: [
                evidence,
                .init(
                    "\(below.destination) dev \(own)",
                    from: machine.source(.routes, command: "ip route show \(below.destination)")),
            ], codes: ["IPM-07"])
    }

    /// A pod of `machine` itself, and its packets leave by the card for a router: a rule or a route lies over the pod's own.
    /// Nil where nobody saw the pod's pair, and under Cilium, whose programs hand packets over before routes are asked.
    func expelled(
        _ machine: NodeEvidence, _ target: IPAddress, _ pod: PodView?, _ answer: RouteLookup.Answer
    ) -> PathTrace.Step? {
        guard let pod, !pod.isOnHostNetwork, pod.node == machine.name, hostEnd(pod, on: machine) != nil,
            !NetworkProviders(facts).runs(.cilium), case .forward(_, let hops) = answer, !hops.isEmpty
        else { return nil }
        let uplinks = machine.uplinks
        let isAway = hops.allSatisfy { hop in
            hop.gateway != nil && hop.device.map { uplinks.contains($0) } ?? false
        }
        guard isAway else { return nil }
        return .init(
            .route, .failed, "\(machine.name) sends \(target) away, and \(pod.id) is on \(machine.name) itself",
            evidence: [
                .init("\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
            ], codes: ["RTE-04"])
    }

    private func node(with address: IPAddress) -> String? {
        facts.objects("nodes").map(\.name).first { facts.internalAddresses($0).contains(address) }
    }

    /// A third machine has it in hand: leaders of locations and reflectors pass it on, others do not.
    private func passedOn(
        _ kind: PathTrace.Step.Kind, _ machine: NodeEvidence, _ target: IPAddress, by third: String, to other: String,
        _ evidence: Diagnosis.Evidence
    ) -> PathTrace.Step? {
        let text = "\(machine.name) sends \(target) to \(third), and it is on \(other)"
        guard let next = self.machine(third), let lookup = next.routeLookup else {
            return .init(kind, .notChecked, text + "; \(third) was not looked into", evidence: [evidence])
        }
        let answer = lookup.lookup(.init(to: target))
        let there = Diagnosis.Evidence(
            "\(third): \(target): \(answer.text)", from: next.source(.routes, command: "ip route get \(target)"))
        switch answer {
        case .cannotSay(let reason):
            return .init(kind, .notChecked, "\(third): \(reason)", evidence: [evidence, there])
        case .forward(_, let hops):
            let own = facts.internalAddresses(machine.name)
            let isLoop = !hops.isEmpty && hops.allSatisfy { hop in hop.gateway.map { own.contains($0) } ?? false }
            guard isLoop else { return nil }
            return .init(
                kind, .failed, text + "; \(third) sends it back", evidence: [evidence, there], codes: ["RTE-04"])
        case .local, .refused, .noRoute:
            return .init(
                kind, .failed, text + "; \(third) has no way to it", evidence: [evidence, there], codes: ["RTE-04"])
        }
    }
}
