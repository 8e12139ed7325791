import JSONTree
import KubernetesModel
import KubernetesSchema
import NIOHTTP1

extension ResourceServer {
    /// How a patch is written down.
    private enum PatchType: String {
        case json = "application/json-patch+json"
        case merge = "application/merge-patch+json"
        case strategic = "application/strategic-merge-patch+json"
        case apply = "application/apply-patch+yaml"
    }

    func patch(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String, subresource: String
    ) async throws(Status) -> ServerResponse {
        let answer = try answer(request, resource)
        var accepted: [PatchType] = [.json, .merge, .apply]
        if !resource.isCustom { accepted.insert(.strategic, at: 2) }
        guard let type = PatchType(rawValue: request.contentType), accepted.contains(type) else {
            throw .unsupportedMediaType(accepted.map(\.rawValue))
        }
        let options = try WriteOptions(request, kind: "PatchOptions")
        let document = try RequestBody.document(request.body, isYAML: type == .apply, resource.kind)
        let writer = writer(request, resource, namespace, options)
        let written: Written
        if type == .apply {
            try check(document, options, resource, name)
            written = try await write(isDryRun: options.isDryRun) { (transaction) throws(Status) in
                try writer.apply(document, name: name, subresource: subresource, transaction)
            }
        } else {
            if options.isForced {
                throw .invalid(
                    Self.patchOptions, "",
                    [FieldError(.forbidden, at: "force", "may not be specified for non-apply patch")])
            }
            written = try await write(isDryRun: options.isDryRun) { (transaction) throws(Status) in
                let old = try writer.existing(name, transaction)
                let before = try writer.value(old)
                let after: JSONValue
                do throws(PatchFailure) {
                    switch type {
                    case .json: after = try JSONPatch(document).applied(to: before)
                    case .merge: after = MergePatch.apply(document, to: before)
                    default:
                        after = try StrategicMergePatch.apply(
                            document, to: before, schema: resource.admission.schema)
                    }
                } catch {
                    throw Status(error, isJSONPatch: type == .json)
                }
                _ = try RequestBody.naming(after, resource.kind)
                if let stated = after.at("metadata", "name")?.stringValue, stated != name {
                    throw .badRequest(
                        "the name of the object (\(stated)) does not match the name on the URL (\(name))")
                }
                return try writer.update(old, to: after, subresource: subresource, transaction)
            }
        }
        return try await finish(written, answer, options)
    }

    private static let patchOptions = GroupVersionKind(group: "meta.k8s.io", version: "v1", kind: "PatchOptions")

    private func check(
        _ document: JSONValue, _ options: WriteOptions, _ resource: ServedResource, _ name: String
    ) throws(Status) {
        if options.manager.isEmpty {
            throw .invalid(
                Self.patchOptions, "", [FieldError(.required, at: "fieldManager", "is required for apply patch")])
        }
        _ = try RequestBody.naming(document, resource.kind)
        if (document.member("kind")?.stringValue ?? "").isEmpty
            || (document.member("apiVersion")?.stringValue ?? "").isEmpty
        {
            throw .badRequest("Object 'Kind' or 'apiVersion' is missing in the applied configuration")
        }
        if let stated = document.at("metadata", "name")?.stringValue, stated != name {
            throw .badRequest("metadata.name (\(stated)) does not match the name on the URL (\(name))")
        }
    }
}

extension Status {
    init(_ failure: PatchFailure, isJSONPatch: Bool) {
        switch failure.kind {
        case .malformed: self = .badRequest(failure.message)
        case .unprocessable:
            self = .unprocessable()
            if !isJSONPatch { message = failure.message }
        case .tooLarge: self = Status(code: 413, reason: "RequestEntityTooLarge", message: failure.message)
        }
    }

    init(_ failure: ServerSideApply.Failure) {
        switch failure {
        case .malformed(let text): self = .badRequest(text)
        case .untyped(let text): self = Status(code: 500, message: text)
        case .conflicts(let conflicts):
            self = Status(
                code: 409, reason: "Conflict", message: failure.message,
                details: Details(
                    causes: conflicts.map {
                        Cause(reason: "FieldManagerConflict", message: $0.message, field: $0.field)
                    }))
        }
    }
}

extension ObjectWriter {
    /// Server-side apply: makes the object when there is none.
    func apply(
        _ configuration: JSONValue, name: String, subresource: String, _ transaction: WriteTransaction
    ) throws(Status) -> Written {
        let stored = transaction.object(key(name))
        if stored == nil, !subresource.isEmpty { throw .notFound(resource.groupResource, name) }
        var live: JSONValue?
        if let stored { live = try value(stored) }
        // Unknown fields must not become somebody's.
        let pruned: Pruned
        do throws(DecodingMistake) {
            pruned = try resource.admission.decoded(configuration)
        } catch {
            throw .badRequest(resource.admission.badRequest(error.description))
        }
        let messages = options.fieldValidation == .ignore ? [] : pruned.messages
        if options.fieldValidation == .strict, !messages.isEmpty {
            throw .badRequest(resource.admission.strictRefusal(pruned))
        }
        var applied = ServerSideApply.Request(
            configuration: pruned.value, manager: manager, time: Timestamp(seconds: now).description)
        applied.subresource = subresource
        applied.isForced = options.isForced
        applied.ignoring = .resetFields(subresource: subresource, hasStatus: resource.hasStatus)
        let outcome: ServerSideApply.Outcome
        do throws(ServerSideApply.Failure) {
            outcome = try ServerSideApply.apply(applied, to: live, schema: resource.fieldSchema)
        } catch {
            throw Status(error)
        }
        var written: Written
        if let stored {
            if let version = configuration.at("metadata", "resourceVersion")?.stringValue, !version.isEmpty,
                version != String(stored.revision)
            {
                throw .modified(resource.groupResource, name)
            }
            let body = outcome.object.removing(at: ["metadata", "resourceVersion"])
            written = try update(stored, to: body, subresource: subresource, isApplied: true, transaction)
        } else {
            written = try create(outcome.object, name: name, isApplied: true, transaction)
        }
        written.warnings = messages + written.warnings.filter { !messages.contains($0) }
        return written
    }
}
