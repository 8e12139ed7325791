import NIOCore
import Testing

@testable import KubernetesServer

@Suite("SPDY/3.1")
struct SPDYTests {
    static func bytes(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = hex[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    /// Made with zlib 1.3 at level 9 (and, the last one, at level 0) with the dictionary, flushed after each block.
    static let first = bytes(
        "78f9e3c6a7c202253a48f95b044eea16061606409ab308125f99a074cc68004e892545a989b9d0c28635151415000000"
            + "00ffff")
    static let second = bytes(
        "225333a8a44a04000000ffff")
    static let third = bytes(
        "0249817005104f50d4b04db428cfce51b4cff23437b20eae08b4d433744e322d4c88cdd4f0d7ce4bcd56712d8df0f40c"
            + "2b74ac488e4da9742e89f4f58b55f4d12ece2b378d322ecdca5575290c76b2f74e314c0f70f74d500fb7d2d6b608568e"
            + "72b5778b560db3d637b08fd54b0f0d882cb4c90ff7f14f540b365551d475cbf534d2d4774ab62c4b4f2f318db7511f75"
            + "06d41900000000ffff")
    static let stored = bytes(
        "783fe3c6a7c2001a00e5ff000000010000000a73747265616d747970650000000464617461000000ffff")

    @Test("The dictionary is the draft's: its length and its checksum")
    func dictionary() {
        #expect(SPDYDictionary.bytes.count == 1423)
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in SPDYDictionary.bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        #expect(high << 16 | low == SPDYDictionary.checksum)
    }

    @Test("Header blocks that zlib made: one stream over all of them")
    func inflating() throws {
        var codec = SPDYHeaderCodec()
        #expect(
            try codec.read(Self.first)
                == SPDYHeaders(["streamtype": "error", "port": "8080", "requestid": "0"]))
        #expect(
            try codec.read(Self.second) == SPDYHeaders(["streamtype": "data", "port": "8080", "requestid": "0"]))
        let codes: [Int] = (0..<400).map { index in 33 + (index * index * 7 + index / 3) % 90 }
        let long = String(decoding: codes.map { UInt8($0) }, as: UTF8.self)
        #expect(try codec.read(Self.third) == SPDYHeaders(["x": long]))
        var other = SPDYHeaderCodec()
        #expect(try other.read(Self.stored) == SPDYHeaders(["streamtype": "data"]))
    }

    @Test("What one end writes the other end reads, block after block")
    func ownBlocks() throws {
        var (writer, reader) = (SPDYHeaderCodec(), SPDYHeaderCodec())
        for headers in [["a": "b"], [:], ["k": String(repeating: "x", count: 40_000)], ["z": "\u{0}"]] {
            let block = writer.write(SPDYHeaders(headers))
            #expect(try reader.read(block) == SPDYHeaders(headers))
        }
    }

    @Test("Cut off, changed or endless blocks are refused, and nothing traps")
    func malformed() {
        for cut in 0..<Self.first.count {
            var codec = SPDYHeaderCodec()
            let part = Array(Self.first[..<cut])
            let read = try? codec.read(part)
            #expect(read == nil || cut >= Self.first.count - 5, "\(cut) bytes")
        }
        for place in Self.third.indices {
            for value: UInt8 in [0x00, 0x55, 0xFF] {
                var codec = SPDYHeaderCodec()
                var changed = Self.first
                if place < changed.count { changed[place] = value }
                _ = try? codec.read(changed)
                var next = Self.third
                next[place] = value
                _ = try? codec.read(next)
            }
        }
        // A distance of one repeated for ever: a bomb.
        var inflater = Inflater()
        let bomb =
            Self.bytes("7820e3c6a7c2") + Array(repeating: UInt8(0x4B), count: 3) + Array(repeating: 0xFF, count: 4096)
        #expect(throws: SPDYFailure.self) { try inflater.content(of: bomb) }
    }

    static let frames: [SPDYFrame] = [
        .synStream(stream: 1, isLast: false, block: [1, 2, 3]), .synReply(stream: 1, isLast: true, block: []),
        .data(stream: 3, isLast: true, bytes: [9, 8]), .data(stream: 3, isLast: false, bytes: []),
        .rstStream(stream: 5, status: 5), .ping(7), .goAway(lastStream: 9, status: 0),
    ]

    @Test("Frames come back, at whatever byte the stream is cut")
    func frames() throws {
        var whole = ByteBuffer()
        for frame in Self.frames { whole.writeImmutableBuffer(frame.bytes) }
        #expect(
            Array(Self.frames[0].bytes.readableBytesView)
                == Self.bytes("80030001" + "0000000d" + "00000001" + "000000000000" + "010203"))
        let bytes = Array(whole.readableBytesView)
        for cut in bytes.indices {
            var read: [SPDYFrame] = []
            var buffer = ByteBuffer()
            for part in [bytes[..<cut], bytes[cut...]] {
                buffer.writeBytes(part)
                while let frame = try SPDYFrame(readingFrom: &buffer) { read.append(frame) }
            }
            #expect(read == Self.frames)
        }
        for text in [
            "80020001" + "00000000", "80030003" + "00000004" + "00000001", "00000001" + "00ffffff",
            "80030001" + "00000004" + "00000001",
        ] {
            var buffer = ByteBuffer(bytes: Self.bytes(text))
            #expect(throws: SPDYFailure.self) { try SPDYFrame(readingFrom: &buffer) }
        }
    }
}
