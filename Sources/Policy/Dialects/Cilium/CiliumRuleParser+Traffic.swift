import JSONTree

extension CiliumRuleParser {
    static let portRuleFields = [
        "ports", "rules", "terminatingTLS", "originatingTLS", "serverNames", "listener",
    ]

    /// Nil when neither toPorts nor icmps has an element.
    func traffic(_ node: JSONNode) -> [TrafficMatch]? {
        let ports = reader.elements("toPorts", of: node)
        let icmps = reader.elements("icmps", of: node)
        if ports.isEmpty, icmps.isEmpty {
            for name in ["toPorts", "icmps"] {
                if let member = reader.field(name, of: node), member.kind != .array {
                    return [
                        TrafficMatch(
                            [.unenforceable(reader.refused(member, "cannot be read"))], at: SourcePlace(member))
                    ]
                }
            }
            return nil
        }
        if !ports.isEmpty, !icmps.isEmpty, let member = node.member("icmps") {
            let reason = reader.refused(member, "icmps and toPorts exclude each other", next: "make it two rules")
            return [TrafficMatch([.unenforceable(reason)], at: SourcePlace(member))]
        }
        return ports.flatMap(portRule) + icmps.flatMap(icmpRule)
    }

    private func portRule(_ node: JSONNode) -> [TrafficMatch] {
        let known = action == .deny ? ["ports"] : Self.portRuleFields
        var barriers = reader.refuseUnknown(in: node, known: known)
        if action == .allow {
            for (name, reason) in [
                ("terminatingTLS", AbovePorts.terminated), ("originatingTLS", AbovePorts.originated),
                ("serverNames", AbovePorts.serverNames), ("listener", AbovePorts.listener),
            ] {
                if let member = reader.field(name, of: node) { barriers.append(reader.notEnforced(member, reason)) }
            }
            barriers += layer7(node)
        }
        let ports = reader.elements("ports", of: node)
        if ports.isEmpty {
            // Cilium walks the listed ports, so a list without any matches nothing.
            reader.warn(node, code: PolicyCode.emptyPorts, "there are no ports in it, so it matches nothing")
        }
        return ports.map { port in
            TrafficMatch(barriers.map { .unenforceable($0) } + terms(port), at: SourcePlace(port))
        }
    }

    /// Rules above ports. DNS rules that let every name through restrict nothing, so the port alone says it all.
    private func layer7(_ node: JSONNode) -> [String] {
        guard let rules = reader.object("rules", of: node) else { return [] }
        var barriers = reader.refuseUnknown(in: rules, known: ["http", "dns", "kafka", "l7", "l7proto"])
        for name in ["http", "kafka", "l7", "l7proto"] {
            guard let member = reader.field(name, of: rules), member.kind != .array || member.count > 0 else {
                continue
            }
            barriers.append(reader.notEnforced(member, AbovePorts.requests))
        }
        if let names = reader.field("dns", of: rules), names.count > 0 {
            let isOpen = names.elements.contains { ["*", "**"].contains($0.member("matchPattern")?.string) }
            if !isOpen { barriers.append(reader.notEnforced(names, AbovePorts.queries)) }
        }
        return barriers
    }

    private func terms(_ node: JSONNode) -> [TrafficTerm] {
        if let unknown = reader.refuseUnknown(in: node, known: ["port", "endPort", "protocol"]).first {
            return [.unenforceable(unknown)]
        }
        var terms: [TrafficTerm] = []
        let text = reader.string("protocol", of: node) ?? "ANY"
        var isICMP = false
        switch text.uppercased() {
        case "ANY": terms.append(.anyOf([.protocolIs(.tcp), .protocolIs(.udp), .protocolIs(.sctp)]))
        case "TCP", "UDP", "SCTP": terms += TransportProtocol(name: text).map { [.protocolIs($0)] } ?? []
        case "ICMP", "ICMPV6":
            isICMP = true
            terms += TransportProtocol(name: text).map { [.protocolIs($0)] } ?? []
        default:
            let member = node.member("protocol") ?? node
            return [
                .unenforceable(
                    reader.refused(member, "\"\(text)\" is no protocol", next: "TCP, UDP, SCTP, ICMP, ICMPv6 or ANY"))
            ]
        }
        guard let port = reader.string("port", of: node) else {
            return [.unenforceable(reader.refused(node, "port is required, as a string"))]
        }
        guard let number = UInt16(port) else {
            if port.isEmpty || !port.contains(where: \.isLetter) {
                return [.unenforceable(reader.refused(node.member("port") ?? node, "\"\(port)\" is no port"))]
            }
            terms.append(
                .destinationPortNamed(port.lowercased(), direction == .ingress ? .destinationPod : .everyPod))
            return terms
        }
        if isICMP {
            if number > 0 { terms.append(.icmp(type: UInt8(truncatingIfNeeded: number), code: nil)) }
            return terms
        }
        // Port 0 stands for every port of the protocol.
        if number == 0 { return terms }
        guard let end = reader.field("endPort", of: node), end.int != 0 else {
            return terms + [.destinationPorts([PortRange(number)])]
        }
        guard let last = end.int.flatMap({ UInt16(exactly: $0) }), let range = PortRange(number, last) else {
            return [.unenforceable(reader.refused(end, "endPort is a number from port to 65535"))]
        }
        return terms + [.destinationPorts([range])]
    }

