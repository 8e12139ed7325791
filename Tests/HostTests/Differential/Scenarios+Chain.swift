import Foundation

extension Scenario {
    /// A masquerading dual-stack bridge for chained plugins to sit on.
    private static let base = bridge(
        ["isDefaultGateway": true, "ipMasq": true], ipam: hostLocal("10.88.0.0/16", "fd00:88::/64"))

    private static func mapping(
        _ hostPort: Int64, _ containerPort: Int64, _ transport: String = "tcp", address: String? = nil
    ) -> JSON {
        var entry: JSON = [
            "hostPort": .int(hostPort), "containerPort": .int(containerPort), "protocol": .string(transport),
        ]
        if let address { entry["hostIP"] = .string(address) }
        return entry
    }

    static let portMaps: [Scenario] = [
        Scenario(
            name: "portmap: TCP and UDP, both families",
            list: list(base, ["type": "portmap", "capabilities": ["portMappings": true]]), pods: 2,
            capabilities: [["portMappings": [mapping(8080, 80), mapping(8053, 53, "udp")]]],
            neighbour: true, probe: publishedPorts),
        Scenario(
            name: "portmap: hairpin on",
            list: list(
                bridge(
                    ["isDefaultGateway": true, "ipMasq": true, "hairpinMode": true],
                    ipam: hostLocal("10.88.0.0/16", "fd00:88::/64")),
                ["type": "portmap", "capabilities": ["portMappings": true]]), pods: 2,
            capabilities: [["portMappings": [mapping(8080, 80), mapping(8053, 53, "udp")]]],
            neighbour: true, probe: publishedPorts),
        Scenario(
            name: "portmap: no source translation",
            list: list(base, ["type": "portmap", "snat": false, "capabilities": ["portMappings": true]]), pods: 2,
            capabilities: [["portMappings": [mapping(8080, 80), mapping(8053, 53, "udp")]]],
            neighbour: true, probe: publishedPorts),
        Scenario(
            name: "portmap: one address of the node",
            list: list(base, ["type": "portmap", "capabilities": ["portMappings": true]]),
            capabilities: [
                [
                    "portMappings": [
                        mapping(8080, 80, address: "198.51.100.1"), mapping(8081, 81, address: "127.0.0.1"),
                        mapping(8082, 82, address: "2001:db8:51::1"), mapping(8083, 83, address: "0.0.0.0"),
                    ]
                ]
            ],
            neighbour: true,
            probe: { probe in
                guard let outside = probe.outside else { return }
                for port in [UInt16(8080), 8081, 8082, 8083] {
                    let inside = port - 8000
                    for (name, client, address) in [
                        ("outside", outside, "198.51.100.1"), ("outside", outside, "2001:db8:51::1"),
                        ("node", probe.node.namespace, "198.51.100.1"), ("node", probe.node.namespace, "127.0.0.1"),
                        ("node", probe.node.namespace, "10.88.0.1"),
                    ] {
                        try probe.traffic(
                            "\(name) to \(address):\(port)", from: client, to: address, port: port,
                            server: probe.pods[0], serverPort: inside)
                    }
                }
            }),
        Scenario(
            name: "portmap: many ports",
            list: list(base, ["type": "portmap", "capabilities": ["portMappings": true]]),
            capabilities: [
                ["portMappings": .array((1...20).map { mapping(9000 + $0, 1000 + $0, $0 % 2 == 0 ? "udp" : "tcp") })]
            ],
            neighbour: true,
            probe: { probe in
                guard let outside = probe.outside else { return }
                for number in [UInt16(1), 2, 19, 20] {
                    try probe.traffic(
                        "outside to port \(9000 + number)", number % 2 == 0 ? .udp : .tcp, from: outside,
                        to: "198.51.100.1", port: 9000 + number, server: probe.pods[0], serverPort: 1000 + number)
                }
            }),
        Scenario(
            name: "portmap: a condition",
            list: list(
                base,
                [
                    "type": "portmap", "capabilities": ["portMappings": true],
                    "conditionsV4": ["-s", "198.51.100.2"],
                ]),
            capabilities: [["portMappings": [mapping(8080, 80)]]], neighbour: true,
            probe: { probe in
                guard let outside = probe.outside else { return }
                try probe.traffic(
                    "outside", from: outside, to: "198.51.100.1", port: 8080, server: probe.pods[0], serverPort: 80)
                try probe.traffic(
                    "node", from: probe.node.namespace, to: "198.51.100.1", port: 8080, server: probe.pods[0],
                    serverPort: 80)
            }),
        Scenario(
            name: "portmap: no mappings",
            list: list(base, ["type": "portmap", "capabilities": ["portMappings": true]])),
        Scenario(
            name: "portmap: refuses a port of 0",
            list: list(base, ["type": "portmap", "capabilities": ["portMappings": true]]),
            capabilities: [["portMappings": [mapping(0, 80)]]], differences: ["delete-after-refusal"]),
    ]

