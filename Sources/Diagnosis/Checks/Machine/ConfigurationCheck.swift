import Addressing
import JSONTree

/// What the runtime finds in its configuration directory: nothing, something broken, something it may not read, or
/// another network's file first (CFG-01 to CFG-06).
struct ConfigurationCheck: Check {
    let name = "CNI configuration"
    let codes = ["CFG-01", "CFG-02", "CFG-03", "CFG-04", "CFG-05", "CFG-06"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { NodeNetworkFiles($0, facts).isListed }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            let network = NodeNetworkFiles(machine, facts)
            guard network.isListed else { return [] }
            var found: [Diagnosis] = []
            if let renamed = renamedFiles(network, facts) { found.append(renamed) }
            if let denied = denied(network, facts) { return found + [denied] }
            guard let winner = network.winner else {
                return found + (missing(network, facts).map { [$0] } ?? [])
            }
            if let problem = winner.problem {
                found.append(broken(winner, problem, network, facts))
            } else if let strange = defaultBridge(winner, network, facts) ?? stale(winner, network, facts) {
                found.append(strange)
            }
            return found
        }
    }

    private func listing(_ network: NodeNetworkFiles) -> Diagnosis.Evidence {
        let folder = network.directories.configuration
        let names = (network.files.map(\.path) + network.others).sorted().map { String($0.dropFirst(folder.count + 1)) }
        let text = names.isEmpty ? "\(folder): empty" : "\(folder): \(names.joined(separator: "  "))"
        return network.machine.quote(text, .fileList, "ls -la \(folder)")
    }

    // MARK: CFG-01

    private func missing(_ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        let message = facts.notReady(machine.name)
        // A node that says it is ready has its configuration somewhere we did not look.
        if facts.nodeObject(machine.name) != nil && message == nil { return nil }
        // A node of a minute ago has an agent that is on its way.
        if let now = facts.now, let created = facts.nodeObject(machine.name)?.createdAt, now - created < 120 {
            return nil
        }
        let folder = network.directories.configuration
        var evidence = [listing(network)]
        if let message, !message.isEmpty {
            evidence.append(
                .init(message, from: FactSource(machine.place, command: "kubectl describe node \(machine.name)")))
        }
        return .machine(
            "CFG-01", "\(machine.name) has no CNI configuration in \(folder)", .certain, at: [machine.place, folder],
            evidence: evidence,
            because: [
                "\(network.directories.runtime) reads \(folder) and finds no .conf, .conflist or .json file there,",
                "so that it reports the network as not ready and makes no sandbox on \(machine.name).",
            ], explains: facts.nodeSymptoms(machine.name),
            fix: .init(
                [
                    "kubectl get pods -A -o wide --field-selector spec.nodeName=\(machine.name)",
                    "kubectl -n NAMESPACE logs AGENT-POD --previous   # why the node's CNI agent does not write the file",
                ], undo: "nothing was changed", risk: "none", seconds: 60),
            prevent: "watch the agent's DaemonSet: desired against ready")
    }

    // MARK: CFG-02

    private func broken(
        _ file: CNIConfigurationFile, _ problem: CNIConfigurationFile.Problem, _ network: NodeNetworkFiles,
        _ facts: FactBase
    ) -> Diagnosis {
        let machine = network.machine
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        var evidence: [Diagnosis.Evidence] = []
        let place = problem.line > 0 ? "\(file.path):\(problem.line):\(problem.column)" : file.path
        evidence.append(machine.quote("\(place): \(problem.reason)", file: file.path, telling: problem.reason))
        if problem.line > 0, problem.line <= lines.count, !lines[problem.line - 1].isEmpty {
            let line = String(lines[problem.line - 1])
            let start = min(max(problem.column - 1, 0), max(line.count - 1, 0))
            evidence.append(
                .init(
                    line, from: FactSource("\(machine.name): \(file.path)", command: "cat \(file.path)"),
                    span: start..<min(start + 1, line.count)))
        }
        return .machine(
            "CFG-02", "\(file.path) on \(machine.name) cannot be parsed: \(problem.reason)", .certain,
            at: [machine.place, place], evidence: evidence,
            because: [
                "\(file.fileName) sorts first in \(network.directories.configuration), so that the runtime loads it",
                "and fails: \(problem.reason). A full disk or a writer that was killed leaves such files.",
            ], explains: facts.nodeSymptoms(machine.name),
            fix: .init(
                [
                    "df -h \(network.directories.configuration)   # on \(machine.name)",
                    "mv \(file.path) /root/\(file.fileName).broken   # the agent writes it again when it restarts",
                    facts.restart(on: machine.name),
                ], undo: "mv /root/\(file.fileName).broken \(file.path)",
                risk: "none for running pods: they keep their network", seconds: 30),
            prevent: "installers should write to a temporary name and rename",
            deadEnds: ["converting line ends: CRLF is blank space in JSON and does no harm"])
    }

    // MARK: CFG-03

    private func denied(_ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        let folder = network.directories.configuration
        let names =
            network.files.map(\.fileName)
            + (machine.fileList ?? [:]).keys.filter { $0.hasPrefix(folder + "/") }.map {
                String($0.split(separator: "/").last ?? "")
            }
        var lines: [(String, NodeEvidence.Part)] = []
        for part in [NodeEvidence.Part.runtimeLog, .kernelLog, .kubeletLog, NodeEvidence.Part("logs/audit.log")] {
            for line in machine.logLines(part, containing: "denied") {
                let aboutFile = line.contains(folder) || names.contains { !$0.isEmpty && line.contains($0) }
                let isAVC =
                    line.contains("avc:")
                    && (line.contains("{ read") || line.contains("{ open") || line.contains("{ getattr"))
                if aboutFile && (isAVC || line.contains("permission denied")) { lines.append((line, part)) }
            }
        }
        guard let (line, part) = lines.last else { return nil }
        let label = line.contains("avc:")
        let path = network.files.first { line.contains($0.fileName) }?.path ?? folder
        return .machine(
            "CFG-03",
            label
                ? "SELinux keeps the runtime of \(machine.name) from reading \(path)"
                : "The runtime of \(machine.name) may not read \(path)",
            .certain, at: [machine.place, path],
            evidence: [
                machine.quote(line, part, "grep denied \(part.path)", telling: "denied")
            ]
                + (machine.fileList?[path].map {
                    [machine.quote("\(path) mode 0\(String($0.mode, radix: 8))", .fileList, "ls -lZ \(path)")]
                } ?? []),
            because: ["the file is there, and the runtime's own attempt to open it was refused"],
            explains: facts.nodeSymptoms(machine.name),
            fix: .init(
                label ? ["restorecon -v \(path)"] : ["chown root:root \(path)", "chmod 0600 \(path)"],
                undo: "chcon or chmod back to what ls -lZ shows now", risk: "none", seconds: 5),
            deadEnds: ["making it readable by the kubelet: since 1.24 the runtime reads it, as root"])
    }

    // MARK: CFG-04

    private func stale(_ winner: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        guard network.files.count > 1 else { return nil }
        guard let running = facts.providers()?.filter({ !$0.isCompanion }) else {
            return mixed(winner, network, facts)
        }
        let owner = NetworkProvider.owner(of: winner)
        if let owner, owner.isCompanion || running.contains(owner) { return nil }
        // Someone else's file comes second, and that one has an agent here.
        let rightful = network.files.dropFirst().first { file in
            NetworkProvider.owner(of: file).map { running.contains($0) } ?? false
        }
        guard let rightful, let provider = NetworkProvider.owner(of: rightful) else { return nil }
        let machine = network.machine
        let former = owner.map { "\($0.name), which has no agent in this cluster" } ?? "nobody's agent (\(winner.name))"
        return .machine(
            "CFG-04", "\(winner.fileName) comes before \(provider.name)'s \(rightful.fileName) on \(machine.name)",
            .certain,
            at: [machine.place, winner.path],
            evidence: [
                listing(network), machine.quote("\"type\": \"\(winner.plugins.first?.type ?? "")\"", file: winner.path),
            ],
            because: [
                "the runtime takes the file whose name sorts first, byte by byte: \(winner.fileName), of \(former).",
                "New pods of \(machine.name) join that network; \(provider.name) knows nothing of them.",
            ], explains: facts.nodeSymptoms(machine.name).union(facts.unreadyPods(on: machine.name)),
            fix: .init(
                [
                    "mv \(winner.path) /root/\(winner.fileName).stale   # on \(machine.name)",
                    "kubectl delete pod POD   # each pod of \(machine.name) that has an address of the old network",
                ], undo: "mv /root/\(winner.fileName).stale \(winner.path)",
                risk: "pods are made anew one by one", seconds: 30),
            prevent: "remove a network's file from every node when it is uninstalled",
            deadEnds: ["renaming to a lower number: 100-x sorts before 11-y, order is by bytes"])
    }

    /// On a machine alone: pods of two networks, of which one is that of a file that comes later.
    private func mixed(_ winner: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        let every = facts.localPods(of: machine)
        func pods(of file: CNIConfigurationFile) -> [LocalPod] { every.filter { $0.network == file.name } }
        guard
            let other = network.files.dropFirst().first(where: {
                $0.problem == nil && $0.name != winner.name && !pods(of: $0).isEmpty
            }), let old = pods(of: other).first
        else { return nil }
        let new = pods(of: winner).first
        var evidence = [
            listing(network), Diagnosis.Evidence("\(old.name): \(old.address) of \(other.name)", from: old.source),
        ]
        if let new { evidence.append(.init("\(new.name): \(new.address) of \(winner.name)", from: new.source)) }
        return .machine(
            "CFG-04", "\(winner.fileName) comes before \(other.fileName) on \(machine.name), whose pods run there",
            .likely, at: [machine.place, winner.path], evidence: evidence,
            because: [
                "the runtime takes the file whose name sorts first, byte by byte: new pods join \(winner.name), and those that run are of \(other.name).",
                "Pods of two networks on one node reach each other by chance only",
            ],
            fix: .init(
                [
                    "mv \(winner.path) /root/\(winner.fileName).stale   # on \(machine.name), when \(other.name) is the cluster's network",
                    "kubectl delete pod POD   # each pod that has an address of the other network",
                ], undo: "mv /root/\(winner.fileName).stale \(winner.path)",
                risk: "pods are made anew one by one", seconds: 30),
            prevent: "remove a network's file from every node when it is uninstalled",
            deadEnds: ["renaming to a lower number: 100-x sorts before 11-y, order is by bytes"],
            needs: ["kubectl get daemonsets -A: which of the two networks has an agent?"])
    }

    // MARK: CFG-05

    /// Files that runtimes and Podman bring themselves.
    private static let packaged = ["crio-bridge", "crio-ipv4-bridge", "podman-bridge", "podman", "containerd-net"]

    private func isPackaged(_ file: CNIConfigurationFile) -> Bool {
        Self.packaged.contains { file.fileName.contains($0) }
            || ["crio", "podman", "containerd-net"].contains(file.name)
    }

    private func defaultBridge(
        _ winner: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase
    ) -> Diagnosis? {
        let machine = network.machine
        guard let file = network.files.first(where: isPackaged) else { return nil }
        let ranges = Self.ranges(file)
        let pools = facts.podRanges(machine.name) + facts.addressPools
        // Without the API, another file beside it is the cluster's.
        if facts.isMachineAlone && network.files.allSatisfy(isPackaged) { return nil }
        let strangers = facts.localPods(of: machine).filter { pod in
            ranges.contains { $0.contains(pod.address) } && !pools.contains { $0.contains(pod.address) }
                && (pod.network ?? file.name) == file.name
        }
        guard !strangers.isEmpty else { return nil }
        let names = strangers.map(\.name)
        let first = strangers[0]
        return .machine(
            "CFG-05",
            "\(strangers.count) pods of \(machine.name) are on the runtime's own bridge, not on the cluster's network",
            .certain, at: [machine.place, file.path] + names.prefix(5).map { "Pod/\($0)" },
            evidence: [
                .init("podIP \(first.address)", from: first.source),
                machine.quote("\(file.fileName): \(ranges.map { "\($0)" }.joined(separator: ", "))", file: file.path),
                listing(network),
            ],
            because: [
                "\(file.fileName) came with the runtime's package and made the node ready before the cluster's network was there;",
                "\(names.joined(separator: ", ")) got addresses of it, which no other node knows.",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["mv \(file.path) /root/\(file.fileName)   # on \(machine.name)"]
                    + strangers.prefix(10).map { "kubectl -n \($0.namespace) delete pod \($0.ownName)" },
                undo: "mv /root/\(file.fileName) \(file.path)", risk: "these pods are made anew", seconds: 60),
            prevent: "remove the packaged file from the node image")
    }

    static func ranges(_ file: CNIConfigurationFile) -> [IPPrefix] {
        var found: [IPPrefix] = []
        for plugin in file.plugins {
            guard let addresses = plugin.node["ipam"] else { continue }
            let inner = addresses["ranges"].map { list in list.elements.flatMap { Array($0.elements) } } ?? []
            for node in [addresses] + inner {
                if let range = node["subnet"]?.string.flatMap({ IPPrefix($0) }) { found.append(range) }
            }
        }
        return found
    }

    // MARK: CFG-06

    private func renamedFiles(_ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        let running = facts.providers()
        for path in network.others where path.hasSuffix(".cilium_bak") {
            guard let copy = machine.file(path) else { continue }
            let file = CNIConfigurationFile(path: path, bytes: copy.bytes)
            let owners = ([NetworkProvider.owner(of: file)].compactMap { $0 } + NetworkProvider.companions(in: file))
                .filter { $0.isCompanion }
            // A network that Cilium replaced is rightly out of the way; one that wraps it or is chained to it is not.
            guard let victim = owners.first(where: { running?.contains($0) ?? true }) else { continue }
            let confidence: Confidence = running == nil ? .likely : .certain
            let chained = network.winner.map { !NetworkProvider.companions(in: $0).contains(victim) } ?? true
            guard chained, network.winner.flatMap({ NetworkProvider.owner(of: $0) }) != victim else { continue }
            let plain = String(path.dropLast(".cilium_bak".count))
            return .machine(
                "CFG-06", "Cilium renamed \(victim.name)'s configuration on \(machine.name)", confidence,
                at: [machine.place, path], evidence: [listing(network)],
                because: [
                    "with cni.exclusive Cilium renames every other file to *.cilium_bak;",
                    "\(victim.name) runs here, and its plugin is not called any more.",
                ], explains: facts.unreadyPods(on: machine.name),
                fix: .init(
                    [
                        "kubectl -n kube-system patch configmap cilium-config --type merge -p '{\"data\":{\"cni-exclusive\":\"false\"}}'",
                        "kubectl -n kube-system rollout restart daemonset cilium",
                        "mv \(path) \(plain)   # on \(machine.name)",
                    ], undo: "set cni-exclusive back to true", risk: "Cilium's agents restart one by one", seconds: 120),
                prevent: "install Cilium with cni.exclusive=false beside Multus, Istio CNI or Linkerd CNI",
                needs: running == nil ? ["kubectl get daemonsets -A: is \(victim.name) running?"] : [])
        }
        return nil
    }
}
