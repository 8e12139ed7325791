import Addressing
import Testing

@testable import Diagnosis

/// What is likely at most: the readers these checks stand on, and where each keeps quiet. The recorded clusters have the
/// whole of it.
@Suite struct SuggestiveCheckTests {
    // MARK: Readers

    private static let reset =
        #"[2026-03-06T02:51:41.101Z] "GET /api HTTP/1.1" 503 UC upstream_reset_before_response_started{connection_termination} - "-" 0 95 3 - "-" "curl/8" "id" "cart:9090" "10.244.1.9:9090" outbound|9090||cart.shop.svc.cluster.local - 10.96.9.9:9090 10.244.2.3:40012 - default"#

    @Test func aLineOfAProxyIsRead() throws {
        let line = try #require(EnvoyAccessLine(Substring(Self.reset)))
        #expect(line.flags == ["UC"])
        #expect(line.status == 503)
        #expect(line.upstream.map { "\($0)" } == "10.244.1.9")
        #expect(line.cluster.service == "shop/cart")
        #expect(line.cluster.port == 9090)
        #expect(line.time == APIObject.seconds("2026-03-06T02:51:41Z"))
        #expect(EnvoyAccessLine("2026-03-06 outbound|nothing") == nil)
        #expect(EnvoyCluster("outbound|443||api.stripe.com")?.service == nil)
        #expect(EnvoyCluster("inbound|8080||") != nil)
        #expect(EnvoyCluster("PassthroughCluster") == nil)
    }

    @Test func releasesAreOrderedAsNumbers() {
        #expect(ReleaseNumber("v1.18.2") == ReleaseNumber(1, 18, 2))
        #expect(ReleaseNumber("5.4.0-216-generic") == ReleaseNumber(5, 4))
        #expect(ReleaseNumber("v1.31.4+k3s1") == ReleaseNumber(1, 31, 4))
        #expect(ReleaseNumber("latest") == nil)
        #expect(ReleaseNumber(1, 9) < ReleaseNumber(1, 10))
        #expect(ReleaseNumber(4, 18) < ReleaseNumber(4, 19, 57))
    }

