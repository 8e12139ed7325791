import JSONTree

/// Random policies of the dialects as manifests. Every value comes from a small world, so that most policies touch
/// most pods.
struct DialectGenerator {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }
    private mutating func list(_ range: ClosedRange<Int>, _ make: (inout DialectGenerator) -> JSONValue) -> JSONValue {
        .array((0..<Int.random(in: range, using: &random)).map { _ in make(&self) })
    }

    private static let namespaces = ["ops", "pay", "shop"]

    private func manifest(
        _ apiVersion: String, _ kind: String, _ name: String, _ namespace: String?, _ spec: JSONValue
    ) -> JSONValue {
        var metadata: [JSONMember] = [JSONMember("name", .string(name))]
        if let namespace { metadata.append(JSONMember("namespace", .string(namespace))) }
        return [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "metadata": .object(metadata), "spec": spec,
        ]
    }

    // MARK: Cilium

    mutating func ciliumPolicies() -> [JSONValue] {
        (0..<Int.random(in: 1...4, using: &random)).map { index in
            let isNamespaced = chance(70)
            return manifest(
                "cilium.io/v2", isNamespaced ? "CiliumNetworkPolicy" : "CiliumClusterwideNetworkPolicy", "c\(index)",
                isNamespaced ? pick(Self.namespaces) : nil, ciliumSpec())
        }
    }

    private mutating func ciliumSpec() -> JSONValue {
        var spec: [JSONMember] = [JSONMember("endpointSelector", ciliumSelector(hasNamespace: false))]
        for direction in ["ingress", "egress"] {
            if chance(60) {
                spec.append(JSONMember(direction, list(0...3) { $0.ciliumRule(direction, isDeny: false) }))
            }
            if chance(25) {
                spec.append(JSONMember(direction + "Deny", list(0...2) { $0.ciliumRule(direction, isDeny: true) }))
            }
        }
        if chance(15) {
            spec.append(JSONMember("enableDefaultDeny", [pick(["ingress", "egress"]): .bool(chance(30))]))
        }
        return .object(spec)
    }

    private mutating func ciliumSelector(hasNamespace: Bool) -> JSONValue {
        if chance(20) { return .object([]) }
        var labels: [JSONMember] = []
        if chance(60) {
            labels.append(JSONMember(pick(["app", "k8s:app", "any:app"]), .string(pick(["web", "db", "api"]))))
        }
        if chance(20) { labels.append(JSONMember("tier", .string(pick(["front", "", "back"])))) }
        if hasNamespace, chance(30) {
            labels.append(JSONMember("k8s:io.kubernetes.pod.namespace", .string(pick(Self.namespaces))))
        } else if hasNamespace, chance(20) {
            labels.append(JSONMember("k8s:io.cilium.k8s.namespace.labels.team", .string(pick(["red", "blue"]))))
        }
        var members: [JSONMember] = labels.isEmpty ? [] : [JSONMember("matchLabels", .object(labels))]
        if chance(25) {
            let key = JSONValue.string(pick(["app", "tier", "io.cilium.k8s.policy.serviceaccount"]))
            let expression: JSONValue =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: ["key": key, "operator": "In", "values": .array([.string(pick(["web", "robot"])), "front"])]
                case 1: ["key": key, "operator": "NotIn", "values": .array([.string(pick(["web", "default"]))])]
                case 2: ["key": key, "operator": "Exists"]
                default: ["key": key, "operator": "DoesNotExist"]
                }
            members.append(JSONMember("matchExpressions", .array([expression])))
        }
        return .object(members)
    }

    private mutating func ciliumRule(_ direction: String, isDeny: Bool) -> JSONValue {
        let side = direction == "ingress" ? "from" : "to"
        var rule: [JSONMember] = []
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3: rule.append(JSONMember(side + "Endpoints", list(0...2) { $0.ciliumSelector(hasNamespace: true) }))
        case 4, 5:
            rule.append(
                JSONMember(
                    side + "Entities",
                    list(1...2) {
                        .string($0.pick(["all", "world", "cluster", "host", "remote-node", "world-ipv4", "none"]))
                    }))
        case 6:
            rule.append(
                JSONMember(
                    side + "CIDR",
                    list(1...2) { .string($0.pick(["0.0.0.0/0", "203.0.113.0/24", "10.0.0.0/8", "::/0"])) }))
        case 7:
            rule.append(
                JSONMember(
                    side + "CIDRSet",
                    [["cidr": "0.0.0.0/0", "except": .array([.string(pick(["203.0.113.0/24", "198.51.100.0/24"]))])]]))
        case 8 where direction == "egress" && !isDeny:
            rule.append(JSONMember("toFQDNs", [["matchName": "example.org"]]))
        default: break
        }
        if chance(50) {
            rule.append(JSONMember("toPorts", list(1...2) { $0.ciliumPorts(isDeny: isDeny) }))
        } else if chance(15) {
            rule.append(
                JSONMember(
                    "icmps",
                    [["fields": [["family": .string(pick(["IPv4", "IPv6"])), "type": .int(pick([0, 3, 8]))]]]]))
        }
        return .object(rule)
    }

    private mutating func ciliumPorts(isDeny: Bool) -> JSONValue {
        let ports = list(1...2) { generator in
            var port: [JSONMember] = [
                JSONMember("port", .string(generator.pick(["80", "53", "0", "http", "dns", "8080"])))
            ]
            if generator.chance(70) {
                port.append(JSONMember("protocol", .string(generator.pick(["TCP", "UDP", "ANY", "SCTP"]))))
            }
            if case .string("80") = port[0].value, generator.chance(40) { port.append(JSONMember("endPort", 443)) }
            return .object(port)
        }
        if !isDeny, chance(15) { return ["ports": ports, "rules": ["http": [["path": "/x"]]]] }
        return ["ports": ports]
    }

    // MARK: Calico

    mutating func calicoPolicies() -> [JSONValue] {
        var manifests: [JSONValue] = []
        var tiers = ["default"]
        if chance(60) {
            tiers.append("security")
            manifests.append(
                manifest(
                    "projectcalico.org/v3", "Tier", "security", nil,
                    ["order": .int(pick([100, 2_000_000])), "defaultAction": .string(pick(["Deny", "Pass"]))]))
        }
        for index in 0..<Int.random(in: 1...5, using: &random) {
            let isGlobal = chance(50)
            var spec: [JSONMember] = [JSONMember("tier", .string(pick(tiers)))]
            if chance(70) { spec.append(JSONMember("order", .int(pick([10, 20, 20, 500, 1000])))) }
            spec.append(JSONMember("selector", .string(pick(NaiveCalico.selectors.map(\.text)))))
            if isGlobal, chance(30) {
                spec.append(JSONMember("namespaceSelector", .string(pick(["all()", "team == 'red'"]))))
            }
            if chance(40) {
                spec.append(JSONMember("types", .array(pick([["Ingress"], ["Egress"], ["Ingress", "Egress"]]))))
            }
            for direction in ["ingress", "egress"] where chance(65) {
                spec.append(JSONMember(direction, list(0...3) { $0.calicoRule() }))
            }
            manifests.append(
                manifest(
                    "projectcalico.org/v3", isGlobal ? "GlobalNetworkPolicy" : "NetworkPolicy", "n\(index)",
                    isGlobal ? nil : pick(Self.namespaces), .object(spec)))
        }
        return manifests
    }

    private mutating func calicoRule() -> JSONValue {
        var rule: [JSONMember] = [
            JSONMember("action", .string(pick(["Allow", "Allow", "Allow", "Deny", "Pass", "Log"])))
        ]
        var hasPorts = false
        switch Int.random(in: 0..<8, using: &random) {
        case 0...3:
            rule.append(JSONMember("protocol", .string(pick(["TCP", "UDP", "SCTP"]))))
            hasPorts = true
        case 4: rule.append(JSONMember("notProtocol", .string(pick(["TCP", "UDP"]))))
        case 5:
            rule.append(JSONMember("protocol", .string("ICMP")))
            if chance(60) { rule.append(JSONMember("icmp", ["type": .int(pick([0, 8]))])) }
        default: break
        }
        if chance(15) { rule.append(JSONMember("ipVersion", .int(pick([4, 6])))) }
        if chance(55) { rule.append(JSONMember("source", calicoEntity(hasPorts: false))) }
        if chance(55) || hasPorts { rule.append(JSONMember("destination", calicoEntity(hasPorts: hasPorts))) }
        if chance(5), case .string("Allow") = rule[0].value { rule.append(JSONMember("http", ["methods": ["GET"]])) }
        return .object(rule)
    }

    private mutating func calicoEntity(hasPorts: Bool) -> JSONValue {
        var entity: [JSONMember] = []
        if chance(50) { entity.append(JSONMember("selector", .string(pick(NaiveCalico.selectors.map(\.text))))) }
        if chance(25) {
            entity.append(JSONMember("namespaceSelector", .string(pick(NaiveCalico.namespaceSelectors.map(\.text)))))
        }
        if chance(15) { entity.append(JSONMember("notSelector", .string(pick(NaiveCalico.selectors.map(\.text))))) }
        if chance(20) {
            entity.append(
                JSONMember("nets", .array([.string(pick(["10.0.0.0/8", "203.0.113.0/24", "fd00::/8", "0.0.0.0/0"]))])))
        }
        if chance(15) {
            entity.append(JSONMember("notNets", .array([.string(pick(["10.0.1.0/24", "198.51.100.9"]))])))
        }
        if chance(12) {
            entity.append(JSONMember("serviceAccounts", ["names": .array([.string(pick(["robot", "default"]))])]))
        }
        if hasPorts, chance(70) {
            entity.append(
                JSONMember(
                    "ports",
                    list(1...2) {
                        $0.pick([.int(80), .int(53), .string("8080:8090"), .string("http"), .string("dns")])
                    }))
        }
        if hasPorts, chance(20) { entity.append(JSONMember("notPorts", [.int(443)])) }
        return .object(entity)
    }
}
