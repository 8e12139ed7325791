import Foundation

extension BadInput {
    static let all: [BadInput] = documents + environments + namespaces + addresses + links + chains + privileges

    /// A wrong field, told with its place.
    private struct Field {
        let name: String
        let members: JSON
        let message: [String]

        init(_ name: String, _ members: JSON, _ message: [String]) {
            self.name = name
            self.members = members
            self.message = message
        }

        func `case`(of plugin: String, _ place: (JSON) -> JSON) -> BadInput {
            BadInput(
                name: plugin == "bridge" ? name : "\(plugin): \(name)", plugin: plugin,
                input: configuration(plugin, place(members)), code: 7, message: message, details: ["^"])
        }
    }

    // MARK: Not the JSON it should be

    private static let documents: [BadInput] = [
        BadInput(
            name: "malformed JSON", input: "{\n  \"cniVersion\": \"1.0.0\",\n  \"name\": bad\n}", code: 6,
            message: ["line 3, column 11"], details: ["  \"name\": bad", "          ^"]),
        BadInput(
            name: "a trailing comma", input: "{\n  \"cniVersion\": \"1.0.0\",\n  \"name\": \"bad\",\n}", code: 6,
            message: ["line 3, column 16", "comma"], details: ["^"]),
        BadInput(
            name: "a byte order mark", input: "\u{FEFF}" + configuration("bridge"), code: 6,
            message: ["byte order mark"], details: ["^"]),
        BadInput(name: "an empty file", input: "", code: 6, message: ["empty"]),
        BadInput(name: "only white space", input: " \n\t", code: 6),
        BadInput(
            name: "cut off in the middle", input: String(configuration("bridge").dropLast(20)), code: 6, details: ["^"]),
        BadInput(
            name: "two documents", input: configuration("bridge") + configuration("bridge"), code: 6, details: ["^"]),
        BadInput(name: "an array", input: "[" + configuration("bridge") + "]", code: 6, message: ["object"]),
        BadInput(name: "a string", input: "\"bridge\"", code: 6, message: ["object"]),
        BadInput(name: "nested too deep", input: String(repeating: "[", count: 100_000), code: 6, message: ["512"]),
        BadInput(name: "single quotes", input: "{'name': 'bad'}", code: 6, details: ["^"]),
        BadInput(
            name: "a comment", input: "{\n // the network\n \"name\": \"bad\"}", code: 6, message: ["line 2, column 2"]),
        BadInput(
            name: "a name that is no string", input: #"{"cniVersion":"1.0.0","name":5,"type":"bridge"}"#, code: 7,
            message: ["name"], details: ["^"]),
        BadInput(
            name: "no name", input: #"{"cniVersion":"1.0.0","type":"bridge"}"#, code: 7,
            message: ["missing network name"]),
        BadInput(
            name: "a name that is a path", input: #"{"cniVersion":"1.0.0","name":"../../etc","type":"bridge"}"#,
            code: 7,
            message: ["invalid characters"]),
        BadInput(
            name: "an unknown version", input: configuration("bridge", version: "2.0.0"), code: 1,
            message: ["incompatible CNI versions"], details: ["\"2.0.0\"", "1.1.0"]),
        BadInput(
            name: "half a version", input: configuration("bridge", version: "1.0"), code: 1, details: ["\"1.0\""]),
        BadInput(
            name: "a version that is a number", input: #"{"cniVersion":1.0,"name":"bad","type":"bridge"}"#, code: 7,
            message: ["cniVersion"], details: ["^"]),
        BadInput(
            name: "CHECK in a version without it", command: "CHECK", input: configuration("bridge", version: "0.3.1"),
            code: 1, message: ["CHECK"]),
        BadInput(
            name: "an unreadable previous result", plugin: "tuning",
            input: configuration("tuning", ["prevResult": ["ips": [["address": "10.88.0.400/24"]]]]), code: 6,
            message: ["prevResult.ips[0].address"], details: ["^"]),
        BadInput(
            name: "a previous result that is no object", plugin: "tuning",
            input: configuration("tuning", ["prevResult": "eth0"]), code: 6, message: ["prevResult"], details: ["^"]),
    ]

    // MARK: Not the environment it should be

