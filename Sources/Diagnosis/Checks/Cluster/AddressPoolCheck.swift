import Addressing
import JSONTree

/// Services that wait for an address which their balancer cannot give: MetalLB's pools are not given out by themselves, are
/// for others, or are used up, and k3s' little balancers find their port taken (ING-01). And Services that two nodes
/// announce at once (ING-08).
struct AddressPoolCheck: Check {
    let name = "load balancers"
    let codes = ["ING-01", "ING-08"]
    let needs: [FactName] = [.objects("services")]

    /// Seconds that a controller may take.
    private static let patience: Int64 = 60
    /// Within so many seconds two nodes say it at once.
    private static let present: Int64 = 600

    func applies(to facts: FactBase) -> Bool {
        facts.objects("services").contains { $0.text("spec", "type") == "LoadBalancer" }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let services = facts.objects("services").filter {
            $0.text("spec", "type") == "LoadBalancer" && !$0.isDeleted && $0.text("spec", "loadBalancerClass") == nil
        }
        let waiting = services.filter {
            $0.list("status", "loadBalancer", "ingress").isEmpty && facts.isOlder($0.createdAt, than: Self.patience)
        }
        return waiting.compactMap { withoutPool($0, services, facts) ?? withoutPort($0, facts) } + announced(facts)
    }

    // MARK: MetalLB's pools

    private static let pool = ["metallb.io/address-pool", "metallb.universe.tf/address-pool"]
    private static let address = ["metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs"]

    private func withoutPool(_ service: APIObject, _ services: [APIObject], _ facts: FactBase) -> Diagnosis? {
        let pools = facts.objects("ipaddresspools.metallb.io")
        let wish = Self.pool.lazy.compactMap { service.annotations[$0] }.first
        let asksForOne =
            service.text("spec", "loadBalancerIP") != nil || Self.address.contains { service.annotations[$0] != nil }
        guard !pools.isEmpty, !asksForOne else { return nil }
        let reasons = pools.map { pool in (pool, Self.obstacle(pool, service, wish, services, facts)) }
        guard reasons.allSatisfy({ $0.1 != nil }), let first = reasons.first else { return nil }
        let said = facts.events.last { event in
            event.text("reason") == "AllocationFailed" && event.subject?.name == service.name
                && event.subject?.namespace == service.namespace
        }
        let automatic =
            "kubectl -n \(first.0.namespace) patch ipaddresspools.metallb.io \(first.0.name) --type merge -p "
        return .of(
            "ING-01", "no pool of MetalLB gives \(service.namespace)/\(service.name) an address", .certain,
            at: [service.place] + reasons.prefix(3).map(\.0.place),
            evidence: [.init("type: LoadBalancer, no address in its status", from: service.source)]
                + reasons.prefix(2).map { .init($0.1 ?? "", from: $0.0.source) }
                + (said.map { [.init($0.message, from: $0.source)] } ?? []),
            because: reasons.prefix(4).map { "pool \($0.0.name): \($0.1 ?? "")" },
            fix: first.0.bool("spec", "autoAssign") == false
                ? .init(
                    [
                        "kubectl -n \(service.namespace) annotate service \(service.name) metallb.io/address-pool=\(first.0.name)",
                        automatic + "'{\"spec\":{\"autoAssign\":true}}'   # or let the pool be given out by itself",
                    ], undo: "take the annotation away again", risk: "an address of that pool is used", seconds: 10)
                : .init(
                    ["kubectl create -f <an IPAddressPool with more addresses, and its advertisement>"],
                    undo: "delete it when no Service has an address of it", risk: "the range must be routed here",
                    seconds: 30))
    }

    /// Why a pool gives a Service nothing; nil when it might.
    private static func obstacle(
        _ pool: APIObject, _ service: APIObject, _ wish: String?, _ services: [APIObject], _ facts: FactBase
    ) -> String? {
        if let wish, wish != pool.name { return "the Service asks for pool \(wish)" }
        if wish == nil, pool.bool("spec", "autoAssign") == false {
            return "autoAssign: false, and the Service asks for no pool"
        }
        if let allocation = pool["spec", "serviceAllocation"] {
            let names = allocation.list("namespaces").compactMap(\.string)
            if !names.isEmpty, allocation.list("namespaceSelectors").isEmpty, !names.contains(service.namespace) {
                return "it is for namespaces \(listed(names))"
            }
        }
        let spans = pool.list("spec", "addresses").compactMap(\.string).compactMap { Self.span($0) }
        guard spans.count == pool.list("spec", "addresses").count, !spans.isEmpty else { return nil }
        let size = spans.reduce(UInt128(0)) { $0 + ($1.last - $1.first + 1) }
        let given = Set(
            services.flatMap { $0.list("status", "loadBalancer", "ingress") }.compactMap {
                $0.member("ip")?.string.flatMap { IPAddress($0) }
            }.filter { address in spans.contains { $0.first <= address.number && address.number <= $0.last } })
        return UInt128(given.count) >= size ? "all of its \(size) addresses are given out" : nil
    }

