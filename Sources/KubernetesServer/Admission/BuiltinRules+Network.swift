import Addressing
import JSONTree
import KubernetesModel

// Services, endpoint slices, network policies.

extension BuiltinRules {
    private static let cidrSentence = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
    private static let addressSentence = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

    // MARK: NetworkPolicy (pkg/apis/networking/validation)

    mutating func checkNetworkPolicy(_ object: JSONValue) {
        let spec = object.member("spec") ?? .object([])
        checkSelector(spec.member("podSelector"), "spec.podSelector")
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in (spec.member(direction)?.elements ?? []).enumerated() {
                let path = "spec.\(direction)[\(index)]"
                for (index, port) in (rule.member("ports")?.elements ?? []).enumerated() {
                    checkPolicyPort(port, "\(path).ports[\(index)]")
                }
                for (index, peer) in (rule.member(peers)?.elements ?? []).enumerated() {
                    checkPeer(peer, "\(path).\(peers)[\(index)]")
                }
            }
        }
        let types = spec.member("policyTypes")?.elements ?? []
        if types.count > 2 {
            add(.invalid, "spec.policyTypes", .array(types), "may not specify more than two policyTypes")
            return
        }
        for (index, type) in types.enumerated() where !["Ingress", "Egress"].contains(type.stringValue) {
            add(.notSupported(["Egress", "Ingress"]), "spec.policyTypes[\(index)]", type)
        }
    }

    private mutating func checkPolicyPort(_ value: JSONValue, _ path: String) {
        checkProtocol(value.member("protocol"), "\(path).protocol")
        let end = value.member("endPort")?.intValue
        guard let port = value.member("port") else {
            if end != nil {
                add(.forbidden, "\(path).endPort", nil, "may not be specified when `port` is not specified")
            }
            return
        }
        checkPort(port, "\(path).port")
        guard let end else { return }
        guard let start = port.intValue else {
            add(.forbidden, "\(path).endPort", nil, "may not be specified when `port` is non-numeric")
            return
        }
        if end < start { add(.invalid, "\(path).endPort", .int(end), "must be greater than or equal to `port`") }
        checkPort(end, "\(path).endPort")
    }

    private mutating func checkPeer(_ peer: JSONValue, _ path: String) {
        let kinds = ["podSelector", "namespaceSelector", "ipBlock"].filter { peer.member($0) != nil }
        checkSelector(peer.member("podSelector"), "\(path).podSelector")
        checkSelector(peer.member("namespaceSelector"), "\(path).namespaceSelector")
        if let block = peer.member("ipBlock") { checkBlock(block, "\(path).ipBlock") }
        if kinds.isEmpty {
            add(.required, path, nil, "must specify a peer")
        } else if kinds.count > 1, kinds.contains("ipBlock") {
            add(.forbidden, path, nil, "may not specify both ipBlock and another peer")
        }
    }

    private mutating func checkBlock(_ block: JSONValue, _ path: String) {
        let cidr = block.member("cidr")?.stringValue ?? ""
        if cidr.isEmpty {
            add(.required, "\(path).cidr")
            return
        }
        guard let outer = Self.prefix(cidr) else {
            add(.invalid, "\(path).cidr", .string(cidr), Self.cidrSentence)
            return
        }
        for (index, except) in (block.member("except")?.elements ?? []).enumerated() {
            let path = "\(path).except[\(index)]"
            guard let inner = Self.prefix(except.stringValue ?? "") else {
                add(.invalid, path, except, Self.cidrSentence)
                continue
            }
            let isInside = outer.family == inner.family && outer.contains(inner) && inner.length > outer.length
            if !isInside { add(.invalid, path, except, "must be a strict subset of `cidr`") }
        }
    }

    /// As Go's ParseCIDR: bits beyond the length are dropped.
    private static func prefix(_ text: String) -> IPPrefix? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
            parts[1].allSatisfy({ $0.isASCII && $0.isNumber }), length <= (address.family == .v4 ? 32 : 128)
        else { return nil }
        return IPPrefix(containing: address, length: length)
    }

    // MARK: Service (pkg/apis/core/validation)

    mutating func checkService(_ object: JSONValue, old: JSONValue?) {
        let spec = object.member("spec") ?? .object([])
        let type = spec.member("type")?.stringValue ?? "ClusterIP"
        let addresses = spec.member("clusterIPs")?.elements ?? []
        let isHeadless = addresses.first?.stringValue == "None"
        checkServicePorts(spec.member("ports")?.elements ?? [], type: type, isHeadless: isHeadless)
        checkLabels(spec.member("selector"), "spec.selector")
        if type == "ExternalName" {
            let name = spec.member("externalName")?.stringValue ?? ""
            checkName(name.hasSuffix(".") ? String(name.dropLast()) : name, .dnsSubdomain, "spec.externalName")
            if !addresses.isEmpty {
                add(.forbidden, "spec.clusterIPs", nil, "may not be set for ExternalName services")
            }
        } else {
            checkAddresses(addresses, isHeadless: isHeadless)
        }
        checkAffinity(spec)
        for (index, address) in (spec.member("externalIPs")?.elements ?? []).enumerated()
        where IPAddress(address.stringValue ?? "") == nil {
            add(.invalid, "spec.externalIPs[\(index)]", address, Self.addressSentence)
        }
        let isExternal = type == "NodePort" || type == "LoadBalancer"
        if let policy = spec.member("externalTrafficPolicy"), !isExternal,
            (spec.member("externalIPs")?.elements ?? []).isEmpty
        {
            add(
                .invalid, "spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services")
        }
        if let old { checkAddressesKept(addresses, type, old) }
    }

    private mutating func checkServicePorts(_ ports: [JSONValue], type: String, isHeadless: Bool) {
        if ports.isEmpty, !isHeadless, type != "ExternalName" { add(.required, "spec.ports") }
        var names: Set<String> = []
        var numbers: Set<String> = []
        for (index, port) in ports.enumerated() {
            let path = "spec.ports[\(index)]"
            let name = port.member("name")?.stringValue ?? ""
            if name.isEmpty {
                if ports.count > 1 { add(.required, "\(path).name") }
            } else {
                checkName(name, .dnsLabel, "\(path).name")
                if !names.insert(name).inserted { add(.duplicate, "\(path).name", .string(name)) }
            }
            let number = port.member("port")?.intValue ?? 0
            checkPort(number, "\(path).port")
            if let target = port.member("targetPort") { checkPort(target, "\(path).targetPort") }
            let nodePort = port.member("nodePort")?.intValue ?? 0
            if nodePort != 0, type == "ClusterIP" {
                add(.forbidden, "\(path).nodePort", nil, "may not be used when `type` is 'ClusterIP'")
            }
            let transport = port.member("protocol")?.stringValue ?? "TCP"
            if !numbers.insert("\(transport)/\(number)").inserted {
                let shown: JSONValue = [
                    "Name": "", "Protocol": .string(transport), "AppProtocol": nil, "Port": .int(number),
                    "TargetPort": 0, "NodePort": 0,
                ]
                add(.duplicate, path, shown)
            }
        }
    }

    private mutating func checkAddresses(_ addresses: [JSONValue], isHeadless: Bool) {
        if addresses.count > 2 {
            add(.invalid, "spec.clusterIPs", .array(addresses), "may only hold up to 2 values")
        }
        if isHeadless, addresses.count > 1 {
            add(.invalid, "spec.clusterIPs", .array(addresses), "'None' must be the first and only value")
        }
        for (index, address) in addresses.enumerated() where !isHeadless {
            if IPAddress(address.stringValue ?? "") == nil {
                add(.invalid, "spec.clusterIPs[\(index)]", address, Self.addressSentence)
            }
        }
    }

    private mutating func checkAffinity(_ spec: JSONValue) {
        let affinity = spec.member("sessionAffinity")?.stringValue ?? "None"
        if affinity == "None", spec.member("sessionAffinityConfig") != nil {
            add(
                .forbidden, "spec.sessionAffinityConfig", nil, "must not be set when session affinity is None")
        }
        if affinity == "ClientIP",
            let seconds = spec.at("sessionAffinityConfig", "clientIP", "timeoutSeconds")?.intValue,
            !(1...86400).contains(seconds)
        {
            add(
                .invalid, "spec.sessionAffinityConfig.clientIP.timeoutSeconds", .int(seconds),
                "must be greater than 0 and less than 86400")
        }
    }

    private mutating func checkAddressesKept(_ addresses: [JSONValue], _ type: String, _ old: JSONValue) {
        let oldType = old.at("spec", "type")?.stringValue ?? "ClusterIP"
        let before = old.at("spec", "clusterIPs")?.elements ?? []
        guard type != "ExternalName", oldType != "ExternalName", let first = before.first else { return }
        if addresses.first != first {
            add(.invalid, "spec.clusterIPs[0]", .array(addresses), "may not change once set")
        }
    }

    // MARK: EndpointSlice (pkg/apis/discovery/validation)

    mutating func checkEndpointSlice(_ object: JSONValue, old: JSONValue?) {
        let type = object.member("addressType")?.stringValue ?? ""
        if type.isEmpty { add(.required, "addressType") }
        if let old { checkUnchanged(object.member("addressType"), old.member("addressType"), "addressType") }
        let endpoints = object.member("endpoints")?.elements ?? []
        if endpoints.count > 1000 { add(.tooMany(1000), "endpoints", .int(Int64(endpoints.count))) }
        for (index, endpoint) in endpoints.enumerated() {
            let path = "endpoints[\(index)]"
            let addresses = endpoint.member("addresses")?.elements ?? []
            if addresses.isEmpty { add(.required, "\(path).addresses", nil, "must contain at least 1 address") }
            if addresses.count > 100 { add(.tooMany(100), "\(path).addresses", .int(Int64(addresses.count))) }
            for (index, address) in addresses.enumerated() {
                checkEndpointAddress(address, type, "\(path).addresses[\(index)]")
            }
            if let name = endpoint.member("hostname")?.stringValue { checkName(name, .dnsLabel, "\(path).hostname") }
        }
        var names: Set<String> = []
        let ports = object.member("ports")?.elements ?? []
        if ports.count > 100 { add(.tooMany(100), "ports", .int(Int64(ports.count))) }
        for (index, port) in ports.enumerated() {
            let path = "ports[\(index)]"
            let name = port.member("name")?.stringValue ?? ""
            if !name.isEmpty { checkName(name, .dnsLabel, "\(path).name") }
            if !names.insert(name).inserted { add(.duplicate, "\(path).name", .string(name)) }
            checkProtocol(port.member("protocol"), "\(path).protocol")
            if let number = port.member("port")?.intValue { checkPort(number, "\(path).port") }
        }
    }

    private mutating func checkEndpointAddress(_ address: JSONValue, _ type: String, _ path: String) {
        let text = address.stringValue ?? ""
        switch type {
        case "IPv4":
            if IPv4Address(text) == nil { add(.invalid, path, address, "must be a valid IPv4 address") }
        case "IPv6":
            if IPv6Address(text) == nil { add(.invalid, path, address, "must be a valid IPv6 address") }
        case "FQDN": checkName(text.hasSuffix(".") ? String(text.dropLast()) : text, .dnsSubdomain, path)
        default: return
        }
        if type != "FQDN", let parsed = IPAddress(text) {
            if parsed.isUnspecified { add(.invalid, path, address, "may not be unspecified (\(text))") }
            if parsed.isLoopback {
                add(
                    .invalid, path, address,
                    "may not be in the loopback range (\(parsed.family == .v4 ? "127.0.0.0/8" : "::1/128"))")
            }
            if parsed.isLinkLocal {
                add(
                    .invalid, path, address,
                    "may not be in the link-local range (\(parsed.family == .v4 ? "169.254.0.0/16" : "fe80::/10"))")
            }
        }
    }
}
