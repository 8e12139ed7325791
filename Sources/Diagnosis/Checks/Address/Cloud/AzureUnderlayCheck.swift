import Addressing
import JSONTree

/// What Azure lets through between the nodes: the overlay's packets (RTE-01), pods' own addresses where nothing is
/// wrapped (RTE-15), and a subnet that is full (AZR-02).
struct AzureUnderlayCheck: Check {
    let name = "underlay of Azure"
    let codes = ["RTE-01", "RTE-15", "AZR-02"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.hasCloud("azure")
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        [blocked(facts), unrouted(facts)].compactMap { $0 } + fullSubnets(facts)
    }

    private struct Machine {
        var node: String
        var address: IPAddress
        /// Of Azure, in lower case.
        var identity: String
        /// Of the subnet it is in, in lower case; empty when the networks were not handed in.
        var subnet: String
    }

    private func machines(_ facts: FactBase) -> [Machine] {
        let subnets = AzureSubnet.all(facts)
        return facts.objects("nodes").compactMap { node in
            guard let identity = node.text("spec", "providerID"), identity.hasPrefix("azure://"),
                let address = facts.internalAddresses(node.name).first(where: { $0.family == .v4 })
            else { return nil }
            let subnet = subnets.first { $0.ranges.contains { $0.contains(address) } }
            return Machine(
                node: node.name, address: address, identity: String(identity.dropFirst("azure://".count)).lowercased(),
                subnet: subnet?.id.lowercased() ?? "")
        }
    }

    // MARK: RTE-01

    private func blocked(_ facts: FactBase) -> Diagnosis? {
        guard let overlay = UnderlayEncapsulation.of(facts), let (groups, source) = AzureSecurityGroup.all(facts) else {
            return nil
        }
        let machines = machines(facts)
        for receiver in machines {
            guard let sender = machines.first(where: { $0.node != receiver.node }) else { continue }
            for (own, isInbound) in [(receiver, true), (sender, false)] {
                for group in groups {
                    let isOwn = group.places.contains { place in
                        (!own.subnet.isEmpty && place == own.subnet)
                            || (!own.identity.isEmpty && place.hasPrefix(own.identity + "/"))
                    }
                    // On something of which the answers do not say whether a node is there.
                    let mayBeOwn = own.subnet.isEmpty && !group.places.isEmpty
                    guard isOwn || mayBeOwn,
                        case .denied(let rule) = group.verdict(
                            isInbound: isInbound, overlay.transport, overlay.port, from: sender.address,
                            to: receiver.address)
                    else { continue }
                    return denied(
                        overlay, group, rule, isInbound, isOwn, machines.map(\.node),
                        FactSource(
                            source.place,
                            command: "az network nsg show -g \(group.resourceGroup) -n \(group.name) -o json"), facts)
                }
            }
        }
        return nil
    }

    private func denied(
        _ overlay: UnderlayEncapsulation, _ group: AzureSecurityGroup, _ rule: AzureSecurityGroup.Rule,
        _ isInbound: Bool, _ isOwn: Bool, _ nodes: [String], _ source: FactSource, _ facts: FactBase
    ) -> Diagnosis {
        let direction = isInbound ? "Inbound" : "Outbound"
        let taken = Set(group.rules.filter { $0.isInbound == isInbound }.map(\.priority))
        let priority = stride(from: min(rule.priority, 4097) - 1, through: 100, by: -1).first { !taken.contains($0) }
        let place = "-g \(group.resourceGroup) --nsg-name \(group.name)"
        let ports = overlay.transport == "4" ? "'*'" : "\(overlay.port)"
        let name = "allow-overlay-\(direction.lowercased())"
        let step =
            priority.map { priority in
                "az network nsg rule create \(place) -n \(name) --priority \(priority) --direction \(direction) "
                    + "--access Allow --protocol \(overlay.transport == "4" ? "'*'" : "Udp") "
                    + "--source-address-prefixes VirtualNetwork --destination-address-prefixes VirtualNetwork "
                    + "--destination-port-ranges \(ports)"
            } ?? "az network nsg rule update \(place) -n \(rule.name) --priority 4000"
        return .machine(
            "RTE-01", "Security group \(group.name) does not let \(overlay.words) through between the nodes",
            isOwn ? .certain : .likely, at: [group.name] + nodes.prefix(6).map { "Node/\($0)" },
            evidence: [
                .init(
                    "\(rule.name): \(direction) Deny, priority \(rule.priority), protocol \(rule.transport), ports "
                        + "\(listed(rule.ports)), from \(listed(rule.sources)) to \(listed(rule.destinations))",
                    from: source),
                .init(overlay.what, from: overlay.source),
            ],
            because: [
                "\(overlay.what) is \(overlay.words); no rule before \(rule.name) lets it \(isInbound ? "in" : "out"), so that pods of one node talk and pods of two do not"
            ],
            explains: nodes.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
            fix: .init(
                [step],
                undo: priority == nil
                    ? "az network nsg rule update \(place) -n \(rule.name) --priority \(rule.priority)"
                    : "az network nsg rule delete \(place) -n \(name)",
                risk: "opens it between machines of the virtual network only", seconds: 30),
            prevent: "put the overlay's port beside the other rules of the nodes",
            needs: isOwn
                ? []
                : [
                    "whether the nodes are in a subnet of \(group.name): az network vnet list -o json | poplin doctor --azure -"
                ])
    }

