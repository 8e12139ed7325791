import JSONTree
import KubernetesModel

/// What a plugin shows to the API, a token or a certificate: whether its time is over, or is still to come (API-01);
/// and whether it has the authority it is to trust.
struct CredentialCheck: Check {
    let name = "plugins' credentials"
    let codes = ["API-01"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool {
        facts.clusterMachines.contains { NodeNetworkFiles($0, facts).winner?.text.contains("kubeconfig") ?? false }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { expired($0, facts) ?? early($0, facts) ?? untrusting($0, facts) }
    }

    /// Kubeconfigs that the runtime's own configuration names: others are of networks that were removed.
    private func credentials(
        _ machine: NodeEvidence, _ facts: FactBase
    ) -> [(path: String, text: String, winner: CNIConfigurationFile)] {
        let network = NodeNetworkFiles(machine, facts)
        guard let winner = network.winner, winner.problem == nil else { return [] }
        return machine.files(under: network.directories.configuration).filter { winner.text.contains($0.path) }
            .map { ($0.path, $0.document.text, winner) }
    }

    /// It begins to be good only later: the clock that is asked is behind.
    private func early(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let now = facts.now else { return nil }
        for (path, text, winner) in credentials(machine, facts) {
            // A few minutes between two clocks are usual, and allowed for by those who issue.
            guard let claims = Self.claims(in: text), let start = claims.value("iat"), start > now + 300 else {
                continue
            }
            return .machine(
                "API-01",
                "The \(claims.kind) of \(winner.fileName)'s plugin on \(machine.name) is of the future: the clock is behind",
                .certain, at: [machine.place, path],
                evidence: [
                    machine.quote(claims.text, file: path, telling: "\"iat\""),
                    machine.quote("now: \(Timestamp(seconds: now))", .clock, "date -u"),
                ],
                because: [
                    "it was issued at \(Timestamp(seconds: start)), which \(machine.name) takes for "
                        + "\((start - now) / 60) minutes from now: what is not valid yet is refused, and certificates of "
                        + "the API server look as if they were not valid yet"
                ], explains: facts.nodeSymptoms(machine.name),
                fix: .init(
                    ["chronyc makestep   # or: timedatectl set-ntp true", "date -u   # on \(machine.name)"],
                    undo: "none needed", risk: "programs see the time jump", seconds: 10),
                prevent: "time synchronisation before kubelet starts",
                deadEnds: ["a new token: it will be of the future as well"])
        }
        return nil
    }

    /// The file of the authority that it is to trust is not there, in a folder that was looked into.
    private func untrusting(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let files = machine.fileList else { return nil }
        for (path, text, winner) in credentials(machine, facts) {
            for line in text.split(whereSeparator: \.isNewline) {
                let plain = line.trimmingBlanks
                guard plain.hasPrefix("certificate-authority:") else { continue }
                let file = plain.dropFirst("certificate-authority:".count).filter { !" \"'".contains($0) }
                let folder = NodeNetworkFiles(machine, facts).directories.configuration
                guard file.hasPrefix(folder + "/"), files[file] == nil, files[folder] != nil else { continue }
                return .machine(
                    "API-01", "\(winner.fileName)'s plugin on \(machine.name) is to trust \(file), which is not there",
                    .certain, at: [machine.place, path, file],
                    evidence: [
                        machine.quote(String(plain), file: path, telling: file),
                        machine.quote("\(file): no such file", .fileList, "ls -l \(file)"),
                    ],
                    because: [
                        "without the authority's certificate the plugin cannot make a connection to the API, and refuses every pod"
                    ], explains: facts.nodeSymptoms(machine.name),
                    fix: .init(
                        [
                            "kubectl -n NAMESPACE delete pod AGENT-POD-ON-\(machine.name)   # it writes both anew at its start"
                        ], undo: "none needed", risk: "pods that run keep their network", seconds: 30),
                    deadEnds: ["insecure-skip-tls-verify: the plugin's token then goes to whoever answers"])
            }
        }
        return nil
    }

    private func expired(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let now = facts.now else { return nil }
        for (path, text, winner) in credentials(machine, facts) {
            guard let claims = Self.claims(in: text), let end = claims.value("exp"), end < now else { continue }
            let hours = (now - end) / 3600
            return .machine(
                "API-01", "The \(claims.kind) of \(winner.fileName)'s plugin on \(machine.name) ended \(hours) h ago",
                .certain,
                at: [machine.place, path],
                evidence: [
                    machine.quote(claims.text, file: path, telling: "\"exp\""),
                    machine.quote("\(path)", file: winner.path, telling: path),
                ],
                because: [
                    "the \(claims.kind) was good until \(Timestamp(seconds: end)); since then the API answers each call of the plugin with 401",
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

    /// What the collector leaves of a token or a certificate.
    private struct Claims {
        var text: String
        var kind: String
        var numbers: [String: Int64]

        /// `exp` or `iat`, in seconds since 1970 (RFC 7519, section 4.1).
        func value(_ name: String) -> Int64? { numbers[name] }
    }

    private static func claims(in text: String) -> Claims? {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let start = line.firstRange(of: "# claims ")?.upperBound,
                let claims = try? JSONTree(parsing: Array(line[start...].utf8)).root
            else { continue }
            let plain = line.trimmingBlanks
            return Claims(
                text: plain, kind: plain.hasPrefix("client-certificate") ? "certificate" : "token",
                numbers: ["exp", "iat"].reduce(into: [:]) { $0[$1] = claims.member($1)?.int })
        }
        return nil
    }
}
