import JSONTree

/// Maps that are full (BPF-03), kernels that hide what the agent's probes need (BPF-05), switches without flows (RTE-19).
struct BPFCheck: Check {
    let name = "BPF and switches"
    let codes = ["BPF-03", "BPF-05", "RTE-19"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { facts.has(.objects("pods")) || !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        (fullMaps(facts) + refusedEntries(facts)) + facts.clusterMachines.compactMap { hardened($0, facts) }
            + switches(facts)
    }

    // MARK: BPF-03

    /// Of a line of the Prometheus text format: the name, labels, value.
    static func sample(_ line: Substring) -> (name: Substring, labels: [String: String], value: Double)? {
        guard !line.hasPrefix("#"), let value = line.split(separator: " ").last.flatMap({ Double($0) }) else {
            return nil
        }
        let name = line.prefix { $0 != "{" && $0 != " " }
        var labels: [String: String] = [:]
        if let open = line.firstIndex(of: "{"), let close = line.lastIndex(of: "}"), open < close {
            for pair in line[line.index(after: open)..<close].split(separator: ",") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { labels[parts[0].trimmingBlanks] = String(parts[1].filter { $0 != "\"" }) }
            }
        }
        return (name, labels, value)
    }

    private func fullMaps(_ facts: FactBase) -> [Diagnosis] {
        var found: [Diagnosis] = []
        for (path, document) in facts.evidence.documents(under: EvidencePath.metrics) {
            var full: (map: String, share: Double, line: String)?
            var failed: [String: (Double, String)] = [:]
            for line in document.text.split(whereSeparator: \.isNewline) where line.hasPrefix("cilium_bpf_map") {
                guard let sample = Self.sample(line), let map = sample.labels["map_name"] ?? sample.labels["mapName"]
                else { continue }
                if sample.name == "cilium_bpf_map_pressure", sample.value > 0.9, sample.value > full?.share ?? 0 {
                    full = (map, sample.value, String(line))
                } else if sample.name == "cilium_bpf_map_ops_total", sample.labels["outcome"] == "fail",
                    sample.labels["operation"] == "update", sample.value > 0
                {
                    failed[map] = (sample.value, String(line))
                }
            }
            guard let full else { continue }
            let failures = failed[full.map]
            // Nearly full and nothing refused yet is a warning, not what breaks things now.
            guard full.share >= 0.98 || failures != nil else { continue }
            let words = path.split(separator: "/").map(String.init)
            guard words.count >= 2, let pod = facts.object("pods", words[0], words[1]) else { continue }
            let node = pod.text("spec", "nodeName") ?? ""
            let option =
                full.map.contains("policy")
                ? "bpf-policy-map-max"
                : full.map.contains("ct")
                    ? "bpf-ct-global-tcp-max"
                    : full.map.contains("nat")
                        ? "bpf-nat-global-max"
                        : full.map.contains("lb") ? "bpf-lb-map-max" : "bpf-map-dynamic-size-ratio"
            let source = FactSource(
                "\(words[0])/\(words[1]) metrics",
                command: "kubectl -n \(words[0]) exec \(words[1]) -- cilium-dbg metrics list | grep map_pressure",
                age: document.source.age)
            found.append(
                .machine(
                    "BPF-03", "Cilium's map \(full.map) on \(node) is full", .certain, at: ["Node/\(node)", pod.place],
                    evidence: [.init(full.line, from: source)] + (failures.map { [.init($0.1, from: source)] } ?? []),
                    because: [
                        "a map has a fixed size; what does not fit is refused, so that new policies, connections or Services have no effect on \(node)"
                    ],
                    explains: facts.unreadyPods(on: node),
                    fix: .init(
                        [
                            "kubectl -n \(words[0]) patch configmap cilium-config --type merge -p '{\"data\":{\"\(option)\":\"VALUE\"}}'   # twice what it is now",
                            "kubectl -n \(words[0]) delete pod \(words[1])   # this node first, then the others one by one",
                        ], undo: "set the old value again",
                        risk: "a map that is made anew loses its entries once: connections may break", seconds: 120),
                    prevent: "alert at cilium_bpf_map_pressure > 0.8; write policies by label, not one per address"))
        }
        return found
    }

