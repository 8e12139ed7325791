import Addressing
import CNI
import Netlink

/// The packet filter that the plugins share: two nf_tables tables of ours, `inet poplin_cni` and
/// `bridge poplin_cni`. Masquerading (bridge, ptp), port mapping, the firewall and protection against forged hardware
/// addresses each have their part in them.
///
/// **A part has two layers.** The *skeleton* is base chains, and for every network a chain with the network's rules;
/// its size grows with networks, never with pods. The *elements* are the pods: an address in a verdict map leads to
/// the chain of its network. Adding or removing a pod is adding or removing elements, in one batch, in hash tables:
/// the cost does not depend on how many pods there are.
///
///     map masquerade_pods4 { 10.88.0.5 comment "podnet/3f2a/eth0" : goto masquerade/10.88.0.0/16 }
///     chain masquerading { type nat hook postrouting priority srcnat; ip saddr vmap @masquerade_pods4; ... }
///     chain masquerade/10.88.0.0/16 { ip daddr 10.88.0.0/16 return; ip daddr 224.0.0.0/4 return; masquerade }
///
/// **Every element says whose it is**: its comment is `network/container id/interface` (none of the three can contain
/// a slash), so that DEL and GC work from the kernel's state alone, with the container's namespace gone and without a
/// previous result. The kernel is the only record. DEL asks for the keys it expects (the addresses of the previous
/// result or of the reservation) and removes those that carry its own comment, so that a late second DEL cannot
/// take away what now belongs to another pod; only when it knows no key does it list the map.
///
/// **The skeleton is checked on every ADD** with one listing of our rules, decoded and compared by value, and what is
/// missing or altered (somebody's `nft flush ruleset`) is put back in the same batch as the pod's elements, with one
/// line on standard error. A batch that writes rules is bound to the generation it looked at, so that two plugins
/// that find the skeleton missing cannot both write it: the kernel refuses the second, which looks again.
///
/// **Nothing is left after the last pod.** A network's chain knows how many elements lead to it (the kernel counts
/// references), so the DEL that removes the last one removes the chain in the same batch, and with the last chain of
/// all the table. A pod that comes at that moment makes the deletion fail (EBUSY) or finds the map gone (ENOENT) and
/// builds it anew.
///
/// Everything outside these two tables is somebody else's and left alone, with the single exception that
/// `ForeignForwarding` describes.
public enum Packetfilter {
    /// The table of everything that concerns IP.
    public static let table = NFTables.Plugins.table
    /// The table of what concerns Ethernet frames in bridges.
    public static let bridgeTable = NFTables.Plugins.bridgeTable
    /// How often a batch is tried again when others change the rule set at the same moment. With n plugins at work
    /// one of n gets through each time.
    static let attempts = 256
}

extension Packetfilter {
    /// Whose an element is: one interface of one container in one network.
    public struct Owner: Hashable, Sendable, CustomStringConvertible {
        public let network: String
        public let attachment: CNIAttachment

        public init(network: String, attachment: CNIAttachment) {
            self.network = network
            self.attachment = attachment
        }

        public init(network: String, containerID: String, interfaceName: String) {
            self.init(
                network: network,
                attachment: CNIAttachment(containerID: containerID, interfaceName: interfaceName))
        }

        /// `network/container id/interface`.
        public var description: String { "\(network)/\(attachment)" }

        /// The owner as elements carry it. The kernel stores 253 bytes: where names are longer, network and
        /// container id are each cut to 96 bytes and a hash of the whole, which is as unique.
        public var comment: String {
            let full = description
            if full.utf8.count <= NFTables.UserData.longestComment { return full }
            return "\(Self.shortened(network))/\(Self.shortened(attachment.containerID))/\(attachment.interfaceName)"
        }

        private static func shortened(_ text: String) -> String {
            if text.utf8.count <= 112 { return text }
            return String(decoding: text.utf8.prefix(95), as: UTF8.self) + "~"
                + Packetfilter.hash(text, digits: 16)
        }

        /// Whether a comment names an attachment of this network.
        static func isOf(network: String, _ comment: String) -> Bool {
            let parts = comment.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 3 && (parts[0] == network || parts[0] == Self.shortened(network))
        }
    }

    /// FNV-1a, 64 bits, in hexadecimal: tells names apart, protects nothing.
    static func hash(_ text: String, digits: Int) -> String {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let text = String(value, radix: 16)
        return String((String(repeating: "0", count: 16 - text.count) + text).prefix(digits))
    }

    /// The name of a network's chain, `purpose/what`. The slash tells chains of networks, which go with their last
    /// pod, from the chains of the skeleton's ground floor. nft reads names of letters, digits, `/`, `_`, `.` and `-`.
    static func chainName(_ purpose: String, _ what: String) -> String {
        "\(purpose)/" + String(what.map { $0 == ":" ? "_" : $0 })
    }

    /// Whether a chain belongs to a network, see `chainName`.
    static func isNetworkChain(_ name: String) -> Bool { name.utf8.contains(UInt8(ascii: "/")) }
}
