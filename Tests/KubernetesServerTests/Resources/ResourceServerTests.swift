import Foundation
import JSONTree
import KubernetesModel
import NIOHTTP1
import Testing

@testable import KubernetesServer

/// A server without HTTP, on a store of its own.
final class ServerUnderTest: Sendable {
    let directory = NSTemporaryDirectory() + "api-" + UUID().uuidString
    let store: ObjectStore
    let server: ResourceServer

    init() async throws {
        let store = try ObjectStore(directory: directory)
        self.store = store
        server = ResourceServer(store: store, next: NothingElse())
        try await server.prepare()
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    struct Answer {
        var status: Int
        var root: JSONNode
        var text: String
    }

    func send(
        _ method: String, _ target: String, _ body: String = "", type: String = "application/json"
    ) async throws -> Answer {
        let request = try #require(
            ServerRequest(
                ServerRequest.Method(method), target: target,
                headers: ["Content-Type": type, "User-Agent": "test/1"], body: Array(body.utf8)))
        let response = await server.handle(request)
        let text = String(decoding: try await TranscriptReplayTests.body(of: response), as: UTF8.self)
        let json = text.split(separator: "\n").first.map(String.init) ?? "null"
        return Answer(status: response.status, root: try JSONTree(parsing: json).root, text: text)
    }
}

@Suite("The embedded API")
struct ResourceServerTests {
    private let maps = "/api/v1/namespaces/default/configmaps"

