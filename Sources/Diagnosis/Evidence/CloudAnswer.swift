import Findings
import JSONTree

/// Answers of a cloud provider's command-line tool, pasted or piped: one document or many behind each other, of one
/// file or several. Which operation each answers is seen from what it holds, so that nobody has to name files; answers
/// of the same operation (of two regions, two groups) are put together.
public struct CloudAnswer: Sendable {
    /// `aws`, `azure` or `gcp`.
    public let provider: String
    /// What each operation listed, as it was written; without the copies of what was pasted twice.
    private var elements: [String: [[UInt8]]] = [:]
    /// Operations that the provider refused, with its words.
    public private(set) var refused: [String: String] = [:]
    public private(set) var problems: [Finding] = []

    public init(_ provider: String) { self.provider = provider }

    /// By operation, as ``EvidencePath/cloud(_:_:)`` names it, in the form that the tool prints.
    public var documents: [String: [UInt8]] {
        elements.reduce(into: [:]) { documents, entry in
            let list = [UInt8(ascii: "[")] + entry.value.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
            let member = CloudOperation.aws.first { $0.operation == entry.key }?.member
            documents[entry.key] =
                member.map { Array("{\"\($0)\":".utf8) + list + [UInt8(ascii: "}")] } ?? Array(list)
        }
    }

    /// Whether a document is an answer of this provider's tool, and nobody else's.
    public func takes(_ root: JSONNode) -> Bool {
        if provider == "aws", CloudOperation.aws.contains(where: { root.member($0.member)?.kind == .array }) {
            return true
        }
        let list = root.member("value") ?? root.member("items") ?? root
        let first = list.kind == .array ? list.elements.first { $0.kind == .object } : root
        return first.map { CloudOperation.of($0, provider) != nil } ?? false
    }

    /// - Parameter file: how it is called in what is said of it.
    public mutating func add(_ bytes: [UInt8], from file: String) {
        let text = PastedText(Array(LogEncoding.text(bytes).utf8))
        var left = Leftover()
        for value in text.values {
            // Brackets of a message are no answer.
            guard let root = try? JSONTree(parsing: value).root else {
                left.lines += String(decoding: value, as: UTF8.self).split(separator: "\n").map(String.init)
                continue
            }
            if let refusal = CloudRefusal(root) {
                left.refusals.append(refusal)
            } else {
                take(root, &left)
            }
        }
        for line in text.lines {
            if let refusal = CloudRefusal(line) {
                left.refusals.append(refusal)
            } else if !line.uppercased().hasPrefix("WARNING") {
                left.lines.append(line)
            }
        }
        for refusal in left.refusals {
            if let operation = refusal.operation(provider) { refused[operation] = refusal.text }
        }
        problems += findings(left, isCut: text.isCut, isEmpty: text.isEmpty, of: file)
    }

    /// What an answer had that is no evidence.
    private struct Leftover {
        var understood = 0
        /// Empty lists that do not say of what.
        var empty = 0
        /// What it is of that nothing is known of.
        var unknown: [String] = []
        var unfinished: [String] = []
        var refusals: [CloudRefusal] = []
        var lines: [String] = []
    }

    private mutating func take(_ root: JSONNode, _ left: inout Leftover) {
        if provider == "aws" {
            let named = CloudOperation.aws.filter { root.member($0.member)?.kind == .array }
            for entry in named {
                put(root.member(entry.member)?.elements.map { $0 } ?? [], entry.operation, &left)
                if root.member("NextToken")?.string != nil { left.unfinished.append(entry.operation) }
            }
            if !named.isEmpty { return }
        }
        // The providers' HTTP interfaces put the list that their tools print into an object.
        let list = root.member("value") ?? root.member("items") ?? root
        let items = list.kind == .array ? list.elements.map { $0 } : [root]
        if items.isEmpty { left.empty += 1 }
        for item in items {
            if let operation = CloudOperation.of(item, provider) {
                put([item], operation, &left)
            } else {
                let name = item.member("type")?.string ?? item.member("kind")?.string
                let text = name ?? (item.kind == .object ? Array(item.members).first?.key : nil) ?? "\(item.kind)"
                if !left.unknown.contains(text) { left.unknown.append(text) }
            }
        }
    }

