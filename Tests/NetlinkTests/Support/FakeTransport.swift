import SystemCalls

@testable import Netlink

/// Plays canned datagrams and records what was sent. Sequence numbers in the canned bytes are rewritten: a reply
/// with `nlmsg_seq` n answers request n of the last send.
final class FakeTransport: NetlinkTransport {
    var sent: [[UInt8]] = []
    var replies: [[UInt8]]
    var groups: [UInt32] = []
    private var queue: [[UInt8]] = []

    init(replies: [[UInt8]] = []) { self.replies = replies }

    func send(_ datagram: UnsafeRawBufferPointer) throws(SystemCallError) {
        sent.append(Array(datagram))
        let first = datagram.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        queue = replies.map { datagram in
            var copy = datagram
            var offset = 0
            while offset + 16 <= copy.count {
                let length = copy.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
                copy.withUnsafeMutableBytes { bytes in
                    let sequence = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)
                    bytes.storeBytes(of: sequence &+ first, toByteOffset: offset + 8, as: UInt32.self)
                }
                if length < 16 { break }
                offset += Int(length + 3) & ~3
            }
            return copy
        }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int? {
        if queue.isEmpty { return nil }
        let next = queue.removeFirst()
        buffer.copyBytes(from: next.prefix(buffer.count))
        return next.count
    }

    func wait(milliseconds: Int32) throws(SystemCallError) -> Bool { !queue.isEmpty }
    func join(group: UInt32) throws(SystemCallError) { groups.append(group) }
    func reserve(bytes: Int) throws(SystemCallError) {}
}

/// Bytes from hexadecimal text; `#` starts a comment that ends with the line, blanks do not count.
func hex(_ text: String) -> [UInt8] {
    let digits = text.split(separator: "\n")
        .map { $0.prefix { $0 != "#" } }
        .joined()
        .compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Bytes as lines of hexadecimal, for a readable difference.
func hexText(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }.joined()
}
