import Addressing
import JSONTree

/// One element of ingress, ingressDeny, egress or egressDeny.
struct CiliumRuleParser {
    let reader: DialectReader
    /// The namespace requirement of a namespaced policy's peers.
    let scope: LabelRequirement?
    let direction: Direction
    let action: RuleAction
    let isSubjectBroken: Bool

    /// Fields of rules of either direction.
    static let ruleFields = [
        "fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "fromNodes", "fromGroups", "fromRequires",
        "toEndpoints",
        "toCIDR", "toCIDRSet", "toEntities", "toNodes", "toGroups", "toRequires", "toServices", "toFQDNs", "toPorts",
        "icmps",
        "authentication",
    ]

    private var side: String { direction == .ingress ? "from" : "to" }

    /// The fields that say who is at the other end; a rule may have one of them.
    private var peerFields: [String] {
        ["Endpoints", "CIDR", "CIDRSet", "Entities", "Nodes", "Groups"].map { side + $0 }
            + (direction == .egress ? ["toServices", "toFQDNs"] : [])
    }

    private var fields: [String] {
        peerFields + [side + "Requires", "toPorts", "icmps"] + (action == .allow ? ["authentication"] : [])
    }

    func rule(_ node: JSONNode, _ reference: RuleReference) -> PolicyRule {
        // What cannot be enforced and belongs to no peer and no port stands in the traffic's way.
        var barriers = reader.refuseUnknown(in: node, known: fields)
        if isSubjectBroken { barriers.append("the policy's selector cannot be read") }
        if let requires = reader.field(side + "Requires", of: node), requires.count > 0 {
            barriers.append(
                reader.notEnforced(requires, "\(side)Requires is deprecated and has no effect in Cilium any more"))
        }
        if let authentication = reader.object("authentication", of: node) {
            let mode = reader.string("mode", of: authentication)
            if mode != "disabled" {
                barriers.append(
                    reader.notEnforced(authentication.member("mode") ?? authentication, "peers are not authenticated"))
            }
        }
        let peers = peers(node)
        var traffic = traffic(node)
        let hasTraffic = traffic != nil
        if !barriers.isEmpty {
            traffic = (traffic ?? [TrafficMatch([], at: SourcePlace(node))]).map { match in
                TrafficMatch(barriers.map { .unenforceable($0) } + match.terms, at: match.place)
            }
        }
        return PolicyRule(
            reference, at: SourcePlace(node), action: action, precedence: action == .deny ? -1 : 0,
            // `- {}` has no peer and no port: it isolates and matches nothing.
            peers: peers == nil && !hasTraffic && barriers.isEmpty ? [] : peers, traffic: traffic,
            unenforceable: reader.takeUnenforceable())
    }

    // MARK: Peers

    /// Nil when no field is given. A field that is there and empty selects nobody.
    private func peers(_ node: JSONNode) -> [Peer]? {
        let given = peerFields.compactMap { name in reader.field(name, of: node).map { (name, $0) } }
        let filled = given.filter { $0.1.kind != .array || $0.1.count > 0 }
        if filled.count > 1 {
            let names = filled.map(\.0).joined(separator: " and ")
            let reason = reader.refused(
                filled[1].1, "\(names) cannot be combined in one rule", next: "make it one rule for each")
            return [Peer([.unenforceable(reason)], at: SourcePlace(node))]
        }
        if filled.isEmpty { return given.isEmpty ? nil : [] }
        let (name, list) = filled[0]
        guard list.kind == .array else {
            return [
                Peer([.unenforceable(reader.refused(list, "must be a list, not \(list.kind)"))], at: SourcePlace(list))
            ]
        }
        return list.elements.map { element in
            Peer(terms(String(name.dropFirst(side.count)), element), at: SourcePlace(element))
        }
    }

    private func terms(_ kind: String, _ node: JSONNode) -> [PeerTerm] {
        switch kind {
        case "Endpoints": return reader.ciliumSelector(node).terms(scope: scope)
        case "Entities": return [entity(node)]
        case "CIDR":
            guard let text = node.string, let prefix = reader.prefix(text, at: node, single: true) else {
                return [.unenforceable(reader.refused(node, "is no network"))]
            }
            return [.addresses([AddressBlock(prefix, at: SourcePlace(node))], scope: .outsideCluster)]
        case "CIDRSet": return cidrSet(node)
        case "Nodes":
            let selector = reader.ciliumSelector(node)
            let own = selector.requirements.map { requirement in
                var requirement = requirement
                if requirement.key.owner == .own, requirement.key.name.hasPrefix("node:") {
                    requirement.key.name = String(requirement.key.name.dropFirst("node:".count))
                }
                return requirement
            }
            return selector.unenforceable.map { .unenforceable($0) } + [.nodes(.all(own.map { .requirement($0) }))]
        case "Services": return [service(node)]
        case "FQDNs": return [.unenforceable(reader.notEnforced(node, "DNS names are not followed"))]
        default: return [.unenforceable(reader.notEnforced(node, "groups of cloud providers are not asked for"))]
        }
    }

