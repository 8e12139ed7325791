import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import KubernetesServer

/// A kubelet small enough for a test: commands run on this machine, ports are this machine's, the log is three lines.
struct TestKubelet: RequestHandler {
    /// Requests as they came, method and target.
    let seen = Seen()

    final class Seen: Sendable {
        let requests = Mutex<[String]>([])
        let resizes = Mutex<[String]>([])
    }

    func handle(_ request: ServerRequest) async -> ServerResponse {
        let query = request.query.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        seen.requests.withLock { $0.append("\(request.method.name) \(request.path)?\(query)") }
        switch request.segments.first {
        case "exec":
            return Self.upgraded(request, ["v5.channel.k8s.io", "v4.channel.k8s.io"]) { socket in
                await Self.exec(socket, request.query.all("command"), self.seen)
            }
        case "portForward":
            return Self.upgraded(request, ["SPDY/3.1+portforward.k8s.io"]) { await PortForwardTunnel.run($0) }
        case "containerLogs":
            guard request.query.flag("follow") else { return .text("one\ntwo\n") }
            return ServerResponse(
                headers: ["Content-Type": "text/plain"],
                body: .stream { writer in
                    for line in ["one", "two", "three"] {
                        try await writer.write(Array("\(line)\n".utf8))
                        try await Task.sleep(for: .milliseconds(20))
                    }
                })
        default: return .text("no such path", status: 404)
        }
    }

    private static func upgraded(
        _ request: ServerRequest, _ protocols: [String], _ body: @escaping @Sendable (TestSocket) async -> Void
    ) -> ServerResponse {
        guard let (_, headers) = WebSocketHandshake.answer(request, protocols: protocols) else {
            return ServerResponse(status: 403)
        }
        return ServerResponse(
            status: 101, headers: headers,
            body: .upgrade(
                ConnectionUpgrade { channel in
                    let socket = TestSocket(try PulledConnection(on: channel))
                    return { await body(socket) }
                }))
    }

    private static func exec(_ socket: TestSocket, _ command: [String], _ seen: Seen) async {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let (input, output, error) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, error)
        let (messages, continuation) = AsyncStream<[UInt8]>.makeStream()
        let ended = DispatchGroup()
        for (channel, pipe) in [(UInt8(1), output), (2, error)] {
            ended.enter()
            let file = pipe.fileHandleForReading
            Thread.detachNewThread {
                while case let data = file.availableData, !data.isEmpty { continuation.yield([channel] + data) }
                ended.leave()
            }
        }
        process.terminationHandler = { process in
            let code = process.terminationStatus
            Thread.detachNewThread {
                ended.wait()
                let status =
                    code == 0
                    ? #"{"metadata":{},"status":"Success"}"#
                    : #"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code \#(code)","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"\#(code)"}]}}"#
                continuation.yield([3] + Array(status.utf8))
                continuation.finish()
            }
        }
        do {
            try process.run()
        } catch {
            continuation.finish()
            return
        }
        let child = UncheckedProcess(process)
        let stdin = input.fileHandleForWriting
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while let message = await socket.next() {
                    guard let channel = message.first else { continue }
                    let rest = Data(message.dropFirst())
                    switch channel {
                    case 0: try? stdin.write(contentsOf: rest)
                    case 4: seen.resizes.withLock { $0.append(String(decoding: rest, as: UTF8.self)) }
                    case 255 where message == [255, 0]: try? stdin.close()
                    default: break
                    }
                }
                if child.process.isRunning { child.process.terminate() }
            }
            for await message in messages { await socket.send(message) }
            await socket.close()
            group.cancelAll()
        }
    }

    private struct UncheckedProcess: @unchecked Sendable {
        let process: Process
        init(_ process: Process) { self.process = process }
    }
}

/// The server's end of a WebSocket: binary messages in and out.
final class TestSocket: Sendable {
    private let connection: PulledConnection
    private let reader = Mutex(WebSocketReader())

    init(_ connection: PulledConnection) { self.connection = connection }

    /// The next binary message; nil when the client has closed or broken off.
    func next() async -> [UInt8]? {
        while true {
            guard let message = try? reader.withLock({ try $0.next() }) else {
                guard let bytes = try? await connection.next() else { return nil }
                reader.withLock { $0.append(bytes) }
                continue
            }
            switch message {
            case .binary(let bytes), .text(let bytes): return bytes
            case .ping(let bytes): try? await connection.write(WebSocketReader.frame(0xA, bytes))
            case .pong: continue
            case .close: return nil
            }
        }
    }

    func send(_ bytes: [UInt8]) async { try? await connection.write(WebSocketReader.binary(bytes)) }

    func close() async { try? await connection.write(WebSocketReader.close(1000)) }
}

/// The kubelet's end of KEP-4006: SPDY frames in binary messages, a pair of streams for each forwarded connection.
enum PortForwardTunnel {
    static func run(_ socket: TestSocket) async {
        var codec = SPDYHeaderCodec()
        var buffer = ByteBuffer()
        var targets: [UInt32: PulledConnection] = [:]
        await withTaskGroup(of: Void.self) { group in
            while let message = await socket.next() {
                buffer.writeBytes(message)
                while let frame = try? SPDYFrame(readingFrom: &buffer) {
                    switch frame {
                    case .synStream(let stream, _, let block):
                        guard let headers = try? codec.read(block) else { return }
                        await socket.send(
                            SPDYFrame.synReply(stream: stream, isLast: false, block: codec.write(SPDYHeaders())))
                        guard headers["streamtype"] == "data", let port = headers["port"].flatMap(Int.init),
                            let target = try? await connect(port)
                        else { continue }
                        targets[stream] = target
                        group.addTask {
                            while let bytes = try? await target.next() {
                                await socket.send(
                                    .data(stream: stream, isLast: false, bytes: Array(bytes.readableBytesView)))
                            }
                            await socket.send(.data(stream: stream, isLast: true, bytes: []))
                        }
                    case .data(let stream, let isLast, let bytes):
                        if !bytes.isEmpty { try? await targets[stream]?.write(ByteBuffer(bytes: bytes)) }
                        if isLast { await targets[stream]?.finish() }
                    case .rstStream(let stream, _): targets[stream]?.close()
                    case .ping: await socket.send(frame)
                    case .synReply, .goAway, .other: continue
                    }
                }
            }
            for target in targets.values { target.close() }
        }
    }

    private static func connect(_ port: Int) async throws -> PulledConnection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try PulledConnection(on: channel) }
            }
    }
}

extension TestSocket {
    fileprivate func send(_ frame: SPDYFrame) async { await send(Array(frame.bytes.readableBytesView)) }
}
