import Addressing
import KubernetesModel
import NIOCore
import NIOHTTP1
import Testing

@testable import KubernetesServer

@Suite("proxy of nodes, pods and services", .timeLimit(.minutes(3)))
struct ResourceProxyTests {
    /// Says what it was asked; streams, sends on and echoes where the path says so.
    private static let backend: @Sendable (ServerRequest) async -> ServerResponse = { request in
        switch request.segments.last {
        case "stream":
            return ServerResponse(
                body: .stream { writer in
                    for part in ["one,", "two,", "three"] { try await writer.write(Array(part.utf8)) }
                })
        case "elsewhere": return ServerResponse(status: 302, headers: ["Location": "/login?a=b"])
        case "missing": return .text("nothing here", status: 404)
        default:
            let query = request.query.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
            return .text(
                "\(request.method.name) \(request.path)?\(query) body \(request.body.count) "
                    + "from \(request.headers.first(name: "x-forwarded-uri") ?? "")")
        }
    }

    private struct Rig {
        let port: Int
        let backendPort: Int
        let store: ObjectStore

        /// Answer's status line, headers and body.
        func ask(_ method: String, _ target: String, body: String = "") async throws -> String {
            let client = try await RawClient(port: port)
            let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
            try await client.send(
                "\(method) \(target) HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\(length)\r\n\(body)")
            return try await client.receivedUntilClosed()
        }

        func put(_ collection: String, _ namespace: String, _ name: String, _ text: String) async throws {
            _ = try await store.write { (transaction) throws(Never) in
                transaction.put(
                    StoreKey(collection, namespace: namespace, name: name), uid: "u-\(name)", Array(text.utf8))
            }
        }
    }

