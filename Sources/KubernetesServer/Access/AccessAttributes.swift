import KubernetesModel

/// What a request wants, in the words of authorization (apiserver/pkg/endpoints/request, authorization/authorizer).
public struct AccessAttributes: Hashable, Sendable {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, or any verb of a review; for
    /// paths outside the API the method in lower case.
    public var verb: String
    /// Empty for the core group.
    public var group = ""
    public var version = ""
    /// Empty when the request is for a path and not for a resource.
    public var resource = ""
    public var subresource = ""
    /// Empty for all namespaces and for resources that have none.
    public var namespace = ""
    /// Empty for a whole collection.
    public var name = ""
    public var path = ""

    public var isResource: Bool { !resource.isEmpty }

    public init(verb: String, path: String) {
        self.verb = verb
        self.path = path
    }

    public init(
        verb: String, group: String = "", resource: String, subresource: String = "", namespace: String = "",
        name: String = ""
    ) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }

    /// `pods/exec`, as rules name a subresource.
    var combinedResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }
}

// MARK: - Of a request

extension AccessAttributes {
    /// The subresources of a namespace itself; anything else after `/namespaces/NAME/` is a resource in it.
    private static let namespaceSubresources: Set<String> = ["status", "finalize"]

    public init(_ request: ServerRequest) {
        self.init(verb: request.method.name.lowercased(), path: request.path)
        var parts = request.segments[...]
        guard parts.count >= 3, let prefix = parts.first, prefix == "api" || prefix == "apis" else { return }
        parts = parts.dropFirst()
        if prefix == "apis" {
            guard parts.count >= 3 else { return }
            group = parts.removeFirst()
        }
        version = parts.removeFirst()
        verb = Self.verb(of: request.method)
        var isProxy = false
        if let special = parts.first, special == "watch" || special == "proxy" {
            guard parts.count >= 2 else { return }
            verb = special
            isProxy = special == "proxy"
            parts = parts.dropFirst()
        }
        if parts.first == "namespaces", parts.count > 1 {
            namespace = parts[parts.startIndex + 1]
            if parts.count > 2, !Self.namespaceSubresources.contains(parts[parts.startIndex + 2]) {
                parts = parts.dropFirst(2)
            }
        }
        resource = parts.first ?? ""
        name = parts.dropFirst().first ?? ""
        if !isProxy { subresource = parts.dropFirst(2).first ?? "" }
        guard name.isEmpty else { return }
        switch verb {
        case "get":
            verb = request.query.flag("watch") ? "watch" : "list"
            if let selector = request.query["fieldSelector"] { name = Self.name(in: selector) }
        case "delete": verb = "deletecollection"
        default: break
        }
    }

    private static func verb(of method: ServerRequest.Method) -> String {
        switch method {
        case .get, .head: "get"
        case .post: "create"
        case .put: "update"
        case .patch: "patch"
        case .delete: "delete"
        case .options, .other: method.name.lowercased()
        }
    }

    /// The name of a selector for one object, so that a role may allow to watch only that object.
    private static func name(in selector: String) -> String {
        for part in selector.split(separator: ",") {
            for prefix in ["metadata.name==", "metadata.name="] where part.hasPrefix(prefix) {
                return String(part.dropFirst(prefix.count))
            }
        }
        return ""
    }
}

// MARK: - Refusals

extension AccessAttributes {
    /// What the user cannot do, in the words of a kube-apiserver.
    func refusalText(_ user: UserInfo) -> String {
        func quoted(_ text: String) -> String { GoText.quoted(text) }
        guard isResource else { return "User \(quoted(user.name)) cannot \(verb) path \(quoted(path))" }
        let start =
            "User \(quoted(user.name)) cannot \(verb) resource \(quoted(combinedResource)) in API group \(quoted(group))"
        return namespace.isEmpty ? "\(start) at the cluster scope" : "\(start) in the namespace \(quoted(namespace))"
    }

    /// The 403 of a request that nothing allows.
    func forbidden(_ user: UserInfo, reason: String = "") -> Status {
        let text = reason.isEmpty ? refusalText(user) : "\(refusalText(user)): \(reason)"
        guard isResource else {
            return Status(code: 403, reason: "Forbidden", message: "forbidden: \(text)", details: Status.Details())
        }
        return .forbidden(GroupResource(group: group, resource: resource), name, text)
    }
}

/// Text as Go's `%q` writes it.
enum GoText {
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let scalar where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A slice of strings: `["a" "b"]`.
    static func quoted(_ list: [String]) -> String { "[\(list.map { quoted($0) }.joined(separator: " "))]" }
}
