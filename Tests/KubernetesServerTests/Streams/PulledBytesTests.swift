import NIOCore
import NIOPosix
import Testing

@testable import KubernetesServer

@Suite("Bytes that are pulled", .timeLimit(.minutes(3)))
struct PulledBytesTests {
    @Test("Bytes asked for before the connection is open arrive once it is")
    func askedForEarly() async throws {
        let (arrivals, continuation) = AsyncStream<String>.makeStream()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let bytes = PulledBytes()
                    try channel.pipeline.syncOperations.addHandler(bytes)
                    #expect(!channel.isActive)
                    bytes.next(on: channel.eventLoop).whenSuccess { continuation.yield(String(buffer: $0 ?? .init())) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: server.localAddress?.port ?? 0).get()
        try await client.writeAndFlush(ByteBuffer(string: "hello"))
        for await arrival in arrivals {
            #expect(arrival == "hello")
            break
        }
        try await client.close()
        try await server.close()
    }
}
