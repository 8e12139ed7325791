import JSONTree
import KubernetesModel

/// Certificates that Ingresses and Gateways show: their dates, and the hosts they are for.
struct CertificateCheck: Check {
    let name = "certificates"
    let codes = ["ING-06"]
    /// The collector reduces Secrets to public fields; they are a document and no list of objects.
    let needs: [FactName] = [.objects("ingresses.networking.k8s.io")]

    func applies(to facts: FactBase) -> Bool {
        !uses(facts).isEmpty
            && (CertificateFacts(facts) != nil || facts.has(.objects(Self.issued))
                || !EndedCertificate.all(facts).isEmpty)
    }

    private static let issued = "certificates.cert-manager.io"

    private struct Use {
        var place: APIObject
        var namespace: String
        var secret: String
        var hosts: [String]
    }

    private func uses(_ facts: FactBase) -> [Use] {
        var found: [Use] = []
        for ingress in facts.objects("ingresses.networking.k8s.io") where !ingress.isDeleted {
            for entry in ingress.list("spec", "tls") {
                guard let secret = entry.member("secretName")?.string, !secret.isEmpty else { continue }
                let named = entry.member("hosts").map { list in
                    list.kind == .array ? list.elements.compactMap(\.string) : []
                }
                let rules = ingress.list("spec", "rules").compactMap { $0.member("host")?.string }
                found.append(
                    Use(
                        place: ingress, namespace: ingress.namespace, secret: secret,
                        hosts: named.map { $0.isEmpty ? rules : $0 } ?? rules))
            }
        }
        for gateway in facts.objects("gateways.gateway.networking.k8s.io") where !gateway.isDeleted {
            for listener in gateway.list("spec", "listeners") {
                guard let references = listener.at("tls", "certificateRefs"), references.kind == .array else {
                    continue
                }
                // A listener may hold several; which one is shown is chosen by name.
                guard references.count == 1, let reference = references[0],
                    let secret = reference.member("name")?.string
                else { continue }
                found.append(
                    Use(
                        place: gateway, namespace: reference.member("namespace")?.string ?? gateway.namespace,
                        secret: secret, hosts: listener.member("hostname")?.string.map { [$0] } ?? []))
            }
        }
        return found
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("ING-06") else { return [] }
        // Secrets are rarely handed on; who had the certificate issued says until when it holds.
        guard let known = CertificateFacts(facts) else {
            let issued = expired(facts, cause)
            return issued.isEmpty ? ended(facts, cause) : issued
        }
        var findings: [Diagnosis] = []
        var seen: Set<String> = []
        for use in uses(facts) {
            let key = "\(use.namespace)/\(use.secret)"
            guard seen.insert("\(use.place.place) \(key)").inserted else { continue }
            let fact = known[use.namespace, use.secret]
            let source =
                fact?.source
                ?? FactSource("Secret/\(key)", command: "kubectl -n \(use.namespace) get secret \(use.secret)")
            guard let problem = problem(fact, use, facts, isComplete: known.isComplete) else { continue }
            var finding = Diagnosis(
                cause, problem.confidence, at: [use.place.place, "Secret/\(key)"],
                evidence: [Diagnosis.Evidence(problem.text, from: source)], because: [problem.because, cause.mechanism])
            if problem.confidence < .certain {
                finding.needs = ["kubectl -n \(use.namespace) get secret \(use.secret)"]
            }
            findings.append(finding)
        }
        return findings
    }

    private func expired(_ facts: FactBase, _ cause: Cause) -> [Diagnosis] {
        guard let now = facts.now else { return [] }
        let issued = facts.objects(Self.issued)
        return uses(facts).compactMap { use in
            let certificate = issued.first {
                $0.namespace == use.namespace && $0.text("spec", "secretName") == use.secret
            }
            guard let certificate, let end = certificate.time("status", "notAfter"), end < now else { return nil }
            return Diagnosis(
                cause, .certain, at: [use.place.place, "Secret/\(use.namespace)/\(use.secret)"],
                evidence: [
                    Diagnosis.Evidence(
                        "notAfter: \(Timestamp(seconds: end))", from: certificate.source)
                ],
                because: [
                    "The certificate that \(certificate.place) keeps in \(use.namespace)/\(use.secret), which \(use.place.place) shows, expired on \(Timestamp(seconds: end)).",
                    cause.mechanism,
                ])
        }
    }

