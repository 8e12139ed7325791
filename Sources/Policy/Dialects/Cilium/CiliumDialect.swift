import Findings
import JSONTree
import KubernetesModel

/// CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy and the CIDR groups they refer to, `cilium.io/v2`.
///
/// They share the default tier with NetworkPolicy, where all allows are one union; their deny sections come before
/// everything else of the tier.
public enum CiliumDialect: PolicyDialect {
    public static let name = "Cilium"
    static let group = "cilium.io"
    static let kinds: Set<String> = [
        "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "CiliumCIDRGroup",
    ]

    public static func reads(_ gvk: GroupVersionKind) -> Bool { gvk.group == group && kinds.contains(gvk.kind) }

    public static func parse(_ document: PolicyDocument, into result: inout ParsedPolicies) {
        let metadata = document.node.member("metadata")
        let isNamespaced = document.gvk.kind == "CiliumNetworkPolicy"
        let reference = PolicyReference(
            group: group, kind: document.gvk.kind,
            namespace: isNamespaced ? metadata?.member("namespace")?.string ?? "default" : "",
            name: metadata?.member("name")?.string ?? "")
        let reader = DialectReader(document, reference)
        defer { result.findings += reader.findings }
        let versions = document.gvk.kind == "CiliumCIDRGroup" ? ["v2", "v2alpha1"] : ["v2"]
        guard versions.contains(document.gvk.version) else {
            return reader.error(
                document.node.member("apiVersion") ?? document.node, "cilium.io has no version \(document.gvk.version)",
                next: "cilium.io/v2")
        }
        guard !reference.name.isEmpty else { return reader.error(document.node, "metadata.name is required") }
        if document.gvk.kind == "CiliumCIDRGroup" {
            result.networkSets += group(reader)
            return
        }
        var sections: [(node: JSONNode, path: String)] = []
        if let spec = reader.object("spec", of: document.node) { sections.append((spec, "spec")) }
        for (index, spec) in reader.elements("specs", of: document.node).enumerated() {
            sections.append((spec, "specs[\(index)]"))
        }
        if sections.isEmpty, reader.findings.isEmpty {
            reader.error(document.node, "one of spec and specs is required")
        }
        for section in sections {
            // Each section is a policy of its own, because each has its own subject.
            var reference = reference
            if section.path != "spec", sections.count > 1 { reference.name += "#\(section.path)" }
            let parser = CiliumPolicyParser(reader: reader, reference: reference, isNamespaced: isNamespaced)
            result.policies.append(parser.policy(section.node, section.path))
        }
    }

    private static func group(_ reader: DialectReader) -> [NetworkSet] {
        guard let spec = reader.object("spec", of: reader.document.node) else { return [] }
        reader.refuseUnknown(in: spec, known: ["externalCIDRs"])
        var labels = [CiliumLabels.groupMarker: reader.reference.name]
        for (key, value) in reader.document.node.at("metadata", "labels")?.members.map({ $0 }) ?? [] {
            labels[key] = value.string ?? ""
        }
        return [
            NetworkSet(
                id: NetworkSetName(name: "CiliumCIDRGroup/\(reader.reference.name)"), labels: labels,
                prefixes: reader.strings("externalCIDRs", of: spec).compactMap {
                    reader.prefix($0.text, at: $0.node, single: false)
                })
        ]
    }
}