    /// `203.0.113.32/28` or `203.0.113.40-203.0.113.45`, as numbers.
    private static func span(_ text: String) -> (first: UInt128, last: UInt128)? {
        let parts = text.split(separator: "-").map { $0.filter { !$0.isWhitespace } }
        if parts.count == 2, let first = IPAddress(String(parts[0])), let last = IPAddress(String(parts[1])),
            first.number <= last.number
        {
            return (UInt128(first.number), UInt128(last.number))
        }
        guard let prefix = IPPrefix(text) else { return nil }
        return (UInt128(prefix.first.number), UInt128(prefix.last.number))
    }

    // MARK: k3s' little balancers

    /// Their pods take the Service's ports of each node: where somebody has them already, none can be placed.
    private func withoutPort(_ service: APIObject, _ facts: FactBase) -> Diagnosis? {
        let pods = facts.objects("pods").filter { pod in
            pod.name.hasPrefix("svclb-\(service.name)-") && pod.text("status", "phase") == "Pending"
                && pod.nodeName == nil
        }
        let said = pods.lazy.compactMap { pod -> Diagnosis.Evidence? in
            let condition = pod.condition("PodScheduled")?.member("message")?.string ?? ""
            if condition.contains("free ports") { return .init(condition, marking: "free ports", from: pod.source) }
            return facts.events(ofPod: pod, "FailedScheduling").last { $0.message.contains("free ports") }.map {
                .init($0.message, marking: "free ports", from: $0.source)
            }
        }.first
        guard let pod = pods.first, let said else { return nil }
        let ports = Set(service.list("spec", "ports").compactMap { $0.member("port")?.int })
        let other = facts.objects("services").first { one in
            one.place != service.place && one.text("spec", "type") == "LoadBalancer"
                && !one.list("status", "loadBalancer", "ingress").isEmpty
                && one.list("spec", "ports").contains { ports.contains($0.member("port")?.int ?? -1) }
        }
        return .of(
            "ING-01",
            "\(service.namespace)/\(service.name) gets no address: the ports of the nodes are taken"
                + (other.map { " by \($0.namespace)/\($0.name)" } ?? ""),
            .certain, at: [service.place, pod.place] + (other.map { [$0.place] } ?? []),
            evidence: [.init("type: LoadBalancer, no address in its status", from: service.source), said]
                + (other.map { [.init("the same port, and an address", from: $0.source)] } ?? []),
            because: [
                "\(pod.name) wants port \(ports.sorted().map(String.init).joined(separator: ", ")) of a node for itself, and no node has it free",
                "on one node only one Service of this balancer may have a port",
            ],
            fix: .init(
                [
                    "kubectl -n \(service.namespace) patch service \(service.name) --type=merge -p '{\"spec\":{\"type\":\"ClusterIP\"}}'   # and an Ingress of the one that has the port"
                ],
                undo: "the same with LoadBalancer", risk: "none: it has no address now", seconds: 10),
            prevent: "one Service of type LoadBalancer for each port, or a balancer with addresses of its own")
    }

    // MARK: ING-08

    /// Speakers of layer 2 that do not hear each other each believe to be alone.
    private func announced(_ facts: FactBase) -> [Diagnosis] {
        var nodes: [String: [String: APIObject]] = [:]
        for event in facts.events where event.text("reason") == "nodeAssigned" {
            guard let subject = event.subject, event.message.contains("layer2"),
                facts.seconds(since: event.lastSeen).map({ $0 < Self.present }) ?? false,
                let node = event.message.split(separator: "\"").dropFirst().first.map(String.init)
            else { continue }
            nodes[subject.key, default: [:]][node] = event
        }
        return nodes.sorted { $0.key < $1.key }.compactMap { service, events in
            guard events.count > 1 else { return nil }
            let names = events.keys.sorted()
            let deaf = facts.components(.loadBalancer).flatMap(\.pods).lazy.compactMap { pod in
                facts.logs(pod.namespace, pod.name).lazy.compactMap { document in
                    document.lines.last { $0.contains(":7946") && $0.contains("ailed to join") }.map {
                        Diagnosis.Evidence(String($0), marking: ":7946", from: document.source)
                    }
                }.first
            }.first
            return .of(
                "ING-08", "\(listed(names)) announce the address of \(service) at the same time",
                deaf == nil ? .likely : .certain, at: ["Service/\(service)"] + names.map { "Node/\($0)" },
                evidence: names.compactMap { events[$0] }.prefix(2).map { .init($0.message, from: $0.source) }
                    + (deaf.map { [$0] } ?? []),
                because: [
                    "each says within minutes that it announces the address, so that others send now to the one and now to the other",
                    deaf == nil
                        ? "speakers that know of each other choose one"
                        : "the speakers find one another over TCP and UDP 7946, and that does not pass between these nodes",
                ],
                fix: .init(
                    [
                        "let TCP and UDP 7946 through between the nodes",
                        "kubectl -n metallb-system logs -l component=speaker --tail=20 | grep -i memberlist   # each must have joined the others",
                    ], undo: "close it again", risk: "the address moves once more when they have agreed", seconds: 60),
                needs: ["arping of the address from another machine: whose MAC addresses answer"])
        }
    }
}