    /// One node, one pod, three services, all at a server on 127.0.0.1; nothing listens on port 1.
    private static func withRig(
        allowsLoopback: Bool = true, _ body: (Rig) async throws -> Void
    ) async throws {
        let scratch = try ScratchStore()
        let store = scratch.store
        try await withServer(Self.backend) { backendPort, _ in
            let proxies = try ResourceProxies(
                store: store, kubelets: NodeKubelets(store: store, security: .plain), next: NothingHere(),
                allows: { allowsLoopback || !$0.isLoopback })
            try await withServer({ await proxies.handle($0) }) { port, _ in
                let rig = Rig(port: port, backendPort: backendPort, store: store)
                try await rig.put(
                    "nodes", "", "n1",
                    #"{"metadata":{"name":"n1"},"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":\#(backendPort)}}}}"#
                )
                try await rig.put(
                    "pods", "a", "p",
                    #"{"metadata":{"name":"p","namespace":"a"},"spec":{"containers":[{"name":"x"},{"name":"c","ports":[{"containerPort":\#(backendPort)}]}]},"status":{"podIPs":[{"ip":"127.0.0.1"}]}}"#
                )
                for (name, ports) in [
                    ("one", #"[{"port":80}]"#), ("two", #"[{"name":"web","port":80},{"name":"off","port":81}]"#),
                    ("none", #"[{"port":80}]"#),
                ] {
                    try await rig.put(
                        "services", "a", name,
                        #"{"metadata":{"name":"\#(name)","namespace":"a"},"spec":{"ports":\#(ports)}}"#)
                }
                try await rig.put(
                    "endpoints", "a", "one",
                    #"{"metadata":{"name":"one","namespace":"a"},"subsets":[{"addresses":[{"ip":"127.0.0.1"}],"ports":[{"port":\#(backendPort)}]}]}"#
                )
                try await rig.put(
                    "endpointslices.discovery.k8s.io", "a", "two-x",
                    #"{"metadata":{"name":"two-x","namespace":"a","labels":{"kubernetes.io/service-name":"two"}},"addressType":"IPv4","endpoints":[{"addresses":["127.0.0.9"],"conditions":{"ready":false}},{"addresses":["127.0.0.1"],"conditions":{"ready":true}}],"ports":[{"name":"web","port":\#(backendPort)}]}"#
                )
                try await body(rig)
            }
        }
    }

    @Test("The path behind proxy, the query, the method and the body arrive as they were")
    func passesOn() async throws {
        try await Self.withRig { rig in
            let nodes = "/api/v1/nodes/n1"
            let pods = "/api/v1/namespaces/a/pods"
            let services = "/api/v1/namespaces/a/services"
            for (method, target, body, expected) in [
                (
                    "GET", "\(nodes)/proxy/healthz?x=1&y=a%20b", "",
                    "GET /healthz?x=1&y=a b body 0 from \(nodes)/proxy/healthz"
                ),
                ("GET", "\(nodes):\(rig.backendPort)/proxy/", "", "GET /? body 0"),
                ("POST", "\(pods)/p/proxy/a%2Fb/?k=v", "hello", "POST /a%2Fb/?k=v body 5"),
                ("PUT", "\(pods)/p:\(rig.backendPort)/proxy/x", "", "PUT /x? body 0"),
                ("DELETE", "\(pods)/http:p:\(rig.backendPort)/proxy/x//y", "", "DELETE /x//y? body 0"),
                ("GET", "\(services)/one/proxy/s", "", "GET /s? body 0"),
                ("PATCH", "\(services)/one:80/proxy/s", "{}", "PATCH /s? body 2"),
                ("GET", "\(services)/two:web/proxy/s", "", "GET /s? body 0"),
                ("GET", "\(services)/two:80/proxy/s", "", "GET /s? body 0"),
                ("GET", "\(pods)/p/proxy/stream", "", "one,"),
                ("GET", "\(pods)/p/proxy/missing", "", "nothing here"),
                ("HEAD", "\(pods)/p/proxy/x", "", "HTTP/1.1 200 OK"),
            ] {
                let answer = try await rig.ask(method, target, body: body)
                #expect(answer.contains(expected), "\(method) \(target): \(answer)")
            }
            #expect(try await rig.ask("GET", "\(pods)/p/proxy/missing").hasPrefix("HTTP/1.1 404 "))
            let streamed = try await rig.ask("GET", "\(pods)/p/proxy/stream")
            #expect(streamed.contains("three") && streamed.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test("A proxy without a path gets its slash; a place of the backend's own is behind the proxy")
    func locations() async throws {
        try await Self.withRig { rig in
            let path = "/api/v1/namespaces/a/pods/p/proxy"
            let bare = try await rig.ask("GET", "\(path)?a=b")
            #expect(bare.hasPrefix("HTTP/1.1 301 ") && bare.contains("Location: \(path)/?a=b\r\n"), "\(bare)")
            let sent = try await rig.ask("GET", "\(path)/x/elsewhere")
            #expect(sent.hasPrefix("HTTP/1.1 302 ") && sent.contains("Location: \(path)/login?a=b\r\n"), "\(sent)")
        }
    }

    @Test("What a real server says: no such object, no such port, no endpoints, nobody there, a bad name")
    func refusals() async throws {
        try await Self.withRig { rig in
            let base = "/api/v1/namespaces/a"
            for (target, status, text) in [
                ("\(base)/pods/q/proxy/", 404, #"pods \"q\" not found"#),
                ("\(base)/pods/a:b:c:d/proxy/", 400, #"invalid pod request \"a:b:c:d\""#),
                ("\(base)/pods/ftp:p:1/proxy/", 400, #"invalid pod request \"ftp:p:1\""#),
                (
                    "\(base)/pods/p:1/proxy/", 503,
                    "error trying to reach service: error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused"
                ),
                ("\(base)/services/none/proxy/", 503, #"no endpoints available for service \"none\""#),
                ("\(base)/services/two:off/proxy/", 503, #"no endpoints available for service \"two:off\""#),
                ("\(base)/services/one:99/proxy/", 503, #"no service port 99 found for service \"one\""#),
                ("/api/v1/nodes/n2/proxy/", 404, #"nodes \"n2\" not found"#),
            ] {
                let answer = try await rig.ask("GET", target)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains(text), "\(target): \(answer)")
            }
        }
        try await Self.withRig(allowsLoopback: false) { rig in
            for target in [
                "/api/v1/namespaces/a/pods/p/proxy/", "/api/v1/namespaces/a/services/one/proxy/",
                "/api/v1/nodes/n1:1/proxy/",
            ] {
                let answer = try await rig.ask("GET", target)
                #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("address not allowed"), "\(answer)")
            }
        }
    }

    @Test(
        "Rules name the subresource; the name is the path's, with its port",
        arguments: [
            ("/api/v1/nodes/n1/proxy/metrics", "nodes", "", "n1"),
            ("/api/v1/namespaces/a/pods/p:80/proxy/x/y", "pods", "a", "p:80"),
            ("/api/v1/namespaces/a/services/https:s:web/proxy", "services", "a", "https:s:web"),
        ])
    func access(_ path: String, _ resource: String, _ namespace: String, _ name: String) throws {
        let request = try #require(ServerRequest(.post, target: path))
        let wanted = AccessAttributes(request)
        #expect(wanted.combinedResource == "\(resource)/proxy")
        #expect((wanted.verb, wanted.namespace, wanted.name) == ("create", namespace, name))
    }
}
