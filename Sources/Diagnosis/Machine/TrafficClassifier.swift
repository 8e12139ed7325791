import Addressing
import JSONTree

/// A classifier of tc on an interface and what it does with the packets it picks (`tc -j filter show`), where it is no BPF
/// program: those are ``AttachedProgram``.
public struct TrafficClassifier: Sendable {
    public var device: String
    /// Of what comes in; else of what goes out.
    public var isIngress: Bool
    /// `all`, `ip`, `ipv6`, `arp`, ...
    public var ethertype: String
    /// The lower is asked first.
    public var preference: Int
    /// Only chain 0 is asked by itself.
    public var chain: Int
    /// `matchall`, `flower`, `u32`, `basic`, ...
    public var kind: String
    var conditions: [Condition]
    /// Nil where they are not known.
    var actions: [Action]?

    enum Condition: Sendable {
        case ethertype(String)
        case transport(String)
        case source(IPPrefix)
        case destination(IPPrefix)
        case sourcePorts(ClosedRange<Int>)
        case destinationPorts(ClosedRange<Int>)
        /// A word of the packet from its network header on.
        case word(value: UInt32, mask: UInt32, offset: Int)
        case unknown
    }

    enum Action: Sendable {
        /// The packet goes on, and no other classifier is asked.
        case pass
        /// The next action is done.
        case pipe
        /// The next classifier is asked.
        case next
        case drop
        case redirect(String)
        case unknown
    }

    init?(_ node: JSONNode) {
        guard let device = node.member("dev")?.string, let kind = node.member("kind")?.string else { return nil }
        self.device = device
        self.kind = kind
        isIngress = node.member("direction")?.string != "egress"
        ethertype = node.member("protocol")?.string ?? "all"
        preference = node.member("pref")?.int.map { Int(clamping: $0) } ?? 0
        chain = node.member("chain")?.int.map { Int(clamping: $0) } ?? 0
        let options = node.member("options")
        conditions = []
        switch kind {
        case "matchall": break
        case "flower": options?.member("keys")?.members.forEach { conditions.append(Self.key($0.key, $0.value)) }
        case "u32":
            let words = options?.member("match").map { Array($0.elements) }
            conditions = words?.map(Self.word) ?? [.unknown]
        default: conditions = [.unknown]
        }
        if options == nil || options?.member("other") != nil { conditions.append(.unknown) }
        actions = (options?.member("actions").map { Array($0.elements) } ?? []).map(Self.action)
    }

    private static func key(_ name: String, _ value: JSONNode) -> Condition {
        let text = value.string ?? value.int.map { "\($0)" } ?? ""
        switch name {
        case "eth_type": return .ethertype(text == "ipv4" ? "ip" : text)
        case "ip_proto": return .transport(text)
        case "src_ip": return prefix(text).map { .source($0) } ?? .unknown
        case "dst_ip": return prefix(text).map { .destination($0) } ?? .unknown
        case "src_port": return ports(text).map { .sourcePorts($0) } ?? .unknown
        case "dst_port": return ports(text).map { .destinationPorts($0) } ?? .unknown
        default: return .unknown
        }
    }

    private static func prefix(_ text: String) -> IPPrefix? {
        if let address = InterfaceAddress(text) { return address.prefix }
        return IPAddress(text).map { IPPrefix(containing: $0, length: $0.family.bitWidth) }
    }

