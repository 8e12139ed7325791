import CZlib

/// Unpacks gzip (RFC 1952) as it is asked for, so that a bomb costs no more than what is read of it.
final class GzipSource: ByteSource {
    private let source: any ByteSource
    /// zlib keeps the address of its stream (inflateStateCheck), so that it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    private let limits: BundleLimits
    /// Bytes taken in and given out so far.
    private var packed = 0
    private var unpacked = 0
    private static let chunkBytes = 256 << 10
    /// 15 bits of window; 16 more ask for gzip's frame (zlib.h, inflateInit2).
    private static let windowBits: Int32 = 15 + 16

    static let magic: [UInt8] = [0x1F, 0x8B]

    init(_ source: any ByteSource, _ limits: BundleLimits = .standard) throws(ArchiveDamage) {
        self.source = source
        self.limits = limits
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let begun = inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if begun != Z_OK { throw ArchiveDamage(reason: "zlib cannot begin (\(begun))") }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func chunk() throws(ArchiveDamage) -> [UInt8] {
        while !isAtEnd {
            if unpacked > limits.expansionAllowance, unpacked / limits.expansion > packed {
                throw ArchiveDamage(
                    reason: "it unpacks to more than \(limits.expansion) times its size, as a bomb does")
            }
            if position == input.count {
                input = try source.chunk()
                position = 0
                if input.isEmpty { throw ArchiveDamage(reason: "it is cut off: the compressed data ends too early") }
            }
            let (status, output) = inflateOnce()
            switch status {
            case Z_OK, Z_BUF_ERROR:
                if !output.isEmpty { return output }
            case Z_STREAM_END:
                try beginNextMember()
                if !output.isEmpty { return output }
            default:
                if !output.isEmpty { return output }
                throw ArchiveDamage(reason: "the compressed data is damaged")
            }
        }
        return []
    }

    private func inflateOnce() -> (status: Int32, output: [UInt8]) {
        var status = Z_OK
        let output = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { space, count in
            let start = position
            let left = input.withUnsafeBufferPointer { bytes -> Int in
                // Read only, but not declared so.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress.map { $0 + start })
                stream.pointee.avail_in = UInt32(clamping: bytes.count - start)
                stream.pointee.next_out = space.baseAddress
                stream.pointee.avail_out = UInt32(space.count)
                status = inflate(stream, Z_NO_FLUSH)
                return Int(stream.pointee.avail_in)
            }
            packed += input.count - left - start
            position = input.count - left
            count = space.count - Int(stream.pointee.avail_out)
            unpacked += count
        }
        return (status, output)
    }

    /// A gzip file may be several behind each other; what follows and is none (padding) is not looked at.
    private func beginNextMember() throws(ArchiveDamage) {
        if position == input.count {
            input = try source.chunk()
            position = 0
        }
        if position < input.count, input[position] == Self.magic[0] {
            inflateReset(stream)
        } else {
            isAtEnd = true
        }
    }
}

/// Packs.
enum Gzip {
    /// 15 bits of window; 16 more ask for gzip's frame (zlib.h, deflateInit2).
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8
    private static let level: Int32 = 6

    /// Nil when zlib has no memory, or the bytes are more than its 32 bits count.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        guard let length = UInt32(exactly: bytes.count) else { return nil }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let begun = deflateInit2_(
            stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(stream) }
        // The most it can become (deflateBound), so that one call is enough.
        let bound = Int(deflateBound(stream, UInt(length)))
        var status = Z_OK
        let output = [UInt8](unsafeUninitializedCapacity: bound) { space, count in
            bytes.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = length
                stream.pointee.next_out = space.baseAddress
                stream.pointee.avail_out = UInt32(clamping: space.count)
                status = deflate(stream, Z_FINISH)
            }
            count = space.count - Int(stream.pointee.avail_out)
        }
        return status == Z_STREAM_END ? output : nil
    }
}
