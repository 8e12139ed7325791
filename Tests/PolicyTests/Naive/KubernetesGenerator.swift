import JSONTree

/// Random manifests of NetworkPolicy and of the cluster-scoped kinds over ``DialectWorld``.
struct KubernetesGenerator {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }
    private mutating func list(_ range: ClosedRange<Int>, _ make: (inout KubernetesGenerator) -> JSONValue) -> JSONValue
    {
        .array((0..<Int.random(in: range, using: &random)).map { _ in make(&self) })
    }

    mutating func policies() -> [JSONValue] {
        var result: [JSONValue] = []
        for index in 0..<Int.random(in: 0...5, using: &random) { result.append(networkPolicy("n\(index)")) }
        for index in 0..<Int.random(in: 0...3, using: &random) { result.append(clusterPolicy(index)) }
        if chance(30) {
            result.append(
                manifest(
                    "policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "default", nil,
                    clusterSpec(isNew: false, actions: ["Allow", "Deny"], extra: [])))
        }
        return result
    }

    private func manifest(
        _ apiVersion: String, _ kind: String, _ name: String, _ namespace: String?, _ spec: JSONValue
    ) -> JSONValue {
        var metadata: [JSONMember] = [JSONMember("name", .string(name))]
        if let namespace { metadata.append(JSONMember("namespace", .string(namespace))) }
        return [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "metadata": .object(metadata), "spec": spec,
        ]
    }

    mutating func networkPolicy(_ name: String) -> JSONValue {
        var spec: [JSONMember] = []
        if chance(95) {
            spec.append(JSONMember("podSelector", chance(40) ? .object([]) : selector(ofNamespaces: false)))
        }
        if chance(70) {
            spec.append(JSONMember("policyTypes", pick([["Ingress"], ["Egress"], ["Ingress", "Egress"], []])))
        }
        for direction in ["ingress", "egress"] where chance(70) {
            spec.append(JSONMember(direction, list(0...3) { $0.rule(direction) }))
        }
        return manifest("networking.k8s.io/v1", "NetworkPolicy", name, pick(["ops", "pay", "shop"]), .object(spec))
    }

    private mutating func rule(_ direction: String) -> JSONValue {
        var rule: [JSONMember] = []
        if chance(85) { rule.append(JSONMember(direction == "ingress" ? "from" : "to", list(0...3) { $0.peer() })) }
        if chance(60) { rule.append(JSONMember("ports", list(0...3) { $0.port() })) }
        return .object(rule)
    }

    private mutating func peer() -> JSONValue {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let (cidr, holes) = pick([
                ("10.0.0.0/16", ["10.0.1.0/24"]), ("0.0.0.0/0", ["10.0.0.0/8", "203.0.113.0/24"]), ("10.0.1.0/24", []),
                ("203.0.113.0/24", ["203.0.113.0/25"]), ("::/0", ["fd00:b::/32"]), ("fd00:b:1::/48", []),
                ("192.168.0.0/30", ["192.168.0.2/32"]),
            ])
            var block: [JSONMember] = [JSONMember("cidr", .string(cidr))]
            if chance(60) { block.append(JSONMember("except", .array(holes.map { .string($0) }))) }
            return ["ipBlock": .object(block)]
        case 1: return ["namespaceSelector": selector(ofNamespaces: true)]
        case 2: return ["podSelector": selector(ofNamespaces: false)]
        default:
            return ["namespaceSelector": selector(ofNamespaces: true), "podSelector": selector(ofNamespaces: false)]
        }
    }

    private mutating func port() -> JSONValue {
        var port: [JSONMember] = []
        if chance(70) { port.append(JSONMember("protocol", .string(pick(["TCP", "UDP", "SCTP"])))) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: break
        case 1: port.append(JSONMember("port", .string(pick(["http", "dns", "nowhere"]))))
        case 2:
            port.append(JSONMember("port", .int(pick([53, 80]))))
            port.append(JSONMember("endPort", .int(pick([80, 443, 9000]))))
        default: port.append(JSONMember("port", .int(pick([53, 80, 81, 443, 8080]))))
        }
        return .object(port)
    }

    private mutating func selector(ofNamespaces: Bool) -> JSONValue {
        if chance(20) { return .object([]) }
        let labels: [(String, [String])] =
            ofNamespaces
            ? [
                ("team", ["red", "blue"]), ("env", ["prod", ""]),
                ("kubernetes.io/metadata.name", ["shop", "pay", "ops"]),
            ]
            : [("app", ["web", "db", "api"]), ("tier", ["front", "back", ""]), ("missing", ["x"])]
        var members: [JSONMember] = []
        if chance(60) {
            let (key, values) = pick(labels)
            members.append(JSONMember("matchLabels", .object([JSONMember(key, .string(pick(values)))])))
        }
        if chance(50) {
            members.append(
                JSONMember(
                    "matchExpressions",
                    list(0...2) { generator in
                        let (key, values) = generator.pick(labels)
                        let comparison = generator.pick(["In", "NotIn", "Exists", "DoesNotExist"])
                        var expression: [JSONMember] = [
                            JSONMember("key", .string(key)), JSONMember("operator", .string(comparison)),
                        ]
                        if comparison.hasSuffix("In") {
                            let chosen = generator.chance(50) ? values : [generator.pick(values)]
                            expression.append(JSONMember("values", .array(chosen.map { .string($0) })))
                        }
                        return .object(expression)
                    }))
        }
        return .object(members)
    }

    // MARK: Cluster-scoped

    private mutating func clusterPolicy(_ index: Int) -> JSONValue {
        let priority = JSONMember("priority", .int(Int64(pick([0, 10, 10, 1000]))))
        if chance(50) {
            return manifest(
                "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "a\(index)", nil,
                clusterSpec(isNew: false, actions: ["Allow", "Deny", "Pass"], extra: [priority]))
        }
        return manifest(
            "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "c\(index)", nil,
            clusterSpec(
                isNew: true, actions: ["Accept", "Deny", "Pass"],
                extra: [priority, JSONMember("tier", .string(pick(["Admin", "Admin", "Baseline"])))]))
    }

    private mutating func clusterSpec(isNew: Bool, actions: [String], extra: [JSONMember]) -> JSONValue {
        var spec = extra
        spec.append(JSONMember("subject", selection()))
        for direction in ["ingress", "egress"] where chance(70) {
            spec.append(
                JSONMember(direction, list(1...3) { $0.clusterRule(direction, isNew: isNew, actions: actions) }))
        }
        return .object(spec)
    }

    private mutating func selection() -> JSONValue {
        chance(50)
            ? ["namespaces": selector(ofNamespaces: true)]
            : [
                "pods": [
                    "namespaceSelector": selector(ofNamespaces: true), "podSelector": selector(ofNamespaces: false),
                ]
            ]
    }

    private mutating func clusterRule(_ direction: String, isNew: Bool, actions: [String]) -> JSONValue {
        let isAddressed = direction == "egress" && chance(40)
        var rule: [JSONMember] = [JSONMember("action", .string(pick(actions)))]
        rule.append(
            JSONMember(
                direction == "ingress" ? "from" : "to",
                list(1...3) { generator in
                    guard isAddressed else { return generator.selection() }
                    if generator.chance(30) {
                        return ["nodes": ["matchLabels": ["zone": .string(generator.pick(["z0", "z1"]))]]]
                    }
                    return [
                        "networks": .array([
                            .string(
                                generator.pick(["10.0.0.0/8", "0.0.0.0/0", "10.0.1.0/24", "::/0", "192.168.0.1/32"]))
                        ])
                    ]
                }))
        if chance(60) {
            rule.append(
                JSONMember(
                    isNew ? "protocols" : "ports",
                    list(1...2) { $0.clusterPort(isNew: isNew, mayBeNamed: !isAddressed) }))
        }
        return .object(rule)
    }

    private mutating func clusterPort(isNew: Bool, mayBeNamed: Bool) -> JSONValue {
        if mayBeNamed && chance(25) {
            return .object([JSONMember(isNew ? "destinationNamedPort" : "namedPort", .string(pick(["http", "dns"])))])
        }
        let transport = pick(["TCP", "UDP", "SCTP"])
        if isNew {
            return .object([
                JSONMember(
                    transport.lowercased(),
                    [
                        "destinationPort": chance(50)
                            ? ["number": .int(pick([53, 80, 443, 8080]))]
                            : ["range": ["start": .int(pick([53, 80])), "end": .int(pick([81, 9000]))]]
                    ])
            ])
        }
        return chance(50)
            ? ["portNumber": ["protocol": .string(transport), "port": .int(pick([53, 80, 443, 8080]))]]
            : [
                "portRange": [
                    "protocol": .string(transport), "start": .int(pick([53, 80])), "end": .int(pick([80, 9000])),
                ]
            ]
    }
}
