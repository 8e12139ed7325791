import Foundation
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost
import Synchronization
import Testing

/// `poplin apiserver` as a child process.
actor KilledServer {
    static let program: String? = {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("poplin").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    let directory: String
    private var port = 0
    private var process: Process?
    private var ends: AsyncStream<Void>?

    init(_ directory: String) { self.directory = directory }

    /// Returns when it answers. While the server is away its port may be the near end of somebody's connection.
    func start() async throws {
        var line = ""
        for _ in 0..<300 {
            line = try await attempt()
            if process != nil { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the server does not start: \(line)")
    }

    private func attempt() async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program ?? "")
        process.arguments = ["apiserver", "--dir", directory, "--listen", "127.0.0.1:\(port)"]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        let (ends, ended) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in ended.finish() }
        try process.run()
        // "ready: https://127.0.0.1:40123  try: ..."
        let line = await Kubectl.beginning(of: output.fileHandleForReading)
        let digits = line.split(separator: ":").dropFirst(3).first?.prefix { $0.isNumber } ?? ""
        if let number = Int(digits) {
            port = number
            (self.process, self.ends) = (process, ends)
        } else {
            // It has closed its output: it ends by itself.
            for await _ in ends {}
        }
        return line
    }

    func crash() async {
        guard let process, let ends else { return }
        #expect(kill(process.processIdentifier, SIGKILL) == 0)
        for await _ in ends {}
        self.process = nil
    }
}

/// Our informer against the built program, over TLS, killed with SIGKILL in the middle of writes and started again on
/// the same directory and port.
@Suite(
    .serialized,
    .enabled(
        if: KilledServer.program != nil,
        "needs the program `poplin` beside the tests: swift build --build-tests makes it"
    ), .timeLimit(.minutes(5)))
struct InformerAgainstKilledServerTests {
    /// The numbers of all events in their order: a subscription tells only how an object is when it is asked.
    private final class Decoded: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    /// What happened to an object, as far as the informer has told.
    private struct Told {
        var last = -1
        var isThere = false
    }

    @Test("Nothing acknowledged is missed, and nothing comes twice or out of its order, over four kills")
    func kills() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-killed-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = KilledServer(directory)
        try await server.start()
        var overrides = ConnectionOverrides()
        overrides.kubeconfig = "\(directory)/kubeconfig"
        let connection = try ClusterConnection.resolve(overrides, environment: Environment())
        let (transport, writing) = (HTTPTransport(connection), HTTPTransport(connection))
        var settings = ReflectorSettings()
        settings.backoff = Backoff(base: .milliseconds(5), limit: .milliseconds(100))
        let decoded = Decoded()
        let informer = Informer(
            InformerScope(InformerAgainstServerTests.maps, namespace: "default"),
            projection: Projection { (node) throws(FieldError) in
                let number = Int(node.at("data", "n")?.string ?? "") ?? -1
                decoded.numbers.withLock { $0.append(number) }
                return number
            },
            over: transport, settings: settings, seed: 11)
        let subscription = informer.subscribe()
        let running = Task { await informer.run() }
        while !informer.freshness.isWatching { try await Task.sleep(for: .milliseconds(10)) }

        // Every write has a number of its own. One that was under way at a kill may have happened or not.
        var acknowledged: Set<Int> = []
        for number in 0..<200 {
            let name = "o\(number % 7)"
            let isKilled = number % 50 == 25
            let restart =
                isKilled
                ? Task {
                    await server.crash(); try await server.start()
                } : nil
            let body = """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\(name)"},"data":{"n":"\(number)"}}
                """
            if number % 11 == 10 {
                _ = try await InformerAgainstServerTests.call(writing, .delete, name, attempts: 6000)
            } else {
                var status = try await InformerAgainstServerTests.call(writing, .put, name, body: body, attempts: 6000)
                if status == 404 {
                    status = try await InformerAgainstServerTests.call(writing, .post, name, body: body, attempts: 6000)
                }
                if status == 200 || status == 201 { acknowledged.insert(number) }
            }
            try await restart?.value
        }
        #expect(acknowledged.count > 150)
        let truth = try await InformerAgainstServerTests.list(writing, field: "n").payloads
        var isThere = false
        while !isThere {
            var shown: [String: String] = [:]
            informer.snapshot.forEach { key, number in
                if key.name.hasPrefix("o") { shown[key.name] = "\(number)" }
            }
            isThere = shown == truth.filter { $0.key.hasPrefix("o") } && informer.freshness.isWatching
            if !isThere { try await Task.sleep(for: .milliseconds(10)) }
        }

        var seen: Set<Int> = []
        var last = -1
        for number in decoded.numbers.withLock({ $0 }) where seen.insert(number).inserted && number >= 0 {
            // A deletion repeats the number of what it deletes; what is new is newer than all before.
            #expect(number > last)
            last = number
        }
        #expect(acknowledged.subtracting(seen).isEmpty)

        var told: [String: Told] = [:]
        func tell(_ key: ObjectKey, _ number: Int, wasThere: Bool) {
            guard key.name.hasPrefix("o") else { return }
            let before = told[key.name, default: Told()]
            #expect(before.isThere == wasThere, "\(key.name) at \(number)")
            #expect(number > before.last, "\(key.name): \(number) after \(before.last)")
            told[key.name] = Told(last: number, isThere: true)
        }
        while let event = subscription.poll() {
            switch event {
            case .added(let key, let number): tell(key, number, wasThere: false)
            case .updated(let key, _, let number): tell(key, number, wasThere: true)
            case .deleted(let key, _): told[key.name]?.isThere = false
            case .synced: break
            }
        }
        let counters = informer.counters.reflector
        #expect(counters.disconnects >= 1 && counters.malformed == 0, "\(counters)")
        // The server remembers what happened before each kill: the watch goes on, nothing is listed again.
        #expect(counters.expired == 0 && counters.lists <= 1, "\(counters)")
        running.cancel()
        await running.value
        await transport.close()
        await writing.close()
        await server.crash()
    }
}
