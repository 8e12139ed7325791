import Findings

/// Who else is on a machine: sockets in the way, and what other networks left.
extension PreflightReader {
    private struct Port {
        var number: Int64
        var transport: String
        var owner: String
        /// Agents to whom it belongs.
        var providers: Set<String>
    }

    /// What the networks listen on (their own documentation of ports; catalogue, part C).
    private static let known = [
        Port(
            number: 179, transport: "TCP", owner: "BGP of Calico, Cilium, kube-router",
            providers: ["calico", "cilium", "kube-router"]),
        Port(
            number: 4789, transport: "UDP", owner: "VXLAN of Calico, Antrea", providers: ["calico", "antrea", "poplin"]),
        Port(
            number: 8472, transport: "UDP", owner: "VXLAN of Flannel, Cilium",
            providers: ["flannel", "cilium", "poplin"]),
        Port(
            number: 6081, transport: "UDP", owner: "Geneve of Antrea, OVN",
            providers: ["antrea", "ovn-kubernetes", "cilium"]),
        Port(
            number: 51820, transport: "UDP", owner: "WireGuard", providers: ["calico", "flannel", "cilium", "poplin"]),
        Port(number: 4240, transport: "TCP", owner: "Cilium's health", providers: ["cilium"]),
        Port(number: 5473, transport: "TCP", owner: "Calico's Typha", providers: ["calico"]),
        Port(number: 9099, transport: "TCP", owner: "Felix's health", providers: ["calico"]),
        Port(number: 10256, transport: "TCP", owner: "kube-proxy's health", providers: ["kube-proxy", "cilium"]),
        Port(number: 10250, transport: "TCP", owner: "the kubelet", providers: ["kubelet"]),
    ]

    var ports: Preflight.Step {
        let question = PreflightQuestion("The ports of pod networks are free", command: "ss -lntu")
        var taken: [String] = []
        var seen = 0
        let hasCluster = !facts.objects("nodes").isEmpty
        for machine in machines {
            guard let text = machine.text(.listeners) else { continue }
            seen += 1
            let network = NodeNetworkFiles(machine, facts)
            var owners = Set(network.files.compactMap { NetworkProvider.owner(of: $0)?.name })
            owners.formUnion((facts.providers() ?? []).map(\.name))
            // A machine of a cluster has its own kubelet and proxy, by whatever name they run.
            let home = "/var/lib/kubelet"
            let isSetUp = [
                "\(home)/config.yaml", "/etc/kubernetes/kubelet.conf", "/var/lib/poplin/kubelet",
            ].contains { machine.fileList?[$0] != nil || machine.file($0) != nil }
            if hasCluster || isSetUp || machine.runs("kubelet") == true || machine.runs("k3s") == true
                || machine.runs("k3s-server") == true
            {
                owners.formUnion(["kubelet", "kube-proxy"])
            }
            for port in Self.known where owners.isDisjoint(with: port.providers) {
                let sockets = ListenSocket.parse(text).filter {
                    $0.port == port.number && $0.transport == port.transport && !$0.isLoopback
                }
                if !sockets.isEmpty {
                    taken.append(
                        "\(machine.name): \(port.number)/\(port.transport.lowercased()) (\(port.owner)) is taken by somebody"
                    )
                }
            }
        }
        if !taken.isEmpty {
            return question.step(
                .failed(
                    taken, codes: [], fix: "ss -lntup   # says who; end it, or give the network another port"))
        }
        if seen == 0 {
            return question.step(.notChecked(because: machines.first?.reasonMissing(.listeners) ?? noMachine))
        }
        return question.step(.passed(""))
    }

    var leftovers: Preflight.Step {
        let question = PreflightQuestion(
            "Nothing of another network is left over", command: "ls /etc/cni/net.d; ip -br link")
        let known = found(["CFG-04", "SVC-04", "RTE-16", "INS-10", "BPF-04"])
        var left = known.texts
        let running = Set((facts.providers() ?? []).map(\.name))
        let isKnown = facts.has(.objects("daemonsets.apps")) && !facts.objects("nodes").isEmpty
        for machine in machines {
            let network = NodeNetworkFiles(machine, facts)
            var owners = Set(network.files.compactMap { NetworkProvider.owner(of: $0)?.name })
            for companion in NetworkProvider.all where companion.isCompanion { owners.remove(companion.name) }
            if isKnown {
                for owner in owners.subtracting(running).sorted() where !running.isEmpty {
                    left.append("\(machine.name): \(owner) has a configuration in /etc/cni/net.d and does not run")
                }
                owners = running
            } else if owners.count > 1 {
                left.append(
                    "\(machine.name): configurations of \(owners.sorted().joined(separator: " and ")) lie side by side")
            }
            for (device, owner) in Self.devices {
                guard owners.isDisjoint(with: owner.split(separator: "/").map(String.init)),
                    let link = (machine.links ?? []).first(where: {
                        $0.name == device || (device.hasSuffix("*") && $0.name.hasPrefix(device.dropLast()))
                    })
                else { continue }
                left.append(
                    "\(machine.name): link \(link.name) is one of \(owner.replacing("/", with: " or ")), which has no configuration there"
                )
            }
        }
        if let failed = question.failed(
            left, known, otherwise: "remove what is named here, and nothing else, with that network's own uninstall")
        {
            return failed
        }
        return question.step(machines.isEmpty ? .notChecked(because: noMachine) : .passed(""))
    }

    /// Links that only one network makes.
    private static let devices = [
        ("flannel.1", "flannel"), ("flannel-wg", "flannel"), ("cilium_host", "cilium"), ("cilium_vxlan", "cilium"),
        ("vxlan.calico", "calico"), ("cali*", "calico"), ("weave", "weave"), ("antrea-gw0", "antrea"),
        ("ovn-k8s-mp0", "ovn-kubernetes"),
    ]
}
