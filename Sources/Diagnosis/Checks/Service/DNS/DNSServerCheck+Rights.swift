/// CoreDNS that reaches the API and may not read there what it needs: it is never ready (DNS-11).
extension DNSServerCheck {
    static func refused(_ pod: PodView, _ document: EvidenceTree.Document, _ dns: DNSView) -> Diagnosis? {
        let account = pod.object.text("spec", "serviceAccountName") ?? "default"
        let found = document.lines.lazy.reversed().compactMap { line in
            AccessDenial(String(line)).map { (line: String(line), denial: $0) }
        }.first
        guard let found, found.denial.user == "system:serviceaccount:\(pod.namespace):\(account)" else { return nil }
        return .of(
            "DNS-11", "CoreDNS runs and may not read what it needs from the Kubernetes API", .certain,
            at: [pod.object.place],
            evidence: [
                .init(found.line, marking: "is forbidden", from: document.source),
                .init("Ready: False", from: pod.object.source),
            ],
            because: [
                "the API answers, and refuses \(found.denial.user): the role it has is of an older release",
                "until the kubernetes plugin has Services and EndpointSlices CoreDNS gives no answer for the cluster's names",
            ],
            explains: dns.pods.reduce(into: Set(dns.services.map(\.symptom))) { $0.formUnion($1.symptoms) },
            fix: .init(
                [
                    "kubectl auth can-i list endpointslices.discovery.k8s.io --as=\(found.denial.user)",
                    "kubectl edit clusterrole system:coredns   # list and watch of endpointslices in discovery.k8s.io",
                ], undo: "take the rule out again", risk: "CoreDNS may read one kind more", seconds: 30),
            prevent: "apply the role of a release together with its image",
            deadEnds: ["restarting CoreDNS: its account stays what it is"])
    }
}