    /// Without secrets: what a controller says of the certificate it shows, and what somebody read from a connection.
    private func ended(_ facts: FactBase, _ cause: Cause) -> [Diagnosis] {
        let uses = uses(facts)
        guard
            let told = EndedCertificate.all(facts).first(where: { told in
                uses.contains { use in use.hosts.contains { told.isFor($0) } }
            })
        else { return [] }
        let use = uses.first { $0.hosts.contains { told.isFor($0) } }
        let place = use.map { "Secret/\($0.namespace)/\($0.secret)" }
        return [
            Diagnosis(
                cause, .certain, at: [use?.place.place, place].compactMap { $0 },
                evidence: [Diagnosis.Evidence(told.line, from: told.source)],
                because: [
                    "The certificate that is shown for \(told.name) ended on \(Timestamp(seconds: told.end)).",
                    cause.mechanism,
                ])
        ]
    }

    private struct Problem {
        var confidence = Confidence.certain
        var text: String
        var because: String
    }

    private func problem(_ fact: CertificateFact?, _ use: Use, _ facts: FactBase, isComplete: Bool) -> Problem? {
        let key = "\(use.namespace)/\(use.secret)"
        guard let fact else {
            // It may be of another type, which is not read.
            guard facts.isOlder(use.place.createdAt, than: 300) else { return nil }
            return Problem(
                confidence: isComplete ? .certain : .likely, text: "no Secret \(key) of type kubernetes.io/tls",
                because:
                    "\(use.place.place) names the Secret \(key), which is not there: the controller shows its own default certificate."
            )
        }
        if let error = fact.problem {
            return Problem(text: error, because: "\(use.place.place) uses \(key), and \(error).")
        }
        let names = fact.names
        let subject = fact.subject
        let notBefore = Timestamp(seconds: fact.notBefore).description
        let notAfter = fact.notAfter == .max ? "?" : Timestamp(seconds: fact.notAfter).description
        let text = "subject \(subject), names \(names.joined(separator: " ")), \(notBefore) to \(notAfter)"
        if let now = facts.now {
            if fact.notAfter < now {
                return Problem(
                    text: text,
                    because: "The certificate in \(key), which \(use.place.place) shows, expired on \(notAfter).")
            }
            if fact.notBefore > now {
                return Problem(
                    text: text,
                    because:
                        "The certificate in \(key), which \(use.place.place) shows, is valid only from \(notBefore).")
            }
        }
        let uncovered = use.hosts.filter { host in
            !host.isEmpty && !names.contains { Self.covers($0, host) } && !subject.contains("CN=\(host)")
        }
        guard let first = uncovered.first else { return nil }
        return Problem(
            text: text,
            because:
                "\(use.place.place) serves \(first), and the certificate in \(key) is for \(names.isEmpty ? subject : listed(names))."
        )
    }

    /// One `*` stands for a whole first label (RFC 6125 section 6.4.3).
    static func covers(_ name: String, _ host: String) -> Bool {
        let name = name.lowercased()
        let host = host.lowercased()
        if name == host { return true }
        guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
        return host[dot...] == name.dropFirst()
    }
}

/// Certificates that cert-manager cannot get, because the authority's challenge is not answered.
struct ChallengeCheck: Check {
    let name = "certificate challenges"
    let codes = ["ING-05"]
    let needs: [FactName] = [.objects("challenges.acme.cert-manager.io")]

    /// Seconds that names and authorities may take before a pending challenge is a failed one.
    private static let patience: Int64 = 900

