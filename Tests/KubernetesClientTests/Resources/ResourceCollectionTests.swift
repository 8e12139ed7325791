import JSONTree
import KubernetesClient
import KubernetesModel
import Synchronization
import Testing

@Suite struct ResourceCollectionTests {
    private static let pods = GroupVersionResource(version: "v1", resource: "pods")
    private static let policies = GroupVersionResource(
        group: "networking.k8s.io", version: "v1", resource: "networkpolicies")

    private func line(_ request: KubernetesRequest?) -> String {
        request.map { "\($0.method.rawValue) \($0.target) \($0.headers["Content-Type"] ?? "-")" } ?? ""
    }

    private func body(_ request: KubernetesRequest?) -> String {
        String(decoding: request?.body ?? [], as: UTF8.self)
    }

    @Test func everyVerbAsItIsSent() async throws {
        let transport = ScriptedTransport { _ in ScriptedTransport.json(200, "{}") }
        let client = ClusterClient(transport)
        let web = client.collection(Self.pods, namespace: "web")
        let all = client.collection(Self.policies)
        let object: JSONValue = ["a": 1]
        _ = try await web.get("p")
        _ = try await web.get("p", subresource: "status")
        _ = try await all.page(
            ListOptions(labelSelector: "a=b,c", fieldSelector: "x=y", limit: 2, resourceVersion: "0"))
        _ = try await web.create(object, WriteOptions(isDryRun: true, fieldValidation: .strict))
        _ = try await web.replace("p", with: object, subresource: "status")
        _ = try await web.patch("p", .json([["op": "remove", "path": "/a"]]))
        _ = try await web.patch("p", .merge(object), WriteOptions(fieldManager: "me"))
        _ = try await web.patch("p", .strategic(object))
        _ = try await web.apply("p", object, force: true)
        _ = try await web.patch("p", .merge(["spec": ["replicas": 2]]), subresource: "scale")
        _ = try await web.delete(
            "p", DeleteOptions(gracePeriodSeconds: 0, propagation: .foreground, uid: "u", resourceVersion: "7"))
        _ = try await web.deleteCollection(ListOptions(labelSelector: "a", limit: nil), DeleteOptions(isDryRun: true))
        _ = try await web.watch(
            WatchOptions(resourceVersion: "7", sendsInitialEvents: true, timeoutSeconds: 300))
        let requests = transport.requests
        #expect(
            requests.map(line) == [
                "GET /api/v1/namespaces/web/pods/p -",
                "GET /api/v1/namespaces/web/pods/p/status -",
                "GET /apis/networking.k8s.io/v1/networkpolicies?labelSelector=a%3Db%2Cc&fieldSelector=x%3Dy&limit=2&resourceVersion=0 -",
                "POST /api/v1/namespaces/web/pods?fieldManager=poplin&dryRun=All&fieldValidation=Strict application/json",
                "PUT /api/v1/namespaces/web/pods/p/status?fieldManager=poplin application/json",
                "PATCH /api/v1/namespaces/web/pods/p?fieldManager=poplin application/json-patch+json",
                "PATCH /api/v1/namespaces/web/pods/p?fieldManager=me application/merge-patch+json",
                "PATCH /api/v1/namespaces/web/pods/p?fieldManager=poplin application/strategic-merge-patch+json",
                "PATCH /api/v1/namespaces/web/pods/p?fieldManager=poplin&force=true application/apply-patch+yaml",
                "PATCH /api/v1/namespaces/web/pods/p/scale?fieldManager=poplin application/merge-patch+json",
                "DELETE /api/v1/namespaces/web/pods/p application/json",
                "DELETE /api/v1/namespaces/web/pods?labelSelector=a application/json",
                "GET /api/v1/namespaces/web/pods?watch=true&resourceVersion=7&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=300 -",
            ])
        #expect(
            body(requests[10])
                == #"{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Foreground","preconditions":{"uid":"u","resourceVersion":"7"}}"#
        )
        #expect(body(requests[11]) == #"{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}"#)
        #expect(requests[12].isStream)
    }

    /// A server of five objects that forgets its lists after `pages` pages.
    private func server(forgetsAfter pages: Int) -> ScriptedTransport {
        let count = Mutex(0)
        return ScriptedTransport { request in
            let token = request.query.first { $0.name == "continue" }?.value
            let limit = request.query.first { $0.name == "limit" }.flatMap { Int($0.value) } ?? 100
            let page = count.withLock { count in
                count += 1
                return count
            }
            if token != nil, page > pages {
                return ScriptedTransport.json(
                    410, #"{"kind":"Status","code":410,"reason":"Expired","message":"too old"}"#)
            }
            let first = Int(token ?? "0") ?? 0
            let items = (first..<min(first + limit, 5)).map { #"{"metadata":{"name":"p\#($0)"}}"# }
            let next = first + limit < 5 ? #","continue":"\#(first + limit)","remainingItemCount":1"# : ""
            return ScriptedTransport.json(
                200, #"{"metadata":{"resourceVersion":"9"\#(next)},"items":[\#(items.joined(separator: ","))]}"#)
        }
    }

    @Test func pagesAreAskedForOneByOne() async throws {
        let transport = server(forgetsAfter: 99)
        let pages = ClusterClient(transport).collection(Self.pods).pages(ListOptions(limit: 2))
        var sizes: [Int] = []
        for try await page in pages {
            sizes.append(page.items.count)
            #expect(transport.requests.count == sizes.count, "the next page is asked for when it is wanted")
        }
        #expect(sizes == [2, 2, 1])
    }

    @Test func aForgottenListIsAskedForInOnePiece() async throws {
        let transport = server(forgetsAfter: 2)
        let list = try await ClusterClient(transport).collection(Self.pods).all(ListOptions(limit: 2))
        let names = list.items.map { $0.member("metadata")?.member("name")?.string ?? "" }
        #expect(names == ["p0", "p1", "p2", "p3", "p4"], "none twice")
        #expect(list.resourceVersion == "9")
        #expect(transport.requests.last?.query == [])
        #expect(transport.requests.count == 4)

        var failure: KubernetesFailure?
        do {
            for try await _ in ClusterClient(server(forgetsAfter: 2)).collection(Self.pods).pages(ListOptions(limit: 2))
            {}
        } catch { failure = error }
        #expect(failure?.status?.isGone == true)
    }

    @Test func anUpdateIsTriedAgainWhenSomebodyWroteInBetween() async throws {
        let count = Mutex(0)
        let transport = ScriptedTransport { request in
            if request.method == .get {
                let version = count.withLock { $0 }
                return ScriptedTransport.json(200, #"{"metadata":{"resourceVersion":"\#(version)"},"unknown":true}"#)
            }
            let isLate = count.withLock { count in
                count += 1
                return count < 3
            }
            return isLate
                ? ScriptedTransport.json(409, #"{"reason":"Conflict","code":409}"#)
                : KubernetesResponse(status: 200, body: KubernetesBody(request.body ?? []))
        }
        let pods = ClusterClient(transport).collection(Self.pods, namespace: "a")
        let node = try await pods.update("p") { node throws(KubernetesFailure) in
            JSONValue(node).settingMember("mine", to: 1)
        }
        #expect(JSONValue(node).text == #"{"metadata":{"resourceVersion":"2"},"unknown":true,"mine":1}"#)
        #expect(transport.requests.count == 6)
    }

    @Test func warningsAreTold() async throws {
        let transport = ScriptedTransport { _ in
            KubernetesResponse(
                status: 200,
                headers: [KubernetesField("Warning", #"299 - "a \"b\" \\c""#), KubernetesField("warning", "x")],
                body: KubernetesBody(Array("{}".utf8)))
        }
        let told = Mutex<[String]>([])
        let client = ClusterClient(transport) { warning in told.withLock { $0.append(warning) } }
        _ = try await client.collection(Self.pods).get("p")
        #expect(told.withLock { $0 } == [#"a "b" \c"#])
    }

    @Test func anObjectThatDoesNotFitItsKindIsNamed() async throws {
        let transport = ScriptedTransport { _ in
            ScriptedTransport.json(200, #"{"metadata":{"name":"l"},"spec":{"leaseTransitions":"many"}}"#)
        }
        var failure: KubernetesFailure?
        do {
            _ = try await ClusterClient(transport).get(Lease.self, ObjectKey(namespace: "a", name: "l"))
        } catch { failure = error }
        guard case .malformed(let text)? = failure?.kind else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(text.hasPrefix("Lease l: spec.leaseTransitions: Invalid value"))
    }
}
