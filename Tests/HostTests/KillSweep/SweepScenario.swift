import Foundation
import Testing

/// A list of plugins whose every system call is to be survived.
struct SweepScenario: Sendable, CustomTestStringConvertible {
    let name: String
    /// `@DATA@` and `@TUNING@` stand for the node's directories.
    let entries: JSON
    var interface = "eth0"
    var version = "1.1.0"
    var capabilities: JSON = [:]
    /// An IPAM plugin needs no namespace and makes no interface.
    var isAddressManager = false
    /// CONFIG_BRIDGE_VLAN_FILTERING, which not every kernel has.
    var needsVLANs = false
    /// Plugins before this one are swept in another scenario, and only prepare here.
    var first = 0

    var testDescription: String { name }
    var plugins: [String] { entries.elements.compactMap { $0["type"]?.string } }

    func list(_ node: TestNode, network: String) -> JSON {
        let text = entries.text.replacingOccurrences(of: "@DATA@", with: node.dataDirectory)
            .replacingOccurrences(of: "@TUNING@", with: node.tuningDirectory)
        return [
            "cniVersion": .string(version), "name": .string(network), "plugins": (try? JSON(parsing: text)) ?? .null,
        ]
    }

    /// One address of each family in the whole pool: a reservation that leaks makes the next ADD fail.
    static let smallPool: JSON = [
        "type": "host-local", "dataDir": "@DATA@",
        "ranges": [
            [["subnet": "10.88.0.0/24", "rangeStart": "10.88.0.9", "rangeEnd": "10.88.0.9"]],
            [["subnet": "fd00:88::/64", "rangeStart": "fd00:88::9", "rangeEnd": "fd00:88::9"]],
        ],
        "routes": [["dst": "0.0.0.0/0"], ["dst": "::/0"]],
    ]

    /// Those whose name begins with POPLIN_SWEEP, for who looks into one; without it all.
    static let chosen: [SweepScenario] = all.filter {
        $0.name.hasPrefix(ProcessInfo.processInfo.environment["POPLIN_SWEEP"] ?? "")
            && (!$0.needsVLANs || knowsVLANs)
    }

    private static let knowsVLANs =
        (try? TestNode.with { node in
            try node.namespace.run(["ip", "link", "add", "pt0", "type", "bridge", "vlan_filtering", "1"]).succeeded
        }) ?? false

    static let all: [SweepScenario] = [
        SweepScenario(name: "loopback", entries: [["type": "loopback"]], interface: "lo"),
        SweepScenario(
            name: "host-local", entries: [["type": "host-local", "ipam": smallPool]], isAddressManager: true),
        SweepScenario(
            name: "static",
            entries: [["type": "static", "ipam": ["type": "static", "addresses": [["address": "10.88.0.9/24"]]]]],
            isAddressManager: true),
        SweepScenario(
            name: "ptp", entries: [["type": "ptp", "ipMasq": true, "mtu": 1400, "ipam": smallPool]]),
        SweepScenario(
            name: "poplin", entries: [["type": "poplin", "ipMasq": true, "mtu": 1400, "ipam": smallPool]]),
        SweepScenario(
            name: "bridge with spoof check",
            entries: [
                [
                    "type": "bridge", "bridge": "cni0", "isGateway": true, "macspoofchk": true, "portIsolation": true,
                    "promiscMode": true, "mtu": 1400, "ipam": smallPool,
                ]
            ]),
        SweepScenario(
            name: "bridge with VLANs",
            entries: [
                [
                    "type": "bridge", "bridge": "cni0", "isGateway": true, "vlan": 100,
                    "vlanTrunk": [["minID": 200, "maxID": 210]], "ipam": smallPool,
                ]
            ], needsVLANs: true),
        SweepScenario(
            name: "behind ptp",
            entries: [
                ["type": "ptp", "ipam": smallPool],
                ["type": "portmap", "snat": false, "capabilities": ["portMappings": true]],
                ["type": "bandwidth", "ingressRate": 8_000_000, "ingressBurst": 800_000],
                ["type": "tuning", "dataDir": "@TUNING@", "promisc": true],
            ],
            capabilities: [
                "portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "127.0.0.1"]]
            ], first: 1),
        SweepScenario(
            name: "the chain",
            entries: [
                [
                    "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
                    "ipam": smallPool,
                ],
                ["type": "portmap", "snat": true, "capabilities": ["portMappings": true]],
                ["type": "bandwidth", "capabilities": ["bandwidth": true]],
                ["type": "firewall", "ingressPolicy": "same-bridge"],
                [
                    "type": "tuning", "dataDir": "@TUNING@", "mtu": 1400, "allmulti": true, "txQLen": 500,
                    "mac": "02:00:00:00:00:09",
                    "sysctl": ["net.core.somaxconn": "500", "net.ipv4.conf.IFNAME.arp_filter": "1"],
                ],
            ],
            capabilities: [
                "portMappings": [
                    ["hostPort": 8080, "containerPort": 80, "protocol": "tcp"],
                    ["hostPort": 5353, "containerPort": 53, "protocol": "udp"],
                ],
                "bandwidth": [
                    "ingressRate": 8_000_000, "ingressBurst": 800_000, "egressRate": 8_000_000, "egressBurst": 800_000,
                ],
            ]),
    ]
}
