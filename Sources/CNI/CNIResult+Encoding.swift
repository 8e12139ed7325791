import Addressing
import JSONTree

extension CNIResult {
    /// The result in the shape of a version.
    ///
    /// What a version cannot say is dropped as the reference library drops it: before 1.0.0 the MTU, socket path and
    /// PCI address of interfaces, before 0.3.0 interfaces, every address but the first of each family, and everything
    /// of routes but destination and gateway.
    /// - Throws: code 108 before 0.3.0 when there is no address at all.
    public func value(as version: CNIVersion) throws(CNIError) -> JSONValue {
        try checkExpressible(as: version)
        var members = [JSONMember("cniVersion", .string(version.description))]
        if version.hasInterfaces {
            if !interfaces.isEmpty {
                members.append(JSONMember("interfaces", .array(interfaces.map { $0.value(as: version) })))
            }
            if !ips.isEmpty { members.append(JSONMember("ips", .array(ips.map { $0.value(as: version) }))) }
            if !routes.isEmpty { members.append(JSONMember("routes", .array(routes.map { $0.value() }))) }
        } else {
            for family in IPFamily.allCases {
                guard let ip = firstIP(family) else { continue }
                members.append(JSONMember(family == .v4 ? "ip4" : "ip6", ip.familyValue(routes: routes)))
            }
        }
        if version < .v100 || !dns.isEmpty { members.append(JSONMember("dns", dns.value)) }
        members += unknown
        return .object(members)
    }

    /// What a plugin prints: indented by four spaces, as the reference plugins do.
    public func serialized(as version: CNIVersion) throws(CNIError) -> [UInt8] {
        try value(as: version).serialized(indent: 4)
    }

    /// Whether ``value(as:)`` can succeed.
    public func checkExpressible(as version: CNIVersion) throws(CNIError) {
        if version.hasInterfaces || !ips.isEmpty { return }
        throw CNIError(
            .inexpressibleResult, "cannot convert: no valid IP addresses",
            details: "cniVersion \(version) has no way to answer without an address; 0.3.0 and newer do")
    }
}

extension CNIResult.Interface {
    func value(as version: CNIVersion) -> JSONValue {
        var members = [JSONMember("name", .string(name))]
        members.append("mac", mac)
        if version >= .v100 { members.append("mtu", mtu) }
        members.append("sandbox", sandbox)
        if version >= .v100 {
            members.append("socketPath", socketPath)
            members.append("pciID", pciID)
        }
        return .object(members + unknown)
    }
}

extension CNIResult.IP {
    func value(as version: CNIVersion) -> JSONValue {
        var members: [JSONMember] = []
        if version.namesFamilies {
            members.append(JSONMember("version", .string(address.family == .v4 ? "4" : "6")))
        }
        if let interface { members.append(JSONMember("interface", .int(Int64(interface)))) }
        members.append(JSONMember("address", .string(address.description)))
        members.append("gateway", gateway?.description)
        return .object(members + unknown)
    }

    /// `ip4` or `ip6` of 0.1.0 and 0.2.0, with the routes of its family.
    func familyValue(routes: [CNIResult.Route]) -> JSONValue {
        var members = [JSONMember("ip", .string(address.description))]
        members.append("gateway", gateway?.description)
        var list: [JSONValue] = []
        for route in routes where route.destination.family == address.family {
            let bare = CNIResult.Route(destination: route.destination, gateway: route.gateway)
            list.append(bare.value())
        }
        if !list.isEmpty { members.append(JSONMember("routes", .array(list))) }
        return .object(members)
    }
}

extension CNIResult.Route {
    func value() -> JSONValue {
        var members = [JSONMember("dst", .string(destination.description))]
        members.append("gw", gateway?.description)
        // A zero here is not written, as the reference library leaves it out; for `table` and `scope` zero means
        // something (RT_TABLE_UNSPEC, universe) and is kept.
        if mtu != 0 { members.append("mtu", mtu) }
        if advmss != 0 { members.append("advmss", advmss) }
        if priority != 0 { members.append("priority", priority) }
        members.append("table", table)
        members.append("scope", scope)
        return .object(members + unknown)
    }
}

extension CNIResult.DNS {
    public var value: JSONValue {
        var members: [JSONMember] = []
        members.append("nameservers", nameservers)
        if let domain, !domain.isEmpty { members.append(JSONMember("domain", .string(domain))) }
        members.append("search", search)
        members.append("options", options)
        return .object(members + unknown)
    }
}

extension [JSONMember] {
    fileprivate mutating func append(_ key: String, _ text: String?) {
        if let text, !text.isEmpty { append(JSONMember(key, .string(text))) }
    }

    fileprivate mutating func append(_ key: String, _ number: Int?) {
        if let number { append(JSONMember(key, .int(Int64(number)))) }
    }

    fileprivate mutating func append(_ key: String, _ texts: [String]) {
        if !texts.isEmpty { append(JSONMember(key, .array(texts.map { .string($0) }))) }
    }
}