    // MARK: ICMP

    private func icmpRule(_ node: JSONNode) -> [TrafficMatch] {
        if let unknown = reader.refuseUnknown(in: node, known: ["fields"]).first {
            return [TrafficMatch([.unenforceable(unknown)], at: SourcePlace(node))]
        }
        return reader.elements("fields", of: node).map { field in
            TrafficMatch(icmpField(field), at: SourcePlace(field))
        }
    }

    private func icmpField(_ node: JSONNode) -> [TrafficTerm] {
        if let unknown = reader.refuseUnknown(in: node, known: ["family", "type"]).first {
            return [.unenforceable(unknown)]
        }
        let family = reader.string("family", of: node) ?? "IPv4"
        guard ["IPv4", "IPv6"].contains(family) else {
            return [.unenforceable(reader.refused(node.member("family") ?? node, "family is IPv4 or IPv6"))]
        }
        guard let member = reader.field("type", of: node) else {
            return [.unenforceable(reader.refused(node, "type is required"))]
        }
        let names = family == "IPv4" ? Self.icmpTypes : Self.icmpv6Types
        let number =
            member.int.flatMap { UInt8(exactly: $0) } ?? member.string.flatMap { UInt8($0) ?? names[$0] }
        guard let number else {
            return [
                .unenforceable(
                    reader.refused(
                        member, "is no ICMP type of \(family)", next: "0 to 255, or a name such as EchoRequest"))
            ]
        }
        return [.protocolIs(family == "IPv4" ? .icmp : .icmpv6), .icmp(type: number, code: nil)]
    }

    /// IANA, ICMP Type Numbers, under the names Cilium gives them.
    static let icmpTypes: [String: UInt8] = [
        "EchoReply": 0, "DestinationUnreachable": 3, "Redirect": 5, "Echo": 8, "EchoRequest": 8,
        "RouterAdvertisement": 9, "RouterSelection": 10, "TimeExceeded": 11, "ParameterProblem": 12, "Timestamp": 13,
        "TimestampReply": 14, "Photuris": 40, "ExtendedEchoRequest": 42, "ExtendedEchoReply": 43,
    ]

    /// IANA, ICMPv6 "type" numbers.
    static let icmpv6Types: [String: UInt8] = [
        "DestinationUnreachable": 1, "PacketTooBig": 2, "TimeExceeded": 3, "ParameterProblem": 4, "EchoRequest": 128,
        "EchoReply": 129, "MulticastListenerQuery": 130, "MulticastListenerReport": 131, "MulticastListenerDone": 132,
        "RouterSolicitation": 133, "RouterAdvertisement": 134, "NeighborSolicitation": 135,
        "NeighborAdvertisement": 136, "RedirectMessage": 137, "RouterRenumbering": 138,
        "ICMPNodeInformationQuery": 139, "ICMPNodeInformationResponse": 140,
        "InverseNeighborDiscoverySolicitation": 141, "InverseNeighborDiscoveryAdvertisement": 142,
        "HomeAgentAddressDiscoveryRequest": 144, "HomeAgentAddressDiscoveryReply": 145,
        "MobilePrefixSolicitation": 146, "MobilePrefixAdvertisement": 147,
        "DuplicateAddressRequestCodeSuffix": 157, "DuplicateAddressConfirmationCodeSuffix": 158,
        "ExtendedEchoRequest": 160, "ExtendedEchoReply": 161,
    ]
}