    func applies(to facts: FactBase) -> Bool { !facts.objects("challenges.acme.cert-manager.io").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("ING-05") else { return [] }
        return facts.objects("challenges.acme.cert-manager.io").compactMap { challenge in
            let state = challenge.text("status", "state") ?? ""
            let reason = challenge.text("status", "reason") ?? ""
            let hasFailed = ["invalid", "errored", "expired"].contains(state)
            let isStuck =
                (state == "pending" || state.isEmpty) && !reason.isEmpty
                && facts.isOlder(challenge.createdAt, than: Self.patience)
            guard !challenge.isDeleted, hasFailed || isStuck else { return nil }
            let name = challenge.text("spec", "dnsName") ?? ""
            let type = challenge.text("spec", "type") ?? ""
            var because = "The \(type) challenge for \(name) is \(state.isEmpty ? "not answered" : state): \(reason)"
            let lower = reason.lowercased()
            if lower.contains("404") {
                because += ". The request arrived, and somebody else than the solver answered it."
            } else if lower.contains("timeout") || lower.contains("deadline") || lower.contains("refused") {
                because += ". The request did not arrive."
            } else if lower.contains("propagat") {
                because += ". The record is not seen by the servers that were asked."
            }
            return Diagnosis(
                cause, .certain, at: [challenge.place],
                evidence: [Diagnosis.Evidence("state \(state), reason: \(reason)", from: challenge.source)],
                because: [because, cause.mechanism])
        }
    }
}

/// MetalLB announces by ARP while kube-proxy in IPVS mode puts every address on every node.
struct AddressAnnouncementCheck: Check {
    let name = "announced addresses"
    let codes = ["ING-08"]
    let needs: [FactName] = [.objects("configmaps")]

    func applies(to facts: FactBase) -> Bool {
        !facts.components(.loadBalancer).isEmpty || !facts.objects("l2advertisements.metallb.io").isEmpty
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { twice(facts) + byEveryNode(facts) }

    private func byEveryNode(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("ING-08"), let map = facts.object("configmaps", "kube-system", "kube-proxy"),
            let text = map.text("data", "config.conf") ?? map.text("data", "config")
        else { return [] }
        let announcesByARP =
            !facts.objects("l2advertisements.metallb.io").isEmpty
            || !facts.objects("ciliuml2announcementpolicies.cilium.io").isEmpty
        guard announcesByARP, Self.value(of: "mode", in: text) == "ipvs",
            Self.value(of: "strictARP", in: text) != "true"
        else { return [] }
        let virtual = facts.objects("services").filter { $0.text("spec", "type") == "LoadBalancer" }
        if virtual.isEmpty { return [] }
        var finding = Diagnosis(
            cause, .certain, at: [map.place] + virtual.prefix(3).map(\.place),
            evidence: [
                Diagnosis.Evidence(
                    "mode: ipvs, strictARP: \(Self.value(of: "strictARP", in: text) ?? "(not set)")", from: map.source)
            ],
            because: [
                "kube-proxy runs in IPVS mode without strictARP, and \(virtual.count) addresses are announced by ARP: every node has them on kube-ipvs0 and answers.",
                cause.mechanism,
            ])
        finding.fix = Diagnosis.Fix(
            [
                "kubectl -n kube-system get configmap kube-proxy -o yaml | sed -e 's/strictARP: false/strictARP: true/' | kubectl apply -f -",
                "kubectl -n kube-system rollout restart daemonset kube-proxy",
            ], undo: "the same with true and false exchanged",
            risk: "kube-proxy is restarted node by node; rules stay in the kernel meanwhile", seconds: 120)
        return [finding]
    }

    /// A value of a YAML text of plain keys, wherever it is nested.
    static func value(of key: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let plain = line.drop { $0 == " " || $0 == "\t" }
            guard plain.hasPrefix("\(key):") else { continue }
            let value = plain.dropFirst(key.count + 1).filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            return value.isEmpty ? nil : String(value)
        }
        return nil
    }
}
