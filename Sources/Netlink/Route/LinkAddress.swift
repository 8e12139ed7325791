import Addressing
import CLinux

/// An address on an interface (RTM_NEWADDR).
public struct LinkAddress: Hashable, Sendable {
    public var link: InterfaceIndex
    /// Address and prefix length. Of a point-to-point address this is our own end.
    public var address: InterfaceAddress
    /// The other end, when it differs from `address` (IFA_ADDRESS beside IFA_LOCAL).
    public var peer: IPAddress?
    /// IPv4 only.
    public var broadcast: IPv4Address?
    /// RT_SCOPE_...
    public var scope: UInt8 = 0
    public var flags: Flags = []
    /// Seconds; nil is for ever.
    public var validLifetime: UInt32?
    /// Seconds; nil is for ever.
    public var preferredLifetime: UInt32?

    public init(
        _ address: InterfaceAddress, on link: InterfaceIndex, broadcast: IPv4Address? = nil, scope: UInt8 = 0,
        flags: Flags = []
    ) {
        self.link = link
        self.address = address
        self.broadcast = broadcast
        self.scope = scope
        self.flags = flags
    }

    /// IFA_F_... (linux/if_addr.h).
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let secondary = Flags(rawValue: 0x01)
        /// No duplicate address detection: the address is usable at once.
        public static let noDAD = Flags(rawValue: 0x02)
        public static let optimistic = Flags(rawValue: 0x04)
        /// Duplicate address detection found the address in use.
        public static let dadFailed = Flags(rawValue: 0x08)
        public static let deprecated = Flags(rawValue: 0x20)
        /// Duplicate address detection is under way.
        public static let tentative = Flags(rawValue: 0x40)
        public static let permanent = Flags(rawValue: 0x80)
        /// The kernel makes no route for the prefix.
        public static let noPrefixRoute = Flags(rawValue: 0x200)
    }

    /// Reads RTM_NEWADDR or RTM_DELADDR; nil for other messages and for families that are not IP.
    public init?(_ message: Message) throws(MalformedMessage) {
        guard message.type == RTM_NEWADDR || message.type == RTM_DELADDR else { return nil }
        let header = try message.header(ifaddrmsg.self)
        var local: IPAddress?
        var remote: IPAddress?
        var broadcast: IPv4Address?
        var flags = Flags(rawValue: UInt32(header.ifa_flags))
        var lifetimes: ifa_cacheinfo?
        try message.attributes(after: MemoryLayout<ifaddrmsg>.size).forEach { item throws(MalformedMessage) in
            switch item.type {
            case IFA_LOCAL: local = IPAddress(bytes: item.payload)
            case IFA_ADDRESS: remote = IPAddress(bytes: item.payload)
            case IFA_BROADCAST: broadcast = IPv4Address(bytes: item.payload)
            case IFA_FLAGS: flags = Flags(rawValue: try item.uint32())
            case IFA_CACHEINFO: lifetimes = try item.structure(ifa_cacheinfo.self)
            default: break
            }
        }
        // IPv6 says only IFA_ADDRESS, unless the address has a peer.
        guard let own = local ?? remote,
            let address = InterfaceAddress(address: own, prefixLength: Int(header.ifa_prefixlen))
        else { return nil }
        self.init(
            address, on: InterfaceIndex(Int32(bitPattern: header.ifa_index)), broadcast: broadcast,
            scope: header.ifa_scope, flags: flags)
        if let remote, remote != own { peer = remote }
        if let lifetimes {
            validLifetime = lifetimes.ifa_valid == .max ? nil : lifetimes.ifa_valid
            preferredLifetime = lifetimes.ifa_prefered == .max ? nil : lifetimes.ifa_prefered
        }
    }

    func write(to writer: inout MessageWriter) {
        writer.append(
            ifaddrmsg(
                ifa_family: address.family.netlinkNumber, ifa_prefixlen: UInt8(clamping: address.prefixLength),
                ifa_flags: UInt8(truncatingIfNeeded: flags.rawValue), ifa_scope: scope,
                ifa_index: UInt32(bitPattern: link.rawValue)))
        writer.address(IFA_LOCAL, address.address)
        writer.address(IFA_ADDRESS, peer ?? address.address)
        if let broadcast { writer.bigEndian32(IFA_BROADCAST, broadcast.rawValue) }
        if flags.rawValue > 0xff { writer.uint32(IFA_FLAGS, flags.rawValue) }
        if validLifetime != nil || preferredLifetime != nil {
            var lifetimes = ifa_cacheinfo()
            lifetimes.ifa_valid = validLifetime ?? .max
            lifetimes.ifa_prefered = preferredLifetime ?? .max
            writer.structure(IFA_CACHEINFO, lifetimes)
        }
    }
}

extension RequestBatch {
    /// `ip address add ADDRESS dev LINK`: EEXIST when the interface has it.
    @discardableResult
    public mutating func add(_ address: LinkAddress) -> Int {
        request(
            "RTM_NEWADDR", on: "\(address.address) on #\(address.link)", type: RTM_NEWADDR,
            flags: Int32(NLM_F_CREATE | NLM_F_EXCL)
        ) { address.write(to: &$0) }
    }

    /// `ip address del ADDRESS dev LINK`: EADDRNOTAVAIL when the interface has it not.
    @discardableResult
    public mutating func delete(_ address: LinkAddress) -> Int {
        request(
            "RTM_DELADDR", on: "\(address.address) on #\(address.link)", type: RTM_DELADDR, flags: 0
        ) { address.write(to: &$0) }
    }
}

extension IPFamily {
    /// AF_INET or AF_INET6.
    public var netlinkNumber: UInt8 { UInt8(self == .v4 ? AF_INET : AF_INET6) }
}

extension MessageWriter {
    /// An address's 4 or 16 bytes.
    public mutating func address(_ type: Int, _ address: IPAddress) {
        switch address {
        case .v4(let address): bigEndian32(type, address.rawValue)
        case .v6(let address): structure(type, (address.high.bigEndian, address.low.bigEndian))
        }
    }
}