    private static let environments: [BadInput] = [
        BadInput(
            name: "no variables", input: configuration("bridge"),
            environment: ["CNI_CONTAINERID": nil, "CNI_NETNS": nil, "CNI_IFNAME": nil, "CNI_PATH": nil], code: 4,
            message: ["required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH] missing"]),
        BadInput(
            name: "an unknown command", command: "UPDATE", input: configuration("bridge"), code: 4,
            message: ["unknown CNI_COMMAND: UPDATE"]),
        BadInput(
            name: "a container that is a path", input: configuration("bridge"),
            environment: ["CNI_CONTAINERID": "../../etc/passwd"], code: 4, message: ["containerID"]),
        BadInput(
            name: "an interface name too long", input: configuration("bridge"),
            environment: ["CNI_IFNAME": "sixteencharacter"], code: 4, message: ["too long"]),
        BadInput(
            name: "an interface name with a slash", input: configuration("bridge"), environment: ["CNI_IFNAME": "a/b"],
            code: 4, message: ["contains /"]),
        BadInput(
            name: "arguments that are no pairs", input: configuration("bridge"), environment: ["CNI_ARGS": "MAC"],
            code: 4, message: ["CNI_ARGS"]),
        BadInput(
            name: "a MAC address that is none", input: configuration("bridge"),
            environment: ["CNI_ARGS": "MAC=00:11:22"], code: 4, message: ["CNI_ARGS", "00:11:22"]),
    ]

    // MARK: Not the namespace it should be

    private static let namespaces: [BadInput] = ["loopback", "bridge", "ptp"].flatMap { plugin in
        let input = configuration(plugin)
        return [
            BadInput(
                name: "\(plugin): no such namespace", plugin: plugin, input: input,
                environment: ["CNI_NETNS": "/run/netns/pt-nothing"], code: 4,
                message: ["CNI_NETNS", "/run/netns/pt-nothing"]),
            BadInput(
                name: "\(plugin): a regular file for a namespace", plugin: plugin, input: input,
                environment: ["CNI_NETNS": "/etc/passwd"], code: 4,
                message: ["/etc/passwd is not a network namespace but a regular file"]),
            BadInput(
                name: "\(plugin): a mount namespace", plugin: plugin, input: input,
                environment: ["CNI_NETNS": "/proc/self/ns/mnt"], code: 4, message: ["but a mount namespace"]),
            BadInput(
                name: "\(plugin): the plugin's own namespace", plugin: plugin, input: input,
                environment: ["CNI_NETNS": "@NODE@"], code: 8, details: ["CNI_NETNS_OVERRIDE"]),
            BadInput(
                name: "\(plugin): the plugin's own namespace by another name", plugin: plugin, input: input,
                environment: ["CNI_NETNS": "/proc/self/ns/net"], code: 8),
        ]
    }

    // MARK: Not the addresses they should be

    private static let rangeFields: [Field] = [
        Field("host bits in a subnet", ["subnet": "10.88.3.4/16"], ["subnet", "10.88.0.0/16"]),
        Field("a subnet without a length", ["subnet": "10.88.0.0"], ["subnet"]),
        Field("a subnet that is a word", ["subnet": "everything"], ["subnet", "everything"]),
        Field("a subnet that is a number", ["subnet": 10], ["subnet"]),
        Field("no subnet", [:], ["subnet"]),
        Field("a subnet too small", ["subnet": "10.88.0.0/32"], ["subnet"]),
        Field("a start outside of the subnet", ["subnet": "10.88.0.0/24", "rangeStart": "10.89.0.1"], ["rangeStart"]),
        Field("an end outside of the subnet", ["subnet": "10.88.0.0/24", "rangeEnd": "10.89.0.1"], ["rangeEnd"]),
        Field(
            "an end before the start",
            ["subnet": "10.88.0.0/24", "rangeStart": "10.88.0.9", "rangeEnd": "10.88.0.3"],
            ["range"]
        ),
        Field("a start of the other family", ["subnet": "10.88.0.0/24", "rangeStart": "fd00::1"], ["rangeStart"]),
        Field(
            "a gateway that is the subnet's own address", ["subnet": "10.88.0.0/24", "gateway": "10.88.0.0"],
            ["gateway"]),
        Field(
            "a gateway that is the broadcast address", ["subnet": "10.88.0.0/24", "gateway": "10.88.0.255"], ["gateway"]
        ),
        Field(
            "a gateway that is a group", ["subnet": "10.88.0.0/24", "gateway": "224.0.0.1"], ["gateway"]),
        Field("a gateway of the other family", ["subnet": "10.88.0.0/24", "gateway": "fd00::1"], ["gateway"]),
    ]

