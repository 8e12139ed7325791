import Testing

@testable import Diagnosis

/// The last step between a machine and its pods, in each of the ways it can be broken while all its parts are there.
@Suite struct PodPathTests {
    struct Machine: Sendable {
        var state = "forwarding"
        var bridgeFlags = #"["BROADCAST","MULTICAST","UP","LOWER_UP"]"#
        var cardFlags = #"["BROADCAST","MULTICAST","UP","LOWER_UP"]"#
        var more = ""
        var secondHas = ""
        var forwarding = ""
        var settings = "net.ipv4.ip_forward = 1\n"
        /// Each pod's pair has a route of its own instead of a bridge.
        var isRouted = false
        var firstRoute = "veth1"
        var gatewayState = #"["REACHABLE"]"#

        var facts: FactBase {
            Evidence(at: "2026-11-21T03:00:00Z") { evidence in
                evidence.file(
                    "node-1", "/etc/cni/net.d/10-pods.conflist",
                    #"{"name":"pods","cniVersion":"1.0.0","plugins":[{"type":"\#(isRouted ? "ptp" : "bridge")"}]}"#)
                let up = #"["UP","LOWER_UP"]"#
                func port(_ index: Int) -> String {
                    let master = isRouted ? "" : #""master":"cni0","#
                    let slave =
                        isRouted
                        ? ""
                        : #","info_slave_kind":"bridge","info_slave_data":{"state":"\#(index == 1 ? state : "forwarding")"}"#
                    return
                        #"{"ifindex":\#(10 + index),"ifname":"veth\#(index)","flags":\#(up),"mtu":1500,\#(master)"link_netnsid":0,"linkinfo":{"info_kind":"veth"\#(slave)}}"#
                }
                let bridge =
                    isRouted
                    ? ""
                    : #"{"ifindex":4,"ifname":"cni0","flags":\#(bridgeFlags),"mtu":1500,"linkinfo":{"info_kind":"bridge"}},"#
                evidence.node(
                    "node-1", .links,
                    #"[{"ifindex":2,"ifname":"eth0","flags":\#(cardFlags),"mtu":1500},\#(bridge)\#(port(1)),\#(port(2))]"#
                )
                let gateway =
                    isRouted
                    ? "" : #",{"ifname":"cni0","addr_info":[{"local":"10.244.1.1","prefixlen":24,"scope":"global"}]}"#
                evidence.node(
                    "node-1", .addresses,
                    #"[{"ifname":"eth0","addr_info":[{"local":"192.168.77.11","prefixlen":24,"scope":"global"}]}\#(gateway)\#(more)]"#
                )
                let own =
                    isRouted
                    ? #"{"dst":"10.244.1.2","dev":"\#(firstRoute)","scope":"link"},{"dst":"10.244.1.3","dev":"veth2","scope":"link"}"#
                    : #"{"dst":"10.244.1.0/24","dev":"cni0","protocol":"kernel","scope":"link"}"#
                evidence.node(
                    "node-1", .routes,
                    #"[{"dst":"default","gateway":"192.168.77.1","dev":"eth0"},\#(own)]"#)
                evidence.node("node-1", .forwarding, "[\(forwarding)]")
                evidence.node("node-1", .sysctls, settings)
                for (index, address, has) in [(1, "10.244.1.2", ""), (2, "10.244.1.3", secondHas)] {
                    let name = "web-\(index)"
                    evidence.file(
                        "node-1", "/var/lib/cni/results/pods-\(name)-eth0",
                        """
                        {"kind":"cniCacheV1","containerId":"\(name)","ifName":"eth0","networkName":"pods",\
                        "netns":"/var/run/netns/cni-\(name)","cniArgs":[["K8S_POD_NAMESPACE","default"],\
                        ["K8S_POD_NAME","\(name)"]],"result":{"ips":[{"address":"\(address)/24"}]}}
                        """)
                    evidence.pod(
                        "node-1", "default", name, .links,
                        #"[{"ifindex":2,"ifname":"eth0","link_index":\#(10 + index),"address":"02:00:00:00:00:0\#(index)","flags":["UP","LOWER_UP"],"mtu":1500,"linkinfo":{"info_kind":"veth"}}]"#
                    )
                    evidence.pod(
                        "node-1", "default", name, .addresses,
                        #"[{"ifname":"eth0","addr_info":[{"local":"\#(address)","prefixlen":24,"scope":"global"}\#(has)]}]"#
                    )
                    let gateway = isRouted ? "169.254.1.1" : "10.244.1.1"
                    evidence.pod(
                        "node-1", "default", name, .routes,
                        #"[{"dst":"default","gateway":"\#(gateway)","dev":"eth0"},{"dst":"10.244.1.0/24","dev":"eth0","scope":"link"}]"#
                    )
                    evidence.pod(
                        "node-1", "default", name, .neighbours,
                        #"[{"dst":"\#(gateway)","dev":"eth0","lladdr":"02:00:00:00:00:99","state":\#(gatewayState)}]"#)
                }
                let lines = ["/run/netns/cni-web-1", "/run/netns/cni-web-2", "/run/netns", "/var/lib/kubelet"].map {
                    #"{"path":"\#($0)","type":"file","mode":"0644","size":9}"#
                }
                evidence.node("node-1", .fileList, "[\(lines.joined(separator: ","))]")
            }.facts
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: String?
        var change: @Sendable (inout Machine) -> Void

        init(_ name: String, _ code: String?, _ change: @escaping @Sendable (inout Machine) -> Void) {
            testDescription = name
            self.code = code
            self.change = change
        }
    }

    static let cases = [
        Case("well", nil) { _ in },
        Case("well, with routes", nil) {
            $0.isRouted = true
            $0.settings += "net.ipv4.conf.veth1.proxy_arp = 1\nnet.ipv4.conf.veth2.proxy_arp = 1\n"
        },
        Case("a port that is disabled", "RTE-17") { $0.state = "disabled" },
        Case("a port that listens first", nil) { $0.state = "listening" },
        Case("a bridge without ARP", "RTE-17") { $0.bridgeFlags = #"["BROADCAST","NOARP","UP","LOWER_UP"]"# },
        Case("a fixed entry at another port", "RTE-17") {
            $0.forwarding = #"{"mac":"02:00:00:00:00:02","ifname":"veth1","state":"static","master":"cni0"}"#
        },
        Case("a fixed entry at its own port", nil) {
            $0.forwarding = #"{"mac":"02:00:00:00:00:02","ifname":"veth2","state":"static","master":"cni0"}"#
        },
        Case("a pod with the gateway's address", "IPM-06") {
            $0.secondHas = #",{"local":"10.244.1.1","prefixlen":24,"scope":"global"}"#
        },
        Case("the loopback with a pod's address", "IPM-06") {
            $0.more = #",{"ifname":"lo","addr_info":[{"local":"10.244.1.2","prefixlen":32,"scope":"global"}]}"#
        },
        Case("a route to another pod's pair", "RTE-04") {
            $0.isRouted = true
            $0.firstRoute = "veth2"
            $0.settings += "net.ipv4.conf.veth1.proxy_arp = 1\nnet.ipv4.conf.veth2.proxy_arp = 1\n"
        },
        Case("no proxy ARP for the gateway", "RTE-04") {
            $0.isRouted = true
            $0.gatewayState = #"["FAILED"]"#
            $0.settings += "net.ipv4.conf.veth1.proxy_arp = 0\nnet.ipv4.conf.veth2.proxy_arp = 1\n"
        },
        Case("a fixed entry for the gateway, and no proxy ARP", nil) {
            $0.isRouted = true
            $0.gatewayState = #"["PERMANENT"]"#
            $0.settings += "net.ipv4.conf.veth1.proxy_arp = 0\nnet.ipv4.conf.veth2.proxy_arp = 0\n"
        },
        Case("a bridge that is told to answer no ARP", "RTE-04") {
            $0.settings += "net.ipv4.conf.all.arp_ignore = 0\nnet.ipv4.conf.cni0.arp_ignore = 8\n"
        },
    ]

    @Test(arguments: cases) func lastStep(_ one: Case) throws {
        var machine = Machine()
        one.change(&machine)
        let facts = machine.facts
        let found = PodPathCheck().findings(facts)
        #expect(found.map(\.code) == [one.code].compactMap { $0 })
        #expect(found.allSatisfy { $0.confidence == .certain && $0.fix != nil })
    }
}
