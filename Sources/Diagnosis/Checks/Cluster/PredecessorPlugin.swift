import JSONTree

/// Sandboxes that still call the plugin of a network which is no longer here: its configuration was left on the node and
/// sorts before the present one's (CFG-04).
struct PredecessorPlugin {
    private let facts: FactBase
    private let images: [String]

    init(_ facts: FactBase) {
        self.facts = facts
        images =
            (facts.objects("daemonsets.apps").flatMap { $0.list("spec", "template", "spec", "containers") }
            + facts.objects("pods").flatMap { $0.list("spec", "containers") }).compactMap {
                $0.member("image")?.string
            }
    }

    /// Whose plugin a message of the runtime names, and which agent is ready on that node instead. Nil where that network
    /// runs anywhere in the cluster, or where nobody can say.
    func named(by message: String, on node: String) -> (former: NetworkProvider, present: RecognisedComponent)? {
        guard facts.has(.objects("pods")), let type = Self.plugin(in: message),
            let former = NetworkProvider.all.first(where: { $0.plugins.contains(type) }), !former.isCompanion,
            !images.contains(where: { image in former.images.contains { image.contains($0) } }),
            // flannel lives in k3s' own process, and Amazon's plugin may be a managed node's.
            facts.objects("nodes").allSatisfy({ TunnelEnd($0) == nil || former.name != "flannel" })
        else { return nil }
        let present = facts.components(.agent).first { component in
            component.component.name.hasPrefix(former.name) == false
                && component.pods(on: node).contains { !$0.isDeleted && $0.isCondition("Ready") }
        }
        return present.map { (former, $0) }
    }

    /// `plugin type="cilium-cni" failed (add)`, with or without the marks of quoting.
    private static func plugin(in message: String) -> String? {
        let plain = String(message.filter { $0 != "\\" })
        guard let start = plain.firstRange(of: "plugin type=\"")?.upperBound,
            let end = plain[start...].firstIndex(of: "\"")
        else { return nil }
        return String(plain[start..<end])
    }

    func diagnosis(
        _ found: (former: NetworkProvider, present: RecognisedComponent), _ symptoms: [Symptom],
        _ evidence: [Diagnosis.Evidence]
    ) -> Diagnosis {
        let nodes = Set(symptoms.map(\.node)).subtracting([""]).sorted()
        return .of(
            "CFG-04",
            "\(listed(nodes)) still \(nodes.count == 1 ? "calls" : "call") the plugin of \(found.former.name), which is gone",
            .likely, at: nodes.map { "Node/\($0)" } + [found.present.place],
            evidence: Array(evidence.prefix(2)) + [
                .init(
                    "\(found.present.component.name) is ready there; nothing of \(found.former.name) runs in the cluster",
                    from: found.present.workload?.source ?? found.present.pods[0].source)
            ],
            because: [
                "the runtime takes the first configuration by name, and that one names \(found.former.name)'s plugin",
                "\(found.present.component.name) runs, so that its own configuration is there as well, behind it",
            ],
            explains: Set(symptoms.map(\.id)),
            fix: .init(
                [
                    "ls -l /etc/cni/net.d   # on \(listed(nodes)): which file is \(found.former.name)'s",
                    "mv THAT-FILE /root/   # the runtime reads the folder anew by itself",
                ], undo: "mv it back", risk: "running pods keep their network; only new ones are set up otherwise",
                seconds: 30),
            prevent: "take a network's own files away from every node when it is taken away",
            needs: ["ls /etc/cni/net.d on \(listed(nodes)): a file of \(found.former.name) that sorts first"])
    }
}