    private static let addresses: [BadInput] =
        rangeFields.map { $0.case(of: "bridge") { ["ipam": hostLocal($0)] } } + pools

    private static let pools: [BadInput] = [
        BadInput(
            name: "overlapping ranges",
            input: configuration(
                "bridge", ["ipam": hostLocal(sets: [[["subnet": "10.88.0.0/16"]], [["subnet": "10.88.7.0/24"]]])]),
            code: 7, message: ["overlap"], details: ["^"]),
        BadInput(
            name: "overlapping ranges in one set",
            input: configuration(
                "bridge", ["ipam": hostLocal(sets: [[["subnet": "10.88.0.0/16"], ["subnet": "10.88.7.0/24"]]])]),
            code: 7, message: ["overlap"], details: ["^"]),
        BadInput(
            name: "both families in one set",
            input: configuration(
                "bridge", ["ipam": hostLocal(sets: [[["subnet": "10.88.0.0/16"], ["subnet": "fd00::/64"]]])]),
            code: 7, details: ["^"]),
        BadInput(
            name: "ranges that are one range",
            input: configuration(
                "bridge",
                ["ipam": ["type": "host-local", "dataDir": "@DATA@", "ranges": ["subnet": "10.88.0.0/16"]]]),
            code: 7, message: ["ranges"], details: ["^"]),
        BadInput(
            name: "ipam that is a string", input: configuration("bridge", ["ipam": "host-local"]), code: 7,
            message: ["ipam"], details: ["^"]),
        BadInput(
            name: "a route to nowhere",
            input: configuration(
                "bridge",
                [
                    "ipam": [
                        "type": "host-local", "dataDir": "@DATA@", "subnet": "10.88.0.0/24",
                        "routes": [["dst": "10.1.2.3.4/8"]],
                    ]
                ]), code: 7, message: ["routes[0].dst"], details: ["^"]),
        BadInput(
            name: "an address asked for that is not in the pool",
            input: configuration("bridge", ["args": ["cni": ["ips": ["192.0.2.9"]]]]), code: 7,
            message: ["192.0.2.9"]),
        BadInput(
            name: "a static address without a length",
            input: configuration("bridge", ["ipam": ["type": "static", "addresses": [["address": "10.88.0.2"]]]]),
            code: 7, message: ["address"], details: ["^"]),
        BadInput(
            name: "an IPAM plugin that is not there",
            input: configuration("bridge", ["ipam": ["type": "no-such-ipam"]]),
            environment: ["CNI_PATH": "/nonexistent/one:/nonexistent/two"], code: 106, message: ["no-such-ipam"],
            details: ["/nonexistent/one", "/nonexistent/two"]),
        BadInput(
            name: "an IPAM plugin that is a path",
            input: configuration("bridge", ["ipam": ["type": "../../bin/sh"]]), code: 7, details: ["^"]),
        BadInput(
            name: "a gateway outside of the subnet",
            input: configuration(
                "bridge",
                [
                    "ipam": [
                        "type": "host-local", "dataDir": "@DATA@", "subnet": "10.88.0.0/24", "gateway": "10.99.0.1",
                        "routes": [["dst": "0.0.0.0/0"]],
                    ]
                ]), code: 100, message: ["0.0.0.0/0"]),
        BadInput(
            name: "an exhausted pool",
            input: configuration(
                "bridge",
                ["ipam": hostLocal(["subnet": "10.88.0.0/24", "rangeStart": "10.88.0.9", "rangeEnd": "10.88.0.9"])]),
            prepare: { node, _ in
                try FileManager.default.createDirectory(
                    atPath: "\(node.dataDirectory)/bad", withIntermediateDirectories: true)
                try "somebody\r\neth0".write(
                    toFile: "\(node.dataDirectory)/bad/10.88.0.9", atomically: false, encoding: .utf8)
            }, code: 101, message: ["10.88.0.9"], details: ["somebody"]),
    ]

    // MARK: Not the links they should be

