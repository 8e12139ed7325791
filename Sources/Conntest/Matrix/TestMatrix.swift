import Addressing

/// A pod of the test, or of the hosts' side of it, with what is known of it.
public struct Participant: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable, CaseIterable {
        /// Asks and answers, in the pod network.
        case client = "conntest-pod"
        /// Answers, in the pod network, and at a port of its node.
        case peer = "conntest-peer"
        /// Asks and answers, in the node's own network.
        case host = "conntest-host"
    }

    public var role: Role
    public var pod: String
    public var node: String
    public var addresses: [IPAddress]

    public init(role: Role, pod: String, node: String, addresses: [IPAddress]) {
        self.role = role
        self.pod = pod
        self.node = node
        self.addresses = addresses
    }
}

/// From where to where. The names stand in results and are what `--test` matches.
public enum Scenario: String, Hashable, Sendable, CaseIterable {
    case podToPodSameNode = "pod-to-pod-same-node"
    case podToPodOtherNode = "pod-to-pod-other-node"
    case podToOwnHost = "pod-to-own-host"
    case podToOtherHost = "pod-to-other-host"
    case hostToOwnPod = "host-to-own-pod"
    case hostToOtherPod = "host-to-other-pod"
    case podToHostPort = "pod-to-host-port"
    /// No pod network in it: when this fails, everything else between nodes has to.
    case hostToHost = "host-to-host"
}

/// One thing that is tried: a probe from one pod to another.
public struct Action: Hashable, Sendable {
    public var scenario: Scenario
    public var probe: Probe
    public var source: Participant
    /// Who should answer.
    public var target: Participant

    /// `pod-to-pod-other-node/tcp/ipv4`: actions of one name are one test.
    public var test: String {
        "\(scenario.rawValue)/\(probe.kind.rawValue)/\(probe.address.family == .v4 ? "ipv4" : "ipv6")"
    }

    public var title: String {
        "\(source.pod) (\(source.node)) -> \(target.pod) (\(target.node)) "
            + (probe.port == 0
                ? "\(probe.address)"
                : probe.address.family == .v4
                    ? "\(probe.address):\(probe.port)" : "[\(probe.address)]:\(probe.port)")
    }
}

/// Which actions a connectivity test of these participants is made of. Pure.
public struct TestMatrix: Sendable {
    public static let port: UInt16 = 8087
    /// The first that is tried; the next ones where pods have it already.
    public static let hostPort: UInt16 = 8088

    /// Up to so many nodes every pair is tried; of more, each node and the three after it in the ring.
    static let fullLimit = 6
    static let ringWidth = 3

    public private(set) var actions: [Action] = []
    private let hostPort: UInt16

    public init(_ participants: [Participant], hostPort: UInt16 = TestMatrix.hostPort) {
        self.hostPort = hostPort
        let nodes = Set(participants.map(\.node)).sorted()
        func find(_ role: Participant.Role, _ node: String) -> Participant? {
            participants.first { $0.role == role && $0.node == node }
        }
        for (index, node) in nodes.enumerated() {
            let client = find(.client, node)
            let peer = find(.peer, node)
            let host = find(.host, node)
            add(.podToPodSameNode, client, peer, [.tcp, .tcpBulk, .udp, .udpMTU, .udpOver, .icmp])
            add(.podToOwnHost, client, host, [.tcp, .udp, .icmp])
            add(.hostToOwnPod, host, client, [.tcp, .udp, .icmp])
            for other in Self.others(of: index, among: nodes) {
                add(
                    .podToPodOtherNode, client, find(.client, other),
                    [.tcp, .tcpBulk, .udp, .udpMTU, .udpOver, .icmp])
                add(.podToOtherHost, client, find(.host, other), [.tcp, .udp, .icmp])
                add(.hostToOtherPod, host, find(.client, other), [.tcp, .tcpBulk, .udp, .icmp])
                add(.hostToHost, host, find(.host, other), [.tcp, .udp, .icmp])
                addHostPort(client, find(.peer, other), find(.host, other))
            }
            if nodes.count == 1 { addHostPort(client, peer, host) }
        }
    }

    private static func others(of index: Int, among nodes: [String]) -> [String] {
        if nodes.count <= fullLimit { return nodes.indices.filter { $0 != index }.map { nodes[$0] } }
        return (1...ringWidth).map { nodes[(index + $0) % nodes.count] }
    }

    /// In each family that both have.
    private mutating func add(
        _ scenario: Scenario, _ source: Participant?, _ target: Participant?, _ kinds: [Probe.Kind]
    ) {
        guard let source, let target else { return }
        for family in IPFamily.allCases where source.addresses.contains(where: { $0.family == family }) {
            guard let address = target.addresses.first(where: { $0.family == family }) else { continue }
            for kind in kinds {
                let probe = Probe(kind, to: address, port: kind == .icmp ? 0 : Self.port)
                actions.append(Action(scenario: scenario, probe: probe, source: source, target: target))
            }
        }
    }

    /// The port of the node, behind which the peer answers.
    private mutating func addHostPort(_ source: Participant?, _ peer: Participant?, _ host: Participant?) {
        guard let source, let peer, let host else { return }
        for family in IPFamily.allCases where source.addresses.contains(where: { $0.family == family }) {
            guard let address = host.addresses.first(where: { $0.family == family }),
                peer.addresses.contains(where: { $0.family == family })
            else { continue }
            for kind in [Probe.Kind.tcp, .udp] {
                let probe = Probe(kind, to: address, port: hostPort)
                actions.append(Action(scenario: .podToHostPort, probe: probe, source: source, target: peer))
            }
        }
    }

    /// Only the tests whose name this says yes to.
    public mutating func keep(_ isWanted: (String) -> Bool) { actions.removeAll { !isWanted($0.test) } }

    /// Names of tests in the order in which they are reported.
    public var tests: [String] {
        var seen: Set<String> = []
        return actions.map(\.test).filter { seen.insert($0).inserted }
    }
}
