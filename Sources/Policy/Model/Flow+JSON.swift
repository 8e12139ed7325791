import Addressing
import JSONTree
import KubernetesModel

// The record of the policy triples, which is how flows and verdicts are written everywhere:
//
//     {"src": {"pod": "shop/cart-0"}, "dst": {"ip": "203.0.113.7"}, "protocol": "TCP", "port": 443, "family": "IPv4"}

extension Flow {
    /// - Throws: the field and what is wrong with it.
    public init(decoding node: JSONNode) throws(FieldError) {
        guard node.kind == .object else { throw FieldError(.typeInvalid, at: node, "a flow is an object") }
        source = try FlowEnd(decoding: node, key: "src")
        destination = try FlowEnd(decoding: node, key: "dst")
        transport = .tcp
        if let field = node.member("protocol"), !field.isNull {
            if let name = field.string, let known = TransportProtocol(name: name) {
                transport = known
            } else if let number = field.int, let byte = UInt8(exactly: number) {
                transport = TransportProtocol(number: byte)
            } else {
                throw FieldError(.notSupported(["TCP", "UDP", "SCTP", "ICMP", "ICMPv6"]), at: field)
            }
        }
        let number = try Self.number(UInt16.self, "port", of: node)
        if transport.hasPorts && number == nil {
            throw FieldError(.required, at: "port", "a flow of \(transport) has a destination port", node: node)
        }
        port = number ?? 0
        sourcePort = try Self.number(UInt16.self, "sourcePort", of: node)
        icmpType = try Self.number(UInt8.self, "icmpType", of: node)
        icmpCode = try Self.number(UInt8.self, "icmpCode", of: node)
        var family: IPFamily?
        if let field = node.member("family"), !field.isNull {
            switch field.string {
            case "IPv4": family = .v4
            case "IPv6": family = .v6
            default: throw FieldError(.notSupported(["IPv4", "IPv6"]), at: field)
            }
        }
        for end in [source, destination] where family == nil {
            if case .address(let address) = end { family = address.family }
        }
        self.family = family ?? (transport == .icmpv6 ? .v6 : .v4)
    }

    private static func number<Number: FixedWidthInteger>(
        _ type: Number.Type, _ key: String, of node: JSONNode
    ) throws(FieldError) -> Number? {
        guard let field = node.member(key), !field.isNull else { return nil }
        guard let number = field.int.flatMap({ Number(exactly: $0) }) else {
            throw FieldError(.invalid, at: field, "a whole number from 0 to \(Number.max)")
        }
        return number
    }

    public var value: JSONValue {
        var members = [
            JSONMember("src", source.value), JSONMember("dst", destination.value),
            JSONMember(
                "protocol",
                TransportProtocol(name: transport.description) == nil
                    ? .int(Int64(transport.number)) : .string(transport.description)),
        ]
        if transport.hasPorts { members.append(JSONMember("port", .int(Int64(port)))) }
        if let sourcePort { members.append(JSONMember("sourcePort", .int(Int64(sourcePort)))) }
        if let icmpType { members.append(JSONMember("icmpType", .int(Int64(icmpType)))) }
        if let icmpCode { members.append(JSONMember("icmpCode", .int(Int64(icmpCode)))) }
        members.append(JSONMember("family", .string(family.description)))
        return .object(members)
    }
}

extension FlowEnd {
    init(decoding flow: JSONNode, key: String) throws(FieldError) {
        guard let node = flow.member(key), !node.isNull else {
            throw FieldError(
                .required, at: key, "{\"pod\": \"namespace/name\"}, {\"node\": ...} or {\"ip\": ...}", node: flow)
        }
        guard node.kind == .object, node.count == 1, let (kind, value) = node.members.first(where: { _ in true }),
            let text = value.string
        else { throw FieldError(.invalid, at: node, "exactly one of pod, node and ip, as a string") }
        switch kind {
        case "pod":
            guard let name = PodName(text) else { throw FieldError(.invalid, at: value, "namespace/name of a pod") }
            self = .pod(name)
        case "node": self = .node(text)
        case "ip":
            do throws(AddressError) {
                self = .address(try IPAddress(parsing: text))
            } catch {
                throw FieldError(.invalid, at: value, error.description)
            }
        default: throw FieldError(.invalid, at: node, "exactly one of pod, node and ip")
        }
    }

    public var value: JSONValue {
        switch self {
        case .pod(let name): ["pod": .string(name.description)]
        case .node(let name): ["node": .string(name)]
        case .address(let address): ["ip": .string(address.description)]
        }
    }
}