    private static let bridgeFields: [Field] = [
        Field("isGateway that is a string", ["isGateway": "yes"], ["isGateway"]),
        Field("an MTU that is a string", ["mtu": "1500"], ["mtu"]),
        Field("an MTU that is a fraction", ["mtu": .double(1500.5)], ["mtu"]),
        Field("a negative MTU", ["mtu": -1], ["mtu"]),
        Field("an MTU too large", ["mtu": 70000], ["mtu", "70000"]),
        Field("a VLAN too large", ["vlan": 4095], ["vlan"]),
        Field("a VLAN trunk with its ends swapped", ["vlanTrunk": [["minID": 20, "maxID": 10]]], ["vlanTrunk"]),
        Field("a VLAN trunk with one end", ["vlanTrunk": [["minID": 20]]], ["vlanTrunk"]),
        Field("hairpin and promiscuous mode", ["hairpinMode": true, "promiscMode": true], ["promiscMode"]),
        Field("a bridge's name too long", ["bridge": "abcdefghijklmnopq"], ["bridge"]),
        Field("a bridge's name with a slash", ["bridge": "a/b"], ["bridge"]),
        Field("no interface, but addresses", ["disableContainerInterface": true], ["disableContainerInterface"]),
        Field("a MAC address that is none", ["runtimeConfig": ["mac": "nonsense"]], ["runtimeConfig.mac"]),
        Field(
            "a group address for a MAC address", ["runtimeConfig": ["mac": "01:00:5e:00:00:01"]],
            ["01:00:5e:00:00:01"]
        ),
    ]

    private static let links: [BadInput] = bridgeFields.map { $0.case(of: "bridge") { $0 } } + taken + otherLinks

