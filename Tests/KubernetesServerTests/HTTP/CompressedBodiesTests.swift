import NIOHTTP1
import Testing

@testable import KubernetesServer

@Suite("Compressed answers")
struct CompressedBodiesTests {
    private static let list = Array(String(repeating: #"{"kind":"Pod","metadata":{"name":"p"}},"#, count: 8000).utf8)

    private static func answer(
        _ response: ServerResponse, accepting encodings: String?, _ method: ServerRequest.Method = .get
    ) async -> ServerResponse {
        let headers: HTTPHeaders = encodings.map { ["Accept-Encoding": $0] } ?? [:]
        return await CompressedBodies(next: Answer { _ in response })
            .handle(ServerRequest(method: method, path: "/api/v1/pods", segments: [], headers: headers))
    }

    private static func body(_ response: ServerResponse) -> [UInt8] {
        if case .whole(let bytes) = response.body { bytes } else { [] }
    }

    @Test(arguments: ["gzip", "deflate, gzip;q=0.5", "GZIP ; q=1, identity"])
    func aLargeListIsGzip(encodings: String) async throws {
        let answered = await Self.answer(.json(Self.list), accepting: encodings)
        #expect(answered.headers.first(name: "content-encoding") == "gzip")
        #expect(answered.headers.first(name: "vary") == "Accept-Encoding")
        let packed = Self.body(answered)
        #expect(packed.count < Self.list.count / 10)
        // RFC 1952: the magic, deflate, no flags, no time; then the block; CRC-32 and length at the end.
        #expect(packed.prefix(8) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
        let length = packed.suffix(4).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        #expect(length == Self.list.count)
    }

    @Test(arguments: [nil, "identity", "gzip;q=0", "x-gzip", "br"])
    func whoDoesNotTakeItDoesNotGetIt(encodings: String?) async {
        let answered = await Self.answer(.json(Self.list), accepting: encodings)
        #expect(!answered.headers.contains(name: "content-encoding"))
        #expect(Self.body(answered) == Self.list)
    }

    @Test func whatIsSmallFailedWrittenOrStreamedStaysAsItIs() async {
        let small = Array(Self.list.prefix(CompressedBodies.threshold))
        for response in [ServerResponse.json(small), .json(Self.list, status: 404)] {
            let answered = await Self.answer(response, accepting: "gzip")
            #expect(!answered.headers.contains(name: "content-encoding"))
        }
        let created = await Self.answer(.json(Self.list), accepting: "gzip", .post)
        #expect(Self.body(created) == Self.list)
        let watch = await Self.answer(ServerResponse(body: .stream { _ in }), accepting: "gzip")
        #expect(!watch.headers.contains(name: "content-encoding"))
    }
}