    /// Where nobody has the agent's counters, its log tells the same: entries that a map does not take, again and again,
    /// by an agent that is well otherwise.
    private func refusedEntries(_ facts: FactBase) -> [Diagnosis] {
        let signs = ["no space left on device", "map full", "map is full", "argument list too long", "E2BIG"]
        for component in facts.components(.agent) where ["cilium", "calico"].contains(component.component.name) {
            for pod in component.pods where facts.metrics(pod.namespace, pod.name).isEmpty {
                let node = pod.nodeName ?? ""
                for document in facts.logs(pod.namespace, pod.name)
                where document.holds("map") && signs.contains(where: document.holds) {
                    let lines = document.lines.suffix(400).filter { line in
                        line.contains("map") && signs.contains(where: line.contains)
                            && LogReader.mechanisms(of: String(line)).first?.code == "BPF-03"
                    }
                    guard lines.count >= Self.repeats, let last = lines.last else { continue }
                    return [
                        .machine(
                            "BPF-03", "a map of \(component.component.name) on \(node) takes no more entries", .likely,
                            at: ["Node/\(node)", pod.place],
                            evidence: [.init(MessageReading.shortened(String(last)), from: document.source)],
                            because: [
                                "a map has a fixed size; what does not fit is refused, so that new policies, connections or Services have no effect on \(node)",
                                "its log says so \(lines.count) times",
                            ], explains: facts.unreadyPods(on: node),
                            fix: .init(
                                [
                                    "kubectl -n \(pod.namespace) exec \(pod.name) -- cilium-dbg metrics list | grep map_pressure   # which map, and how full",
                                    "then the size of that map, twice what it is, in the agent's configuration (bpf-lb-map-max, bpf-policy-map-max, bpf-ct-global-tcp-max)",
                                ], undo: "set the old value again",
                                risk: "a map that is made anew loses its entries once: connections may break",
                                seconds: 120),
                            prevent: "alert at cilium_bpf_map_pressure > 0.8",
                            needs: ["cilium_bpf_map_pressure of the map that the line names: is it near 1?"])
                    ]
                }
            }
        }
        return []
    }

    /// So many lines of it are no single burst.
    private static let repeats = 3

    // MARK: BPF-05

    private func hardened(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let strict = Self.hardening(machine)
        let told = facts.nodeObject(machine.name)?.text("status", "nodeInfo", "kernelVersion")
        guard !strict.isEmpty, let release = machine.kernelRelease ?? told,
            let major = release.split(separator: ".").first.flatMap({ Int($0) })
        else { return nil }
        // An agent that says the kernel is too old where it is not.
        for pod in facts.pods(on: machine.name) {
            for (_, document) in facts.evidence.documents(under: "\(EvidencePath.logs)\(pod.namespace)/\(pod.name)/")
            where document.holds("Linux ") {
                let line = document.lines.last { text in
                    text.contains("Linux ") && (text.contains("or newer") || text.contains("Require support"))
                        && Self.wantsOlder(text, than: major)
                }
                guard let line else { continue }
                return .machine(
                    "BPF-05", "\(machine.name)'s hardening hides from \(pod.name) what its probes look for", .likely,
                    at: [machine.place, pod.place],
                    evidence: [
                        .init(
                            String(line),
                            from: FactSource(
                                "\(pod.namespace)/\(pod.name) log",
                                command: "kubectl -n \(pod.namespace) logs \(pod.name) --previous",
                                age: document.source.age)),
                        machine.quote("kernel \(release)", .kernel, "uname -r"),
                    ]
                        + strict.map {
                            machine.quote("\($0.0) = \($0.1)", .sysctls, "sysctl \($0.0)", telling: "\($0.1)")
                        },
                    because: [
                        "kernel \(release) has what the line asks for; with these settings the probe cannot see it and takes the kernel for an old one"
                    ],
                    explains: facts.unreadyPods(on: machine.name),
                    fix: .init(
                        strict.map { "sysctl -w \($0.0)=1   # on \(machine.name), then delete the agent's pod" },
                        undo: strict.map { "sysctl -w \($0.0)=\($0.1)" }.joined(separator: "; "),
                        risk: "less hardening", seconds: 30),
                    needs: ["the agent's log after the settings were loosened on this one node"])
            }
        }
        return nil
    }

    /// Settings of a machine that refuse a program of root what agents' probes ask for.
    static func hardening(_ machine: NodeEvidence) -> [(String, Int)] {
        [("kernel.kptr_restrict", 2), ("net.core.bpf_jit_harden", 2)].filter {
            machine.sysctls?.int($0.0) ?? 0 >= $0.1
        }
    }

    /// Whether a version that the line asks for is older than the kernel's.
    private static func wantsOlder(_ line: Substring, than major: Int) -> Bool {
        guard let range = line.firstRange(of: "Linux ") else { return false }
        let version = line[range.upperBound...].prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap {
            Int($0)
        }
        return version.first.map { $0 < major } ?? false
    }

