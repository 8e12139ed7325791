import Addressing
import JSONTree

@testable import Policy

/// A small cluster with everything that dialects tell apart, the same for every scenario.
enum DialectWorld {
    static let namespaces: [String: [String: String]] = [
        "shop": ["team": "red"], "pay": ["team": "blue", "env": "prod"], "ops": [:],
    ]

    static let cluster: Cluster = {
        var cluster = Cluster()
        for (name, labels) in namespaces { cluster.update(ClusterNamespace(name: name, labels: labels)) }
        for index in 0..<2 {
            cluster.update(
                ClusterNode(
                    name: "node-\(index)", labels: ["zone": "z\(index)"],
                    addresses: ["192.168.0.\(index + 1)", "fd00:a::\(index + 1)"].compactMap { IPAddress($0) }))
        }
        let labels: [[String: String]] = [
            ["app": "web"], ["app": "web", "tier": "front"], ["app": "db", "tier": ""], [:],
            ["app": "api", "tier": "back"],
            ["tier": "front"],
        ]
        var number = 10
        for namespace in namespaces.keys.sorted() {
            for (index, labels) in labels.enumerated() {
                cluster.update(
                    ClusterPod(
                        id: PodName(namespace: namespace, name: "p\(index)"), labels: labels,
                        addresses: ["10.0.\(index % 2).\(number)", "fd00:b:\(index % 2)::\(number)"].compactMap {
                            IPAddress($0)
                        },
                        node: "node-\(index % 2)",
                        ports: index % 3 == 0
                            ? [ContainerPort(name: "http", number: 8080)]
                            : [
                                ContainerPort(name: "http", number: 80),
                                ContainerPort(name: "dns", number: 53, transport: .udp),
                            ],
                        serviceAccount: index % 2 == 0 ? "default" : "robot"))
                number += 1
            }
        }
        cluster.update(
            ClusterServiceAccount(id: PodName(namespace: "shop", name: "robot"), labels: ["kind": "machine"]))
        cluster.update(
            NetworkSet(
                id: NetworkSetName(name: "office"), labels: ["role": "office"],
                prefixes: [IPPrefix("203.0.113.0/24")].compactMap { $0 }))
        cluster.update(
            NetworkSet(
                id: NetworkSetName(namespace: "shop", name: "lan"), labels: ["role": "lan"],
                prefixes: [IPPrefix("10.0.1.0/24")].compactMap { $0 }))
        return cluster
    }()

    static let outside = ["203.0.113.7", "198.51.100.9", "2001:db8::5"].compactMap { IPAddress($0) }

    static let pods: [ClusterPod] = cluster.pods.values.sorted { $0.id < $1.id }
}

/// One connection as the naive evaluators see it.
struct NaiveFlow: CustomStringConvertible {
    enum End {
        case pod(ClusterPod)
        case node(ClusterNode)
        case outside(IPAddress)
    }

    var source: End
    var destination: End
    var transport: String
    var number: Int
    var family: IPFamily

    static func random(_ random: inout SeededRandom) -> NaiveFlow {
        func end(_ family: IPFamily) -> End {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                .outside(
                    DialectWorld.outside.filter { $0.family == family }.randomElement(using: &random)
                        ?? DialectWorld.outside[0])
            case 1:
                .node(
                    DialectWorld.cluster.nodes.values.sorted { $0.name < $1.name }.randomElement(using: &random)
                        ?? ClusterNode(name: ""))
            default: .pod(DialectWorld.pods.randomElement(using: &random) ?? DialectWorld.pods[0])
            }
        }
        let family: IPFamily = Int.random(in: 0..<4, using: &random) == 0 ? .v6 : .v4
        let transport = ["TCP", "TCP", "TCP", "UDP", "SCTP", "ICMP", "GRE"].randomElement(using: &random) ?? "TCP"
        let number =
            transport == "ICMP"
            ? [0, 3, 8].randomElement(using: &random) ?? 8
            : [53, 80, 81, 443, 8080, 8081].randomElement(using: &random) ?? 80
        return NaiveFlow(
            source: end(family), destination: end(family),
            transport: transport == "ICMP" && family == .v6 ? "ICMPv6" : transport, number: number, family: family)
    }

    func address(_ end: End) -> IPAddress? {
        switch end {
        case .pod(let pod): pod.addresses.first { $0.family == family }
        case .node(let node): node.addresses.first { $0.family == family }
        case .outside(let address): address
        }
    }

    var description: String {
        func text(_ end: End) -> String {
            switch end {
            case .pod(let pod): "\(pod.id)"
            case .node(let node): node.name
            case .outside(let address): "\(address)"
            }
        }
        return "\(text(source)) -> \(text(destination)) \(transport)/\(number) \(family)"
    }

    /// As the engine takes it.
    var flow: Flow {
        func converted(_ end: End) -> FlowEnd {
            switch end {
            case .pod(let pod): .pod(pod.id)
            case .node(let node): .node(node.name)
            case .outside(let address): .address(address)
            }
        }
        let transport =
            self.transport == "GRE" ? TransportProtocol(number: 47) : TransportProtocol(name: self.transport) ?? .tcp
        let isICMP = self.transport.hasPrefix("ICMP")
        return Flow(
            from: converted(source), to: converted(destination), transport: transport,
            port: isICMP ? 0 : UInt16(number), family: family, icmpType: isICMP ? UInt8(number) : nil,
            icmpCode: isICMP ? 0 : nil)
    }
}
