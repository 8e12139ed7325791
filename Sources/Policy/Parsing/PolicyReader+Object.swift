import Findings
import JSONTree
import KubernetesModel

extension PolicyReader {
    /// For a namespaced kind: an object without a namespace is in `default`, as kubectl would put it there. Nil, with
    /// a finding, when the object has no name.
    public init?(namespaced document: PolicyDocument, group: String, into result: inout ParsedPolicies) {
        self.init(document, group: group, isNamespaced: true, into: &result)
    }

    /// For a cluster-scoped kind.
    public init?(clusterScoped document: PolicyDocument, group: String, into result: inout ParsedPolicies) {
        self.init(document, group: group, isNamespaced: false, into: &result)
    }

    private init?(
        _ document: PolicyDocument, group: String, isNamespaced: Bool, into result: inout ParsedPolicies
    ) {
        let metadata = document.node.member("metadata")
        let written = metadata?.member("namespace")?.string ?? ""
        let namespace = isNamespaced ? (written.isEmpty ? "default" : written) : ""
        let name = metadata?.member("name")?.string ?? ""
        self.init(
            document,
            reference: PolicyReference(group: group, kind: document.gvk.kind, namespace: namespace, name: name))
        if name.isEmpty {
            report("metadata.name", "required: the object is left out", at: metadata ?? document.node)
            result.findings += findings
            return nil
        }
    }

    /// Whether the object is of a version this dialect knows; otherwise it is left out, and said so.
    public mutating func checkVersion(_ known: [String]) -> Bool {
        if known.contains(document.gvk.version) { return true }
        report(
            "apiVersion", "version \(document.gvk.version) is not known; the object is left out",
            at: document.node.member("apiVersion"),
            next: "known: \(known.map { "\(document.gvk.group)/\($0)" }.joined(separator: ", "))")
        return false
    }

    /// The spec, or an error that says the object is left out.
    public var spec: JSONNode? {
        mutating get {
            if let spec = member("spec", of: document.node, at: "", as: .object) { return spec }
            if document.node.member("spec").map(\.isNull) ?? true {
                report("spec", "required: the object is left out", at: document.node)
            }
            return nil
        }
    }
}
