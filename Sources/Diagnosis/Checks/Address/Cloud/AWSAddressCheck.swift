import Addressing
import JSONTree

/// Why the AWS VPC network has no address for a pod: the instance is full, the subnet is full, the subnet has no block
/// of sixteen, or kubelet allows no more pods although there are addresses.
struct AWSAddressCheck: Check {
    let name = "AWS"
    let codes = ["AWS-01", "AWS-02", "AWS-03", "AWS-04", "AWS-06", "AWS-07", "AWS-08"]
    let needs: [FactName] = [.objects("nodes"), .objects("pods")]

    func applies(to facts: FactBase) -> Bool { NetworkProviders(facts).runs(.aws) }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let providers = NetworkProviders(facts)
        let aws = AWSFacts(facts, providers)
        let pods = facts.pods
        let failures = SandboxFailures(facts, pods: pods)
        let told = AWSDaemonLogs(facts, aws)
        let asking = failures.signs(of: ["AWS-01", "AWS-02", "AWS-03", "AWS-04", "AWS-06"])
        var found = told.findings(asking)
        // Without the right to ask, or without a daemon, addresses are beside the point.
        if found.isEmpty, !asking.isEmpty {
            found += addresses(aws, asking, pods, facts, told)
        }
        return found + tooManyPods(aws, facts) + branches(facts)
    }

    // MARK: Addresses

    private func addresses(
        _ aws: AWSFacts, _ asking: [SandboxFailures.Failure], _ pods: [PodView], _ facts: FactBase,
        _ told: AWSDaemonLogs
    ) -> [Diagnosis] {
        var full: [Diagnosis] = []
        var rest: [(node: APIObject, failures: [SandboxFailures.Failure])] = []
        for node in facts.objects("nodes") {
            let failures = asking.filter { $0.pod.node == node.name }
            if failures.isEmpty { continue }
            if let finding = instanceFull(node, aws, failures, pods) {
                full.append(finding)
            } else {
                rest.append((node, failures))
            }
        }
        return full + subnets(aws, rest, told)
    }

    private func instanceFull(
        _ node: APIObject, _ aws: AWSFacts, _ failures: [SandboxFailures.Failure], _ pods: [PodView]
    ) -> Diagnosis? {
        guard let type = aws.type(of: node), !aws.delegatesPrefixes || !type.isNitro else { return nil }
        let limit = aws.setting("MAX_ENI").flatMap { Int($0) }.map { min($0, type.interfaces) } ?? type.interfaces
        let interfaces = aws.isCustom ? limit - 1 : limit
        let capacity = max(0, interfaces * (type.addresses - 1))
        let interfacesSeen = aws.interfaces(of: node)
        let attached = interfacesSeen.reduce(0) { $0 + max(0, $1.addresses.count - 1) }
        let used = pods.filter {
            $0.node == node.name && !$0.isFinished && !$0.isOnHostNetwork && !$0.addresses.isEmpty
        }
        .count
        guard used >= capacity || (interfacesSeen.count >= interfaces && attached >= capacity && used + 1 >= attached)
        else { return nil }
        // Prefixes were asked for, and this type has none to give: that is why it is as full as it is.
        if aws.delegatesPrefixes, let agent = aws.agent {
            return .of(
                "AWS-08", "\(type.name) takes no prefixes: \(node.name) has \(capacity) addresses for pods as before",
                .certain, at: [node.place],
                evidence: [
                    .init("ENABLE_PREFIX_DELEGATION: true", from: agent.source),
                    .init("node.kubernetes.io/instance-type: \(type.name)", marking: type.name, from: node.source),
                ] + failures.evidence,
                because: [
                    "only instances on Nitro take prefixes, and \(type.name) is none: it keeps single addresses, \(interfaces) x (\(type.addresses) - 1) = \(capacity); \(used) are used by pods",
                    "a larger max-pods lets pods be given to the node that it has no addresses for",
                ], explains: failures.symptoms,
                fix: .init(
                    [
                        "kubectl cordon \(node.name)   # and start nodes of a type on Nitro (m5, c5, t3 and newer) in its place"
                    ], undo: "kubectl uncordon \(node.name)", risk: "new pods go to other nodes", seconds: 300),
                deadEnds: ["raising WARM_PREFIX_TARGET: this type has no prefixes"])
        }
        return .of(
            "AWS-01", "\(node.name) has no address left: \(type.name) has \(capacity) for pods", .certain,
            at: [node.place],
            evidence: [
                .init("node.kubernetes.io/instance-type: \(type.name)", marking: type.name, from: node.source)
            ]
                + (interfacesSeen.isEmpty
                    ? []
                    : [
                        .init(
                            "\(counted(interfacesSeen.count, "interface")) with \(attached) secondary addresses",
                            from: aws.interfaceSource ?? node.source)
                    ]) + failures.evidence,
            because: [
                "\(type.name): \(interfaces) interfaces for pods of \(type.addresses) addresses each, the first of each "
                    + "is the interface's own: \(interfaces) x \(type.addresses - 1) = \(capacity); \(used) are used by pods "
                    + "(\(EC2InstanceType.source), \(EC2InstanceType.date))"
            ],
            explains: failures.symptoms,
            fix: .init(
                type.isNitro
                    ? [
                        "kubectl -n \(aws.agent?.namespace ?? "kube-system") set env daemonset/\(aws.agent?.name ?? "aws-node") "
                            + "ENABLE_PREFIX_DELEGATION=true WARM_PREFIX_TARGET=1",
                        "replace the nodes, with a larger max-pods: those that run keep what they have",
                    ] : ["kubectl cordon \(node.name)   # and move pods to larger or more nodes"],
                undo: type.isNitro
                    ? "kubectl -n kube-system set env daemonset/aws-node ENABLE_PREFIX_DELEGATION=false"
                    : "kubectl uncordon \(node.name)",
                risk: "prefixes need free aligned blocks of sixteen in the subnet"),
            deadEnds: ["a larger subnet: this limit is the instance's"])
    }

    private func subnets(
        _ aws: AWSFacts, _ rest: [(node: APIObject, failures: [SandboxFailures.Failure])], _ told: AWSDaemonLogs
    ) -> [Diagnosis] {
        if rest.isEmpty { return [] }
        let failures = rest.flatMap(\.failures)
        let used = Set(rest.flatMap { aws.interfaces(of: $0.node).map(\.subnet) })
        let candidates = aws.subnets.filter { used.isEmpty || used.contains($0.id) }
        let line = told.shortage
        for subnet in candidates where subnet.free == 0 {
            return [empty(subnet, failures, line)]
        }
        if aws.delegatesPrefixes || line?.code == "AWS-03" {
            for subnet in candidates where subnet.free > 0 {
                let blocks = aws.freePrefixes(in: subnet)
                guard blocks == 0, aws.isComplete(subnet) || line?.code == "AWS-03" else { continue }
                return [fragmented(subnet, failures, line)]
            }
        }
        guard let line else {
            if candidates.isEmpty {
                return [
                    .of(
                        "AWS-02", "no address for pods of \(listed(rest.map(\.node.name)))", .possible,
                        at: rest.map(\.node.place), evidence: failures.evidence,
                        because: [
                            "the instance is not full, so the subnet has no address, or no block of sixteen (AWS-03)"
                        ],
                        explains: failures.symptoms,
                        fix: .init(
                            ["aws ec2 describe-subnets | poplin doctor --aws -"], risk: "none: it only reads"),
                        needs: ["aws ec2 describe-subnets and aws ec2 describe-network-interfaces"])
                ]
            }
            return []
        }
        return [
            .of(
                line.code,
                line.code == "AWS-03" ? "the subnet has no free block of sixteen" : "the subnet has no free address",
                told.isOpen ? .likely : .certain, at: rest.map(\.node.place),
                evidence: [line.evidence] + failures.evidence,
                because: ["EC2 refuses: so ipamd of the node says"], explains: failures.symptoms,
                needs: told.isOpen ? ["aws ec2 describe-subnets: AvailableIpAddressCount of the node's subnet"] : [])
        ]
    }

    private func empty(
        _ subnet: AWSFacts.Subnet, _ failures: [SandboxFailures.Failure],
        _ line: (code: String, evidence: Diagnosis.Evidence)?
    ) -> Diagnosis {
        .of(
            "AWS-02", "subnet \(subnet.id) (\(subnet.prefix)) has no free address", .certain, at: [subnet.id],
            evidence: [
                .init("AvailableIpAddressCount: 0", marking: "0", from: subnet.source)
            ] + [line?.evidence].compactMap { $0 } + failures.evidence,
            because: ["nodes take addresses for pods from their subnet, and \(subnet.prefix) has none left"],
            explains: failures.symptoms,
            fix: .init(
                [
                    "aws ec2 create-subnet --vpc-id \(subnet.network) --cidr-block RANGE"
                        + (subnet.zone.map { " --availability-zone \($0)" } ?? "")
                        + " --tag-specifications 'ResourceType=subnet,Tags=[{Key=kubernetes.io/role/cni,Value=1}]'"
                        + " # RANGE: of the VPC, used by nothing"
                ], undo: "aws ec2 delete-subnet --subnet-id NEW", risk: "nodes must be in the same zone as the subnet",
                seconds: 120),
            prevent: "a range of its own for pods (custom networking), of twice the addresses you expect",
            deadEnds: ["a larger instance type: it takes more of the same addresses"])
    }

    private func fragmented(
        _ subnet: AWSFacts.Subnet, _ failures: [SandboxFailures.Failure],
        _ line: (code: String, evidence: Diagnosis.Evidence)?
    ) -> Diagnosis {
        .of(
            "AWS-03", "subnet \(subnet.id) has \(subnet.free) free addresses and no free block of sixteen", .certain,
            at: [subnet.id],
            evidence: [
                .init(
                    "AvailableIpAddressCount: \(subnet.free)", marking: "\(subnet.free)", from: subnet.source)
            ] + [line?.evidence].compactMap { $0 } + failures.evidence,
            because: [
                "a prefix is sixteen addresses in a row that start at a multiple of sixteen; in each such block of "
                    + "\(subnet.prefix) at least one address is taken"
            ],
            explains: failures.symptoms,
            fix: .init(
                [
                    "aws ec2 create-subnet-cidr-reservation --subnet-id \(subnet.id) --reservation-type prefix "
                        + "--cidr <a part that can be emptied>",
                    "or a new subnet for pods, tagged kubernetes.io/role/cni=1",
                ], undo: "aws ec2 delete-subnet-cidr-reservation",
                risk: "addresses in use in that part stay until released"),
            deadEnds: ["counting free addresses: single ones are of no use for prefixes"])
    }

    // MARK: Pods

    /// Prefixes are on, and kubelets still allow what single addresses allowed.
    private func tooManyPods(_ aws: AWSFacts, _ facts: FactBase) -> [Diagnosis] {
        guard aws.delegatesPrefixes, let agent = aws.agent else { return [] }
        let refused = facts.events.first {
            $0.text("reason") == "FailedScheduling"
                && $0.message.contains("Too many pods")
        }
        guard let refused else { return [] }
        let old = facts.objects("nodes").filter { node in
            guard let type = aws.type(of: node),
                let allowed = node.int("status", "allocatable", "pods")
                    ?? node.text("status", "allocatable", "pods").flatMap({ Int64($0) })
            else { return false }
            return allowed <= Int64(type.podsByAddresses) || !type.isNitro
        }
        guard let first = old.first, let type = aws.type(of: first) else { return [] }
        let allowed = first.text("status", "allocatable", "pods") ?? "?"
        let pod = refused.subject?.key ?? "a pod"
        return [
            .of(
                "AWS-08",
                type.isNitro
                    ? "prefixes are on, and \(listed(old.map(\.name))) still allow \(allowed) pods"
                    : "\(type.name) takes no prefixes",
                .certain, at: old.prefix(4).map(\.place),
                evidence: [
                    .init("ENABLE_PREFIX_DELEGATION: true", from: agent.source),
                    .init("allocatable.pods: \(allowed)", marking: allowed, from: first.source),
                    .init(refused.message, from: refused.source),
                ],
                because: type.isNitro
                    ? [
                        "kubelet's max-pods was set when the node started, from single addresses: "
                            + "\(type.interfaces) x (\(type.addresses) - 1) + 2 = \(type.podsByAddresses)",
                        "prefixes give more addresses, and kubelet takes no more pods for it",
                    ]
                    : ["only instances on Nitro take prefixes; this one keeps single addresses"],
                explains: Set([refused].compactMap(\.subject).map { Symptom.pod($0.namespace, $0.name, .schedule) }),
                fix: .init(
                    [
                        "start new nodes with max-pods 110, and move pods there: kubectl drain \(first.name) --ignore-daemonsets"
                    ],
                    undo: "kubectl uncordon \(first.name)", risk: "\(pod) and others move when the new nodes are there"),
                deadEnds: ["raising WARM_PREFIX_TARGET: addresses are not what is missing"])
        ]
    }

    // MARK: Security groups for pods

    private func branches(_ facts: FactBase) -> [Diagnosis] {
        let resource = "vpc.amazonaws.com/pod-eni"
        let refused = facts.events.filter {
            $0.text("reason") == "FailedScheduling"
                && $0.message.contains("Insufficient \(resource)")
        }
        guard let event = refused.first else { return [] }
        let nodes = facts.objects("nodes")
        let limits = nodes.map { node in
            (node, node.text("status", "allocatable", resource).flatMap { Int64($0) } ?? 0)
        }
        let total = limits.reduce(0) { $0 + $1.1 }
        let users = facts.pods.filter { pod in
            !pod.isFinished && !pod.node.isEmpty
                && pod.containers.contains {
                    ($0.at("resources", "limits", resource) ?? $0.at("resources", "requests", resource)) != nil
                }
        }
        let symptoms = Set(refused.compactMap(\.subject).map { Symptom.pod($0.namespace, $0.name, .schedule) })
        return [
            .of(
                "AWS-06",
                total == 0
                    ? "no node has branch interfaces for pods with security groups"
                    : "all \(total) branch interfaces for pods with security groups are in use",
                .certain, at: limits.prefix(4).map(\.0.place),
                evidence: [.init(event.message, from: event.source)]
                    + limits.prefix(2).map {
                        .init("allocatable \(resource): \($0.1)", marking: "\($0.1)", from: $0.0.source)
                    },
                because: [
                    total == 0
                        ? "ENABLE_POD_ENI is off, or the instance types have no trunk interface (t types have none)"
                        : "a pod that a SecurityGroupPolicy selects needs an interface of its own; \(users.count) pods have one"
                ],
                explains: symptoms,
                fix: .init(
                    [
                        "more nodes, or a larger type; or fewer pods in the SecurityGroupPolicies: "
                            + "kubectl get securitygrouppolicies -A"
                    ], risk: "none: the command only reads"))
        ]
    }
}
