import Addressing
import Findings

/// What the agent that writes masquerade rules is told to leave alone (RTE-14): where that is everything, no packet of a
/// pod leaves with the node's address.
struct MasqueradeAgentCheck: Check {
    let name = "masquerade"
    let codes = ["RTE-14"]
    let needs: [FactName] = [.objects("configmaps"), .objects("daemonsets.apps")]

    func applies(to facts: FactBase) -> Bool { agent(facts) != nil }

    private func agent(_ facts: FactBase) -> APIObject? {
        facts.daemonImages?.first { $0.image.contains("ip-masq-agent") }?.set
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let agent = agent(facts) else { return [] }
        return facts.objects("configmaps").compactMap { map in
            guard map.namespace == agent.namespace, map.name == "ip-masq-agent", let text = map.text("data", "config")
            else { return nil }
            let all = Self.untranslated(text).first { $0.length == 0 }
            guard let all else { return nil }
            return .machine(
                "RTE-14", "\(agent.name) is told to masquerade nothing: \(all) is among its exceptions", .likely,
                at: [map.place, agent.place],
                evidence: [.init("nonMasqueradeCIDRs: \(all)", marking: "\(all)", from: map.source)],
                because: [
                    "packets to \(all) keep the pod's address, and that is every packet: unless a gateway of the cloud translates pods' range, no answer finds its way back"
                ],
                fix: .init(
                    [
                        "kubectl -n \(map.namespace) edit configmap \(map.name)   # list the ranges of the VPC and of pods instead of \(all)"
                    ],
                    undo: "put \(all) back",
                    risk: "connections of pods to the world begin to leave with the node's address",
                    seconds: 60), needs: ["whether a NAT gateway of the cloud translates the pods' own range"])
        }
    }

    /// The ranges listed under `nonMasqueradeCIDRs`, of the agent's YAML or JSON.
    static func untranslated(_ text: String) -> [IPPrefix] {
        guard let start = text.firstRange(of: "nonMasqueradeCIDRs")?.upperBound else { return [] }
        let isPart: (Character) -> Bool = { $0.isHexDigit || $0 == "." || $0 == ":" || $0 == "/" }
        var found: [IPPrefix] = []
        for line in text[start...].split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            // The list ends with the next key.
            if line.offset > 0, let first = line.element.first, first != " ", first != "-", first != "]" { break }
            found += line.element.split { !isPart($0) }.compactMap { IPPrefix(String($0)) }
        }
        return found
    }
}
