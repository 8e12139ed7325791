import Addressing
import JSONTree

/// Who may reach the pods behind a Service as the security groups of their interfaces have it: the node's own, or a
/// branch interface's with groups of its own (AWS-05).
struct SecurityGroupReach {
    private let facts: FactBase
    private let answer: (groups: [String: JSONNode], source: FactSource)?
    /// Groups by address, of every interface that was read.
    private let groups: [IPAddress: [String]]
    /// Addresses of branch interfaces.
    private let branches: Set<IPAddress>

    init(_ facts: FactBase) {
        self.facts = facts
        let listed = facts.cloudAnswer("aws", "describe-security-groups")
        answer = listed.map { listed in
            (
                Dictionary(
                    listed.list("SecurityGroups").compactMap { group in
                        group.member("GroupId")?.string.map { ($0, group) }
                    }, uniquingKeysWith: { first, _ in first }), listed.source
            )
        }
        var groups: [IPAddress: [String]] = [:]
        var branches: Set<IPAddress> = []
        for (interface, _) in AWSFacts.interfaces(facts) {
            let own = interface.list("Groups").compactMap { $0.member("GroupId")?.string }
            for item in interface.list("PrivateIpAddresses") {
                guard let address = item.member("PrivateIpAddress")?.string.flatMap({ IPAddress($0) }) else { continue }
                groups[address] = own
                if interface.member("InterfaceType")?.string == "branch" { branches.insert(address) }
            }
        }
        Self.derive(&groups, &branches, facts, isKnown: !groups.isEmpty)
        self.groups = groups
        self.branches = branches
    }

    /// A pod with a branch interface says so in an annotation of the resource controller, and has the groups of the
    /// policies that select it: no instance lists that interface. Without a list of interfaces every other pod has those of
    /// its node.
    private static func derive(
        _ groups: inout [IPAddress: [String]], _ branches: inout Set<IPAddress>, _ facts: FactBase, isKnown: Bool
    ) {
        let ofNodes = SecurityGroupCheck.groupsOfNodes(facts)
        let policies = facts.objects("securitygrouppolicies.vpcresources.k8s.aws")
        for pod in facts.pods where !pod.isFinished && !pod.isOnHostNetwork {
            guard let address = pod.addresses.first else { continue }
            guard pod.object.annotations["vpc.amazonaws.com/pod-eni"] != nil else {
                if !isKnown { groups[address] = ofNodes[pod.node] }
                continue
            }
            if branches.contains(address) { continue }
            let own = policies.filter { policy in
                policy.namespace == pod.namespace && policy["spec", "podSelector"] != nil
                    && policy["spec", "podSelector", "matchExpressions"] == nil
                    && MeshPods.isMatched(pod.object, by: policy["spec", "podSelector"])
            }
            let found = own.flatMap { $0.list("spec", "securityGroups", "groupIds").compactMap(\.string) }
            if !found.isEmpty {
                groups[address] = Set(found).sorted()
                branches.insert(address)
            }
        }
    }

    /// Groups of branch interfaces, each with an address that has them.
    var branchGroups: [(groups: [String], address: IPAddress)] {
        var seen: Set<[String]> = []
        return branches.sorted().compactMap { address in
            guard let own = groups[address], !own.isEmpty, seen.insert(own).inserted else { return nil }
            return (own, address)
        }
    }

    /// Services whose pods nobody of the cluster may reach at their port.
    func findings() -> [Diagnosis] {
        guard let answer, !groups.isEmpty else { return [] }
        let pods = facts.pods.filter { !$0.isFinished && !$0.isOnHostNetwork && !$0.isTerminating }
        let clients = Dictionary(
            pods.flatMap { pod in pod.addresses.compactMap { address in groups[address].map { (address, $0) } } },
            uniquingKeysWith: { first, _ in first })
        for entry in ServiceMap(facts).entries {
            // Of names DNS-09 speaks.
            if entry.ports.contains(where: { $0.number == 53 }) { continue }
            for port in entry.ports where port.transport == "TCP" {
                for pod in entry.pods {
                    guard let address = pod.addresses.first, let own = groups[address], !own.isEmpty,
                        let number = number(port, pod)
                    else { continue }
                    let known = own.compactMap { answer.groups[$0] }
                    // A group that was not read may be the one that opens it.
                    guard known.count == own.count else { break }
                    // Pods of the same node and interface do not pass a group.
                    let others = clients.filter { other, groups in
                        other != address && (branches.contains(address) || !shareNode(other, pod, pods))
                    }
                    guard !others.isEmpty else { continue }
                    let isOpen = others.contains { other, theirs in
                        known.contains { group in
                            group.list("IpPermissions").contains {
                                SecurityGroupCheck.allows($0, "tcp", number, from: theirs, other)
                            }
                        }
                    }
                    if isOpen { continue }
                    return [finding(entry, pod, own, number, Set(others.values.flatMap { $0 }).sorted(), answer.source)]
                }
            }
        }
        return []
    }

    private func shareNode(_ address: IPAddress, _ pod: PodView, _ pods: [PodView]) -> Bool {
        pods.first { $0.addresses.contains(address) }?.node == pod.node
    }

    private func number(_ port: ServiceMap.Port, _ pod: PodView) -> Int64? {
        port.targetNumber ?? pod.ports.first { $0.name == port.target && $0.transport == port.transport }?.number
    }

    private func finding(
        _ entry: ServiceMap.Entry, _ pod: PodView, _ own: [String], _ port: Int64, _ clients: [String],
        _ source: FactSource
    ) -> Diagnosis {
        let isBranch = pod.addresses.contains(where: branches.contains)
        let policy = facts.objects("securitygrouppolicies.vpcresources.k8s.aws").first { policy in
            policy.namespace == pod.namespace
                && policy.list("spec", "securityGroups", "groupIds").contains { own.contains($0.string ?? "") }
        }
        let command =
            "--group-id \(own[0]) --protocol tcp --port \(port) --source-group \(clients.first ?? own[0])"
        return .of(
            "AWS-05", "security group \(listed(own)) lets nobody of the cluster reach \(entry.id) at \(port)", .likely,
            at: [own[0], entry.object.place, pod.object.place] + [policy?.place].compactMap { $0 },
            evidence: [
                .init(
                    "\(listed(own)): no IpPermissions for tcp \(port) from \(listed(clients))", marking: "tcp \(port)",
                    from: source),
                .init("podIP: \(pod.addresses[0])", marking: "\(pod.addresses[0])", from: pod.object.source),
            ] + (policy.map { [.init("groupIds: \(listed(own))", from: $0.source)] } ?? []),
            because: [
                isBranch
                    ? "\(pod.id) has a branch interface of its own: what comes to it passes the groups of that interface and not the node's"
                    : "packets of pods on other nodes pass the groups of the node's interface",
                "the other pods' interfaces have \(listed(clients)), and no rule of \(listed(own)) admits one of them or their addresses",
            ], explains: pod.symptoms.union(entry.readyEndpoints.isEmpty ? [entry.symptom] : []),
            fix: .init(
                ["aws ec2 authorize-security-group-ingress \(command)"],
                undo: "aws ec2 revoke-security-group-ingress \(command)", risk: "opens that one port to that group",
                seconds: 10),
            prevent: "rules that name the groups of clients beside the SecurityGroupPolicy",
            deadEnds: ["NetworkPolicies: groups are asked as well, and both must allow"],
            needs: [
                "from a pod of another node: nc -vz \(pod.addresses[0]) \(port); VPC flow logs of the interface say REJECT"
            ])
    }
}
