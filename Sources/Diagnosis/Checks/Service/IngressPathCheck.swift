import Addressing
import JSONTree
import Policy

/// Whether policies let the ingress controllers reach what the Ingresses send to: every ready backend against every
/// controller, judged by the policy engine.
struct IngressPathCheck: Check {
    let name = "ingresses"
    let codes = ["ING-04"]
    let needs: [FactName] = [.objects("services"), .objects("pods"), .objects("namespaces")]

    /// OpenShift's own kind of Ingress.
    private static let routes = "routes.route.openshift.io"

    /// Parts of images of controllers that send from pods of their own. The clouds' controllers send from outside.
    private static let controllers = [
        "ingress-nginx/controller", "nginx-ingress", "traefik", "haproxy-ingress", "haproxytech/kubernetes-ingress",
        "kong", "projectcontour", "istio/proxyv2",
    ]

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("ingresses.networking.k8s.io", Self.routes).isEmpty && PolicyFacts.hasPolicies(facts)
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let map = ServiceMap(facts)
        let senders = map.pods.filter { $0.isReady && isController($0) }
        guard !senders.isEmpty else { return [] }
        let policies = PolicyFacts(facts)
        let engine = PolicyEngine(cluster: policies.cluster, policies: policies.policies)
        let services = Dictionary(map.entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [Diagnosis] = []
        var judged: Set<String> = []
        for ingress in facts.objects("ingresses.networking.k8s.io", Self.routes) {
            for backend in backends(ingress) {
                guard let entry = services["\(ingress.namespace)/\(backend.service)"],
                    let port = backend.port(of: entry), judged.insert("\(entry.id):\(port.number)").inserted,
                    let finding = judge(ingress, entry, port, senders, engine, policies, facts)
                else { continue }
                found.append(finding)
            }
        }
        return found
    }

    // MARK: What an Ingress names

    private struct Backend {
        var service: String
        var number: Int64?
        var portName: String?

        func port(of entry: ServiceMap.Entry) -> ServiceMap.Port? {
            // A route that names no port takes the Service's only one.
            if number == nil, portName == nil { return entry.ports.count == 1 ? entry.ports[0] : nil }
            return entry.ports.first { number != nil ? $0.number == number : $0.name == portName }
        }
    }

    private func backends(_ ingress: APIObject) -> [Backend] {
        if ingress.kind == "Route" {
            guard ingress.text("spec", "to", "kind") ?? "Service" == "Service",
                let name = ingress.text("spec", "to", "name")
            else { return [] }
            return [
                Backend(
                    service: name, number: nil,
                    portName: ingress["spec", "port", "targetPort"]?.string)
            ]
        }
        let paths = ingress.list("spec", "rules").flatMap { rule -> [JSONNode] in
            guard let paths = rule.at("http", "paths"), paths.kind == .array else { return [] }
            return Array(paths.elements)
        }
        let nodes = paths.compactMap { $0.member("backend") } + [ingress["spec", "defaultBackend"]].compactMap { $0 }
        return nodes.compactMap { node in
            guard let name = node.at("service", "name")?.string else { return nil }
            return Backend(
                service: name, number: node.at("service", "port", "number")?.int,
                portName: node.at("service", "port", "name")?.string)
        }
    }

    private func isController(_ pod: PodView) -> Bool {
        pod.containers.contains { container in
            let image = container.member("image")?.string ?? ""
            return Self.controllers.contains { image.contains($0) }
        }
            || pod.labels["ingresscontroller.operator.openshift.io/deployment-ingresscontroller"] != nil
                && !pod.containers.contains { $0.member("name")?.string == "istio-proxy" && pod.containers.count > 1 }
    }

    // MARK: Judging

