import JSONTree
import KubernetesModel

/// `authorization.k8s.io` and `authentication.k8s.io`: questions about access, answered and never stored.
struct AccessReviews: Sendable {
    let authenticator: Authenticator
    let control: AccessControl

    /// What is asked; nil for requests that are no review.
    private enum Question: String {
        case subjectAccess = "SubjectAccessReview"
        case selfSubjectAccess = "SelfSubjectAccessReview"
        case localSubjectAccess = "LocalSubjectAccessReview"
        case selfSubjectRules = "SelfSubjectRulesReview"
        case selfSubject = "SelfSubjectReview"
        case token = "TokenReview"

        init?(_ wanted: AccessAttributes) {
            guard wanted.version == "v1" else { return nil }
            switch "\(wanted.resource).\(wanted.group)" {
            case "subjectaccessreviews.authorization.k8s.io": self = .subjectAccess
            case "selfsubjectaccessreviews.authorization.k8s.io": self = .selfSubjectAccess
            case "localsubjectaccessreviews.authorization.k8s.io": self = .localSubjectAccess
            case "selfsubjectrulesreviews.authorization.k8s.io": self = .selfSubjectRules
            case "selfsubjectreviews.authentication.k8s.io": self = .selfSubject
            case "tokenreviews.authentication.k8s.io": self = .token
            default: return nil
            }
        }
    }

    func answer(_ request: ServerRequest, _ wanted: AccessAttributes) async -> ServerResponse? {
        guard let question = Question(wanted) else { return nil }
        do throws(Status) {
            guard wanted.name.isEmpty, wanted.subresource.isEmpty else { throw .pathNotFound }
            let body = try ReviewBody.read(
                request, GroupVersionKind(group: wanted.group, version: "v1", kind: question.rawValue))
            switch question {
            case .selfSubjectAccess: return try await access(body, request.user)
            case .subjectAccess: return try await access(body, try subject(body))
            case .localSubjectAccess:
                let spec = body.root.member("spec")
                if spec?.at("nonResourceAttributes") != nil {
                    throw invalid(
                        body, "spec.nonResourceAttributes", "Invalid value", "disallowed on this kind of request")
                }
                guard spec?.at("resourceAttributes", "namespace")?.string ?? "" == wanted.namespace else {
                    throw invalid(
                        body, "spec.resourceAttributes.namespace", "Invalid value", "must match metadata.namespace")
                }
                return try await access(body, try subject(body))
            case .selfSubjectRules: return try rules(body, request.user)
            case .selfSubject: return body.answer(status: ["userInfo": request.user.value])
            case .token: return await token(body)
            }
        } catch {
            return .status(error)
        }
    }

    private func invalid(_ body: ReviewBody, _ field: String, _ kind: String, _ detail: String) -> Status {
        let message = "\(kind): \"\": \(detail)"
        return Status(
            code: 422, reason: "Invalid",
            message: "\(body.gvk.qualifiedKind) \"\" is invalid: \(field): \(message)",
            details: Status.Details(
                group: body.gvk.group, kind: body.gvk.kind,
                causes: [Status.Cause(reason: "FieldValueInvalid", message: message, field: field)]))
    }

    // MARK: - May somebody

    private func subject(_ body: ReviewBody) throws(Status) -> UserInfo {
        let spec = body.root.member("spec")
        let name = spec?.at("user")?.string ?? ""
        let groups = spec?.member("groups")?.elements.compactMap(\.string) ?? []
        guard !name.isEmpty || !groups.isEmpty else {
            throw invalid(body, "spec.user", "Invalid value", "at least one of user or group must be specified")
        }
        return UserInfo(name: name, uid: spec?.at("uid")?.string ?? "", groups: groups)
    }

    private func access(_ body: ReviewBody, _ user: UserInfo) async throws(Status) -> ServerResponse {
        let resource = body.root.at("spec", "resourceAttributes")
        let path = body.root.at("spec", "nonResourceAttributes")
        guard (resource == nil) != (path == nil) else {
            throw invalid(
                body, "spec.resourceAttributes", "Invalid value",
                "exactly one of nonResourceAttributes or resourceAttributes must be specified")
        }
        let wanted: AccessAttributes
        if let resource {
            func text(_ key: String) -> String { resource.member(key)?.string ?? "" }
            var attributes = AccessAttributes(
                verb: text("verb"), group: text("group"), resource: text("resource"),
                subresource: text("subresource"), namespace: text("namespace"), name: text("name"))
            attributes.version = text("version")
            // A review may ask about nothing in particular; only a rule for everything allows that.
            if attributes.resource.isEmpty { attributes.resource = "*" }
            wanted = attributes
        } else {
            wanted = AccessAttributes(
                verb: path?.member("verb")?.string ?? "", path: path?.member("path")?.string ?? "")
        }
        let decision = await control.decide(user, wanted)
        var status = [JSONMember("allowed", .bool(decision.isAllowed))]
        if !decision.reason.isEmpty { status.append(JSONMember("reason", .string(decision.reason))) }
        return body.answer(status: .object(status))
    }

    // MARK: - What may I

    private func rules(_ body: ReviewBody, _ user: UserInfo) throws(Status) -> ServerResponse {
        let namespace = body.root.at("spec", "namespace")?.string ?? ""
        guard !namespace.isEmpty else { throw .badRequest("no namespace on request") }
        let held = control.policy.rules(of: user, in: namespace)
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        let resources = held.rules.filter { !$0.resources.isEmpty }.map { rule -> JSONValue in
            var members = [
                JSONMember("verbs", list(rule.verbs)), JSONMember("apiGroups", list(rule.groups)),
                JSONMember("resources", list(rule.resources)),
            ]
            if !rule.names.isEmpty { members.append(JSONMember("resourceNames", list(rule.names))) }
            return .object(members)
        }
        let paths = held.rules.filter { !$0.paths.isEmpty }.map { rule -> JSONValue in
            ["verbs": list(rule.verbs), "nonResourceURLs": list(rule.paths)]
        }
        var status = [
            JSONMember("resourceRules", .array(resources)), JSONMember("nonResourceRules", .array(paths)),
            JSONMember("incomplete", .bool(!held.missing.isEmpty)),
        ]
        if !held.missing.isEmpty {
            status.append(JSONMember("evaluationError", .string(held.missing.joined(separator: ", "))))
        }
        return body.answer(status: .object(status), spec: .object([]))
    }

    // MARK: - Whose token

    private func token(_ body: ReviewBody) async -> ServerResponse {
        let spec = body.root.member("spec")
        let audiences = spec?.member("audiences")?.elements.compactMap(\.string) ?? []
        do throws(AuthenticationFailure) {
            let found = try await authenticator.user(
                ofToken: spec?.at("token")?.string ?? "", audiences: audiences.isEmpty ? nil : audiences)
            return body.answer(status: [
                "authenticated": true, "user": found.user.value,
                "audiences": .array(found.audiences.map { .string($0) }),
            ])
        } catch {
            return body.answer(status: ["user": [:], "error": .string("[invalid bearer token, \(error)]")])
        }
    }
}
