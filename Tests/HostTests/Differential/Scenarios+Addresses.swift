import Foundation

extension Scenario {
    /// The address plugin alone, as a delegate is executed: the configuration's type is the caller's, the program is
    /// `program`.
    private static func delegate(_ program: String, _ ipam: JSON, capabilities: JSON? = nil) -> JSON {
        var entry: JSON = ["type": "bridge", "@program": .string(program), "ipam": ipam]
        if let capabilities { entry["capabilities"] = capabilities }
        return entry
    }

    static let addresses: [Scenario] =
        [
            Scenario(
                name: "host-local: three pods in order",
                list: list(delegate("host-local", hostLocal("10.90.0.0/24", "fd00:90::/64"))), pods: 3),
            Scenario(
                name: "host-local: start, end and gateway",
                list: list(
                    delegate(
                        "host-local",
                        [
                            "type": "host-local", "dataDir": "@DATA@",
                            "ranges": [
                                [
                                    [
                                        "subnet": "10.90.0.0/24", "rangeStart": "10.90.0.100",
                                        "rangeEnd": "10.90.0.101", "gateway": "10.90.0.254",
                                    ],
                                    ["subnet": "10.91.0.0/24", "rangeStart": "10.91.0.7"],
                                ]
                            ],
                        ])), pods: 3),
            Scenario(
                name: "host-local: the flat old form",
                list: list(
                    delegate(
                        "host-local",
                        [
                            "type": "host-local", "dataDir": "@DATA@", "subnet": "10.90.0.0/24",
                            "rangeStart": "10.90.0.10", "gateway": "10.90.0.1",
                            "routes": [["dst": "0.0.0.0/0", "gw": "10.90.0.9"], ["dst": "192.0.2.0/24"]],
                        ])), pods: 2),
            Scenario(
                name: "host-local: an exhausted range",
                list: list(delegate("host-local", hostLocal("10.90.0.0/30"))), pods: 2),
            Scenario(
                name: "host-local: an address asked for by CNI_ARGS",
                list: list(delegate("host-local", hostLocal("10.90.0.0/24"))), pods: 2,
                arguments: ["IP=10.90.0.50", ""]),
            Scenario(
                name: "host-local: an address asked for twice",
                list: list(delegate("host-local", hostLocal("10.90.0.0/24"))), pods: 2,
                arguments: ["IP=10.90.0.50", "IP=10.90.0.50"]),
            Scenario(
                name: "host-local: an address outside of every range",
                list: list(delegate("host-local", hostLocal("10.90.0.0/24"))), arguments: ["IP=10.99.0.50"]),
            Scenario(
                name: "host-local: ranges by capability",
                list: list(
                    delegate(
                        "host-local", ["type": "host-local", "dataDir": "@DATA@"], capabilities: ["ipRanges": true])),
                capabilities: [["ipRanges": [[["subnet": "10.92.0.0/24"]], [["subnet": "fd00:92::/64"]]]]]),
            Scenario(
                name: "host-local: addresses by capability",
                list: list(
                    delegate("host-local", hostLocal("10.90.0.0/24", "fd00:90::/64"), capabilities: ["ips": true])),
                capabilities: [["ips": ["10.90.0.77/24", "fd00:90::77"]]]),
            Scenario(
                name: "static: addresses by CNI_ARGS",
                list: list(delegate("static", ["type": "static", "routes": [["dst": "0.0.0.0/0"]]])),
                arguments: ["IP=10.93.0.2/24,fd00:93::2/64;GATEWAY=10.93.0.1,fd00:93::1"]),
            Scenario(
                name: "static: addresses by capability",
                list: list(
                    delegate(
                        "static", ["type": "static", "addresses": [["address": "10.93.0.9/24"]]],
                        capabilities: ["ips": true])),
                capabilities: [["ips": ["10.93.0.2/24", "fd00:93::2/64"]]]),
        ]
        + broken.map { name, ipam in
            Scenario(
                name: "host-local: refuses \(name)", list: list(delegate("host-local", ipam)),
                differences: ["delete-after-refusal"])
        }

    /// Configurations both must refuse.
    private static let broken: [(String, JSON)] = [
        ("host bits in a subnet", hostLocal("10.90.0.1/24")),
        ("a subnet of one address", hostLocal("10.90.0.0/32")),
        ("overlapping ranges", hostLocal("10.90.0.0/24", "10.90.0.0/25")),
        ("an address that is none", hostLocal("10.90.0.0.0/24")),
        (
            "a start outside of the subnet",
            [
                "type": "host-local", "dataDir": "@DATA@",
                "ranges": [[["subnet": "10.90.0.0/24", "rangeStart": "10.91.0.1"]]],
            ]
        ),
        (
            "two families in one set",
            [
                "type": "host-local", "dataDir": "@DATA@",
                "ranges": [[["subnet": "10.90.0.0/24"], ["subnet": "fd00:90::/64"]]],
            ]
        ),
        ("no range at all", ["type": "host-local", "dataDir": "@DATA@"]),
    ]
}
