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
            if written.isGone, wanted.propagation != "Orphan" {
                await collectDependents(of: written.object.uid, resource)
            }
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
                if !wanted.isDryRun { try await settle(resource, written) }
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

    // MARK: Dependents

    /// What belonged to nobody else goes with its owner. A controller manager does that in a real cluster; here the
    /// kinds that own others are looked after when they are deleted.
    private static let owners: Set<String> = [
        "deployments.apps", "replicasets.apps", "daemonsets.apps", "statefulsets.apps", "jobs.batch", "cronjobs.batch",
        "services", "nodes", "endpoints", "replicationcontrollers",
    ]

    func collectDependents(of uid: String, _ resource: ServedResource) async {
        guard Self.owners.contains(resource.collection) || resource.isCustom else { return }
        let mark = Array("\"\(uid)\"".utf8)
        for dependent in registry.catalogue.namespacedCollections {
            guard let page = try? await store.list(ListQuery(dependent.collection)) else { return }
            for object in page.objects where object.bytes.contains(mark) {
                guard let root = try? JSONTree(parsing: object.bytes).root,
                    let owners = root.at("metadata", "ownerReferences")?.elements.map({ $0 }), owners.count == 1,
                    owners[0].member("uid")?.string == uid
                else { continue }
                let request = ServerRequest(method: .delete, path: "", segments: [], user: Self.collector)
                _ = try? await delete(request, dependent, object.key.namespace, object.key.name)
            }
        }
    }

    static let collector = UserInfo(
        name: "system:serviceaccount:kube-system:generic-garbage-collector", groups: ["system:masters"])
}
