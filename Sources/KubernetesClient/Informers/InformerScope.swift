import KubernetesModel

/// Which objects an informer shows: a resource, in one namespace or all, narrowed by selectors that the server applies.
public struct InformerScope: Sendable, Hashable {
    public var resource: GroupVersionResource
    /// Nil for all namespaces, and for resources that have none.
    public var namespace: String?
    public var labelSelector: String?
    public var fieldSelector: String?

    public init(
        _ resource: GroupVersionResource, namespace: String? = nil, labelSelector: String? = nil,
        fieldSelector: String? = nil
    ) {
        self.resource = resource
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }

    /// The request of a reflector's query on this scope. It has no time limit of its own: the reflector has one.
    func request(_ query: ReflectorQuery) -> KubernetesRequest {
        var segments = resource.group.isEmpty ? ["api", resource.version] : ["apis", resource.group, resource.version]
        if let namespace { segments += ["namespaces", namespace] }
        segments.append(resource.resource)
        var fields: [KubernetesField] = []
        if let labelSelector { fields.append(KubernetesField("labelSelector", labelSelector)) }
        if let fieldSelector { fields.append(KubernetesField("fieldSelector", fieldSelector)) }
        let items =
            switch query {
            case .list(let list): list.items
            case .watch(let watch): watch.items
            }
        fields += items.map { KubernetesField($0.name, $0.value) }
        return KubernetesRequest(
            .get, segments: segments, query: fields, headers: [KubernetesField("Accept", "application/json")],
            isStream: true)
    }
}
