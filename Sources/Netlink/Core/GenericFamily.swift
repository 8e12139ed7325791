import CLinux
import SystemCalls

/// Families of generic netlink have names; their numbers are given when they register (linux/genetlink.h).
enum GenericFamily {
    /// The family's number, nil when the kernel has none of that name. The kernel loads a module that would have it.
    static func number(of name: String, _ netlink: inout NetlinkSocket) throws(NetlinkError) -> Int? {
        var batch = RequestBatch(capacity: 64)
        // GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME
        batch.request("CTRL_CMD_GETFAMILY", on: name, type: 16, flags: 0) { writer in
            writer.append(GenericHeader(3))
            writer.string(2, name)
        }
        var number: Int?
        do {
            try netlink.commit(&batch) { _, message throws(MalformedMessage) in
                // CTRL_ATTR_FAMILY_ID
                if let found = try message.attributes(after: 4).first(1)?.uint16() { number = Int(found) }
            }
        } catch  where error.errno == .ENOENT {
            return nil
        }
        return number
    }
}

/// struct genlmsghdr
struct GenericHeader: BitwiseCopyable {
    var command: UInt8
    var version: UInt8 = 1
    var reserved: UInt16 = 0

    init(_ command: UInt8) { self.command = command }
}
