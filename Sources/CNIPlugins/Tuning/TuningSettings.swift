import Addressing
import CNI
import JSONTree
import LinuxHost

/// What tuning is asked to do, gathered from the four places it may stand in. Later ones win: the configuration,
/// `MAC` in CNI_ARGS, `runtimeConfig.mac`, `args.cni`.
struct TuningSettings {
    /// In the order of the configuration; those that only `args.cni` has come last.
    var sysctls: [Setting] = []
    var mac: Requested<MACAddress>?
    /// Bytes.
    var mtu: Requested<Int>?
    /// Only true changes anything: false leaves the interface as it is, as in the reference plugin.
    var isPromiscuous = false
    var isAllMulticast: Bool?
    /// Packets.
    var transmitQueueLength: Int?

    /// One kernel setting in the container's namespace.
    struct Setting: Equatable {
        /// With the interface's name in place of `IFNAME`.
        var name: SysctlName
        /// As written, which is what the allow-list is matched with.
        var key: String
        var value: String
    }

    /// A value and where it was asked for, for an error that only the kernel's answer brings to light.
    struct Requested<Value> {
        var value: Value
        /// Nil when it came in CNI_ARGS.
        var node: JSONNode?
    }

    /// Whether anything about the interface itself is to change.
    var changesLink: Bool {
        mac != nil || mtu != nil || isPromiscuous || isAllMulticast != nil || transmitQueueLength != nil
    }

    /// Where backups lie. All that DEL needs: a configuration that ADD refused must still be cleaned up after.
    static func dataDirectory(_ call: PluginCall) throws(CNIError) -> String {
        let path = try call.configuration.reader.string("dataDir", default: "")
        return path.isEmpty ? call.host.tuningBackups : path
    }

    init() {}

    init(_ configuration: PluginConfiguration, _ request: CNIRequest) throws(CNIError) {
        let reader = configuration.reader
        try readLinkSettings(reader)
        try readSysctls(reader, interface: request.interfaceName)
        let arguments = try CNIArguments(request.arguments, known: ["MAC"])
        if let text = arguments["MAC"] {
            do throws(AddressError) {
                mac = Requested(value: try MACAddress(parsing: text), node: nil)
            } catch {
                throw CNIError(.invalidEnvironment, "CNI_ARGS: MAC: \(error)")
            }
        }
        if let runtime = try reader.object("runtimeConfig"), let value = try runtime.mac("mac") {
            mac = Requested(value: value, node: runtime["mac"])
        }
        if let convention = try configuration.conventionArguments {
            try readLinkSettings(convention)
            try readSysctls(convention, interface: request.interfaceName)
        }
        try validateMAC()
    }

    /// The keys that the configuration and `args.cni` share. What is not there leaves what was there before.
    private mutating func readLinkSettings(_ reader: ConfigurationReader) throws(CNIError) {
        if let node = reader["mac"] {
            // An empty text takes an address from an earlier place away.
            mac = try reader.mac("mac").map { Requested(value: $0, node: node) }
        }
        if let value = try reader.integer("mtu", in: 0...Int(Int32.max)) {
            mtu = value == 0 ? nil : Requested(value: value, node: reader["mtu"])
        }
        if let value = try reader.bool("promisc") { isPromiscuous = value }
        if let value = try reader.bool("allmulti") { isAllMulticast = value }
        if let value = try reader.integer("txQLen", in: 0...Int(Int32.max)) { transmitQueueLength = value }
    }

    /// Refuses a key that stands twice in the same object, and two spellings of one setting with different values:
    /// which of them counts would be chance. A setting of `args.cni` replaces the configuration's.
    private mutating func readSysctls(_ reader: ConfigurationReader, interface: String) throws(CNIError) {
        guard let table = try reader.object("sysctl") else { return }
        var own: [Setting] = []
        for (key, node) in table.node.members {
            guard let value = node.string else { throw table.invalid(node, "must be a string, not \(node.kind)") }
            guard let name = Self.name(of: key, interface: interface) else {
                throw table.invalid(node, "\"\(key)\" is not the name of a setting below net")
            }
            // The kernel takes a value with a final newline as one without, and splits lists at white space; a zero
            // byte or a line break inside would be cut off silently.
            if value.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\n") }) {
                throw table.invalid(node, "holds a line break or a zero byte")
            }
            if own.contains(where: { $0.key == key }) {
                throw table.invalid(node, "stands twice; duplicate sysctl keys are not allowed")
            }
            if let other = own.first(where: { $0.name == name }) {
                guard Sysctl.normalized(other.value) == Sysctl.normalized(value) else {
                    throw table.invalid(node, "is the same setting as \"\(other.key)\", with another value")
                }
                continue
            }
            own.append(Setting(name: name, key: key, value: value))
        }
        for setting in own {
            if let place = sysctls.firstIndex(where: { $0.name == setting.name }) {
                sysctls[place] = setting
            } else {
                sysctls.append(setting)
            }
        }
    }

    /// Nil for what is no name or not below /proc/sys/net, which is all that belongs to a network namespace. The
    /// interface's name is put in after the text was taken apart, so that it may contain dots.
    static func name(of key: String, interface: String) -> SysctlName? {
        guard var pieces = SysctlName(key)?.pieces, pieces.count >= 2, pieces[0] == "net" else { return nil }
        for place in pieces.indices {
            guard let replaced = pieces[place].replacingFirst("IFNAME", with: interface) else { continue }
            pieces[place] = replaced
            break
        }
        return SysctlName(pieces: pieces)
    }

    private func validateMAC() throws(CNIError) {
        guard let mac, mac.value.isMulticast || mac.value.isZero else { return }
        let reason =
            "\(mac.value) is \(mac.value.isZero ? "no address" : "a group address"), which no interface can have"
        guard let node = mac.node else { throw CNIError(.invalidEnvironment, "CNI_ARGS: MAC: \(reason)") }
        throw CNIError(.invalidConfiguration, "\(node.path): \(reason)", details: node.caret(reason))
    }
}

extension String {
    /// The first place where `text` stands, replaced; nil when it stands nowhere.
    func replacingFirst(_ text: String, with replacement: String) -> String? {
        let whole = Array(utf8)
        let wanted = Array(text.utf8)
        guard !wanted.isEmpty, whole.count >= wanted.count else { return nil }
        for start in 0...(whole.count - wanted.count) where whole[start...].starts(with: wanted) {
            return String(
                decoding: whole[..<start] + Array(replacement.utf8) + whole[(start + wanted.count)...], as: UTF8.self)
        }
        return nil
    }
}