    // MARK: RTE-19

    /// The flows of a machine's bridge, as `ovs-ofctl dump-flows` prints them: the one that a new bridge has by itself,
    /// and none of its agent's.
    private func bare(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard
            facts.components(.agent).contains(where: {
                ["antrea", "kube-ovn", "ovn-kubernetes"].contains($0.component.name)
            })
        else { return nil }
        for (path, document) in machine.documents where path.hasPrefix("exec/") && document.holds("n_packets=") {
            let flows = document.lines.filter { $0.contains("n_packets=") && $0.contains("actions=") }
            guard flows.count == 1, let only = flows.first, only.hasSuffix("actions=NORMAL") else { continue }
            let pod = facts.components(.agent).lazy.flatMap { $0.pods(on: machine.name) }.first
            return ovs(
                machine.name, "Open vSwitch on \(machine.name) has no flow of its agent",
                [.init(only.trimmingBlanks, marking: "actions=NORMAL", from: document.source)], pod, facts)
        }
        return nil
    }

    private func switches(_ facts: FactBase) -> [Diagnosis] {
        var found = facts.machines.compactMap { bare($0, facts) }
        for info in facts.objects("antreaagentinfos.crd.antrea.io") {
            let down = info.list("agentConditions").first { condition in
                ["OVSDBConnectionUp", "OpenflowConnectionUp"].contains(condition.member("type")?.string ?? "")
                    && condition.member("status")?.string == "False"
            }
            let tables = info["ovsInfo", "flowTable"].map { Array($0.members) } ?? []
            let isEmpty = !tables.isEmpty && tables.allSatisfy { $0.value.int == 0 }
            guard down != nil || isEmpty else { continue }
            let node = info.text("nodeRef", "name") ?? info.name
            let pod = facts.pods(on: node).first { pod in
                pod.list("spec", "containers").contains { $0.member("image")?.string?.contains("antrea") ?? false }
            }
            found.append(
                ovs(
                    node,
                    isEmpty
                        ? "Open vSwitch on \(node) has no flows" : "Open vSwitch on \(node) does not answer its agent",
                    [
                        .init(
                            [
                                down.map { "\($0.member("type")?.string ?? "") False" },
                                isEmpty ? "every flow table has 0 flows" : nil,
                            ]
                            .compactMap { $0 }.joined(separator: ", "), from: info.source)
                    ], pod, facts))
        }
        let already = Set(found.flatMap(\.places))
        for pod in facts.podsWithLogs {
            let node = pod.text("spec", "nodeName") ?? ""
            guard !already.contains("Node/\(node)"),
                pod.list("spec", "containers").contains(where: { container in
                    let image = container.member("image")?.string ?? ""
                    return image.contains("antrea") || image.contains("openvswitch") || image.contains("ovn")
                })
            else { continue }
            for (path, document) in facts.evidence.documents(under: "\(EvidencePath.logs)\(pod.namespace)/\(pod.name)/")
            {
                let line = document.lines.last { text in
                    (text.contains("ovsdb-server") || text.contains("ovs-vswitchd"))
                        && (text.contains("pidfile check failed") || text.contains("aborting")
                            || text.contains("Failed to start"))
                }
                guard let line else { continue }
                found.append(
                    ovs(
                        node, "Open vSwitch does not start on \(node)",
                        [
                            .init(
                                String(line),
                                from: FactSource(
                                    "\(pod.namespace)/\(pod.name) \(path)",
                                    command: "kubectl -n \(pod.namespace) logs \(pod.name) --all-containers --previous",
                                    age: document.source.age))
                        ],
                        pod, facts))
                break
            }
        }
        return found
    }

    private func ovs(
        _ node: String, _ title: String, _ evidence: [Diagnosis.Evidence], _ pod: APIObject?, _ facts: FactBase
    ) -> Diagnosis {
        let restart = pod.map {
            "kubectl -n \($0.namespace) delete pod \($0.name)   # switch and agent start together, flows are written again"
        }
        return .machine(
            "RTE-19", title, .certain, at: ["Node/\(node)"] + [pod?.place].compactMap { $0 }, evidence: evidence,
            because: [
                "every packet of \(node)'s pods goes through the switch; without it, or without its flows, they are all dropped"
            ],
            explains: facts.unreadyPods(on: node).union(facts.nodeSymptoms(node)),
            fix: .init(
                [restart ?? "restart the agent's pod of \(node)"], undo: "none needed",
                risk: "none: the node's pods are cut off now", seconds: 60),
            prevent: "update switch and agent together")
    }
}
