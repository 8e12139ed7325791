import CLinux

/// VLANs that a port of a VLAN-filtering bridge, or the bridge itself, is a member of.
public struct BridgeVLAN: Hashable, Sendable {
    /// 1...4094.
    public var first: UInt16
    /// Equal to `first` for a single VLAN.
    public var last: UInt16
    /// Untagged frames that come in belong to it.
    public var isPortVLAN: Bool
    /// Its frames go out without a tag.
    public var isUntagged: Bool

    public init(_ first: UInt16, through last: UInt16? = nil, isPortVLAN: Bool = false, isUntagged: Bool = false) {
        self.first = first
        self.last = last ?? first
        self.isPortVLAN = isPortVLAN
        self.isUntagged = isUntagged
    }

    func write(to writer: inout MessageWriter) {
        var flags: UInt16 = 0
        if isPortVLAN { flags |= UInt16(BRIDGE_VLAN_INFO_PVID) }
        if isUntagged { flags |= UInt16(BRIDGE_VLAN_INFO_UNTAGGED) }
        if first == last {
            writer.structure(IFLA_BRIDGE_VLAN_INFO, bridge_vlan_info(flags: flags, vid: first))
        } else {
            writer.structure(
                IFLA_BRIDGE_VLAN_INFO,
                bridge_vlan_info(flags: flags | UInt16(BRIDGE_VLAN_INFO_RANGE_BEGIN), vid: first))
            writer.structure(
                IFLA_BRIDGE_VLAN_INFO,
                bridge_vlan_info(flags: flags | UInt16(BRIDGE_VLAN_INFO_RANGE_END), vid: last))
        }
    }
}

/// The VLAN memberships of one port (RTM_NEWLINK of AF_BRIDGE).
public struct BridgeVLANs: Hashable, Sendable {
    public var link: InterfaceIndex
    public var vlans: [BridgeVLAN]

    /// Reads a port's description; nil for messages of other families.
    init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWLINK else { return nil }
        let header = try message.header(ifinfomsg.self)
        guard header.ifi_family == UInt8(AF_BRIDGE) else { return nil }
        link = InterfaceIndex(header.ifi_index)
        var vlans: [BridgeVLAN] = []
        if let specification = try message.attributes(after: MemoryLayout<ifinfomsg>.size).first(IFLA_AF_SPEC) {
            try specification.nested.forEach { item throws(MalformedMessage) in
                guard item.type == IFLA_BRIDGE_VLAN_INFO else { return }
                let info = try item.structure(bridge_vlan_info.self)
                if info.flags & UInt16(BRIDGE_VLAN_INFO_RANGE_END) != 0, !vlans.isEmpty {
                    vlans[vlans.count - 1].last = info.vid
                } else {
                    vlans.append(
                        BridgeVLAN(
                            info.vid, isPortVLAN: info.flags & UInt16(BRIDGE_VLAN_INFO_PVID) != 0,
                            isUntagged: info.flags & UInt16(BRIDGE_VLAN_INFO_UNTAGGED) != 0))
                }
            }
        }
        self.vlans = vlans
    }
}

extension RequestBatch {
    /// `bridge vlan add ... dev LINK`.
    ///
    /// - Parameter onBridge: the link is the bridge itself, not a port (`self`).
    @discardableResult
    public mutating func addVLANs(_ vlans: [BridgeVLAN], to link: InterfaceIndex, onBridge: Bool = false) -> Int {
        vlanRequest("RTM_SETLINK", RTM_SETLINK, vlans, link, onBridge)
    }

    /// `bridge vlan del ... dev LINK`.
    @discardableResult
    public mutating func removeVLANs(_ vlans: [BridgeVLAN], from link: InterfaceIndex, onBridge: Bool = false) -> Int {
        vlanRequest("RTM_DELLINK", RTM_DELLINK, vlans, link, onBridge)
    }

    private mutating func vlanRequest(
        _ name: StaticString, _ type: Int, _ vlans: [BridgeVLAN], _ link: InterfaceIndex, _ onBridge: Bool
    ) -> Int {
        request(name, on: "#\(link) (bridge VLANs)", type: type, flags: 0) { writer in
            var header = ifinfomsg()
            header.ifi_family = UInt8(AF_BRIDGE)
            header.ifi_index = link.rawValue
            writer.append(header)
            writer.nested(IFLA_AF_SPEC, flagged: false) { writer in
                if onBridge { writer.uint16(IFLA_BRIDGE_FLAGS, UInt16(BRIDGE_FLAGS_SELF)) }
                for vlan in vlans { vlan.write(to: &writer) }
            }
        }
    }
}
