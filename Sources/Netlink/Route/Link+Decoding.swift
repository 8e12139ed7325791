import Addressing
import CLinux

extension Link {
    /// Reads RTM_NEWLINK or RTM_DELLINK; nil for messages of other types and of bridge ports (AF_BRIDGE).
    public init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWLINK || message.type == RTM_DELLINK else { return nil }
        let header = try message.header(ifinfomsg.self)
        guard header.ifi_family != UInt8(AF_BRIDGE) else { return nil }
        var link = Link(index: InterfaceIndex(header.ifi_index), name: "")
        link.hardwareType = header.ifi_type
        link.flags = Flags(rawValue: header.ifi_flags)
        try message.attributes(after: MemoryLayout<ifinfomsg>.size).forEach { item throws(MalformedMessage) in
            try link.read(item)
        }
        self = link
    }

    private mutating func read(_ item: Attribute) throws(MalformedMessage) {
        switch item.type {
        case IFLA_IFNAME: name = item.string
        case IFLA_ADDRESS: mac = MACAddress(bytes: item.payload)
        case IFLA_MTU: mtu = Int(try item.uint32())
        case IFLA_MAX_MTU: largestMTU = Int(try item.uint32())
        case IFLA_LINK:
            let number = try item.int32()
            link = number > 0 ? InterfaceIndex(number) : nil
        case IFLA_LINK_NETNSID: linkNamespaceID = try item.int32()
        case IFLA_MASTER: master = InterfaceIndex(try item.int32())
        case IFLA_TXQLEN: transmitQueueLength = Int(try item.uint32())
        case IFLA_OPERSTATE: operationalState = OperationalState(rawValue: try item.uint8()) ?? .unknown
        case IFLA_CARRIER: hasCarrier = try item.uint8() != 0
        case IFLA_IFALIAS: alias = item.string
        case IFLA_PROMISCUITY: promiscuity = Int(try item.uint32())
        case IFLA_GROUP: group = try item.uint32()
        case IFLA_QDISC: queueingDiscipline = item.string
        case IFLA_PROP_LIST:
            try item.nested.forEach { property throws(MalformedMessage) in
                if property.type == IFLA_ALT_IFNAME { alternativeNames.append(property.string) }
            }
        case IFLA_LINKINFO: try readInfo(item.nested)
        default: break
        }
    }

    private mutating func readInfo(_ info: AttributeReader) throws(MalformedMessage) {
        kind = try info.first(IFLA_INFO_KIND)?.string
        if let data = try info.first(IFLA_INFO_DATA) {
            if kind == "bridge" { bridge = try BridgeSettings(data.nested) }
            if kind == "vlan" { vlanID = try data.nested.first(IFLA_VLAN_ID)?.uint16() }
            if kind == "vxlan" { vxlan = try VXLANSettings(data.nested) }
            // IFLA_IPTUN_LOCAL, IFLA_GRE_LOCAL (linux/if_tunnel.h, which cannot be included beside netinet/ip.h)
            let number = ["ipip": 2, "sit": 2, "ip6tnl": 2, "gre": 6, "gretap": 6, "ip6gre": 6][kind ?? ""]
            if let number { tunnelSource = try data.nested.first(number).flatMap { IPAddress(bytes: $0.payload) } }
        }
        if try info.first(IFLA_INFO_SLAVE_KIND)?.string == "bridge",
            let data = try info.first(IFLA_INFO_SLAVE_DATA)
        {
            port = try BridgePort(data.nested)
        }
    }
}

extension BridgeSettings {
    init(_ reader: AttributeReader) throws(MalformedMessage) {
        var settings = BridgeSettings()
        try reader.forEach { item throws(MalformedMessage) in
            switch item.type {
            case IFLA_BR_VLAN_FILTERING: settings.vlanFiltering = try item.uint8() != 0
            case IFLA_BR_VLAN_DEFAULT_PVID: settings.defaultVLAN = try item.uint16()
            case IFLA_BR_STP_STATE: settings.spanningTree = try item.uint32() != 0
            case IFLA_BR_MCAST_SNOOPING: settings.multicastSnooping = try item.uint8() != 0
            case IFLA_BR_FORWARD_DELAY: settings.forwardDelay = try item.uint32()
            default: break
            }
        }
        self = settings
    }

    func write(to writer: inout MessageWriter) {
        if let forwardDelay { writer.uint32(IFLA_BR_FORWARD_DELAY, forwardDelay) }
        if let spanningTree { writer.uint32(IFLA_BR_STP_STATE, spanningTree ? 1 : 0) }
        if let vlanFiltering { writer.uint8(IFLA_BR_VLAN_FILTERING, vlanFiltering ? 1 : 0) }
        if let multicastSnooping { writer.uint8(IFLA_BR_MCAST_SNOOPING, multicastSnooping ? 1 : 0) }
        if let defaultVLAN { writer.uint16(IFLA_BR_VLAN_DEFAULT_PVID, defaultVLAN) }
    }
}

extension BridgePort {
    init(_ reader: AttributeReader) throws(MalformedMessage) {
        var port = BridgePort()
        try reader.forEach { item throws(MalformedMessage) in
            switch item.type {
            case IFLA_BRPORT_MODE: port.hairpin = try item.uint8() != 0
            case IFLA_BRPORT_ISOLATED: port.isolated = try item.uint8() != 0
            case IFLA_BRPORT_LEARNING: port.learning = try item.uint8() != 0
            case IFLA_BRPORT_UNICAST_FLOOD: port.unicastFlood = try item.uint8() != 0
            case IFLA_BRPORT_STATE: port.state = try item.uint8()
            default: break
            }
        }
        self = port
    }

    func write(to writer: inout MessageWriter) {
        if let hairpin { writer.uint8(IFLA_BRPORT_MODE, hairpin ? 1 : 0) }
        if let learning { writer.uint8(IFLA_BRPORT_LEARNING, learning ? 1 : 0) }
        if let unicastFlood { writer.uint8(IFLA_BRPORT_UNICAST_FLOOD, unicastFlood ? 1 : 0) }
        if let isolated { writer.uint8(IFLA_BRPORT_ISOLATED, isolated ? 1 : 0) }
    }

    /// Whether nothing is to be changed.
    public var isEmpty: Bool { hairpin == nil && isolated == nil && learning == nil && unicastFlood == nil }
}
