import JSONTree
import KubernetesModel
import YAMLTree

/// Objects of files that other tools wrote, by resource. Unlike manifests they come as typed lists (`PodList`) whose
/// items do not repeat their kind, one list per namespace, in JSON or in YAML.
struct ForeignObjects {
    private struct List {
        var apiVersion: String
        var kind: String
        var items: [JSONValue] = []
        /// Two files may hold the same object: `kubectl get all -n NAMESPACE` beside `kubectl get pods -A`.
        var names: Set<String> = []
    }

    private var lists: [String: List] = [:]
    /// `NAMESPACE`, name and containers of every pod, for logs that are named after them.
    private(set) var pods: [(namespace: String, name: String, containers: [String])] = []

    /// Whether anything in it was an object.
    mutating func read(_ bytes: [UInt8]) -> Bool {
        var found = false
        for root in Self.roots(bytes) { found = take(root, listKind: nil, listVersion: nil) || found }
        return found
    }

    private static func roots(_ bytes: [UInt8]) -> [JSONNode] {
        if let tree = try? JSONTree(parsing: bytes) { return [tree.root] }
        return YAMLReading(bytes).documents.map(\.root)
    }

    private mutating func take(_ node: JSONNode, listKind: String?, listVersion: String?) -> Bool {
        guard node.kind == .object else { return false }
        let kind = node.member("kind")?.string ?? listKind
        let version = node.member("apiVersion")?.string ?? listVersion
        if let items = node.member("items"), items.kind == .array {
            let itemKind = kind.flatMap { $0.hasSuffix("List") && $0 != "List" ? String($0.dropLast(4)) : nil }
            for item in items.elements { _ = take(item, listKind: itemKind, listVersion: version) }
            return kind != nil
        }
        guard let kind, let version, let name = node.at("metadata", "name")?.string else { return false }
        let namespace = node.at("metadata", "namespace")?.string ?? ""
        let resource = ObjectFiles.resource(GroupVersionKind(apiVersion: version, kind: kind))
        var list = lists[resource] ?? List(apiVersion: version, kind: kind)
        if list.names.insert("\(namespace)/\(name)").inserted {
            list.items.append(JSONValue(node))
            if resource == "pods" {
                let containers = ["initContainers", "containers"].flatMap { field -> [String] in
                    node.at("spec", field)?.elements.compactMap { $0.member("name")?.string } ?? []
                }
                pods.append((namespace, name, containers))
            }
        }
        lists[resource] = list
        return true
    }

    /// Each list as the API would answer it, by resource.
    var documents: [String: [UInt8]] {
        lists.mapValues { list in
            let value: JSONValue = [
                "apiVersion": .string(list.apiVersion), "kind": .string(list.kind + "List"),
                "items": .array(list.items),
            ]
            return value.serialized()
        }
    }

    /// The pod and container of a name like `cilium-x7k2p-cilium-agent`: both may hold hyphens, so that only the pods
    /// that are known can tell where one ends.
    func container(named name: some StringProtocol) -> (namespace: String, pod: String, container: String)? {
        let fitting = pods.filter { name.hasPrefix($0.name + "-") }.max { $0.name.count < $1.name.count }
        guard let pod = fitting else { return nil }
        let container = String(name.dropFirst(pod.name.count + 1))
        return pod.containers.contains(container) ? (pod.namespace, pod.name, container) : nil
    }
}
