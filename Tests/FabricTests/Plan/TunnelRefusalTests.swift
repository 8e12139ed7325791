import Netlink
import SystemCalls
import Testing

@testable import Fabric

/// What a kernel answers that cannot make a tunnel.
@Suite struct TunnelRefusalTests {
    // net/core/rtnetlink.c, rtnl_newlink: EOPNOTSUPP with "Unknown device type" of a kind that nobody registered.
    @Test(arguments: ["Unknown device type", nil] as [String?])
    func noSuchKind(_ message: String?) {
        let error = NetlinkError(request: "RTM_NEWLINK poplin.1", errno: .EOPNOTSUPP, message: message)
        let refusal = FabricDriver.refusal(of: error)
        #expect(refusal.reason.hasPrefix("this kernel has no vxlan, which net-conf.json: Backend.Type asks for"))
        #expect(refusal.next?.contains("modprobe vxlan") == true)
    }

    @Test func anythingElse() {
        let error = NetlinkError(request: "RTM_NEWLINK poplin.1", errno: .EADDRINUSE, message: "port in use")
        let refusal = FabricDriver.refusal(of: error)
        #expect(refusal.reason.contains("EADDRINUSE"))
        #expect(refusal.reason.hasSuffix(": port in use"))
        #expect(refusal.next == nil)
    }
}
