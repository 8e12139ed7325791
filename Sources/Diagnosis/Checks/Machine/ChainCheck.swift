import Addressing
import JSONTree

/// The list of plugins against what they speak (CFG-07), what pods ask for (CFG-09, PRF-02), and when it was changed
/// (CFG-08).
struct ChainCheck: Check {
    let name = "plugin chain"
    let codes = ["CFG-07", "CFG-08", "CFG-09", "PRF-02"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { NodeNetworkFiles($0, facts).winner != nil }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var found: [Diagnosis] = []
        for machine in facts.clusterMachines {
            let network = NodeNetworkFiles(machine, facts)
            guard let winner = network.winner, winner.problem == nil else { continue }
            if let wrong = version(winner, network, facts) { found.append(wrong) }
            if let late = late(winner, network, facts) { found.append(late) }
            if let gap = missing(winner, network, facts) { found.append(gap) }
            if let shaped = shaped(winner, network, facts) { found.append(shaped) }
        }
        return found
    }

    // MARK: CFG-07

    private func version(_ file: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        guard !file.versions.isEmpty, let answers = machine.json(.pluginVersions) else { return nil }
        for program in file.programs.sorted() {
            guard
                let path = network.directories.programs.map({ "\($0)/\(program)" }).first(where: {
                    answers.member($0) != nil
                }),
                let known = answers.member(path)?.member("supportedVersions").map({ $0.elements.compactMap(\.string) }),
                !known.isEmpty, file.versions.allSatisfy({ !known.contains($0) })
            else { continue }
            let wanted = file.versions.joined(separator: ", ")
            return .machine(
                "CFG-07",
                "\(file.fileName) is of CNI \(wanted), and \(program) on \(machine.name) speaks up to \(known.last ?? "")",
                .certain, at: [machine.place, file.path, path],
                evidence: [
                    machine.quote(
                        "\"cniVersion\": \"\(file.cniVersion ?? "")\"", file: file.path, telling: file.cniVersion),
                    machine.quote(
                        "\(path): \(known.joined(separator: ", "))", .pluginVersions, "CNI_COMMAND=VERSION \(path)"),
                ],
                because: [
                    "the runtime hands \(program) a configuration of \(wanted); it answers \"incompatible CNI versions\" and no pod gets a network"
                ],
                explains: facts.nodeSymptoms(machine.name),
                fix: .init(
                    [
                        "install a \(program) that knows \(wanted) in \(path) (reference plugins: containernetworking-plugins)",
                        "or set \"cniVersion\" of \(file.path) to \(known.last ?? "0.4.0")",
                    ], undo: "put the old file back", risk: "running pods are not touched", seconds: 60),
                prevent: "upgrade plugins before the configuration names their version")
        }
        return nil
    }

    // MARK: CFG-08

    /// Pods whose validator says that nothing redirects them, and that are older than the list with the mesh's plugin.
    private func late(_ file: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        guard let mesh = NetworkProvider.companions(in: file).first(where: { $0.name != "multus" }),
            let changed = machine.fileList?[file.path]?.modified
        else { return nil }
        let validators = ["istio-validation", "linkerd-network-validator"]
        let sandboxes = machine.json(.sandboxes)?.member("items").map { Array($0.elements) } ?? []
        for pod in facts.pods(on: machine.name) {
            let failing = pod.list("status", "initContainerStatuses").contains { status in
                validators.contains(status.member("name")?.string ?? "")
                    && (status.at("state", "waiting", "reason")?.string?.contains("CrashLoop") ?? false
                        || (status.at("lastState", "terminated", "exitCode")?.int ?? status.at(
                            "state", "terminated", "exitCode")?.int ?? 0) != 0)
            }
            guard failing else { continue }
            let sandbox = sandboxes.first {
                $0.at("metadata", "name")?.string == pod.name && $0.at("metadata", "namespace")?.string == pod.namespace
            }
            let made =
                sandbox?.member("createdAt").flatMap { node in
                    (node.string.flatMap { Int64($0) } ?? node.int).map { $0 / 1_000_000_000 }
                } ?? pod.time("status", "startTime")
            guard let made, made < changed else { continue }
            return .machine(
                "CFG-08", "\(pod.namespace)/\(pod.name) was set up before \(mesh.name)'s plugin was in the chain",
                .certain,
                at: [pod.place, machine.place, file.path],
                evidence: [
                    machine.quote(
                        "\(file.fileName) last changed at \(changed), sandbox made at \(made)", .fileList,
                        "ls -l --time-style=+%s \(file.path)"),
                    .init("its network validator fails", from: pod.source),
                ],
                because: [
                    "the sandbox is \(changed - made) s older than the list that has \(mesh.name)'s plugin:",
                    "the redirection was never set up for this pod, and never will be",
                ], explains: ["pod \(pod.namespace)/\(pod.name) ready", "pod \(pod.namespace)/\(pod.name) restarts"],
                fix: .init(
                    [
                        "kubectl -n \(pod.namespace) delete pod \(pod.name)   # the next one goes through the whole chain"
                    ],
                    undo: "none needed", risk: "this one pod is made anew", seconds: 30),
                prevent: "the mesh's repair controller, or a taint that keeps pods away until its plugin is there")
        }
        return nil
    }

