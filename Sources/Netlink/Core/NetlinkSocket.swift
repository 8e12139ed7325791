import CLinux
import SystemCalls

/// A conversation with one netlink family in one network namespace.
///
/// Every reply is matched to its request by sequence number; strays are dropped. The kernel does a request's work
/// inside send(2), so when that returns all answers are waiting: nothing here blocks, except the wait for events.
public struct NetlinkSocket: ~Copyable {
    private let transport: any NetlinkTransport
    private let buffer: UnsafeMutableRawBufferPointer
    private var nextSequence: UInt32 = 1

    /// The kernel fills at most 32 KiB into one datagram of a dump (net/netlink/af_netlink.c); single answers with
    /// long lists can be larger.
    private static let bufferSize = 64 << 10

    /// Talks over `transport`; tests pass a fake.
    public init(transport: any NetlinkTransport) {
        self.transport = transport
        buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
    }

    /// Opens a socket of a family (`NETLINK_ROUTE`, `NETLINK_NETFILTER`, ...) in the calling thread's namespace.
    public init(family: Int32) throws(NetlinkError) {
        do {
            self.init(transport: try KernelTransport(protocol: family))
        } catch {
            throw NetlinkError(request: "socket", error)
        }
    }

    /// Opens a socket in the network namespace behind `namespace`; the thread is back in its own when this returns.
    /// A socket stays in the namespace it was opened in.
    public init(family: Int32, in namespace: borrowing FileDescriptor) throws(NetlinkError) {
        do {
            let home = try FileDescriptor.open("/proc/thread-self/ns/net", O_RDONLY)
            try Namespaces.enter(namespace, kind: CLONE_NEWNET)
            let transport: Result<KernelTransport, SystemCallError>
            do throws(SystemCallError) {
                transport = .success(try KernelTransport(protocol: family))
            } catch {
                transport = .failure(error)
            }
            do throws(SystemCallError) {
                try Namespaces.enter(home, kind: CLONE_NEWNET)
            } catch {
                // Going on would configure the host in the container's place.
                fatalError("cannot return to the network namespace: \(error)")
            }
            self.init(transport: try transport.get())
        } catch {
            throw NetlinkError(request: "socket in another namespace", error)
        }
    }

    deinit { buffer.deallocate() }

    // MARK: Requests

    /// Sends all requests at once and throws the first failure, in the order of the batch. The batch is empty
    /// afterwards.
    ///
    /// - Parameter onReply: called with the request's index for every message that is not an acknowledgement.
    public mutating func commit(
        _ batch: inout RequestBatch,
        onReply: (Int, Message) throws(MalformedMessage) -> Void = { _, _ in }
    ) throws(NetlinkError) {
        let failures = try perform(&batch, onReply: onReply)
        if let first = failures.first { throw first.error }
    }

    /// A request that failed.
    public struct Failure: Sendable {
        /// Its index in the batch.
        public let index: Int
        public let error: NetlinkError
    }

    /// Sends all requests at once and answers those that failed, in the order of the batch, which is empty afterwards.
    ///
    /// Only the last request asks for an acknowledgement: the kernel reports failures unasked, and works in order.
    ///
    /// - Parameter acknowledgeLast: false when the batch sets NLM_F_ACK itself (nf_tables: the batch's end carries
    ///   acknowledgements only since Linux 6.10).
    /// - Throws: when the conversation itself fails, or when no acknowledgement came.
    public mutating func perform(
        _ batch: inout RequestBatch, acknowledgeLast: Bool = true,
        onReply: (Int, Message) throws(MalformedMessage) -> Void = { _, _ in }
    ) throws(NetlinkError) -> [Failure] {
        if batch.isEmpty { return [] }
        defer { batch.removeAll() }
        let first = try post(&batch, acknowledge: acknowledgeLast)
        let count = batch.count
        var failures: [Failure] = []
        var acknowledged = false
        var received = true
        // The kernel answers in order: nothing comes after the last request's acknowledgement. Without it, everything
        // that waits is read.
        while received && !(acknowledged && acknowledgeLast) {
            received = try receive(asking: batch.label(count - 1)) { message throws(MalformedMessage) in
                // Wraps on purpose: sequence numbers are modulo 2^32.
                let index = Int(message.sequence &- first)
                guard index < count else { return }
                switch message.type {
                case Int(NLMSG_ERROR):
                    if index == count - 1 || !acknowledgeLast { acknowledged = true }
                    if let error = try Self.failure(message, index, batch) {
                        failures.append(Failure(index: index, error: error))
                    }
                case Int(NLMSG_NOOP), Int(NLMSG_DONE):
                    break
                default:
                    try onReply(index, message)
                }
            }
        }
        if !acknowledged {
            throw NetlinkError(
                request: batch.label(count - 1), errno: Errno(rawValue: EPROTO),
                message: "the kernel did not answer")
        }
        if failures.count > 1 { failures.sort { $0.index < $1.index } }
        return failures
    }

    /// Asks for everything of a kind and calls `onReply` with each message.
    ///
    /// - Returns: false when the kernel says that the listing changed while it was read (NLM_F_DUMP_INTR): entries
    ///   may be missing or twice, and the caller asks again.
    public mutating func dump(
        _ name: StaticString, on subject: String = "", type: Int,
        request body: (inout MessageWriter) -> Void,
        onReply: (Message) throws(MalformedMessage) -> Void
    ) throws(NetlinkError) -> Bool {
        var batch = RequestBatch(capacity: 128)
        batch.request(name, on: subject, type: type, flags: Int32(NLM_F_DUMP), body)
        let sequence = try post(&batch, acknowledge: false)
        var consistent = true
        var done = false
        var failure: NetlinkError?
        while !done {
            let received = try receive(asking: batch.label(0)) { message throws(MalformedMessage) in
                guard message.sequence == sequence, !done else { return }
                if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { consistent = false }
                switch message.type {
                case Int(NLMSG_DONE), Int(NLMSG_ERROR):
                    done = true
                    failure = try Self.failure(message, 0, batch)
                case Int(NLMSG_NOOP):
                    break
                default:
                    try onReply(message)
                }
            }
            if !received && !done {
                throw NetlinkError(
                    request: batch.label(0), errno: Errno(rawValue: EPROTO), message: "the dump has no end")
            }
        }
        if let failure { throw failure }
        return consistent
    }

