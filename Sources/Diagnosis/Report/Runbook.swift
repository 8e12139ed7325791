import Findings

/// The same checks told step by step, as somebody would go through them by hand: each step with the command that shows
/// it.
public struct Runbook: Sendable {
    public struct Step: Sendable {
        public let question: String
        /// Layers whose checks answer it.
        public let layers: [Cause.Layer]
        /// Only these codes of them; empty for all.
        public let codes: Set<String>
        /// None of these, though their layer is asked for.
        public let others: Set<String>
        public let command: String
        /// What shows it where the agent is of one of these networks; ``command`` is for all others.
        public let commands: [String: String]

        init(
            _ question: String, _ layers: [Cause.Layer], _ codes: Set<String> = [], besides others: Set<String> = [],
            command: String, of commands: [String: String] = [:]
        ) {
            self.question = question
            self.layers = layers
            self.codes = codes
            self.others = others
            self.command = command
            self.commands = commands
        }

        func takes(_ code: String) -> Bool {
            if !codes.isEmpty { return codes.contains(code) }
            return !others.contains(code) && Cause.coded(code)?.layer.map { layers.contains($0) } ?? false
        }

        /// Whether a check answers it: one that looks at something else first and may come across one of its codes
        /// does not.
        func isAnswered(by outcome: CheckOutcome) -> Bool {
            if !codes.isEmpty { return outcome.codes.contains(where: takes) }
            return outcome.codes.first.map(takes) ?? false
        }

        /// With the names of this cluster.
        public func command(_ report: DiagnosisReport) -> String {
            if let subject = cloud, let question = report.open.first(where: { subject.contains($0.subject) }) {
                return question.command
            }
            guard let example = report.example else { return command }
            var text = example.agent.flatMap { commands[$0] } ?? command
            text = text.replacing("NODE", with: example.node)
            if let namespace = example.agentNamespace, let pod = example.agentPod {
                text = text.replacing("NAMESPACE", with: namespace).replacing("AGENT-POD", with: pod)
            }
            return text
        }

        /// Providers whose answers it is about.
        private var cloud: Set<OpenQuestion.Subject>? {
            let subjects: [Cause.Layer: OpenQuestion.Subject] = [.aws: .aws, .azure: .azure, .gcp: .gcp]
            let own = Set(layers.compactMap { subjects[$0] })
            return own.isEmpty || layers.contains { subjects[$0] == nil } ? nil : own
        }

        /// Why nothing answers it.
        func openReason(_ report: DiagnosisReport) -> String? {
            guard let cloud else { return nil }
            return report.open.first { cloud.contains($0.subject) }.map { "\($0.text) was not handed in" }
        }
    }

    public let name: String
    public let title: String
    public let steps: [Step]

    public static let all = [containerCreating, addresses, crossNode, upgrade]

    public static func named(_ name: String) -> Runbook? { all.first { $0.name == name } }

    private static let containerCreating = Runbook(
        name: "container-creating", title: "Pods stay in ContainerCreating",
        steps: [
            Step("Is the machine itself fit?", [.node], command: "kubectl describe node NODE"),
            Step(
                "Does the CNI agent run on the node?", [.installation],
                command: "kubectl get pods -A -o wide --field-selector spec.nodeName=NODE"),
            Step(
                "May the agent and the plugins talk to the API?", [], ["API-01", "API-02", "API-03"],
                command: "kubectl -n NAMESPACE logs AGENT-POD --tail=50"),
            Step(
                "Is there a valid configuration, and is it the right one?", [.configuration],
                command: "ls -l /etc/cni/net.d"),
            Step(
                "Are there addresses left?", [.addresses, .aws, .azure, .gcp],
                command: "poplin doctor runbook addresses"),
            Step(
                "Do webhooks let the pod through?", [.webhooks],
                command: "kubectl get events -A --field-selector type=Warning"),
        ])

    private static let addresses = Runbook(
        name: "addresses", title: "Pods get no address",
        steps: [
            Step(
                "Does every node have its range?", [], ["IPM-01", "IPM-08", "IPM-11"],
                command: "kubectl get nodes -o custom-columns=N:.metadata.name,R:.spec.podCIDRs"),
            Step(
                "Does a pool apply here?", [], ["IPM-12"], command: "kubectl get ippools.crd.projectcalico.org -o yaml"),
            Step(
                "Are reservations leaked?", [], ["IPM-03", "IPM-04", "IPM-10"],
                command: "ls /var/lib/cni/networks/NETWORK; crictl pods"),
            Step("Is the range full of live pods?", [], ["IPM-02"], command: "crictl pods --state ready -q | wc -l"),
            Step(
                "Does something else use the range?", [], ["IPM-05", "IPM-06", "IPM-07", "IPM-09"],
                command: "ip route show table all"),
            Step(
                "Does the cloud have addresses to give?", [.aws, .azure, .gcp],
                command: "aws ec2 describe-subnets --output json | poplin doctor --aws -"),
        ])

