import JSONTree
import KubernetesClient
import KubernetesModel
import Logging
import NIOCore
import Testing

@testable import KubernetesServer

/// Every call of our client against our server, over a connection.
@Suite struct ClientTourTests {
    private final class Served: Sendable {
        let scratch: ScratchStore
        let http: HTTPServer
        let transport: HTTPTransport
        let client: ClusterClient

        init() async throws {
            scratch = try ScratchStore()
            let resources = ResourceServer(store: scratch.store, next: NothingHere())
            try await resources.prepare()
            http = try await HTTPServer.start(
                ServiceEndpoints(checks: [], next: resources), host: "127.0.0.1", port: 0, security: nil,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            transport = HTTPTransport(
                ClusterConnection(
                    server: ServerAddress(scheme: .http, host: "127.0.0.1", port: http.address.port ?? 0),
                    requestTimeout: .seconds(300)))
            client = ClusterClient(transport, requestTimeout: .seconds(300))
        }

        func stop() async {
            await transport.close()
            await http.shutdown(grace: .zero)
        }
    }

    private static let maps = GroupVersionResource(version: "v1", resource: "configmaps")

    private func map(_ name: String, _ value: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name), "labels": ["app": "web"]],
            "data": ["k": .string(value)],
        ]
    }

    private func value(_ node: JSONNode) -> String? { node.member("data")?.member("k")?.string }

    private func version(_ node: JSONNode) -> String {
        node.member("metadata")?.member("resourceVersion")?.string ?? ""
    }

    @Test func everyVerb() async throws {
        let served = try await Served()
        let maps = served.client.collection(Self.maps, namespace: "default")
        let created = try await maps.create(map("a", "1"))
        #expect(value(created) == "1")
        do {
            _ = try await maps.create(map("a", "1"))
            Issue.record("it is there already")
        } catch { #expect(error.status?.isAlreadyExists == true) }

        let merged = try await maps.patch("a", .merge(["data": ["k": "2"]]))
        #expect(value(merged) == "2")
        let patched = try await maps.patch("a", .json([["op": "replace", "path": "/data/k", "value": "3"]]))
        #expect(value(patched) == "3")
        let strategic = try await maps.patch("a", .strategic(["metadata": ["annotations": ["x": "y"]]]))
        #expect(strategic.member("metadata")?.member("labels")?.member("app")?.string == "web")
        do {
            _ = try await maps.replace("a", with: JSONValue(created))
            Issue.record("that version is old")
        } catch { #expect(error.status?.isConflict == true) }
        let updated = try await maps.update("a") { node throws(KubernetesFailure) in
            JSONValue(node).settingMember("data", to: ["k": "4"])
        }
        #expect(value(updated) == "4")
        do {
            _ = try await maps.apply("a", map("a", "5"), KubernetesClient.WriteOptions(fieldManager: "other"))
            Issue.record("another manager owns the field")
        } catch {
            #expect(error.status?.causes.first?.field == ".data.k")
            #expect(error.status?.isConflict == true)
        }
        let applied = try await maps.apply(
            "a", map("a", "5"), force: true, KubernetesClient.WriteOptions(fieldManager: "other"))
        #expect(value(applied) == "5")
        let dry = try await maps.create(map("b", "1"), KubernetesClient.WriteOptions(isDryRun: true))
        #expect(value(dry) == "1")
        let absent = try await maps.find("b")
        #expect(absent == nil)

        do {
            try await maps.delete("a", DeleteOptions(uid: "00000000-0000-0000-0000-000000000000"))
            Issue.record("that is another object")
        } catch { #expect(error.status?.isConflict == true) }
        try await maps.delete("a")
        let gone = try await maps.find("a")
        #expect(gone == nil)
        await served.stop()
    }

    @Test func listsPagesAndTypes() async throws {
        let served = try await Served()
        let maps = served.client.collection(Self.maps, namespace: "default")
        for index in 0..<7 { _ = try await maps.create(map("m\(index)", "\(index)")) }
        var sizes: [Int] = []
        for try await page in maps.pages(ListOptions(labelSelector: "app=web", limit: 3)) {
            sizes.append(page.items.count)
        }
        #expect(sizes == [3, 3, 1])
        let all = try await maps.all(ListOptions(fieldSelector: "metadata.name!=m3", limit: 2))
        let names = all.items.compactMap { $0.member("metadata")?.member("name")?.string }
        #expect(names.filter { $0.hasPrefix("m") } == ["m0", "m1", "m2", "m4", "m5", "m6"])
        let typed = try await served.client.list(
            ConfigMap.self, namespace: "default", ListOptions(labelSelector: "app"))
        #expect(typed.objects.map { $0.data["k"] } == (0..<7).map { String($0) })
        try await maps.deleteCollection(ListOptions(labelSelector: "app=web", limit: nil))
        let left = try await maps.all(ListOptions(labelSelector: "app=web"))
        #expect(left.items.isEmpty)
        await served.stop()
    }

    @Test func aWatchFromAList() async throws {
        let served = try await Served()
        let maps = served.client.collection(Self.maps, namespace: "default")
        _ = try await maps.create(map("a", "1"))
        let list = try await maps.all()
        let frames = try await maps.watch(WatchOptions(labelSelector: "app=web", resourceVersion: list.resourceVersion))
        _ = try await maps.patch("a", .merge(["data": ["k": .string(String(repeating: "x", count: 200_000))]]))
        _ = try await maps.create(map("b", "1"))
        _ = try await maps.delete("a")
        var seen: [String] = []
        for try await frame in frames {
            if case .change(let change, let object) = frame {
                seen.append("\(change.rawValue) \(object.member("metadata")?.member("name")?.string ?? "")")
            }
            if seen.count == 3 { break }
        }
        #expect(seen == ["MODIFIED a", "ADDED b", "DELETED a"])
        await served.stop()
    }

    @Test func discoveryNamesWhatIsServed() async throws {
        let served = try await Served()
        let discovery = KubernetesClient.Discovery(served.client)
        let pods = try await discovery.resource(named: "po")
        #expect(pods?.resource == Pod.resource)
        #expect(pods?.isNamespaced == true)
        let policies = try await discovery.resource(named: "netpol")
        #expect(policies?.kind.description == "networking.k8s.io/v1 NetworkPolicy")
        let leases = try await discovery.resource(of: Lease.gvk)
        #expect(leases?.resource == Lease.resource)
        let version = try await served.client.serverVersion()
        #expect(version.major == "1")
        await served.stop()
    }

    @Test func leadersOneAfterTheOther() async throws {
        let served = try await Served()
        let client = served.client
        let (stream, signal) = AsyncStream<FencingToken>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            for name in ["a", "b"] {
                group.addTask {
                    let election = LeaderElection(
                        client, namespace: "kube-system", name: "poplin", identity: name, leaseDuration: .seconds(60),
                        renewDeadline: .seconds(40), retryPeriod: .milliseconds(100))
                    await election.run { leadership in
                        let isVerified = try? await leadership.verify()
                        #expect(isVerified == true)
                        signal.yield(leadership.token)
                    }
                }
            }
        }
        signal.finish()
        var tokens: [Int] = []
        for await token in stream { tokens.append(token.transitions) }
        #expect(tokens == [0, 1])
        await served.stop()
    }

    @Test(arguments: [EventRecorder.API.events, .core])
    func eventsOfBothAPIs(_ api: EventRecorder.API) async throws {
        let served = try await Served()
        let recorder = EventRecorder(served.client, controller: "poplin.dev/test", instance: "n1", api: api)
        let note = EventNote(
            .warning, regarding: ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "default", name: "p"),
            reason: "MTUTooLarge", action: "Probing", note: "the path takes 1400 bytes")
        recorder.record(note)
        recorder.record(note)
        recorder.finish()
        await recorder.run()
        #expect(recorder.counts == EventRecorder.Counts(sent: 2))
        let group = api == .events ? "events.k8s.io" : ""
        let events = try await served.client.collection(
            GroupVersionResource(group: group, version: "v1", resource: "events"), namespace: "default"
        ).all()
        let mine = events.items.first { $0.member("reason")?.string == "MTUTooLarge" }
        switch api {
        case .events: #expect(mine?.member("series")?.member("count")?.int == 2)
        case .core: #expect(mine?.member("count")?.int == 2)
        }
        await served.stop()
    }
}
