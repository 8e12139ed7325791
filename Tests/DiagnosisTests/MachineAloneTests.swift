import Testing

@testable import Diagnosis

/// A node of flannel that nobody asked the API about: everything is known from its own files, tables and rules.
@Suite struct MachineAloneTests {
    /// What one case changes of a machine that is well.
    struct Machine: Sendable {
        var subnet: String? = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\n"
        var bridge = #"{"local":"10.244.1.1","prefixlen":24,"scope":"global"}"#
        var overlayFlags = #"["BROADCAST","UP","LOWER_UP"]"#
        var routes = [
            #"{"dst":"default","gateway":"192.168.77.1","dev":"eth0"}"#,
            #"{"dst":"10.244.1.0/24","dev":"cni0","protocol":"kernel","scope":"link"}"#,
            #"{"dst":"10.244.2.0/24","gateway":"10.244.2.0","dev":"flannel.1","flags":["onlink"]}"#,
            #"{"dst":"192.168.77.0/24","dev":"eth0","protocol":"kernel","scope":"link"}"#,
        ]
        var rules = #"[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"}]"#
        var second = "10.244.1.3"
        var secondPod = "10.244.1.3"
        var network = "cbr0"
        var podGateway = "10.244.1.1"
        var masquerade = "-A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE"
        var hook = "-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES"
        var service = "-A KUBE-SVC-A -j DNAT --to-destination 10.244.1.2:80"
        var filter = ":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]"
        var files: [(path: String, text: String)] = []
        var listed: [String] = []
        var runtime: String?
        var programs = "/opt/cni/bin"
        var versions = "{}"
        var log: String?
        /// When the log was written last, in seconds before the machine was read.
        var silence: Int64?
        /// Sockets in the first pod's namespace.
        var listeners: String?
        /// What the runtime was told to do for the first pod.
        var wishes = ""
        var conflist =
            #"{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true}}]}"#

