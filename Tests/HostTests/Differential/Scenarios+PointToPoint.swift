import Foundation

extension Scenario {
    static func pointToPoint(_ keys: JSON, ipam: JSON = hostLocal("10.89.0.0/16")) -> JSON {
        var entry: JSON = ["type": "ptp", "ipam": ipam]
        for (key, value) in keys.members { entry[key] = value }
        return entry
    }

    static let pointToPoints: [Scenario] =
        [
            Scenario(name: "ptp: IPv4", list: list(pointToPoint([:])), pods: 2, neighbour: true, probe: routedPods),
            Scenario(
                name: "ptp: IPv4 with a default route",
                list: list(pointToPoint([:], ipam: hostLocal("10.89.0.0/16", routes: ["0.0.0.0/0"]))), pods: 2,
                neighbour: true, probe: routedPods),
            Scenario(
                name: "ptp: IPv6",
                list: list(pointToPoint([:], ipam: hostLocal("fd00:89::/64", routes: ["::/0"]))), pods: 2,
                probe: { probe in
                    try probe.traffic("pod to pod", from: probe.pods[0], to: "fd00:89::3", server: probe.pods[1])
                }),
            Scenario(
                name: "ptp: dual stack, masquerade, mtu",
                list: list(
                    pointToPoint(
                        ["ipMasq": true, "mtu": 1420],
                        ipam: hostLocal("10.89.0.0/16", "fd00:89::/64", routes: ["0.0.0.0/0", "::/0"]))),
                pods: 2, neighbour: true, probe: routedPods),
            Scenario(
                name: "ptp: name servers",
                list: list(
                    pointToPoint(["dns": ["nameservers": ["192.0.2.53"], "search": ["a.example", "b.example"]]]))),
        ]
        + ["0.1.0", "0.2.0", "0.3.1", "0.4.0"].map { version in
            Scenario(
                name: "ptp: result of version \(version)",
                list: list(version: version, pointToPoint([:], ipam: hostLocal("10.89.0.0/16", routes: ["0.0.0.0/0"]))))
        }

    static let loopbacks: [Scenario] =
        [
            Scenario(
                name: "loopback: chained behind a bridge",
                list: list(bridge(["isGateway": true]), ["type": "loopback"]))
        ]
        + ["0.3.0", "0.3.1", "0.4.0", "1.0.0"].map { version in
            Scenario(
                name: "loopback: result of version \(version)", list: list(version: version, ["type": "loopback"]),
                differences: version.hasPrefix("0.") ? ["address-version"] : [])
        }

    /// Pods that reach each other over the node's routes, and the world over its masquerade.
    private static let routedPods: @Sendable (Probe) throws -> Void = { probe in
        guard let outside = probe.outside else { return }
        for transport in [Traffic.Transport.tcp, .udp] {
            try probe.traffic("pod to pod", transport, from: probe.pods[0], to: "10.89.0.3", server: probe.pods[1])
            try probe.traffic(
                "node to pod", transport, from: probe.node.namespace, to: "10.89.0.2", server: probe.pods[0])
        }
        try probe.traffic("pod to outside", from: probe.pods[0], to: "198.51.100.2", server: outside)
        if probe.results[0]["ips"]?.elements.count == 2 {
            try probe.traffic("pod to outside, v6", from: probe.pods[0], to: "2001:db8:51::2", server: outside)
            try probe.traffic("pod to pod, v6", from: probe.pods[0], to: "fd00:89::3", server: probe.pods[1])
        }
    }
}
