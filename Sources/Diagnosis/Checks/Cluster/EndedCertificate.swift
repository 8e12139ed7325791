import KubernetesModel

/// A certificate whose end has passed by what a program printed of it: an ingress controller's warning, or what somebody
/// read from a connection.
struct EndedCertificate: Sendable {
    /// The host it is shown for, or the names in it.
    let names: [String]
    /// In seconds since 1970.
    let end: Int64
    let line: String
    let source: FactSource

    var name: String { names.first ?? "" }

    func isFor(_ host: String) -> Bool { names.contains { $0 == host || CertificateCheck.covers($0, host) } }

    /// Lines from the end of a controller's log.
    private static let lines = 400
    private static let warning = " is about to expire ("

    static func all(_ facts: FactBase) -> [EndedCertificate] {
        facts.derived.value("ended certificates") { reading(facts) }
    }

    private static func reading(_ facts: FactBase) -> [EndedCertificate] {
        guard let now = facts.now else { return [] }
        var found: [EndedCertificate] = []
        for pod in facts.components(.ingress).flatMap(\.pods) {
            for document in facts.logs(pod.namespace, pod.name) where document.holds(warning) {
                // ingress-nginx warns at each look, before the end and after it; the last one counts.
                if let line = document.lines.suffix(lines).last(where: { $0.contains(warning) }),
                    let one = warned(line, document.source)
                {
                    found.append(one)
                }
            }
        }
        for (_, document) in facts.evidence.documents(under: EvidencePath.looseLogs) where document.holds("notAfter=") {
            if let one = printed(document) { found.append(one) }
        }
        return found.filter { $0.end < now }
    }

    /// `SSL certificate for server "shop.example" is about to expire (2026-08-12 10:00:00 +0000 UTC)`
    static func warned(_ line: Substring, _ source: FactSource) -> EndedCertificate? {
        guard let mark = line.firstRange(of: warning), let host = line.firstRange(of: "server \"") else { return nil }
        let day = line[mark.upperBound...].prefix(10)
        let clock = line[mark.upperBound...].dropFirst(11).prefix(8)
        guard let end = Timestamp("\(day)T\(clock)Z")?.seconds else { return nil }
        return .init(
            names: [String(line[host.upperBound...].prefix { $0 != "\"" })], end: end, line: String(line),
            source: source)
    }

    /// What `openssl x509 -dates -subject -ext subjectAltName` prints.
    static func printed(_ document: EvidenceTree.Document) -> EndedCertificate? {
        guard let line = document.lines.first(where: { $0.hasPrefix("notAfter=") }),
            let end = opensslMoment(line.dropFirst("notAfter=".count))
        else { return nil }
        var names: [String] = []
        for line in document.lines {
            for part in line.split(separator: ",") {
                if let mark = part.firstRange(of: "DNS:") { names.append(String(part[mark.upperBound...])) }
            }
            if let mark = line.firstRange(of: "CN = ") ?? line.firstRange(of: "CN="), line.hasPrefix("subject") {
                names.append(String(line[mark.upperBound...].prefix { $0 != "," && $0 != "/" }))
            }
        }
        return .init(names: names, end: end, line: String(line), source: document.source)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Aug 12 10:00:00 2026 GMT`
    static func opensslMoment(_ text: some StringProtocol) -> Int64? {
        let words = String(text).split { $0 == " " }.map(String.init)
        guard words.count >= 4, let month = months.firstIndex(of: words[0]), let day = Int(words[1]),
            words[3].count == 4
        else { return nil }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return Timestamp("\(words[3])-\(two(month + 1))-\(two(day))T\(words[2])Z")?.seconds
    }
}
