import JSONTree

/// The programs that the configuration names, and the runtime's folders for them (INS-02, INS-03, INS-05, INS-10), and what flannel's plugin reads (INS-08).
struct PluginCheck: Check {
    let name = "CNI plugins"
    let codes = ["INS-02", "INS-03", "INS-05", "INS-08", "INS-10"]
    let needs: [FactName] = [.node(.fileList)]

    func applies(to facts: FactBase) -> Bool { !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            let network = NodeNetworkFiles(machine, facts)
            if let elsewhere = elsewhere(network, facts) { return [elsewhere] }
            guard network.programsAreListed else { return [] }
            if let burnt = burnt(network, facts) { return [burnt] }
            guard let winner = network.winner, winner.problem == nil else { return [] }
            var wanted = winner.programs
            // containerd and CRI-O set up the loopback with a plugin of their own accord, unless newer ones do it
            // themselves: then there is no failure to see.
            if facts.notReady(machine.name) != nil || !facts.stuckSandboxes(on: machine.name).isEmpty {
                wanted.insert("loopback")
            }
            return wanted.sorted().compactMap { finding($0, winner, network, facts) }
                + [withoutRange(winner, network, facts)].compactMap { $0 }
        }
    }

    private func finding(
        _ program: String, _ file: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase
    ) -> Diagnosis? {
        let machine = network.machine
        let folder = network.directories.programs.first ?? "/opt/cni/bin"
        let path = "\(folder)/\(program)"
        var what: String
        var shown: String
        let found = network.program(program)
        var refusal: String?
        if let found {
            let kernel = machine.json(.kernel)?.member("machine")?.string
            let mode = "0" + String(found.mode, radix: 8)
            if found.type == "directory" {
                what = "is a folder"
                shown = "\(found.path) directory"
            } else if found.isDangling {
                what = "is a link to a file that is not there"
                shown = "\(found.path) -> \(found.target ?? "")"
            } else if found.size == 0 {
                what = "is empty"
                shown = "\(found.path) 0 bytes, mode \(mode)"
            } else if !found.isExecutable {
                what = "may not be executed"
                shown = "\(found.path) mode \(mode)"
            } else if let own = found.machine, !own.isEmpty, let kernel, own != kernel {
                what = "is a program for \(own), and the machine is \(kernel)"
                shown = "\(found.path) ELF \(own)"
            } else if let answer = Self.refusal(of: found, machine) {
                what = "does not run"
                shown = "\(found.path): \(answer)"
                refusal = answer
            } else {
                return nil
            }
        } else {
            what = "is not there"
            shown = "no \(program) in \(network.directories.programs.joined(separator: ", "))"
        }
        let isReference = NetworkProvider.referencePlugins.contains(program)
        // What is there and does not run was not forgotten by an installer.
        let code = isReference && found == nil ? "INS-03" : "INS-02"
        let repair =
            isReference
            ? "tar -C \(folder) -xzf cni-plugins-linux-ARCH-vVERSION.tgz ./\(program)   # or your distribution's containernetworking-plugins"
            : facts.restart(on: machine.name, "its init container installs \(program) again")
        return .machine(
            code, "CNI plugin \(program) on \(machine.name) \(what)", .certain, at: [machine.place, path],
            evidence: [
                refusal == nil
                    ? machine.quote(shown, .fileList, "ls -l \(folder)")
                    : machine.quote(shown, .pluginVersions, "CNI_COMMAND=VERSION \(path) </dev/null"),
                machine.quote(
                    "\(file.fileName) needs \(file.programs.sorted().joined(separator: ", "))", file: file.path,
                    telling: program),
            ],
            because: [
                "\(file.fileName) names \(program), which the runtime looks for in \(network.directories.programs.joined(separator: ", ")): it \(what)"
            ],
            explains: facts.nodeSymptoms(machine.name),
            fix: .init([repair], undo: "none needed", risk: "none: nothing that runs is touched", seconds: 30),
            prevent: isReference
                ? "install the reference plugins with the node image; the main CNI does not ship them" : "")
    }

    /// What became of asking it for its VERSION, where the kernel refused to run it or it died of a signal: a file that
    /// was cut off, an interpreter that is not there, a library of another system. One that answers something is its
    /// author's business: stand-ins for plugins know no VERSION.
    private static func refusal(of program: MachineFile, _ machine: NodeEvidence) -> String? {
        guard let text = machine.json(.pluginVersions)?.member(program.path)?.member("error")?.string else {
            return nil
        }
        let signs = [
            "it cannot be run", "killed by SIGSEGV", "killed by SIGBUS", "killed by SIGILL",
            "error while loading shared libraries", "Exec format",
        ]
        return signs.contains { text.contains($0) } ? text.trimmingBlanks : nil
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
    private func elsewhere(_ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
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

    // MARK: INS-10

    /// Nothing is left: no plugin, and no agent that would bring one.
    private func burnt(_ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        guard network.programs.isEmpty, network.winner == nil || network.winner?.problem != nil else { return nil }
        guard let providers = facts.providers(), providers.allSatisfy(\.isCompanion) else { return nil }
        // A node that was never given a network looks the same until somebody misses one.
        guard facts.notReady(machine.name) != nil || !facts.stuckSandboxes(on: machine.name).isEmpty else { return nil }
        let folders = network.directories.programs.joined(separator: ", ")
        return .machine(
            "INS-10", "\(machine.name) has neither plugins nor an agent that would install them", .certain,
            at: [machine.place, folders],
            evidence: [
                machine.quote("\(folders): empty", .fileList, "ls -la \(folders)"),
                .init(
                    "no DaemonSet of any CNI", from: FactSource("DaemonSets", command: "kubectl get daemonsets -A")),
            ],
            because: [
                "the folder of plugins is empty and no DaemonSet of a network is in the cluster:",
                "this is what a script that removes \"everything CNI\" leaves behind",
            ], explains: facts.nodeSymptoms(machine.name),
            fix: .init(
                [
                    "install the reference plugins (loopback, portmap, ...) from containernetworking-plugins on \(machine.name)",
                    "kubectl apply -f MANIFEST-OF-YOUR-CNI   # the version that ran before",
                ], undo: "kubectl delete -f MANIFEST-OF-YOUR-CNI", risk: "none: nothing works now", seconds: 300),
            prevent: "repair the smallest part, node by node, after a drain")
    }
}