    @Test("generateName finds free names, a name twice is a conflict, a namespace has to be there")
    func creating() async throws {
        let api = try await ServerUnderTest()
        var names: Set<String> = []
        for _ in 0..<20 {
            let made = try await api.send("POST", maps, #"{"metadata":{"generateName":"a-"}}"#)
            #expect(made.status == 201)
            names.insert(made.root.at("metadata", "name")?.string ?? "")
        }
        #expect(names.count == 20)
        #expect(names.allSatisfy { $0.hasPrefix("a-") && $0.utf8.count == 7 })
        let first = try await api.send("POST", maps, #"{"metadata":{"name":"x"}}"#)
        let second = try await api.send("POST", maps, #"{"metadata":{"name":"x"}}"#)
        #expect(first.status == 201 && second.status == 409)
        let nowhere = try await api.send("POST", "/api/v1/namespaces/none/configmaps", #"{"metadata":{"name":"x"}}"#)
        #expect(nowhere.status == 404)
        let nameless = try await api.send("POST", maps, "{}")
        #expect(nameless.status == 422)
        #expect(nameless.root.at("details", "causes")?[0]?.member("field")?.string == "metadata.name")
    }

    @Test("pages of a list are one moment, whatever is written between them")
    func paging() async throws {
        let api = try await ServerUnderTest()
        for index in 10..<35 { _ = try await api.send("POST", maps, #"{"metadata":{"name":"m\#(index)"}}"#) }
        var names: [String] = []
        var token = ""
        var versions: Set<String> = []
        repeat {
            let page = try await api.send("GET", "\(maps)?limit=7&continue=\(token)")
            #expect(page.status == 200)
            names += page.root.member("items")?.elements.compactMap { $0.at("metadata", "name")?.string } ?? []
            versions.insert(page.root.at("metadata", "resourceVersion")?.string ?? "")
            token = page.root.at("metadata", "continue")?.string ?? ""
            _ = try await api.send("POST", maps, #"{"metadata":{"generateName":"m1-"}}"#)
            _ = try await api.send("DELETE", "\(maps)/m34")
        } while !token.isEmpty
        #expect(names == (10..<35).map { "m\($0)" })
        #expect(versions.count == 1)
    }

    @Test("to a watcher with a selector an object that leaves the selection is deleted, and is new when it comes back")
    func watchingWithSelector() async throws {
        let api = try await ServerUnderTest()
        let start = api.store.revision
        _ = try await api.send("POST", maps, #"{"metadata":{"name":"a","labels":{"t":"1"}}}"#)
        for label in ["2", "1", "1"] {
            _ = try await api.send(
                "PATCH", "\(maps)/a",
                #"{"metadata":{"labels":{"t":"\#(label)"}},"data":{"n":"\#(api.store.revision)"}}"#,
                type: "application/merge-patch+json")
        }
        _ = try await api.send("DELETE", "\(maps)/a")
        let watch = try await api.send(
            "GET", "\(maps)?watch=1&labelSelector=t%3D1&resourceVersion=\(start)&timeoutSeconds=1")
        let lines = try watch.text.split(separator: "\n").map { try JSONTree(parsing: String($0)).root }
        #expect(lines.map { $0.member("type")?.string } == ["ADDED", "DELETED", "ADDED", "MODIFIED", "DELETED"])
        let left = lines[1].member("object")
        #expect(left?.at("metadata", "labels", "t")?.string == "1", "the state before it left")
        let versions = lines.compactMap {
            $0.at("object", "metadata", "resourceVersion")?.string.flatMap { UInt64($0) }
        }
        #expect(versions == versions.sorted() && Set(versions).count == 5)
    }

    @Test("finalizers hold an object; the update that removes the last lets it go")
    func finalizers() async throws {
        let api = try await ServerUnderTest()
        _ = try await api.send("POST", maps, #"{"metadata":{"name":"a","finalizers":["x.dev/f"]}}"#)
        let marked = try await api.send("DELETE", "\(maps)/a")
        #expect(marked.status == 200)
        #expect(marked.root.at("metadata", "deletionTimestamp")?.string != nil)
        let more = try await api.send(
            "PATCH", "\(maps)/a", #"{"metadata":{"finalizers":["x.dev/f","x.dev/g"]}}"#,
            type: "application/merge-patch+json")
        #expect(more.status == 422)
        let done = try await api.send(
            "PATCH", "\(maps)/a", #"{"metadata":{"finalizers":null}}"#, type: "application/merge-patch+json")
        #expect(done.status == 200)
        let gone = try await api.send("GET", "\(maps)/a")
        #expect(gone.status == 404)
    }

    @Test("a namespace is emptied before it goes, and takes nothing in meanwhile")
    func namespaces() async throws {
        let api = try await ServerUnderTest()
        _ = try await api.send("POST", "/api/v1/namespaces", #"{"metadata":{"name":"n1"}}"#)
        _ = try await api.send(
            "POST", "/api/v1/namespaces/n1/configmaps", #"{"metadata":{"name":"a","finalizers":["x.dev/f"]}}"#)
        _ = try await api.send(
            "POST", "/api/v1/namespaces/n1/services", #"{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}"#)
        let marked = try await api.send("DELETE", "/api/v1/namespaces/n1")
        #expect(marked.root.at("status", "phase")?.string == "Terminating")
        let isWaiting = await api.server.emptyNamespaces()
        #expect(isWaiting, "the finalizer of the map holds it")
        let late = try await api.send("POST", "/api/v1/namespaces/n1/configmaps", #"{"metadata":{"name":"b"}}"#)
        #expect(late.status == 403)
        let services = try await api.send("GET", "/api/v1/namespaces/n1/services")
        #expect(services.root.member("items")?.count == 0)
        _ = try await api.send(
            "PATCH", "/api/v1/namespaces/n1/configmaps/a", #"{"metadata":{"finalizers":[]}}"#,
            type: "application/merge-patch+json")
        let isStillWaiting = await api.server.emptyNamespaces()
        #expect(!isStillWaiting)
        let gone = try await api.send("GET", "/api/v1/namespaces/n1")
        #expect(gone.status == 404)
    }

    @Test("pods on nodes get their grace period, others go at once; bindings happen once")
    func pods() async throws {
        let api = try await ServerUnderTest()
        let pods = "/api/v1/namespaces/default/pods"
        for name in ["a", "b"] {
            let made = try await api.send(
                "POST", pods, #"{"metadata":{"name":"\#(name)"},"spec":{"containers":[{"name":"c","image":"i"}]}}"#)
            #expect(made.status == 201)
        }
        let binding = #"{"metadata":{"name":"a"},"target":{"kind":"Node","name":"w1"}}"#
        let bound = try await api.send("POST", "\(pods)/a/binding", binding)
        let again = try await api.send("POST", "\(pods)/a/binding", binding)
        #expect(bound.status == 201 && again.status == 409)
        let graceful = try await api.send("DELETE", "\(pods)/a", #"{"gracePeriodSeconds":5}"#)
        #expect(graceful.root.at("metadata", "deletionGracePeriodSeconds")?.int == 5)
        let free = try await api.send("DELETE", "\(pods)/b")
        let rest = try await api.send("GET", pods)
        #expect(free.status == 200 && rest.root.member("items")?.count == 1)
        let forced = try await api.send("DELETE", "\(pods)/a", #"{"gracePeriodSeconds":0}"#)
        let nothing = try await api.send("GET", pods)
        #expect(forced.status == 200 && nothing.root.member("items")?.count == 0)
    }

    @Test("annotations of a node can be written through its status, its spec cannot")
    func nodeStatus() async throws {
        let api = try await ServerUnderTest()
        _ = try await api.send("POST", "/api/v1/nodes", #"{"metadata":{"name":"w1"}}"#)
        let patched = try await api.send(
            "PATCH", "/api/v1/nodes/w1/status",
            #"{"metadata":{"annotations":{"x.dev/mac":"1"}},"spec":{"unschedulable":true},"status":{"phase":"Running"}}"#,
            type: "application/strategic-merge-patch+json")
        #expect(patched.root.at("metadata", "annotations", "x.dev/mac")?.string == "1")
        #expect(patched.root.at("spec", "unschedulable") == nil)
        #expect(patched.root.at("status", "phase")?.string == "Running")
    }

    @Test(
        "what is asked wrongly is told as a real server tells it",
        arguments: [
            ("GET", "/api/v1/pods?labelSelector=a+b", 400), ("GET", "/api/v1/pods?fieldSelector=x", 400),
            ("GET", "/api/v1/pods?resourceVersionMatch=Exact", 422), ("GET", "/api/v1/nothing", 404),
            ("POST", "/api/v1/pods", 405), ("PUT", "/api/v1/namespaces", 405), ("GET", "/apis/x.dev/v1/y", 404),
            ("GET", "/api/v1/namespaces/default/nodes", 404), ("PATCH", "/api/v1/namespaces/default", 415),
            ("DELETE", "/api/v1/namespaces/none", 404), ("POST", "/api/v1/namespaces?dryRun=x", 422),
        ])
    func mistakes(method: String, target: String, status: Int) async throws {
        let api = try await ServerUnderTest()
        let answer = try await api.send(method, target, method == "GET" ? "" : "{}", type: "application/x")
        let wanted = method == "POST" && status == 422 ? 422 : status
        #expect(answer.status == wanted, "\(answer.text)")
        #expect(answer.root.member("kind")?.string == "Status")
    }
}

@Suite("What a cluster begins with")
struct ClusterObjectsTests {
    @Test(
        "an address that others can reach stands behind the service of the API server",
        arguments: [
            ("10.0.0.5:6443", "10.0.0.5"), ("[fd00::1]:6443", "fd00::1"), ("127.0.0.1:6443", nil),
            ("0.0.0.0:6443", nil),
            ("10.0.0.5:0", nil), ("", nil), ("localhost:6443", nil),
        ] as [(String, String?)])
    func endpoints(address: String, ip: String?) throws {
        let objects = ClusterObjects.endpoints(address)
        #expect(objects.count == (ip == nil ? 0 : 2))
        for (key, object) in objects {
            let root = try object.tree().root
            if key.collection == "endpoints" {
                let found = try Endpoints(decoding: root).subsets[0].addresses[0].ip
                #expect("\(found)" == ip)
            } else {
                let slice = try EndpointSlice(decoding: root)
                #expect(slice.endpoints[0].addresses == [ip] && slice.serviceName == "kubernetes")
                #expect(slice.addressType == (address.hasPrefix("[") ? "IPv6" : "IPv4"))
            }
        }
    }
}

@Suite("Addresses and ports of services")
struct ServiceAllocationTests {
    private func allocate(
        _ spec: String, old: String? = nil, taken: [String] = []
    ) throws -> (spec: JSONNode, errors: [String]) {
        let service = JSONValue.node(try JSONTree(parsing: #"{"spec":\#(spec)}"#).root)
        let before = try old.map { JSONValue.node(try JSONTree(parsing: #"{"spec":\#($0)}"#).root) }
        let others = try taken.map { try JSONTree(parsing: #"{"spec":\#($0)}"#).root }
        let result = ServiceAllocation().allocated(
            service, old: before, key: ObjectKey(namespace: "n", name: "s"), taken: ServiceAllocation.Taken(others))
        let root = try result.service.tree().root
        return (try #require(root.member("spec")), result.errors.map(\.description))
    }

    @Test("the same service gets the same address, unless it is taken")
    func deterministic() throws {
        let first = try allocate(#"{"ports":[{"port":80}]}"#)
        let second = try allocate(#"{"ports":[{"port":80}]}"#)
        let address = try #require(first.spec.member("clusterIP")?.string)
        #expect(address == second.spec.member("clusterIP")?.string)
        let third = try allocate(#"{"ports":[{"port":80}]}"#, taken: [#"{"clusterIPs":["\#(address)"]}"#])
        #expect(third.spec.member("clusterIP")?.string != address)
        #expect(first.errors.isEmpty && third.errors.isEmpty)
    }

    private static let requests: [(String, String?, [String])] = [
        (#"{"clusterIP":"None","ports":[]}"#, "None", []),
        (#"{"clusterIP":"10.96.7.7"}"#, "10.96.7.7", []),
        (
            #"{"clusterIP":"10.96.0.1"}"#, nil,
            [
                #"spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated"#
            ]
        ),
        (
            #"{"clusterIP":"x"}"#, nil,
            [
                #"spec.clusterIPs[0]: Invalid value: ["x"]: must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#
            ]
        ),
        (
            #"{"type":"NodePort","ports":[{"port":80,"nodePort":30001}]}"#, nil,
            ["spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated"]
        ),
        (
            #"{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}"#, nil,
            [
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767"
            ]
        ),
        (#"{"type":"NodePort","ports":[{"port":80,"nodePort":30001,"protocol":"UDP"}]}"#, nil, []),
    ]

    @Test("what is asked for is given or refused with the field", arguments: requests.indices)
    func asked(index: Int) throws {
        let (spec, address, errors) = Self.requests[index]
        let result = try allocate(
            spec, taken: [#"{"clusterIPs":["10.96.0.1"],"ports":[{"nodePort":30001,"protocol":"TCP"}]}"#])
        #expect(result.errors == errors)
        if let address { #expect(result.spec.member("clusterIP")?.string == address) }
    }

    @Test("an update keeps what the service has; a type without node ports gives them up")
    func updates() throws {
        let old =
            #"{"type":"NodePort","clusterIP":"10.96.1.1","clusterIPs":["10.96.1.1"],"ports":[{"port":80,"protocol":"TCP","nodePort":30100}]}"#
        let kept = try allocate(#"{"type":"NodePort","ports":[{"port":80,"protocol":"TCP"}]}"#, old: old)
        #expect(kept.spec.member("clusterIP")?.string == "10.96.1.1")
        #expect(kept.spec.member("ports")?[0]?.member("nodePort")?.int == 30100)
        let changed = try allocate(#"{"type":"ClusterIP","clusterIP":"10.96.1.2","ports":[{"port":80}]}"#, old: old)
        #expect(changed.errors.count == 1 && changed.errors[0].hasSuffix("may not change once set"))
        let dual = try allocate(#"{"ipFamilyPolicy":"RequireDualStack","ports":[{"port":80}]}"#)
        #expect(dual.spec.member("clusterIPs")?.count == 2)
        let external = try allocate(#"{"type":"ExternalName","externalName":"x.dev"}"#, old: old)
        #expect(external.spec.member("clusterIP") == nil)
    }
}

@Suite("Paths of the API")
struct ResourceRouteTests {
    @Test(
        "taken apart",
        arguments: [
            ("/api/v1/pods", "pods", nil, ""), ("/api/v1/namespaces/n/pods", "pods", "n", ""),
            ("/api/v1/namespaces/n/pods/p/log", "pods", "n", "p/log"),
            ("/api/v1/namespaces/n", "namespaces", nil, "n/"),
            ("/api/v1/namespaces/n/status", "namespaces", nil, "n/status"),
            ("/api/v1/namespaces/n/finalize", "namespaces", nil, "n/finalize"),
            ("/apis/apps/v1/namespaces/n/deployments/d/scale", "deployments", "n", "d/scale"),
            ("/api/v1/namespaces/n/services/s/proxy/a/b", "services", "n", "s/proxy/a/b"),
        ] as [(String, String, String?, String)])
    func objects(path: String, resource: String, namespace: String?, rest: String) {
        switch ResourceRoute(path.split(separator: "/").map(String.init)) {
        case .collection(let target):
            #expect(target.gvr.resource == resource && target.namespace == namespace && rest.isEmpty)
        case .object(let target, let name, let subresource):
            #expect(target.gvr.resource == resource && target.namespace == namespace)
            #expect(rest == "\(name)/\(subresource)")
        default: Issue.record("no route for \(path)")
        }
    }
}
