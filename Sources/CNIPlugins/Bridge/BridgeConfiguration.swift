import Addressing
import CNI
import JSONTree

/// The bridge plugin's part of a configuration, with the reference's keys and defaults (release 1.9.1).
struct BridgeConfiguration {
    /// `bridge`: the bridge's name; `cni0`.
    var bridgeName: String
    /// `isGateway` or `isDefaultGateway`: the bridge gets the gateway's address.
    var isGateway: Bool
    /// `isDefaultGateway`: and the container's default route leads there.
    var isDefaultGateway: Bool
    /// `forceAddress`: another IPv4 address on the bridge is replaced instead of being an error.
    var replacesAddress: Bool
    /// `ipMasq`.
    var masquerades: Bool
    /// `mtu`, bytes; nil (0) leaves it to the kernel.
    var mtu: Int?
    /// `hairpinMode`.
    var hairpin: Bool
    /// `promiscMode`.
    var promiscuous: Bool
    /// `vlan`, `vlanTrunk`, `preserveDefaultVlan`.
    var vlans: BridgeVLANPlan
    /// `macspoofchk`.
    var checksSource: Bool
    /// `enabledad`.
    var detectsDuplicates: Bool
    /// `disableContainerInterface`: the container's end stays down and has no addresses.
    var keepsInterfaceDown: Bool
    /// `portIsolation`.
    var isolatesPort: Bool
    /// CNI_ARGS MAC, `args.cni.mac`, `runtimeConfig.mac`: the later wins.
    var mac: MACAddress?
    var dns: CNIResult.DNS
    /// Whether there is an `ipam.type`; without it the network is a layer 2 network.
    var hasAddresses: Bool

    init(_ call: PluginCall) throws(CNIError) {
        let reader = call.configuration.reader
        bridgeName = try reader.string("bridge", default: "")
        if bridgeName.isEmpty { bridgeName = "cni0" }
        do throws(CNIError) { try CNINames.validate(interfaceName: bridgeName) } catch {
            throw reader.invalid("bridge", "is no name for a link: \(error.message)")
        }
        isDefaultGateway = try reader.bool("isDefaultGateway", default: false)
        isGateway = try reader.bool("isGateway", default: false) || isDefaultGateway
        replacesAddress = try reader.bool("forceAddress", default: false)
        masquerades = try Self.masquerade(reader)
        mtu = try Self.mtu(reader)
        hairpin = try reader.bool("hairpinMode", default: false)
        promiscuous = try reader.bool("promiscMode", default: false)
        vlans = try BridgeVLANPlan(reader)
        checksSource = try reader.bool("macspoofchk", default: false)
        detectsDuplicates = try reader.bool("enabledad", default: false)
        keepsInterfaceDown = try reader.bool("disableContainerInterface", default: false)
        isolatesPort = try reader.bool("portIsolation", default: false)
        mac = try Self.mac(call)
        dns = try CNIResult.DNS(try reader.object("dns"))
        hasAddresses = try call.configuration.ipam != nil
        if hairpin && promiscuous {
            throw reader.invalid("promiscMode", "cannot set hairpin mode and promiscuous mode at the same time")
        }
        if keepsInterfaceDown && hasAddresses {
            throw reader.invalid("disableContainerInterface", "cannot be used together with ipam")
        }
    }

    /// `ipMasq`, and `ipMasqBackend` for its spelling: both backends of the reference are nf_tables here.
    static func masquerade(_ reader: ConfigurationReader) throws(CNIError) -> Bool {
        if let backend = try reader.string("ipMasqBackend"), !["", "iptables", "nftables"].contains(backend) {
            throw reader.invalid("ipMasqBackend", "must be \"iptables\" or \"nftables\", not \"\(backend)\"")
        }
        return try reader.bool("ipMasq", default: false)
    }

    /// `mtu`: 0 is the kernel's choice; else what a veth takes (drivers/net/veth.c: 68...65535).
    static func mtu(_ reader: ConfigurationReader) throws(CNIError) -> Int? {
        let value = try reader.integer("mtu", default: 0)
        if value == 0 { return nil }
        guard (68...65535).contains(value) else {
            throw reader.invalid("mtu", "must be 0 or from 68 to 65535, not \(value)")
        }
        return value
    }

    static func mac(_ call: PluginCall) throws(CNIError) -> MACAddress? {
        // IP and GATEWAY are the address manager's, which runs in this process.
        let arguments = try CNIArguments(call.request.arguments, known: ["MAC", "IP", "GATEWAY"])
        var mac: MACAddress?
        var place: ConfigurationReader?
        if let text = arguments["MAC"] {
            guard let parsed = MACAddress(text) else {
                throw CNIError(.invalidEnvironment, "CNI_ARGS: MAC \"\(text)\" is not a MAC address")
            }
            mac = parsed
        }
        for reader in [try call.configuration.conventionArguments, try call.configuration.capabilities.reader] {
            guard let wanted = try reader?.mac("mac") else { continue }
            mac = wanted
            place = reader
        }
        if let mac, mac.isMulticast || mac.rawValue == 0 {
            let reason = "\(mac) is no address for an interface"
            throw place?.invalid("mac", reason) ?? CNIError(.invalidEnvironment, "CNI_ARGS: MAC: \(reason)")
        }
        return mac
    }
}
