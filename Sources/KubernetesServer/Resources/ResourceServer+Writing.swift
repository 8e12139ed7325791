import JSONTree
import KubernetesModel
import KubernetesSchema
import NIOHTTP1

extension ResourceServer {
    func writer(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ options: WriteOptions
    ) -> ObjectWriter {
        let manager =
            options.manager.isEmpty
            ? FieldOwner.manager(userAgent: request.headers.first(name: "user-agent") ?? "") : options.manager
        return ObjectWriter(
            resource: resource, namespace: namespace, options: options, user: request.user, manager: manager,
            now: clock(), reviews: reviews, allocation: allocation)
    }

    /// A transaction whose refusal is a Status, and which a dry run leaves without a trace.
    func write(
        isDryRun: Bool, _ body: @escaping @Sendable (WriteTransaction) throws(Status) -> Written
    ) async throws(Status) -> Written {
        do throws(WriteFailure<WriteRefusal>) {
            return try await store.write { (transaction) throws(WriteRefusal) in
                let written: Written
                do throws(Status) {
                    written = try body(transaction)
                } catch {
                    throw .status(error)
                }
                if isDryRun { throw .dryRun(written) }
                return written
            }
        } catch {
            switch error {
            case .refused(.status(let status)): throw status
            case .refused(.dryRun(let written)): return written
            case .store(let failure): throw Status(failure)
            }
        }
    }

    func create(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String
    ) async throws(Status) -> ServerResponse {
        let answer = try answer(request, resource)
        let options = try WriteOptions(request, kind: "CreateOptions")
        let body = try RequestBody.object(request, resource.kind)
        let writer = writer(request, resource, namespace, options)
        let written = try await write(isDryRun: options.isDryRun) { (transaction) throws(Status) in
            try writer.create(body, transaction)
        }
        return try await finish(written, answer, options)
    }

    func update(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String, subresource: String
    ) async throws(Status) -> ServerResponse {
        let answer = try answer(request, resource)
        let options = try WriteOptions(request, kind: "UpdateOptions")
        let body = try RequestBody.object(request, resource.kind)
        let stated = body.at("metadata", "name")?.stringValue ?? ""
        guard stated == name else {
            throw .badRequest(
                stated.isEmpty
                    ? "name must be provided"
                    : "the name of the object (\(stated)) does not match the name on the URL (\(name))")
        }
        if resource.isCustom, (body.at("metadata", "resourceVersion")?.stringValue ?? "").isEmpty {
            throw .invalid(
                resource.kind, name,
                [
                    FieldError(
                        .invalid, at: "metadata.resourceVersion", value: 0, "must be specified for an update")
                ])
        }
        let writer = writer(request, resource, namespace, options)
        let written = try await write(isDryRun: options.isDryRun) { (transaction) throws(Status) in
            if resource.createsOnUpdate, subresource.isEmpty, transaction.object(writer.key(name)) == nil {
                return try writer.create(
                    body.removing(at: ["metadata", "resourceVersion"]).removing(at: ["metadata", "uid"]), transaction)
            }
            let old = try writer.existing(name, transaction)
            return try writer.update(old, to: body, subresource: subresource, transaction)
        }
        return try await finish(written, answer, options)
    }

    /// The answer, after what a write sets in motion.
    func finish(
        _ written: Written, _ answer: ObjectAnswer, _ options: WriteOptions
    ) async throws(Status) -> ServerResponse {
        var shown = written.object
        if options.isDryRun, written.isCreated {
            // What was never stored has no version.
            if let root = try? JSONTree(parsing: shown.bytes).root {
                shown.bytes = JSONValue.node(root).removing(at: ["metadata", "resourceVersion"]).serialized()
            }
        } else if !options.isDryRun {
            try await settle(answer.resource, written)
            // The last finalizer is gone, and the object with it.
            if written.isGone { await collectDependents(of: written.object, answer.resource) }
        }
        return respond(answer.object(shown), status: written.isCreated ? 201 : 200, warnings: written.warnings)
    }

    /// Definitions take effect before the client hears of them.
    func settle(_ resource: ServedResource, _ written: Written) async throws(Status) {
        guard resource.collection == ResourceRegistry.definitions else { return }
        do throws(StoreFailure) {
            if !written.isGone { try await establish(written.object.key) }
            try await reloadDefinitions()
        } catch {
            throw Status(error)
        }
    }

    private func establish(_ key: StoreKey) async throws(StoreFailure) {
        let time = Timestamp(seconds: clock()).description
        do throws(WriteFailure<Never>) {
            try await store.write { (transaction) throws(Never) in
                var others: [CustomResourceDefinition.TakenNames] = []
                var own: JSONValue?
                for object in transaction.objects(ResourceRegistry.definitions) {
                    guard let root = try? JSONTree(parsing: object.bytes).root else { continue }
                    let value = JSONValue.node(root)
                    if object.key == key {
                        own = value
                    } else if CustomResourceDefinition.isEstablished(value) {
                        others.append(.init(CustomResourceDefinition(value).resource))
                    }
                }
                guard let own, let old = transaction.object(key) else { return }
                let group = CustomResourceDefinition(own).resource.group
                let same = transaction.objects(ResourceRegistry.definitions).compactMap { object in
                    (try? JSONTree(parsing: object.bytes).root)?.at("spec", "group")?.string == group
                        ? object.key : nil
                }
                let relevant = same.count > 1 ? others : []
                let status = CustomResourceDefinition.status(of: own, besides: relevant, time: time)
                if own.member("status")?.isEquivalent(to: status) ?? false { return }
                let owner = FieldOwner(
                    manager: "kube-apiserver", operation: .update, apiVersion: "apiextensions.k8s.io/v1",
                    subresource: "status")
                let schema = BuiltinSchemas.schema(
                    group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition")
                let established = ManagedFields.updated(
                    from: own, to: own.settingMember("status", to: status), owner: owner, time: time, schema: schema,
                    ignoring: .resetFields(subresource: "status", hasStatus: true))
                transaction.put(key, uid: old.uid, established.serialized())
            }
        } catch {
            if case .store(let failure) = error { throw failure }
        }
    }
}
