import JSONTree

/// Ingresses that nobody serves, and two of them that claim the same.
struct IngressCheck: Check {
    let name = "ingresses"
    let codes = ["ING-01", "ING-07"]
    let needs: [FactName] = [.objects("ingresses.networking.k8s.io")]

    /// Seconds that a controller may take to give an address.
    private static let patience: Int64 = 60

    func applies(to facts: FactBase) -> Bool {
        facts.missing[.objects("ingresses.networking.k8s.io")] != nil
            || !facts.objects("ingresses.networking.k8s.io").isEmpty
    }

    func findings(_ facts: FactBase) -> [Diagnosis] { unserved(facts) + conflicts(facts) }

    static func className(_ ingress: APIObject) -> String? {
        ingress.text("spec", "ingressClassName") ?? ingress.annotations["kubernetes.io/ingress.class"]
    }

    private func unserved(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("ING-01") else { return [] }
        let areListed = facts.has(.objects("ingressclasses.networking.k8s.io"))
        // Without the classes it takes a look at all that runs: who would serve one is a pod, or the cloud.
        if !areListed {
            let clouds = facts.objects("nodes").compactMap { $0.text("spec", "providerID") }.filter {
                ["aws:", "azure:", "gce:", "openstack:"].contains(where: $0.hasPrefix)
            }
            guard facts.missing[.objects("ingressclasses.networking.k8s.io")] == nil, facts.has(.objects("pods")),
                facts.has(.objects("deployments.apps")), clouds.isEmpty,
                facts.components(.ingress).isEmpty,
                !facts.objects("pods").contains(where: { $0.name.contains("ingress") || $0.name.contains("gateway") })
            else { return [] }
        }
        let classes = facts.objects("ingressclasses.networking.k8s.io")
        let hasDefault = classes.contains {
            $0.annotations["ingressclass.kubernetes.io/is-default-class"] == "true"
        }
        return facts.objects("ingresses.networking.k8s.io").compactMap { ingress in
            guard !ingress.isDeleted, ingress.list("status", "loadBalancer", "ingress").isEmpty,
                facts.isOlder(ingress.createdAt, than: Self.patience)
            else { return nil }
            // What cert-manager made for a challenge is told with the challenge.
            if ingress.labels["acme.cert-manager.io/http01-solver"] == "true",
                !facts.objects("challenges.acme.cert-manager.io").isEmpty
            {
                return nil
            }
            // By annotation a controller may answer to any word: only the field must name an object.
            guard ingress.annotations["kubernetes.io/ingress.class"] == nil else { return nil }
            let because: String
            if let name = ingress.text("spec", "ingressClassName") {
                if classes.contains(where: { $0.name == name }) { return nil }
                let near = classes.map(\.name).sorted()
                because =
                    "It names the class \"\(name)\", and there is none"
                    + (near.isEmpty ? ", nor any other." : "; there are \(listed(near)).")
            } else {
                if hasDefault { return nil }
                because = "It names no class, and no class is the default one."
            }
            var finding = Diagnosis(
                cause, areListed ? .certain : .likely, at: [ingress.place],
                evidence: [
                    Diagnosis.Evidence(
                        "spec.ingressClassName: \(ingress.text("spec", "ingressClassName") ?? "(none)"), no address in its status",
                        from: ingress.source)
                ],
                because: [
                    areListed ? because : "It has no address, and no pod of this cluster is an ingress controller.",
                    cause.mechanism,
                ])
            if !areListed { finding.needs = ["kubectl get ingressclasses"] }
            if let only = classes.first, classes.count == 1 {
                finding.fix = Diagnosis.Fix(
                    [
                        #"kubectl -n \#(ingress.namespace) patch ingress \#(ingress.name) --type=merge -p '{"spec":{"ingressClassName":"\#(only.name)"}}'"#
                    ],
                    undo:
                        #"kubectl -n \#(ingress.namespace) patch ingress \#(ingress.name) --type=merge -p '{"spec":{"ingressClassName":\#(ingress.text("spec", "ingressClassName").map { "\"\($0)\"" } ?? "null")}}'"#,
                    risk: "the controller of \(only.name) begins to serve it", seconds: 30)
            }
            return finding
        }
    }

    private struct Claim: Hashable {
        var className: String
        var host: String
        var path: String
        var type: String
    }

    private func conflicts(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("ING-07") else { return [] }
        var claims: [Claim: [(ingress: APIObject, backend: String)]] = [:]
        for ingress in facts.objects("ingresses.networking.k8s.io") where !ingress.isDeleted {
            // A canary shares the path on purpose, and the load balancer's conditions tell rules apart.
            let hasOwnRule = ingress.annotations.keys.contains {
                $0.hasSuffix("/canary") || $0.hasPrefix("alb.ingress.kubernetes.io/conditions.")
            }
            if hasOwnRule { continue }
            for rule in ingress.list("spec", "rules") {
                guard let paths = rule.at("http", "paths"), paths.kind == .array else { continue }
                for path in paths.elements {
                    let claim = Claim(
                        className: Self.className(ingress) ?? "", host: rule.member("host")?.string ?? "*",
                        path: path.member("path")?.string ?? "/", type: path.member("pathType")?.string ?? "")
                    claims[claim, default: []].append(
                        (ingress, "\(ingress.namespace)/\(path.member("backend")?.description ?? "")"))
                }
            }
        }
        var findings: [Diagnosis] = []
        for (claim, owners) in claims.sorted(by: { ($0.key.host, $0.key.path) < ($1.key.host, $1.key.path) }) {
            let objects = Set(owners.map(\.ingress.place))
            guard objects.count > 1, Set(owners.map(\.backend)).count > 1 else { continue }
            let ordered = owners.map(\.ingress).sorted { ($0.createdAt ?? 0, $0.place) < ($1.createdAt ?? 0, $1.place) }
            guard let oldest = ordered.first else { continue }
            findings.append(
                Diagnosis(
                    cause, .certain, at: objects.sorted(),
                    evidence: ordered.prefix(2).map {
                        Diagnosis.Evidence(
                            "host \(claim.host), path \(claim.path) (\(claim.type)), made \($0.text("metadata", "creationTimestamp") ?? "")",
                            from: $0.source)
                    },
                    because: [
                        "\(objects.count) Ingresses claim \(claim.host)\(claim.path) with different backends; controllers serve the oldest, \(oldest.place).",
                        cause.mechanism,
                    ]))
        }
        return findings
    }
}

