import Addressing
import JSONTree

extension AgentReply {
    /// Reads a reply, with or without its newline.
    public init(line: [UInt8]) throws(AgentMessageError) {
        let reader = try AgentMessageReader(line: line)
        if let error = try reader.object("error") {
            // Codes are positive; 0 would read as success to a runtime.
            let code = try error.integer("code", in: 1...Int(Int32.max), default: 0)
            if code == 0 { throw error.error("code", "is required") }
            let message = try error.requiredString("message")
            self = .failure(
                AgentFailure(
                    AgentFailure.Code(rawValue: code), message, details: try error.string("details")))
            return
        }
        let addresses = try reader.list("addresses", "an address with a prefix length") { InterfaceAddress($0) }
        if addresses.isEmpty {
            self = try reader.flag("taken") ? .taken : .done
            return
        }
        let gateways = try reader.list("gateways", "an IP address") { IPAddress($0) }
        for address in addresses where !gateways.contains(where: { $0.family == address.family }) {
            throw reader.error("gateways", "none is of the family of \(address)")
        }
        let text = try reader.requiredString("hostMAC")
        guard let mac = MACAddress(text), !mac.isMulticast, !mac.isZero else {
            throw reader.error("hostMAC", "\"\(text)\" is no MAC address of an interface")
        }
        // What a veth takes (drivers/net/veth.c); IPv6 needs 1280 (RFC 8200 5).
        let least = addresses.contains { $0.family == .v6 } ? 1280 : 68
        let mtu = try reader.integer("mtu", in: least...65535, default: 0)
        if mtu == 0 { throw reader.error("mtu", "is required") }
        let node = try reader.list("nodeAddresses", "an IP address") { IPAddress($0) }
        self = .endpoint(
            AgentEndpoint(addresses: addresses, gateways: gateways, hostMAC: mac, mtu: mtu, nodeAddresses: node))
    }

    /// The reply as a line, newline included.
    public var line: [UInt8] {
        var members = [JSONMember("v", .int(Int64(AgentRequest.version)))]
        switch self {
        case .done: break
        case .taken: members += [JSONMember("linkGone", true), JSONMember("taken", true)]
        case .endpoint(let endpoint):
            members += [
                JSONMember("addresses", .array(endpoint.addresses.map { .string($0.description) })),
                JSONMember("gateways", .array(endpoint.gateways.map { .string($0.description) })),
                JSONMember("hostMAC", .string(endpoint.hostMAC.description)),
                JSONMember("mtu", .int(Int64(endpoint.mtu))),
            ]
            if !endpoint.nodeAddresses.isEmpty {
                members.append(
                    JSONMember("nodeAddresses", .array(endpoint.nodeAddresses.map { .string($0.description) })))
            }
        case .failure(let failure):
            var inner = [
                JSONMember("code", .int(Int64(failure.code.rawValue))),
                JSONMember("message", .string(failure.message)),
            ]
            if !failure.details.isEmpty { inner.append(JSONMember("details", .string(failure.details))) }
            members.append(JSONMember("error", .object(inner)))
        }
        return JSONValue.object(members).line
    }
}
