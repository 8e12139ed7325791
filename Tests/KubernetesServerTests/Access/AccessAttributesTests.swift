import JSONTree
import KubernetesModel
import Testing

@testable import KubernetesServer

@Suite("What a request wants")
struct AccessAttributesTests {
    @Test(arguments: [
        ("GET", "/api/v1/pods", "list pods"),
        ("GET", "/api/v1/pods?watch=1", "watch pods"),
        ("GET", "/api/v1/pods?watch=false", "list pods"),
        ("GET", "/api/v1/namespaces/a/pods/p", "get pods in a named p"),
        ("HEAD", "/api/v1/namespaces/a/pods/p", "get pods in a named p"),
        ("GET", "/api/v1/namespaces/a/pods/p/log", "get pods/log in a named p"),
        ("POST", "/api/v1/namespaces/a/pods/p/exec", "create pods/exec in a named p"),
        ("GET", "/api/v1/namespaces", "list namespaces"),
        ("GET", "/api/v1/namespaces/a", "get namespaces in a named a"),
        ("PUT", "/api/v1/namespaces/a/status", "update namespaces/status in a named a"),
        ("PUT", "/api/v1/namespaces/a/finalize", "update namespaces/finalize in a named a"),
        ("DELETE", "/apis/apps/v1/namespaces/a/deployments", "deletecollection deployments.apps in a"),
        ("DELETE", "/apis/apps/v1/namespaces/a/deployments/d", "delete deployments.apps in a named d"),
        ("PATCH", "/apis/apps/v1/namespaces/a/deployments/d/scale", "patch deployments.apps/scale in a named d"),
        ("GET", "/api/v1/namespaces/a/pods?watch=1&fieldSelector=metadata.name%3Dp", "watch pods in a named p"),
        ("GET", "/api/v1/nodes/n/proxy/logs/x", "get nodes/proxy named n"),
        ("GET", "/api/v1", "path get /api/v1"), ("GET", "/apis/apps/v1", "path get /apis/apps/v1"),
        ("GET", "/healthz", "path get /healthz"), ("POST", "/version", "path post /version"),
        ("GET", "/openapi/v3/apis/apps/v1", "path get /openapi/v3/apis/apps/v1"),
    ])
    func ofRequests(_ method: String, _ target: String, _ expected: String) throws {
        let request = try #require(ServerRequest(.init(method), target: target))
        let wanted = AccessAttributes(request)
        var text = "path \(wanted.verb) \(wanted.path)"
        if wanted.isResource {
            let resource = GroupResource(group: wanted.group, resource: wanted.resource)
            text = "\(wanted.verb) \(resource)\(wanted.subresource.isEmpty ? "" : "/\(wanted.subresource)")"
            if !wanted.namespace.isEmpty { text += " in \(wanted.namespace)" }
            if !wanted.name.isEmpty { text += " named \(wanted.name)" }
        }
        #expect(text == expected)
    }

    @Test("13-403-anonymous, 14-403-serviceaccount, and a path: the recorded words")
    func refusals() throws {
        let pods = AccessAttributes(verb: "list", resource: "pods")
        let status = pods.forbidden(.anonymous)
        #expect(
            String(decoding: status.value.serialized(), as: UTF8.self)
                == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the cluster scope","reason":"Forbidden","details":{"kind":"pods"},"code":403}"#
        )
        let agent = UserInfo(name: "system:serviceaccount:tx:agent")
        #expect(
            pods.forbidden(agent).message
                == #"pods is forbidden: User "system:serviceaccount:tx:agent" cannot list resource "pods" in API group "" at the cluster scope"#
        )
        let named = AccessAttributes(
            verb: "patch", group: "apps", resource: "deployments", subresource: "scale", namespace: "a", name: "d")
        #expect(
            named.forbidden(agent, reason: "RBAC: x").message
                == #"deployments.apps "d" is forbidden: User "system:serviceaccount:tx:agent" cannot patch resource "deployments/scale" in API group "apps" in the namespace "a": RBAC: x"#
        )
        let path = AccessAttributes(verb: "get", path: "/metrics")
        #expect(path.forbidden(.anonymous).message == #"forbidden: User "system:anonymous" cannot get path "/metrics""#)
    }

    @Test("Go's %q")
    func quoting() {
        #expect(GoText.quoted("a\"b\\c\n\u{1}é") == #""a\"b\\c\n\x01é""#)
        #expect(GoText.quoted(["a", "b"]) == #"["a" "b"]"#)
    }
}
