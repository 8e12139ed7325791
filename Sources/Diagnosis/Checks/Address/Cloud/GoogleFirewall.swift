import Addressing
import JSONTree

/// The firewall of a network of Google Cloud, as `gcloud compute firewall-rules list` prints it: what no rule allows in
/// is denied (the implied rule of every VPC network).
struct GoogleFirewall: Sendable {
    struct Rule: Sendable {
        var name: String
        var priority: Int64
        var network: String
        var isEnabled: Bool
        var allowed: [(transport: String, ports: [String])]
        var denied: [(transport: String, ports: [String])]
        var sources: [IPPrefix]
        /// It goes by tags or accounts of the sender.
        var namesSenders: Bool
        /// Tags of the machines it is for; none and no account is all of them.
        var targetTags: [String]
        var namesAccounts: Bool
    }

    enum Verdict: Sendable {
        case allowed(Rule)
        /// By a rule, or by none that allows.
        case denied(Rule?)
        case unknown
    }

    /// Into the network; the smallest priority first, and what denies before what allows.
    let rules: [Rule]
    let source: FactSource

    init?(_ facts: FactBase) {
        guard let answer = facts.cloudList("gcp", "compute-firewall-rules-list") else { return nil }
        rules = answer.items.compactMap(Self.rule).sorted {
            ($0.priority, $0.denied.isEmpty ? 1 : 0) < ($1.priority, $1.denied.isEmpty ? 1 : 0)
        }
        source = FactSource(answer.source.place, command: "gcloud compute firewall-rules list --format=json")
    }

    private static func rule(_ node: JSONNode) -> Rule? {
        guard node.member("direction")?.string ?? "INGRESS" == "INGRESS" else { return nil }
        func parts(_ key: String) -> [(transport: String, ports: [String])] {
            node.list(key).map {
                (
                    ($0.member("IPProtocol")?.string ?? "all").lowercased(),
                    $0.list("ports").compactMap(\.string)
                )
            }
        }
        func texts(_ key: String) -> [String] { node.list(key).compactMap(\.string) }
        return Rule(
            name: node.member("name")?.string ?? "", priority: node.member("priority")?.int ?? 1000,
            network: String((node.member("network")?.string ?? "").split(separator: "/").last ?? ""),
            isEnabled: node.member("disabled")?.bool != true, allowed: parts("allowed"), denied: parts("denied"),
            sources: texts("sourceRanges").compactMap { IPPrefix($0) },
            namesSenders: !texts("sourceTags").isEmpty || !texts("sourceServiceAccounts").isEmpty,
            targetTags: texts("targetTags"), namesAccounts: !texts("targetServiceAccounts").isEmpty)
    }

    /// - Parameters:
    ///   - sender: an address or a range, all of which has to be let in.
    ///   - tags: of the machine that is asked; nil when they are not known.
    func verdict(_ transport: String, _ port: Int, from sender: IPPrefix, network: String?, tags: [String]?) -> Verdict
    {
        for rule in rules where rule.isEnabled {
            if let network, !rule.network.isEmpty, rule.network != network { continue }
            let isDenied = Self.covers(rule.denied, transport, port)
            guard isDenied || Self.covers(rule.allowed, transport, port) else { continue }
            let isFrom = rule.sources.contains { $0.contains(sender) }
            if !isFrom, !rule.namesSenders { continue }
            var isSure = isFrom
            if rule.namesAccounts { isSure = false }
            if !rule.targetTags.isEmpty {
                if let tags {
                    if Set(tags).isDisjoint(with: rule.targetTags) { continue }
                } else {
                    isSure = false
                }
            }
            // A rule that may be meant and may not be: nobody can say.
            if !isSure { return .unknown }
            return isDenied ? .denied(rule) : .allowed(rule)
        }
        return .denied(nil)
    }

