import Testing

@testable import Diagnosis

/// What one node of two has for the other's pods, where the other announces a tunnel: no underlay routes them.
@Suite struct RemoteRangeTests {
    private static let usual = #"{"dst":"10.244.2.0/24","gateway":"10.244.2.0","dev":"flannel.1","flags":["onlink"]}"#

    private func findings(_ routes: String..., backend: String? = "vxlan", isEntryThere: Bool = true) -> [Diagnosis] {
        Evidence(at: "2026-11-22T12:00:00Z") { evidence in
            for (name, number) in [("node-1", 1), ("node-2", 2)] {
                let announced =
                    backend.map {
                        """
                        "annotations":{"flannel.alpha.coreos.com/backend-type":"\($0)",\
                        "flannel.alpha.coreos.com/backend-data":"{\\"VNI\\":1,\\"VtepMAC\\":\\"ee:aa:00:00:00:0\(number)\\"}",\
                        "flannel.alpha.coreos.com/public-ip":"192.168.77.1\(number)"},
                        """
                    } ?? ""
                evidence.objects(
                    "nodes",
                    """
                    {"kind":"Node","metadata":{\(announced)"name":"\(name)"},"spec":{"podCIDR":"10.244.\(number).0/24"},
                     "status":{"addresses":[{"type":"InternalIP","address":"192.168.77.1\(number)"}],
                     "conditions":[{"type":"Ready","status":"True"}]}}
                    """)
            }
            evidence.objects(
                "pods",
                """
                {"kind":"Pod","metadata":{"namespace":"shop","name":"far"},"spec":{"nodeName":"node-2","containers":[]},
                 "status":{"phase":"Running","podIP":"10.244.2.7","conditions":[{"type":"Ready","status":"True"}]}}
                """)
            evidence.node("node-1", .kernel, #"{"release":"6.1.0","machine":"x86_64"}"#)
            evidence.node(
                "node-1", .links,
                """
                [{"ifindex":2,"ifname":"eth0","flags":["UP","LOWER_UP"],"mtu":1500},
                 {"ifindex":3,"ifname":"flannel.1","flags":["UP","LOWER_UP"],"mtu":1450,"address":"ee:aa:00:00:00:01",
                  "linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"local":"192.168.77.11","port":8472}}}]
                """)
            evidence.node(
                "node-1", .addresses,
                #"[{"ifname":"eth0","addr_info":[{"local":"192.168.77.11","prefixlen":24,"scope":"global"}]}]"#)
            evidence.node(
                "node-1", .rules,
                #"[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"}]"#)
            let entry = #"{"mac":"ee:aa:00:00:00:02","ifname":"flannel.1","dst":"192.168.77.12","state":"permanent"}"#
            evidence.node("node-1", .forwarding, "[\(isEntryThere ? entry : "")]")
            let all =
                [
                    #"{"dst":"default","gateway":"192.168.77.1","dev":"eth0"}"#,
                    #"{"dst":"192.168.77.0/24","dev":"eth0","protocol":"kernel","scope":"link"}"#,
                    #"{"type":"local","dst":"192.168.77.11","dev":"eth0","table":"local"}"#,
                ] + routes
            evidence.node("node-1", .routes, "[\(all.joined(separator: ","))]")
        }.findings(RouteCheck())
    }

    @Test func inOrder() {
        let found = findings(Self.usual)
        #expect(found.isEmpty)
    }

    @Test func theOnlyRouteIsGone() {
        let found = findings()
        #expect(found.map(\.code) == ["RTE-04"])
        #expect(found.first?.confidence == .certain)
    }

    /// Where its entry is gone as well, the check of tunnels tells both; where nobody announces anything, a cloud may route.
    @Test func whoElseTellsOrKnows() {
        let tunnel = findings(isEntryThere: false)
        #expect(tunnel.isEmpty)
        let cloud = findings(backend: nil)
        #expect(cloud.isEmpty)
    }

    @Test(arguments: [
        #"{"dst":"10.244.2.0/25","type":"unreachable"}"#,
        #"{"dst":"10.244.2.7","gateway":"192.168.77.1","dev":"eth0"}"#,
    ])
    func aMoreExactRouteOfAPod(_ route: String) {
        let found = findings(Self.usual, route)
        #expect(found.map(\.code) == ["RTE-04"], "\(found.map(\.title))")
    }

    /// The same way once more, or for addresses that no pod there has.
    @Test(arguments: [
        #"{"dst":"10.244.2.7","gateway":"10.244.2.0","dev":"flannel.1","flags":["onlink"]}"#,
        #"{"dst":"10.244.2.99","gateway":"192.168.77.1","dev":"eth0"}"#,
    ])
    func moreExactRoutesThatDoNoHarm(_ route: String) {
        let found = findings(Self.usual, route)
        #expect(found.isEmpty, "\(found.map(\.title))")
    }
}
