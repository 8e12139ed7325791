import JSONTree
import KubernetesModel

/// A message somebody wrote, and where.
struct FoundMessage: Sendable {
    var text: String
    var source: FactSource
    /// Symptoms it was written about.
    var symptoms: Set<String> = []
    /// The machine it is about; empty where it is about none.
    var node = ""
    /// Handed in by a person, who asks about exactly this.
    var isAsked = false
}

/// Messages worth reading: what a person hands in, events about pods that do not start, and the ends of logs of
/// machines and of pods that have a symptom. Where nothing is wrong nobody's old errors are read.
enum MessageSource {
    /// Lines of the end of one log.
    private static let linesOfLog = 400
    /// Seconds after which an event is about something else.
    private static let memory: Int64 = 3600

    static func messages(_ facts: FactBase, unexplained: [Symptom]) -> [FoundMessage] {
        var found = asked(facts)
        // Images are fetched by the node's own network, and the rules are about that of pods.
        // What restarts is its owner's business, unless it is of the network.
        let own = Set(facts.components(.agent, .chained, .policy, .proxy, .dns, .nodeDNS).flatMap(\.pods).map(\.place))
        let ailing = unexplained.filter {
            ($0.isOfNetwork || own.contains("Pod/\($0.namespace)/\($0.name)")) && $0.kind != .image
        }
        if ailing.isEmpty { return found }
        found += events(facts, Dictionary(grouping: ailing, by: \.subject))
        found += logs(facts, ailing)
        return found
    }

    private static func asked(_ facts: FactBase) -> [FoundMessage] {
        facts.evidence.documents(under: EvidencePath.looseLogs).flatMap { _, document in
            lines(document).map { FoundMessage(text: $0, source: document.source, isAsked: true) }
        }
    }

    private static func events(_ facts: FactBase, _ ailing: [String: [Symptom]]) -> [FoundMessage] {
        facts.objects("events", "events.events.k8s.io").compactMap { event in
            guard event.text("type") != "Normal" else { return nil }
            let object = event["involvedObject"] ?? event["regarding"]
            let namespace = object?.member("namespace")?.string ?? ""
            let name = object?.member("name")?.string ?? ""
            let subject = namespace.isEmpty ? name : "\(namespace)/\(name)"
            guard let symptoms = ailing[subject], let message = event.text("message") ?? event.text("note") else {
                return nil
            }
            let time =
                event.time("lastTimestamp") ?? event.time("series", "lastObservedTime") ?? event.time("eventTime")
            if let now = facts.now, let time, now - time > memory { return nil }
            return FoundMessage(
                text: message, source: event.source, symptoms: Set(symptoms.map(\.id)), node: symptoms[0].node)
        }
    }

    /// Of the machines that ail, and of agents' pods on them.
    private static func logs(_ facts: FactBase, _ ailing: [Symptom]) -> [FoundMessage] {
        let nodes = Set(ailing.map(\.node)).subtracting([""])
        var places: [String: String] = [:]
        for pod in facts.objects("pods") {
            if let node = pod.text("spec", "nodeName") { places["\(pod.namespace)/\(pod.name)"] = node }
        }
        // On a machine alone its runtime knows the pods.
        for machine in facts.machines where places.isEmpty || nodes.contains(machine.name) {
            for sandbox in machine.runtimeSandboxes ?? [] {
                if places["\(sandbox.namespace)/\(sandbox.pod)"] == nil {
                    places["\(sandbox.namespace)/\(sandbox.pod)"] = machine.name
                }
            }
        }
        func about(_ node: String) -> Set<String> { Set(ailing.filter { $0.node == node }.map(\.id)) }
        var found: [FoundMessage] = []
        for (path, document) in facts.evidence.documents(under: EvidencePath.logs) {
            let parts = path.split(separator: "/")
            guard parts.count == 3, let node = places["\(parts[0])/\(parts[1])"], nodes.contains(node) else { continue }
            found += lines(document).map {
                FoundMessage(text: $0, source: document.source, symptoms: about(node), node: node)
            }
        }
        for machine in facts.machines where nodes.contains(machine.name) {
            for complaint in machine.runtimeComplaints {
                found.append(
                    FoundMessage(
                        text: complaint.message, source: machine.source(.runtime, command: "crictl info"),
                        symptoms: about(machine.name), node: machine.name))
            }
            for part in [NodeEvidence.Part.kubeletLog, .runtimeLog, .kernelLog] {
                guard let document = machine[part] else { continue }
                found += lines(document).map {
                    FoundMessage(
                        text: $0, source: document.source, symptoms: about(machine.name), node: machine.name)
                }
            }
        }
        return found
    }

    /// The last lines that could be a complaint.
    private static func lines(_ document: EvidenceTree.Document) -> [String] {
        // A log in another encoding is read as far as its ASCII goes: UTF-16 has a zero in every other byte.
        let bytes = document.bytes.prefix(4096).contains(0) ? document.bytes.filter { $0 != 0 } : document.bytes
        return bytes.split(separator: 0x0A).suffix(linesOfLog).compactMap { line in
            let text = String(decoding: line.prefix(8192), as: UTF8.self)
            return isComplaint(text) ? text : nil
        }
    }

    private static let complaints = [
        "err", "fail", "warn", "panic", "fatal", "denied", "refused", "time", "cannot", "can't", "unable", "not ",
        "no ", "invalid", "overflow", "exceed", "unauthorized", "forbidden", "full", "drop", "exhaust", "unreachable",
        "missing", "busy", "mismatch", "already", "conflict", "duplicate", "oom", "killed", "leak", "too ", "stat ",
    ]

    private static func isComplaint(_ text: String) -> Bool {
        let lower = text.lowercased()
        return complaints.contains { lower.contains($0) }
    }
}
