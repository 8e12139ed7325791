import JSONTree

/// What a certificate in a Secret says, without its key.
struct CertificateFact: Sendable {
    var namespace: String
    var name: String
    /// Empty for none.
    var subject = ""
    var names: [String] = []
    /// Seconds since 1970.
    var notBefore: Int64 = 0
    var notAfter: Int64 = 0
    /// Why there is nothing to tell; nil when there is.
    var problem: String?
    var source: FactSource
}

/// Certificates of Secrets that were read.
struct CertificateFacts: Sendable {
    private var bySecret: [String: CertificateFact] = [:]
    /// Whether a Secret that is not among them is not there; otherwise it may be of a type that was not read.
    private(set) var isComplete = false

    /// From the collector's document of public fields, or from Secrets as kubectl prints them. Nil when there is neither.
    init?(_ facts: FactBase) {
        let hasSecrets = facts.has(.objects("secrets"))
        guard hasSecrets || facts.evidence[EvidencePath.certificates] != nil else { return nil }
        if let document = facts.evidence[EvidencePath.certificates],
            let list = try? JSONTree(parsing: document.bytes).root, list.kind == .array
        {
            for entry in list.elements { add(entry, age: document.source.age) }
        }
        // Our own collector never keeps Secrets; a folder that somebody made may hold them.
        for secret in facts.objects("secrets") {
            guard let text = secret.text("data", "tls.crt") else { continue }
            var fact = CertificateFact(namespace: secret.namespace, name: secret.name, source: secret.source)
            if let leaf = X509Fields(pemInBase64: text) {
                fact.subject = leaf.subject
                fact.names = leaf.names
                fact.notBefore = leaf.notBefore
                fact.notAfter = leaf.notAfter
            } else {
                fact.problem = "tls.crt holds no certificate in PEM"
            }
            bySecret["\(secret.namespace)/\(secret.name)"] = fact
        }
        isComplete = hasSecrets
    }

    private mutating func add(_ entry: JSONNode, age: Int?) {
        let namespace = entry.member("namespace")?.string ?? ""
        let name = entry.member("name")?.string ?? ""
        let source = FactSource(
            "Secret/\(namespace)/\(name) tls.crt",
            command:
                "kubectl -n \(namespace) get secret \(name) -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -subject -dates -ext subjectAltName",
            age: age)
        var fact = CertificateFact(namespace: namespace, name: name, source: source)
        fact.subject = entry.member("subject")?.string ?? ""
        fact.names = entry.member("dnsNames").map { $0.kind == .array ? $0.elements.compactMap(\.string) : [] } ?? []
        fact.notBefore = entry.member("notBefore")?.string.flatMap(APIObject.seconds) ?? 0
        fact.notAfter = entry.member("notAfter")?.string.flatMap(APIObject.seconds) ?? .max
        fact.problem = entry.member("error")?.string
        bySecret["\(namespace)/\(name)"] = fact
    }

    subscript(namespace: String, name: String) -> CertificateFact? { bySecret["\(namespace)/\(name)"] }
}