        var facts: FactBase {
            Evidence(at: "2026-11-21T03:00:00Z") { evidence in
                evidence.node("node-1", .kernel, #"{"release":"6.1.0","machine":"x86_64"}"#)
                evidence.file("node-1", "/etc/cni/net.d/10-flannel.conflist", conflist)
                if let subnet { evidence.file("node-1", "/run/flannel/subnet.env", subnet) }
                if let runtime { evidence.file("node-1", "/etc/containerd/config.toml", runtime) }
                for file in files { evidence.file("node-1", file.path, file.text) }
                for (name, address, used) in [("web-1", "10.244.1.2", "cbr0"), ("web-2", second, network)] {
                    evidence.file(
                        "node-1", "/var/lib/cni/results/\(used)-\(name)-eth0",
                        """
                        {"kind":"cniCacheV1","containerId":"\(name)","ifName":"eth0","networkName":"\(used)",\
                        "netns":"/var/run/netns/cni-\(name)",\(name == "web-1" ? wishes : "")"cniArgs":[["K8S_POD_NAMESPACE","default"],\
                        ["K8S_POD_NAME","\(name)"]],"result":{"ips":[{"address":"\(address)/24"}]}}
                        """)
                }
                for (name, address) in [("web-1", "10.244.1.2"), ("web-2", secondPod)] {
                    evidence.pod(
                        "node-1", "default", name, .addresses,
                        #"[{"ifname":"eth0","addr_info":[{"local":"\#(address)","prefixlen":24,"scope":"global"}]}]"#)
                    evidence.pod(
                        "node-1", "default", name, .links,
                        #"[{"ifindex":2,"ifname":"eth0","flags":["UP","LOWER_UP"],"mtu":1450}]"#)
                    evidence.pod(
                        "node-1", "default", name, .routes,
                        #"[{"dst":"default","gateway":"\#(podGateway)","dev":"eth0"}]"#)
                }
                if let listeners { evidence.pod("node-1", "default", "web-1", .listeners, listeners) }
                addTables(&evidence)
                addFiles(&evidence)
            }.facts
        }

        private func addTables(_ evidence: inout Evidence) {
            let up = #"["UP","LOWER_UP"]"#
            evidence.node(
                "node-1", .links,
                """
                [{"ifindex":2,"ifname":"eth0","flags":\(up),"mtu":1500},
                {"ifindex":3,"ifname":"flannel.1","flags":\(overlayFlags),"mtu":1450,"address":"ee:aa:00:00:00:01",
                "linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"local":"192.168.77.11","port":8472}}},
                {"ifindex":4,"ifname":"cni0","flags":\(up),"mtu":1450,"linkinfo":{"info_kind":"bridge"}},
                {"ifindex":5,"ifname":"veth1","flags":\(up),"mtu":1450,"master":"cni0","link_netnsid":0,
                "linkinfo":{"info_kind":"veth"}}]
                """)
            evidence.node(
                "node-1", .addresses,
                """
                [{"ifname":"eth0","addr_info":[{"local":"192.168.77.11","prefixlen":24,"scope":"global"}]},
                {"ifname":"cni0","addr_info":[\(bridge)]}]
                """)
            evidence.node("node-1", .routes, "[\(routes.joined(separator: ","))]")
            evidence.node("node-1", .rules, rules)
            evidence.node(
                "node-1", .neighbours,
                #"[{"dst":"10.244.2.0","dev":"flannel.1","lladdr":"ee:aa:00:00:00:02","state":["PERMANENT"]}]"#)
            evidence.node(
                "node-1", .forwarding,
                #"[{"mac":"ee:aa:00:00:00:02","ifname":"flannel.1","dst":"192.168.77.12","state":"permanent"}]"#)
            evidence.node(
                "node-1", .iptables,
                """
                *nat
                :PREROUTING ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                :KUBE-SERVICES - [0:0]
                :KUBE-SVC-A - [0:0]
                \(hook)
                \(masquerade)
                -A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-A
                \(service)
                COMMIT
                *filter
                \(filter)
                COMMIT
                """)
        }

        private func addFiles(_ evidence: inout Evidence) {
            let plugins = ["flannel", "bridge", "host-local"].map { "\(programs)/\($0)" }
            let spaces = ["/run/netns/cni-web-1", "/run/netns/cni-web-2"]
            let lines =
                plugins.map { #"{"path":"\#($0)","type":"file","mode":"0755","size":9,"machine":"x86_64"}"# }
                + (spaces + ["/run/netns", "/var/lib/kubelet", "/etc/cni/net.d", "/opt/cni/bin"] + listed).map {
                    #"{"path":"\#($0)","type":"file","mode":"0644","size":9}"#
                }
            let logs = silence.map { age in
                // 1795230000 is the moment the machine was read at.
                [#"{"path":"/var/log/pods/kube-system_coredns-1_u/coredns/0.log","mtime":\#(1_795_230_000 - age)}"#]
            }
            evidence.node("node-1", .fileList, "[\((lines + (logs ?? [])).joined(separator: ","))]")
            evidence.node("node-1", .pluginVersions, versions)
            if let log { evidence.log("kube-system", "coredns-1", "coredns", log) }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: String?
        var confidence: Confidence
        var change: @Sendable (inout Machine) -> Void

        init(
            _ name: String, _ code: String?, _ confidence: Confidence = .certain,
            _ change: @escaping @Sendable (inout Machine) -> Void
        ) {
            testDescription = name
            self.code = code
            self.confidence = confidence
            self.change = change
        }
    }

    static let timeout =
        "[ERROR] plugin/errors: 2 example.com. A: read udp 10.244.1.3:40001->198.51.100.10:53: i/o timeout\n"
    static let token = "\n    token: \"<redacted>\" # claims {\"exp\":1700000000}\n"

    static let cases = [
        Case("well", nil) { _ in },
        Case("a bridge of another range", "IPM-05") {
            $0.bridge = #"{"local":"10.22.0.1","prefixlen":16,"scope":"global"}"#
            $0.routes[1] = #"{"dst":"10.22.0.0/16","dev":"cni0","protocol":"kernel","scope":"link"}"#
        },
        Case("one address of two pods", "IPM-06") {
            $0.second = "10.244.1.2"
            $0.secondPod = "10.244.1.2"
        },
        Case("a route to nobody's interface", "IPM-06", .likely) {
            $0.routes += [
                #"{"dst":"10.244.1.2","dev":"cali1","scope":"link"}"#,
                #"{"dst":"10.244.1.9","dev":"cali9","scope":"link"}"#,
            ]
        },
        Case("a VPN over the other node's range", "IPM-07") {
            $0.routes.append(#"{"dst":"10.244.2.0/25","gateway":"10.8.0.1","dev":"tun0"}"#)
        },
        Case("a VPN over a Service", "IPM-07") {
            $0.routes.append(#"{"dst":"10.96.0.0/16","gateway":"10.8.0.1","dev":"tun0"}"#)
        },
        Case("Docker on a range of its own", nil) {
            $0.routes.append(#"{"dst":"172.17.0.0/16","dev":"docker0","protocol":"kernel"}"#)
        },
        Case("INPUT drops the overlay", "RTE-01") {
            $0.filter += "\n-A INPUT -p udp -m udp --dport 8472 -j DROP"
        },
        Case("OUTPUT drops the overlay", "RTE-01") {
            $0.filter += "\n-A OUTPUT -p udp -m udp --dport 8472 -j DROP"
        },
        Case("the overlay without a route", "RTE-04") { $0.routes.remove(at: 2) },
        Case("a blackhole over the overlay's route", "RTE-04") {
            $0.routes[2] = #"{"type":"blackhole","dst":"10.244.2.0/24"}"#
        },
        Case("the other node straight ahead, on the same network", nil) {
            $0.routes[2] = #"{"dst":"10.244.2.0/24","gateway":"192.168.77.12","dev":"eth0"}"#
        },
        Case("a rule that refuses pods", "RTE-04") {
            $0.rules =
                #"[{"priority":0,"src":"all","table":"local"},{"priority":100,"src":"10.244.1.0","srclen":24,"action":"unreachable"},{"priority":32766,"src":"all","table":"main"}]"#
        },
        Case("a table before main that refuses the other range", "RTE-04") {
            $0.rules =
                #"[{"priority":0,"src":"all","table":"local"},{"priority":88,"src":"all","table":"88"},{"priority":32766,"src":"all","table":"main"}]"#
            $0.routes.append(#"{"type":"blackhole","dst":"10.244.2.0/24","table":"88"}"#)
        },
        Case("a table before main that is empty", nil) {
            $0.rules =
                #"[{"priority":0,"src":"all","table":"local"},{"priority":88,"src":"all","table":"88"},{"priority":32766,"src":"all","table":"main"}]"#
        },
        Case("Services accepted before kube-proxy is asked", "SVC-03") {
            $0.hook =
                "-A PREROUTING -d 10.96.0.0/12 -j ACCEPT\n-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES"
        },
        Case("something else accepted before kube-proxy is asked", nil) {
            $0.hook =
                "-A PREROUTING -d 203.0.113.0/24 -j ACCEPT\n-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES"
        },
        Case("a pod without its address", "RTE-04") { $0.secondPod = "192.0.2.9" },
        Case("a gateway that is none", "RTE-04") { $0.podGateway = "10.244.1.77" },
        Case("no route to the machine's own pods", "RTE-04") { $0.routes.remove(at: 1) },
        Case("FORWARD drops", "RTE-06") {
            $0.filter = ":INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]"
        },
        Case("FORWARD drops, and the range is let through", nil) {
            $0.filter =
                ":FORWARD DROP [0:0]\n-A FORWARD -s 10.244.0.0/16 -j ACCEPT\n-A FORWARD -d 10.244.0.0/16 -j ACCEPT"
        },
        Case("FORWARD rejects", "RTE-07") {
            $0.filter += "\n-A FORWARD -j REJECT --reject-with icmp-host-prohibited"
        },
        Case("nothing is masqueraded", "RTE-14") { $0.masquerade = "-A POSTROUTING -d 192.0.2.1/32 -j MASQUERADE" },
        Case("the overlay is down", "RTE-17") {
            $0.overlayFlags = #"["BROADCAST"]"#
            $0.routes.remove(at: 2)
        },
        Case("a node through its own tunnel", "RTE-20") {
            $0.routes.append(#"{"dst":"192.168.77.12","gateway":"10.244.2.0","dev":"flannel.1","flags":["onlink"]}"#)
        },
        Case("nobody asks the Services' rules", "SVC-03") { $0.hook = "-A OUTPUT -j KUBE-SERVICES" },
        Case("a Service's chain is empty", "SVC-03") { $0.service = "" },
        Case("flannel's file is gone", "INS-08", .likely) { $0.subnet = nil },
        Case("a plugin that cannot be run", "INS-02") {
            $0.versions = #"{"/opt/cni/bin/bridge":{"error":"it cannot be run: Exec format error (ENOEXEC)"}}"#
        },
        Case("a plugin that knows no VERSION", nil) {
            $0.versions = #"{"/opt/cni/bin/bridge":{"error":"exit status 1: what is VERSION?"}}"#
        },
        Case("plugins in another folder than the runtime's", "INS-05") {
            $0.runtime = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".cni]\nbin_dir = \"/usr/local/cni\"\n"
            $0.listed = ["/usr/local/cni"]
        },
        Case("pods of two networks", "CFG-04", .likely) {
            $0.files = [("/etc/cni/net.d/00-old.conf", #"{"name":"old","cniVersion":"0.4.0","type":"bridge"}"#)]
        },
        Case("a pod on the runtime's own bridge", "CFG-05") {
            $0.files = [
                (
                    "/etc/cni/net.d/100-crio-bridge.conf",
                    #"{"name":"crio","cniVersion":"0.4.0","type":"bridge","bridge":"cni1","ipam":{"ranges":[[{"subnet":"10.85.0.0/16"}]]}}"#
                )
            ]
            $0.second = "10.85.0.2"
            $0.secondPod = "10.85.0.2"
            $0.network = "crio"
            $0.routes.append(#"{"dst":"10.85.0.0/16","dev":"cni1","protocol":"kernel","scope":"link"}"#)
        },
        Case("a token that ended", "API-01") {
            $0.conflist = $0.conflist.replacing("}}]", with: #"},"kubeconfig":"/etc/cni/net.d/k-kubeconfig"}]"#)
            $0.files = [("/etc/cni/net.d/k-kubeconfig", token)]
        },
        Case("a token that ended, of a network that was removed", nil) {
            $0.files = [("/etc/cni/net.d/k-kubeconfig", token)]
        },
        Case("CoreDNS loops", "DNS-03") {
            $0.files = [("/etc/resolv.conf", "nameserver 127.0.0.53\n")]
            $0.log =
                "[FATAL] plugin/loop: Loop (127.0.0.1:5 -> :53) detected for zone \".\", see https://coredns.io/plugins/loop\n"
        },
        Case("a blackhole that the other node is in", "RTE-04") {
            $0.routes.append(#"{"type":"blackhole","dst":"192.168.77.12"}"#)
        },
        Case("a blackhole of strangers", nil) {
            $0.routes.append(#"{"type":"blackhole","dst":"203.0.113.0/24"}"#)
        },
        Case("a program that listens on its loopback, where a Service sends", "SVC-06") {
            $0.listeners = "tcp LISTEN 0 64 127.0.0.1:80 0.0.0.0:*\n"
        },
        Case("a program that listens on every address", nil) {
            $0.listeners = "tcp LISTEN 0 64 127.0.0.1:9000 0.0.0.0:*\ntcp LISTEN 0 64 0.0.0.0:80 0.0.0.0:*\n"
        },
        Case("a mesh's proxy before a program on its loopback", nil) {
            $0.listeners = "tcp LISTEN 0 64 127.0.0.1:80 0.0.0.0:*\ntcp LISTEN 0 64 0.0.0.0:15006 0.0.0.0:*\n"
        },
        Case("a port of the host, and no portmap", "CFG-09") {
            $0.wishes = #""capabilityArgs":{"portMappings":[{"hostPort":8443,"containerPort":80}]},"#
        },
        Case("CoreDNS complains now", "DNS-04", .likely) {
            $0.log = String(repeating: timeout, count: 4)
            $0.silence = 60
        },
        Case("CoreDNS complained once", nil) {
            $0.log = timeout + "[INFO] plugin/reload: Running configuration SHA512 = 1\n"
            $0.silence = 60
        },
        Case("CoreDNS complained yesterday", nil) {
            $0.log = String(repeating: timeout, count: 4)
            $0.silence = 86400
        },
        Case("a resolver of its own, and CoreDNS is well", nil) {
            $0.files = [("/etc/resolv.conf", "nameserver 127.0.0.53\n")]
        },
    ]

    @Test(arguments: cases)
    func knowsByItself(_ example: Case) {
        var machine = Machine()
        example.change(&machine)
        let report = DiagnosisReport(machine.facts, CheckList.all)
        let codes = report.entries.map(\.root.code)
        #expect(codes.first == example.code, "\(report.entries.map(\.root.title))")
        if let first = report.entries.first { #expect(first.root.confidence == example.confidence) }
    }

    /// A store that is full: with the namespaces of what it holds, and without.
    @Test func reservations() {
        func report(_ held: [(String, String)], gone: Bool) -> [Diagnosis] {
            var machine = Machine()
            machine.conflist =
                #"{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"bridge","ipam":{"ranges":[[{"subnet":"10.244.1.0/29"}]]}}]}"#
            machine.files = held.map { ("/var/lib/cni/networks/cbr0/\($0.0)", "\($0.1)\r\neth0") }
            if gone {
                machine.files.append(
                    (
                        "/var/lib/cni/results/cbr0-old-eth0",
                        #"{"containerId":"old","ifName":"eth0","networkName":"cbr0","netns":"/var/run/netns/cni-old","result":{}}"#
                    ))
            }
            return DiagnosisReport(machine.facts, CheckList.all).entries.map(\.root)
        }
        let live = [("10.244.1.2", "web-1"), ("10.244.1.3", "web-2")]
        let others = ["10.244.1.4", "10.244.1.5", "10.244.1.6"]
        #expect(report(live, gone: false).isEmpty)
        let used = report(live + others.map { ($0, "web-1") }, gone: false)
        #expect(used.map(\.code) == ["IPM-02"])
        let stale = report(live + others.map { ($0, "old") }, gone: true)
        #expect(stale.map(\.code) == ["IPM-03"])
        #expect(stale.first?.confidence == .certain)
        // Nothing is known of a container that the runtime keeps no result of.
        let unknown = report(live + others.map { ($0, "old") }, gone: false)
        #expect(unknown.map(\.code) == ["IPM-03"])
        #expect(unknown.first?.confidence == .likely)
    }
}