    private mutating func put(_ nodes: [JSONNode], _ operation: String, _ left: inout Leftover) {
        left.understood += 1
        var known = Set(elements[operation, default: []])
        for node in nodes {
            let bytes = Array(node.rawBytes)
            if known.insert(bytes).inserted { elements[operation, default: []].append(bytes) }
        }
        if elements[operation] == nil { elements[operation] = [] }
    }

    // MARK: What is said of what is no evidence

    private func findings(_ left: Leftover, isCut: Bool, isEmpty: Bool, of file: String) -> [Finding] {
        let commands = "all of these are read: " + Self.commands(provider).joined(separator: "; ")
        func finding(_ message: String, because: [String] = [], next: String) -> Finding {
            Finding(.warning, code: "cloud", message, because: because, next: next)
        }
        if isEmpty {
            return [
                finding(
                    "\(file) is empty: the command printed no answer",
                    because: ["what it complained of went to the terminal and not into the pipe"], next: commands)
            ]
        }
        var found: [Finding] = []
        for refusal in left.refusals.prefix(3) {
            found.append(
                finding(
                    "\(file) holds a refusal and no answer: \(refusal.text)", next: refusal.next(provider)))
        }
        if left.refusals.count > 3 {
            found.append(finding("and \(left.refusals.count - 3) more refusals", next: commands))
        }
        if isCut {
            found.append(
                finding("\(file) ends in the middle of an answer: that part was left out", next: "paste it whole"))
        }
        if let first = left.unfinished.first {
            found.append(
                finding(
                    "\(file) has only the first page of \(first): counts of it would be too low",
                    next: "leave out --max-items and --no-paginate"))
        }
        if !left.unknown.isEmpty {
            found.append(
                finding(
                    "\(file) holds what no check uses: \(left.unknown.prefix(4).joined(separator: ", "))",
                    next: commands))
        }
        if let form = left.lines.isEmpty ? nil : PastedText.form(of: left.lines) {
            found.append(finding("\(file) is \(form): only JSON is read", next: commands))
        } else if let line = left.lines.first {
            found.append(
                finding(
                    (left.understood == 0
                        ? "\(file) holds no answer that is understood" : "a part of \(file) is not understood")
                        + ": \(line.prefix(120))", next: commands))
        }
        if found.isEmpty, left.understood == 0, left.empty > 0 {
            found.append(
                finding(
                    "\(file) holds nothing but empty lists, which do not say of what",
                    because: ["there is nothing of the kind, or it was asked in another region, group or project"],
                    next: commands))
        }
        return found
    }

    /// Operations of EC2 that checks read.
    static let used = [
        "describe-subnets", "describe-network-interfaces", "describe-instances", "describe-security-groups",
        "describe-route-tables",
    ]

    /// What a person runs to get the answers that checks read, all of them read-only.
    public static func commands(_ provider: String) -> [String] {
        switch provider {
        case "aws": used.map { "aws ec2 \($0) --output json" }
        case "openstack": ["openstack port show PORT -f json   # of each node"]
        case "azure": ["vnet", "nsg", "route-table"].map { "az network \($0) list -o json" }
        default:
            [
                "compute firewall-rules", "compute routes", "compute networks subnets", "compute instances",
                "container clusters",
            ].map { "gcloud \($0) list --format=json" }
        }
    }
}

/// Which operation of a provider's tool an answer is of.
enum CloudOperation {
    struct AWS: Sendable {
        /// The member that each answer of EC2 has (EC2 API reference, response elements).
        let member: String
        let operation: String
        /// Members that only its elements have: `--query Subnets` prints the list without its name.
        let keys: [String]

        init(_ member: String, _ operation: String, _ keys: String...) {
            self.member = member
            self.operation = operation
            self.keys = keys
        }
    }

