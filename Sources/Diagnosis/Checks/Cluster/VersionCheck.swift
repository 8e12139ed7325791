import JSONTree

/// Whether releases go together: agents with the kernels and the Kubernetes they run on, kubelets with the API server.
/// Before an install or an upgrade it tells all of it; in a cluster that runs, what an agent lacks is told only where the
/// agent does not run (``AgentCheck``).
struct VersionCheck: Check {
    let name = "versions"
    let codes = ["INS-09"]
    let needs: [FactName] = [.objects("nodes")]

    func findings(_ facts: FactBase) -> [Diagnosis] {
        kernels(facts) + [untested(facts), kubelets(facts)].compactMap { $0 }
    }

    /// What an agent asks of a machine's kernel and does not get.
    struct Shortfall: Sendable {
        var component: RecognisedComponent
        var release: ReleaseNumber
        var node: APIObject
        var kernel: String
        var wanted: ReleaseNumber
        var row: ReleaseRequirement

        var evidence: [Diagnosis.Evidence] {
            [
                .init("kernelVersion: \(kernel)", marking: kernel, from: node.source),
                .init(
                    "image: \(component.image)", marking: ImageName(component.image).tag,
                    from: component.workload?.source ?? FactSource(component.place)),
            ]
        }

        var because: String {
            "\(component.component.name) \(release) needs Linux \(wanted) or newer, and \(node.name) runs \(kernel) "
                + "(\(row.source), \(row.date))"
        }
    }

    static func shortfall(of component: RecognisedComponent, on node: APIObject) -> Shortfall? {
        guard let release = ReleaseNumber(ImageName(component.image).tag),
            let kernel = node.text("status", "nodeInfo", "kernelVersion"), let running = ReleaseNumber(kernel)
        else { return nil }
        for row in ReleaseRequirement.of(component.component.name, release) {
            guard let wanted = row.kernel, running < wanted, !row.backports.contains(where: kernel.contains) else {
                continue
            }
            return Shortfall(
                component: component, release: release, node: node, kernel: kernel, wanted: wanted, row: row)
        }
        return nil
    }

    private func kernels(_ facts: FactBase) -> [Diagnosis] {
        facts.components(.agent).compactMap { component in
            let short = facts.objects("nodes").compactMap { Self.shortfall(of: component, on: $0) }
            guard let first = short.first else { return nil }
            return .of(
                "INS-09",
                "\(first.component.component.name) \(first.release) does not start on the kernel of "
                    + listed(short.map(\.node.name)), .likely,
                at: [component.place] + short.prefix(6).map { "Node/\($0.node.name)" }, evidence: first.evidence,
                because: [first.because], fix: Self.fix(first),
                deadEnds: ["restarting the agent: its kernel stays what it is"],
                needs: ["the agent's last lines on \(first.node.name) once it was started there"])
        }
    }

    static func fix(_ short: Shortfall) -> Diagnosis.Fix {
        .init(
            [
                "kubectl drain \(short.node.name) --ignore-daemonsets --delete-emptydir-data",
                "on \(short.node.name): install a kernel of \(short.wanted) or newer from the distribution, and reboot",
                "kubectl uncordon \(short.node.name)",
                "or stay on the release before: kubectl -n \(short.component.namespace) rollout undo "
                    + "daemonset/\(short.component.workload?.name ?? short.component.component.name)",
            ], undo: "boot the kernel before: it stays in the boot menu",
            risk: "the pods of one node move elsewhere", seconds: 600)
    }

    /// Kubernetes that a release of an agent was not tried with: no fault, and worth knowing before an upgrade.
    private func untested(_ facts: FactBase) -> Diagnosis? {
        guard let server = Self.server(facts) else { return nil }
        for component in facts.components(.agent) {
            guard let release = ReleaseNumber(ImageName(component.image).tag) else { continue }
            for row in ReleaseRequirement.of(component.component.name, release) {
                guard let tested = row.kubernetes, server.version.major == 1, !tested.contains(server.version.minor)
                else { continue }
                return .of(
                    "INS-09", "\(component.component.name) \(release) was not tested with Kubernetes \(server.version)",
                    .possible, at: [component.place],
                    evidence: [
                        .init("image: \(component.image)", from: component.workload?.source ?? FactSource("images")),
                        .init(server.text, from: server.source),
                    ],
                    because: [
                        "its makers test it with Kubernetes 1.\(tested.lowerBound) to 1.\(tested.upperBound) (\(row.source), \(row.date))"
                    ],
                    fix: .init(
                        [
                            "upgrade \(component.component.name) first, to a release that is tested with Kubernetes \(server.version)"
                        ],
                        undo: "the release before", risk: "one node after the other", seconds: nil),
                    needs: ["the release notes of both: what was deprecated and is gone"])
            }
        }
        return nil
    }

    private static func server(_ facts: FactBase) -> (version: ReleaseNumber, text: String, source: FactSource)? {
        guard let document = facts.evidence[EvidencePath.version],
            let text = (try? JSONTree(parsing: document.bytes).root)?.at("serverVersion", "gitVersion")?.string,
            let version = ReleaseNumber(text)
        else { return nil }
        return (ReleaseNumber(version.major, version.minor), "serverVersion: \(text)", document.source)
    }

    private func kubelets(_ facts: FactBase) -> Diagnosis? {
        guard let server = Self.server(facts) else { return nil }
        let far = facts.objects("nodes").filter { node in
            guard let version = node.text("status", "nodeInfo", "kubeletVersion").flatMap({ ReleaseNumber($0) }),
                version.major == server.version.major
            else { return false }
            let lag = server.version.minor - version.minor
            return lag < 0 || lag > ReleaseRequirement.kubeletMayLag
        }
        guard let first = far.first, let version = first.text("status", "nodeInfo", "kubeletVersion") else {
            return nil
        }
        return .of(
            "INS-09", "the kubelet of \(listed(far.map(\.name))) does not go with the API server", .likely,
            at: far.prefix(6).map(\.place),
            evidence: [
                .init("kubeletVersion: \(version)", marking: version, from: first.source),
                .init(server.text, from: server.source),
            ],
            because: [
                "a kubelet may be \(ReleaseRequirement.kubeletMayLag) minor releases older than the API server and never newer (\(ReleaseRequirement.kubeletSource))"
            ],
            fix: .init(
                [
                    "kubectl drain \(first.name) --ignore-daemonsets --delete-emptydir-data",
                    "on \(first.name): install a kubelet of \(server.version), restart it",
                    "kubectl uncordon \(first.name)",
                ], undo: "the kubelet before", risk: "the pods of one node move elsewhere", seconds: 300),
            deadEnds: ["upgrading the CNI first: it has no part in this"], needs: ["kubectl get nodes"])
    }
}
