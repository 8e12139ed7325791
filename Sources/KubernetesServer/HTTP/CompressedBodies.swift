import CZlib
import NIOHTTP1

/// Compresses large answers for clients that take gzip, as kube-apiserver does (APIResponseCompression: bodies above
/// 128 KiB, at zlib's level 1). Streams are left alone: a watcher waits for each of its events.
struct CompressedBodies: RequestHandler {
    /// Bytes from which it pays (k8s.io/apiserver, endpoints/handlers/responsewriters/writers.go).
    static let threshold = 128 << 10

    var next: any RequestHandler

    func handle(_ request: ServerRequest) async -> ServerResponse {
        var response = await next.handle(request)
        guard request.method == .get, response.status == 200, case .whole(let bytes) = response.body,
            bytes.count > Self.threshold, !response.headers.contains(name: "content-encoding"),
            Self.takesGzip(request.headers), let compressed = Gzip.compressed(bytes)
        else { return response }
        response.body = .whole(compressed)
        response.headers.add(name: "Content-Encoding", value: "gzip")
        response.headers.add(name: "Vary", value: "Accept-Encoding")
        return response
    }

    /// Whether `Accept-Encoding` names gzip, and not with a weight of nothing (RFC 9110 section 12.5.3).
    static func takesGzip(_ headers: HTTPHeaders) -> Bool {
        for offer in headers[canonicalForm: "accept-encoding"] {
            let parts = offer.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard parts.first == "gzip" else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 1 } ?? 1
            return weight > 0
        }
        return false
    }
}

/// RFC 1952, by the machine's zlib.
enum Gzip {
    /// 15 bits of window; 16 more ask for gzip's frame instead of zlib's (zlib.h, deflateInit2).
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    /// Nil when zlib has no memory: the answer is then sent as it is.
    static func compressed(_ bytes: [UInt8], level: Int32 = 1) -> [UInt8]? {
        var stream = z_stream()
        let begun = deflateInit2_(
            &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        return bytes.withUnsafeBufferPointer { input -> [UInt8]? in
            // Read only, but not declared so.
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            // zlib counts in 32 bits.
            guard let length = UInt32(exactly: input.count) else { return nil }
            stream.avail_in = length
            while true {
                let (status, left) = chunk.withUnsafeMutableBufferPointer { space in
                    stream.next_out = space.baseAddress
                    stream.avail_out = UInt32(space.count)
                    return (deflate(&stream, Z_FINISH), Int(stream.avail_out))
                }
                output += chunk[..<(chunk.count - left)]
                switch status {
                case Z_STREAM_END: return output
                case Z_OK, Z_BUF_ERROR: continue
                default: return nil
                }
            }
        }
    }
}
