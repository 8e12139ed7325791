import JSONTree
import KubernetesModel

/// The object of a request that is answered and never stored: a review, a token request.
struct ReviewBody {
    var root: JSONNode
    var gvk: GroupVersionKind

    /// The body of a POST, checked to be of the kind that the path stands for.
    static func read(_ request: ServerRequest, _ gvk: GroupVersionKind) throws(Status) -> ReviewBody {
        guard request.method == .post else { throw .methodNotAllowed }
        var body = request.body
        if request.contentType == ProtobufBody.contentType {
            do throws(ProtobufFailure) {
                body = try ProtobufBody(request.body).object().0.serialized()
            } catch {
                throw .badRequest(
                    "the object provided is unrecognized (must be of type \(gvk.kind)): \(error.reason)")
            }
        } else if !["application/json", ""].contains(request.contentType) {
            throw .unsupportedMediaType(["application/json", ProtobufBody.contentType])
        }
        let root: JSONNode
        do {
            root = try JSONTree(parsing: body).root
        } catch {
            throw .badRequest("the object provided is unrecognized (must be of type \(gvk.kind)): \(error)")
        }
        guard root.kind == .object else {
            throw .badRequest("the object provided is unrecognized (must be of type \(gvk.kind)): this is \(root.kind)")
        }
        let stated = GroupVersionKind(
            apiVersion: root.member("apiVersion")?.string ?? gvk.apiVersion,
            kind: root.member("kind")?.string ?? gvk.kind)
        guard stated == gvk else {
            throw .badRequest(
                "no kind \(GoText.quoted(stated.kind)) of \(stated.apiVersion) is expected here, but \(gvk)")
        }
        return ReviewBody(root: root, gvk: gvk)
    }

    /// The review with its status, as a 201.
    func answer(status: JSONValue, metadata: JSONValue? = nil, spec: JSONValue? = nil) -> ServerResponse {
        let object: JSONValue = [
            "kind": .string(gvk.kind), "apiVersion": .string(gvk.apiVersion),
            "metadata": metadata ?? root.member("metadata").map { .node($0) } ?? [:],
            "spec": spec ?? root.member("spec").map { .node($0) } ?? [:], "status": status,
        ]
        return .json(object.serialized() + [UInt8(ascii: "\n")], status: 201)
    }
}

extension UserInfo {
    /// As reviews show a user.
    var value: JSONValue {
        var members: [JSONMember] = [JSONMember("username", .string(name))]
        if !uid.isEmpty { members.append(JSONMember("uid", .string(uid))) }
        if !groups.isEmpty { members.append(JSONMember("groups", .array(groups.map { .string($0) }))) }
        if !extra.isEmpty {
            members.append(
                JSONMember(
                    "extra",
                    .object(
                        extra.sorted { $0.key < $1.key }
                            .map { JSONMember($0.key, .array($0.value.map { .string($0) })) })))
        }
        return .object(members)
    }
}
