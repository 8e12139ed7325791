import JSONTree
import KubernetesModel

/// The API itself: every path below `/api` and `/apis` that is a collection, an object or discovery. What streams
/// (exec, log, proxy) and what is no resource goes to the next handler.
public final class ResourceServer: RequestHandler, Sendable {
    public let store: ObjectStore
    public let registry = ResourceRegistry()
    let reviews: [any WriteReview]
    let next: any RequestHandler
    let allocation = ServiceAllocation()
    let waiting = WaitingOwners()
    /// What clients are told in `/api`: where the server is.
    let address: String
    /// Seconds since 1970.
    let clock: @Sendable () -> Int64

    public init(
        store: ObjectStore, reviews: [any WriteReview] = [], next: any RequestHandler, address: String = "",
        clock: @escaping @Sendable () -> Int64 = { WallClock.seconds() }
    ) {
        self.store = store
        self.reviews = reviews
        self.next = next
        self.address = address
        self.clock = clock
    }

    /// Puts what every cluster begins with into the store, and reads the definitions that are there.
    public func prepare() async throws(StoreFailure) {
        try await ClusterObjects.ensure(in: store, address: address)
        try await reloadDefinitions()
    }

    func reloadDefinitions() async throws(StoreFailure) {
        let page = try await store.list(ListQuery(ResourceRegistry.definitions))
        registry.load(page.objects.compactMap { try? JSONTree(parsing: $0.bytes).root })
    }

    public func handle(_ request: ServerRequest) async -> ServerResponse {
        do throws(Status) {
            switch ResourceRoute(request.segments) {
            case .none: return await next.handle(request)
            case .versions, .groups, .group, .resources: return try discover(request)
            case .collection(let target):
                guard let resource = registry.catalogue[target.gvr], fits(target, resource) else {
                    throw .pathNotFound
                }
                return try await collection(request, resource, target.namespace)
            case .object(let target, let name, let subresource):
                guard let resource = registry.catalogue[target.gvr], fits(target, resource) else {
                    throw .pathNotFound
                }
                let namespace = target.namespace ?? ""
                if subresource.isEmpty { return try await object(request, resource, namespace, name) }
                return try await below(request, resource, namespace, name, subresource)
            }
        } catch {
            return .status(error)
        }
    }

    /// A namespace in the path is for collections that have namespaces.
    private func fits(_ target: ResourceRoute.Target, _ resource: ServedResource) -> Bool {
        target.namespace == nil || resource.isNamespaced
    }

    private func collection(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String?
    ) async throws(Status) -> ServerResponse {
        switch request.method {
        case .get, .head:
            try allow(resource.verbs, "list")
            return try await list(request, resource, namespace)
        case .post:
            try allow(resource.verbs, "create")
            if resource.isNamespaced, namespace == nil { throw .methodNotAllowed }
            return try await create(request, resource, namespace ?? "")
        case .delete:
            try allow(resource.verbs, "deletecollection")
            return try await deleteCollection(request, resource, namespace)
        default: throw .methodNotAllowed
        }
    }

    private func object(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String
    ) async throws(Status) -> ServerResponse {
        if resource.isNamespaced, namespace.isEmpty { throw .pathNotFound }
        switch request.method {
        case .get, .head:
            try allow(resource.verbs, "get")
            if request.query.flag("watch") { return try await list(request, resource, namespace, name: name) }
            return try await get(request, resource, namespace, name)
        case .put:
            try allow(resource.verbs, "update")
            return try await update(request, resource, namespace, name, subresource: "")
        case .patch:
            try allow(resource.verbs, "patch")
            return try await patch(request, resource, namespace, name, subresource: "")
        case .delete:
            try allow(resource.verbs, "delete")
            return try await delete(request, resource, namespace, name)
        default: throw .methodNotAllowed
        }
    }

    private func below(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String, _ path: String
    ) async throws(Status) -> ServerResponse {
        let first = path.split(separator: "/").first.map(String.init) ?? path
        guard let subresource = resource.subresource(first) else { throw .pathNotFound }
        switch first {
        case "status":
            switch request.method {
            case .get, .head: return try await get(request, resource, namespace, name)
            case .put: return try await update(request, resource, namespace, name, subresource: first)
            case .patch: return try await patch(request, resource, namespace, name, subresource: first)
            default: throw .methodNotAllowed
            }
        case "ephemeralcontainers", "resize", "finalize":
            switch request.method {
            case .get where subresource.verbs.contains("get"), .head where subresource.verbs.contains("get"):
                return try await get(request, resource, namespace, name)
            case .put: return try await update(request, resource, namespace, name, subresource: first)
            case .patch where subresource.verbs.contains("patch"):
                return try await patch(request, resource, namespace, name, subresource: first)
            default: throw .methodNotAllowed
            }
        case "scale": return try await scale(request, resource, namespace, name)
        case "binding" where request.method == .post: return try await bind(request, resource, namespace, name)
        case "eviction" where request.method == .post: return try await evict(request, resource, namespace, name)
        case "binding", "eviction": throw .methodNotAllowed
        default: return await next.handle(request)
        }
    }

    private func allow(_ verbs: [String], _ verb: String) throws(Status) {
        if !verbs.contains(verb) { throw .methodNotAllowed }
    }
}

// MARK: - What the store says

extension Status {
    init(_ failure: StoreFailure) {
        switch failure {
        case .expired: self = .expired("The resourceVersion for the provided list is too old.")
        case .future(let wanted, let current): self = .tooLargeResourceVersion(wanted, current: current)
        case .invalidContinueToken: self = .badRequest("invalid continue token: \(failure)")
        case .closed: self = .serviceUnavailable("\(failure)")
        case .full:
            self = Status(code: 507, reason: "InsufficientStorage", message: "\(failure)")
        case .corrupt, .newer, .busy, .unavailable: self = .internalError("\(failure)")
        }
    }
}
