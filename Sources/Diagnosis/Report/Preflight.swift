import Addressing
import Findings
import JSONTree

/// What matters before an install or an upgrade, question by question. It asks more than the checks do: nothing has to be
/// broken for a port to be taken, a range to be in use or another network's files to lie about.
public struct Preflight: Sendable {
    public enum State: Sendable, Hashable {
        /// With what was seen.
        case passed(String)
        case failed([String], codes: [String], fix: String)
        case notChecked(because: String)
    }

    public struct Step: Sendable {
        public let question: String
        public let state: State
        /// What shows it.
        public let command: String
    }

    public let steps: [Step]

    /// - Parameter planned: ranges that pods and Services are to get.
    public init(_ facts: FactBase, _ report: DiagnosisReport, planned: [IPPrefix] = []) {
        let reader = PreflightReader(facts: facts, report: report, planned: planned)
        steps = reader.steps()
    }

    public var status: DiagnosisReport.Status {
        if steps.contains(where: { if case .failed = $0.state { true } else { false } }) { return .findings }
        return passed == 0 ? .couldNotSay : .healthy
    }

    private var passed: Int { steps.count { if case .passed = $0.state { true } else { false } } }

    public var headline: String {
        let failed = steps.count { if case .failed = $0.state { true } else { false } }
        let open = steps.count - passed - failed
        let left = open > 0 ? ", \(open) not checked" : ""
        switch status {
        case .findings: return "NOT READY for an install or an upgrade: \(failed) of \(steps.count) against it\(left)."
        case .healthy: return "READY for an install or an upgrade: nothing against it\(left)."
        case .couldNotSay: return "CANNOT SAY: nothing could be looked at."
        }
    }

    /// Lines without a newline at the end.
    public func screen(_ style: ScreenStyle = ScreenStyle()) -> String {
        var lines = WrappedText.lines(headline).map { style.paint.bold($0) } + [""]
        for step in steps {
            switch step.state {
            case .passed(let seen):
                lines += marked(style.good, step.question + (seen.isEmpty ? "" : "  \(seen)"), style)
            case .notChecked(let reason):
                lines += marked(style.unknown, "\(step.question): not checked, \(reason)", style)
            case .failed(let found, let codes, let fix):
                lines += marked(style.bad, step.question, style)
                for text in found.prefix(style.isVerbose ? found.count : 4) {
                    lines += WrappedText.lines(text, label: "    ")
                }
                if found.count > 4, !style.isVerbose { lines.append("    and \(found.count - 4) more: -v shows all") }
                if !fix.isEmpty { lines += WrappedText.step(fix, label: "    fix  ") }
                if !codes.isEmpty { lines.append("    explain: poplin explain \(codes[0])") }
            }
            if !step.command.isEmpty, style.isVerbose || { if case .passed = step.state { false } else { true } }() {
                lines += WrappedText.command(step.command, label: "    see  ").map { style.paint.faint($0) }
            }
        }
        return lines.joined(separator: "\n")
    }

    private func marked(_ mark: String, _ text: String, _ style: ScreenStyle) -> [String] {
        let width = style.hasGlyphs ? 1 : 2
        let blanks = String(repeating: " ", count: width + 1)
        return WrappedText.lines(text, columns: ScreenStyle.columns - width - 1).enumerated().map {
            ($0.offset == 0 ? "\(mark) " : blanks) + $0.element
        }
    }

    public var stepList: StepList {
        StepList(
            "poplin doctor --pre", headline,
            steps.map { step in
                switch step.state {
                case .passed(let seen): .init(step.question, .passed, seen)
                case .notChecked(let reason): .init(step.question, .notChecked, reason)
                case .failed(let found, let codes, _):
                    .init(step.question, .failed, found.joined(separator: "; "), codes: codes)
                }
            })
    }
}

/// Answers the questions of ``Preflight``.
struct PreflightReader {
    let facts: FactBase
    let report: DiagnosisReport
    let planned: [IPPrefix]

    /// Machines that run pods or are about to: all that were looked into.
    private var machines: [NodeEvidence] { facts.machines }
    private var noMachine: String { "no machine was looked into: sudo poplin doctor node --pre, on each" }

    func steps() -> [Preflight.Step] {
        [kernel, forwarding, ports, ranges, leftovers, managers, versions, room, agents, access, size]
    }

    // MARK: From the checks

