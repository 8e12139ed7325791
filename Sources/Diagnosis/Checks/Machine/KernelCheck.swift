import JSONTree

/// What a network needs of the kernel and of mounts: modules (INS-07), propagation (INS-11), bpffs (BPF-01), bridges that
/// ask the packet filters (SVC-07).
struct KernelCheck: Check {
    let name = "kernel and mounts"
    let codes = ["INS-07", "INS-11", "BPF-01", "SVC-07"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let told = toldByAgents(facts)
        let nodes = Set(told.flatMap(\.places))
        return told
            + facts.clusterMachines.flatMap { machine -> [Diagnosis] in
                let modules = nodes.contains(machine.place) ? nil : missingModule(machine, facts)
                return [
                    modules, propagation(machine, facts), bpffs(machine, facts),
                    modules == nil ? bridges(machine, facts) : nil,
                ]
                .compactMap { $0 }
            }
    }

    // MARK: INS-07

    /// What a network's parts ask of the kernel. The option is that of the kernel's configuration.
    struct Requirement {
        var module: String
        var option: String
        var why: String
        /// It is there whatever the lists say.
        var proof: (NodeEvidence) -> Bool
    }

    private func requirements(_ machine: NodeEvidence, _ facts: FactBase) -> [Requirement] {
        var needed: [Requirement] = []
        let network = NodeNetworkFiles(machine, facts)
        let end = facts.nodeObject(machine.name).flatMap { TunnelEnd($0) }
        let owners = Set(network.files.compactMap { NetworkProvider.owner(of: $0)?.name }).union(
            (facts.providers() ?? []).map(\.name))
        func has(_ kind: String) -> (NodeEvidence) -> Bool {
            { machine in (machine.links ?? []).contains { $0.kind == kind } }
        }
        let overlays = Set(facts.tunnelEnds.compactMap { $0.backend?.lowercased() })
        if end?.backend?.lowercased() == "vxlan" || overlays == ["vxlan"] || facts.flannelBackends.contains("vxlan") {
            needed.append(
                Requirement(module: "vxlan", option: "CONFIG_VXLAN", why: "the overlay is VXLAN", proof: has("vxlan")))
        }
        if owners.contains("antrea") {
            needed.append(
                Requirement(
                    module: "openvswitch", option: "CONFIG_OPENVSWITCH", why: "Antrea's switch is Open vSwitch",
                    proof: has("openvswitch")))
        }
        if facts.objects("felixconfigurations.crd.projectcalico.org").contains(where: {
            $0.bool("spec", "wireguardEnabled") == true
        }) {
            needed.append(
                Requirement(
                    module: "wireguard", option: "CONFIG_WIREGUARD", why: "Calico encrypts with WireGuard",
                    proof: has("wireguard")))
        }
        let usesBridge = (network.winner?.programs ?? []).contains("bridge")
        if usesBridge {
            needed.append(
                Requirement(
                    module: "br_netfilter", option: "CONFIG_BRIDGE_NETFILTER",
                    why: "pods are on a bridge, and Services are done by packet filters"
                ) {
                    $0.sysctls?["net.bridge.bridge-nf-call-iptables"] != nil
                })
        }
        return needed
    }

    /// Nil when nothing says either way.
    private func isThere(_ need: Requirement, _ machine: NodeEvidence) -> (Bool, Diagnosis.Evidence)? {
        if need.proof(machine) { return (true, machine.quote("", .modules, "")) }
        let loaded = machine.text(.modules)?.split(whereSeparator: \.isNewline).contains { line in
            line.split(separator: " ").first.map { $0 == need.module } ?? false
        }
        if loaded == true { return (true, machine.quote("", .modules, "")) }
        if let text = machine.text(.kernelConfiguration) {
            if text.contains("# \(need.option) is not set") {
                return (
                    false,
                    machine.quote(
                        "# \(need.option) is not set", .kernelConfiguration,
                        "grep \(need.option) /boot/config-$(uname -r)", telling: "is not set")
                )
            }
            if text.contains("\(need.option)=y") { return (true, machine.quote("", .kernelConfiguration, "")) }
        }
        let release = machine.kernelRelease ?? ""
        let name = "/\(need.module).ko"
        let dash = "/\(String(need.module.map { $0 == "_" ? "-" : $0 })).ko"
        let builtin = machine.file("/lib/modules/\(release)/modules.builtin")
        let available = machine.file("/lib/modules/\(release)/modules.dep")
        for document in [builtin, available].compactMap({ $0 })
        where document.text.contains(name) || document.text.contains(dash) {
            // It can be loaded; whether it must be is another question (br_netfilter is loaded by nobody of itself).
            if need.module != "br_netfilter" { return (true, machine.quote("", .modules, "")) }
        }
        if available != nil {
            return (
                false,
                machine.quote(
                    "no \(need.module) in modules.dep of \(release)", file: "/lib/modules/\(release)/modules.dep")
            )
        }
        // Only the list of loaded ones: a need that nobody loads by itself, or an agent that says it failed.
        guard loaded == false else { return nil }
        if need.module == "br_netfilter", machine.sysctls != nil {
            return (false, machine.quote("no br_netfilter", .modules, "lsmod | grep br_netfilter"))
        }
        return nil
    }

