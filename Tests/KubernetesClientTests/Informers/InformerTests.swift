import JSONTree
import KubernetesModel
import Synchronization
import Testing

@testable import KubernetesClient

/// The runner, over a transport that answers from a function.
@Suite struct InformerTests {
    static let maps = GroupVersionResource(version: "v1", resource: "configmaps")

    /// Answers each request with what the function says; keeps the targets.
    final class FunctionTransport: KubernetesTransport {
        let targets = Mutex<[String]>([])
        let answer: @Sendable (KubernetesRequest, Int) async throws(KubernetesFailure) -> KubernetesResponse

        init(
            _ answer:
                @escaping @Sendable (KubernetesRequest, Int) async throws(KubernetesFailure) -> KubernetesResponse
        ) {
            self.answer = answer
        }

        func send(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
            let number = targets.withLock { targets in
                targets.append(request.target)
                return targets.count - 1
            }
            return try await answer(request, number)
        }
    }

    /// A body that says nothing until it is cancelled.
    struct SilentReader: KubernetesBodyReader {
        var first: [[UInt8]]

        mutating func next(isolation actor: isolated (any Actor)?) async throws(KubernetesFailure) -> [UInt8]? {
            if !first.isEmpty { return first.removeFirst() }
            do { try await Task.sleep(for: .seconds(3600)) } catch { throw KubernetesFailure(.cancelled) }
            return nil
        }
    }

    static func silence(after chunks: [String] = []) -> KubernetesResponse {
        KubernetesResponse(status: 200, body: KubernetesBody { SilentReader(first: chunks.map { Array($0.utf8) }) })
    }

    static func list(_ cluster: SimulatedCluster) -> KubernetesResponse {
        guard case .body(let text) = cluster.list(.init(limit: 0, continuation: "", resourceVersion: nil)) else {
            return KubernetesResponse(status: 500)
        }
        return KubernetesResponse(status: 200, body: KubernetesBody(Array(text.utf8)))
    }

    static func cluster() -> SimulatedCluster {
        var cluster = SimulatedCluster()
        for name in ["a", "b", "c"] { cluster.write(ObjectKey(namespace: "tx", name: name), payload: 0) }
        return cluster
    }

    static var quick: ReflectorSettings {
        var settings = ReflectorSettings()
        settings.usesWatchList = false
        settings.backoff = Backoff(base: .milliseconds(1), limit: .milliseconds(20))
        return settings
    }

    static func informer(
        over transport: any KubernetesTransport, _ settings: ReflectorSettings = quick
    ) -> Informer<SimulatedValue> {
        Informer(
            InformerScope(maps, namespace: "tx", labelSelector: "app=web,tier in (a,b)", fieldSelector: "x=y"),
            projection: SimulatedValue.projection, indices: [.byNamespace], over: transport, settings: settings)
    }

