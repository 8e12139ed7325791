import Addressing
import CLinux

/// An entry of the neighbour table: an address of the link and the MAC address it is at (RTM_NEWNEIGH).
public struct Neighbour: Hashable, Sendable {
    public var interface: InterfaceIndex
    public var address: IPAddress
    public var mac: MACAddress?
    public var state: State
    /// NTF_... such as NTF_PROXY (8).
    public var flags: UInt8 = 0

    public init(
        _ address: IPAddress, at mac: MACAddress?, on interface: InterfaceIndex, state: State = .permanent
    ) {
        self.interface = interface
        self.address = address
        self.mac = mac
        self.state = state
    }

    /// NUD_... (linux/neighbour.h).
    public struct State: OptionSet, Hashable, Sendable {
        public let rawValue: UInt16

        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let incomplete = State(rawValue: 0x01)
        public static let reachable = State(rawValue: 0x02)
        public static let stale = State(rawValue: 0x04)
        public static let delay = State(rawValue: 0x08)
        public static let probe = State(rawValue: 0x10)
        public static let failed = State(rawValue: 0x20)
        public static let noARP = State(rawValue: 0x40)
        /// Never asked for and never forgotten.
        public static let permanent = State(rawValue: 0x80)
    }

    /// Reads RTM_NEWNEIGH or RTM_DELNEIGH; nil for other messages and for families that are not IP.
    public init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWNEIGH || message.type == RTM_DELNEIGH else { return nil }
        let header = try message.header(ndmsg.self)
        guard IPFamily(netlinkNumber: header.ndm_family) != nil else { return nil }
        let attributes = try message.attributes(after: MemoryLayout<ndmsg>.size)
        guard let destination = try attributes.first(NDA_DST),
            let address = IPAddress(bytes: destination.payload)
        else { return nil }
        self.init(
            address, at: try attributes.first(NDA_LLADDR).flatMap { MACAddress(bytes: $0.payload) },
            on: InterfaceIndex(header.ndm_ifindex), state: State(rawValue: header.ndm_state))
        flags = header.ndm_flags
    }

    func write(to writer: inout MessageWriter) {
        var header = ndmsg()
        header.ndm_family = address.family.netlinkNumber
        header.ndm_ifindex = interface.rawValue
        header.ndm_state = state.rawValue
        header.ndm_flags = flags
        writer.append(header)
        writer.address(NDA_DST, address)
        if let mac { writer.bytes(NDA_LLADDR, mac.bytes) }
    }
}

extension RequestBatch {
    /// `ip neighbour replace ADDRESS lladdr MAC dev LINK`.
    @discardableResult
    public mutating func replace(_ neighbour: Neighbour) -> Int {
        request(
            "RTM_NEWNEIGH", on: "\(neighbour.address) on #\(neighbour.interface)", type: RTM_NEWNEIGH,
            flags: Int32(NLM_F_CREATE | NLM_F_REPLACE)
        ) { neighbour.write(to: &$0) }
    }

    /// `ip neighbour del ADDRESS dev LINK`: ENOENT when there is none.
    @discardableResult
    public mutating func delete(_ neighbour: Neighbour) -> Int {
        request(
            "RTM_DELNEIGH", on: "\(neighbour.address) on #\(neighbour.interface)", type: RTM_DELNEIGH, flags: 0
        ) { neighbour.write(to: &$0) }
    }
}
