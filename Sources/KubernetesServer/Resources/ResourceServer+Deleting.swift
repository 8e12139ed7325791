import JSONTree
import KubernetesModel
import NIOHTTP1

extension ResourceServer {
    /// Kinds whose deletion answers with the object and not with a Status.
    private static let shown: Set<String> = [
        "pods", "services", "serviceaccounts", "podtemplates", "persistentvolumeclaims", "persistentvolumes",
        "resourcequotas",
    ]

    func delete(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String
    ) async throws(Status) -> ServerResponse {
        let answer = try answer(request, resource)
        let wanted = try DeleteRequest(request)
        let options = try WriteOptions(request, kind: "DeleteOptions")
        let writer = writer(request, resource, namespace, options)
        let written = try await write(isDryRun: wanted.isDryRun) { (transaction) throws(Status) in
            let old = try writer.existing(name, transaction)
            return try writer.delete(old, wanted, transaction)
        }
        if !wanted.isDryRun {
            try await settle(resource, written)
            await cascade(resource, written, wanted.propagation)
        }
        if written.isGone, !Self.shown.contains(resource.collection) {
            return .status(.deleted(resource.groupResource, name, uid: written.object.uid))
        }
        return respond(answer.object(written.object))
    }

    func deleteCollection(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String?
    ) async throws(Status) -> ServerResponse {
        let answer = try answer(request, resource)
        let list = try ListRequest(request)
        let selection = try ObjectSelection(list, resource)
        let wanted = try DeleteRequest(request)
        let options = try WriteOptions(request, kind: "DeleteOptions")
        let page = try await page(list, resource, selection, namespace)
        var deleted: [StoredObject] = []
        for object in page.objects {
            let writer = writer(request, resource, object.key.namespace, options)
            do throws(Status) {
                let written = try await write(isDryRun: wanted.isDryRun) { (transaction) throws(Status) in
                    let old = try writer.existing(object.key.name, transaction)
                    return try writer.delete(old, wanted, transaction)
                }
                if !wanted.isDryRun {
                    try await settle(resource, written)
                    await cascade(resource, written, wanted.propagation)
                }
            } catch {
                // Gone meanwhile is gone.
                if error.code != 404 { throw error }
            }
            deleted.append(object)
        }
        var shown = page
        shown.objects = deleted
        shown.revision = store.revision
        return respond(answer.list(shown))
    }
}