    /// Every way to reach a published port; pod 2 publishes nothing.
    private static let publishedPorts: @Sendable (Probe) throws -> Void = { probe in
        guard let outside = probe.outside else { return }
        let node = probe.node.namespace
        let ways: [(String, TestNamespace, String)] = [
            ("outside", outside, "198.51.100.1"), ("outside, v6", outside, "2001:db8:51::1"),
            ("node to its address", node, "198.51.100.1"), ("node to loopback", node, "127.0.0.1"),
            ("node to the bridge", node, "10.88.0.1"), ("node to its v6 address", node, "2001:db8:51::1"),
            ("other pod", probe.pods[1], "198.51.100.1"), ("other pod, v6", probe.pods[1], "2001:db8:51::1"),
            ("the pod itself", probe.pods[0], "198.51.100.1"), ("the pod itself, v6", probe.pods[0], "2001:db8:51::1"),
        ]
        for (name, client, address) in ways {
            try probe.traffic(name, from: client, to: address, port: 8080, server: probe.pods[0], serverPort: 80)
            try probe.traffic(name, .udp, from: client, to: address, port: 8053, server: probe.pods[0], serverPort: 53)
        }
        try probe.traffic(
            "a port nobody published", from: outside, to: "198.51.100.1", port: 8081, server: probe.pods[0])
        try probe.traffic("straight to the pod", from: node, to: "10.88.0.2", port: 80, server: probe.pods[0])
    }

    /// What Docker leaves behind: iptables-nft with a FORWARD policy of DROP.
    private static let dropForward: @Sendable (TestNode) throws -> Void = { node in
        try node.namespace.check(["iptables", "-P", "FORWARD", "DROP"])
        try node.namespace.check(["ip6tables", "-P", "FORWARD", "DROP"])
    }

    static let firewalls: [Scenario] = [
        Scenario(
            name: "firewall: nobody else filters", list: list(base, ["type": "firewall", "backend": "iptables"]),
            pods: 2,
            neighbour: true, probe: forwarded),
        Scenario(
            name: "firewall: FORWARD drops", list: list(base, ["type": "firewall", "backend": "iptables"]), pods: 2,
            neighbour: true, probe: forwarded, prepare: dropForward),
        Scenario(
            name: "firewall: same-bridge",
            list: list(base, ["type": "firewall", "backend": "iptables", "ingressPolicy": "same-bridge"]), pods: 2,
            neighbour: true, probe: forwarded),
        Scenario(
            name: "firewall: same-bridge, FORWARD drops",
            list: list(base, ["type": "firewall", "backend": "iptables", "ingressPolicy": "same-bridge"]), pods: 2,
            neighbour: true, probe: forwarded, prepare: dropForward),
        Scenario(
            name: "firewall: refuses an unknown policy",
            list: list(base, ["type": "firewall", "backend": "iptables", "ingressPolicy": "sometimes"]),
            differences: ["delete-after-refusal"]),
    ]