    /// What checks found of some codes, or `otherwise` where one of them could look.
    private func found(_ codes: Set<String>) -> (texts: [String], codes: [String], fix: String) {
        let own = report.entries.flatMap(\.all).filter { codes.contains($0.code) }
        return (own.map { "\($0.code)  \($0.title)" }, own.map(\.code), own.first?.fix?.steps.first ?? "")
    }

    private func ran(_ codes: Set<String>) -> Bool {
        report.outcomes.contains { outcome in
            if case .ran = outcome.state { outcome.codes.contains(where: codes.contains) } else { false }
        }
    }

    private func codes(_ layers: Cause.Layer...) -> Set<String> {
        Set(Cause.all.filter { $0.layer.map(layers.contains) ?? false }.map(\.code))
    }

    /// A question that checks answer alone.
    private func step(
        _ question: String, _ codes: Set<String>, seen: String = "", without reason: String? = nil, command: String
    ) -> Preflight.Step {
        let found = found(codes)
        let state: Preflight.State =
            !found.texts.isEmpty
            ? .failed(found.texts, codes: found.codes, fix: found.fix)
            : reason.map { .notChecked(because: $0) }
                ?? (ran(codes) ? .passed(seen) : .notChecked(because: "nothing of the kind was collected"))
        return Preflight.Step(question: question, state: state, command: command)
    }

    // MARK: Machines

    /// Options without which no pod network works, and those that many need (kernel/Kconfig names).
    private static let needed = ["VETH", "NET_NS", "NF_CONNTRACK", "NETFILTER", "INET"]
    private static let usual = [
        "BRIDGE", "VXLAN", "NF_TABLES", "NF_NAT", "IP_SET", "NETFILTER_XT_MATCH_COMMENT",
        "NETFILTER_XT_MATCH_MULTIPORT",
        "BPF_SYSCALL", "CGROUPS",
    ]

    private var kernel: Preflight.Step {
        let question = "The kernels have what pod networks need"
        let command = "grep -E 'VETH|VXLAN|BRIDGE|NF_TABLES|IP_SET' /boot/config-$(uname -r)"
        let known = found(["INS-07", "INS-11", "BPF-01", "BPF-02", "BPF-05"])
        var missing: [String] = known.texts
        var seen = 0
        for machine in machines {
            guard let text = machine.text(.kernelConfiguration) else { continue }
            seen += 1
            var values: [Substring: Substring] = [:]
            for line in text.split(separator: "\n") where line.hasPrefix("CONFIG_") {
                let parts = line.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { values[parts[0].dropFirst(7)] = parts[1] }
            }
            func lacks(_ options: [String]) -> [String] {
                options.filter { !["y", "m"].contains(values[Substring($0)] ?? "n") }
            }
            let hard = lacks(Self.needed)
            let soft = lacks(Self.usual)
            if !hard.isEmpty {
                missing.append("\(machine.name): no network works without CONFIG_\(listed(hard, upTo: 6))")
            }
            if !soft.isEmpty {
                missing.append("\(machine.name): many networks need CONFIG_\(listed(soft, upTo: 6)), which is not set")
            }
        }
        if !missing.isEmpty {
            return .init(
                question: question,
                state: .failed(
                    missing, codes: known.codes, fix: known.fix.isEmpty ? "use a kernel of the distribution" : known.fix
                ),
                command: command)
        }
        if seen == 0 {
            let reason = machines.first?.reasonMissing(.kernelConfiguration) ?? noMachine
            return .init(question: question, state: .notChecked(because: reason), command: command)
        }
        return .init(question: question, state: .passed("(\(WrappedText.count(seen, "machine")))"), command: command)
    }

    private var forwarding: Preflight.Step {
        step(
            "Packets may be forwarded", ["RTE-09", "SVC-07", "RTE-08", "RTE-06", "RTE-07"],
            without: machines.isEmpty ? noMachine : nil,
            command: "sysctl net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables")
    }

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