/// Events of load balancers, ingresses and certificates that name their cause, and Services that wait for an address.
struct EdgeEventCheck: Check {
    let name = "load balancers"
    let codes = ["ING-01", "ING-02", "ING-03", "AWS-04"]
    let needs: [FactName] = [.objects("services")]

    private static let recent: Int64 = 3600
    private static let patience: Int64 = 300

    func applies(to facts: FactBase) -> Bool {
        !facts.objects("ingresses.networking.k8s.io").isEmpty
            || facts.objects("services").contains { $0.text("spec", "type") == "LoadBalancer" }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        var waiting: [String: APIObject] = [:]
        for service in facts.objects("services")
        where service.text("spec", "type") == "LoadBalancer" && !service.isDeleted {
            if service.list("status", "loadBalancer", "ingress").isEmpty { waiting[service.place] = service }
        }
        for ingress in facts.objects("ingresses.networking.k8s.io") where !ingress.isDeleted {
            if ingress.list("status", "loadBalancer", "ingress").isEmpty { waiting[ingress.place] = ingress }
        }
        var findings: [Diagnosis] = []
        var explained: Set<String> = []
        for event in facts.events where event.text("type") != "Normal" {
            guard let subject = event.subject, subject.kind == "Service" || subject.kind == "Ingress",
                facts.seconds(since: event.lastSeen).map({ $0 < Self.recent }) ?? true
            else { continue }
            let place = "\(subject.kind)/\(subject.key)"
            guard waiting[place] != nil, let sign = MessageReading.sign(of: event.message, from: event.source),
                codes.contains(sign.code), let cause = Cause.coded(sign.code),
                explained.insert("\(place) \(sign.code)").inserted
            else { continue }
            explained.insert(place)
            findings.append(
                Diagnosis(
                    cause, sign.confidence, at: [place], evidence: [sign.evidence],
                    because: ["\(place) has no address, and its controller says why.", cause.mechanism]))
        }
        return findings + unserved(waiting.filter { $0.value.kind == "Service" && !explained.contains($0.key) }, facts)
    }

    /// Services for which nobody makes a load balancer: no cloud, and nothing in the cluster that would.
    private func unserved(_ waiting: [String: APIObject], _ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("ING-01"), facts.has(.objects("pods")), facts.components(.loadBalancer).isEmpty,
            facts.components(.agent).allSatisfy({ $0.component.name != "cilium" })
        else { return [] }
        let clouds = facts.objects("nodes").compactMap { $0.text("spec", "providerID") }.filter {
            !$0.isEmpty && !$0.hasPrefix("k3s://") && !$0.hasPrefix("kind://") && !$0.hasPrefix("rke2://")
        }
        let hasServiceLB = facts.objects("daemonsets.apps", "pods").contains { $0.name.hasPrefix("svclb-") }
        if !clouds.isEmpty || hasServiceLB { return [] }
        // Whoever would give the address is known only when everything that runs is.
        let isKnown = facts.has(.objects("deployments.apps")) && facts.has(.objects("daemonsets.apps"))
        let mayBe = ["cloud-controller", "cloud-provider", "openelb", "purelb", "porter", "loxilb", "load-balancer"]
        let hasOther = facts.objects("deployments.apps", "daemonsets.apps").contains { workload in
            mayBe.contains { workload.name.contains($0) }
        }
        if hasOther { return [] }
        return waiting.values.sorted { $0.place < $1.place }.filter {
            facts.isOlder($0.createdAt, than: Self.patience) && $0.list("spec", "externalIPs").isEmpty
        }.map { service in
            var finding = Diagnosis(
                cause, isKnown ? .certain : .likely, at: [service.place],
                evidence: [Diagnosis.Evidence("type: LoadBalancer, no address in its status", from: service.source)],
                because: [
                    "Nothing in this cluster makes load balancers: the nodes are of no cloud, and no controller for them was recognised."
                ])
            if !isKnown {
                finding.needs = ["which controller should give \(service.namespace)/\(service.name) its address"]
            }
            finding.fix = Diagnosis.Fix(
                [
                    #"kubectl -n \#(service.namespace) patch service \#(service.name) --type=merge -p '{"spec":{"type":"NodePort"}}'"#
                ],
                undo:
                    #"kubectl -n \#(service.namespace) patch service \#(service.name) --type=merge -p '{"spec":{"type":"LoadBalancer"}}'"#,
                risk: "none: its cluster address and node ports stay", seconds: 10)
            return finding
        }
    }
}