    @Test func `what is asked for`() async throws {
        let cluster = Self.cluster()
        let transport = FunctionTransport { (_, number) async throws(KubernetesFailure) in
            number == 0 ? Self.list(cluster) : Self.silence()
        }
        let informer = Self.informer(over: transport)
        let running = Task { await informer.run() }
        try await informer.waitUntilSynced()
        var asked: [String] = []
        while asked.count < 2 {
            asked = transport.targets.withLock { $0 }
            await Task.yield()
        }
        let selectors = "labelSelector=app%3Dweb%2Ctier%20in%20%28a%2Cb%29&fieldSelector=x%3Dy"
        #expect(asked[0] == "/api/v1/namespaces/tx/configmaps?\(selectors)&limit=500")
        #expect(
            asked[1].hasPrefix(
                "/api/v1/namespaces/tx/configmaps?\(selectors)&watch=1&allowWatchBookmarks=true&resourceVersion=103&timeoutSeconds="
            ))
        running.cancel()
        await running.value
    }

    @Test func `reads, indices, and subscribers early and late`() async throws {
        let cluster = Self.cluster()
        var later = cluster
        later.delete(ObjectKey(namespace: "tx", name: "b"))
        let events = later.changes(after: 103).map { later.event($0.type.rawValue, $0.object) }
        let transport = FunctionTransport { (_, number) async throws(KubernetesFailure) in
            number == 0 ? Self.list(cluster) : Self.silence(after: events)
        }
        let informer = Self.informer(over: transport)
        let early = informer.subscribe()
        #expect(!informer.hasSynced && informer.count == 0 && informer.freshness.age == nil)
        let running = Task { await informer.run() }
        var checker = TransitionChecker()
        while checker.state.count != 2 || !checker.wasSynced {
            let event = try #require(await early.next())
            let wrong = checker.take(event)
            #expect(wrong == nil)
        }
        #expect(checker.comings.filter { $0.hasPrefix("+") }.count == 3)
        #expect(informer.count == 2 && informer.values("namespace", "tx").count == 2)
        #expect(informer[ObjectKey(namespace: "tx", name: "a")]?.version == "101")
        let late = informer.subscribe()
        var told = TransitionChecker()
        while let event = late.poll() {
            let wrong = told.take(event)
            #expect(wrong == nil)
        }
        #expect(told.wasSynced && told.state == checker.state)
        #expect(informer.freshness.isWatching && informer.freshness.version?.text == "104")
        #expect(informer.freshness.trouble == nil)
        running.cancel()
        await running.value
        #expect(await early.next() == nil)
    }

    @Test func `a half-open connection is given up and asked anew`() async throws {
        let cluster = Self.cluster()
        let transport = FunctionTransport { (_, number) async throws(KubernetesFailure) in
            switch number {
            case 0: Self.silence()
            case 1: Self.silence(after: ["{\"kind\":\"ConfigMapList\""])
            case 2: Self.list(cluster)
            case 3:
                // No head at all.
                try await { () async throws(KubernetesFailure) in
                    do { try await Task.sleep(for: .seconds(3600)) } catch { throw KubernetesFailure(.cancelled) }
                    return Self.silence()
                }()
            default: Self.silence(after: [cluster.bookmark(110, endsInitialEvents: false)])
            }
        }
        var settings = Self.quick
        settings.listPatience = .milliseconds(30)
        settings.headPatience = .milliseconds(30)
        let informer = Self.informer(over: transport, settings)
        let running = Task { await informer.run() }
        try await informer.waitUntilSynced()
        while informer.freshness.version?.text != "110" { try await Task.sleep(for: .milliseconds(2)) }
        #expect(informer.counters.reflector.silences >= 3)
        running.cancel()
        await running.value
    }

    @Test(arguments: 0..<4) func `cancelling ends it, wherever it is`(place: Int) async throws {
        let cluster = Self.cluster()
        let transport = FunctionTransport { (_, number) async throws(KubernetesFailure) in
            switch place {
            case 0:
                do { try await Task.sleep(for: .seconds(3600)) } catch { throw KubernetesFailure(.cancelled) }
                return Self.silence()
            case 1: return Self.silence()
            case 2: throw KubernetesFailure(.unreachable("refused"))
            default: return number == 0 ? Self.list(cluster) : Self.silence()
            }
        }
        var settings = Self.quick
        settings.backoff = Backoff(base: .seconds(100), limit: .seconds(100))
        let informer = Self.informer(over: transport, settings)
        let subscription = informer.subscribe()
        let running = Task { await informer.run() }
        let waiting = Task { try await informer.waitUntilSynced() }
        while transport.targets.withLock({ $0.count }) < (place == 3 ? 2 : 1) { await Task.yield() }
        running.cancel()
        await running.value
        let synced = await waiting.result
        switch synced {
        case .success: #expect(place == 3)
        case .failure(let error): #expect(place != 3 && error is CancellationError)
        }
        while await subscription.next() != nil {}
        #expect(informer.freshness.trouble == nil || place == 2)
        await informer.run()
        #expect(transport.targets.withLock { $0.count } <= 2)
    }

    @Test func `objects that cannot be read are named and not shown`() async throws {
        let cluster = Self.cluster()
        let transport = FunctionTransport { (_, number) async throws(KubernetesFailure) in
            number == 0 ? Self.list(cluster) : Self.silence()
        }
        let informer = Informer(
            InformerScope(Self.maps),
            projection: Projection { (node) throws(FieldError) -> String in
                if node.at("metadata", "name")?.string == "b" { throw FieldError(.required, at: "spec.node") }
                return "fine"
            }, over: transport, settings: Self.quick)
        let running = Task { await informer.run() }
        try await informer.waitUntilSynced()
        #expect(informer.count == 2)
        #expect(informer.unreadable == [ObjectKey(namespace: "tx", name: "b"): "spec.node: Required value"])
        running.cancel()
        await running.value
    }

    @Test func `a subscription that is dropped is forgotten`() async throws {
        let informer = Self.informer(
            over: FunctionTransport { (_, _) async throws(KubernetesFailure) in Self.silence() })
        weak var mailbox: Mailbox<SimulatedValue>?
        do {
            let subscription = informer.subscribe()
            mailbox = subscription.mailbox
            #expect(mailbox != nil)
        }
        #expect(mailbox == nil)
    }
}
