import Addressing
import FuzzSupport
import Netlink

/// Links, addresses, routes, neighbours and rules out of the fuzzer's messages.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.links() }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.link(named: "eth0") }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.addresses() }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.bridgeVLANs() }
    for family in IPFamily.allCases {
        ask(bytes) { socket throws(NetlinkError) in _ = try socket.routes(family) }
        ask(bytes) { socket throws(NetlinkError) in _ = try socket.neighbours(family) }
        ask(bytes) { socket throws(NetlinkError) in _ = try socket.rules(family) }
    }
    return 0
}

private func ask(_ bytes: [UInt8], _ body: (inout RouteSocket) throws(NetlinkError) -> Void) {
    var socket = RouteSocket(transport: Replay(bytes))
    do throws(NetlinkError) { try body(&socket) } catch { expect(!error.description.isEmpty) }
}
