import Foundation
import JSONTree
import KubernetesModel

/// `serviceaccounts/token`: a token for an account, for some time, for some audience, bound to an object or not.
struct TokenRequests: Sendable {
    let authenticator: Authenticator

    /// Seconds: an hour unless asked otherwise; ten minutes at least (authentication.k8s.io/v1 validation).
    static let defaultDuration: Int64 = 3600
    static let shortest: Int64 = 600
    static let longest: Int64 = 1 << 32

    private static let gvk = GroupVersionKind(group: "authentication.k8s.io", version: "v1", kind: "TokenRequest")

    func answer(_ request: ServerRequest, _ wanted: AccessAttributes) async -> ServerResponse? {
        guard wanted.group.isEmpty, wanted.resource == "serviceaccounts", wanted.subresource == "token",
            !wanted.name.isEmpty
        else { return nil }
        do throws(Status) {
            return try await token(
                try ReviewBody.read(request, Self.gvk),
                ServiceAccountName(namespace: wanted.namespace, name: wanted.name),
                kubelet: NodeAuthorizer.node(of: request.user))
        } catch {
            return .status(error)
        }
    }

    /// - Parameter kubelet: the node whose kubelet asks, which must bind the token to a pod it runs.
    private func token(
        _ body: ReviewBody, _ account: ServiceAccountName, kubelet: String?
    ) async throws(Status) -> ServerResponse {
        guard let issuer = authenticator.issuer else {
            throw .internalError("this server has no key for service account tokens")
        }
        let resource = GroupResource(resource: "serviceaccounts")
        let stored = try await object(StoreKey("serviceaccounts", namespace: account.namespace, name: account.name))
        guard let stored else { throw .notFound(resource, account.name) }
        let spec = body.root.member("spec")
        let duration = spec?.at("expirationSeconds")?.int ?? Self.defaultDuration
        guard duration >= Self.shortest, duration <= Self.longest else {
            throw invalid(
                "spec.expirationSeconds", "\(duration)",
                duration < Self.shortest
                    ? "may not specify a duration less than 10 minutes"
                    : "may not specify a duration larger than 2^32 seconds")
        }
        var audiences = spec?.member("audiences")?.elements.compactMap(\.string) ?? []
        if audiences.isEmpty { audiences = issuer.audiences }
        let now = authenticator.clock()
        let claims = ServiceAccountClaims(
            iss: issuer.name, sub: account.user, aud: audiences, exp: now + duration, nbf: now, iat: now,
            jti: UUID().uuidString.lowercased(),
            kubernetes: try await bindings(spec?.at("boundObjectRef"), account, uid: stored.uid))
        if let kubelet, claims.kubernetes.pod == nil || claims.kubernetes.node?.name != kubelet {
            throw .forbidden(
                resource, account.name,
                "node \"\(kubelet)\" can only ask for tokens that are bound to a pod that runs on it")
        }
        let token: String
        do {
            token = try await issuer.sign(claims)
        } catch {
            throw .internalError("failed to generate token: \(error)")
        }
        let reference = spec?.at("boundObjectRef")
        return body.answer(
            status: ["token": .string(token), "expirationTimestamp": .string("\(Timestamp(seconds: claims.exp))")],
            metadata: [
                "name": .string(account.name), "namespace": .string(account.namespace), "uid": .string(stored.uid),
                "creationTimestamp": .string("\(Timestamp(seconds: now))"),
            ],
            spec: [
                "audiences": .array(audiences.map { .string($0) }), "expirationSeconds": .int(duration),
                "boundObjectRef": reference.map { .node($0) } ?? .null,
            ])
    }

    // MARK: - Binding

    private func bindings(
        _ reference: JSONNode?, _ account: ServiceAccountName, uid: String
    ) async throws(Status) -> ServiceAccountClaims.Bindings {
        var bindings = ServiceAccountClaims.Bindings(
            namespace: account.namespace, serviceaccount: .init(name: account.name, uid: uid))
        guard let reference, reference.kind == .object else { return bindings }
        let kind = reference.member("kind")?.string ?? ""
        let name = reference.member("name")?.string ?? ""
        let wanted = reference.member("uid")?.string ?? ""
        guard ["Pod", "Secret", "Node"].contains(kind) else {
            throw .badRequest("cannot bind token for serviceaccount to object of type \(kind): Pod, Secret or Node")
        }
        let resource = GroupResource(resource: "\(kind.lowercased())s")
        let key = StoreKey(resource.resource, namespace: kind == "Node" ? "" : account.namespace, name: name)
        guard let bound = try await object(key) else { throw .notFound(resource, name) }
        guard wanted.isEmpty || wanted == bound.uid else {
            throw .conflict(
                resource, name,
                "the UID in the bound object reference (\(wanted)) does not match the UID in record. The object might have been deleted and then recreated"
            )
        }
        let found = ServiceAccountClaims.Reference(name: name, uid: bound.uid)
        switch kind {
        case "Secret": bindings.secret = found
        case "Node": bindings.node = found
        default:
            bindings.pod = found
            let pod = try? JSONTree(parsing: bound.bytes).root
            let owner = pod?.at("spec", "serviceAccountName")?.string ?? "default"
            guard owner == account.name else {
                throw .badRequest(
                    "cannot bind token for serviceaccount \(GoText.quoted(account.name)) to pod running with different serviceaccount name."
                )
            }
            if let node = pod?.at("spec", "nodeName")?.string, !node.isEmpty,
                let object = try await object(StoreKey("nodes", name: node))
            {
                bindings.node = .init(name: node, uid: object.uid)
            }
        }
        return bindings
    }

    private func object(_ key: StoreKey) async throws(Status) -> StoredObject? {
        do throws(StoreFailure) {
            return try await authenticator.lookup(key)
        } catch {
            throw .internalError("\(error)")
        }
    }

    private func invalid(_ field: String, _ value: String, _ detail: String) -> Status {
        let message = "Invalid value: \(value): \(detail)"
        return Status(
            code: 422, reason: "Invalid",
            message: "\(Self.gvk.qualifiedKind) \"\" is invalid: \(field): \(message)",
            details: Status.Details(
                group: Self.gvk.group, kind: Self.gvk.kind,
                causes: [Status.Cause(reason: "FieldValueInvalid", message: message, field: field)]))
    }
}
