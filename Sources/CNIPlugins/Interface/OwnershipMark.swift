import CNI

/// What tells a link of ours from anybody else's: the attachment it was made for, written into its alias
/// (IFLA_IFALIAS), and a name that is computed from the attachment.
///
/// The name lets DEL find a link after ADD was killed at any point, without a result, a cache or the container's
/// namespace; the alias proves that the link found is the right one.
public struct OwnershipMark: Hashable, Sendable {
    public let network: String
    public let attachment: CNIAttachment

    public init(network: String, attachment: CNIAttachment) {
        self.network = network
        self.attachment = attachment
    }

    init(_ call: PluginCall) {
        self.init(network: call.configuration.name, attachment: call.request.attachment)
    }

    /// The alias: `poplin:NETWORK/CONTAINER/INTERFACE`. The kernel keeps 255 bytes (IFALIASZ is 256 with the final
    /// zero); a network's or a container's name longer than 110 bytes is cut and gets a hash of the whole.
    public var alias: String {
        Self.prefix(ofNetwork: network) + Self.shortened(attachment.containerID) + "/" + attachment.interfaceName
    }

    /// What the aliases of all links of a network start with.
    public static func prefix(ofNetwork network: String) -> String { "poplin:" + shortened(network) + "/" }

    /// The name of a link for this attachment: `prefix` and hexadecimal digits up to 15 bytes in all.
    ///
    /// - Parameter attempt: 0, and more when the name before is taken by somebody else.
    public func linkName(_ prefix: String, attempt: Int = 0) -> String {
        var text = "\(network)/\(attachment.containerID)/\(attachment.interfaceName)"
        if attempt > 0 { text += "/\(attempt)" }
        return prefix + StableHash.hexadecimal(text, digits: CNINames.longestInterfaceName - prefix.utf8.count)
    }

    private static func shortened(_ text: String) -> String {
        if text.utf8.count <= 110 { return text }
        return String(decoding: text.utf8.prefix(93), as: UTF8.self) + "~"
            + StableHash.hexadecimal(text, digits: 16)
    }
}

/// A hash that is the same in every process and release, for names that must be found again. It resists chance, not
/// malice: whoever uses it checks what was found.
enum StableHash {
    /// FNV-1a over the bytes, then the finalizer of splitmix64, because FNV's high bits hardly depend on the last bytes.
    static func number(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }

    /// The first `digits` (1...16) of the number's 16 hexadecimal digits.
    static func hexadecimal(_ text: String, digits: Int) -> String {
        let full = String(number(text), radix: 16)
        return String((String(repeating: "0", count: 16 - full.utf8.count) + full).prefix(digits))
    }
}
