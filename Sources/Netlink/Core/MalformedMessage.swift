/// Bytes from the kernel (or from a fuzzer) that are not what netlink promises.
public struct MalformedMessage: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, in bytes from the start of the datagram.
    public let offset: Int
    /// What was being read there, such as `nlattr` or `ifinfomsg`.
    public let field: String
    public let reason: String

    public init(offset: Int, field: String, reason: String) {
        self.offset = offset
        self.field = field
        self.reason = reason
    }

    public var description: String { "\(field) at byte \(offset): \(reason)" }
}
