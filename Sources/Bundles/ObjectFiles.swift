import Diagnosis
import Findings
import JSONTree
import KubernetesModel
import Manifests

/// Objects of manifest files, sorted into the lists that `kubectl get RESOURCE -A -o json` would print.
struct ObjectFiles {
    private var reading = ManifestReading()
    private var cuts: [(file: String, list: CutList)] = []

    var problems: [Finding] { reading.findings + cuts.map { Self.finding($0.list, $0.file) } }

    mutating func read(_ bytes: [UInt8], file: String) {
        var next = reading
        next.read(bytes, file: file)
        if next.manifests.count == reading.manifests.count, next.hasErrors, let list = CutList(bytes) {
            cuts.append((file, list))
            reading.read(CutList.list(list.whole), file: file)
        } else {
            reading = next
        }
    }

    /// Why there is no list of a resource of which only the beginning is there.
    var missing: [String: String] {
        let known = lists
        var missing: [String: String] = [:]
        for (file, list) in cuts {
            for begun in list.begun where known[begun.resource] == nil {
                missing[begun.resource] = Self.reason(begun, file)
            }
        }
        return missing
    }

    static func reason(_ begun: CutList.Begun, _ file: String) -> String {
        "\(file) ends in the middle: only the first \(begun.objects.count) of the \(begun.resource) are in it"
    }

    static func finding(_ list: CutList, _ file: String) -> Finding {
        Finding(
            .warning, code: "bundle",
            "\(file) ends in the middle of an object: \(list.count) stand before it, and how many are missing nobody can tell",
            next: "get it again, or hand in what else there is")
    }

    /// By resource as ``EvidencePath/resource(_:)`` names it.
    var lists: [String: [JSONNode]] {
        var lists: [String: [JSONNode]] = [:]
        for manifest in reading.manifests {
            lists[Self.resource(manifest.gvk), default: []].append(manifest.node)
        }
        for (_, list) in cuts {
            // More of what another file has as well, or of what is never whole.
            for begun in list.begun where CutList.isOpen(begun.resource) || lists[begun.resource] != nil {
                lists[begun.resource, default: []] += begun.objects.compactMap { try? $0.tree().root }
            }
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
