import JSONTree
import KubernetesModel

/// The token a plugin shows to the API: whether its time is over (API-01).
struct CredentialCheck: Check {
    let name = "plugins' credentials"
    let codes = ["API-01"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { NodeNetworkFiles($0, facts).winner?.text.contains("kubeconfig") ?? false }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { facts.clusterMachines.compactMap { expired($0, facts) } }

    private func expired(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let network = NodeNetworkFiles(machine, facts)
        guard let winner = network.winner, winner.problem == nil, let now = facts.now else { return nil }
        for (path, document) in machine.files(under: network.directories.configuration) {
            // Only the file that the runtime's own configuration names: others are of networks that were removed.
            guard winner.text.contains(path), let end = Self.end(ofTokenIn: document.text), end.seconds < now else {
                continue
            }
            let hours = (now - end.seconds) / 3600
            return .machine(
                "API-01", "The token of \(winner.fileName)'s plugin on \(machine.name) ended \(hours) h ago", .certain,
                at: [machine.place, path],
                evidence: [
                    machine.quote(end.text, file: path, telling: "\"exp\""),
                    machine.quote("\(path)", file: winner.path, telling: path),
                ],
                because: [
                    "the token was good until \(Timestamp(seconds: end.seconds)); since then the API answers each call of the plugin with 401",
                    "an agent on \(machine.name) is to write a new one before that, and did not",
                ], explains: facts.nodeSymptoms(machine.name),
                fix: .init(
                    [
                        facts.restart(on: machine.name, "it writes a new token at its start")
                    ],
                    undo: "none needed", risk: "pods that run keep their network", seconds: 30),
                prevent: "watch the agent's log for failures to renew the token (CALICO_MANAGE_CNI for Calico)")
        }
        return nil
    }

    /// `exp` of the claims that the collector leaves of a token, in seconds since 1970 (RFC 7519, section 4.1.4).
    static func end(ofTokenIn text: String) -> (text: String, seconds: Int64)? {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let start = line.firstRange(of: "# claims ")?.upperBound,
                let claims = try? JSONTree(parsing: Array(line[start...].utf8)).root,
                let end = claims.member("exp")?.int
            else { continue }
            return (line.trimmingBlanks, end)
        }
        return nil
    }
}
