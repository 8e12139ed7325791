import CLinux
import Diagnosis
import JSONTree
import SystemCalls

/// Asks for what a card or a tunnel does by itself: `ethtool -k` (ioctl SIOCETHTOOL, linux/ethtool.h). No privilege is
/// needed to ask.
struct OffloadReader: ~Copyable {
    private static let SIOCETHTOOL: UInt = 0x8946
    private static let ETHTOOL_GSTRINGS: UInt32 = 0x1B
    private static let ETHTOOL_GSSET_INFO: UInt32 = 0x37
    private static let ETHTOOL_GFEATURES: UInt32 = 0x3A
    private static let ETH_SS_FEATURES: UInt32 = 4
    private static let ETH_GSTRING_LEN = 32

    private let socket: FileDescriptor
    /// The kernel's names of features, by their bit; the same for all interfaces.
    private let names: [String]

    /// - Parameter interface: any that exists.
    init?(asking interface: String) {
        guard let socket = try? Sockets.make(domain: AF_INET, type: Int32(SOCK_DGRAM.rawValue), protocol: 0) else {
            return nil
        }
        // struct ethtool_sset_info: command, reserved, a mask of sets, and of each set in it how many strings.
        var sets = Self.request(Self.ETHTOOL_GSSET_INFO, bytes: 20)
        sets[8] = 1 << UInt8(Self.ETH_SS_FEATURES)
        guard Self.ask(socket, interface, &sets) else { return nil }
        let count = Int(min(Self.word(sets, 16), 1024))
        // struct ethtool_gstrings: command, set, count, then the strings.
        var strings = Self.request(Self.ETHTOOL_GSTRINGS, bytes: 12 + count * Self.ETH_GSTRING_LEN)
        Self.put(Self.ETH_SS_FEATURES, at: 4, &strings)
        Self.put(UInt32(count), at: 8, &strings)
        guard count > 0, Self.ask(socket, interface, &strings) else { return nil }
        names = (0..<count).map { index in
            let start = 12 + index * Self.ETH_GSTRING_LEN
            return String(
                decoding: strings[start..<(start + Self.ETH_GSTRING_LEN)].prefix { $0 != 0 }, as: UTF8.self)
        }
        self.socket = socket
    }

    /// `on`, `off`, and ` [fixed]` behind what cannot be changed, by the kernel's name; nil when it cannot be asked.
    borrowing func features(of interface: String) -> [(name: String, state: String)]? {
        let blocks = (names.count + 31) / 32
        // struct ethtool_gfeatures: command, blocks, and of each block what is available, wished, active, never changed.
        var answer = Self.request(Self.ETHTOOL_GFEATURES, bytes: 8 + blocks * 16)
        Self.put(UInt32(blocks), at: 4, &answer)
        guard Self.ask(socket, interface, &answer) else { return nil }
        return names.enumerated().compactMap { index, name in
            if name.isEmpty { return nil }
            let block = 8 + index / 32 * 16
            let bit: UInt32 = 1 << UInt32(index % 32)
            let isAvailable = Self.word(answer, block) & bit != 0
            let isActive = Self.word(answer, block + 8) & bit != 0
            let isFixed = Self.word(answer, block + 12) & bit != 0 || !isAvailable
            return (name, (isActive ? "on" : "off") + (isFixed ? " [fixed]" : ""))
        }
    }

    // MARK: The call

    private static func request(_ command: UInt32, bytes: Int) -> [UInt8] {
        var data = [UInt8](repeating: 0, count: bytes)
        put(command, at: 0, &data)
        return data
    }

    private static func put(_ value: UInt32, at offset: Int, _ data: inout [UInt8]) {
        data.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: UInt32.self) }
    }

    private static func word(_ data: [UInt8], _ offset: Int) -> UInt32 {
        data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }

    private static func ask(_ socket: borrowing FileDescriptor, _ interface: String, _ data: inout [UInt8]) -> Bool {
        let number = socket.rawValue
        // struct ifreq: sixteen bytes of name, then a pointer; forty bytes in all.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<min(interface.utf8.count, 15), with: Array(interface.utf8.prefix(15)))
        return data.withUnsafeMutableBytes { buffer in
            let address = UInt(bitPattern: buffer.baseAddress)
            return request.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: address, toByteOffset: 16, as: UInt.self)
                return clinux_ioctl(number, SIOCETHTOOL, UInt(bitPattern: bytes.baseAddress)) == 0
            }
        }
    }
}

extension MachineReading {
    /// Of every interface of the machine's own namespace.
    mutating func readOffloads(_ details: [LinkDetails]) {
        let part = NodeEvidence.Part.offloads
        guard let first = details.first, let reader = OffloadReader(asking: first.name) else {
            return miss(
                part.path, because: "the kernel does not say what its interfaces do by themselves (SIOCETHTOOL)")
        }
        var devices: [JSONMember] = []
        for link in details {
            guard let features = reader.features(of: link.name) else { continue }
            devices.append(
                JSONMember(link.name, .object(features.map { JSONMember($0.name, .string($0.state)) })))
        }
        add(JSONValue.object(devices).serialized(), part.path, command: "ethtool -k DEVICE")
    }
}
