/// What Cilium's proxies look at once a connection or a query has passed its rule's ports: requests, queries, names of
/// servers. Here it is not looked at, so such a rule opens nothing; where Cilium's own agent enforces the policy it opens
/// the port.
enum AbovePorts {
    static let terminated = "connections are not terminated"
    static let originated = "connections are not originated"
    static let serverNames = "TLS server names are not looked at"
    static let listener = "traffic is not sent through a proxy"
    static let requests = "requests are not looked at"
    static let queries = "names in DNS queries are not looked at"

    static let all: Set<String> = [terminated, originated, serverNames, listener, requests, queries]

    static func isOne(_ term: TrafficTerm) -> Bool {
        if case .unenforceable(let reason) = term { all.contains(reason) } else { false }
    }
}

extension Policy {
    /// Whether a rule leaves something to a proxy: what passes it is not told by addresses and ports alone.
    public var leavesToProxies: Bool {
        [ingress, egress].contains { direction in
            direction?.rules.contains { rule in
                rule.traffic?.contains { $0.terms.contains(where: AbovePorts.isOne) } ?? false
            }
                ?? false
        }
    }

    /// The same as an agent with proxies takes it: the ports of such rules are open, and the proxy decides afterwards.
    public var withProxies: Policy {
        var policy = self
        func opened(_ direction: DirectionRules?) -> DirectionRules? {
            guard var direction else { return nil }
            for index in direction.rules.indices where direction.rules[index].action == .allow {
                direction.rules[index].traffic = direction.rules[index].traffic?.map { match in
                    TrafficMatch(match.terms.filter { !AbovePorts.isOne($0) }, at: match.place)
                }
            }
            return direction
        }
        policy.ingress = opened(ingress)
        policy.egress = opened(egress)
        return policy
    }
}
