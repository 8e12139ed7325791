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
    /// One of the many lines of a log, of which most are of ordinary days.
    var isOfLog = false
}

/// Messages worth reading: what a person hands in, events about pods that do not start, and the ends of logs of
/// machines and of pods that have a symptom. Where nothing is wrong nobody's old errors are read.
enum MessageSource {
    /// Lines of the end of one log.
    private static let linesOfLog = 400
    /// Seconds after which an event is about something else.
    private static let memory: Int64 = 3600

    static func messages(_ facts: FactBase, unexplained: [Symptom]) -> [FoundMessage] {
        var found = asked(facts) + spoken(facts) + ofUnlisted(facts) + ofEventsAlone(facts)
        // Images are fetched by the node's own network, and the rules are about that of pods.
        // What restarts is its owner's business, unless it is of the network.
        let own = Set(
            facts.components(.agent, .chained, .policy, .proxy, .dns, .nodeDNS, .loadBalancer, .ingress).flatMap(\.pods)
                .map(\.place))
        let ailing = unexplained.filter {
            ($0.isOfNetwork || own.contains("Pod/\($0.namespace)/\($0.name)")) && $0.kind != .image
        }
        if ailing.isEmpty { return found }
        found += events(facts, Dictionary(grouping: ailing, by: \.subject))
        found += logs(facts, ailing)
        return found
    }

    /// Without the nodes nobody can say on which of them an agent is missing; that one of its pods is not even begun, the
    /// events about it say, and why.
    private static func ofUnlisted(_ facts: FactBase) -> [FoundMessage] {
        if facts.has(.objects("nodes")) { return [] }
        var pods: [String: String] = [:]
        let known = Set(facts.components(.agent, .chained, .policy).flatMap(\.pods).map(\.place))
        for pod in facts.objects("pods") {
            // A table tells neither images nor labels.
            let role = pod.isPrinted ? NetworkComponent.named(pod: pod.name, container: "")?.role : nil
            guard known.contains(pod.place) || [.agent, .chained, .policy].contains(role) else { continue }
            let waits = pod.containerStatuses.compactMap(\.waiting)
            if waits.contains(where: { $0.hasSuffix("Error") }) { pods[pod.place] = pod.nodeName ?? "" }
        }
        if pods.isEmpty { return [] }
        return facts.events.compactMap { event in
            guard event.text("reason") == "Failed", let subject = event.subject, subject.kind == "Pod",
                let node = pods["Pod/\(subject.key)"], !facts.isOlder(event.lastSeen, than: memory)
            else { return nil }
            return FoundMessage(text: event.message, source: event.source, node: node)
        }
    }

    /// Reasons of events that are about the network of a pod, whatever became of it.
    private static let reasonsOfNetwork: Set<String> = [
        "FailedCreatePodSandBox", "NetworkNotReady", "FailedKillPod", "NetworkFailed", "ErrorAddingLogicalPort",
    ]

    /// `kubectl get events` and nothing else: no list of pods says who still waits, and what was said of one within the
    /// hour is all there is.
    static func ofEventsAlone(_ facts: FactBase) -> [FoundMessage] {
        if facts.has(.objects("pods")) { return [] }
        // A container that started had a network before.
        let started = Dictionary(
            facts.events.filter { $0.text("reason") == "Started" }.compactMap { event in
                event.subject.map { ($0.key, event.lastSeen ?? .min) }
            }, uniquingKeysWith: max)
        return facts.events.compactMap { event in
            if let subject = event.subject, let since = started[subject.key], since >= event.lastSeen ?? .max {
                return nil
            }
            guard let reason = event.text("reason"), reasonsOfNetwork.contains(reason), event.text("type") != "Normal",
                !facts.isOlder(event.lastSeen, than: memory)
            else { return nil }
            return FoundMessage(text: event.message, source: event.source)
        }
    }

    private static func asked(_ facts: FactBase) -> [FoundMessage] {
        // Beside objects it tells which of them are not there; alone it is what somebody asks about.
        let hasObjects = facts.evidence.documents.keys.contains { $0.hasPrefix("cluster/resources/") }
        let documents = facts.evidence.documents(under: EvidencePath.looseLogs)
        // An API server that reaches neither webhooks nor kubelets has one fault: the way out of the control plane.
        let isPlaneShut = documents.contains { $0.document.holds("failed calling webhook") }
        return documents.flatMap { _, document in
            let over = OverMessages(document, facts)
            let isLog = isLong(document)
            let said = isLog ? lasting(document) : lines(document)
            return said.filter {
                !(isPlaneShut && $0.contains(":10250/") && $0.contains("rror from server"))
            }.filter { !over.contains($0) && (!hasObjects || !isOfCollecting($0)) }.map {
                FoundMessage(text: $0, source: document.source, isAsked: true, isOfLog: isLog)
            }
        }
    }

    /// From so many lines on it is a log that somebody hands in, and no message.
    private static let linesOfLongLog = 60
    /// After so many lines without it what passes by itself has passed.
    private static let quiet = 40

