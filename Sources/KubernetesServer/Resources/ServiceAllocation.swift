import Addressing
import JSONTree
import KubernetesModel

/// Cluster addresses and node ports of services: deterministic (a service that is made again gets its address again,
/// unless somebody took it), and computed from the services there are, so that there is nothing to repair.
struct ServiceAllocation: Sendable {
    /// As kubeadm and most installers choose them.
    var ranges: [IPFamily: IPPrefix] = {
        var ranges: [IPFamily: IPPrefix] = [:]
        if let v4 = IPPrefix("10.96.0.0/16") { ranges[.v4] = v4 }
        if let v6 = IPPrefix("fd00:10:96::/112") { ranges[.v6] = v6 }
        return ranges
    }()
    var nodePorts: ClosedRange<Int> = 30_000...32_767

    /// What other services hold.
    struct Taken: Sendable {
        var addresses: Set<String> = []
        /// With their protocol: `TCP/30080`.
        var nodePorts: Set<String> = []

        init() {}

        init(_ services: [JSONNode]) {
            for service in services {
                guard let spec = service.member("spec") else { continue }
                for address in spec.member("clusterIPs")?.elements.compactMap(\.string) ?? [] where address != "None" {
                    addresses.insert(address)
                }
                if let address = spec.member("clusterIP")?.string, !address.isEmpty, address != "None" {
                    addresses.insert(address)
                }
                for port in spec.member("ports")?.elements.map({ $0 }) ?? [] {
                    if let number = port.member("nodePort")?.int, number > 0 {
                        nodePorts.insert("\(port.member("protocol")?.string ?? "TCP")/\(number)")
                    }
                }
                if let number = spec.member("healthCheckNodePort")?.int, number > 0 {
                    nodePorts.insert("TCP/\(number)")
                }
            }
        }
    }