    private static func ports(_ text: String) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-").compactMap { Int($0) }
        guard let first = ends.first, let last = ends.last, first <= last, ends.count <= 2 else { return nil }
        return first...last
    }

    /// Without a computed offset `offmask` adds nothing: the packet's own begins at its network header.
    private static func word(_ node: JSONNode) -> Condition {
        guard let value = node.member("value")?.string.flatMap({ UInt32($0, radix: 16) }),
            let mask = node.member("mask")?.string.flatMap({ UInt32($0, radix: 16) }),
            let offset = node.member("off")?.int
        else { return .unknown }
        return .word(value: value, mask: mask, offset: Int(clamping: offset))
    }

    private static func action(_ node: JSONNode) -> Action {
        let control = node.at("control_action", "type")?.string
        switch node.member("kind")?.string {
        case "gact": return node.member("prob") == nil ? self.control(control) : .unknown
        case "mirred":
            guard node.member("mirred_action")?.string == "redirect" else { return self.control(control) }
            return .redirect(node.member("to_dev")?.string ?? "another interface")
        // What is below the rate: above it less arrives, and a connection opens all the same.
        case "police":
            if let size = node.member("mtu")?.int, size < 1600 { return .unknown }
            return self.control(control)
        case "skbedit", "simple", "sample": return self.control(control)
        default: return .unknown
        }
    }

    private static func control(_ word: String?) -> Action {
        switch word {
        case "pass": .pass
        case "pipe": .pipe
        case "continue": .next
        case "drop": .drop
        default: .unknown
        }
    }

    /// What becomes of a packet it picks.
    var effect: Action {
        for action in actions ?? [.unknown] {
            if case .pipe = action { continue }
            return action
        }
        return .pass
    }

    /// As a person asks for it.
    public var text: String { "\(kind) on \(device) \(isIngress ? "ingress" : "egress"), pref \(preference)" }
    public var command: String { "tc -s filter show dev \(device) \(isIngress ? "ingress" : "egress")" }
}

extension NodeEvidence {
    /// In the order in which they are asked; nil when they were not collected.
    public var classifiers: [TrafficClassifier]? {
        decoded.value("classifiers") { () -> [TrafficClassifier]? in
            guard let root = json(.classifiers), root.kind == .array else { return nil }
            let all = root.elements.compactMap { TrafficClassifier($0) }
            return all.enumerated().sorted {
                ($0.element.preference, $0.offset) < ($1.element.preference, $1.offset)
            }.map(\.element)
        }
    }
}

// MARK: - What becomes of a packet

extension TrafficClassifier {
    enum Verdict {
        case passes
        case dropped(TrafficClassifier)
        case redirected(TrafficClassifier, to: String)
        /// Its condition or its action is none that is known here, and it may end the packet.
        case cannotSay(TrafficClassifier)
    }

    /// What the classifiers of one place make of a packet, as tcf_classify() asks them: by preference, the first that
    /// picks it decides (net/sched/cls_api.c).
    ///
    /// - Parameter classifiers: of one namespace, in their order.
    static func verdict(
        of classifiers: [TrafficClassifier], on device: String, isIngress: Bool,
        for packet: PacketFilterSimulation.Packet
    ) -> Verdict {
        var doubt: TrafficClassifier?
        var escape: TrafficClassifier?
        for classifier in classifiers
        where classifier.device == device && classifier.isIngress == isIngress && classifier.chain == 0 {
            let match = classifier.picks(packet)
            if case .no = match { continue }
            var isSure = false
            if case .yes = match { isSure = true }
            switch classifier.effect {
            case .next, .pipe: continue
            case .pass:
                if isSure { return doubt.map { .cannotSay($0) } ?? .passes }
                escape = escape ?? classifier
            case .drop, .redirect, .unknown:
                guard isSure else {
                    doubt = doubt ?? classifier
                    continue
                }
                if let escape { return .cannotSay(escape) }
                switch classifier.effect {
                case .drop: return .dropped(classifier)
                case .redirect(let target): return .redirected(classifier, to: target)
                default: return .cannotSay(classifier)
                }
            }
        }
        return doubt.map { .cannotSay($0) } ?? .passes
    }

    private func picks(_ packet: PacketFilterSimulation.Packet) -> Certainty {
        let own = packet.destination.family == .v4 ? "ip" : "ipv6"
        if ethertype != "all" && ethertype != own { return .no }
        var isUnsure = false
        for condition in conditions {
            switch Self.holds(condition, packet, own) {
            case .yes: continue
            case .no: return .no
            case .unknown: isUnsure = true
            }
        }
        return isUnsure ? .unknown(text) : .yes
    }

