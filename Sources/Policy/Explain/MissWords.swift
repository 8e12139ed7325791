import Addressing
import Findings

/// Why a rule did not match, in words for the screen.
public struct MissWords {
    let cluster: Cluster
    let flow: Flow

    public init(_ cluster: Cluster, _ flow: Flow) {
        self.cluster = cluster
        self.flow = flow
    }

    /// Sentences for every part that failed, the nearest alternatives first.
    public func sentences(_ step: RuleStep) -> [(text: String, place: SourcePlace)] {
        guard let miss = step.miss else { return [] }
        var found: [(String, SourcePlace)] = []
        let end = flow.peer(step.rule.direction)
        if let near = miss.nearEnd {
            found += nearest(near).map { (sentence($0, flow.subject(step.rule.direction)), $0.peer.place) }
        }
        if let peers = miss.peers {
            if peers.isEmpty { found.append(("it has no peer, so it matches nothing", .nowhere)) }
            found += nearest(peers).map { (sentence($0, end), place(of: $0)) }
        }
        if let traffic = miss.traffic {
            if traffic.isEmpty { found.append(("it has no port, so it matches nothing", .nowhere)) }
            if traffic.count > 1, let ports = Self.ports(traffic) {
                found.append(("it is about \(ports), not \(wanted)", traffic[0].match.place))
            } else {
                found += traffic.prefix(1).map { (sentence($0), $0.match.place) }
            }
        }
        return found
    }

    private func place(of miss: PeerMiss) -> SourcePlace {
        if case .label(let requirement, _) = miss.cause, requirement.place.node != nil { return requirement.place }
        return miss.peer.place
    }

    /// Alternatives by how much of them holds, of equals the first written; the three nearest.
    private func nearest(_ misses: [PeerMiss]) -> [PeerMiss] {
        let sorted = misses.enumerated().sorted { left, right in
            let shares = (
                Double(left.element.satisfied) / Double(max(1, left.element.total)),
                Double(right.element.satisfied) / Double(max(1, right.element.total))
            )
            return shares.0 == shares.1 ? left.offset < right.offset : shares.0 > shares.1
        }
        return sorted.prefix(3).map(\.element)
    }

    private var wanted: String {
        flow.transport.hasPorts ? "\(flow.transport) \(flow.port)" : "\(flow.transport)"
    }

    private static func ports(_ misses: [TrafficMiss]) -> String? {
        var parts: [String] = []
        for miss in misses {
            var transport = ""
            var numbers = ""
            for term in miss.match.terms {
                switch term {
                case .protocolIs(let found): transport = "\(found)"
                case .destinationPorts(let ranges): numbers = ranges.map(\.description).joined(separator: ", ")
                case .destinationPortNamed(let name, _): numbers = "\"\(name)\""
                default: return nil
                }
            }
            parts.append([transport, numbers].filter { !$0.isEmpty }.joined(separator: " "))
        }
        return parts.joined(separator: ", ")
    }

    // MARK: Peers

    private func sentence(_ miss: PeerMiss, _ end: FlowEnd) -> String { sentence(miss.cause, end) }

    private func sentence(_ cause: PeerMiss.Cause, _ end: FlowEnd) -> String {
        switch cause {
        case .label(let requirement, let actual): label(requirement, actual, end)
        case .selector: "\(end) does not match the selector"
        case .notAPod: "it selects pods, and \(end) is none"
        case .notANode: "it selects nodes, and \(end) is none"
        case .outside(let blocks, let address):
            "\(address) is not in \(blocks.prefix(3).map(\.description).joined(separator: ", "))"
        case .excepted(let block, let hole, let address): "\(address) is in \(block.prefix), but \(hole) is excepted"
        case .otherFamily(_, let family): "its blocks are not \(family)"
        case .addressesDoNotMatch:
            "address blocks of this dialect are for ends outside the cluster, and \(end) is inside"
        case .noAddress(let family): "\(end) has no \(family) address"
        case .entity(let entity): "\(end) is not \(entity.rawValue)"
        case .networkSets: "no network set with these labels holds \(end)"
        case .service(let namespace, let name): "\(end) is no endpoint of service \(namespace)/\(name)"
        case .excluded: "\(end) is what it excludes"
        case .unenforceable(let reason): "it depends on what is not enforced: \(reason)"
        case .noneOf(let causes): causes.first.map { sentence($0, end) } ?? "nothing of it matches \(end)"
        }
    }