    static let aws: [AWS] = [
        AWS("Subnets", "describe-subnets", "SubnetId", "AvailableIpAddressCount"),
        AWS("NetworkInterfaces", "describe-network-interfaces", "NetworkInterfaceId", "PrivateIpAddresses"),
        AWS("Reservations", "describe-instances", "ReservationId", "Instances"),
        AWS("SecurityGroups", "describe-security-groups", "GroupId", "IpPermissions"),
        AWS("RouteTables", "describe-route-tables", "RouteTableId", "Routes"),
        AWS("Vpcs", "describe-vpcs", "VpcId", "CidrBlockAssociationSet"),
        AWS("NatGateways", "describe-nat-gateways", "NatGatewayId"),
        AWS("NetworkAcls", "describe-network-acls", "NetworkAclId", "Entries"),
        AWS("InstanceTypes", "describe-instance-types", "InstanceType", "NetworkInfo"),
        AWS("SecurityGroupRules", "describe-security-group-rules", "SecurityGroupRuleId"),
        AWS("VpcEndpoints", "describe-vpc-endpoints", "VpcEndpointId"),
        AWS("InternetGateways", "describe-internet-gateways", "InternetGatewayId", "Attachments"),
        AWS("VpcPeeringConnections", "describe-vpc-peering-connections", "VpcPeeringConnectionId", "AccepterVpcInfo"),
    ]

    /// By the resource's type, which every answer of Azure Resource Manager carries.
    static let azure = [
        "microsoft.network/virtualnetworks": "network-vnet-list",
        "microsoft.network/virtualnetworks/subnets": "network-vnet-subnet-list",
        "microsoft.network/networksecuritygroups": "network-nsg-list",
        "microsoft.network/networksecuritygroups/securityrules": "network-nsg-rule-list",
        "microsoft.network/routetables": "network-route-table-list",
        "microsoft.network/routetables/routes": "network-route-table-route-list",
        "microsoft.network/loadbalancers": "network-lb-list",
        "microsoft.network/networkinterfaces": "network-nic-list",
        "microsoft.network/publicipaddresses": "network-public-ip-list",
        "microsoft.network/natgateways": "network-nat-gateway-list",
        "microsoft.containerservice/managedclusters": "aks-list",
        "microsoft.compute/virtualmachinescalesets": "vmss-list",
    ]

    /// By `kind` (Compute Engine API).
    static let google = [
        "compute#firewall": "compute-firewall-rules-list", "compute#route": "compute-routes-list",
        "compute#subnetwork": "compute-networks-subnets-list", "compute#network": "compute-networks-list",
        "compute#instance": "compute-instances-list", "compute#router": "compute-routers-list",
        "compute#address": "compute-addresses-list", "compute#forwardingRule": "compute-forwarding-rules-list",
        "compute#backendService": "compute-backend-services-list",
        "compute#healthCheck": "compute-health-checks-list",
    ]

    /// `microsoft.network/virtualnetworks/subnets` of `/subscriptions/.../providers/Microsoft.Network/virtualNetworks/a/
    /// subnets/b`, for answers that were cut to some members.
    private static func type(ofID id: String) -> String {
        let parts = id.lowercased().split(separator: "/").map(String.init)
        guard let start = parts.lastIndex(of: "providers"), start + 1 < parts.count else { return "" }
        let names = parts[(start + 2)...].enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        return ([parts[start + 1]] + names).joined(separator: "/")
    }

    /// - Parameter item: one thing of a list.
    static func of(_ item: JSONNode, _ provider: String) -> String? {
        switch provider {
        case "aws": return aws.first { entry in entry.keys.allSatisfy { item.member($0) != nil } }?.operation
        case "azure":
            if let type = item.member("type")?.string { return azure[type.lowercased()] }
            return item.member("id")?.string.flatMap { azure[type(ofID: $0)] }
        case "openstack":
            return item.member("port_security_enabled") != nil && item.member("fixed_ips") != nil ? "port-show" : nil
        default:
            if let kind = item.member("kind")?.string, let known = google[kind] { return known }
            // A cluster says no kind; nothing else has a range for pods of this name.
            return item.member("clusterIpv4Cidr") != nil ? "container-clusters-list" : nil
        }
    }
}
