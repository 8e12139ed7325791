import CNI
import Netlink
import SystemCalls

/// What STATUS looks at besides the address manager. Each is one cheap question: runtimes ask every few seconds.
enum Readiness {
    /// Whether we may change links. The kernel checks the capability before anything else, so a request that changes
    /// nothing tells (net/core/rtnetlink.c, rtnetlink_rcv_msg).
    static func checkPrivileges(_ socket: inout RouteSocket) throws(CNIError) {
        var batch = RequestBatch(capacity: 64)
        batch.change(.index(loopback), LinkChange())
        do throws(NetlinkError) {
            try socket.commit(&batch)
        } catch {
            if error.errno == .EPERM {
                throw CNIError(
                    .notAvailable, "no permission to change links: \(error)",
                    details: "the plugin must run as root with CAP_NET_ADMIN in the host's network namespace")
            }
            throw CNIError(.notAvailable, "\(error)")
        }
    }

    /// The loopback interface is always the first of its namespace.
    private static let loopback = InterfaceIndex(1)

    /// - Parameter limitsExisting: containers that are running need forwarding, too.
    static func checkForwarding(limitsExisting: Bool) throws(CNIError) {
        guard let obstacle = Forwarding.obstacle() else { return }
        throw CNIError(limitsExisting ? .limitedConnectivity : .notAvailable, "the host does not forward: \(obstacle)")
    }
}
