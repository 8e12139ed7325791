import JSONTree
import KubernetesModel
import Testing

/// Recorded from kube-apiserver 1.36.2; tokens and identifiers of the recording are kept, they mean nothing elsewhere.
@Suite("Status")
struct StatusTests {
    private static let configmaps = GroupResource(resource: "configmaps")
    private static let pods = GroupResource(resource: "pods")

    static let recorded: [(String, Status)] = [
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"nope\" not found","reason":"NotFound","details":{"name":"nope","kind":"pods"},"code":404}"#,
            .notFound(pods, "nope")
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"namespaces \"tx\" already exists","reason":"AlreadyExists","details":{"name":"tx","kind":"namespaces"},"code":409}"#,
            .alreadyExists(GroupResource(resource: "namespaces"), "tx")
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be fulfilled on configmaps \"cm0\": the object has been modified; please apply your changes to the latest version and try again","reason":"Conflict","details":{"name":"cm0","kind":"configmaps"},"code":409}"#,
            .modified(configmaps, "cm0")
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Apply failed with 1 conflict: conflict with \"mgr-a\": .data.k","reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"mgr-a\"","field":".data.k"}]},"code":409}"#,
            .applyConflict([.init(reason: "FieldManagerConflict", message: "conflict with \"mgr-a\"", field: ".data.k")]
            )
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"NetworkPolicy.networking.k8s.io \"np2\" is invalid: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"11.1.0.0/16\": must be a strict subset of `cidr`","reason":"Invalid","details":{"name":"np2","group":"networking.k8s.io","kind":"NetworkPolicy","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \"11.1.0.0/16\": must be a strict subset of `cidr`","field":"spec.ingress[0].from[0].ipBlock.except[0]"}]},"code":422}"#,
            .invalid(
                GroupVersionKind(group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy"), "np2",
                [
                    FieldError(
                        .invalid, at: "spec.ingress[0].from[0].ipBlock.except[0]", value: "11.1.0.0/16",
                        "must be a strict subset of `cidr`")
                ])
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"IPPool.net.example.com \"b\" is invalid: [spec.blockSize: Invalid value: 99: spec.blockSize in body should be less than or equal to 32, spec.cidr: Invalid value: \"zz\": spec.cidr in body should match '^[0-9./]+$']","reason":"Invalid","details":{"name":"b","group":"net.example.com","kind":"IPPool","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: 99: spec.blockSize in body should be less than or equal to 32","field":"spec.blockSize"},{"reason":"FieldValueInvalid","message":"Invalid value: \"zz\": spec.cidr in body should match '^[0-9./]+$'","field":"spec.cidr"}]},"code":422}"#,
            .invalid(
                GroupVersionKind(group: "net.example.com", version: "v1", kind: "IPPool"), "b",
                [
                    FieldError(
                        .invalid, at: "spec.blockSize", value: 99,
                        "spec.blockSize in body should be less than or equal to 32"),
                    FieldError(
                        .invalid, at: "spec.cidr", value: "zz", "spec.cidr in body should match '^[0-9./]+$'"),
                ])
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"configmaps \"late\" is forbidden: unable to create new content in namespace tx because it is being terminated","reason":"Forbidden","details":{"name":"late","kind":"configmaps","causes":[{"reason":"NamespaceTerminating","message":"namespace tx is being terminated","field":"metadata.namespace"}]},"code":403}"#,
            .namespaceTerminating(configmaps, "late", namespace: "tx")
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the cluster scope","reason":"Forbidden","details":{"kind":"pods"},"code":403}"#,
            .forbidden(
                pods, "",
                "User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the cluster scope")
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax","code":500}"#,
            .malformedResourceVersion("abc")
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: Too large resource version: 99999999, current: 345","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}"#,
            .tooLargeResourceVersion(99_999_999, current: 345)
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server does not allow this method on the requested resource","reason":"MethodNotAllowed","details":{},"code":405}"#,
            .methodNotAllowed
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server rejected our request due to an error in our request","reason":"Invalid","details":{},"code":422}"#,
            .unprocessable()
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#,
            .unauthorized
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"The resourceVersion for the provided list is too old.","reason":"Expired","code":410}"#,
            .expired("The resourceVersion for the provided list is too old.")
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml","reason":"UnsupportedMediaType","code":415}"#,
            .unsupportedMediaType([
                "application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml",
            ])
        ),
        (
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":"cm1","kind":"configmaps","uid":"ab9ebd35-9087-4ed4-ba00-13d311e836bf"}}"#,
            .deleted(configmaps, "cm1", uid: "ab9ebd35-9087-4ed4-ba00-13d311e836bf")
        ),
    ]

    @Test("written byte for byte as a server does, and read back", arguments: recorded.indices)
    func recordings(index: Int) throws {
        let (text, status) = Self.recorded[index]
        #expect(status.value.text == text)
        let node = try JSONTree(parsing: text).root
        #expect(Status(decoding: node) == status)
    }

    @Test("what is no Status is not taken for one")
    func other() throws {
        #expect(Status(decoding: try JSONTree(parsing: #"{"kind":"Pod","status":{}}"#).root) == nil)
    }
}