    private func judge(
        _ ingress: APIObject, _ entry: ServiceMap.Entry, _ port: ServiceMap.Port, _ senders: [PodView],
        _ engine: PolicyEngine, _ policies: PolicyFacts, _ facts: FactBase
    ) -> Diagnosis? {
        guard let transport = TransportProtocol(name: port.transport) else { return nil }
        let targets = entry.pods.filter { $0.isReady && !$0.isOnHostNetwork && !$0.addresses.isEmpty }
        var closed: (sender: PodView, target: PodView, walk: DirectionWalk)?
        for target in targets {
            guard let number = number(port, target, entry).flatMap({ UInt16(exactly: $0) }) else { continue }
            for sender in senders {
                // What leaves the host's network comes from the machine: no selector of pods or namespaces matches it. To
                // pods of its own machine most networks let it through, so that only the others tell.
                if sender.isOnHostNetwork, sender.node == target.node { continue }
                let flow = Flow(
                    from: sender.isOnHostNetwork
                        ? .node(sender.node) : .pod(PodName(namespace: sender.namespace, name: sender.name)),
                    to: .pod(PodName(namespace: target.namespace, name: target.name)), transport: transport,
                    port: number, family: target.addresses[0].family)
                guard let verdict = try? engine.verdict(flow) else { return nil }
                if verdict.isAllowed { return nil }
                if closed == nil, let walks = try? engine.walk(flow) {
                    closed = (sender, target, walks.egress.verdict.isAllowed ? walks.ingress : walks.egress)
                }
            }
        }
        return closed.map { finding(ingress, entry, $0.sender, $0.target, $0.walk, policies, facts) }
    }

    private func number(_ port: ServiceMap.Port, _ pod: PodView, _ entry: ServiceMap.Entry) -> Int64? {
        port.targetNumber
            ?? pod.ports.first { $0.name == port.target && $0.transport == port.transport }?.number
            ?? entry.slicePorts[port.name]?.first
    }

    private func finding(
        _ ingress: APIObject, _ entry: ServiceMap.Entry, _ sender: PodView, _ target: PodView, _ walk: DirectionWalk,
        _ policies: PolicyFacts, _ facts: FactBase
    ) -> Diagnosis {
        let blamed = walk.verdict.decidedBy.map { [$0.policy] } ?? walk.isolatedBy
        let objects = blamed.compactMap { policies.object($0) }
        let names = listed(blamed.map(\.description))
        let address = target.addresses[0].description
        // What the controller says of it, where its log was read.
        let told = facts.logs(sender.namespace, sender.name).lazy.compactMap { document in
            document.lines.last { $0.contains(address) && $0.lowercased().contains("upstream") }
                .map { Diagnosis.Evidence(String($0), marking: address, from: document.source) }
        }.first
        return .of(
            "ING-04", "\(names) keeps the ingress controller from service \(entry.id)", .certain,
            at: objects.map(\.place) + [ingress.place],
            evidence: objects.prefix(2).map { .init("\(walk.direction.rawValue) of \(target.id)", from: $0.source) }
                + [told].compactMap { $0 },
            because: [
                "Ingress \(ingress.namespace)/\(ingress.name) sends to \(entry.id), and no controller, such as "
                    + "\(sender.id), may reach any of its pods",
                walk.verdict.reason == .deniedByRule
                    ? "rule \(walk.verdict.decidedBy?.path ?? "") denies it"
                    : sender.isOnHostNetwork
                        ? "\(sender.id) is on its machine's network: its packets come from \(sender.node), which no selector of namespaces or pods matches"
                        : "\(target.id) is selected for \(walk.direction.rawValue), and no rule is for namespace "
                            + sender.namespace,
            ],
            fix: .init(
                [
                    "poplin policy explain \(sender.id) \(target.id):\(port(entry, target)) # prints the edit that lets it in"
                ],
                risk: "none: it only reads"))
    }

    private func port(_ entry: ServiceMap.Entry, _ target: PodView) -> String {
        entry.ports.first.flatMap { number($0, target, entry) }.map(String.init) ?? "PORT"
    }
}
