import Foundation
import JSONTree
import KubernetesModel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

@testable import KubernetesServer

/// As much of the API as kubectl asks for around a stream: discovery, and pods from the store.
struct PodsOnly: RequestHandler {
    let store: ObjectStore

    func handle(_ request: ServerRequest) async -> ServerResponse {
        switch request.path {
        case "/api": return .json(Array(#"{"kind":"APIVersions","versions":["v1"]}"#.utf8))
        case "/apis": return .json(Array(#"{"kind":"APIGroupList","apiVersion":"v1","groups":[]}"#.utf8))
        case "/api/v1":
            return .json(
                Array(
                    #"{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list","create"],"shortNames":["po"]},{"name":"namespaces","singularName":"namespace","namespaced":false,"kind":"Namespace","verbs":["get"]}]}"#
                        .utf8))
        default: break
        }
        let parts = request.segments
        if parts.count == 6, parts[4] == "pods",
            let pod = try? await store.object(StoreKey("pods", namespace: parts[3], name: parts[5]))
        {
            return .json(pod.bytes)
        }
        return .status(.pathNotFound)
    }
}

/// A store with one node and one pod, a kubelet, and the API in front of it.
struct StreamRig {
    let store: ObjectStore
    let kubelet = TestKubelet()
    let kubeletServer: HTTPServer
    let server: HTTPServer

    var url: String { "https://127.0.0.1:\(server.address.port ?? 0)" }

    init(_ directory: String, kubeletPort: Int? = nil, in front: (PodStreams) -> any RequestHandler = { $0 })
        async throws
    {
        store = try ObjectStore(directory: directory)
        let logger = Logger(label: "test")
        kubeletServer = try await HTTPServer.start(kubelet, host: "127.0.0.1", port: 0, security: nil, logger: logger)
        let streams = PodStreams(
            store: store, kubelets: NodeKubelets(store: store, security: .plain), next: PodsOnly(store: store))
        server = try await HTTPServer.start(
            front(streams), host: "127.0.0.1", port: 0, security: try Self.tls(directory), logger: logger)
        let port = kubeletPort ?? kubeletServer.address.port ?? 0
        try await put(
            "nodes", "", "n1",
            #"{"kind":"Node","apiVersion":"v1","metadata":{"name":"n1"},"status":{"addresses":[{"type":"Hostname","address":"nowhere.invalid"},{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":\#(port)}}}}"#
        )
        try await put(
            "pods", "default", "p",
            #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"default"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i"}]},"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":true,"state":{"running":{}}}]}}"#
        )
    }

    /// kubectl sends tokens only over TLS.
    private static func tls(_ directory: String) throws -> HTTPServer.Security {
        let pair = try CertificateDirectory("\(directory)/pki", names: ["127.0.0.1"]).server
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(pair.certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(pair.key.utf8), format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        return HTTPServer.Security(context: try NIOSSLContext(configuration: configuration)) { _ in
            ClientCertificate(commonName: "", organizations: [], isTrusted: false)
        }
    }

    func put(_ collection: String, _ namespace: String, _ name: String, _ text: String) async throws {
        _ = try await store.write { (transaction) throws(Never) in
            transaction.put(StoreKey(collection, namespace: namespace, name: name), uid: "u-\(name)", Array(text.utf8))
        }
    }

    func close() async {
        await server.shutdown(grace: .zero)
        await kubeletServer.shutdown(grace: .zero)
        store.close()
    }

    static func with(
        kubeletPort: Int? = nil, in front: (PodStreams) -> any RequestHandler = { $0 },
        _ body: (StreamRig) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let rig = try await StreamRig(directory, kubeletPort: kubeletPort, in: front)
            do {
                try await body(rig)
            } catch {
                await rig.close()
                throw error
            }
            await rig.close()
        }
    }
}

/// The real kubectl, where it is installed.
enum Kubectl {
    static let path = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    struct Answer {
        var code: Int32
        var output: String
        var error: String
    }

    /// Runs it without any kubeconfig of this machine.
    static func run(_ rig: StreamRig, _ arguments: [String], input: [UInt8]? = nil) async throws -> Answer {
        try await run(process(rig, arguments), input: input)
    }

    /// With a kubeconfig, whose directory is kubectl's home too: its cache of what the server serves is there.
    static func run(_ arguments: [String], kubeconfig: String, input: [UInt8]? = nil) async throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "")
        process.arguments = arguments
        let home = URL(fileURLWithPath: kubeconfig).deletingLastPathComponent().path
        process.environment = ["KUBECONFIG": kubeconfig, "HOME": home, "PATH": "/usr/bin:/bin"]
        return try await run(process, input: input)
    }

    private static func run(_ process: Process, input: [UInt8]?) async throws -> Answer {
        let (standardInput, output, error) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input == nil ? FileHandle.nullDevice : standardInput
        (process.standardOutput, process.standardError) = (output, error)
        // Nothing here waits on a thread of the pool: the servers of the test run on the same few.
        let (ends, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            ended.yield(process.terminationStatus)
            ended.finish()
        }
        try process.run()
        if let input {
            let file = standardInput.fileHandleForWriting
            Thread.detachNewThread {
                try? file.write(contentsOf: Data(input))
                try? file.close()
            }
        }
        let (out, err) = (output.fileHandleForReading, error.fileHandleForReading)
        async let printed = read(out)
        async let complained = read(err)
        let (text, complaint) = (await printed, await complained)
        var code: Int32 = -1
        for await status in ends { code = status }
        return Answer(code: code, output: text, error: complaint)
    }

    /// The first bytes of a process that runs on.
    static func beginning(of file: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: String(decoding: file.availableData, as: UTF8.self))
            }
        }
    }

    static func process(_ rig: StreamRig, _ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "")
        // Without any credentials kubectl would ask for a name and a password.
        let credentials = arguments.contains { $0.hasPrefix("--token") } ? [] : ["--token=anybody"]
        process.arguments = ["--server", rig.url, "--insecure-skip-tls-verify"] + credentials + arguments
        process.environment = [
            "KUBECONFIG": "/dev/null", "HOME": rig.store.directory, "PATH": "/usr/bin:/bin",
        ]
        return process
    }

    /// To the end, on a thread of its own: pipes block.
    private static func read(_ file: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let data = (try? file.readToEnd()) ?? nil
                continuation.resume(returning: String(decoding: data ?? Data(), as: UTF8.self))
            }
        }
    }
}
