import JSONTree
import KubernetesModel
import KubernetesSchema

/// A collection as it is served under one version: what discovery says of it, and what decides how it is handled.
public struct ServedResource: Sendable {
    /// What else is served below an object: `pods/status`.
    public struct Subresource: Hashable, Sendable {
        public var name: String
        public var kind: GroupVersionKind
        public var verbs: [String]
    }

    public var gvr: GroupVersionResource
    public var kind: GroupVersionKind
    public var listKind: String
    public var singular: String
    public var shortNames: [String] = []
    public var categories: [String] = []
    public var isNamespaced = true
    public var verbs = Self.everyVerb
    public var subresources: [Subresource] = []
    public var admission: Admission
    /// Of a CustomResourceDefinition.
    public var custom: CustomResource.Version?
    /// The version of the bytes in the store; equal to the served one for built-in kinds.
    public var storageVersion: String
    public var nameRule = NameRule.dnsSubdomain
    /// `metadata.generation` counts changes of what is desired.
    public var countsGeneration = false
    /// PUT creates what is not there.
    public var createsOnUpdate = false
    public var deprecation: String?

    public static let everyVerb = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

    public var isCustom: Bool { admission.origin != .builtin }

    public var groupResource: GroupResource { gvr.groupResource }

    /// The collection's name in the store.
    public var collection: String { isEventsGroup ? gvr.resource : groupResource.description }

    /// Served under other names than it is stored with.
    var isEventsGroup: Bool { gvr.group == EventForms.group && gvr.resource == "events" && !isCustom }

    /// What is written into the store for an object of this resource.
    func stored(_ object: JSONValue) -> JSONValue { isEventsGroup ? EventForms.core(object) : object }

    /// An object of the store as this resource shows it.
    func served(_ object: JSONValue) -> JSONValue {
        if isEventsGroup { return EventForms.events(object) }
        if storageVersion == kind.version { return object }
        return object.settingMember("apiVersion", to: .string(kind.apiVersion))
    }

    /// Whether stored bytes are shown as they are.
    var isServedAsStored: Bool { storageVersion == kind.version && !isEventsGroup }

    public var hasStatus: Bool { subresources.contains { $0.name == "status" } }

    public func subresource(_ name: String) -> Subresource? { subresources.first { $0.name == name } }

    /// The schema by which fields have owners: metadata of custom resources is that of every object, whatever their
    /// definition says of it.
    var fieldSchema: Schema {
        guard isCustom else { return admission.schema }
        let schema = admission.schema
        let general = ["apiVersion", "kind", "metadata"]
        var parts = Schema.Parts(.object)
        parts.properties = [
            Schema.Property("apiVersion", Schema(Schema.Parts(.string))),
            Schema.Property("kind", Schema(Schema.Parts(.string))),
            Schema.Property("metadata", BuiltinSchemas.library.definition(named: "ObjectMeta")),
        ]
        parts.properties += schema.properties.filter { !general.contains($0.name) }
        parts.additionalProperties = schema.additionalProperties
        parts.preservesUnknownFields = schema.preservesUnknownFields
        return Schema(parts)
    }

    /// As kind of a list: `PodList`.
    var listGVK: GroupVersionKind { GroupVersionKind(group: kind.group, version: kind.version, kind: listKind) }
}

extension ServedResource {
    /// One version of a custom resource.
    init(_ resource: CustomResource, _ version: CustomResource.Version) {
        let kind = GroupVersionKind(group: resource.group, version: version.name, kind: resource.kind)
        gvr = GroupVersionResource(group: resource.group, version: version.name, resource: resource.plural)
        self.kind = kind
        listKind = resource.listKind
        singular = resource.singular
        shortNames = resource.shortNames
        categories = resource.categories
        isNamespaced = resource.isNamespaced
        admission = Admission(kind: kind, schema: version.schema, origin: .custom)
        custom = version
        storageVersion = resource.storageVersion
        countsGeneration = true
        deprecation = version.deprecationWarning
        let verbs = ["get", "patch", "update"]
        if version.hasStatus { subresources.append(Subresource(name: "status", kind: kind, verbs: verbs)) }
        if version.scale != nil { subresources.append(Subresource(name: "scale", kind: .scale, verbs: verbs)) }
    }
}

extension GroupVersionKind {
    static let scale = GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale")
}
