import JSONTree

/// Webhooks that the API server calls and that do not answer.
struct WebhookCheck: Check {
    let name = "webhooks"
    let codes = ["WHK-01", "GCP-01"]
    let needs: [FactName] = [.objects("services")]

    private static let resources = [
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    ]
    /// Seconds that pods of a new webhook may take.
    private static let patience: Int64 = 60
    /// Seconds after which an event is no news.
    private static let recent: Int64 = 900

    private struct Webhook {
        var configuration: APIObject
        var name: String
        var namespace: String
        var service: String
        var isStrict: Bool
    }

    private func webhooks(_ facts: FactBase) -> [Webhook] {
        Self.resources.flatMap { facts.objects($0) }.flatMap { configuration in
            configuration.list("webhooks").compactMap { hook in
                guard let service = hook.at("clientConfig", "service", "name")?.string,
                    let namespace = hook.at("clientConfig", "service", "namespace")?.string
                else { return nil }
                return Webhook(
                    configuration: configuration, name: hook.member("name")?.string ?? "", namespace: namespace,
                    service: service, isStrict: (hook.member("failurePolicy")?.string ?? "Fail") == "Fail")
            }
        }
    }

    func applies(to facts: FactBase) -> Bool { !webhooks(facts).isEmpty || !unlisted(facts).isEmpty }

    /// Webhooks that events name and whose configurations nobody collected: the Service stands in the address that was
    /// called.
    private func unlisted(_ facts: FactBase) -> [Webhook] {
        if Self.resources.contains(where: { facts.has(.objects($0)) }) { return [] }
        return facts.events.compactMap { event -> Webhook? in
            let text = event.message
            guard let named = text.firstRange(of: "failed calling webhook \"")?.upperBound,
                let called = text.firstRange(of: "Post \"https://")?.upperBound
            else { return nil }
            let host = text[called...].prefix { $0 != ":" && $0 != "/" }.split(separator: ".").map(String.init)
            guard host.count >= 3, host[2] == "svc", facts.object("services", host[1], host[0]) != nil else {
                return nil
            }
            return Webhook(
                configuration: event, name: String(text[named...].prefix { $0 != "\"" }), namespace: host[1],
                service: host[0], isStrict: true)
        }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("WHK-01") else { return [] }
        let failures = facts.events.filter { event in
            event.message.contains("failed calling webhook")
                && facts.seconds(since: event.lastSeen).map { $0 < Self.recent } ?? true
        }
        // What somebody was answered when they wrote something.
        let answers = facts.evidence.documents(under: EvidencePath.looseLogs).flatMap { _, document in
            document.lines.filter { $0.contains("failed calling webhook") }.prefix(100).map {
                Diagnosis.Evidence(MessageReading.shortened(String($0)), from: document.source)
            }
        }
        let unready = Set(facts.symptoms(.service).map(\.id))
        let map = ServiceMap(facts)
        var seen: Set<String> = []
        var findings: [Diagnosis] = []
        for hook in webhooks(facts) + unlisted(facts) {
            let id = Symptom.service(hook.namespace, hook.service)
            guard seen.insert(id).inserted else { continue }
            func names(_ message: String) -> Bool {
                message.contains("\"\(hook.name)\"") || message.contains("//\(hook.service).\(hook.namespace).svc")
            }
            let own = failures.filter { names($0.message) }
            let told = answers.filter { names($0.text) }
            let service = facts.object("services", hook.namespace, hook.service)
            // A Service without any pod is by itself no fault; one that every write has to ask is.
            let isEmpty = map.entries.contains { entry in
                entry.id == "\(hook.namespace)/\(hook.service)" && entry.readyEndpoints.isEmpty
                    && entry.object.text("spec", "type") != "ExternalName"
            }
            let isSettled = [hook.configuration, service].compactMap { $0?.createdAt }.allSatisfy {
                facts.isOlder($0, than: Self.patience)
            }
            // Without slices the pods themselves tell.
            let pods = map.entries.first { $0.id == "\(hook.namespace)/\(hook.service)" }?.pods ?? []
            let isUnready =
                unready.contains(id)
                || (map.hasSlices ? isEmpty && isSettled : !pods.isEmpty && !pods.contains(where: \.isReady))
            guard !own.isEmpty || !told.isEmpty || (hook.isStrict && (service == nil || isUnready)) else { continue }
            var because: [String] = []
            if service == nil {
                because.append(
                    "\(hook.configuration.place) calls the Service \(hook.namespace)/\(hook.service), which does not exist."
                )
            } else if isUnready {
                because.append(
                    "No pod behind \(hook.namespace)/\(hook.service) is ready, and what the webhook guards cannot be written."
                )
            } else if !map.hasSlices, pods.isEmpty {
                because.append(
                    "\(hook.namespace)/\(hook.service) is there; whether a pod behind it is ready was not collected.")
            } else {
                because.append(
                    "Pods behind \(hook.namespace)/\(hook.service) are ready, and the API server still gets no answer: it is the way from the control plane to them that is closed."
                )
            }
            var evidence = own.suffix(2).map {
                Diagnosis.Evidence(MessageReading.shortened($0.message), from: $0.source)
            }
            evidence += told.prefix(2 - evidence.count)
            if evidence.isEmpty {
                evidence = [
                    Diagnosis.Evidence(
                        "webhook \(hook.name): failurePolicy Fail, service \(hook.namespace)/\(hook.service)",
                        from: hook.configuration.source)
                ]
            }
            // GKE lets its control plane reach ports 443 and 10250 of nodes and pods only, unless somebody opens more.
            let isGoogle = facts.objects("nodes").contains {
                $0.text("spec", "providerID")?.hasPrefix("gce://") == true
            }
            // Slices hold the pods' own ports, whatever names the Service goes by.
            let ports = facts.objects("endpointslices.discovery.k8s.io").filter { slice in
                slice.namespace == hook.namespace && slice.labels["kubernetes.io/service-name"] == hook.service
            }.flatMap { $0.list("ports") }.compactMap { $0.member("port")?.int }
            let isReachable = service != nil && !isUnready && !ports.isEmpty
            let isClosed = isGoogle && isReachable && ports.allSatisfy { $0 != 443 && $0 != 10250 }
            let rules = isClosed ? GoogleFirewall(facts) : nil
            let gate = rules.flatMap { firewall in
                firewall.controlPlane(facts).map { (firewall, $0, firewall.opens(ports, to: $0.range, of: $0.rule)) }
            }
            // With the firewall's own rules at hand nobody has to guess.
            let isGoogles = isClosed && gate?.2 != true
            let named = isGoogles ? Cause.coded("GCP-01") ?? cause : cause
            var finding = Diagnosis(
                named, .likely,
                at: (hook.configuration.kind == "Event" ? [] : [hook.configuration.place])
                    + ["Service/\(hook.namespace)/\(hook.service)"],
                evidence: evidence, because: because + [named.mechanism], explains: isUnready ? [id] : [])
            if isGoogles, let (firewall, plane, _) = gate, let port = ports.first {
                finding.evidence.append(firewall.quotation(of: plane.rule, plane.range, port))
                finding.fix = firewall.opening(port, to: plane.range, like: plane.rule)
            }
            findings.append(finding)
        }
        return findings
    }
}