    private var ports: Preflight.Step {
        let question = "The ports of pod networks are free"
        let command = "ss -lntu"
        var taken: [String] = []
        var seen = 0
        let hasCluster = !facts.objects("nodes").isEmpty
        for machine in machines {
            guard let text = machine.text(.listeners) else { continue }
            seen += 1
            let network = NodeNetworkFiles(machine, facts)
            var owners = Set(network.files.compactMap { NetworkProvider.owner(of: $0)?.name })
            owners.formUnion((facts.providers() ?? []).map(\.name))
            // A machine of a cluster has its own kubelet and proxy.
            if hasCluster || machine.runs("kubelet") == true || machine.runs("k3s") == true
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
            return .init(
                question: question,
                state: .failed(
                    taken, codes: [], fix: "ss -lntup   # says who; end it, or give the network another port"),
                command: command)
        }
        if seen == 0 {
            return .init(
                question: question, state: .notChecked(because: machines.first?.reasonMissing(.listeners) ?? noMachine),
                command: command)
        }
        return .init(question: question, state: .passed(""), command: command)
    }

    private var leftovers: Preflight.Step {
        let question = "Nothing of another network is left over"
        let command = "ls /etc/cni/net.d; ip -br link"
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
        if !left.isEmpty {
            return .init(
                question: question,
                state: .failed(
                    left, codes: known.codes,
                    fix: known.fix.isEmpty
                        ? "remove what is named here, and nothing else, with that network's own uninstall" : known.fix),
                command: command)
        }
        return .init(
            question: question, state: machines.isEmpty ? .notChecked(because: noMachine) : .passed(""),
            command: command)
    }

    /// Links that only one network makes.
    private static let devices = [
        ("flannel.1", "flannel"), ("flannel-wg", "flannel"), ("cilium_host", "cilium"), ("cilium_vxlan", "cilium"),
        ("vxlan.calico", "calico"), ("cali*", "calico"), ("weave", "weave"), ("antrea-gw0", "antrea"),
        ("ovn-k8s-mp0", "ovn-kubernetes"),
    ]

    private var managers: Preflight.Step {
        step(
            "The system leaves the network's interfaces alone", ["RTE-02", "RTE-12", "RTE-13", "BGP-02", "RTE-10"],
            without: machines.isEmpty ? noMachine : nil,
            command: "networkctl list; systemctl is-active firewalld ufw NetworkManager")
    }

    // MARK: Ranges and room

    private var ranges: Preflight.Step {
        let question = "Ranges of pods, Services, nodes and the outside are apart"
        let command = "ip route show table all; kubectl cluster-info dump | grep -m1 cluster-cidr"
        let known = found(["IPM-05", "IPM-06", "IPM-07", "IPM-08", "IPM-09", "MCL-03", "GCP-03"])
        var overlaps = known.texts
        for (index, range) in planned.enumerated() {
            for other in planned[(index + 1)...] where range.overlaps(other) {
                overlaps.append("\(range) and \(other) are both planned and overlap")
            }
            for machine in machines {
                for route in (machine.routes ?? [])
                where !route.isDefault && route.kind == "unicast" && route.table == 254 {
                    if range.overlaps(route.destination) {
                        overlaps.append("\(machine.name): \(range) overlaps with the route \(route.text)")
                    }
                }
            }
            for node in facts.objects("nodes") {
                for text in node.nodeAddresses() {
                    if let address = IPAddress(text), range.contains(address) {
                        overlaps.append("\(range) holds \(address), the address of \(node.name)")
                    }
                }
            }
        }
        if !overlaps.isEmpty {
            return .init(
                question: question,
                state: .failed(
                    overlaps, codes: known.codes,
                    fix: known.fix.isEmpty ? "choose a range that nothing else uses" : known.fix),
                command: command)
        }
        if planned.isEmpty, facts.objects("nodes").isEmpty {
            return .init(
                question: question,
                state: .notChecked(because: "say which ranges are planned: --range 10.244.0.0/16 --range 10.96.0.0/12"),
                command: command)
        }
        let seen = planned.isEmpty ? "" : "(\(planned.map { "\($0)" }.joined(separator: ", ")))"
        return .init(question: question, state: .passed(seen), command: command)
    }

