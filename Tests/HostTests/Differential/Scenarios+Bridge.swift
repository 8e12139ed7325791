import Foundation

extension Scenario {
    /// host-local over `ranges` with a directory of the node's own.
    static func hostLocal(_ subnets: String..., routes: [String] = []) -> JSON {
        [
            "type": "host-local", "dataDir": "@DATA@",
            "ranges": .array(subnets.map { [["subnet": .string($0)]] }),
            "routes": .array(routes.map { ["dst": .string($0)] }),
        ]
    }

    /// A bridge entry with `keys` over the defaults.
    static func bridge(_ keys: JSON, ipam: JSON? = hostLocal("10.88.0.0/16")) -> JSON {
        var entry: JSON = ["type": "bridge", "bridge": "cni0"]
        if let ipam { entry["ipam"] = ipam }
        for (key, value) in keys.members { entry[key] = value }
        return entry
    }

    static let bridges: [Scenario] =
        [
            Scenario(
                name: "bridge: layer 2 only", list: list(bridge([:], ipam: nil)), pods: 2,
                differences: ["bridge-address-pinned"]),
            Scenario(
                name: "bridge: addresses, no gateway", list: list(bridge([:])), pods: 2, probe: betweenPods,
                differences: ["bridge-address-pinned"]),
            Scenario(name: "bridge: gateway", list: list(bridge(["isGateway": true])), pods: 2, probe: betweenPods),
            Scenario(
                name: "bridge: default gateway", list: list(bridge(["isDefaultGateway": true])), neighbour: true,
                probe: { probe in
                    guard let outside = probe.outside else { return }
                    try probe.traffic(
                        "pod to the node", from: probe.pods[0], to: "10.88.0.1", server: probe.node.namespace)
                    try probe.traffic(
                        "pod to outside, no masquerade", from: probe.pods[0], to: "198.51.100.2", server: outside)
                }),
            Scenario(
                name: "bridge: masquerade", list: list(bridge(["isDefaultGateway": true, "ipMasq": true])), pods: 2,
                neighbour: true, probe: masquerade),
            Scenario(
                name: "bridge: masquerade, dual stack",
                list: list(
                    bridge(
                        ["isDefaultGateway": true, "ipMasq": true],
                        ipam: hostLocal("10.88.0.0/16", "fd00:88::/64"))), pods: 2,
                neighbour: true, probe: masquerade),
            Scenario(
                name: "bridge: IPv6 only, default gateway",
                list: list(bridge(["isDefaultGateway": true], ipam: hostLocal("fd00:88::/64"))), pods: 2,
                probe: { probe in
                    try probe.traffic("pod to pod", from: probe.pods[0], to: "fd00:88::3", server: probe.pods[1])
                    try probe.traffic(
                        "pod to the node", from: probe.pods[0], to: "fd00:88::1", server: probe.node.namespace)
                }),
            Scenario(
                name: "bridge: routes of the configuration",
                list: list(
                    bridge(
                        ["isGateway": true],
                        ipam: hostLocal("10.88.0.0/16", "fd00:88::/64", routes: ["0.0.0.0/0", "192.0.2.0/24", "::/0"])))
            ),
            Scenario(
                name: "bridge: hairpin", list: list(bridge(["isGateway": true, "hairpinMode": true])), pods: 2,
                probe: betweenPods),
            Scenario(
                name: "bridge: promiscuous", list: list(bridge(["isGateway": true, "promiscMode": true])), pods: 2,
                probe: betweenPods),
            Scenario(name: "bridge: vlan", list: list(bridge(["vlan": 100])), pods: 2, probe: betweenPods),
            Scenario(
                name: "bridge: mtu", list: list(bridge(["isGateway": true, "mtu": 1400])), pods: 2, probe: betweenPods),
            Scenario(
                name: "bridge: forged hardware addresses",
                list: list(bridge(["isGateway": true, "macspoofchk": true])), pods: 2,
                probe: { probe in
                    try probe.traffic("honest", from: probe.pods[0], to: "10.88.0.3", server: probe.pods[1])
                    try probe.pods[0].check(["ip", "link", "set", "eth0", "address", "02:00:00:00:00:66"])
                    try probe.traffic("forged", from: probe.pods[0], to: "10.88.0.1", server: probe.node.namespace)
                    let honest = probe.results[0]["interfaces"]?[2]?["mac"]?.string ?? ""
                    try probe.pods[0].check(["ip", "link", "set", "eth0", "address", honest])
                }),
            Scenario(
                name: "bridge: forced address",
                list: list(bridge(["isGateway": true, "forceAddress": true])),
                prepare: { node in
                    try node.namespace.check(["ip", "link", "add", "cni0", "type", "bridge"])
                    try node.namespace.check(["ip", "addr", "add", "10.99.0.1/16", "dev", "cni0"])
                }),
            Scenario(
                name: "bridge: an existing bridge", list: list(bridge(["isGateway": true])),
                prepare: { node in
                    try node.namespace.check([
                        "ip", "link", "add", "cni0", "address", "02:11:22:33:44:55", "type", "bridge",
                    ])
                }),
            Scenario(
                name: "bridge: hardware address by CNI_ARGS", list: list(bridge(["isGateway": true])),
                arguments: ["IgnoreUnknown=1;MAC=02:00:00:00:00:0a"]),
            Scenario(
                name: "bridge: address by CNI_ARGS", list: list(bridge(["isGateway": true])),
                arguments: ["IgnoreUnknown=1;IP=10.88.0.77;K8S_POD_NAME=web"]),
            Scenario(
                name: "bridge: hardware address by capability",
                list: list(bridge(["isGateway": true, "capabilities": ["mac": true]])),
                capabilities: [["mac": "02:00:00:00:00:0b"]]),
            Scenario(
                name: "bridge: name servers",
                list: list(
                    bridge([
                        "isGateway": true,
                        "dns": [
                            "nameservers": ["192.0.2.53"], "domain": "example.org", "search": ["a.example"],
                            "options": ["ndots:2"],
                        ],
                    ]))),
            Scenario(
                name: "bridge: static addresses",
                list: list(
                    bridge(
                        ["isGateway": true],
                        ipam: [
                            "type": "static",
                            "addresses": [
                                ["address": "10.88.3.4/16", "gateway": "10.88.0.254"],
                                ["address": "fd00:88::34/64", "gateway": "fd00:88::fe"],
                            ],
                            "routes": [["dst": "0.0.0.0/0"], ["dst": "192.0.2.0/24", "gw": "10.88.0.253"]],
                            "dns": ["nameservers": ["192.0.2.54"]],
                        ])), differences: ["dns-of-ipam"]),
        ]
        + ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"].map { version in
            Scenario(
                name: "bridge: result of version \(version)",
                list: list(
                    version: version,
                    bridge(
                        ["isDefaultGateway": true],
                        ipam: version.hasPrefix("0.1") || version.hasPrefix("0.2")
                            ? hostLocal("10.88.0.0/16", routes: ["192.0.2.0/24"])
                            : hostLocal("10.88.0.0/16", "fd00:88::/64", routes: ["192.0.2.0/24"]))))
        }

    /// Two pods on one bridge.
    private static let betweenPods: @Sendable (Probe) throws -> Void = { probe in
        for transport in [Traffic.Transport.tcp, .udp] {
            try probe.traffic("pod 1 to pod 2", transport, from: probe.pods[0], to: "10.88.0.3", server: probe.pods[1])
        }
    }

    /// Who the neighbour sees, who a pod sees.
    private static let masquerade: @Sendable (Probe) throws -> Void = { probe in
        guard let outside = probe.outside else { return }
        let dualStack = probe.results[0]["ips"]?.elements.count == 2
        for transport in [Traffic.Transport.tcp, .udp] {
            try probe.traffic("pod to outside", transport, from: probe.pods[0], to: "198.51.100.2", server: outside)
            try probe.traffic("pod to pod", transport, from: probe.pods[0], to: "10.88.0.3", server: probe.pods[1])
            try probe.traffic(
                "node to pod", transport, from: probe.node.namespace, to: "10.88.0.2", server: probe.pods[0])
            try probe.traffic(
                "pod to node", transport, from: probe.pods[0], to: "10.88.0.1", server: probe.node.namespace)
            guard dualStack else { continue }
            try probe.traffic(
                "pod to outside, v6", transport, from: probe.pods[0], to: "2001:db8:51::2", server: outside)
            try probe.traffic("pod to pod, v6", transport, from: probe.pods[0], to: "fd00:88::3", server: probe.pods[1])
        }
    }
}
