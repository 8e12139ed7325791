import Addressing
import JSONTree

/// An entity rule: `source` or `destination` of a rule. All fields it has must hold.
struct CalicoEntityParser {
    let reader: DialectReader
    /// Nil for global policies.
    let namespace: String?
    /// What both entity rules say about ports, which is the traffic's business in the rule model.
    private(set) var ports: [TrafficTerm] = []

    init(reader: DialectReader, namespace: String?) {
        self.reader = reader
        self.namespace = namespace
    }

    static let fields = [
        "nets", "notNets", "selector", "notSelector", "namespaceSelector", "services", "ports", "notPorts",
        "serviceAccounts",
    ]

    /// The terms for the end's address and labels; nil when there are none. Ports go to ``ports``.
    ///
    /// - Parameter isService: whether the end is the source of an ingress rule, where a service match is a matter of
    ///   addresses alone.
    mutating func terms(_ name: String, of rule: JSONNode, isService: Bool) -> [PeerTerm]? {
        guard let node = reader.object(name, of: rule) else { return nil }
        var terms: [PeerTerm] = reader.refuseUnknown(in: node, known: Self.fields).map { .unenforceable($0) }
        terms += addresses("nets", of: node)
        terms += addresses("notNets", of: node).map { if case .unenforceable = $0 { $0 } else { .not($0) } }
        terms += selected(node)
        if let text = reader.string("notSelector", of: node), !text.isEmpty, let place = node.member("notSelector") {
            terms.append(endpoints(text, at: place, and: []).map { .not($0) } ?? unreadable(place))
        }
        if let services = reader.object("services", of: node) { terms.append(service(services, isService)) }
        ports(of: node, isSource: name == "source", rule)
        return terms.isEmpty ? nil : terms
    }

    private func addresses(_ name: String, of node: JSONNode) -> [PeerTerm] {
        guard let member = reader.field(name, of: node) else { return [] }
        var blocks: [AddressBlock] = []
        for (text, place) in reader.strings(name, of: node) {
            guard let prefix = reader.prefix(text, at: place, single: true) else { return [unreadable(place)] }
            blocks.append(AddressBlock(prefix, at: SourcePlace(place)))
        }
        guard member.kind == .array else { return [unreadable(member)] }
        return blocks.isEmpty ? [] : [.addresses(blocks, scope: .anyEnd)]
    }

    /// `selector`, `namespaceSelector` and `serviceAccounts` make one question about pods and network sets.
    private func selected(_ node: JSONNode) -> [PeerTerm] {
        let accounts = reader.object("serviceAccounts", of: node)
        let selector = reader.string("selector", of: node) ?? ""
        let namespaces = reader.string("namespaceSelector", of: node) ?? ""
        var scope: [CalicoExpression] = []
        if let place = node.member("namespaceSelector"), !namespaces.isEmpty {
            guard let parsed = reader.calicoSelector(namespaces, at: place) else { return [unreadable(place)] }
            scope.append(parsed.expression.withPrefixedKeys("pcns."))
        } else if let namespace, !selector.isEmpty || accounts != nil {
            scope.append(.isIn("projectcalico.org/namespace", [namespace]))
        }
        if let accounts {
            if let unknown = reader.refuseUnknown(in: accounts, known: ["names", "selector"]).first {
                return [.unenforceable(unknown)]
            }
            let names = reader.strings("names", of: accounts).map(\.text)
            if !names.isEmpty { scope.append(.isIn("projectcalico.org/serviceaccount", names)) }
            if let text = reader.string("selector", of: accounts), let place = accounts.member("selector") {
                guard let parsed = reader.calicoSelector(text, at: place) else { return [unreadable(place)] }
                scope.append(
                    parsed.expression == .all
                        ? .has("projectcalico.org/serviceaccount") : parsed.expression.withPrefixedKeys("pcsa."))
            } else if names.isEmpty {
                scope.append(.has("projectcalico.org/serviceaccount"))
            }
        }
        if selector.isEmpty, scope.isEmpty { return [] }
        let place = node.member("selector") ?? node.member("namespaceSelector") ?? node
        return [endpoints(selector, at: place, and: scope) ?? unreadable(place)]
    }

    /// Pods and network sets that a selector matches; nil when it cannot be read.
    private func endpoints(_ text: String, at node: JSONNode, and scope: [CalicoExpression]) -> PeerTerm? {
        guard let selector = reader.calicoSelector(text, at: node) else { return nil }
        let whole = CalicoExpression.and(scope + (selector.expression == .all ? [] : [selector.expression]))
        let place = SourcePlace(node)
        let pods = whole.labelExpression(of: .pods, at: place)
        var sets = whole.labelExpression(of: .networkSets, at: place)
        sets = sets.and(.requirement(LabelRequirement(.own(CiliumLabels.groupMarker), .doesNotExist)))
        return .anyOf([
            .pods(.all(pods.conjuncts)), .networkSets(.all(sets.conjuncts), scope: .anyEnd),
        ])
    }

