import Addressing
import JSONTree

/// Kube-OVN's subnets: whether any address is left for the pods that ask and whose the others are (IPM-02, IPM-03), and
/// whether what pods send to the world leaves with an address that the world knows (RTE-14).
struct KubeOVNSubnetCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-02", "IPM-03", "RTE-14"]
    let needs: [FactName] = [.objects("subnets.kubeovn.io"), .objects("pods")]

    /// So many objects of pods that are gone are more than a deletion under way.
    private static let leftovers = 3

    func applies(to facts: FactBase) -> Bool { !facts.objects("subnets.kubeovn.io").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let pods = facts.pods
        let subnets = facts.objects("subnets.kubeovn.io")
        let failures = SandboxFailures(facts, pods: pods)
        return subnets.flatMap { subnet in
            [exhausted(subnet, subnets, pods, failures, facts), untranslated(subnet, subnets, pods, facts)]
                .compactMap { $0 }
        }
    }

    /// The subnet of a pod: what was given to it, else what its namespace has, else the default one.
    private static func subnet(of pod: PodView, _ subnets: [APIObject]) -> APIObject? {
        if let name = pod.object.annotations["ovn.kubernetes.io/logical_switch"] {
            return subnets.first { $0.name == name }
        }
        return subnets.first { $0.list("spec", "namespaces").contains { $0.string == pod.namespace } }
            ?? subnets.first { $0.bool("spec", "default") ?? false }
    }

    // MARK: IPM-02, IPM-03

    private func exhausted(
        _ subnet: APIObject, _ subnets: [APIObject], _ pods: [PodView], _ failures: SandboxFailures, _ facts: FactBase
    ) -> Diagnosis? {
        guard subnet.int("status", "v4availableIPs") == 0 || subnet.int("status", "v6availableIPs") == 0 else {
            return nil
        }
        let waiting = pods.filter { $0.waitsForSandbox && Self.subnet(of: $0, subnets)?.name == subnet.name }
        let said = waiting.lazy.compactMap { pod in
            facts.events(ofPod: pod.object, "AcquireAddressFailed").last.map {
                Diagnosis.Evidence($0.message, from: $0.source)
            } ?? failures.byNode[pod.node]?.first { $0.pod.id == pod.id }.map { .init($0.message, from: $0.source) }
        }.first
        guard let said else { return nil }
        let known = Dictionary(pods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let held = facts.objects("ips.kubeovn.io").filter {
            $0.text("spec", "subnet") == subnet.name && $0["metadata", "deletionTimestamp"]?.string == nil
        }
        // A virtual machine keeps its address while it is off, and its name is no pod's.
        let stale = held.filter { item in
            guard item.text("spec", "podType") != "VirtualMachine", let pod = item.text("spec", "podName") else {
                return false
            }
            return known["\(item.text("spec", "namespace") ?? "")/\(pod)"].map(\.isFinished) ?? true
        }
        let range = subnet.text("spec", "cidrBlock") ?? ""
        let used = subnet.int("status", "v4usingIPs").map(Int.init(clamping:)) ?? held.count
        let symptoms = waiting.reduce(into: Set<String>()) { $0.formUnion($1.symptoms) }
        let count = Diagnosis.Evidence("v4availableIPs: 0, v4usingIPs: \(used)", marking: "0", from: subnet.source)
        if stale.count >= Self.leftovers {
            let first = stale[0]
            return .of(
                "IPM-03",
                "subnet \(subnet.name) (\(range)) holds \(counted(stale.count, "address")) for pods that are gone",
                .certain, at: [subnet.place], evidence: [count, .init(Self.text(first), from: first.source), said],
                because: [
                    "\(stale.count) of \(counted(held.count, "address")) are of pods that no longer exist, such as \(first.text("spec", "podName") ?? "")",
                    "Kube-OVN keeps an object for each address it gave; what is not deleted with its pod stays taken",
                ],
                explains: symptoms,
                fix: .init(
                    stale.prefix(5).map { "kubectl delete ips.kubeovn.io \($0.name)   # look again: no such pod" },
                    undo: "none: the address is free again", risk: "only of pods that are not there", seconds: 10),
                prevent: "upgrade Kube-OVN: its collector finds such addresses by itself")
        }
        return .of(
            "IPM-02", "subnet \(subnet.name) (\(range)) has no free address: pods that run have them all",
            held.isEmpty ? .likely : .certain, at: [subnet.place], evidence: [count, said],
            because: ["\(counted(used, "address")) are given, and each is of a pod that is there"],
            explains: symptoms,
            fix: .init(
                ["kubectl create -f <a Subnet with a larger range, for other namespaces>"],
                undo: "delete it when no pod has an address of it", risk: "it must overlap no other range", seconds: 30),
            prevent: "size a namespace's subnet for all pods it may have at once, and twice during a rollout",
            needs: ["kubectl get ips.kubeovn.io -l ovn.kubernetes.io/subnet=\(subnet.name): whose they are"])
    }

    private static func text(_ address: APIObject) -> String {
        "\(address.text("spec", "ipAddress") ?? ""): pod \(address.text("spec", "namespace") ?? "")/\(address.text("spec", "podName") ?? "")"
    }

    // MARK: RTE-14

    /// A subnet of the cluster's own VPC that nobody translates: where its pods say that nothing outside answers, the
    /// world does not know it.
    private func untranslated(
        _ subnet: APIObject, _ subnets: [APIObject], _ pods: [PodView], _ facts: FactBase
    ) -> Diagnosis? {
        guard subnet.name != "join", subnet.bool("spec", "natOutgoing") != true,
            (subnet.text("spec", "vlan") ?? "").isEmpty,
            ["ovn-cluster", nil, ""].contains(subnet.text("spec", "vpc")),
            let range = subnet.text("spec", "cidrBlock")?.split(separator: ",").lazy.compactMap({
                IPPrefix(String($0))
            }).first, MasqueradeCheck.isPrivate(range.first)
        else { return nil }
        let inside = Set(pods.filter { Self.subnet(of: $0, subnets)?.name == subnet.name }.map(\.id))
        let known = subnets.flatMap { ($0.text("spec", "cidrBlock") ?? "").split(separator: ",") }
            .compactMap { IPPrefix(String($0)) }
        let outward = FailedConnection.all(facts).filter { failure in
            inside.contains(failure.pod) && failure.isSilence && !facts.isOfCluster(failure.address)
                && !known.contains { $0.contains(failure.address) }
        }
        guard outward.count > 1, let first = outward.first else { return nil }
        return .of(
            "RTE-14", "pods of subnet \(subnet.name) send to the world with their own addresses", .likely,
            at: [subnet.place],
            evidence: [
                .init("natOutgoing: false", marking: "false", from: subnet.source),
                .init(first.line, from: first.source),
            ],
            because: [
                "\(range) is private, and the subnet has natOutgoing off: answers from outside find no way back",
                "\(first.pod) waits in vain for \(first.address)",
            ],
            fix: .init(
                ["kubectl patch subnets.kubeovn.io \(subnet.name) --type merge -p '{\"spec\":{\"natOutgoing\":true}}'"],
                undo: "the same with false", risk: "connections of its pods to the world leave with the node's address",
                seconds: 10),
            needs: ["whether a router outside has a route to \(range)"])
    }
}
