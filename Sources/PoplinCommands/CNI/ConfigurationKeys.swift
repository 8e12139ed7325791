import Addressing
import JSONTree

/// The keys of the plugins that Poplin ships, and what their values are. Plugins that are not ours are
/// checked only for what every plugin has.
enum ConfigurationKeys {
    enum Kind {
        case string, bool, array, object, any
        case integer(ClosedRange<Int64>)
        case choice([String])
        case mac

        /// What is wrong with a value; nil for one that fits. Null is the same as not being there.
        func complaint(about node: JSONNode) -> String? {
            if node.isNull { return nil }
            switch self {
            case .any: return nil
            case .string: return node.kind == .string ? nil : "must be a string, not \(node.kind)"
            case .bool: return node.kind == .bool ? nil : "must be true or false, not \(node.kind)"
            case .array: return node.kind == .array ? nil : "must be an array, not \(node.kind)"
            case .object: return node.kind == .object ? nil : "must be an object, not \(node.kind)"
            case .integer(let range):
                guard node.kind == .number else { return "must be a whole number, not \(node.kind)" }
                guard let number = node.int else { return "must be a whole number, not \(node.numberText ?? "")" }
                if range.contains(number) { return nil }
                return "must be from \(range.lowerBound) to \(range.upperBound), not \(number)"
            case .choice(let choices):
                guard let text = node.string else { return "must be a string, not \(node.kind)" }
                if choices.contains(text) || text.isEmpty { return nil }
                return "must be one of \(choices.joined(separator: ", ")), not \"\(text)\""
            case .mac:
                guard let text = node.string else { return "must be a string, not \(node.kind)" }
                do throws(AddressError) {
                    if !text.isEmpty { _ = try MACAddress(parsing: text) }
                    return nil
                } catch {
                    return "\(error)"
                }
            }
        }
    }

    /// What every plugin's object may have.
    static let common: [String: Kind] = [
        "cniVersion": .any, "cniVersions": .any, "name": .any, "type": .any, "capabilities": .object, "args": .object,
        "dns": .object, "ipam": .object, "prevResult": .any, "runtimeConfig": .any,
    ]

    static let dns: [String: Kind] = ["nameservers": .array, "domain": .string, "search": .array, "options": .array]

    /// Plugins that change what another one made.
    static let chained: Set<String> = ["portmap", "firewall", "bandwidth", "tuning"]

    private static let mtu = Kind.integer(0...65536)
    private static let backend = Kind.choice(["iptables", "nftables"])
    private static let rate = Kind.integer(0...Int64.max)

    private static let portMapping: [String: Kind] = [
        "backend": backend, "snat": .bool, "masqAll": .bool, "markMasqBit": .integer(0...31),
        "externalSetMarkChain": .string, "conditionsV4": .array, "conditionsV6": .array,
    ]
    private static let limits: [String: Kind] = [
        "ingressRate": rate, "ingressBurst": rate, "egressRate": rate, "egressBurst": rate,
    ]

    static let plugins: [String: [String: Kind]] = [
        "loopback": [:],
        "bridge": [
            "bridge": .string, "isGateway": .bool, "isDefaultGateway": .bool, "forceAddress": .bool, "ipMasq": .bool,
            "ipMasqBackend": backend, "mtu": mtu, "hairpinMode": .bool, "promiscMode": .bool,
            "vlan": .integer(0...4094), "vlanTrunk": .array, "preserveDefaultVlan": .bool, "macspoofchk": .bool,
            "enabledad": .bool, "disableContainerInterface": .bool, "portIsolation": .bool, "mac": .mac,
        ],
        "ptp": ["ipMasq": .bool, "ipMasqBackend": backend, "mtu": mtu],
        "portmap": portMapping,
        "firewall": [
            "backend": .choice(["iptables", "firewalld", "nftables"]), "iptablesAdminChainName": .string,
            "firewalldZone": .string, "ingressPolicy": .choice(["open", "same-bridge", "isolated"]),
        ],
        "poplin": [
            "agentSocket": .string, "agentTimeout": .integer(1...600), "agentPod": .string, "nodeName": .string,
            "subnetFile": .string, "ipMasq": .bool, "ipMasqBackend": backend, "mtu": mtu, "mac": .mac,
        ].merging(portMapping) { own, _ in own }.merging(limits) { own, _ in own },
        "bandwidth": limits,
        "tuning": [
            "sysctl": .object, "mac": .mac, "mtu": mtu, "promisc": .bool, "allmulti": .bool,
            "txQLen": .integer(0...Int64(UInt32.max)), "dataDir": .string,
        ],
    ]

    static let ipam: [String: [String: Kind]] = [
        "host-local": [
            "type": .any, "ranges": .array, "subnet": .string, "rangeStart": .string, "rangeEnd": .string,
            "gateway": .string, "routes": .array, "dataDir": .string, "resolvConf": .string,
        ],
        "static": ["type": .any, "addresses": .array, "routes": .array, "dns": .object],
    ]
}
