import JSONTree

/// The folders that the runtime reads (INS-05), and what flannel's plugin reads (INS-08).
struct CNIFolderCheck: Check {
    let name = "CNI folders"
    let codes = ["INS-05", "INS-08"]
    let needs: [FactName] = [.node(.fileList)]

    func applies(to facts: FactBase) -> Bool { !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { machine in
            let network = NodeNetworkFiles(machine, facts)
            if let elsewhere = elsewhere(network, facts) { return elsewhere }
            guard let winner = network.winner, winner.problem == nil else { return nil }
            return withoutRange(winner, network, facts)
        }
    }

    // MARK: INS-05

    /// By the machine alone: what the runtime does not find in its folders, and what is in the usual ones instead.
    private func elsewhere(alone network: NodeNetworkFiles) -> Diagnosis? {
        let machine = network.machine
        let own = network.directories
        guard let path = own.file else { return nil }
        let usual = RuntimeDirectories.standard
        func finding(_ what: String, _ here: String, _ there: String, _ shown: String) -> Diagnosis {
            .machine(
                "INS-05", "\(own.runtime) of \(machine.name) reads \(here), and the network's \(what) are in \(there)",
                .certain, at: [machine.place, path],
                evidence: [machine.quote(here, file: path), machine.quote(shown, .fileList, "ls -l \(there)")],
                because: [
                    "runtime and network disagree on the folder: what is installed in \(there) is never found",
                    "\(here) comes from \(path)",
                ],
                fix: .init(
                    [
                        "set it to \(there) in \(path)   # on \(machine.name)",
                        "systemctl restart \(own.runtime == "cri-o" ? "crio" : own.runtime)",
                    ], undo: "set \(here) again", risk: "pods that run keep running", seconds: 30),
                prevent: "one folder in the runtime's configuration and in the network's manifest")
        }
        if network.winner == nil, network.isListed, own.configuration != usual.configuration {
            let files = machine.files(under: usual.configuration).filter { file in
                !file.path.dropFirst(usual.configuration.count + 1).contains("/")
                    && CNIConfigurationFile.isRead(String(file.path.split(separator: "/").last ?? ""))
                    && CNIConfigurationFile(path: file.path, bytes: file.document.bytes).problem == nil
            }
            guard let first = files.first else { return nil }
            return finding("configurations", own.configuration, usual.configuration, first.path)
        }
        guard let winner = network.winner, winner.problem == nil, !own.programs.contains(usual.programs[0]) else {
            return nil
        }
        let lost = winner.programs.filter { network.program($0) == nil }.sorted()
        let there = lost.filter { machine.fileList?["\(usual.programs[0])/\($0)"]?.isExecutable ?? false }
        guard let first = there.first, there == lost else { return nil }
        return finding(
            "plugins", own.programs.joined(separator: ", "), usual.programs[0], "\(usual.programs[0])/\(first)")
    }

    /// The DaemonSet of the network installs into folders that this runtime does not read.
    func elsewhere(_ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        if facts.daemonImages == nil { return elsewhere(alone: network) }
        guard network.winner == nil || network.programsAreListed else { return nil }
        var isTold = false
        for (set, image) in facts.daemonImages ?? [] {
            guard NetworkProvider.all.contains(where: { !$0.isCompanion && $0.isAgent(image) }) else { continue }
            let paths = set.list("spec", "template", "spec", "volumes").compactMap { $0.at("hostPath", "path")?.string }
                .map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            let configurations = paths.filter { $0.hasSuffix("cni/net.d") }
            let programs = paths.filter { $0.hasSuffix("cni/bin") || $0.hasSuffix("/opt/cni") }
            isTold = isTold || !configurations.isEmpty || !programs.isEmpty
            let own = network.directories
            let wrongConfiguration = configurations.first { $0 != own.configuration }
            let wrongPrograms = programs.first { !own.programs.contains($0) && !own.programs.contains($0 + "/bin") }
            func line(_ here: String, _ there: String, _ what: String) -> Diagnosis {
                .machine(
                    "INS-05",
                    "\(set.name) installs its \(what) in \(there), and the runtime of \(machine.name) reads \(here)",
                    .certain, at: [set.place, machine.place, own.file ?? here],
                    evidence: [
                        .init("hostPath: \(there)", from: set.source),
                        own.file.map { machine.quote("\(here)", file: $0) }
                            ?? machine.quote("\(here) (the default)", .fileList, "ls -la \(here)"),
                    ],
                    because: ["agent and runtime disagree on the folder: what is installed in \(there) is never found"],
                    explains: facts.nodeSymptoms(machine.name),
                    fix: .init(
                        [
                            "set the path of the DaemonSet's hostPath to \(here) (Helm value of the CNI), or",
                            "set \(what == "configuration" ? "conf_dir" : "bin_dir") to \(there) in \(own.file ?? "the runtime's configuration") and restart the runtime",
                        ], undo: "set the old path again", risk: "the agent restarts", seconds: 60))
            }
            // Where the runtime's own file names a folder that is not there, and the agent's list lies in the other one,
            // nobody needs to have looked into the first.
            let liesThere =
                own.file != nil && facts.notReady(machine.name) != nil
                && (machine.fileList ?? [:]).keys.contains { path in
                    wrongConfiguration.map { path.hasPrefix($0 + "/") } ?? false
                }
            if let wrongConfiguration, configurations.allSatisfy({ $0 != own.configuration }),
                network.isListed || liesThere, network.winner == nil
            {
                return line(own.configuration, wrongConfiguration, "configuration")
            }
            if let wrongPrograms, programs.allSatisfy({ !own.programs.contains($0) }), let winner = network.winner,
                winner.programs.contains(where: { network.program($0) == nil })
            {
                return line(own.programs.joined(separator: ", "), wrongPrograms, "plugins")
            }
        }
        // Where no DaemonSet says where it installs, what lies in the usual folders does.
        return isTold ? nil : elsewhere(alone: network)
    }

    // MARK: INS-08

    /// flanneld's plugin without what flanneld writes for it. With the API, flanneld's own state says more.
    private func withoutRange(
        _ winner: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase
    ) -> Diagnosis? {
        let machine = network.machine
        guard facts.isMachineAlone, let plugin = winner.plugins.first(where: { $0.type == "flannel" }) else {
            return nil
        }
        let path = plugin.node["subnetFile"]?.string ?? "/run/flannel/subnet.env"
        // Only where the collector of machines looked.
        guard path == "/run/flannel/subnet.env", machine.fileList?[path] == nil, machine[.kernel] != nil,
            machine.file(path) == nil
        else { return nil }
        return .machine(
            "INS-08", "\(path) is not there on \(machine.name)", .likely, at: [machine.place, path],
            evidence: [
                machine.quote("no \(path)", .fileList, "ls -l \(path)"),
                machine.quote("\"type\": \"flannel\"", file: winner.path),
            ],
            because: [
                "the plugin reads the node's range from it, and flanneld writes it when it has one:",
                "flanneld did not run since the last boot, or got no range (podCIDR of the Node)",
            ],
            fix: .init(
                [
                    "kubectl get node \(machine.name) -o jsonpath='{.spec.podCIDR}'   # empty: the node has no range",
                    "kubectl -n kube-flannel logs DAEMONSET-POD-ON-\(machine.name)",
                ], undo: "nothing was changed", risk: "none", seconds: 60),
            prevent: "watch flannel's DaemonSet: desired against ready",
            needs: ["the log of flanneld on this node: its last line says why it has no range"])
    }
}