    private func missingModule(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        for need in requirements(machine, facts) {
            guard let (isThere, evidence) = isThere(need, machine), !isThere else { continue }
            let settings =
                need.module == "br_netfilter"
                ? ["sysctl -w net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1"] : []
            return .machine(
                "INS-07", "The kernel of \(machine.name) has no \(need.module)", .certain,
                at: [machine.place, need.module],
                evidence: [evidence]
                    + (machine.kernelRelease.map { [machine.quote("kernel \($0)", .kernel, "uname -r")] } ?? []),
                because: ["\(need.why); without \(need.module) the kernel refuses what the network asks for"],
                explains: facts.nodeSymptoms(machine.name).union(facts.unreadyPods(on: machine.name)),
                fix: .init(
                    [
                        "modprobe \(need.module)   # on \(machine.name); if it is not found, install the kernel's extra modules (linux-modules-extra-$(uname -r), kernel-modules-extra)",
                        "echo \(need.module) > /etc/modules-load.d/\(need.module).conf",
                    ] + settings, undo: "modprobe -r \(need.module)", risk: "none", seconds: 30),
                prevent: "load it from /etc/modules-load.d in the node image",
                deadEnds: ["deleting the agent's pods: the next one asks the same kernel"])
        }
        return nil
    }

    /// Agents whose own log says that a module is not there: kmod's words, whoever asked for it.
    private func toldByAgents(_ facts: FactBase) -> [Diagnosis] {
        var found: [Diagnosis] = []
        var seen: Set<String> = []
        for pod in facts.podsWithLogs {
            let node = pod.text("spec", "nodeName") ?? ""
            for (_, document) in facts.evidence.documents(under: "\(EvidencePath.logs)\(pod.namespace)/\(pod.name)/")
            where document.holds(" not found in directory /lib/modules/") {
                let line = document.lines.last { text in
                    text.contains("Module ") && text.contains(" not found in directory /lib/modules/")
                }
                guard let line, let start = line.firstRange(of: "Module ")?.upperBound else { continue }
                let module = String(line[start...].prefix { $0 != " " })
                guard !node.isEmpty, seen.insert("\(node) \(module)").inserted else { continue }
                let machine = facts.machines.first { $0.name == node }
                // It is in the kernel itself: then modprobe has nothing to find, and nothing is missing.
                let isThere =
                    machine.map { machine in
                        machine.text(.modules)?.contains("\(module) ") ?? false
                            || machine.file("/lib/modules/\(machine.kernelRelease ?? "")/modules.builtin")?.text
                                .contains("/\(module).ko") ?? false
                    } ?? false
                // A pod that is well did without it.
                let statuses = pod.list("status", "containerStatuses")
                let isReady = !statuses.isEmpty && statuses.allSatisfy { $0.member("ready")?.bool == true }
                guard !isThere, !isReady else { continue }
                found.append(
                    .machine(
                        "INS-07", "The kernel of \(node) has no \(module)", .certain, at: ["Node/\(node)", pod.place],
                        evidence: [
                            .init(
                                String(line),
                                from: FactSource(
                                    "\(pod.namespace)/\(pod.name) log",
                                    command: "kubectl -n \(pod.namespace) logs \(pod.name) --all-containers --previous",
                                    age: document.source.age))
                        ],
                        because: [
                            "\(pod.name) needs \(module), and modprobe finds none for the kernel that runs: the agent cannot start"
                        ],
                        explains: facts.nodeSymptoms(node).union([
                            "pod \(pod.namespace)/\(pod.name) ready", "pod \(pod.namespace)/\(pod.name) restarts",
                        ]),
                        fix: .init(
                            [
                                "modprobe \(module)   # on \(node); if it is not found, install the kernel's extra modules (linux-modules-extra-$(uname -r), kernel-modules-extra)",
                                "echo \(module) > /etc/modules-load.d/\(module).conf",
                            ], undo: "modprobe -r \(module)", risk: "none", seconds: 60),
                        prevent: "a full kernel package in the node image"))
            }
        }
        return found
    }

    // MARK: INS-11

