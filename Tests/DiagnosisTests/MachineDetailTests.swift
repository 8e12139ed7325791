import Testing

@testable import Diagnosis

/// One machine with two pods on a bridge and a VXLAN to another: each thing that can be wrong in it by itself, beside the
/// same machine when it is well.
@Suite struct MachineDetailTests {
    /// Parts of the machine, by path below `nodes/node-1/`.
    private static func parts(_ changed: [String: String] = [:]) -> [String: String] {
        let up = #""flags":["BROADCAST","MULTICAST","UP","LOWER_UP"]"#
        var parts = [
            "ip-link.json": """
            [{"ifindex":2,"ifname":"eth0",\(up),"mtu":1500},
             {"ifindex":4,"ifname":"cni0",\(up),"mtu":1450,"linkinfo":{"info_kind":"bridge"}},
             {"ifindex":5,"ifname":"flannel.1",\(up),"mtu":1450,"linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"local":"192.168.77.11","link":"eth0","port":8472}}},
             {"ifindex":11,"ifname":"veth1",\(up),"mtu":1450,"master":"cni0","link_netnsid":0,"linkinfo":{"info_kind":"veth","info_slave_kind":"bridge","info_slave_data":{"state":"forwarding"}}},
             {"ifindex":12,"ifname":"veth2",\(up),"mtu":1450,"master":"cni0","link_netnsid":1,"linkinfo":{"info_kind":"veth","info_slave_kind":"bridge","info_slave_data":{"state":"forwarding"}}}]
            """,
            "ip-addr.json": """
            [{"ifname":"eth0","addr_info":[{"local":"192.168.77.11","prefixlen":24,"scope":"global"}]},
             {"ifname":"cni0","addr_info":[{"local":"10.244.1.1","prefixlen":24,"scope":"global"}]}]
            """,
            "ip-route.json": routes(),
            "ip-neigh.json":
                #"[{"dst":"10.244.2.0","dev":"flannel.1","lladdr":"ee:aa:00:00:00:02","state":["PERMANENT"]}]"#,
            "bridge-fdb.json": entry(to: "192.168.77.12"),
            "files.json":
                #"[{"path":"/run/netns","type":"directory"},{"path":"/run/netns/cni-web1","type":"file"},{"path":"/run/netns/cni-web2","type":"file"}]"#,
            "sysctl.txt": "net.ipv4.ip_forward = 1\n",
            "nft.json": #"{"nftables":[]}"#, "tc-filter.json": "[]", "iptables-save.txt": services,
            "files/run/flannel/subnet.env":
                "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\n",
            "files/etc/cni/net.d/10-flannel.conflist":
                #"{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true}}]}"#,
        ]
        for index in 1...2 {
            parts["files/var/lib/cni/results/cbr0-web\(index)-eth0"] = """
                {"kind":"cniCacheV1","containerId":"web\(index)","ifName":"eth0","networkName":"cbr0","netns":"/var/run/netns/cni-web\(index)",
                 "cniArgs":[["K8S_POD_NAMESPACE","default"],["K8S_POD_NAME","web-\(index)"]],"result":{"ips":[{"address":"10.244.1.\(index + 1)/24"}]}}
                """
            let pod = "pods/default/web-\(index)/"
            parts[pod + "ip-link.json"] =
                #"[{"ifindex":2,"ifname":"eth0","link_index":\#(10 + index),"link_netnsid":0,\#(up),"mtu":1450,"linkinfo":{"info_kind":"veth"}}]"#
            parts[pod + "ip-addr.json"] =
                #"[{"ifname":"eth0","addr_info":[{"local":"10.244.1.\#(index + 1)","prefixlen":24,"scope":"global"}]}]"#
            parts[pod + "ip-route.json"] =
                #"[{"dst":"default","gateway":"10.244.1.1","dev":"eth0"},{"dst":"10.244.1.0/24","dev":"eth0","scope":"link","protocol":"kernel"}]"#
            parts[pod + "nft.json"] = #"{"nftables":[]}"#
            parts[pod + "ss-listen.txt"] = "tcp LISTEN 0 0 0.0.0.0:8080 0.0.0.0:*\n"
        }
        return parts.merging(changed) { $1 }
    }

