import CLinux
import SystemCalls

/// A request that failed, with everything the kernel said about it.
public struct NetlinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The request and what it was about, such as `RTM_NEWLINK cni0`.
    public let request: String
    public let errno: Errno
    /// The kernel's own sentence (NLMSGERR_ATTR_MSG), such as `Interface already exists`; for bytes that could not
    /// be read, what was wrong with them.
    public let message: String?
    /// The attribute the kernel objects to (NLMSGERR_ATTR_OFFS).
    public let attribute: BadAttribute?

    /// Where in the request the kernel found what it did not like.
    public struct BadAttribute: Hashable, Sendable {
        /// Bytes from the start of the message.
        public let offset: Int
        /// The attribute's number there; nil when the offset is not on an attribute.
        public let type: Int?
    }

    public init(request: String, errno: Errno, message: String? = nil, attribute: BadAttribute? = nil) {
        self.request = request
        self.errno = errno
        self.message = message
        self.attribute = attribute
    }

    init(request: String, _ error: SystemCallError) {
        self.init(request: request, errno: error.errno, message: "\(error.operation) failed")
    }

    /// An answer that could not be read: EBADMSG.
    public init(request: String, _ error: MalformedMessage) {
        self.init(request: request, errno: Errno(rawValue: EBADMSG), message: "answer not understood: \(error)")
    }

    public var description: String {
        var text = "\(request): \(errno)"
        if let message { text += ": \(message)" }
        if let attribute {
            text += " [attribute"
            if let type = attribute.type { text += " \(type)" }
            text += " at byte \(attribute.offset)]"
        }
        return text
    }
}
