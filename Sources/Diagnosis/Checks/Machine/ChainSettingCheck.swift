import JSONTree

/// Pods that ask for a port of their node where the list that the network's agent installs, as its ConfigMap has it, has
/// nobody who would do it (CFG-09). On machines that were looked into the installed list decides.
struct ChainSettingCheck: Check {
    let name = "chain of plugins in the agent's settings"
    let codes = ["CFG-09"]
    let needs: [FactName] = [.objects("pods"), .objects("configmaps")]

    /// Networks that leave host ports to the chain.
    private static let chained: Set<String> = ["flannel", "calico", "canal", "weave", "kube-router", "antrea"]

    func applies(to facts: FactBase) -> Bool {
        !facts.machines.contains { !$0.files(under: "/etc/cni/net.d").isEmpty } && !lists(facts).isEmpty
    }

    private struct List {
        /// Of the agent that installs it.
        var agent: String
        var map: APIObject
        var key: String
        var types: [String]
        var hasPorts: Bool
    }

    private func lists(_ facts: FactBase) -> [List] {
        let agents = facts.components(.agent)
        guard agents.count == 1, let agent = agents.first, Self.chained.contains(agent.component.name) else {
            return []
        }
        return facts.objects("configmaps").filter { $0.namespace == agent.namespace }.flatMap { map in
            (map.node.member("data").map { Array($0.members) } ?? []).compactMap { member -> List? in
                guard let text = member.value.string, text.contains("\"plugins\""), text.contains("\"type\""),
                    let root = try? JSONTree(parsing: Array(Self.filled(text).utf8)).root,
                    let plugins = root.member("plugins")?.elements.map({ $0 })
                else { return nil }
                let types = plugins.compactMap { $0.member("type")?.string }
                let isOurs = types.contains { $0 == agent.component.name || $0 == "flannel" || $0 == "calico" }
                guard isOurs else { return nil }
                return List(
                    agent: agent.workload?.name ?? "<the agent's>", map: map, key: member.key, types: types,
                    hasPorts: types.contains("portmap")
                        || plugins.contains { $0.at("capabilities", "portMappings")?.bool == true })
            }
        }
    }

    /// Installers put their values where two underscores stand on both sides of a name.
    private static func filled(_ text: String) -> String {
        var parts = text.split(separator: "__", omittingEmptySubsequences: false).map(String.init)
        for place in parts.indices
        where place % 2 == 1 && parts[place].allSatisfy({ $0.isUppercase || $0 == "_" || $0.isNumber }) {
            parts[place] = "0"
        }
        return parts.joined()
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let lists = lists(facts)
        guard lists.count == 1, let list = lists.first, !list.hasPorts else { return [] }
        for pod in facts.pods where !pod.isFinished && !pod.isTerminating && !pod.isOnHostNetwork {
            guard
                let port = pod.containers.lazy.flatMap({ $0.member("ports").map { Array($0.elements) } ?? [] })
                    .compactMap({ $0.member("hostPort")?.int }).first(where: { $0 > 0 })
            else { continue }
            return [
                .of(
                    "CFG-09",
                    "\(pod.id) asks for hostPort \(port), and the chain that \(list.map.name) installs has no portmap",
                    .likely, at: [list.map.place, pod.object.place],
                    evidence: [
                        .init("\(list.key): plugins \(list.types.joined(separator: ", "))", from: list.map.source),
                        .init("hostPort: \(port)", marking: "\(port)", from: pod.object.source),
                    ],
                    because: [
                        "the runtime hands the wish only to a plugin that declares the capability portMappings; without one it is left out in silence"
                    ],
                    fix: .init(
                        [
                            "kubectl -n \(list.map.namespace) edit configmap \(list.map.name)   # add {\"type\": \"portmap\", \"capabilities\": {\"portMappings\": true}} to plugins",
                            "kubectl -n \(list.map.namespace) rollout restart daemonset \(list.agent)   # its pods install the list anew",
                            "kubectl -n \(pod.namespace) delete pod \(pod.name)   # made anew when its node has the new list",
                        ], undo: "take it out again",
                        risk: "the agents restart one after the other; only new pods see it",
                        seconds: 120), prevent: "keep portmap in the chain",
                    needs: ["cat /etc/cni/net.d/*   # on \(pod.node): the list that is installed"])
            ]
        }
        return []
    }
}
