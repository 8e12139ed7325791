import Addressing
import JSONTree
import Policy

/// `doctor why A -> B:port`: the way of a connection step by step, in both directions, up to the first that is broken.
/// Pure: whatever cannot be said from the evidence is "not checked", with the reason.
public struct PathTrace: Sendable {
    public struct Step: Sendable {
        public enum Kind: String, Sendable, CaseIterable {
            case resolve, service, egress, ingress, route, mtu, listener, reply
        }

        public enum State: String, Sendable {
            case passed, failed
            /// A step before it is broken.
            case unreached
            case notChecked = "not-checked"
        }

        public var kind: Kind
        public var state: State
        /// What was found out about it, of a step that is not reached too.
        public var verified: State
        /// One line.
        public var text: String
        /// Further lines: near misses, what stands in the way.
        public var details: [String]
        public var evidence: [Diagnosis.Evidence]
        /// Of the catalogue; empty for a step that is in order.
        public var codes: [String]

        init(
            _ kind: Kind, _ state: State, _ text: String, details: [String] = [],
            evidence: [Diagnosis.Evidence] = [], codes: [String] = []
        ) {
            self.kind = kind
            self.state = state
            verified = state
            self.text = text
            self.details = details
            self.evidence = evidence
            self.codes = codes
        }
    }

    public enum Verdict: String, Sendable {
        case open, blocked
        /// Nothing is in the way as far as was seen, and not everything was.
        case unknown
    }

    public let request: PathRequest
    public let source: PathEnd
    public let destination: PathEnd
    /// Where the connection arrives: a pod behind the Service, and its port.
    public let backend: String
    public let steps: [Step]
    /// What was assumed: which pod of a workload stands for it.
    public let remarks: [String]
    /// Addresses that the connection is made to: the Service's and those behind it.
    let ends: [(address: IPAddress, port: UInt16, target: String, node: String)]
    /// Of the policy step that is broken: why, and the smallest change with all it would open.
    public let explanation: Explanation?
    /// Commands, where the fix is no edit of a policy.
    public let fix: Diagnosis.Fix?
    /// Who wrote what stands in the way, and when.
    public let who: String?

    public var broken: Step? { steps.first { $0.state == .failed } }

    public var verdict: Verdict {
        if broken != nil { return .blocked }
        return steps.allSatisfy { $0.state == .passed } ? .open : .unknown
    }

    /// Traffic that the smallest change of policies would let through and that is refused now.
    public var newlyAllowed: [(from: String, to: String, traffic: String, pods: Int)] {
        guard let difference = explanation?.remedies.first?.difference else { return [] }
        return difference.entries.filter { !$0.gained.isEmpty }.map { entry in
            (
                entry.source.name, entry.destination.name, "\(entry.gained)",
                entry.source.members.count + entry.destination.members.count
            )
        }
    }

    public init(_ request: PathRequest, _ facts: FactBase) throws(PathError) {
        let map = ServiceMap(facts)
        var resolver = PathResolver(map, nodes: facts.objects("nodes"), namespace: request.namespace)
        let source = try resolver.source(request.from)
        let destination = try resolver.destination(request.to)
        var walk = PathWalk(request, source, destination, map, facts)
        walk.run()
        walk.addProbes()
        var steps = walk.steps
        if let first = steps.firstIndex(where: { $0.state == .failed }) {
            for index in steps.indices where index > first { steps[index].state = .unreached }
        }
        self.request = request
        self.source = source
        self.destination = destination
        backend = walk.backendText
        ends = walk.ends
        self.steps = steps
        remarks = resolver.remarks + walk.remarks
        explanation = walk.explanation
        let broken = steps.first { $0.state == .failed }
        fix = broken.flatMap { walk.fixes[$0.kind] }
        who = broken.flatMap { walk.writers[$0.kind] }
    }
}

// MARK: - For programs

extension PathTrace {
    public var value: JSONValue {
        var members: [JSONMember] = [
            JSONMember("from", .string(source.text)), JSONMember("to", .string("\(destination.text):\(request.port)")),
            JSONMember("protocol", .string("\(request.transport)")), JSONMember("verdict", .string(verdict.rawValue)),
            JSONMember("backend", .string(backend)), JSONMember("steps", .array(steps.map(Self.value))),
            JSONMember("remarks", .array(remarks.map { .string($0) })),
        ]
        if let remedy = explanation?.remedies.first {
            members.append(
                JSONMember(
                    "edits",
                    .array(
                        remedy.edits.map { ["instruction": .string($0.instruction), "snippet": $0.snippet ?? .null] })))
            members.append(
                JSONMember(
                    "newlyAllowed",
                    .array(
                        newlyAllowed.map {
                            ["from": .string($0.from), "to": .string($0.to), "traffic": .string($0.traffic)]
                        })))
        } else if let fix {
            members.append(
                JSONMember(
                    "fix",
                    [
                        "steps": .array(fix.steps.map { .string($0) }), "undo": .string(fix.undo),
                        "risk": .string(fix.risk), "seconds": fix.seconds.map { .int(Int64($0)) } ?? .null,
                    ]))
        }
        if let who { members.append(JSONMember("who", .string(who))) }
        return .object(members)
    }

    private static func value(_ step: Step) -> JSONValue {
        [
            "step": .string(step.kind.rawValue), "state": .string(step.state.rawValue),
            "verified": .string(step.verified.rawValue), "text": .string(step.text),
            "details": .array(step.details.map { .string($0) }),
            "codes": .array(step.codes.map { .string($0) }),
            "evidence": .array(
                step.evidence.map {
                    [
                        "text": .string($0.text), "source": .string($0.source.place),
                        "command": .string($0.source.command),
                        "age": $0.source.age.map { .int(Int64($0)) } ?? .null,
                    ]
                }),
        ]
    }
}
