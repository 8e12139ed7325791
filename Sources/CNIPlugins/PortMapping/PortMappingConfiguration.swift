import Addressing
import CNI

/// What portmap is to do, read from its configuration.
///
/// | key | meaning here |
/// |---|---|
/// | `snat` (true) | masquerade what would otherwise not find its way back: from 127.0.0.1 and from the pod's own subnet |
/// | `masqAll` (false) | masquerade every connection to a published port; needs `snat` |
/// | `markMasqBit` (13) | checked and otherwise unused: we masquerade at once, without a mark in between |
/// | `externalSetMarkChain` | accepted and not called, for the same reason: what the chain would mark for masquerading is masqueraded by us |
/// | `conditionsV4`, `conditionsV6` | see `PortMappingConditions` |
/// | `backend` | `iptables` or `nftables`; both mean nf_tables, without any program |
/// | `runtimeConfig.portMappings` | `hostPort`, `containerPort`, `protocol` (tcp, udp, sctp), `hostIP` |
struct PortMappingConfiguration: Sendable {
    enum Backend: String, CaseIterable, Sendable { case iptables, nftables }

    let sourceNAT: Bool
    let masqueradesAll: Bool
    let conditions: [IPFamily: PortMappingConditions]
    let mappings: [PortMapping]
    /// Whether an agent has to be told which pods have published ports.
    let marksPods: Bool

    init(_ configuration: PluginConfiguration) throws(CNIError) {
        let reader = configuration.reader
        sourceNAT = try reader.bool("snat", default: true)
        masqueradesAll = try reader.bool("masqAll", default: false)
        let bit = try reader.integer("markMasqBit", in: 0...31)
        let chain = try reader.string("externalSetMarkChain", default: "")
        if bit != nil && !chain.isEmpty {
            throw reader.invalid(
                "externalSetMarkChain", "cannot be given together with markMasqBit: each says how to mark")
        }
        let backend: Backend? = try reader.string("backend", default: "").isEmpty ? nil : reader.choice("backend")
        var conditions: [IPFamily: PortMappingConditions] = [:]
        for family in IPFamily.allCases {
            let key = family == .v4 ? "conditionsV4" : "conditionsV6"
            let parsed = try PortMappingConditions(reader, key, family)
            if let backend, let syntax = parsed.syntax, syntax.rawValue != backend.rawValue {
                throw reader.invalid(
                    key, "is in the language of \(syntax.rawValue), and backend is \(backend.rawValue)")
            }
            conditions[family] = parsed
        }
        self.conditions = conditions
        mappings = try configuration.capabilities.portMappings()
        marksPods = configuration.type == Cluster.name
    }

    /// Where a set of conditions has its own maps; empty without conditions. Networks with the same conditions
    /// share them.
    var group: String {
        let parts = IPFamily.allCases.map { conditions[$0]?.expressions ?? [] }
        if parts.allSatisfy(\.isEmpty) { return "" }
        return Packetfilter.hash("\(parts)", digits: 8)
    }

    /// Refuses two mappings of one host port, which no packet could tell apart.
    func checkForDuplicates() throws(CNIError) {
        var seen: [PortMappingRules.HostPort: PortMapping] = [:]
        for mapping in mappings {
            for family in mapping.families {
                let port = PortMappingRules.HostPort(mapping, family)
                if let other = seen[port], other != mapping {
                    throw CNIError(
                        .invalidConfiguration,
                        "runtimeConfig.portMappings: host port \(port) is mapped twice",
                        details: "\(other)\n\(mapping)")
                }
                seen[port] = mapping
            }
        }
    }
}

extension PortMapping {
    /// The families the mapping is for: that of `hostIP`, or both.
    var families: [IPFamily] { hostIP.map { [$0.family] } ?? IPFamily.allCases }

    /// The one host address it is for; nil for all of a family.
    var boundAddress: IPAddress? { hostIP.flatMap { $0.isUnspecified ? nil : $0 } }

    /// Whether 127.0.0.1 leads to it.
    var isOnLoopback: Bool {
        guard let address = boundAddress else { return families.contains(.v4) }
        return address.family == .v4 && address.isLoopback
    }
}
