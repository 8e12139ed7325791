public import Netlink
public import SystemCalls

/// A kernel that answers every request with one datagram of the fuzzer's bytes.
public final class Replay: NetlinkTransport {
    private var datagram: [UInt8]?

    public init(_ datagram: [UInt8]) { self.datagram = datagram }

    public func send(_ datagram: UnsafeRawBufferPointer) throws(SystemCallError) {}

    public func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int? {
        guard let bytes = datagram else { return nil }
        datagram = nil
        buffer.copyBytes(from: bytes.prefix(buffer.count))
        return bytes.count
    }

    public func wait(milliseconds: Int32) throws(SystemCallError) -> Bool { datagram != nil }
    public func join(group: UInt32) throws(SystemCallError) {}
    public func reserve(bytes: Int) throws(SystemCallError) {}
}
