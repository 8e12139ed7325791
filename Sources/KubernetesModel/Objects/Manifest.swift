import JSONTree

/// An object as somebody wrote it, with the file it stands in.
public struct Manifest: Sendable {
    public var gvk: GroupVersionKind
    public var namespace: String
    public var name: String
    /// The whole object; its places are those of the file.
    public var node: JSONNode
    /// As it was named on the command line; nil for objects that came from nowhere.
    public var file: String?

    /// - Throws: what is missing of `apiVersion`, `kind` and `metadata.name` (or `generateName`).
    public init(_ node: JSONNode, file: String? = nil) throws(FieldError) {
        let fields = try FieldReader(node)
        guard let kind = try fields.string("kind"), !kind.isEmpty else {
            throw FieldError(.required, at: "kind", node: node)
        }
        guard let apiVersion = try fields.string("apiVersion"), !apiVersion.isEmpty else {
            throw FieldError(.required, at: "apiVersion", node: node)
        }
        let metadata = try fields.object("metadata")
        gvk = GroupVersionKind(apiVersion: apiVersion, kind: kind)
        namespace = try metadata?.string("namespace") ?? ""
        name = try metadata?.string("name") ?? ""
        if name.isEmpty, try metadata?.string("generateName") ?? "" == "" {
            throw FieldError(.required, at: "metadata.name", "name or generateName is required", node: node)
        }
        self.node = node
        self.file = file
    }

    public var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
}
