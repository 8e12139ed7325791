import JSONTree
import KubernetesModel
import Logging
import NIOHTTP1
import Testing

@testable import KubernetesServer

/// Answers whom it sees.
private struct Mirror: RequestHandler {
    func handle(_ request: ServerRequest) async -> ServerResponse {
        .text("\(request.user.name) \(request.headers.contains(name: "authorization"))")
    }
}

/// The whole layer over a real store.
private struct AccessRig {
    let store: ObjectStore
    let access: ServerAccess
    let handler: AccessHandler
    let running: Task<Void, Never>

    init(_ directory: String) async throws {
        store = try ObjectStore(directory: directory)
        var configuration = ServerAccess.Configuration(tokenKey: ServiceAccountIssuer.newKey(), authority: "PEM")
        configuration.staticTokens = [
            "admin": UserInfo(name: "admin", groups: [RBACPolicy.masters]),
            "bob": UserInfo(name: "bob", groups: ["dev"]),
        ]
        let access = try await ServerAccess(configuration, store: store, logger: Logger(label: "test"))
        self.access = access
        handler = access.handler(for: Mirror())
        running = Task { await access.run() }
    }

    func close() {
        running.cancel()
        store.close()
    }

    func put(_ collection: String, namespace: String = "", _ name: String, _ text: String) async throws {
        let object = JSONValue.node(try parsed(text)).setting(at: ["metadata", "name"], to: .string(name))
            .setting(at: ["metadata", "namespace"], to: .string(namespace))
        let made = ServerObjects.new(object)
        _ = try await store.write { (transaction) throws(Never) in
            transaction.put(StoreKey(collection, namespace: namespace, name: name), uid: made.uid, made.bytes)
        }
    }

    func send(
        _ method: String, _ target: String, token: String? = nil, _ headers: HTTPHeaders = [:], body: String = ""
    ) async throws -> (code: Int, text: String) {
        var headers = headers
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        if !body.isEmpty { headers.add(name: "Content-Type", value: "application/json") }
        let response = await handler.handle(try request(method, target, headers: headers, body: body))
        guard case .whole(let bytes) = response.body else { throw ResponseClosed() }
        return (response.status, String(decoding: bytes, as: UTF8.self).trimmingSuffix { $0 == "\n" })
    }
}

extension String {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, condition(last) { text.removeLast() }
        return text
    }
}