    @Test func countersOfInterfacesAreRead() {
        let counters = DeviceCounters(
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop
              eth0: 4096 31 0 0 0 0 0 0 8192 17 0 0 0 0 0 0
            flannel.1:       0       0    0    0    0     0          0         0   1000  12 0 0 0 0 0 0
            """)
        #expect(counters["eth0"]?.received == 31)
        #expect(counters["eth0"]?.sent == 17)
        #expect(counters["flannel.1"]?.received == 0)
        #expect(counters["flannel.1"]?.sent == 12)
        #expect(counters["face"] == nil)
    }

    @Test func cardsAreKnownByTheirAddresses() throws {
        let guest = try #require(MACAddress("00:50:56:8a:01:02"))
        let hardware = try #require(MACAddress("3c:ec:ef:00:00:01"))
        #expect(VirtualCard.of(guest)?.maker == "VMware")
        #expect(VirtualCard.of(hardware) == nil)
    }

    // MARK: Alerts

    private static func alerts(_ expression: String, kubelet: String = "v1.31.4", more: String = "") -> [Diagnosis] {
        Evidence(at: "2026-03-06T03:00:00Z") { evidence in
            evidence.objects(
                "nodes", #"{"metadata":{"name":"a"},"status":{"nodeInfo":{"kubeletVersion":"\#(kubelet)"}}}"#)
            evidence.objects(
                "configmaps",
                #"{"metadata":{"namespace":"monitoring","name":"rules"},"data":{"cni.yaml":"groups:\n- name: cni\n  rules:\n  - alert: Slow\n    expr: \#(expression)\n    for: 5m\#(more)\n"}}"#
            )
        }.findings(AlertRuleCheck())
    }

    @Test func alertsOfFormerMetricsInConfigMaps() {
        let gone = "rate(kubelet_network_plugin_operations_errors_total[5m]) > 0"
        #expect(Self.alerts(gone).map(\.code) == ["PRF-03"])
        #expect(Self.alerts("|\\n      sum(\\n        \(gone))").map(\.code) == ["PRF-03"])
        // The release still has it.
        #expect(Self.alerts(gone, kubelet: "v1.22.3").isEmpty)
        // A label's value is no metric, and a longer name is another one.
        #expect(Self.alerts("up{job=\\\"kubelet_network_plugin_operations_errors_total\\\"} == 0").isEmpty)
        #expect(Self.alerts("my_kubelet_network_plugin_operations_errors_total > 0").isEmpty)
        let recorded = "\\n  - record: kubelet_network_plugin_operations_errors_total\\n    expr: vector(0)"
        #expect(Self.alerts(gone, more: recorded).isEmpty)
    }

    // MARK: Releases

    private static func versions(kernel: String, image: String, kubelet: String = "v1.32.1") -> [Diagnosis] {
        Evidence(at: "2026-03-06T03:00:00Z") { evidence in
            evidence.objects(
                "nodes",
                #"{"metadata":{"name":"a"},"status":{"nodeInfo":{"kubeletVersion":"\#(kubelet)","kernelVersion":"\#(kernel)"}}}"#
            )
            evidence.objects(
                "daemonsets.apps",
                #"{"kind":"DaemonSet","metadata":{"namespace":"kube-system","name":"cilium"},"spec":{"template":{"spec":{"hostNetwork":true,"containers":[{"name":"cilium-agent","image":"\#(image)"}]}}}}"#
            )
            evidence.document("cluster/version.json", #"{"serverVersion":{"gitVersion":"v1.32.2"}}"#)
        }.findings(VersionCheck())
    }

    @Test func releasesThatDoNotGoTogether() {
        let cilium = "quay.io/cilium/cilium:v1.18.2@sha256:aa"
        #expect(Self.versions(kernel: "5.4.0-216-generic", image: cilium).map(\.confidence) == [.likely])
        #expect(Self.versions(kernel: "6.1.0-28-amd64", image: cilium).isEmpty)
        #expect(Self.versions(kernel: "4.18.0-553.el8_10.x86_64", image: "cilium/cilium:v1.16.5").isEmpty)
        #expect(Self.versions(kernel: "4.18.0-553.el8_10.x86_64", image: cilium).count == 1)
        // A kubelet may be three releases older, and never newer.
        #expect(Self.versions(kernel: "6.1.0", image: "x/y:1", kubelet: "v1.29.0").isEmpty)
        #expect(Self.versions(kernel: "6.1.0", image: "x/y:1", kubelet: "v1.28.9").count == 1)
        #expect(Self.versions(kernel: "6.1.0", image: "x/y:1", kubelet: "v1.33.0").count == 1)
    }

    // MARK: Forecast

    private static func forecast(came: Int, went: Int, oldest: String = "2026-03-06T02:01:00Z") -> [Diagnosis] {
        Evidence(at: "2026-03-06T03:00:00Z") { evidence in
            evidence.objects(
                "nodes",
                #"{"metadata":{"name":"a"},"spec":{"podCIDR":"10.244.1.0/24"},"status":{"allocatable":{"pods":"500"}}}"#
            )
            evidence.objects(
                "daemonsets.apps",
                #"{"kind":"DaemonSet","metadata":{"namespace":"kube-flannel","name":"f"},"spec":{"template":{"spec":{"hostNetwork":true,"containers":[{"name":"f","image":"flannel-io/flannel:v0.26.1"}]}}}}"#
            )
            for index in 0..<220 {
                let created = index < came ? "2026-03-06T02:30:00Z" : "2026-03-01T00:00:00Z"
                evidence.objects(
                    "pods",
                    #"{"metadata":{"namespace":"t","name":"p\#(index)","creationTimestamp":"\#(created)"},"spec":{"nodeName":"a"},"status":{"phase":"Running","podIP":"10.244.1.9"}}"#
                )
            }
            evidence.objects(
                "events", #"{"metadata":{"name":"o"},"reason":"Pulled","lastTimestamp":"\#(oldest)"}"#)
            for index in 0..<went {
                evidence.objects(
                    "events",
                    #"{"metadata":{"name":"k\#(index)"},"reason":"Killing","source":{"host":"a"},"involvedObject":{"kind":"Pod","namespace":"t","name":"old\#(index)"},"lastTimestamp":"2026-03-06T02:31:00Z"}"#
                )
            }
        }.findings(AddressForecastCheck())
    }

    @Test func aRangeThatFillsUp() {
        let filling = Self.forecast(came: 14, went: 1)
        #expect(filling.map(\.code) == ["IPM-02"])
        #expect(filling.map(\.confidence) == [.likely])
        #expect(filling.first?.title == "a runs out of addresses in about 3 h")
        // A roll-out replaces; without events of the whole hour nobody knows.
        #expect(Self.forecast(came: 30, went: 29).isEmpty)
        #expect(Self.forecast(came: 14, went: 0, oldest: "2026-03-06T02:50:00Z").isEmpty)
    }
}
