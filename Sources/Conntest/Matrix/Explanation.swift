import Addressing

/// What the API server says of the nodes and policies that a failed probe may be due to.
public struct ConntestFacts: Sendable {
    public struct Node: Hashable, Sendable {
        public var name: String
        public var isReady: Bool
        /// What the agent says; nil when none has.
        public var hasNetwork: Bool?
        public var ranges: [IPPrefix]
        public var backend: String

        public init(
            name: String, isReady: Bool = true, hasNetwork: Bool? = nil, ranges: [IPPrefix] = [], backend: String = ""
        ) {
            self.name = name
            self.isReady = isReady
            self.hasNetwork = hasNetwork
            self.ranges = ranges
            self.backend = backend
        }
    }

    public var nodes: [String: Node] = [:]
    /// Policies that may be about the test's pods: `NetworkPolicy default-deny`.
    public var policies: [String] = []

    public init() {}
}

/// What came of one action.
public struct ActionResult: Sendable {
    public enum Outcome: Sendable, Hashable {
        case probed(ProbeResult)
        /// The probe could not be asked: exec failed, or printed something else.
        case unknown(String)
    }

    public var action: Action
    public var outcome: Outcome

    public init(_ action: Action, _ outcome: Outcome) {
        self.action = action
        self.outcome = outcome
    }

    public var isPassed: Bool {
        guard case .probed(let result) = outcome, result.isReached else { return false }
        return wrongAnswerer == nil
    }

    public var isUnknown: Bool { if case .unknown = outcome { true } else { false } }

    /// Who answered, when it was not who should have.
    var wrongAnswerer: String? {
        guard case .probed(let result) = outcome, result.isReached, !result.answerer.isEmpty,
            result.answerer != action.target.pod
        else { return nil }
        return result.answerer
    }
}

/// Says why a probe failed, from what it met and from what the API server knows; the likeliest cause first. Pure.
public struct Explanation: Sendable {
    private let results: [ActionResult]
    private let facts: ConntestFacts

    public init(_ results: [ActionResult], _ facts: ConntestFacts) {
        self.results = results
        self.facts = facts
    }

    /// What the probe met, in one sentence.
    public static func symptom(of result: ActionResult) -> String {
        if let other = result.wrongAnswerer { return "\(other) answered in its place" }
        guard case .probed(let probe) = result.outcome else {
            if case .unknown(let reason) = result.outcome { return "could not be tried: \(reason)" }
            return ""
        }
        switch probe.outcome {
        case .reached: return "reached"
        case .failed(_, "ECONNREFUSED"): return "refused: the address was reached and nobody listens at the port"
        case .failed(_, "ENETUNREACH"): return "no route: the source's routing table has none for this address"
        case .failed(_, "EHOSTUNREACH"): return "host unreachable: the neighbour did not answer, or a router said so"
        case .failed(_, "EMSGSIZE"):
            return "too big: the path takes packets of \(probe.mtuAfter) bytes"
        case .failed(_, "EACCES"), .failed(_, "EPERM"):
            return "forbidden by a rule on the source's side (prohibit route or packet filter), or no right to send"
        case .failed(let stage, let errno): return "\(errno) when it was to \(stage.rawValue)"
        case .timedOut(.connect): return "no answer to the connection's first packet"
        case .timedOut(let stage): return "no answer (timed out in \(stage.rawValue))"
        case .wrongAnswer(let text): return text
        }
    }

    /// What it is due to, as far as that can be told, with the objects to look at.
    public func reasons(for result: ActionResult) -> [String] {
        guard !result.isPassed, !result.isUnknown else { return [] }
        var reasons = nodeReasons(result.action)
        if isUnderlayBroken(result.action) {
            reasons.append(
                "nodes \(result.action.source.node) and \(result.action.target.node) do not reach each other without "
                    + "the pod network either: look at the network between them first")
            return reasons
        }
        if case .probed(let probe) = result.outcome { reasons += sizeReasons(result.action, probe) }
        if !facts.policies.isEmpty, isSilent(result) {
            reasons.append("policies may be about these pods: \(facts.policies.joined(separator: ", "))")
        }
        if reasons.isEmpty, let pattern = pattern(of: result) { reasons.append(pattern) }
        return reasons
    }