    /// The service with addresses and ports, or what is wrong with those it asks for.
    ///
    /// - Parameter old: the stored service of an update; its addresses stay.
    func allocated(
        _ service: JSONValue, old: JSONValue?, key: ObjectKey, taken: Taken
    ) -> (service: JSONValue, errors: [FieldError]) {
        var taken = taken
        var errors: [FieldError] = []
        var spec = service.member("spec") ?? .object([])
        let type = spec.member("type")?.stringValue ?? "ClusterIP"
        if type == "ExternalName" {
            for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                spec = spec.removingMember(field)
            }
            return (service.settingMember("spec", to: spec), [])
        }
        spec = addressed(spec, old?.member("spec"), key, &taken, &errors)
        spec = ported(spec, old?.member("spec"), type, key, &taken, &errors)
        return (service.settingMember("spec", to: spec), errors)
    }

    // MARK: Addresses

    private func addressed(
        _ given: JSONValue, _ old: JSONValue?, _ key: ObjectKey, _ taken: inout Taken, _ errors: inout [FieldError]
    ) -> JSONValue {
        var spec = given
        var wanted = (spec.member("clusterIPs")?.elements ?? []).compactMap(\.stringValue)
        if wanted.isEmpty, let single = spec.member("clusterIP")?.stringValue, !single.isEmpty { wanted = [single] }
        let held = (old?.member("clusterIPs")?.elements ?? []).compactMap(\.stringValue)
        let wasExternal = old?.member("type")?.stringValue == "ExternalName"
        if !held.isEmpty, !wasExternal {
            if wanted.isEmpty { wanted = held }
            if let first = wanted.first, first != held[0] {
                errors.append(
                    FieldError(
                        .invalid, at: "spec.clusterIPs[0]", value: .array(wanted.map { .string($0) }),
                        "may not change once set"))
                return spec
            }
        }
        let isHeadless = wanted.first == "None"
        let families = families(of: spec, wanted, old)
        if isHeadless {
            wanted = ["None"]
        } else {
            for (index, text) in wanted.enumerated() where !held.contains(text) {
                let problem =
                    taken.addresses.contains(text)
                    ? "failed to allocate IP \(text): provided IP is already allocated" : problem(of: text)
                if let problem {
                    let isRange = problem.hasPrefix("failed to allocate")
                    errors.append(
                        FieldError(
                            .invalid, at: isRange ? "spec.clusterIPs" : "spec.clusterIPs[\(index)]",
                            value: .array(wanted.map { .string($0) }), problem))
                }
                taken.addresses.insert(text)
            }
            for family in families.dropFirst(wanted.count) {
                guard let address = free(family, key, taken) else {
                    errors.append(FieldError(.internalError, at: "spec.clusterIPs", "the range of addresses is full"))
                    continue
                }
                taken.addresses.insert(address)
                wanted.append(address)
            }
        }
        let policy =
            spec.member("ipFamilyPolicy")?.stringValue ?? (families.count > 1 ? "RequireDualStack" : "SingleStack")
        spec = spec.settingMember("clusterIP", to: .string(wanted.first ?? ""))
        spec = spec.settingMember("clusterIPs", to: .array(wanted.map { .string($0) }))
        spec = spec.settingMember("ipFamilies", to: .array(families.map { .string($0.description) }))
        return spec.settingMember("ipFamilyPolicy", to: .string(policy))
    }

    private func families(of spec: JSONValue, _ wanted: [String], _ old: JSONValue?) -> [IPFamily] {
        var families = (spec.member("ipFamilies")?.elements ?? old?.member("ipFamilies")?.elements ?? [])
            .compactMap { $0.stringValue == "IPv6" ? IPFamily.v6 : $0.stringValue == "IPv4" ? .v4 : nil }
        if families.isEmpty { families = wanted.compactMap { IPAddress($0)?.family } }
        if families.isEmpty { families = [.v4] }
        let policy = spec.member("ipFamilyPolicy")?.stringValue
        if families.count == 1, policy == "RequireDualStack" || policy == "PreferDualStack" {
            families.append(families[0] == .v4 ? .v6 : .v4)
        }
        if policy == "SingleStack" { families = Array(families.prefix(1)) }
        return families
    }

    private func problem(of text: String) -> String? {
        guard let address = IPAddress(text) else {
            return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        }
        guard let range = ranges[address.family], range.contains(address) else {
            let range = ranges[address.family].map { "\($0)" } ?? "none"
            return
                "failed to allocate IP \(text): the provided IP is not in the valid range. The range of valid IPs is \(range)"
        }
        return nil
    }

    private func free(_ family: IPFamily, _ key: ObjectKey, _ taken: Taken) -> String? {
        guard let range = ranges[family] else { return nil }
        // The first ten addresses are for services that ask for one (the API server's, DNS).
        let size = UInt64(clamping: range.range.count) - 2
        guard size > 16 else { return nil }
        let start = hash(key.description) % (size - 10)
        for step in 0..<(size - 10) {
            let offset = 10 + (start + step) % (size - 10)
            guard let address = range.first.advanced(by: Int(offset)) else { continue }
            if !taken.addresses.contains(address.description) { return address.description }
        }
        return nil
    }

    // MARK: Node ports

    private func ported(
        _ given: JSONValue, _ old: JSONValue?, _ type: String, _ key: ObjectKey, _ taken: inout Taken,
        _ errors: inout [FieldError]
    ) -> JSONValue {
        let allocates =
            type == "NodePort"
            || (type == "LoadBalancer" && given.member("allocateLoadBalancerNodePorts")?.boolValue != false)
        let held = held(old)
        var ports: [JSONValue] = []
        // One number may serve two protocols of the same service's port.
        var own: [String: Set<Int64>] = [:]
        for (index, port) in (given.member("ports")?.elements ?? []).enumerated() {
            let transport = port.member("protocol")?.stringValue ?? "TCP"
            let number = port.member("nodePort")?.intValue ?? 0
            let name = "\(transport)/\(number)"
            if number > 0 {
                let isOwn = held.values.contains { $0 == name }
                if taken.nodePorts.contains(name), !isOwn {
                    errors.append(
                        FieldError(
                            .invalid, at: "spec.ports[\(index)].nodePort", value: .int(number),
                            "provided port is already allocated"))
                } else if !nodePorts.contains(Int(number)) {
                    errors.append(
                        FieldError(
                            .invalid, at: "spec.ports[\(index)].nodePort", value: .int(number),
                            "provided port is not in the valid range. The range of valid ports is "
                                + "\(nodePorts.lowerBound)-\(nodePorts.upperBound)"))
                }
                taken.nodePorts.insert(name)
                own[transport, default: []].insert(number)
                ports.append(port)
            } else if allocates {
                let place = "\(transport)/\(port.member("port")?.intValue ?? 0)"
                if let number = held[place]?.split(separator: "/").last.flatMap({ Int64($0) }) {
                    ports.append(port.settingMember("nodePort", to: .int(number)))
                } else if let number = freePort(transport, "\(key)/\(place)", taken) {
                    taken.nodePorts.insert("\(transport)/\(number)")
                    ports.append(port.settingMember("nodePort", to: .int(number)))
                } else {
                    errors.append(FieldError(.internalError, at: "spec.ports[\(index)].nodePort", "range is full"))
                }
            } else {
                ports.append(port.removingMember("nodePort"))
            }
        }
        var spec = ports.isEmpty ? given : given.settingMember("ports", to: .array(ports))
        if allocates || type == "LoadBalancer" {
            if spec.member("externalTrafficPolicy") == nil {
                spec = spec.settingMember("externalTrafficPolicy", to: "Cluster")
            }
            if type == "LoadBalancer", spec.member("externalTrafficPolicy")?.stringValue == "Local",
                spec.member("healthCheckNodePort") == nil,
                let number = old?.member("healthCheckNodePort")?.intValue ?? freePort("TCP", "\(key)/health", taken)
            {
                spec = spec.settingMember("healthCheckNodePort", to: .int(number))
            }
        }
        return spec
    }

    /// `TCP/80` to `TCP/30080`.
    private func held(_ spec: JSONValue?) -> [String: String] {
        var held: [String: String] = [:]
        for port in spec?.member("ports")?.elements ?? [] {
            guard let number = port.member("nodePort")?.intValue, number > 0 else { continue }
            let transport = port.member("protocol")?.stringValue ?? "TCP"
            held["\(transport)/\(port.member("port")?.intValue ?? 0)"] = "\(transport)/\(number)"
        }
        return held
    }

    private func freePort(_ transport: String, _ seed: String, _ taken: Taken) -> Int64? {
        let start = Int(hash(seed) % UInt64(nodePorts.count))
        for step in 0..<nodePorts.count {
            let number = nodePorts.lowerBound + (start + step) % nodePorts.count
            if !taken.nodePorts.contains("\(transport)/\(number)") { return Int64(number) }
        }
        return nil
    }

    /// FNV-1a, 64 bits: the same on every run.
    private func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
