/// What a type of EC2 instance has room for: elastic network interfaces, IPv4 addresses on each (its own first one
/// included), and interfaces for pods with security groups of their own.
struct EC2InstanceType: Sendable, Hashable {
    var name: String
    var interfaces: Int
    var addresses: Int
    /// Branch interfaces; 0 where trunks are not possible.
    var branches: Int
    /// Nitro: only these take prefixes.
    var isNitro: Bool

    /// When the table was written down.
    static let date = "2026-08"
    /// Amazon's generated lists: pkg/vpc/vpc_ip_resource_limit.go and misc/eni-max-pods.txt of amazon-vpc-cni-k8s,
    /// limits.go of amazon-vpc-resource-controller-k8s.
    static let source = "amazon-vpc-cni-k8s vpc_ip_resource_limit.go; vpc-resource-controller limits.go"

    /// Pods that the addresses are enough for: each interface's first address is not a pod's; two pods (aws-node and
    /// kube-proxy) use the node's own.
    var podsByAddresses: Int { interfaces * (addresses - 1) + 2 }

    static func named(_ name: String) -> EC2InstanceType? { byName[name] }

    private static let byName = Dictionary(
        uniqueKeysWithValues: rows.map { row in
            (
                row.0,
                EC2InstanceType(name: row.0, interfaces: row.1, addresses: row.2, branches: row.3, isNitro: row.4)
            )
        })

    private static let rows: [(String, Int, Int, Int, Bool)] = [
        ("t2.micro", 2, 2, 0, false), ("t2.small", 3, 4, 0, false), ("t2.medium", 3, 6, 0, false),
        ("t2.large", 3, 12, 0, false), ("t2.xlarge", 3, 15, 0, false), ("t2.2xlarge", 3, 15, 0, false),
        ("t3.nano", 2, 2, 0, true), ("t3.micro", 2, 2, 0, true), ("t3.small", 3, 4, 0, true),
        ("t3.medium", 3, 6, 0, true), ("t3.large", 3, 12, 0, true), ("t3.xlarge", 4, 15, 0, true),
        ("t3.2xlarge", 4, 15, 0, true), ("t3a.medium", 3, 6, 0, true), ("t3a.large", 3, 12, 0, true),
        ("t3a.xlarge", 4, 15, 0, true), ("t3a.2xlarge", 4, 15, 0, true), ("t4g.small", 3, 4, 0, true),
        ("t4g.medium", 3, 6, 0, true), ("t4g.large", 3, 12, 0, true), ("t4g.xlarge", 4, 15, 0, true),
        ("t4g.2xlarge", 4, 15, 0, true), ("m4.large", 2, 10, 0, false), ("m4.xlarge", 4, 15, 0, false),
        ("m4.2xlarge", 4, 15, 0, false), ("m4.4xlarge", 8, 30, 0, false), ("m5.large", 3, 10, 9, true),
        ("m5.xlarge", 4, 15, 18, true), ("m5.2xlarge", 4, 15, 38, true), ("m5.4xlarge", 8, 30, 54, true),
        ("m5.8xlarge", 8, 30, 54, true), ("m5.12xlarge", 8, 30, 54, true), ("m5.16xlarge", 15, 50, 107, true),
        ("m5.24xlarge", 15, 50, 107, true), ("m5a.large", 3, 10, 9, true), ("m5a.xlarge", 4, 15, 18, true),
        ("m5a.2xlarge", 4, 15, 38, true), ("m5a.4xlarge", 8, 30, 54, true), ("m5d.large", 3, 10, 9, true),
        ("m5d.xlarge", 4, 15, 18, true), ("m5d.2xlarge", 4, 15, 38, true), ("m5n.large", 3, 10, 9, true),
        ("m5n.xlarge", 4, 15, 18, true), ("m6a.large", 3, 10, 9, true), ("m6a.xlarge", 4, 15, 18, true),
        ("m6a.2xlarge", 4, 15, 38, true), ("m6a.4xlarge", 8, 30, 54, true), ("m6g.medium", 2, 4, 4, true),
        ("m6g.large", 3, 10, 9, true), ("m6g.xlarge", 4, 15, 18, true), ("m6g.2xlarge", 4, 15, 38, true),
        ("m6g.4xlarge", 8, 30, 54, true), ("m6i.large", 3, 10, 9, true), ("m6i.xlarge", 4, 15, 18, true),
        ("m6i.2xlarge", 4, 15, 38, true), ("m6i.4xlarge", 8, 30, 54, true), ("m7g.medium", 2, 4, 4, true),
        ("m7g.large", 3, 10, 9, true), ("m7g.xlarge", 4, 15, 18, true), ("m7g.2xlarge", 4, 15, 38, true),
        ("m7i.large", 3, 10, 9, true), ("m7i.xlarge", 4, 15, 18, true), ("m7i.2xlarge", 4, 15, 38, true),
        ("m7i.4xlarge", 8, 30, 54, true), ("c4.large", 3, 10, 0, false), ("c4.xlarge", 4, 15, 0, false),
        ("c5.large", 3, 10, 9, true), ("c5.xlarge", 4, 15, 18, true), ("c5.2xlarge", 4, 15, 38, true),
        ("c5.4xlarge", 8, 30, 54, true), ("c5.9xlarge", 8, 30, 54, true), ("c5.18xlarge", 15, 50, 107, true),
        ("c5a.large", 3, 10, 9, true), ("c5a.xlarge", 4, 15, 18, true), ("c6g.large", 3, 10, 9, true),
        ("c6g.xlarge", 4, 15, 18, true), ("c6i.large", 3, 10, 9, true), ("c6i.xlarge", 4, 15, 18, true),
        ("c6i.2xlarge", 4, 15, 38, true), ("c7g.large", 3, 10, 9, true), ("c7g.xlarge", 4, 15, 18, true),
        ("c7i.large", 3, 10, 9, true), ("c7i.xlarge", 4, 15, 18, true), ("r4.large", 3, 10, 0, false),
        ("r5.large", 3, 10, 9, true), ("r5.xlarge", 4, 15, 18, true), ("r5.2xlarge", 4, 15, 38, true),
        ("r5.4xlarge", 8, 30, 54, true), ("r6g.large", 3, 10, 9, true), ("r6g.xlarge", 4, 15, 18, true),
        ("r6i.large", 3, 10, 9, true), ("r6i.xlarge", 4, 15, 18, true), ("r6i.2xlarge", 4, 15, 38, true),
        ("r7g.large", 3, 10, 9, true), ("r7i.large", 3, 10, 9, true), ("i3.large", 3, 10, 0, false),
        ("i3.xlarge", 4, 15, 0, false), ("g4dn.xlarge", 3, 10, 39, true),
    ]
}