    /// As `dump`, and asks again while the kernel says that the listing was interrupted.
    ///
    /// - Returns: the decoded messages of one uninterrupted pass; nil results of `decode` are left out.
    public mutating func list<Value>(
        _ name: StaticString, on subject: String = "", type: Int,
        request body: (inout MessageWriter) -> Void,
        decode: (Message) throws(MalformedMessage) -> Value?
    ) throws(NetlinkError) -> [Value] {
        for _ in 0..<Self.dumpAttempts {
            var values: [Value] = []
            let consistent = try dump(name, on: subject, type: type, request: body) {
                message throws(MalformedMessage) in
                if let value = try decode(message) { values.append(value) }
            }
            if consistent { return values }
        }
        throw NetlinkError(
            request: "\(name)", errno: .EINTR,
            message: "the listing changed while it was read, \(Self.dumpAttempts) times in a row")
    }

    private static let dumpAttempts = 16

    // MARK: Events

    /// Listens to a multicast group (`RTNLGRP_LINK`, ...); events then come out of `nextEvents`.
    public mutating func join(group: UInt32) throws(NetlinkError) {
        do {
            try transport.join(group: group)
        } catch {
            throw NetlinkError(request: "NETLINK_ADD_MEMBERSHIP \(group)", error)
        }
    }

    /// Waits for one datagram of events and calls `onEvent` with its messages; false when the time is over.
    ///
    /// - Parameter milliseconds: how long to wait; 0 only looks.
    public mutating func nextEvents(
        within milliseconds: Int32, _ onEvent: (Message) throws(MalformedMessage) -> Void
    ) throws(NetlinkError) -> Bool {
        do {
            guard try transport.wait(milliseconds: milliseconds) else { return false }
        } catch {
            throw NetlinkError(request: "poll", error)
        }
        return try receive(asking: "events", onEvent)
    }

    // MARK: Inside

    private mutating func post(
        _ batch: inout RequestBatch, acknowledge: Bool
    ) throws(NetlinkError) -> UInt32 {
        if let type = batch.writer.overflow {
            throw NetlinkError(
                request: batch.label(batch.count - 1), errno: Errno(rawValue: EMSGSIZE),
                message: "attribute \(type) is longer than 65535 bytes")
        }
        let first = nextSequence
        nextSequence = first &+ UInt32(truncatingIfNeeded: batch.count)
        batch.seal(first: first, acknowledge: acknowledge)
        let label = batch.label(0)
        do {
            // A failure's answer occupies about 1 KiB of the receive queue; when that is full, answers are lost.
            try transport.reserve(bytes: max(batch.size + 4096, batch.count * 1024))
            try batch.writer.withUnsafeBytes { bytes throws(SystemCallError) in try transport.send(bytes) }
        } catch {
            throw NetlinkError(request: label, error)
        }
        return first
    }

    /// Receives one datagram, if there is one.
    private mutating func receive(
        asking label: String, _ body: (Message) throws(MalformedMessage) -> Void
    ) throws(NetlinkError) -> Bool {
        let length: Int
        do {
            guard let count = try transport.receive(into: buffer) else { return false }
            length = count
        } catch {
            throw NetlinkError(request: label, error)
        }
        guard length <= buffer.count else {
            throw NetlinkError(
                request: label, errno: Errno(rawValue: EMSGSIZE), message: "an answer of \(length) bytes")
        }
        do throws(MalformedMessage) {
            var reader = MessageReader(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            while let message = try reader.next() { try body(message) }
        } catch {
            throw NetlinkError(request: label, error)
        }
        return true
    }

    /// Reads NLMSG_ERROR, or the status at the end of a dump; nil when it says that all is well.
    private static func failure(
        _ message: Message, _ index: Int, _ batch: borrowing RequestBatch
    ) throws(MalformedMessage) -> NetlinkError? {
        // NLMSG_DONE of some old families has no status.
        if message.type == Int(NLMSG_DONE) && message.body.count < 4 { return nil }
        let status = try message.header(Int32.self)
        if status == 0 || status == Int32.min { return nil }
        var text: String?
        var attribute: NetlinkError.BadAttribute?
        if message.flags & UInt16(NLM_F_ACK_TLVS) != 0 {
            var skip = 4
            if message.type == Int(NLMSG_ERROR) {
                let echo = try message.header(nlmsgerr.self)
                skip = 4 + (message.flags & UInt16(NLM_F_CAPPED) != 0 ? 16 : Int(echo.msg.nlmsg_len))
            }
            try message.attributes(after: skip).forEach { item throws(MalformedMessage) in
                switch item.type {
                case Int(NLMSGERR_ATTR_MSG.rawValue): text = item.string
                case Int(NLMSGERR_ATTR_OFFS.rawValue):
                    let offset = Int(try item.uint32())
                    attribute = .init(offset: offset, type: batch.attributeType(in: index, at: offset))
                default: break
                }
            }
        }
        return NetlinkError(
            request: batch.label(index), errno: Errno(rawValue: abs(status)), message: text, attribute: attribute)
    }
}
