import Addressing
import CLinux

extension NFTables {
    /// What a field of a key (or of a map's value) is. The numbers are nft's, which the kernel only stores: they
    /// decide how `nft list` prints an element (nftables, include/datatype.h).
    public enum FieldType: UInt32, Hashable, Sendable {
        case ipv4Address = 7
        case ipv6Address = 8
        case etherAddress = 9
        /// 1 byte, `IPPROTO_...`.
        case protocolNumber = 12
        /// 2 bytes, network order.
        case port = 13
        /// 4 bytes, host order.
        case mark = 19
        /// 16 bytes, padded with zeros.
        case interfaceName = 41

        /// Bytes.
        var size: Int {
            switch self {
            case .ipv4Address: 4
            case .ipv6Address: 16
            case .etherAddress: 6
            case .protocolNumber: 1
            case .port: 2
            case .mark: 4
            case .interfaceName: Int(IFNAMSIZ)
            }
        }

        /// nft's byte order: 1 host, 2 network.
        var byteOrder: UInt32 {
            switch self {
            case .mark, .interfaceName: 1
            default: 2
            }
        }
    }

    /// The type of a key: one field, or several side by side, each in registers of its own.
    public struct KeyType: Hashable, Sendable {
        public let fields: [FieldType]

        public init(_ fields: FieldType...) { self.fields = fields }

        /// `NFTA_SET_KEY_TYPE`: six bits for each field (nftables: `TYPE_BITS`).
        var number: UInt32 { fields.reduce(0) { $0 << 6 | $1.rawValue } }

        /// `NFTA_SET_KEY_LEN`: the fields of a concatenation are padded to words.
        var size: Int {
            fields.count == 1 ? fields[0].size : fields.reduce(0) { $0 + ($1.size + 3) & ~3 }
        }

        /// nft's byte order; a concatenation has none.
        var byteOrder: UInt32 { fields.count == 1 ? fields[0].byteOrder : 0 }
    }

    /// One field's value.
    public struct Value: Hashable, Sendable {
        public let type: FieldType
        public let bytes: [UInt8]

        public static func address(_ address: IPAddress) -> Value {
            Value(type: address.family == .v4 ? .ipv4Address : .ipv6Address, bytes: address.bytes)
        }
        public static func ether(_ address: MACAddress) -> Value {
            Value(type: .etherAddress, bytes: address.bytes)
        }
        public static func protocolNumber(_ number: UInt8) -> Value {
            Value(type: .protocolNumber, bytes: [number])
        }
        public static func port(_ port: UInt16) -> Value {
            Value(type: .port, bytes: [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)])
        }
        /// An interface name, at most 15 bytes; a longer one is cut, as no interface can have it.
        public static func interface(_ name: String) -> Value {
            var bytes = Array(name.utf8.prefix(Int(IFNAMSIZ) - 1))
            bytes += repeatElement(0, count: Int(IFNAMSIZ) - bytes.count)
            return Value(type: .interfaceName, bytes: bytes)
        }
    }

    /// A key, or the value of a map: fields joined as the registers hold them.
    public struct Key: Hashable, Sendable {
        public let bytes: [UInt8]

        public init(bytes: [UInt8]) { self.bytes = bytes }

        public init(_ values: Value...) {
            if values.count == 1 {
                bytes = values[0].bytes
            } else {
                var joined: [UInt8] = []
                for value in values {
                    joined += value.bytes
                    joined += repeatElement(0, count: -value.bytes.count & 3)
                }
                bytes = joined
            }
        }
    }

    /// What a set maps its keys to.
    public enum MapType: Hashable, Sendable {
        case verdict
        case value(KeyType)
    }

    /// A named set or map.
    public struct Set: Hashable, Sendable {
        public let table: Table
        public let name: String
        public let key: KeyType
        /// Nil for a set.
        public let map: MapType?
        /// Whether elements may be ranges. Such a set is a tree (one field) or is copied whole at every change
        /// (several fields, net/netfilter/nft_set_pipapo.c): for what changes with every pod use exact keys, which
        /// are a hash table.
        public let isInterval: Bool

        public init(_ table: Table, _ name: String, key: KeyType, map: MapType? = nil, interval: Bool = false) {
            self.table = table
            self.name = name
            self.key = key
            self.map = map
            self.isInterval = interval
        }
    }

    /// What a map gives for a key.
    public enum MapValue: Hashable, Sendable {
        case verdict(Verdict)
        case value(Key)
    }

    /// A member of a set.
    public struct Element: Hashable, Sendable {
        public let key: Key
        /// In a set of ranges: the first key after the range (one field) or the last one in it (several).
        public let end: Key?
        public let value: MapValue?
        /// Shown by `nft list`; at most 253 bytes.
        public let comment: String?

        public init(_ key: Key, to value: MapValue? = nil, end: Key? = nil, comment: String? = nil) {
            self.key = key
            self.end = end
            self.value = value
            self.comment = comment
        }
    }
}
