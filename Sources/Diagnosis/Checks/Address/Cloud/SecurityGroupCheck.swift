import Addressing
import JSONTree

/// Security groups of the nodes' interfaces against what nodes must accept from each other: DNS, and the rest.
struct SecurityGroupCheck: Check {
    let name = "AWS"
    let codes = ["AWS-05", "DNS-09"]
    let needs: [FactName] = [.objects("nodes"), .objects("pods")]

    func applies(to facts: FactBase) -> Bool {
        // Where packets of pods are wrapped, the interfaces see the tunnel's port and no other.
        NetworkProviders(facts).runs(.aws) && facts.cloudAnswer("aws", "describe-security-groups") != nil
            && (facts.cloudAnswer("aws", "describe-network-interfaces") != nil
                || facts.cloudAnswer("aws", "describe-instances") != nil)
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { names(facts) + SecurityGroupReach(facts).findings() }

    private func names(_ facts: FactBase) -> [Diagnosis] {
        guard let answer = facts.cloudAnswer("aws", "describe-security-groups") else { return [] }
        let groups = Dictionary(
            answer.list("SecurityGroups").compactMap { group in
                group.member("GroupId")?.string.map { ($0, group) }
            }, uniquingKeysWith: { first, _ in first })
        let used = Self.groupsOfNodes(facts)
        if used.count < 2 && facts.objects("nodes").count < 2 { return [] }
        let dns = DNSView(facts)
        let servers = Set(dns.pods.map(\.node))
        let branches = SecurityGroupReach(facts).branchGroups
        var closed: [(from: String, groups: [String], to: String, transport: String)] = []
        for (receiver, groupIDs) in used.sorted(by: { $0.key < $1.key }) where servers.contains(receiver) {
            for (sender, senderGroups) in used.sorted(by: { $0.key < $1.key }) where sender != receiver {
                let address = facts.objects("nodes").first { $0.name == sender }?.nodeAddresses().first
                    .flatMap { IPAddress($0) }
                for transport in ["udp", "tcp"] {
                    let known = groupIDs.compactMap { groups[$0] }
                    guard known.count == groupIDs.count, !known.isEmpty else { continue }
                    let isOpen = known.contains { group in
                        group.list("IpPermissions").contains {
                            Self.allows($0, transport, 53, from: senderGroups, address)
                        }
                    }
                    if !isOpen { closed.append((sender, senderGroups, receiver, transport)) }
                }
            }
            // Pods with a branch interface of their own send by its groups, on the same node too.
            for branch in branches {
                for transport in ["udp", "tcp"] {
                    let known = groupIDs.compactMap { groups[$0] }
                    guard known.count == groupIDs.count, !known.isEmpty,
                        !known.contains(where: { group in
                            group.list("IpPermissions").contains {
                                Self.allows($0, transport, 53, from: branch.groups, branch.address)
                            }
                        })
                    else { continue }
                    closed.append(("pods of \(listed(branch.groups))", branch.groups, receiver, transport))
                }
            }
        }
        guard let first = closed.first else { return [] }
        let group = used[first.to]?.first ?? ""
        let transports = Set(closed.map(\.transport)).sorted()
        return [
            .of(
                "DNS-09", "security group \(group) does not accept DNS from \(first.from)", .likely,
                at: [group, "Node/\(first.to)"],
                evidence: [
                    .init(
                        "\(group): no IpPermissions for \(transports.joined(separator: " and ")) 53 from "
                            + listed(first.groups.sorted()),
                        from: answer.source)
                ],
                because: [
                    "CoreDNS runs on \(first.to); queries of pods on other nodes arrive at its interface from their "
                        + "addresses, and the group lets in neither their group nor their range at port 53"
                ],
                fix: .init(
                    transports.map {
                        "aws ec2 authorize-security-group-ingress --group-id \(group) --protocol \($0) --port 53 "
                            + "--source-group \(first.groups.sorted().first ?? group)"
                    },
                    undo: "aws ec2 revoke-security-group-ingress with the same arguments",
                    risk: "opens port 53 between nodes", seconds: 10),
                deadEnds: ["restarting CoreDNS: queries do not arrive there"],
                needs: ["nslookup against a CoreDNS pod on another node"])
        ]
    }

    static func groupsOfNodes(_ facts: FactBase) -> [String: [String]] {
        let aws = AWSFacts(facts, NetworkProviders(facts))
        var found: [String: [String]] = [:]
        for node in facts.objects("nodes") {
            let groups = Set(aws.interfaces(of: node).flatMap(\.groups))
            if !groups.isEmpty { found[node.name] = groups.sorted() }
        }
        if found.isEmpty {
            for reservation in facts.cloudAnswer("aws", "describe-instances")?.list("Reservations") ?? [] {
                for instance in reservation.list("Instances") {
                    let address = instance.member("PrivateIpAddress")?.string ?? "-"
                    guard let node = facts.objects("nodes").first(where: { $0.nodeAddresses().contains(address) })
                    else {
                        continue
                    }
                    found[node.name] = instance.list("SecurityGroups").compactMap {
                        $0.member("GroupId")?.string
                    }
                }
            }
        }
        return found
    }
}

extension SecurityGroupCheck {
    /// Whether one permission of a group lets a connection in from an interface of other groups.
    static func allows(
        _ permission: JSONNode, _ transport: String, _ port: Int64, from groups: [String], _ address: IPAddress?
    ) -> Bool {
        let name = permission.member("IpProtocol")?.string ?? ""
        let numbers = ["udp": "17", "tcp": "6"]
        guard name == "-1" || name == transport || name == numbers[transport] else { return false }
        if name != "-1", let low = permission.member("FromPort")?.int, let high = permission.member("ToPort")?.int,
            low >= 0, !(low...max(low, high)).contains(port)
        {
            return false
        }
        if permission.list("UserIdGroupPairs").contains(where: {
            groups.contains($0.member("GroupId")?.string ?? "")
        }) {
            return true
        }
        // Prefix lists cannot be looked into: they may hold anything.
        if !permission.list("PrefixListIds").isEmpty { return true }
        guard let address else { return false }
        return permission.list("IpRanges").contains {
            $0.member("CidrIp")?.string.flatMap { IPPrefix($0) }?.contains(address) ?? false
        }
    }
}
