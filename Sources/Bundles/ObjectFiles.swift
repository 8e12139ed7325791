import Diagnosis
import Findings
import JSONTree
import KubernetesModel
import Manifests

/// Objects of manifest files, sorted into the lists that `kubectl get RESOURCE -A -o json` would print.
struct ObjectFiles {
    private var reading = ManifestReading()

    var problems: [Finding] { reading.findings }

    mutating func read(_ bytes: [UInt8], file: String) { reading.read(bytes, file: file) }

    /// By resource as ``EvidencePath/resource(_:)`` names it.
    var lists: [String: [JSONNode]] {
        var lists: [String: [JSONNode]] = [:]
        for manifest in reading.manifests {
            lists[Self.resource(manifest.gvk), default: []].append(manifest.node)
        }
        return lists
    }

    /// A list of `items` after those that `document` has already.
    static func list(_ items: [JSONNode], after document: [UInt8]?) -> [UInt8] {
        var all: [JSONValue] = []
        if let document, let root = try? JSONTree(parsing: document).root, let known = root.member("items") {
            all = known.elements.map { JSONValue($0) }
        }
        all += items.map { JSONValue($0) }
        let value: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(all)]
        return value.serialized()
    }

    static func resource(_ kind: GroupVersionKind) -> String {
        let name = plural(kind.kind)
        return kind.group.isEmpty ? name : "\(name).\(kind.group)"
    }

    /// Kinds whose resource is not made by the rule (the CRDs' spec.names.plural).
    private static let irregular = [
        "NetworkAttachmentDefinition": "network-attachment-definitions", "Endpoints": "endpoints",
        "AntreaAgentInfo": "antreaagentinfos", "AntreaControllerInfo": "antreacontrollerinfos",
        "SriovNetworkNodeState": "sriovnetworknodestates", "PodMetrics": "pods", "NodeMetrics": "nodes",
    ]

    /// The plural in lower case, as generators of CRDs make it (k8s.io/apimachinery, UnsafeGuessKindToResource).
    static func plural(_ kind: String) -> String {
        if let known = irregular[kind] { return known }
        let name = kind.lowercased()
        if ["s", "x", "z", "ch", "sh"].contains(where: name.hasSuffix) { return name + "es" }
        if name.hasSuffix("y"), let before = name.dropLast().last, !"aeiou".contains(before) {
            return name.dropLast() + "ies"
        }
        return name + "s"
    }
}
