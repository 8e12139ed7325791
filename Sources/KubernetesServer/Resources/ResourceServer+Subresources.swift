import JSONTree
import KubernetesModel
import KubernetesSchema
import NIOHTTP1

extension ResourceServer {
    // MARK: Scale

    /// The number of replicas as an object of its own (`autoscaling/v1` Scale).
    func scale(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String
    ) async throws(Status) -> ServerResponse {
        let view = ScaleView(resource)
        let options = try WriteOptions(request, kind: "UpdateOptions")
        let writer = writer(request, resource, namespace, options)
        switch request.method {
        case .get, .head:
            let stored: StoredObject?
            do throws(StoreFailure) {
                stored = try await store.object(writer.key(name))
            } catch {
                throw Status(error)
            }
            guard let stored else { throw .notFound(resource.groupResource, name) }
            return respond(view.scale(of: try writer.value(stored)).serialized())
        case .put, .patch:
            let isPut = request.method == .put
            let document =
                isPut
                ? try RequestBody.object(request, .scale)
                : try RequestBody.document(request.body, isYAML: false, .scale)
            let isJSONPatch = request.contentType == "application/json-patch+json"
            let written = try await write(isDryRun: options.isDryRun) { (transaction) throws(Status) in
                let old = try writer.existing(name, transaction)
                let before = try writer.value(old)
                var scale = document
                if !isPut {
                    do throws(PatchFailure) {
                        scale =
                            isJSONPatch
                            ? try JSONPatch(document).applied(to: view.scale(of: before))
                            : MergePatch.apply(document, to: view.scale(of: before))
                    } catch {
                        throw Status(error, isJSONPatch: isJSONPatch)
                    }
                }
                if let version = scale.at("metadata", "resourceVersion")?.stringValue, !version.isEmpty,
                    version != String(old.revision)
                {
                    throw .modified(resource.groupResource, name)
                }
                let replicas = scale.at("spec", "replicas")?.intValue ?? 0
                if replicas < 0 {
                    throw .invalid(
                        .scale, name,
                        [
                            FieldError(
                                .invalid, at: "spec.replicas", value: .int(replicas),
                                "must be greater than or equal to 0")
                        ])
                }
                return try writer.update(
                    old, to: before.setting(at: view.replicas, to: .int(replicas)), subresource: "", transaction)
            }
            return respond(view.scale(of: try writer.value(written.object)).serialized())
        default: throw .methodNotAllowed
        }
    }

    // MARK: Pods

    /// What a scheduler posts: the node a pod is to run on.
    func bind(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String
    ) async throws(Status) -> ServerResponse {
        let options = try WriteOptions(request, kind: "CreateOptions")
        let body = try RequestBody.object(request, GroupVersionKind(version: "v1", kind: "Binding"))
        guard let node = body.at("target", "name")?.stringValue, !node.isEmpty else {
            throw .invalid(
                GroupVersionKind(version: "v1", kind: "Binding"), name, [FieldError(.required, at: "target.name")])
        }
        let writer = writer(request, resource, namespace, options)
        _ = try await write(isDryRun: options.isDryRun) { (transaction) throws(Status) in
            let old = try writer.existing(name, transaction)
            let pod = try writer.value(old)
            if let bound = pod.at("spec", "nodeName")?.stringValue, !bound.isEmpty {
                throw .conflict(
                    GroupResource(resource: "pods/binding"), name,
                    "pod \(name) is already assigned to node \"\(bound)\"")
            }
            if pod.at("metadata", "deletionTimestamp") != nil {
                throw .conflict(
                    GroupResource(resource: "pods/binding"), name,
                    "pod \(name) is being deleted, cannot be assigned to a host")
            }
            let scheduled: JSONValue = [
                "type": "PodScheduled", "status": "True", "lastProbeTime": .null,
                "lastTransitionTime": .string(Timestamp(seconds: writer.now).description),
            ]
            let others = (pod.at("status", "conditions")?.elements ?? []).filter {
                $0.member("type")?.stringValue != "PodScheduled"
            }
            let bound = pod.setting(at: ["spec", "nodeName"], to: .string(node))
                .setting(at: ["status", "conditions"], to: .array(others + [scheduled]))
            // Past the rules of an update: nobody else may write this field of a pod.
            let stored = transaction.put(old.key, uid: old.uid, bound.serialized())
            return Written(object: stored)
        }
        let success: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
        ]
        return respond(success.serialized(), status: 201)
    }

    /// A deletion that budgets can refuse (policy/v1).
    func evict(
        _ request: ServerRequest, _ resource: ServedResource, _ namespace: String, _ name: String
    ) async throws(Status) -> ServerResponse {
        let kind = GroupVersionKind(group: "policy", version: "v1", kind: "Eviction")
        let body = try RequestBody.object(request, kind)
        let options = try WriteOptions(request, kind: "CreateOptions")
        var wanted = DeleteRequest()
        let inner = body.member("deleteOptions")
        wanted.gracePeriodSeconds = inner?.member("gracePeriodSeconds")?.intValue
        wanted.uid = inner?.at("preconditions", "uid")?.stringValue
        wanted.resourceVersion = inner?.at("preconditions", "resourceVersion")?.stringValue
        let isDryRun = options.isDryRun || !(inner?.member("dryRun")?.elements ?? []).isEmpty
        let writer = writer(request, resource, namespace, options)
        let deletion = wanted
        _ = try await write(isDryRun: isDryRun) { (transaction) throws(Status) in
            let old = try writer.existing(name, transaction)
            try DisruptionBudgets.check(try writer.value(old), namespace, transaction)
            return try writer.delete(old, deletion, transaction)
        }
        let success: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
        ]
        return respond(success.serialized(), status: 201)
    }
}

