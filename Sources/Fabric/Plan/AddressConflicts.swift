import Addressing
import Findings

/// Ranges that must be apart and are not: pods', services', nodes' addresses, what the host routes elsewhere. Where two
/// overlap, packets for one go to the other, and nothing else says why.
public struct AddressConflicts: Sendable {
    /// A range with the object and field it is written in.
    public struct Claim: Hashable, Sendable {
        public var range: IPPrefix
        /// `ConfigMap poplin-config: net-conf.json: Network`.
        public var place: String
        public var kind: Kind

        public init(_ range: IPPrefix, _ kind: Kind, at place: String) {
            self.range = range
            self.kind = kind
            self.place = place
        }
    }

    public enum Kind: String, Hashable, Sendable {
        case pods = "pod range"
        case pool = "pool"
        case services = "service range"
        case node = "node address"
        case hostRoute = "route of the host"

        /// Pools and nodes' ranges lie inside the cluster's pod network; nodes' addresses lie where the host routes.
        fileprivate func mayShare(with other: Kind) -> Bool {
            switch (self, other) {
            case (.pods, .pool), (.pool, .pods), (.node, .hostRoute), (.hostRoute, .node), (.node, .node),
                (.hostRoute, .hostRoute), (.services, .hostRoute), (.hostRoute, .services):
                true
            default: false
            }
        }
    }

    /// Every pair that must not overlap and does, as findings that name both.
    public static func findings(_ claims: [Claim]) -> [Finding] {
        // By range, so that of two that overlap one begins inside the other, and only neighbours are compared.
        let sorted = claims.sorted { ($0.range, $0.place) < ($1.range, $1.place) }
        var findings: [Finding] = []
        var open: [Claim] = []
        for claim in sorted {
            open.removeAll { !$0.range.overlaps(claim.range) }
            for other in open where !other.kind.mayShare(with: claim.kind) {
                findings.append(
                    Finding(
                        code: "FAB-09",
                        "\(claim.place): the \(claim.kind.rawValue) \(claim.range) overlaps the \(other.kind.rawValue) "
                            + "\(other.range) of \(other.place)",
                        because: ["packets for one of them would go to the other"],
                        next: "choose ranges that lie apart"))
            }
            open.append(claim)
        }
        return findings
    }

    /// What a node knows: its configuration, its routes, the other nodes, and the pools if there are any.
    ///
    /// - Parameter pools: name and ranges of each pool.
    public static func claims(
        _ configuration: FabricConfiguration, underlay: Underlay, nodes: [FabricNode],
        pools: [(name: String, cidrs: [IPPrefix])] = []
    ) -> [Claim] {
        var claims: [Claim] = []
        for network in configuration.networks {
            let key = network.family == .v4 ? "Network" : "IPv6Network"
            claims.append(Claim(network, .pods, at: "ConfigMap poplin-config: net-conf.json: \(key)"))
        }
        claims += Self.claims(ofServices: configuration.serviceCIDRs) + Self.claims(of: nodes)
        for (name, cidrs) in pools { claims += Self.claims(ofPool: name, cidrs) }
        for route in underlay.foreignRoutes {
            claims.append(Claim(route.destination, .hostRoute, at: "a route over \(route.interface)"))
        }
        return claims
    }

    public static func claims(ofServices ranges: [IPPrefix]) -> [Claim] {
        ranges.enumerated().map { index, range in
            Claim(range, .services, at: "ConfigMap poplin-config: poplin.json: serviceCIDRs[\(index)]")
        }
    }

    public static func claims(ofPool name: String, _ cidrs: [IPPrefix]) -> [Claim] {
        cidrs.enumerated().map { index, cidr in Claim(cidr, .pool, at: "IPPool \(name): spec.cidrs[\(index)]") }
    }

    /// What a pool lies over that it must not: the first range of services, or address of a node.
    public static func conflict(
        ofPool name: String, _ cidrs: [IPPrefix], services: [IPPrefix], nodes: [FabricNode]
    ) -> String? {
        let pool = claims(ofPool: name, cidrs)
        let others = claims(ofServices: services) + claims(of: nodes)
        // Those that overlap it alone, so that what is wrong with others is not taken for its own.
        let near = others.filter { other in pool.contains { $0.range.overlaps(other.range) } }
        for claim in near {
            if let finding = findings(pool + [claim]).first(where: { $0.message.contains(claim.place) }) {
                return finding.message
            }
        }
        return nil
    }

    /// The addresses of nodes.
    public static func claims(of nodes: [FabricNode]) -> [Claim] {
        nodes.flatMap { node in
            node.addresses.map { address in
                Claim(
                    IPPrefix(containing: address, length: address.family.bitWidth), .node,
                    at: "Node \(node.name): status.addresses")
            }
        }
    }
}