    private func label(_ requirement: LabelRequirement, _ actual: String?, _ end: FlowEnd) -> String {
        let key = requirement.key.name
        var bearer = "\(end)"
        if case .pod(let name) = end {
            switch requirement.key.owner {
            case .own: bearer = "pod \(name)"
            case .namespace: bearer = "namespace \(name.namespace)"
            case .serviceAccount: bearer = "the service account of \(name)"
            }
        }
        let values = requirement.values.map { $0.isEmpty ? "\"\"" : $0 }.joined(separator: " or ")
        // A namespace's name is written where its label is meant more often than anything else.
        if requirement.key == .namespaceName, let actual {
            return "it is for namespace \(values), and the pod is in \(actual)"
        }
        var text: String
        switch requirement.comparison {
        case .isIn:
            text =
                "\(key): \(values) is asked for, \(bearer) has \(actual.map { "\(key): \($0)" } ?? "no label \(key)")"
        case .isNotIn: text = "\(key) must not be \(values), and it is (\(bearer))"
        case .exists: text = "\(bearer) has no label \(key)"
        case .doesNotExist: text = "\(bearer) has label \(key): \(actual ?? "")"
        case .contains, .startsWith, .endsWith:
            text =
                "\(key) with \(values) is asked for, \(bearer) has \(actual.map { "\(key): \($0)" } ?? "no label \(key)")"
        }
        if actual == nil, requirement.key.owner == .namespace, case .pod(let name) = end {
            text += "; it has \(LabelKey.namespaceName.name): \(name.namespace)"
        } else if actual == nil, case .pod(let name) = end, let pod = cluster.pods[name], requirement.key.owner == .own,
            let near = EditDistance.nearest(to: key, in: pod.labels.keys), near != key
        {
            text += "; it has \(near): \(pod.labels[near] ?? "")"
        }
        return text
    }

    // MARK: Traffic

    private func sentence(_ miss: TrafficMiss) -> String { sentence(miss.cause) }

    private func sentence(_ cause: TrafficMiss.Cause) -> String {
        switch cause {
        case .otherProtocol(let transport): "it is about \(transport), not \(wanted)"
        case .otherFamily(let family): "it is about \(family)"
        case .otherPort(let ranges):
            "it is about port \(ranges.map(\.description).joined(separator: ", ")), not \(flow.port)"
        case .unknownPortName(let name, let elsewhere):
            elsewhere.isEmpty
                ? "\(flow.destination) has no port named \"\(name)\""
                : "the port named \"\(name)\" is \(elsewhere.map { "\($0.transport) \($0.number)" }.joined(separator: ", ")), not \(flow.transport)"
        case .portNameIsAnother(let name, let numbers):
            "the port named \"\(name)\" is \(numbers.map(String.init).joined(separator: ", ")), not \(flow.port)"
        case .otherSourcePort: "it is about other source ports"
        case .otherICMP(let type, _): "it is about ICMP type \(type.map { "\($0)" } ?? "any")"
        case .excluded: "\(wanted) is what it excludes"
        case .unenforceable(let reason): "it depends on what is not enforced: \(reason)"
        case .noneOf(let causes): causes.first.map(sentence) ?? "nothing of it matches \(wanted)"
        }
    }
}

extension RuleAction {
    /// `allows`, `denies`.
    public var verb: String {
        switch self {
        case .allow: "allows"
        case .deny: "denies"
        case .pass: "passes"
        case .log: "logs"
        }
    }
}