    private func entity(_ node: JSONNode) -> PeerTerm {
        switch node.string {
        // Other clusters of a mesh are not known, and neither are their pods.
        case "cluster-mesh": .unenforceable(reader.notEnforced(node, "other clusters of a mesh are not known here"))
        case .some(let text):
            Entity(rawValue: text).map { .entity($0) }
                ?? .unenforceable(
                    reader.refused(
                        node, "\"\(text)\" is no entity", next: Entity.allCases.map(\.rawValue).joined(separator: ", "))
                )
        case nil: .unenforceable(reader.refused(node, "an entity is a string, not \(node.kind)"))
        }
    }

    private func cidrSet(_ node: JSONNode) -> [PeerTerm] {
        var refusals = reader.refuseUnknown(
            in: node, known: ["cidr", "cidrGroupRef", "cidrGroupSelector", "except"])
        let given = ["cidr", "cidrGroupRef", "cidrGroupSelector"].filter { reader.field($0, of: node) != nil }
        if given.count != 1 {
            refusals.append(reader.refused(node, "exactly one of cidr, cidrGroupRef and cidrGroupSelector is needed"))
        }
        var holes: [IPPrefix] = []
        for (text, place) in reader.strings("except", of: node) {
            guard let hole = reader.prefix(text, at: place, single: false) else {
                refusals.append(reader.refused(place, "the exception cannot be read"))
                continue
            }
            holes.append(hole)
        }
        if !refusals.isEmpty { return refusals.map { .unenforceable($0) } }
        if let member = node.member("cidr"), given == ["cidr"] {
            guard let text = member.string, let prefix = reader.prefix(text, at: member, single: false) else {
                return [.unenforceable(reader.refused(member, "is no network"))]
            }
            for (hole, place) in zip(holes, reader.elements("except", of: node)) where !prefix.contains(hole) {
                return [.unenforceable(reader.refused(place, "\(hole) is not inside \(prefix)"))]
            }
            return [.addresses([AddressBlock(prefix, except: holes, at: SourcePlace(member))], scope: .outsideCluster)]
        }
        return group(node, given[0], except: holes)
    }

    /// A CiliumCIDRGroup, by name or by its labels: a network set with a marker.
    private func group(_ node: JSONNode, _ field: String, except holes: [IPPrefix]) -> [PeerTerm] {
        guard let member = node.member(field) else { return [.anyOf([])] }
        let place = SourcePlace(member)
        var question: LabelExpression
        if field == "cidrGroupRef" {
            guard let name = member.string else {
                return [.unenforceable(reader.refused(member, "must be a group's name, not \(member.kind)"))]
            }
            question = .requirement(LabelRequirement(.own(CiliumLabels.groupMarker), .isIn, [name], at: place))
        } else {
            let selector = reader.ciliumSelector(member)
            if !selector.unenforceable.isEmpty { return selector.unenforceable.map { .unenforceable($0) } }
            question = .all(
                [.requirement(LabelRequirement(.own(CiliumLabels.groupMarker), .exists, at: place))]
                    + selector.requirements.map { .requirement($0) })
        }
        let set = PeerTerm.networkSets(question, scope: .outsideCluster)
        if holes.isEmpty { return [set] }
        return [set, .not(.addresses(holes.map { AddressBlock($0) }, scope: .anyEnd))]
    }

    private func service(_ node: JSONNode) -> PeerTerm {
        if let unknown = reader.refuseUnknown(in: node, known: ["k8sService", "k8sServiceSelector"]).first {
            return .unenforceable(unknown)
        }
        if let selector = reader.field("k8sServiceSelector", of: node) {
            return .unenforceable(reader.notEnforced(selector, "services are not selected by labels"))
        }
        guard let service = reader.object("k8sService", of: node), let name = reader.string("serviceName", of: service)
        else { return .unenforceable(reader.refused(node, "k8sService.serviceName is required")) }
        let namespace = reader.string("namespace", of: service) ?? scope?.values.first ?? "default"
        return .service(namespace: namespace, name: name)
    }
}