    // MARK: RTE-15

    private struct Route {
        var table: String
        var group: String
        var name: String
        var range: IPPrefix
        var kind: String
        var next: IPAddress?
    }

    /// The table has every route, and the nodes' subnet uses none: as with kubenet in a network of one's own.
    private func detached(_ right: [Route], _ facts: FactBase) -> Diagnosis? {
        guard let answer = facts.cloudList("azure", "network-route-table-list"), let first = right.first,
            let table = answer.items.first(where: { $0.member("name")?.string == first.table })
        else { return nil }
        let machines = machines(facts)
        let body = table.member("properties") ?? table
        let subnets = AzureSubnet.all(facts).filter { subnet in
            machines.contains { machine in subnet.ranges.contains { $0.contains(machine.address) } }
        }
        guard body.list("subnets").isEmpty, let subnet = subnets.first, subnets.allSatisfy({ $0.routeTable == .absent })
        else { return nil }
        let nodes = machines.map(\.node)
        return .machine(
            "RTE-15", "Azure does not use the routes to the pods: no route table is on subnet \(subnet.name)", .certain,
            at: nodes.prefix(6).map { "Node/\($0)" },
            evidence: [
                .init("routeTable: null   of subnet \(subnet.name)", marking: "null", from: subnet.source),
                .init(
                    "\(first.table) has \(counted(right.count, "route")) for these nodes, and no subnet",
                    from: answer.source),
            ],
            because: [
                "nothing wraps the pods' packets; the table that tells the network where each node's range is lies beside the network, on no subnet"
            ], explains: nodes.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
            fix: .init(
                [
                    "az network vnet subnet update --ids \(subnet.id) --route-table \(table.member("id")?.string ?? first.table)"
                ],
                undo: "az network vnet subnet update --ids \(subnet.id) --route-table \"\"",
                risk: "other routes of that table begin to count as well", seconds: 30),
            prevent: "bring a route table of your own with the subnet when the cluster is made")
    }

    private func routes(_ facts: FactBase) -> (routes: [Route], tables: [(name: String, group: String)], FactSource)? {
        guard let answer = facts.cloudList("azure", "network-route-table-list") else { return nil }
        var routes: [Route] = []
        var tables: [(name: String, group: String)] = []
        for table in answer.items {
            let name = table.member("name")?.string ?? ""
            let group = table.member("resourceGroup")?.string ?? "GROUP"
            tables.append((name, group))
            for route in (table.member("properties") ?? table).list("routes") {
                let body = route.member("properties") ?? route
                guard let range = body.member("addressPrefix")?.string.flatMap({ IPPrefix($0) }) else { continue }
                routes.append(
                    Route(
                        table: name, group: group, name: route.member("name")?.string ?? "", range: range,
                        kind: body.member("nextHopType")?.string ?? "",
                        next: body.member("nextHopIpAddress")?.string.flatMap { IPAddress($0) }))
            }
        }
        return (routes, tables, answer.source)
    }