    private static func isLong(_ document: EvidenceTree.Document) -> Bool {
        var lines = 0
        for byte in document.bytes where byte == 0x0A {
            lines += 1
            if lines >= linesOfLongLog { return true }
        }
        return false
    }

    /// What passes by itself: who was not there yet, who was restarted, a connection that is made again. What is wrong
    /// with a file, a right, a range or a rule stays so, whatever is said afterwards.
    private static let passing: Set<String> = [
        "API-03", "AWS-07", "BGP-01", "BGP-04", "BPF-06", "CFG-01", "DNS-02", "DNS-04", "DNS-05", "DNS-11", "GCP-01",
        "ING-04", "ING-05", "INS-01", "INS-06", "INS-08", "MCL-02", "MSH-02", "MSH-05", "MSH-06", "NOD-01", "POL-09",
        "POL-11", "RTE-01", "RTE-03", "RTE-04", "RTE-07", "RTE-10", "RTE-17", "RTE-19", "SVC-01", "SVC-03", "SVC-05",
        "SVC-10", "WHK-01",
    ]

    /// Of a whole log what it leaves open: complaints that name a mechanism, without those that passed while the program
    /// went on, and without what it calls information itself.
    private static func lasting(_ document: EvidenceTree.Document) -> [String] {
        let lines = ends(document)
        var last: [String: Int] = [:]
        var said: [(place: Int, code: String, text: String)] = []
        for (place, line) in lines.enumerated() where complaints.matches(line) {
            let text = String(decoding: line, as: UTF8.self)
            guard let first = LogReader.mechanisms(of: text).first, first.confidence > .possible else { continue }
            let isTelling = first.confidence == .certain && !passing.contains(first.code)
            if !isTelling, LogReader.isUsual(text) { continue }
            last[first.code] = place
            said.append((place, first.code, text))
        }
        return said.filter { one in
            !passing.contains(one.code) || lines.count - 1 - (last[one.code] ?? 0) < quiet
        }.map(\.text)
    }

    /// What whoever collected this could not have, in the words of kubectl and of the networks' own collectors: it says
    /// what stays unknown, and nothing of the network.
    static func isOfCollecting(_ line: String) -> Bool {
        if line.contains("Collecting "), line.contains(": failed to collect ") { return true }
        guard let denial = AccessDenial(line) else { return false }
        // Programs have accounts; kubelets and the control plane are called system: too.
        return !denial.user.hasPrefix("system:")
    }

    /// Seconds after which what a container wrote last is no news.
    private static let news: Int64 = 600
    /// Of the last lines so many have to say the same: one of them alone is an ordinary day.
    private static let ends = 12
    private static let often = 3

    /// What the network's own containers complain of now, on machines that tell when each log was written last: the same
    /// again and again, or as the last word of one that installs and ends.
    static func spoken(_ facts: FactBase) -> [FoundMessage] { ofMachines(facts) + ofAgents(facts) }

    /// Seconds before the collection within which a line that tells its time was said now.
    private static let present: Int64 = 900

    /// Of pods whose logs came by the API: their lines tell the time themselves. An agent that runs and is ready says
    /// there what it cannot do; what several of its pods say counts together.
    private static func ofAgents(_ facts: FactBase) -> [FoundMessage] {
        guard let now = facts.now else { return [] }
        // What this project's agents find wrong stands on their Nodes for as long as it is so, and no longer.
        let isOnNodes = facts.objects("nodes").contains { $0.condition("PodNetworkProblem") != nil }
        return facts.components(.agent, .chained, .policy, .controller, .proxy, .nodeDNS, .loadBalancer, .ingress)
            .flatMap {
                component -> [FoundMessage] in
                // A controller speaks of the whole cluster, wherever it runs.
                let isOfCluster = [.controller, .loadBalancer, .ingress].contains(component.component.role)
                if isOnNodes, component.component.name == "poplin" { return [] }
                var said: [FoundMessage] = []
                for pod in component.pods where said.count < most {
                    let start = readySince(pod) ?? .min
                    for document in facts.logs(pod.namespace, pod.name) {
                        // The last lines alone: a long log is not gone through for them.
                        for line in document.bytes.suffix(16_384).split(separator: 0x0A).suffix(ends) {
                            guard complaints.matches(line.prefix(8192)) else { continue }
                            let text = String(decoding: line.prefix(8192), as: UTF8.self)
                            guard let moment = LogMoment.seconds(of: text, near: now),
                                (-60...present).contains(now - moment), moment > start
                            else { continue }
                            said.append(
                                FoundMessage(
                                    text: text, source: document.source, node: isOfCluster ? "" : pod.nodeName ?? ""))
                        }
                    }
                }
                let insistent = Set(insistent(said.map(\.text), installs: false))
                return said.filter { insistent.contains($0.text) }
            }
    }

    /// Seconds since 1970; nil for a pod that is not ready. What it wrote while it started is over.
    private static func readySince(_ pod: APIObject) -> Int64? {
        guard let ready = pod.condition("Ready"), ready.member("status")?.string == "True" else { return nil }
        return ready.member("lastTransitionTime")?.string.flatMap(APIObject.seconds)
    }

