import Addressing

extension NFTables {
    /// Bits of the packet mark that carry word from one chain of ours to another. Those of Kubernetes' own service proxy
    /// are 0x4000 and 0x8000.
    public enum Mark {
        /// The packet's connection has to be tracked; set and taken off again before connections are looked up.
        public static let tracked: UInt32 = 0x2000
    }

    /// What the plugins keep in the kernel, as far as the agent has to know it: they write, it reads.
    public enum Plugins {
        /// The table of everything that concerns IP.
        public static let table = Table(.inet, "poplin_cni")
        /// The table of what concerns Ethernet frames in bridges.
        public static let bridgeTable = Table(.bridge, "poplin_cni")

        /// The addresses of pods with published ports: what they send is marked ``Mark/tracked``.
        public static func trackedPods(_ family: IPFamily) -> NFTables.Set {
            NFTables.Set(
                table, "portmap_tracked\(family.rawValue)",
                key: .init(family == .v4 ? .ipv4Address : .ipv6Address))
        }
    }
}
