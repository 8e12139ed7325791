import Addressing

/// Network cards of virtual machines whose hypervisor has a use of its own for a tunnel's port, known by what their
/// addresses begin with.
struct VirtualCard: Sendable, Hashable {
    /// Who makes the card.
    var maker: String
    /// The first three bytes of its addresses (IEEE MA-L).
    var prefix: UInt32
    /// UDP ports that the network below the machine takes or changes.
    var ports: Set<Int>
    /// Where the row was read, and when.
    var source: String
    var date: String

    /// The card an address belongs to; nil for hardware and for what nobody registered.
    static func of(_ address: MACAddress) -> VirtualCard? {
        all.first { UInt64($0.prefix) == address.rawValue >> 24 }
    }

    /// By the driver, or by what the cluster says of the machine (`spec.providerID` of the vSphere cloud provider).
    static func of(driver: String?, provider: String?) -> VirtualCard? {
        driver == "vmxnet3" || provider?.hasPrefix("vsphere://") == true ? all.first : nil
    }

    /// NSX wraps its own segments in VXLAN or Geneve between hosts; vmxnet3 takes over checksums of UDP 4789 (VMware
    /// KB 2079088, flannel-io/flannel and rke2 issues on vSphere).
    private static let nsx: Set<Int> = [4789]
    private static let registry = "IEEE MA-L registry; NSX Data Center documentation, ports and protocols"

    static let all = [0x005056, 0x000C29, 0x000569, 0x001C14].map {
        VirtualCard(maker: "VMware", prefix: $0, ports: nsx, source: registry, date: "2026-08")
    }
}
