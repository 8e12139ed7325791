import Addressing

/// How large a pod's packets may be.
public enum MTU {
    /// What a tunnel adds to every packet: outer IP header, UDP (8), VXLAN (8) and the inner Ethernet header (14).
    /// Bytes: 50 over IPv4, 70 over IPv6 (RFC 7348 5).
    public static func vxlanOverhead(_ underlay: IPFamily) -> Int { underlay == .v4 ? 50 : 70 }

    /// Every IPv6 link carries at least this (RFC 8200 5).
    public static let leastIPv6 = 1280
    /// Every IPv4 link carries at least this (RFC 791 3.2).
    public static let leastIPv4 = 68

    /// The largest packet that pods can send to each other across the whole fabric. With direct routing too this is
    /// the tunnel's: a pod does not know which neighbour is near.
    public static func pods(
        _ backend: FabricConfiguration.Backend, underlayMTU: Int, underlayFamily: IPFamily, wanted: Int? = nil
    ) -> Int {
        let most =
            switch backend {
            case .vxlan: underlayMTU - vxlanOverhead(underlayFamily)
            case .hostGateway: underlayMTU
            }
        return wanted.map { min($0, most) } ?? most
    }
}