    private static func covers(
        _ parts: [(transport: String, ports: [String])], _ transport: String, _ port: Int
    ) -> Bool {
        let names: [String: Set<String>] = [
            "tcp": ["tcp", "6", "all"], "udp": ["udp", "17", "all"], "4": ["4", "ipip", "all"],
        ]
        return parts.contains { part in
            guard names[transport]?.contains(part.transport) ?? false else { return false }
            return transport == "4" || part.ports.isEmpty
                || part.ports.contains { text in
                    let ends = text.split(separator: "-").compactMap { Int($0) }
                    guard let first = ends.first, let last = ends.last else { return false }
                    return first <= port && port <= last
                }
        }
    }

    /// Where the control plane of a private cluster asks from, and the rule that GKE made for it.
    func controlPlane(_ facts: FactBase) -> (range: IPPrefix, rule: Rule?)? {
        let own = rules.first { $0.name.hasPrefix("gke-") && $0.name.hasSuffix("-master") }
        if let own, let range = own.sources.first { return (range, own) }
        guard let answer = facts.cloudList("gcp", "container-clusters-list") else { return nil }
        let ranges = Set(
            answer.items.compactMap {
                $0.at("privateClusterConfig", "masterIpv4CidrBlock")?.string.flatMap { IPPrefix($0) }
            })
        return ranges.count == 1 ? ranges.first.map { ($0, nil) } : nil
    }
}

// MARK: The control plane and webhooks

extension GoogleFirewall {
    /// Whether the control plane may reach one of the ports at the nodes' machines. A rule that may be for them and may
    /// be for others counts as one that opens.
    func opens(_ ports: [Int64], to plane: IPPrefix, of own: Rule?) -> Bool {
        ports.contains { port in
            switch verdict("tcp", Int(clamping: port), from: plane, network: own?.network, tags: own?.targetTags) {
            case .allowed, .unknown: true
            case .denied: false
            }
        }
    }

    func quotation(of rule: Rule?, _ plane: IPPrefix, _ port: Int64) -> Diagnosis.Evidence {
        let open = rule.map { rule in
            "\(rule.name): \(plane) may reach \(rule.allowed.map { "\($0.transport) \($0.ports.joined(separator: ", "))" }.joined(separator: "; "))"
        }
        return Diagnosis.Evidence(
            open ?? "none of \(rules.count) rules lets \(plane) reach TCP \(port)", from: source)
    }

    func opening(_ port: Int64, to plane: IPPrefix, like rule: Rule?) -> Diagnosis.Fix {
        let network = rule.map { $0.network.isEmpty ? "" : " --network \($0.network)" } ?? ""
        let tags =
            rule.map { $0.targetTags.isEmpty ? "" : " --target-tags \($0.targetTags.joined(separator: ","))" } ?? ""
        let name = "allow-control-plane-\(port)"
        return Diagnosis.Fix(
            [
                "gcloud compute firewall-rules create \(name)\(network) --direction INGRESS --source-ranges \(plane)"
                    + "\(tags) --allow tcp:\(port)"
            ], undo: "gcloud compute firewall-rules delete \(name)",
            risk: "opens that port to the control plane only", seconds: 30)
    }
}

/// A node as `gcloud compute instances list` prints it.
struct GoogleInstance: Sendable {
    var name: String
    var zone: String
    var network: String
    var addresses: [IPAddress]
    var tags: [String]
    var forwards: Bool
    /// Ranges of pods that the network knows as the machine's own.
    var aliases: [IPPrefix]

    static func all(_ facts: FactBase) -> [GoogleInstance] {
        guard let answer = facts.cloudList("gcp", "compute-instances-list") else { return [] }
        return answer.items.map { item in
            let interfaces = item.list("networkInterfaces")
            return GoogleInstance(
                name: item.member("name")?.string ?? "",
                zone: String((item.member("zone")?.string ?? "").split(separator: "/").last ?? ""),
                network: String((interfaces.first?.member("network")?.string ?? "").split(separator: "/").last ?? ""),
                addresses: interfaces.compactMap { $0.member("networkIP")?.string.flatMap { IPAddress($0) } },
                tags: item.list("tags", "items").compactMap(\.string),
                forwards: item.member("canIpForward")?.bool ?? false,
                aliases: interfaces.flatMap { $0.list("aliasIpRanges") }.compactMap {
                    $0.member("ipCidrRange")?.string.flatMap { IPPrefix($0) }
                })
        }
    }
}
