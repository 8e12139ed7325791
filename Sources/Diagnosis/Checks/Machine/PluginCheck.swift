import JSONTree

/// The programs that the configuration names (INS-02, INS-03), and that none is left (INS-10). It needs the folders of
/// plugins, which an agent's pod often does not mount.
struct PluginCheck: Check {
    let name = "CNI plugins"
    let codes = ["INS-02", "INS-03", "INS-10"]
    let needs: [FactName] = [.node(.fileList), .pluginFolders]

    func applies(to facts: FactBase) -> Bool { !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine -> [Diagnosis] in
            let network = NodeNetworkFiles(machine, facts)
            // What lies in another folder than the runtime's is told by that.
            guard network.programsAreListed, CNIFolderCheck().elsewhere(network, facts) == nil else { return [] }
            if let burnt = burnt(network, facts) { return [burnt] }
            guard let winner = network.winner, winner.problem == nil else { return [] }
            var wanted = winner.programs
            // containerd and CRI-O set up the loopback with a plugin of their own accord, unless newer ones do it
            // themselves: then there is no failure to see.
            if facts.notReady(machine.name) != nil || !facts.stuckSandboxes(on: machine.name).isEmpty {
                wanted.insert("loopback")
            }
            return wanted.sorted().compactMap { finding($0, winner, network, facts) }
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
            ],
            // Without a DaemonSet no node has one, whichever of them somebody looked into.
            explains: facts.objects("nodes").filter { facts.notReady($0.name) != nil }.reduce(
                into: facts.nodeSymptoms(machine.name)
            ) { $0.formUnion(facts.nodeSymptoms($1.name)) },
            fix: .init(
                [
                    "install the reference plugins (loopback, portmap, ...) from containernetworking-plugins on \(machine.name)",
                    "kubectl apply -f MANIFEST-OF-YOUR-CNI   # the version that ran before",
                ], undo: "kubectl delete -f MANIFEST-OF-YOUR-CNI", risk: "none: nothing works now", seconds: 300),
            prevent: "repair the smallest part, node by node, after a drain")
    }
}
