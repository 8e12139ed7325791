/// What nobody looked at, and what a person types so that it is looked at. Neither good nor bad.
public struct OpenQuestion: Sendable, Hashable {
    public enum Subject: String, Sendable, Hashable { case packets, machines, aws, azure, gcp }

    public var subject: Subject
    public var text: String
    /// Read-only but for probes, which say what they send; with the real names.
    public var command: String

    public init(_ subject: Subject, _ text: String, command: String) {
        self.subject = subject
        self.text = text
        self.command = command
    }
}

extension OpenQuestion {
    /// Of a cluster; a line of a log, a machine alone and a cloud's answer leave nothing of the kind open.
    static func all(_ facts: FactBase) -> [OpenQuestion] {
        let nodes = facts.objects("nodes")
        if nodes.isEmpty { return [ofRoot(facts)].compactMap { $0 } }
        var questions: [OpenQuestion] = []
        let machines = Set(facts.machines.filter(\.wasRead).map(\.name))
        let unseen = nodes.map(\.name).filter { !machines.contains($0) }
        if !unseen.isEmpty {
            let text = machines.isEmpty ? "what is inside the nodes" : "\(unseen.count) of \(nodes.count) nodes inside"
            // Who was refused in agents' pods has to go there.
            let isRefused = facts.missing[.machines] != nil
            questions.append(
                OpenQuestion(
                    .machines, text,
                    command: isRefused
                        ? "sudo poplin doctor node   # on the node"
                        : "poplin doctor --exec   # on a node: sudo poplin doctor node"))
        }
        if facts.probes.isEmpty, facts.unsentProbes.isEmpty {
            questions.append(OpenQuestion(.packets, "live packets", command: "poplin doctor --probe"))
        }
        return questions + [aws(nodes, facts), azure(nodes, facts), google(nodes, facts)].compactMap { $0 }
    }

    /// Of a machine alone: what the kernel and files' owners keep from everybody but root.
    private static func ofRoot(_ facts: FactBase) -> OpenQuestion? {
        let kept = facts.evidence.missing.filter { path, reason in
            path.hasPrefix(EvidencePath.nodes) && ["(EPERM)", "(EACCES)"].contains(where: reason.contains)
        }
        if kept.isEmpty { return nil }
        return OpenQuestion(
            .machines, "\(counted(kept.count, "part")) of the machine that only root may read",
            command: "sudo poplin doctor node")
    }

    private static func identities(_ nodes: [APIObject], _ scheme: String) -> [[Substring]] {
        nodes.compactMap { node in
            guard let text = node.text("spec", "providerID"), text.hasPrefix(scheme) else { return nil }
            return text.dropFirst(scheme.count).split(separator: "/")
        }
    }

    private static func answers(_ provider: String, _ facts: FactBase) -> Set<String> {
        let folder = "\(EvidencePath.clouds)\(provider)/"
        return Set(
            facts.evidence.documents.keys.filter { $0.hasPrefix(folder) }.map {
                String($0.dropFirst(folder.count).dropLast(".json".count))
            })
    }

    /// A name goes into a command as it is, or not at all.
    private static func isPlain(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }

    private static func piped(_ commands: [String], _ provider: String) -> String {
        "(\(commands.joined(separator: "; "))) | poplin doctor --\(provider) -"
    }

    /// `aws:///eu-west-1a/i-0abc`: the zone without its letter is the region.
    private static func aws(_ nodes: [APIObject], _ facts: FactBase) -> OpenQuestion? {
        let instances = identities(nodes, "aws://")
        guard let first = instances.first else { return nil }
        // An answer says of what it is, also an empty one: only what is not there is asked for.
        let known = answers("aws", facts)
        let operations = CloudAnswer.used.filter { !known.contains($0) }
        if operations.isEmpty { return nil }
        let labelled = nodes.lazy.compactMap { $0.labels["topology.kubernetes.io/region"] }.first(where: isPlain)
        let zone = first.first.map(String.init) ?? ""
        let region = labelled ?? (zone.last?.isLetter ?? false ? String(zone.dropLast()) : zone)
        let place = isPlain(region) ? " --region \(region)" : ""
        return OpenQuestion(
            .aws, "what AWS says of \(counted(instances.count, "instance"))",
            command: piped(operations.map { "aws ec2 \($0)\(place) --output json" }, "aws"))
    }

    /// `azure:///subscriptions/S/resourceGroups/G/providers/...`
    private static func azure(_ nodes: [APIObject], _ facts: FactBase) -> OpenQuestion? {
        let machines = identities(nodes, "azure://")
        guard let first = machines.first, answers("azure", facts).isEmpty else { return nil }
        // Of the whole subscription: networks and their groups often lie in another resource group than the machines.
        var place = ""
        if let index = first.firstIndex(where: { $0.lowercased() == "subscriptions" }), index + 1 < first.count,
            isPlain(first[index + 1])
        {
            place = " --subscription \(first[index + 1])"
        }
        let lists = ["vnet", "nsg", "route-table"].map { "az network \($0) list\(place) -o json" }
        return OpenQuestion(
            .azure, "what Azure says of \(counted(machines.count, "machine"))", command: piped(lists, "azure"))
    }

    /// `gce://PROJECT/ZONE/NAME`
    private static func google(_ nodes: [APIObject], _ facts: FactBase) -> OpenQuestion? {
        let machines = identities(nodes, "gce://")
        guard let first = machines.first, answers("gcp", facts).isEmpty else { return nil }
        let project = first.first.map { isPlain($0) ? " --project \($0)" : "" } ?? ""
        var lists = ["firewall-rules", "routes", "networks subnets", "instances"].map { "compute \($0)" }
        // Where its control plane asks from.
        if nodes.contains(where: { $0.labels["cloud.google.com/gke-nodepool"] != nil }) {
            lists.append("container clusters")
        }
        return OpenQuestion(
            .gcp, "what Google Cloud says of \(counted(machines.count, "machine"))",
            command: piped(lists.map { "gcloud \($0) list\(project) --format=json" }, "gcp"))
    }
}
