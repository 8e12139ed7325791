import Addressing
import KubernetesModel

/// Certificates that a machine's own control plane and kubelet show and trust: their dates, names and authority
/// (API-01).
struct MachineCertificateCheck: Check {
    let name = "certificates of machines"
    let codes = ["API-01"]
    let needs: [FactName] = []

    private static let folder = "/etc/kubernetes/pki"
    private static let server = "/etc/kubernetes/pki/apiserver.crt"
    private static let manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml"
    private static let kubelet = "/var/lib/kubelet/pki/kubelet-client-current.pem"

    func applies(to facts: FactBase) -> Bool {
        facts.machines.contains { $0.file(Self.server) != nil || $0.file(Self.kubelet) != nil }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.machines.flatMap { machine in
            [missing(machine, facts) ?? shown(machine, facts), kubelets(machine, facts)].compactMap { $0 }
        }
    }

    private func read(_ path: String, _ machine: NodeEvidence) -> X509Fields? {
        machine.file(path).flatMap { X509Fields(pem: $0.bytes) }
    }

    // MARK: The API server's

    /// A file that the server's manifest names, in a folder that was looked into, and that is not there.
    private func missing(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let text = machine.file(Self.manifest)?.text, let files = machine.fileList, files[Self.folder] != nil
        else { return nil }
        for line in text.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let path = String(line[line.index(after: equals)...])
            guard path.hasPrefix(Self.folder + "/"), !path.dropFirst(Self.folder.count + 1).contains("/"),
                files[path] == nil
            else { continue }
            return finding(
                "The API server on \(machine.name) is started with \(path), which is not there", machine, facts,
                evidence: [
                    machine.quote(String(line), file: Self.manifest, telling: path),
                    machine.quote("\(path): no such file", .fileList, "ls -l \(path)", telling: path),
                ],
                because: [
                    "the server ends at its start when it cannot read the file; without an authority nobody's certificate is accepted"
                ],
                steps: [
                    "copy \(path) from another control plane of this cluster, or out of the backup of \(Self.folder)",
                    "crictl ps -a --name kube-apiserver   # kubelet starts it again by itself",
                ], undo: "remove the file again",
                needs: [])
        }
        return nil
    }

    /// What is wrong with the certificate that the API server shows.
    private func shown(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        // What a reset left behind is nobody's certificate.
        guard machine.file(Self.manifest) != nil, let leaf = read(Self.server, machine) else { return nil }
        let renewal = [
            "cp -a \(Self.folder) /root/pki.before",
            "kubeadm certs renew apiserver   # with more names: --config, apiServer.certSANs",
            "crictl ps --name kube-apiserver -q | xargs crictl stop   # kubelet starts it again, with the new one",
        ]
        if let wrong = dates(leaf, Self.server, "The API server's certificate", machine, facts, renewal) {
            return wrong
        }
        let own = Set((machine.addresses ?? []).map { "\($0.address.address)" })
        let known = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost", machine.name]
        let isForUs = leaf.names.contains { name in
            own.contains(name) || known.contains(name) || name.hasPrefix("kubernetes.default.svc.")
                || name.hasPrefix("*.")
        }
        if !leaf.names.isEmpty, !isForUs, !own.isEmpty {
            let names = leaf.names.joined(separator: " ")
            return finding(
                "The API server's certificate on \(machine.name) is for \(listed(Array(leaf.names.prefix(3))))",
                machine,
                facts,
                evidence: [
                    machine.quote(
                        "names: \(names)", file: Self.server,
                        telling: names)
                ],
                because: [
                    "neither the Service kubernetes nor any address of \(machine.name) is among its names: whoever checks "
                        + "the certificate ends the handshake (x509: certificate is valid for \(names))"
                ],
                steps: ["mv \(Self.server) \(Self.server.dropLast(4)).key /root/   # kubeadm keeps what is there"] + [
                    "kubeadm init phase certs apiserver   # writes both anew, for this machine",
                    "crictl ps --name kube-apiserver -q | xargs crictl stop",
                ], undo: "mv /root/apiserver.crt /root/apiserver.key \(Self.folder)/", needs: [])
        }
        let path = "\(Self.folder)/ca.crt"
        if let authority = read(path, machine), !leaf.isIssued(by: authority) {
            return finding(
                "The API server's certificate on \(machine.name) is not of the authority in \(path)", machine, facts,
                evidence: [
                    machine.quote("issuer: \(leaf.issuer)", file: Self.server, telling: leaf.issuer),
                    machine.quote("subject: \(authority.subject)", file: path, telling: authority.subject),
                ],
                because: [
                    "clients trust the authority that is in their kubeconfig and in kube-root-ca.crt; a certificate of "
                        + "another one is refused (x509: certificate signed by unknown authority)"
                ], steps: renewal, undo: "cp -a /root/pki.before/. \(Self.folder)/",
                needs: ["which of the two the clients trust: kubectl config view --raw, certificate-authority-data"])
        }
        return nil
    }

    // MARK: Kubelet's

    private func kubelets(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard machine.file("/etc/kubernetes/kubelet.conf")?.text.contains(Self.kubelet) ?? false,
            let leaf = read(Self.kubelet, machine)
        else { return nil }
        return dates(
            leaf, Self.kubelet, "Kubelet's own certificate", machine, facts,
            [
                "kubeadm token create --print-join-command   # on a control plane; take its token",
                "write the token into /etc/kubernetes/bootstrap-kubelet.conf, move \(Self.kubelet) and /etc/kubernetes/kubelet.conf away",
                "systemctl restart kubelet   # it asks for a new certificate",
            ])
    }

    private func dates(
        _ leaf: X509Fields, _ path: String, _ whose: String, _ machine: NodeEvidence, _ facts: FactBase,
        _ steps: [String]
    ) -> Diagnosis? {
        guard let now = facts.now else { return nil }
        let until = Timestamp(seconds: leaf.notAfter).description
        let from = Timestamp(seconds: leaf.notBefore).description
        let isOver = leaf.notAfter < now
        // Clocks of two machines are never quite the same.
        guard isOver || leaf.notBefore > now + 300 else { return nil }
        let days = (now - leaf.notAfter) / 86400
        return finding(
            isOver
                ? "\(whose) on \(machine.name) ended \(days == 0 ? "today" : "\(days) days ago")"
                : "\(whose) on \(machine.name) is good only from \(from)", machine, facts,
            evidence: [
                machine.quote(
                    "\(leaf.subject): \(from) to \(until)", file: path, telling: isOver ? until : from)
            ],
            because: [
                isOver
                    ? "it was good until \(until): since then it is refused by everybody who checks it"
                    : "it is refused until \(from): the clock of \(machine.name) or of whoever signed it is wrong"
            ], steps: steps, undo: "put the copies back", needs: [])
    }

    private func finding(
        _ title: String, _ machine: NodeEvidence, _ facts: FactBase, evidence: [Diagnosis.Evidence], because: [String],
        steps: [String], undo: String, needs: [String]
    ) -> Diagnosis {
        .machine(
            "API-01", title, .certain, at: [machine.place], evidence: evidence, because: because,
            explains: facts.nodeSymptoms(machine.name),
            fix: .init(
                steps, undo: undo, risk: "the API of this machine is away for the seconds of a restart; pods run on",
                seconds: 120),
            prevent: "kubeadm certs check-expiration once a month; an upgrade renews them",
            deadEnds: ["turning the check off (insecure-skip-tls-verify): anybody in between can read every secret"],
            needs: needs)
    }
}
