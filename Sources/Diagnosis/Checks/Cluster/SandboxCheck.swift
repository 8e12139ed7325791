import JSONTree

/// Pods whose sandbox fails: what the runtime says about it, narrowed by what else is known.
struct SandboxCheck: Check {
    let name = "sandboxes"
    let codes = [
        "INS-02", "INS-03", "INS-05", "INS-06", "INS-08", "API-01", "API-02", "API-03", "CFG-04", "CFG-07",
        "CFG-10",
    ]
    let needs: [FactName] = [.objects("pods"), .objects("events")]

    func applies(to facts: FactBase) -> Bool { !facts.symptoms(.sandbox, .terminate).isEmpty }

    /// Decided better by what is on the machine, where that was looked into.
    private static let ofMachines: Set<String> = [
        "CFG-01", "CFG-02", "CFG-03", "CFG-04", "CFG-05", "CFG-06", "CFG-07", "INS-02", "INS-03", "INS-05", "INS-10",
        "IPM-02", "IPM-03", "IPM-05", "IPM-06",
    ]

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var newest: [String: APIObject] = [:]
        for event in facts.events {
            let reason = event.text("reason")
            guard reason == "FailedCreatePodSandBox" || reason == "FailedKillPod",
                let key = event.subject?.key
            else { continue }
            if let known = newest[key], (known.lastSeen ?? 0) >= (event.lastSeen ?? 0) { continue }
            newest[key] = event
        }
        var groups: [String: [(symptom: Symptom, sign: MessageReading.Sign)]] = [:]
        let machines = Set(facts.machines(with: .fileList).map(\.name))
        let directories = PluginDirectories(facts)
        let predecessor = PredecessorPlugin(facts)
        typealias Former = (former: NetworkProvider, present: RecognisedComponent)
        var former: [String: (found: Former, symptoms: [Symptom], evidence: [Diagnosis.Evidence])] = [:]
        for symptom in facts.symptoms(.sandbox, .terminate) {
            guard let event = newest["\(symptom.namespace)/\(symptom.name)"] else { continue }
            if !machines.contains(symptom.node),
                let found = predecessor.named(by: event.message, on: symptom.node)
            {
                former[found.former.name, default: (found, [], [])].symptoms.append(symptom)
                former[found.former.name]?.evidence.append(.init(event.message, from: event.source))
                continue
            }
            guard var sign = MessageReading.sign(of: event.message, from: event.source) else { continue }
            let sharper = directories.sharper(sign.code, event.message)
            if let sharper { sign.code = sharper }
            // Of a machine of which only some files were copied the message knows more.
            if machines.contains(symptom.node), sharper == nil || facts.knowsPlugins(of: symptom.node),
                Self.ofMachines.contains(sign.code)
            {
                continue
            }
            guard let narrowed = AgentCheck.narrowed(sign, facts) else { continue }
            groups[narrowed.code, default: []].append((symptom, narrowed))
        }
        let left = former.keys.sorted().compactMap { key in
            former[key].map { predecessor.diagnosis($0.found, $0.symptoms, $0.evidence) }
        }
        return left
            + groups.keys.sorted().compactMap { code in
                guard let cause = Cause.coded(code), let group = groups[code], let first = group.first else {
                    return nil
                }
                let nodes = Set(group.map(\.symptom.node)).subtracting([""]).sorted()
                let confidence = group.map(\.sign.confidence).max() ?? .likely
                var finding = Diagnosis(
                    cause, confidence, at: nodes.map { "Node/\($0)" },
                    evidence: Array(group.prefix(2).map(\.sign.evidence)),
                    because: [
                        "\(group.count) pod\(group.count == 1 ? "" : "s") on \(listed(nodes)) cannot be set up, and the runtime says why.",
                        cause.mechanism,
                    ], explains: Set(group.map(\.symptom.id)))
                if confidence < .certain, !first.sign.needs.isEmpty { finding.needs = first.sign.needs }
                AccessRules.sharpen(&finding, first.sign.text, facts)
                if code == "INS-06" || code == "INS-08" { Self.askAgent(&finding, nodes, facts) }
                return finding
            }
    }
}

extension SandboxCheck {
    /// Files that an agent leaves for its plugin: whose log says why they are not there, and whether the agent could
    /// have left them at all.
    private static func askAgent(_ finding: inout Diagnosis, _ nodes: [String], _ facts: FactBase) {
        let (provider, folder) = finding.code == "INS-08" ? ("flannel", "/run/flannel") : ("calico", "/var/lib/calico")
        let agent = facts.components(.agent).first { $0.component.name == provider }
        guard let agent, let node = nodes.first else { return }
        if let pod = agent.pods(on: node).first {
            finding.needs = ["kubectl -n \(pod.namespace) logs \(pod.name) --tail=50   # the agent of \(node)"]
        }
        guard let workload = agent.workload,
            !agent.hostPaths.contains(where: { $0.hasPrefix(folder) || $0.hasPrefix("/var" + folder) })
        else { return }
        finding.places.append(workload.place)
        finding.evidence.append(
            .init(
                "hostPath volumes: \(listed(agent.hostPaths, upTo: 6)); none is \(folder)",
                marking: "none is \(folder)", from: workload.source))
        finding.because.insert(
            "\(workload.place) mounts no \(folder) of the host: what the agent writes there stays in its own container",
            at: 1)
        finding.fix = .init(
            [
                "kubectl -n \(workload.namespace) edit daemonset \(workload.name)   # a hostPath volume for \(folder), mounted there"
            ],
            undo: "kubectl -n \(workload.namespace) rollout undo daemonset/\(workload.name)",
            risk: "the DaemonSet rolls over all nodes; running pods keep their network", seconds: 300)
    }
}

extension FactBase {
    /// Whether the machine's files decide which plugins it lacks: a folder that its runtime takes them from was listed,
    /// and the configuration that names them was copied.
    fileprivate func knowsPlugins(of node: String) -> Bool {
        guard let machine = machines.first(where: { $0.name == node }) else { return false }
        let files = NodeNetworkFiles(machine, self)
        return files.programsAreListed && files.winner != nil
    }
}

/// Where providers put their plugins, against where the runtime looks for them.
struct PluginDirectories: Sendable {
    private let installed: Set<String>

    init(_ facts: FactBase) {
        let paths = facts.components(.agent, .chained).flatMap(\.hostPaths)
        installed = Set(
            paths.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }.filter {
                $0.hasSuffix("/cni/bin") || $0.hasSuffix("/cni")
            }
            .filter { !$0.hasPrefix("/etc") && !$0.hasPrefix("/var/lib/cni") && !$0.hasPrefix("/var/run") })
    }

    /// `failed to find plugin "calico" in path [/usr/lib/cni]` while the provider installs into another directory:
    /// the two do not agree, and nothing is missing (INS-05).
    func sharper(_ code: String, _ message: String) -> String? {
        guard code == "INS-02" || code == "INS-03" || code == "INS-05", !installed.isEmpty else { return nil }
        let plain = String(message.filter { $0 != "\\" })
        guard let open = plain.lastIndex(of: "["), let close = plain[open...].firstIndex(of: "]"),
            plain[..<open].hasSuffix("in path ")
        else { return nil }
        let searched = plain[plain.index(after: open)..<close].split(separator: " ")
            .map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : String($0) }
        if searched.isEmpty { return "INS-05" }
        // A reference plugin may come from elsewhere than the provider's own.
        return code == "INS-02" && installed.isDisjoint(with: searched) ? "INS-05" : nil
    }
}