    private func isSilent(_ result: ActionResult) -> Bool {
        guard case .probed(let probe) = result.outcome else { return false }
        switch probe.outcome {
        case .timedOut: return true
        case .failed(_, let errno): return ["ECONNREFUSED", "EHOSTUNREACH", "EPERM", "EACCES"].contains(errno)
        default: return false
        }
    }

    private func nodeReasons(_ action: Action) -> [String] {
        var reasons: [String] = []
        for participant in [action.source, action.target] {
            guard let node = facts.nodes[participant.node] else { continue }
            if !node.isReady { reasons.append("Node \(node.name) is not Ready") }
            if node.hasNetwork == false { reasons.append("Node \(node.name): NetworkUnavailable is True") }
            guard participant.role != .host, !node.ranges.isEmpty else { continue }
            for address in participant.addresses
            where node.ranges.contains(where: { $0.family == address.family })
                && !node.ranges.contains(where: { $0.contains(address) })
            {
                reasons.append(
                    "\(address) of \(participant.pod) is in none of the ranges of node \(node.name) "
                        + "(\(node.ranges.map(\.description).joined(separator: ", "))): other nodes have no route to it"
                )
            }
        }
        if action.source.node != action.target.node, let source = facts.nodes[action.source.node],
            let target = facts.nodes[action.target.node], !source.backend.isEmpty, !target.backend.isEmpty,
            source.backend != target.backend
        {
            reasons.append(
                "node \(source.name) has backend \(source.backend), node \(target.name) has \(target.backend)")
        }
        return Array(Set(reasons)).sorted()
    }

    /// The same kind of probe between the two nodes themselves failed too.
    private func isUnderlayBroken(_ action: Action) -> Bool {
        guard action.scenario != .hostToHost, action.source.node != action.target.node else { return false }
        let between = results.filter {
            $0.action.scenario == .hostToHost && $0.action.source.node == action.source.node
                && $0.action.target.node == action.target.node
                && $0.action.probe.address.family == action.probe.address.family
        }
        return !between.isEmpty && between.allSatisfy { !$0.isPassed }
    }

    private func sizeReasons(_ action: Action, _ probe: ProbeResult) -> [String] {
        if probe.mtuAfter > 0, probe.mtuAfter < probe.mtuBefore {
            return [
                "the path's MTU is \(probe.mtuAfter), the pod's interface says \(probe.mtuBefore): the MTU of pods is "
                    + "larger than what the way between the nodes takes"
            ]
        }
        let small = results.first {
            $0.action.source == action.source && $0.action.target == action.target
                && $0.action.probe.address == action.probe.address
                && $0.action.probe.kind == (action.probe.kind == .tcpBulk ? .tcp : .udp)
        }
        guard small?.isPassed == true else { return [] }
        switch action.probe.kind {
        case .tcpBulk, .udpMTU:
            return [
                "small packets arrive, full ones do not: an MTU on the way is smaller than the pod's"
                    + (probe.mtuBefore > 0 ? " (\(probe.mtuBefore))" : "")
                    + ", and nobody says so (ICMP \"too big\" is dropped)"
            ]
        case .udpOver: return ["fragments are dropped on the way"]
        default: return []
        }
    }

    /// What failures like this have in common.
    private func pattern(of result: ActionResult) -> String? {
        let action = result.action
        let alike = results.filter { $0.action.test == action.test }
        if alike.allSatisfy({ !$0.isPassed }), alike.count > 1 {
            let others = results.filter {
                $0.action.scenario == action.scenario && $0.action.probe.address.family == action.probe.address.family
            }
            if others.allSatisfy({ !$0.isPassed }) { return "every probe of \(action.scenario.rawValue) fails" }
            return
                "every \(action.probe.kind.rawValue) probe of \(action.scenario.rawValue) fails, other kinds pass: a "
                + "filter on the protocol"
        }
        let toTarget = results.filter {
            $0.action.target == action.target && $0.action.source.node != action.target.node
        }
        if toTarget.count > 1, toTarget.allSatisfy({ !$0.isPassed }) {
            return
                "nobody on another node reaches \(action.target.pod) on \(action.target.node): the way back from that "
                + "node, or into it"
        }
        let fromSource = results.filter {
            $0.action.source == action.source && $0.action.target.node != action.source.node
        }
        if fromSource.count > 1, fromSource.allSatisfy({ !$0.isPassed }) {
            return "\(action.source.pod) reaches nobody on another node: the way out of \(action.source.node)"
        }
        return nil
    }
}
