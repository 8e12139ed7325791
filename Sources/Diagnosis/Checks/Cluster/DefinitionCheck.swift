/// Agents and controllers that ask for a kind of object which the cluster has no definition of: the image is of another
/// release than what was applied before it (INS-09).
struct DefinitionCheck: Check {
    let name = "definitions of kinds"
    let codes = ["INS-09"]
    let needs: [FactName] = [.objects("pods")]

    private static let lines = 200
    private static let said = "the server could not find the requested resource (get "

    func applies(to facts: FactBase) -> Bool { !facts.evidence.documents(under: EvidencePath.logs).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let defined = Set(facts.objects("customresourcedefinitions.apiextensions.k8s.io").map(\.name))
        return facts.components(.agent, .controller, .policy, .chained, .loadBalancer).compactMap { component in
            let ailing = component.pods.filter { !$0.isDeleted && !$0.isCondition("Ready") }
            var asked: [(kind: String, pod: APIObject, line: Diagnosis.Evidence)] = []
            for pod in ailing {
                for log in facts.logs(pod.namespace, pod.name) {
                    for line in log.lines.suffix(Self.lines) {
                        guard let kind = Self.kind(in: line), !defined.contains(kind),
                            !asked.contains(where: { $0.kind == kind })
                        else { continue }
                        asked.append((kind, pod, .init(MessageReading.shortened(String(line)), from: log.source)))
                    }
                }
            }
            guard let first = asked.first else { return nil }
            let kinds = asked.map(\.kind)
            var finding = Diagnosis.of(
                "INS-09",
                "\(component.component.name) asks for kinds that the cluster does not know: \(listed(kinds))",
                defined.isEmpty ? .likely : .certain, at: [component.place], evidence: asked.prefix(2).map(\.line),
                because: [
                    "the API server answers that there is no such resource",
                    defined.isEmpty
                        ? "an image of a newer release asks for kinds of its own"
                        : "of \(defined.count) definitions in the cluster none is \(kinds[0])",
                ],
                explains: facts.pods.filter { pod in ailing.contains { "\($0.namespace)/\($0.name)" == pod.id } }
                    .reduce(into: []) { $0.formUnion($1.symptoms) },
                fix: .init(
                    [
                        "kubectl apply --server-side -f CRDS-OF-THE-SAME-RELEASE   # as \(component.image)",
                        "kubectl -n \(component.namespace) rollout status \(component.workload?.kind.lowercased() ?? "daemonset")/\(component.workload?.name ?? first.pod.name)",
                    ], undo: "put back the image of the release before", risk: "definitions are only added",
                    seconds: 60),
                prevent: "upgrade in the provider's order: custom resources, then operator, then agents",
                deadEnds: ["restarting the agent: it asks for the same kinds"])
            if defined.isEmpty { finding.needs = ["kubectl get crds: whether \(kinds[0]) is among them"] }
            return finding
        }
    }

    /// `tiers.crd.projectcalico.org` of `… (get tiers.crd.projectcalico.org)`.
    private static func kind(in line: Substring) -> String? {
        guard let start = line.firstRange(of: said)?.upperBound, let end = line[start...].firstIndex(of: ")")
        else { return nil }
        let kind = line[start..<end].prefix { $0 != " " }
        return kind.contains(".") && !kind.hasSuffix(".k8s.io") ? String(kind) : nil
    }
}