@Suite("The access layer")
struct AccessHandlerTests {
    private func withRig(_ body: (AccessRig) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let rig = try await AccessRig(directory)
            defer { rig.close() }
            try await body(rig)
        }
    }

    @Test("13-401-badtoken, 13-403-anonymous, 14-403-serviceaccount, 14-sa-token-list-ok: the recorded answers")
    func recorded() async throws {
        try await withRig { rig in
            let unauthorized = try await rig.send("GET", "/api/v1/pods", token: "wrong")
            #expect(unauthorized.code == 401)
            #expect(
                unauthorized.text
                    == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#
            )
            let anonymous = try await rig.send("GET", "/api/v1/pods")
            #expect(anonymous.code == 403)
            #expect(
                anonymous.text
                    == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the cluster scope","reason":"Forbidden","details":{"kind":"pods"},"code":403}"#
            )
            #expect(try await rig.send("GET", "/livez").code == 200)

            try await rig.put("namespaces", "tx", #"{"kind":"Namespace"}"#)
            try await rig.put("serviceaccounts", namespace: "tx", "agent", #"{"kind":"ServiceAccount"}"#)
            let made = try await rig.send(
                "POST", "/api/v1/namespaces/tx/serviceaccounts/agent/token", token: "admin",
                body:
                    #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}"#
            )
            #expect(made.code == 201)
            let token = try #require(try parsed(made.text).at("status", "token")?.string)
            let refused = try await rig.send("GET", "/api/v1/pods", token: token)
            #expect(refused.code == 403)
            #expect(refused.text.contains(#"User \"system:serviceaccount:tx:agent\" cannot list"#))

            try await rig.put(
                "clusterroles.rbac.authorization.k8s.io", "agent",
                #"{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get","list","watch"]}]}"#)
            try await rig.put(
                "clusterrolebindings.rbac.authorization.k8s.io", "agent",
                #"{"roleRef":{"kind":"ClusterRole","name":"agent"},"subjects":[{"kind":"ServiceAccount","name":"agent","namespace":"tx"}]}"#
            )
            let listed = try await rig.send("GET", "/api/v1/namespaces/tx/pods", token: token)
            #expect(listed.code == 200)
            #expect(listed.text == "system:serviceaccount:tx:agent false", "credentials stay here")
            let review = try await rig.send(
                "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", token: token,
                body:
                    #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"list","resource":"pods"}}}"#
            )
            #expect(review.code == 201)
            #expect(
                review.text
                    == #"{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{"resourceAttributes":{"verb":"list","resource":"pods"}},"status":{"allowed":true,"reason":"RBAC: allowed by ClusterRoleBinding \"agent\" of ClusterRole \"agent\" to ServiceAccount \"agent/tx\""}}"#
            )
            let seen = try await rig.send(
                "POST", "/apis/authentication.k8s.io/v1/tokenreviews", token: "admin",
                body: #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"\#(token)"}}"#)
            let status = try parsed(seen.text).member("status")
            #expect(status?.member("authenticated")?.bool == true)
            #expect(status?.at("user", "username")?.string == "system:serviceaccount:tx:agent")
            #expect(status?.member("audiences")?[0]?.string == "https://kubernetes.default.svc.cluster.local")
        }
    }

    @Test("A binding that is deleted no longer grants")
    func revocation() async throws {
        try await withRig { rig in
            try await rig.put(
                "clusterrolebindings.rbac.authorization.k8s.io", "v",
                #"{"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"User","name":"bob"}]}"#)
            #expect(try await rig.send("GET", "/api/v1/pods", token: "bob").code == 200)
            _ = try await rig.store.write { (transaction) throws(Never) in
                transaction.delete(StoreKey("clusterrolebindings.rbac.authorization.k8s.io", name: "v"))
            }
            var code = 200
            for _ in 0..<500 where code == 200 {
                code = try await rig.send("GET", "/api/v1/pods", token: "bob").code
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(code == 403)
        }
    }

    @Test("Acting as somebody else")
    func impersonation() async throws {
        try await withRig { rig in
            let asBob = try await rig.send("GET", "/api", token: "admin", ["Impersonate-User": "bob"])
            #expect(asBob.text == "bob false")
            let refused = try await rig.send("GET", "/api", token: "bob", ["Impersonate-User": "admin"])
            #expect(refused.code == 403)
            #expect(
                refused.text.contains(
                    #"users \"admin\" is forbidden: User \"bob\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope"#
                ))
            #expect(try await rig.send("GET", "/api/v1/pods", token: "admin", ["Impersonate-User": "bob"]).code == 403)
        }
    }

    @Test("Reviews that cannot be answered")
    func badReviews() async throws {
        try await withRig { rig in
            let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
            let bodies = [
                ("{", 400), ("[]", 400), (#"{"kind":"Pod","apiVersion":"v1"}"#, 400), (#"{"spec":{"user":"x"}}"#, 422),
                (#"{"spec":{"resourceAttributes":{"verb":"get"}}}"#, 422),
                (#"{"spec":{"user":"x","nonResourceAttributes":{"path":"/livez","verb":"get"}}}"#, 201),
            ]
            for (body, code) in bodies {
                let answer = try await rig.send("POST", path, token: "admin", body: body)
                #expect(answer.code == code, "\(body)")
            }
            #expect(try await rig.send("GET", path, token: "admin").code == 405)
            let local = "/apis/authorization.k8s.io/v1/namespaces/n/localsubjectaccessreviews"
            let elsewhere =
                #"{"spec":{"user":"x","resourceAttributes":{"namespace":"m","verb":"get","resource":"pods"}}}"#
            #expect(try await rig.send("POST", local, token: "admin", body: elsewhere).code == 422)
        }
    }

    @Test("Every namespace gets its default account and the authority, again when they are deleted")
    func namespaceDefaults() async throws {
        try await withRig { rig in
            try await rig.put("namespaces", "n", #"{"kind":"Namespace"}"#)
            let keys = [
                StoreKey("serviceaccounts", namespace: "n", name: "default"),
                StoreKey("configmaps", namespace: "n", name: "kube-root-ca.crt"),
            ]
            func appear(_ key: StoreKey) async throws -> StoredObject? {
                for _ in 0..<500 {
                    if let object = try await rig.store.object(key) { return object }
                    try await Task.sleep(for: .milliseconds(10))
                }
                return nil
            }
            for key in keys {
                let first = try await appear(key)
                let uid = try #require(first?.uid)
                _ = try await rig.store.write { (transaction) throws(Never) in transaction.delete(key) }
                let second = try await appear(key)
                #expect(second != nil && second?.uid != uid)
            }
        }
    }
}
