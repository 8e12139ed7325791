import CLinux

/// Requests collected to go out in one send.
///
/// The kernel works on them in order and each stands for itself: one that fails does not stop those after it
/// (nf_tables, which has its own transactions, excepted). Sequence numbers are given when the batch is sent; here a
/// request has an index.
public struct RequestBatch: ~Copyable {
    var writer: MessageWriter
    private(set) var entries: [Entry] = []

    struct Entry {
        let name: StaticString
        let subject: String
        /// Where its `nlmsghdr` starts in the buffer.
        let offset: Int

        var label: String { subject.isEmpty ? "\(name)" : "\(name) \(subject)" }
    }

    /// - Parameter capacity: bytes reserved at the start.
    public init(capacity: Int = 1024) {
        writer = MessageWriter(capacity: capacity)
    }

    public var isEmpty: Bool { entries.isEmpty }
    /// The number of requests.
    public var count: Int { entries.count }
    /// Bytes so far.
    public var size: Int { writer.count }
    /// The messages as they will be sent, sequence numbers still zero-based; for tests.
    public var bytes: [UInt8] { writer.bytes }

    /// Adds one request; answers its index.
    ///
    /// - Parameters:
    ///   - name: the kernel's name of the message, for errors (`RTM_NEWLINK`).
    ///   - subject: what it is about, for errors (`cni0`).
    ///   - flags: `NLM_F_...`; NLM_F_REQUEST is added.
    @discardableResult
    public mutating func request(
        _ name: StaticString, on subject: String = "", type: Int, flags: Int32,
        _ body: (inout MessageWriter) -> Void
    ) -> Int {
        let index = entries.count
        entries.append(Entry(name: name, subject: subject, offset: writer.count))
        writer.message(
            type: type, flags: flags | Int32(NLM_F_REQUEST), sequence: UInt32(truncatingIfNeeded: index), body)
        return index
    }

    /// Forgets every request and keeps the memory.
    public mutating func removeAll() {
        writer.removeAll()
        entries.removeAll(keepingCapacity: true)
    }

    /// Gives the requests the sequence numbers `first`, `first + 1`, ... and asks for an acknowledgement of the last.
    mutating func seal(first: UInt32, acknowledge: Bool) {
        for (index, entry) in entries.enumerated() {
            let sequence = first &+ UInt32(truncatingIfNeeded: index)
            writer.base.storeBytes(of: sequence, toByteOffset: entry.offset + 8, as: UInt32.self)
        }
        guard acknowledge, let last = entries.last else { return }
        let flags = writer.base.load(fromByteOffset: last.offset + 6, as: UInt16.self)
        writer.base.storeBytes(
            of: flags | UInt16(NLM_F_ACK), toByteOffset: last.offset + 6, as: UInt16.self)
    }

    func label(_ index: Int) -> String {
        entries.indices.contains(index) ? entries[index].label : "netlink"
    }

    /// What lies at `offset` in request `index`: the attribute's number, when that is inside the message.
    func attributeType(in index: Int, at offset: Int) -> Int? {
        guard entries.indices.contains(index), offset >= 16 else { return nil }
        let position = entries[index].offset + offset
        let end = index + 1 < entries.count ? entries[index + 1].offset : writer.count
        guard position + 4 <= end else { return nil }
        return Int(writer.base.loadUnaligned(fromByteOffset: position + 2, as: UInt16.self)) & NLA_TYPE_MASK
    }
}