    /// New connections in both directions, between pods and through the node.
    private static let forwarded: @Sendable (Probe) throws -> Void = { probe in
        guard let outside = probe.outside else { return }
        try outside.check(["ip", "route", "add", "10.88.0.0/16", "via", "198.51.100.1"])
        try outside.check(["ip", "-6", "route", "add", "fd00:88::/64", "via", "2001:db8:51::1"])
        for transport in [Traffic.Transport.tcp, .udp] {
            try probe.traffic("pod to outside", transport, from: probe.pods[0], to: "198.51.100.2", server: outside)
            try probe.traffic(
                "pod to outside, v6", transport, from: probe.pods[0], to: "2001:db8:51::2", server: outside)
            try probe.traffic("outside to pod", transport, from: outside, to: "10.88.0.2", server: probe.pods[0])
            try probe.traffic("outside to pod, v6", transport, from: outside, to: "fd00:88::2", server: probe.pods[0])
            try probe.traffic("pod to pod", transport, from: probe.pods[0], to: "10.88.0.3", server: probe.pods[1])
            try probe.traffic(
                "node to pod", transport, from: probe.node.namespace, to: "10.88.0.2", server: probe.pods[0])
        }
    }

    static let bandwidths: [Scenario] = [
        Scenario(
            name: "bandwidth: both directions",
            list: list(
                base,
                [
                    "type": "bandwidth", "ingressRate": 8_000_000, "ingressBurst": 800_000, "egressRate": 4_000_000,
                    "egressBurst": 400_000,
                ]), pods: 2),
        Scenario(
            name: "bandwidth: to the pod only",
            list: list(base, ["type": "bandwidth", "ingressRate": 8_000_000, "ingressBurst": 800_000])),
        Scenario(
            name: "bandwidth: from the pod only",
            list: list(base, ["type": "bandwidth", "egressRate": 8_000_000, "egressBurst": 800_000])),
        Scenario(
            name: "bandwidth: by capability, as containerd sends it",
            list: list(base, ["type": "bandwidth", "capabilities": ["bandwidth": true]]), pods: 2,
            capabilities: [
                [
                    "bandwidth": [
                        "ingressRate": 10_000_000, "ingressBurst": 4_294_967_295, "egressRate": 10_000_000,
                        "egressBurst": 4_294_967_295,
                    ]
                ]
            ]),
        Scenario(name: "bandwidth: no limits", list: list(base, ["type": "bandwidth"])),
        Scenario(
            name: "bandwidth: refuses a rate without a burst",
            list: list(base, ["type": "bandwidth", "ingressRate": 8_000_000]),
            differences: ["delete-after-refusal"]),
    ]

    static let tunings: [Scenario] = [
        Scenario(
            name: "tuning: sysctls",
            list: list(
                base,
                [
                    "type": "tuning", "dataDir": "@TUNING@",
                    "sysctl": [
                        "net.core.somaxconn": "512", "net.ipv4.conf.IFNAME.arp_filter": "1",
                        "net.ipv4.ip_local_port_range": "20000 30000",
                    ],
                ]),
            probe: { probe in
                for path in ["net/core/somaxconn", "net/ipv4/ip_local_port_range"] {
                    probe.observe(path, try probe.pods[0].read(sysctl: path))
                }
            }),
        Scenario(
            name: "tuning: hardware address, mtu, promisc, allmulti",
            list: list(
                base,
                [
                    "type": "tuning", "dataDir": "@TUNING@", "mac": "02:00:00:00:00:0c", "mtu": 1380, "promisc": true,
                    "allmulti": true,
                ])),
        Scenario(
            name: "tuning: hardware address by capability",
            list: list(base, ["type": "tuning", "dataDir": "@TUNING@", "capabilities": ["mac": true]]),
            capabilities: [["mac": "02:00:00:00:00:0d"]]),
        Scenario(
            name: "tuning: refuses a sysctl outside of net",
            list: list(base, ["type": "tuning", "dataDir": "@TUNING@", "sysctl": ["kernel.hostname": "x"]])),
    ]

