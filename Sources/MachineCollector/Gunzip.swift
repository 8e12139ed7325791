import CZlib

/// Unpacks one gzip member (RFC 1952): /proc/config.gz.
enum Gunzip {
    /// 15 bits of window; 16 more ask for gzip's frame (zlib.h, inflateInit2).
    private static let windowBits: Int32 = 15 + 16

    /// Nil when it is damaged, or is more than `limit` bytes.
    static func unpacked(_ packed: [UInt8], limit: Int) -> [UInt8]? {
        // zlib keeps the address of its stream, so that it must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(stream) }
        var status = Z_OK
        let output = [UInt8](unsafeUninitializedCapacity: limit) { space, count in
            packed.withUnsafeBufferPointer { input in
                // Read only, but not declared so.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(clamping: input.count)
                stream.pointee.next_out = space.baseAddress
                stream.pointee.avail_out = UInt32(clamping: limit)
                status = inflate(stream, Z_FINISH)
            }
            count = limit - Int(stream.pointee.avail_out)
        }
        return status == Z_STREAM_END ? output : nil
    }
}
