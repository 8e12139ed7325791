import JSONTree

/// Cilium that hands out a cloud's addresses itself: its operator writes into each CiliumNode what the cloud refuses now.
struct CiliumCloudCheck: Check {
    let name = "Cilium's addresses of the cloud"
    let codes = ["AWS-01", "AWS-02", "AWS-03", "AWS-04"]
    let needs: [FactName] = [.objects("ciliumnodes.cilium.io")]

    func applies(to facts: FactBase) -> Bool {
        facts.objects("ciliumnodes.cilium.io").contains { !error(of: $0).isEmpty }
    }

    private func error(of node: APIObject) -> String { node.text("status", "ipam", "operator-status", "error") ?? "" }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let failures = SandboxFailures(facts, pods: facts.pods)
        var groups: [String: [(node: APIObject, sign: MessageReading.Sign)]] = [:]
        for node in facts.objects("ciliumnodes.cilium.io") {
            guard let sign = MessageReading.sign(of: error(of: node), from: node.source), codes.contains(sign.code)
            else { continue }
            groups[sign.code, default: []].append((node, sign))
        }
        return groups.sorted { $0.key < $1.key }.compactMap { code, group in
            guard let cause = Cause.coded(code) else { return nil }
            let names = group.map(\.node.name).sorted()
            let waiting = names.flatMap { failures.byNode[$0] ?? [] }
            return .of(
                code, "\(cause.title): Cilium's operator gets nothing for \(listed(names))", .certain,
                at: names.map { "Node/\($0)" }, evidence: group.prefix(2).map(\.sign.evidence) + waiting.evidence,
                because: [
                    "the operator asks the cloud for addresses and writes what it is answered into each CiliumNode",
                    cause.mechanism,
                ], explains: waiting.symptoms)
        }
    }
}
