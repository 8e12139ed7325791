import KubernetesModel

/// What can be seen to be wrong on a machine when there is no API to ask: the runtime says it has no network, sandboxes
/// that it tried to make again and again and that are not there.
struct MachineSymptoms {
    /// Seconds: what failed longer ago may be over.
    private static let memory: Int64 = 600
    /// One failure is an accident that the kubelet's next try mends.
    private static let failures = 2

    let facts: FactBase

    func symptoms() -> [Symptom] {
        if facts.has(.objects("pods")) || facts.has(.objects("nodes")) { return [] }
        return facts.machines.flatMap { machine in network(of: machine) + sandboxes(of: machine) }
    }

    private func network(of machine: NodeEvidence) -> [Symptom] {
        machine.runtimeComplaints.prefix(1).map { complaint in
            let detail = complaint.type == "NetworkReady" ? "has no network" : "is not ready"
            return Symptom(.node, "", machine.name, on: machine.name, detail: detail)
        }
    }

    private func sandboxes(of machine: NodeEvidence) -> [Symptom] {
        guard let now = facts.now else { return [] }
        let ready = Set((machine.runtimeSandboxes ?? []).filter(\.isReady).map { "\($0.namespace)/\($0.pod)" })
        var failed: [String: (count: Int, first: Int64, last: Int64)] = [:]
        for part in [NodeEvidence.Part.kubeletLog, .runtimeLog] {
            // Both write of the same failure: one of them is enough.
            var own: [String: (count: Int, first: Int64, last: Int64)] = [:]
            for line in machine.text(part)?.split(whereSeparator: \.isNewline) ?? [] {
                guard let pod = Self.failedPod(line),
                    let time = Self.moment(line) ?? LogMoment.seconds(of: line, near: now), now - time < Self.memory
                else {
                    continue
                }
                let known = own[pod]
                own[pod] = ((known?.count ?? 0) + 1, known?.first ?? time, time)
            }
            failed.merge(own) { $0.count > $1.count ? $0 : $1 }
        }
        // One accident of one pod is none; that of one pod after the other is the machine's.
        let isUsual = failed.filter { !ready.contains($0.key) }.count >= Self.failures
        return failed.sorted { $0.key < $1.key }.compactMap { pod, entry in
            let parts = pod.split(separator: "/").map(String.init)
            guard entry.count >= Self.failures || isUsual, !ready.contains(pod), parts.count == 2 else { return nil }
            return Symptom(.sandbox, parts[0], parts[1], on: machine.name, since: entry.first, detail: "does not start")
        }
    }

    /// `NAMESPACE/POD` of a line that says its sandbox could not be made: kubelet names it in `pod="..."`, containerd in
    /// the metadata of its request.
    static func failedPod(_ line: Substring) -> String? {
        if line.contains("RunPodSandbox for"), line.contains("failed"), let name = value("Name:", in: line),
            let namespace = value("Namespace:", in: line)
        {
            return "\(namespace)/\(name)"
        }
        // CRI-O names it in one word, `NAMESPACE_NAME`; a namespace has no such line in its name.
        if let start = line.firstRange(of: "rror adding pod ")?.upperBound, line.contains(" to CNI network ") {
            let parts = line[start...].prefix { $0 != " " }.split(separator: "_", maxSplits: 1)
            return parts.count == 2 ? "\(parts[0])/\(parts[1])" : nil
        }
        guard line.contains("CreatePodSandbox") || line.contains("Failed to create sandbox for pod"),
            let start = line.firstRange(of: "pod=\"")?.upperBound
        else { return nil }
        let pod = line[start...].prefix { $0 != "\"" }
        return pod.split(separator: "/").count == 2 ? String(pod) : nil
    }

    private static func value(_ key: String, in line: Substring) -> Substring? {
        guard let start = line.firstRange(of: key)?.upperBound else { return nil }
        let value = line[start...].prefix { $0 != "," && $0 != "}" }
        return value.isEmpty ? nil : value
    }

    /// The line's own time, where it has one with a date and a zone: at its start, or in `time="..."`.
    static func moment(_ line: Substring) -> Int64? {
        if let first = line.split(separator: " ", maxSplits: 1).first, let time = seconds(String(first)) { return time }
        guard let start = line.firstRange(of: "time=\"")?.upperBound else { return nil }
        return seconds(String(line[start...].prefix { $0 != "\"" }))
    }

    /// RFC 3339; journalctl leaves out the colon of the zone.
    private static func seconds(_ text: String) -> Int64? {
        if let time = Timestamp(text)?.seconds { return time }
        guard text.count > 5, text.dropLast(4).last.map({ $0 == "+" || $0 == "-" }) ?? false else { return nil }
        return Timestamp("\(text.dropLast(2)):\(text.suffix(2))")?.seconds
    }
}
