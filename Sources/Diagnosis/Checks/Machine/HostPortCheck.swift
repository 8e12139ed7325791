import Addressing
import JSONTree

/// Ports of a machine that portmap's rules still send to a pod that is gone: the plugin was not asked to take them away
/// (SVC-05). Where such a rule stands before that of the living pod, the port is dead.
struct HostPortCheck: Check {
    let name = "host ports"
    let codes = ["SVC-05"]
    let needs: [FactName] = [.objects("pods")]

    private static let chain = "CNI-DN-"

    func applies(to facts: FactBase) -> Bool { facts.clusterMachines.contains { hasHostPorts($0, facts) } }

    /// Rules of thousands of Services are gone through only where a pod asks for a port of the machine.
    private func hasHostPorts(_ machine: NodeEvidence, _ facts: FactBase) -> Bool {
        facts.pods(on: machine.name).contains { pod in
            pod.bool("spec", "hostNetwork") != true
                && pod.list("spec", "containers").contains { container in
                    container.member("ports")?.elements.contains { ($0.member("hostPort")?.int ?? 0) > 0 } ?? false
                }
        }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.filter { hasHostPorts($0, facts) }.compactMap { machine in
            for part in [NodeEvidence.Part.iptables, .iptablesLegacy] {
                if let document = machine[part], document.holds(Self.chain),
                    let found = finding(machine, part, document, facts)
                {
                    return found
                }
            }
            return nil
        }
    }

    private struct Forward {
        var port: String
        var target: IPAddress
        var line: Substring
    }

    /// `-A CNI-DN-4f8a ... --dport 8126 -j DNAT --to-destination 10.4.2.9:8126`, in the order of the file.
    private func forwards(_ document: EvidenceTree.Document) -> [Forward] {
        document.lines.compactMap { line in
            guard line.hasPrefix("-A " + Self.chain) else { return nil }
            let words = line.split(separator: " ")
            guard let to = words.firstIndex(of: "--to-destination"), to + 1 < words.count,
                let port = words.firstIndex(of: "--dport"), port + 1 < words.count,
                let end = FailedConnection.target(of: words[to + 1])
            else { return nil }
            return Forward(port: String(words[port + 1]), target: end.address, line: line)
        }
    }

    private func finding(
        _ machine: NodeEvidence, _ part: NodeEvidence.Part, _ document: EvidenceTree.Document, _ facts: FactBase
    ) -> Diagnosis? {
        let own = facts.podViews(on: machine.name).filter { !$0.isFinished }
        let living = Set(own.flatMap(\.addresses))
        let all = forwards(document)
        // A list of some pods only would call the others dead.
        guard own.count > 1, all.contains(where: { living.contains($0.target) }),
            let dead = all.firstIndex(where: { !living.contains($0.target) })
        else { return nil }
        let stale = all[dead]
        guard let pod = all[dead...].first(where: { $0.port == stale.port && living.contains($0.target) }) else {
            return nil
        }
        let owner = own.first { $0.addresses.contains(pod.target) }
        return .machine(
            "SVC-05", "port \(stale.port) of \(machine.name) leads to \(stale.target), which no pod has", .certain,
            at: [machine.place] + (owner.map { [$0.object.place] } ?? []),
            evidence: [
                machine.quote(String(stale.line), part, "iptables-save -t nat", telling: "\(stale.target)"),
                machine.quote(String(pod.line), part, "iptables-save -t nat", telling: "\(pod.target)"),
            ],
            because: [
                "the rules of a pod that is gone stand before those of \(owner?.id ?? "\(pod.target)"): the first that matches takes the connection",
                "the plugin portmap takes its rules away when the sandbox is deleted, and that did not happen",
            ],
            explains: owner?.symptoms ?? [],
            fix: .init(
                [
                    "iptables -t nat -S \(Self.chainName(stale.line))   # on \(machine.name): the rules of the pod that is gone",
                    "iptables -t nat -S CNI-HOSTPORT-DNAT | grep \(Self.chainName(stale.line))   # and the one that jumps there: delete it, then the chain",
                ], undo: "add the rule again", risk: "that one rule leads nowhere now", seconds: 10),
            prevent: "a runtime that repeats a failed DEL; containerd and CRI-O of today do")
    }

    private static func chainName(_ line: Substring) -> String {
        line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }
}
