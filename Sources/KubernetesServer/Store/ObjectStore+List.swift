extension ObjectStore {
    /// A page of a collection, or all of it.
    ///
    /// Every page of a list shows the list's revision, also when objects are written between the pages: what was
    /// written since is undone from the change log, until that is compacted (then `expired`, and the client starts
    /// over).
    public func list(_ query: ListQuery) async throws(StoreFailure) -> ListPage {
        var query = query
        var place: StoreReading.Place?
        if let text = query.token {
            let token = try ContinueToken(text)
            guard token.collection == query.collection, token.scope == query.namespace else {
                throw .invalidContinueToken("it belongs to another list")
            }
            query.age = .exactly(token.revision)
            place = token.last
        }
        let request = (query: query, place: place)
        return try await database.read { reading in
            let state = try reading.state()
            switch request.query.age {
            case .newest: break
            case .notOlderThan(let revision):
                if revision > state.revision { throw StoreFailure.future(requested: revision, current: state.revision) }
            case .exactly(let revision):
                if revision > state.revision { throw StoreFailure.future(requested: revision, current: state.revision) }
                if revision < state.compacted {
                    throw StoreFailure.expired(requested: revision, oldest: state.compacted)
                }
                let differences = try reading.differences(
                    request.query.collection, namespace: request.query.namespace, since: revision)
                if !differences.isEmpty {
                    return try reading.page(
                        request.query, after: request.place, at: revision, undoing: differences)
                }
                return try reading.page(request.query, after: request.place, revision: revision)
            }
            return try reading.page(request.query, after: request.place, revision: state.revision)
        }
    }
}

extension StoreReading {
    /// A page of what there is now.
    func page(_ query: ListQuery, after place: Place?, revision: Revision) throws -> ListPage {
        var page = PageBuilder(query)
        try eachObject(query.collection, namespace: query.namespace, after: place) { page.take($0) }
        var result = page.page(revision)
        if result.next != nil, query.filter == nil, let last = page.last {
            result.remaining = try count(query.collection, namespace: query.namespace, after: last)
        }
        return result
    }

    /// A page of what there was right after a revision.
    func page(
        _ query: ListQuery, after place: Place?, at revision: Revision, undoing differences: [Place: Revision?]
    ) throws -> ListPage {
        var then = try places(query.collection, namespace: query.namespace)
        for (place, version) in differences { then[place] = version }
        if let place { then = then.filter { place < $0.key } }
        var page = PageBuilder(query)
        let order = then.sorted { $0.key < $1.key }
        var read = 0
        for (_, version) in order {
            guard let object = try self.version(version) else { continue }
            if !page.take(object) { break }
            read += 1
        }
        var result = page.page(revision)
        if result.next != nil, query.filter == nil { result.remaining = order.count - read }
        return result
    }
}

/// Collects objects until the page is full.
private struct PageBuilder {
    private let query: ListQuery
    private var objects: [StoredObject] = []
    /// There is at least one more.
    private var hasMore = false
    /// The last place that was looked at.
    private(set) var last: StoreReading.Place?

    init(_ query: ListQuery) { self.query = query }

    /// False when no more is wanted.
    mutating func take(_ object: StoredObject) -> Bool {
        if let limit = query.limit, limit > 0, objects.count == limit {
            hasMore = true
            return false
        }
        last = StoreReading.Place(namespace: object.key.namespace, name: object.key.name)
        if query.filter?(object) ?? true { objects.append(object) }
        return true
    }

    func page(_ revision: Revision) -> ListPage {
        var next: String?
        if hasMore, let last {
            next =
                ContinueToken(
                    collection: query.collection, scope: query.namespace, revision: revision, last: last
                ).text
        }
        return ListPage(objects: objects, revision: revision, next: next)
    }
}

extension StoreReading.Place: Comparable {
    /// Bytewise, as SQLite compares.
    static func < (left: StoreReading.Place, right: StoreReading.Place) -> Bool {
        left.namespace == right.namespace
            ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
            : left.namespace.utf8.lexicographicallyPrecedes(right.namespace.utf8)
    }
}