    /// Lines of one program that are read: hundreds of nodes say the same.
    private static let most = 120

    private static func ofMachines(_ facts: FactBase) -> [FoundMessage] {
        guard let now = facts.now else { return [] }
        return facts.machines.flatMap { machine in
            (machine.fileList ?? [:]).sorted { $0.key < $1.key }.flatMap { path, file -> [FoundMessage] in
                let parts = path.split(separator: "/").map(String.init)
                guard path.hasPrefix("/var/log/pods/"), parts.count == 6, parts[5].hasSuffix(".log"),
                    let modified = file.modified, (-60...news).contains(now - modified)
                else { return [] }
                let names = parts[3].split(separator: "_").map(String.init)
                guard names.count == 3,
                    let document = facts.evidence[EvidencePath.log(names[0], names[1], parts[4])]
                else { return [] }
                let installs = ["install", "init"].contains { parts[4].contains($0) }
                return insistent(document.lines.suffix(ends).map(String.init), installs: installs).map {
                    FoundMessage(text: $0, source: document.source, node: machine.name)
                }
            }
        }
    }

    private static func insistent(_ lines: [String], installs: Bool) -> [String] {
        var byCause: [String: [String]] = [:]
        // A line that leaves nothing open counts twice.
        var sure: [String: Int] = [:]
        for line in lines {
            guard let first = LogReader.mechanisms(of: line).first, first.confidence > .possible else { continue }
            byCause[first.code, default: []].append(line)
            if first.confidence == .certain { sure[first.code, default: 0] += 1 }
        }
        if installs, let last = lines.last, byCause.values.contains(where: { $0.contains(last) }) { return [last] }
        return byCause.filter { $0.value.count + sure[$0.key, default: 0] >= often }.sorted { $0.key < $1.key }
            .flatMap(\.value)
    }

    private static func events(_ facts: FactBase, _ ailing: [String: [Symptom]]) -> [FoundMessage] {
        facts.events.compactMap { event in
            guard event.text("type") != "Normal" else { return nil }
            guard let subject = event.subject,
                let symptoms = ailing[subject.namespace.isEmpty ? subject.name : subject.key]
            else { return nil }
            let time =
                event.time("lastTimestamp") ?? event.time("series", "lastObservedTime") ?? event.time("eventTime")
            if let now = facts.now, let time, now - time > memory { return nil }
            return FoundMessage(
                text: event.message, source: event.source, symptoms: Set(symptoms.map(\.id)), node: symptoms[0].node)
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
        // What this project's agents said before they were ready is over, as everywhere; of others a quiet log is long.
        var starts: [String: Int64] = [:]
        for component in facts.components(.agent) where component.component.name == "poplin" {
            for pod in component.pods { starts["\(pod.namespace)/\(pod.name)"] = readySince(pod) }
        }
        func isOver(_ line: String, _ pod: String) -> Bool {
            guard let start = starts[pod], let now = facts.now else { return false }
            return LogMoment.seconds(of: line, near: now).map { $0 <= start } ?? false
        }
        func about(_ node: String) -> Set<String> { Set(ailing.filter { $0.node == node }.map(\.id)) }
        var found: [FoundMessage] = []
        for (path, document) in facts.evidence.documents(under: EvidencePath.logs) {
            let parts = path.split(separator: "/")
            let pod = parts.prefix(2).joined(separator: "/")
            guard parts.count == 3, let node = places[pod], nodes.contains(node) else { continue }
            found += lines(document).filter { !isOver($0, pod) }.map {
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
                // A runtime that starts tells of every plugin that it does without.
                let said = lines(document).filter { part != .runtimeLog || !LogReader.isUsual($0) }
                found += said.map {
                    FoundMessage(
                        text: $0, source: document.source, symptoms: about(machine.name), node: machine.name)
                }
            }
        }
        return found
    }

    /// The last lines that could be a complaint.
    private static func lines(_ document: EvidenceTree.Document) -> [String] {
        ends(document).filter(complaints.matches).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func ends(_ document: EvidenceTree.Document) -> [ArraySlice<UInt8>] {
        // A log in another encoding is read as far as its ASCII goes: UTF-16 has a zero in every other byte.
        let bytes = document.bytes.prefix(4096).contains(0) ? document.bytes.filter { $0 != 0 } : document.bytes
        return bytes.split(separator: 0x0A).suffix(linesOfLog).map { $0.prefix(8192) }
    }

    private static let complaints = WordSearch([
        "err", "fail", "warn", "panic", "fatal", "denied", "refused", "time", "cannot", "can't", "unable", "not ",
        "no ", "invalid", "overflow", "exceed", "unauthorized", "forbidden", "full", "drop", "exhaust", "unreachable",
        "missing", "busy", "fake cert", "mismatch", "already", "conflict", "duplicate", "oom", "killed", "leak", "too ",
        "stat ",
    ])
}
