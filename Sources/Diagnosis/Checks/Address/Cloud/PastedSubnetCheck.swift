import JSONTree

/// A subnet without a free address, where somebody pasted EC2's answer and nothing of the cluster is known: that it is
/// full is certain, that pods wait for it is not.
struct PastedSubnetCheck: Check {
    let name = "AWS subnets"
    let codes = ["AWS-02"]
    let needs: [FactName] = []

    /// With the cluster's pods at hand ``AWSAddressCheck`` tells whose subnet it is.
    func applies(to facts: FactBase) -> Bool {
        !facts.has(.objects("pods")) && facts.cloudAnswer("aws", "describe-subnets") != nil
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        AWSFacts(facts, NetworkProviders(facts)).subnets.filter { $0.free == 0 }.map { subnet in
            .of(
                "AWS-02", "subnet \(subnet.id) (\(subnet.prefix)) has no free address", .likely, at: [subnet.id],
                evidence: [.init("AvailableIpAddressCount: 0", marking: "0", from: subnet.source)],
                because: ["nodes take addresses for pods from their subnet, and \(subnet.prefix) has none left"],
                needs: ["whether nodes are in \(subnet.id): poplin doctor with a kubeconfig, and --aws FILE"])
        }
    }
}