/// Where a kind keeps its replicas.
struct ScaleView: Sendable {
    let replicas: [String]
    private let status: [String]
    private let selector: [String]?

    init(_ resource: ServedResource) {
        replicas = resource.custom?.scale?.specReplicasPath ?? ["spec", "replicas"]
        status = resource.custom?.scale?.statusReplicasPath ?? ["status", "replicas"]
        selector = resource.custom == nil ? nil : resource.custom?.scale?.labelSelectorPath
    }

    func scale(of object: JSONValue) -> JSONValue {
        var metadata: [JSONMember] = []
        for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            if let value = object.at("metadata", key) { metadata.append(JSONMember(key, value)) }
        }
        var state: [JSONMember] = [JSONMember("replicas", object.at(status) ?? 0)]
        if let text = selectorText(of: object), !text.isEmpty { state.append(JSONMember("selector", .string(text))) }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": ["replicas": object.at(replicas) ?? 0], "status": .object(state),
        ]
    }

    private func selectorText(of object: JSONValue) -> String? {
        if let selector { return object.at(selector)?.stringValue }
        guard let value = object.at("spec", "selector"), let root = try? value.tree().root else { return nil }
        if root.member("matchLabels") == nil, root.member("matchExpressions") == nil {
            var labels: [String: String] = [:]
            for (key, value) in root.members { labels[key] = value.string ?? "" }
            return LabelSelector(matching: labels).description
        }
        return (try? LabelSelector(root))?.description
    }
}

/// Whether budgets let a pod go.
enum DisruptionBudgets {
    static func check(_ pod: JSONValue, _ namespace: String, _ transaction: WriteTransaction) throws(Status) {
        let phase = pod.at("status", "phase")?.stringValue
        // Pods that do not run disrupt nothing.
        if phase == "Succeeded" || phase == "Failed" || phase == "Pending" { return }
        var labels: [String: String] = [:]
        for member in pod.at("metadata", "labels")?.members ?? [] {
            labels[member.key] = member.value.stringValue ?? ""
        }
        for stored in transaction.objects("poddisruptionbudgets.policy", namespace: namespace) {
            guard let root = try? JSONTree(parsing: stored.bytes).root,
                let selector = root.at("spec", "selector").flatMap({ try? LabelSelector($0) }), selector.matches(labels)
            else { continue }
            if root.at("status", "disruptionsAllowed")?.int ?? 0 > 0 { continue }
            throw .tooManyRequests(
                "Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds: 10,
                causes: [
                    Status.Cause(
                        reason: "DisruptionBudget",
                        message: "The disruption budget \(stored.key.name) allows no disruption now")
                ])
        }
    }
}
