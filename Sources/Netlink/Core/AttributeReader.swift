import CLinux

/// Walks a run of netlink attributes. It never traps on foreign bytes: what does not fit throws, with its offset.
///
/// The memory belongs to the socket's receive buffer: a reader and its attributes are valid only inside the call
/// that handed them out.
public struct AttributeReader {
    private let memory: UnsafeRawBufferPointer
    private var position = 0
    /// Where `memory` starts in the datagram, for errors.
    private let origin: Int

    public init(_ memory: UnsafeRawBufferPointer, at origin: Int = 0) {
        self.memory = memory
        self.origin = origin
    }

    /// The next attribute, nil at the end. Up to three stray bytes of padding at the end are not an attribute.
    public mutating func next() throws(MalformedMessage) -> Attribute? {
        let left = memory.count - position
        if left < 4 { return nil }
        let length = Int(memory.loadUnaligned(fromByteOffset: position, as: UInt16.self))
        let rawType = memory.loadUnaligned(fromByteOffset: position + 2, as: UInt16.self)
        guard length >= 4, length <= left else {
            throw MalformedMessage(
                offset: origin + position, field: "nlattr",
                reason: "attribute \(Int(rawType) & NLA_TYPE_MASK) says \(length) bytes, \(left) are left")
        }
        let attribute = Attribute(
            rawType: rawType,
            payload: UnsafeRawBufferPointer(rebasing: memory[(position + 4)..<(position + length)]),
            offset: origin + position)
        position = min(position + (length + 3) & ~3, memory.count)
        return attribute
    }

    /// The first attribute of that type.
    public func first(_ type: Int) throws(MalformedMessage) -> Attribute? {
        var copy = self
        while let attribute = try copy.next() {
            if attribute.type == type { return attribute }
        }
        return nil
    }

    /// Calls `body` with every attribute in order.
    public func forEach(_ body: (Attribute) throws(MalformedMessage) -> Void) throws(MalformedMessage) {
        var copy = self
        while let attribute = try copy.next() { try body(attribute) }
    }
}

/// One attribute: a type and bytes. Its accessors check the length and throw when it is too short; longer payloads
/// are accepted, as newer kernels append fields.
public struct Attribute {
    let rawType: UInt16
    /// The bytes after `nlattr`, without padding.
    public let payload: UnsafeRawBufferPointer
    /// Where the attribute starts in the datagram.
    public let offset: Int

    /// The number without the two flag bits.
    public var type: Int { Int(rawType) & NLA_TYPE_MASK }

    public func uint8() throws(MalformedMessage) -> UInt8 { try structure(UInt8.self) }
    public func uint16() throws(MalformedMessage) -> UInt16 { try structure(UInt16.self) }
    public func uint32() throws(MalformedMessage) -> UInt32 { try structure(UInt32.self) }
    public func uint64() throws(MalformedMessage) -> UInt64 { try structure(UInt64.self) }
    public func int32() throws(MalformedMessage) -> Int32 { try structure(Int32.self) }
    public func bigEndian16() throws(MalformedMessage) -> UInt16 { UInt16(bigEndian: try uint16()) }
    public func bigEndian32() throws(MalformedMessage) -> UInt32 { UInt32(bigEndian: try uint32()) }
    public func bigEndian64() throws(MalformedMessage) -> UInt64 { UInt64(bigEndian: try uint64()) }

    /// A C structure as it lies in memory.
    public func structure<Value: BitwiseCopyable>(_ type: Value.Type) throws(MalformedMessage) -> Value {
        guard payload.count >= MemoryLayout<Value>.size else {
            throw MalformedMessage(
                offset: offset, field: "attribute \(self.type)",
                reason: "\(payload.count) bytes where \(Value.self) needs \(MemoryLayout<Value>.size)")
        }
        return payload.loadUnaligned(as: Value.self)
    }

    /// Text up to the first NUL or the end; bytes that are not UTF-8 become U+FFFD.
    public var string: String {
        let end = payload.firstIndex(of: 0) ?? payload.endIndex
        return String(decoding: payload[..<end], as: UTF8.self)
    }

    /// A copy of the payload.
    public var bytes: [UInt8] { Array(payload) }

    /// The attributes inside this one.
    public var nested: AttributeReader { AttributeReader(payload, at: offset + 4) }
}
