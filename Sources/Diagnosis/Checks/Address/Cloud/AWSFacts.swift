import Addressing
import JSONTree

/// What the cluster and EC2's own answers say of instances, interfaces and subnets.
struct AWSFacts: Sendable {
    struct Interface: Sendable {
        var id: String
        var subnet: String
        var instance: String
        var groups: [String]
        var addresses: [IPAddress]
        var prefixes: [IPPrefix]
    }

    struct Subnet: Sendable {
        var id: String
        var prefix: IPPrefix
        /// AvailableIpAddressCount.
        var free: Int64
        var source: FactSource
        /// Of the answer; placeholders where it leaves them out.
        var network = "VPC"
        var zone: String?
    }

    let agent: APIObject?
    let interfaces: [Interface]
    let subnets: [Subnet]
    /// Instance types, by the instance's id.
    let types: [String: String]
    let interfaceSource: FactSource?

    init(_ facts: FactBase, _ providers: NetworkProviders) {
        agent = providers.agent(.aws)
        let answer = facts.cloudAnswer("aws", "describe-network-interfaces")
        let items = Self.interfaces(facts)
        interfaceSource = answer?.source ?? facts.cloudAnswer("aws", "describe-instances")?.source
        interfaces = items.map { item, instance in
            Interface(
                id: item.member("NetworkInterfaceId")?.string ?? "", subnet: item.member("SubnetId")?.string ?? "",
                instance: item.at("Attachment", "InstanceId")?.string ?? instance,
                groups: item.list("Groups").compactMap { $0.member("GroupId")?.string },
                addresses: item.list("PrivateIpAddresses").compactMap {
                    $0.member("PrivateIpAddress")?.string.flatMap { IPAddress($0) }
                },
                prefixes: item.list("Ipv4Prefixes").compactMap {
                    $0.member("Ipv4Prefix")?.string.flatMap { IPPrefix($0) }
                })
        }
        let subnetAnswer = facts.cloudAnswer("aws", "describe-subnets")
        subnets = (subnetAnswer?.list("Subnets") ?? []).compactMap { item in
            guard let id = item.member("SubnetId")?.string,
                let prefix = item.member("CidrBlock")?.string.flatMap({ IPPrefix($0) }),
                let free = item.member("AvailableIpAddressCount")?.int
            else { return nil }
            return Subnet(
                id: id, prefix: prefix, free: free, source: subnetAnswer?.source ?? FactSource("EC2"),
                network: item.member("VpcId")?.string ?? "VPC", zone: item.member("AvailabilityZone")?.string)
        }
        var types: [String: String] = [:]
        for reservation in facts.cloudAnswer("aws", "describe-instances")?.list("Reservations") ?? [] {
            for instance in reservation.list("Instances") {
                if let id = instance.member("InstanceId")?.string, let type = instance.member("InstanceType")?.string {
                    types[id] = type
                }
            }
        }
        self.types = types
    }

    /// Interfaces of both answers that name them, each once: an instance lists its own.
    static func interfaces(_ facts: FactBase) -> [(item: JSONNode, instance: String)] {
        var found = (facts.cloudAnswer("aws", "describe-network-interfaces")?.list("NetworkInterfaces") ?? [])
            .map { (item: $0, instance: "") }
        var known = Set(found.compactMap { $0.item.member("NetworkInterfaceId")?.string })
        for reservation in facts.cloudAnswer("aws", "describe-instances")?.list("Reservations") ?? [] {
            for instance in reservation.list("Instances") {
                for item in instance.list("NetworkInterfaces") {
                    guard let id = item.member("NetworkInterfaceId")?.string, known.insert(id).inserted else {
                        continue
                    }
                    found.append((item, instance.member("InstanceId")?.string ?? ""))
                }
            }
        }
        return found
    }

    /// A setting of aws-node; nil when it is not set and the default applies.
    func setting(_ key: String) -> String? { agent.flatMap { NetworkProviders.environment(key, of: $0) } }

    var delegatesPrefixes: Bool { setting("ENABLE_PREFIX_DELEGATION") == "true" }
    /// Custom networking: the first interface gives no addresses to pods.
    var isCustom: Bool { setting("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG") == "true" }

    /// `i-0abc` of `aws:///eu-west-1a/i-0abc`.
    static func instance(of node: APIObject) -> String? {
        guard let text = node.text("spec", "providerID"), text.hasPrefix("aws://") else { return nil }
        return text.split(separator: "/").last.map(String.init)
    }

    func type(of node: APIObject) -> EC2InstanceType? {
        let name =
            node.labels["node.kubernetes.io/instance-type"] ?? node.labels["beta.kubernetes.io/instance-type"]
            ?? Self.instance(of: node).flatMap { types[$0] }
        return name.flatMap { EC2InstanceType.named($0) }
    }

    func interfaces(of node: APIObject) -> [Interface] {
        guard let instance = Self.instance(of: node) else {
            let own = Set(node.nodeAddresses().compactMap { IPAddress($0) })
            guard let first = interfaces.first(where: { !own.isDisjoint(with: $0.addresses) }) else { return [] }
            return interfaces.filter { $0.instance == first.instance && !$0.instance.isEmpty }
        }
        return interfaces.filter { $0.instance == instance }
    }

    /// Aligned blocks of sixteen with no address of any interface in them, and without those EC2 keeps for itself: the
    /// first four of a subnet and the last.
    func freePrefixes(in subnet: Subnet) -> Int {
        guard subnet.prefix.family == .v4, subnet.prefix.length <= 28, subnet.prefix.length >= 16 else { return 0 }
        let count = 1 << (28 - subnet.prefix.length)
        var isTaken = [Bool](repeating: false, count: count)
        func take(_ address: IPAddress) {
            guard subnet.prefix.contains(address) else { return }
            let offset = Int((address.number - subnet.prefix.first.number) >> 4)
            if isTaken.indices.contains(offset) { isTaken[offset] = true }
        }
        take(subnet.prefix.first)
        take(subnet.prefix.last)
        for interface in interfaces where interface.subnet == subnet.id {
            for address in interface.addresses { take(address) }
            for prefix in interface.prefixes { take(prefix.first) }
        }
        return isTaken.count { !$0 }
    }

    /// Whether the interfaces that were read account for the addresses that are taken: only then does a bitmap of them
    /// say what is free.
    func isComplete(_ subnet: Subnet) -> Bool {
        let size = Int64(1) << Int64(32 - subnet.prefix.length)
        let known = interfaces.filter { $0.subnet == subnet.id }.reduce(Int64(0)) {
            $0 + Int64($1.addresses.count) + Int64($1.prefixes.count) * 16
        }
        return size - 5 - known <= subnet.free
    }
}
