import CLinux
import Findings
import Netlink
import SystemCalls

/// What the kernel says when it lacks a part that a configuration asks for. Its errno alone tells nobody.
enum KernelGap {
    /// Of socket(2), for a netlink protocol that nobody has registered.
    static let noSuchProtocol = Errno(rawValue: EPROTONOSUPPORT)

    /// Masquerading that could not be set up.
    static func masquerading(_ error: NetlinkError) -> Finding {
        let place = "poplin.json: masquerade"
        let other = "; or set \"masquerade\": false, and let the network outside route pods' addresses"
        switch error.errno {
        case .EINVAL where error.request.hasPrefix("NFT_MSG_GETGEN"), .EOPNOTSUPP, .EAFNOSUPPORT, noSuchProtocol:
            // nfnetlink answers EINVAL for a subsystem that nobody has registered; without nfnetlink itself there is not
            // even a socket of the kind.
            return Finding(
                code: "FAB-11", "\(place) needs nf_tables, which this kernel does not have: \(error)",
                next: "load the module nf_tables, or a kernel with CONFIG_NF_TABLES and CONFIG_NF_TABLES_INET" + other)
        case .ENOENT where error.request.hasPrefix("NFT_MSG_NEWRULE"),
            .ENOENT where error.request.hasPrefix("NFT_MSG_NEWCHAIN"):
            return Finding(
                code: "FAB-11",
                "\(place) needs an expression or a chain that this kernel's nf_tables does not have: \(error)",
                next:
                    "load the modules nft_masq, nft_chain_nat and nft_ct, or a kernel with CONFIG_NFT_MASQ, CONFIG_NFT_NAT "
                    + "and CONFIG_NFT_CT" + other)
        default:
            return Finding(
                code: "FAB-11", "masquerading: \(error)",
                next: "see with `nft list ruleset` what is there: the tables named poplin are ours")
        }
    }
}
