import CLinux

/// Writes netlink messages and attributes into one growing buffer.
///
/// Lengths are patched when a message or a nest closes, so nobody counts sizes by hand. Everything is aligned to
/// four bytes and the padding is zero (linux/netlink.h: `NLMSG_ALIGNTO`, `NLA_ALIGNTO`). Scalars are in host order
/// unless the method says big-endian.
///
/// An attribute carries at most 65535 bytes, its own header included (`nla_len` is 16 bits). One that grew past it
/// is remembered in `overflow`, and the socket refuses the batch instead of sending a wrong length.
public struct MessageWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var used: Int
    /// The type of the first attribute that did not fit into its 16-bit length.
    public private(set) var overflow: Int?

    /// - Parameter capacity: bytes reserved at the start; the buffer doubles when it is full.
    public init(capacity: Int = 1024) {
        let size = max(capacity, 64)
        self.base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        self.capacity = size
        self.used = 0
        self.overflow = nil
    }

    /// Bytes written so far.
    public var count: Int { used }

    deinit { base.deallocate() }

    /// What has been written; valid inside `body` only.
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// A copy of what has been written, for tests and logs.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Forgets everything written and keeps the memory.
    public mutating func removeAll() {
        used = 0
        overflow = nil
    }

    // MARK: Messages

    /// One message: `nlmsghdr`, then whatever `body` writes (a family header first).
    public mutating func message(
        type: Int, flags: Int32, sequence: UInt32, _ body: (inout MessageWriter) -> Void
    ) {
        let start = count
        append(
            nlmsghdr(
                nlmsg_len: 0, nlmsg_type: UInt16(truncatingIfNeeded: type),
                nlmsg_flags: UInt16(truncatingIfNeeded: flags), nlmsg_seq: sequence, nlmsg_pid: 0))
        body(&self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: count - start), toByteOffset: start, as: UInt32.self)
        align()
    }

    /// A fixed structure (`ifinfomsg`, `nfgenmsg`, ...), padded to four bytes.
    @inlinable public mutating func append<Value: BitwiseCopyable>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size + 4)
        base.storeBytes(of: value, toByteOffset: count, as: Value.self)
        used += size
        align()
    }

    // MARK: Attributes

    /// An attribute without payload, whose presence is the value.
    public mutating func flag(_ type: Int) { open(type, payload: 0) }

    public mutating func uint8(_ type: Int, _ value: UInt8) { scalar(type, value) }
    public mutating func uint16(_ type: Int, _ value: UInt16) { scalar(type, value) }
    public mutating func uint32(_ type: Int, _ value: UInt32) { scalar(type, value) }
    public mutating func uint64(_ type: Int, _ value: UInt64) { scalar(type, value) }
    public mutating func int32(_ type: Int, _ value: Int32) { scalar(type, value) }
    public mutating func bigEndian16(_ type: Int, _ value: UInt16) { scalar(type, value.bigEndian) }
    public mutating func bigEndian32(_ type: Int, _ value: UInt32) { scalar(type, value.bigEndian) }
    public mutating func bigEndian64(_ type: Int, _ value: UInt64) { scalar(type, value.bigEndian) }

    /// A C structure as it lies in memory.
    @inlinable public mutating func structure<Value: BitwiseCopyable>(_ type: Int, _ value: Value) {
        scalar(type, value)
    }

    /// Text with the NUL that the kernel's `NLA_NUL_STRING` wants.
    public mutating func string(_ type: Int, _ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            open(type, payload: utf8.count + 1)
            copy(UnsafeRawBufferPointer(utf8))
            base.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
            used += 1
            align()
        }
    }

    /// Text without a NUL, which older attributes (`NLA_STRING`) do not need.
    public mutating func text(_ type: Int, _ text: String) {
        var text = text
        text.withUTF8 { bytes(type, UnsafeRawBufferPointer($0)) }
    }

    /// Bytes as they are.
    public mutating func bytes(_ type: Int, _ payload: [UInt8]) {
        payload.withUnsafeBytes { bytes(type, $0) }
    }

    /// Bytes as they are.
    public mutating func bytes(_ type: Int, _ payload: UnsafeRawBufferPointer) {
        open(type, payload: payload.count)
        copy(payload)
        align()
    }

    /// Attributes inside an attribute.
    ///
    /// - Parameter flagged: sets `NLA_F_NESTED`. The strict parsers of newer families want it; iproute2 leaves it
    ///   out for the older ones (IFLA_LINKINFO, TCA_OPTIONS), and the kernel takes both.
    public mutating func nested(_ type: Int, flagged: Bool = true, _ body: (inout MessageWriter) -> Void) {
        let start = count
        open(flagged ? type | Int(NLA_F_NESTED) : type, payload: 0)
        body(&self)
        close(start, type)
    }

    // MARK: Inside

    @usableFromInline mutating func scalar<Value: BitwiseCopyable>(_ type: Int, _ value: Value) {
        let size = MemoryLayout<Value>.size
        open(type, payload: size)
        base.storeBytes(of: value, toByteOffset: count, as: Value.self)
        used += size
        align()
    }

    /// Writes `nlattr` and makes sure that the payload and its padding fit.
    private mutating func open(_ type: Int, payload: Int) {
        reserve(payload + 8)
        let length = payload + 4
        if length > Int(UInt16.max), overflow == nil { overflow = type & NLA_TYPE_MASK }
        base.storeBytes(of: UInt16(truncatingIfNeeded: length), toByteOffset: count, as: UInt16.self)
        base.storeBytes(of: UInt16(truncatingIfNeeded: type), toByteOffset: count + 2, as: UInt16.self)
        used += 4
    }

    private mutating func close(_ start: Int, _ type: Int) {
        let length = count - start
        if length > Int(UInt16.max), overflow == nil { overflow = type & NLA_TYPE_MASK }
        base.storeBytes(of: UInt16(truncatingIfNeeded: length), toByteOffset: start, as: UInt16.self)
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        used += bytes.count
    }

    @usableFromInline mutating func align() {
        while count & 3 != 0 {
            base.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
            used += 1
        }
    }

    @usableFromInline mutating func reserve(_ more: Int) {
        if count + more <= capacity { return }
        let size = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = size
    }
}
