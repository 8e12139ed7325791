import JSONTree

/// Gateways and routes of the Gateway API that their own controller refuses: it writes into their status what it does not
/// serve, and why (gateway.networking.k8s.io, conditions of GatewaySpec and RouteStatus).
struct GatewayCheck: Check {
    let name = "gateways"
    let codes = ["ING-01", "ING-04", "ING-06", "ING-07"]
    let needs: [FactName] = []

    /// Seconds after which a condition is no passing state.
    private static let patience: Int64 = 60

    private static let routes = [
        "httproutes.gateway.networking.k8s.io", "grpcroutes.gateway.networking.k8s.io",
        "tlsroutes.gateway.networking.k8s.io", "tcproutes.gateway.networking.k8s.io",
    ]
    private static let gateways = "gateways.gateway.networking.k8s.io"

    func applies(to facts: FactBase) -> Bool {
        ([Self.gateways] + Self.routes).contains { !facts.objects($0).isEmpty }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.objects(Self.gateways).filter { !$0.isDeleted }.flatMap { gateway in
            certificates(gateway, facts) + unserved(gateway, facts)
        } + Self.routes.flatMap { facts.objects($0) }.filter { !$0.isDeleted }.flatMap { refused($0, facts) }
            + rivals(facts.objects(Self.routes[0]))
    }

    private struct Refusal {
        var type: String
        var reason: String
        var message: String

        var line: String { "\(type): False, \(reason)" + (message.isEmpty ? "" : ": \(message)") }
    }

    /// Conditions of a type that are False, and not only since a moment.
    private func refusals(_ type: String, in node: JSONNode?, _ facts: FactBase) -> [Refusal] {
        let conditions = node?.member("conditions").map { Array($0.elements) } ?? []
        return conditions.compactMap { condition in
            guard condition.member("type")?.string == type, condition.member("status")?.string == "False" else {
                return nil
            }
            let since = condition.member("lastTransitionTime")?.string.flatMap(APIObject.seconds)
            guard facts.isOlder(since, than: Self.patience) else { return nil }
            return Refusal(
                type: type, reason: condition.member("reason")?.string ?? "",
                message: condition.member("message")?.string ?? "")
        }
    }

    // MARK: Gateways

    /// Listeners whose certificate their controller cannot take.
    private func certificates(_ gateway: APIObject, _ facts: FactBase) -> [Diagnosis] {
        for listener in gateway.list("status", "listeners") {
            let name = listener.member("name")?.string ?? ""
            guard
                let refusal = refusals("ResolvedRefs", in: listener, facts).first(where: {
                    ["InvalidCertificateRef", "RefNotPermitted"].contains($0.reason)
                })
            else { continue }
            let asked = gateway.list("spec", "listeners").first { $0.member("name")?.string == name }
            let reference = asked?.at("tls", "certificateRefs")?.elements.first { _ in true }
            let namespace = reference?.member("namespace")?.string ?? gateway.namespace
            let secret = reference?.member("name")?.string ?? "its Secret"
            let isForeign = refusal.reason == "RefNotPermitted"
            return [
                .of(
                    "ING-06", "listener \(name) of \(gateway.namespace)/\(gateway.name) has no certificate", .certain,
                    at: [gateway.place, "Secret/\(namespace)/\(secret)"],
                    evidence: [.init(refusal.line, marking: refusal.reason, from: gateway.source)],
                    because: [
                        isForeign
                            ? "the listener names Secret \(namespace)/\(secret), and no ReferenceGrant of \(namespace) lets it"
                            : "the listener names Secret \(namespace)/\(secret), and the controller cannot take it: it is not there, or holds no certificate and key",
                        "without one nobody speaks TLS there",
                    ],
                    fix: .init(
                        [
                            isForeign
                                ? "kubectl -n \(namespace) apply -f -   # a ReferenceGrant: from Gateway of \(gateway.namespace), to Secret \(secret)"
                                : "kubectl -n \(namespace) get secret \(secret) -o yaml   # type kubernetes.io/tls, tls.crt and tls.key"
                        ], undo: isForeign ? "delete the ReferenceGrant" : "none: it only reads",
                        risk: isForeign ? "the Gateway may use that Secret" : "none", seconds: 10))
            ]
        }
        return []
    }

