import Addressing
import JSONTree

/// Webhooks of private GKE clusters whose port the control plane's firewall rule does not open.
struct GoogleFirewallCheck: Check {
    let name = "GCP"
    let codes = ["GCP-01"]
    let needs: [FactName] = [.objects("services")]

    func applies(to facts: FactBase) -> Bool {
        facts.objects("nodes").contains { $0.text("spec", "providerID")?.hasPrefix("gce://") ?? false }
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let complaints = facts.objects("events", "events.events.k8s.io").compactMap { event -> Diagnosis.Evidence? in
            let text = event.text("message") ?? event.text("note") ?? ""
            guard text.contains("calling webhook"),
                ["deadline exceeded", "timeout", "timed out"].contains(where: { text.contains($0) })
            else { return nil }
            return .init(text, from: event.source)
        }
        guard let complaint = complaints.first else { return [] }
        let map = ServiceMap(facts)
        for hook in webhooks(facts) where complaint.text.contains("\(hook.service).\(hook.namespace).svc") {
            guard let entry = map.entries.first(where: { $0.id == "\(hook.namespace)/\(hook.service)" }),
                let port = entry.ports.first(where: { $0.number == hook.port })
            else { continue }
            let target =
                port.targetNumber
                ?? entry.pods.lazy.flatMap(\.ports).first { $0.name == port.target }?.number
            guard let target, ![443, 10250].contains(target), !opens(target, facts) else { continue }
            return [finding(hook, entry, target, complaint, facts)]
        }
        return []
    }

    private struct Hook {
        var service: String
        var namespace: String
        var port: Int64
        var object: APIObject
    }

    private func webhooks(_ facts: FactBase) -> [Hook] {
        facts.objects(
            "validatingwebhookconfigurations.admissionregistration.k8s.io",
            "mutatingwebhookconfigurations.admissionregistration.k8s.io"
        ).flatMap { object in
            object.list("webhooks").compactMap { hook in
                guard let service = hook.at("clientConfig", "service"), let name = service.member("name")?.string,
                    let namespace = service.member("namespace")?.string
                else { return nil }
                return Hook(
                    service: name, namespace: namespace, port: service.member("port")?.int ?? 443, object: object)
            }
        }
    }

    /// Whether an ingress rule of the control plane's range opens the port; with no answer of gcloud, nobody can say
    /// that it does.
    private func opens(_ port: Int64, _ facts: FactBase) -> Bool {
        guard let rules = rules(facts) else { return false }
        return rules.contains { rule in
            rule.member("direction")?.string == "INGRESS" && rule.member("disabled")?.bool != true && isMaster(rule)
                && AWSFacts.list(rule.member("allowed")).contains { allowed in
                    guard ["tcp", "all", "6"].contains(allowed.member("IPProtocol")?.string ?? "") else { return false }
                    let ports = AWSFacts.list(allowed.member("ports")).compactMap(\.string)
                    return ports.isEmpty
                        || ports.contains { text in
                            let ends = text.split(separator: "-").compactMap { Int64($0) }
                            return ends.count == 2 ? ends[0] <= port && port <= ends[1] : ends.first == port
                        }
                }
        }
    }

    private func isMaster(_ rule: JSONNode) -> Bool {
        if rule.member("name")?.string?.hasSuffix("-master") ?? false { return true }
        // The control plane of a private cluster has a /28.
        return AWSFacts.list(rule.member("sourceRanges")).contains { $0.string?.hasSuffix("/28") ?? false }
    }

    private func rules(_ facts: FactBase) -> [JSONNode]? {
        guard let document = facts.evidence[EvidencePath.cloud("gcp", "compute-firewall-rules-list")],
            let root = try? JSONTree(parsing: document.bytes).root, root.kind == .array
        else { return nil }
        return Array(root.elements)
    }

    private func finding(
        _ hook: Hook, _ entry: ServiceMap.Entry, _ port: Int64, _ complaint: Diagnosis.Evidence, _ facts: FactBase
    ) -> Diagnosis {
        let master = rules(facts)?.first { isMaster($0) }
        let name = master?.member("name")?.string
        let range =
            master.flatMap { AWSFacts.list($0.member("sourceRanges")).first?.string } ?? "<range of the control plane>"
        var evidence = [complaint]
        if let master, let document = facts.evidence[EvidencePath.cloud("gcp", "compute-firewall-rules-list")] {
            let ports = AWSFacts.list(master.member("allowed")).flatMap { AWSFacts.list($0.member("ports")) }
                .compactMap(\.string)
            evidence.append(.init("\(name ?? ""): \(range) may reach \(listed(ports))", from: document.source))
        }
        return .of(
            "GCP-01", "the control plane may not reach port \(port) of webhook \(entry.id)", .likely,
            at: [hook.object.place, entry.object.place], evidence: evidence,
            because: [
                "the control plane of a private cluster reaches nodes and pods at 443 and 10250 unless another rule "
                    + "opens more; the webhook's pods listen on \(port)"
            ],
            fix: .init(
                [
                    "gcloud compute firewall-rules create allow-webhook-\(port) --direction INGRESS "
                        + "--source-ranges \(range) --allow tcp:\(port)"
                ],
                undo: "gcloud compute firewall-rules delete allow-webhook-\(port)",
                risk: "opens that port to the control plane only", seconds: 30),
            deadEnds: ["deleting the webhook configuration: what it guards is then let in unchecked"],
            needs: ["gcloud compute firewall-rules list --format=json | poplin doctor --gcp -"])
    }
}
