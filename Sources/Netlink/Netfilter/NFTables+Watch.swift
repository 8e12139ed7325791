import CLinux
import SystemCalls

extension NFTables.Socket {
    /// Starts to listen to what is committed by anybody (NFNLGRP_NFTABLES). A socket that listens is for nothing else.
    public mutating func listen() throws(NetlinkError) { try netlink.join(group: UInt32(NFNLGRP_NFTABLES.rawValue)) }

    /// Waits for a table, chain or rule that comes or goes, in any but the given tables; elements of sets are no reason
    /// to look.
    ///
    /// - Parameter milliseconds: for the next word of any kind; 0 only looks.
    public mutating func heardChange(
        within milliseconds: Int32, outside own: Swift.Set<NFTables.Table>
    ) throws(NetlinkError) -> NFTables.Heard {
        var isForeign = false
        do throws(NetlinkError) {
            let came = try netlink.nextEvents(within: milliseconds) { message throws(MalformedMessage) in
                if try Self.isChange(message, outside: own) { isForeign = true }
            }
            return isForeign ? .change : came ? .others : .nothing
        } catch  where error.errno == .ENOBUFS {
            // Words were lost, so anything may have been said.
            return .change
        }
    }

    private static func isChange(
        _ message: Message, outside own: Swift.Set<NFTables.Table>
    ) throws(MalformedMessage) -> Bool {
        let types = [
            NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, NFT_MSG_NEWCHAIN, NFT_MSG_DELCHAIN, NFT_MSG_NEWRULE, NFT_MSG_DELRULE,
        ]
        guard types.contains(where: { NFTables.type($0) == message.type }) else { return false }
        let (family, attributes) = try message.nftables()
        // NFTA_TABLE_NAME, NFTA_CHAIN_TABLE and NFTA_RULE_TABLE have one number.
        guard let family, let name = try attributes.first(Int(NFTA_TABLE_NAME.rawValue)) else { return true }
        return !own.contains(NFTables.Table(family, name.string))
    }
}

extension NFTables {
    /// What a socket that listens was told.
    public enum Heard: Hashable, Sendable {
        case nothing
        /// Something that is no table, chain or rule of anybody else.
        case others
        case change
    }
}