    /// Where nothing is wrapped a route of the virtual network leads to each node's range, as the cloud's controller
    /// writes them: one that is not there, or that leads to another machine.
    private func unrouted(_ facts: FactBase) -> Diagnosis? {
        guard UnderlayEncapsulation.of(facts) == nil, let (routes, tables, source) = routes(facts) else { return nil }
        let inside = AzureSubnet.all(facts).flatMap(\.ranges)
        var missing: [(machine: Machine, range: IPPrefix, wrong: Route?)] = []
        var right: [Route] = []
        for machine in machines(facts) {
            for range in facts.podRanges(machine.node) where range.family == .v4 {
                // Addresses of the virtual network itself need no route.
                if inside.contains(where: { $0.contains(range) }) { continue }
                let own = routes.filter { $0.range.contains(range) && $0.range.length > 0 }
                    .sorted { $0.range.length > $1.range.length }
                if let route = own.first(where: { $0.next == machine.address }) {
                    right.append(route)
                } else {
                    missing.append((machine, range, own.first))
                }
            }
        }
        // Others of the cluster being routed so says that this is how it works here; or the cluster says it.
        let plain = UnderlayEncapsulation.isPlain(facts)
        if missing.isEmpty, let detached = detached(right, facts) { return detached }
        guard let first = missing.first, !right.isEmpty || plain != nil,
            let table = right.first.map({ ($0.table, $0.group) }) ?? first.wrong.map({ ($0.table, $0.group) })
                ?? tables.first.map({ ($0.name, $0.group) })
        else { return nil }
        let nodes = missing.map(\.machine.node)
        let place = "-g \(table.1) --route-table-name \(table.0)"
        var evidence: [Diagnosis.Evidence] = missing.prefix(3).map { entry in
            .init(
                entry.wrong.map {
                    "route \($0.name): \($0.range) leads to \($0.next.map { "\($0)" } ?? $0.kind), and \(entry.machine.node) is \(entry.machine.address)"
                } ?? "no route for \(entry.range) of \(entry.machine.node)",
                from: FactSource(source.place, command: "az network route-table list -o json"))
        }
        if let plain { evidence.append(.init(plain.text, from: plain.source)) }
        let steps = missing.prefix(6).map { entry in
            let verb = entry.wrong.map { $0.range == entry.range ? "update" : "create" } ?? "create"
            return
                "az network route-table route \(verb) \(place) -n \(entry.wrong.flatMap { verb == "update" ? $0.name : nil } ?? entry.machine.node) "
                + "--address-prefix \(entry.range) --next-hop-type VirtualAppliance "
                + "--next-hop-ip-address \(entry.machine.address)"
        }
        return .machine(
            "RTE-15", "Azure has no route to the pods of \(listed(nodes.prefix(3).map { $0 }))", .likely,
            at: nodes.prefix(6).map { "Node/\($0)" }, evidence: evidence,
            because: [
                "nothing wraps the pods' packets, so the virtual network itself has to know where each node's range is"
            ], explains: nodes.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1)) },
            fix: .init(
                Array(steps), undo: "az network route-table route delete \(place) -n \(first.machine.node)",
                risk: "none for what works now", seconds: 30),
            prevent: "let the cloud's controller write the routes (--configure-cloud-routes), and look at its log",
            needs: [
                "whether \(table.0) is on the nodes' subnet: az network vnet list -o json | poplin doctor --azure -"
            ])
    }

    // MARK: AZR-02

    /// Pods that wait say which of them it is: then ``AzureAddressCheck`` tells it.
    private func fullSubnets(_ facts: FactBase) -> [Diagnosis] {
        if AzureAddressCheck().tells("AZR-02", facts) { return [] }
        let machines = machines(facts)
        return AzureSubnet.all(facts).filter { subnet in
            subnet.free <= 0 && subnet.isCounted
                && (machines.isEmpty || machines.contains { $0.subnet == subnet.id.lowercased() })
        }.map { subnet in
            .of(
                "AZR-02", "subnet \(subnet.name) (\(subnet.text)) has no free address", .likely, at: [subnet.name],
                evidence: [.init("\(subnet.used) ipConfigurations in \(subnet.text)", from: subnet.source)],
                because: ["Azure keeps five addresses of each subnet, and all others of \(subnet.text) are given out"],
                needs: ["whether pods wait for an address: poplin doctor with a kubeconfig, and --azure FILE"])
        }
    }
}

/// A subnet as `az network vnet list` and `az network vnet subnet list` print it. Azure keeps five addresses of each.
struct AzureSubnet: Sendable {
    var id: String
    var name: String
    /// `10.224.0.0/24`
    var text: String
    var ranges: [IPPrefix]
    var used: Int
    var free: Int
    /// Its list of addresses is there; an answer with `--query` may leave it out.
    var isCounted: Bool
    enum RouteTable: Sendable, Hashable {
        /// The answer does not tell.
        case untold
        case absent
        case named(String)
    }
    var routeTable: RouteTable
    var source: FactSource

    static func all(_ facts: FactBase) -> [AzureSubnet] { facts.derived.value("subnets of Azure") { read(facts) } }

    private static func read(_ facts: FactBase) -> [AzureSubnet] {
        var seen: Set<String> = []
        return ["network-vnet-list", "network-vnet-subnet-list"].flatMap { operation -> [AzureSubnet] in
            guard let answer = facts.cloudList("azure", operation) else { return [] }
            let items =
                operation == "network-vnet-list"
                ? answer.items.flatMap { ($0.member("properties") ?? $0).list("subnets") } : answer.items
            return items.compactMap { AzureSubnet($0, answer.source) }
        }.filter { $0.id.isEmpty || seen.insert($0.id.lowercased()).inserted }
    }

    private init?(_ node: JSONNode, _ source: FactSource) {
        let body = node.member("properties") ?? node
        let several = body.list("addressPrefixes").compactMap(\.string)
        let texts = several.isEmpty ? [body.member("addressPrefix")?.string].compactMap { $0 } : several
        ranges = texts.compactMap { IPPrefix($0) }.filter { $0.family == .v4 }
        if ranges.isEmpty { return nil }
        id = node.member("id")?.string ?? ""
        name = node.member("name")?.string ?? ""
        text = texts.joined(separator: ", ")
        let configurations = body.member("ipConfigurations")
        used = configurations?.count ?? 0
        isCounted = configurations?.kind == .array
        let table = body.member("routeTable")
        routeTable =
            table.map { $0.member("id")?.string.map { .named($0) } ?? ($0.kind == .null ? .absent : .untold) }
            ?? .untold
        free = ranges.reduce(0) { $0 + (1 << min(30, 32 - $1.length)) - 5 } - used
        self.source = source
    }
}
