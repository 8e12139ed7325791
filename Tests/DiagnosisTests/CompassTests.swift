import Addressing
import Testing

@testable import Diagnosis

/// What the seventh set of clusters showed, each beside what looks like it and is well.
@Suite struct CompassTests {
    private static let moment = "2026-08-19T09:26:40Z"
    private static let before = "2026-08-19T08:00:00Z"

    // MARK: Objects of the API

    private static func node(
        _ name: String, annotations: String = "{}", status: String = "", version: String = "v1.35.2"
    )
        -> String
    {
        """
        {"kind":"Node","metadata":{"name":"\(name)","annotations":\(annotations)},"spec":{},"status":{
        "addresses":[{"type":"InternalIP","address":"192.0.2.\(name.utf8.count + 10)"}],"nodeInfo":{"kubeletVersion":"\(version)"},
        "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"\(before)"}\(status)]}}
        """
    }

    @Test func aCloudThatMadeNoRoute() {
        func codes(_ reason: String) -> [String] {
            Evidence(at: Self.moment) {
                $0.objects(
                    "nodes",
                    Self.node(
                        "a",
                        status:
                            #",{"type":"NetworkUnavailable","status":"True","reason":"\#(reason)","message":"m","lastTransitionTime":"\#(Self.before)"}"#
                    ))
            }.findings(NodeStateCheck()).map(\.code)
        }
        #expect(codes("NoRouteCreated") == ["RTE-15"])
        #expect(codes("CalicoIsDown") == ["NOD-01"])
    }

    @Test func twoTunnelsWithOneMAC() {
        func codes(_ first: String, _ second: String) -> [String] {
            Evidence(at: Self.moment) { evidence in
                for (name, mac, ip) in [("a", first, "192.0.2.11"), ("bb", second, "192.0.2.12")] {
                    evidence.objects(
                        "nodes",
                        Self.node(
                            name,
                            annotations:
                                #"{"flannel.alpha.coreos.com/backend-type":"vxlan","flannel.alpha.coreos.com/public-ip":"\#(ip)","flannel.alpha.coreos.com/backend-data":"{\"VNI\":1,\"VtepMAC\":\"\#(mac)\"}"}"#
                        ))
                }
            }.findings(SharedEndCheck()).map(\.code)
        }
        #expect(codes("0a:00:00:00:00:01", "0a:00:00:00:00:01") == ["RTE-02"])
        #expect(codes("0a:00:00:00:00:01", "0a:00:00:00:00:02").isEmpty)
    }

    @Test func anEndThatIsNoAddressOfItsNode() {
        func codes(_ more: String) -> [String] {
            Evidence(at: Self.moment) {
                $0.objects(
                    "nodes",
                    Self.node(
                        "a",
                        annotations:
                            #"{"flannel.alpha.coreos.com/backend-type":"vxlan","flannel.alpha.coreos.com/public-ip":"203.0.113.9"\#(more)}"#
                    ), Self.node("bb"))
            }.findings(SharedEndCheck()).map(\.code)
        }
        #expect(codes("") == ["RTE-10"])
        #expect(codes(#","flannel.alpha.coreos.com/public-ip-overwrite":"203.0.113.9""#).isEmpty)
    }

    @Test func reflectorsThatDoNotReflect() {
        func hubs(_ annotation: String, nodes names: [String] = ["hub", "one", "three"]) -> [String] {
            let facts = Evidence(at: Self.moment) { evidence in
                for name in names {
                    let labels = name == "hub" ? #"{"rr":"true"}"# : "{}"
                    evidence.objects(
                        "nodes",
                        #"{"kind":"Node","metadata":{"name":"\#(name)","labels":\#(labels),"annotations":\#(name == "hub" ? annotation : "{}")}}"#
                    )
                }
                evidence.objects(
                    "bgppeers.crd.projectcalico.org",
                    #"{"kind":"BGPPeer","metadata":{"name":"p"},"spec":{"nodeSelector":"!has(rr)","peerSelector":"has(rr)"}}"#
                )
            }.facts
            return BGPGraph(facts).silentReflectors.map(\.object.name)
        }
        #expect(hubs("{}") == ["hub"])
        #expect(hubs(#"{"projectcalico.org/RouteReflectorClusterID":"244.0.0.1"}"#).isEmpty)
        #expect(hubs("{}", nodes: ["hub", "one"]).isEmpty)
    }

