import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import KubernetesServer

@Suite(
    "Port-forward, judged by kubectl", .enabled(if: Kubectl.path != nil, "kubectl is not installed"),
    .timeLimit(.minutes(3)))
struct KubectlPortForwardTests {
    @Test("port-forward: several connections at once through one tunnel")
    func portForward() async throws {
        try await StreamRig.with { rig in
            let echo = try await EchoServer.start()
            defer { echo.close(promise: nil) }
            let port = echo.localAddress?.port ?? 0
            let process = Kubectl.process(rig, ["port-forward", "pod/p", ":\(port)"])
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.standardError
            try process.run()
            defer { process.terminate() }
            // "Forwarding from 127.0.0.1:40123 -> 8080"
            let line = await Kubectl.beginning(of: output.fileHandleForReading)
            let local = try #require(line.split(separator: ":").dropFirst().first?.split(separator: " ").first)
            let number = try #require(Int(local), "\(line)")
            let sent = (0..<4).map { index in (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* (index + 3)) } }
            let received = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
                for (index, bytes) in sent.enumerated() {
                    group.addTask { (index, try await EchoServer.ask(number, bytes)) }
                }
                var all: [Int: [UInt8]] = [:]
                for try await (index, bytes) in group { all[index] = bytes }
                return all
            }
            for (index, bytes) in sent.enumerated() { #expect(received[index] == bytes, "connection \(index)") }
        }
    }
}

/// Sends back what it gets, until the client stops sending.
enum EchoServer {
    static func start() async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try PulledConnection(on: channel)
                    Task {
                        while let bytes = try? await connection.next() { try? await connection.write(bytes) }
                        await connection.finish()
                        connection.close()
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    static func ask(_ port: Int, _ bytes: [UInt8]) async throws -> [UInt8] {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try PulledConnection(on: channel) }
            }
        async let sending: Void = connection.write(ByteBuffer(bytes: bytes))
        var received: [UInt8] = []
        while received.count < bytes.count, let buffer = try await connection.next() {
            received += Array(buffer.readableBytesView)
        }
        try await sending
        connection.close()
        return received
    }
}
