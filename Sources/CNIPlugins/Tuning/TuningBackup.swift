import Addressing
import CNI
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

/// What an interface was like before tuning, kept in a file until DEL puts it back.
///
/// Name and fields are the reference plugin's (`<containerID>_<interface>.json` with `mac`, `mtu`, `promisc`,
/// `allmulti`, `txQLen`), so that a node can be switched over with containers running, and back. Ours adds what GC
/// needs (`poplin`: version, network, container, interface) and which interface it is about (`ifindex`). The
/// directory is shared by all networks: a file that does not say it is of this network is left alone.
struct TuningBackup: Equatable {
    var mac: MACAddress?
    var mtu: Int?
    var isPromiscuous: Bool?
    var isAllMulticast: Bool?
    var transmitQueueLength: Int?
    /// Nil in a file of the reference plugin.
    var origin: Origin?

    struct Origin: Equatable {
        var network: String
        var attachment: CNIAttachment
        var link: InterfaceIndex
    }

    init() {}

    /// What `settings` will change about `link`.
    init(of link: Link, for settings: TuningSettings, origin: Origin) {
        if settings.mac != nil { mac = link.mac }
        if settings.mtu != nil { mtu = link.mtu }
        if settings.isPromiscuous { isPromiscuous = link.flags.contains(.promiscuous) }
        if settings.isAllMulticast != nil { isAllMulticast = link.flags.contains(.allMulticast) }
        if settings.transmitQueueLength != nil { transmitQueueLength = link.transmitQueueLength }
        self.origin = origin
    }

    /// The request that puts everything back.
    var change: LinkChange {
        LinkChange(
            isPromiscuous: isPromiscuous, isAllMulticast: isAllMulticast, mtu: mtu, mac: mac,
            transmitQueueLength: transmitQueueLength)
    }

    /// This backup, where an older one of the same interface knows better: an ADD that was killed, and is tried again
    /// without a DEL in between, would otherwise take its own changes for the original.
    func preferring(_ older: TuningBackup) -> TuningBackup {
        guard let origin, older.origin == origin else { return self }
        var merged = self
        merged.mac = older.mac ?? mac
        merged.mtu = older.mtu ?? mtu
        merged.isPromiscuous = older.isPromiscuous ?? isPromiscuous
        merged.isAllMulticast = older.isAllMulticast ?? isAllMulticast
        merged.transmitQueueLength = older.transmitQueueLength ?? transmitQueueLength
        return merged
    }
}

// MARK: - On disk

extension TuningBackup {
    static func path(_ directory: String, _ attachment: CNIAttachment) -> String {
        "\(directory)/\(attachment.containerID)_\(attachment.interfaceName).json"
    }

    /// The format of what ours adds; a greater number is left alone.
    static let version: Int64 = 1

    var bytes: [UInt8] {
        var members: [JSONMember] = []
        if let mac { members.append(JSONMember("mac", .string(mac.description))) }
        if let isPromiscuous { members.append(JSONMember("promisc", .bool(isPromiscuous))) }
        if let mtu { members.append(JSONMember("mtu", .int(Int64(mtu)))) }
        if let isAllMulticast { members.append(JSONMember("allmulti", .bool(isAllMulticast))) }
        if let transmitQueueLength { members.append(JSONMember("txQLen", .int(Int64(transmitQueueLength)))) }
        if let origin {
            members.append(
                JSONMember(
                    "poplin",
                    .object([
                        JSONMember("version", .int(Self.version)),
                        JSONMember("network", .string(origin.network)),
                        JSONMember("containerID", .string(origin.attachment.containerID)),
                        JSONMember("ifname", .string(origin.attachment.interfaceName)),
                        JSONMember("ifindex", .int(Int64(origin.link.rawValue))),
                    ])))
        }
        return JSONValue.object(members).serialized(indent: 1)
    }

    /// Nil for what is no backup: a file torn by a crash of the reference plugin.
    init?(parsing bytes: [UInt8]) {
        do {
            let root = try JSONTree(parsing: bytes).root
            guard root.kind == .object else { return nil }
            let reader = try ConfigurationReader(root)
            mac = try reader.mac("mac")
            mtu = try reader.integer("mtu", in: 1...Int(Int32.max))
            isPromiscuous = try reader.bool("promisc")
            isAllMulticast = try reader.bool("allmulti")
            transmitQueueLength = try reader.integer("txQLen", in: 0...Int(Int32.max))
            if let own = try reader.object("poplin"), try own.integer("version") == Int(Self.version),
                let network = try own.string("network"), let container = try own.string("containerID"),
                let interface = try own.string("ifname"),
                let index = try own.integer("ifindex", in: 1...Int(Int32.max))
            {
                origin = Origin(
                    network: network,
                    attachment: CNIAttachment(containerID: container, interfaceName: interface),
                    link: InterfaceIndex(Int32(index)))
            }
        } catch {
            return nil
        }
    }

    /// The backup of an attachment; nil when there is none or it cannot be understood.
    static func read(_ directory: String, _ attachment: CNIAttachment) throws(SystemCallError) -> TuningBackup? {
        guard let bytes = try AtomicFile.read(path(directory, attachment), limit: 1 << 20) else { return nil }
        return TuningBackup(parsing: bytes)
    }

    /// Written whole before the first change, so that a kill at any point leaves either nothing to undo or a backup.
    func write(_ directory: String, _ attachment: CNIAttachment) throws(SystemCallError) {
        // The reference makes the directory with mode 0600, which root does not mind; 0700 can be listed by its owner.
        try Directories.make(directory, mode: 0o700)
        try AtomicFile.write(Self.path(directory, attachment), bytes, mode: 0o600)
    }

    @discardableResult
    static func remove(_ directory: String, _ attachment: CNIAttachment) throws(SystemCallError) -> Bool {
        do throws(SystemCallError) {
            return try AtomicFile.remove(path(directory, attachment))
        } catch  where error.errno == .ENOTDIR {
            return false
        }
    }

    /// The files of `network` in `directory` whose attachment is not among `valid`, staging files included.
    static func stale(
        in directory: String, network: String, valid: [CNIAttachment]
    ) throws(SystemCallError) -> [String] {
        var paths: [String] = []
        for name in try Directories.sortedList(directory) {
            guard (AtomicFile.target(ofStagingName: name) ?? name).hasSuffix(".json") else { continue }
            let path = "\(directory)/\(name)"
            guard let bytes = try AtomicFile.read(path, limit: 1 << 20),
                let origin = TuningBackup(parsing: bytes)?.origin, origin.network == network
            else { continue }
            if !valid.contains(origin.attachment) { paths.append(path) }
        }
        return paths
    }
}
