import Foundation
import JSONTree
import KubernetesClient
import KubernetesModel
import Logging
import NIOCore
import Testing

@testable import KubernetesServer

/// Our informer against our server, over a socket: writes, restarts in between, a compacted past. The judge is a list
/// that is read without any of the informer's parts.
@Suite struct InformerAgainstServerTests {
    static let maps = GroupVersionResource(version: "v1", resource: "configmaps")

    /// A server that can be stopped and started again on the same directory and port.
    actor Restartable {
        let scratch: ScratchStore
        private var http: HTTPServer?
        private(set) var port = 0

        init() throws { scratch = try ScratchStore() }

        func start() async throws {
            let resources = ResourceServer(store: scratch.store, next: NothingHere())
            try await resources.prepare()
            let server = try await HTTPServer.start(
                resources, host: "127.0.0.1", port: port, security: nil,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            port = server.address.port ?? 0
            http = server
        }

        func stop() async {
            await http?.shutdown(grace: .zero)
            http = nil
        }

        func restart() async throws {
            await stop()
            try scratch.reopen()
            try await start()
        }
    }

    /// Tries again while the server is away.
    static func call(
        _ transport: HTTPTransport, _ method: KubernetesRequest.Method, _ name: String, body: String? = nil,
        attempts: Int = 200
    ) async throws -> Int {
        for _ in 0..<attempts {
            let isCollection = method == .post || name.isEmpty
            let segments = ["api", "v1", "namespaces", "default", "configmaps"] + (isCollection ? [] : [name])
            let request = KubernetesRequest(
                method, segments: segments, headers: [KubernetesField("Content-Type", "application/json")],
                body: body.map { Array($0.utf8) })
            do {
                let response = try await transport.send(request)
                _ = try await response.body.collect(limit: 1 << 20)
                return response.status
            } catch {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        return 0
    }

    static func list(
        _ transport: HTTPTransport, field: String = "payload"
    ) async throws -> (version: String, payloads: [String: String]) {
        let answer = try await transport.answer(
            KubernetesRequest(.get, segments: ["api", "v1", "namespaces", "default", "configmaps"]))
        let root = try JSONTree(parsing: answer.body).root
        var payloads: [String: String] = [:]
        if let items = root.member("items")?.elements {
            for item in items {
                payloads[item.at("metadata", "name")?.string ?? ""] = item.at("data", field)?.string ?? ""
            }
        }
        return (root.at("metadata", "resourceVersion")?.string ?? "", payloads)
    }

    @Test(.timeLimit(.minutes(2)), arguments: [true, false])
    func `converges through writes, restarts and a compacted past`(watchList: Bool) async throws {
        let server = try Restartable()
        try await server.start()
        let address = ServerAddress(scheme: .http, host: "127.0.0.1", port: await server.port)
        let connection = ClusterConnection(
            server: address, origin: KubernetesFailure.Origin(), credentials: .none, requestTimeout: .seconds(30))
        let transport = HTTPTransport(connection)
        var settings = ReflectorSettings()
        settings.usesWatchList = watchList
        settings.pageSize = 3
        settings.backoff = Backoff(base: .milliseconds(5), limit: .milliseconds(50))
        let informer = Informer(
            InformerScope(Self.maps, namespace: "default"),
            projection: Projection { (node) throws(FieldError) in node.at("data", "payload")?.string ?? "" },
            over: transport, settings: settings, seed: 5)
        let subscription = informer.subscribe()
        let running = Task { await informer.run() }

        var random = SplitMix64(seed: watchList ? 1 : 2)
        for number in 0..<150 {
            let name = "o\(Int.random(in: 0..<8, using: &random))"
            let body = """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\(name)"},"data":{"payload":"\(number) \\"}]"}}
                """
            switch Int.random(in: 0..<4, using: &random) {
            case 0: _ = try await Self.call(transport, .delete, name)
            default:
                if try await Self.call(transport, .put, name, body: body) != 200 {
                    _ = try await Self.call(transport, .post, name, body: body)
                }
            }
            if number % 50 == 30 { try await server.restart() }
            if number == 100 {
                // Away while the past is forgotten: the informer's watch can only be answered with 410.
                await server.stop()
                try server.scratch.reopen()
                let store = server.scratch.store
                _ = try await store.write { $0.put(StoreKey("secrets", namespace: "x", name: "y"), uid: "z", []) }
                try await store.compact(upTo: store.revision)
                try await server.start()
            }
        }
        let (version, truth) = try await Self.list(transport)
        #expect(truth.count > 2)
        var isThere = false
        while !isThere {
            // Writes elsewhere move the list's version past the last event of this resource: compare what is shown.
            let shown = informer.snapshot
            var payloads: [String: String] = [:]
            shown.forEach { key, payload in payloads[key.name] = payload }
            isThere = payloads == truth && informer.freshness.isWatching
            if !isThere { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(Int(version) ?? 0 > 50)

        var followed: [String: String] = [:]
        while let event = subscription.poll() {
            switch event {
            case .added(let key, let payload):
                #expect(followed.updateValue(payload, forKey: key.name) == nil)
            case .updated(let key, let old, let new):
                #expect(followed.updateValue(new, forKey: key.name) == old)
            case .deleted(let key, let last): #expect(followed.removeValue(forKey: key.name) == last)
            case .synced: break
            }
        }
        #expect(followed == truth)
        #expect(informer.counters.reflector.disconnects > 0 && informer.counters.reflector.malformed == 0)
        running.cancel()
        await running.value
        await transport.close()
        await server.stop()
    }
}
