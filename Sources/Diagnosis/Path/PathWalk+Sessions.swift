import Addressing

// Nodes that tell each other of their pods over BGP have a route of each other's range for as long as the session stands.
// Where a default route answers instead, that route is gone; where nodes have no session it may be the way there.

extension PathWalk {
    /// `target`, a pod's address on `other`, goes by a default route of `machine` although the two exchange routes over
    /// BGP; nil where it does not, or nobody knows of a session.
    mutating func withdrawn(
        _ kind: PathTrace.Step.Kind, _ machine: NodeEvidence, to target: IPAddress, of other: String,
        _ answer: RouteLookup.Answer
    ) -> PathTrace.Step? {
        guard !isLocal, !isOutside, !other.isEmpty, case .forward(let route, _) = answer, route.isDefault,
            !facts.internalAddresses(other).contains(target)
        else { return nil }
        let session = BGPSession.between(machine.name, other, facts)
        // That the route is gone is seen; why the session is gone may be less sure.
        let cause = finding(of: Self.sessionCodes) ?? finding(of: Self.sessionCodes, .likely)
        guard session != nil || cause?.code == "BGP-04" else { return nil }
        var evidence = [
            Diagnosis.Evidence(
                "\(target): \(answer.text)", from: machine.source(.routes, command: "ip route get \(target)"))
        ]
        if let session {
            evidence.append(
                .init(
                    "\(session.node): peer \(session.peer) \(session.state)", marking: session.state,
                    from: session.source))
        }
        if let cause { fixes[kind] = cause.fix }
        return .init(
            kind, .failed, "\(machine.name) has no route to the pods of \(other): \(target) goes by the default route",
            details: [
                cause.map { $0.confidence == .certain ? $0.title : "likely: \($0.title)" }
                    ?? "what BGP tells of \(other) is not in the table"
            ], evidence: evidence,
            codes: [cause?.code ?? "RTE-04"])
    }

    private static let sessionCodes: Set<String> = ["BGP-01", "BGP-02", "BGP-03", "BGP-04", "BGP-05"]
}
