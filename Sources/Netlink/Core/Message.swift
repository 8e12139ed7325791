import CLinux

/// One received message; valid only inside the call that handed it out.
public struct Message {
    /// `nlmsg_type`, such as `RTM_NEWLINK`.
    public let type: Int
    /// `nlmsg_flags`.
    public let flags: UInt16
    public let sequence: UInt32
    /// Everything after `nlmsghdr`.
    public let body: UnsafeRawBufferPointer
    /// Where the message starts in the datagram.
    public let offset: Int

    /// The family's fixed structure at the start of the body.
    public func header<Header: BitwiseCopyable>(_ type: Header.Type) throws(MalformedMessage) -> Header {
        guard body.count >= MemoryLayout<Header>.size else {
            throw MalformedMessage(
                offset: offset + 16, field: "\(Header.self)",
                reason: "\(body.count) bytes where \(MemoryLayout<Header>.size) are needed")
        }
        return body.loadUnaligned(as: Header.self)
    }

    /// The attributes after a family header of `headerSize` bytes (`ifinfomsg` 16, `nfgenmsg` 4, ...).
    public func attributes(after headerSize: Int) throws(MalformedMessage) -> AttributeReader {
        let start = (headerSize + 3) & ~3
        guard start <= body.count else {
            throw MalformedMessage(
                offset: offset + 16, field: "family header",
                reason: "\(body.count) bytes where \(start) are needed")
        }
        return AttributeReader(
            UnsafeRawBufferPointer(rebasing: body[start...]), at: offset + 16 + start)
    }
}

/// Splits a datagram into its messages.
struct MessageReader {
    private let memory: UnsafeRawBufferPointer
    private var position = 0

    init(_ memory: UnsafeRawBufferPointer) { self.memory = memory }

    mutating func next() throws(MalformedMessage) -> Message? {
        let left = memory.count - position
        if left == 0 { return nil }
        guard left >= MemoryLayout<nlmsghdr>.size else {
            throw MalformedMessage(
                offset: position, field: "nlmsghdr", reason: "\(left) bytes where 16 are needed")
        }
        let header = memory.loadUnaligned(fromByteOffset: position, as: nlmsghdr.self)
        let length = Int(header.nlmsg_len)
        guard length >= MemoryLayout<nlmsghdr>.size, length <= left else {
            throw MalformedMessage(
                offset: position, field: "nlmsghdr", reason: "says \(length) bytes, \(left) are left")
        }
        let message = Message(
            type: Int(header.nlmsg_type), flags: header.nlmsg_flags, sequence: header.nlmsg_seq,
            body: UnsafeRawBufferPointer(rebasing: memory[(position + 16)..<(position + length)]),
            offset: position)
        position = min(position + (length + 3) & ~3, memory.count)
        return message
    }
}
