import Addressing
import Findings
import JSONTree

/// What an ingress controller says again and again of the applications behind it: that they do not speak what it was told
/// they speak (ING-04).
struct IngressLogCheck: Check {
    let name = "ingress controllers"
    let codes = ["ING-04"]
    let needs: [FactName] = [.objects("pods")]

    /// Seconds before the collection within which a line is of now.
    private static let present: Int64 = 1200
    /// So many lines are no accident.
    private static let often = 3

    func applies(to facts: FactBase) -> Bool { !facts.components(.ingress).isEmpty }

    /// Of a controller that begins a handshake and is answered in plain text, or the other way round: nginx, then Envoy's
    /// and Go's words.
    private static let mismatches = [
        ["handshak", "upstream", "wrong version number"], ["upstream sent no valid http"],
        ["upstream sent invalid header"], ["first record does not look like a tls handshake"],
        ["malformed http response", "x15"], ["client sent an http request to an https server"],
    ]

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var told: [(line: Substring, document: EvidenceTree.Document)] = []
        for pod in facts.components(.ingress).flatMap(\.pods) {
            for document in facts.logs(pod.namespace, pod.name) {
                told += document.lines.suffix(400).filter { isMismatch($0, facts) }.map { ($0, document) }
            }
        }
        guard told.count >= Self.often, let last = told.last else { return refused(facts) }
        let ingress = facts.objects("ingresses.networking.k8s.io").first { ingress in
            ingress.list("spec", "rules").contains { rule in
                rule.member("host")?.string.map { !$0.isEmpty && last.line.contains($0) } ?? false
            }
        }
        let wish = ingress?.annotations.first { $0.key.hasSuffix("/backend-protocol") }
        let upstream = last.line.firstRange(of: "upstream: \"").map { start in
            String(last.line[start.upperBound...].prefix { $0 != "\"" })
        }
        return [
            .of(
                "ING-04",
                "the ingress controller and the application\(upstream.map { " at \($0)" } ?? "") do not speak the same",
                wish == nil ? .likely : .certain, at: [ingress?.place].compactMap { $0 },
                evidence: [.init(MessageReading.shortened(String(last.line)), from: last.document.source)]
                    + (ingress.flatMap { object in
                        wish.map { [.init("\($0.key): \($0.value)", marking: $0.value, from: object.source)] }
                    } ?? []),
                because: [
                    "\(counted(told.count, "request")) ended like this lately: one side speaks TLS and the other plain text",
                    wish.map { "the Ingress says that the application speaks \($0.value)" }
                        ?? "what the controller speaks is told by the Ingress or the Service's port",
                ],
                fix: ingress.map { object in
                    .init(
                        [
                            wish.map {
                                "kubectl -n \(object.namespace) annotate ingress \(object.name) --overwrite \($0.key)=\($0.value.uppercased().hasPrefix("HTTPS") ? "HTTP" : "HTTPS")"
                            }
                                ?? "kubectl -n \(object.namespace) annotate ingress \(object.name) nginx.ingress.kubernetes.io/backend-protocol=HTTPS"
                        ],
                        undo: wish.map {
                            "kubectl -n \(object.namespace) annotate ingress \(object.name) --overwrite \($0.key)=\($0.value)"
                        }
                            ?? "kubectl -n \(object.namespace) annotate ingress \(object.name) nginx.ingress.kubernetes.io/backend-protocol-",
                        risk: "this Ingress alone", seconds: 10)
                },
                deadEnds: ["policies and routes: the connection is made, what is said over it is not understood"],
                needs: wish == nil ? ["curl -v to a pod's address, with http:// and with https://"] : [])
        ]
    }

    // MARK: Refused

    /// Pods that are ready and an endpoint, and that refuse the controller at the port it was sent to: who is ready by its
    /// probe, or without one, need not listen there for others.
    private func refused(_ facts: FactBase) -> [Diagnosis] {
        var told: [IPAddress: (count: Int, port: UInt16, line: Substring, document: EvidenceTree.Document)] = [:]
        for pod in facts.components(.ingress).flatMap(\.pods) {
            for document in facts.logs(pod.namespace, pod.name) where document.holds("refused") {
                for line in document.lines.suffix(400) {
                    guard line.contains("efused"), line.lowercased().contains("upstream"), isPresent(line, facts),
                        let target = FailedConnection.target(of: line)
                    else { continue }
                    let count = (told[target.address]?.count ?? 0) + 1
                    told[target.address] = (count, target.port, line, document)
                }
            }
        }
        guard told.values.reduce(0, { $0 + $1.count }) >= Self.often else { return [] }
        let refusing = facts.pods.filter { pod in
            pod.isReady && !pod.isFinished && facts.listeners(of: pod) == nil
                && pod.addresses.contains { told[$0] != nil }
        }
        guard let pod = refusing.first, let address = pod.addresses.first(where: { told[$0] != nil }),
            let last = told[address]
        else { return [] }
        return [
            .of(
                "ING-04", "\(pod.id) refuses the ingress controller at port \(last.port)", .likely,
                at: refusing.prefix(3).map(\.object.place),
                evidence: [
                    .init(
                        MessageReading.shortened(String(last.line)), marking: "\(address):\(last.port)",
                        from: last.document.source)
                ],
                because: [
                    "the way to the pod is open: it answers, with a refusal, \(counted(last.count, "time")) lately",
                    "the pod is ready, so nothing that its probe asks shows it: the program does not listen at \(last.port), or for its own pod only",
                ],
                deadEnds: ["policies and routes: a packet that is dropped is not refused"],
                needs: [
                    "kubectl -n \(pod.namespace) exec \(pod.name) -- ss -ltn   # \(last.port), and at which address?"
                ])
        ]
    }

    private func isPresent(_ line: Substring, _ facts: FactBase) -> Bool {
        guard let now = facts.now, let moment = LogMoment.seconds(of: line, near: now) else { return true }
        return now - moment < Self.present
    }

    private func isMismatch(_ line: Substring, _ facts: FactBase) -> Bool {
        let text = line.lowercased()
        return Self.mismatches.contains { words in words.allSatisfy(text.contains) } && isPresent(line, facts)
    }
}