    private static let taken: [BadInput] = ["bridge", "ptp"].map { plugin in
        BadInput(
            name: "\(plugin): an interface that exists", plugin: plugin, input: configuration(plugin),
            prepare: { _, pod in
                try pod.check(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "other0"])
            },
            code: 102, message: ["eth0"])
    }

    private static let otherLinks: [BadInput] = [
        BadInput(
            name: "a bridge that is not a bridge", input: configuration("bridge"),
            prepare: { node, _ in
                try node.namespace.check(["ip", "link", "add", "cni0", "type", "veth", "peer", "name", "cni1"])
            }, code: 110, message: ["cni0", "not a bridge"], details: ["veth"]),
        BadInput(
            name: "a bridge with another address",
            input: configuration("bridge", ["isGateway": true]),
            prepare: { node, _ in
                try node.namespace.check(["ip", "link", "add", "cni0", "type", "bridge"])
                try node.namespace.check(["ip", "link", "set", "cni0", "up"])
                try node.namespace.check(["ip", "addr", "add", "192.0.2.1/24", "dev", "cni0"])
            }, code: 110, message: ["cni0", "10.88.0.1/24"], details: ["192.0.2.1/24", "forceAddress"]),
        BadInput(
            name: "ptp: an MTU too large", plugin: "ptp", input: configuration("ptp", ["mtu": 70000]), code: 7,
            message: ["mtu", "70000"], details: ["^"]),
        BadInput(
            name: "ptp: addresses without a gateway", plugin: "ptp",
            input: configuration("ptp", ["ipam": ["type": "static", "addresses": [["address": "10.88.0.2/24"]]]]),
            code: 7,
            message: ["gateway"]),
        BadInput(
            name: "loopback: an address that is none of its own", plugin: "loopback",
            input: configuration("loopback"),
            environment: ["CNI_IFNAME": "lo"],
            prepare: { _, pod in try pod.check(["ip", "addr", "add", "192.0.2.1/32", "dev", "lo"]) }, code: 110,
            message: ["192.0.2.1"]),
    ]

    // MARK: Plugins behind others

    private static let unchained: [BadInput] =
        ["portmap", "bandwidth", "firewall", "tuning"].map { plugin in
            BadInput(
                name: "\(plugin) without a previous result", plugin: plugin,
                input: configuration(
                    plugin,
                    [
                        "prevResult": .null, "mtu": 1400, "ingressRate": 8000, "ingressBurst": 8000,
                        "runtimeConfig": ["portMappings": [["hostPort": 80, "containerPort": 80, "protocol": "tcp"]]],
                    ]), code: 109, message: ["must be called as chained plugin"])
        }

    private static let chainFields: [String: [Field]] = [
        "portmap": [
            Field(
                "a port that is none",
                ["runtimeConfig": ["portMappings": [["hostPort": 70000, "containerPort": 80, "protocol": "tcp"]]]],
                ["hostPort"]),
            Field(
                "no container port",
                ["runtimeConfig": ["portMappings": [["hostPort": 80, "protocol": "tcp"]]]], ["containerPort"]),
            Field(
                "a protocol that is none",
                ["runtimeConfig": ["portMappings": [["hostPort": 80, "containerPort": 80, "protocol": "icmp"]]]],
                ["protocol", "icmp"]),
            Field(
                "a host address that is none",
                [
                    "runtimeConfig": [
                        "portMappings": [
                            ["hostPort": 80, "containerPort": 80, "protocol": "tcp", "hostIP": "localhost"]
                        ]
                    ]
                ], ["hostIP"]),
            Field("mappings that are no list", ["runtimeConfig": ["portMappings": "80:80"]], ["portMappings"]),
            Field("snat that is a string", ["snat": "yes"], ["snat"]),
            Field("a mark bit too high", ["markMasqBit": 32], ["markMasqBit"]),
        ],
        "bandwidth": [
            Field("a rate without a burst", ["ingressRate": 8000], ["ingressBurst"]),
            Field("a burst without a rate", ["egressBurst": 8000], ["egressRate"]),
            Field("a negative rate", ["ingressRate": -1, "ingressBurst": 1], ["ingressRate"]),
            Field("a rate that is a string", ["ingressRate": "8M", "ingressBurst": 1], ["ingressRate"]),
        ],
        "firewall": [
            Field("an unknown policy", ["ingressPolicy": "closed"], ["ingressPolicy", "closed"]),
            Field("a backend that is a number", ["backend": 5], ["backend"]),
        ],
        "tuning": [
            Field("a sysctl outside of net", ["sysctl": ["kernel.hostname": "x"]], ["kernel.hostname"]),
            Field(
                "a sysctl that walks out", ["sysctl": ["net/../kernel/hostname": "x"]],
                ["net/../kernel/hostname"]),
            Field("a sysctl that is a number", ["sysctl": ["net.core.somaxconn": 5]], ["somaxconn"]),
            Field("a MAC address too long", ["mac": "00:11:22:33:44:55:66"], ["mac"]),
        ],
    ]

    private static let chains: [BadInput] =
        unchained
        + chainFields.sorted { $0.key < $1.key }.flatMap { plugin, fields in
            fields.map { $0.case(of: plugin) { $0 } }
        }

    // MARK: Not the privileges it should have

    private static let nobody = [
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all",
    ]

    private static let privileges: [BadInput] = linkPrivileges + otherPrivileges

    private static let linkPrivileges: [BadInput] =
        [("loopback", "lo"), ("bridge", "eth0"), ("ptp", "eth0")].map { plugin, interface in
            BadInput(
                name: "\(plugin) as nobody", plugin: plugin, input: configuration(plugin),
                environment: ["CNI_IFNAME": interface], through: nobody, code: 105, message: ["(E"])
        }

    private static let otherPrivileges: [BadInput] = [
        BadInput(
            name: "portmap as nobody", plugin: "portmap",
            input: configuration(
                "portmap",
                ["runtimeConfig": ["portMappings": [["hostPort": 80, "containerPort": 80, "protocol": "tcp"]]]]),
            through: nobody, code: 105, message: ["(E"]),
        BadInput(
            name: "firewall as nobody", plugin: "firewall", input: configuration("firewall"), through: nobody,
            code: 105,
            message: ["(E"]),
        BadInput(
            name: "tuning as nobody", plugin: "tuning", input: configuration("tuning", ["mtu": 1400]),
            through: nobody,
            code: 105, message: ["(E"]),
        BadInput(
            name: "bridge with a directory it cannot write",
            input: configuration(
                "bridge",
                [
                    "ipam": [
                        "type": "host-local", "dataDir": "/proc/nothing", "ranges": [[["subnet": "10.88.0.0/24"]]],
                    ]
                ]),
            code: 5, message: ["/proc/nothing"]),
    ]
}
