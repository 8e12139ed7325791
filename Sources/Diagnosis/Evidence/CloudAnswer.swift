import Findings
import JSONTree

/// Answers of a cloud provider's command-line tool, pasted or piped: one document or several behind each other. Which
/// operation each answers is seen from what it holds, so that nobody has to name files.
public struct CloudAnswer: Sendable {
    /// By operation, as ``EvidencePath/cloud(_:_:)`` names it.
    public private(set) var documents: [String: [UInt8]] = [:]
    private var unknown = 0
    private let provider: String

    public init(_ bytes: [UInt8], provider: String) {
        self.provider = provider
        for part in Self.values(in: bytes) {
            guard let root = try? JSONTree(parsing: part).root else {
                unknown += 1
                continue
            }
            if let operation = Self.operation(root, provider) {
                documents[operation] = part
            } else {
                unknown += 1
            }
        }
    }

    /// What to run, when the answer was of no use.
    public func problems(of file: String) -> [Finding] {
        if unknown == 0, !documents.isEmpty { return [] }
        let message =
            documents.isEmpty ? "\(file) holds no answer that is understood" : "a part of \(file) is not understood"
        return [
            Finding(
                .warning, code: "cloud", message, because: ["these commands give what is understood, all read-only:"],
                next: Self.commands(provider).joined(separator: "; "))
        ]
    }

    /// What a person runs to get the answers, all of them read-only.
    public static func commands(_ provider: String) -> [String] {
        switch provider {
        case "aws":
            aws.map { "aws ec2 \($0.operation) --output json" }
        case "azure":
            [
                "az network vnet list -o json", "az network nsg list -o json", "az network route-table list -o json",
                "az network lb list -o json", "az aks list -o json",
            ]
        default:
            [
                "gcloud compute firewall-rules list --format=json", "gcloud compute routes list --format=json",
                "gcloud compute networks subnets list --format=json", "gcloud container clusters list --format=json",
            ]
        }
    }

    /// The member that each answer of EC2 has (EC2 API reference, response elements).
    private static let aws: [(member: String, operation: String)] = [
        ("Subnets", "describe-subnets"), ("NetworkInterfaces", "describe-network-interfaces"),
        ("Reservations", "describe-instances"), ("SecurityGroups", "describe-security-groups"),
        ("RouteTables", "describe-route-tables"), ("Vpcs", "describe-vpcs"), ("NatGateways", "describe-nat-gateways"),
        ("NetworkAcls", "describe-network-acls"), ("InstanceTypes", "describe-instance-types"),
        ("SecurityGroupRules", "describe-security-group-rules"), ("VpcEndpoints", "describe-vpc-endpoints"),
        ("InternetGateways", "describe-internet-gateways"),
        ("VpcPeeringConnections", "describe-vpc-peering-connections"),
    ]

    private static func operation(_ root: JSONNode, _ provider: String) -> String? {
        switch provider {
        case "aws": return aws.first { root.member($0.member)?.kind == .array }?.operation
        case "azure": return azureOperation(root.kind == .array ? root[0] : root)
        default: return googleOperation(root.kind == .array ? root[0] : root)
        }
    }

    /// By the resource's type, which every answer of Azure Resource Manager carries.
    private static func azureOperation(_ first: JSONNode?) -> String? {
        let operations = [
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
        return first?.member("type")?.string.flatMap { operations[$0.lowercased()] }
    }

    /// By `kind` (Compute Engine API), or by what only a cluster has.
    private static func googleOperation(_ first: JSONNode?) -> String? {
        let operations = [
            "compute#firewall": "compute-firewall-rules-list", "compute#route": "compute-routes-list",
            "compute#subnetwork": "compute-networks-subnets-list", "compute#network": "compute-networks-list",
            "compute#instance": "compute-instances-list", "compute#router": "compute-routers-list",
            "compute#address": "compute-addresses-list", "compute#forwardingRule": "compute-forwarding-rules-list",
            "compute#backendService": "compute-backend-services-list",
            "compute#healthCheck": "compute-health-checks-list",
        ]
        if let kind = first?.member("kind")?.string, let known = operations[kind] { return known }
        return first?.member("clusterIpv4Cidr") != nil ? "container-clusters-list" : nil
    }

    /// JSON values behind each other, as several commands in one pipe print them: cut where brackets close.
    private static func values(in bytes: [UInt8]) -> [[UInt8]] {
        if (try? JSONTree(parsing: bytes)) != nil { return [bytes] }
        var values: [[UInt8]] = []
        var depth = 0
        var start: Int?
        var isInString = false
        var isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = start != nil
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if start == nil { start = index }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0, let begun = start {
                    values.append(Array(bytes[begun...index]))
                    start = nil
                }
                if depth < 0 { depth = 0 }
            default: break
            }
        }
        return values
    }
}
