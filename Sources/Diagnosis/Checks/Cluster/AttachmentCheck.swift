import JSONTree

/// Pods that ask for further networks (Multus) and do not get them.
struct AttachmentCheck: Check {
    let name = "network attachments"
    let codes = ["CFG-10"]
    let needs: [FactName] = [
        .objects("pods"), .objects("network-attachment-definitions.k8s.cni.cncf.io"),
    ]

    private static let wish = "k8s.v1.cni.cncf.io/networks"
    private static let status = ["k8s.v1.cni.cncf.io/network-status", "k8s.v1.cni.cncf.io/networks-status"]

    private func wishing(_ facts: FactBase) -> [APIObject] {
        facts.objects("pods").filter { pod in
            let phase = pod.text("status", "phase")
            return pod.annotations[Self.wish] != nil && !pod.isDeleted && phase != "Succeeded" && phase != "Failed"
                && pod.nodeName != nil
        }
    }

    func applies(to facts: FactBase) -> Bool { facts.objects("pods").contains { $0.annotations[Self.wish] != nil } }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        guard let cause = Cause.coded("CFG-10") else { return [] }
        let definitions = facts.objects("network-attachment-definitions.k8s.cni.cncf.io")
        var findings: [Diagnosis] = []
        if let leases = withoutLeases(definitions, facts) { findings.append(leases) }
        for pod in wishing(facts) {
            let begun = pod.time("status", "startTime") ?? pod.createdAt
            guard facts.isOlder(begun, than: SymptomReader.patience) else { continue }
            let wanted = AttachmentWish.all(pod.annotations[Self.wish] ?? "", namespace: pod.namespace)
            let absent = wanted.filter { wish in
                !definitions.contains { $0.namespace == wish.namespace && $0.name == wish.name }
            }
            let given = Self.status.lazy.compactMap { pod.annotations[$0] }.first
            let isWhole = given.map { AttachmentWish.names($0) }.map { names in
                wanted.allSatisfy { names.contains("\($0.namespace)/\($0.name)") || names.contains($0.name) }
            }
            if isWhole == true { continue }
            let symptoms = facts.symptoms(.sandbox, .ready, .restarts).filter { $0.isOf(pod) }
            var because: [String] = []
            var fix: Diagnosis.Fix?
            if let first = absent.first {
                let elsewhere = definitions.filter { $0.name == first.name }.map(\.namespace)
                because.append("The pod asks for \(first.namespace)/\(first.name), and there is no such definition.")
                if let there = elsewhere.first {
                    because.append(
                        "There is one of that name in \(there): a name without a namespace means the pod's own.")
                    fix = Diagnosis.Fix(
                        ["in the pod's template set \(Self.wish): \(there)/\(first.name)"],
                        undo: "set it back to \(first.name)", risk: "the pods of the workload are made anew",
                        seconds: 60)
                } else {
                    let near = definitions.filter { $0.namespace == first.namespace }.map(\.name)
                    if !near.isEmpty {
                        because.append("In \(first.namespace) there are: \(listed(near.sorted())).")
                    }
                }
            } else if pod.text("status", "phase") == "Running" {
                because.append(
                    given == nil
                        ? "All definitions exist, and the pod's network-status was never written: Multus was not called for it."
                        : "All definitions exist, and the pod's network-status lacks an interface it asked for.")
                fix = Diagnosis.Fix(
                    ["kubectl -n \(pod.namespace) delete pod \(pod.name) # its owner makes it anew, through Multus"],
                    risk: "one pod is made anew; first see that Multus is in the node's configuration", seconds: 60)
            } else {
                continue
            }
            var evidence = [
                Diagnosis.Evidence("\(Self.wish): \(pod.annotations[Self.wish] ?? "")", from: pod.source)
            ]
            if let given {
                evidence.append(
                    Diagnosis.Evidence("network-status: \(MessageReading.shortened(given))", from: pod.source))
            }
            if let event = facts.events(ofPod: pod, "FailedCreatePodSandBox").last {
                evidence.append(Diagnosis.Evidence(MessageReading.shortened(event.message), from: event.source))
            }
            // Where Multus was not called at all, its own place in the node's configuration is in question.
            let isAsked = !absent.isEmpty || given != nil
            var finding = Diagnosis(
                cause, isAsked ? .certain : .likely, at: [pod.place], evidence: evidence,
                because: because + [cause.mechanism],
                explains: Set(symptoms.map(\.id)))
            if let fix { finding.fix = fix }
            if !isAsked { finding.needs = ["ls /etc/cni/net.d on \(pod.nodeName ?? ""): whether Multus comes first"] }
            findings.append(finding)
        }
        return findings
    }
}

/// One network a pod asks for.
struct AttachmentWish: Sendable, Hashable {
    var namespace: String
    var name: String

    /// `net1, ns/net2@eth7` or a JSON list of objects with `name`, `namespace` (Kubernetes Network Custom Resource
    /// Definition de-facto standard, section 4.1.2).
    static func all(_ text: String, namespace: String) -> [AttachmentWish] {
        if let list = try? JSONTree(parsing: text).root, list.kind == .array {
            return list.elements.compactMap { item in
                guard let name = item.member("name")?.string else { return nil }
                return AttachmentWish(namespace: item.member("namespace")?.string ?? namespace, name: name)
            }
        }
        return text.split(separator: ",").compactMap { part in
            let plain = part.filter { !$0.isWhitespace }
            let withoutInterface = plain.split(separator: "@").first.map(String.init) ?? ""
            let words = withoutInterface.split(separator: "/").map(String.init)
            switch words.count {
            case 1: return AttachmentWish(namespace: namespace, name: words[0])
            case 2: return AttachmentWish(namespace: words[0], name: words[1])
            default: return nil
            }
        }
    }

    /// Names in a network-status: `ns/name`, as Multus writes them.
    static func names(_ status: String) -> Set<String> {
        guard let list = try? JSONTree(parsing: status).root, list.kind == .array else { return [] }
        return Set(list.elements.compactMap { $0.member("name")?.string })
    }
}