    private var room: Preflight.Step {
        let question = "There are addresses for the pods that move"
        let command = "kubectl get nodes -o custom-columns=N:.metadata.name,R:.spec.podCIDRs"
        let known = found(codes(.addresses).union(["AWS-01", "AWS-02", "AWS-03", "AZR-02"]))
        var full = known.texts
        var counted = 0
        let pods = Dictionary(grouping: facts.pods.filter { !$0.isFinished && !$0.isOnHostNetwork }, by: \.node)
        for node in facts.objects("nodes") {
            guard NetworkProviders(facts).usesNodeRanges(facts) ?? false,
                let range = node.podRanges.compactMap({ IPPrefix($0) }).first(where: { $0.family == .v4 })
            else { continue }
            counted += 1
            // Network, gateway and broadcast.
            let size = (1 << (32 - range.length)) - 3
            let used = pods[node.name]?.count ?? 0
            if size > 0, used * 10 > size * 9 {
                full.append("\(node.name): \(used) of \(size) addresses of \(range) are used")
            }
        }
        if !full.isEmpty {
            return .init(
                question: question,
                state: .failed(
                    full, codes: known.codes, fix: known.fix.isEmpty ? "add a node, or drain one first" : known.fix),
                command: command)
        }
        if facts.objects("nodes").isEmpty {
            return .init(question: question, state: .notChecked(because: "no cluster was asked"), command: command)
        }
        return .init(
            question: question,
            state: counted > 0 || ran(codes(.addresses))
                ? .passed("") : .notChecked(because: "no pool or range is known"),
            command: command)
    }

    // MARK: Cluster

    private static func minor(_ version: String?) -> (Int, Int)? {
        let numbers = (version ?? "").drop { !$0.isNumber }.split(separator: ".").prefix(2).map {
            Int($0.prefix { $0.isNumber })
        }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        return (major, minor)
    }

    /// A kubelet may be three minor versions older than the API server and never newer (Kubernetes version skew
    /// policy, since 1.28; two before).
    private var versions: Preflight.Step {
        let question = "Versions go together"
        let command = "kubectl version; kubectl get nodes -o wide"
        let known = found(["INS-09", "INS-12", "BPF-02", "CFG-07"])
        var skew = known.texts
        let nodes = facts.objects("nodes")
        let server = facts.evidence[EvidencePath.version].flatMap { document -> String? in
            let root = try? JSONTree(parsing: document.bytes).root
            return (root?.at("serverVersion", "gitVersion") ?? root?.member("gitVersion"))?.string
        }
        var seen = ""
        if let server, let (major, minor) = Self.minor(server) {
            seen = "(API server \(server))"
            for node in nodes {
                let kubelet = node.text("status", "nodeInfo", "kubeletVersion")
                guard let (own, ownMinor) = Self.minor(kubelet), own == major else { continue }
                let allowed = minor >= 28 ? 3 : 2
                if ownMinor > minor {
                    skew.append("\(node.name): kubelet \(kubelet ?? "") is newer than the API server \(server)")
                } else if minor - ownMinor > allowed {
                    skew.append(
                        "\(node.name): kubelet \(kubelet ?? "") is \(minor - ownMinor) versions older than \(server), \(allowed) are allowed"
                    )
                }
            }
        }
        if !skew.isEmpty {
            return .init(
                question: question,
                state: .failed(
                    skew, codes: known.codes,
                    fix: known.fix.isEmpty
                        ? "upgrade the API server first, then the kubelets, one version at a time" : known.fix),
                command: command)
        }
        if nodes.isEmpty {
            return .init(question: question, state: .notChecked(because: "no cluster was asked"), command: command)
        }
        return .init(question: question, state: .passed(seen), command: command)
    }

    private var agents: Preflight.Step {
        let question = "Nodes are ready and agents run"
        let known = found(codes(.installation, .node, .configuration))
        let unready = facts.symptoms(.node).map(\.text)
        let command = "kubectl get nodes; kubectl get daemonsets -A"
        if facts.objects("nodes").isEmpty, known.texts.isEmpty {
            return .init(question: question, state: .notChecked(because: "no cluster was asked"), command: command)
        }
        if !known.texts.isEmpty || !unready.isEmpty {
            return .init(
                question: question,
                state: .failed(known.texts.isEmpty ? unready : known.texts, codes: known.codes, fix: known.fix),
                command: command)
        }
        return .init(
            question: question, state: .passed("(\(WrappedText.count(facts.objects("nodes").count, "node")))"),
            command: command)
    }

    private var access: Preflight.Step {
        step(
            "Webhooks answer, tokens and certificates are valid", codes(.webhooks, .apiAccess).union(["ING-06"]),
            without: facts.objects("nodes").isEmpty ? "no cluster was asked" : nil,
            command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations")
    }

    private var size: Preflight.Step {
        step(
            "Cards and tunnels are of a size", codes(.mtu), without: machines.isEmpty ? noMachine : nil,
            command: "ip -d link")
    }
}
