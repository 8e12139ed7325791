import JSONTree
import KubernetesModel

/// The calls of the Kubernetes API: typed for the kinds we use, and on JSON for every other resource.
///
/// Reading gives a ``KubernetesKind`` (a projection) or the object's JSON; writing takes JSON or a patch, so that fields
/// we do not know survive.
public struct ClusterClient: Sendable {
    public let transport: any KubernetesTransport
    /// Where namespaced objects are when nobody says so.
    public var namespace: String
    /// Who writes, in `managedFields`.
    public var fieldManager: String
    /// For every request that is no stream; nil is the transport's own.
    public var requestTimeout: Duration?
    /// Told what servers say in `Warning` fields.
    public var onWarning: (@Sendable (String) -> Void)?

    public init(
        _ transport: any KubernetesTransport, namespace: String = "default", fieldManager: String = "poplin",
        requestTimeout: Duration? = nil, onWarning: (@Sendable (String) -> Void)? = nil
    ) {
        self.transport = transport
        self.namespace = namespace
        self.fieldManager = fieldManager
        self.requestTimeout = requestTimeout
        self.onWarning = onWarning
    }

    /// - Parameter namespace: empty for every namespace, or for a cluster-scoped resource.
    public func collection(_ resource: GroupVersionResource, namespace: String = "") -> ResourceCollection {
        ResourceCollection(client: self, resource: resource, namespace: namespace)
    }

    /// The objects of a kind. A namespaced kind without a namespace means every namespace (for reading).
    public func collection<Kind: KubernetesKind>(of kind: Kind.Type, namespace: String = "") -> ResourceCollection {
        collection(Kind.resource, namespace: Kind.isNamespaced ? namespace : "")
    }

    public func get<Kind: KubernetesKind>(
        _ kind: Kind.Type, _ key: ObjectKey
    ) async throws(KubernetesFailure) -> Kind {
        try Self.decode(kind, try await collection(of: kind, namespace: key.namespace).get(key.name))
    }

    /// All objects of a kind, and the version the list is of.
    public func list<Kind: KubernetesKind>(
        _ kind: Kind.Type, namespace: String = "", _ query: ListOptions = ListOptions()
    ) async throws(KubernetesFailure) -> (objects: [Kind], resourceVersion: String) {
        let list = try await collection(of: kind, namespace: namespace).all(query)
        var objects: [Kind] = []
        objects.reserveCapacity(list.items.count)
        for item in list.items { objects.append(try Self.decode(kind, item)) }
        return (objects, list.resourceVersion)
    }

    /// An object as its kind; one that does not fit is the server's mistake and said with the field.
    public static func decode<Kind: KubernetesKind>(
        _ kind: Kind.Type, _ node: JSONNode
    ) throws(KubernetesFailure) -> Kind {
        do {
            return try Kind(decoding: node)
        } catch {
            let name = node.member("metadata")?.member("name")?.string ?? "?"
            throw KubernetesFailure(.malformed("\(Kind.gvk.kind) \(name): \(error)"))
        }
    }

    /// `/version`.
    public func serverVersion() async throws(KubernetesFailure) -> ServerVersion {
        let node = try await answer(KubernetesRequest(.get, path: "/version")).document()
        return ServerVersion(
            major: node.member("major")?.string ?? "", minor: node.member("minor")?.string ?? "",
            gitVersion: node.member("gitVersion")?.string ?? "", platform: node.member("platform")?.string ?? "")
    }

    func answer(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesAnswer {
        var request = request
        if request.timeout == nil { request.timeout = requestTimeout }
        let answer = try await transport.answer(request)
        if let onWarning { answer.warnings.forEach(onWarning) }
        return answer
    }
}

/// What an API server says it is.
public struct ServerVersion: Sendable, Hashable {
    public var major: String
    /// Some providers add a plus: `27+`.
    public var minor: String
    /// `v1.36.2`.
    public var gitVersion: String
    public var platform: String

    public init(major: String, minor: String, gitVersion: String, platform: String) {
        self.major = major
        self.minor = minor
        self.gitVersion = gitVersion
        self.platform = platform
    }
}
