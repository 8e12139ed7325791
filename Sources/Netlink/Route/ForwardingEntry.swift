import Addressing
import CLinux

/// An entry of a forwarding database: where frames for a MAC address go (RTM_NEWNEIGH of AF_BRIDGE). On a vxlan
/// interface that is the address of another tunnel end.
public struct ForwardingEntry: Hashable, Sendable {
    public var interface: InterfaceIndex
    public var mac: MACAddress
    /// The tunnel end; nil for entries of a bridge.
    public var destination: IPAddress?
    public var state: Neighbour.State
    /// NTF_...: NTF_SELF (2) for the interface's own table, NTF_MASTER (4) for its bridge's.
    public var flags: UInt8

    public init(
        _ mac: MACAddress, to destination: IPAddress?, on interface: InterfaceIndex,
        state: Neighbour.State = .permanent, flags: UInt8 = UInt8(NTF_SELF)
    ) {
        self.mac = mac
        self.destination = destination
        self.interface = interface
        self.state = state
        self.flags = flags
    }

    /// Reads RTM_NEWNEIGH or RTM_DELNEIGH of AF_BRIDGE; nil for other messages.
    public init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWNEIGH || message.type == RTM_DELNEIGH else { return nil }
        let header = try message.header(ndmsg.self)
        guard header.ndm_family == UInt8(AF_BRIDGE) else { return nil }
        let attributes = try message.attributes(after: MemoryLayout<ndmsg>.size)
        guard let mac = try attributes.first(NDA_LLADDR).flatMap({ MACAddress(bytes: $0.payload) }) else { return nil }
        self.init(
            mac, to: try attributes.first(NDA_DST).flatMap { IPAddress(bytes: $0.payload) },
            on: InterfaceIndex(header.ndm_ifindex), state: Neighbour.State(rawValue: header.ndm_state),
            flags: header.ndm_flags)
    }

    func write(to writer: inout MessageWriter) {
        var header = ndmsg()
        header.ndm_family = UInt8(AF_BRIDGE)
        header.ndm_ifindex = interface.rawValue
        header.ndm_state = state.rawValue
        header.ndm_flags = flags
        writer.append(header)
        writer.bytes(NDA_LLADDR, mac.bytes)
        if let destination { writer.address(NDA_DST, destination) }
    }
}

extension RequestBatch {
    /// `bridge fdb replace MAC dev LINK dst DESTINATION self permanent`: one MAC address, one tunnel end.
    @discardableResult
    public mutating func replace(_ entry: ForwardingEntry) -> Int {
        request(
            "RTM_NEWNEIGH", on: "\(entry.mac) on #\(entry.interface)", type: RTM_NEWNEIGH,
            flags: Int32(NLM_F_CREATE | NLM_F_REPLACE)
        ) { entry.write(to: &$0) }
    }

    /// `bridge fdb del MAC dev LINK self`: ENOENT when there is none.
    @discardableResult
    public mutating func delete(_ entry: ForwardingEntry) -> Int {
        request(
            "RTM_DELNEIGH", on: "\(entry.mac) on #\(entry.interface)", type: RTM_DELNEIGH, flags: 0
        ) { entry.write(to: &$0) }
    }
}
