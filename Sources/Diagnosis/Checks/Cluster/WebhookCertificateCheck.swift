import JSONTree
import KubernetesModel

/// Certificates of webhooks: the authority that the API server is told to trust, and what the webhook's own pods show,
/// as far as it is in a Secret that they mount.
struct WebhookCertificateCheck: Check {
    let name = "webhooks' certificates"
    let codes = ["ING-06"]
    let needs: [FactName] = [.objects("services")]

    private static let resources = [
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    ]

    private struct Hook {
        var configuration: APIObject
        var name: String
        var namespace: String
        var service: String
        var authorities: String
        var index: Int

        /// What the certificate has to be for (`ServerNameResolver` of the API server).
        var host: String { "\(service).\(namespace).svc" }
    }

    private func hooks(_ facts: FactBase) -> [Hook] {
        Self.resources.flatMap { facts.objects($0) }.flatMap { configuration in
            configuration.list("webhooks").enumerated().compactMap { index, hook in
                guard !configuration.isDeleted, (hook.member("failurePolicy")?.string ?? "Fail") == "Fail",
                    let service = hook.at("clientConfig", "service", "name")?.string,
                    let namespace = hook.at("clientConfig", "service", "namespace")?.string
                else { return nil }
                return Hook(
                    configuration: configuration, name: hook.member("name")?.string ?? "", namespace: namespace,
                    service: service, authorities: hook.at("clientConfig", "caBundle")?.string ?? "", index: index)
            }
        }
    }

    func applies(to facts: FactBase) -> Bool { !hooks(facts).isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let now = facts.now else { return [] }
        let certificates = CertificateFacts(facts)
        var seen: Set<String> = []
        return hooks(facts).compactMap { hook in
            let found = untrusted(hook, now) ?? shown(hook, certificates, now, facts)
            return found.flatMap { seen.insert("\(hook.configuration.place) \(hook.host)").inserted ? $0 : nil }
        }
    }

    /// All authorities of the bundle are over: whatever the webhook shows is refused.
    private func untrusted(_ hook: Hook, _ now: Int64) -> Diagnosis? {
        let authorities = X509Fields.all(pemInBase64: hook.authorities)
        guard let last = authorities.max(by: { $0.notAfter < $1.notAfter }), last.notAfter < now else { return nil }
        let until = Timestamp(seconds: last.notAfter).description
        let path = "webhooks[\(hook.index)].clientConfig.caBundle"
        return finding(
            hook, "The authority that the API server trusts for the webhook \(hook.name) ended on \(until)",
            evidence: [
                .init("\(path): \(last.subject), until \(until)", marking: until, from: hook.configuration.source)
            ],
            because: [
                "the API server checks the webhook's certificate by this authority alone: since then every write that the webhook guards fails with \"x509: certificate has expired\""
            ],
            steps: [
                "kubectl get \(hook.configuration.resource) \(hook.configuration.name) -o yaml > webhook.before.yaml",
                "renew the authority where it is made (cert-manager: cmctl renew; a chart: helm upgrade), which writes \(path) anew",
            ], undo: "kubectl apply -f webhook.before.yaml")
    }

    /// What the pods behind its Service mount, when none of it is good for the name that the API server asks for.
    private func shown(
        _ hook: Hook, _ certificates: CertificateFacts?, _ now: Int64, _ facts: FactBase
    ) -> Diagnosis? {
        guard let certificates,
            let entry = ServiceMap(facts).entries.first(where: { $0.id == "\(hook.namespace)/\(hook.service)" })
        else { return nil }
        var names: Set<String> = []
        for pod in entry.pods where !pod.isTerminating {
            for volume in pod.object.list("spec", "volumes") {
                if let name = volume.at("secret", "secretName")?.string { names.insert(name) }
            }
        }
        let mounted = names.sorted().compactMap { certificates[hook.namespace, $0] }.filter { $0.problem == nil }
        guard !mounted.isEmpty else { return nil }
        let fitting = mounted.filter { fact in fact.names.contains { CertificateCheck.covers($0, hook.host) } }
        // A client's certificate has no name of a server.
        let named = mounted.filter { !$0.names.isEmpty }
        guard let fact = fitting.max(by: { $0.notAfter < $1.notAfter }) ?? named.first else { return nil }
        let secret = "Secret/\(fact.namespace)/\(fact.name)"
        let renewal = [
            "kubectl -n \(fact.namespace) get secret \(fact.name) -o yaml > secret.before.yaml",
            "renew it where it is made (cert-manager: cmctl renew; a chart: helm upgrade), for \(hook.host)",
        ]
        if fitting.isEmpty {
            let list = listed(fact.names)
            return finding(
                hook, "The webhook \(hook.name) shows a certificate of another name", at: [secret],
                evidence: [.init("names \(fact.names.joined(separator: " "))", from: fact.source)],
                because: [
                    "the API server asks for \(hook.host), and the certificate in \(fact.namespace)/\(fact.name) is for \(list)"
                ], steps: renewal)
        }
        guard fact.notAfter < now else { return nil }
        let until = Timestamp(seconds: fact.notAfter).description
        return finding(
            hook, "The certificate of the webhook \(hook.name) ended on \(until)", at: [secret],
            evidence: [.init("\(fact.subject), until \(until)", marking: until, from: fact.source)],
            because: [
                "the pods behind \(hook.namespace)/\(hook.service) show what is in \(fact.namespace)/\(fact.name): the API server refuses it, and with it every write that the webhook guards"
            ], steps: renewal)
    }

    private func finding(
        _ hook: Hook, _ title: String, at places: [String] = [], evidence: [Diagnosis.Evidence], because: [String],
        steps: [String], undo: String = "kubectl apply -f secret.before.yaml"
    ) -> Diagnosis {
        .of(
            "ING-06", title, .certain,
            at: [hook.configuration.place, "Service/\(hook.namespace)/\(hook.service)"] + places, evidence: evidence,
            because: because,
            fix: .init(
                steps, undo: undo,
                risk: "pods that read the file only at their start have to be restarted", seconds: 60),
            prevent: "certificates that are renewed by a controller, and an alert on the days that are left",
            deadEnds: ["deleting the webhook configuration: what it guarded goes unguarded"])
    }
}
