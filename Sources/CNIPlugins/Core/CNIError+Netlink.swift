import CNI
import Netlink
import SystemCalls

extension CNIError {
    /// A request the kernel refused. Refused permission has a code of its own.
    public init(_ error: NetlinkError, during activity: String? = nil) {
        let text = error.description
        self.init(Code(error.errno), activity.map { "\($0): \(text)" } ?? text)
    }
}
