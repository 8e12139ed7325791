import JSONTree
import KubernetesModel

/// The objects of one resource, in one namespace or in all: every verb of the API, on JSON.
public struct ResourceCollection: Sendable {
    let client: ClusterClient
    public let resource: GroupVersionResource
    /// Empty for every namespace, or for a cluster-scoped resource.
    public let namespace: String

    private func path(_ name: String? = nil, _ subresource: String? = nil) -> String {
        resource.path(namespace: namespace, name: name, subresource: subresource)
    }

    /// - Parameter subresource: `status`, `scale`.
    public func get(_ name: String, subresource: String? = nil) async throws(KubernetesFailure) -> JSONNode {
        try await client.answer(KubernetesRequest(.get, path: path(name, subresource))).document()
    }

    /// The object, or nil when there is none of this name.
    public func find(_ name: String) async throws(KubernetesFailure) -> JSONNode? {
        do throws(KubernetesFailure) {
            return try await get(name)
        } catch {
            if error.status?.isNotFound == true { return nil }
            throw error
        }
    }

    // MARK: Lists

    public func page(
        _ query: ListOptions = ListOptions(), continuing token: String? = nil
    ) async throws(KubernetesFailure) -> ListPage {
        let request = KubernetesRequest(.get, path: path(), query: query.fields(continuing: token))
        return ListPage(try await client.answer(request).document())
    }

    /// Page after page, each asked for when the one before has been used. All pages are of one moment; when the server
    /// has forgotten it (410), the failure is the caller's: what he has already seen cannot be taken back.
    public func pages(_ query: ListOptions = ListOptions()) -> ListPages { ListPages(collection: self, query: query) }

    /// Everything. When the server forgets the moment of the list between two pages (410), all is asked for again in
    /// one piece, which cannot expire.
    public func all(_ query: ListOptions = ListOptions()) async throws(KubernetesFailure) -> ObjectList {
        var items: [JSONNode] = []
        var token: String?
        repeat {
            let page: ListPage
            do throws(KubernetesFailure) {
                page = try await self.page(query, continuing: token)
            } catch {
                guard token != nil, error.status?.isGone == true else { throw error }
                var whole = query
                whole.limit = nil
                page = try await self.page(whole)
                items = []
            }
            items += page.items
            token = page.continueToken
            if token == nil { return ObjectList(items: items, resourceVersion: page.resourceVersion) }
        } while true
    }

    /// A watch, read as it comes. A failure to begin it (410 among them) is thrown here, later ones by the sequence.
    public func watch(
        _ query: WatchOptions = WatchOptions(), limit: Int = WatchFrameDecoder.defaultLimit
    ) async throws(KubernetesFailure) -> WatchFrames {
        let request = KubernetesRequest(.get, path: path(), query: query.fields, isStream: true)
        return WatchFrames(try await client.transport.stream(request).body, limit: limit)
    }

    // MARK: Writing

    /// - Parameter name: only with a subresource (`eviction`, `binding`, `token`).
    public func create(
        _ object: JSONValue, name: String? = nil, subresource: String? = nil, _ options: WriteOptions = WriteOptions()
    ) async throws(KubernetesFailure) -> JSONNode {
        try await write(.post, path(name, subresource), object, "application/json", options.fields(client))
    }

    /// Puts the object in place of the one there is. With a resourceVersion in it, only if nobody wrote it since.
    public func replace(
        _ name: String, with object: JSONValue, subresource: String? = nil, _ options: WriteOptions = WriteOptions()
    ) async throws(KubernetesFailure) -> JSONNode {
        try await write(.put, path(name, subresource), object, "application/json", options.fields(client))
    }

    public func patch(
        _ name: String, _ patch: ResourcePatch, subresource: String? = nil, _ options: WriteOptions = WriteOptions()
    ) async throws(KubernetesFailure) -> JSONNode {
        var query = options.fields(client)
        if case .apply(_, let force) = patch, force { query.append(KubernetesField("force", "true")) }
        return try await write(.patch, path(name, subresource), patch.value, patch.contentType, query)
    }

