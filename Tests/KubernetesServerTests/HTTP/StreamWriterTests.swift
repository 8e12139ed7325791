import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import KubernetesServer

@Suite("Streamed bodies, when the client has gone", .timeLimit(.minutes(3)))
struct StreamWriterTests {
    @Test("A watch closed with bytes pending does not come back to its event loop")
    func closedWithBytesPending() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: server.localAddress?.port ?? 0).get()
        let writer = StreamWriter(channel)
        let loop = channel.eventLoop
        // The client reads too slowly: what is written stays pending, and its writer waits.
        try await loop.submit { writer.writabilityChanged(false) }.get()
        let written = Task { try await writer.write(Array("event\n".utf8)) }
        while !writer.hasPending { await Task.yield() }
        // It goes; then the channel, whose buffers are empty now, says that it can be written to.
        try await loop.submit {
            writer.close()
            writer.writabilityChanged(true)
            writer.flush()
        }.get()
        await #expect(throws: ResponseClosed.self) { try await written.value }
        // Whatever was scheduled has run by now, and has not scheduled itself again.
        try await loop.submit {}.get()
        #expect(try await loop.submit { writer.isScheduled }.get() == false)
        #expect(!writer.hasPending)
        await #expect(throws: ResponseClosed.self) { try await writer.write([1]) }
        try await channel.close()
        try await server.close()
    }
}
