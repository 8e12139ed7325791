import Addressing
import JSONTree

/// What a service is filled up with, short of the addresses and node ports that somebody must allocate.
enum ServiceDefaults {
    static func applied(to object: JSONValue, old: JSONValue?) -> JSONValue {
        guard var spec = object.member("spec"), spec.kind == .object else { return object }
        let type = spec.member("type")?.stringValue ?? "ClusterIP"
        if let oldSpec = old?.member("spec") { spec = keeping(oldSpec, in: spec, type) }
        spec = spec.changing(["ports"]) { ports in
            .array(
                ports.elements.map { port in
                    let target = port.member("targetPort")
                    let isUnset = target == nil || target?.intValue == 0 || target?.stringValue?.isEmpty == true
                    guard isUnset, let number = port.member("port") else { return port }
                    return port.settingMember("targetPort", to: number)
                })
        }
        if spec.member("sessionAffinity")?.stringValue == "ClientIP",
            spec.at("sessionAffinityConfig", "clientIP") == nil
        {
            spec = spec.setting(at: ["sessionAffinityConfig", "clientIP", "timeoutSeconds"], to: 10800)
        }
        if type == "ExternalName" { return object.settingMember("spec", to: spec) }
        if type == "NodePort" || type == "LoadBalancer" {
            spec = spec.withDefault("externalTrafficPolicy", "Cluster")
        }
        if type == "LoadBalancer" { spec = spec.withDefault("allocateLoadBalancerNodePorts", true) }
        spec = spec.withDefault("internalTrafficPolicy", "Cluster")
        return object.settingMember("spec", to: families(addresses(spec)))
    }

    /// `clusterIP` and the first of `clusterIPs` say the same.
    private static func addresses(_ spec: JSONValue) -> JSONValue {
        let first = spec.member("clusterIP")?.stringValue ?? ""
        let all = spec.member("clusterIPs")?.elements ?? []
        if !first.isEmpty, all.isEmpty { return spec.settingMember("clusterIPs", to: [.string(first)]) }
        if first.isEmpty, let address = all.first { return spec.settingMember("clusterIP", to: address) }
        return spec
    }

    private static func families(_ spec: JSONValue) -> JSONValue {
        var families = spec.member("ipFamilies")?.elements ?? []
        if families.isEmpty {
            families = (spec.member("clusterIPs")?.elements ?? []).compactMap { address in
                address.stringValue.flatMap { IPAddress($0) }.map { $0.family == .v4 ? "IPv4" : "IPv6" }
            }
            if families.isEmpty { families = ["IPv4"] }
        }
        let policy: JSONValue = families.count > 1 ? "RequireDualStack" : "SingleStack"
        return spec.settingMember("ipFamilies", to: .array(families)).withDefault("ipFamilyPolicy", policy)
    }

    /// An update that leaves out what was allocated keeps it.
    private static func keeping(_ old: JSONValue, in new: JSONValue, _ type: String) -> JSONValue {
        var spec = new
        let wasExternal = old.member("type")?.stringValue == "ExternalName"
        guard type != "ExternalName", !wasExternal else { return spec }
        if isEmpty(spec.member("clusterIP")), isEmpty(spec.member("clusterIPs")) {
            for field in ["clusterIP", "clusterIPs"] {
                if let value = old.member(field), !isEmpty(value) { spec = spec.settingMember(field, to: value) }
            }
        }
        for field in ["ipFamilies", "ipFamilyPolicy"] where spec.member(field) == nil {
            if let value = old.member(field) { spec = spec.settingMember(field, to: value) }
        }
        guard type != "ClusterIP" else { return spec }
        let oldPorts = old.member("ports")?.elements ?? []
        return spec.changing(["ports"]) { ports in
            .array(
                ports.elements.map { port in
                    guard (port.member("nodePort")?.intValue ?? 0) == 0 else { return port }
                    let same = oldPorts.first {
                        $0.member("port") == port.member("port") && $0.member("protocol") == port.member("protocol")
                    }
                    return same?.member("nodePort").map { port.settingMember("nodePort", to: $0) } ?? port
                })
        }
    }

    private static func isEmpty(_ value: JSONValue?) -> Bool {
        guard let value else { return true }
        return value.stringValue?.isEmpty ?? value.elements.isEmpty
    }
}