    private static func routes(
        _ more: String = "", usual: String = #"{"dst":"default","gateway":"192.168.77.1","dev":"eth0"},"#
    )
        -> String
    {
        #"[\#(usual)\#(more){"dst":"192.168.77.0/24","dev":"eth0","protocol":"kernel","scope":"link"},{"dst":"10.244.1.0/24","dev":"cni0","protocol":"kernel","scope":"link"},{"dst":"10.244.2.0/24","gateway":"10.244.2.0","dev":"flannel.1","flags":["onlink"]}]"#
    }

    private static func entry(to address: String) -> String {
        #"[{"mac":"ee:aa:00:00:00:02","ifname":"flannel.1","dst":"\#(address)","state":"permanent"}]"#
    }

    private static let services = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :KUBE-SERVICES - [0:0]
        :KUBE-SVC-WEB - [0:0]
        :KUBE-SEP-WEB - [0:0]
        -A PREROUTING -j KUBE-SERVICES
        -A OUTPUT -j KUBE-SERVICES
        -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
        -A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-WEB
        -A KUBE-SVC-WEB -j KUBE-SEP-WEB
        -A KUBE-SEP-WEB -p tcp -m tcp -j DNAT --to-destination 10.244.1.2:8080
        COMMIT

        """

    private static func causes(_ changed: [String: String]) -> [String] {
        let facts = Evidence(at: "2026-11-21T03:00:00Z") { evidence in
            for (path, text) in parts(changed) { evidence.document("nodes/node-1/\(path)", text) }
        }.facts
        return DiagnosisReport(facts, CheckList.machines).entries.map {
            "\($0.root.code) \($0.root.confidence.rawValue)"
        }
    }

    private static func nft(_ family: String, _ hook: String, _ expressions: String) -> String {
        #"{"nftables":[{"table":{"family":"\#(family)","name":"odd"}},{"chain":{"family":"\#(family)","table":"odd","name":"c","type":"filter","hook":"\#(hook)","prio":0,"policy":"accept"}},{"rule":{"family":"\#(family)","table":"odd","chain":"c","expr":[\#(expressions)]}}]}"#
    }

    private static func filter(_ device: String, _ direction: String, _ options: String) -> String {
        #"[{"dev":"\#(device)","direction":"\#(direction)","protocol":"ip","pref":5,"kind":"u32","chain":0,"options":\#(options)}]"#
    }

    private static let large =
        #"{"match":{"op":"==","left":{"meta":{"key":"length"}},"right":{"range":[1000,65535]}}},{"drop":null}"#
    private static let gone = #""actions":[{"kind":"gact","control_action":{"type":"drop"}}]"#
    private static let away =
        #""actions":[{"kind":"mirred","control_action":{"type":"stolen"},"mirred_action":"redirect","to_dev":"away"}]"#

    @Test func theMachineIsWell() {
        let causes = Self.causes([:])
        #expect(causes == [])
    }

    @Test(arguments: [
        ("ARP that is dropped", "nft.json", nft("arp", "input", #"{"drop":null}"#), "RTE-06 certain"),
        (
            "ARP of the bridge's frames", "nft.json",
            nft(
                "bridge", "input",
                #"{"match":{"op":"==","left":{"payload":{"protocol":"ether","field":"type"}},"right":"arp"}},{"drop":null}"#
            ), "RTE-06 certain"
        ),
        (
            "frames for the machine", "nft.json",
            nft(
                "bridge", "input",
                #"{"match":{"op":"==","left":{"payload":{"protocol":"ether","field":"type"}},"right":"ip"}},{"drop":null}"#
            ), "RTE-06 certain"
        ),
        ("large packets", "nft.json", nft("ip", "forward", large), "RTE-06 certain"),
        ("large packets of the tunnel", "nft.json", nft("ip", "input", large), "RTE-01 certain"),
        (
            "a card that answers no ARP", "sysctl.txt", "net.ipv4.ip_forward = 1\nnet.ipv4.conf.eth0.arp_ignore = 8\n",
            "RTE-04 certain"
        ),
        (
            "a filter of tc on the pods' bridge", "tc-filter.json", filter("cni0", "ingress", "{\"match\":[],\(gone)}"),
            "RTE-06 certain"
        ),
        (
            "a filter of tc on a pair", "tc-filter.json", filter("veth1", "egress", "{\"match\":[],\(gone)}"),
            "RTE-06 certain"
        ),
        (
            "a filter of tc for the tunnel's port", "tc-filter.json",
            filter(
                "eth0", "ingress",
                "{\"match\":[{\"value\":\"2118\",\"mask\":\"ffff\",\"off\":20,\"offmask\":\"0\"}],\(gone)}"),
            "RTE-01 certain"
        ),
        (
            "a filter of tc that leads away", "tc-filter.json", filter("veth1", "ingress", "{\"match\":[],\(away)}"),
            "RTE-06 likely"
        ),
        (
            "Services' range refused", "ip-route.json", routes(#"{"type":"blackhole","dst":"10.96.0.0/12"},"#),
            "RTE-04 certain"
        ),
        ("no default route", "ip-route.json", routes(usual: ""), "RTE-04 certain"),
        ("the world refused", "ip-route.json", routes(#"{"type":"prohibit","dst":"128.0.0.0/1"},"#), "RTE-04 likely"),
        (
            "the default route to the pods", "ip-route.json",
            routes(usual: #"{"dst":"default","dev":"cni0","scope":"link"},"#), "RTE-04 certain"
        ),
        (
            "another range to the pods", "ip-route.json",
            routes(#"{"dst":"10.250.0.0/24","dev":"cni0","scope":"link"},"#), "RTE-04 likely"
        ),
        ("an entry to oneself", "bridge-fdb.json", entry(to: "192.168.77.11"), "RTE-03 certain"),
        (
            "a pod's route", "pods/default/web-1/ip-rule.json",
            #"[{"priority":0,"src":"all","table":"local"},{"priority":5,"src":"all","dst":"10.244.0.0","dstlen":16,"action":"prohibit"},{"priority":32766,"src":"all","table":"main"}]"#,
            "RTE-04 certain"
        ),
        (
            "a pod that sends nothing", "pods/default/web-1/nft.json", nft("ip", "output", #"{"drop":null}"#),
            "RTE-06 likely"
        ),
        (
            "a pod that hears nothing at its port", "pods/default/web-2/nft.json",
            nft(
                "inet", "input",
                #"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":8080}},{"reject":{"type":"icmpx","expr":"port-unreachable"}}"#
            ), "RTE-07 likely"
        ),
    ])
    func oneThingIsWrong(what: String, part: String, text: String, cause: String) {
        let causes = Self.causes([part: text])
        #expect(causes.first == cause, "\(what): \(causes)")
    }

    @Test(arguments: [
        ("ARP that is counted", "nft.json", nft("arp", "input", #"{"counter":null}"#)),
        (
            "very large packets", "nft.json",
            nft("ip", "forward", #"{"match":{"op":">","left":{"meta":{"key":"length"}},"right":9000}},{"drop":null}"#)
        ),
        (
            "a filter of tc for strangers", "tc-filter.json",
            filter(
                "eth0", "ingress",
                "{\"match\":[{\"value\":\"cb007100\",\"mask\":\"ffffff00\",\"off\":12,\"offmask\":\"0\"}],\(gone)}")
        ),
        (
            "a filter of tc that nobody can read", "tc-filter.json",
            filter("veth1", "ingress", "{\"match\":[],\"other\":[3],\(gone)}")
        ),
        (
            "a pod that closes another port", "pods/default/web-1/nft.json",
            nft(
                "ip", "input",
                #"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":9100}},{"drop":null}"#
            )
        ),
        ("ranges of others refused", "ip-route.json", routes(#"{"type":"blackhole","dst":"172.30.0.0/16"},"#)),
    ])
    func oddAndWell(what: String, part: String, text: String) {
        let causes = Self.causes([part: text])
        #expect(causes == [], "\(what)")
    }

    private static func replaced(_ part: String, _ old: String, _ new: String) -> [String: String] {
        let text = parts()[part] ?? ""
        return [part: text.replacing(old, with: new)]
    }

    @Test func sizesPortsAndCarriers() {
        let larger = Self.causes(Self.replaced("pods/default/web-1/ip-link.json", "\"mtu\":1450", "\"mtu\":9000"))
        #expect(larger.first == "MTU-01 certain", "\(larger)")
        let isolated = Self.causes(
            Self.replaced("ip-link.json", "\"state\":\"forwarding\"", "\"state\":\"forwarding\",\"isolated\":true"))
        #expect(isolated.first == "RTE-17 certain", "\(isolated)")
        var meant = Self.replaced(
            "ip-link.json", "\"state\":\"forwarding\"", "\"state\":\"forwarding\",\"isolated\":true")
        meant["files/etc/cni/net.d/10-flannel.conflist"] =
            #"{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true,"portIsolation":true}}]}"#
        let asked = Self.causes(meant)
        #expect(asked == [])
        let unplugged = Self.causes(
            Self.replaced(
                "ip-link.json", "\"ifname\":\"eth0\",\"flags\":[\"BROADCAST\",\"MULTICAST\",\"UP\",\"LOWER_UP\"]",
                "\"ifname\":\"eth0\",\"operstate\":\"DOWN\",\"flags\":[\"NO-CARRIER\",\"BROADCAST\",\"MULTICAST\",\"UP\"]"
            ))
        #expect(unplugged.first == "RTE-17 certain", "\(unplugged)")
        let second = Self.replaced(
            "ip-link.json", "\"mtu\":1450,\"master\":\"cni0\",\"link_netnsid\":0",
            "\"mtu\":1450,\"master\":\"br9\",\"link_netnsid\":0"
        )
        .mapValues {
            String($0.dropLast())
                + ",{\"ifindex\":20,\"ifname\":\"br9\",\"flags\":[\"UP\",\"LOWER_UP\"],\"mtu\":1450,\"linkinfo\":{\"info_kind\":\"bridge\"}}]"
        }
        let moved = Self.causes(second)
        #expect(moved.first == "RTE-17 certain", "\(moved)")
    }

    /// By an interface that no plugin gave it; the same is meant where the runtime keeps a result for it.
    @Test func anotherWayOutOfAPod() {
        var changed = [
            "pods/default/web-1/ip-route.json":
                #"[{"dst":"default","gateway":"10.200.0.1","dev":"net1"},{"dst":"10.244.1.0/24","dev":"eth0","scope":"link"}]"#
        ]
        changed["pods/default/web-1/ip-link.json"] =
            String((Self.parts()["pods/default/web-1/ip-link.json"] ?? "").dropLast())
            + #",{"ifindex":3,"ifname":"net1","flags":["UP","LOWER_UP"],"mtu":1500,"linkinfo":{"info_kind":"veth"}}]"#
        let guessed = Self.causes(changed)
        #expect(guessed.first == "RTE-04 likely", "\(guessed)")
        changed["pods/default/web-1/ip-neigh.json"] = #"[{"dst":"10.200.0.1","dev":"net1","state":["FAILED"]}]"#
        let known = Self.causes(changed)
        #expect(known.first == "RTE-04 certain", "\(known)")
        changed["pods/default/web-1/ip-neigh.json"] = "[]"
        changed["files/var/lib/cni/results/storage-web1-net1"] =
            #"{"kind":"cniCacheV1","containerId":"web1","ifName":"net1","networkName":"storage","netns":"/var/run/netns/cni-web1","cniArgs":[["K8S_POD_NAMESPACE","default"],["K8S_POD_NAME","web-1"]],"result":{"ips":[{"address":"10.200.0.5/24"}]}}"#
        let meant = Self.causes(changed)
        #expect(meant == [])
    }
}
