import KubernetesModel
import Testing

@testable import KubernetesClient

/// The whole informer, from socket to subscriber, against a server that misbehaves over a real connection.
@Suite struct SocketFaultTests {
    @Test(arguments: [true, false], [1, 2] as [UInt64])
    func `converges through every fault over sockets`(watchList: Bool, seed: UInt64) async throws {
        let faulty = FaultyAPIServer(seed: seed, misery: 25)
        let server = try await LoopbackServer.start { faulty.reply($0) }
        let transport = HTTPTransport(server.connection())
        var settings = ReflectorSettings()
        settings.usesWatchList = watchList
        settings.pageSize = 2
        settings.headPatience = .milliseconds(250)
        settings.listPatience = .milliseconds(250)
        settings.bookmarkPatience = .milliseconds(250)
        settings.watchSeconds = 1...1
        settings.watchSecondsWithoutBookmarks = 1...1
        settings.endGrace = .milliseconds(50)
        settings.shortestWatch = .zero
        settings.backoff = Backoff(base: .milliseconds(1), limit: .milliseconds(10))
        let informer = Informer(
            InformerScope(InformerTests.maps), projection: SimulatedValue.projection, over: transport,
            settings: settings, seed: seed)
        let subscription = informer.subscribe()
        let running = Task { await informer.run() }
        while server.requests.all.count < 250 { try await Task.sleep(for: .milliseconds(5)) }
        faulty.heal()
        let cluster = faulty.cluster
        let truth = cluster.objects.mapValues { cluster.value($0) }
        while informer.freshness.version?.text != "\(cluster.revision)" { try await Task.sleep(for: .milliseconds(5)) }
        let shown = informer.snapshot.entries.mapValues(\.value)
        #expect(shown == truth)

        var checker = TransitionChecker()
        while let event = subscription.poll() {
            let wrong = checker.take(event)
            #expect(wrong == nil)
        }
        #expect(checker.state == truth && checker.wasSynced)
        #expect(faulty.faults.count >= 10, "\(faulty.faults)")
        running.cancel()
        await running.value
        await transport.close()
        await server.stop()
    }
}
