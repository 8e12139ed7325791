import Addressing
import JSONTree

/// Routes to a machine's own pods that are all gone while NetworkManager says that it took their devices in hand (RTE-12):
/// what it manages it sets up by its own profiles, and a route that nobody told it of goes.
struct ManagedRouteCheck: Check {
    let name = "managers of networks"
    let codes = ["RTE-12"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { $0.routes != nil && $0[.managerLog] != nil }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { facts.clusterMachines.compactMap { finding($0, facts) } }

    private func finding(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let log = machine[.managerLog], let lookup = machine.routeLookup, !isKept(machine) else { return nil }
        let pods = facts.localPods(of: machine).filter { $0.address.family == .v4 }
        let lost = pods.filter { pod in
            switch lookup.lookup(.init(to: pod.address)) {
            case .noRoute, .refused: true
            case .forward(let route, _): route.isDefault
            default: false
            }
        }
        // One pod without a way is that pod's own matter.
        guard lost.count > 1, lost.count == pods.count else { return nil }
        // A journal is long, and a machine has many devices: it is gone through once.
        let takings = log.lines.filter(Self.takes)
        let taken = (machine.links ?? []).filter {
            $0.kind == "veth" && NodeEvidence.isPodInterface($0.name) && $0.isUp
        }.map(\.name).filter { device in takings.contains { $0.contains("(\(device))") } }
        guard let first = taken.first, let line = takings.last(where: { $0.contains("(\(first))") }) else { return nil }
        return .machine(
            "RTE-12", "NetworkManager took the devices of pods on \(machine.name), and their routes are gone", .certain,
            at: [machine.place] + taken.prefix(2),
            evidence: [
                .init(String(line), marking: first, from: log.source),
                machine.quote(
                    "no route to \(lost[0].address) (\(lost[0].name)) and \(lost.count - 1) more", .routes,
                    "ip route show", telling: "no route"),
            ],
            because: [
                "all \(lost.count) pods of \(machine.name) lost the way to them at once, and their devices are there:",
                "NetworkManager manages \(listed(Array(taken.prefix(3)))), and nothing tells it to leave such devices alone",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "printf '%s\\n' '[keyfile]' 'unmanaged-devices=interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;interface-name:lxc*;interface-name:veth*' > /etc/NetworkManager/conf.d/10-cni.conf   # on \(machine.name)",
                    "systemctl reload NetworkManager   # on \(machine.name)",
                    facts.restart(on: machine.name, "it writes its routes again"),
                ], undo: "rm /etc/NetworkManager/conf.d/10-cni.conf", risk: "the agent restarts; pods keep running",
                seconds: 30),
            prevent: "the same file in every node image")
    }

    /// That a device came under its hands, as it words it.
    private static func takes(_ line: Substring) -> Bool {
        line.contains("NetworkManager")
            && (line.contains("reason 'managed'") || line.contains("unmanaged ->") || line.contains("-> activated"))
    }

    /// Whether it is told to leave devices of pods alone.
    private func isKept(_ machine: NodeEvidence) -> Bool {
        let own = machine.file("/etc/NetworkManager/NetworkManager.conf").map { [$0] } ?? []
        let folders = ["/etc", "/usr/lib", "/run"].flatMap { machine.files(under: "\($0)/NetworkManager/conf.d") }
        return (own + folders.map(\.document)).contains { document in
            document.lines.contains { $0.contains("unmanaged-devices") && $0.contains("interface-name") }
        }
    }
}
