import JSONTree

/// Attachments whose addresses are leased: the plugin asks a daemon on the node, which has to run there by itself (CFG-10).
extension AttachmentCheck {
    func withoutLeases(_ definitions: [APIObject], _ facts: FactBase) -> Diagnosis? {
        let leased = definitions.filter { definition in
            guard let text = definition.text("spec", "config"), let root = try? JSONTree(parsing: text).root else {
                return false
            }
            let plugins = root.member("plugins").map { Array($0.elements) } ?? [root]
            return plugins.contains { $0.at("ipam", "type")?.string == "dhcp" }
        }
        if leased.isEmpty { return nil }
        var asking: [(pod: APIObject, event: APIObject, definition: APIObject)] = []
        for pod in facts.objects("pods") {
            guard let wish = pod.annotations["k8s.v1.cni.cncf.io/networks"],
                let event = facts.events(ofPod: pod, "FailedCreatePodSandBox").last(where: {
                    $0.message.contains("dhcp.sock")
                })
            else { continue }
            let wanted = AttachmentWish.all(wish, namespace: pod.namespace)
            let definition = leased.first { one in
                wanted.contains { $0.namespace == one.namespace && $0.name == one.name }
            }
            if let definition { asking.append((pod, event, definition)) }
        }
        guard let first = asking.first else { return nil }
        let nodes = Set(asking.compactMap(\.pod.nodeName)).sorted()
        let symptoms = facts.symptoms(.sandbox, .ready).filter { symptom in asking.contains { symptom.isOf($0.pod) } }
        return .of(
            "CFG-10",
            "nobody leases addresses for \(first.definition.namespace)/\(first.definition.name) on \(listed(nodes))",
            .certain, at: [first.definition.place] + nodes.map { "Node/\($0)" },
            evidence: [
                .init("\"ipam\": {\"type\": \"dhcp\"}", marking: "dhcp", from: first.definition.source),
                .init(MessageReading.shortened(first.event.message), from: first.event.source),
            ],
            because: [
                "the dhcp plugin hands its question to a daemon at /run/cni/dhcp.sock, and nobody listens there",
                "the daemon is the same program, started as `dhcp daemon`; no network brings it along",
            ],
            explains: Set(symptoms.map(\.id)),
            fix: .init(
                [
                    "kubectl apply -f <a DaemonSet that runs /opt/cni/bin/dhcp daemon with /run/cni and /run/netns of the host>"
                ],
                undo: "delete it", risk: "none for pods of the cluster's own network", seconds: 60),
            prevent: "an attachment with ipam whereabouts or static needs no daemon")
    }
}