    private static func holds(
        _ condition: Condition, _ packet: PacketFilterSimulation.Packet, _ ethertype: String
    ) -> Certainty {
        switch condition {
        case .ethertype(let wanted): Certainty(wanted == ethertype)
        case .transport(let wanted): Certainty(wanted == packet.transport)
        case .source(let prefix): Certainty(prefix.contains(packet.source))
        case .destination(let prefix): Certainty(prefix.contains(packet.destination))
        case .sourcePorts(let ports): Certainty(ports.contains(packet.sourcePort))
        case .destinationPorts(let ports): Certainty(ports.contains(packet.destinationPort))
        case .word(let value, let mask, let offset): holds(value, mask, offset, PacketBytes(packet))
        case .unknown: .unknown("a condition that is not known here")
        }
    }

    private static func holds(_ value: UInt32, _ mask: UInt32, _ offset: Int, _ bytes: PacketBytes) -> Certainty {
        var isUnsure = false
        for index in 0..<4 {
            let shift = UInt32(24 - index * 8)
            let wanted = UInt8(truncatingIfNeeded: value >> shift)
            let bits = UInt8(truncatingIfNeeded: mask >> shift)
            if bits == 0 { continue }
            let (actual, known) = bytes[offset + index]
            if actual & bits & known != wanted & bits & known { return .no }
            if bits & ~known != 0 { isUnsure = true }
        }
        return isUnsure ? .unknown("bytes of the packet that are not known") : .yes
    }
}

/// The bytes of a packet from its network header on, as far as addresses, protocol and ports decide them: without options
/// of IPv4, without extension headers of IPv6.
struct PacketBytes {
    private var bytes: [Int: (value: UInt8, known: UInt8)] = [:]

    init(_ packet: PacketFilterSimulation.Packet) {
        let numbers = ["icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "ipv6-icmp": 58, "sctp": 132]
        let transport = (numbers[packet.transport] ?? Int(packet.transport)).flatMap { UInt8(exactly: $0) }
        var start = 40
        switch (packet.source, packet.destination) {
        case (.v4(let source), .v4(let destination)):
            start = 20
            bytes[0] = (0x45, 0xFF)
            // No fragment; whether it may be made one is not known.
            bytes[6] = (0, 0xBF)
            bytes[7] = (0, 0xFF)
            if let transport { bytes[9] = (transport, 0xFF) }
            put(source.bytes, at: 12)
            put(destination.bytes, at: 16)
        case (.v6(let source), .v6(let destination)):
            bytes[0] = (0x60, 0xF0)
            if let transport { bytes[6] = (transport, 0xFF) }
            put(source.bytes, at: 8)
            put(destination.bytes, at: 24)
        default: break
        }
        guard ["tcp", "udp", "sctp"].contains(packet.transport) else { return }
        put(
            [UInt8(truncatingIfNeeded: packet.sourcePort >> 8), UInt8(truncatingIfNeeded: packet.sourcePort)], at: start
        )
        put(
            [
                UInt8(truncatingIfNeeded: packet.destinationPort >> 8),
                UInt8(truncatingIfNeeded: packet.destinationPort),
            ],
            at: start + 2)
        // The first packet of a connection: SYN, and neither ACK, FIN nor RST.
        if packet.transport == "tcp", packet.state == "new" { bytes[start + 13] = (2, 0x3F) }
    }

    private mutating func put(_ values: some Sequence<UInt8>, at offset: Int) {
        for (index, value) in values.enumerated() { bytes[offset + index] = (value, 0xFF) }
    }

    /// A byte, and which of its bits are known.
    subscript(offset: Int) -> (value: UInt8, known: UInt8) { bytes[offset] ?? (0, 0) }
}