    /// Gateways that nobody takes: of a class that is not there, or that its controller does not accept.
    private func unserved(_ gateway: APIObject, _ facts: FactBase) -> [Diagnosis] {
        let wanted = gateway.text("spec", "gatewayClassName") ?? ""
        let classes = facts.objects("gatewayclasses.gateway.networking.k8s.io")
        var line: String?
        var why = ""
        if let refusal = refusals("Accepted", in: gateway["status"], facts).first(where: { $0.reason != "Pending" }) {
            line = refusal.line
            why = "its controller does not accept it"
        } else if !classes.isEmpty, !classes.contains(where: { $0.name == wanted }),
            facts.isOlder(gateway.createdAt, than: Self.patience)
        {
            line = "gatewayClassName: \(wanted)"
            why =
                "it names the class \"\(wanted)\", and there \(classes.count == 1 ? "is" : "are") \(listed(classes.map(\.name)))"
        }
        guard let line else { return [] }
        return [
            .of(
                "ING-01", "nobody serves gateway \(gateway.namespace)/\(gateway.name)", .certain, at: [gateway.place],
                evidence: [.init(line, from: gateway.source)], because: [why])
        ]
    }

    // MARK: Two routes

    /// Two routes with one host and one match on one listener: the older one is taken and the other gets nothing
    /// (Gateway API, HTTPRouteRule: precedence of matches).
    private func rivals(_ routes: [APIObject]) -> [Diagnosis] {
        var byMatch: [String: [APIObject]] = [:]
        for route in routes where !route.isDeleted {
            let hosts = route.list("spec", "hostnames").compactMap(\.string)
            let parents = route.list("spec", "parentRefs").map { parent in
                let namespace = parent.member("namespace")?.string ?? route.namespace
                return
                    "\(namespace)/\(parent.member("name")?.string ?? "") \(parent.member("sectionName")?.string ?? "")"
            }
            // What has headers, methods or questions in its match is more than a path; a rule without a match is `/`.
            let paths = route.list("spec", "rules").flatMap { rule -> [String] in
                let matches = rule.list("matches")
                if matches.isEmpty { return ["PathPrefix /"] }
                return matches.filter { $0.count == 1 }.compactMap { match in
                    match.at("path", "value")?.string.map {
                        "\(match.at("path", "type")?.string ?? "PathPrefix") \($0)"
                    }
                }
            }
            for key in Set(
                parents.flatMap { parent in hosts.flatMap { host in paths.map { "\(parent)\n\(host)\n\($0)" } } })
            {
                byMatch[key, default: []].append(route)
            }
        }
        var told: Set<[String]> = []
        return byMatch.sorted { $0.key < $1.key }.compactMap { key, routes in
            let ordered = routes.sorted { ($0.createdAt ?? 0, $0.place) < ($1.createdAt ?? 0, $1.place) }
            let targets = Set(ordered.map { route in route.list("spec", "rules").map { JSONValue($0).text }.joined() })
            guard let first = ordered.first, ordered.count > 1, targets.count > 1,
                told.insert(ordered.map(\.place)).inserted
            else { return nil }
            let parts = key.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            return .of(
                "ING-07",
                "\(listed(ordered.map { "\($0.namespace)/\($0.name)" })) want \(parts[1]) \(parts[2]) on one Gateway",
                .certain,
                at: ordered.map(\.place),
                evidence: ordered.prefix(3).map {
                    .init("hostnames: \(parts[1]), \(parts[2])", marking: parts[1], from: $0.source)
                },
                because: [
                    "of two routes with one host and path the older one is taken, \(first.namespace)/\(first.name); the other never gets a request"
                ],
                fix: .init(
                    [
                        "give one of them another host or path: kubectl -n \(ordered[1].namespace) edit httproute \(ordered[1].name)"
                    ],
                    undo: "put the host back", risk: "requests for it go elsewhere", seconds: 10),
                prevent: "let each namespace have hosts of its own (allowedRoutes, a policy on hostnames)")
        }
    }

