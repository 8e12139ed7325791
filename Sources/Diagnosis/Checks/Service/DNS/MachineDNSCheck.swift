import Addressing

/// CoreDNS that forwards to itself, on a machine alone, where nobody asked the API: what it wrote, and the machine's own
/// resolv.conf (DNS-03).
struct MachineDNSCheck: Check {
    let name = "DNS of a machine"
    let codes = ["DNS-03"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { facts.isMachineAlone && !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.compactMap { machine in
            guard let file = machine.loopbackResolver else { return nil }
            for (path, document) in facts.evidence.documents(under: EvidencePath.logs) {
                // The end of what ran last: an older line may be of before it was mended.
                let line = document.lines.suffix(20).last { text in
                    LogReader.causes(of: String(text)).first.map { $0.code == "DNS-03" && $0.confidence == .certain }
                        ?? false
                }
                guard let line, !path.hasSuffix(".previous.log") else { continue }
                let pod = path.split(separator: "/").prefix(2).joined(separator: "/")
                return .of(
                    "DNS-03", "CoreDNS forwards to itself", .certain, at: [machine.place, "Pod/\(pod)", file.path],
                    evidence: [.init(String(line), from: document.source), file.evidence],
                    because: [
                        "\(file.path) names \(file.server); inside CoreDNS's pod that address is CoreDNS itself",
                        "the loop plugin ends the program when its own query comes back",
                    ],
                    fix: .init(
                        [
                            "set resolvConf: /run/systemd/resolve/resolv.conf in /var/lib/kubelet/config.yaml   # on \(machine.name)",
                            "systemctl restart kubelet",
                        ], undo: "set resolvConf back and restart kubelet",
                        risk: "a kubelet restart keeps running pods; only new pods get the other file", seconds: 30),
                    prevent: "let kubelet use a resolv.conf without loopback servers on every node",
                    deadEnds: [
                        "taking the loop plugin out of the Corefile: queries then circle until memory is used up"
                    ])
            }
            return nil
        }
    }
}

/// A file that names a loopback address as a server.
struct ResolverFile: Sendable {
    var path: String
    var server: String
    var evidence: Diagnosis.Evidence
}

extension NodeEvidence {
    /// A loopback server in the file that pods with dnsPolicy Default get from their node.
    var loopbackResolver: ResolverFile? {
        var path = "/etc/resolv.conf"
        if let configuration = file("/var/lib/kubelet/config.yaml") {
            for line in configuration.lines where line.hasPrefix("resolvConf:") {
                path = line.dropFirst(11).filter { $0 != " " && $0 != "\"" && $0 != "'" }
            }
        }
        guard let file = file(path) else { return nil }
        for line in file.lines {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver", let address = IPAddress(String(words[1])),
                address.isLoopback
            else { continue }
            return ResolverFile(
                path: path, server: "\(address)",
                evidence: .init(String(line), marking: "\(address)", from: file.source))
        }
        return nil
    }
}