    // MARK: CFG-09

    /// Networks where host ports and rates are done by plugins of the chain, and by nothing else.
    private static let chained: Set<String> = [
        "antrea", "aws", "azure", "calico", "flannel", "kindnet", "kube-ovn", "kube-router", "poplin", "weave",
    ]

    private func isChained(_ file: CNIConfigurationFile) -> Bool {
        let plain: Set<String> = ["bridge", "ptp", "macvlan", "ipvlan"]
        guard let owner = NetworkProvider.owner(of: file) else {
            return file.plugins.first.map { plain.contains($0.type) } ?? false
        }
        return Self.chained.contains(owner.name)
    }

    /// Cilium serves host ports itself where it takes kube-proxy's place or is told to, and leaves them to the chain
    /// elsewhere (docs.cilium.io, "Kubernetes without kube-proxy").
    private func leavesHostPorts(_ file: CNIConfigurationFile, _ facts: FactBase) -> Bool {
        func setting(_ key: String) -> String? { NetworkProviders.ciliumSetting(key, facts) }
        return NetworkProvider.owner(of: file)?.name == "cilium"
            && ["false", "disabled"].contains(setting("kube-proxy-replacement"))
            && setting("enable-host-port") != "true"
    }

    private func missing(_ file: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        let isCilium = leavesHostPorts(file, facts)
        guard isChained(file) || isCilium else { return nil }
        let types = Set(file.plugins.map(\.type))
        let capabilities = file.plugins.reduce(into: Set<String>()) { $0.formUnion($1.capabilities) }
        if facts.isMachineAlone, !types.contains("portmap"), !capabilities.contains("portMappings"),
            let kept = machine.currentResults.first(where: {
                $0.network == file.name && !$0.hostPorts.isEmpty && !$0.pod.isEmpty && machine.isThere($0) != false
            })
        {
            let name = "\(kept.namespace)/\(kept.pod)"
            return gap(
                "portmap", "portMappings", "hostPort \(kept.hostPorts[0])", ("Pod/\(name)", kept.namespace, kept.pod),
                machine.quote(
                    "portMappings: hostPort \(kept.hostPorts[0])", file: kept.path, telling: "\(kept.hostPorts[0])"),
                file,
                machine)
        }
        for pod in facts.pods(on: machine.name) where pod.bool("spec", "hostNetwork") != true {
            let ports = pod.list("spec", "containers").flatMap { container in
                (container.member("ports").map { Array($0.elements) } ?? []).compactMap { $0.member("hostPort")?.int }
            }.filter { $0 > 0 }
            if let port = ports.first, !types.contains("portmap"), !capabilities.contains("portMappings") {
                return gap(
                    "portmap", "portMappings", "hostPort \(port)", (pod.place, pod.namespace, pod.name),
                    .init("hostPort \(port)", from: pod.source), file, machine)
            }
            let wishes = pod.annotations.filter {
                ["kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth"].contains($0.key)
            }
            // Cilium has a manager of rates of its own.
            if let wish = wishes.sorted(by: { $0.key < $1.key }).first, !isCilium, !types.contains("bandwidth"),
                !capabilities.contains("bandwidth")
            {
                return gap(
                    "bandwidth", "bandwidth", "\(wish.key): \(wish.value)", (pod.place, pod.namespace, pod.name),
                    .init("\(wish.key): \(wish.value)", from: pod.source), file, machine)
            }
        }
        return nil
    }