    @Test func oneRangeOfTwoCiliumNodes() {
        func codes(_ second: String) -> [String] {
            Evidence(at: Self.moment) {
                $0.objects("pods")
                $0.objects(
                    "ciliumnodes.cilium.io",
                    #"{"kind":"CiliumNode","metadata":{"name":"a"},"spec":{"ipam":{"podCIDRs":["10.0.1.0/24"]}}}"#,
                    #"{"kind":"CiliumNode","metadata":{"name":"b"},"spec":{"ipam":{"podCIDRs":["\#(second)"]}}}"#)
            }.findings(CiliumPoolCheck()).map(\.code)
        }
        #expect(codes("10.0.1.0/24") == ["IPM-08"])
        #expect(codes("10.0.1.128/25") == ["IPM-08"])
        #expect(codes("10.0.2.0/24").isEmpty)
    }

    @Test func twoRoutesForOnePath() {
        func codes(_ second: String, _ path: String) -> [String] {
            func route(_ name: String, _ host: String, _ path: String) -> String {
                #"{"kind":"HTTPRoute","metadata":{"name":"\#(name)","namespace":"\#(name)"},"spec":{"parentRefs":[{"name":"front","namespace":"edge"}],"hostnames":["\#(host)"],"rules":[{"matches":[{"path":{"type":"PathPrefix","value":"\#(path)"}}],"backendRefs":[{"name":"\#(name)"}]}]}}"#
            }
            return Evidence(at: Self.moment) {
                $0.objects(
                    "httproutes.gateway.networking.k8s.io", route("a", "shop.example", "/"), route("b", second, path))
            }.findings(GatewayCheck()).map(\.code)
        }
        #expect(codes("shop.example", "/") == ["ING-07"])
        #expect(codes("shop.example", "/cart").isEmpty)
        #expect(codes("other.example", "/").isEmpty)
    }

    @Test func rangesOfAddresses() {
        func holds(_ range: String, _ address: String) -> Bool {
            IPAddress(address).map { AddressAnnouncementCheck.holds(range, $0) } ?? false
        }
        let inside = holds("10.0.0.8/29", "10.0.0.9") && holds("10.0.0.1-10.0.0.9", "10.0.0.9")
        let outside =
            holds("10.0.0.8/29", "10.0.0.7") || holds("10.0.0.1-10.0.0.9", "10.0.0.10") || holds("x", "10.0.0.1")
        #expect(inside)
        #expect(!outside)
    }

    // MARK: Metrics

    private static func metrics(_ text: String) -> Evidence {
        Evidence(at: moment) {
            $0.objects(
                "pods",
                #"{"kind":"Pod","metadata":{"name":"p","namespace":"n"},"spec":{"nodeName":"a","containers":[{"name":"c"}]},"status":{"phase":"Running"}}"#
            )
            let path = "\(EvidencePath.metrics)n/p/9100.prom"
            $0.tree.add(text, at: path, from: EvidencePath.source(of: path))
        }
    }

    @Test func connectionsThatAnExporterCounts() {
        func codes(_ entries: Int) -> [String] {
            Self.metrics("node_nf_conntrack_entries \(entries)\nnode_nf_conntrack_entries_limit 1000\n")
                .findings(ExporterCheck()).map(\.code)
        }
        #expect(codes(990) == ["SVC-09"])
        #expect(codes(700).isEmpty)
    }

    @Test func upstreamsThatAreBroken() {
        func codes(_ broken: Int, _ rcode: String) -> [String] {
            Self.metrics(
                """
                coredns_forward_healthcheck_broken_total \(broken)
                coredns_proxy_healthcheck_failures_total{proxy_name="forward",to="10.9.1.5:53"} 400
                coredns_dns_responses_total{plugin="forward",rcode="\(rcode)",server="dns://:53",zone="corp."} 900
                """
            ).findings(ForwardHealthCheck()).map(\.code)
        }
        #expect(codes(800, "SERVFAIL") == ["DNS-04"])
        #expect(codes(3, "SERVFAIL").isEmpty)
        #expect(codes(800, "NXDOMAIN").isEmpty)
    }
}
