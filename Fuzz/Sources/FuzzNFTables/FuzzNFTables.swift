import FuzzSupport
import Netlink

/// Tables, chains, rules and set elements out of the fuzzer's messages.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let table = NFTables.Table(.inet, "poplin_cni")
    let set = NFTables.Set(table, "pods", key: .init(.ipv4Address))
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.tables() }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.chains() }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.rules(in: table) }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.sets(in: table) }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.elements(of: set) }
    ask(bytes) { socket throws(NetlinkError) in _ = try socket.generation() }
    ask(bytes) { socket throws(NetlinkError) in
        _ = try socket.elements([(set: set, key: .init(bytes: [10, 1, 2, 3]))])
    }
    return 0
}

private func ask(_ bytes: [UInt8], _ body: (inout NFTables.Socket) throws(NetlinkError) -> Void) {
    var socket = NFTables.Socket(NetlinkSocket(transport: Replay(bytes)))
    do throws(NetlinkError) { try body(&socket) } catch { expect(!error.description.isEmpty) }
}