    private static let crossNode = Runbook(
        name: "cross-node", title: "Pods of one node do not reach those of another",
        steps: [
            Step("Are all nodes ready and alike?", [.node, .installation], command: "kubectl get nodes -o wide"),
            Step("Is there a route to each node's pods?", [.routing], command: "ip route show table all"),
            Step(
                "Do the routers speak to each other?", [.bgp],
                command: "ip route show table all proto bgp; ip route show table all proto bird",
                of: [
                    "calico":
                        "kubectl -n NAMESPACE exec AGENT-POD -- birdcl -s /var/run/calico/bird.ctl show protocols",
                    "cilium": "kubectl -n NAMESPACE exec AGENT-POD -- cilium-dbg bgp peers",
                    "kube-router": "kubectl -n NAMESPACE exec AGENT-POD -- gobgp neighbor",
                ]),
            Step("Do large packets pass?", [.mtu], command: "ip -d link; ping -M do -s $((MTU-28)) ADDRESS"),
            Step(
                "Are the BPF programs and maps in order?", [.bpf],
                command: "bpftool prog show; bpftool map show; bpftool net",
                of: [
                    "calico": "kubectl -n NAMESPACE exec AGENT-POD -- calico-node -bpf counters dump",
                    "cilium": "kubectl -n NAMESPACE exec AGENT-POD -- cilium-dbg status --verbose",
                ]),
            // A policy that nobody enforces (POL-07) forbids nothing.
            Step(
                "Does a policy forbid it?", [.policy], besides: ["POL-07"], command: "poplin doctor why A to B:PORT"),
            Step("Does the cloud let it through?", [.aws, .azure, .gcp], command: "poplin doctor --aws FILE"),
        ])

    private static let upgrade = Runbook(
        name: "upgrade", title: "Before and after an upgrade of Kubernetes, a CNI or the kernel",
        steps: [
            Step(
                "Do the versions go together?", [], ["INS-09", "INS-07", "BPF-02", "BPF-05", "INS-12"],
                command: "kubectl version; kubectl get daemonsets -A -o wide"),
            Step("Is every agent up?", [.installation], command: "kubectl get daemonsets -A"),
            Step("Is exactly one configuration active?", [.configuration], command: "ls -l /etc/cni/net.d"),
            Step("Is there room for the pods that move?", [.addresses], command: "poplin doctor runbook addresses"),
            Step("Do webhooks answer?", [.webhooks], command: "kubectl get validatingwebhookconfigurations -o yaml"),
            Step(
                "Do names and Services work?", [.dns, .services],
                command: "kubectl -n kube-system get pods,endpointslices"),
        ])

    // MARK: Telling

    public enum State: Sendable, Hashable {
        case passed
        case failed([Diagnosis])
        case notChecked(because: String)
        /// There is nothing of the kind in this cluster.
        case notApplicable
    }

    /// A step may be answered by several checks: one that found something decides, then one that could look.
    public func states(_ report: DiagnosisReport) -> [(step: Step, state: State)] {
        steps.map { step in
            let found = report.entries.flatMap(\.all).filter { step.takes($0.code) }
            if !found.isEmpty { return (step, .failed(found)) }
            let outcomes = report.outcomes.filter(step.isAnswered)
            if outcomes.contains(where: { if case .ran = $0.state { true } else { false } }) { return (step, .passed) }
            for outcome in outcomes {
                if case .notChecked(let reason) = outcome.state { return (step, .notChecked(because: reason)) }
            }
            if let reason = step.openReason(report) { return (step, .notChecked(because: reason)) }
            // Files, sizes and programs of the kernel are in the machine alone.
            let isInside = step.layers.contains { [.configuration, .mtu, .bpf].contains($0) }
            if report.counts.machines == 0, isInside || outcomes.contains(where: \.needsMachine) {
                return (
                    step,
                    .notChecked(because: "no machine was looked into: poplin doctor --exec, or doctor node on the node")
                )
            }
            return (step, .notApplicable)
        }
    }

    /// Lines without a newline at the end.
    public func screen(_ report: DiagnosisReport, _ style: ScreenStyle = ScreenStyle()) -> String {
        var lines = [style.paint.bold(title), ""]
        var isBroken = false
        for (index, (step, state)) in states(report).enumerated() {
            let number = "\(index + 1)"
            switch state {
            case .passed:
                lines += WrappedText.lines(step.question, columns: 74).map { "\(number) \(style.good) \($0)" }
            case .notApplicable:
                lines += WrappedText.lines("\(step.question) nothing of the kind here", columns: 74).enumerated().map {
                    $0.offset == 0 ? "\(number) \(style.dot) \($0.element)" : "    \($0.element)"
                }
                // What would show it is of something that is not there.
                continue
            case .notChecked(let reason):
                lines += WrappedText.lines("\(step.question) not checked: \(reason)", columns: 74).enumerated().map {
                    $0.offset == 0 ? "\(number) \(style.unknown) \($0.element)" : "    \($0.element)"
                }
            case .failed(let findings):
                let mark = findings.contains { $0.confidence == .certain } ? style.bad : style.unsure
                lines.append("\(number) \(mark) \(step.question)\(isBroken ? "" : "  <- here it breaks")")
                isBroken = true
                for finding in findings.prefix(style.isVerbose ? findings.count : 3) {
                    lines += WrappedText.lines(
                        "\(finding.title) (\(finding.confidence.rawValue))", label: "    \(finding.code)  ")
                    if let first = finding.fix?.steps.first { lines += WrappedText.step(first, label: "      fix   ") }
                }
            }
            lines += WrappedText.command(step.command(report), label: "      see   ").map { style.paint.faint($0) }
        }
        // Somebody who looks here may be looking in the wrong place.
        let elsewhere = report.entries.map(\.root).filter { root in !steps.contains { $0.takes(root.code) } }
        if let first = elsewhere.first {
            let more = elsewhere.count > 1 ? ", and \(elsewhere.count - 1) more" : ""
            lines +=
                [""]
                + WrappedText.lines(
                    "\(first.code) \(first.title) (\(first.confidence.rawValue))\(more): poplin doctor",
                    label: "Elsewhere  ")
        }
        return lines.joined(separator: "\n")
    }
}
