// One factory for each way a server refuses, with the words of kube-apiserver 1.36 (apimachinery, api/errors).

extension Status {
    private static func about(_ resource: GroupResource, _ name: String) -> Details {
        Details(name: name, group: resource.group, kind: resource.resource)
    }

    public static func notFound(_ resource: GroupResource, _ name: String) -> Status {
        Status(
            code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found", details: about(resource, name))
    }

    /// A path under which nothing is served at all.
    public static var pathNotFound: Status {
        Status(
            code: 404, reason: "NotFound", message: "the server could not find the requested resource",
            details: Details())
    }

    public static func alreadyExists(_ resource: GroupResource, _ name: String) -> Status {
        Status(
            code: 409, reason: "AlreadyExists", message: "\(resource) \"\(name)\" already exists",
            details: about(resource, name))
    }

    /// `generateName` found no free name.
    public static func generateNameConflict(_ resource: GroupResource, _ name: String) -> Status {
        Status(
            code: 409, reason: "AlreadyExists",
            message:
                "\(resource) \"\(name)\" already exists, the server was not able to generate a unique name for the object",
            details: Details(name: name, group: resource.group, kind: resource.resource, retryAfterSeconds: 1))
    }

    public static func conflict(_ resource: GroupResource, _ name: String, _ detail: String) -> Status {
        Status(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(detail)",
            details: about(resource, name))
    }

    /// Somebody wrote the object in between.
    public static func modified(_ resource: GroupResource, _ name: String) -> Status {
        conflict(
            resource, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    /// Server-side apply would take fields from other managers.
    public static func applyConflict(_ causes: [Cause]) -> Status {
        let list = causes.map { "\($0.message): \($0.field)" }
        let message =
            causes.count == 1
            ? "Apply failed with 1 conflict: \(list.joined())"
            : "Apply failed with \(causes.count) conflicts: \(list.joined(separator: "\n"))"
        return Status(code: 409, reason: "Conflict", message: message, details: Details(causes: causes))
    }

    /// An object with fields that are not allowed. All of them are named.
    public static func invalid(_ kind: GroupVersionKind, _ name: String, _ errors: [FieldError]) -> Status {
        let list = errors.map(\.description)
        let text = list.count == 1 ? list[0] : "[\(list.joined(separator: ", "))]"
        return Status(
            code: 422, reason: "Invalid", message: "\(kind.qualifiedKind) \"\(name)\" is invalid: \(text)",
            details: Details(
                name: name, group: kind.group, kind: kind.kind,
                causes: errors.map { Cause(reason: $0.kind.cause, message: $0.message, field: $0.path) }))
    }

    /// A patch that does not fit the object.
    public static func unprocessable() -> Status {
        Status(
            code: 422, reason: "Invalid",
            message: "the server rejected our request due to an error in our request", details: Details())
    }

    public static func forbidden(
        _ resource: GroupResource, _ name: String, _ detail: String, causes: [Cause] = []
    ) -> Status {
        let subject = name.isEmpty ? "\(resource)" : "\(resource) \"\(name)\""
        var details = about(resource, name)
        details.causes = causes
        return Status(
            code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(detail)", details: details)
    }

    public static func namespaceTerminating(_ resource: GroupResource, _ name: String, namespace: String) -> Status {
        forbidden(
            resource, name,
            "unable to create new content in namespace \(namespace) because it is being terminated",
            causes: [
                Cause(
                    reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
                    field: "metadata.namespace")
            ])
    }

    public static var unauthorized: Status { Status(code: 401, reason: "Unauthorized", message: "Unauthorized") }

    public static func badRequest(_ message: String) -> Status {
        Status(code: 400, reason: "BadRequest", message: message)
    }

    public static var methodNotAllowed: Status {
        Status(
            code: 405, reason: "MethodNotAllowed",
            message: "the server does not allow this method on the requested resource", details: Details())
    }

    public static func notAcceptable(_ accepted: [String]) -> Status {
        Status(
            code: 406, reason: "NotAcceptable",
            message: "only the following media types are accepted: \(accepted.joined(separator: ", "))",
            details: Details())
    }

    public static func unsupportedMediaType(_ accepted: [String]) -> Status {
        Status(
            code: 415, reason: "UnsupportedMediaType",
            message:
                "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    public static func requestTooLarge(limit: Int) -> Status {
        Status(
            code: 413, reason: "RequestEntityTooLarge", message: "limit is \(limit)", details: Details())
    }

    /// A revision that is no longer known.
    public static func expired(_ message: String) -> Status { Status(code: 410, reason: "Expired", message: message) }

    /// A revision that does not exist yet and did not come to exist while we waited.
    public static func tooLargeResourceVersion(_ wanted: UInt64, current: UInt64) -> Status {
        Status(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(wanted), current: \(current)",
            details: Details(
                causes: [Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")],
                retryAfterSeconds: 1))
    }

    public static func tooManyRequests(_ message: String, retryAfterSeconds: Int, causes: [Cause] = []) -> Status {
        Status(
            code: 429, reason: "TooManyRequests", message: message,
            details: Details(causes: causes, retryAfterSeconds: retryAfterSeconds))
    }

    /// Something failed that is no fault of the request. The message says what.
    public static func internalError(_ message: String) -> Status {
        Status(
            code: 500, reason: "InternalError", message: "Internal error occurred: \(message)",
            details: Details(causes: [Cause(reason: "", message: message)]))
    }

    public static func serviceUnavailable(_ message: String) -> Status {
        Status(code: 503, reason: "ServiceUnavailable", message: message)
    }

    /// What a server answers to a `resourceVersion` that is no number: 500 without a reason.
    public static func malformedResourceVersion(_ text: String) -> Status {
        Status(
            code: 500,
            message:
                "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
    }

    /// The object is gone for good.
    public static func deleted(_ resource: GroupResource, _ name: String, uid: String) -> Status {
        Status(
            isSuccess: true, code: 0,
            details: Details(name: name, group: resource.group, kind: resource.resource, uid: uid))
    }
}
