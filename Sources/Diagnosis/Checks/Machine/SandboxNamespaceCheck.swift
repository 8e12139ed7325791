/// Sandboxes whose network namespace is gone (RTE-04), and namespaces of no sandbox that still hold another pod's address
/// (IPM-06).
struct SandboxNamespaceCheck: Check {
    let name = "network namespaces"
    let codes = ["RTE-04", "IPM-06"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { facts.machines.contains { $0.runtimeSandboxes != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.machines.flatMap { machine -> [Diagnosis] in
            guard let sandboxes = machine.runtimeSandboxes, let names = machine.namespacePaths else { return [] }
            return gone(sandboxes, names, machine, facts) + held(sandboxes, names, machine)
        }
    }

    // MARK: RTE-04

    private func gone(
        _ sandboxes: [RuntimeSandbox], _ names: Set<String>, _ machine: NodeEvidence, _ facts: FactBase
    ) -> [Diagnosis] {
        let lost = sandboxes.filter { sandbox in
            guard sandbox.isReady, let path = sandbox.networkNamespace, path.hasPrefix("/run/netns/") else {
                return false
            }
            // One that is being taken down is gone for that moment.
            return !names.contains(path) && !(facts.object("pods", sandbox.namespace, sandbox.pod)?.isDeleted ?? false)
        }
        guard let first = lost.first else { return [] }
        let pods = lost.map { "\($0.namespace)/\($0.pod)" }
        return [
            .machine(
                "RTE-04",
                lost.count == 1
                    ? "The network namespace of \(pods[0]) on \(machine.name) is gone"
                    : "The network namespaces of \(lost.count) pods on \(machine.name) are gone",
                .certain, at: [machine.place] + pods.prefix(5).map { "Pod/\($0)" },
                evidence: lost.prefix(3).map { sandbox in
                    machine.quote(
                        "\(sandbox.namespace)/\(sandbox.pod): SANDBOX_READY, network namespace \(sandbox.networkNamespace ?? "")",
                        .sandboxes, "crictl inspectp \(sandbox.id.prefix(13))")
                } + [
                    machine.quote(
                        "/run/netns: \(counted(names.count, "name")), none of these", .fileList, "ls /run/netns")
                ],
                because: [
                    "the runtime still takes the sandbox for ready, but its interface, address and routes went with the namespace:",
                    "nothing reaches the pod, and nobody makes it anew by itself",
                ],
                explains: Set(pods.map { "pod \($0) ready" }),
                fix: .init(
                    ["kubectl -n \(first.namespace) delete pod \(first.pod)   # its owner makes it anew"]
                        + (lost.count > 1
                            ? ["the same for the others: \(pods.dropFirst().prefix(5).joined(separator: " "))"] : []),
                    undo: "none is needed", risk: "the pod is made anew", seconds: 30),
                prevent: "nothing but the runtime may remove names from /run/netns",
                deadEnds: ["restarting the container: a new one joins the same lost namespace"])
        ]
    }

    // MARK: IPM-06

    private func held(_ sandboxes: [RuntimeSandbox], _ names: Set<String>, _ machine: NodeEvidence) -> [Diagnosis] {
        let ids = Set(sandboxes.map(\.id))
        let owned = Set(sandboxes.compactMap(\.networkNamespace))
        var owners: [String: RuntimeSandbox] = [:]
        for sandbox in sandboxes where sandbox.isReady {
            for address in sandbox.addresses { owners[address] = sandbox }
        }
        let found = machine.keptResults.compactMap { old -> (old: KeptResult, address: String, pod: RuntimeSandbox)? in
            guard !ids.contains(old.container), names.contains(old.networkNamespace),
                !owned.contains(old.networkNamespace),
                let address = old.addresses.map({ "\($0)" }).first(where: { owners[$0] != nil }),
                let pod = owners[address]
            else { return nil }
            return (old, address, pod)
        }
        return found.prefix(3).map { entry in
            let pod = "\(entry.pod.namespace)/\(entry.pod.pod)"
            let name = String(entry.old.networkNamespace.split(separator: "/").last ?? "")
            return .machine(
                "IPM-06", "\(entry.address) of \(pod) is also in a namespace that no sandbox has", .certain,
                at: [machine.place, "Pod/\(pod)", entry.old.networkNamespace],
                evidence: [
                    machine.quote(
                        "\(entry.address): container \(entry.old.container.prefix(13)), \(entry.old.networkNamespace)",
                        file: entry.old.path, telling: entry.address),
                    machine.quote(
                        "\(pod): \(entry.address), sandbox \(entry.pod.id.prefix(13))", .sandboxes,
                        "crictl inspectp \(entry.pod.id.prefix(13))", telling: entry.address),
                ],
                because: [
                    "the sandbox \(entry.old.container.prefix(13)) is gone, but its namespace and interface stayed: whichever answers first gets the traffic"
                ],
                explains: ["pod \(pod) ready"],
                fix: .init(
                    [
                        "crictl pods -q --no-trunc | grep \(entry.old.container)   # nothing may be printed",
                        "ip netns del \(name)   # on \(machine.name): its interface goes with it",
                    ], undo: "none is needed: no pod is inside", risk: "none: no sandbox has it", seconds: 5),
                prevent: "restart the runtime cleanly, so that it can take down what it made")
        }
    }
}