    /// Server-side apply; the object must name its apiVersion and kind.
    public func apply(
        _ name: String, _ object: JSONValue, force: Bool = false, subresource: String? = nil,
        _ options: WriteOptions = WriteOptions()
    ) async throws(KubernetesFailure) -> JSONNode {
        try await patch(name, .apply(object, force: force), subresource: subresource, options)
    }

    /// Reads, changes and puts back, again when somebody else wrote in between.
    /// - Parameter change: the new object, or nil to leave it as it is.
    public func update(
        _ name: String, subresource: String? = nil, attempts: Int = 5,
        _ change: @Sendable (JSONNode) throws(KubernetesFailure) -> JSONValue?
    ) async throws(KubernetesFailure) -> JSONNode {
        var attempt = 1
        while true {
            let node = try await get(name)
            guard let object = try change(node) else { return node }
            do throws(KubernetesFailure) {
                return try await replace(name, with: object, subresource: subresource)
            } catch {
                guard attempt < attempts, error.status?.isConflict == true else { throw error }
                attempt += 1
            }
        }
    }

    /// Answers with the object as it still is (finalizers), or a Status.
    @discardableResult
    public func delete(
        _ name: String, _ options: DeleteOptions = DeleteOptions()
    ) async throws(KubernetesFailure) -> JSONNode {
        try await client.answer(
            KubernetesRequest(
                .delete, path: path(name), headers: [KubernetesField("Content-Type", "application/json")],
                body: options.body)
        ).document()
    }

    /// Everything the query selects.
    @discardableResult
    public func deleteCollection(
        _ query: ListOptions = ListOptions(limit: nil), _ options: DeleteOptions = DeleteOptions()
    ) async throws(KubernetesFailure) -> JSONNode {
        try await client.answer(
            KubernetesRequest(
                .delete, path: path(), query: query.fields(),
                headers: [KubernetesField("Content-Type", "application/json")], body: options.body)
        ).document()
    }

    private func write(
        _ method: KubernetesRequest.Method, _ path: String, _ object: JSONValue, _ contentType: String,
        _ query: [KubernetesField]
    ) async throws(KubernetesFailure) -> JSONNode {
        try await client.answer(
            KubernetesRequest(
                method, path: path, query: query, headers: [KubernetesField("Content-Type", contentType)],
                body: object.serialized())
        ).document()
    }
}

/// One page of a list. The items of built-in kinds do not name their apiVersion and kind.
public struct ListPage: Sendable {
    public let items: [JSONNode]
    public let resourceVersion: String
    /// Nil on the last page.
    public let continueToken: String?
    /// How many are still to come, where the server counts.
    public let remaining: Int?

    public init(_ list: JSONNode) {
        let metadata = list.member("metadata")
        items = list.member("items").map { Array($0.elements) } ?? []
        resourceVersion = metadata?.member("resourceVersion")?.string ?? ""
        continueToken = metadata?.member("continue")?.string.flatMap { $0.isEmpty ? nil : $0 }
        remaining = metadata?.member("remainingItemCount")?.int.flatMap { Int(exactly: $0) }
    }
}

/// All objects of a list, and the version it is of.
public struct ObjectList: Sendable {
    public let items: [JSONNode]
    public let resourceVersion: String
}

public struct ListPages: AsyncSequence, Sendable {
    public typealias Element = ListPage
    public typealias Failure = KubernetesFailure

    let collection: ResourceCollection
    let query: ListOptions

    public struct AsyncIterator: AsyncIteratorProtocol {
        let pages: ListPages
        var token: String?
        var isDone = false

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesFailure) -> ListPage? {
            if isDone { return nil }
            let page = try await pages.collection.page(pages.query, continuing: token)
            token = page.continueToken
            isDone = token == nil
            return page
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pages: self) }
}
