/// What the kernel stores without looking: type-length-value triples that nft reads back (libnftnl, udata.h). The
/// numbers are nft's; a table, chain, set, rule or element may carry 256 bytes of them.
extension NFTables {
    public enum UserData {
        /// The comment of a rule and that of an element have the same number (`NFTNL_UDATA_RULE_COMMENT`,
        /// `NFTNL_UDATA_SET_ELEM_COMMENT`).
        private static let commentType: UInt8 = 0
        /// The kernel takes NFT_USERDATA_MAXLEN = 256 bytes: type, length, text, NUL.
        public static let longestComment = 253

        /// One comment; what is longer than `longestComment` is cut.
        static func comment(_ text: String) -> [UInt8] {
            let utf8 = text.utf8.prefix(longestComment)
            return [commentType, UInt8(utf8.count + 1)] + utf8 + [0]
        }

        /// The comment in a run of triples, nil when there is none or the run is broken.
        static func comment(in bytes: UnsafeRawBufferPointer) -> String? {
            var position = 0
            while position + 2 <= bytes.count {
                let end = position + 2 + Int(bytes[position + 1])
                guard end <= bytes.count else { return nil }
                if bytes[position] == commentType {
                    let text = bytes[(position + 2)..<end].prefix { $0 != 0 }
                    return String(decoding: text, as: UTF8.self)
                }
                position = end
            }
            return nil
        }

        /// What nft needs to print elements: the byte order of keys and values
        /// (`NFTNL_UDATA_SET_KEYBYTEORDER` 0, `NFTNL_UDATA_SET_DATABYTEORDER` 1) and whether a map's values are
        /// ranges (`NFTNL_UDATA_SET_DATA_INTERVAL` 6). 32 bits in host order each.
        static func set(_ set: Set) -> [UInt8] {
            var bytes = number(0, set.key.byteOrder)
            switch set.map {
            case nil: break
            case .verdict:
                bytes += number(1, 0) + number(6, 0)
            case .value(let type):
                bytes += number(1, type.byteOrder) + number(6, 0)
            }
            return bytes
        }

        private static func number(_ type: UInt8, _ value: UInt32) -> [UInt8] {
            [type, 4] + Expression.host(value)
        }
    }
}
