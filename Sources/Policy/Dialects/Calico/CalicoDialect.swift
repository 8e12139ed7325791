import Addressing
import Findings
import JSONTree
import KubernetesModel

/// Calico: `projectcalico.org/v3`, and the same objects as they lie in the cluster under `crd.projectcalico.org/v1`,
/// where the name of a policy is written with its tier in front (`default.allow-dns`).
public enum CalicoDialect: PolicyDialect {
    public static let name = "Calico"

    /// Kinds of Calico's groups that have to do with policy. The others (IP pools, BGP) are nobody's here.
    static let kinds: Set<String> = [
        "NetworkPolicy", "GlobalNetworkPolicy", "Tier", "NetworkSet", "GlobalNetworkSet", "HostEndpoint", "Profile",
        "StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy",
    ]

    static let groups: [String: String] = ["projectcalico.org": "v3", "crd.projectcalico.org": "v1"]

    public static func reads(_ gvk: GroupVersionKind) -> Bool {
        groups[gvk.group] != nil && kinds.contains(gvk.kind)
    }

    public static func parse(_ document: PolicyDocument, into result: inout ParsedPolicies) {
        let gvk = document.gvk
        let metadata = document.node.member("metadata")
        let isGlobal = !["NetworkPolicy", "NetworkSet", "StagedNetworkPolicy", "StagedKubernetesNetworkPolicy"]
            .contains(gvk.kind)
        let reference = PolicyReference(
            group: "projectcalico.org", kind: gvk.kind,
            namespace: isGlobal ? "" : metadata?.member("namespace")?.string ?? "default",
            name: shownName(metadata?.member("name")?.string ?? "", document))
        let reader = DialectReader(document, reference)
        defer { result.findings += reader.findings }
        guard gvk.version == groups[gvk.group] else {
            reader.error(
                document.node.member("apiVersion") ?? document.node,
                "\(gvk.group) has no version \(gvk.version)", next: "\(gvk.group)/\(groups[gvk.group] ?? "")")
            return
        }
        guard !reference.name.isEmpty else { return reader.error(document.node, "metadata.name is required") }
        guard let spec = reader.object("spec", of: document.node) else {
            if reader.findings.isEmpty { reader.error(document.node, "spec is required") }
            return
        }
        switch gvk.kind {
        case "Tier": result.tiers += CalicoTierParser.tier(reader, spec)
        case "NetworkSet", "GlobalNetworkSet": result.networkSets.append(CalicoNetworkSets.set(reader, spec))
        case "HostEndpoint": result.networkSets += CalicoNetworkSets.hostEndpoint(reader, spec)
        case "Profile":
            // The profiles that Calico makes from namespaces allow everything, which is also what follows the last
            // tier here. Others can only be a person's.
            if !reference.name.hasPrefix("kns."), !reference.name.hasPrefix("ksa."),
                reference.name != "projectcalico-default-allow"
            {
                reader.warn(
                    spec, code: PolicyCode.notEnforced,
                    "not enforced: profiles other than those of namespaces and service accounts are not read")
            }
        case "StagedKubernetesNetworkPolicy": parseStagedKubernetes(document, reader, into: &result)
        default:
            var parser = CalicoPolicyParser(reader: reader)
            result.policies.append(parser.policy(spec))
        }
    }

    /// The name a person gave: without the tier that storage puts in front of policies of the default tier.
    private static func shownName(_ name: String, _ document: PolicyDocument) -> String {
        guard document.gvk.kind.hasSuffix("NetworkPolicy"), name.hasPrefix("default.") else { return name }
        let tier = document.node.at("spec", "tier")?.string ?? "default"
        return tier == "default" || tier.isEmpty ? String(name.dropFirst("default.".count)) : name
    }

    /// Its spec is a NetworkPolicy's with `stagedAction` beside.
    private static func parseStagedKubernetes(
        _ document: PolicyDocument, _ reader: DialectReader, into result: inout ParsedPolicies
    ) {
        var inner = ParsedPolicies()
        let asKubernetes = PolicyDocument(
            gvk: GroupVersionKind(group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy"),
            node: document.node, file: document.file)
        NetworkPolicyDialect.parse(asKubernetes, into: &inner)
        for var policy in inner.policies {
            policy.source.reference = reader.reference
            policy.source.apiVersion = document.gvk.apiVersion
            policy.isStaged = true
            result.policies.append(policy)
        }
        // What the field beside it is for, the other parser cannot know.
        result.findings += inner.findings.filter { !$0.message.contains("stagedAction") }
    }
}

/// Tiers.
enum CalicoTierParser {
    static func tier(_ reader: DialectReader, _ spec: JSONNode) -> [PolicyTier] {
        reader.refuseUnknown(in: spec, known: ["order", "defaultAction"])
        let name = reader.reference.name
        var action = RuleAction.deny
        if let text = reader.string("defaultAction", of: spec) {
            switch text {
            case "Deny": action = .deny
            case "Pass": action = .pass
            default:
                if let node = spec.member("defaultAction") {
                    reader.error(node, "\"\(text)\" is neither Deny nor Pass")
                }
            }
        } else {
            action = PolicyTier.builtIn.first { $0.name == name }?.defaultAction ?? .deny
        }
        return [PolicyTier(name: name, order: reader.order(of: spec), defaultAction: action, at: SourcePlace(spec))]
    }
}

extension DialectReader {
    /// Calico's `order`, a number with a fraction; unset is last.
    func order(of spec: JSONNode) -> PolicyOrder {
        guard let node = field("order", of: spec) else { return .last }
        guard let number = node.double else {
            error(node, "must be a number, not \(node.kind)")
            return .last
        }
        return PolicyOrder(number)
    }
}

/// Network sets, and host endpoints, which are seen by other endpoints' policies as sets of their addresses.
enum CalicoNetworkSets {
    static func set(_ reader: DialectReader, _ spec: JSONNode) -> NetworkSet {
        reader.refuseUnknown(in: spec, known: ["nets"])
        let prefixes = reader.strings("nets", of: spec).compactMap { reader.prefix($0.text, at: $0.node, single: true) }
        return NetworkSet(
            id: NetworkSetName(namespace: reader.reference.namespace, name: reader.reference.name),
            labels: labels(reader), prefixes: prefixes)
    }

    static func hostEndpoint(_ reader: DialectReader, _ spec: JSONNode) -> [NetworkSet] {
        reader.refuseUnknown(in: spec, known: ["node", "interfaceName", "expectedIPs", "profiles", "ports"])
        reader.warn(
            spec, code: PolicyCode.notEnforced,
            "not enforced: policies are not applied to nodes' own interfaces; its expectedIPs count as a peer")
        let addresses = reader.strings("expectedIPs", of: spec).compactMap {
            reader.prefix($0.text, at: $0.node, single: true)
        }
        if addresses.isEmpty { return [] }
        let id = NetworkSetName(name: "HostEndpoint/\(reader.reference.name)")
        return [NetworkSet(id: id, labels: labels(reader), prefixes: addresses)]
    }

    private static func labels(_ reader: DialectReader) -> [String: String] {
        var labels: [String: String] = [:]
        for (key, value) in reader.document.node.at("metadata", "labels")?.members.map({ $0 }) ?? [] {
            labels[key] = value.string ?? ""
        }
        return labels
    }
}
