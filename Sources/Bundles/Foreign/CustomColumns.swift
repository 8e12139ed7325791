import JSONTree

/// `kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR`: each column is a field of the object.
enum CustomColumns {
    private static let kinds: [Substring: (kind: String, version: String, isNamespaced: Bool)] = [
        "node": ("Node", "v1", false), "nodes": ("Node", "v1", false), "no": ("Node", "v1", false),
        "pod": ("Pod", "v1", true), "pods": ("Pod", "v1", true), "po": ("Pod", "v1", true),
        "svc": ("Service", "v1", true), "services": ("Service", "v1", true), "service": ("Service", "v1", true),
        "ns": ("Namespace", "v1", false), "namespaces": ("Namespace", "v1", false),
    ]

    /// The objects as a list; nil where the command asks for no columns, for another kind, or where a row does not fit.
    static func objects(_ command: String, _ text: String, in namespace: String?) -> [UInt8]? {
        let words = command.split(separator: " ")
        guard let verb = words.firstIndex(of: "get"), verb + 1 < words.count,
            let kind = words[(verb + 1)...].lazy.compactMap({ kinds[$0] }).first,
            let start = command.firstRange(of: "custom-columns=")?.upperBound
        else { return nil }
        let list = command[start...].prefix { !$0.isWhitespace }.filter { $0 != "'" && $0 != "\"" }
        let paths = list.split(separator: ",").compactMap { column in
            column.firstIndex(of: ":").map { path(String(column[column.index(after: $0)...])) }
        }
        guard paths.count > 1, paths.contains(["metadata", "name"]) else { return nil }
        let rows = text.split(separator: "\n").dropFirst().map { $0.split(whereSeparator: \.isWhitespace) }
        guard !rows.isEmpty, rows.allSatisfy({ $0.count == paths.count }) else { return nil }
        let items = rows.map { row -> JSONValue in
            var object: JSONValue = ["apiVersion": .string(kind.version), "kind": .string(kind.kind), "printed": true]
            if kind.isNamespaced, !paths.contains(["metadata", "namespace"]) {
                object = put(.string(namespace ?? "default"), at: ["metadata", "namespace"], in: object)
            }
            // Of what has no column nothing is known; a node that nobody calls otherwise is ready.
            if kind.kind == "Node" {
                object = put([["type": "Ready", "status": "True"]], at: ["status", "conditions"], in: object)
            }
            for (path, word) in zip(paths, row) where !path.isEmpty && word != "<none>" {
                object = put(.string(String(word)), at: path[...], in: object)
            }
            return object
        }
        return JSONValue.object([
            JSONMember("apiVersion", "v1"), JSONMember("kind", "List"), JSONMember("items", .array(items)),
        ]).serialized()
    }

    /// `.metadata.labels.kubernetes\\.io/hostname` as its names; none for a path into a list.
    private static func path(_ text: String) -> [String] {
        if text.contains("[") { return [] }
        let hidden = text.replacing("\\\\", with: "\\").replacing("\\.", with: "\u{0}")
        return hidden.split(separator: ".").map { String($0).replacing("\u{0}", with: ".") }
    }

    private static func put(_ value: JSONValue, at path: ArraySlice<String>, in object: JSONValue) -> JSONValue {
        guard let key = path.first else { return value }
        var members: [JSONMember] = []
        if case .object(let known) = object.unfolded { members = known }
        let inner = members.first { $0.key == key }?.value ?? .object([])
        members.removeAll { $0.key == key }
        members.append(JSONMember(key, put(value, at: path.dropFirst(), in: inner)))
        return .object(members)
    }
}
