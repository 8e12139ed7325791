/// One resource as an OpenAPI document tells about it.
public struct OpenAPIResource: Sendable {
    public let group: String
    public let version: String
    /// The plural.
    public let resource: String
    public let kind: String
    public let isNamespaced: Bool
    /// Of the API: get, list, watch, create, update, patch, delete, deletecollection.
    public let verbs: Set<String>
    public let subresources: [Subresource]
    public let schema: Schema
    public let isBuiltin: Bool

    public struct Subresource: Sendable {
        public let name: String
        public let verbs: Set<String>

        public init(name: String, verbs: Set<String>) {
            self.name = name
            self.verbs = verbs
        }
    }

    public init(
        group: String, version: String, resource: String, kind: String, isNamespaced: Bool, verbs: Set<String>,
        subresources: [Subresource] = [], schema: Schema, isBuiltin: Bool
    ) {
        self.group = group
        self.version = version
        self.resource = resource
        self.kind = kind
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.subresources = subresources
        self.schema = schema
        self.isBuiltin = isBuiltin
    }

    /// `api/v1`, `apis/networking.k8s.io/v1`: the key of the document in the index.
    public var documentPath: String { group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)" }
}