    private func gap(
        _ plugin: String, _ capability: String, _ wish: String,
        _ pod: (place: String, namespace: String, name: String), _ evidence: Diagnosis.Evidence,
        _ file: CNIConfigurationFile, _ machine: NodeEvidence
    ) -> Diagnosis {
        .machine(
            "CFG-09", "\(pod.namespace)/\(pod.name) asks for \(wish), and \(machine.name)'s chain has no \(plugin)",
            .certain,
            at: [machine.place, file.path, pod.place],
            evidence: [
                machine.quote("plugins: \(file.plugins.map(\.type).joined(separator: ", "))", file: file.path),
                evidence,
            ],
            because: [
                "the runtime hands the wish only to a plugin that declares the capability \(capability); without one it is left out in silence"
            ],
            explains: [],
            fix: .init(
                [
                    "add {\"type\": \"\(plugin)\", \"capabilities\": {\"\(capability)\": true}} to plugins in the CNI's own configuration (ConfigMap or Helm value)",
                    "kubectl -n \(pod.namespace) delete pod \(pod.name)   # after the file has changed on \(machine.name)",
                ], undo: "take it out again", risk: "only new pods see it", seconds: 60),
            prevent: "keep \(plugin) in the chain of every node")
    }

    // MARK: PRF-02

    /// A pod that is as slow as it was told to be.
    private func shaped(_ file: CNIConfigurationFile, _ network: NodeNetworkFiles, _ facts: FactBase) -> Diagnosis? {
        let machine = network.machine
        guard file.plugins.contains(where: { $0.type == "bandwidth" || $0.capabilities.contains("bandwidth") }) else {
            return nil
        }
        // Nodes that nobody looked into have the list of the others.
        let read = Set(facts.machines.map(\.name))
        let isFirst = facts.clusterMachines.first?.name == machine.name
        let others =
            isFirst
            ? facts.objects("nodes").map(\.name).filter { !read.contains($0) }.flatMap { facts.pods(on: $0) } : []
        for pod in facts.pods(on: machine.name) + others {
            let wishes = pod.annotations.filter {
                ["kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth"].contains($0.key)
            }
            guard
                let wish = wishes.sorted(by: { $0.key < $1.key }).first(where: {
                    Self.bits($0.value).map { $0 <= 10_000_000 } ?? false
                })
            else { continue }
            let address = pod.text("status", "podIP").flatMap { IPAddress($0) }
            let host = address.flatMap { machine.routeLookup?.lookup(.init(to: $0)).devices.first }.flatMap {
                machine.link($0)
            }
            let node = pod.text("spec", "nodeName") ?? machine.name
            guard node == machine.name else {
                return .machine(
                    "PRF-02", "\(pod.namespace)/\(pod.name) is held to \(wish.value) bit/s by its own annotation",
                    .likely,
                    at: [pod.place, "Node/\(node)"],
                    evidence: [
                        .init("\(wish.key): \(wish.value)", from: pod.source),
                        machine.quote("\"type\": \"bandwidth\"", file: file.path),
                    ],
                    because: [
                        "the plugin bandwidth is in the list of this network, and it shapes the pod's link to \(wish.value): nothing faster passes, whatever the network could do"
                    ], explains: [], fix: Self.unshaping(wish.key),
                    needs: [
                        "on \(node): tc -s qdisc show   # a tbf on the pod's link, with drops or overlimits that grow"
                    ])
            }
            return .machine(
                "PRF-02", "\(pod.namespace)/\(pod.name) is held to \(wish.value) bit/s by its own annotation", .certain,
                at: [pod.place, machine.place],
                evidence: [
                    .init("\(wish.key): \(wish.value)", from: pod.source),
                    machine.quote(
                        "qdisc tbf on \(host?.name ?? "the pod's link")", .links,
                        "tc -s qdisc show dev \(host?.name ?? "LINK")"),
                ],
                because: [
                    "the plugin bandwidth shapes the pod's link to \(wish.value): nothing faster passes, whatever the network could do"
                ],
                explains: [], fix: Self.unshaping(wish.key))
        }
        return nil
    }

    static func unshaping(_ key: String) -> Diagnosis.Fix {
        .init(
            ["set or remove \(key) in the pod's template, and make the pod anew"], undo: "set the old value",
            risk: "the pod restarts", seconds: 60)
    }

    /// `1M`, `500k`, `2Gi`, in bits per second.
    static func bits(_ text: String) -> Double? {
        let suffixes: [(String, Double)] = [
            ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9),
        ]
        for (suffix, factor) in suffixes where text.hasSuffix(suffix) {
            return Double(text.dropLast(suffix.count)).map { $0 * factor }
        }
        return Double(text)
    }
}
