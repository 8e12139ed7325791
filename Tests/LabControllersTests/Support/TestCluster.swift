import Foundation
import JSONTree
import KubernetesClient
import KubernetesModel
import KubernetesServer
import LabControllers
import LinuxHost
import Logging
import Synchronization
import Testing

/// The embedded server in this process, the controllers beside it, and a kubelet for nodes that are only objects.
final class TestCluster: Sendable {
    let directory: String
    let kubeconfig: String
    private let server: Mutex<APIServer>
    let transport: HTTPTransport
    let client: ClusterClient
    private let controllers: Task<Void, Never>

    private init(
        directory: String, server: APIServer, transport: HTTPTransport, controllers: Task<Void, Never>
    ) {
        self.directory = directory
        kubeconfig = "\(directory)/kubeconfig"
        self.server = Mutex(server)
        self.transport = transport
        self.controllers = controllers
        client = ClusterClient(transport, requestTimeout: .seconds(60))
    }

    /// - Parameter body: with a cluster of so many nodes, whose pods are marked running as soon as they are bound.
    static func with(
        nodes: Int, settings: ControllerSettings = ControllerSettings(),
        _ body: @escaping @Sendable (TestCluster) async throws -> Void
    ) async throws {
        let directory = NSTemporaryDirectory() + "/poplin-controllers-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(APIServer.Configuration(directory: directory, port: 0))
        try server.kubeconfig.write(to: "\(directory)/kubeconfig")
        var overrides = ConnectionOverrides()
        overrides.kubeconfig = "\(directory)/kubeconfig"
        let connection = try ClusterConnection.resolve(overrides, environment: Environment())
        let configuration = LabControllers.Configuration(
            connection: connection, settings: settings,
            logger: Logger(label: "controllers") { _ in SwiftLogNoOpLogHandler() })
        let cluster = TestCluster(
            directory: directory, server: server, transport: HTTPTransport(connection),
            controllers: Task { await LabControllers.run(configuration: configuration) })
        let kubelet = TestKubelet(cluster.client)
        let work = Task { await kubelet.run() }
        let outcome: Result<Void, any Error>
        do {
            for number in 0..<nodes { try await cluster.addNode("node-\(number + 1)", number) }
            try await body(cluster)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        work.cancel()
        await work.value
        await cluster.stop()
        try outcome.get()
    }

    private func stop() async {
        controllers.cancel()
        await controllers.value
        await transport.close()
        let server = server.withLock { $0 }
        await server.shutdown(grace: .zero)
    }

    /// The server ends and comes back at the same place: every connection and every watch is lost.
    func restartServer() async throws {
        let old = server.withLock { $0 }
        await old.shutdown(grace: .zero)
        let new = try await APIServer.start(APIServer.Configuration(directory: directory, port: old.port))
        server.withLock { $0 = new }
    }

    func addNode(_ name: String, _ number: Int, labels: [String: String] = [:]) async throws {
        let labels = labels.merging(["kubernetes.io/hostname": name, "kubernetes.io/os": "linux"]) { $1 }
        let address = "192.168.100.\(10 + number)"
        _ = try await client.collection(of: Node.self).create([
            "apiVersion": "v1", "kind": "Node",
            "metadata": [
                "name": .string(name), "labels": .object(labels.map { JSONMember($0.key, .string($0.value)) }),
            ],
            "status": [
                "addresses": [["type": "InternalIP", "address": .string(address)]],
                "allocatable": ["cpu": "2", "memory": "1Gi", "pods": "110"],
                "conditions": [["type": "Ready", "status": "True", "reason": "KubeletReady"]],
            ],
        ])
        _ = try await client.collection(of: Node.self).patch(
            name,
            .strategic([
                "status": [
                    "addresses": [["type": "InternalIP", "address": .string(address)]],
                    "allocatable": ["cpu": "2", "memory": "1Gi", "pods": "110"],
                    "conditions": [["type": "Ready", "status": "True", "reason": "KubeletReady"]],
                ]
            ]), subresource: "status")
    }

    /// Looks until it is so, a minute at most.
    func wait<Value: Sendable>(
        _ what: String, _ look: @Sendable () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let value = try await look() { return value }
            try await Task.sleep(for: .milliseconds(30))
        }
        throw NeverSo(what: what)
    }

    struct NeverSo: Error, CustomStringConvertible {
        var what: String
        var description: String { "never within a minute: \(what)" }
    }

    func pods(_ selector: String = "") async throws -> [Pod] {
        try await client.list(Pod.self, ListOptions(labelSelector: selector)).objects
    }
}

/// Marks pods running and ready with an address as soon as they have a node, and takes them away when they are deleted.
struct TestKubelet: Sendable {
    let client: ClusterClient

    init(_ client: ClusterClient) { self.client = client }

    func run() async {
        let informer = Informer(InformerScope(Pod.resource), projection: Projection(Pod.self), over: client.transport)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await informer.run() }
            group.addTask {
                var number = 10
                for await event in informer.subscribe() {
                    guard let pod = event.value, !pod.spec.nodeName.isEmpty else { continue }
                    number += 1
                    await serve(pod, number)
                }
            }
        }
    }

    private func serve(_ pod: Pod, _ number: Int) async {
        let pods = client.collection(of: Pod.self, namespace: pod.metadata.namespace)
        if pod.metadata.isTerminating {
            _ = try? await pods.delete(pod.key.name, DeleteOptions(gracePeriodSeconds: 0, uid: pod.metadata.uid))
            return
        }
        // "stuck" never becomes ready: what an image that cannot be pulled looks like.
        let isStuck = pod.spec.containers.contains { $0.image.contains("stuck") }
        if !pod.status.phase.isEmpty, pod.status.phase != "Pending" { return }
        let ends = pod.spec.containers.contains { $0.image.contains("task") }
        let time = JSONValue.string(Date().ISO8601Format())
        let address = "10.244.\(number / 250).\(number % 250)"
        let phase = ends ? "Succeeded" : isStuck ? "Pending" : "Running"
        if isStuck, !pod.status.podIPs.isEmpty { return }
        _ = try? await pods.patch(
            pod.key.name,
            .strategic([
                "status": [
                    "phase": .string(phase), "podIP": .string(address), "podIPs": [["ip": .string(address)]],
                    "conditions": [
                        [
                            "type": "Ready", "status": .string(phase == "Running" ? "True" : "False"),
                            "lastTransitionTime": time,
                        ]
                    ],
                ]
            ]), subresource: "status")
    }
}

/// kubectl, where there is one.
enum Kubectl {
    static let path = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    struct Answer: Sendable {
        var code: Int32
        var output: String
        var error: String
    }

    static func run(_ cluster: TestCluster, _ arguments: String..., input: String = "") async throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "kubectl")
        process.arguments = ["--kubeconfig", cluster.kubeconfig] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["HOME"] = cluster.directory
        process.environment = environment
        let (output, error, standardInput) = (Foundation.Pipe(), Foundation.Pipe(), Foundation.Pipe())
        process.standardOutput = output
        process.standardError = error
        process.standardInput = standardInput
        try process.run()
        // Read on threads of their own: the server needs those of the tasks.
        async let text = read(output)
        async let said = read(error)
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let answer = await (text, said)
        process.waitUntilExit()
        return Answer(code: process.terminationStatus, output: answer.0, error: answer.1)
    }

    private static func read(_ pipe: Foundation.Pipe) async -> String {
        let bytes = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: pipe.fileHandleForReading.readDataToEndOfFile()) }.start()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