    // MARK: Routes

    private func refused(_ route: APIObject, _ facts: FactBase) -> [Diagnosis] {
        for parent in route.list("status", "parents") {
            let name = parent.at("parentRef", "name")?.string ?? ""
            let namespace = parent.at("parentRef", "namespace")?.string ?? route.namespace
            // Another parent may serve it; each is a way of its own.
            if let refusal = refusals("Accepted", in: parent, facts).first(where: { $0.reason != "Pending" }) {
                return [notAccepted(route, "\(namespace)/\(name)", refusal, facts)]
            }
            if let refusal = refusals("ResolvedRefs", in: parent, facts).first {
                return [unresolved(route, refusal)]
            }
        }
        return []
    }

    private func notAccepted(
        _ route: APIObject, _ gateway: String, _ refusal: Refusal, _ facts: FactBase
    ) -> Diagnosis {
        let reasons = [
            "NotAllowedByListeners":
                "its listeners take routes of other namespaces or kinds only; a listener without allowedRoutes takes those of its own namespace",
            "NoMatchingListenerHostname": "none of its listeners is for one of the route's host names",
            "NoMatchingParent": "no listener has the port or the section that the route names",
        ]
        let object = facts.objects(Self.gateways).first { "\($0.namespace)/\($0.name)" == gateway }
        return .of(
            "ING-01", "gateway \(gateway) does not serve \(route.kind) \(route.namespace)/\(route.name)", .certain,
            at: [route.place] + (object.map { [$0.place] } ?? []),
            evidence: [.init(refusal.line, marking: refusal.reason, from: route.source)]
                + (object.map { gateway in
                    [
                        .init(
                            "listeners: "
                                + gateway.list("spec", "listeners").map { listener in
                                    let from = listener.at("allowedRoutes", "namespaces", "from")?.string
                                    return
                                        "\(listener.member("name")?.string ?? "") (routes from: \(from ?? "Same, as nothing is said"))"
                                }.joined(separator: ", "), from: gateway.source)
                    ]
                } ?? []),
            because: [
                "the Gateway's own controller refuses the route: "
                    + (reasons[refusal.reason] ?? (refusal.message.isEmpty ? refusal.reason : refusal.message)),
                "requests for it meet no rule: 404, or nobody answers",
            ],
            fix: refusal.reason == "NotAllowedByListeners"
                ? object.map { gateway in
                    .init(
                        [
                            "kubectl -n \(gateway.namespace) edit gateway \(gateway.name)   # allowedRoutes: {namespaces: {from: All}} of the listener, or a Selector"
                        ], undo: "take it out again", risk: "routes of those namespaces may use the listener",
                        seconds: 10)
                } : nil)
    }

    private func unresolved(_ route: APIObject, _ refusal: Refusal) -> Diagnosis {
        .of(
            "ING-04", "\(route.kind) \(route.namespace)/\(route.name) has a backend that its gateway does not take",
            .certain, at: [route.place],
            evidence: [.init(refusal.line, marking: refusal.reason, from: route.source)],
            because: [
                refusal.reason == "RefNotPermitted"
                    ? "the backend is in another namespace, whose owner has written no ReferenceGrant for it"
                    : "the controller does not find, or does not know, what the route sends to",
                "requests that meet the rule are answered with 500",
            ],
            fix: .init(
                [
                    "kubectl -n \(route.namespace) get \(route.resource) \(route.name) -o yaml   # backendRefs against the Services that are there"
                ],
                risk: "none: it only reads", seconds: 10))
    }
}