    private func service(_ node: JSONNode, _ isSource: Bool) -> PeerTerm {
        if let unknown = reader.refuseUnknown(in: node, known: ["name", "namespace"]).first {
            return .unenforceable(unknown)
        }
        guard let name = reader.string("name", of: node), !name.isEmpty else {
            return .unenforceable(reader.refused(node, "a service match needs the service's name"))
        }
        guard let namespace = reader.string("namespace", of: node) ?? namespace else {
            return .unenforceable(
                reader.refused(node, "a service match of a global policy needs the service's namespace"))
        }
        guard isSource else {
            return .unenforceable(
                reader.notEnforced(
                    node, "services as destinations stand for addresses with ports, which is not supported"))
        }
        return .service(namespace: namespace, name: name)
    }

    // MARK: Ports

    private mutating func ports(of node: JSONNode, isSource: Bool, _ rule: JSONNode) {
        for name in ["ports", "notPorts"] {
            let nodes = reader.elements(name, of: node)
            if nodes.isEmpty { continue }
            let term = alternatives(nodes, isSource: isSource)
            let place = node.member(name) ?? node
            if !hasPortProtocol(rule) {
                ports.append(
                    .unenforceable(
                        reader.refused(
                            place, "ports need a protocol that has them", next: "set protocol to TCP, UDP or SCTP")))
            } else if case .unenforceable = term {
                ports.append(term)
            } else {
                ports.append(name == "ports" ? term : .not(term))
            }
        }
    }

    private func hasPortProtocol(_ rule: JSONNode) -> Bool {
        guard let node = rule.member("protocol") else { return false }
        let number = node.int ?? node.string.flatMap { Int64($0) }
        if let number { return [6, 17, 132].contains(number) }
        return ["tcp", "udp", "sctp"].contains(node.string?.lowercased() ?? "")
    }

    private func alternatives(_ nodes: [JSONNode], isSource: Bool) -> TrafficTerm {
        var ranges: [PortRange] = []
        var names: [TrafficTerm] = []
        for node in nodes {
            if let number = node.int, let port = UInt16(exactly: number) {
                ranges.append(PortRange(port))
            } else if let text = node.string, let range = Self.range(text) {
                ranges.append(range)
            } else if let text = node.string, !text.isEmpty, !text.contains(":"), text.contains(where: \.isLetter) {
                if isSource {
                    return .unenforceable(reader.notEnforced(node, "names of source ports are not looked up"))
                }
                names.append(.destinationPortNamed(text, .destinationPod))
            } else {
                return .unenforceable(
                    reader.refused(node, "is no port", next: "a number, a range such as 8000:8100, or a port's name"))
            }
        }
        let numbers: TrafficTerm = isSource ? .sourcePorts(ranges.sorted()) : .destinationPorts(ranges.sorted())
        if names.isEmpty { return numbers }
        return .anyOf((ranges.isEmpty ? [] : [numbers]) + names)
    }

    /// `80` or `8000:8100`.
    private static func range(_ text: String) -> PortRange? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt16($0) }
        switch parts.count {
        case 1: return parts[0].map { PortRange($0) }
        case 2:
            guard let first = parts[0], let last = parts[1] else { return nil }
            return PortRange(first, last)
        default: return nil
        }
    }

    private func unreadable(_ node: JSONNode) -> PeerTerm {
        .unenforceable(reader.refused(node, "it cannot be read, so the rule allows nothing"))
    }
}

extension CalicoExpression {
    /// The same about labels of the namespace or service account, which Calico keeps under a prefix.
    func withPrefixedKeys(_ prefix: String) -> CalicoExpression {
        switch self {
        // In some namespace, which tells pods and namespaced sets from the rest.
        case .all: prefix == "pcns." ? .has("projectcalico.org/namespace") : .has("projectcalico.org/serviceaccount")
        case .global: .global
        case .has(let key): .has(prefix + key)
        case .isIn(let key, let values): .isIn(prefix + key, values)
        case .contains(let key, let text): .contains(prefix + key, text)
        case .startsWith(let key, let text): .startsWith(prefix + key, text)
        case .endsWith(let key, let text): .endsWith(prefix + key, text)
        case .not(let inner): .not(inner.withPrefixedKeys(prefix))
        case .and(let parts): .and(parts.map { $0.withPrefixedKeys(prefix) })
        case .or(let parts): .or(parts.map { $0.withPrefixedKeys(prefix) })
        }
    }
}