    private func propagation(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let unshared = facts.derived.value("events of private mounts") {
            facts.events.filter { $0.message.contains("not a shared") }
        }
        let event = unshared.first { event in
            facts.pods(on: machine.name).contains { event.subject?.isPod($0.namespace, $0.name) ?? false }
        }
        let message =
            event?.message
            ?? machine.logLines(.kubeletLog, containing: "is mounted on", "not a shared").last
        guard let message, let text = machine.text(.mounts) else { return nil }
        // `path "/sys/fs/bpf" is mounted on "/sys/fs/bpf" but it is not a shared mount`
        // and in a log, where the quotation stands in another one, with a backslash before each.
        let plain = message.replacing("\\\"", with: "\"")
        let quoted = plain.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        guard let index = quoted.firstIndex(where: { $0.contains("is mounted on") }), index + 1 < quoted.count else {
            return nil
        }
        let target = quoted[index + 1]
        let line = text.split(whereSeparator: \.isNewline).map(String.init).last { line in
            let words = line.split(separator: " ")
            return words.count > 6 && words[4] == target
        }
        guard let line, !line.contains(" shared:") else { return nil }
        return .machine(
            "INS-11", "\(target) of \(machine.name) is a private mount", .certain, at: [machine.place, target],
            evidence: [machine.quote(line, .mounts, "findmnt -o TARGET,PROPAGATION \(target)")]
                + (event.map { [.init(message, from: $0.source)] } ?? []),
            because: [
                "a container asks for Bidirectional propagation below \(target), and the mount is not shared:",
                "the runtime refuses to start it",
            ], explains: facts.nodeSymptoms(machine.name).union(facts.unreadyPods(on: machine.name)),
            fix: .init(
                ["mount --make-rshared \(target)   # on \(machine.name)"], undo: "mount --make-private \(target)",
                risk: "none", seconds: 5),
            prevent: "MountFlags=shared in the unit of the runtime, or the line in the node's start script")
    }

    // MARK: BPF-01

    private func bpffs(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let text = machine.text(.mounts), text.contains("/sys ") || text.contains("/proc ") else { return nil }
        let winner = NodeNetworkFiles(machine, facts).winner.flatMap { NetworkProvider.owner(of: $0)?.name }
        let usesBPF =
            winner == "cilium" || (machine.links ?? []).contains { $0.name.hasPrefix("cilium_") }
            || facts.objects("felixconfigurations.crd.projectcalico.org").contains {
                $0.bool("spec", "bpfEnabled") == true
            }
        guard usesBPF else { return nil }
        let isMounted = text.split(whereSeparator: \.isNewline).contains { line in
            let words = line.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), dash + 1 < words.count, words.count > 4 else { return false }
            return words[dash + 1] == "bpf" && words[4] == "/sys/fs/bpf"
        }
        guard !isMounted else { return nil }
        return .machine(
            "BPF-01", "The BPF file system is not mounted on \(machine.name)", .certain,
            at: [machine.place, "/sys/fs/bpf"],
            evidence: [machine.quote("no bpf at /sys/fs/bpf", .mounts, "findmnt -t bpf")],
            because: [
                "the agent pins its maps and programs in /sys/fs/bpf; without it they are lost at every restart, or it does not start"
            ],
            explains: facts.nodeSymptoms(machine.name),
            fix: .init(
                [
                    "mount -t bpf bpf /sys/fs/bpf   # on \(machine.name)",
                    "systemctl enable --now sys-fs-bpf.mount   # so that it stays",
                ],
                undo: "umount /sys/fs/bpf", risk: "none", seconds: 5),
            prevent: "systemd mounts it by itself since version 238; on immutable systems use their configuration")
    }

    // MARK: SVC-07

    private func bridges(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let winner = NodeNetworkFiles(machine, facts).winner
        // Without the configuration the bridge that flannel's and kindnet's plugins make tells the same.
        // Neither was copied: then the network that all nodes have.
        let isBridged = (facts.providers() ?? []).filter { !$0.isCompanion }.map(\.name) == ["flannel"]
        guard
            winner?.programs.contains("bridge")
                ?? (machine.link("cni0") != nil || (machine.links == nil && isBridged)), let sysctls = machine.sysctls
        else { return nil }
        let name = "net.bridge.bridge-nf-call-iptables"
        guard sysctls.int(name) == 0 else { return nil }
        // Where Services are not done by packet filters, nobody misses them.
        let tables = machine.packetFilter?.tables ?? []
        guard
            machine.packetFilter == nil || tables.contains(where: { $0.chains.contains(prefix: "KUBE-") })
                || machine.link("kube-ipvs0") != nil
        else { return nil }
        return .machine(
            "SVC-07", "Traffic on \(machine.name)'s bridge passes the packet filters by", .certain,
            at: [machine.place, name],
            evidence: [machine.quote("\(name) = 0", .sysctls, "sysctl \(name)", telling: "0")],
            because: [
                "a reply from a pod on the same bridge is switched, not routed: it is never translated back,",
                "so that Services whose pod is on the caller's own node fail, and those on other nodes work",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "sysctl -w \(name)=1   # on \(machine.name)",
                    "echo '\(name) = 1' > /etc/sysctl.d/99-kubernetes-bridge.conf",
                ],
                undo: "sysctl -w \(name)=0", risk: "none for pods", seconds: 5),
            prevent: "load br_netfilter and set it in the node image")
    }
}

extension FactBase {
    /// `Backend.Type` of flannel's own ConfigMap, wherever it lies.
    var flannelBackends: Set<String> {
        Set(
            objects("configmaps").compactMap { map in
                guard let text = map.text("data", "net-conf.json"), let root = try? JSONTree(parsing: text).root else {
                    return nil
                }
                return root.at("Backend", "Type")?.string?.lowercased()
            })
    }
}
