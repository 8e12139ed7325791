import Addressing
import JSONTree

/// What EC2 lets through between the nodes: the overlay's own packets (RTE-01), or pods' addresses where there is no
/// overlay (RTE-15).
struct CloudUnderlayCheck: Check {
    let name = "underlay of EC2"
    let codes = ["RTE-01", "RTE-15"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { !Self.instances(facts).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        [blocked(facts), unknownAddresses(facts)].compactMap { $0 }
    }

    struct Instance {
        var node: String
        var id: String
        var address: IPAddress
        var groups: [String]
        var checksSource: Bool
    }

    /// Instances that are nodes of this cluster.
    static func instances(_ facts: FactBase) -> [Instance] {
        let owners = facts.nodesByAddress.mapValues(\.name)
        let reservations = facts.cloudAnswer("aws", "describe-instances")?.list("Reservations") ?? []
        return reservations.flatMap { $0.list("Instances") }.compactMap { item in
            guard let address = item.member("PrivateIpAddress")?.string.flatMap({ IPAddress($0) }),
                let node = owners[address]
            else { return nil }
            return Instance(
                node: node, id: item.member("InstanceId")?.string ?? "", address: address,
                groups: item.list("SecurityGroups").compactMap {
                    $0.member("GroupId")?.string
                },
                checksSource: item.member("SourceDestCheck")?.bool ?? false)
        }
    }

    // MARK: RTE-01

    /// Whether a group lets packets of a member of `peers` in.
    private func admits(_ group: JSONNode, _ transport: String, _ port: Int, _ peers: [String], _ address: IPAddress)
        -> Bool
    {
        group.list("IpPermissions").contains { rule in
            let name = rule.member("IpProtocol")?.string ?? ""
            let numbers = ["6": "tcp", "17": "udp"]
            guard name == "-1" || (numbers[name] ?? name) == transport else { return false }
            if name != "-1", transport == "udp" {
                let first = rule.member("FromPort")?.int ?? 0
                let last = rule.member("ToPort")?.int ?? 65535
                guard first == -1 || (first <= Int64(port) && Int64(port) <= last) else { return false }
            }
            let groups = rule.list("UserIdGroupPairs").compactMap {
                $0.member("GroupId")?.string
            }
            if groups.contains(where: { peers.contains($0) }) { return true }
            let ranges = rule.list("IpRanges").compactMap {
                $0.member("CidrIp")?.string.flatMap { IPPrefix($0) }
            }
            // A prefix list is not looked into: it may hold the node.
            if let lists = rule.member("PrefixListIds"), lists.count > 0 { return true }
            return ranges.contains { $0.contains(address) }
        }
    }

    private func blocked(_ facts: FactBase) -> Diagnosis? {
        guard let overlay = UnderlayEncapsulation.of(facts) else { return nil }
        let (transport, port, what, source) = (overlay.transport, overlay.port, overlay.what, overlay.source)
        let listed = facts.cloudAnswer("aws", "describe-security-groups")?.list("SecurityGroups") ?? []
        let groups = Dictionary(listed.compactMap { group in group.member("GroupId")?.string.map { ($0, group) } }) {
            first, _ in first
        }
        let instances = Self.instances(facts)
        for receiver in instances {
            // All of its groups must be known, or one that is not may be the one that opens it.
            let own = receiver.groups.compactMap { groups[$0] }
            guard !own.isEmpty, own.count == receiver.groups.count else { continue }
            guard let sender = instances.first(where: { $0.node != receiver.node }) else { continue }
            if own.contains(where: { admits($0, transport, port, sender.groups, sender.address) }) { continue }
            let id = receiver.groups[0]
            let words = overlay.words
            let option = transport == "4" ? "--protocol 4" : "--protocol udp --port \(port)"
            return .machine(
                "RTE-01", "Security group \(id) does not let \(words) through between the nodes", .certain,
                at: [id] + instances.prefix(6).map { "Node/\($0.node)" },
                evidence: [
                    .init(
                        "\(id): no inbound rule for \(words) from \(sender.node)",
                        from: FactSource(
                            "EC2 security groups", command: "aws ec2 describe-security-groups --group-ids \(id)")),
                    .init(what, from: source),
                ],
                because: [
                    "\(what) is \(words); the group of \(receiver.node) has no rule for it, so that pods of one node talk and pods of two do not"
                ],
                explains: instances.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1.node)) },
                fix: .init(
                    ["aws ec2 authorize-security-group-ingress --group-id \(id) \(option) --source-group \(id)"],
                    undo: "aws ec2 revoke-security-group-ingress --group-id \(id) \(option) --source-group \(id)",
                    risk: "only members of the group may send it", seconds: 10),
                prevent: "put the overlay's port beside the node group's other rules")
        }
        return nil
    }

    // MARK: RTE-15

    private func unknownAddresses(_ facts: FactBase) -> Diagnosis? {
        guard UnderlayEncapsulation.of(facts) == nil else { return nil }
        let pools = facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org").filter {
            $0.bool("spec", "disabled") != true
        }
        let plain = pools.first { pool in
            ["ipipMode", "vxlanMode"].allSatisfy { (pool.text("spec", $0) ?? "Never") == "Never" }
        }
        let hostGateway = facts.objects("nodes").first { TunnelEnd($0)?.backend == "host-gw" }
        guard let source = plain?.source ?? hostGateway?.source ?? UnderlayEncapsulation.isPlain(facts)?.source else {
            return nil
        }
        let instances = Self.instances(facts)
        let checked = instances.filter(\.checksSource)
        guard !checked.isEmpty, instances.count > 1 else { return nil }
        let ranges =
            pools.compactMap { $0.text("spec", "cidr").flatMap { IPPrefix($0) } }
            + facts.objects("nodes").flatMap { facts.podRanges($0.name) }
        let tables = facts.cloudAnswer("aws", "describe-route-tables")?.list("RouteTables") ?? []
        let routed = tables.flatMap { $0.list("Routes") }.contains { route in
            guard let prefix = route.member("DestinationCidrBlock")?.string.flatMap({ IPPrefix($0) }),
                prefix.length > 0,
                route.member("GatewayId")?.string != "local"
            else { return false }
            return ranges.contains { $0.overlaps(prefix) }
        }
        guard !routed else { return nil }
        return .machine(
            "RTE-15", "EC2 drops pods' packets between nodes: the source check is on and nothing is encapsulated",
            .likely,
            at: checked.prefix(6).map { "Node/\($0.node)" },
            evidence: [
                .init(
                    "SourceDestCheck true on \(checked.count) of \(instances.count) nodes",
                    from: FactSource(
                        "EC2 instances", command: "aws ec2 describe-instances --instance-ids \(checked[0].id)")),
                .init("no encapsulation", from: source),
            ],
            because: [
                "a packet from or to an address that is not the instance's own is dropped while the check is on,",
                "and the VPC's route tables have no route for the pods' ranges",
            ], explains: instances.reduce(into: []) { $0.formUnion(facts.unreadyPods(on: $1.node)) },
            fix: .init(
                checked.prefix(6).map {
                    "aws ec2 modify-instance-attribute --instance-id \($0.id) --no-source-dest-check"
                }
                    + ["or let the CNI encapsulate between subnets (Calico: vxlanMode CrossSubnet)"],
                undo: "aws ec2 modify-instance-attribute --instance-id ID --source-dest-check",
                risk: "the instance may forward for others", seconds: 20),
            prevent: "set it in the launch template",
            needs: ["tcpdump on both nodes: does a pod's packet leave the one and not arrive at the other?"])
    }
}