    /// Endings that runtimes know well: what the reference plugins leave behind then is why nodes fill up.
    static let endings: [Scenario] = [
        Scenario(
            name: "ending: the namespace is gone", list: list(base, everything[0], everything[1], everything[2]),
            pods: 2,
            capabilities: [["portMappings": [mapping(8080, 80)]]],
            differences: ["rules-stay-without-namespace"], ending: .namespaceGone),
        Scenario(
            name: "ending: without a result", list: list(base, everything[0], everything[1], everything[2]), pods: 2,
            capabilities: [["portMappings": [mapping(8080, 80)]]],
            differences: ["firewall-needs-result"], ending: .withoutResult),
        Scenario(
            name: "ending: ptp, the namespace is gone",
            list: list(pointToPoint(["ipMasq": true], ipam: hostLocal("10.88.0.0/16", routes: ["0.0.0.0/0"]))), pods: 2,
            differences: ["rules-stay-without-namespace"], ending: .namespaceGone),
        Scenario(
            name: "one container twice in a network: masquerade",
            list: list(
                bridge(
                    ["ipMasq": true, "isGateway": true], ipam: hostLocal("10.88.0.0/16", routes: ["198.51.100.0/24"]))),
            pods: 2, neighbour: true,
            probe: { probe in
                guard let outside = probe.outside else { return }
                for address in ["10.88.0.2", "10.88.0.3"] {
                    try probe.traffic(
                        "from \(address)", from: probe.pods[0], to: "198.51.100.2", server: outside, source: address)
                }
            },
            probeBetween: { probe in
                guard let outside = probe.outside else { return }
                try probe.traffic(
                    "from 10.88.0.3 after eth0 is gone", from: probe.pods[0], to: "198.51.100.2", server: outside,
                    source: "10.88.0.3")
            },
            differences: ["second-attachment-masqueraded"], isOneContainer: true),
        Scenario(
            name: "one container twice in a network: bandwidth",
            list: list(bridge(["isGateway": true]), everything[1]), pods: 2,
            differences: ["second-attachment-shaped"], isOneContainer: true),
        Scenario(
            name: "one port for two containers", list: list(base, everything[0]), pods: 2,
            capabilities: [["portMappings": [mapping(8080, 80)]], ["portMappings": [mapping(8080, 80)]]],
            differences: ["port-belongs-to-one"]),
    ]

    private static let everything: [JSON] = [
        ["type": "portmap", "capabilities": ["portMappings": true]],
        [
            "type": "bandwidth", "ingressRate": 80_000_000, "ingressBurst": 8_000_000, "egressRate": 80_000_000,
            "egressBurst": 8_000_000,
        ],
        ["type": "firewall", "backend": "iptables"],
    ]

    /// The demo's list: everything at once.
    static let chains: [Scenario] = ["0.4.0", "1.0.0"].map { version in
        Scenario(
            name: "chain: bridge, portmap, bandwidth, firewall, tuning; version \(version)",
            list: list(
                version: version, base, ["type": "portmap", "capabilities": ["portMappings": true]],
                [
                    "type": "bandwidth", "ingressRate": 80_000_000, "ingressBurst": 8_000_000,
                    "egressRate": 80_000_000, "egressBurst": 8_000_000,
                ],
                ["type": "firewall", "backend": "iptables"],
                ["type": "tuning", "dataDir": "@TUNING@", "sysctl": ["net.core.somaxconn": "500"]]), pods: 2,
            capabilities: [["portMappings": [mapping(8080, 80), mapping(8053, 53, "udp")]]], neighbour: true,
            probe: publishedPorts, differences: ["published-port-behind-drop"], prepare: dropForward)
    }
}
