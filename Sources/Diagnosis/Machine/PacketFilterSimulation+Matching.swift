import Addressing

/// Whether something holds, as far as that can be said.
enum Certainty {
    case yes, no
    case unknown(String)

    init(_ value: Bool) { self = value ? .yes : .no }

    var negated: Certainty {
        switch self {
        case .yes: .no
        case .no: .yes
        case .unknown: self
        }
    }
}

extension PacketFilterSimulation.Walk {
    /// No as soon as one condition does not hold; unknown when none fails and one cannot be said.
    func matches(_ rule: PacketFilter.Rule, _ packet: PacketFilterSimulation.Packet) -> Certainty {
        var doubt: String?
        for condition in rule.conditions {
            let found = holds(condition.test, packet)
            switch condition.isNegated ? found.negated : found {
            case .yes: continue
            case .no: return .no
            case .unknown(let what): doubt = doubt ?? what
            }
        }
        return doubt.map { .unknown($0) } ?? .yes
    }

    private func holds(_ test: PacketFilter.Test, _ packet: PacketFilterSimulation.Packet) -> Certainty {
        switch test {
        case .family(let family): Certainty(packet.transport != "arp" && packet.destination.family == family)
        case .source(let ranges): Certainty(ranges.contains { $0.contains(packet.source) })
        case .destination(let ranges): Certainty(ranges.contains { $0.contains(packet.destination) })
        case .protocols(let names): Certainty(names.contains(packet.transport))
        case .sourcePorts(let ranges): Certainty(hasPorts(packet) && ranges.contains { $0.contains(packet.sourcePort) })
        case .destinationPorts(let ranges):
            Certainty(hasPorts(packet) && ranges.contains { $0.contains(packet.destinationPort) })
        case .input(let names):
            interface(names, hook == .output || hook == .postrouting ? packet.input ?? "" : packet.input)
        case .output(let names): interface(names, hook == .prerouting || hook == .input ? "" : packet.output)
        case .state(let states): state(states, packet)
        case .mark(let value, let mask): Certainty(packet.mark & mask == value)
        case .addressType(let type, let isSource): addressType(type, isSource ? packet.source : packet.destination)
        case .icmp(let type, let code):
            Certainty(packet.icmpType == type && (code == nil || code == packet.icmpCode))
        case .set(let name, let fields):
            if let elements = table.sets[name] {
                contains(elements, fields, packet)
            } else {
                .unknown("set \(name) is not known")
            }
        case .elements(let elements, let fields): contains(elements, fields, packet)
        case .reversePath(let isLoose, let usesMark): reversePath(isLoose, usesMark, packet)
        case .length(let range): Certainty(range.contains(packet.length))
        case .beginsConnection: Certainty(packet.transport == "tcp" && packet.state == "new")
        case .constant(let value): Certainty(value)
        case .unknown(let what): .unknown(what)
        }
    }

    private func hasPorts(_ packet: PacketFilterSimulation.Packet) -> Bool {
        ["tcp", "udp", "sctp", "dccp", "udplite"].contains(packet.transport)
    }

    private func interface(_ names: [String], _ actual: String?) -> Certainty {
        guard let actual else { return .unknown("the interface is not known") }
        return Certainty(
            names.contains { name in
                name.hasSuffix("+") || name.hasSuffix("*")
                    ? actual.hasPrefix(name.dropLast()) && !actual.isEmpty : name == actual
            })
    }

    private func state(_ states: Set<String>, _ packet: PacketFilterSimulation.Packet) -> Certainty {
        if states.contains(packet.state) { return .yes }
        if states.contains("dnat") && packet.isDestinationTranslated { return .yes }
        if states.contains("snat") && packet.isSourceTranslated { return .yes }
        return .no
    }

    private func addressType(_ type: String, _ address: IPAddress) -> Certainty {
        if address.isMulticast { return Certainty(type == "multicast") }
        if address.isLoopback { return Certainty(type == "local") }
        guard let own = simulation.localAddresses else { return .unknown("this machine's addresses are not known") }
        switch type {
        case "local": return Certainty(own.contains(address))
        case "unicast": return Certainty(!own.contains(address))
        case "multicast", "broadcast": return .no
        default: return .unknown("address type \(type)")
        }
    }

    /// The kernel looks the sender up as if this machine sent to it (net/ipv4/netfilter/ipt_rpfilter.c).
    private func reversePath(
        _ isLoose: Bool, _ usesMark: Bool, _ packet: PacketFilterSimulation.Packet
    ) -> Certainty {
        guard let input = packet.input, let lookup = simulation.lookup else {
            return .unknown("the way back to the sender is not known")
        }
        if input == "lo" { return .yes }
        let source = packet.destination.isMulticast ? nil : packet.destination
        switch lookup.lookup(.init(to: packet.source, from: source, mark: usesMark ? packet.mark : 0)) {
        case .forward(_, let hops): return Certainty(isLoose || hops.contains { $0.device == input })
        case .local, .refused, .noRoute: return .no
        case .cannotSay(let reason): return .unknown(reason)
        }
    }

    private func contains(
        _ elements: [PacketFilter.SetElement], _ fields: [PacketFilter.Field],
        _ packet: PacketFilterSimulation.Packet
    ) -> Certainty {
        var doubt: String?
        for element in elements {
            switch Self.holds(element, fields, packet) {
            case .yes: return .yes
            case .no: continue
            case .unknown(let what): doubt = doubt ?? what
            }
        }
        return doubt.map { .unknown($0) } ?? .no
    }

    /// Whether an element is the packet's key.
    static func holds(
        _ element: PacketFilter.SetElement, _ fields: [PacketFilter.Field], _ packet: PacketFilterSimulation.Packet
    ) -> Certainty {
        var doubt: String?
        if let transport = element.transport, transport != packet.transport { return .no }
        for (index, part) in element.parts.enumerated() {
            guard index < fields.count else { return .unknown("a set's key has more parts than are asked for") }
            switch (fields[index], part) {
            case (.source, .range(let range)): if !range.contains(packet.source) { return .no }
            case (.destination, .range(let range)): if !range.contains(packet.destination) { return .no }
            case (.sourcePort, .ports(let ports)): if !ports.contains(packet.sourcePort) { return .no }
            case (.destinationPort, .ports(let ports)): if !ports.contains(packet.destinationPort) { return .no }
            // Of an ipset's key a direction is all that a rule says: what is looked at is the type's.
            case (.sourcePort, .range(let range)): if !range.contains(packet.source) { return .no }
            case (.destinationPort, .range(let range)): if !range.contains(packet.destination) { return .no }
            case (.source, .ports(let ports)): if !ports.contains(packet.sourcePort) { return .no }
            case (.destination, .ports(let ports)): if !ports.contains(packet.destinationPort) { return .no }
            case (.transport, .word(let word)): if word != packet.transport { return .no }
            case (.state, .word(let word)): if word != packet.state { return .no }
            case (.input, .word(let word)): if word != packet.input { return .no }
            case (.output, .word(let word)): if word != packet.output { return .no }
            case (.mark, .ports(let marks)): if !marks.contains(Int(packet.mark)) { return .no }
            default: doubt = "an element of a set is of a kind that is not known here"
            }
        }
        return doubt.map { .unknown($0) } ?? .yes
    }
}
