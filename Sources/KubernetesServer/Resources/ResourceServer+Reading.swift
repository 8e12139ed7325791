import JSONTree
import KubernetesModel
import NIOHTTP1

extension ResourceServer {
    func answer(
        _ request: ServerRequest, _ resource: ServedResource
    ) throws(Status) -> ObjectAnswer {
        let representation = try Representation(accept: request.headers.first(name: "accept"))
        return ObjectAnswer(
            resource: resource, representation: representation, now: clock(),
            includeObject: request.query["includeObject"] ?? "Metadata")
    }

    func get(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String
    ) async throws(Status) -> ServerResponse {
        let answer = try answer(request, resource)
        let key = StoreKey(resource.collection, namespace: resource.isNamespaced ? namespace : "", name: name)
        let stored: StoredObject?
        do throws(StoreFailure) {
            stored = try await store.object(key)
        } catch {
            throw Status(error)
        }
        guard let stored else { throw .notFound(resource.groupResource, name) }
        return respond(answer.object(stored), warnings: resource.deprecation.map { [$0] } ?? [])
    }

    /// A list, or a watch.
    func list(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String?, name: String? = nil
    ) async throws(Status) -> ServerResponse {
        var wanted = try ListRequest(request)
        if let name { wanted.fields.requirements.append(.init("metadata.name", name)) }
        let answer = try answer(request, resource)
        let selection = try ObjectSelection(wanted, resource)
        if wanted.isWatch { return try await watch(wanted, answer, selection, namespace) }
        let page = try await page(wanted, resource, selection, namespace)
        return respond(answer.list(page), warnings: resource.deprecation.map { [$0] } ?? [])
    }

    func page(
        _ wanted: ListRequest, _ resource: ServedResource, _ selection: ObjectSelection, _ namespace: String?
    ) async throws(Status) -> ListPage {
        let filter: (@Sendable (StoredObject) -> Bool)? =
            selection.isEverything ? nil : { @Sendable in selection.includes($0) }
        do throws(StoreFailure) {
            return try await store.list(
                ListQuery(
                    resource.collection, namespace: namespace, age: wanted.age, limit: wanted.limit,
                    token: wanted.token, filter: filter))
        } catch {
            if case .expired = error, wanted.token != nil {
                throw .expired(
                    "The provided continue parameter is too old to display a consistent list result. You can start a "
                        + "new list without the continue parameter.")
            }
            throw Status(error)
        }
    }

    func respond(_ bytes: [UInt8], status: Int = 200, warnings: [String] = []) -> ServerResponse {
        var response = ServerResponse.json(bytes + [UInt8(ascii: "\n")], status: status)
        response.headers.add(name: "Cache-Control", value: "no-cache, private")
        for warning in warnings {
            response.headers.add(name: "Warning", value: "299 - \(JSONValue.string(warning).text)")
        }
        return response
    }
}
