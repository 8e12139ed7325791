import Addressing

/// A match or a target of xtables in a rule: its name and the structure the kernel keeps for it.
///
/// The layouts are those of linux/netfilter/xt_*.h, linux/netfilter_ipv4/ipt_*.h and linux/netfilter_ipv6/ip6t_*.h.
struct XTablesExtension {
    let name: String
    let revision: UInt32
    let family: IPFamily
    /// Names of ipsets by the kernel's number.
    let sets: [UInt16: String]
    let info: XTablesInfo

    init(_ name: String, _ revision: UInt32, _ bytes: [UInt8], _ family: IPFamily, sets: [UInt16: String]) {
        self.name = name
        self.revision = revision
        self.family = family
        self.sets = sets
        info = XTablesInfo(bytes)
    }

    /// What stands in front of an option that is turned round.
    func not(_ isInverted: Bool) -> String { isInverted ? "! " : "" }
}
