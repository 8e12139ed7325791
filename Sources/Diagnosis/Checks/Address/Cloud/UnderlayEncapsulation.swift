import JSONTree

/// What nodes wrap pods' packets in on their way between each other, as the objects of the cluster say it.
struct UnderlayEncapsulation: Sendable {
    /// `udp`, or the number of the protocol: `4` is IP in IP.
    var transport: String
    /// Of UDP; 0 otherwise.
    var port: Int
    /// `VXLAN of pool default`.
    var what: String
    var source: FactSource

    /// `UDP 8472`, `protocol 4 (IPIP)`
    var words: String { transport == "4" ? "protocol 4 (IPIP)" : "UDP \(port)" }

    /// Nil when nothing is wrapped, or when that is not known.
    static func of(_ facts: FactBase) -> UnderlayEncapsulation? {
        for pool in pools(facts) {
            if pool.text("spec", "vxlanMode") ?? "Never" != "Never" {
                let port =
                    facts.objects("felixconfigurations.crd.projectcalico.org").compactMap {
                        $0.int("spec", "vxlanPort")
                    }.first ?? 4789
                return .init(
                    transport: "udp", port: Int(clamping: port), what: "VXLAN of pool \(pool.name)", source: pool.source
                )
            }
            if pool.text("spec", "ipipMode") ?? "Never" != "Never" {
                return .init(transport: "4", port: 0, what: "IPIP of pool \(pool.name)", source: pool.source)
            }
        }
        for node in facts.objects("nodes") {
            guard let end = TunnelEnd(node), end.backend?.lowercased() == "vxlan" else { continue }
            return .init(
                transport: "udp", port: 8472, what: "VXLAN of \(end.annotation.split(separator: "/").first ?? "")",
                source: node.source)
        }
        return cilium(facts) ?? ofSwitch(facts)
    }

    private static func pools(_ facts: FactBase) -> [APIObject] {
        facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org").filter {
            $0.bool("spec", "disabled") != true
        }
    }

    /// `tunnel-protocol` and `routing-mode` of cilium-config, `tunnel` before 1.14 (cilium/cilium, Documentation).
    private static func cilium(_ facts: FactBase) -> UnderlayEncapsulation? {
        guard NetworkProviders(facts).runs(.cilium),
            let settings = facts.objects("configmaps").first(where: { $0.name == "cilium-config" })
        else { return nil }
        func setting(_ key: String) -> String? { settings.text("data", key) }
        let old = setting("tunnel")
        if setting("routing-mode") == "native" || old == "disabled" { return nil }
        guard let kind = setting("tunnel-protocol") ?? old else { return nil }
        let usual = ["vxlan": 8472, "geneve": 6081]
        guard let port = setting("tunnel-port").flatMap({ Int($0) }).flatMap({ $0 > 0 ? $0 : nil }) ?? usual[kind]
        else {
            return nil
        }
        return .init(
            transport: "udp", port: port, what: "\(kind == "geneve" ? "Geneve" : "VXLAN") of Cilium",
            source: settings.source)
    }

    /// What says that pods' packets travel as they are; nil when it is not known.
    static func isPlain(_ facts: FactBase) -> (text: String, source: FactSource)? {
        if of(facts) != nil { return nil }
        let plain = pools(facts).first { pool in
            ["ipipMode", "vxlanMode"].allSatisfy { (pool.text("spec", $0) ?? "Never") == "Never" }
        }
        if let plain { return ("pool \(plain.name): no encapsulation", plain.source) }
        if let node = facts.objects("nodes").first(where: { TunnelEnd($0)?.backend == "host-gw" }) {
            return ("backend host-gw: no encapsulation", node.source)
        }
        let settings = facts.objects("configmaps").first { $0.name == "cilium-config" }
        if let settings, settings.text("data", "routing-mode") == "native" {
            return ("cilium-config: routing-mode native", settings.source)
        }
        return nil
    }
}
