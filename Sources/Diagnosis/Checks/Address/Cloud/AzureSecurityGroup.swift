import Addressing
import JSONTree

/// A network security group as `az network nsg list` prints it, and what it says of a packet.
struct AzureSecurityGroup: Sendable {
    struct Rule: Sendable {
        var name: String
        /// The smallest decides first.
        var priority: Int64
        var isInbound: Bool
        var allows: Bool
        /// `*`, `udp`, `tcp`, `icmp`, `esp`, `ah`
        var transport: String
        var ports: [String]
        var sources: [String]
        var destinations: [String]
        /// It names groups of applications, whose members are not in the answer.
        var namesGroups: Bool
    }

    enum Verdict: Sendable {
        case allowed
        case denied(Rule)
        case unknown
    }

    let name: String
    let resourceGroup: String
    let rules: [Rule]
    /// Identities of subnets and interfaces it is put on, in lower case.
    let places: [String]

    init?(_ node: JSONNode) {
        guard let name = node.member("name")?.string else { return nil }
        self.name = name
        let body = node.member("properties") ?? node
        let id = (node.member("id")?.string ?? "").split(separator: "/").map(String.init)
        let group = id.firstIndex { $0.lowercased() == "resourcegroups" }.flatMap {
            $0 + 1 < id.count ? id[$0 + 1] : nil
        }
        resourceGroup = node.member("resourceGroup")?.string ?? group ?? "GROUP"
        rules = ["securityRules", "defaultSecurityRules"].flatMap { body.list($0) }.compactMap(
            Self.rule
        )
        .sorted { $0.priority < $1.priority }
        places = ["subnets", "networkInterfaces"].flatMap { body.list($0) }.compactMap {
            $0.member("id")?.string?.lowercased()
        }
    }

    static func all(_ facts: FactBase) -> (groups: [AzureSecurityGroup], source: FactSource)? {
        guard let answer = facts.cloudList("azure", "network-nsg-list") else { return nil }
        return (answer.items.compactMap { AzureSecurityGroup($0) }, answer.source)
    }

    private static func rule(_ node: JSONNode) -> Rule? {
        let body = node.member("properties") ?? node
        guard let priority = body.member("priority")?.int, let access = body.member("access")?.string,
            let direction = body.member("direction")?.string
        else { return nil }
        func texts(_ one: String, _ several: String) -> [String] {
            let many = body.list(several).compactMap(\.string)
            return many + [body.member(one)?.string].compactMap { $0 }.filter { !$0.isEmpty }
        }
        return Rule(
            name: node.member("name")?.string ?? "", priority: priority, isInbound: direction == "Inbound",
            allows: access == "Allow", transport: (body.member("protocol")?.string ?? "*").lowercased(),
            ports: texts("destinationPortRange", "destinationPortRanges"),
            sources: texts("sourceAddressPrefix", "sourceAddressPrefixes"),
            destinations: texts("destinationAddressPrefix", "destinationAddressPrefixes"),
            namesGroups: ["sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups"].contains {
                !body.list($0).isEmpty
            })
    }

    /// The first rule that matches decides.
    /// - Parameter transport: `udp` or `tcp`; others only meet rules of every protocol.
    func verdict(
        isInbound: Bool, _ transport: String, _ port: Int, from source: IPAddress, to destination: IPAddress
    ) -> Verdict {
        for rule in rules where rule.isInbound == isInbound {
            guard rule.transport == "*" || rule.transport == transport,
                rule.transport == "*" && !["udp", "tcp"].contains(transport) || rule.covers(port)
            else { continue }
            if rule.namesGroups { return .unknown }
            guard Self.has(rule.sources, source), Self.has(rule.destinations, destination) else { continue }
            return rule.allows ? .allowed : .denied(rule)
        }
        // The last of the default rules denies; without them the answer is not whole.
        return .unknown
    }

    /// Nodes of one cluster are in one virtual network; other service tags are addresses outside it.
    private static func has(_ ranges: [String], _ address: IPAddress) -> Bool {
        ranges.contains { text in
            if ["*", "any", "virtualnetwork"].contains(text.lowercased()) { return true }
            return IPPrefix(text)?.contains(address) ?? (IPAddress(text) == address)
        }
    }
}

extension AzureSecurityGroup.Rule {
    func covers(_ port: Int) -> Bool {
        ports.isEmpty
            || ports.contains { text in
                if text == "*" { return true }
                let ends = text.split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, let last = ends.last else { return false }
                return first <= port && port <= last
            }
    }
}
